/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agreement.h"
#include "store-db.h"

/*
 * A database that was damaged while the account was closed. Before that the host had changed things of which the server
 * knows nothing yet; the account opens all the same, says so, and after a check both sides agree.
 */

#define CROWD 120 /* messages, on several pages */
#define PAGE 4096

typedef struct {
	Home home;
	gint64 numbering;
	guint32 last; /* number in the Inbox */
	char *body;   /* path */
} Scene;

typedef void (*Damage)(const char *path);

static gint64
inbox(Scene *scene)
{
	return store_account_find_role(scene->home.account, STORE_ROLE_INBOX);
}

static guint32
number_of(Scene *scene, gint64 folder, const char *subject)
{
	g_autoptr(StoreMessage) message = home_find(&scene->home, folder, subject);

	g_assert_nonnull(message);
	return message->number;
}

/* What only this computer knows: a draft, a mail in a new folder, a flag, a move, a body, an answer that was noted. */
static void
set_up(Scene *scene, gconstpointer data)
{
	static const char *const subjects[] = {"Read", "Flagged", "Moved", "Deleted"};
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) flagged = NULL;
	g_autoptr(GArray) moved = NULL;
	g_autoptr(GArray) deleted = NULL;
	gint64 made;

	home_set_up(&scene->home, NULL);
	simulator_fill(scene->home.simulator, SIMULATOR_USER, "inbox", CROWD);
	for (guint i = 0; i < G_N_ELEMENTS(subjects); i++)
		g_free(home_deliver(&scene->home, "inbox", subjects[i]));
	home_check(&scene->home);
	scene->body = store_account_fetch_body(scene->home.account, inbox(scene),
					       number_of(scene, inbox(scene), "Read"), NULL, &error);
	g_assert_no_error(error);
	made = store_account_create_folder(scene->home.account, 0, "Made", &error);
	home_append(&scene->home, store_account_find_role(scene->home.account, STORE_ROLE_DRAFTS), "Draft",
		    STORE_FLAG_READ);
	home_append(&scene->home, made, "Kept", STORE_FLAG_READ);
	flagged = home_numbers(number_of(scene, inbox(scene), "Flagged"));
	store_account_change_flags(scene->home.account, inbox(scene), flagged, STORE_FLAG_FLAGGED, 0, &error);
	moved = home_numbers(number_of(scene, inbox(scene), "Moved"));
	g_array_unref(store_account_move_messages(scene->home.account, inbox(scene), moved, made, &error));
	deleted = home_numbers(number_of(scene, inbox(scene), "Deleted"));
	store_account_delete_messages(scene->home.account, inbox(scene), deleted, &error);
	g_assert_no_error(error);
	numbers = home_list(&scene->home, inbox(scene));
	scene->last = g_array_index(numbers, guint32, numbers->len - 1);
	scene->numbering = store_account_get_numbering(scene->home.account);
	g_assert_cmpint(scene->numbering, >, 0);
	home_close(&scene->home);
}

static void
tear_down(Scene *scene, gconstpointer data)
{
	g_free(scene->body);
	home_tear_down(&scene->home, NULL);
}

static char *
get_database(Scene *scene)
{
	return g_build_filename(scene->home.directory, "mail.db", NULL);
}

static void
overwrite(const char *path, goffset offset, gsize length)
{
	g_autofree guchar *rubbish = g_malloc(length);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	for (gsize i = 0; i < length; i++)
		rubbish[i] = (guchar)(i * 31 + 7);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(pwrite(fd, rubbish, length, offset), ==, (gssize)length);
	close(fd);
}

static goffset
get_size(const char *path)
{
	GStatBuf status;

	g_assert_cmpint(g_stat(path, &status), ==, 0);
	return status.st_size;
}

static guint
get_root(const char *path, const char *table)
{
	g_autoptr(StoreDb) db = store_db_open(path, NULL, NULL);

	return (guint)store_db_get_integer(db, 0, NULL, "SELECT rootpage FROM sqlite_master WHERE name = ?", "s",
					   table);
}

