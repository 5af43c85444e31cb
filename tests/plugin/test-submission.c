/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "outlook-submission.h"

#define MAX_SIZE 100000
#define PATIENCE_FOR_TESTS 60 /* seconds until a test that hangs is called failed */

typedef struct {
	OutlookSubmission *submission;

	/* the last mail that came */
	guint deliveries;
	char *user;
	char *sender;
	char **recipients;
	GBytes *mime;
	guint token;
	GCancellable *cancellable;
} Fixture;

typedef struct {
	GSocketConnection *connection;
	GString *received;
	gboolean ended;
} Client;

static void
on_deliver(const char *user, const char *sender, const char *const *recipients, GBytes *mime, guint token,
	   GCancellable *cancellable, gpointer user_data)
{
	Fixture *fixture = user_data;

	fixture->deliveries++;
	g_free(fixture->user);
	fixture->user = g_strdup(user);
	g_free(fixture->sender);
	fixture->sender = g_strdup(sender);
	g_strfreev(fixture->recipients);
	fixture->recipients = g_strdupv((char **)recipients);
	g_clear_pointer(&fixture->mime, g_bytes_unref);
	fixture->mime = g_bytes_ref(mime);
	fixture->token = token;
	g_set_object(&fixture->cancellable, cancellable);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->submission = outlook_submission_new(MAX_SIZE, on_deliver, fixture, &error);
	g_assert_no_error(error);
	outlook_submission_set_times(fixture->submission, 1, 60000);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->submission);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_free(fixture->user);
	g_free(fixture->sender);
	g_strfreev(fixture->recipients);
	g_clear_pointer(&fixture->mime, g_bytes_unref);
	g_clear_object(&fixture->cancellable);
}

static gboolean
on_tick(gpointer user_data)
{
	return G_SOURCE_CONTINUE;
}

/* One turn of the main loop, also when nothing happens in it. */
static void
turn(gint64 since)
{
	guint tick = g_timeout_add(1, on_tick, NULL);

	g_main_context_iteration(NULL, TRUE);
	g_source_remove(tick);
	g_assert_cmpint(g_get_monotonic_time() - since, <, PATIENCE_FOR_TESTS * G_USEC_PER_SEC);
}

static Client *
client_new(Fixture *fixture)
{
	g_autoptr(GSocketClient) dialler = g_socket_client_new();
	g_autoptr(GError) error = NULL;
	Client *client = g_new0(Client, 1);

	g_socket_client_set_enable_proxy(dialler, FALSE);
	client->connection = g_socket_client_connect_to_host(dialler, "127.0.0.1",
							     outlook_submission_get_port(fixture->submission), NULL,
							     &error);
	g_assert_no_error(error);
	client->received = g_string_new(NULL);
	return client;
}

static void
client_free(Client *client)
{
	g_io_stream_close(G_IO_STREAM(client->connection), NULL, NULL);
	g_object_unref(client->connection);
	g_string_free(client->received, TRUE);
	g_free(client);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)

static void
client_receive(Client *client)
{
	GInputStream *input = g_io_stream_get_input_stream(G_IO_STREAM(client->connection));
	char buffer[4096];
	g_autoptr(GError) error = NULL;
	gssize length;

	length = g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(input), buffer, sizeof buffer, NULL,
							  &error);
	if (length > 0)
		g_string_append_len(client->received, buffer, length);
	else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
		client->ended = TRUE;
}

static void
say_bytes(Client *client, const char *bytes, gsize length)
{
	GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(client->connection));
	gint64 since = g_get_monotonic_time();

	for (gsize done = 0; done < length && !client->ended;) {
		g_autoptr(GError) error = NULL;
		gssize n = g_pollable_output_stream_write_nonblocking(G_POLLABLE_OUTPUT_STREAM(output), bytes + done,
								      length - done, NULL, &error);

		if (n > 0)
			done += n;
		else if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
			client->ended = TRUE;
		turn(since);
	}
}

static void
say(Client *client, const char *text)
{
	say_bytes(client, text, strlen(text));
}

/* The next whole reply: its lines, the last without CRLF; %NULL when the server hung up first. */
static char *
hear(Client *client)
{
	gint64 since = g_get_monotonic_time();

	for (;;) {
		char *start = client->received->str;
		char *end;

		while ((end = strstr(start, "\r\n")) != NULL) {
			g_assert_cmpint(end - start, >=, 4);
			if (start[3] == ' ') {
				char *reply = g_strndup(client->received->str, end - client->received->str);

				g_string_erase(client->received, 0, end + 2 - client->received->str);
				return reply;
			}
			start = end + 2;
		}
		if (client->ended)
			return NULL;
		turn(since);
		client_receive(client);
	}
}

