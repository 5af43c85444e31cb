/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-web.h"

static void
set_up(SimWeb *web, gconstpointer data)
{
	sim_web_set_up(web, data);
	web->token = simulator_issue_access_token(web->simulator, SIMULATOR_USER, "User.Read Mail.ReadWrite Mail.Send");
}

static void
add(SimWeb *web, const char *json)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(simulator_add_fault(web->simulator, json, &error));
	g_assert_no_error(error);
}

static void
get_me(SimWeb *web)
{
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
}

static void
send_mail(SimWeb *web)
{
	sim_web_send(web, "POST", "/v1.0/me/sendMail", "application/json",
		     "{\"message\": {\"subject\": \"Hello\", \"toRecipients\": "
		     "[{\"emailAddress\": {\"address\": \"" SIMULATOR_USER "\"}}]}}",
		     NULL);
}

/* Mails that send_mail() brought into the Inbox. */
static guint
count_mails(SimWeb *web)
{
	g_autoptr(JsonNode) node = simulator_dump(web->simulator, SIMULATOR_USER, "inbox");

	return json_array_get_length(json_node_get_array(node));
}

/* No fault may be left, and none counts as a refusal. */
static void
assert_over(SimWeb *web)
{
	g_auto(GStrv) refusals = simulator_get_refusals(web->simulator);

	g_assert_cmpuint(g_strv_length(refusals), ==, 0);
	get_me(web);
	g_assert_no_error(web->error);
	g_assert_cmpuint(web->status, ==, 200);
}

static void
test_fails_once(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) object = NULL;

	simulator_fail_next(web->simulator, 503);
	get_me(web);
	g_assert_cmpuint(web->status, ==, 503);
	object = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(object, "error"), "code"), ==,
			"serviceNotAvailable");
	assert_over(web);
}

/* API.md 15: `Retry-After` may be fractional, or missing. */
static void
test_sets_headers_and_body(SimWeb *web, gconstpointer data)
{
	add(web, "{\"status\": 429, \"headers\": {\"Retry-After\": \"2.128\"}, \"body\": {\"error\": {}}}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 429);
	g_assert_cmpstr(soup_message_headers_get_one(web->headers, "Retry-After"), ==, "2.128");
	g_assert_cmpstr(web->text, ==, "{\"error\":{}}");
	add(web, "{\"status\": 502, \"body\": \"Bad gateway\"}");
	get_me(web);
	g_assert_cmpstr(web->text, ==, "Bad gateway");
	g_assert_null(soup_message_headers_get_one(web->headers, "Retry-After"));
	assert_over(web);
}

static JsonObject *
answer_of(JsonArray *answers, const char *id)
{
	for (guint i = 0; i < json_array_get_length(answers); i++) {
		JsonObject *answer = json_array_get_object_element(answers, i);

		if (g_str_equal(json_object_get_string_member(answer, "id"), id))
			return answer;
	}
	return NULL;
}

static void
test_meets_the_parts_of_a_batch(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) object = NULL;
	JsonArray *answers;

	add(web, "{\"target\": \"part\", \"path\": \"^/v1\\\\.0/me$\", \"nth\": 2, \"status\": 429, \"headers\": "
		 "{\"Retry-After\": \"7\"}}");
	add(web, "{\"target\": \"part\", \"path\": \"inbox$\", \"kind\": \"close\", \"when\": \"work\"}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	sim_web_send(web, "POST", "/v1.0/$batch", "application/json",
		     "{\"requests\": [{\"id\": \"1\", \"method\": \"GET\", \"url\": \"/me\"}, "
		     "{\"id\": \"2\", \"method\": \"GET\", \"url\": \"/me\"}, "
		     "{\"id\": \"3\", \"method\": \"GET\", \"url\": \"/me/mailFolders/inbox\"}]}",
		     NULL);
	g_assert_cmpuint(web->status, ==, 200);
	object = sim_web_object(web);
	answers = json_object_get_array_member(object, "responses");
	g_assert_cmpuint(json_array_get_length(answers), ==, 2);
	g_assert_cmpint(json_object_get_int_member(answer_of(answers, "1"), "status"), ==, 200);
	g_assert_cmpint(json_object_get_int_member(answer_of(answers, "2"), "status"), ==, 429);
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(answer_of(answers, "2"), "headers"),
						      "Retry-After"),
			==, "7");
	g_assert_false(simulator_add_fault(web->simulator, "{\"target\": \"part\", \"kind\": \"hang\"}", NULL));
	assert_over(web);
}