static void
damage_header(const char *path)
{
	overwrite(path, 0, 100);
}

static void
damage_first_page(const char *path)
{
	overwrite(path, 0, PAGE);
}

/* A leaf in the middle of the messages, of which there are many. */
static void
damage_middle(const char *path)
{
	overwrite(path, get_size(path) / PAGE / 2 * PAGE, 2 * PAGE);
}

static void
damage_journal(const char *path)
{
	overwrite(path, (goffset)(get_root(path, "journal") - 1) * PAGE, PAGE);
}

static void
damage_messages(const char *path)
{
	overwrite(path, (goffset)(get_root(path, "messages") - 1) * PAGE, PAGE);
}

static void
damage_folders(const char *path)
{
	overwrite(path, (goffset)(get_root(path, "folders") - 1) * PAGE, PAGE);
}

static void
truncate_half(const char *path)
{
	g_assert_cmpint(truncate(path, get_size(path) / 2 / PAGE * PAGE + 123), ==, 0);
}

static void
damage_all(const char *path)
{
	overwrite(path, 0, get_size(path));
}

static void
empty(const char *path)
{
	g_assert_cmpint(truncate(path, 0), ==, 0);
}

static void
remove_file(const char *path)
{
	g_assert_cmpint(g_unlink(path), ==, 0);
}

static void
add_log_of_rubbish(const char *path)
{
	g_autofree char *log = g_strconcat(path, "-wal", NULL);

	g_assert_true(g_file_set_contents(log, "", 0, NULL));
	overwrite(log, 0, 3 * PAGE);
}

static void
assert_agreed(Scene *scene)
{
	g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *difference = NULL;

	for (guint i = 0; i < 2; i++)
		home_check(&scene->home);
	g_assert_cmpuint(store_account_count_waiting(scene->home.account), ==, 0);
	difference = agreement_find_difference(&scene->home, counted);
	g_assert_cmpstr(difference, ==, NULL);
}

/* The only directory whose name begins so */
static char *
find_aside(Scene *scene)
{
	g_autoptr(GDir) dir = g_dir_open(scene->home.directory, 0, NULL);
	char *found = NULL;
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_assert_false(g_str_has_prefix(name, "rescue"));
		if (!g_str_has_prefix(name, "damaged-"))
			continue;
		g_assert_null(found);
		found = g_build_filename(scene->home.directory, name, NULL);
	}
	return found;
}

static void
assert_same(Scene *scene, const char *name, GBytes *before)
{
	g_autofree char *aside = find_aside(scene);
	g_autofree char *path = g_build_filename(aside, name, NULL);
	g_autofree char *now = NULL;
	gsize length;

	g_assert_true(g_file_get_contents(path, &now, &length, NULL));
	g_assert_cmpmem(now, length, g_bytes_get_data(before, NULL), g_bytes_get_size(before));
}

static GBytes *
read_file(const char *path)
{
	char *content;
	gsize length;

	g_assert_true(g_file_get_contents(path, &content, &length, NULL));
	return g_bytes_new_take(content, length);
}

/* Damages the database; the account opens, says so, counts anew, and keeps the damaged file as it was. */
static void
damage(Scene *scene, Damage how)
{
	g_autofree char *path = get_database(scene);
	g_autofree char *notice = NULL;
	g_autofree char *again = NULL;
	g_autoptr(GBytes) before = NULL;

	how(path);
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		before = read_file(path);
	home_open(&scene->home);
	notice = store_account_take_notice(scene->home.account);
	g_assert_nonnull(notice);
	g_test_message("%s", notice);
	again = store_account_take_notice(scene->home.account);
	g_assert_null(again);
	g_assert_cmpint(store_account_get_numbering(scene->home.account), >, scene->numbering);
	if (before != NULL)
		assert_same(scene, "mail.db", before);
}

