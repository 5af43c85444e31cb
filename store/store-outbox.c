/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-outbox.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-message.h"
#include "graph-user.h"
#include "store-digest.h"
#include "store-messages.h"
#include "store-mime.h"

#define LOOKS 4
#define POSTS 4

void
store_outbox_row_free(StoreOutboxRow *self)
{
	g_free(self->digest);
	g_free(self->message_id);
	g_free(self->draft);
	g_free(self);
}

StoreOutboxRow *
store_outbox_recall(StoreAccount *self, const char *key, GError **error)
{
	g_autoptr(StoreQuery) query =
		store_db_query(self->worker, error,
			       "SELECT message_id, state, draft, newest, begun FROM outbox WHERE digest = ?", "s", key);
	StoreOutboxRow *row;

	if (query == NULL || !store_query_next(query, error))
		return NULL;
	row = g_new0(StoreOutboxRow, 1);
	row->digest = g_strdup(key);
	row->message_id = store_query_dup_text(query, 0);
	row->state = (StoreOutboxState)store_query_get_integer(query, 1);
	row->draft = store_query_dup_text(query, 2);
	row->newest = store_query_get_integer(query, 3);
	row->begun = store_query_get_integer(query, 4);
	return row;
}

/* On the disk before anything goes out. */
gboolean
store_outbox_remember(StoreAccount *self, const StoreOutboxRow *row, GError **error)
{
	g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(self->worker, error);

	return transaction != NULL &&
	       store_db_run(self->worker, error,
			    "INSERT OR REPLACE INTO outbox (digest, message_id, begun, state, draft, newest) "
			    "VALUES (?, ?, ?, ?, ?, ?)",
			    "ssllsl", row->digest, row->message_id,
			    row->begun != 0 ? row->begun : g_get_real_time() / G_USEC_PER_SEC, (gint64)row->state,
			    row->draft, row->newest) &&
	       store_transaction_commit(&transaction, error);
}

void
store_outbox_forget(StoreAccount *self, const char *key)
{
	store_db_run(self->worker, NULL, "DELETE FROM outbox WHERE digest = ?", "s", key);
}

/* The service keeps it in Drafts for a moment (API.md 6); a draft of the user's that we know is another one. */
static gboolean
is_in(StoreAccount *self, const char *folder, const char *message_id, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) found = graph_message_find(self->client, folder, message_id, cancellable, error);

	for (guint i = 0; found != NULL && i < found->len; i++) {
		const GraphMessage *message = g_ptr_array_index(found, i);
		g_autoptr(StoreRow) row =
			message->is_draft ? store_messages_find_id(self->worker, message->id, NULL) : NULL;

		if (row == NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_somewhere(StoreAccount *self, const char *message_id, gboolean passing, GCancellable *cancellable, GError **error)
{
	for (guint attempt = 0; attempt < LOOKS; attempt++) {
		g_autoptr(GError) failure = NULL;

		if (attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, error))
			return FALSE;
		if (is_in(self, "sentitems", message_id, cancellable, &failure) ||
		    (passing && failure == NULL && is_in(self, "drafts", message_id, cancellable, &failure)))
			return TRUE;
		if (failure != NULL) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
	}
	return FALSE;
}

gboolean
store_outbox_was_saved(StoreAccount *self, const char *message_id, GCancellable *cancellable, GError **error)
{
	return is_somewhere(self, message_id, FALSE, cancellable, error);
}

gboolean
store_outbox_is_uncertain(const GError *error)
{
	return g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL) || error->domain == G_IO_ERROR;
}