static void
test_meets_the_requests_asked_for(SimWeb *web, gconstpointer data)
{
	add(web,
	    "{\"method\": \"POST\", \"prefix\": \"/v1.0/me/sendMail\", \"nth\": 2, \"count\": 2, \"status\": 500}");
	add(web, "{\"path\": \"^/v1\\\\.0/me/messages/[^/]+$\", \"status\": 504, \"count\": 0}");
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 202);
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 500);
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 500);
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 202);
	g_assert_cmpuint(count_mails(web), ==, 2);
	for (guint i = 0; i < 3; i++) {
		sim_web_send(web, "GET", "/v1.0/me/messages/x", NULL, NULL, NULL);
		g_assert_cmpuint(web->status, ==, 504);
	}
	simulator_clear_faults(web->simulator);
	add(web, "{\"prefer\": \"maxpagesize=(40|20)$\", \"status\": 504, \"count\": 0}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	sim_web_send(web, "GET", "/v1.0/me/messages", NULL, NULL, "Prefer", "odata.maxpagesize=20", NULL);
	g_assert_cmpuint(web->status, ==, 504);
	sim_web_send(web, "GET", "/v1.0/me/messages", NULL, NULL, "Prefer", "odata.maxpagesize=10", NULL);
	g_assert_cmpuint(web->status, ==, 200);
	simulator_clear_faults(web->simulator);
	add(web, "{\"option\": \"$top\", \"status\": 504, \"count\": 0}");
	sim_web_send(web, "GET", "/v1.0/me/messages?$select=id&$top=10", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 504);
	sim_web_send(web, "GET", "/v1.0/me/messages?$select=id", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	simulator_clear_faults(web->simulator);
	assert_over(web);
}

static void
test_answers_no_json(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonNode) node = NULL;

	add(web, "{\"kind\": \"html\"}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_true(g_str_has_prefix(web->text, "<!DOCTYPE html>"));
	g_assert_cmpstr(soup_message_headers_get_content_type(web->headers, NULL), ==, "text/html");
	add(web, "{\"kind\": \"type\"}");
	get_me(web);
	node = json_from_string(web->text, NULL);
	g_assert_true(JSON_NODE_HOLDS_ARRAY(node));
	add(web, "{\"kind\": \"cut\"}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_null(json_from_string(web->text, NULL));
	assert_over(web);
}

/* 200 where 202 is due */
static void
test_changes_the_status_of_a_true_answer(SimWeb *web, gconstpointer data)
{
	add(web, "{\"status\": 200, \"work\": true}");
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_cmpuint(count_mails(web), ==, 1);
	assert_over(web);
}

static void
test_closes_the_connection(SimWeb *web, gconstpointer data)
{
	add(web, "{\"kind\": \"close\", \"when\": \"before\"}");
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 0);
	g_assert_nonnull(web->error);
	g_assert_cmpuint(count_mails(web), ==, 0);

	add(web, "{\"kind\": \"close\", \"when\": \"upload\"}");
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 0);
	g_assert_nonnull(web->error);
	g_assert_cmpuint(count_mails(web), ==, 0);

	add(web, "{\"kind\": \"close\", \"when\": \"work\"}");
	send_mail(web);
	g_assert_cmpuint(web->status, ==, 0);
	g_assert_cmpuint(count_mails(web), ==, 1);

	add(web, "{\"kind\": \"close\", \"when\": \"middle\", \"count\": 2}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 0);
	g_assert_nonnull(web->error);
	simulator_clear_faults(web->simulator);

	add(web, "{\"kind\": \"close\", \"when\": \"after\"}");
	send_mail(web);
	g_assert_no_error(web->error);
	g_assert_cmpuint(web->status, ==, 202);
	assert_over(web);
}

static void
keep_result(GObject *session, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

/* @logged: what the log has of it meanwhile */
static void
hang_until_released(SimWeb *web, const char *fault, const char *logged)
{
	g_autofree char *uri = g_strconcat(simulator_get_origin(web->simulator), "/v1.0/me", NULL);
	g_autofree char *value = g_strconcat("Bearer ", web->token, NULL);
	g_autoptr(SoupMessage) message = soup_message_new("GET", uri);
	g_autoptr(GAsyncResult) answer = NULL;
	g_autoptr(GBytes) bytes = NULL;
	g_auto(GStrv) requests = NULL;

	soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization", value);
	add(web, fault);
	soup_session_send_and_read_async(web->session, message, G_PRIORITY_DEFAULT, NULL, keep_result, &answer);
	while (simulator_get_n_requests(web->simulator) < 1)
		g_main_context_iteration(NULL, FALSE);
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	requests = simulator_get_requests(web->simulator);
	g_assert_cmpstr(requests[0], ==, logged);
	g_assert_null(answer);
	simulator_release(web->simulator);
	while (answer == NULL)
		g_main_context_iteration(NULL, TRUE);
	bytes = soup_session_send_and_read_finish(web->session, answer, NULL);
	g_assert_nonnull(bytes);
	g_assert_cmpuint(g_bytes_get_size(bytes), >, 0);
	g_assert_cmpuint(soup_message_get_status(message), ==, 200);
	assert_over(web);
}

/* A hanging request is answered when released; the work waits too. */
static void
test_hangs_until_released(SimWeb *web, gconstpointer data)
{
	hang_until_released(web, "{\"kind\": \"hang\"}", "GET /v1.0/me 0");
}

/* The service did what it was asked for, and its word is on the way. */
static void
test_works_and_hangs_until_released(SimWeb *web, gconstpointer data)
{
	hang_until_released(web, "{\"kind\": \"hang\", \"work\": true}", "GET /v1.0/me 200");
}

/* Its body is not read to the end before it is released, and only then it is there. */
static void
test_stops_in_the_middle_of_a_body(SimWeb *web, gconstpointer data)
{
	g_autofree char *uri = g_strconcat(simulator_get_origin(web->simulator), "/v1.0/me/sendMail", NULL);
	g_autofree char *value = g_strconcat("Bearer ", web->token, NULL);
	g_autoptr(SoupMessage) message = soup_message_new("POST", uri);
	g_autofree char *text = g_strnfill(2800000, 'x');
	g_autofree char *mail = g_strconcat("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\n\r\n", text, NULL);
	char *encoded = g_base64_encode((guchar *)mail, strlen(mail));
	g_autoptr(GBytes) body = g_bytes_new_take(encoded, strlen(encoded));
	g_autoptr(GAsyncResult) answer = NULL;
	g_autoptr(GBytes) bytes = NULL;
	g_auto(GStrv) requests = NULL;

	soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization", value);
	soup_message_set_request_body_from_bytes(message, "text/plain", body);
	add(web, "{\"kind\": \"hang\", \"when\": \"upload\"}");
	soup_session_send_and_read_async(web->session, message, G_PRIORITY_DEFAULT, NULL, keep_result, &answer);
	while (simulator_get_n_requests(web->simulator) < 1)
		g_main_context_iteration(NULL, FALSE);
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_null(answer);
	simulator_release(web->simulator);
	while (answer == NULL)
		g_main_context_iteration(NULL, TRUE);
	bytes = soup_session_send_and_read_finish(web->session, answer, NULL);
	g_assert_nonnull(bytes);
	g_assert_cmpuint(soup_message_get_status(message), ==, 202);
	requests = simulator_get_requests(web->simulator);
	g_assert_cmpstr(requests[0], ==, "POST /v1.0/me/sendMail 0");
	g_assert_cmpstr(requests[2], ==, "POST /v1.0/me/sendMail 202");
	assert_over(web);
}

static void
test_delays(SimWeb *web, gconstpointer data)
{
	gint64 begun = g_get_monotonic_time();

	add(web, "{\"delay\": 50}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	add(web, "{\"kind\": \"hang\", \"for\": 50}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	add(web, "{\"delay\": 50, \"status\": 500}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 500);
	simulator_set_latency(web->simulator, 50);
	get_me(web);
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, 200000);
	assert_over(web);
}

/* OAUTH.md 8 */
static void
test_challenges_claims(SimWeb *web, gconstpointer data)
{
	g_autoptr(GHashTable) parameters = NULL;
	g_autofree guchar *claims = NULL;
	g_autofree char *text = NULL;
	const char *challenge;
	gsize length;

	add(web, "{\"kind\": \"claims\", \"claims\": {\"access_token\": {\"acrs\": {\"value\": \"c25\"}}}}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 401);
	challenge = soup_message_headers_get_one(web->headers, "WWW-Authenticate");
	g_assert_true(g_str_has_prefix(challenge, "Bearer "));
	parameters = soup_header_parse_param_list(challenge + strlen("Bearer "));
	g_assert_cmpstr(g_hash_table_lookup(parameters, "error"), ==, "insufficient_claims");
	claims = g_base64_decode(g_hash_table_lookup(parameters, "claims"), &length);
	text = g_strndup((char *)claims, length);
	g_assert_cmpstr(text, ==, "{\"access_token\":{\"acrs\":{\"value\":\"c25\"}}}");
	assert_over(web);
}

/* (transfer full): an access token out of a refresh, with those claims */
static char *
refresh(SimWeb *web, const char *refresh_token, const char *claims)
{
	g_autoptr(JsonObject) object = NULL;

	sim_web_post(web, "/common/oauth2/v2.0/token", "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token",
		     "refresh_token", refresh_token, "claims", claims, NULL);
	object = sim_web_object(web);
	return g_strdup(web->status == 200 ? json_object_get_string_member(object, "access_token") : NULL);
}

static void
assert_me(SimWeb *web, char *token, guint status)
{
	g_free(web->token);
	web->token = token;
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, status);
}

/* OAUTH.md 8: only who says that it understands a challenge gets one. */
static void
test_evaluates_continuously(SimWeb *web, gconstpointer data)
{
	const char *capable = "{\"access_token\":{\"xms_cc\":{\"values\":[\"CP1\"]}}}";
	g_autofree char *token = simulator_issue_refresh_token(web->simulator, SIMULATOR_CLIENT_ID, SIMULATOR_USER,
							       "User.Read offline_access");
	char *understands = refresh(web, token, capable);
	char *does_not = refresh(web, token, "{}");

	simulator_challenge(web->simulator, SIMULATOR_USER, FALSE, FALSE);
	assert_me(web, does_not, 200);
	assert_me(web, understands, 401);
	g_assert_nonnull(strstr(soup_message_headers_get_one(web->headers, "WWW-Authenticate"), "insufficient_claims"));
	assert_me(web, refresh(web, token, capable), 200);

	simulator_challenge(web->simulator, SIMULATOR_USER, TRUE, FALSE);
	g_assert_null(refresh(web, token, capable));
	g_assert_nonnull(strstr(web->text, "interaction_required"));
}

/* OAUTH.md 7 */
static void
test_fails_the_identity_platform(SimWeb *web, gconstpointer data)
{
	g_autofree char *token = simulator_issue_refresh_token(web->simulator, SIMULATOR_CLIENT_ID, SIMULATOR_USER,
							       "User.Read offline_access");
	const char *path = "/common/oauth2/v2.0/token";
	g_autoptr(JsonObject) object = NULL;

	add(web, "{\"target\": \"identity\", \"kind\": \"oauth\", \"error\": \"invalid_grant\", "
		 "\"suberror\": \"bad_token\"}");
	get_me(web);
	g_assert_cmpuint(web->status, ==, 200);
	sim_web_post(web, path, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token", "refresh_token", token,
		     NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 700082, NULL);
	object = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(object, "suberror"), ==, "bad_token");
	add(web, "{\"target\": \"identity\", \"status\": 503}");
	sim_web_post(web, path, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token", "refresh_token", token,
		     NULL);
	sim_web_assert_oauth_error(web, 503, "temporarily_unavailable", 90033, NULL);
	sim_web_post(web, path, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token", "refresh_token", token,
		     NULL);
	g_assert_cmpuint(web->status, ==, 200);
	assert_over(web);
}

static void
test_refuses_what_is_no_fault(SimWeb *web, gconstpointer data)
{
	static const char *const wrong[] = {"",
					    "{",
					    "5",
					    "[{}, 5]",
					    "{\"kind\": \"flood\"}",
					    "{\"kind\": 5}",
					    "{\"when\": \"never\"}",
					    "{\"target\": \"moon\"}",
					    "{\"status\": 99}",
					    "{\"status\": \"500\"}",
					    "{\"count\": -1}",
					    "{\"path\": \"(\"}",
					    "{\"headers\": {\"a\": 1}}",
					    "{\"body\": 5}",
					    "{\"work\": 1}",
					    "{\"claims\": []}",
					    "{\"stauts\": 500}"};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(simulator_add_fault(web->simulator, wrong[i], &error));
		g_assert_nonnull(error);
	}
	assert_over(web);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

#define ADD(path, function) g_test_add(path, SimWeb, NULL, set_up, function, sim_web_tear_down)
	ADD("/faults/fails one request", test_fails_once);
	ADD("/faults/sets headers and body", test_sets_headers_and_body);
	ADD("/faults/meets the requests asked for", test_meets_the_requests_asked_for);
	ADD("/faults/meets the parts of a batch", test_meets_the_parts_of_a_batch);
	ADD("/faults/answers what is no JSON object", test_answers_no_json);
	ADD("/faults/changes the status of a true answer", test_changes_the_status_of_a_true_answer);
	ADD("/faults/closes the connection", test_closes_the_connection);
	ADD("/faults/hangs until released", test_hangs_until_released);
	ADD("/faults/works and hangs until released", test_works_and_hangs_until_released);
	ADD("/faults/stops in the middle of a body", test_stops_in_the_middle_of_a_body);
	ADD("/faults/delays", test_delays);
	ADD("/faults/challenges claims", test_challenges_claims);
	ADD("/faults/evaluates continuously", test_evaluates_continuously);
	ADD("/faults/fails the identity platform", test_fails_the_identity_platform);
	ADD("/faults/refuses what is no fault", test_refuses_what_is_no_fault);
#undef ADD
	return g_test_run();
}
