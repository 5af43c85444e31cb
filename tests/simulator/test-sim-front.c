/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-web.h"

static void
sign_in(SimWeb *web)
{
	g_free(web->token);
	web->token = simulator_issue_access_token(web->simulator, SIMULATOR_USER, "User.Read Mail.ReadWrite Mail.Send");
}

static void
assert_error(SimWeb *web, guint status, const char *code, const char *reference)
{
	g_autoptr(JsonObject) object = NULL;
	JsonObject *error;

	g_assert_no_error(web->error);
	g_assert_cmpuint(web->status, ==, status);
	object = sim_web_object(web);
	error = json_object_get_object_member(object, "error");
	g_assert_cmpstr(json_object_get_string_member(error, "code"), ==, code);
	g_assert_true(json_object_has_member(error, "message"));
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(error, "innerError"), "request-id"),
			==, soup_message_headers_get_one(web->headers, "request-id"));
	sim_web_assert_refused(web, reference);
}

/* API.md 14.1, 14.2 */
static void
test_wants_a_token(SimWeb *web, gconstpointer data)
{
	const char *challenge;

	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	challenge = soup_message_headers_get_one(web->headers, "WWW-Authenticate");
	g_assert_true(g_str_has_prefix(challenge, "Bearer "));
	g_assert_null(strstr(challenge, "insufficient_claims"));
	assert_error(web, 401, "InvalidAuthenticationToken", "API.md 14.2");
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, "Authorization", "Basic YTpi", NULL);
	assert_error(web, 401, "InvalidAuthenticationToken", "API.md 14.2");
	web->token = g_strdup("unknown");
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	assert_error(web, 401, "InvalidAuthenticationToken", "API.md 14.2");
	sign_in(web);
	simulator_expire_access_tokens(web->simulator, SIMULATOR_OTHER);
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	simulator_expire_access_tokens(web->simulator, SIMULATOR_USER);
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	assert_error(web, 401, "InvalidAuthenticationToken", "API.md 14.2");
	sign_in(web);
	simulator_revoke_tokens(web->simulator, SIMULATOR_USER);
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	assert_error(web, 401, "InvalidAuthenticationToken", "API.md 14.2");
}

/* API.md 2.1: `client-request-id` is for the logs of both sides. */
static void
test_returns_request_ids(SimWeb *web, gconstpointer data)
{
	sign_in(web);
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, "client-request-id", "my-own", NULL);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_cmpstr(soup_message_headers_get_one(web->headers, "client-request-id"), ==, "my-own");
	g_assert_true(g_uuid_string_is_valid(soup_message_headers_get_one(web->headers, "request-id")));
	g_assert_nonnull(soup_message_headers_get_one(web->headers, "Date"));
}

