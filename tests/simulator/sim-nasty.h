/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-list.h"

G_BEGIN_DECLS

/*
 * A service in its worst mood, within what API.md 5.9 says of delta rounds: pages that are smaller than asked or empty,
 * items twice and in any order, changes that were told before or are told later, updates of nothing but what changed,
 * removals of what never was there, links that die in the middle of a round. Each of these comes at random; with a
 * service that behaves (sim_graph_set_nasty() was not called), never.
 */

gboolean sim_nasty_is_empty_page(SimCall *call);
guint sim_nasty_limit_page(SimCall *call, guint size);
gboolean sim_nasty_wants_partial(SimCall *call);

/* TRUE: the link is refused, and answered. */
gboolean sim_nasty_expires(SimCall *call, const SimCursor *cursor);

/* Where in @journal a later round begins, @sequence or before, and where it ends, before @end or there. */
guint64 sim_nasty_begin(SimCall *call, GArray *journal, guint64 sequence);
guint64 sim_nasty_end(SimCall *call, GArray *journal, guint64 sequence, guint64 end);

/* (nullable) (transfer full): the id of a message that is not in @folder, told as removed in an initial round */
char *sim_nasty_stranger(SimCall *call, SimFolder *folder);

/* (transfer full): @value (taken), each of its elements there, maybe more than once. The order of removals and
 * additions of the same id is kept. */
JsonArray *sim_nasty_mix(SimCall *call, JsonArray *value);

G_END_DECLS
