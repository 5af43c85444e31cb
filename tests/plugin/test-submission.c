/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submission-client.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static void
send_mail(Client *client, const char *text)
{
	begin_mail(client);
	say(client, text);
	say(client, "\r\n.\r\n");
}

static void
answer(Fixture *fixture, guint token)
{
	outlook_submission_answer(fixture->submission, token, NULL, FALSE);
}

static void
assert_failure(Fixture *fixture, Client *client, int code)
{
	g_assert_null(fixture->mime);
	g_assert_error(fixture->failure, G_IO_ERROR, code);
	outlook_submission_answer(fixture->submission, fixture->token, fixture->failure, FALSE);
	expect(client, code == G_IO_ERROR_MESSAGE_TOO_LARGE ? "552 " : "554 ");
}

static void
test_tells_of_a_mail_that_grows_too_large(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autofree char *exact = g_strnfill(MAX_SIZE - 2, 'x');
	g_autofree char *more = g_strnfill(MAX_SIZE - 1, 'x');
	g_autofree char *far_more = g_strnfill(3 * MAX_SIZE, 'x');

	send_mail(client, exact);
	wait_for_deliveries(fixture, 1);
	g_assert_cmpuint(g_bytes_get_size(fixture->mime), ==, MAX_SIZE);
	answer(fixture, fixture->token);
	expect(client, "250 ");

	send_mail(client, more);
	wait_for_deliveries(fixture, 2);
	assert_failure(fixture, client, G_IO_ERROR_MESSAGE_TOO_LARGE);
	send_mail(client, far_more);
	wait_for_deliveries(fixture, 3);
	assert_failure(fixture, client, G_IO_ERROR_MESSAGE_TOO_LARGE);

	send_mail(client, "x");
	wait_for_deliveries(fixture, 4);
	assert_mime(fixture, "x\r\n");
}

static void
test_bounds_the_mail_of_all_dialogues_together(Fixture *fixture, gconstpointer data)
{
	g_autofree char *most = g_strnfill(MAX_SIZE - 2, 'x');
	g_autoptr(Client) first = client_new_signed_in(fixture, "one");
	g_autoptr(Client) second = client_new_signed_in(fixture, "two");
	g_autoptr(Client) third = client_new_signed_in(fixture, "three");
	guint token;

	send_mail(first, most);
	wait_for_deliveries(fixture, 1);
	token = fixture->token;
	send_mail(second, most);
	wait_for_deliveries(fixture, 2);
	send_mail(third, "x");
	wait_for_deliveries(fixture, 3);
	assert_failure(fixture, third, G_IO_ERROR_BUSY);

	answer(fixture, token);
	expect(first, "250 ");
	send_mail(third, "x");
	wait_for_deliveries(fixture, 4);
	assert_mime(fixture, "x\r\n");
}

static void
test_delivers_a_mail_of_each_user_at_a_time(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) first = client_new_signed_in(fixture, "one");
	g_autoptr(Client) second = client_new_signed_in(fixture, "one");
	g_autoptr(Client) third = client_new_signed_in(fixture, "one");
	g_autoptr(Client) other = client_new_signed_in(fixture, "two");
	guint token;

	send_mail(first, "first");
	wait_for_deliveries(fixture, 1);
	token = fixture->token;
	/* Each has been heard to its end when the next one is through. */
	send_mail(second, "second");
	send_mail(third, "third");
	send_mail(other, "other");
	wait_for_deliveries(fixture, 2);
	assert_mime(fixture, "other\r\n");

	answer(fixture, token);
	expect(first, "250 ");
	wait_for_deliveries(fixture, 3);
	assert_mime(fixture, "second\r\n");
	answer(fixture, fixture->token);
	expect(second, "250 ");
	wait_for_deliveries(fixture, 4);
	assert_mime(fixture, "third\r\n");
	answer(fixture, fixture->token);
	expect(third, "250 ");
}

