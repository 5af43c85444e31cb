/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What only one thread at a time may do; the keys of folders, and these. */
#define STORE_GATE_PUSH (-1)   /* send the journal */
#define STORE_GATE_CREATE (-2) /* wait for the id of a message that is being made */
#define STORE_GATE_TREE (-3)   /* list the folders */
#define STORE_GATE_SEND (-4)   /* send a mail */

/**
 * StoreGate:
 *
 * Sections that are held across requests, so that waiting for one can be cancelled. Any thread.
 */
typedef struct _StoreGate StoreGate;

StoreGate *store_gate_new(void);
void store_gate_free(StoreGate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreGate, store_gate_free)

gboolean store_gate_enter(StoreGate *self, gint64 key, GCancellable *cancellable, GError **error);
gboolean store_gate_try(StoreGate *self, gint64 key); /* FALSE when somebody holds it, or waits to */
void store_gate_leave(StoreGate *self, gint64 key);
gboolean store_gate_wait(StoreGate *self, gint64 key, GCancellable *cancellable,
			 GError **error); /* until nobody holds it */

G_END_DECLS
