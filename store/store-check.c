/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-folder.h"
#include "graph-message-batch.h"
#include "graph-message.h"
#include "graph-user.h"
#include "store-account-private.h"
#include "store-apply.h"
#include "store-folders.h"
#include "store-messages.h"

#define UNAVAILABLE_IN_A_ROW 3
#define ASKED_ONE_BY_ONE 20
#define ASKED_TOGETHER 300 /* messages of a thorough round; the others wait for the next */
#define LIST_PAGE 500

/* Whose mailbox it is; asked until it is answered. Mail does not wait for it: the permission may be missing. */
static gboolean
learn_owner(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	g_autofree char *address = store_account_get_value(self->worker, "address");
	g_autoptr(GraphUser) user = NULL;
	g_autoptr(GError) failure = NULL;
	const char *best;

	if (address != NULL)
		return TRUE;
	if (graph_client_get_mailbox(self->client) != NULL)
		return store_account_set_value(self->worker, "address", graph_client_get_mailbox(self->client), error);
	user = graph_user_get_me(self->client, cancellable, &failure);
	if (user == NULL) {
		if (!store_error_stops(failure)) {
			graph_client_log(self->client, failure->message);
			return TRUE;
		}
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	best = user->mail != NULL ? user->mail : user->principal_name;
	return best == NULL || (store_account_set_value(self->worker, "address", best, error) &&
				store_account_set_value(self->worker, "display_name", user->display_name, error));
}

/* Not every mailbox has an archive. */
static gboolean
has_all_roles(StoreDb *db)
{
	return store_db_get_integer(db, 0, NULL,
				    "SELECT count(*) FROM folders WHERE role NOT IN (0, ?) AND NOT vanished", "i",
				    (int)STORE_ROLE_ARCHIVE) >= 5;
}

/* A service without the names, or that fails on them: one by one, and without those that do not answer. */
static GHashTable *
fetch_roles(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GHashTable) ids =
		graph_folder_list_well_known(self->client, store_folders_get_well_known(), cancellable, &failure);

	if (ids != NULL)
		return g_steal_pointer(&ids);
	if (store_error_stops(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	graph_client_log(self->client, failure->message);
	ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (const char *const *name = store_folders_get_well_known(); *name != NULL; name++) {
		g_autoptr(GError) reason = NULL;
		g_autoptr(GraphFolder) folder = graph_folder_get(self->client, *name, cancellable, &reason);

		if (folder != NULL) {
			g_hash_table_insert(ids, g_strdup(*name), g_strdup(folder->id));
		} else if (store_error_stops(reason)) {
			g_propagate_error(error, g_steal_pointer(&reason));
			return NULL;
		} else if (!g_error_matches(reason, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			graph_client_log(self->client, reason->message);
		}
	}
	return g_steal_pointer(&ids);
}

static gboolean
apply_roles(StoreAccount *self, GHashTable *ids, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	return transaction != NULL && store_folders_apply_roles(self->worker, ids, changes, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

static gboolean
apply_folders(StoreAccount *self, GPtrArray *folders, GPtrArray *gone, gboolean *arrived, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	return transaction != NULL && store_folders_apply(self->worker, folders, gone, arrived, changes, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

/* Those that are shown here and that the list leaves out; (element-type utf8). */
static GPtrArray *
list_missing(StoreAccount *self, GPtrArray *folders)
{
	GPtrArray *missing = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(StoreQuery) query = store_db_query(
		self->worker, NULL, "SELECT id FROM folders WHERE id IS NOT NULL AND NOT hidden AND NOT vanished", "");

	for (guint i = 0; i < folders->len; i++)
		g_hash_table_add(listed, ((GraphFolder *)g_ptr_array_index(folders, i))->id);
	while (query != NULL && store_query_next(query, NULL)) {
		if (!g_hash_table_contains(listed, store_query_get_text(query, 0)))
			g_ptr_array_add(missing, store_query_dup_text(query, 0));
	}
	return missing;
}

/*
 * A folder goes with all its mail: what one list leaves out is asked for by itself, and what is there is taken as
 * listed; only what is not found is @gone. It is a rare request.
 */
static gboolean
find_missing(StoreAccount *self, GPtrArray *folders, GPtrArray *gone, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) missing = list_missing(self, folders);

	for (guint i = 0; i < missing->len; i++) {
		const char *id = g_ptr_array_index(missing, i);
		g_autoptr(GError) failure = NULL;
		GraphFolder *folder = graph_folder_get(self->client, id, cancellable, &failure);

		if (folder != NULL) {
			g_ptr_array_add(folders, folder);
		} else if (store_error_stops(failure)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		} else if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			g_ptr_array_add(gone, g_strdup(id));
		} else {
			graph_client_log(self->client, failure->message);
		}
	}
	return TRUE;
}

static gboolean
sync_tree(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) folders = graph_folder_list(self->client, cancellable, error);
	g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) ids = NULL;
	gboolean arrived;

	if (folders == NULL)
		return FALSE;
	if (folders->len == 0) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The service lists no folder at all."));
		return FALSE;
	}
	if (!find_missing(self, folders, gone, cancellable, error) ||
	    !apply_folders(self, folders, gone, &arrived, error))
		return FALSE;
	if (!arrived && has_all_roles(self->worker))
		return TRUE;
	ids = fetch_roles(self, cancellable, error);
	return ids != NULL && apply_roles(self, ids, error);
}

static gboolean
run_tree(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	gboolean done;

	if (!store_gate_enter(self->gate, STORE_GATE_TREE, cancellable, error))
		return FALSE;
	done = sync_tree(self, cancellable, error);
	store_gate_leave(self->gate, STORE_GATE_TREE);
	return done;
}

/* A folder to synchronise; @link: a delta link to ask first whether there is anything, where no counter tells. */
typedef struct {
	gint64 key;
	char *link;
	gboolean quiet;
} Due;

static void
due_free(Due *due)
{
	g_free(due->link);
	g_free(due);
}

/* The open folder, then the Inbox, then those with a role, then what never was filled, then the others. */
static GPtrArray *
list_due(StoreAccount *self, gint64 open, gboolean thorough)
{
	GPtrArray *due = g_ptr_array_new_with_free_func((GDestroyNotify)due_free);
	g_autoptr(StoreQuery) query = store_db_query(
		self->worker, NULL,
		"SELECT key, iif(filled AND NOT initial AND NOT sizes AND synced_total IS listed_total"
		" AND synced_unread IS listed_unread, link, NULL) FROM folders"
		" WHERE id IS NOT NULL AND NOT hidden AND NOT vanished AND"
		" (?2 OR key = ?1 OR role = ?3 OR NOT filled OR sizes OR synced_total IS NOT listed_total"
		" OR synced_unread IS NOT listed_unread)"
		" ORDER BY key != ?1, role != ?3, role = 0, filled, name",
		"lii", open, thorough, (int)STORE_ROLE_INBOX);

	while (query != NULL && store_query_next(query, NULL)) {
		Due *one = g_new0(Due, 1);

		one->key = store_query_get_integer(query, 0);
		one->link = store_query_dup_text(query, 1);
		g_ptr_array_add(due, one);
	}
	return due;
}

/* Whatever else asked the folder meanwhile has a newer link than @next. */
static gboolean
note_quiet(StoreAccount *self, const Due *due, const char *next, GError **error)
{
	return store_db_run(self->worker, error,
			    "UPDATE folders SET link = ?1, synced_total = listed_total, synced_unread = listed_unread"
			    " WHERE key = ?2 AND link IS ?3 AND NOT initial",
			    "sls", next, due->key, due->link);
}

/*
 * Many delta links are asked at once whether there is anything; one whose folder is quiet is done with. What the answer
 * does not tell is asked folder by folder, so that a failure is only one that stops everything.
 */
static gboolean
probe_due(StoreAccount *self, GPtrArray *due, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) probed = g_ptr_array_new();
	g_autoptr(GPtrArray) links = g_ptr_array_new();
	g_autoptr(GPtrArray) next = NULL;
	g_autoptr(GError) failure = NULL;

	for (guint i = 0; i < due->len; i++) {
		Due *one = g_ptr_array_index(due, i);

		if (one->link == NULL)
			continue;
		g_ptr_array_add(probed, one);
		g_ptr_array_add(links, one->link);
	}
	if (links->len < 2)
		return TRUE;
	next = graph_message_probe(self->client, links, cancellable, &failure);
	if (next == NULL) {
		if (!store_error_stops(failure)) {
			graph_client_log(self->client, failure->message);
			return TRUE;
		}
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	for (guint i = 0; i < next->len; i++) {
		Due *one = g_ptr_array_index(probed, i);
		const char *link = g_ptr_array_index(next, i);

		one->quiet = link != NULL;
		if (one->quiet && !note_quiet(self, one, link, error))
			return FALSE;
	}
	return TRUE;
}

static void
keep_first(GError **first, GError **failure)
{
	if (*first == NULL)
		*first = g_steal_pointer(failure);
	else
		g_clear_error(failure);
}

/* FALSE when it makes no sense to go on; another failure is kept in @first. */
static gboolean
sync_due(StoreAccount *self, gint64 open, gboolean thorough, GCancellable *cancellable, GError **first)
{
	g_autoptr(GPtrArray) due = list_due(self, open, thorough);
	g_autoptr(GError) trouble = NULL;
	guint unavailable = 0;

	store_account_tell_progress(self, _("Checking the folders"), 0, due->len);
	if (!probe_due(self, due, cancellable, &trouble)) {
		keep_first(first, &trouble);
		return FALSE;
	}
	for (guint i = 0; i < due->len; i++) {
		g_autoptr(GError) failure = NULL;
		const Due *one = g_ptr_array_index(due, i);
		gboolean stops;

		if (one->quiet)
			continue;
		store_account_tell_progress(self, _("Checking the folders"), i, due->len);
		if (store_sync_run(self, one->key, cancellable, &failure)) {
			unavailable = 0;
			continue;
		}
		unavailable = g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) ? unavailable + 1 : 0;
		stops = store_error_stops(failure) || unavailable >= UNAVAILABLE_IN_A_ROW;
		keep_first(first, &failure);
		if (stops)
			return FALSE;
	}
	return TRUE;
}

static GPtrArray *
list_astray(StoreAccount *self, guint most)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(StoreQuery) query = store_db_query(
		self->worker, NULL, "SELECT id FROM messages WHERE server_folder IS NULL AND id IS NOT NULL LIMIT ?",
		"i", (int)most);

	while (query != NULL && store_query_next(query, NULL))
		g_ptr_array_add(ids, store_query_dup_text(query, 0));
	return ids;
}

