/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-rescue.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "store-account-private.h"
#include "store-journal.h"
#include "store-mend.h"
#include "store-salvage.h"

#define DATABASE "mail.db"
#define READY "rescued-"  /* the new database, complete */
#define ASIDE "damaged-"  /* the directory of the old one */
#define WORKSHOP "rescue" /* what an interrupted rescue leaves is thrown away */

typedef struct {
	const char *directory;
	const char *stamp;
	StoreBodies *bodies;
	GPtrArray *orphans; /* paths of bodies that belong to nothing any more */
	gboolean gone;	    /* there is no database at all */
	gboolean log;	    /* it was not closed: nobody knows whether all of its log can be read */
} Rescue;

static gboolean
fail(GError **error, const char *path)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_DISK,
		    _("The damaged mail database cannot be set aside, because “%s” cannot be written: %s"), path,
		    g_strerror(errno));
	return FALSE;
}

/* What is not there need not be moved. */
static gboolean
move_file(const char *from, const char *to, GError **error)
{
	return g_rename(from, to) == 0 || errno == ENOENT || fail(error, to);
}

static gboolean
copy_file(const char *from, const char *to, GError **error)
{
	g_autoptr(GFile) source = g_file_new_for_path(from);
	g_autoptr(GFile) target = g_file_new_for_path(to);
	g_autoptr(GError) failure = NULL;

	if (!g_file_test(from, G_FILE_TEST_EXISTS) ||
	    g_file_copy(source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &failure))
		return TRUE;
	g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, _("The damaged mail database cannot be read or copied: %s"),
		    failure->message);
	return FALSE;
}

/* The names tell the time of the rescue, so that an interrupted one goes on with the same directory. */
static gboolean
swap(const char *directory, const char *stamp, GError **error)
{
	static const char *const files[] = {DATABASE "-wal", DATABASE "-shm", DATABASE ".suspect", DATABASE};
	g_autofree char *name = g_strconcat(ASIDE, stamp, NULL);
	g_autofree char *aside = g_build_filename(directory, name, NULL);
	g_autofree char *ready_name = g_strconcat(READY, stamp, ".db", NULL);
	g_autofree char *ready = g_build_filename(directory, ready_name, NULL);
	g_autofree char *database = g_build_filename(directory, DATABASE, NULL);

	if (g_mkdir_with_parents(aside, 0700) != 0)
		return fail(error, aside);
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *from = g_build_filename(directory, files[i], NULL);
		g_autofree char *to = g_build_filename(aside, files[i], NULL);

		if (!move_file(from, to, error))
			return FALSE;
	}
	return move_file(ready, database, error);
}

gboolean
store_rescue_finish(const char *directory, GError **error)
{
	g_autoptr(GDir) children = g_dir_open(directory, 0, NULL);
	g_autofree char *stamp = NULL;
	const char *name;

	while (children != NULL && stamp == NULL && (name = g_dir_read_name(children)) != NULL) {
		if (g_str_has_prefix(name, READY) && g_str_has_suffix(name, ".db"))
			stamp = g_strndup(name + strlen(READY), strlen(name) - strlen(READY) - strlen(".db"));
	}
	return stamp == NULL || swap(directory, stamp, error);
}

gboolean
store_rescue_begin_count(StoreDb *db, GError **error)
{
	gint64 now = g_get_real_time();
	g_autofree char *numbering = g_strdup_printf("%" G_GINT64_FORMAT, now);
	static const char *const tables[] = {"folders", "messages", "journal"};

	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		if (!store_db_run(db, error, "DELETE FROM sqlite_sequence WHERE name = ?", "s", tables[i]) ||
		    !store_db_run(db, error, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", "sl", tables[i],
				  now))
			return FALSE;
	}
	return store_account_set_value(db, "numbering", numbering, error);
}

static char *
describe(gboolean gone, gboolean gaps, guint changes, const char *stamp)
{
	g_autofree char *aside = g_strconcat(ASIDE, stamp, NULL);
	GString *text = g_string_new(NULL);

	if (gone)
		g_string_append(text, _("The mail database was gone. It is built anew from the server."));
	else
		g_string_append_printf(text,
				       _("The mail database was damaged. It was set aside in “%s” and is built anew "
					 "from the server."),
				       aside);
	if (changes > 0) {
		g_string_append_c(text, ' ');
		g_string_append_printf(text,
				       ngettext("%u local change that the server does not have yet was kept.",
						"%u local changes that the server does not have yet were kept.",
						changes),
				       changes);
	}
	if (gaps) {
		g_string_append_c(text, ' ');
		g_string_append(text, _("Not everything could be read: local changes may be missing."));
	}
	return g_string_free(text, FALSE);
}

