/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-message-batch.h"
#include "store-folders.h"
#include "store-push.h"
#include "store-refusal.h"

#define FRESH_SECONDS 300   /* what was deleted less long ago is where it was seen */
#define ASKED_UNLISTED 20   /* fit into one request, as a page of the list does, */
#define LISTED_PER_ASKED 50 /* which holds a thousand ids */
#define FAILURES_IN_A_ROW 3

typedef struct {
	StoreEntry *entry;
	StoreRow *row;
	GraphMessage *there; /* %NULL: it is gone, or there is a failure */
	GError *failure;
} Look;

static void
look_free(Look *look)
{
	store_entry_free(look->entry);
	store_row_free(look->row);
	g_clear_pointer(&look->there, graph_message_free);
	g_clear_error(&look->failure);
	g_free(look);
}

/* The deletion that has @seq, if it is still in the journal, and there is a message at the server; else %NULL. */
static gboolean
read_deletion(StoreAccount *self, gint64 seq, StoreEntry **entry, StoreRow **row, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreEntry) found = store_journal_get_next(self->worker, seq - 1, &failure);
	g_autoptr(StoreRow) message = NULL;

	*entry = NULL;
	*row = NULL;
	if (found != NULL && found->seq == seq && found->kind == STORE_JOURNAL_DELETE)
		message = store_messages_find(self->worker, found->message, &failure);
	if (message != NULL && message->id != NULL) {
		*entry = g_steal_pointer(&found);
		*row = g_steal_pointer(&message);
	}
	if (failure == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

static gboolean
is_refused(const Look *look)
{
	return look->failure != NULL && store_push_judge(look->failure) == STORE_PUSH_REFUSED;
}

/* Deletions from Deleted Items that waited; of Look. */
static GPtrArray *
list_waiting(StoreAccount *self, GError **error)
{
	g_autoptr(GPtrArray) looks = g_ptr_array_new_with_free_func((GDestroyNotify)look_free);
	g_autoptr(GArray) seqs = store_db_list_integers(self->worker, error,
							"SELECT seq FROM journal WHERE kind = ? AND folder IS NOT NULL"
							" AND abs(created - ?) > ? ORDER BY seq",
							"ili", (int)STORE_JOURNAL_DELETE,
							g_get_real_time() / G_USEC_PER_SEC, FRESH_SECONDS);

	if (seqs == NULL)
		return NULL;
	for (guint i = 0; i < seqs->len; i++) {
		Look look = {0};

		if (!read_deletion(self, g_array_index(seqs, gint64, i), &look.entry, &look.row, error))
			return NULL;
		if (look.entry != NULL)
			g_ptr_array_add(looks, g_memdup2(&look, sizeof look));
	}
	return g_steal_pointer(&looks);
}

static gboolean
is_away(const GError *failure)
{
	return g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) ||
	       g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
}

/* Those that are still there leave @looks. FALSE: the service is away; where there is no list each is asked for. */
static gboolean
take_listed(StoreAccount *self, GPtrArray *looks, GCancellable *cancellable, GError **error)
{
	gint64 trash = store_folders_find_role(self->worker, STORE_ROLE_TRASH);
	g_autofree char *id = store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", trash);
	gint64 total = store_db_get_integer(self->worker, 0, NULL,
					    "SELECT count(*) FROM messages WHERE server_folder = ?", "l", trash);
	g_autoptr(GError) failure = NULL;
	g_autoptr(GHashTable) ids = NULL;
	guint requests = 0;

	if (id == NULL || looks->len <= ASKED_UNLISTED || total > (gint64)looks->len * LISTED_PER_ASKED)
		return TRUE;
	ids = graph_message_list_ids(self->client, id, &requests, cancellable, &failure);
	if (ids == NULL && (is_away(failure) || store_error_stops(failure))) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (ids == NULL)
		graph_client_log(self->client, failure->message);
	for (guint i = looks->len; ids != NULL && i-- > 0;) {
		const Look *look = g_ptr_array_index(looks, i);

		if (g_hash_table_contains(ids, look->row->id))
			g_ptr_array_remove_index(looks, i);
	}
	return TRUE;
}

/* What is not found is gone. */
static void
take_answer(Look *look, GraphMessage *there, GError *failure)
{
	g_clear_error(&look->failure);
	look->there = there;
	if (there != NULL && there->parent_id == NULL) {
		g_clear_pointer(&look->there, graph_message_free);
		g_set_error_literal(&look->failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, "a message without a folder");
	}
	if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		g_error_free(failure);
	else if (failure != NULL)
		look->failure = failure;
}

/* What the batch did not tell another request may, unless one after the other fails. FALSE when nothing will do better.
 */
