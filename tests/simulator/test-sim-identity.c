/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-web.h"

#include <gnutls/abstract.h>

#define REDIRECT "http://localhost:40001"
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" /* RFC 7636, appendix B */
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define WEB_CLIENT "22222222-3333-4444-8555-666666666666"
#define WEB_SECRET "a+b/c=d&e%f~g h"
#define TOKEN_PATH "/common/oauth2/v2.0/token"

/* The query of a good authorize request, with changes: name and value in turn; a value of "" leaves it out. */
static char *
make_query(SimWeb *web, va_list changes)
{
	g_autofree char *scope = g_strdup_printf("openid profile offline_access %1$s/User.Read %1$s/Mail.ReadWrite",
						 simulator_get_origin(web->simulator));
	g_autoptr(GHashTable) query = g_hash_table_new(g_str_hash, g_str_equal);
	const char *name;
	const char *const standard[] = {"client_id", SIMULATOR_CLIENT_ID, "response_type", "code", "redirect_uri",
					REDIRECT, "response_mode", "query", "state", "st-at_e", "code_challenge",
					CHALLENGE, "code_challenge_method", "S256", "nonce", "no-nce", NULL};

	for (guint i = 0; standard[i] != NULL; i += 2)
		g_hash_table_insert(query, (char *)standard[i], (char *)standard[i + 1]);
	g_hash_table_insert(query, (char *)"scope", scope);
	while ((name = va_arg(changes, const char *)) != NULL) {
		const char *value = va_arg(changes, const char *);

		if (*value == '\0')
			g_hash_table_remove(query, name);
		else
			g_hash_table_replace(query, (char *)name, (char *)value);
	}
	return soup_form_encode_hash(query);
}

G_GNUC_NULL_TERMINATED
static void
authorize_at(SimWeb *web, const char *tenant, ...)
{
	g_autofree char *query = NULL;
	g_autofree char *target = NULL;
	va_list changes;

	va_start(changes, tenant);
	query = make_query(web, changes);
	va_end(changes);
	target = g_strdup_printf("/%s/oauth2/v2.0/authorize?%s", tenant, query);
	sim_web_send(web, "GET", target, NULL, NULL, NULL);
	g_assert_no_error(web->error);
}
#define authorize(web, ...) authorize_at((web), "common", __VA_ARGS__)

/* Answers the consent page. */
static void
consent(SimWeb *web, const char *account, const char *button)
{
	g_autofree char *action = NULL;
	g_autoptr(GHashTable) form = NULL;

	g_assert_cmpuint(web->status, ==, 200);
	form = sim_web_form(web, &action);
	sim_web_post(web, action, "ticket", g_hash_table_lookup(form, "ticket"), "account", account, button, button,
		     NULL);
	g_assert_no_error(web->error);
}

/* What the redirect carries (transfer full). */
static GHashTable *
get_redirect(SimWeb *web)
{
	const char *location = web->headers != NULL ? soup_message_headers_get_one(web->headers, "Location") : NULL;

	g_assert_cmpuint(web->status, ==, 302);
	g_assert_true(g_str_has_prefix(location, REDIRECT "/?"));
	return soup_form_decode(location + strlen(REDIRECT "/?"));
}

static void
assert_redirected_error(SimWeb *web, const char *error, guint code, const char *reference)
{
	g_autoptr(GHashTable) fields = get_redirect(web);
	g_autofree char *number = g_strdup_printf("AADSTS%u: ", code);

	g_assert_cmpstr(g_hash_table_lookup(fields, "error"), ==, error);
	g_assert_true(g_str_has_prefix(g_hash_table_lookup(fields, "error_description"), number));
	g_assert_cmpstr(g_hash_table_lookup(fields, "state"), ==, "st-at_e");
	g_assert_false(g_hash_table_contains(fields, "code"));
	if (reference != NULL)
		sim_web_assert_refused(web, reference);
}

/* An error that must not reach the redirect URI. */
static void
assert_page_error(SimWeb *web, guint code, const char *reference)
{
	g_autofree char *number = g_strdup_printf("AADSTS%u: ", code);

	g_assert_cmpuint(web->status, ==, 400);
	g_assert_nonnull(strstr(web->text, number));
	g_assert_null(soup_message_headers_get_one(web->headers, "Location"));
	g_assert_null(strstr(web->text, "<form"));
	sim_web_assert_refused(web, reference);
}