/* @message %NULL: it is gone. It may have been found in the meantime, or told of: then the next round asks again. */
static gboolean
settle_astray(StoreAccount *self, const char *id, const GraphMessage *message, guint64 since, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);
	g_autoptr(StoreRow) row = NULL;
	StorePage page = {.db = self->worker, .settled = self->settled, .since = since, .changes = changes};

	if (transaction == NULL)
		return FALSE;
	row = store_messages_find_id(self->worker, id, NULL);
	if (row == NULL || row->server_folder != 0 || store_settled_was_told(self->settled, id, since))
		return TRUE;
	page.folder = message != NULL && message->parent_id != NULL
			      ? store_folders_find_id(self->worker, message->parent_id)
			      : 0;
	page.generation = store_db_get_integer(self->worker, 0, NULL, "SELECT generation FROM folders WHERE key = ?",
					       "l", page.folder);

	/* In a folder that nobody knows: what waits for the message can still reach it. */
	if (message != NULL && page.folder == 0 &&
	    store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM journal WHERE message = ?1 OR source = ?1", "l",
				 row->key) != 0)
		return TRUE;
	if (page.folder != 0 ? !store_apply_message(&page, message, error)
			     : !store_messages_drop(self->worker, row->key, changes, error))
		return FALSE;
	return store_account_finish(self, &transaction, changes, error);
}