static void
expect(Client *client, const char *start)
{
	g_autofree char *reply = hear(client);

	g_assert_nonnull(reply);
	if (!g_str_has_prefix(reply, start))
		g_test_message("expected %s, got %s", start, reply);
	g_assert_true(g_str_has_prefix(reply, start));
}

static void
exchange(Client *client, const char *line, const char *start)
{
	say(client, line);
	say(client, "\r\n");
	expect(client, start);
}

static void
expect_end(Client *client)
{
	g_autofree char *reply = hear(client);

	g_assert_null(reply);
}

static char *
make_plain(const char *identity, const char *user, const char *password)
{
	g_autoptr(GByteArray) message = g_byte_array_new();

	g_byte_array_append(message, (const guint8 *)identity, strlen(identity) + 1);
	g_byte_array_append(message, (const guint8 *)user, strlen(user) + 1);
	g_byte_array_append(message, (const guint8 *)password, strlen(password));
	return g_base64_encode(message->data, message->len);
}

static Client *
client_new_signed_in(Fixture *fixture)
{
	Client *client = client_new(fixture);
	g_autofree char *plain = make_plain("", "one", outlook_submission_get_password(fixture->submission));
	g_autofree char *line = g_strconcat("AUTH PLAIN ", plain, NULL);

	expect(client, "220 ");
	exchange(client, "EHLO localhost", "250-");
	exchange(client, line, "235 ");
	return client;
}

static void
begin_mail(Client *client)
{
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "DATA", "354 ");
}

static void
wait_for_deliveries(Fixture *fixture, guint count)
{
	gint64 since = g_get_monotonic_time();

	while (fixture->deliveries < count)
		turn(since);
	g_assert_cmpuint(fixture->deliveries, ==, count);
}

static void
assert_mime(Fixture *fixture, const char *expected)
{
	gsize length;
	const char *bytes = g_bytes_get_data(fixture->mime, &length);

	g_assert_cmpmem(bytes, length, expected, strlen(expected));
}

static void
test_delivers_a_mail(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	exchange(client, "MAIL FROM:<a@example.org> SIZE=20 BODY=8BITMIME", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "RCPT TO:<\"odd > one\"@example.org>", "250 ");
	exchange(client, "RCPT TO:<B@example.org>", "250 ");
	exchange(client, "DATA", "354 ");
	say(client, "Subject: x\r\n\r\nOne\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_cmpstr(fixture->user, ==, "one");
	g_assert_cmpstr(fixture->sender, ==, "a@example.org");
	g_assert_cmpuint(g_strv_length(fixture->recipients), ==, 3);
	g_assert_cmpstr(fixture->recipients[0], ==, "b@example.org");
	g_assert_cmpstr(fixture->recipients[1], ==, "\"odd > one\"@example.org");
	g_assert_cmpstr(fixture->recipients[2], ==, "B@example.org");
	assert_mime(fixture, "Subject: x\r\n\r\nOne\r\n");

	client_receive(client);
	g_assert_cmpstr(client->received->str, ==, "");
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");
	exchange(client, "QUIT", "221 ");
	expect_end(client);
}

static void
test_delivers_two_mails_in_one_dialogue(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	for (guint i = 1; i <= 2; i++) {
		begin_mail(client);
		say(client, "x\r\n.\r\n");
		wait_for_deliveries(fixture, i);
		g_assert_cmpuint(g_strv_length(fixture->recipients), ==, 1);
		assert_mime(fixture, "x\r\n");
		outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
		expect(client, "250 ");
	}
}

static void
test_undoes_the_dots_and_keeps_every_other_byte(Fixture *fixture, gconstpointer data)
{
	static const char sent[] = "..\r\n...\r\n.a\r\na.\r\n\n.\n\r.\r\r\n..\r\r\n\xc3\xa4\xff\r\n\r\n.\r\n";
	static const char meant[] = ".\r\n..\r\na\r\na.\r\n\n.\n\r.\r\r\n.\r\r\n\xc3\xa4\xff\r\n\r\n";
	g_autoptr(Client) client = client_new_signed_in(fixture);

	/* In one go, then byte by byte: a boundary may fall anywhere. */
	begin_mail(client);
	say(client, sent);
	wait_for_deliveries(fixture, 1);
	assert_mime(fixture, meant);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");

	begin_mail(client);
	for (gsize i = 0; sent[i] != '\0'; i++)
		say_bytes(client, sent + i, 1);
	wait_for_deliveries(fixture, 2);
	assert_mime(fixture, meant);
}

static void
test_keeps_a_nul_and_a_dotted_carriage_return(Fixture *fixture, gconstpointer data)
{
	static const char sent[] = "a\0b\r\n.\rc\r\n.\r\r\n.\r\n";
	static const char meant[] = "a\0b\r\n\rc\r\n\r\r\n";
	g_autoptr(Client) client = client_new_signed_in(fixture);
	gsize length;
	const char *bytes;

	begin_mail(client);
	say_bytes(client, sent, sizeof sent - 1);
	wait_for_deliveries(fixture, 1);
	bytes = g_bytes_get_data(fixture->mime, &length);
	g_assert_cmpmem(bytes, length, meant, sizeof meant - 1);
}

static void
test_takes_all_commands_at_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	say(client, "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nNOOP\r\nVRFY b\r\nDATA\r\n");
	expect(client, "250 ");
	expect(client, "250 ");
	expect(client, "250 ");
	expect(client, "252 ");
	expect(client, "354 ");
	say(client, "x\r\n.\r\nNOOP\r\nQUIT\r\n");
	wait_for_deliveries(fixture, 1);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");
	expect(client, "250 ");
	expect(client, "221 ");
	expect_end(client);
}

