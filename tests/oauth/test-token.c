/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oauth-aadsts.h"
#include "oauth-authorizer.h"
#include "oauth-credential.h"
#include "oauth-error.h"
#include "oauth-http.h"
#include "oauth-json.h"
#include "oauth-listener.h"
#include "oauth-pkce.h"
#include "oauth-refusal.h"
#include "oauth-token.h"

#define NOW 1800000000

static OauthConfig *
build_config(const char *identity)
{
	OauthConfig *config = oauth_config_new("a");

	config->client_id = g_strdup("client");
	config->identity_origin = g_strdup(identity);
	return config;
}

/* RFC 7636, appendix B */
static void
test_pkce(void)
{
	g_autoptr(OauthPkce) one = oauth_pkce_new(NULL);
	g_autoptr(OauthPkce) two = oauth_pkce_new(NULL);
	g_autofree char *challenge = oauth_pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

	g_assert_cmpstr(challenge, ==, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	g_assert_cmpuint(strlen(one->verifier), ==, 43);
	g_assert_cmpuint(strlen(one->state), ==, 43);
	g_assert_cmpuint(strlen(one->nonce), ==, 22);
	g_assert_cmpstr(one->verifier, !=, two->verifier);
	g_assert_cmpstr(one->state, !=, two->state);
	g_assert_cmpstr(one->state, !=, one->verifier);
	g_assert_cmpuint(strspn(one->verifier, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), ==,
			 43);
	g_assert_true(oauth_pkce_equal("abc", "abc"));
	g_assert_false(oauth_pkce_equal("abc", "abd"));
	g_assert_false(oauth_pkce_equal("abc", "ab"));
	g_assert_true(oauth_pkce_equal("", ""));
}

static OauthGrant *
parse(const char *json, GError **error)
{
	return oauth_grant_parse(json, strlen(json), "asked", 0, error);
}

static void
test_grants(void)
{
	static const struct {
		const char *expires_in;
		guint seconds;
	} lives[] = {{"3599", 3599}, {"\"3599\"", 3599}, {"3599.9", 3599},	 {"0", 0},
		     {"-5", 0},	     {"1e9", 108000},	 {"99999999999", 108000}};
	g_autoptr(OauthGrant) plain =
		parse("{\"access_token\":\"a\",\"token_type\":\"BEARER\",\"refresh_token\":null}", NULL);

	g_assert_nonnull(plain);
	g_assert_cmpuint(plain->expires_in, ==, 3600);
	g_assert_cmpstr(plain->scope, ==, "asked");
	g_assert_null(plain->refresh_token);
	for (guint i = 0; i < G_N_ELEMENTS(lives); i++) {
		g_autofree char *json = g_strdup_printf(
			"{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":%s,\"scope\":\"s\"}",
			lives[i].expires_in);
		g_autoptr(OauthGrant) grant = parse(json, NULL);

		g_assert_nonnull(grant);
		g_assert_cmpuint(grant->expires_in, ==, lives[i].seconds);
		g_assert_cmpstr(grant->scope, ==, "s");
	}
}

static OauthClaims *
parse_claims(const char *identity, const char *json, const char *nonce, GError **error)
{
	g_autoptr(OauthConfig) config = build_config(identity);
	g_autofree char *payload = oauth_pkce_encode((const guchar *)json, strlen(json));
	g_autofree char *token = g_strdup_printf("e30.%s.c2ln", payload);

	return oauth_claims_parse(token, config, nonce, NOW, error);
}

static void
test_entra_claims(void)
{
	static const char *const bad[] = {
		"{\"aud\":\"other\",\"exp\":1800000000,\"nonce\":\"n\",\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":7,\"exp\":1800000000,\"nonce\":\"n\",\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"exp\":1799999000,\"nonce\":\"n\",\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"exp\":\"soon\",\"nonce\":\"n\",\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"nonce\":\"n\",\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"exp\":1800000000,\"nonce\":\"x\",\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"exp\":1800000000,\"nonce\":1,\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"exp\":1800000000,\"tid\":\"t\",\"oid\":\"o\"}",
		"{\"aud\":\"client\",\"exp\":1800000000,\"nonce\":\"n\",\"iss\":\"i\",\"sub\":\"s\"}",
		"{\"aud\":\"client\",\"exp\":1800000000,\"nonce\":\"n\",\"tid\":{},\"oid\":[]}",
	};
	const char *entra = "https://login.microsoftonline.com";
	g_autoptr(OauthClaims) good = parse_claims(
		entra,
		"{\"aud\":\"client\",\"exp\":1799999800,\"nonce\":\"n\",\"tid\":\"t\",\"oid\":\"o\",\"name\":\"Ö\"}",
		"n", NULL);

	g_assert_nonnull(good);
	g_assert_cmpstr(good->home, ==, "t.o");
	g_assert_cmpstr(good->name, ==, "Ö");
	g_assert_null(good->username);
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(parse_claims(entra, bad[i], "n", &error));
		g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL);
	}
}

