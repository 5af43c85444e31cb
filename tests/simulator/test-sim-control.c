/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-web.h"

#define MAIL "From: dora@fabrikam.example\r\nTo: " SIMULATOR_USER "\r\nSubject: %s\r\n\r\nHello\r\n"

static char *
get_id(SimWeb *web)
{
	g_autoptr(JsonObject) object = sim_web_object(web);

	return g_strdup(json_object_get_string_member(object, "id"));
}

/* The folder's messages as the control shows them (transfer full). */
static JsonNode *
dump(SimWeb *web, const char *folder)
{
	g_autofree char *query = soup_form_encode("address", SIMULATOR_USER, "folder", folder, NULL);
	g_autofree char *target = g_strconcat("/_control/dump?", query, NULL);

	sim_web_send(web, "GET", target, NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	return json_from_string(web->text, NULL);
}

static guint
count(SimWeb *web, const char *folder)
{
	g_autoptr(JsonNode) node = dump(web, folder);

	return json_array_get_length(json_node_get_array(node));
}

static void
test_acts_as_another_client(SimWeb *web, gconstpointer data)
{
	g_autofree char *mail = g_strdup_printf(MAIL, "One");
	g_autofree char *id = NULL;
	g_autofree char *json = NULL;
	g_autofree char *change = NULL;
	g_autofree char *move = NULL;
	g_autofree char *delete = NULL;
	g_autoptr(JsonNode) node = NULL;
	JsonObject *message;

	sim_web_send(web, "POST", "/_control/deliver?address=" SIMULATOR_USER "&folder=inbox", "message/rfc822", mail,
		     NULL);
	g_assert_cmpuint(web->status, ==, 200);
	id = get_id(web);
	json = g_strdup_printf("{\"address\": \"%s\", \"eml\": \"Subject: Two\\r\\n\\r\\nText\\r\\n\"}", SIMULATOR_USER);
	sim_web_control(web, "deliver", json);
	g_assert_cmpuint(count(web, "inbox"), ==, 2);

	change = g_strdup_printf("{\"address\": \"%s\", \"id\": \"%s\", \"patch\": {\"isRead\": true}}", SIMULATOR_USER,
				 id);
	sim_web_control(web, "change", change);
	sim_web_control(web, "folder", "{\"address\": \"" SIMULATOR_USER "\", \"parent\": \"inbox\", \"name\": \"Sub\"}");
	move = g_strdup_printf("{\"address\": \"%s\", \"id\": \"%s\", \"folder\": \"Inbox/Sub\"}", SIMULATOR_USER, id);
	sim_web_control(web, "move", move);
	g_assert_cmpuint(count(web, "inbox"), ==, 1);
	node = dump(web, "Inbox/Sub");
	g_assert_cmpuint(json_array_get_length(json_node_get_array(node)), ==, 1);
	message = json_array_get_object_element(json_node_get_array(node), 0);
	g_assert_cmpstr(json_object_get_string_member(message, "id"), ==, id);
	g_assert_cmpstr(json_object_get_string_member(message, "subject"), ==, "One");
	g_assert_true(json_object_get_boolean_member(message, "isRead"));

	delete = g_strdup_printf("{\"address\": \"%s\", \"id\": \"%s\"}", SIMULATOR_USER, id);
	sim_web_control(web, "delete", delete);
	g_assert_cmpuint(count(web, "Inbox/Sub"), ==, 0);
	sim_web_control(web, "fill", "{\"address\": \"" SIMULATOR_USER "\", \"folder\": \"inbox\", \"count\": 10}");
	g_assert_cmpuint(count(web, "inbox"), ==, 11);
}

static void
test_adds_and_removes_people(SimWeb *web, gconstpointer data)
{
	sim_web_control(web, "mailbox", "{\"address\": \"carol@contoso.example\", \"directory\": \"\"}");
	sim_web_control(web, "token", "{\"address\": \"carol@contoso.example\", \"scopes\": \"User.Read\"}");
	{
		g_autoptr(JsonObject) object = sim_web_object(web);

		web->token = g_strdup(json_object_get_string_member(object, "access_token"));
		g_assert_false(json_object_has_member(object, "refresh_token"));
	}
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	sim_web_control(web, "mailbox", "{\"address\": \"carol@contoso.example\", \"remove\": true}");
	sim_web_send(web, "GET", "/v1.0/me/mailFolders", NULL, NULL, NULL);
	g_assert_cmpuint(web->status / 100, ==, 4);
}

static void
test_issues_and_revokes_tokens(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *body = NULL;

	sim_web_control(web, "token",
			"{\"address\": \"" SIMULATOR_USER "\", \"scopes\": \"User.Read offline_access\", "
			"\"client_id\": \"" SIMULATOR_CLIENT_ID "\"}");
	object = sim_web_object(web);
	web->token = g_strdup(json_object_get_string_member(object, "access_token"));
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	sim_web_control(web, "expire", "{\"what\": \"access\", \"address\": \"" SIMULATOR_USER "\"}");
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 401);
	g_clear_pointer(&web->token, g_free);
	sim_web_control(web, "revoke", "{\"address\": \"" SIMULATOR_USER "\"}");
	sim_web_post(web, "/common/oauth2/v2.0/token", "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token",
		     "refresh_token", json_object_get_string_member(object, "refresh_token"), NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 50173, "OAUTH.md 10");
}

