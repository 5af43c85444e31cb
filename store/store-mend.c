/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-mend.h"

#include "store-apply.h"
#include "store-folders.h"
#include "store-journal.h"
#include "store-messages.h"
#include "store-mime.h"

static gboolean
has_body(StoreBodies *bodies, gint64 key)
{
	g_autofree char *path = store_bodies_get_path(bodies, key);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* A mail that waits to be appended, and whose row is lost: the file has it all. */
static gboolean
read_appended(StoreDb *db, StoreBodies *bodies, gint64 key, GError **error)
{
	g_autofree char *path = store_bodies_get_path(bodies, key);
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	g_autoptr(GBytes) mime = file != NULL ? g_mapped_file_get_bytes(file) : NULL;
	g_autoptr(GMimeMessage) parsed = mime != NULL ? store_mime_parse(mime, NULL) : NULL;
	g_autoptr(GraphMessage) message = parsed != NULL ? store_mime_describe(parsed) : NULL;
	StoreFlags flags = STORE_FLAG_READ | STORE_FLAG_BODY;

	if (message == NULL)
		return TRUE;
	flags |= message->has_attachments ? STORE_FLAG_ATTACHMENT : 0;
	return store_db_run(db, error, "INSERT INTO messages (key, flags, server_flags, size) VALUES (?, ?, ?, ?)",
			    "liil", key, (int)flags, (int)STORE_FLAG_READ, (gint64)g_bytes_get_size(mime)) &&
	       store_apply_record(db, key, message, STORE_FLAGS_SERVER, error);
}

static gboolean
mend_rows(StoreDb *db, StoreBodies *bodies, GError **error)
{
	g_autoptr(GArray) keys = store_db_list_integers(
		db, error,
		"SELECT DISTINCT message FROM journal WHERE kind = ? AND message > 0 AND message NOT IN"
		" (SELECT key FROM messages)",
		"i", (int)STORE_JOURNAL_APPEND);

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		if (!read_appended(db, bodies, g_array_index(keys, gint64, i), error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
mend_bodies(StoreDb *db, StoreBodies *bodies, GError **error)
{
	g_autoptr(GArray) keys = store_db_list_integers(db, error, "SELECT key FROM messages WHERE flags & ?", "i",
							(int)STORE_FLAG_BODY);

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		gint64 key = g_array_index(keys, gint64, i);

		if (!has_body(bodies, key) && !store_messages_set_local(db, key, 0, STORE_FLAG_BODY, error))
			return FALSE;
	}
	return TRUE;
}

/* What was to be made, and whose entry is lost: before everything else, since other entries need it. */
static gboolean
mend_entries(StoreDb *db, GError **error)
{
	static const char folders[] = "INSERT INTO journal (seq, kind, state, created, folder, parent, name)"
				      " SELECT row_number() OVER (ORDER BY key), ?1, ?2, 0, key, parent, name"
				      " FROM folders WHERE id IS NULL AND key NOT IN"
				      " (SELECT folder FROM journal WHERE kind = ?1 AND folder IS NOT NULL)";
	static const char messages[] =
		"INSERT INTO journal (seq, kind, state, created, message) SELECT row_number() OVER (ORDER BY key) +"
		" (SELECT count(*) FROM folders), ?1, ?2, 0, key FROM messages WHERE id IS NULL AND flags & ?3 AND key"
		" NOT IN (SELECT message FROM journal WHERE kind IN (?1, ?4) AND message IS NOT NULL)";

	return store_db_run(db, error, folders, "ii", (int)STORE_JOURNAL_CREATE_FOLDER, (int)STORE_JOURNAL_BEGUN) &&
	       store_db_run(db, error, messages, "iiii", (int)STORE_JOURNAL_APPEND, (int)STORE_JOURNAL_BEGUN,
			    (int)STORE_FLAG_BODY, (int)STORE_JOURNAL_COPY);
}

/* @keys: (nullable): messages whose deletion waited for what is lost: each may be the only one */
static gboolean
spare(StoreDb *db, GArray *keys, gboolean *lost, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();

	if (keys == NULL)
		return FALSE;
	*lost |= keys->len > 0;
	return store_messages_settle_each(db, keys, changes, error);
}

/* Of a copy that will not be made. */
static gboolean
spare_originals(StoreDb *db, gboolean *lost, GError **error)
{
	g_autoptr(GArray) keys = store_db_list_integers(
		db, error,
		"DELETE FROM journal WHERE kind = ? AND message IN (SELECT source FROM journal WHERE kind = ?"
		" AND message NOT IN (SELECT key FROM messages)) RETURNING message",
		"ii", (int)STORE_JOURNAL_DELETE, (int)STORE_JOURNAL_COPY);

	return spare(db, keys, lost, error);
}

/* An older version of a draft whose newer one is lost. */
static gboolean
spare_predecessors(StoreDb *db, gboolean *lost, GError **error)
{
	g_autoptr(GArray) keys = store_db_list_integers(
		db, error,
		"DELETE FROM journal WHERE successor > 0 AND successor NOT IN (SELECT key FROM messages)"
		" RETURNING message",
		"");

	return spare(db, keys, lost, error);
}

/* Entries of what is not there any more, messages that nothing is known of. */
static gboolean
drop_remains(StoreDb *db, gboolean *lost, GError **error)
{
	if (!store_db_run(db, error,
			  "DELETE FROM messages WHERE id IS NULL AND key NOT IN"
			  " (SELECT message FROM journal WHERE kind IN (?, ?) AND message IS NOT NULL)",
			  "ii", (int)STORE_JOURNAL_APPEND, (int)STORE_JOURNAL_COPY))
		return FALSE;
	*lost |= store_db_get_changes(db) > 0;
	if (!store_db_run(db, error,
			  "DELETE FROM journal WHERE (message > 0 AND message NOT IN (SELECT key FROM messages))"
			  " OR (message IS NULL AND folder NOT IN (SELECT key FROM folders))",
			  ""))
		return FALSE;
	*lost |= store_db_get_changes(db) > 0;
	return TRUE;
}

static gint64
find_place(StoreDb *db, const StoreRow *row)
{
	gint64 folder = store_db_get_integer(db, 0, NULL,
					     "SELECT f.key FROM journal j JOIN folders f ON f.key = j.folder"
					     " WHERE j.message = ? AND j.kind IN (?, ?, ?) ORDER BY seq DESC LIMIT 1",
					     "liii", row->key, (int)STORE_JOURNAL_MOVE, (int)STORE_JOURNAL_COPY,
					     (int)STORE_JOURNAL_APPEND);

	return folder != 0 || row->id != NULL ? folder : store_folders_find_role(db, STORE_ROLE_DRAFTS);
}

/* Those that are where the host put them. */
static gboolean
mend_places(StoreDb *db, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(GArray) keys =
		store_db_list_integers(db, error,
				       "SELECT key FROM messages WHERE NOT deleted AND (id IS NULL OR key IN"
				       " (SELECT message FROM journal WHERE kind IN (?, ?)))",
				       "ii", (int)STORE_JOURNAL_MOVE, (int)STORE_JOURNAL_COPY);

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		g_autoptr(StoreRow) row = store_messages_find(db, g_array_index(keys, gint64, i), error);
		gint64 folder = row != NULL ? find_place(db, row) : 0;

		if (row == NULL)
			return FALSE;
		if (folder != 0 && !store_messages_place(db, row->key, folder, NULL, changes, error))
			return FALSE;
	}
	return TRUE;
}

/* A mail whose folder is lost is made where it is now. */
static gboolean
mend_destinations(StoreDb *db, GError **error)
{
	return store_db_run(db, error,
			    "UPDATE journal SET folder = (SELECT folder FROM messages WHERE key = message)"
			    " WHERE kind = ? AND folder IS NOT NULL AND folder NOT IN (SELECT key FROM folders)",
			    "i", (int)STORE_JOURNAL_APPEND);
}

gboolean
store_mend_run(StoreDb *db, StoreBodies *bodies, gboolean *lost, GError **error)
{
	return mend_rows(db, bodies, error) && mend_bodies(db, bodies, error) && mend_entries(db, error) &&
	       spare_originals(db, lost, error) && drop_remains(db, lost, error) &&
	       spare_predecessors(db, lost, error) && mend_places(db, error) && mend_destinations(db, error) &&
	       store_db_run(db, error, "UPDATE journal SET state = ? WHERE kind = ? AND state = ?", "iii",
			    (int)STORE_JOURNAL_BEGUN, (int)STORE_JOURNAL_APPEND, (int)STORE_JOURNAL_WAITING);
}

static gboolean
list_orphans_in(StoreDb *db, const char *directory, GPtrArray *paths, GError **error)
{
	g_autoptr(GDir) files = g_dir_open(directory, 0, NULL);
	const char *name;

	while (files != NULL && (name = g_dir_read_name(files)) != NULL) {
		g_autoptr(GError) failure = NULL;
		gint64 key = g_ascii_strtoll(name, NULL, 10);

		if (!g_str_has_suffix(name, ".eml"))
			continue;
		if (store_db_get_integer(db, 0, &failure, "SELECT key FROM messages WHERE key = ?", "l", key) == 0)
			g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
		if (failure != NULL) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
	}
	return TRUE;
}

gboolean
store_mend_list_orphans(StoreDb *db, const char *directory, GPtrArray *paths, GError **error)
{
	g_autofree char *bodies = g_build_filename(directory, "bodies", NULL);
	g_autoptr(GDir) parts = g_dir_open(bodies, 0, NULL);
	const char *name;

	while (parts != NULL && (name = g_dir_read_name(parts)) != NULL) {
		g_autofree char *part = g_build_filename(bodies, name, NULL);

		if (!list_orphans_in(db, part, paths, error))
			return FALSE;
	}
	return TRUE;
}