static char *
get_code(SimWeb *web)
{
	g_autoptr(GHashTable) fields = NULL;

	authorize(web, NULL);
	consent(web, SIMULATOR_USER, "accept");
	fields = get_redirect(web);
	return g_strdup(g_hash_table_lookup(fields, "code"));
}

static void
redeem(SimWeb *web, const char *code)
{
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "authorization_code", "code",
		     code, "redirect_uri", REDIRECT, "code_verifier", VERIFIER, NULL);
	g_assert_no_error(web->error);
}

static void
refresh(SimWeb *web, const char *token)
{
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token",
		     "refresh_token", token, NULL);
	g_assert_no_error(web->error);
}

/* A member of the token answer (transfer full). */
static char *
get_member(SimWeb *web, const char *name)
{
	g_autoptr(JsonObject) object = NULL;

	g_assert_cmpuint(web->status, ==, 200);
	object = sim_web_object(web);
	return g_strdup(json_object_get_string_member(object, name));
}

static guchar *
decode(const char *text, gsize *length)
{
	GString *padded = g_string_new(text);
	guchar *data;

	g_string_replace(padded, "-", "+", 0);
	g_string_replace(padded, "_", "/", 0);
	while (padded->len % 4 != 0)
		g_string_append_c(padded, '=');
	data = g_base64_decode(padded->str, length);
	g_string_free(padded, TRUE);
	return data;
}

/* OAUTH.md 4.1, 4.2, 4.4, 5 */
static void
test_signs_in(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(JsonObject) claims = NULL;
	g_autofree char *issuer = NULL;
	g_autofree char *scope = NULL;
	g_autofree guchar *middle = NULL;
	g_auto(GStrv) parts = NULL;
	g_autoptr(JsonNode) node = NULL;
	gsize length;

	g_assert_cmpuint(strlen(code), >, 1024);
	redeem(web, code);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_cmpstr(soup_message_headers_get_one(web->headers, "Cache-Control"), ==, "no-store, no-cache");
	answer = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(answer, "token_type"), ==, "Bearer");
	g_assert_cmpint(json_object_get_int_member(answer, "expires_in"), ==, 3599);
	g_assert_true(json_object_has_member(answer, "refresh_token"));
	scope = g_strdup_printf("openid profile %1$s/User.Read %1$s/Mail.ReadWrite",
				simulator_get_origin(web->simulator));
	g_assert_cmpstr(json_object_get_string_member(answer, "scope"), ==, scope);

	parts = g_strsplit(json_object_get_string_member(answer, "id_token"), ".", -1);
	g_assert_cmpuint(g_strv_length(parts), ==, 3);
	middle = decode(parts[1], &length);
	node = json_from_string((char *)middle, NULL);
	claims = json_node_dup_object(node);
	issuer = g_strdup_printf("%s/%s/v2.0", simulator_get_origin(web->simulator), SIMULATOR_TENANT_ID);
	g_assert_cmpstr(json_object_get_string_member(claims, "aud"), ==, SIMULATOR_CLIENT_ID);
	g_assert_cmpstr(json_object_get_string_member(claims, "iss"), ==, issuer);
	g_assert_cmpstr(json_object_get_string_member(claims, "tid"), ==, SIMULATOR_TENANT_ID);
	g_assert_cmpstr(json_object_get_string_member(claims, "nonce"), ==, "no-nce");
	g_assert_cmpstr(json_object_get_string_member(claims, "preferred_username"), ==, SIMULATOR_USER);
	g_assert_cmpint(json_object_get_int_member(claims, "exp"), >, g_get_real_time() / G_USEC_PER_SEC);

	web->token = g_strdup(json_object_get_string_member(answer, "access_token"));
	sim_web_send(web, "GET", "/v1.0/me", NULL, NULL, NULL);
	g_assert_cmpuint(web->status, ==, 200);
	g_clear_pointer(&answer, json_object_unref);
	answer = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(answer, "id"), ==, json_object_get_string_member(claims, "oid"));
}