static void
test_shows_and_empties_the_log(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(JsonObject) empty = NULL;

	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	sim_web_send(web, "GET", "/_control/log", NULL, NULL, NULL);
	object = sim_web_object(web);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(object, "requests")), ==, 1);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(object, "refusals")), ==, 1);
	sim_web_control(web, "settings", "{\"latency\": 5, \"page_limit\": 50, \"delta_expand\": false}");
	sim_web_control(web, "faults", "[{\"status\": 500}]");
	sim_web_control(web, "reset", "{}");
	sim_web_send(web, "GET", "/_control/log", NULL, NULL, NULL);
	empty = sim_web_object(web);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(empty, "requests")), ==, 0);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(empty, "refusals")), ==, 0);
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 401);
}

static void
test_says_what_is_wrong(SimWeb *web, gconstpointer data)
{
	const struct {
		const char *name;
		const char *json;
		guint status;
	} cases[] = {
		{"nonsense", "{}", 404},
		{"faults", "", 400},
		{"faults", "{\"kind\": \"flood\"}", 400},
		{"deliver", "{}", 400},
		{"deliver", "{\"address\": \"" SIMULATOR_USER "\"}", 400},
		{"change", "{\"address\": \"a\", \"id\": \"b\"}", 400},
		{"settings", "{\"latency\": \"5\"}", 400},
		{"settings", "{\"rotate\": 5}", 400},
		{"expire", "{\"what\": \"patience\"}", 400},
		{"token", "[]", 400},
		{"mailbox", "{\"address\": 5}", 400},
		{"share", "{\"address\": \"nobody\", \"delegate\": \"b\"}", 404},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *target = g_strconcat("/_control/", cases[i].name, NULL);
		g_autoptr(JsonObject) object = NULL;

		sim_web_send(web, "POST", target, "application/json", cases[i].json, NULL);
		g_assert_cmpuint(web->status, ==, cases[i].status);
		object = sim_web_object(web);
		g_assert_true(json_object_has_member(object, "error"));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	sim_web_add("/control/acts as another client", test_acts_as_another_client);
	sim_web_add("/control/adds and removes people", test_adds_and_removes_people);
	sim_web_add("/control/issues and revokes tokens", test_issues_and_revokes_tokens);
	sim_web_add("/control/shows and empties the log", test_shows_and_empties_the_log);
	sim_web_add("/control/says what is wrong", test_says_what_is_wrong);
	return g_test_run();
}