static void
test_forgets_a_mail_whose_client_goes_before_its_turn(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) first = client_new_signed_in(fixture, "one");
	Client *second = client_new_signed_in(fixture, "one");
	g_autoptr(Client) third = client_new_signed_in(fixture, "one");

	send_mail(first, "first");
	wait_for_deliveries(fixture, 1);
	send_mail(second, "second");
	client_free(second);
	send_mail(third, "third");
	answer(fixture, fixture->token);
	wait_for_deliveries(fixture, 2);
	assert_mime(fixture, "third\r\n");
}

/* A host gives up on a server that is silent for too long. */
static void
test_shows_a_waiting_client_that_it_lives(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) first = NULL;
	g_autoptr(Client) second = NULL;
	gint64 since = g_get_monotonic_time();
	g_autofree char *reply = NULL;

	outlook_submission_set_times(fixture->submission, 1, 60000, 20);
	first = client_new_signed_in(fixture, "one");
	second = client_new_signed_in(fixture, "one");
	send_mail(first, "first");
	wait_for_deliveries(fixture, 1);
	send_mail(second, "second");
	while (strstr(first->received->str, "\r\n150-") == NULL || strstr(second->received->str, "\r\n150-") == NULL) {
		turn(since);
		client_receive(first);
		client_receive(second);
	}
	answer(fixture, fixture->token);
	reply = hear(first);
	g_assert_true(g_str_has_prefix(reply, "150-"));
	g_assert_nonnull(strstr(reply, "\r\n250 "));
	exchange(first, "NOOP", "250 ");
}

/* Of a file without a name nothing can be left. */
static void
test_leaves_no_name_on_the_disk(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autoptr(GDir) directory = g_dir_open(fixture->directory, 0, NULL);

	send_mail(client, "x");
	wait_for_deliveries(fixture, 1);
	g_assert_null(g_dir_read_name(directory));
}

static void
test_tells_what_the_disk_says(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autofree char *text = g_strnfill(50000, 'x');
	struct rlimit before, narrow = {.rlim_cur = 10000};

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	narrow.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &narrow), ==, 0);
	send_mail(client, text);
	wait_for_deliveries(fixture, 1);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
	assert_failure(fixture, client, g_io_error_from_errno(EFBIG));

	g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
	send_mail(client, text);
	wait_for_deliveries(fixture, 2);
	assert_failure(fixture, client, G_IO_ERROR_NOT_FOUND);

	*fixture->directory = '\0';
	send_mail(client, text);
	wait_for_deliveries(fixture, 3);
	assert_failure(fixture, client, G_IO_ERROR_NOT_FOUND);
}

/* In kilobytes, the most that ever was: /proc/self/status */
static gint64
get_peak(void)
{
	g_autofree char *status = NULL;
	const char *line;

	g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
	line = strstr(status, "VmHWM:");
	g_assert_nonnull(line);
	return g_ascii_strtoll(line + strlen("VmHWM:"), NULL, 10);
}

#define LARGE (64 * 1024 * 1024)
#define PIECE (4 * 1024)

static void
test_holds_a_large_mail_outside_the_memory(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autofree char *piece = g_strnfill(1024 * 1024 - 2, 'x');
	gint64 before;

	begin_mail(client);
	before = get_peak();
	for (guint i = 0; i < LARGE / (1024 * 1024); i++) {
		say(client, piece);
		say(client, "\r\n");
	}
	say(client, ".\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_cmpuint(g_bytes_get_size(fixture->mime), ==, LARGE);
	g_assert_cmpint(get_peak() - before, <, 3 * PIECE);
}

static void
test_cancels_the_delivery_when_the_client_goes(Fixture *fixture, gconstpointer data)
{
	Client *client = client_new_signed_in(fixture, "one");
	gint64 since = g_get_monotonic_time();
	guint token;

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_false(g_cancellable_is_cancelled(fixture->cancellable));
	token = fixture->token;
	client_free(client);
	while (!g_cancellable_is_cancelled(fixture->cancellable))
		turn(since);

	/* The service may have taken it all the same: nobody is there to hear. */
	outlook_submission_answer(fixture->submission, token, NULL, FALSE);
	outlook_submission_answer(fixture->submission, token, NULL, FALSE);
	g_assert_cmpuint(fixture->deliveries, ==, 1);
}

static void
test_does_not_deliver_half_a_mail(Fixture *fixture, gconstpointer data)
{
	Client *client = client_new_signed_in(fixture, "one");

	begin_mail(client);
	say(client, "x\r\n.");
	client_free(client);
	client = client_new_signed_in(fixture, "one");
	exchange(client, "QUIT", "221 ");
	g_assert_cmpuint(fixture->deliveries, ==, 0);
	client_free(client);
}

static void
test_cancels_deliveries_when_it_closes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	outlook_submission_close(fixture->submission);
	g_assert_true(g_cancellable_is_cancelled(fixture->cancellable));
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect_end(client);
}

