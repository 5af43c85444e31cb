/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StoreTurn:
 *
 * Which of an account's connections writes. SQLite lets one that waits ask again in ever longer pauses, and a worker
 * that writes one transaction after the other would be faster each time; here a host that waits is always the next.
 * Any thread.
 */
typedef struct _StoreTurn StoreTurn;

StoreTurn *store_turn_new(void);
StoreTurn *store_turn_ref(StoreTurn *self);
void store_turn_unref(StoreTurn *self);

void store_turn_take(StoreTurn *self, gboolean is_host);
void store_turn_give_back(StoreTurn *self);

G_END_DECLS
