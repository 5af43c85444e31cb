/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-salvage.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store-message.h"

#define PAGE 4096  /* SQLite's default, which is ours */
#define HEADER 100 /* https://sqlite.org/fileformat2.html 1.3 */
#define LAST_KEY ((gint64)1 << 62)

/*
 * A connection of its own: one that met damage in a transaction writes no more, not even to another file.
 */
struct _StoreSalvage {
	sqlite3 *sqlite;
	gboolean gaps;
};

static sqlite3_stmt *
prepare(StoreSalvage *self, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v2(self->sqlite, sql, -1, &statement, NULL);
	return statement;
}

static gboolean
is_readable(StoreSalvage *self)
{
	sqlite3_stmt *statement = prepare(self, "SELECT count(*) FROM sqlite_master WHERE name IN"
						" ('account', 'folders', 'messages', 'journal')");
	gboolean readable = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 4;

	sqlite3_finalize(statement);
	return readable;
}

static StoreSalvage *
try_to_open(const char *path)
{
	g_autoptr(StoreSalvage) self = g_new0(StoreSalvage, 1);

	if (sqlite3_open_v2(path, &self->sqlite, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK || !is_readable(self))
		return NULL;
	return g_steal_pointer(&self);
}

static void
put_number(guchar *at, guint32 number)
{
	number = GUINT32_TO_BE(number);
	memcpy(at, &number, sizeof number);
}

/* The beginning of every database with our schema is the same but for its size; the free pages are not needed. */
static gboolean
mend_beginning(const char *path, const char *fresh, gsize length)
{
	guchar page[PAGE];
	int from = open(fresh, O_RDONLY | O_CLOEXEC);
	int to = open(path, O_RDWR | O_CLOEXEC);
	off_t size = to >= 0 ? lseek(to, 0, SEEK_END) : 0;
	gboolean done = from >= 0 && size >= PAGE && pread(from, page, sizeof page, 0) == sizeof page;

	if (done) {
		put_number(page + 28, (guint32)(size / PAGE));
		put_number(page + 32, 0);	 /* first free page */
		put_number(page + 36, 0);	 /* number of free pages */
		memcpy(page + 92, page + 24, 4); /* the size is valid for this change counter */
		done = pwrite(to, page, length, 0) == (gssize)length;
	}
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return done;
}

StoreSalvage *
store_salvage_open(const char *path, const char *fresh)
{
	StoreSalvage *self = try_to_open(path);

	if (self == NULL && mend_beginning(path, fresh, HEADER))
		self = try_to_open(path);
	if (self == NULL && mend_beginning(path, fresh, PAGE))
		self = try_to_open(path);
	return self;
}

void
store_salvage_free(StoreSalvage *self)
{
	if (self == NULL)
		return;
	sqlite3_close_v2(self->sqlite);
	g_free(self);
}

/* What of a table is copied, and how. */
typedef struct {
	const char *table;
	const char *key;	    /* an integer */
	const char *const *without; /* columns that are not taken over */
	const char *extra;	    /* columns that get another value, and the values; the old row is `o` */
	const char *values;
	const char *condition; /* which rows make sense and are worth it */
} Copy;

/* Those that both know: the old one may be of another version. */
static char **
list_columns(StoreSalvage *self, StoreDb *db, const char *table)
{
	g_autofree char *sql = g_strdup_printf("SELECT name FROM pragma_table_info('%s')", table);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) columns = g_ptr_array_new();
	g_autoptr(StoreQuery) query = store_db_query(db, NULL, sql, "");
	sqlite3_stmt *statement = prepare(self, sql);

	while (query != NULL && store_query_next(query, NULL))
		g_hash_table_add(known, store_query_dup_text(query, 0));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(statement, 0);

		if (name != NULL && g_hash_table_contains(known, name))
			g_ptr_array_add(columns, g_strdup(name));
	}
	sqlite3_finalize(statement);
	g_ptr_array_add(columns, NULL);
	return (char **)g_ptr_array_steal(columns, NULL);
}