/* OAUTH.md 1, 5: the key that the metadata names verifies the id token. */
static void
test_signs_id_tokens(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);
	g_autofree char *id_token = NULL;
	g_autoptr(JsonObject) metadata = NULL;
	g_autoptr(JsonObject) keys = NULL;
	g_autofree guchar *n = NULL;
	g_autofree guchar *e = NULL;
	g_autofree guchar *signature = NULL;
	g_auto(GStrv) parts = NULL;
	g_autofree char *head = NULL;
	gnutls_pubkey_t pubkey;
	gnutls_datum_t modulus, exponent, text, sig;
	JsonObject *key;
	gsize length;

	redeem(web, code);
	id_token = get_member(web, "id_token");
	sim_web_send(web, "GET", "/common/v2.0/.well-known/openid-configuration", NULL, NULL, NULL);
	metadata = sim_web_object(web);
	sim_web_send(web, "GET",
		     json_object_get_string_member(metadata, "jwks_uri") +
			     strlen(simulator_get_origin(web->simulator)),
		     NULL, NULL, NULL);
	keys = sim_web_object(web);
	key = json_array_get_object_element(json_object_get_array_member(keys, "keys"), 0);

	n = decode(json_object_get_string_member(key, "n"), &length);
	modulus = (gnutls_datum_t){n, length};
	e = decode(json_object_get_string_member(key, "e"), &length);
	exponent = (gnutls_datum_t){e, length};
	parts = g_strsplit(id_token, ".", -1);
	head = g_strconcat(parts[0], ".", parts[1], NULL);
	text = (gnutls_datum_t){(guchar *)head, strlen(head)};
	signature = decode(parts[2], &length);
	sig = (gnutls_datum_t){signature, length};
	g_assert_cmpint(gnutls_pubkey_init(&pubkey), ==, 0);
	g_assert_cmpint(gnutls_pubkey_import_rsa_raw(pubkey, &modulus, &exponent), ==, 0);
	g_assert_cmpint(gnutls_pubkey_verify_data2(pubkey, GNUTLS_SIGN_RSA_SHA256, 0, &text, &sig), ==, 0);
	gnutls_pubkey_deinit(pubkey);
}

/* OAUTH.md 1 */
static void
test_describes_itself(SimWeb *web, gconstpointer data)
{
	g_autoptr(JsonObject) common = NULL;
	g_autoptr(JsonObject) single = NULL;
	g_autoptr(JsonObject) instance = NULL;
	const char *origin = simulator_get_origin(web->simulator);
	g_autofree char *issuer = g_strdup_printf("%s/{tenantid}/v2.0", origin);
	g_autofree char *token = g_strdup_printf("%s/common/oauth2/v2.0/token", origin);
	g_autofree char *own = g_strdup_printf("%s/" SIMULATOR_TENANT_ID "/v2.0", origin);

	sim_web_send(web, "GET", "/common/v2.0/.well-known/openid-configuration", NULL, NULL, NULL);
	common = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(common, "issuer"), ==, issuer);
	g_assert_cmpstr(json_object_get_string_member(common, "token_endpoint"), ==, token);
	g_assert_true(json_object_has_member(common, "device_authorization_endpoint"));
	g_assert_true(json_object_has_member(common, "end_session_endpoint"));
	sim_web_send(web, "GET", "/contoso.example/v2.0/.well-known/openid-configuration", NULL, NULL, NULL);
	single = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(single, "issuer"), ==, own);
	sim_web_send(web, "GET", "/common/discovery/instance?api-version=1.1", NULL, NULL, NULL);
	instance = sim_web_object(web);
	g_assert_true(json_object_has_member(instance, "tenant_discovery_endpoint"));
	sim_web_send(web, "GET", "/nowhere.example/v2.0/.well-known/openid-configuration", NULL, NULL, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 90002, "OAUTH.md 9b");
}

/* OAUTH.md 4.1: the code comes in a form that posts itself. */
static void
test_answers_by_form_post(SimWeb *web, gconstpointer data)
{
	g_autofree char *action = NULL;
	g_autoptr(GHashTable) form = NULL;

	authorize(web, "response_mode", "form_post", "state", "<&\"'>", NULL);
	consent(web, SIMULATOR_OTHER, "accept");
	g_assert_cmpuint(web->status, ==, 200);
	form = sim_web_form(web, &action);
	g_assert_cmpstr(action, ==, REDIRECT "/");
	g_assert_cmpstr(g_hash_table_lookup(form, "state"), ==, "<&\"'>");
	redeem(web, g_hash_table_lookup(form, "code"));
	g_assert_cmpuint(web->status, ==, 200);
}