static void
test_other_claims(void)
{
	const char *custom = "http://localhost:8080";
	g_autoptr(OauthClaims) plain =
		parse_claims(custom, "{\"aud\":[\"x\",\"client\"],\"iss\":\"i\",\"sub\":\"s\"}", "n", NULL);
	g_autoptr(OauthClaims) same = parse_claims(
		custom, "{\"aud\":\"client\",\"iss\":\"i\",\"sub\":\"s\",\"tid\":\"t\",\"oid\":\"o\"}", NULL, NULL);

	g_assert_nonnull(plain);
	g_assert_cmpstr(plain->home, ==, "i s");
	g_assert_nonnull(same);
	g_assert_cmpstr(same->home, ==, "t.o");
	g_assert_null(
		parse_claims(custom, "{\"aud\":\"client\",\"iss\":\"i\",\"sub\":\"s\",\"nonce\":\"x\"}", "n", NULL));
	g_assert_null(parse_claims(custom, "{\"aud\":\"client\",\"iss\":\"i\",\"sub\":\"s\",\"exp\":1}", "n", NULL));
	g_assert_null(parse_claims(custom, "{\"aud\":\"client\",\"sub\":\"s\"}", "n", NULL));
}

static void
test_huge_id_token(void)
{
	g_autoptr(OauthConfig) config = build_config("http://localhost:8080");
	g_autofree char *text = g_strnfill(70 * 1024, 'a');
	g_autofree char *token = g_strdup_printf("a.%s.b", text);
	g_autoptr(GError) error = NULL;

	g_assert_null(oauth_claims_parse(token, config, NULL, NOW, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL);
}

static OauthRefusal *
parse_refusal(const char *json)
{
	g_autoptr(JsonObject) object = oauth_json_parse(json, strlen(json));

	g_assert_nonnull(object);
	return oauth_refusal_from_json(object);
}

static void
test_refusals(void)
{
	static const struct {
		const char *json;
		OauthError step;
		gboolean kills;
	} refusals[] = {
		{"{\"error\":\"invalid_grant\"}", OAUTH_ERROR_SIGN_IN_REQUIRED, TRUE},
		{"{\"error\":\"interaction_required\"}", OAUTH_ERROR_SIGN_IN_REQUIRED, FALSE},
		{"{\"error\":\"login_required\"}", OAUTH_ERROR_SIGN_IN_REQUIRED, FALSE},
		{"{\"error\":\"consent_required\"}", OAUTH_ERROR_SIGN_IN_REQUIRED, FALSE},
		{"{\"error\":\"invalid_client\"}", OAUTH_ERROR_CONFIGURATION, FALSE},
		{"{\"error\":\"unauthorized_client\"}", OAUTH_ERROR_CONFIGURATION, FALSE},
		{"{\"error\":\"invalid_scope\"}", OAUTH_ERROR_CONFIGURATION, FALSE},
		{"{\"error\":\"access_denied\"}", OAUTH_ERROR_DENIED, FALSE},
		{"{\"error\":\"temporarily_unavailable\"}", OAUTH_ERROR_UNAVAILABLE, FALSE},
		{"{\"error\":\"something_new\"}", OAUTH_ERROR_FAILED, FALSE},
		{"{\"error\":\"something_new\",\"suberror\":\"additional_action\"}", OAUTH_ERROR_SIGN_IN_REQUIRED,
		 FALSE},
		{"{\"error\":\"something_new\",\"suberror\":\"bad_token\"}", OAUTH_ERROR_SIGN_IN_REQUIRED, TRUE},
		/* the number chooses words, never the step */
		{"{\"error\":\"invalid_client\",\"error_codes\":[50173]}", OAUTH_ERROR_CONFIGURATION, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
		g_autoptr(OauthRefusal) refusal = parse_refusal(refusals[i].json);
		g_autoptr(GError) error = oauth_refusal_to_error(refusal);

		g_assert_cmpint(oauth_refusal_get_step(refusal), ==, refusals[i].step);
		g_assert_cmpint(oauth_refusal_kills_token(refusal), ==, refusals[i].kills);
		g_assert_error(error, OAUTH_ERROR, (int)refusals[i].step);
		g_assert_nonnull(strstr(error->message, refusal->error));
	}
}

static void
test_odd_refusals(void)
{
	static const char *const odd[] = {
		"{\"error\":\"\"}",
		"{\"error\":\"<script>\\u0007%s%n\",\"error_codes\":\"x\",\"claims\":7,\"suberror\":[]}",
		"{\"error\":\"e\",\"error_codes\":[-1],\"claims\":\"[]\"}",
		"{\"error\":\"e\",\"error_codes\":[{}],\"claims\":\"not json\"}",
		"{\"error\":\"e\",\"error_codes\":[99999999999999]}",
		"{\"error\":\"e\",\"error_description\":\"AADSTS99999999999999999999999: x\"}",
	};
	g_autoptr(OauthRefusal) claims =
		parse_refusal("{\"error\":\"interaction_required\",\"claims\":\"{\\\"access_token\\\":{}}\"}");
	g_autoptr(JsonObject) none = oauth_json_parse("{\"error\":{}}", 12);

	for (guint i = 0; i < G_N_ELEMENTS(odd); i++) {
		g_autoptr(OauthRefusal) refusal = parse_refusal(odd[i]);
		g_autoptr(GError) error = oauth_refusal_to_error(refusal);

		g_assert_null(refusal->claims);
		g_assert_cmpuint(refusal->code, ==, 0);
		g_assert_null(strpbrk(error->message, "<>%\a"));
	}
	g_assert_cmpstr(claims->claims, ==, "{\"access_token\":{}}");
	g_assert_null(oauth_refusal_from_json(none));
}

static void
test_hints(void)
{
	g_assert_cmpuint(oauth_aadsts_find("AADSTS65001: The user has not consented."), ==, 65001);
	g_assert_cmpuint(oauth_aadsts_find("Sorry. AADSTS7000218"), ==, 7000218);
	g_assert_cmpuint(oauth_aadsts_find("AADSTS"), ==, 0);
	g_assert_cmpuint(oauth_aadsts_find("AADSTS-1"), ==, 0);
	g_assert_cmpuint(oauth_aadsts_find(NULL), ==, 0);
	g_assert_nonnull(oauth_aadsts_hint(50011));
	g_assert_nonnull(oauth_aadsts_hint(9002332));
	g_assert_null(oauth_aadsts_hint(0));
	g_assert_null(oauth_aadsts_hint(1));
}

static void
assert_seconds(const char *value, double expected)
{
	g_assert_cmpfloat_with_epsilon(oauth_http_parse_retry_after(value, NOW), expected, 0.001);
}

static void
test_retry_after(void)
{
	assert_seconds(NULL, -1);
	assert_seconds("", -1);
	assert_seconds("soon", -1);
	assert_seconds("-1", -1);
	assert_seconds("nan", -1);
	assert_seconds("5", 5);
	assert_seconds("0", 0);
	assert_seconds("1.5", 1.5);
	assert_seconds(".5", 0.5);
	assert_seconds("999999", 3600);
	assert_seconds("1e400", -1);
	assert_seconds("Fri, 15 Jan 2027 08:00:30 GMT", 30);
	assert_seconds("Fri, 15 Jan 2021 08:00:30 GMT", 0);
}

static void
test_credentials(void)
{
	OauthCredential whole = {(char *)"r\"\\", (char *)"s", (char *)"t", (char *)"h", (char *)"u", (char *)"ö"};
	char *text = oauth_credential_to_string(&whole);
	g_autoptr(OauthCredential) parsed = oauth_credential_parse(text);
	static const char *const bad[] = {
		"", "x", "{}", "{\"v\":1}", "{\"v\":9,\"home\":\"h\"}", "{\"v\":1,\"home\":7}", "[1]"};

	oauth_token_free(text);
	g_assert_nonnull(parsed);
	g_assert_cmpstr(parsed->refresh_token, ==, "r\"\\");
	g_assert_cmpstr(parsed->scope, ==, "s");
	g_assert_cmpstr(parsed->tenant, ==, "t");
	g_assert_cmpstr(parsed->home, ==, "h");
	g_assert_cmpstr(parsed->username, ==, "u");
	g_assert_cmpstr(parsed->name, ==, "ö");
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_null(oauth_credential_parse(bad[i]));
}

/* Gives @data to every parser of foreign bytes; nothing may crash, and nothing may be taken without what it needs. */
static void
feed(const char *data, gsize length)
{
	g_autoptr(OauthConfig) config = build_config("http://localhost:8080");
	g_autofree char *text = g_strndup(data, length);
	g_autofree char *payload = oauth_pkce_encode((const guchar *)data, length);
	g_autofree char *wrapped = g_strdup_printf("a.%s.b", payload);
	g_autoptr(GError) error = NULL;
	g_autoptr(OauthGrant) grant = oauth_grant_parse(data, length, "asked", 0, &error);
	g_autoptr(OauthClaims) bare = oauth_claims_parse(text, config, "n", NOW, NULL);
	g_autoptr(OauthClaims) claims = oauth_claims_parse(wrapped, config, "n", NOW, NULL);
	g_autoptr(OauthCredential) credential = oauth_credential_parse(text);
	g_autoptr(JsonObject) object = oauth_json_parse(data, length);
	g_autoptr(OauthRefusal) refusal = object != NULL ? oauth_refusal_from_json(object) : NULL;
	g_autoptr(GHashTable) parameters = oauth_listener_parse(data, length);

	g_assert_true((grant == NULL) == (error != NULL));
	g_assert_true(bare == NULL || bare->home != NULL);
	g_assert_true(parameters == NULL || memchr(data, '\0', length) == NULL);
	g_assert_true(grant == NULL || grant->access_token != NULL);
	g_assert_true(claims == NULL || claims->home != NULL);
	g_assert_true(credential == NULL || credential->home != NULL);
	oauth_aadsts_find(text);
	if (refusal != NULL) {
		g_autoptr(GError) told = oauth_refusal_to_error(refusal);

		g_assert_nonnull(told->message);
	}
}

static void
test_random_bytes(void)
{
	static const char *const seeds[] = {
		"{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":3599,\"refresh_token\":\"r\",\"id_"
		"token\":\"a.e30.c\"}",
		"{\"error\":\"invalid_grant\",\"error_codes\":[70000],\"claims\":\"{\\\"access_token\\\":{}}\","
		"\"suberror\":\"x\"}",
		"{\"aud\":[\"client\"],\"iss\":\"i\",\"sub\":\"s\",\"exp\":1800000000,\"nonce\":\"n\"}",
		"code=abc%2B&state=xyz&session_state=1&iss=https%3A%2F%2Fi",
		"{\"v\":1,\"refresh_token\":\"r\",\"home\":\"h\"}",
		"AADSTS65001: x",
	};
	g_autoptr(GRand) rand = g_rand_new_with_seed(20260101);

	for (guint round = 0; round < 4000; round++) {
		const char *seed = seeds[round % G_N_ELEMENTS(seeds)];
		gsize length = strlen(seed);
		g_autofree char *data = g_memdup2(seed, length + 1);
		guint changes = g_rand_int_range(rand, 0, 6);

		for (guint i = 0; i < changes; i++)
			data[g_rand_int_range(rand, 0, length)] = (char)g_rand_int_range(rand, 0, 256);
		if (g_rand_boolean(rand))
			length = g_rand_int_range(rand, 0, length + 1);
		feed(data, length);
	}
	for (guint round = 0; round < 1000; round++) {
		guchar data[200];
		gsize length = g_rand_int_range(rand, 0, sizeof data);

		for (gsize i = 0; i < length; i++)
			data[i] = (guchar)g_rand_int_range(rand, 0, 256);
		feed((const char *)data, length);
	}
}

static void
test_deep_json(void)
{
	g_autofree char *brackets = g_strnfill(100000, '[');
	g_autofree char *objects = g_strdup_printf("{\"a\":\"/* \\\" */\",\"b\":%s", brackets);

	feed(brackets, strlen(brackets));
	feed(objects, strlen(objects));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/oauth/token/secrets are fresh and the challenge is S256", test_pkce);
	g_test_add_func("/oauth/token/lifetimes come in several forms", test_grants);
	g_test_add_func("/oauth/token/claims of Entra are checked strictly", test_entra_claims);
	g_test_add_func("/oauth/token/claims of others may leave out what OpenID lets them", test_other_claims);
	g_test_add_func("/oauth/token/an id token that is too long", test_huge_id_token);
	g_test_add_func("/oauth/token/refusals name the next step", test_refusals);
	g_test_add_func("/oauth/token/odd refusals become harmless words", test_odd_refusals);
	g_test_add_func("/oauth/token/hints are found by number", test_hints);
	g_test_add_func("/oauth/token/Retry-After comes in several forms", test_retry_after);
	g_test_add_func("/oauth/token/credentials survive the keyring", test_credentials);
	g_test_add_func("/oauth/token/random bytes are survived", test_random_bytes);
	g_test_add_func("/oauth/token/deep nesting is survived", test_deep_json);
	return g_test_run();
}
