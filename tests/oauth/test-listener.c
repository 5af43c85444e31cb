/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oauth-error.h"
#include "oauth-listener.h"

#define STATE "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

typedef struct {
	OauthListener *listener;
	guint port;
	guint timeout;
	GCancellable *cancellable;
	GThread *thread;
	OauthCallback *callback;
	GError *error;
} Fixture;

static gpointer
wait_in_thread(gpointer user_data)
{
	Fixture *fixture = user_data;

	fixture->callback =
		oauth_listener_wait(fixture->listener, fixture->timeout, fixture->cancellable, &fixture->error);
	return NULL;
}

static void
start(Fixture *fixture, const char *path, OauthResponseMode mode)
{
	g_autoptr(GError) error = NULL;

	fixture->listener = oauth_listener_new(path, STATE, mode, &error);
	g_assert_no_error(error);
	fixture->port = oauth_listener_get_port(fixture->listener);
	fixture->cancellable = g_cancellable_new();
	if (fixture->timeout == 0)
		fixture->timeout = 60 * 1000;
	fixture->thread = g_thread_new("listener", wait_in_thread, fixture);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	start(fixture, "/", OAUTH_RESPONSE_MODE_FORM_POST);
}

static void
set_up_query(Fixture *fixture, gconstpointer data)
{
	start(fixture, "/", OAUTH_RESPONSE_MODE_QUERY);
}

static void
set_up_path(Fixture *fixture, gconstpointer data)
{
	start(fixture, "/callback", OAUTH_RESPONSE_MODE_FORM_POST);
}

static void
set_up_brief(Fixture *fixture, gconstpointer data)
{
	fixture->timeout = 300;
	start(fixture, "/", OAUTH_RESPONSE_MODE_FORM_POST);
}

static void
join(Fixture *fixture)
{
	g_thread_join(g_steal_pointer(&fixture->thread));
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	if (fixture->thread != NULL) {
		g_cancellable_cancel(fixture->cancellable);
		join(fixture);
	}
	g_assert_finalize_object(fixture->listener);
	g_object_unref(fixture->cancellable);
	oauth_callback_free(fixture->callback);
	g_clear_error(&fixture->error);
}

static GSocketConnection *
connect_to(Fixture *fixture, const char *address)
{
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_autoptr(GSocketAddress) target = g_inet_socket_address_new_from_string(address, fixture->port);

	g_socket_client_set_enable_proxy(client, FALSE);
	g_socket_client_set_timeout(client, 40);
	return g_socket_client_connect(client, G_SOCKET_CONNECTABLE(target), NULL, NULL);
}

static void
send_text(GSocketConnection *connection, const char *text)
{
	g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), text, strlen(text), NULL,
				  NULL, NULL);
}

/* All that comes until the other side closes */
static char *
receive(GSocketConnection *connection)
{
	GInputStream *stream = g_io_stream_get_input_stream(G_IO_STREAM(connection));
	GString *text = g_string_new(NULL);
	char buffer[4096];
	gssize got;

	while ((got = g_input_stream_read(stream, buffer, sizeof buffer, NULL, NULL)) > 0)
		g_string_append_len(text, buffer, got);
	return g_string_free(text, FALSE);
}

static char *
talk_to(Fixture *fixture, const char *address, const char *request)
{
	g_autoptr(GSocketConnection) connection = connect_to(fixture, address);

	g_assert_nonnull(connection);
	send_text(connection, request);
	return receive(connection);
}

/* Sends a request whose Host is right. @headers end with a line break each. */
static char *
request(Fixture *fixture, const char *line, const char *headers, const char *body)
{
	g_autofree char *text = g_strdup_printf("%s HTTP/1.1\r\nHost: localhost:%u\r\n%sContent-Length: %u\r\n\r\n%s",
						line, fixture->port, headers, (guint)strlen(body), body);

	return talk_to(fixture, "127.0.0.1", text);
}