/* Everything that the host did is there, once, at the server as well. */
static void
assert_nothing_lost(Scene *scene)
{
	g_autoptr(JsonObject) flagged = NULL;

	assert_agreed(scene);
	g_assert_cmpuint(home_count(&scene->home, "drafts", "Draft"), ==, 1);
	g_assert_cmpuint(home_count(&scene->home, "Made", "Kept"), ==, 1);
	g_assert_cmpuint(home_count(&scene->home, "Made", "Moved"), ==, 1);
	g_assert_cmpuint(home_count(&scene->home, "inbox", "Deleted"), ==, 0);
	g_assert_cmpuint(home_count(&scene->home, "inbox", NULL), ==, CROWD + 2);
	flagged = home_get(&scene->home, "inbox", "Flagged");
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(flagged, "flag"), "flagStatus"), ==,
			"flagged");
}

/* Bodies are found again by the id, and a number that was used is not used for another message. */
static void
assert_body_kept(Scene *scene)
{
	g_autoptr(StoreMessage) message = home_find(&scene->home, inbox(scene), "Read");
	g_autofree char *path = store_account_get_body(scene->home.account, inbox(scene), message->number);

	g_assert_cmpstr(path, ==, scene->body);
	g_assert_cmpuint(message->number, >, scene->last);
}

static void
test_nothing_is_lost(Scene *scene, gconstpointer how)
{
	damage(scene, *(const Damage *)how);
	assert_nothing_lost(scene);
	assert_body_kept(scene);
}

/* Here, after it was found that both sides agree. */
static guint
count_everywhere(Scene *scene, const char *subject)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(scene->home.account, NULL);
	guint n = 0;

	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *folder = g_ptr_array_index(folders, i);
		g_autoptr(StoreMessage) message = home_find(&scene->home, folder->key, subject);

		n += message != NULL;
	}
	return n;
}

/* Rows are lost here and there; a mail that was only here is not. */
static void
test_mails_are_kept(Scene *scene, gconstpointer how)
{
	damage(scene, *(const Damage *)how);
	assert_agreed(scene);
	g_assert_cmpuint(count_everywhere(scene, "Draft"), ==, 1);
	g_assert_cmpuint(count_everywhere(scene, "Kept"), ==, 1);
	g_assert_cmpuint(count_everywhere(scene, "Moved"), ==, 1);
	g_assert_cmpuint(home_count(&scene->home, "inbox", "Read"), ==, 1);
}

/* Nothing can be read: what is at the server comes again, the files of the other mails are set aside. */
static void
test_mail_comes_again(Scene *scene, gconstpointer how)
{
	g_autofree char *aside = NULL;
	g_autofree char *base = g_path_get_basename(scene->body);
	g_autofree char *kept = NULL;

	damage(scene, *(const Damage *)how);
	assert_agreed(scene);
	g_assert_cmpuint(home_count(&scene->home, "inbox", NULL), ==, CROWD + 4);
	aside = find_aside(scene);
	kept = g_build_filename(aside, base, NULL);
	g_assert_true(g_file_test(kept, G_FILE_TEST_IS_REGULAR));
	g_assert_false(g_file_test(scene->body, G_FILE_TEST_EXISTS));
	home_close(&scene->home);
	home_open(&scene->home);
	g_assert_null(store_account_take_notice(scene->home.account));
}

/* The log held what was done last; the state before comes back, and no number means two messages. */
static void
test_log_of_rubbish(Scene *scene, gconstpointer data)
{
	damage(scene, add_log_of_rubbish);
	assert_nothing_lost(scene);
	assert_body_kept(scene);
}

