/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include <string.h>

#include "graph-message.h"
#include "graph-request.h"
#include "oauth-error.h"

#define HTML "<html><body>Service unavailable</body></html>"

static const guint ok[] = {200, 0};
static const guint accepted[] = {202, 0};

static void
test_sends_the_headers(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push_json(fixture->service, "{\"value\":[]}");
	answer = graph_client_get(fixture->client, "/mailFolders?$top=2", 200, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->path, ==, "/v1.0/me/mailFolders?$top=2");
	g_assert_cmpstr(fixture_get_header(fixture, 0, "Authorization"), ==, "Bearer token-1");
	g_assert_cmpstr(fixture_get_header(fixture, 0, "Prefer"), ==, "IdType=\"ImmutableId\", odata.maxpagesize=200");
	g_assert_true(g_uuid_string_is_valid(fixture_get_header(fixture, 0, "client-request-id")));
	g_assert_nonnull(strstr(fixture_get_header(fixture, 0, "Accept-Encoding"), "gzip"));
}

static void
test_speaks_to_a_shared_mailbox(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *mailbox;
		const char *path;
	} cases[] = {
		{"team@contoso.example", "/v1.0/users/team%40contoso.example/messages"},
		{"$team@contoso.example", "/v1.0/users('$team@contoso.example')/messages"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphClient) client =
			graph_client_new(OAUTH_AUTHORIZER(fixture->authorizer),
					 mock_service_get_origin(fixture->service), cases[i].mailbox, NULL);
		g_autoptr(JsonObject) answer = NULL;

		mock_service_push_json(fixture->service, "{\"value\":[]}");
		answer = graph_client_get(client, "/messages", 0, NULL, &error);
		g_assert_no_error(error);
		g_assert_nonnull(answer);
		g_assert_cmpstr(mock_service_get_request(fixture->service, i)->path, ==, cases[i].path);
	}
}

static void
test_asks_for_another_token_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push(fixture->service, 401, NULL, "{\"error\":{\"code\":\"InvalidAuthenticationToken\"}}");
	mock_service_push_json(fixture->service, "{\"id\":\"x\"}");
	answer = graph_client_get(fixture->client, "/mailFolders/inbox", 0, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpuint(mock_authorizer_get_n_rejected(fixture->authorizer), ==, 1);
	g_assert_null(mock_authorizer_get_claims(fixture->authorizer));
	g_assert_cmpstr(fixture_get_header(fixture, 1, "Authorization"), ==, "Bearer token-2");
}

static void
test_gives_up_after_the_second_refusal(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 401, NULL, "{\"error\":{\"code\":\"InvalidAuthenticationToken\"}}");
	mock_service_push(fixture->service, 401, "text/html", HTML);
	g_assert_null(graph_client_get(fixture->client, "/mailFolders/inbox", 0, NULL, &error));

	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 2);
	g_assert_null(strstr(error->message, "token-"));
}

/* OAUTH.md 8 */
static void
test_passes_a_claims_challenge_on(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push(fixture->service, 401, NULL, "{}");
	mock_service_add_header(fixture->service, "WWW-Authenticate", "Basic realm=\"a, b\"");
	mock_service_add_header(
		fixture->service, "WWW-Authenticate",
		"Bearer realm=\"\", authorization_uri=\"https://login.example/a,b\", "
		"claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19\", "
		"error=\"insufficient_claims\"");
	mock_service_push_json(fixture->service, "{}");
	answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpstr(mock_authorizer_get_claims(fixture->authorizer), ==,
			"{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}");
}

static void
test_says_who_has_to_sign_in(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	mock_authorizer_sign_out(fixture->authorizer);
	g_assert_null(graph_client_get(fixture->client, "/messages", 0, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 0);
}

static void
test_waits_as_long_as_it_is_told(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;
	gint64 begun = g_get_monotonic_time();

	mock_service_push(fixture->service, 429, NULL, "{\"error\":{\"code\":\"TooManyRequests\"}}");
	mock_service_add_header(fixture->service, "Retry-After", "2.128");
	mock_service_push_json(fixture->service, "{}");
	answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, (gint64)(2.128 * G_USEC_PER_SEC));
}

