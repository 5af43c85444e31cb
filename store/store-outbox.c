/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-outbox.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-message.h"
#include "graph-user.h"
#include "store-mime.h"

#define POSTS 4
#define WATCHED_SECONDS (24 * 3600)

gboolean
store_outbox_is_uncertain(const GError *error)
{
	return g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL) || error->domain == G_IO_ERROR;
}

gboolean
store_outbox_ends_all(const GError *error)
{
	return store_error_stops(error) || error->domain == G_IO_ERROR ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
}

/* What the service says it is too busy for, or answers oddly (CHECKED 6b), and what is @looked for and nowhere. */
static gboolean
was_turned_away(GraphPost outcome, gboolean looked, StoreTrace trace)
{
	return (outcome == GRAPH_POST_BUSY || outcome == GRAPH_POST_ODD) && looked && trace == STORE_TRACE_NONE;
}

static gboolean
post(StoreAccount *self, StoreOutboxRow *row, StoreLetter *letter, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	StoreOutboxStep step = {self, row};
	StoreTrace trace = STORE_TRACE_NONE;
	GraphPost outcome = GRAPH_POST_BUSY;
	gboolean looked = TRUE;

	row->message_id = g_strdup(letter->message_id);
	row->state = STORE_OUTBOX_POSTED;
	if (!store_outbox_begin(self, row, letter->is_redirected, cancellable, error))
		return FALSE;
	for (guint attempt = 0; attempt < POSTS && outcome == GRAPH_POST_BUSY && looked && trace == STORE_TRACE_NONE;
	     attempt++) {
		g_clear_error(&failure);
		if (graph_message_send_mime(self->client, letter->mime, store_outbox_leave, &step, &outcome,
					    cancellable, &failure)) {
			store_outbox_settle(self, row, !g_cancellable_is_cancelled(cancellable));
			return TRUE;
		}
		graph_client_log(self->client, failure->message);
		/* A large mail takes its time to leave. */
		if (outcome == GRAPH_POST_LOST)
			store_outbox_remember(self, row, NULL);
		looked = store_outbox_is_uncertain(failure) &&
			 store_outbox_look(self, row, TRUE, STORE_OUTBOX_LOOKS, &trace, cancellable, NULL);
	}
	if (trace == STORE_TRACE_SENT) {
		store_outbox_settle(self, row, !g_cancellable_is_cancelled(cancellable));
		return TRUE;
	}
	if (!store_outbox_is_uncertain(failure) || was_turned_away(outcome, looked, trace) ||
	    (outcome == GRAPH_POST_TOLD && g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
		store_outbox_forget(self, row->digest);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

/* Whether a mail whose answer was lost arrived. */
static gboolean
find_posted(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error)
{
	StoreTrace trace;

	if (!store_outbox_look(self, row, TRUE, STORE_OUTBOX_LOOKS, &trace, cancellable, error))
		return FALSE;
	if ((trace == STORE_TRACE_PASSING && !store_outbox_is_old(row)) ||
	    (trace == STORE_TRACE_NONE && store_outbox_may_come(self, row)))
		store_outbox_fail_late(error);
	return trace == STORE_TRACE_SENT;
}

/* What became of an earlier try: TRUE if it was sent, FALSE without an error if it can be sent anew. */
static gboolean
find_out(StoreAccount *self, const StoreOutboxRow *row, const char *dated, gboolean redirected,
	 GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (row->mailbox != NULL && (row->state == STORE_OUTBOX_POSTED || row->state == STORE_OUTBOX_SENDING)) {
		store_outbox_fail_unseen(row->mailbox, error);
		return FALSE;
	}
	switch (row->state) {
	case STORE_OUTBOX_SENT:
	case STORE_OUTBOX_FOUND:
		return store_outbox_is_known(row, dated, redirected);
	case STORE_OUTBOX_SENDING:
		return store_outbox_resume(self, row, cancellable, error);
	case STORE_OUTBOX_BUILDING:
		/* A draft too many is a smaller evil than a mail that cannot be sent. */
		if (!store_outbox_clear(self, row, cancellable, &failure) && store_outbox_ends_all(failure))
			g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	case STORE_OUTBOX_POSTED:
	default:
		return find_posted(self, row, cancellable, error);
	}
}

static gboolean
is_same_address(const char *one, const char *other)
{
	g_autofree char *a = one != NULL ? store_mime_fold_address(one) : NULL;
	g_autofree char *b = other != NULL ? store_mime_fold_address(other) : NULL;

	return a != NULL && g_strcmp0(a, b) == 0;
}

typedef enum {
	SENDER_OWN,
	SENDER_ALIAS,
	SENDER_OTHER,
} Sender;

/* What `/me` calls the user besides the address that we know: the principal name, then its other addresses. */
static GStrv
list_own(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	g_autofree char *known = store_account_get_value(self->worker, "own_addresses");
	g_autoptr(GraphUser) user = NULL;
	g_auto(GStrv) aliases = NULL;
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	g_autofree char *joined = NULL;

	if (known != NULL)
		return g_strsplit(known, "\n", -1);
	user = graph_user_get_me(self->client, cancellable, error);
	aliases = user != NULL ? graph_user_list_aliases(self->client, cancellable, error) : NULL;
	if (aliases == NULL)
		return NULL;
	g_ptr_array_add(all, user->mail != NULL ? user->mail : (char *)"");
	g_ptr_array_add(all, user->principal_name != NULL ? user->principal_name : (char *)"");
	for (guint i = 0; aliases[i] != NULL; i++)
		g_ptr_array_add(all, aliases[i]);
	g_ptr_array_add(all, NULL);
	joined = g_strjoinv("\n", (char **)all->pdata);
	return store_account_set_value(self->worker, "own_addresses", joined, error) ? g_strsplit(joined, "\n", -1)
										     : NULL;
}

/* Asked once, and only for who seems to be somebody else. @sure: all addresses of the user are known. */
static gboolean
find_sender(StoreAccount *self, const char *address, Sender *sender, gboolean *sure, GCancellable *cancellable,
	    GError **error)
{
	g_autofree char *mine = store_account_get_value(self->worker, "address");
	g_auto(GStrv) own = NULL;
	g_autoptr(GError) failure = NULL;

	*sure = FALSE;
	*sender = is_same_address(address, mine) ? SENDER_OWN : SENDER_OTHER;
	if (*sender == SENDER_OWN)
		return TRUE;
	own = list_own(self, cancellable, &failure);
	for (guint i = 0; own != NULL && own[i] != NULL; i++) {
		if (is_same_address(address, own[i]))
			*sender = MIN(*sender, i < 2 ? SENDER_OWN : SENDER_ALIAS);
		*sure = i >= 2;
	}
	if (own != NULL)
		return TRUE;
	if (store_error_stops(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	graph_client_log(self->client, failure->message);
	return TRUE;
}

/* The service ignores the From of MIME (CHECKED 6c): another sender, and a shared mailbox, have to be named to it. */
static gboolean
name_sender(StoreAccount *self, StoreLetter *letter, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphRecipient) from = store_letter_get_sender(letter);
	Sender sender = SENDER_OTHER;
	gboolean sure = TRUE;

	if (from == NULL)
		return TRUE;
	if (graph_client_get_mailbox(self->client) == NULL &&
	    !find_sender(self, from->address, &sender, &sure, cancellable, error))
		return FALSE;
	letter->is_alias = sender == SENDER_ALIAS;
	if (sender != SENDER_OWN)
		letter->from = g_steal_pointer(&from);
	return !sure || store_outbox_check_scope(self, letter, error);
}

/* Nobody can see whether @id, which was sealed anew, says what an earlier one said: that one must not have arrived. */
static gboolean
check_sealed(StoreAccount *self, const char *id, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreOutboxRow) earlier = store_outbox_recall_open(self, id, &failure);

	if (earlier != NULL && find_out(self, earlier, earlier->dated, FALSE, cancellable, &failure)) {
		store_outbox_settle(self, earlier, FALSE);
		g_set_error_literal(
			error, STORE_ERROR, STORE_ERROR_REFUSED,
			_("An earlier try of this mail has arrived. This one was encrypted or signed anew, so "
			  "that nobody can see whether it says the same. If it does not, write it as a new "
			  "mail."));
		return FALSE;
	}
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (earlier != NULL)
		store_outbox_forget(self, earlier->digest);
	return TRUE;
}

static gboolean
send_once(StoreAccount *self, StoreOutboxRow *row, const StoreDigest *digest, GBytes *mime,
	  const char *const *recipients, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreOutboxRow) before = store_outbox_recall(self, row->digest, &failure);
	g_autoptr(StoreLetter) letter = NULL;
	gboolean sent = before != NULL && find_out(self, before, row->dated, digest->redirected, cancellable, &failure);

	if (sent) {
		store_outbox_settle(self, row, !g_cancellable_is_cancelled(cancellable));
		return TRUE;
	}
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (before == NULL && digest->sealed_id != NULL && !check_sealed(self, digest->sealed_id, cancellable, error))
		return FALSE;
	/* What was there before the first try was there before this one. */
	if (before != NULL && before->state != STORE_OUTBOX_SENT && before->state != STORE_OUTBOX_FOUND)
		row->earlier = g_strdup(before->earlier);
	letter = store_letter_new(mime, recipients, error);
	if (letter != NULL)
		letter->is_redirected = digest->redirected;
	if (letter == NULL || !name_sender(self, letter, cancellable, error))
		return FALSE;
	sent = store_letter_is_plain(letter) ? post(self, row, letter, cancellable, &failure)
					     : store_outbox_send_draft(self, row, letter, cancellable, &failure);
	if (failure != NULL) {
		store_outbox_explain(self, &failure, letter);
		g_propagate_error(error, g_steal_pointer(&failure));
	}
	return sent;
}

gboolean
store_outbox_send(StoreAccount *self, const StoreDigest *digest, GBytes *mime, const char *const *recipients,
		  gboolean *made, GCancellable *cancellable, GError **error)
{
	g_autoptr(StoreOutboxRow) row = g_new0(StoreOutboxRow, 1);
	gboolean done;

	if (made != NULL)
		*made = FALSE;
	row->digest = g_strdup(digest->mail);
	row->dated = g_strdup(digest->dated);
	if (!store_gate_enter(self->gate, STORE_GATE_SEND, cancellable, error))
		return FALSE;
	done = send_once(self, row, digest, mime, recipients, cancellable, error);
	store_gate_leave(self->gate, STORE_GATE_SEND);
	if (made != NULL)
		*made = row->draft != NULL;
	return done;
}

/* *@again: it is not found, which may pass (CHECKED 4d). @last: what is not found now is taken to be gone. */
static gboolean
review(StoreAccount *self, const StoreOutboxRow *row, gboolean last, gboolean *again, GCancellable *cancellable,
       GError **error)
{
	StoreTrace trace;

	switch (row->state) {
	case STORE_OUTBOX_BUILDING:
		return store_outbox_clear(self, row, cancellable, error);
	case STORE_OUTBOX_SENDING:
		return store_outbox_review(self, row, last, again, cancellable, error);
	case STORE_OUTBOX_POSTED:
		if (!store_outbox_look(self, row, FALSE, 1, &trace, cancellable, error))
			return FALSE;
		if (trace == STORE_TRACE_SENT)
			store_outbox_settle(self, row, FALSE);
		else if (row->begun < store_outbox_get_horizon())
			store_outbox_forget(self, row->digest);
		return TRUE;
	case STORE_OUTBOX_SENT:
	case STORE_OUTBOX_FOUND:
	default:
		return TRUE;
	}
}

/* The gate is free between two looks, and whoever waits to send goes first: then FALSE. */
static gboolean
review_at_leisure(StoreAccount *self, const char *digest, GCancellable *cancellable)
{
	gboolean goes_on = TRUE;
	gboolean again = TRUE;

	for (guint attempt = 0; goes_on && again && attempt < STORE_OUTBOX_LOOKS; attempt++) {
		g_autoptr(StoreOutboxRow) row = NULL;
		g_autoptr(GError) failure = NULL;

		again = FALSE;
		if ((attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, NULL)) ||
		    !store_gate_try(self->gate, STORE_GATE_SEND))
			return FALSE;
		row = store_outbox_recall(self, digest, NULL);
		/* What is refused of one mail says nothing of the others. */
		goes_on = row == NULL ||
			  review(self, row, attempt + 1 == STORE_OUTBOX_LOOKS, &again, cancellable, &failure) ||
			  !store_outbox_ends_all(failure);
		store_gate_leave(self->gate, STORE_GATE_SEND);
	}
	return goes_on;
}

void
store_outbox_tidy(StoreAccount *self, GCancellable *cancellable)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(StoreQuery) query = NULL;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	gboolean goes_on = TRUE;

	store_outbox_prune(self);
	query = store_db_query(self->worker, NULL,
			       "SELECT digest FROM outbox WHERE mailbox IS NULL AND (state = ? OR (state IN (?, ?) AND"
			       " (begun > ? OR begun < ?)))",
			       "lllll", (gint64)STORE_OUTBOX_BUILDING, (gint64)STORE_OUTBOX_POSTED,
			       (gint64)STORE_OUTBOX_SENDING, now - WATCHED_SECONDS, store_outbox_get_horizon());
	while (query != NULL && store_query_next(query, NULL))
		g_ptr_array_add(keys, store_query_dup_text(query, 0));
	g_clear_pointer(&query, store_query_free);
	for (guint i = 0; goes_on && i < keys->len; i++)
		goes_on = review_at_leisure(self, g_ptr_array_index(keys, i), cancellable);
}
