/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-push.h"

G_BEGIN_DECLS

/**
 * StorePushBatch:
 *
 * Journal entries that travel together: of different messages, in up to three chains of twenty at a time. Copies, whose
 * lost answers need a look, go by themselves.
 */
typedef struct _StorePushBatch StorePushBatch;

StorePushBatch *store_push_batch_new(StoreAccount *account);
void store_push_batch_free(StorePushBatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePushBatch, store_push_batch_free)

typedef enum {
	STORE_PUSH_BATCH_TAKEN, /* with @entry, which is %NULL then */
	STORE_PUSH_BATCH_LATER, /* it fits into another one: full, or of the other kind */
	STORE_PUSH_BATCH_ALONE, /* it has to go by itself, or has nothing to ask for */
} StorePushBatchRoom;

StorePushBatchRoom store_push_batch_add(StorePushBatch *self, StoreEntry **entry);
gboolean store_push_batch_is_full(StorePushBatch *self);
guint store_push_batch_get_length(StorePushBatch *self);
StoreEntry *store_push_batch_get_entry(StorePushBatch *self, guint index);

/*
 * Sends them all and writes those that are done, in one transaction. FALSE when nothing will do better now, with the
 * error; what was surely not done waits again then.
 */
gboolean store_push_batch_run(StorePushBatch *self, GCancellable *cancellable, GError **error);

/* After the run. TRUE: the service does not take batches, or not these; one by one they may be fine. */
gboolean store_push_batch_is_broken(StorePushBatch *self);

/*
 * What came of one: %STORE_PUSH_DONE, or @again set when it is to be asked for by itself, or what the refusal of it
 * means, with @error.
 */
StorePushOutcome store_push_batch_conclude(StorePushBatch *self, guint index, gboolean *again,
					   GCancellable *cancellable, GError **error);

G_END_DECLS
