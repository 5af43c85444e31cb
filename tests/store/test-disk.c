/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agreement.h"
#include "graph-error.h"
#include "store-db.h"

/*
 * A disk that is full, or cannot be written to: a small file system in memory, mounted where nobody else sees it. Who
 * may not mount one is told so, and the tests are skipped.
 */

#define BYTES "8m"
#define MAILS 60

static char *mount_point;
static char *trouble; /* why there is none */

static gboolean
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	gboolean done = fd >= 0 && write(fd, text, strlen(text)) == (gssize)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* Root may mount; somebody else is root in a namespace of his own, where that is allowed. */
static gboolean
enter_namespace(void)
{
	g_autofree char *uids = g_strdup_printf("0 %u 1", (guint)getuid());
	g_autofree char *gids = g_strdup_printf("0 %u 1", (guint)getgid());

	if (unshare(CLONE_NEWNS) == 0)
		return TRUE;
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", uids) && write_text("/proc/self/gid_map", gids);
}

/* Before there is a second thread. */
static void
mount_small_disk(void)
{
	mount_point = g_strdup("/tmp/outlook-disk-XXXXXX");
	g_assert_nonnull(g_mkdtemp(mount_point));
	if (enter_namespace() && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", mount_point, "tmpfs", MS_NOSUID | MS_NODEV, "size=" BYTES) == 0)
		g_setenv("TMPDIR", mount_point, TRUE);
	else
		trouble = g_strdup_printf("no file system can be mounted here: %s", g_strerror(errno));
}

/* Likewise. Root, too, is refused what a directory's mode refuses. */
static void
obey_permissions(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	g_assert_cmpint(syscall(SYS_capget, &header, sets), ==, 0);
	sets[0].effective &= ~(CAP_TO_MASK(CAP_DAC_OVERRIDE) | CAP_TO_MASK(CAP_DAC_READ_SEARCH));
	g_assert_cmpint(syscall(SYS_capset, &header, sets), ==, 0);
}

static char *
get_filler(void)
{
	return g_build_filename(mount_point, "filler", NULL);
}

/* But for so many bytes */
static void
fill_disk(gsize left)
{
	g_autofree char *path = get_filler();
	static const char zeros[4096];
	GStatBuf status;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	g_assert_cmpint(fd, >=, 0);
	for (gsize size = sizeof zeros; size > 0; size /= 2) {
		while (write(fd, zeros, size) == (gssize)size)
			continue;
	}
	g_assert_cmpint(errno, ==, ENOSPC);
	g_assert_cmpint(g_stat(path, &status), ==, 0);
	g_assert_cmpint(ftruncate(fd, status.st_size - (off_t)left), ==, 0);
	close(fd);
}

static void
make_room(void)
{
	g_autofree char *path = get_filler();

	g_assert_cmpint(g_unlink(path), ==, 0);
}

static void
set_read_only(gboolean read_only)
{
	g_assert_cmpint(mount("none", mount_point, NULL,
			      MS_REMOUNT | (read_only ? MS_RDONLY : 0) | MS_NOSUID | MS_NODEV, "size=" BYTES),
			==, 0);
}

static gint64
inbox(Home *home)
{
	return store_account_find_role(home->account, STORE_ROLE_INBOX);
}

static void
deliver_many(Home *home)
{
	g_autofree char *padding = g_strnfill(20000, 'x');

	for (guint i = 0; i < MAILS; i++) {
		g_autofree char *mail =
			g_strdup_printf("From: bob@contoso.example\r\nTo: alice@contoso.example\r\nSubject: Mail %u\r\n"
					"Message-ID: <%u@contoso.example>\r\n\r\n%s\r\n",
					i, i, padding);
		g_autoptr(GError) error = NULL;

		g_free(simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", mail, -1, &error));
		g_assert_no_error(error);
	}
}

static void
assert_agreed(Home *home)
{
	g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *difference = NULL;

	home_check(home);
	home_check(home);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	g_assert_cmpuint(home->refused->len, ==, 0);
	difference = agreement_find_difference(home, counted);
	g_assert_cmpstr(difference, ==, NULL);
}

static void
assert_says_disk(GError **error)
{
	g_assert_error(*error, STORE_ERROR, STORE_ERROR_DISK);
	g_test_message("%s", (*error)->message);
	g_clear_error(error);
}

static void
test_synchronisation(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	deliver_many(home);
	fill_disk(0);
	g_assert_false(store_account_check(home->account, 0, TRUE, NULL, &error));
	assert_says_disk(&error);
	make_room();
	assert_agreed(home);
	g_assert_cmpuint(home_list(home, inbox(home))->len, ==, MAILS);
}

/* Half a body is none. */
static void
test_body(Home *home, gconstpointer data)
{
	g_autofree char *unfinished = g_build_filename(home->directory, "bodies", "unfinished", NULL);
	g_autoptr(StoreMessage) message = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) left = NULL;
	g_autofree char *path = NULL;

	deliver_many(home);
	home_check(home);
	message = home_find(home, inbox(home), "Mail 7");
	fill_disk(0);
	g_assert_null(store_account_fetch_body(home->account, inbox(home), message->number, NULL, &error));
	assert_says_disk(&error);
	g_assert_null(store_account_get_body(home->account, inbox(home), message->number));
	g_assert_false(store_account_fetch_bodies(home->account, inbox(home), 0, NULL, &error));
	assert_says_disk(&error);
	left = g_dir_open(unfinished, 0, NULL);
	g_assert_null(g_dir_read_name(left));
	make_room();
	path = store_account_fetch_body(home->account, inbox(home), message->number, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(path);
}

static guint
count_flagged(Home *home)
{
	g_autoptr(GPtrArray) messages = store_account_list_messages(home->account, inbox(home), NULL, NULL);
	guint n = 0;

	for (guint i = 0; i < messages->len; i++)
		n += (((StoreMessage *)g_ptr_array_index(messages, i))->flags & STORE_FLAG_FLAGGED) != 0;
	return n;
}

/* A change is in the journal and on the screen, or in neither. */
static void
test_journal(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	guint taken = 0;

	deliver_many(home);
	home_check(home);
	numbers = home_list(home, inbox(home));
	fill_disk(100000);
	while (error == NULL && taken < numbers->len) {
		g_autoptr(GArray) one = home_numbers(g_array_index(numbers, guint32, taken));

		if (store_account_change_flags(home->account, inbox(home), one, STORE_FLAG_FLAGGED, 0, &error))
			taken++;
	}
	assert_says_disk(&error);
	g_assert_cmpuint(count_flagged(home), ==, taken);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, taken);
	g_assert_false(store_account_push(home->account, NULL, &error));
	assert_says_disk(&error);
	make_room();
	assert_agreed(home);
	g_assert_cmpuint(count_flagged(home), ==, taken);
}

/* The host keeps what was not taken. */
static void
test_append(Home *home, gconstpointer data)
{
	g_autofree char *path = g_build_filename(home->directory, "draft", NULL);
	g_autofree char *mail = home_write_mail("Draft", NULL);
	gint64 drafts;
	g_autoptr(GError) error = NULL;

	home_check(home);
	drafts = store_account_find_role(home->account, STORE_ROLE_DRAFTS);
	g_assert_true(g_file_set_contents(path, mail, -1, NULL));
	fill_disk(0);
	g_assert_cmpuint(store_account_append_message(home->account, drafts, path, 0, &error), ==, 0);
	assert_says_disk(&error);
	g_assert_cmpuint(home_list(home, drafts)->len, ==, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	make_room();
	g_assert_cmpuint(store_account_append_message(home->account, drafts, path, 0, &error), !=, 0);
	g_assert_no_error(error);
	assert_agreed(home);
	g_assert_cmpuint(home_count(home, "drafts", "Draft"), ==, 1);
}

static void
assert_not_opened(Home *home)
{
	g_autoptr(GError) error = NULL;
	StoreAccount *account = store_account_new(home->directory, home->client, &error);

	g_assert_null(account);
	assert_says_disk(&error);
}

static void
test_opening(Home *home, gconstpointer data)
{
	deliver_many(home);
	home_check(home);
	home_close(home);
	fill_disk(0);
	assert_not_opened(home);
	make_room();
	home_open(home);
	g_assert_cmpuint(home_list(home, inbox(home))->len, ==, MAILS);
	assert_agreed(home);
}

static void
test_first_opening(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	home_close(home);
	g_assert_true(store_account_remove(home->directory, &error));
	fill_disk(0);
	assert_not_opened(home);
	make_room();
	home_open(home);
	g_assert_null(store_account_take_notice(home->account));
	assert_agreed(home);
}

/* The damaged file stays where it is until there is room for another one. */
static void
test_rescue(Home *home, gconstpointer data)
{
	g_autofree char *database = g_build_filename(home->directory, "mail.db", NULL);
	g_autofree char *notice = NULL;
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;
	gsize length_before;
	gsize length_after;
	int fd;

	deliver_many(home);
	home_check(home);
	home_close(home);
	fd = open(database, O_WRONLY | O_CLOEXEC);
	g_assert_cmpint(pwrite(fd, "rubbish", 7, 0), ==, 7);
	close(fd);
	g_assert_true(g_file_get_contents(database, &before, &length_before, NULL));
	fill_disk(0);
	assert_not_opened(home);
	g_assert_true(g_file_get_contents(database, &after, &length_after, NULL));
	g_assert_cmpmem(before, length_before, after, length_after);
	make_room();
	home_open(home);
	notice = store_account_take_notice(home->account);
	g_assert_nonnull(notice);
	assert_agreed(home);
	g_assert_cmpuint(home_list(home, inbox(home))->len, ==, MAILS);
}

static void
test_read_only(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;

	deliver_many(home);
	home_check(home);
	home_close(home);
	set_read_only(TRUE);
	assert_not_opened(home);
	set_read_only(FALSE);
	home_open(home);
	numbers = home_list(home, inbox(home));
	g_assert_cmpuint(numbers->len, ==, MAILS);
	assert_agreed(home);
}

static void
set_modes(const char *directory, int mode)
{
	g_autoptr(GDir) children = g_dir_open(directory, 0, NULL);
	const char *name;

	g_assert_nonnull(children);
	while ((name = g_dir_read_name(children)) != NULL) {
		g_autofree char *child = g_build_filename(directory, name, NULL);

		if (g_file_test(child, G_FILE_TEST_IS_DIR))
			set_modes(child, mode);
	}
	g_assert_cmpint(g_chmod(directory, mode), ==, 0);
}

/* The database is open already and goes on; what needs a new file says so. */
static void
test_read_only_meanwhile(Home *home, gconstpointer data)
{
	g_autoptr(StoreMessage) message = NULL;
	g_autoptr(GArray) one = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	deliver_many(home);
	home_check(home);
	message = home_find(home, inbox(home), "Mail 7");
	one = home_numbers(message->number);
	set_modes(home->directory, 0500);
	g_assert_null(store_account_fetch_body(home->account, inbox(home), message->number, NULL, &error));
	assert_says_disk(&error);
	g_assert_false(store_account_fetch_bodies(home->account, inbox(home), 0, NULL, &error));
	assert_says_disk(&error);
	g_assert_cmpuint(home_list(home, inbox(home))->len, ==, MAILS);
	g_assert_true(store_account_change_flags(home->account, inbox(home), one, STORE_FLAG_FLAGGED, 0, &error));
	g_assert_no_error(error);
	g_free(home_deliver(home, "inbox", "Meanwhile"));
	assert_agreed(home);
	g_assert_cmpuint(home_list(home, inbox(home))->len, ==, MAILS + 1);
	set_modes(home->directory, 0700);
	path = store_account_fetch_body(home->account, inbox(home), message->number, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(path);
	assert_agreed(home);
	g_assert_cmpuint(count_flagged(home), ==, 1);
}

static gint64
count_kept(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreDb) db = store_db_open(path, NULL, &error);
	gint64 n;

	g_assert_no_error(error);
	n = store_db_get_integer(db, -1, &error, "SELECT count(*) FROM outbox", "");
	g_assert_no_error(error);
	return n;
}

static void
lose_answer(Home *home, const char *subject)
{
	static const char *const recipients[] = {SIMULATOR_OTHER, NULL};
	g_autofree char *mail =
		g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\nMessage-ID: "
				"<%s@contoso.example>\r\n\r\nHello.\r\n",
				subject, subject);
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(GError) error = NULL;

	simulator_add_fault(home->simulator, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}", &error);
	g_assert_no_error(error);
	simulator_add_fault(home->simulator, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}", &error);
	g_assert_no_error(error);
	g_assert_false(store_account_send(home->account, mime, recipients, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
}

/* The directory around it lets nothing go, and nothing come. */
static void
test_kept_twice(Home *home, gconstpointer data)
{
	g_autofree char *around = g_build_filename(mount_point, "around", NULL);
	g_autofree char *kept = g_build_filename(around, "kept", NULL);
	g_autoptr(GError) error = NULL;

	lose_answer(home, "one");
	store_account_keep_sent(home->account, kept, &error);
	g_assert_no_error(error);
	g_assert_cmpint(count_kept(kept), ==, 1);
	lose_answer(home, "two");
	g_assert_cmpint(g_chmod(around, 0500), ==, 0);
	store_account_keep_sent(home->account, kept, &error);
	g_assert_no_error(error);
	g_assert_cmpint(count_kept(kept), ==, 2);
	g_assert_cmpint(g_chmod(around, 0700), ==, 0);
	store_account_remove(around, NULL);
}

static void
test_skipped(void)
{
	g_test_skip(trouble);
}

static void
add(const char *path, void (*test)(Home *home, gconstpointer data))
{
	if (trouble != NULL)
		g_test_add_func(path, test_skipped);
	else
		g_test_add(path, Home, NULL, home_set_up, test, home_tear_down);
}

int
main(int argc, char **argv)
{
	int status;

	mount_small_disk();
	obey_permissions();
	g_test_init(&argc, &argv, NULL);
	add("/store/disk/a full disk stops a synchronisation, which goes on when there is room", test_synchronisation);
	add("/store/disk/a full disk leaves no half body", test_body);
	add("/store/disk/a full disk takes a change wholly or not at all", test_journal);
	add("/store/disk/a full disk takes a draft wholly or not at all", test_append);
	add("/store/disk/a full disk is said when the account is opened, which costs nothing", test_opening);
	add("/store/disk/a full disk is said when the account is new", test_first_opening);
	add("/store/disk/a full disk leaves a damaged database alone", test_rescue);
	add("/store/disk/a directory that cannot be written to is said, and costs nothing", test_read_only);
	add("/store/disk/a directory that cannot be written to any more is said, and what is open goes on",
	    test_read_only_meanwhile);
	add("/store/disk/what was kept of mails that may have left is there until more is", test_kept_twice);
	status = g_test_run();
	if (trouble == NULL)
		umount2(mount_point, MNT_DETACH);
	g_rmdir(mount_point);
	return status;
}