static void
test_announces_what_it_can(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new(fixture);
	g_autofree char *reply = NULL;

	expect(client, "220 localhost ESMTP");
	say(client, "ehlo there\r\n");
	reply = hear(client);
	g_assert_nonnull(strstr(reply, "SIZE 100000\r\n"));
	g_assert_nonnull(strstr(reply, "8BITMIME\r\n"));
	g_assert_nonnull(strstr(reply, "PIPELINING\r\n"));
	g_assert_nonnull(strstr(reply, "AUTH PLAIN"));
	exchange(client, "HELO there", "250 ");
}

static void
test_asks_for_the_password_when_it_did_not_come(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new(fixture);
	g_autofree char *plain = make_plain("two", "two", outlook_submission_get_password(fixture->submission));

	expect(client, "220 ");
	exchange(client, "AUTH PLAIN", "503 ");
	exchange(client, "EHLO x", "250-");
	exchange(client, "AUTH CRAM-MD5", "504 ");
	exchange(client, "AUTH PLAIN", "334 ");
	exchange(client, "*", "501 ");
	exchange(client, "AUTH PLAIN", "334 ");
	exchange(client, plain, "235 ");
	exchange(client, "AUTH PLAIN", "503 ");
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
}

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

	outlook_submission_set_times(fixture->submission, 300, 60000);
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
test_refuses_a_mail_that_is_announced_too_large(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	exchange(client, "MAIL FROM:<a@example.org> SIZE=100001", "552 ");
	exchange(client, "MAIL FROM:<a@example.org> SIZE=99999999999999999999999", "501 ");
	exchange(client, "MAIL FROM:<a@example.org> SIZE=-1", "501 ");
	exchange(client, "MAIL FROM:<a@example.org> SIZE=100000", "250 ");
}

static void
test_refuses_a_mail_that_grows_too_large(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);
	g_autofree char *exact = g_strnfill(MAX_SIZE - 2, 'x');
	g_autofree char *more = g_strnfill(3 * MAX_SIZE, 'x');

	begin_mail(client);
	say(client, exact);
	say(client, "\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_cmpuint(g_bytes_get_size(fixture->mime), ==, MAX_SIZE);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");

	begin_mail(client);
	say(client, exact);
	say(client, "x\r\n.\r\n");
	expect(client, "552 ");

	begin_mail(client);
	say(client, more);
	say(client, "\r\n.\r\n");
	expect(client, "552 ");
	g_assert_cmpuint(fixture->deliveries, ==, 1);

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 2);
}