/* Takes the columns of an old row in the order of @columns. */
static char *
write_insert(const Copy *copy, char **columns)
{
	GString *names = g_string_new(copy->extra);
	GString *values = g_string_new(copy->values);
	GString *row = g_string_new(NULL);
	char *sql;

	for (guint i = 0; columns[i] != NULL; i++) {
		g_string_append_printf(row, "%s?%u AS %s", i > 0 ? ", " : "", i + 1, columns[i]);
		if (g_strv_contains(copy->without, columns[i]))
			continue;
		g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", columns[i]);
		g_string_append_printf(values, "%so.%s", values->len > 0 ? ", " : "", columns[i]);
	}
	sql = g_strdup_printf("INSERT OR IGNORE INTO %s (%s) SELECT %s FROM (SELECT %s) o WHERE %s", copy->table,
			      names->str, values->str, row->str, copy->condition);
	g_string_free(names, TRUE);
	g_string_free(values, TRUE);
	g_string_free(row, TRUE);
	return sql;
}

/* A row that contradicts another is left out; FALSE when it is the new file that fails. */
static gboolean
put_row(StoreSalvage *self, StoreDb *db, const char *insert, sqlite3_stmt *row, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (store_db_run_row(db, &failure, insert, row))
		return TRUE;
	if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_DISK)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	self->gaps = TRUE;
	return TRUE;
}

