/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-message.h"

G_BEGIN_DECLS

typedef struct _SimFilter SimFilter;

/* On failure *@message tells what is wrong (transfer full) and *@code the service's code (static). */
SimFilter *sim_filter_parse(const char *text, const char **code, char **message);
void sim_filter_free(SimFilter *self);
gboolean sim_filter_matches(SimFilter *self, SimMessage *message);
/* The properties in the order in which they first occur, ended by %NULL. */
const char *const *sim_filter_get_properties(SimFilter *self);
gboolean sim_filter_uses_contains(SimFilter *self);
/* Only `receivedDateTime ge|gt T`, as delta takes it (API.md 5.9). */
gboolean sim_filter_is_received_from(SimFilter *self);

/* A property of a message as something to compare. FALSE: there is no such property to filter or sort by. */
typedef enum {
	SIM_VALUE_NULL,
	SIM_VALUE_TEXT,
	SIM_VALUE_TIME,
	SIM_VALUE_BOOLEAN,
} SimValueType;

typedef struct {
	SimValueType type;
	const char *text;
	gint64 number;
	char *owned;
} SimValue;

gboolean sim_filter_get_type(const char *property, SimValueType *type);
SimValue sim_filter_get_value(SimMessage *message, const char *property);

G_END_DECLS