static gboolean
ask_alone(StoreAccount *self, GPtrArray *looks, gboolean broken, GCancellable *cancellable, GError **error)
{
	const GError *last = NULL;
	guint failures = 0;

	for (guint i = 0; i < looks->len; i++) {
		Look *look = g_ptr_array_index(looks, i);
		GError *failure = NULL;
		GraphMessage *there = NULL;

		if (look->failure == NULL || (!broken && is_refused(look)))
			continue;
		if (failures < FAILURES_IN_A_ROW)
			there = graph_message_get(self->client, look->row->id, cancellable, &failure);
		else
			failure = g_error_copy(last);
		take_answer(look, there, failure);
		if (look->failure != NULL && store_error_stops(look->failure)) {
			g_propagate_error(error, g_steal_pointer(&look->failure));
			return FALSE;
		}
		failures = look->failure != NULL && !is_refused(look) ? failures + 1 : 0;
		last = look->failure;
	}
	return TRUE;
}

static void
fail_all(GPtrArray *looks, const GError *failure)
{
	for (guint i = 0; i < looks->len; i++)
		((Look *)g_ptr_array_index(looks, i))->failure = g_error_copy(failure);
}

/* Fills in where each is, or the failure. FALSE when nothing will do better now. */
static gboolean
ask(StoreAccount *self, GPtrArray *looks, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphMessageBatch) batch = graph_message_batch_new(self->client);
	g_autoptr(GError) failure = NULL;

	if (!take_listed(self, looks, cancellable, &failure)) {
		fail_all(looks, failure);
	} else {
		for (guint i = 0; i < looks->len; i++)
			graph_message_batch_add_get(batch, ((Look *)g_ptr_array_index(looks, i))->row->id);
		graph_message_batch_run(batch, cancellable, &failure);
		for (guint i = 0; i < looks->len; i++) {
			GraphMessage *there = NULL;
			GError *reason = NULL;

			graph_message_batch_get(batch, i, &there, &reason);
			take_answer(g_ptr_array_index(looks, i), there, reason);
		}
	}
	if (failure != NULL && store_error_stops(failure)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	return is_away(failure) || ask_alone(self, looks, failure != NULL, cancellable, error);
}

static gboolean
is_in_trash(StoreAccount *self, const Look *look)
{
	gint64 place = store_folders_find_id(self->worker, look->there->parent_id);

	return place != 0 &&
	       (place == look->entry->folder || place == store_folders_find_role(self->worker, STORE_ROLE_TRASH));
}

/* The entry as it is by now: the host, and what else runs here, did not wait for the answer. */
static gboolean
conclude(StoreAccount *self, const Look *look, StoreChanges *changes, GError **error)
{
	g_autoptr(StoreEntry) entry = NULL;
	g_autoptr(StoreRow) row = NULL;
	const char *reason;

	/* What is not found the deletion itself does not find, either. */
	if (look->failure != NULL ? !is_refused(look) : look->there == NULL || is_in_trash(self, look))
		return TRUE;
	if (!read_deletion(self, look->entry->seq, &entry, &row, error))
		return FALSE;
	if (entry == NULL || entry->message != look->entry->message || !g_str_equal(row->id, look->row->id))
		return TRUE;
	entry->since = look->entry->since;
	reason = look->failure != NULL
			 ? look->failure->message
			 : _("It was changed elsewhere at the same time. Check for mail, then try again.");
	/* It may be where the service keeps what was deleted for good. */
	if (look->failure != NULL || store_folders_find_id(self->worker, look->there->parent_id) != 0)
		store_changes_add_refused(changes, store_refusal_describe(self->worker, entry, reason));
	return look->there != NULL ? store_push_write_spared(self, entry, look->there, changes, error)
				   : store_push_remove(self, entry, changes, error);
}

static gboolean
conclude_all(StoreAccount *self, GPtrArray *looks, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	if (transaction == NULL)
		return FALSE;
	for (guint i = 0; i < looks->len; i++) {
		if (!conclude(self, g_ptr_array_index(looks, i), changes, error))
			return FALSE;
	}
	return store_account_finish(self, &transaction, changes, error);
}

static gboolean
look_at_all(StoreAccount *self, GPtrArray *looks, GCancellable *cancellable, GError **error)
{
	guint64 since = store_settled_begin(self->settled);
	gboolean done;

	for (guint i = 0; i < looks->len; i++)
		((Look *)g_ptr_array_index(looks, i))->entry->since = since;
	done = ask(self, looks, cancellable, error) && conclude_all(self, looks, error);
	store_settled_end(self->settled, since);
	return done;
}

GPtrArray *
store_push_look_in_trash(StoreAccount *self, GError **first, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) unseen = g_ptr_array_new_with_free_func((GDestroyNotify)store_entry_free);
	g_autoptr(GPtrArray) looks = list_waiting(self, error);

	if (looks == NULL || (looks->len > 0 && !look_at_all(self, looks, cancellable, error)))
		return NULL;
	for (guint i = 0; i < looks->len; i++) {
		Look *look = g_ptr_array_index(looks, i);

		if (look->failure == NULL || is_refused(look))
			continue;
		if (*first == NULL)
			*first = g_steal_pointer(&look->failure);
		g_ptr_array_add(unseen, g_steal_pointer(&look->entry));
	}
	return g_steal_pointer(&unseen);
}