static void
test_backs_off_without_being_told(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;
	gint64 begun = g_get_monotonic_time();

	mock_service_push(fixture->service, 429, "text/plain", "no");
	mock_service_push(fixture->service, 503, "text/html", HTML);
	mock_service_push_json(fixture->service, "{}");
	answer = graph_client_send(fixture->client, "POST", "/sendMail", NULL, ok, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 3);
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, G_USEC_PER_SEC);
}

static void
test_does_not_wait_for_hours(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 429, NULL, "{}");
	mock_service_add_header(fixture->service, "Retry-After", "7200");
	g_assert_null(graph_client_get(fixture->client, "/messages", 0, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 1);
}

/* By its clock it is two hours, though by ours that was long ago. */
static void
test_counts_to_a_date_by_the_clock_of_the_service(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	mock_service_push_raw(fixture->service,
			      "HTTP/1.1 429 Too Many Requests\r\nDate: Thu, 01 Jan 2004 10:00:00 GMT\r\n"
			      "Retry-After: Thu, 01 Jan 2004 12:00:30 GMT\r\nContent-Length: 0\r\n"
			      "Connection: close\r\n\r\n");
	g_assert_null(graph_client_get(fixture->client, "/messages", 0, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	g_assert_nonnull(strstr(error->message, "120")); /* minutes */
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 1);
}

static void
test_takes_a_new_connection_after_503(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push(fixture->service, 503, "text/html", HTML);
	mock_service_push_json(fixture->service, "{}");
	answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpuint(mock_service_get_n_connections(fixture->service), ==, 2);
}

static void
test_keeps_its_connection(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) body = json_object_new();

	mock_service_set_default(fixture->service, "{}", 0);
	for (guint i = 0; i < 6; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) answer =
			i % 2 == 0 ? graph_client_get(fixture->client, "/messages", 0, NULL, &error)
				   : graph_client_send(fixture->client, "PATCH", "/messages/x", body, ok, NULL, &error);

		g_assert_no_error(error);
		g_assert_nonnull(answer);
	}
	g_assert_cmpuint(mock_service_get_n_connections(fixture->service), ==, 1);
}

static void
test_tries_a_faulty_gateway_again(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push(fixture->service, 502, "text/html", HTML);
	mock_service_push(fixture->service, 500, NULL, "{\"error\":{\"code\":\"generalException\"}}");
	mock_service_push_json(fixture->service, "{\"id\":\"y\"}");
	answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(json_object_get_string_member(answer, "id"), ==, "y");
}

static void
test_never_repeats_a_post_that_may_be_done(Fixture *fixture, gconstpointer data)
{
	static const guint statuses[] = {500, 502, 504};

	for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
		g_autoptr(GError) error = NULL;

		mock_service_push(fixture->service, statuses[i], "text/html", HTML);
		g_assert_null(graph_client_send(fixture->client, "POST", "/sendMail", NULL, accepted, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
		g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, i + 1);
	}
}

static void
test_calls_a_lost_answer_uncertain(Fixture *fixture, gconstpointer data)
{
	static const char *const endings[] = {
		"",
		"HTTP/1.1 201 Crea",
		"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"id\":\"",
		("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"id\":\"\r\n"),
	};
	static const guint created[] = {201, 0};

	for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
		g_autoptr(GError) error = NULL;

		mock_service_push_raw(fixture->service, endings[i]);
		g_assert_null(graph_client_send(fixture->client, "POST", "/messages", NULL, created, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
		g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, i + 1);
	}
}

