/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-messages.h"

#include "store-folders.h"
#include "store-journal.h"
#include "store-text.h"

#define ROW "key, id, folder, number, server_folder, flags, server_flags, deleted"
#define RECORD                                                                                \
	"number, flags, id, subject, sender, recipients, cc, reply_to, message_id,"           \
	" coalesce(in_reply_to, iif(reference_ids IS NULL, parent_id, NULL)), reference_ids," \
	" categories, sent, received, size"

void
store_row_free(StoreRow *self)
{
	if (self == NULL)
		return;
	g_free(self->id);
	g_free(self);
}

static StoreRow *
read_row(StoreQuery *query, GError **error)
{
	StoreRow *self;

	if (query == NULL || !store_query_next(query, error))
		return NULL;
	self = g_new0(StoreRow, 1);
	self->key = store_query_get_integer(query, 0);
	self->id = store_query_dup_text(query, 1);
	self->folder = store_query_get_integer(query, 2);
	self->number = store_query_get_integer(query, 3);
	self->server_folder = store_query_get_integer(query, 4);
	self->flags = store_query_get_integer(query, 5);
	self->server_flags = store_query_get_integer(query, 6);
	self->deleted = store_query_get_integer(query, 7) != 0;
	return self;
}

StoreRow *
store_messages_find(StoreDb *db, gint64 key, GError **error)
{
	g_autoptr(StoreQuery) query = store_db_query(db, error, "SELECT " ROW " FROM messages WHERE key = ?", "l", key);

	return read_row(query, error);
}

StoreRow *
store_messages_find_number(StoreDb *db, gint64 folder, guint32 number, GError **error)
{
	g_autoptr(StoreQuery) query =
		store_db_query(db, error, "SELECT " ROW " FROM messages WHERE folder = ? AND number = ?", "ll", folder,
			       (gint64)number);

	return read_row(query, error);
}

StoreRow *
store_messages_find_id(StoreDb *db, const char *id, GError **error)
{
	g_autoptr(StoreQuery) query = store_db_query(db, error, "SELECT " ROW " FROM messages WHERE id = ?", "s", id);

	return read_row(query, error);
}

gboolean
store_messages_place(StoreDb *db, gint64 key, gint64 folder, guint32 *number, StoreChanges *changes, GError **error)
{
	guint32 taken = 0;
	gint64 before = store_db_get_integer(db, 0, error, "SELECT folder FROM messages WHERE key = ?", "l", key);

	if (folder != 0 && !store_folders_take_number(db, folder, &taken, error))
		return FALSE;
	if (!store_db_run(db, error, "UPDATE messages SET folder = ?, number = ? WHERE key = ?", "zzl", folder,
			  (gint64)taken, key))
		return FALSE;
	store_changes_add_folder(changes, before, 0);
	store_changes_add_folder(changes, folder, 0);
	if (number != NULL)
		*number = taken;
	return TRUE;
}

gboolean
store_messages_settle(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = store_messages_find(db, key, &failure);
	StorePending pending;
	StoreFlags flags;
	gint64 folder;

	if (row == NULL) {
		if (failure != NULL)
			g_propagate_error(error, g_steal_pointer(&failure));
		return failure == NULL;
	}
	if (!store_journal_get_pending(db, key, &pending, error))
		return FALSE;

	flags = (row->flags & ~STORE_FLAGS_SERVER) | (row->server_flags & ~pending.mask) | (row->flags & pending.mask);
	if (flags & STORE_FLAG_READ)
		flags &= ~STORE_FLAG_NEW;
	if (!store_db_run(db, error,
			  "UPDATE messages SET flags = ?1, deleted = ?2,"
			  " categories = CASE WHEN ?3 THEN categories ELSE server_categories END"
			  " WHERE key = ?4 AND (flags != ?1 OR deleted != ?2 OR (NOT ?3 AND categories !="
			  " server_categories))",
			  "iiil", (int)flags, pending.deleted, pending.categories, key))
		return FALSE;
	if (store_db_get_changes(db) > 0)
		store_changes_add_folder(changes, row->folder, 0);

	folder = pending.deleted ? 0 : pending.place ? row->folder : row->server_folder;
	return folder == row->folder || store_messages_place(db, key, folder, NULL, changes, error);
}