/* A host whose dialogue is cut off in place of that gives back what it has given back already. */
static void
test_gives_each_mail_back_when_it_leaves(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) why = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "It ends");
	g_autoptr(Client) first = client_new_signed_in(fixture, "one");
	g_autoptr(Client) second = client_new_signed_in(fixture, "one");
	g_autoptr(Client) late = client_new_signed_in(fixture, "two");
	gint64 since = g_get_monotonic_time();

	send_mail(first, "first");
	wait_for_deliveries(fixture, 1);
	send_mail(second, "second");
	begin_mail(late);
	outlook_submission_leave(fixture->submission, why);
	g_assert_true(g_cancellable_is_cancelled(fixture->cancellable));
	answer(fixture, fixture->token);
	expect(first, "451 It ends");
	expect(second, "451 It ends");
	say(late, "x\r\n.\r\n");
	expect(late, "451 It ends");
	send_mail(first, "again");
	expect(first, "451 It ends");
	g_assert_cmpuint(fixture->deliveries, ==, 1);

	exchange(first, "QUIT", "221 ");
	expect_end(first);
	exchange(second, "QUIT", "221 ");
	g_clear_pointer(&late, client_free);
	while (G_OBJECT(fixture->submission)->ref_count > 1)
		turn(since);
}

static void
test_does_not_hurry_a_client_that_waits_for_the_answer(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = NULL;
	gint64 since;

	outlook_submission_set_times(fixture->submission, 1, 500, 60000);
	client = client_new_signed_in(fixture, "one");
	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	since = g_get_monotonic_time();
	while (g_get_monotonic_time() - since < 1200 * 1000)
		turn(since);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");
}

#define ADD(name, function) \
	g_test_add("/submission/" name, Fixture, NULL, submission_set_up, function, submission_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	ADD("tells of a mail that grows too large", test_tells_of_a_mail_that_grows_too_large);
	ADD("bounds the mail of all dialogues together", test_bounds_the_mail_of_all_dialogues_together);
	ADD("cancels the delivery when the client goes", test_cancels_the_delivery_when_the_client_goes);
	ADD("does not deliver half a mail", test_does_not_deliver_half_a_mail);
	ADD("cancels deliveries when it closes", test_cancels_deliveries_when_it_closes);
	ADD("gives each mail back when it leaves", test_gives_each_mail_back_when_it_leaves);
	ADD("does not hurry a client that waits for the answer",
	    test_does_not_hurry_a_client_that_waits_for_the_answer);
	ADD("delivers a mail of each user at a time", test_delivers_a_mail_of_each_user_at_a_time);
	ADD("forgets a mail whose client goes before its turn", test_forgets_a_mail_whose_client_goes_before_its_turn);
	ADD("shows a waiting client that it lives", test_shows_a_waiting_client_that_it_lives);
	ADD("leaves no name on the disk", test_leaves_no_name_on_the_disk);
	ADD("tells what the disk says", test_tells_what_the_disk_says);
	g_test_add("/submission/holds a large mail outside the memory", Fixture, GSIZE_TO_POINTER((gsize)LARGE),
		   submission_set_up, test_holds_a_large_mail_outside_the_memory, submission_tear_down);
	return g_test_run();
}
