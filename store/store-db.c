/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-db.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "store-resource.h"
#include "store-turn.h"

#define BUSY_TIMEOUT_MS 20000
#define ALWAYS_CHECKED_BYTES (4 * 1024 * 1024)
#define SPARE_NUMBERS 1000
#define LOG_PAGES_MAX 1000 /* then the log is carried over */

/* https://sqlite.org/fileformat2.html 1.3, 4.1 */
#define USER_VERSION_OFFSET 60
#define LOG_HEADER_BYTES 32
#define LOG_MAGIC 0x377f0682 /* or the next number: another byte order of the sums */
#define LOG_VERSION 3007000

struct _StoreDb {
	GObject parent_instance;

	sqlite3 *sqlite;
	GRecMutex mutex;
	GHashTable *statements; /* sql → sqlite3_stmt */
	gboolean in_transaction;
	StoreTurn *turn; /* to write */
	gboolean is_second;
	gint log_pages; /* of the log, after the last commit */
	gint suspect;	/* atomic: damage was seen, and noted for the next start */
};

struct _StoreQuery {
	StoreDb *db;
	sqlite3_stmt *statement;
	gboolean cached;
};

struct _StoreTransaction {
	StoreDb *db;
	gboolean durable;
};

/* A file for each step of the schema; its place is the version it leads to, less one. */
static const char *const migrations[] = {
	"/outlook-accounts/store/schema.sql",
	"/outlook-accounts/store/schema-2.sql",
};

G_DEFINE_FINAL_TYPE(StoreDb, store_db, G_TYPE_OBJECT)

/* So that the next start looks at all of it. */
static void
note_damage(StoreDb *self)
{
	const char *path = self->sqlite != NULL ? sqlite3_db_filename(self->sqlite, "main") : NULL;
	g_autofree char *note = path != NULL ? g_strconcat(path, ".suspect", NULL) : NULL;

	if (note != NULL && g_atomic_int_compare_and_exchange(&self->suspect, FALSE, TRUE))
		g_file_set_contents(note, "", 0, NULL);
}

static void
set_error(StoreDb *self, int code, GError **error)
{
	const char *text = self->sqlite != NULL ? sqlite3_errmsg(self->sqlite) : sqlite3_errstr(code);

	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		note_damage(self);
		g_set_error(error, STORE_ERROR, STORE_ERROR_DAMAGED, _("The mail database is damaged: %s"), text);
		return;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, _("The mail database cannot be used: %s"), text);
		return;
	default:
		g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, _("The mail database reports an error: %s"), text);
		return;
	}
}

static gboolean
execute(StoreDb *self, const char *sql, GError **error)
{
	int code = sqlite3_exec(self->sqlite, sql, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return TRUE;
	set_error(self, code, error);
	return FALSE;
}

static gboolean
migrate(StoreDb *self, GError **error)
{
	g_autoptr(StoreTransaction) transaction = NULL;
	gint64 version = store_db_get_integer(self, -1, error, "PRAGMA user_version", "");

	if (version < 0)
		return FALSE;
	if (version == (gint64)G_N_ELEMENTS(migrations))
		return TRUE;

	transaction = store_transaction_begin_durable(self, error);
	if (transaction == NULL)
		return FALSE;
	version = store_db_get_integer(self, 0, NULL, "PRAGMA user_version", "");
	for (; version < (gint64)G_N_ELEMENTS(migrations); version++) {
		g_autoptr(GBytes) sql = g_resource_lookup_data(store_get_resource(), migrations[version], 0, error);
		g_autofree char *stamp = g_strdup_printf("PRAGMA user_version = %d", (int)version + 1);

		if (sql == NULL || !execute(self, g_bytes_get_data(sql, NULL), error) || !execute(self, stamp, error))
			return FALSE;
	}
	return store_transaction_commit(&transaction, error);
}

static gboolean
fail_too_new(GError **error)
{
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TOO_NEW,
			    _("The mail database was written by a newer version of this program."));
	return FALSE;
}

static guint32
read_number(const char *path, goffset offset)
{
	guint32 number = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && pread(fd, &number, sizeof number, offset) != sizeof number)
		number = 0;
	if (fd >= 0)
		close(fd);
	return GUINT32_FROM_BE(number);
}

static gint64
get_size(const char *path)
{
	GStatBuf status;

	return g_stat(path, &status) == 0 ? status.st_size : -1;
}

