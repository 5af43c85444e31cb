/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submission-client.h"

#include <string.h>

static void
test_is_no_open_relay(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new(fixture);

	expect(client, "220 ");
	exchange(client, "EHLO x", "250-");
	exchange(client, "MAIL FROM:<a@example.org>", "530 ");
	exchange(client, "RCPT TO:<b@example.org>", "530 ");
	exchange(client, "DATA", "530 ");
	exchange(client, "x", "500 ");
	exchange(client, ".", "500 ");
	g_assert_cmpuint(fixture->deliveries, ==, 0);
}

static void
test_refuses_wrong_passwords_and_hangs_up_at_the_third(Fixture *fixture, gconstpointer data)
{
	const char *password = outlook_submission_get_password(fixture->submission);
	g_autofree char *shorter = g_strndup(password, strlen(password) - 1);
	g_autofree char *longer = g_strconcat(password, "x", NULL);
	const char *wrong[] = {shorter, longer, ""};
	g_autoptr(Client) client = client_new(fixture);

	expect(client, "220 ");
	exchange(client, "EHLO x", "250-");
	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *plain = make_plain("", "one", wrong[i]);
		g_autofree char *line = g_strconcat("AUTH PLAIN ", plain, NULL);

		exchange(client, line, i < 2 ? "535 " : "421 ");
	}
	expect_end(client);
}

static void
test_refuses_a_malformed_sign_in(Fixture *fixture, gconstpointer data)
{
	const char *password = outlook_submission_get_password(fixture->submission);
	g_autofree char *other = make_plain("somebody", "one", password);
	g_autofree char *nobody = make_plain("", "", password);
	g_autofree char *bare = g_base64_encode((const guchar *)password, strlen(password));
	const char *wrong[] = {"%%%", "=", "AA==", "AAAA", other, nobody, bare};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(Client) client = client_new(fixture);
		g_autofree char *line = g_strconcat("AUTH PLAIN ", wrong[i], NULL);

		expect(client, "220 ");
		exchange(client, "EHLO x", "250-");
		exchange(client, line, "535 ");
		exchange(client, "MAIL FROM:<a@example.org>", "530 ");
	}
}

static void
test_waits_before_it_answers_a_wrong_password(Fixture *fixture, gconstpointer data)
{
	g_autofree char *plain = make_plain("", "one", "wrong");
	g_autofree char *line = g_strconcat("AUTH PLAIN ", plain, "\r\nNOOP\r\n", NULL);
	g_autoptr(Client) client = client_new(fixture);
	gint64 since;

	outlook_submission_set_times(fixture->submission, 300, 60000, 60000);
	expect(client, "220 ");
	exchange(client, "EHLO x", "250-");
	since = g_get_monotonic_time();
	say(client, line);
	expect(client, "535 ");
	/* A lower bound alone: a busy machine makes it longer. */
	g_assert_cmpint(g_get_monotonic_time() - since, >=, 290000);
	expect(client, "250 ");
}

static void
test_has_another_password_each_time(Fixture *fixture, gconstpointer data)
{
	const char *password = outlook_submission_get_password(fixture->submission);
	Fixture other = {0};

	submission_set_up(&other, NULL);
	g_assert_cmpuint(strlen(password), >=, 40);
	g_assert_cmpstr(outlook_submission_get_password(other.submission), !=, password);
	submission_tear_down(&other, NULL);
}

static void
test_hangs_up_on_a_silent_client(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) silent = NULL;
	g_autoptr(Client) halfway = NULL;

	outlook_submission_set_times(fixture->submission, 1, 500, 60000);
	silent = client_new(fixture);
	expect(silent, "220 ");
	expect_end(silent);
	halfway = client_new_signed_in(fixture, "one");
	begin_mail(halfway);
	say(halfway, "x\r\n");
	expect_end(halfway);
	g_assert_cmpuint(fixture->deliveries, ==, 0);
}

static void
test_takes_a_limited_number_of_clients(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
	g_autoptr(Client) one_more = NULL;
	g_autoptr(Client) later = NULL;

	for (guint i = 0; i < 8; i++)
		g_ptr_array_add(clients, client_new_signed_in(fixture, "one"));
	one_more = client_new(fixture);
	expect(one_more, "421 ");
	expect_end(one_more);

	exchange(g_ptr_array_index(clients, 0), "QUIT", "221 ");
	expect_end(g_ptr_array_index(clients, 0));
	later = client_new(fixture);
	expect(later, "220 ");
}

