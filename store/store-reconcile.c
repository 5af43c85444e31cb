/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-error.h"
#include "graph-message-batch.h"
#include "graph-message.h"
#include "store-account-private.h"
#include "store-apply.h"
#include "store-folders.h"
#include "store-messages.h"

#define REQUESTS_A_ROUND 20
#define ASKED_ONE_BY_ONE 20
#define DOUBTS_AT_ONCE 300
#define LOOKS_AT_DOUBTS 3 /* whatever crosses them; then the next round looks */
#define AT_ONCE 2	  /* instead of a time; 1: listed anew */
#define COUNT_HERE "(SELECT count(*) FROM messages WHERE server_folder = folders.key)"

/* What delta is known to miss (CHECKED 4b) the plain list of a folder's ids tells. */

static gint64
get_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static gint64
get_interval(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	return self->reconcile_after;
}

/* The folder whose turn it is, 0 for none. One that was just filled was listed as a whole. */
static gint64
pick_folder(StoreAccount *self)
{
	store_db_run(self->worker, NULL,
		     "UPDATE folders SET reconciled = ? WHERE reconciled = 0 AND filled AND NOT initial", "l",
		     get_now());
	return store_db_get_integer(
		self->worker, 0, NULL,
		"SELECT key FROM folders WHERE id IS NOT NULL AND filled AND NOT initial AND NOT hidden"
		" AND NOT vanished AND reconciled > 0 AND reconciled <= ? ORDER BY reconciled LIMIT 1",
		"l", get_now() - get_interval(self));
}

static gboolean
note_done(StoreAccount *self, gint64 folder, GError **error)
{
	return store_db_run(self->worker, error,
			    "UPDATE folders SET reconciled = ?, surplus = coalesce(listed_total - " COUNT_HERE ", 0)"
			    " WHERE key = ?",
			    "ll", get_now(), folder);
}

/*
 * After the list of folders and before their messages: whose counters are those of the last time should have as many
 * here. If not, delta missed something (CHECKED 4b), and the list is compared without waiting for its day. It may also
 * be a counter that never agrees, since it counts what is no mail: by how much it differed then is no reason again.
 */
gboolean
store_reconcile_weigh(StoreAccount *self, GError **error)
{
	return store_db_run(
		self->worker, error,
		"UPDATE folders SET surplus = quiet.surplus, reconciled = iif(quiet.surplus != 0, ?1, reconciled)"
		" FROM (SELECT key, listed_total - " COUNT_HERE " AS surplus FROM folders"
		" WHERE id IS NOT NULL AND filled AND NOT initial AND NOT hidden AND NOT vanished AND reconciled > ?1"
		" AND synced_total = listed_total AND synced_unread = listed_unread) AS quiet"
		" WHERE folders.key = quiet.key AND folders.surplus != quiet.surplus",
		"i", AT_ONCE);
}

/*
 * Ids that only one side has in @folder; @ids, a set of those that the server listed, is used up. What the journal
 * settled in the meantime is no difference.
 */
static GPtrArray *
compare(StoreAccount *self, gint64 folder, GHashTable *ids, guint64 since)
{
	GPtrArray *different = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer id;

	{
		g_autoptr(StoreQuery) query = store_db_query(
			self->worker, NULL, "SELECT id FROM messages WHERE server_folder = ? AND id IS NOT NULL", "l",
			folder);

		while (query != NULL && store_query_next(query, NULL)) {
			const char *here = store_query_get_text(query, 0);

			if (!g_hash_table_remove(ids, here) && !store_settled_get(self->settled, here, since).place)
				g_ptr_array_add(different, g_strdup(here));
		}
	}
	g_hash_table_iter_init(&iter, ids);
	while (g_hash_table_iter_next(&iter, &id, NULL)) {
		StoreSettlement settled = store_settled_get(self->settled, id, since);

		if (!settled.place && !settled.deleted)
			g_ptr_array_add(different, g_strdup(id));
	}
	return different;
}

/*
 * @message %NULL: it is not there any more, which the search for what is astray asks once more. @folder 0: it is in
 * none here. A page that told of it meanwhile may be the newer one.
 */
static gboolean
apply(StoreAccount *self, gint64 folder, const char *id, const GraphMessage *message, guint64 since, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);
	GraphMessage removed = {.id = (char *)id, .removed = TRUE};
	StorePage page = {
		.db = self->worker,
		.folder = folder,
		.announce = TRUE,
		.settled = self->settled,
		.since = since,
		.changes = changes,
	};

	if (transaction == NULL)
		return FALSE;
	if (store_settled_was_told(self->settled, id, since)) {
		store_settled_doubt(self->settled, id);
		return TRUE;
	}
	if (message != NULL && message->parent_id != NULL)
		page.folder = store_folders_find_id(self->worker, message->parent_id);
	page.generation = store_db_get_integer(self->worker, 0, NULL, "SELECT generation FROM folders WHERE key = ?",
					       "l", page.folder);

	/* In a folder that nobody knows yet: its own list brings it. */
	if (page.folder == 0)
		page.folder = folder;
	else if (message != NULL)
		return store_apply_message(&page, message, error) &&
		       store_account_finish(self, &transaction, changes, error);
	return page.folder == 0 || (store_apply_message(&page, &removed, error) &&
				    store_account_finish(self, &transaction, changes, error));
}

