/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-account-private.h"
#include "store-letter.h"

G_BEGIN_DECLS

/* Inside store/: how a mail is sent at most once. */

/* What was done last; it is on the disk before the next step is asked for. */
typedef enum {
	STORE_OUTBOX_POSTED,   /* the whole mail, in one request */
	STORE_OUTBOX_BUILDING, /* a draft, that was never asked to be sent */
	STORE_OUTBOX_SENDING,  /* the draft was asked to be sent */
} StoreOutboxState;

/**
 * StoreOutboxRow:
 * @digest: of mail and envelope
 * @draft: (nullable): its id, unless its making was not answered
 * @newest: messages of our own with a higher key came after it was begun, or after the user's last draft of this id
 * @begun: seconds since 1970; 0 for now, when it is remembered
 */
typedef struct {
	char *digest;
	char *message_id;
	StoreOutboxState state;
	char *draft;
	gint64 newest;
	gint64 begun;
} StoreOutboxRow;

void store_outbox_row_free(StoreOutboxRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreOutboxRow, store_outbox_row_free)

/* %NULL without an error if there is none. */
StoreOutboxRow *store_outbox_recall(StoreAccount *self, const char *digest, GError **error);
gboolean store_outbox_remember(StoreAccount *self, const StoreOutboxRow *row, GError **error);
void store_outbox_forget(StoreAccount *self, const char *digest);

/* The answer may be that it was done. */
gboolean store_outbox_is_uncertain(const GError *error);

/* In Sent Items by its Message-ID; asked again for a while, as it may take the service a moment. */
gboolean store_outbox_was_saved(StoreAccount *self, const char *message_id, GCancellable *cancellable, GError **error);

/*
 * By a draft, step by step. What fails before it was asked to be sent leaves no draft behind, or remembers it for
 * store_outbox_clear().
 */
gboolean store_outbox_send_draft(StoreAccount *self, const char *digest, StoreLetter *letter, GCancellable *cancellable,
				 GError **error);

/* A draft that was asked to be sent, and not answered: finds out, and asks again if it is still there. FALSE without
 * an error: it is nowhere, and can be made anew. */
gboolean store_outbox_resume(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error);

/* Removes the draft that was left half made, at the server and from memory. One whose making was not answered, and that
 * is not there, may still come: it is looked for again by store_outbox_tidy(). */
gboolean store_outbox_clear(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error);

/* @error of a mail that was not sent: %STORE_ERROR_UNSENT in words for people, if the service said why. */
void store_outbox_explain(GError **error, StoreLetter *letter);

G_END_DECLS