/* The power failed between two renames: the same directory is used, and nothing is done twice. */
static void
test_interrupted_rescue_is_finished(Scene *scene, gconstpointer data)
{
	g_autofree char *path = get_database(scene);
	g_autofree char *ready = g_build_filename(scene->home.directory, "rescued-20260303-101112.db", NULL);
	g_autofree char *aside = g_build_filename(scene->home.directory, "damaged-20260303-101112", NULL);
	g_autofree char *expected = g_build_filename(aside, "mail.db", NULL);
	g_autoptr(GBytes) whole = read_file(path);

	g_assert_true(g_file_set_contents(ready, g_bytes_get_data(whole, NULL), (gssize)g_bytes_get_size(whole), NULL));
	damage_all(path);
	add_log_of_rubbish(path);
	home_open(&scene->home);
	g_assert_true(g_file_test(expected, G_FILE_TEST_IS_REGULAR));
	g_assert_false(g_file_test(ready, G_FILE_TEST_EXISTS));
	assert_nothing_lost(scene);
}

/* A large database is not looked over at each start: what is met in it is noted for the next one. */
static void
test_damage_is_met_while_it_is_open(Scene *scene, gconstpointer data)
{
	g_autofree char *path = get_database(scene);
	g_autofree char *note = g_strconcat(path, ".suspect", NULL);
	guint root = get_root(path, "messages_by_number");
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	gint64 folder;

	home_open(&scene->home);
	folder = inbox(scene);
	overwrite(path, (goffset)(root - 1) * PAGE, PAGE);
	numbers = store_account_list_numbers(scene->home.account, folder, &error);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_DAMAGED);
	g_assert_null(numbers);
	g_assert_true(g_file_test(note, G_FILE_TEST_EXISTS));
	home_close(&scene->home);

	home_open(&scene->home);
	g_assert_false(g_file_test(note, G_FILE_TEST_EXISTS));
	g_assert_cmpint(store_account_get_numbering(scene->home.account), >, scene->numbering);
	assert_nothing_lost(scene);
}

/* As a host does it: the new version, then the old one (of @number, 0: none) goes. */
static void
save_anew(Scene *scene, gint64 folder, const char *text, guint32 number)
{
	g_autofree char *mail = home_write_mail(text, "<draft@contoso.example>");
	g_autoptr(GArray) old = home_numbers(number);
	g_autoptr(GError) error = NULL;

	home_append_mail(&scene->home, folder, mail, STORE_FLAG_READ);
	if (number != 0)
		store_account_delete_messages(scene->home.account, folder, old, &error);
	g_assert_no_error(error);
}

/* It is known to be there, whatever it holds: somebody will look again. */
static void
test_journal_that_cannot_be_read_is_looked_at_again(Scene *scene, gconstpointer data)
{
	g_autofree char *path = get_database(scene);
	guint root = get_root(path, "journal");

	home_open(&scene->home);
	overwrite(path, (goffset)(root - 1) * PAGE, PAGE);
	g_assert_cmpint(store_account_get_push_delay(scene->home.account), >, 0);
	home_close(&scene->home);
	home_open(&scene->home);
	assert_agreed(scene);
}

/* A draft was saved anew, and the row of the newer version is lost, with its entry. */
static void
test_old_version_of_a_draft_is_shown_when_the_new_one_is_lost(Scene *scene, gconstpointer data)
{
	static const char lose[] =
		"DELETE FROM messages WHERE key = (SELECT successor FROM journal WHERE successor > 0)";
	static const char forget[] = "DELETE FROM journal WHERE message NOT IN (SELECT key FROM messages)";
	g_autofree char *path = get_database(scene);
	g_autoptr(StoreDb) db = NULL;
	gint64 drafts;

	home_open(&scene->home);
	assert_agreed(scene);
	drafts = store_account_find_role(scene->home.account, STORE_ROLE_DRAFTS);
	save_anew(scene, drafts, "First", 0);
	assert_agreed(scene);
	save_anew(scene, drafts, "Second", number_of(scene, drafts, "First"));
	home_close(&scene->home);
	db = store_db_open(path, NULL, NULL);
	g_assert_true(store_db_run(db, NULL, lose, ""));
	g_assert_cmpint(store_db_get_changes(db), ==, 1);
	g_assert_true(store_db_run(db, NULL, forget, ""));
	g_assert_cmpint(store_db_get_changes(db), ==, 1);
	g_clear_object(&db);
	damage(scene, damage_header);
	assert_agreed(scene);
	number_of(scene, store_account_find_role(scene->home.account, STORE_ROLE_DRAFTS), "First");
	g_assert_cmpuint(home_count(&scene->home, "drafts", "First"), ==, 1);
}

