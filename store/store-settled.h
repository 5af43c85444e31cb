/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-message.h"

G_BEGIN_DECLS

/**
 * StoreSettled:
 *
 * What the server acknowledged while an answer was on its way that may still show the state before: a page of a
 * delta must not turn back what the journal just finished. Any thread.
 */
typedef struct _StoreSettled StoreSettled;

StoreSettled *store_settled_new(void);
void store_settled_free(StoreSettled *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSettled, store_settled_free)

/* Around a request whose answer will be applied. */
guint64 store_settled_begin(StoreSettled *self);
void store_settled_end(StoreSettled *self);

void store_settled_add(StoreSettled *self, const char *id, StoreFlags mask, gboolean place, gboolean deleted);

typedef struct {
	StoreFlags mask;
	gboolean place;
	gboolean deleted;
} StoreSettlement;

/* What became settled for @id after @since. */
StoreSettlement store_settled_get(StoreSettled *self, const char *id, guint64 since);

G_END_DECLS
