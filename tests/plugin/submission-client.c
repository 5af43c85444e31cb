/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submission-client.h"

#include <glib/gstdio.h>
#include <string.h>

#define PATIENCE_FOR_TESTS 60 /* seconds until a test that hangs is called failed */

static void
on_deliver(const char *user, const char *sender, const char *const *recipients, GBytes *mime, const GError *failure,
	   guint token, GCancellable *cancellable, gpointer user_data)
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
	fixture->mime = mime != NULL ? g_bytes_ref(mime) : NULL;
	g_clear_error(&fixture->failure);
	fixture->failure = failure != NULL ? g_error_copy(failure) : NULL;
	fixture->token = token;
	g_set_object(&fixture->cancellable, cancellable);
}

static char *
find_place(const char *user, gpointer user_data)
{
	Fixture *fixture = user_data;

	return *fixture->directory != '\0' ? g_strdup(fixture->directory) : NULL;
}

void
submission_set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->directory = g_dir_make_tmp("submission-XXXXXX", &error);
	g_assert_no_error(error);
	fixture->submission = outlook_submission_new(data != NULL ? GPOINTER_TO_SIZE(data) : MAX_SIZE, find_place,
						     on_deliver, fixture, &error);
	g_assert_no_error(error);
	outlook_submission_set_times(fixture->submission, 1, 60000, 60000);
}

void
submission_tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->submission);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_free(fixture->user);
	g_free(fixture->sender);
	g_strfreev(fixture->recipients);
	g_clear_pointer(&fixture->mime, g_bytes_unref);
	g_clear_error(&fixture->failure);
	g_clear_object(&fixture->cancellable);
	/* Nothing is left in it. */
	if (*fixture->directory != '\0')
		g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
	g_free(fixture->directory);
}

static gboolean
on_tick(gpointer user_data)
{
	return G_SOURCE_CONTINUE;
}

/* One turn of the main loop, also when nothing happens in it. */
void
turn(gint64 since)
{
	guint tick = g_timeout_add(1, on_tick, NULL);

	g_main_context_iteration(NULL, TRUE);
	g_source_remove(tick);
	g_assert_cmpint(g_get_monotonic_time() - since, <, PATIENCE_FOR_TESTS * G_USEC_PER_SEC);
}

Client *
client_new(Fixture *fixture)
{
	g_autoptr(GSocketClient) dialler = g_socket_client_new();
	g_autoptr(GError) error = NULL;
	Client *client = g_new0(Client, 1);

	g_socket_client_set_enable_proxy(dialler, FALSE);
	client->connection = g_socket_client_connect_to_host(
		dialler, "127.0.0.1", outlook_submission_get_port(fixture->submission), NULL, &error);
	g_assert_no_error(error);
	client->received = g_string_new(NULL);
	return client;
}

void
client_free(Client *client)
{
	g_io_stream_close(G_IO_STREAM(client->connection), NULL, NULL);
	g_object_unref(client->connection);
	g_string_free(client->received, TRUE);
	g_free(client);
}

void
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

void
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

void
say(Client *client, const char *text)
{
	say_bytes(client, text, strlen(text));
}

char *
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

void
expect(Client *client, const char *start)
{
	g_autofree char *reply = hear(client);

	g_assert_nonnull(reply);
	if (!g_str_has_prefix(reply, start))
		g_test_message("expected %s, got %s", start, reply);
	g_assert_true(g_str_has_prefix(reply, start));
}

void
exchange(Client *client, const char *line, const char *start)
{
	g_autofree char *whole = g_strconcat(line, "\r\n", NULL);

	say(client, whole);
	expect(client, start);
}

void
expect_end(Client *client)
{
	g_autofree char *reply = hear(client);

	g_assert_null(reply);
}

char *
make_plain(const char *identity, const char *user, const char *password)
{
	g_autoptr(GByteArray) message = g_byte_array_new();

	g_byte_array_append(message, (const guint8 *)identity, strlen(identity) + 1);
	g_byte_array_append(message, (const guint8 *)user, strlen(user) + 1);
	g_byte_array_append(message, (const guint8 *)password, strlen(password));
	return g_base64_encode(message->data, message->len);
}

Client *
client_new_signed_in(Fixture *fixture, const char *user)
{
	Client *client = client_new(fixture);
	g_autofree char *plain = make_plain("", user, outlook_submission_get_password(fixture->submission));
	g_autofree char *line = g_strconcat("AUTH PLAIN ", plain, NULL);

	expect(client, "220 ");
	exchange(client, "EHLO localhost", "250-");
	exchange(client, line, "235 ");
	return client;
}

void
begin_mail(Client *client)
{
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "DATA", "354 ");
}

void
wait_for_deliveries(Fixture *fixture, guint count)
{
	gint64 since = g_get_monotonic_time();

	while (fixture->deliveries < count)
		turn(since);
	g_assert_cmpuint(fixture->deliveries, ==, count);
}

void
assert_mime(Fixture *fixture, const char *expected)
{
	gsize length;
	const char *bytes = g_bytes_get_data(fixture->mime, &length);

	g_assert_cmpmem(bytes, length, expected, strlen(expected));
}