static gboolean
post(StoreAccount *self, const char *key, StoreLetter *letter, GCancellable *cancellable, GError **error)
{
	const StoreOutboxRow row = {
		.digest = (char *)key, .message_id = letter->message_id, .state = STORE_OUTBOX_POSTED};
	g_autoptr(GError) failure = NULL;
	g_autoptr(GError) unknown = NULL;
	gboolean busy = TRUE;

	if (!store_outbox_remember(self, &row, error))
		return FALSE;
	/* What the service says it is too busy for, and is nowhere, was not done. */
	for (guint attempt = 0; busy && unknown == NULL && attempt < POSTS; attempt++) {
		g_clear_error(&failure);
		if (graph_message_send_mime(self->client, letter->mime, &busy, cancellable, &failure) ||
		    (store_outbox_is_uncertain(failure) &&
		     is_somewhere(self, letter->message_id, TRUE, cancellable, &unknown))) {
			store_outbox_forget(self, key);
			return TRUE;
		}
	}
	if (!store_outbox_is_uncertain(failure))
		store_outbox_forget(self, key);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

/* What became of an earlier try: TRUE if it was sent, FALSE without an error if it can be sent anew. */
static gboolean
settle(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;

	switch (row->state) {
	case STORE_OUTBOX_SENDING:
		return store_outbox_resume(self, row, cancellable, error);
	case STORE_OUTBOX_BUILDING:
		/* A draft too many is a smaller evil than a mail that cannot be sent. */
		if (!store_outbox_clear(self, row, cancellable, &failure) &&
		    (store_error_stops(failure) || failure->domain == G_IO_ERROR ||
		     g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE)))
			g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	case STORE_OUTBOX_POSTED:
	default:
		return is_somewhere(self, row->message_id, TRUE, cancellable, error);
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

/* Asked once, and only for who seems to be somebody else. */
static gboolean
find_sender(StoreAccount *self, const char *address, Sender *sender, GCancellable *cancellable, GError **error)
{
	g_autofree char *mine = store_account_get_value(self->worker, "address");
	g_auto(GStrv) own = NULL;
	g_autoptr(GError) failure = NULL;

	*sender = is_same_address(address, mine) ? SENDER_OWN : SENDER_OTHER;
	if (*sender == SENDER_OWN)
		return TRUE;
	own = list_own(self, cancellable, &failure);
	for (guint i = 0; own != NULL && own[i] != NULL; i++) {
		if (is_same_address(address, own[i]))
			*sender = MIN(*sender, i < 2 ? SENDER_OWN : SENDER_ALIAS);
	}
	if (own != NULL ||
	    (!store_error_stops(failure) && !g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE)))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

/* The service ignores the From of MIME (CHECKED 6c): another sender, and a shared mailbox, have to be named to it. */
static gboolean
name_sender(StoreAccount *self, StoreLetter *letter, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphRecipient) from = store_letter_get_sender(letter);
	Sender sender = SENDER_OTHER;

	if (from == NULL)
		return TRUE;
	if (graph_client_get_mailbox(self->client) == NULL &&
	    !find_sender(self, from->address, &sender, cancellable, error))
		return FALSE;
	letter->is_alias = sender == SENDER_ALIAS;
	if (sender != SENDER_OWN)
		letter->from = g_steal_pointer(&from);
	return TRUE;
}

static gboolean
send_once(StoreAccount *self, const char *key, GBytes *mime, const char *const *recipients, GCancellable *cancellable,
	  GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreOutboxRow) before = store_outbox_recall(self, key, &failure);
	g_autoptr(StoreLetter) letter = NULL;
	gboolean sent = before != NULL && settle(self, before, cancellable, &failure);

	if (sent) {
		store_outbox_forget(self, key);
		return TRUE;
	}
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	letter = store_letter_new(mime, recipients, error);
	if (letter == NULL || !name_sender(self, letter, cancellable, error))
		return FALSE;
	sent = store_letter_is_plain(letter) ? post(self, key, letter, cancellable, &failure)
					     : store_outbox_send_draft(self, key, letter, cancellable, &failure);
	if (failure != NULL) {
		store_outbox_explain(&failure, letter);
		g_propagate_error(error, g_steal_pointer(&failure));
	}
	return sent;
}

gboolean
store_outbox_send(StoreAccount *self, GBytes *mime, const char *const *recipients, GCancellable *cancellable,
		  GError **error)
{
	g_autofree char *key = store_digest_mail(mime, recipients);
	gboolean done;

	if (!store_gate_enter(self->gate, STORE_GATE_SEND, cancellable, error))
		return FALSE;
	done = send_once(self, key, mime, recipients, cancellable, error);
	store_gate_leave(self->gate, STORE_GATE_SEND);
	return done;
}

void
store_outbox_tidy(StoreAccount *self, GCancellable *cancellable)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(StoreQuery) query = NULL;
	gboolean goes_on = TRUE;

	if (!store_gate_try(self->gate, STORE_GATE_SEND))
		return;
	query = store_db_query(self->worker, NULL, "SELECT digest FROM outbox WHERE state = ?", "l",
			       (gint64)STORE_OUTBOX_BUILDING);
	while (query != NULL && store_query_next(query, NULL))
		g_ptr_array_add(keys, store_query_dup_text(query, 0));
	g_clear_pointer(&query, store_query_free);
	for (guint i = 0; goes_on && i < keys->len; i++) {
		g_autoptr(StoreOutboxRow) row = store_outbox_recall(self, g_ptr_array_index(keys, i), NULL);

		goes_on = row == NULL || store_outbox_clear(self, row, cancellable, NULL);
	}
	store_gate_leave(self->gate, STORE_GATE_SEND);
}