static void
assert_status(char *answer, guint status)
{
	g_autofree char *expected = g_strdup_printf("HTTP/1.1 %u ", status);

	if (!g_str_has_prefix(answer, expected))
		g_error("wanted %u, got %s", status, answer);
	g_assert_nonnull(strstr(answer, "Content-Security-Policy: default-src 'none'"));
	g_assert_nonnull(strstr(answer, "Cache-Control: no-store"));
	g_assert_nonnull(strstr(answer, "Referrer-Policy: no-referrer"));
	g_assert_nonnull(strstr(answer, "X-Content-Type-Options: nosniff"));
	g_assert_nonnull(strstr(answer, "X-Frame-Options: DENY"));
	g_assert_nonnull(strstr(answer, "Connection: close"));
	g_assert_null(strstr(answer, "Access-Control"));
	g_assert_null(strstr(answer, STATE));
	g_assert_null(strstr(answer, "the-code"));
	g_free(answer);
}

static void
post(Fixture *fixture, const char *body, guint status)
{
	assert_status(request(fixture, "POST /", FORM, body), status);
}

static void
get(Fixture *fixture, const char *target, guint status)
{
	g_autofree char *line = g_strdup_printf("GET %s", target);

	assert_status(request(fixture, line, "", ""), status);
}

/* Whatever was tried before, the true answer still comes through. */
static void
assert_still_waiting(Fixture *fixture)
{
	post(fixture, "code=the-code&state=" STATE, 200);
	join(fixture);
	g_assert_no_error(fixture->error);
	g_assert_cmpstr(fixture->callback->code, ==, "the-code");
	g_assert_null(fixture->callback->refusal);
}

static void
test_takes_answer(Fixture *fixture, gconstpointer data)
{
	g_autofree char *code = g_strnfill(5000, 'c');
	g_autofree char *body =
		g_strdup_printf("code=%s%%2B+%%3D&session_state=x&iss=https%%3A%%2F%%2Fi&state=" STATE, code);
	g_autofree char *expected = g_strdup_printf("%s+ =", code);

	assert_status(
		request(fixture, "POST /", "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n", body),
		200);
	join(fixture);
	g_assert_no_error(fixture->error);
	g_assert_cmpstr(fixture->callback->code, ==, expected);
	g_assert_cmpstr(fixture->callback->issuer, ==, "https://i");
	g_assert_null(connect_to(fixture, "127.0.0.1"));
}

static void
test_both_families(Fixture *fixture, gconstpointer data)
{
	g_autofree char *text = g_strdup_printf("GET /x HTTP/1.1\r\nHost: [::1]:%u\r\n\r\n", fixture->port);
	g_autoptr(GSocketConnection) connection = connect_to(fixture, "::1");

	if (connection == NULL) {
		g_test_skip("This computer has no IPv6 loopback.");
		return;
	}
	send_text(connection, text);
	assert_status(receive(connection), 404);
	assert_still_waiting(fixture);
}

static void
test_wrong_state(Fixture *fixture, gconstpointer data)
{
	post(fixture, "code=evil&state=wrong", 400);
	post(fixture, "code=evil&state=abcdefghijklmnopqrstuvwxyz0123456789-_ABCDF", 400);
	post(fixture, "code=evil&state=", 400);
	post(fixture, "code=evil", 400);
	post(fixture, "error=access_denied&state=wrong", 400);
	get(fixture, "/?error=access_denied", 400);
	get(fixture, "/", 400);
	assert_still_waiting(fixture);
}

