/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-folders.h"

#include <glib/gi18n-lib.h>

#include "store-journal.h"
#include "store-messages.h"
#include "store-refusal.h"
#include "store-text.h"

#define COLUMNS "key, id, parent, name, role, filled"

static const char *const well_known[] = {
	"inbox", "drafts", "sentitems", "deleteditems", "junkemail", "archive", NULL,
};

static const StoreRole roles[] = {
	STORE_ROLE_INBOX, STORE_ROLE_DRAFTS, STORE_ROLE_SENT, STORE_ROLE_TRASH, STORE_ROLE_JUNK, STORE_ROLE_ARCHIVE,
};

static StoreFolder *
read_folder(StoreQuery *query)
{
	StoreFolder *self = g_new0(StoreFolder, 1);

	self->key = store_query_get_integer(query, 0);
	self->id = store_query_dup_text(query, 1);
	self->parent = store_query_get_integer(query, 2);
	self->name = store_query_dup_text(query, 3);
	self->role = store_query_get_integer(query, 4);
	self->filled = store_query_get_integer(query, 5) != 0;
	return self;
}

/* What the host moved into a folder that vanished since is at the top, where store_folders_drop() leaves it. */
GPtrArray *
store_folders_list(StoreDb *db, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)store_folder_free);
	g_autoptr(StoreQuery) query =
		store_db_query(db, error,
			       "WITH RECURSIVE doomed (folder) AS (SELECT key FROM folders WHERE vanished"
			       " UNION SELECT key FROM folders JOIN doomed ON parent = folder WHERE id IS NULL),"
			       " tree (member, depth) AS ("
			       " SELECT key, 0 FROM folders WHERE (parent = 0 OR (id IS NOT NULL AND parent IN"
			       " (SELECT folder FROM doomed))) AND NOT hidden AND NOT deleted AND NOT vanished"
			       " UNION ALL SELECT f.key, depth + 1 FROM folders f JOIN tree ON f.parent = tree.member"
			       " WHERE NOT f.hidden AND NOT f.deleted AND NOT f.vanished AND depth < 400)"
			       " SELECT key, id, iif(depth > 0, parent, 0), name, role, filled"
			       " FROM tree JOIN folders ON key = member ORDER BY depth, name, key",
			       "");

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure))
		g_ptr_array_add(folders, read_folder(query));
	if (failure == NULL)
		return g_steal_pointer(&folders);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

StoreFolder *
store_folders_get(StoreDb *db, gint64 key, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreQuery) query =
		store_db_query(db, error, "SELECT " COLUMNS " FROM folders WHERE key = ? AND NOT deleted", "l", key);

	if (query == NULL)
		return NULL;
	if (store_query_next(query, &failure))
		return read_folder(query);
	if (failure != NULL)
		g_propagate_error(error, g_steal_pointer(&failure));
	else
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
				    _("The folder does not exist any more."));
	return NULL;
}

gint64
store_folders_find_role(StoreDb *db, StoreRole role)
{
	return store_db_get_integer(db, 0, NULL, "SELECT key FROM folders WHERE role = ? AND NOT vanished", "i",
				    (int)role);
}

gint64
store_folders_find_id(StoreDb *db, const char *id)
{
	return store_db_get_integer(db, 0, NULL, "SELECT key FROM folders WHERE id = ?", "s", id);
}

gint64
store_folders_find_child(StoreDb *db, gint64 parent, const char *name)
{
	g_autofree char *wanted = g_utf8_casefold(name, -1);
	g_autoptr(StoreQuery) query = store_db_query(
		db, NULL, "SELECT key, name FROM folders WHERE parent = ? AND NOT deleted AND NOT vanished", "l",
		parent);

	while (query != NULL && store_query_next(query, NULL)) {
		g_autofree char *folded = g_utf8_casefold(store_query_get_text(query, 1), -1);

		if (g_str_equal(folded, wanted))
			return store_query_get_integer(query, 0);
	}
	return 0;
}

gboolean
store_folders_is_within(StoreDb *db, gint64 key, gint64 ancestor)
{
	for (guint depth = 0; key != 0 && depth < 400; depth++) {
		if (key == ancestor)
			return TRUE;
		key = store_db_get_integer(db, 0, NULL, "SELECT parent FROM folders WHERE key = ?", "l", key);
	}
	return FALSE;
}

gboolean
store_folders_is_special(StoreDb *db, gint64 key)
{
	for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
		gint64 special = store_folders_find_role(db, roles[i]);

		if (special != 0 && store_folders_is_within(db, special, key))
			return TRUE;
	}
	return FALSE;
}