/* More left one folder than are asked for in a round: what is still in it, its list tells with fewer requests. */
static gboolean
find_in_list(StoreAccount *self, gint64 folder, GCancellable *cancellable, GError **error)
{
	g_autofree char *id =
		store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", folder);
	g_autofree char *link = NULL;
	gboolean more = id != NULL;

	while (more) {
		guint64 since = store_settled_begin(self->settled);
		g_autoptr(GError) failure = NULL;
		g_autoptr(GraphMessagePage) page =
			graph_message_list(self->client, id, link, LIST_PAGE, cancellable, &failure);
		gboolean done = page != NULL;

		for (guint i = 0; done && i < page->messages->len; i++) {
			const GraphMessage *message = g_ptr_array_index(page->messages, i);

			if (store_db_get_integer(self->worker, 0, NULL,
						 "SELECT 1 FROM messages WHERE id = ? AND server_folder IS NULL", "s",
						 message->id) != 0)
				done = settle_astray(self, message->id, message, since, error);
		}
		store_settled_end(self->settled, since);
		/* The folder went as well: each of them is asked for by itself. */
		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
			return TRUE;
		if (failure != NULL)
			g_propagate_error(error, g_steal_pointer(&failure));
		if (!done)
			return FALSE;
		g_free(link);
		link = g_strdup(page->next_link);
		more = link != NULL;
	}
	return TRUE;
}

static gboolean
find_crowds(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GArray) folders = store_db_list_integers(
		self->worker, error,
		"SELECT origin FROM messages WHERE server_folder IS NULL AND id IS NOT NULL AND origin IS NOT NULL"
		" GROUP BY origin HAVING count(*) > ?1 AND"
		" (SELECT count(*) FROM messages WHERE server_folder IS NULL AND id IS NOT NULL) > ?2",
		"ii", ASKED_ONE_BY_ONE, ASKED_TOGETHER);

	if (folders == NULL)
		return FALSE;
	for (guint i = 0; i < folders->len; i++) {
		if (!find_in_list(self, g_array_index(folders, gint64, i), cancellable, error))
			return FALSE;
	}
	return TRUE;
}