static void
test_missing_and_doubled(Fixture *fixture, gconstpointer data)
{
	post(fixture, "", 400);
	post(fixture, "state=" STATE, 400);
	post(fixture, "code=&state=" STATE, 400);
	post(fixture, "code=a&code=b&state=" STATE, 400);
	post(fixture, "code=a&state=" STATE "&state=" STATE, 400);
	post(fixture, "code=a&state=" STATE "&state=wrong", 400);
	post(fixture, "error=a&error=b&state=" STATE, 400);
	post(fixture, "code=a&iss=x&iss=x&state=" STATE, 400);
	post(fixture, "co%64e=a&code=b&state=" STATE, 400);
	post(fixture, "code=%zz&state=" STATE, 400);
	post(fixture, "code=%00&state=" STATE, 400);
	post(fixture, "code=%ff%fe&state=" STATE, 400);
	post(fixture, "&&&=&;;", 400);
	assert_still_waiting(fixture);
}

static void
test_wrong_mode(Fixture *fixture, gconstpointer data)
{
	get(fixture, "/?code=evil&state=" STATE, 400);
	assert_still_waiting(fixture);
}

static void
test_error_callback(Fixture *fixture, gconstpointer data)
{
	post(fixture, "error=access_denied&error_description=AADSTS65004%3A+no&state=" STATE, 200);
	join(fixture);
	g_assert_no_error(fixture->error);
	g_assert_null(fixture->callback->code);
	g_assert_cmpstr(fixture->callback->refusal->error, ==, "access_denied");
	g_assert_cmpuint(fixture->callback->refusal->code, ==, 65004);
}

/* A person who closed the page is not told that they declined the permissions. */
static void
test_cancelled_in_the_browser(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	post(fixture, "error=access_denied&error_subcode=cancel&state=" STATE, 200);
	join(fixture);
	error = oauth_refusal_to_error(fixture->callback->refusal);
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_cmpstr(oauth_error_get_details(error)->sentence, ==, "The sign-in was cancelled.");
}

static void
test_error_by_get(Fixture *fixture, gconstpointer data)
{
	get(fixture, "/?error=<b>consent_required</b>&code=x&state=" STATE, 200);
	join(fixture);
	g_assert_cmpstr(fixture->callback->refusal->error, ==, "bconsent_requiredb");
	g_assert_null(fixture->callback->code);
}

static void
test_query_mode(Fixture *fixture, gconstpointer data)
{
	char *answer;

	get(fixture, "/done", 404);
	post(fixture, "code=the-code&state=" STATE, 400);
	answer = request(fixture, "GET /?code=the-code&state=" STATE, "", "");
	g_assert_nonnull(strstr(answer, "Location: /done\r\n"));
	assert_status(answer, 303);
	get(fixture, "/?code=other&state=" STATE, 400);
	assert_status(request(fixture, "POST /done", FORM, ""), 405);
	get(fixture, "/done", 200);
	join(fixture);
	g_assert_no_error(fixture->error);
	g_assert_cmpstr(fixture->callback->code, ==, "the-code");
}

static void
test_query_without_done(Fixture *fixture, gconstpointer data)
{
	get(fixture, "/?code=the-code&state=" STATE, 303);
	join(fixture);
	g_assert_no_error(fixture->error);
	g_assert_cmpstr(fixture->callback->code, ==, "the-code");
}

static void
test_wrong_requests(Fixture *fixture, gconstpointer data)
{
	char *answer;

	get(fixture, "/favicon.ico", 404);
	get(fixture, "/index.html", 404);
	get(fixture, "//", 404);
	get(fixture, "/done", 404);
	answer = request(fixture, "PUT /", FORM, "code=evil&state=" STATE);
	g_assert_nonnull(strstr(answer, "Allow: GET, POST\r\n"));
	assert_status(answer, 405);
	assert_status(request(fixture, "DELETE /", "", ""), 405);
	assert_status(request(fixture, "OPTIONS /", "Origin: https://evil.example\r\n", ""), 405);
	assert_status(request(fixture, "HEAD /", "", ""), 405);
	assert_status(request(fixture, "POST /", "", "code=evil&state=" STATE), 415);
	assert_status(request(fixture, "POST /", "Content-Type: text/plain\r\n", "code=evil&state=" STATE), 415);
	assert_status(request(fixture, "POST /", "Content-Type: application/json\r\n", "{}"), 415);
	assert_still_waiting(fixture);
}

