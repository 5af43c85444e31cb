/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The types of the service as far as a mailbox needs them, after its metadata. @type without namespace. */
gboolean sim_schema_has_property(const char *type, const char *property);
gboolean sim_schema_has_navigation(const char *type, const char *property);

typedef enum {
	SIM_WRITABLE_NEVER,
	SIM_WRITABLE_DRAFT, /* while isDraft is true */
	SIM_WRITABLE_ALWAYS,
	SIM_WRITABLE_UNKNOWN, /* no such property */
} SimWritable;

/* Of a message in a PATCH (API.md 5.6). */
SimWritable sim_schema_get_writable(const char *property);

G_END_DECLS
