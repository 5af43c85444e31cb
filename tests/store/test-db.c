/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "home.h"
#include "oauth-error.h"
#include "store-db.h"

static char *
get_database(Home *home)
{
	return g_build_filename(home->directory, "mail.db", NULL);
}

/* Opens the account, which has to fail. */
static void
assert_not_opened(Home *home, gint code)
{
	g_autoptr(GError) error = NULL;
	StoreAccount *account = store_account_new(home->directory, home->client, &error);

	g_assert_error(error, STORE_ERROR, code);
	g_assert_null(account);
}

static void
test_directory_is_private(Home *home, gconstpointer data)
{
	GStatBuf status;

	g_assert_cmpint(g_stat(home->directory, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0700);
}

static void
test_second_one_is_turned_away(Home *home, gconstpointer data)
{
	assert_not_opened(home, STORE_ERROR_IN_USE);
	home_close(home);
	home_open(home);
}

static void
make_newer(const char *path)
{
	g_autoptr(StoreDb) db = store_db_open(path, NULL, NULL);

	g_assert_true(store_db_run(db, NULL, "PRAGMA user_version = 1000", ""));
}

static void
assert_left_alone(Home *home, const char *path)
{
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;
	gsize length_before;
	gsize length_after;

	g_assert_true(g_file_get_contents(path, &before, &length_before, NULL));
	assert_not_opened(home, STORE_ERROR_TOO_NEW);
	g_assert_true(g_file_get_contents(path, &after, &length_after, NULL));
	g_assert_cmpmem(before, length_before, after, length_after);
}

static void
test_newer_one_is_left_alone(Home *home, gconstpointer data)
{
	g_autofree char *path = get_database(home);
	g_autofree char *log = g_strconcat(path, "-wal", NULL);

	home_close(home);
	make_newer(path);
	assert_left_alone(home, path);
	g_assert_false(g_file_test(log, G_FILE_TEST_EXISTS));

	g_assert_cmpint(g_unlink(path), ==, 0);
	home_open(home);
}

/* The newer version was killed: what it did last is in its log. */
static void
test_log_of_a_newer_one_is_left_alone(Home *home, gconstpointer data)
{
	g_autofree char *path = get_database(home);
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	g_autofree char *main_file = NULL;
	g_autofree char *log_file = NULL;
	gsize main_length;
	gsize log_length;

	home_close(home);
	{
		g_autoptr(StoreDb) db = store_db_open(path, NULL, NULL);

		g_assert_true(store_db_run(db, NULL, "PRAGMA user_version = 1000", ""));
		g_assert_true(g_file_get_contents(path, &main_file, &main_length, NULL));
		g_assert_true(g_file_get_contents(log, &log_file, &log_length, NULL));
	}
	g_assert_cmpuint(log_length, >, 0);
	g_assert_true(g_file_set_contents(path, main_file, (gssize)main_length, NULL));
	g_assert_true(g_file_set_contents(log, log_file, (gssize)log_length, NULL));
	assert_left_alone(home, path);
	assert_left_alone(home, log);

	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(g_unlink(log), ==, 0);
	home_open(home);
}

static void
test_unfinished_transaction_undoes_itself(Home *home, gconstpointer data)
{
	g_autofree char *path = g_build_filename(home->directory, "other.db", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreDb) db = store_db_open(path, NULL, &error);

	g_assert_no_error(error);
	{
		g_autoptr(StoreTransaction) transaction = store_transaction_begin(db, &error);

		g_assert_nonnull(transaction);
		g_assert_true(store_db_run(db, &error, "INSERT INTO account VALUES ('a', ?)", "s", "1"));
	}
	g_assert_cmpint(store_db_get_integer(db, -1, &error, "SELECT count(*) FROM account", ""), ==, 0);
	{
		g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(db, &error);

		g_assert_true(store_db_run(db, &error, "INSERT INTO account VALUES ('a', ?)", "s", NULL));
		g_assert_true(store_transaction_commit(&transaction, &error));
		g_assert_null(transaction);
	}
	g_assert_cmpint(store_db_get_integer(db, -1, &error, "SELECT count(*) FROM account", ""), ==, 1);
	g_assert_false(store_db_run(db, &error, "INSERT INTO account VALUES ('a', 'b')", ""));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_FAILED);
}

static void
test_reader_does_not_wait_for_a_writer(Home *home, gconstpointer data)
{
	g_autofree char *path = get_database(home);
	g_autoptr(StoreDb) other = store_db_open(path, NULL, NULL);
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(other, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) folders = NULL;

	g_assert_true(store_db_run(other, NULL, "INSERT INTO folders (name) VALUES ('New')", ""));
	folders = store_account_list_folders(home->account, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(folders->len, ==, 0);
	g_assert_true(store_transaction_commit(&transaction, &error));
	g_ptr_array_unref(folders);
	folders = store_account_list_folders(home->account, &error);
	g_assert_cmpuint(folders->len, ==, 1);
}

static void
test_home_belongs_to_one_person(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_account_bind_owner(home->account, "tenant.alice", &error));
	home_close(home);
	home_open(home);
	g_assert_true(store_account_bind_owner(home->account, "tenant.alice", &error));
	g_assert_no_error(error);
	g_assert_false(store_account_bind_owner(home->account, "tenant.bob", &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	g_assert_null(store_account_get_address(home->account));
	g_assert_cmpint(store_account_get_last_check(home->account), ==, 0);
}

/* As the first release left it, with a folder and a mail. */
static void
make_version_1(const char *path)
{
	g_autofree char *schema =
		g_build_filename(g_test_get_dir(G_TEST_DIST), "..", "..", "store", "schema.sql", NULL);
	g_autofree char *sql = NULL;
	g_autoptr(GError) error = NULL;
	sqlite3 *db = NULL;

	g_file_get_contents(schema, &sql, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_exec(db,
				     "INSERT INTO folders (id, name, next_number, filled) VALUES ('f', 'Old', 8, 1);"
				     "INSERT INTO messages (id, folder, number, server_folder, subject, in_reply_to)"
				     " VALUES ('m', 1, 7, 1, 'Kept', '<a@b>'); PRAGMA user_version = 1;",
				     NULL, NULL, NULL),
			==, SQLITE_OK);
	g_assert_cmpint(sqlite3_close(db), ==, SQLITE_OK);
}

static void
test_older_one_is_brought_to_this_version(Home *home, gconstpointer data)
{
	g_autofree char *path = get_database(home);
	g_autoptr(StoreMessage) message = NULL;

	home_close(home);
	make_version_1(path);
	home_open(home);
	message = home_find(home, 1, "Kept");
	g_assert_nonnull(message);
	g_assert_cmpuint(message->number, ==, 7);
	g_assert_cmpstr(message->in_reply_to, ==, "<a@b>");
	home_close(home);
	home_open(home);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add(path, Home, NULL, home_set_up_offline, test, home_tear_down)
	ADD("/store/db/directory is private", test_directory_is_private);
	ADD("/store/db/second one is turned away", test_second_one_is_turned_away);
	ADD("/store/db/newer one is left alone", test_newer_one_is_left_alone);
	ADD("/store/db/log of a newer one is left alone", test_log_of_a_newer_one_is_left_alone);
	ADD("/store/db/older one is brought to this version", test_older_one_is_brought_to_this_version);
	ADD("/store/db/unfinished transaction undoes itself", test_unfinished_transaction_undoes_itself);
	ADD("/store/db/reader does not wait for a writer", test_reader_does_not_wait_for_a_writer);
	ADD("/store/db/home belongs to one person", test_home_belongs_to_one_person);
	return g_test_run();
}