/* What has its answer is no longer among @ids. */
static gboolean
ask_together(StoreAccount *self, GPtrArray *ids, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphMessageBatch) batch = graph_message_batch_new(self->client);
	guint64 since = store_settled_begin(self->settled);
	g_autoptr(GError) failure = NULL;
	gboolean done = TRUE;

	for (guint i = 0; i < ids->len; i++)
		graph_message_batch_add_get(batch, g_ptr_array_index(ids, i));
	graph_message_batch_run(batch, cancellable, &failure);
	for (guint i = ids->len; done && i-- > 0;) {
		g_autoptr(GraphMessage) message = NULL;
		g_autoptr(GError) reason = NULL;

		if (!graph_message_batch_get(batch, i, &message, &reason) &&
		    !g_error_matches(reason, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
			continue;
		done = settle_astray(self, g_ptr_array_index(ids, i), message, since, error);
		g_ptr_array_remove_index(ids, i);
	}
	store_settled_end(self->settled, since);
	if (!done || failure == NULL)
		return done;
	if (store_error_stops(failure)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	graph_client_log(self->client, failure->message);
	return TRUE;
}

/*
 * What left its folder and was not seen in another one is asked for by its id before it is given up (CHECKED 4b, 4c):
 * together, and what that does not tell by itself. @everywhere: all folders were looked at; if not, many may only have
 * gone where nobody looked: some are asked for, the others wait.
 */
static gboolean
find_astray(StoreAccount *self, gboolean everywhere, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) ids = NULL;

	if (everywhere && !find_crowds(self, cancellable, error))
		return FALSE;
	ids = list_astray(self, everywhere ? ASKED_TOGETHER : ASKED_ONE_BY_ONE);
	if (ids->len > 1 && !ask_together(self, ids, cancellable, error))
		return FALSE;
	for (guint i = 0; i < MIN(ids->len, ASKED_ONE_BY_ONE); i++) {
		const char *id = g_ptr_array_index(ids, i);
		g_autoptr(GError) failure = NULL;
		g_autoptr(GraphMessage) message = NULL;
		guint64 since = store_settled_begin(self->settled);
		gboolean done;

		message = graph_message_get(self->client, id, cancellable, &failure);
		done = message != NULL || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
		if (done)
			done = settle_astray(self, id, message, since, error);
		else
			g_propagate_error(error, g_steal_pointer(&failure));
		store_settled_end(self->settled, since);
		if (!done)
			return FALSE;
	}
	return TRUE;
}

static gboolean
drop_vanished(StoreAccount *self, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	return transaction != NULL && store_folders_drop_vanished(self->worker, changes, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

static gboolean
check(StoreAccount *self, gint64 open, gboolean thorough, GCancellable *cancellable, GError **first)
{
	g_autoptr(GError) failure = NULL;

	if (!store_push_run(self, FALSE, cancellable, &failure)) {
		gboolean stops = store_error_stops(failure);

		keep_first(first, &failure);
		if (stops)
			return FALSE;
	}
	if (!learn_owner(self, cancellable, &failure) || !run_tree(self, cancellable, &failure) ||
	    (thorough && !store_reconcile_weigh(self, &failure))) {
		keep_first(first, &failure);
		return FALSE;
	}
	if (!sync_due(self, open, thorough, cancellable, first))
		return FALSE;
	if (thorough && !store_reconcile_run(self, cancellable, &failure)) {
		gboolean stops = store_error_stops(failure);

		keep_first(first, &failure);
		if (stops)
			return FALSE;
	}
	if (!store_reconcile_doubts(self, cancellable, &failure)) {
		gboolean stops = store_error_stops(failure);

		keep_first(first, &failure);
		if (stops)
			return FALSE;
	}
	if (!find_astray(self, thorough && *first == NULL, cancellable, &failure) || !drop_vanished(self, &failure))
		keep_first(first, &failure);
	return *first == NULL;
}

gboolean
store_check_run(StoreAccount *self, gint64 open, gboolean thorough, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) first = NULL;
	gboolean done;

	if (thorough)
		store_db_run(self->worker, NULL, "DELETE FROM account WHERE name = ?", "s", STORE_CLOSED);
	done = check(self, open, thorough, cancellable, &first);
	store_account_tell_progress(self, NULL, 0, 0);
	if (done) {
		g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, g_get_real_time() / G_USEC_PER_SEC);

		return store_account_set_value(self->worker, "last_check", now, error);
	}
	g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}