/* Somebody who only holds connections does not keep the host from sending. */
static void
test_gives_the_place_of_a_stranger_to_whoever_comes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) strangers = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
	g_autoptr(Client) friend = client_new_signed_in(fixture, "one");
	g_autoptr(Client) late = NULL;

	for (guint i = 0; i < 40; i++) {
		g_ptr_array_add(strangers, client_new(fixture));
		expect(g_ptr_array_index(strangers, i), "220 ");
	}
	late = client_new_signed_in(fixture, "one");
	expect_end(g_ptr_array_index(strangers, 0));
	exchange(friend, "NOOP", "250 ");
	exchange(late, "NOOP", "250 ");
}

static void
test_hangs_up_on_a_stranger_who_goes_on_talking(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) stranger = NULL;
	gint64 since = g_get_monotonic_time();

	outlook_submission_set_times(fixture->submission, 1, 500, 60000);
	stranger = client_new(fixture);
	while (!stranger->ended) {
		say(stranger, "N");
		client_receive(stranger);
		turn(since);
	}
	g_assert_cmpuint(fixture->deliveries, ==, 0);
}

static void
test_survives_lines_that_do_not_end(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autofree char *line = g_strnfill(2 * 1024 * 1024, 'x');

	say(client, line);
	exchange(client, "", "500 ");
	exchange(client, "NOOP", "250 ");
}

static void
test_hangs_up_on_a_client_that_talks_on_while_it_should_wait(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autofree char *line = g_strnfill(2 * 1024 * 1024, 'x');

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	say(client, line);
	expect_end(client);
	g_assert_true(g_cancellable_is_cancelled(fixture->cancellable));
}

static void
test_answers_nonsense_and_then_hangs_up(Fixture *fixture, gconstpointer data)
{
	static const char *const nonsense[] = {
		"GET / HTTP/1.1",
		"",
		" ",
		"MAIL",
		"MAIL FROM:",
		"MAIL FROM:a@example.org",
		"MAIL FROM:<a@example.org",
		"MAIL FROM:<a@example.org>x",
		"MAIL FROM:<a b@example.org>",
		"MAIL FROM:<\"a@example.org>",
		"MAIL FROM:<\xff@example.org>",
		"MAIL FROM:<a@example.org> FOO=1",
		"RCPT TO:<b@example.org>",
		"DATA",
		"EHLO",
		"NOOP\001",
		"\xff\xfe",
		"MAILFROM:<a@example.org>",
		"DATA DATA",
	};
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	for (guint i = 0; i < G_N_ELEMENTS(nonsense); i++)
		exchange(client, nonsense[i], "5");
	exchange(client, "NOOP", "250 ");
	exchange(client, "FOO", "421 ");
	expect_end(client);
}

static void
test_survives_random_bytes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20250101);

	for (guint round = 0; round < 50; round++) {
		g_autoptr(Client) client = client_new_signed_in(fixture, "one");
		char bytes[3000];

		for (gsize i = 0; i < sizeof bytes; i++)
			bytes[i] = g_rand_int_range(rand, 0, 12) == 0 ? "\r\n. <>"[g_rand_int_range(rand, 0, 6)]
								      : (char)g_rand_int_range(rand, 0, 256);
		say_bytes(client, bytes, sizeof bytes);
	}
	g_assert_cmpuint(fixture->deliveries, ==, 0);
}

#define ADD(name, function) \
	g_test_add("/submission/" name, Fixture, NULL, submission_set_up, function, submission_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	ADD("is no open relay", test_is_no_open_relay);
	ADD("refuses wrong passwords and hangs up at the third",
	    test_refuses_wrong_passwords_and_hangs_up_at_the_third);
	ADD("refuses a malformed sign-in", test_refuses_a_malformed_sign_in);
	ADD("waits before it answers a wrong password", test_waits_before_it_answers_a_wrong_password);
	ADD("has another password each time", test_has_another_password_each_time);
	ADD("hangs up on a silent client", test_hangs_up_on_a_silent_client);
	ADD("takes a limited number of clients", test_takes_a_limited_number_of_clients);
	ADD("gives the place of a stranger to whoever comes", test_gives_the_place_of_a_stranger_to_whoever_comes);
	ADD("hangs up on a stranger who goes on talking", test_hangs_up_on_a_stranger_who_goes_on_talking);
	ADD("survives lines that do not end", test_survives_lines_that_do_not_end);
	ADD("hangs up on a client that talks on while it should wait",
	    test_hangs_up_on_a_client_that_talks_on_while_it_should_wait);
	ADD("answers nonsense and then hangs up", test_answers_nonsense_and_then_hangs_up);
	ADD("survives random bytes", test_survives_random_bytes);
	return g_test_run();
}