gboolean
store_messages_settle_each(StoreDb *db, GArray *keys, StoreChanges *changes, GError **error)
{
	for (guint i = 0; i < keys->len; i++) {
		if (!store_messages_settle(db, g_array_index(keys, gint64, i), changes, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
store_messages_drop(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	gint64 folder = store_db_get_integer(db, 0, error, "SELECT folder FROM messages WHERE key = ?", "l", key);

	if (!store_db_run(db, error, "DELETE FROM journal WHERE message = ?", "l", key))
		return FALSE;
	changes->journal |= store_db_get_changes(db) > 0;
	if (!store_db_run(db, error, "DELETE FROM messages WHERE key = ?", "l", key))
		return FALSE;
	store_changes_add_folder(changes, folder, 0);
	store_changes_add_body(changes, key);
	return TRUE;
}

gboolean
store_messages_was_changed(StoreDb *db, gint64 key, gint64 modified)
{
	return store_db_get_integer(db, 0, NULL,
				    "SELECT 1 FROM messages WHERE key = ? AND server_flags & ? AND modified < ?", "lil",
				    key, (int)STORE_FLAG_DRAFT, modified) != 0;
}

gint64
store_messages_duplicate(StoreDb *db, gint64 key, GError **error)
{
	if (!store_db_run(db, error,
			  "INSERT INTO messages (flags, server_flags, categories, server_categories, subject, sender,"
			  " recipients, cc, reply_to, message_id, in_reply_to, reference_ids, conversation_id,"
			  " conversation_index, sent, received, size, host_lines)"
			  " SELECT flags & ~?1, flags & ~?1, categories, categories, subject, sender,"
			  " recipients, cc, reply_to, message_id, in_reply_to, reference_ids, conversation_id,"
			  " conversation_index, sent, received, size, host_lines FROM messages WHERE key = ?2",
			  "il", (int)(STORE_FLAG_NEW | STORE_FLAG_BODY), key))
		return 0;
	return store_db_get_last_key(db);
}

gboolean
store_messages_set_local(StoreDb *db, gint64 key, StoreFlags set, StoreFlags clear, GError **error)
{
	return store_db_run(db, error, "UPDATE messages SET flags = (flags | ?1) & ~?2 WHERE key = ?3", "iil", (int)set,
			    (int)clear, key);
}

gboolean
store_messages_set_astray(StoreDb *db, gint64 key, GError **error)
{
	return store_db_run(db, error,
			    "UPDATE messages SET origin = server_folder, server_folder = NULL WHERE key = ?"
			    " AND server_folder IS NOT NULL",
			    "l", key);
}

gboolean
store_messages_set_lines(StoreDb *db, gint64 folder, guint32 number, const char *lines, GError **error)
{
	return store_db_run(db, error, "UPDATE messages SET host_lines = ? WHERE folder = ? AND number = ?", "sll",
			    lines, folder, (gint64)number);
}

char *
store_messages_dup_lines(StoreDb *db, gint64 key, GError **error)
{
	return store_db_get_text(db, error,
				 "SELECT m.host_lines FROM messages m JOIN folders f ON f.key = m.folder"
				 " WHERE m.key = ? AND f.role = ?",
				 "li", key, (int)STORE_ROLE_DRAFTS);
}

GArray *
store_messages_list_numbers(StoreDb *db, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(StoreQuery) query =
		store_db_query(db, error, "SELECT number FROM messages WHERE folder = ? ORDER BY number", "l", folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure)) {
		guint32 number = store_query_get_integer(query, 0);

		g_array_append_val(numbers, number);
	}
	if (failure == NULL)
		return g_steal_pointer(&numbers);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

GArray *
store_messages_list_flags(StoreDb *db, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(StoreMessageFlags));
	g_autoptr(StoreQuery) query = store_db_query(
		db, error, "SELECT number, flags FROM messages WHERE folder = ? ORDER BY number", "l", folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure)) {
		StoreMessageFlags one = {store_query_get_integer(query, 0), store_query_get_integer(query, 1)};

		g_array_append_val(flags, one);
	}
	if (failure == NULL)
		return g_steal_pointer(&flags);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

GHashTable *
store_messages_list_categories(StoreDb *db, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GHashTable) categories = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_strfreev);
	g_autoptr(StoreQuery) query = store_db_query(
		db, error, "SELECT number, categories FROM messages WHERE folder = ? AND categories != ''", "l",
		folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure))
		g_hash_table_insert(categories, GUINT_TO_POINTER((guint)store_query_get_integer(query, 0)),
				    store_text_split(store_query_get_text(query, 1)));
	if (failure == NULL)
		return g_steal_pointer(&categories);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static StoreMessage *
read_message(StoreQuery *query)
{
	StoreMessage *self = g_new0(StoreMessage, 1);
	gint64 sent = store_query_get_integer(query, 12);

	self->number = store_query_get_integer(query, 0);
	self->flags = store_query_get_integer(query, 1);
	self->id = store_query_dup_text(query, 2);
	self->subject = store_query_dup_text(query, 3);
	self->from = store_query_dup_text(query, 4);
	self->to = store_query_dup_text(query, 5);
	self->cc = store_query_dup_text(query, 6);
	self->reply_to = store_query_dup_text(query, 7);
	self->message_id = store_query_dup_text(query, 8);
	self->in_reply_to = store_query_dup_text(query, 9);
	self->references = store_query_dup_text(query, 10);
	self->categories = store_text_split(store_query_get_text(query, 11));
	self->received = store_query_get_integer(query, 13);
	self->date = sent == STORE_NO_DATE ? 0 : sent != 0 ? sent : self->received;
	self->size = store_query_get_integer(query, 14);
	return self;
}

GPtrArray *
store_messages_list(StoreDb *db, gint64 folder, GArray *numbers, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)store_message_free);

	if (numbers == NULL) {
		g_autoptr(StoreQuery) query = store_db_query(
			db, &failure, "SELECT " RECORD " FROM messages WHERE folder = ? ORDER BY number", "l", folder);

		while (query != NULL && store_query_next(query, &failure))
			g_ptr_array_add(messages, read_message(query));
	}
	for (guint i = 0; numbers != NULL && i < numbers->len && failure == NULL; i++) {
		g_autoptr(StoreQuery) query =
			store_db_query(db, &failure, "SELECT " RECORD " FROM messages WHERE folder = ? AND number = ?",
				       "ll", folder, (gint64)g_array_index(numbers, guint32, i));

		if (query != NULL && store_query_next(query, &failure))
			g_ptr_array_add(messages, read_message(query));
	}
	if (failure == NULL)
		return g_steal_pointer(&messages);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}