static void
test_repeats_what_does_no_harm(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) got = NULL;
	g_autoptr(JsonObject) patched = NULL;

	mock_service_push_raw(fixture->service, "");
	mock_service_push_raw(
		fixture->service,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"id\":\"");
	mock_service_push_json(fixture->service, "{\"id\":\"whole\"}");
	got = graph_client_get(fixture->client, "/messages", 0, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(json_object_get_string_member(got, "id"), ==, "whole");

	mock_service_push_raw(fixture->service, "");
	mock_service_push_json(fixture->service, "{}");
	patched = graph_client_send(fixture->client, "PATCH", "/messages/x", body, ok, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(patched);
}

static void
test_survives_a_connection_that_was_closed_meanwhile(Fixture *fixture, gconstpointer data)
{
	for (guint i = 0; i < 3; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) answer = NULL;

		mock_service_push_raw(fixture->service, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
							"Content-Length: 2\r\n\r\n{}");
		answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);
		g_assert_no_error(error);
		g_assert_nonnull(answer);
	}
}

static void
test_says_at_once_that_nobody_is_there(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphClient) client =
		graph_client_new(OAUTH_AUTHORIZER(fixture->authorizer), "http://127.0.0.1:1", NULL, NULL);

	g_assert_null(graph_client_send(client, "POST", "/sendMail", NULL, accepted, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
}

static void
test_sends_no_token_in_the_clear(Fixture *fixture, gconstpointer data)
{
	static const char *const origins[] = {"http://graph.contoso.example", "ftp://localhost", "graph", "",
					      "https://user@graph.contoso.example"};

	for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphClient) client =
			graph_client_new(OAUTH_AUTHORIZER(fixture->authorizer), origins[i], NULL, NULL);

		g_assert_null(graph_client_get(client, "/messages", 0, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FAILED);
	}
}

static void
test_refuses_links_to_other_servers(Fixture *fixture, gconstpointer data)
{
	MockService *other = mock_service_new();
	g_autofree char *away = g_strconcat(mock_service_get_origin(other), "/v1.0/me/messages?$skip=10", NULL);
	g_autofree char *user = g_strdup_printf("http://x@%s/v1.0/me/messages",
						mock_service_get_origin(fixture->service) + strlen("http://"));
	const char *links[] = {away, user, "https://evil.example/v1.0/me", "evil", ""};

	for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(graph_client_get(fixture->client, links[i], 0, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	}
	g_assert_cmpuint(mock_service_get_n_requests(other), ==, 0);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 0);
	mock_service_free(other);
}

