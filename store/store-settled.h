/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-message.h"

G_BEGIN_DECLS

/**
 * StoreSettled:
 *
 * What became known while an answer was on its way that may still show the state before. A page of a delta must not
 * turn back what the journal just finished; and what the server says of our own change, or of one message by its id,
 * must not turn back what a page told meanwhile, since no page tells it again. Where nobody can say which of two is the
 * later one the message is in doubt until it was asked for once more (store-reconcile.c); as long as the process lives.
 * Any thread.
 */
typedef struct _StoreSettled StoreSettled;

StoreSettled *store_settled_new(void);
void store_settled_free(StoreSettled *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSettled, store_settled_free)

/* Around a request whose answer will be applied. The moment that begin returns goes to end. */
guint64 store_settled_begin(StoreSettled *self);
void store_settled_end(StoreSettled *self, guint64 since);

/* Inside the transaction that writes it: the server acknowledged a change of ours; it said something of @id, which is
 * in @folder, or (0) not in some folder. */
void store_settled_add(StoreSettled *self, const char *id, StoreFlags mask, gboolean place, gboolean deleted);
void store_settled_tell(StoreSettled *self, const char *id, gint64 folder);

typedef struct {
	StoreFlags mask;
	gboolean place;
	gboolean deleted;
} StoreSettlement;

/* What became settled for @id after @since; whether something was said of it; whether it was said to be in another
 * folder than @folder, whose next page then is silent on what it was there. */
StoreSettlement store_settled_get(StoreSettled *self, const char *id, guint64 since);
gboolean store_settled_was_told(StoreSettled *self, const char *id, guint64 since);
gboolean store_settled_was_elsewhere(StoreSettled *self, const char *id, gint64 folder, guint64 since);

/* @id has to be asked for; and all of which that is so, at most @most, which then are no longer in doubt. (transfer
 * full) (element-type utf8) */
void store_settled_doubt(StoreSettled *self, const char *id);
GPtrArray *store_settled_take_doubts(StoreSettled *self, guint most);

G_END_DECLS