/* OAUTH.md 4.2, 9b */
static void
test_declines(SimWeb *web, gconstpointer data)
{
	authorize(web, NULL);
	consent(web, SIMULATOR_USER, "cancel");
	assert_redirected_error(web, "access_denied", 65004, NULL);
}

/* OAUTH.md 3, 9b: these stay in the browser. */
static void
test_keeps_errors_in_the_page(SimWeb *web, gconstpointer data)
{
	static const char *const redirects[] = {"http://localhost:1/callback", "https://localhost:1", "http://[::1]:1",
						"http://localhost.example:1",  "http://localhost:1?a=b",
						"http://user@localhost:1",     "urn:x"};

	for (guint i = 0; i < G_N_ELEMENTS(redirects); i++) {
		authorize(web, "redirect_uri", redirects[i], NULL);
		assert_page_error(web, 50011, "OAUTH.md 3");
	}
	authorize(web, "redirect_uri", "", NULL);
	assert_page_error(web, 900144, "OAUTH.md 4.1");
	authorize(web, "client_id", "00000000-0000-4000-8000-000000000000", NULL);
	assert_page_error(web, 700016, "OAUTH.md 9b");
	authorize_at(web, "nowhere.example", NULL);
	assert_page_error(web, 90002, "OAUTH.md 9b");
	authorize(web, "scope", "User.Read.All", NULL);
	assert_page_error(web, 90094, "OAUTH.md 6");
	authorize_at(web, "consumers", NULL);
	assert_page_error(web, 50020, "OAUTH.md 9b");
	sim_web_send(web, "GET", "/common/oauth2/v2.0/authorize?client_id=a&client_id=b", NULL, NULL, NULL);
	assert_page_error(web, 9002313, "OAUTH.md 9b");
}

/* OAUTH.md 4.1, 6: these reach the client, with its state. */
static void
test_returns_other_errors(SimWeb *web, gconstpointer data)
{
	const struct {
		const char *name;
		const char *value;
		const char *error;
		guint code;
		const char *reference;
	} cases[] = {
		{"response_type", "token", "unsupported_response_type", 90100, "OAUTH.md 4.1"},
		{"response_type", "", "invalid_request", 900144, "OAUTH.md 4.1"},
		{"response_mode", "web_message", "invalid_request", 90100, "OAUTH.md 4.1"},
		{"scope", "", "invalid_request", 900144, "OAUTH.md 4.1"},
		{"scope", "MailFolders.Read", "invalid_client", 650053, "OAUTH.md 9b"},
		{"scope", "Mail.Send\n", "invalid_client", 650053, "OAUTH.md 9b"},
		{"scope", "https://graph.example/Mail.Read", "invalid_resource", 500011, "OAUTH.md 9b"},
		{"scope", "https://graph.example/Mail.Read Mail.Read", "invalid_request", 28002, "OAUTH.md 6"},
		{"scope", ".default Mail.Read", "invalid_scope", 70011, "OAUTH.md 6"},
		{"code_challenge", "short", "invalid_request", 501491, "OAUTH.md 4.1"},
		{"code_challenge", CHALLENGE "=", "invalid_request", 501491, "OAUTH.md 4.1"},
		{"code_challenge", "", "invalid_request", 501491, "OAUTH.md 4.1"},
		{"code_challenge_method", "S512", "invalid_request", 50147, "OAUTH.md 4.1"},
		{"prompt", "none", "login_required", 50058, "OAUTH.md 9b"},
		{"prompt", "sometimes", "invalid_request", 90100, "OAUTH.md 4.1"},
		{"claims", "[]", "invalid_request", 90100, "OAUTH.md 8"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		authorize(web, cases[i].name, cases[i].value, NULL);
		assert_redirected_error(web, cases[i].error, cases[i].code, cases[i].reference);
	}
}

/* OAUTH.md 3, 4.2 */
static void
test_redeems_a_code_once(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);

	redeem(web, code);
	g_assert_cmpuint(web->status, ==, 200);
	redeem(web, code);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 54005, "OAUTH.md 4.2");
}