static void
test_follows_no_redirect_to_another_server(Fixture *fixture, gconstpointer data)
{
	MockService *other = mock_service_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) near_error = NULL;
	g_autoptr(JsonObject) near = NULL;

	mock_service_push(fixture->service, 302, NULL, NULL);
	mock_service_add_header(fixture->service, "Location", mock_service_get_origin(other));
	g_assert_null(graph_client_get(fixture->client, "/messages", 0, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	g_assert_cmpuint(mock_service_get_n_requests(other), ==, 0);

	mock_service_push(fixture->service, 307, NULL, NULL);
	mock_service_add_header(fixture->service, "Location", "/v1.0/me/there");
	mock_service_push_json(fixture->service, "{}");
	near = graph_client_get(fixture->client, "/messages", 0, NULL, &near_error);
	g_assert_no_error(near_error);
	g_assert_nonnull(near);
	g_assert_cmpstr(mock_service_get_request(fixture->service, 2)->path, ==, "/v1.0/me/there");
	mock_service_free(other);
}

static void
test_follows_a_link_as_it_is_printed(Fixture *fixture, gconstpointer data)
{
	g_autofree char *link =
		g_strconcat(mock_service_get_origin(fixture->service),
			    "/v1.0/me/mailfolders('AQMk%3D')/messages/delta?$skiptoken=a+b%2Fc%3d=&x=id eq 'y'", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push_json(fixture->service, "{}");
	answer = graph_client_get(fixture->client, link, 0, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->path, ==,
			"/v1.0/me/mailfolders('AQMk%3D')/messages/delta?$skiptoken=a+b%2Fc%3D=&x=id%20eq%20'y'");
}

static void
test_accepts_only_the_status_that_is_due(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) second_error = NULL;
	g_autoptr(JsonObject) answer = NULL;

	mock_service_push_json(fixture->service, "{}");
	g_assert_null(graph_client_send(fixture->client, "POST", "/sendMail", NULL, accepted, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);

	mock_service_push(fixture->service, 202, NULL, NULL);
	answer = graph_client_send(fixture->client, "POST", "/sendMail", NULL, accepted, NULL, &second_error);
	g_assert_no_error(second_error);
	g_assert_cmpuint(json_object_get_size(answer), ==, 0);
	g_assert_cmpstr(fixture_get_header(fixture, 1, "Content-Length"), ==, "0");
}

static void
test_reads_nothing_but_json(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *type;
		const char *body;
	} cases[] = {
		{"text/html", HTML},	       {"application/json", HTML},	 {"application/json", "{\"id\":\"x\""},
		{"application/json", "[1,2]"}, {"application/json", "\"text\""}, {"text/plain", "{}"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		mock_service_push(fixture->service, 200, cases[i].type, cases[i].body);
		g_assert_null(graph_client_get(fixture->client, "/messages", 0, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
		g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, i + 1);
	}
}

static void
test_maps_answers_to_the_next_step(Fixture *fixture, gconstpointer data)
{
	static const struct {
		guint status;
		const char *code;
		GraphError expected;
	} cases[] = {
		{400, "BadRequest", GRAPH_ERROR_FAILED},
		{400, "ErrorFolderExists", GRAPH_ERROR_EXISTS},
		{409, "errorfolderexists", GRAPH_ERROR_EXISTS},
		{409, "conflict", GRAPH_ERROR_CONFLICT},
		{403, "ErrorAccessDenied", GRAPH_ERROR_FORBIDDEN},
		{403, "ErrorQuotaExceeded", GRAPH_ERROR_QUOTA},
		{507, "quotaLimitReached", GRAPH_ERROR_QUOTA},
		{404, "ErrorItemNotFound", GRAPH_ERROR_NOT_FOUND},
		{404, "MailboxNotEnabledForRESTAPI", GRAPH_ERROR_NO_MAILBOX},
		{410, "syncStateNotFound", GRAPH_ERROR_SYNC_RESET},
		{404, "SyncStateInvalid", GRAPH_ERROR_SYNC_RESET},
		{413, "RequestEntityTooLarge", GRAPH_ERROR_TOO_LARGE},
		{400, "ErrorMessageSizeExceeded", GRAPH_ERROR_TOO_LARGE},
		{501, "NotImplemented", GRAPH_ERROR_FAILED},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body =
			g_strdup_printf("{\"error\":{\"code\":\"outer\",\"message\":\"bob@contoso.example\","
					"\"innererror\":{\"code\":\"%s\"}}}",
					cases[i].code);
		g_autoptr(GError) error = NULL;

		mock_service_push(fixture->service, cases[i].status, NULL, body);
		mock_service_add_header(fixture->service, "request-id", "0a1b-2c");
		g_assert_null(graph_client_get(fixture->client, "/messages/QUJD%3D/x@y", 0, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, (int)cases[i].expected);
		g_assert_nonnull(strstr(error->message, cases[i].code));
		g_assert_nonnull(strstr(error->message, "0a1b-2c"));
		g_assert_null(strstr(error->message, "@"));
		g_assert_null(strstr(error->message, "QUJD"));
	}
	g_assert_nonnull(strstr(fixture->log->str, "GET /v1.0/me/messages/…/… 400 request-id 0a1b-2c, "));
}

static void
test_downloads_whole_bodies_only(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *raw;
		const char *whole;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "hello"},
		{"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nhello", NULL},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", NULL},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", NULL},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		 "hello"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
		g_autoptr(GError) error = NULL;
		gboolean done;

		mock_service_push_raw(fixture->service, cases[i].raw);
		done = graph_message_get_mime(fixture->client, "x=", stream, NULL, &error);
		if (cases[i].whole == NULL) {
			g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
			g_assert_false(done);
			continue;
		}
		g_assert_no_error(error);
		g_assert_true(done);
		g_assert_cmpmem(g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(stream)),
				g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(stream)), cases[i].whole,
				strlen(cases[i].whole));
	}
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->path, ==, "/v1.0/me/messages/x%3D/$value");
}

