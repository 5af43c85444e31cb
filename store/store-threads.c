/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-threads.h"

#define FIRST_LENGTH 22
#define ANSWER_LENGTH 5

typedef struct {
	gint64 key;
	gint64 host_folder;
	char *index;
	char *parent_id;
} Orphan;

static void
orphan_free(gpointer data)
{
	Orphan *self = data;

	g_free(self->index);
	g_free(self->parent_id);
	g_free(self);
}

static GPtrArray *
list_orphans(StoreDb *db, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GPtrArray) orphans = g_ptr_array_new_with_free_func(orphan_free);
	g_autoptr(StoreQuery) query =
		store_db_query(db, error,
			       "SELECT key, folder, conversation_index, parent_id FROM messages"
			       " WHERE server_folder = ? AND in_reply_to IS NULL AND reference_ids IS NULL"
			       " AND length(conversation_index) > 32",
			       "l", folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure)) {
		Orphan *orphan = g_new0(Orphan, 1);

		orphan->key = store_query_get_integer(query, 0);
		orphan->host_folder = store_query_get_integer(query, 1);
		orphan->index = store_query_dup_text(query, 2);
		orphan->parent_id = store_query_dup_text(query, 3);
		g_ptr_array_add(orphans, orphan);
	}
	if (failure == NULL)
		return g_steal_pointer(&orphans);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

/* Message ids by conversation index. Of mails with the same, a copied one, the first that was received. */
static GHashTable *
list_mails(StoreDb *db, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GHashTable) mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(StoreQuery) query =
		store_db_query(db, error,
			       "SELECT conversation_index, message_id FROM messages WHERE"
			       " server_folder = ? AND conversation_index IS NOT NULL AND message_id IS NOT NULL"
			       " ORDER BY received DESC",
			       "l", folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure))
		g_hash_table_insert(mails, store_query_dup_text(query, 0), store_query_dup_text(query, 1));
	if (failure == NULL)
		return g_steal_pointer(&mails);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

/* Who gives all mail one index answers nothing by it: it is not longer than that of another. */
static const char *
find_parent(GHashTable *mails, const Orphan *orphan)
{
	gsize length;
	g_autofree guchar *bytes = g_base64_decode(orphan->index, &length);

	if (length <= FIRST_LENGTH || (length - FIRST_LENGTH) % ANSWER_LENGTH != 0)
		return NULL;
	while (length > FIRST_LENGTH) {
		g_autofree char *index = g_base64_encode(bytes, length -= ANSWER_LENGTH);
		const char *message_id = g_hash_table_lookup(mails, index);

		if (message_id != NULL)
			return message_id;
	}
	return NULL;
}

gboolean
store_threads_resolve(StoreDb *db, gint64 folder, StoreChanges *changes, GError **error)
{
	g_autoptr(GPtrArray) orphans = list_orphans(db, folder, error);
	g_autoptr(GHashTable) mails = NULL;

	if (orphans == NULL || orphans->len == 0)
		return orphans != NULL;
	mails = list_mails(db, folder, error);
	if (mails == NULL)
		return FALSE;
	for (guint i = 0; i < orphans->len; i++) {
		const Orphan *orphan = g_ptr_array_index(orphans, i);
		const char *parent_id = find_parent(mails, orphan);

		if (g_strcmp0(parent_id, orphan->parent_id) == 0)
			continue;
		if (!store_db_run(db, error, "UPDATE messages SET parent_id = ? WHERE key = ?", "sl", parent_id,
				  orphan->key))
			return FALSE;
		store_changes_add_folder(changes, orphan->host_folder, 0);
	}
	return TRUE;
}

GHashTable *
store_threads_list_parents(StoreDb *db, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GHashTable) parents = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_autoptr(StoreQuery) query =
		store_db_query(db, error,
			       "SELECT number, parent_id FROM messages WHERE folder = ? AND parent_id IS NOT NULL"
			       " AND in_reply_to IS NULL AND reference_ids IS NULL",
			       "l", folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure))
		g_hash_table_insert(parents, GUINT_TO_POINTER((guint)store_query_get_integer(query, 0)),
				    store_query_dup_text(query, 1));
	if (failure == NULL)
		return g_steal_pointer(&parents);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}
