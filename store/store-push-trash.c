/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-message-batch.h"
#include "store-folders.h"
#include "store-push.h"
#include "store-refusal.h"

#define FRESH_SECONDS 300 /* what was deleted less long ago is where it was seen */
#define ASKED_UNLISTED 20 /* fit into one request, as a list does */

/* Deletions from Deleted Items that waited; of StoreEntry. */
static GPtrArray *
list_waiting(StoreAccount *self, gint64 trash, GError **error)
{
	GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)store_entry_free);
	g_autoptr(GError) failure = NULL;
	g_autoptr(GArray) seqs = store_db_list_integers(
		self->worker, &failure,
		"SELECT j.seq FROM journal j JOIN messages m ON m.key = j.message WHERE j.kind = ?1 AND j.folder = ?2"
		" AND m.id IS NOT NULL AND abs(j.created - ?3) > ?4 ORDER BY j.seq",
		"illi", (int)STORE_JOURNAL_DELETE, trash, g_get_real_time() / G_USEC_PER_SEC, FRESH_SECONDS);

	for (guint i = 0; seqs != NULL && failure == NULL && i < seqs->len; i++) {
		StoreEntry *entry = store_journal_get_next(self->worker, g_array_index(seqs, gint64, i) - 1, &failure);

		if (entry != NULL)
			g_ptr_array_add(entries, entry);
	}
	if (failure == NULL)
		return entries;
	g_propagate_error(error, g_steal_pointer(&failure));
	g_ptr_array_unref(entries);
	return NULL;
}

static char *
get_id(StoreAccount *self, const StoreEntry *entry)
{
	return store_db_get_text(self->worker, NULL, "SELECT id FROM messages WHERE key = ?", "l", entry->message);
}

/* Those that are still there leave @entries. Where there is no list each is asked for. */
static void
take_listed(StoreAccount *self, const char *trash, GPtrArray *entries, GCancellable *cancellable)
{
	guint requests = 0;
	g_autoptr(GHashTable) ids = NULL;

	if (entries->len <= ASKED_UNLISTED)
		return;
	ids = graph_message_list_ids(self->client, trash, &requests, cancellable, NULL);
	for (guint i = entries->len; ids != NULL && i-- > 0;) {
		g_autofree char *id = get_id(self, g_ptr_array_index(entries, i));

		if (id != NULL && g_hash_table_contains(ids, id))
			g_ptr_array_remove_index(entries, i);
	}
}

static gboolean
spare(StoreAccount *self, StoreEntry *entry, GError **error)
{
	return store_push_undo(
		self, entry,
		store_refusal_describe(self->worker, entry,
				       _("It was changed elsewhere at the same time. Check for mail, then try again.")),
		error);
}

/* FALSE: nobody can tell. @there: (nullable): %NULL, too, when it is gone. */
static gboolean
find(StoreAccount *self, GraphMessageBatch *batch, guint index, const char *id, GraphMessage **there,
     GCancellable *cancellable)
{
	g_autoptr(GError) reason = NULL;

	if (!graph_message_batch_get(batch, index, there, &reason) &&
	    !g_error_matches(reason, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
		g_clear_error(&reason);
		*there = graph_message_get(self->client, id, cancellable, &reason);
	}
	if (reason == NULL || g_error_matches(reason, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return TRUE;
	graph_client_log(self->client, reason->message);
	return FALSE;
}

GPtrArray *
store_push_spare_rescued(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	gint64 trash = store_folders_find_role(self->worker, STORE_ROLE_TRASH);
	g_autofree char *trash_id =
		store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", trash);
	g_autoptr(GraphMessageBatch) batch = graph_message_batch_new(self->client);
	g_autoptr(GPtrArray) entries = list_waiting(self, trash, error);
	g_autoptr(GError) failure = NULL;

	if (entries == NULL || trash_id == NULL)
		return g_steal_pointer(&entries);
	take_listed(self, trash_id, entries, cancellable);
	for (guint i = 0; i < entries->len; i++) {
		g_autofree char *id = get_id(self, g_ptr_array_index(entries, i));

		graph_message_batch_add_get(batch, id);
	}
	if (entries->len > 0 && !graph_message_batch_run(batch, cancellable, &failure) &&
	    (store_error_stops(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE))) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	for (guint i = entries->len; i-- > 0;) {
		StoreEntry *entry = g_ptr_array_index(entries, i);
		g_autofree char *id = get_id(self, entry);
		g_autoptr(GraphMessage) there = NULL;

		if (!find(self, batch, i, id, &there, cancellable))
			continue;
		if (there != NULL && there->parent_id != NULL && !g_str_equal(there->parent_id, trash_id) &&
		    !spare(self, entry, error))
			return NULL;
		g_ptr_array_remove_index(entries, i);
	}
	return g_steal_pointer(&entries);
}
