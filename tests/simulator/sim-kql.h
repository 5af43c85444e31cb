/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-message.h"

G_BEGIN_DECLS

/*
 * The value of `$search` for messages (API.md 5.2): words, phrases, the keywords that the contract names, AND, OR, NOT
 * and parentheses. An index knows words and their beginnings, not what is in the middle of one.
 */
typedef struct _SimKql SimKql;

/* @text: between the outer quotes. On failure *@message tells what is wrong (transfer full). */
SimKql *sim_kql_parse(const char *text, char **message);
void sim_kql_free(SimKql *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimKql, sim_kql_free)

gboolean sim_kql_matches(SimKql *self, SimMessage *message);

G_END_DECLS