gboolean
store_folders_take_number(StoreDb *db, gint64 key, guint32 *number, GError **error)
{
	g_autoptr(GError) failure = NULL;
	gint64 taken = store_db_get_integer(
		db, 0, &failure,
		"UPDATE folders SET next_number = next_number + 1 WHERE key = ? RETURNING next_number - 1", "l", key);

	if (failure == NULL && taken > 0 && taken <= G_MAXUINT32) {
		*number = taken;
		return TRUE;
	}
	if (failure != NULL)
		g_propagate_error(error, g_steal_pointer(&failure));
	else
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
				    _("The folder does not exist any more."));
	return FALSE;
}

/* A folder that was made here and is now seen at the server: its answer was lost, or is still on its way. */
static gint64
find_made_here(StoreDb *db, gint64 parent, const char *name)
{
	gint64 key = store_folders_find_child(db, parent, name);

	if (key == 0 || store_db_get_integer(db, 0, NULL, "SELECT id IS NOT NULL FROM folders WHERE key = ?", "l", key))
		return 0;
	return key;
}

static gboolean
put_folder(StoreDb *db, const GraphFolder *folder, gboolean *arrived, GError **error)
{
	gint64 key = store_folders_find_id(db, folder->id);
	gint64 parent = folder->parent_id ? store_folders_find_id(db, folder->parent_id) : 0;
	g_autofree char *name = store_text_clean(folder->name);
	gboolean hidden = folder->hidden || folder->search;

	if (key == 0)
		key = find_made_here(db, parent, name);
	if (key == 0) {
		*arrived = TRUE;
		return store_db_run(db, error,
				    "INSERT INTO folders (id, server_name, name, hidden, parent, server_parent,"
				    " listed_total, listed_unread) VALUES (?1, ?2, ?2, ?3, ?4, ?4, ?5, ?6)",
				    "ssilll", folder->id, name, (int)hidden, parent, (gint64)folder->total,
				    (gint64)folder->unread);
	}
	return store_db_run(db, error,
			    "UPDATE folders SET id = ?1, server_name = ?2, hidden = ?3, vanished = 0,"
			    " listed_total = ?4, listed_unread = ?5 WHERE key = ?6",
			    "ssilll", folder->id, name, (int)hidden, (gint64)folder->total, (gint64)folder->unread,
			    key);
}

gboolean
store_folders_settle(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	gboolean name = store_journal_has_folder(db, key, STORE_JOURNAL_RENAME_FOLDER) ||
			store_journal_has_folder(db, key, STORE_JOURNAL_CREATE_FOLDER);
	gboolean place = store_journal_has_folder(db, key, STORE_JOURNAL_MOVE_FOLDER) ||
			 store_journal_has_folder(db, key, STORE_JOURNAL_CREATE_FOLDER);
	gboolean deleted = store_journal_has_folder(db, key, STORE_JOURNAL_DELETE_FOLDER);

	if (!store_db_run(
		    db, error,
		    "UPDATE folders SET name = iif(?1, name, server_name), parent = iif(?2, parent, server_parent),"
		    " deleted = ?3 WHERE key = ?4 AND (name != iif(?1, name, server_name)"
		    " OR parent != iif(?2, parent, server_parent) OR deleted != ?3)",
		    "iiil", name, place, deleted, key))
		return FALSE;
	changes->tree |= store_db_get_changes(db) > 0;
	return TRUE;
}