static void
test_downloads_chunks_over_a_kept_connection(Fixture *fixture, gconstpointer data)
{
	g_autofree char *big = g_strnfill(300000, 'm');

	for (guint i = 0; i < 3; i++) {
		g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
		g_autoptr(GError) error = NULL;

		mock_service_push(fixture->service, 200, "text/plain", big);
		mock_service_add_header(fixture->service, "Transfer-Encoding", "chunked");
		graph_client_download(fixture->client, "/messages/x/$value", stream, NULL, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(stream)), ==, 300000);
	}
	g_assert_cmpuint(mock_service_get_n_connections(fixture->service), ==, 1);
}

static void
test_an_error_is_no_body(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	g_assert_false(graph_client_download(fixture->client, "/messages/x/$value", stream, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
	g_assert_cmpuint(g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(stream)), ==, 0);
}

static gpointer
cancel_after_first_request(gpointer data)
{
	gpointer *pair = data;

	mock_service_wait(pair[0], 1);
	g_usleep(100 * 1000);
	g_cancellable_cancel(pair[1]);
	return NULL;
}

static void
expect_cancelled(Fixture *fixture)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	gpointer pair[] = {fixture->service, cancellable};
	GThread *thread = g_thread_new("cancel", cancel_after_first_request, pair);

	g_assert_null(graph_client_get(fixture->client, "/messages", 0, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_thread_join(thread);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 1);
}

static void
test_a_wait_can_be_cancelled(Fixture *fixture, gconstpointer data)
{
	mock_service_push(fixture->service, 429, NULL, "{}");
	mock_service_add_header(fixture->service, "Retry-After", "300");
	expect_cancelled(fixture);
}

static void
test_a_request_can_be_cancelled(Fixture *fixture, gconstpointer data)
{
	mock_service_push_json(fixture->service, "{}");
	mock_service_set_delay(fixture->service, 60 * 1000);
	expect_cancelled(fixture);
}

static gpointer
ask_ten_times(gpointer data)
{
	Fixture *fixture = data;
	g_autoptr(JsonObject) body = json_object_new();

	for (guint i = 0; i < 10; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) answer =
			i % 3 == 0 ? graph_client_send(fixture->client, "POST", "/messages", body, ok, NULL, &error)
				   : graph_client_get(fixture->client, "/messages", 0, NULL, &error);

		g_assert_no_error(error);
		g_assert_nonnull(answer);
	}
	return NULL;
}

static void
test_never_asks_more_than_four_things_at_once(Fixture *fixture, gconstpointer data)
{
	GThread *threads[8];

	mock_service_set_default(fixture->service, "{\"value\":[]}", 15);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("asking", ask_ten_times, fixture);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);

	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 80);
	g_assert_cmpuint(mock_service_get_most_at_once(fixture->service), <=, 4);
	g_assert_cmpuint(mock_service_get_most_at_once(fixture->service), >=, 2);
}

typedef struct {
	GMutex mutex;
	double longest;
	gboolean over;
} Heard;

static void
on_throttled(double seconds, gpointer data)
{
	Heard *heard = data;

	g_mutex_lock(&heard->mutex);
	heard->longest = MAX(heard->longest, seconds);
	heard->over = seconds == 0;
	g_mutex_unlock(&heard->mutex);
}