/* @old: (nullable) */
static gboolean
fill(StoreDb *db, const Rescue *rescue, StoreSalvage *old, GError **error)
{
	g_autofree char *notice = NULL;
	gboolean gaps = old == NULL || rescue->log;
	g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(db, error);

	if (transaction == NULL || (old != NULL && !store_salvage_run(old, db, &gaps, error)) ||
	    !store_rescue_begin_count(db, error) || !store_mend_run(db, rescue->bodies, &gaps, error) ||
	    !store_mend_list_orphans(db, rescue->directory, rescue->orphans, error))
		return FALSE;
	notice = describe(rescue->gone, gaps, store_journal_count(db), rescue->stamp);
	return store_account_set_value(db, "notice", notice, error) && store_transaction_commit(&transaction, error);
}

/* Nothing of it may stay in a log beside the file, which is going to be renamed. */
static gboolean
settle(StoreDb *db, const char *path, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (store_db_get_integer(db, 1, &failure, "PRAGMA main.wal_checkpoint(TRUNCATE)", "") == 0 && failure == NULL)
		return TRUE;
	if (failure == NULL) {
		errno = EBUSY;
		return fail(error, path);
	}
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

static gboolean
build(const Rescue *rescue, const char *old, const char *path, GError **error)
{
	g_autoptr(StoreSalvage) salvage = NULL;
	g_autoptr(StoreDb) db = store_db_open(path, NULL, error);

	if (db == NULL)
		return FALSE;
	/* Closed, it has all of its first page in the file. */
	g_clear_object(&db);
	salvage = rescue->gone ? NULL : store_salvage_open(old, path);
	db = store_db_open(path, NULL, error);
	return db != NULL && fill(db, rescue, salvage, error) && settle(db, path, error);
}

static void
set_orphans_aside(const char *directory, const char *stamp, GPtrArray *orphans)
{
	g_autofree char *name = g_strconcat(ASIDE, stamp, NULL);

	for (guint i = 0; i < orphans->len; i++) {
		const char *path = g_ptr_array_index(orphans, i);
		g_autofree char *base = g_path_get_basename(path);
		g_autofree char *to = g_build_filename(directory, name, base, NULL);

		g_rename(path, to);
	}
}

static gboolean
work(Rescue *rescue, const char *workshop, GError **error)
{
	g_autofree char *database = g_build_filename(rescue->directory, DATABASE, NULL);
	g_autofree char *log = g_strconcat(database, "-wal", NULL);
	g_autofree char *copy = g_build_filename(workshop, "old.db", NULL);
	g_autofree char *copied_log = g_strconcat(copy, "-wal", NULL);
	g_autofree char *fresh = g_build_filename(workshop, "new.db", NULL);
	g_autofree char *ready_name = g_strconcat(READY, rescue->stamp, ".db", NULL);
	g_autofree char *ready = g_build_filename(rescue->directory, ready_name, NULL);
	GStatBuf status;

	rescue->gone = g_stat(database, &status) != 0 || status.st_size == 0;
	rescue->log = g_stat(log, &status) == 0 && status.st_size > 0;

	/* Reading would write: into the log's index, at the end even into the database. */
	if (!copy_file(database, copy, error) || !copy_file(log, copied_log, error) ||
	    !build(rescue, copy, fresh, error))
		return FALSE;
	if (g_rename(fresh, ready) != 0)
		return fail(error, ready);
	if (!swap(rescue->directory, rescue->stamp, error))
		return FALSE;
	set_orphans_aside(rescue->directory, rescue->stamp, rescue->orphans);
	return TRUE;
}

/* The time, for a person; not that of an earlier rescue. */
static char *
make_stamp(const char *directory)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *time = g_date_time_format(now, "%Y%m%d-%H%M%S");
	g_autofree char *stamp = g_strdup(time);

	for (guint i = 2;; i++) {
		g_autofree char *name = g_strconcat(ASIDE, stamp, NULL);
		g_autofree char *path = g_build_filename(directory, name, NULL);

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			return g_steal_pointer(&stamp);
		g_free(stamp);
		stamp = g_strdup_printf("%s-%u", time, i);
	}
}

gboolean
store_rescue_run(const char *directory, GError **error)
{
	g_autofree char *workshop = g_build_filename(directory, WORKSHOP, NULL);
	g_autofree char *stamp = make_stamp(directory);
	g_autoptr(GPtrArray) orphans = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(StoreBodies) bodies = store_bodies_new(directory, error);
	Rescue rescue = {.directory = directory, .stamp = stamp, .bodies = bodies, .orphans = orphans};
	gboolean done;

	if (bodies == NULL)
		return FALSE;
	if (g_file_test(workshop, G_FILE_TEST_EXISTS) && !store_account_remove(workshop, error))
		return FALSE;
	if (g_mkdir(workshop, 0700) != 0)
		return fail(error, workshop);
	done = work(&rescue, workshop, error);
	store_account_remove(workshop, NULL);
	return done;
}