/* OAUTH.md 1, 3, 4.2, 9b */
static void
test_binds_codes(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);
	const char *id = SIMULATOR_CLIENT_ID;

	sim_web_post(web, TOKEN_PATH, "client_id", id, "grant_type", "authorization_code", "code", code,
		     "redirect_uri", REDIRECT "/", "code_verifier", VERIFIER, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 70000, "OAUTH.md 3");
	sim_web_post(web, TOKEN_PATH, "client_id", id, "grant_type", "authorization_code", "code", code,
		     "redirect_uri", REDIRECT, "code_verifier", VERIFIER "x", NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 501481, "OAUTH.md 9b");
	sim_web_post(web, TOKEN_PATH, "client_id", id, "grant_type", "authorization_code", "code", code,
		     "redirect_uri", REDIRECT, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 501481, "OAUTH.md 9b");
	sim_web_post(web, "/organizations/oauth2/v2.0/token", "client_id", id, "grant_type", "authorization_code",
		     "code", code, "redirect_uri", REDIRECT, "code_verifier", VERIFIER, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 700005, "OAUTH.md 1");
	simulator_add_client(web->simulator, "another", NULL);
	sim_web_post(web, TOKEN_PATH, "client_id", "another", "grant_type", "authorization_code", "code", code,
		     "redirect_uri", REDIRECT, "code_verifier", VERIFIER, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 70000, "OAUTH.md 9b");
	redeem(web, code);
	g_assert_cmpuint(web->status, ==, 200);
}

/* OAUTH.md 4.2 */
static void
test_forgets_old_codes(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);

	sim_web_control(web, "expire", "{\"what\": \"codes\"}");
	redeem(web, code);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 70008, "OAUTH.md 4.2");
}

/* OAUTH.md 4.3, 7 */
static void
test_refuses_malformed_token_requests(SimWeb *web, gconstpointer data)
{
	sim_web_send(web, "GET", TOKEN_PATH, NULL, NULL, NULL);
	sim_web_assert_oauth_error(web, 405, "invalid_request", 900561, "OAUTH.md 4.3");
	sim_web_send(web, "POST", TOKEN_PATH, "application/json", "{}", NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 9002313, "OAUTH.md 4.3");
	sim_web_post(web, TOKEN_PATH, "grant_type", "refresh_token", NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 900144, "OAUTH.md 4.3");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 900144, "OAUTH.md 4.3");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "password", NULL);
	sim_web_assert_oauth_error(web, 400, "unsupported_grant_type", 70003, "OAUTH.md 7");
	sim_web_post(web, TOKEN_PATH, "client_id", "nobody", "grant_type", "refresh_token", NULL);
	sim_web_assert_oauth_error(web, 400, "unauthorized_client", 700016, "OAUTH.md 9b");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "client_id", "twice", NULL);
	sim_web_assert_oauth_error(web, 400, "invalid_request", 9002313, "OAUTH.md 9b");
	refresh(web, "unknown");
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 70000, "OAUTH.md 9b");
	redeem(web, "unknown");
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 70000, "OAUTH.md 9b");
}

/* OAUTH.md 2 */
static void
test_knows_public_and_confidential_clients(SimWeb *web, gconstpointer data)
{
	g_autofree char *token = NULL;
	g_autofree char *basic = NULL;
	g_autofree char *encoded = NULL;
	g_autofree char *pair = g_strdup_printf("%s:%s", WEB_CLIENT, "a%2Bb%2Fc%3Dd%26e%25f~g%20h");
	g_autofree char *form = NULL;

	simulator_add_client(web->simulator, WEB_CLIENT, WEB_SECRET);
	token = simulator_issue_refresh_token(web->simulator, WEB_CLIENT, SIMULATOR_USER, "User.Read offline_access");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token", "refresh_token",
		     "x", "client_secret", "y", NULL);
	sim_web_assert_oauth_error(web, 401, "invalid_client", 700025, "OAUTH.md 2");
	sim_web_post(web, TOKEN_PATH, "client_id", WEB_CLIENT, "grant_type", "refresh_token", "refresh_token", token,
		     NULL);
	sim_web_assert_oauth_error(web, 401, "invalid_client", 7000218, "OAUTH.md 2");
	sim_web_post(web, TOKEN_PATH, "client_id", WEB_CLIENT, "grant_type", "refresh_token", "refresh_token", token,
		     "client_secret", "wrong", NULL);
	sim_web_assert_oauth_error(web, 401, "invalid_client", 7000215, "OAUTH.md 2");
	sim_web_post(web, TOKEN_PATH, "client_id", WEB_CLIENT, "grant_type", "refresh_token", "refresh_token", token,
		     "client_secret", WEB_SECRET, NULL);
	g_assert_cmpuint(web->status, ==, 200);

	encoded = g_base64_encode((guchar *)pair, strlen(pair));
	basic = g_strconcat("Basic ", encoded, NULL);
	form = soup_form_encode("grant_type", "refresh_token", "refresh_token", token, NULL);
	sim_web_send(web, "POST", TOKEN_PATH, SOUP_FORM_MIME_TYPE_URLENCODED, form, "Authorization", basic, NULL);
	g_assert_cmpuint(web->status, ==, 200);
}

