/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-web.h"

#define TOKEN_PATH "/common/oauth2/v2.0/token"
#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"

/* OAUTH.md 9a: the answer to a device code request (transfer full). */
static JsonObject *
begin(SimWeb *web)
{
	JsonObject *answer;

	sim_web_control(web, "settings", "{\"device_interval\": 0}");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", SIMULATOR_CLIENT_ID, "scope",
		     "openid profile offline_access User.Read", NULL);
	g_assert_cmpuint(web->status, ==, 200);
	answer = sim_web_object(web);
	g_assert_cmpint(json_object_get_int_member(answer, "expires_in"), ==, 900);
	g_assert_true(json_object_has_member(answer, "message"));
	g_assert_true(json_object_has_member(answer, "interval"));
	g_assert_false(json_object_has_member(answer, "verification_uri_complete"));
	return answer;
}

static void
poll(SimWeb *web, JsonObject *device, const char *grant_type)
{
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", grant_type, "device_code",
		     json_object_get_string_member(device, "device_code"), NULL);
}

/* What a person does at another device. */
static void
answer_page(SimWeb *web, JsonObject *device, const char *button)
{
	const char *uri = json_object_get_string_member(device, "verification_uri");
	g_autoptr(GHashTable) form = NULL;
	g_autofree char *action = NULL;

	sim_web_send(web, "GET", uri + strlen(simulator_get_origin(web->simulator)), NULL, NULL, NULL);
	form = sim_web_form(web, &action);
	g_assert_true(g_hash_table_contains(form, "otc"));
	sim_web_post(web, action, "otc", json_object_get_string_member(device, "user_code"), "account", SIMULATOR_OTHER,
		     button, button, NULL);
}

static void
test_signs_in(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = begin(web);
	g_autoptr(JsonObject) answer = NULL;

	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "authorization_pending", 70016, NULL);
	answer_page(web, device, "accept");
	g_assert_cmpuint(web->status, ==, 200);
	poll(web, device, "device_code");
	g_assert_cmpuint(web->status, ==, 200);
	answer = sim_web_object(web);
	g_assert_true(json_object_has_member(answer, "refresh_token"));
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "bad_verification_code", 70018, "OAUTH.md 9a");

	web->token = g_strdup(json_object_get_string_member(answer, "access_token"));
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_nonnull(strstr(web->text, SIMULATOR_OTHER));
}

static void
test_declines(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = begin(web);

	answer_page(web, device, "cancel");
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "authorization_declined", 65004, NULL);
}

static void
test_expires(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = NULL;

	sim_web_control(web, "settings", "{\"device_lifetime\": 0}");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", SIMULATOR_CLIENT_ID, "scope", "User.Read",
		     NULL);
	device = sim_web_object(web);
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "expired_token", 70020, NULL);
	answer_page(web, device, "accept");
	g_assert_cmpuint(web->status, ==, 400);
	sim_web_assert_refused(web, "OAUTH.md 9a");
}

/* OAUTH.md 9a: the first poll is always in time, those behind it keep the interval. */
static void
test_slows_hasty_clients_down(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = NULL;

	sim_web_control(web, "settings", "{\"device_interval\": 3600}");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", SIMULATOR_CLIENT_ID, "scope", "User.Read",
		     NULL);
	device = sim_web_object(web);
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "authorization_pending", 70016, NULL);
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "slow_down", 70016, "OAUTH.md 9a");
}

/* RFC 8628 3.5: what a hasty poll costs is for good, and the first poll of a strict tenant waits, too. */
static void
test_remembers_haste(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = NULL;

	sim_web_control(web, "settings", "{\"device_interval\": 0.1, \"device_strict\": true}");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", SIMULATOR_CLIENT_ID, "scope", "User.Read",
		     NULL);
	device = sim_web_object(web);
	g_assert_cmpfloat(json_object_get_double_member(device, "interval"), ==, 0.1);
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "slow_down", 70016, "OAUTH.md 9a");
	g_usleep(G_USEC_PER_SEC / 5);
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "slow_down", 70016, "OAUTH.md 9a");
}

static void
test_tells_to_slow_down(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = begin(web);

	simulator_slow_device(web->simulator, 1);
	poll(web, device, GRANT_TYPE);
	sim_web_assert_oauth_error(web, 400, "slow_down", 70016, NULL);
	g_assert_true(simulator_enter_code(web->simulator, json_object_get_string_member(device, "user_code"),
					   SIMULATOR_USER, TRUE));
	g_assert_false(simulator_enter_code(web->simulator, json_object_get_string_member(device, "user_code"),
					    SIMULATOR_USER, TRUE));
	poll(web, device, GRANT_TYPE);
	g_assert_cmpuint(web->status, ==, 200);
}

/* OAUTH.md 2: a secret is not needed for the code, but one that is given has to be right. */
static void
test_checks_secrets(SimWeb *web, gconstpointer data)
{
	simulator_add_client(web->simulator, "confidential", "s3cret");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", "confidential", "scope", "User.Read",
		     "client_secret", "other", NULL);
	sim_web_assert_oauth_error(web, 401, "invalid_client", 7000215, "OAUTH.md 2");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", SIMULATOR_CLIENT_ID, "scope", "User.Read",
		     "client_secret", "s3cret", NULL);
	sim_web_assert_oauth_error(web, 401, "invalid_client", 700025, "OAUTH.md 2");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", "confidential", "scope", "User.Read",
		     "client_secret", "s3cret", NULL);
	g_assert_cmpuint(web->status, ==, 200);
}

static void
test_refuses_wrong_requests(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) device = begin(web);

	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", SIMULATOR_CLIENT_ID, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 900144, "OAUTH.md 4.1");
	sim_web_post(web, "/common/oauth2/v2.0/devicecode", "client_id", "nobody", "scope", "User.Read", NULL);
	sim_web_assert_oauth_error(web, 400, "unauthorized_client", 700016, "OAUTH.md 9b");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", GRANT_TYPE, "device_code", "x",
		     NULL);
	sim_web_assert_oauth_error(web, 400, "bad_verification_code", 70018, "OAUTH.md 9a");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", GRANT_TYPE, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 900144, "OAUTH.md 4.3");
	sim_web_post(web, "/organizations/oauth2/v2.0/token", "client_id", SIMULATOR_CLIENT_ID, "grant_type",
		     GRANT_TYPE, "device_code", json_object_get_string_member(device, "device_code"), NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 700005, "OAUTH.md 1");
	simulator_add_client(web->simulator, "other", NULL);
	sim_web_post(web, TOKEN_PATH, "client_id", "other", "grant_type", GRANT_TYPE, "device_code",
		     json_object_get_string_member(device, "device_code"), NULL);
	sim_web_assert_oauth_error(web, 400, "bad_verification_code", 70018, "OAUTH.md 9a");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	sim_web_add("/device/signs in", test_signs_in);
	sim_web_add("/device/says that a person declined", test_declines);
	sim_web_add("/device/expires", test_expires);
	sim_web_add("/device/slows hasty clients down", test_slows_hasty_clients_down);
	sim_web_add("/device/remembers haste", test_remembers_haste);
	sim_web_add("/device/tells a client that is in time to slow down", test_tells_to_slow_down);
	sim_web_add("/device/checks a secret that is given", test_checks_secrets);
	sim_web_add("/device/refuses wrong requests", test_refuses_wrong_requests);
	return g_test_run();
}