static void
test_tells_that_the_service_wants_a_pause(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;
	Heard heard = {.longest = 0};

	g_mutex_init(&heard.mutex);
	graph_client_set_throttled(fixture->client, on_throttled, &heard, NULL);
	mock_service_push(fixture->service, 429, NULL, "{}");
	mock_service_add_header(fixture->service, "Retry-After", "1");
	mock_service_push_json(fixture->service, "{}");
	answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);

	g_assert_no_error(error);
	g_assert_nonnull(answer);
	g_assert_cmpfloat(heard.longest, >=, 1);
	g_assert_true(heard.over);
	graph_client_set_throttled(fixture->client, NULL, NULL, NULL);
	g_mutex_clear(&heard.mutex);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	fixture_add("/graph/client/sends the headers that the service wants", test_sends_the_headers);
	fixture_add("/graph/client/speaks to a shared mailbox", test_speaks_to_a_shared_mailbox);
	fixture_add("/graph/client/asks for another token once", test_asks_for_another_token_once);
	fixture_add("/graph/client/gives up after the second refusal", test_gives_up_after_the_second_refusal);
	fixture_add("/graph/client/passes a claims challenge on", test_passes_a_claims_challenge_on);
	fixture_add("/graph/client/says who has to sign in", test_says_who_has_to_sign_in);
	fixture_add("/graph/client/waits as long as it is told", test_waits_as_long_as_it_is_told);
	fixture_add("/graph/client/backs off without being told", test_backs_off_without_being_told);
	fixture_add("/graph/client/does not wait for hours", test_does_not_wait_for_hours);
	fixture_add("/graph/client/takes a new connection after 503", test_takes_a_new_connection_after_503);
	fixture_add("/graph/client/keeps its connection", test_keeps_its_connection);
	fixture_add("/graph/client/tries a faulty gateway again", test_tries_a_faulty_gateway_again);
	fixture_add("/graph/client/never repeats a POST that may be done", test_never_repeats_a_post_that_may_be_done);
	fixture_add("/graph/client/calls a lost answer uncertain", test_calls_a_lost_answer_uncertain);
	fixture_add("/graph/client/repeats what does no harm", test_repeats_what_does_no_harm);
	fixture_add("/graph/client/survives a connection that was closed meanwhile",
		    test_survives_a_connection_that_was_closed_meanwhile);
	fixture_add("/graph/client/says at once that nobody is there", test_says_at_once_that_nobody_is_there);
	fixture_add("/graph/client/sends no token in the clear", test_sends_no_token_in_the_clear);
	fixture_add("/graph/client/refuses links to other servers", test_refuses_links_to_other_servers);
	fixture_add("/graph/client/follows no redirect to another server", test_follows_no_redirect_to_another_server);
	fixture_add("/graph/client/follows a link as it is printed", test_follows_a_link_as_it_is_printed);
	fixture_add("/graph/client/accepts only the status that is due", test_accepts_only_the_status_that_is_due);
	fixture_add("/graph/client/reads nothing but JSON", test_reads_nothing_but_json);
	fixture_add("/graph/client/maps answers to the next step", test_maps_answers_to_the_next_step);
	fixture_add("/graph/client/downloads whole bodies only", test_downloads_whole_bodies_only);
	fixture_add("/graph/client/downloads chunks over a kept connection",
		    test_downloads_chunks_over_a_kept_connection);
	fixture_add("/graph/client/an error is no body", test_an_error_is_no_body);
	fixture_add("/graph/client/a wait can be cancelled", test_a_wait_can_be_cancelled);
	fixture_add("/graph/client/a request can be cancelled", test_a_request_can_be_cancelled);
	fixture_add("/graph/client/never asks more than four things at once",
		    test_never_asks_more_than_four_things_at_once);
	fixture_add("/graph/client/counts to a date by the clock of the service",
		    test_counts_to_a_date_by_the_clock_of_the_service);
	fixture_add("/graph/client/tells that the service wants a pause", test_tells_that_the_service_wants_a_pause);

	return g_test_run();
}