/* When every row is there: a child may be listed before its parent. */
static gboolean
join_parents(StoreDb *db, GPtrArray *folders, StoreChanges *changes, GError **error)
{
	for (guint i = 0; i < folders->len; i++) {
		const GraphFolder *folder = g_ptr_array_index(folders, i);
		gint64 key = store_folders_find_id(db, folder->id);
		gint64 parent = folder->parent_id ? store_folders_find_id(db, folder->parent_id) : 0;

		if (parent == key)
			parent = 0;
		if (!store_db_run(db, error, "UPDATE folders SET server_parent = ? WHERE key = ?", "ll", parent, key) ||
		    !store_folders_settle(db, key, changes, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
store_folders_apply(StoreDb *db, GPtrArray *folders, GPtrArray *gone, gboolean *arrived, StoreChanges *changes,
		    GError **error)
{
	static const char shape[] = "SELECT count(*) * 1000003 + sum(key * (1 + hidden + 2 * vanished)) FROM folders";
	gint64 before = store_db_get_integer(db, 0, NULL, shape, "");

	*arrived = FALSE;
	/* Nobody sees the hidden ones: they need no question. */
	if (!store_db_run(db, error, "UPDATE folders SET vanished = 1 WHERE id IS NOT NULL AND hidden", ""))
		return FALSE;
	for (guint i = 0; i < gone->len; i++) {
		if (!store_db_run(db, error, "UPDATE folders SET vanished = 1 WHERE id = ?", "s",
				  g_ptr_array_index(gone, i)))
			return FALSE;
	}
	for (guint i = 0; i < folders->len; i++) {
		if (!put_folder(db, g_ptr_array_index(folders, i), arrived, error))
			return FALSE;
	}
	if (!join_parents(db, folders, changes, error))
		return FALSE;
	changes->tree |= before != store_db_get_integer(db, 0, NULL, shape, "");
	return TRUE;
}

const char *const *
store_folders_get_well_known(void)
{
	return well_known;
}

gboolean
store_folders_apply_roles(StoreDb *db, GHashTable *ids, StoreChanges *changes, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
		const char *id = g_hash_table_lookup(ids, well_known[i]);
		gint64 key = id != NULL ? store_folders_find_id(db, id) : 0;

		if (key == 0 || key == store_folders_find_role(db, roles[i]))
			continue;
		if (!store_db_run(db, error,
				  "UPDATE folders SET role = iif(key = ?1, ?2, 0) WHERE key = ?1 OR role = ?2", "li",
				  key, (int)roles[i]))
			return FALSE;
		changes->tree = TRUE;
	}
	return TRUE;
}

/* When its creation was refused, what waited for it was given up. */
static gboolean
mark_again(StoreDb *db, gint64 guest, GError **error)
{
	g_autoptr(StoreRow) row = store_messages_find(db, guest, error);
	g_autofree char *categories =
		store_db_get_text(db, NULL, "SELECT nullif(categories, '') FROM messages WHERE key = ?", "l", guest);
	StoreFlags marks;

	if (row == NULL)
		return FALSE;
	marks = row->flags & STORE_FLAGS_CHANGEABLE & STORE_FLAGS_SERVER;
	return store_journal_add_update(db, guest, STORE_FLAG_READ | store_flags_join(marks), row->flags, categories,
					error);
}

/* A message that the server does not have goes, and will be made, where there is still a folder. */
static gboolean
save_guest(StoreDb *db, gint64 guest, gint64 refuge, StoreChanges *changes, GError **error)
{
	gboolean was_kept = store_db_get_integer(db, 0, NULL,
						 "SELECT 1 FROM journal WHERE message = ? AND kind = ? AND state = ?"
						 " AND folder IS NOT NULL",
						 "lii", guest, STORE_JOURNAL_APPEND, STORE_JOURNAL_KEPT) != 0;

	return store_messages_place(db, guest, refuge, NULL, changes, error) &&
	       store_db_run(db, error,
			    "UPDATE journal SET folder = ?1, state = iif(state = ?2, ?3, state) WHERE message = ?4 AND"
			    " kind = ?5 AND folder IS NOT NULL",
			    "ziili", refuge, STORE_JOURNAL_KEPT, STORE_JOURNAL_WAITING, guest, STORE_JOURNAL_APPEND) &&
	       (!was_kept || mark_again(db, guest, error));
}

/* What is only here, or was only moved here by the host, outlives the folder. */
static gboolean
empty_folder(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	gint64 refuge = store_folders_find_role(db, STORE_ROLE_DRAFTS);
	g_autoptr(GArray) guests = store_db_list_integers(
		db, error, "SELECT key FROM messages WHERE folder = ?1 AND server_folder IS NOT ?1", "l", key);
	g_autoptr(GArray) own = NULL;

	if (guests == NULL)
		return FALSE;
	for (guint i = 0; i < guests->len; i++) {
		gint64 guest = g_array_index(guests, gint64, i);
		g_autoptr(StoreRow) row = store_messages_find(db, guest, error);

		if (row == NULL)
			return FALSE;
		if (refuge == key)
			refuge = 0;
		if (row->server_folder == 0 && row->id == NULL
			    ? !save_guest(db, guest, refuge, changes, error)
			    : !store_db_run(db, error, "DELETE FROM journal WHERE message = ? AND kind = ?", "li",
					    guest, STORE_JOURNAL_MOVE) ||
				      !store_messages_settle(db, guest, changes, error))
			return FALSE;
	}
	own = store_db_list_integers(
		db, error, "SELECT key FROM messages WHERE server_folder = ?1 AND (folder IS NULL OR folder = ?1)", "l",
		key);
	if (own == NULL)
		return FALSE;
	for (guint i = 0; i < own->len; i++) {
		if (!store_messages_drop(db, g_array_index(own, gint64, i), changes, error))
			return FALSE;
	}
	return store_db_run(db, error, "UPDATE messages SET server_folder = NULL WHERE server_folder = ?", "l", key);
}

static gboolean
drop(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	g_autoptr(GArray) children =
		store_db_list_integers(db, error, "SELECT key FROM folders WHERE parent = ?1 AND id IS NULL", "l", key);

	if (children == NULL || !empty_folder(db, key, changes, error))
		return FALSE;
	for (guint i = 0; i < children->len; i++) {
		if (!drop(db, g_array_index(children, gint64, i), changes, error))
			return FALSE;
	}
	if (!store_db_run(db, error, "DELETE FROM journal WHERE folder = ? AND message IS NULL", "l", key) ||
	    !store_db_run(db, error,
			  "UPDATE journal SET name = (SELECT name FROM folders WHERE key = ?1) WHERE folder = ?1", "l",
			  key) ||
	    !store_db_run(db, error, "UPDATE folders SET parent = 0 WHERE parent = ?", "l", key) ||
	    !store_db_run(db, error, "UPDATE folders SET server_parent = 0 WHERE server_parent = ?", "l", key) ||
	    !store_db_run(db, error, "DELETE FROM folders WHERE key = ?", "l", key))
		return FALSE;
	changes->tree = TRUE;
	changes->journal = TRUE;
	g_hash_table_remove(changes->folders, &key);
	return TRUE;
}

static void
refuse(StoreDb *db, const StoreEntry *entry, StoreChanges *changes)
{
	store_changes_add_refused(changes, store_refusal_describe(db, entry, _("the folder does not exist any more.")));
}

/* Folders below it that were to be made, but for what the host deleted with it. */
static gboolean
refuse_folders(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	g_autoptr(GArray) below = store_db_list_integers(
		db, error,
		"WITH RECURSIVE tree (member) AS (SELECT key FROM folders WHERE key = ?1 AND NOT deleted"
		" UNION SELECT key FROM folders JOIN tree ON parent = member WHERE id IS NULL AND NOT deleted)"
		" SELECT member FROM tree WHERE member != ?1",
		"l", key);

	for (guint i = 0; below != NULL && i < below->len; i++)
		refuse(db,
		       &(StoreEntry){.kind = STORE_JOURNAL_CREATE_FOLDER, .folder = g_array_index(below, gint64, i)},
		       changes);
	return below != NULL;
}

gboolean
store_folders_drop(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	return refuse_folders(db, key, changes, error) && drop(db, key, changes, error);
}

/* What was on its way to it goes back to where it was. */
static gboolean
refuse_moves(StoreDb *db, gint64 key, StoreChanges *changes, GError **error)
{
	g_autoptr(GArray) moved = store_db_list_integers(
		db, error,
		"SELECT DISTINCT m.key FROM messages m JOIN journal j ON j.message = m.key AND j.folder = m.folder"
		" WHERE m.folder = ?1 AND m.server_folder IS NOT ?1 AND m.id IS NOT NULL AND j.kind = ?2",
		"li", key, (int)STORE_JOURNAL_MOVE);

	for (guint i = 0; moved != NULL && i < moved->len; i++)
		refuse(db,
		       &(StoreEntry){
			       .kind = STORE_JOURNAL_MOVE, .message = g_array_index(moved, gint64, i), .folder = key},
		       changes);
	return moved != NULL;
}

gboolean
store_folders_drop_vanished(StoreDb *db, StoreChanges *changes, GError **error)
{
	g_autoptr(GArray) keys = store_db_list_integers(db, error, "SELECT key FROM folders WHERE vanished", "");

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		gint64 key = g_array_index(keys, gint64, i);

		if (!refuse_moves(db, key, changes, error) || !store_folders_drop(db, key, changes, error))
			return FALSE;
	}
	return TRUE;
}

void
store_round_free(StoreRound *self)
{
	if (self == NULL)
		return;
	g_free(self->id);
	g_free(self->name);
	g_free(self->link);
	g_free(self);
}

gboolean
store_folders_start_over(StoreDb *db, gint64 key, GError **error)
{
	return store_db_run(db, error,
			    "UPDATE folders SET link = NULL, initial = 1, generation = generation + 1, reconciled = 1"
			    " WHERE key = ?",
			    "l", key);
}

StoreRound *
store_folders_get_round(StoreDb *db, gint64 key, GError **error)
{
	StoreRound *self;
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreQuery) query = store_db_query(
		db, error,
		"SELECT id, name, link, initial, filled, sizes, generation FROM folders WHERE key = ? AND NOT vanished",
		"l", key);

	if (query == NULL)
		return NULL;
	if (!store_query_next(query, &failure)) {
		if (failure != NULL)
			g_propagate_error(error, g_steal_pointer(&failure));
		else
			g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
					    _("The folder does not exist any more."));
		return NULL;
	}
	self = g_new0(StoreRound, 1);
	self->id = store_query_dup_text(query, 0);
	self->name = store_query_dup_text(query, 1);
	self->link = store_query_dup_text(query, 2);
	self->initial = store_query_get_integer(query, 3) != 0;
	self->filled = store_query_get_integer(query, 4) != 0;
	self->sizes = store_query_get_integer(query, 5) != 0;
	self->generation = store_query_get_integer(query, 6);
	return self;
}