GraphMessage *
store_reconcile_ask(StoreAccount *self, const char *id, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	GraphMessage *message = graph_message_get(self->client, id, cancellable, &failure);

	if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return graph_message_get(self->client, id, cancellable, error);
	if (failure != NULL)
		g_propagate_error(error, g_steal_pointer(&failure));
	return message;
}

static gboolean
look_at(StoreAccount *self, gint64 folder, const char *id, GCancellable *cancellable, GError **error)
{
	guint64 since = store_settled_begin(self->settled);
	g_autoptr(GError) failure = NULL;
	g_autoptr(GraphMessage) message = store_reconcile_ask(self, id, cancellable, &failure);
	gboolean done = message != NULL || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);

	if (!done)
		g_propagate_error(error, g_steal_pointer(&failure));
	done = done && store_gate_wait(self->gate, STORE_GATE_CREATE, cancellable, error) &&
	       apply(self, folder, id, message, since, error);
	store_settled_end(self->settled, since);
	return done;
}

/* For the same reason, just now: where the lists never agree it would be so for ever. */
static gboolean
was_listed_anew(StoreAccount *self, gint64 folder)
{
	return store_db_get_integer(self->worker, 0, NULL, "SELECT reconciled = 1 FROM folders WHERE key = ?", "l",
				    folder) != 0;
}

static gboolean
reconcile(StoreAccount *self, gint64 folder, guint *requests, GCancellable *cancellable, GError **error)
{
	g_autofree char *id =
		store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", folder);
	guint64 since = store_settled_begin(self->settled);
	g_autoptr(GHashTable) ids =
		id != NULL ? graph_message_list_ids(self->client, id, requests, cancellable, error) : NULL;
	g_autoptr(GPtrArray) different = ids != NULL ? compare(self, folder, ids, since) : NULL;

	store_settled_end(self->settled, since);
	if (different == NULL)
		return id == NULL && note_done(self, folder, error);
	if (different->len > ASKED_ONE_BY_ONE && !was_listed_anew(self, folder))
		return store_folders_start_over(self->worker, folder, error);
	for (guint i = 0; i < MIN(different->len, ASKED_ONE_BY_ONE); i++) {
		if (!look_at(self, folder, g_ptr_array_index(different, i), cancellable, error))
			return FALSE;
		++*requests;
	}
	return note_done(self, folder, error);
}

gboolean
store_reconcile_run(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	guint requests = 0;

	while (requests < REQUESTS_A_ROUND) {
		gint64 folder = pick_folder(self);
		gboolean done;

		if (folder == 0)
			break;
		if (!store_gate_enter(self->gate, folder, cancellable, error))
			return FALSE;
		done = reconcile(self, folder, &requests, cancellable, error);
		store_gate_leave(self->gate, folder);
		if (!done)
			return FALSE;
	}
	return TRUE;
}

static gint64
find_folder(StoreAccount *self, const char *id)
{
	return store_db_get_integer(self->worker, 0, NULL, "SELECT server_folder FROM messages WHERE id = ?", "s", id);
}

/* Empty for a single one; what it does not tell of, for whatever reason, is asked for by itself. */
static GraphMessageBatch *
ask_together(StoreAccount *self, GPtrArray *ids, GCancellable *cancellable)
{
	GraphMessageBatch *batch = graph_message_batch_new(self->client);
	g_autoptr(GError) failure = NULL;

	if (ids->len == 1)
		return batch;
	for (guint i = 0; i < ids->len; i++)
		graph_message_batch_add_get(batch, g_ptr_array_index(ids, i));
	if (!graph_message_batch_run(batch, cancellable, &failure))
		graph_client_log(self->client, failure->message);
	return batch;
}

/* What nobody could ask for is in doubt again; so is what another answer told of meanwhile. */
static gboolean
look_at_doubts(StoreAccount *self, GPtrArray *ids, gboolean *again, GCancellable *cancellable, GError **error)
{
	guint64 since = store_settled_begin(self->settled);
	g_autoptr(GraphMessageBatch) batch = ask_together(self, ids, cancellable);
	guint alone = 0;
	gboolean goes_on = store_gate_wait(self->gate, STORE_GATE_CREATE, cancellable, error);

	for (guint i = 0; i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		gint64 folder = find_folder(self, id);
		g_autoptr(GraphMessage) message = NULL;
		g_autoptr(GError) failure = NULL;
		gboolean done = FALSE;

		if (goes_on && ids->len > 1 && graph_message_batch_get(batch, i, &message, NULL))
			done = apply(self, folder, id, message, since, &failure);
		else if (goes_on && alone++ < ASKED_ONE_BY_ONE)
			done = look_at(self, folder, id, cancellable, &failure);
		if (done)
			continue;
		store_settled_doubt(self->settled, id);
		*again = FALSE;
		if (failure == NULL)
			continue;
		if (store_error_stops(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			goes_on = FALSE;
		} else {
			graph_client_log(self->client, failure->message);
		}
	}
	store_settled_end(self->settled, since);
	return goes_on;
}

gboolean
store_reconcile_doubts(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	gboolean again = TRUE;

	for (guint i = 0; i < LOOKS_AT_DOUBTS && again; i++) {
		g_autoptr(GPtrArray) ids = store_settled_take_doubts(self->settled, DOUBTS_AT_ONCE);

		if (ids->len == 0)
			return TRUE;
		if (!look_at_doubts(self, ids, &again, cancellable, error))
			return FALSE;
	}
	return TRUE;
}
