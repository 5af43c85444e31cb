/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-error.h"
#include "graph-message.h"
#include "store-account-private.h"
#include "store-journal.h"
#include "store-messages.h"

G_BEGIN_DECLS

/* What came of an entry. */
typedef enum {
	STORE_PUSH_DONE,    /* it is gone from the journal */
	STORE_PUSH_HELD,    /* it stays; what concerns other messages may go on */
	STORE_PUSH_STOPPED, /* it stays, and nothing else will do better now */
	STORE_PUSH_GONE,    /* what it is about is not there any more */
	STORE_PUSH_REFUSED, /* for good */
} StorePushOutcome;

StorePushOutcome store_push_judge(const GError *error);

/* Each sends one entry and writes what came of it. With %STORE_PUSH_DONE, @error is not set. */
StorePushOutcome store_push_message(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error);
StorePushOutcome store_push_folder(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error);

/* The same in two halves, for those that travel together. @message: (nullable): what the server says of it. */

/* Inside a transaction: the server did what @entry asks for. */
gboolean store_push_write_done(StoreAccount *self, StoreEntry *entry, const StoreRow *row, const GraphMessage *message,
			       StoreChanges *changes, GError **error);

/* The request failed with @failure (taken): looks where that may not be the last word, and writes what came of it. */
StorePushOutcome store_push_conclude(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GError **failure,
				     GCancellable *cancellable, GError **error);

/* The first half with a transaction of its own. */
StorePushOutcome store_push_finish_done(StoreAccount *self, StoreEntry *entry, const StoreRow *row,
					const GraphMessage *message, GError **error);

/*
 * Has a message made by @make in @place, a folder's id, and writes what came of it. A lost answer is looked for at
 * once, and again the next time before anything is sent: by Message-ID, so that nothing is made twice. As long as
 * nobody can look, the entry stays as it is.
 */
typedef GraphMessage *(*StorePushMake)(StoreAccount *self, const char *place, gpointer what, GCancellable *cancellable,
				       GError **error);
StorePushOutcome store_push_create(StoreAccount *self, StoreEntry *entry, const StoreRow *row, const char *place,
				   StorePushMake make, gpointer what, GCancellable *cancellable, GError **error);

/* A mail that came from elsewhere: see store-push-append.c. */
StorePushOutcome store_push_append(StoreAccount *self, StoreEntry *entry, const StoreRow *row,
				   GCancellable *cancellable, GError **error);

/*
 * Deletions from Deleted Items that waited: another client may have taken the mail out of there meanwhile. It is looked
 * at before it is deleted for good, wherever it is, and spared, which is said. A look that is refused for good undoes
 * the deletion. Returns the entries (StoreEntry) of which nobody can tell, so that they have to wait, with why in
 * @first, unset before; %NULL, with @error, when nothing will do better now. (transfer full)
 */
GPtrArray *store_push_look_in_trash(StoreAccount *self, GError **first, GCancellable *cancellable, GError **error);

/* Inside a transaction: what @entry was to delete is kept, and shown where it is, as the server has it in @there. */
gboolean store_push_write_spared(StoreAccount *self, StoreEntry *entry, const GraphMessage *there,
				 StoreChanges *changes, GError **error);

/* What a PATCH of the entry says. (transfer full) */
GraphMessage *store_push_describe_update(const StoreEntry *entry);

/*
 * Removes the entry, and shows the message or folder as the server has it; @text (taken, may be %NULL) is told.
 * store_push_remove() does so inside the caller's transaction, store_push_finish() ends it.
 */
gboolean store_push_undo(StoreAccount *self, StoreEntry *entry, char *text, GError **error);
gboolean store_push_remove(StoreAccount *self, StoreEntry *entry, StoreChanges *changes, GError **error);
gboolean store_push_finish(StoreAccount *self, StoreEntry *entry, StoreTransaction **transaction, StoreChanges *changes,
			   GError **error);

/* Looks for a message whose creation may have been done: by Message-ID in @folder, and not known here; else
 * %NULL. */
GraphMessage *store_push_look_for(StoreAccount *self, const char *folder, const char *message_id,
				  GCancellable *cancellable, GError **error);

G_END_DECLS