/* Whether the table can be read at @start. */
static gboolean
probe(sqlite3_stmt *statement, gint64 start)
{
	int code;

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, start);
	code = sqlite3_step(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* Behind what is damaged: the smallest start from which can be read again; 0 for none. */
static gint64
find_next_readable(sqlite3_stmt *statement, gint64 damaged)
{
	gint64 bad = damaged;
	gint64 good = 0;

	for (gint64 step = 1; good == 0 && step < LAST_KEY; step *= 2) {
		if (probe(statement, damaged + step))
			good = damaged + step;
		else
			bad = damaged + step;
	}
	while (good != 0 && good - bad > 1) {
		gint64 middle = bad + (good - bad) / 2;

		if (probe(statement, middle))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/* Row by row, and around what is damaged. */
static gboolean
copy_rows(StoreSalvage *self, StoreDb *db, const Copy *copy, GError **error)
{
	g_auto(GStrv) columns = list_columns(self, db, copy->table);
	g_autofree char *list = g_strjoinv(", ", columns);
	g_autofree char *sql = g_strdup_printf("SELECT %s, %s FROM %s NOT INDEXED WHERE %s >= ? ORDER BY %s", list,
					       copy->key, copy->table, copy->key, copy->key);
	g_autofree char *insert = write_insert(copy, columns);
	sqlite3_stmt *statement = *columns != NULL ? prepare(self, sql) : NULL;
	gint64 start = statement != NULL ? 1 : 0;
	gboolean done = TRUE;

	self->gaps |= statement == NULL;
	while (start != 0 && done) {
		int code;

		sqlite3_reset(statement);
		sqlite3_bind_int64(statement, 1, start);
		while (done && (code = sqlite3_step(statement)) == SQLITE_ROW) {
			start = sqlite3_column_int64(statement, sqlite3_column_count(statement) - 1) + 1;
			done = put_row(self, db, insert, statement, error);
		}
		if (!done || code == SQLITE_DONE)
			break;
		self->gaps = TRUE;
		start = find_next_readable(statement, start);
	}
	sqlite3_finalize(statement);
	return done;
}

/* Tables that are a page or two, whatever their key is: all, or what comes before the damage. */
static gboolean
copy_whole(StoreSalvage *self, StoreDb *db, const char *table, const char *condition, GError **error)
{
	static const char *const nothing[] = {NULL};
	Copy copy = {.table = table, .without = nothing, .extra = "", .values = "", .condition = condition};
	g_auto(GStrv) columns = list_columns(self, db, table);
	g_autofree char *list = g_strjoinv(", ", columns);
	g_autofree char *sql = g_strdup_printf("SELECT %s FROM %s", list, table);
	g_autofree char *insert = write_insert(&copy, columns);
	sqlite3_stmt *statement = *columns != NULL ? prepare(self, sql) : NULL;
	gboolean done = TRUE;
	int code = SQLITE_DONE;

	while (done && statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW)
		done = put_row(self, db, insert, statement, error);
	self->gaps |= code != SQLITE_DONE;
	sqlite3_finalize(statement);
	return done;
}

static gboolean
copy_account(StoreSalvage *self, StoreDb *db, GError **error)
{
	return copy_whole(self, db, "account", "o.name IN ('home', 'address', 'display_name')", error);
}

/* Where a round stood is forgotten: everything is listed again. Numbers of a lost transaction are skipped. */
static gboolean
copy_folders(StoreSalvage *self, StoreDb *db, GError **error)
{
	static const char *const without[] = {
		"link",		 "initial",	 "filled",	  "sizes",	 "vanished", "listed_total",
		"listed_unread", "synced_total", "synced_unread", "next_number", NULL};
	static const Copy folders = {
		.table = "folders",
		.key = "key",
		.without = without,
		.extra = "next_number",
		.values = "max(o.next_number, 1) + 1000",
		.condition = "typeof(o.name) = 'text' AND typeof(o.id) IN ('text', 'null')"
			     " AND typeof(o.next_number) = 'integer'",
	};

	return copy_rows(self, db, &folders, error) &&
	       store_db_run(db, error, "UPDATE folders SET parent = 0 WHERE parent NOT IN (SELECT key FROM folders)",
			    "") &&
	       store_db_run(db, error,
			    "UPDATE folders SET server_parent = 0 WHERE server_parent NOT IN (SELECT key FROM folders)",
			    "");
}

/* Room is left before the first one, for what has to be made up. */
static gboolean
copy_journal(StoreSalvage *self, StoreDb *db, GError **error)
{
	static const char *const without[] = {"seq", NULL};
	static const Copy journal = {
		.table = "journal",
		.key = "seq",
		.without = without,
		.extra = "seq",
		.values = "o.seq + 1000000",
		.condition = "typeof(o.kind) = 'integer' AND o.kind > 0",
	};

	return copy_rows(self, db, &journal, error);
}

/*
 * Of the messages those of which something is only here: a change, a body, an answer that the service would not take
 * note of. Where they are the server tells; until then they are nowhere.
 */
static gboolean
copy_messages(StoreSalvage *self, StoreDb *db, GError **error)
{
	static const char *const without[] = {"folder", "number", "server_folder", "origin", "generation", NULL};
	g_autofree char *condition =
		g_strdup_printf("typeof(o.flags) = 'integer' AND typeof(o.id) IN ('text', 'null') AND"
				" (o.id IS NULL OR o.flags & %d OR EXISTS (SELECT 1 FROM journal j"
				" WHERE j.message = o.key OR j.source = o.key))",
				STORE_FLAG_BODY | STORE_FLAG_ANSWERED | STORE_FLAG_FORWARDED);
	Copy messages = {
		.table = "messages",
		.key = "key",
		.without = without,
		.extra = "origin",
		.values = "(SELECT f.key FROM folders f WHERE f.key = coalesce(o.server_folder, o.folder))",
		.condition = condition,
	};

	return copy_rows(self, db, &messages, error);
}

static gboolean
copy_the_rest(StoreSalvage *self, StoreDb *db, GError **error)
{
	g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func(g_free);

	{
		g_autoptr(StoreQuery) query = store_db_query(
			db, error,
			"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
			" AND name NOT IN ('account', 'folders', 'messages', 'journal')",
			"");

		if (query == NULL)
			return FALSE;
		while (store_query_next(query, NULL))
			g_ptr_array_add(tables, store_query_dup_text(query, 0));
	}
	for (guint i = 0; i < tables->len; i++) {
		if (!copy_whole(self, db, g_ptr_array_index(tables, i), "TRUE", error))
			return FALSE;
	}
	/*
	 * The messages come again with other keys: no draft of the person's may be taken for what is left of a mail,
	 * and a mail that was sent not for an earlier one.
	 */
	return store_db_run(db, error, "UPDATE outbox SET newest = ?, floor = 0", "l", G_MAXINT64);
}

gboolean
store_salvage_run(StoreSalvage *self, StoreDb *db, gboolean *gaps, GError **error)
{
	gboolean done = copy_account(self, db, error) && copy_folders(self, db, error) &&
			copy_journal(self, db, error) && copy_messages(self, db, error) &&
			copy_the_rest(self, db, error);

	*gaps |= self->gaps;
	return done;
}