static void
test_bounds_the_mail_of_all_dialogues_together(Fixture *fixture, gconstpointer data)
{
	g_autofree char *most = g_strnfill(MAX_SIZE - 2, 'x');
	g_autoptr(Client) first = client_new_signed_in(fixture);
	g_autoptr(Client) second = client_new_signed_in(fixture);
	g_autoptr(Client) third = client_new_signed_in(fixture);
	guint token;

	begin_mail(first);
	say(first, most);
	say(first, "\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	token = fixture->token;
	begin_mail(second);
	say(second, most);
	say(second, "\r\n.\r\n");
	wait_for_deliveries(fixture, 2);

	begin_mail(third);
	say(third, "x\r\n.\r\n");
	expect(third, "452 ");

	outlook_submission_answer(fixture->submission, token, NULL, FALSE);
	expect(first, "250 ");
	begin_mail(third);
	say(third, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 3);
}

static void
test_says_why_a_mail_was_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);
	g_autoptr(GError) plain = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, "The mailbox is full.\r\n250 OK");
	g_autoptr(GError) words = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "Zu gro\xc3\x9f \xe2\x80\x94");
	g_autofree char *many = g_strnfill(5000, 'x');
	g_autoptr(GError) lengthy = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, many);
	g_autofree char *reply = NULL;

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	outlook_submission_answer(fixture->submission, fixture->token, plain, FALSE);
	expect(client, "554 The mailbox is full.  250 OK");

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 2);
	outlook_submission_answer(fixture->submission, fixture->token, plain, TRUE);
	expect(client, "451 The mailbox is full.");

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 3);
	outlook_submission_answer(fixture->submission, fixture->token, words, FALSE);
	reply = hear(client);
	g_assert_true(g_str_has_prefix(reply, "552 Zu gro"));
	g_assert_true(g_str_is_ascii(reply));

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 4);
	outlook_submission_answer(fixture->submission, fixture->token, lengthy, FALSE);
	g_free(reply);
	reply = hear(client);
	g_assert_cmpuint(strlen(reply), <=, 510);
	exchange(client, "NOOP", "250 ");
}

static void
test_cancels_the_delivery_when_the_client_goes(Fixture *fixture, gconstpointer data)
{
	Client *client = client_new_signed_in(fixture);
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
	Client *client = client_new_signed_in(fixture);

	begin_mail(client);
	say(client, "x\r\n.");
	client_free(client);
	client = client_new_signed_in(fixture);
	exchange(client, "QUIT", "221 ");
	g_assert_cmpuint(fixture->deliveries, ==, 0);
	client_free(client);
}

static void
test_cancels_deliveries_when_it_closes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	outlook_submission_close(fixture->submission);
	g_assert_true(g_cancellable_is_cancelled(fixture->cancellable));
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect_end(client);
}

static void
test_hangs_up_on_a_silent_client(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) silent = NULL;
	g_autoptr(Client) halfway = NULL;

	outlook_submission_set_times(fixture->submission, 1, 500);
	silent = client_new(fixture);
	expect(silent, "220 ");
	expect_end(silent);
	halfway = client_new_signed_in(fixture);
	begin_mail(halfway);
	say(halfway, "x\r\n");
	expect_end(halfway);
	g_assert_cmpuint(fixture->deliveries, ==, 0);
}

static void
test_does_not_hurry_a_client_that_waits_for_the_answer(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = NULL;
	gint64 since;

	outlook_submission_set_times(fixture->submission, 1, 500);
	client = client_new_signed_in(fixture);
	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	since = g_get_monotonic_time();
	while (g_get_monotonic_time() - since < 1200 * 1000)
		turn(since);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");
}

static void
test_takes_a_limited_number_of_clients(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
	g_autoptr(Client) one_more = NULL;
	g_autoptr(Client) later = NULL;

	for (guint i = 0; i < 8; i++) {
		Client *client = client_new(fixture);

		g_ptr_array_add(clients, client);
		expect(client, "220 ");
	}
	one_more = client_new(fixture);
	expect(one_more, "421 ");
	expect_end(one_more);

	exchange(g_ptr_array_index(clients, 0), "QUIT", "221 ");
	expect_end(g_ptr_array_index(clients, 0));
	later = client_new(fixture);
	expect(later, "220 ");
}

static void
test_survives_lines_that_do_not_end(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);
	g_autofree char *line = g_strnfill(2 * 1024 * 1024, 'x');

	say(client, line);
	exchange(client, "", "500 ");
	exchange(client, "NOOP", "250 ");
}

static void
test_hangs_up_on_a_client_that_talks_on_while_it_should_wait(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);
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
	g_autoptr(Client) client = client_new_signed_in(fixture);

	for (guint i = 0; i < G_N_ELEMENTS(nonsense); i++)
		exchange(client, nonsense[i], "5");
	exchange(client, "NOOP", "250 ");
	exchange(client, "FOO", "421 ");
	expect_end(client);
}

static void
test_refuses_lines_that_end_otherwise(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	say(client, "MAIL FROM:<a@example.org>\n");
	expect(client, "500 ");
	say_bytes(client, "NO\0OP\r\n", 7);
	expect(client, "500 ");
	exchange(client, "NOOP", "250 ");
}