/* OAUTH.md 10: a new refresh token each time, the old one stays good. */
static void
test_refreshes(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;

	redeem(web, code);
	first = get_member(web, "refresh_token");
	refresh(web, first);
	second = get_member(web, "refresh_token");
	g_assert_cmpstr(first, !=, second);
	refresh(web, first);
	g_assert_cmpuint(web->status, ==, 200);

	sim_web_control(web, "settings", "{\"rotate\": true}");
	refresh(web, second);
	g_assert_cmpuint(web->status, ==, 200);
	refresh(web, second);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 50173, "OAUTH.md 10");
	simulator_revoke_tokens(web->simulator, SIMULATOR_USER);
	refresh(web, first);
	sim_web_assert_oauth_error(web, 400, "invalid_grant", 50173, "OAUTH.md 10");
}

/* OAUTH.md 6, 10 */
static void
test_grants_what_was_consented(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);
	g_autofree char *token = NULL;
	g_autofree char *scope = NULL;
	g_autofree char *suberror = NULL;
	g_autoptr(JsonObject) answer = NULL;

	redeem(web, code);
	token = get_member(web, "refresh_token");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token",
		     "refresh_token", token, "scope", "mail.readwrite offline_access", NULL);
	scope = get_member(web, "scope");
	g_assert_cmpstr(scope, ==, "Mail.ReadWrite");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token",
		     "refresh_token", token, "scope", "Contacts.Read", NULL);
	answer = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(answer, "suberror"), ==, "consent_required");
	g_assert_cmpstr(json_object_get_string_member(answer, "error"), ==, "invalid_grant");
	sim_web_assert_refused(web, "OAUTH.md 6");
}

/* OAUTH.md 6: no offline_access, no refresh token; no openid, no id token. */
static void
test_gives_no_more_than_asked(SimWeb *web, gconstpointer data)
{
	g_autoptr(GHashTable) fields = NULL;
	g_autoptr(JsonObject) answer = NULL;

	authorize(web, "scope", "User.Read", NULL);
	consent(web, SIMULATOR_USER, "accept");
	fields = get_redirect(web);
	redeem(web, g_hash_table_lookup(fields, "code"));
	answer = sim_web_object(web);
	g_assert_cmpuint(web->status, ==, 200);
	g_assert_cmpstr(json_object_get_string_member(answer, "scope"), ==, "User.Read");
	g_assert_false(json_object_has_member(answer, "refresh_token"));
	g_assert_false(json_object_has_member(answer, "id_token"));
}

/* SCOPES.md 1, OAUTH.md 1: personal accounts sign in at consumers and common, and drop shared scopes. */
static void
test_knows_personal_accounts(SimWeb *web, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) fields = NULL;
	g_autofree char *scope = NULL;

	g_assert_true(simulator_add_mailbox(web->simulator, "carol@outlook.example", "", &error));
	g_assert_no_error(error);
	authorize_at(web, "consumers", "scope", "User.Read Mail.ReadWrite.Shared", NULL);
	g_assert_null(strstr(web->text, SIMULATOR_USER));
	consent(web, "carol@outlook.example", "accept");
	fields = get_redirect(web);
	sim_web_post(web, "/consumers/oauth2/v2.0/token", "client_id", SIMULATOR_CLIENT_ID, "grant_type",
		     "authorization_code", "code", g_hash_table_lookup(fields, "code"), "redirect_uri", REDIRECT,
		     "code_verifier", VERIFIER, NULL);
	scope = get_member(web, "scope");
	g_assert_cmpstr(scope, ==, "User.Read");
	authorize_at(web, "organizations", NULL);
	g_assert_null(strstr(web->text, "carol@outlook.example"));
}

