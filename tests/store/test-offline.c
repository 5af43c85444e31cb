/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "graph-error.h"
#include "home.h"

#define INBOX(home) store_account_find_role((home)->account, STORE_ROLE_INBOX)
#define MESSAGES 60

static guint
count_bodies(Home *home)
{
	g_autoptr(GArray) flags = store_account_list_flags(home->account, INBOX(home), NULL);
	guint n = 0;

	for (guint i = 0; i < flags->len; i++) {
		const StoreMessageFlags *row = &g_array_index(flags, StoreMessageFlags, i);
		g_autofree char *path = store_account_get_body(home->account, INBOX(home), row->number);

		g_assert_cmpint(path != NULL, ==, (row->flags & STORE_FLAG_BODY) != 0);
		n += path != NULL;
	}
	return n;
}

static guint
count_fetches(Home *home)
{
	return simulator_count_requests(home->simulator, "*$value*") +
	       simulator_count_requests(home->simulator, "*%24value*");
}

static void
fill(Home *home)
{
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", MESSAGES);
	home_check(home);
	simulator_reset_log(home->simulator);
}

typedef struct {
	GCancellable *cancellable;
	guint stop; /* after so many */
	guint told;
	guint most;
	gboolean ended;
} Watch;

static void
on_progress(StoreAccount *account, const char *text, guint done, guint total, Watch *watch)
{
	watch->told++;
	watch->ended = text == NULL;
	if (text == NULL)
		return;
	watch->most = MAX(watch->most, done);
	if (watch->cancellable != NULL && done == watch->stop)
		g_cancellable_cancel(watch->cancellable);
}

static void
test_all_bodies_come_once(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	Watch watch = {0};
	gulong handler;

	fill(home);
	handler = g_signal_connect(home->account, "progress", G_CALLBACK(on_progress), &watch);
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(count_bodies(home), ==, MESSAGES);
	g_assert_cmpuint(count_fetches(home), ==, MESSAGES);
	g_assert_cmpuint(watch.told, ==, MESSAGES + 1);
	g_assert_cmpuint(watch.most, ==, MESSAGES - 1);
	g_assert_true(watch.ended);
	g_signal_handler_disconnect(home->account, handler);
	simulator_reset_log(home->simulator);
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
}

/* Stopped, started again, the program ended in between: each mail crosses the network once. */
static void
test_what_was_cut_short_goes_on_where_it_stopped(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fill(home);
	for (guint round = 1; round <= 3; round++) {
		g_autoptr(GCancellable) cancellable = g_cancellable_new();
		Watch watch = {.cancellable = cancellable, .stop = 10};

		g_signal_connect(home->account, "progress", G_CALLBACK(on_progress), &watch);
		g_assert_false(store_account_fetch_bodies(home->account, INBOX(home), 0, cancellable, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
		g_clear_error(&error);
		g_assert_true(watch.ended);
		g_assert_cmpuint(count_bodies(home), ==, round * 10);
		home_close(home);
		home_open(home);
	}
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(count_bodies(home), ==, MESSAGES);
	g_assert_cmpuint(count_fetches(home), ==, MESSAGES);
}

static void
test_one_bad_mail_keeps_back_no_other(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fill(home);
	simulator_add_fault(home->simulator, "{\"path\":\"value\",\"status\":403,\"skip\":3,\"count\":2}", &error);
	g_assert_no_error(error);
	g_assert_false(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
	g_assert_cmpuint(count_bodies(home), ==, MESSAGES - 2);
	g_clear_error(&error);
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_cmpuint(count_bodies(home), ==, MESSAGES);
}

/* Deleted elsewhere meanwhile: no news. */
static void
test_a_mail_that_went_is_left_out(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = home_deliver(home, "inbox", "Gone");

	home_check(home);
	simulator_delete(home->simulator, SIMULATOR_USER, id, &error);
	g_assert_no_error(error);
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(count_bodies(home), ==, 0);
}

static void
test_only_young_mail_is_fetched(Home *home, gconstpointer data)
{
	static const char old[] = "From: Bob <" SIMULATOR_OTHER ">\r\nTo: Alice <" SIMULATOR_USER
				  ">\r\nSubject: Old\r\nDate: Tue, 03 Mar 2020 10:00:00 +0100\r\n\r\nOld.\r\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *date = g_date_time_format(now, "%a, %d %b %Y %H:%M:%S +0000");
	g_autofree char *young = g_strdup_printf("From: Bob <" SIMULATOR_OTHER ">\r\nTo: Alice <" SIMULATOR_USER
						 ">\r\nSubject: Young\r\nDate: %s\r\n\r\nYoung.\r\n",
						 date);
	g_autofree char *one = simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", old, -1, &error);
	g_autofree char *two = simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", young, -1, &error);
	g_autoptr(StoreMessage) message = NULL;

	home_check(home);
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 30, NULL, &error));
	g_assert_cmpuint(count_bodies(home), ==, 1);
	message = home_find(home, INBOX(home), "Young");
	g_assert_true(message->flags & STORE_FLAG_BODY);
}

static void
test_a_file_that_somebody_removed_is_fetched_again(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = home_deliver(home, "inbox", "Letter");
	g_autoptr(StoreMessage) message = NULL;
	g_autofree char *path = NULL;

	home_check(home);
	message = home_find(home, INBOX(home), "Letter");
	path = store_account_fetch_body(home->account, INBOX(home), message->number, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_true(store_account_fetch_bodies(home->account, INBOX(home), 0, NULL, &error));
	g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
}

static void
test_some_can_be_chosen(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) all = NULL;

	fill(home);
	all = home_list(home, INBOX(home));
	g_array_set_size(all, 7);
	g_assert_true(store_account_fetch_some_bodies(home->account, INBOX(home), all, NULL, &error));
	g_assert_cmpuint(count_bodies(home), ==, 7);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/offline/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("all bodies come once", test_all_bodies_come_once);
	ADD("what was cut short goes on where it stopped", test_what_was_cut_short_goes_on_where_it_stopped);
	ADD("one bad mail keeps back no other", test_one_bad_mail_keeps_back_no_other);
	ADD("a mail that went is left out", test_a_mail_that_went_is_left_out);
	ADD("only young mail is fetched", test_only_young_mail_is_fetched);
	ADD("a file that somebody removed is fetched again", test_a_file_that_somebody_removed_is_fetched_again);
	ADD("some can be chosen", test_some_can_be_chosen);
	return g_test_run();
}