static void
test_keeps_the_order_of_commands(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	exchange(client, "DATA", "503 ");
	exchange(client, "MAIL FROM:<>", "250 ");
	exchange(client, "MAIL FROM:<a@example.org>", "503 ");
	exchange(client, "DATA", "503 ");
	exchange(client, "RCPT TO:<>", "501 ");
	exchange(client, "RCPT TO:<b@example.org> NOTIFY=NEVER", "555 ");
	exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "RSET", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "503 ");
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
	exchange(client, "EHLO again", "250-");
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
}

static void
test_limits_the_recipients(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture);

	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
	for (guint i = 0; i < 1000; i++)
		exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "452 ");
	exchange(client, "DATA", "354 ");
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_cmpuint(g_strv_length(fixture->recipients), ==, 1000);
}

static void
test_survives_random_bytes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20250101);

	for (guint round = 0; round < 50; round++) {
		g_autoptr(Client) client = client_new_signed_in(fixture);
		char bytes[3000];

		for (gsize i = 0; i < sizeof bytes; i++)
			bytes[i] = g_rand_int_range(rand, 0, 12) == 0 ? "\r\n. <>"[g_rand_int_range(rand, 0, 6)]
								      : (char)g_rand_int_range(rand, 0, 256);
		say_bytes(client, bytes, sizeof bytes);
	}
	g_assert_cmpuint(fixture->deliveries, ==, 0);
}

static void
test_has_another_password_each_time(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	OutlookSubmission *other = outlook_submission_new(MAX_SIZE, on_deliver, fixture, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(strlen(outlook_submission_get_password(other)), >=, 40);
	g_assert_cmpstr(outlook_submission_get_password(other), !=, outlook_submission_get_password(fixture->submission));
	g_assert_finalize_object(other);
}

#define ADD(name, function) g_test_add("/submission/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	ADD("delivers a mail and holds the reply until it is told", test_delivers_a_mail);
	ADD("delivers two mails in one dialogue", test_delivers_two_mails_in_one_dialogue);
	ADD("undoes the dots and keeps every other byte", test_undoes_the_dots_and_keeps_every_other_byte);
	ADD("keeps a NUL and a dotted carriage return", test_keeps_a_nul_and_a_dotted_carriage_return);
	ADD("takes all commands at once", test_takes_all_commands_at_once);
	ADD("announces what it can", test_announces_what_it_can);
	ADD("asks for the password when it did not come", test_asks_for_the_password_when_it_did_not_come);
	ADD("is no open relay", test_is_no_open_relay);
	ADD("refuses wrong passwords and hangs up at the third", test_refuses_wrong_passwords_and_hangs_up_at_the_third);
	ADD("refuses a malformed sign-in", test_refuses_a_malformed_sign_in);
	ADD("waits before it answers a wrong password", test_waits_before_it_answers_a_wrong_password);
	ADD("refuses a mail that is announced too large", test_refuses_a_mail_that_is_announced_too_large);
	ADD("refuses a mail that grows too large", test_refuses_a_mail_that_grows_too_large);
	ADD("bounds the mail of all dialogues together", test_bounds_the_mail_of_all_dialogues_together);
	ADD("says why a mail was refused", test_says_why_a_mail_was_refused);
	ADD("cancels the delivery when the client goes", test_cancels_the_delivery_when_the_client_goes);
	ADD("does not deliver half a mail", test_does_not_deliver_half_a_mail);
	ADD("cancels deliveries when it closes", test_cancels_deliveries_when_it_closes);
	ADD("hangs up on a silent client", test_hangs_up_on_a_silent_client);
	ADD("does not hurry a client that waits for the answer", test_does_not_hurry_a_client_that_waits_for_the_answer);
	ADD("takes a limited number of clients", test_takes_a_limited_number_of_clients);
	ADD("survives lines that do not end", test_survives_lines_that_do_not_end);
	ADD("hangs up on a client that talks on while it should wait",
	    test_hangs_up_on_a_client_that_talks_on_while_it_should_wait);
	ADD("answers nonsense and then hangs up", test_answers_nonsense_and_then_hangs_up);
	ADD("refuses lines that end otherwise", test_refuses_lines_that_end_otherwise);
	ADD("keeps the order of commands", test_keeps_the_order_of_commands);
	ADD("limits the recipients", test_limits_the_recipients);
	ADD("survives random bytes", test_survives_random_bytes);
	ADD("has another password each time", test_has_another_password_each_time);
	return g_test_run();
}