/* OAUTH.md 6 */
static void
test_lets_nobody_consent_where_an_administrator_has_to(SimWeb *web, gconstpointer data)
{
	g_autofree char *code = get_code(web);
	g_autofree char *token = NULL;
	g_autoptr(GHashTable) fields = NULL;
	g_autoptr(JsonObject) answer = NULL;

	redeem(web, code);
	token = get_member(web, "refresh_token");
	simulator_set_admin_scopes(web->simulator, "Mail.ReadWrite Mail.Read.Shared");
	authorize(web, "scope", "User.Read Mail.Read.Shared", NULL);
	consent(web, SIMULATOR_USER, "accept");
	fields = get_redirect(web);
	g_assert_cmpstr(g_hash_table_lookup(fields, "error"), ==, "access_denied");
	g_assert_nonnull(strstr(g_hash_table_lookup(fields, "error_description"), "AADSTS90094"));
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token", "refresh_token",
		     token, "scope", "User.Read Mail.ReadWrite", NULL);
	answer = sim_web_object(web);
	g_assert_cmpstr(json_object_get_string_member(answer, "suberror"), ==, "consent_required");
	sim_web_post(web, TOKEN_PATH, "client_id", SIMULATOR_CLIENT_ID, "grant_type", "refresh_token", "refresh_token",
		     token, "scope", "User.Read", NULL);
	g_assert_cmpuint(web->status, ==, 200);
}

/* The page can be answered once, and by those alone whom it offers. */
static void
test_takes_a_consent_once(SimWeb *web, gconstpointer data)
{
	g_autofree char *action = NULL;
	g_autoptr(GHashTable) form = NULL;
	const char *ticket;

	authorize(web, "login_hint", SIMULATOR_OTHER, NULL);
	g_assert_nonnull(strstr(web->text, "<option value=\"" SIMULATOR_OTHER "\" selected>"));
	form = sim_web_form(web, &action);
	ticket = g_hash_table_lookup(form, "ticket");
	sim_web_post(web, action, "ticket", ticket, "account", "mallory@contoso.example", NULL);
	assert_page_error(web, 50034, "OAUTH.md 9b");
	sim_web_post(web, action, "ticket", ticket, "account", SIMULATOR_OTHER, NULL);
	assert_page_error(web, 9002313, "OAUTH.md 9b");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	sim_web_add("/identity/signs in", test_signs_in);
	sim_web_add("/identity/signs id tokens with the key that it publishes", test_signs_id_tokens);
	sim_web_add("/identity/describes itself", test_describes_itself);
	sim_web_add("/identity/answers by a form that posts itself", test_answers_by_form_post);
	sim_web_add("/identity/says that a person declined", test_declines);
	sim_web_add("/identity/keeps errors about the client in the page", test_keeps_errors_in_the_page);
	sim_web_add("/identity/returns other errors with the state", test_returns_other_errors);
	sim_web_add("/identity/redeems a code once", test_redeems_a_code_once);
	sim_web_add("/identity/binds a code to client, tenant, redirect and verifier", test_binds_codes);
	sim_web_add("/identity/forgets old codes", test_forgets_old_codes);
	sim_web_add("/identity/refuses malformed token requests", test_refuses_malformed_token_requests);
	sim_web_add("/identity/knows public and confidential clients", test_knows_public_and_confidential_clients);
	sim_web_add("/identity/refreshes", test_refreshes);
	sim_web_add("/identity/grants what was consented", test_grants_what_was_consented);
	sim_web_add("/identity/gives no more than asked", test_gives_no_more_than_asked);
	sim_web_add("/identity/knows personal accounts", test_knows_personal_accounts);
	sim_web_add("/identity/lets nobody consent where an administrator has to",
		    test_lets_nobody_consent_where_an_administrator_has_to);
	sim_web_add("/identity/takes a consent once", test_takes_a_consent_once);
	return g_test_run();
}