/* What SQLite finds before it opens the file is lost on it: it takes a log that makes no sense for none. */
static gboolean
check_files(const char *path, const char *log, GError **error)
{
	guint32 magic = read_number(log, 0);

	if (get_size(log) <= 0) {
		/* Opening would make files beside it. */
		if (get_size(path) > 0 && read_number(path, USER_VERSION_OFFSET) > G_N_ELEMENTS(migrations) &&
		    read_number(path, USER_VERSION_OFFSET) < G_MAXINT32 && read_number(path, 0) == 0x53514c69)
			return fail_too_new(error);
		return TRUE;
	}
	if (get_size(log) < LOG_HEADER_BYTES ||
	    ((magic == LOG_MAGIC || magic == LOG_MAGIC + 1) && read_number(log, 4) == LOG_VERSION))
		return TRUE;
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_DAMAGED,
			    _("The mail database is damaged: its log cannot be read"));
	return FALSE;
}

/* A database that was not closed is looked over; so is a small one, because it costs nothing. */
static gboolean
check(StoreDb *self, gboolean unclean, gboolean suspect, goffset size, GError **error)
{
	g_autofree char *verdict = NULL;
	g_autoptr(GError) failure = NULL;

	if (!unclean && !suspect && size > ALWAYS_CHECKED_BYTES)
		return TRUE;
	verdict =
		store_db_get_text(self, &failure, suspect ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", "");
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (g_strcmp0(verdict, "ok") == 0)
		return TRUE;
	note_damage(self);
	g_set_error(error, STORE_ERROR, STORE_ERROR_DAMAGED, _("The mail database is damaged: %s"),
		    verdict ? verdict : "quick_check");
	return FALSE;
}

/* Nothing is written to the file before it is known that it is ours to write to. */
static gboolean
accept(StoreDb *self, goffset size, GError **error)
{
	g_autoptr(GError) failure = NULL;
	gint64 version = size > 0 ? store_db_get_integer(self, -1, &failure, "PRAGMA user_version", "") : 0;

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	return version <= (gint64)G_N_ELEMENTS(migrations) || fail_too_new(error);
}

/* With an unclean end the last transactions may be lost, and the host may know numbers of them. */
static gboolean
skip_numbers(StoreDb *self, GError **error)
{
	return store_db_run(self, error, "UPDATE folders SET next_number = next_number + ?", "i", SPARE_NUMBERS);
}

static gboolean
prepare(StoreDb *self, const char *path, gboolean first, gboolean unclean, GError **error)
{
	g_autofree char *note = g_strconcat(path, ".suspect", NULL);
	gboolean suspect = g_file_test(note, G_FILE_TEST_EXISTS);
	goffset size = MAX(0, get_size(path));

	sqlite3_db_config(self->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!accept(self, size, error) || (first && size > 0 && !check(self, unclean, suspect, size, error)))
		return FALSE;
	sqlite3_db_config(self->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	if (!execute(self,
		     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
		     "PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;",
		     error))
		return FALSE;
	if (!migrate(self, error) || (first && unclean && !skip_numbers(self, error)))
		return FALSE;
	if (first && suspect)
		g_unlink(note);
	return TRUE;
}

/* In place of SQLite's own, which carries over within the commit, while others wait for their turn. */
static int
on_committed(void *data, sqlite3 *sqlite, const char *name, int pages)
{
	((StoreDb *)data)->log_pages = pages;
	return SQLITE_OK;
}

StoreDb *
store_db_open(const char *path, StoreDb *first, GError **error)
{
	g_autoptr(StoreDb) self = g_object_new(STORE_TYPE_DB, NULL);
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	gboolean unclean = get_size(log) > 0;
	int code;

	if (first == NULL && !check_files(path, log, error))
		return NULL;
	code = sqlite3_open_v2(path, &self->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
			       NULL);
	if (code != SQLITE_OK) {
		set_error(self, code, error);
		return NULL;
	}
	sqlite3_extended_result_codes(self->sqlite, 1);
	sqlite3_busy_timeout(self->sqlite, BUSY_TIMEOUT_MS);
	sqlite3_wal_hook(self->sqlite, on_committed, self);
	self->is_second = first != NULL;
	self->turn = first != NULL ? store_turn_ref(first->turn) : store_turn_new();
	return prepare(self, path, first == NULL, unclean, error) ? g_steal_pointer(&self) : NULL;
}

static sqlite3_stmt *
take_statement(StoreDb *self, const char *sql, gboolean *cached, GError **error)
{
	sqlite3_stmt *statement = g_hash_table_lookup(self->statements, sql);
	int code;

	*cached = TRUE;
	if (statement != NULL && !sqlite3_stmt_busy(statement))
		return statement;
	*cached = statement == NULL;
	code = sqlite3_prepare_v3(self->sqlite, sql, -1, *cached ? SQLITE_PREPARE_PERSISTENT : 0, &statement, NULL);
	if (code != SQLITE_OK) {
		set_error(self, code, error);
		return NULL;
	}
	if (*cached)
		g_hash_table_insert(self->statements, g_strdup(sql), statement);
	return statement;
}

static void
bind(sqlite3_stmt *statement, const char *types, va_list values)
{
	for (int i = 0; types[i] != '\0'; i++) {
		switch (types[i]) {
		case 'i':
			sqlite3_bind_int64(statement, i + 1, va_arg(values, int));
			break;
		case 'l':
			sqlite3_bind_int64(statement, i + 1, va_arg(values, gint64));
			break;
		case 'z': {
			gint64 value = va_arg(values, gint64);

			if (value != 0)
				sqlite3_bind_int64(statement, i + 1, value);
			else
				sqlite3_bind_null(statement, i + 1);
			break;
		}
		case 's':
			sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
			break;
		default:
			g_assert_not_reached();
		}
	}
}

static StoreQuery *
query_valist(StoreDb *self, GError **error, const char *sql, const char *types, va_list values)
{
	StoreQuery *query;
	sqlite3_stmt *statement;
	gboolean cached;

	g_rec_mutex_lock(&self->mutex);
	statement = take_statement(self, sql, &cached, error);
	if (statement == NULL) {
		g_rec_mutex_unlock(&self->mutex);
		return NULL;
	}
	bind(statement, types, values);
	query = g_new0(StoreQuery, 1);
	query->db = g_object_ref(self);
	query->statement = statement;
	query->cached = cached;
	return query;
}

StoreQuery *
store_db_query(StoreDb *self, GError **error, const char *sql, const char *types, ...)
{
	StoreQuery *query;
	va_list values;

	va_start(values, types);
	query = query_valist(self, error, sql, types, values);
	va_end(values);
	return query;
}

void
store_query_free(StoreQuery *self)
{
	if (self == NULL)
		return;
	if (self->cached) {
		sqlite3_reset(self->statement);
		sqlite3_clear_bindings(self->statement);
	} else {
		sqlite3_finalize(self->statement);
	}
	g_rec_mutex_unlock(&self->db->mutex);
	g_object_unref(self->db);
	g_free(self);
}

gboolean
store_query_next(StoreQuery *self, GError **error)
{
	int code = sqlite3_step(self->statement);

	if (code == SQLITE_ROW)
		return TRUE;
	if (code != SQLITE_DONE)
		set_error(self->db, code, error);
	return FALSE;
}

gint64
store_query_get_integer(StoreQuery *self, int column)
{
	return sqlite3_column_int64(self->statement, column);
}

gboolean
store_query_is_null(StoreQuery *self, int column)
{
	return sqlite3_column_type(self->statement, column) == SQLITE_NULL;
}

const char *
store_query_get_text(StoreQuery *self, int column)
{
	return (const char *)sqlite3_column_text(self->statement, column);
}

char *
store_query_dup_text(StoreQuery *self, int column)
{
	return g_strdup(store_query_get_text(self, column));
}

static void
take_turn(StoreDb *self)
{
	store_turn_take(self->turn, self->is_second);
}

/* The one connection carries the log over to the database for both, so that the other never waits for that. */
static void
give_turn_back(StoreDb *self)
{
	store_turn_give_back(self->turn);
	if (!self->is_second && self->log_pages >= LOG_PAGES_MAX)
		sqlite3_wal_checkpoint_v2(self->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	self->log_pages = 0;
}

gboolean
store_db_run(StoreDb *self, GError **error, const char *sql, const char *types, ...)
{
	g_autoptr(StoreQuery) query = NULL;
	g_autoptr(GError) failure = NULL;
	va_list values;
	gboolean alone;

	va_start(values, types);
	query = query_valist(self, error, sql, types, values);
	va_end(values);
	if (query == NULL)
		return FALSE;
	alone = !self->in_transaction && !sqlite3_stmt_readonly(query->statement);
	if (alone)
		take_turn(self);
	while (store_query_next(query, &failure))
		continue;
	if (alone)
		give_turn_back(self);
	if (failure == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

gboolean
store_db_run_row(StoreDb *self, GError **error, const char *sql, sqlite3_stmt *row)
{
	g_autoptr(StoreQuery) query = store_db_query(self, error, sql, "");
	g_autoptr(GError) failure = NULL;

	if (query == NULL)
		return FALSE;
	for (int i = 0; i < sqlite3_column_count(row); i++)
		sqlite3_bind_value(query->statement, i + 1, sqlite3_column_value(row, i));
	while (store_query_next(query, &failure))
		continue;
	if (failure == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

guint
store_db_get_changes(StoreDb *self)
{
	return sqlite3_changes(self->sqlite);
}

gint64
store_db_get_last_key(StoreDb *self)
{
	return sqlite3_last_insert_rowid(self->sqlite);
}

gint64
store_db_get_integer(StoreDb *self, gint64 fallback, GError **error, const char *sql, const char *types, ...)
{
	g_autoptr(StoreQuery) query = NULL;
	va_list values;

	va_start(values, types);
	query = query_valist(self, error, sql, types, values);
	va_end(values);
	if (query == NULL || !store_query_next(query, error) || store_query_is_null(query, 0))
		return fallback;
	return store_query_get_integer(query, 0);
}

char *
store_db_get_text(StoreDb *self, GError **error, const char *sql, const char *types, ...)
{
	g_autoptr(StoreQuery) query = NULL;
	va_list values;

	va_start(values, types);
	query = query_valist(self, error, sql, types, values);
	va_end(values);
	if (query == NULL || !store_query_next(query, error))
		return NULL;
	return store_query_dup_text(query, 0);
}

GArray *
store_db_list_integers(StoreDb *self, GError **error, const char *sql, const char *types, ...)
{
	g_autoptr(GArray) integers = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(StoreQuery) query = NULL;
	g_autoptr(GError) failure = NULL;
	va_list values;

	va_start(values, types);
	query = query_valist(self, &failure, sql, types, values);
	va_end(values);
	while (query != NULL && store_query_next(query, &failure)) {
		gint64 integer = store_query_get_integer(query, 0);

		g_array_append_val(integers, integer);
	}
	if (failure == NULL)
		return g_steal_pointer(&integers);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static StoreTransaction *
begin(StoreDb *db, gboolean durable, GError **error)
{
	StoreTransaction *self;

	g_rec_mutex_lock(&db->mutex);
	g_assert(!db->in_transaction);
	take_turn(db);
	if ((durable && !execute(db, "PRAGMA synchronous = FULL", error)) || !execute(db, "BEGIN IMMEDIATE", error)) {
		give_turn_back(db);
		g_rec_mutex_unlock(&db->mutex);
		return NULL;
	}
	db->in_transaction = TRUE;
	self = g_new0(StoreTransaction, 1);
	self->db = g_object_ref(db);
	self->durable = durable;
	return self;
}

StoreTransaction *
store_transaction_begin(StoreDb *db, GError **error)
{
	return begin(db, FALSE, error);
}

StoreTransaction *
store_transaction_begin_durable(StoreDb *db, GError **error)
{
	return begin(db, TRUE, error);
}

static void
end(StoreTransaction *self)
{
	StoreDb *db = self->db;

	db->in_transaction = FALSE;
	if (self->durable)
		execute(db, "PRAGMA synchronous = NORMAL", NULL);
	give_turn_back(db);
	g_free(self);
	g_rec_mutex_unlock(&db->mutex);
	g_object_unref(db);
}

gboolean
store_transaction_commit(StoreTransaction **self, GError **error)
{
	if (!execute((*self)->db, "COMMIT", error))
		return FALSE;
	end(g_steal_pointer(self));
	return TRUE;
}

void
store_transaction_free(StoreTransaction *self)
{
	if (self == NULL)
		return;
	if (!sqlite3_get_autocommit(self->db->sqlite))
		execute(self->db, "ROLLBACK", NULL);
	end(self);
}

static void
store_db_finalize(GObject *object)
{
	StoreDb *self = STORE_DB(object);

	g_hash_table_unref(self->statements);
	sqlite3_close_v2(self->sqlite);
	g_clear_pointer(&self->turn, store_turn_unref);
	g_rec_mutex_clear(&self->mutex);
	G_OBJECT_CLASS(store_db_parent_class)->finalize(object);
}

static void
finalize_statement(gpointer statement)
{
	sqlite3_finalize(statement);
}

static void
store_db_class_init(StoreDbClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = store_db_finalize;
}

static void
store_db_init(StoreDb *self)
{
	g_rec_mutex_init(&self->mutex);
	self->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize_statement);
}