static void
test_configured_path(Fixture *fixture, gconstpointer data)
{
	assert_status(request(fixture, "POST /", FORM, "code=the-code&state=" STATE), 404);
	assert_status(request(fixture, "POST /callback/", FORM, "code=the-code&state=" STATE), 404);
	assert_status(request(fixture, "POST /Callback", FORM, "code=the-code&state=" STATE), 404);
	assert_status(request(fixture, "POST /callback", FORM, "code=the-code&state=" STATE), 200);
	join(fixture);
	g_assert_cmpstr(fixture->callback->code, ==, "the-code");
}

static void
test_wrong_host(Fixture *fixture, gconstpointer data)
{
	static const char *const hosts[] = {"evil.example",	"localhost",
					    "localhost:1",	"localhost.evil.example:%u",
					    "127.0.0.2:%u",	"localhost:%u, evil.example",
					    "user@localhost:%u"};
	g_autofree char *absolute = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
		g_auto(GStrv) parts = g_strsplit(hosts[i], "%u", 2);
		g_autofree char *port = g_strdup_printf("%u", fixture->port);
		g_autofree char *host = g_strjoinv(port, parts);
		g_autofree char *text =
			g_strdup_printf("POST / HTTP/1.1\r\nHost: %s\r\n" FORM "Content-Length: 0\r\n\r\n", host);
		g_autofree char *answer = talk_to(fixture, "127.0.0.1", text);

		g_assert_true(g_str_has_prefix(answer, "HTTP/1.1 421 ") || g_str_has_prefix(answer, "HTTP/1.1 400 "));
	}
	absolute = g_strdup_printf("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n");
	g_free(talk_to(fixture, "127.0.0.1", absolute));
	g_free(talk_to(fixture, "127.0.0.1", "GET / HTTP/1.0\r\n\r\n"));
	assert_still_waiting(fixture);
}

static void
test_too_big(Fixture *fixture, gconstpointer data)
{
	g_autofree char *body = g_strnfill(65 * 1024, 'a');
	g_autofree char *chunked = g_strdup_printf("POST / HTTP/1.1\r\nHost: localhost:%u\r\n" FORM
						   "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
						   fixture->port, (guint)strlen(body), body);

	post(fixture, body, 413);
	assert_status(talk_to(fixture, "127.0.0.1", chunked), 413);
	assert_still_waiting(fixture);
}

/* A body without end is cut off, without an answer if need be. */
static void
test_flood(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GSocketConnection) connection = connect_to(fixture, "127.0.0.1");
	g_autofree char *piece = g_strnfill(64 * 1024, 'a');
	g_autofree char *head = g_strdup_printf(
		"POST / HTTP/1.1\r\nHost: localhost:%u\r\n" FORM "Transfer-Encoding: chunked\r\n\r\n", fixture->port);
	g_autofree char *chunk = g_strdup_printf("10000\r\n%s\r\n", piece);
	GOutputStream *stream = g_io_stream_get_output_stream(G_IO_STREAM(connection));
	gboolean sent = TRUE;

	send_text(connection, head);
	for (guint i = 0; sent && i < 20000; i++)
		sent = g_output_stream_write_all(stream, chunk, strlen(chunk), NULL, NULL, NULL);
	g_assert_false(sent);
	assert_still_waiting(fixture);
}

static void
test_garbage(Fixture *fixture, gconstpointer data)
{
	static const char *const lines[] = {"\r\n\r\n",
					    "HELLO\r\n\r\n",
					    "\x16\x03\x01\x02garbage\r\n\r\n",
					    "GET\r\n\r\n",
					    "GET / HTTP/9.9\r\n\r\n",
					    "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
					    "GET ?\r\nHost: localhost\r\n\r\n",
					    ""};

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GSocketConnection) connection = connect_to(fixture, "127.0.0.1");

		send_text(connection, lines[i]);
		g_socket_shutdown(g_socket_connection_get_socket(connection), FALSE, TRUE, NULL);
		g_free(receive(connection));
	}
	assert_still_waiting(fixture);
}

