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
	STORE_OUTBOX_SENT,     /* and the host was told so, but its program may have ended before it heard it */
	STORE_OUTBOX_FOUND,    /* it was sent, and nobody has asked since */
} StoreOutboxState;

/**
 * StoreOutboxRow:
 * @digest: of mail and envelope
 * @draft: (nullable): its id, unless its making was not answered
 * @newest: drafts with a higher key came after it was begun, or after the user's last draft of this id
 * @floor: messages with a higher key came after it was begun
 * @begun: seconds since 1970, when the last step was asked for; 0 for now, when it is remembered
 * @dated: (nullable): the Date of the mail when it was handed over last
 * @earlier: (nullable): ids, one a line, of other messages of its Message-ID that were there before; %NULL: none is
 * known
 * @mailbox: (nullable): a mailbox that was removed here, through which it was sent; %NULL: the account's own
 */
typedef struct {
	char *digest;
	char *message_id;
	StoreOutboxState state;
	char *draft;
	gint64 newest;
	gint64 floor;
	gint64 begun;
	char *dated;
	char *earlier;
	char *mailbox;
} StoreOutboxRow;

void store_outbox_row_free(StoreOutboxRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreOutboxRow, store_outbox_row_free)

/* %NULL without an error if there is none. */
StoreOutboxRow *store_outbox_recall(StoreAccount *self, const char *digest, GError **error);

/* The latest mail of this id of which the host was not told that it was sent. */
StoreOutboxRow *store_outbox_recall_open(StoreAccount *self, const char *message_id, GError **error);
gboolean store_outbox_remember(StoreAccount *self, const StoreOutboxRow *row, GError **error);

/* A #GraphLeaving: what was asked for counts from when it leaves, and is on the disk then. */
typedef struct {
	StoreAccount *account;
	const StoreOutboxRow *row;
} StoreOutboxStep;

gboolean store_outbox_leave(gpointer step, GError **error);
void store_outbox_forget(StoreAccount *self, const char *digest);

/*
 * @row is new: what is there now came before it. What no check has brought yet is asked for where there may be some: of
 * a mail that was @redirected, as that keeps its Message-ID, and of one whose Message-ID was sent before.
 */
gboolean store_outbox_begin(StoreAccount *self, StoreOutboxRow *row, gboolean redirected, GCancellable *cancellable,
			    GError **error);

/* It was sent, which is remembered for a month. @told: the host hears it now. */
void store_outbox_settle(StoreAccount *self, const StoreOutboxRow *row, gboolean told);

/*
 * Whether the mail of @row, which was sent, is handed over for the same sending, and not to be sent once more: out of
 * the queue it has the same Date. A window writes it anew with another one, as long as it was not told; so does a
 * person who sends a draft again that the host kept, which has the Message-ID and the words of the first time, and one
 * who redirects a mail to the same person again. What nobody was told of is believed to be that window's for a day.
 */
gboolean store_outbox_is_known(const StoreOutboxRow *row, const char *dated, gboolean redirected);

/* What changed of @digest in a shared mailbox that was removed meanwhile is noted where the rest is. */
gboolean store_outbox_pass_on(StoreAccount *self, const char *digest, GError **error);

/* What was kept of a shared mailbox that was removed goes back to it when it is there again. */
gboolean store_outbox_give_back(StoreAccount *self, StoreAccount *shared, GError **error);

/* Of a mail that may have left through @mailbox, where nobody can look: %STORE_ERROR_REFUSED with what to do. */
void store_outbox_fail_unseen(const char *mailbox, GError **error);

/* What is asked for next would end like this, too. */
gboolean store_outbox_ends_all(const GError *error);

/* The answer may be that it was done. */
gboolean store_outbox_is_uncertain(const GError *error);

typedef enum {
	STORE_TRACE_NONE,
	STORE_TRACE_PASSING, /* in Drafts, where the service keeps it for a moment (API.md 6) */
	STORE_TRACE_SENT,
} StoreTrace;

/*
 * Looks for it by its Message-ID in Sent Items, with @passing in Drafts as well; @looks times, as it may take the
 * service a moment, until it is sent. What was there before is another one.
 */
gboolean store_outbox_look(StoreAccount *self, const StoreOutboxRow *row, gboolean passing, guint looks,
			   StoreTrace *trace, GCancellable *cancellable, GError **error);

#define STORE_OUTBOX_LOOKS 4

/*
 * What was asked for so lately that the service may still do it, although it is nowhere: it is not asked for anew, and
 * who wants it sent is told so, with %GRAPH_ERROR_UNCERTAIN. Nobody waits for it; the checks look for it, and each try.
 */
gboolean store_outbox_may_come(StoreAccount *self, const StoreOutboxRow *row);
void store_outbox_fail_late(GError **error);

/* What was asked for so long ago that the service is not about to do it any more. */
gboolean store_outbox_is_old(const StoreOutboxRow *row);

/* Forgets what was sent long ago, and what could not be looked up for as long. */
void store_outbox_prune(StoreAccount *self);

/* Begun before this, seconds since 1970, it is of no use any more. */
gint64 store_outbox_get_horizon(void);

/*
 * By a draft, step by step; @row has its digest and date. What fails before it was asked to be sent leaves no draft
 * behind; what is cancelled, or cannot remove it, remembers it for store_outbox_tidy().
 */
gboolean store_outbox_send_draft(StoreAccount *self, StoreOutboxRow *row, StoreLetter *letter,
				 GCancellable *cancellable, GError **error);

/* A draft that was asked to be sent, and not answered: finds out, and asks again if it is still there. FALSE without
 * an error: it is nowhere, does not come any more, and can be made anew. */
gboolean store_outbox_resume(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error);

/* The same in a round of checks, which hurries nobody: nothing is sent, and what is not certain stays as it is. A
 * draft that the service will not send any more goes to Deleted Items. Waits for nothing: one that is not found asks
 * for another look by *@again, unless this is the @last. */
gboolean store_outbox_review(StoreAccount *self, const StoreOutboxRow *row, gboolean last, gboolean *again,
			     GCancellable *cancellable, GError **error);

/* Removes the draft that was left half made, at the server and from memory. One whose making was not answered is known
 * by its Message-ID alone, and goes to Deleted Items. One that is not there may still come, for a while, and one that
 * was just made may still be found (CHECKED 8): it is looked for again by store_outbox_tidy(). */
gboolean store_outbox_clear(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error);

/*
 * Whether the account may ask the service to send @letter in the name of somebody else; who has the right to do so is
 * for the service to say. %STORE_ERROR_REFUSED.
 */
gboolean store_outbox_check_scope(StoreAccount *self, StoreLetter *letter, GError **error);

/* @error of a mail that was not sent: %STORE_ERROR_UNSENT in words for people, if the service said why. */
void store_outbox_explain(StoreAccount *self, GError **error, StoreLetter *letter);

G_END_DECLS