/* Not an accident of the disk: the program was killed, and its last transactions may be lost. */
static void
test_unclean_end_skips_numbers(Scene *scene, gconstpointer data)
{
	g_autofree char *path = get_database(scene);
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	g_autoptr(GBytes) whole = NULL;
	g_autoptr(GBytes) log_content = NULL;

	home_open(&scene->home);
	home_append(&scene->home, inbox(scene), "Later", STORE_FLAG_READ);
	whole = read_file(path);
	log_content = read_file(log);
	g_assert_cmpuint(g_bytes_get_size(log_content), >, 0);
	home_close(&scene->home);
	g_assert_true(g_file_set_contents(path, g_bytes_get_data(whole, NULL), (gssize)g_bytes_get_size(whole), NULL));
	/* A tail that never reached the disk. */
	g_assert_true(g_file_set_contents(log, g_bytes_get_data(log_content, NULL), PAGE + 100, NULL));
	home_open(&scene->home);
	g_assert_null(home_find(&scene->home, inbox(scene), "Later"));
	g_assert_null(store_account_take_notice(scene->home.account));
	g_assert_cmpuint(home_append(&scene->home, inbox(scene), "Another", STORE_FLAG_READ), >, scene->last + 100);
	assert_agreed(scene);
	g_assert_cmpuint(home_count(&scene->home, "inbox", "Another"), ==, 1);
}

int
main(int argc, char **argv)
{
	static const Damage header = damage_header, first = damage_first_page, middle = damage_middle,
			    journal = damage_journal, messages = damage_messages, folders = damage_folders,
			    half = truncate_half, all = damage_all, none = empty, gone = remove_file;

	g_test_init(&argc, &argv, NULL);
#define ADD(name, how, test) g_test_add("/store/rescue/" name, Scene, how, set_up, test, tear_down)
	ADD("a damaged header costs nothing", &header, test_nothing_is_lost);
	ADD("a damaged first page costs nothing", &first, test_nothing_is_lost);
	ADD("a damaged middle loses no mail that is only here", &middle, test_mails_are_kept);
	ADD("damaged messages lose no mail that is only here", &messages, test_mails_are_kept);
	ADD("damaged folders lose no mail that is only here", &folders, test_mails_are_kept);
	ADD("a damaged journal loses no mail that is only here", &journal, test_mails_are_kept);
	ADD("a file cut in half loses no mail that is only here", &half, test_mails_are_kept);
	ADD("a file of rubbish is set aside and built anew", &all, test_mail_comes_again);
	ADD("an empty file is built anew", &none, test_mail_comes_again);
	ADD("a file that is gone is built anew", &gone, test_mail_comes_again);
	ADD("a log of rubbish costs only what was in it", NULL, test_log_of_rubbish);
	ADD("an interrupted rescue is finished", NULL, test_interrupted_rescue_is_finished);
	ADD("damage that is met while it is open is mended at the next start", NULL,
	    test_damage_is_met_while_it_is_open);
	ADD("a journal that cannot be read is looked at again", NULL,
	    test_journal_that_cannot_be_read_is_looked_at_again);
	ADD("an old version of a draft is shown when the new one is lost", NULL,
	    test_old_version_of_a_draft_is_shown_when_the_new_one_is_lost);
	ADD("after an unclean end numbers are skipped", NULL, test_unclean_end_skips_numbers);
	return g_test_run();
}