/* API.md 1 */
static void
test_serves_one_version(SimWeb *web, gconstpointer data)
{
	sign_in(web);
	sim_web_send(web, "GET", "/beta/me", NULL, NULL, NULL);
	assert_error(web, 404, "BadRequest", "API.md 1");
	sim_web_send(web, "GET", "/v2.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 404);
}

/* API.md 5.5, 14.2 */
static void
test_refuses_large_bodies(SimWeb *web, gconstpointer data)
{
	g_autofree char *body = g_strnfill(4 * 1024 * 1024 + 1, 'A');

	sign_in(web);
	sim_web_send(web, "POST", "/v1.0/me/sendMail", "text/plain", body, NULL);
	assert_error(web, 413, "RequestEntityTooLarge", "API.md 5.5");
}

static void
count_status(GObject *session, GAsyncResult *result, gpointer data)
{
	SoupMessage *message = soup_session_get_async_result_message(SOUP_SESSION(session), result);
	g_autoptr(GBytes) bytes = soup_session_send_and_read_finish(SOUP_SESSION(session), result, NULL);
	guint *counts = data;

	g_assert_nonnull(bytes);
	if (soup_message_get_status(message) == 429) {
		g_assert_nonnull(soup_message_headers_get_one(soup_message_get_response_headers(message),
							      "Retry-After"));
		g_assert_nonnull(strstr(g_bytes_get_data(bytes, NULL), "MailboxConcurrency"));
		counts[1]++;
	} else {
		g_assert_cmpuint(soup_message_get_status(message), ==, 200);
		counts[0]++;
	}
}

static void
start_request(SimWeb *web, const char *token, guint *counts)
{
	g_autofree char *uri = g_strconcat(simulator_get_origin(web->simulator), "/v1.0/me", NULL);
	g_autoptr(SoupMessage) message = soup_message_new("GET", uri);
	g_autofree char *value = g_strconcat("Bearer ", token, NULL);

	soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization", value);
	soup_session_send_and_read_async(web->session, message, G_PRIORITY_DEFAULT, NULL, count_status, counts);
}

/* API.md 15: four requests of one mailbox at the same time; another mailbox has its own four. */
static void
test_serves_four_at_a_time(SimWeb *web, gconstpointer data)
{
	g_autofree char *alice = simulator_issue_access_token(web->simulator, SIMULATOR_USER, "User.Read");
	g_autofree char *bob = simulator_issue_access_token(web->simulator, SIMULATOR_OTHER, "User.Read");
	guint of_alice[2] = {0, 0};
	guint of_bob[2] = {0, 0};

	sim_web_control(web, "faults", "{\"kind\": \"hang\", \"count\": 0}");
	for (guint i = 0; i < 6; i++)
		start_request(web, alice, of_alice);
	for (guint i = 0; i < 4; i++)
		start_request(web, bob, of_bob);
	while (simulator_get_n_requests(web->simulator) < 10)
		g_main_context_iteration(NULL, FALSE);
	simulator_clear_faults(web->simulator);
	while (of_alice[0] + of_alice[1] + of_bob[0] + of_bob[1] < 10)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(of_alice[0], ==, 4);
	g_assert_cmpuint(of_alice[1], ==, 2);
	g_assert_cmpuint(of_bob[0], ==, 4);

	start_request(web, alice, of_alice);
	while (of_alice[0] < 5)
		g_main_context_iteration(NULL, TRUE);
}

/* libsoup decodes what it asked for, and says so. */
static void
test_compresses_answers(SimWeb *web, gconstpointer data)
{
	sign_in(web);
	soup_session_remove_feature_by_type(web->session, SOUP_TYPE_CONTENT_DECODER);
	simulator_fill(web->simulator, SIMULATOR_USER, "inbox", 20);
	sim_web_send(web, "GET", "/v1.0/me/mailFolders/inbox/messages", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_null(soup_message_headers_get_one(web->headers, "Content-Encoding"));

	soup_session_add_feature_by_type(web->session, SOUP_TYPE_CONTENT_DECODER);
	sim_web_send(web, "GET", "/v1.0/me/mailFolders/inbox/messages", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_cmpstr(soup_message_headers_get_one(web->headers, "Content-Encoding"), ==, "gzip");
	json_object_unref(sim_web_object(web));
}

/* OAUTH.md 11, Logs: no query, hence no code and no state. */
static void
test_logs_requests(SimWeb *web, gconstpointer data)
{
	g_auto(GStrv) requests = NULL;

	sign_in(web);
	sim_web_send(web, "GET", "/v1.0/me?$select=id", NULL, NULL, NULL);
	sim_web_send(web, "GET", "/common/oauth2/v2.0/authorize?code=secret", NULL, NULL, NULL);
	sim_web_send(web, "GET", "/v1.0/me/messages/AA%2FBB%3D", NULL, NULL, NULL);
	requests = simulator_get_requests(web->simulator);
	g_assert_cmpuint(simulator_get_n_requests(web->simulator), ==, 3);
	g_assert_cmpstr(requests[0], ==, "GET /v1.0/me 200");
	g_assert_cmpstr(requests[1], ==, "GET /common/oauth2/v2.0/authorize 400");
	g_assert_true(g_str_has_prefix(requests[2], "GET /v1.0/me/messages/AA%2FBB%3D 4"));
	simulator_reset_log(web->simulator);
	g_assert_cmpuint(simulator_get_n_requests(web->simulator), ==, 0);
}

/*
 * HTTP/1.1 keeps it, whatever the answer: a client on its next request must not run into its end. By hand, since
 * libsoup's own client begins anew behind a 204.
 */
static void
test_keeps_the_connection(SimWeb *web, gconstpointer data)
{
	static const char request[] = "POST /_control/settings HTTP/1.1\r\nHost: localhost\r\n"
				      "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n"
				      "{\"latency\": 0}";
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_autoptr(GUri) origin = g_uri_parse(simulator_get_origin(web->simulator), G_URI_FLAGS_NONE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSocketConnection) connection = g_socket_client_connect_to_host(
		client, g_uri_get_host(origin), (guint16)g_uri_get_port(origin), NULL, &error);
	g_autoptr(GDataInputStream) input = NULL;

	g_assert_no_error(error);
	input = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
	g_data_input_stream_set_newline_type(input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
	for (guint i = 0; i < 3; i++) {
		g_autofree char *line = NULL;

		g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), request,
					  strlen(request), NULL, NULL, &error);
		g_assert_no_error(error);
		line = g_data_input_stream_read_line(input, NULL, NULL, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(line, ==, "HTTP/1.1 204 No Content");
		while (*line != '\0') {
			g_free(line);
			line = g_data_input_stream_read_line(input, NULL, NULL, &error);
			g_assert_no_error(error);
			g_assert_nonnull(line);
		}
	}
}

static void
keep_result(GObject *session, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

/* A tenant can be stopped while requests wait. */
static void
test_stops_in_the_middle(SimWeb *web, gconstpointer data)
{
	g_autofree char *uri = g_strconcat(simulator_get_origin(web->simulator), "/v1.0/me", NULL);
	g_autoptr(SoupMessage) message = soup_message_new("POST", uri);
	g_autoptr(GAsyncResult) answer = NULL;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) error = NULL;

	sim_web_control(web, "faults", "{\"kind\": \"hang\"}");
	soup_session_send_and_read_async(web->session, message, G_PRIORITY_DEFAULT, NULL,
					 keep_result, &answer);
	while (simulator_get_n_requests(web->simulator) < 1)
		g_main_context_iteration(NULL, FALSE);
	simulator_stop(web->simulator);
	while (answer == NULL)
		g_main_context_iteration(NULL, TRUE);
	bytes = soup_session_send_and_read_finish(web->session, answer, &error);
	g_assert_null(bytes);
	g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	sim_web_add("/front/wants a good token", test_wants_a_token);
	sim_web_add("/front/returns request ids", test_returns_request_ids);
	sim_web_add("/front/serves one version", test_serves_one_version);
	sim_web_add("/front/refuses large bodies", test_refuses_large_bodies);
	sim_web_add("/front/serves four requests of a mailbox at a time", test_serves_four_at_a_time);
	sim_web_add("/front/compresses answers", test_compresses_answers);
	sim_web_add("/front/logs requests without their queries", test_logs_requests);
	sim_web_add("/front/keeps the connection after an answer without a body", test_keeps_the_connection);
	sim_web_add("/front/stops in the middle of a request", test_stops_in_the_middle);
	return g_test_run();
}