/* Nobody may keep the door shut: silent connections are dropped after ten seconds, and the browser gets its turn. */
static void
test_slow_and_many(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) connections = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; i < 70; i++) {
		GSocketConnection *connection = connect_to(fixture, "127.0.0.1");

		g_assert_nonnull(connection);
		send_text(connection, i % 2 ? "POST / HTTP/1.1\r\nHost: loc" : "G");
		g_ptr_array_add(connections, connection);
	}
	assert_still_waiting(fixture);
}

static void
test_twenty_wrong_states(Fixture *fixture, gconstpointer data)
{
	for (guint i = 0; i < 20; i++)
		post(fixture, "code=evil&state=guess", 400);
	join(fixture);
	g_assert_error(fixture->error, OAUTH_ERROR, OAUTH_ERROR_FAILED);
	g_assert_null(fixture->callback);
}

static void
test_timeout(Fixture *fixture, gconstpointer data)
{
	join(fixture);
	g_assert_error(fixture->error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT);
}

static void
test_cancel(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GSocketConnection) connection G_GNUC_UNUSED = connect_to(fixture, "127.0.0.1");

	g_cancellable_cancel(fixture->cancellable);
	join(fixture);
	g_assert_error(fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_ports_differ(void)
{
	g_autoptr(OauthListener) first = oauth_listener_new("/", STATE, OAUTH_RESPONSE_MODE_QUERY, NULL);
	g_autoptr(OauthListener) second = oauth_listener_new("/", STATE, OAUTH_RESPONSE_MODE_QUERY, NULL);

	g_assert_nonnull(first);
	g_assert_nonnull(second);
	g_assert_cmpuint(oauth_listener_get_port(first), !=, 0);
	g_assert_cmpuint(oauth_listener_get_port(first), !=, oauth_listener_get_port(second));
}

#define ADD(path, up, function) g_test_add("/oauth/listener/" path, Fixture, NULL, up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("the answer is taken and the door closed", set_up, test_takes_answer);
	ADD("both loopback addresses answer on one port", set_up, test_both_families);
	ADD("a wrong state leaves the sign-in pending", set_up, test_wrong_state);
	ADD("missing and doubled parameters leave it pending", set_up, test_missing_and_doubled);
	ADD("a code by the wrong method is refused", set_up, test_wrong_mode);
	ADD("an error with the right state ends it", set_up, test_error_callback);
	ADD("a sign-in that is cancelled in the browser is said to be", set_up, test_cancelled_in_the_browser);
	ADD("an error may come by either method", set_up, test_error_by_get);
	ADD("query mode sends the browser on to a clean address", set_up_query, test_query_mode);
	ADD("query mode does not wait for ever for that", set_up_query, test_query_without_done);
	ADD("other paths, methods and types are refused", set_up, test_wrong_requests);
	ADD("a configured path is compared exactly", set_up_path, test_configured_path);
	ADD("another host name is refused", set_up, test_wrong_host);
	ADD("a body that is too big is refused", set_up, test_too_big);
	ADD("a body without end is cut off", set_up, test_flood);
	ADD("garbage is survived", set_up, test_garbage);
	ADD("slow and many clients do not keep the browser out", set_up, test_slow_and_many);
	ADD("twenty guesses end the sign-in", set_up, test_twenty_wrong_states);
	ADD("nobody comes", set_up_brief, test_timeout);
	ADD("the wait can be cancelled", set_up, test_cancel);
	g_test_add_func("/oauth/listener/each has a port of its own", test_ports_differ);
	return g_test_run();
}
