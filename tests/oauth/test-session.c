/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "idp.h"
#include "oauth-credential.h"
#include "oauth-error.h"
#include "oauth-signin.h"

typedef struct {
	Idp *idp;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthSession *session;
	guint changes;
} Fixture;

static void
on_state_changed(OauthSession *session, gpointer user_data)
{
	Fixture *fixture = user_data;

	fixture->changes++;
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->idp = idp_new();
	fixture->config = idp_build_config(fixture->idp);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(fixture->config, fixture->keyring, NULL);
	g_signal_connect(fixture->session, "state-changed", G_CALLBACK(on_state_changed), fixture);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	oauth_config_free(fixture->config);
	idp_free(fixture->idp);
}

static void
sign_in(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	gboolean done = oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(done);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_SIGNED_IN);
}

static char *
acquire(Fixture *fixture, GError **error)
{
	return oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, error);
}

static void
assert_token(Fixture *fixture, const char *expected)
{
	g_autoptr(GError) error = NULL;
	char *token = acquire(fixture, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(token, ==, expected);
	oauth_token_free(token);
}

static void
assert_no_token(Fixture *fixture, OauthError code)
{
	g_autoptr(GError) error = NULL;
	char *token = acquire(fixture, &error);

	g_assert_error(error, OAUTH_ERROR, (int)code);
	g_assert_null(token);
	g_assert_null(strstr(error->message, "refresh+"));
}

static void
reject(Fixture *fixture, const char *token, const char *claims)
{
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(fixture->session), token, claims);
}

static OauthCredential *
get_kept(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	char *text = oauth_keyring_lookup(fixture->keyring, fixture->config, OAUTH_SECRET_REFRESH, NULL, &error);
	OauthCredential *credential;

	g_assert_no_error(error);
	if (text == NULL)
		return NULL;
	g_assert_null(strstr(text, "access-"));
	credential = oauth_credential_parse(text);
	oauth_token_free(text);
	g_assert_nonnull(credential);
	return credential;
}

static void
assert_kept(Fixture *fixture, const char *refresh_token)
{
	g_autoptr(OauthCredential) credential = get_kept(fixture);

	g_assert_nonnull(credential);
	g_assert_cmpstr(credential->refresh_token, ==, refresh_token);
}

static void
assert_parameter(char *value, const char *expected)
{
	g_assert_cmpstr(value, ==, expected);
	g_free(value);
}

static void
test_signs_in(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthIdentity) identity = NULL;
	g_autofree char *redirect = NULL, *challenge = NULL, *state = NULL, *nonce = NULL;

	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_UNKNOWN);
	g_assert_null(oauth_session_get_identity(fixture->session));
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_PENDING);
	sign_in(fixture);
	g_assert_cmpuint(fixture->changes, ==, 2);
	assert_token(fixture, "access-1");
	assert_token(fixture, "access-1");
	g_assert_cmpuint(idp_count(fixture->idp), ==, 1);

	/* OAUTH.md 4.1 and 4.3 */
	assert_parameter(idp_dup_authorize(fixture->idp, "client_id"), IDP_CLIENT);
	assert_parameter(idp_dup_authorize(fixture->idp, "response_type"), "code");
	assert_parameter(idp_dup_authorize(fixture->idp, "response_mode"), "form_post");
	assert_parameter(idp_dup_authorize(fixture->idp, "code_challenge_method"), "S256");
	assert_parameter(idp_dup_authorize(fixture->idp, "prompt"), "select_account");
	assert_parameter(idp_dup_authorize(fixture->idp, "login_hint"), NULL);
	assert_parameter(idp_dup_authorize(fixture->idp, "claims"),
			 "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}");
	assert_parameter(idp_dup_authorize(fixture->idp, "scope"),
			 "openid profile offline_access https://graph.contoso.example/User.Read "
			 "https://graph.contoso.example/Mail.ReadWrite https://graph.contoso.example/Mail.Send");
	redirect = idp_dup_authorize(fixture->idp, "redirect_uri");
	g_assert_true(g_regex_match_simple("^http://localhost:[0-9]+$", redirect, 0, 0));
	assert_parameter(idp_dup_token(fixture->idp, "redirect_uri"), redirect);
	assert_parameter(idp_dup_token(fixture->idp, "grant_type"), "authorization_code");
	assert_parameter(idp_dup_token(fixture->idp, "client_secret"), NULL);
	challenge = idp_dup_authorize(fixture->idp, "code_challenge");
	state = idp_dup_authorize(fixture->idp, "state");
	nonce = idp_dup_authorize(fixture->idp, "nonce");
	g_assert_cmpuint(strlen(challenge), ==, 43);
	g_assert_cmpuint(strlen(state), ==, 43);
	g_assert_cmpuint(strlen(nonce), ==, 22);

	identity = oauth_session_get_identity(fixture->session);
	g_assert_cmpstr(identity->home, ==, IDP_TENANT ".alice");
	g_assert_cmpstr(identity->username, ==, "alice@contoso.example");
	g_assert_cmpstr(identity->name, ==, "Some Body");
	assert_kept(fixture, "refresh+/=&%~1");
}

static void
test_query_mode(Fixture *fixture, gconstpointer data)
{
	fixture->config->response_mode = OAUTH_RESPONSE_MODE_QUERY;
	fixture->config->redirect_host = g_strdup("127.0.0.1");
	fixture->config->redirect_path = g_strdup("/callback");
	oauth_session_set_config(fixture->session, fixture->config);
	sign_in(fixture);
	assert_parameter(idp_dup_authorize(fixture->idp, "response_mode"), "query");
	assert_token(fixture, "access-1");
}

static void
test_granted_scopes(Fixture *fixture, gconstpointer data)
{
	idp_set_scope(fixture->idp, "openid mail.read https://GRAPH.contoso.example/Mail.Send");
	sign_in(fixture);
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.Read"));
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.Send"));
	g_assert_false(oauth_session_has_scope(fixture->session, "Mail.ReadWrite"));
}

/* It is no personal account's. */
static void
test_extension_that_gives_less(Fixture *fixture, gconstpointer data)
{
	static const char *const contacts[] = {"Contacts.Read", NULL};
	g_autoptr(GError) error = NULL;

	sign_in(fixture);
	idp_set_scope(fixture->idp, "openid https://graph.contoso.example/Mail.Read");
	g_assert_false(oauth_session_extend(fixture->session, contacts, idp_browser, fixture->idp, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_cmpstr(error->message, ==, "The service did not give the permission “Contacts.Read”.");
}

/* By name only what is new is asked for; `.default` shows no page by itself once anything was granted. */
static void
test_extension_asks_the_person(Fixture *fixture, gconstpointer data)
{
	static const char *const contacts[] = {"Contacts.Read", NULL};
	const char *prompt = data;
	g_autoptr(GError) error = NULL;

	if (prompt != NULL) {
		g_strfreev(fixture->config->scopes);
		fixture->config->scopes = g_strsplit(OAUTH_SCOPE_DEFAULT, " ", -1);
		oauth_session_set_config(fixture->session, fixture->config);
	}
	idp_set_scope(fixture->idp, "openid https://graph.contoso.example/Mail.Read");
	sign_in(fixture);
	assert_parameter(idp_dup_authorize(fixture->idp, "prompt"), "select_account");
	if (prompt != NULL)
		idp_push(fixture->idp, 200, "application/json",
			 "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":3599,\"scope\":\"openid "
			 "https://graph.contoso.example/Mail.Read\"}",
			 NULL);
	idp_set_scope(fixture->idp, "openid https://graph.contoso.example/Mail.Read "
				    "https://graph.contoso.example/Contacts.Read");
	g_assert_true(oauth_session_extend(fixture->session, contacts, idp_browser, fixture->idp, NULL, &error));
	g_assert_no_error(error);
	assert_parameter(idp_dup_authorize(fixture->idp, "prompt"), prompt);
	assert_parameter(idp_dup_authorize(fixture->idp, "login_hint"), "alice@contoso.example");
	sign_in(fixture);
	assert_parameter(idp_dup_authorize(fixture->idp, "prompt"), NULL);
}

static void
test_missing_scope(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.ReadWrite"));
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.Read"));
	g_assert_false(oauth_session_has_scope(fixture->session, "Contacts.Read"));
}

static void
test_restart(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthSession) again = oauth_session_new(fixture->config, fixture->keyring, NULL);
	g_autoptr(OauthIdentity) identity = NULL;
	g_autoptr(GError) error = NULL;
	char *token;

	sign_in(fixture);
	g_assert_true(oauth_session_load(again, NULL, &error));
	g_assert_cmpint(oauth_session_get_state(again), ==, OAUTH_STATE_SIGNED_IN);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 1);
	identity = oauth_session_get_identity(again);
	g_assert_cmpstr(identity->username, ==, "alice@contoso.example");
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(again), NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(token, ==, "access-2");
	oauth_token_free(token);
}

static void
test_rotates(Fixture *fixture, gconstpointer data)
{
	g_autofree char *scope = NULL;

	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "access-2");
	assert_kept(fixture, "refresh+/=&%~2");
	assert_parameter(idp_dup_token(fixture->idp, "refresh_token"), "refresh+/=&%~1");
	scope = idp_dup_token(fixture->idp, "scope");
	g_assert_true(g_str_has_prefix(scope, "openid profile offline_access https://graph.contoso.example/User.Read"));
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "access-2");
}

static void
test_keeps_token_without_rotation(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	idp_push(fixture->idp, 200, "application/json",
		 "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\"3599\"}", NULL);
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "a");
	assert_kept(fixture, "refresh+/=&%~1");
	assert_token(fixture, "a");
}

/* The answer with the new refresh token never arrives: the old one is still there. */
static void
test_lost_rotation(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	idp_push(fixture->idp, 0, NULL, "{\"access_token\":\"acc", NULL);
	reject(fixture, "access-1", NULL);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_SIGNED_IN);
	assert_kept(fixture, "refresh+/=&%~1");
	/* cools down: nobody is asked */
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
	/* a person asks: at once */
	idp_push(fixture->idp, 0, NULL, "{\"access_token\":\"acc", NULL);
	oauth_session_be_asked(fixture->session);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 3);
	/* a person changed something: at once */
	oauth_session_set_config(fixture->session, fixture->config);
	assert_token(fixture, "access-2");
}

static void
test_dead_refresh_token(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthSession) again = NULL;
	g_autofree char *reason = NULL;
	g_autofree char *hint = NULL;
	g_autoptr(GError) error = NULL;

	sign_in(fixture);
	idp_push(fixture->idp, 400, "application/json",
		 "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS700082: secret-looking "
		 "text\",\"correlation_id\":\"abc\"}",
		 NULL);
	reject(fixture, "access-1", NULL);
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	reason = oauth_session_get_last_error(fixture->session);
	g_assert_nonnull(strstr(reason, "AADSTS700082"));
	g_assert_nonnull(strstr(reason, "abc"));
	g_assert_null(strstr(reason, "secret-looking"));
	assert_kept(fixture, NULL);
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);

	/* after a restart it is known that somebody had signed in: no browser by itself */
	again = oauth_session_new(fixture->config, fixture->keyring, NULL);
	g_assert_true(oauth_session_load(again, NULL, &error));
	g_assert_cmpint(oauth_session_get_state(again), ==, OAUTH_STATE_NEEDS_SIGN_IN);

	sign_in(fixture);
	hint = idp_dup_authorize(fixture->idp, "login_hint");
	g_assert_cmpstr(hint, ==, "alice@contoso.example");
	assert_parameter(idp_dup_authorize(fixture->idp, "prompt"), NULL);
	g_assert_null(oauth_session_get_last_error(fixture->session));
}

/* Another process rotated the token: its newer one is taken before anybody is asked to sign in. */
static void
test_newer_in_keyring(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthSession) other = oauth_session_new(fixture->config, fixture->keyring, NULL);
	g_autoptr(GError) error = NULL;
	char *token;

	sign_in(fixture);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(other), NULL, &error);
	g_assert_no_error(error);
	oauth_token_free(token);
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "access-3");
	g_assert_cmpuint(idp_count(fixture->idp), ==, 4);
	assert_kept(fixture, "refresh+/=&%~3");
}

static gpointer
acquire_in_thread(gpointer user_data)
{
	return acquire(user_data, NULL);
}

static void
test_single_flight(Fixture *fixture, gconstpointer data)
{
	GThread *threads[8];

	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_set_delay(fixture->idp, 200);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("acquire", acquire_in_thread, fixture);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
		char *token = g_thread_join(threads[i]);

		g_assert_cmpstr(token, ==, "access-2");
		oauth_token_free(token);
	}
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
}

static void
test_single_flight_failure(Fixture *fixture, gconstpointer data)
{
	GThread *threads[4];

	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_set_delay(fixture->idp, 200);
	idp_push(fixture->idp, 503, "text/html", "<html>busy</html>", NULL);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("acquire", acquire_in_thread, fixture);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_assert_null(g_thread_join(threads[i]));
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
}

static gpointer
cancel_soon(gpointer user_data)
{
	g_usleep(100 * 1000);
	g_cancellable_cancel(user_data);
	return NULL;
}

static void
test_cancelled_waiter(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	GThread *leader, *killer;
	char *token;

	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_set_delay(fixture->idp, 1500);
	leader = g_thread_new("acquire", acquire_in_thread, fixture);
	killer = g_thread_new("cancel", cancel_soon, cancellable);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_thread_join(killer);
	token = g_thread_join(leader);
	oauth_token_free(token);
	idp_set_delay(fixture->idp, 0);
	assert_token(fixture, "access-2");
}

/* The one who asked goes away; what the server rotated meanwhile is kept all the same. */
static void
test_cancelled_leader(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	GThread *killer;

	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_set_delay(fixture->idp, 1000);
	killer = g_thread_new("cancel", cancel_soon, cancellable);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_thread_join(killer);
	assert_token(fixture, "access-2");
	assert_kept(fixture, "refresh+/=&%~2");
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
}

/* The account is closed while a renewal hangs. */
static void
test_closed_meanwhile(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	OauthSession *session = oauth_session_new(fixture->config, fixture->keyring, NULL);
	GThread *killer;

	sign_in(fixture);
	idp_set_delay(fixture->idp, 1000);
	killer = g_thread_new("cancel", cancel_soon, cancellable);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), cancellable, NULL));
	g_thread_join(killer);
	g_assert_finalize_object(session);
}

static void
test_short_lived_tokens(Fixture *fixture, gconstpointer data)
{
	idp_set_expires_in(fixture->idp, "\"0\"");
	sign_in(fixture);
	assert_token(fixture, "access-2");
	assert_token(fixture, "access-3");
	idp_set_expires_in(fixture->idp, "120");
	assert_token(fixture, "access-4");
	assert_token(fixture, "access-4");
}

static void
test_429_with_fraction(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_push(fixture->idp, 429, "application/json", "{}", "Retry-After: 0.3");
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_usleep(400 * 1000);
	assert_token(fixture, "access-2");
}

static void
test_429_without_header(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_push(fixture->idp, 429, "application/json", "{\"error\":\"invalid_grant\"}", NULL);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	/* whoever asks */
	oauth_session_be_asked(fixture->session);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_SIGNED_IN);
	assert_kept(fixture, "refresh+/=&%~1");
}

/* A server that is out of order says nothing about when to come again: a person need not wait. */
static void
test_person_asks_after_an_outage(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_push(fixture->idp, 502, "text/plain", "oops", data);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
	oauth_session_be_asked(fixture->session);
	assert_token(fixture, "access-2");
}

static void
test_person_waits_as_told(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_push(fixture->idp, 502, "text/plain", "oops", "Retry-After: 120");
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	oauth_session_be_asked(fixture->session);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
}

/* A token that is to be renewed, but has not ended, still serves while the service has trouble. */
static void
test_trouble_near_the_end(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	idp_push(fixture->idp, 200, "application/json",
		 "{\"access_token\":\"brief\",\"token_type\":\"Bearer\",\"expires_in\":3,\"refresh_token\":\"refresh+/"
		 "=&%~1\"}",
		 NULL);
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "brief");
	g_usleep(1600 * 1000);
	idp_push(fixture->idp, 500, "text/plain", "oops", "Retry-After: 120");
	assert_token(fixture, "brief");
	g_assert_cmpuint(idp_count(fixture->idp), ==, 3);
}

static const struct {
	const char *type;
	const char *body;
} bad_answers[] = {
	{"application/json", ""},
	{"application/json", "{\"access_token\":\"a"},
	{"application/json", "[]"},
	{"application/json", "null"},
	{"application/json", "{}"},
	{"application/json", "{\"access_token\":7,\"token_type\":\"Bearer\"}"},
	{"application/json", "{\"access_token\":{},\"token_type\":\"Bearer\"}"},
	{"application/json", "{\"access_token\":\"a\",\"token_type\":\"mac\"}"},
	{"application/json", "{\"access_token\":\"a\"}"},
	{"application/json", "{\"access_token\":\"a\\r\\nX: y\",\"token_type\":\"Bearer\"}"},
	{"application/json", "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":[]}"},
	{"application/json", "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\"soon\"}"},
	{"application/json", "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"refresh_token\":1}"},
	{"application/json", "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":true}"},
};

static void
test_bad_answers(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	for (guint i = 0; i < G_N_ELEMENTS(bad_answers); i++) {
		oauth_session_set_config(fixture->session, fixture->config);
		idp_push(fixture->idp, 200, bad_answers[i].type, bad_answers[i].body, NULL);
		assert_no_token(fixture, OAUTH_ERROR_PROTOCOL);
		assert_kept(fixture, "refresh+/=&%~1");
	}
	oauth_session_set_config(fixture->session, fixture->config);
	idp_push(fixture->idp, 200, "text/html", "\r\n<html>Sign in to the hotel's network</html>", NULL);
	assert_no_token(fixture, OAUTH_ERROR_UNAVAILABLE);
	assert_kept(fixture, "refresh+/=&%~1");
	oauth_session_set_config(fixture->session, fixture->config);
	idp_push(fixture->idp, 400, "text/html", "<html>400</html>", NULL);
	assert_no_token(fixture, OAUTH_ERROR_PROTOCOL);
	oauth_session_set_config(fixture->session, fixture->config);
	idp_push(fixture->idp, 302, "text/html", "", "Location: /elsewhere");
	assert_no_token(fixture, OAUTH_ERROR_PROTOCOL);
	oauth_session_set_config(fixture->session, fixture->config);
	assert_token(fixture, "access-2");
}

static void
test_huge_answer(Fixture *fixture, gconstpointer data)
{
	g_autofree char *body = g_strnfill(2 * 1024 * 1024, '[');

	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_push(fixture->idp, 200, "application/json", body, NULL);
	assert_no_token(fixture, OAUTH_ERROR_PROTOCOL);
	oauth_session_set_config(fixture->session, fixture->config);
	body[900 * 1024] = '\0';
	idp_push(fixture->idp, 200, "application/json", body, NULL);
	assert_no_token(fixture, OAUTH_ERROR_PROTOCOL);
}

static void
test_server_gone(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	char *secret;
	char *token;
	g_autoptr(OauthSession) session = NULL;

	sign_in(fixture);
	secret = oauth_keyring_lookup(fixture->keyring, fixture->config, OAUTH_SECRET_REFRESH, NULL, NULL);
	g_free(fixture->config->identity_origin);
	fixture->config->identity_origin = g_strdup("http://127.0.0.1:1");
	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_REFRESH, secret, NULL, NULL));
	session = oauth_session_new(fixture->config, fixture->keyring, NULL);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, &error);
	g_assert_null(token);
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_SIGNED_IN);
	oauth_token_free(secret);
}

static void
test_endless_rejection(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	for (guint i = 0; i < 20 && oauth_session_get_state(fixture->session) == OAUTH_STATE_SIGNED_IN; i++) {
		char *token = acquire(fixture, NULL);

		g_assert_nonnull(token);
		reject(fixture, token, NULL);
		oauth_token_free(token);
	}
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpuint(idp_count(fixture->idp), <, 10);
}

static void
test_wrong_account(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OauthIdentity) identity = NULL;

	sign_in(fixture);
	idp_set_person(fixture->idp, "bob");
	g_assert_false(oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	g_assert_nonnull(strstr(error->message, "bob@contoso.example"));
	g_assert_nonnull(strstr(error->message, "alice@contoso.example"));
	assert_kept(fixture, "refresh+/=&%~1");
	assert_token(fixture, "access-1");
	identity = oauth_session_get_identity(fixture->session);
	g_assert_cmpstr(identity->home, ==, IDP_TENANT ".alice");
}

static void
try_to_sign_in(Fixture *fixture, GError **error)
{
	g_assert_false(oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, error));
}

static void
test_wrong_account_after_sign_out(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in(fixture);
	g_assert_true(oauth_session_sign_out(fixture->session, FALSE, NULL, &error));
	oauth_session_set_owner(fixture->session, IDP_TENANT ".alice", "alice@contoso.example");
	idp_set_person(fixture->idp, "bob");
	try_to_sign_in(fixture, &error);
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	g_assert_nonnull(strstr(error->message, "bob@contoso.example"));
	g_assert_nonnull(strstr(error->message, "alice@contoso.example"));
	g_assert_null(get_kept(fixture));
	g_assert_null(oauth_session_get_identity(fixture->session));
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);

	idp_set_person(fixture->idp, "alice");
	sign_in(fixture);
	g_clear_error(&error);
	g_assert_true(oauth_session_sign_out(fixture->session, FALSE, NULL, &error));
	oauth_session_set_owner(fixture->session, NULL, NULL);
	idp_set_person(fixture->idp, "bob");
	sign_in(fixture);
}

/* The keyring may have had its sign-in from elsewhere. */
static void
test_owner_replaces_somebody_else(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthCredential) kept = NULL;
	g_autoptr(GError) error = NULL;

	idp_set_person(fixture->idp, "bob");
	sign_in(fixture);
	oauth_session_set_owner(fixture->session, IDP_TENANT ".alice", NULL);
	try_to_sign_in(fixture, &error);
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	assert_parameter(idp_dup_authorize(fixture->idp, "login_hint"), NULL);
	idp_set_person(fixture->idp, "alice");
	sign_in(fixture);
	kept = get_kept(fixture);
	g_assert_cmpstr(kept->home, ==, IDP_TENANT ".alice");
}

/* Else the page would not let the person choose another account. */
static void
test_choice_after_wrong_account(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in(fixture);
	idp_set_person(fixture->idp, "bob");
	try_to_sign_in(fixture, &error);
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	assert_parameter(idp_dup_authorize(fixture->idp, "login_hint"), "alice@contoso.example");
	idp_set_person(fixture->idp, "alice");
	sign_in(fixture);
	assert_parameter(idp_dup_authorize(fixture->idp, "login_hint"), NULL);
	assert_parameter(idp_dup_authorize(fixture->idp, "prompt"), "select_account");
	sign_in(fixture);
	assert_parameter(idp_dup_authorize(fixture->idp, "login_hint"), "alice@contoso.example");
}

static void
test_refresh_of_somebody_else(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	idp_set_person(fixture->idp, "bob");
	reject(fixture, "access-1", NULL);
	assert_no_token(fixture, OAUTH_ERROR_PROTOCOL);
	assert_kept(fixture, "refresh+/=&%~1");
}

static void
test_custom_identity(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthIdentity) identity = NULL;
	g_autofree char *iss = g_strdup_printf("%s/%s/v2.0", idp_get_origin(fixture->idp), IDP_TENANT);
	g_autofree char *home = g_strdup_printf("%s sub-alice", iss);

	idp_set_entra_claims(fixture->idp, FALSE);
	idp_set_issuer_parameter(fixture->idp, idp_get_origin(fixture->idp));
	sign_in(fixture);
	identity = oauth_session_get_identity(fixture->session);
	g_assert_cmpstr(identity->home, ==, home);
}

static void
test_foreign_issuer(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	idp_set_issuer_parameter(fixture->idp, "https://elsewhere.example/v2.0");
	g_assert_false(oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL);
	g_assert_null(get_kept(fixture));
}

static void
test_declined(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	idp_deny(fixture->idp, "access_denied");
	g_assert_false(oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 0);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_PENDING);
}

static gboolean
no_browser(const char *uri, gpointer user_data, GError **error)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No browser is set up.");
	return FALSE;
}

/* Where people may not consent themselves, a page would ask for an administrator again. */
static void
test_feature_that_was_granted_since(Fixture *fixture, gconstpointer data)
{
	static const char *const contacts[] = {"Contacts.Read", NULL};
	g_autoptr(GError) error = NULL;

	g_strfreev(fixture->config->scopes);
	fixture->config->scopes = g_strsplit(OAUTH_SCOPE_DEFAULT, " ", -1);
	oauth_session_set_config(fixture->session, fixture->config);
	idp_set_scope(fixture->idp, "openid https://graph.contoso.example/Mail.Read");
	sign_in(fixture);
	idp_set_scope(fixture->idp, "openid https://graph.contoso.example/Mail.Read "
				    "https://graph.contoso.example/Contacts.Read");
	g_assert_true(oauth_session_extend(fixture->session, contacts, no_browser, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_true(oauth_session_has_scope(fixture->session, "Contacts.Read"));
}

/* The registration lists what a feature needs: nobody is asked, and renewals go on. */
static void
test_feature_of_the_registration(Fixture *fixture, gconstpointer data)
{
	static const char *const listed[] = {OAUTH_SCOPE_DEFAULT, NULL};
	static const char *const more[] = {"Mail.ReadWrite.Shared", "Mail.Send.Shared", NULL};
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) extra = NULL;
	g_autofree char *scope = NULL;

	g_strfreev(fixture->config->scopes);
	fixture->config->scopes = g_strdupv((char **)listed);
	oauth_session_set_config(fixture->session, fixture->config);
	idp_set_scope(fixture->idp, "User.Read Mail.ReadWrite.Shared Mail.Send.Shared");
	sign_in(fixture);
	g_assert_true(oauth_session_extend(fixture->session, more, no_browser, NULL, NULL, &error));
	g_assert_no_error(error);
	extra = oauth_session_list_extra_scopes(fixture->session);
	g_assert_null(extra);
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "access-2");
	scope = idp_dup_token(fixture->idp, "scope");
	g_assert_true(g_str_has_suffix(scope, "/" OAUTH_SCOPE_DEFAULT));
	sign_in(fixture);
}

static gboolean
nobody_there(const char *uri, gpointer user_data, GError **error)
{
	return TRUE;
}

static void
test_no_browser(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(oauth_session_sign_in(fixture->session, no_browser, NULL, NULL, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
	sign_in(fixture);
}

static void
test_left_open(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(oauth_signin_run(fixture->config, NULL, NULL, FALSE, NULL, NULL, nobody_there, NULL, 200, NULL,
				       &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT);
	g_assert_nonnull(strstr(error->message, "AADSTS50011"));
	g_assert_null(strstr(error->message, "localhost"));
}

static void
test_cancelled_sign_in(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	GThread *killer = g_thread_new("cancel", cancel_soon, cancellable);

	g_assert_false(oauth_session_sign_in(fixture->session, nobody_there, NULL, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_thread_join(killer);
	sign_in(fixture);
}

static gboolean
second_try(const char *uri, gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;
	g_autoptr(GError) local_error = NULL;

	g_assert_false(oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &local_error));
	g_assert_error(local_error, G_IO_ERROR, G_IO_ERROR_PENDING);
	return idp_browser(uri, fixture->idp, error);
}

static void
test_one_at_a_time(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(oauth_session_sign_in(fixture->session, second_try, fixture, NULL, &error));
	g_assert_no_error(error);
}

static void
fail_sign_in(Fixture *fixture, OauthError code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, (int)code);
	g_assert_nonnull(strstr(error->message, words));
	g_assert_null(get_kept(fixture));
}

static void
test_confidential_client(Fixture *fixture, gconstpointer data)
{
	const char *secret = "a+b/c=d&e%f~g";

	idp_set_secret(fixture->idp, secret);
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "AADSTS7000218");
	g_assert_false(oauth_session_uses_client_secret(fixture->session));
	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, "wrong", NULL, NULL));
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "Value");
	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, secret, NULL, NULL));
	sign_in(fixture);
	g_assert_true(oauth_session_uses_client_secret(fixture->session));
	assert_parameter(idp_dup_token(fixture->idp, "client_secret"), secret);
	reject(fixture, "access-1", NULL);
	assert_token(fixture, "access-2");
}

static void
test_needless_secret(Fixture *fixture, gconstpointer data)
{
	g_assert_true(
		oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, "needless", NULL, NULL));
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "Clear the client secret");
	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, "", NULL, NULL));
	sign_in(fixture);
	g_assert_false(oauth_session_uses_client_secret(fixture->session));
	assert_parameter(idp_dup_token(fixture->idp, "client_secret"), NULL);
}

/* The secret expires while the account is signed in: the settings are to be corrected, then it goes on. */
static void
test_secret_expires(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", NULL);
	idp_push(fixture->idp, 401, "application/json", "{\"error\":\"invalid_client\",\"error_codes\":[7000222]}",
		 NULL);
	assert_no_token(fixture, OAUTH_ERROR_CONFIGURATION);
	assert_no_token(fixture, OAUTH_ERROR_CONFIGURATION);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 2);
	assert_kept(fixture, "refresh+/=&%~1");
	oauth_session_set_config(fixture->session, fixture->config);
	assert_token(fixture, "access-2");
}

static void
test_wrong_client(Fixture *fixture, gconstpointer data)
{
	g_free(fixture->config->client_id);
	fixture->config->client_id = g_strdup("unknown");
	oauth_session_set_config(fixture->session, fixture->config);
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "AADSTS700016");
	g_free(fixture->config->client_id);
	fixture->config->client_id = g_strdup(" \t");
	oauth_session_set_config(fixture->session, fixture->config);
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "client ID");
}

/* The page of an unknown tenant stays in the browser; at redemption it is a 404, or what the platform says. */
static void
test_wrong_tenant(Fixture *fixture, gconstpointer data)
{
	idp_push(
		fixture->idp, 400, "application/json",
		"{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: Tenant\",\"error_codes\":[90002]}",
		NULL);
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "tenant");
	idp_push(fixture->idp, 404, "text/html", "<html>404</html>", NULL);
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "tenant");
	g_free(fixture->config->tenant);
	fixture->config->tenant = g_strdup("https://login.microsoftonline.com/contoso");
	oauth_session_set_config(fixture->session, fixture->config);
	fail_sign_in(fixture, OAUTH_ERROR_CONFIGURATION, "tenant");
}

static void
test_redemption_trouble(Fixture *fixture, gconstpointer data)
{
	idp_push(fixture->idp, 200, "text/html", "<html>captive</html>", NULL);
	fail_sign_in(fixture, OAUTH_ERROR_UNAVAILABLE, "web page");
	idp_push(fixture->idp, 0, NULL, "{", NULL);
	fail_sign_in(fixture, OAUTH_ERROR_UNAVAILABLE, "");
	idp_push(fixture->idp, 500, "text/plain", "no", NULL);
	fail_sign_in(fixture, OAUTH_ERROR_UNAVAILABLE, "500");
	idp_push(fixture->idp, 429, "application/json", "{}", "Retry-After: 0.2");
	idp_push(fixture->idp, 503, "application/json", "{}", "Retry-After: 0");
	sign_in(fixture);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 6);
}

static void
test_bad_id_tokens(Fixture *fixture, gconstpointer data)
{
	static const char *const tokens[] = {
		"x", "a.b", "a..c", "a.!!!.c", "a.bm8.c", "a.e30.c", "a.eyJhdWQiOiJvdGhlciJ9.c",
	};

	for (guint i = 0; i < G_N_ELEMENTS(tokens); i++) {
		g_autofree char *body = g_strdup_printf(
			"{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}", tokens[i]);

		idp_push(fixture->idp, 200, "application/json", body, NULL);
		fail_sign_in(fixture, OAUTH_ERROR_PROTOCOL, "identity");
	}
}

static void
test_signs_out(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, "", NULL, NULL));
	sign_in(fixture);
	g_assert_true(oauth_session_sign_out(fixture->session, FALSE, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	g_assert_null(get_kept(fixture));
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpuint(idp_count(fixture->idp), ==, 1);
	sign_in(fixture);
	g_assert_true(oauth_session_sign_out(fixture->session, TRUE, NULL, &error));
	g_assert_null(oauth_keyring_lookup(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, NULL, &error));
	g_assert_no_error(error);
}

/* The refresh token of one client must not be shown to the server of another. */
static void
test_other_server(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Idp) other = idp_new();

	sign_in(fixture);
	g_free(fixture->config->identity_origin);
	fixture->config->identity_origin = g_strdup(idp_get_origin(other));
	oauth_session_set_config(fixture->session, fixture->config);
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpuint(idp_count(other), ==, 0);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_PENDING);
}

static gboolean
meanwhile_signed_out(const char *uri, gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;

	g_assert_true(oauth_session_sign_out(fixture->session, FALSE, NULL, NULL));
	return idp_browser(uri, fixture->idp, error);
}

static void
test_signed_out_meanwhile(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(oauth_session_sign_in(fixture->session, meanwhile_signed_out, fixture, NULL, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_null(get_kept(fixture));
}

static void
test_spoilt_keyring(Fixture *fixture, gconstpointer data)
{
	g_assert_true(
		oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_REFRESH, "{\"v\":2}", NULL, NULL));
	assert_no_token(fixture, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	sign_in(fixture);
}

static void
test_issuers(void)
{
	g_autoptr(OauthConfig) config = oauth_config_new("a");
	const char *good = "https://login.microsoftonline.com/" IDP_TENANT "/v2.0";

	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	g_assert_true(oauth_signin_check_issuer(config, NULL, good));
	g_assert_true(oauth_signin_check_issuer(config, good, good));
	g_assert_false(oauth_signin_check_issuer(config, good, "https://login.microsoftonline.com/x/v2.0"));
	g_assert_false(oauth_signin_check_issuer(config, "https://login.microsoftonline.com/v2.0",
						 "https://login.microsoftonline.com/v2.0"));
	g_assert_false(oauth_signin_check_issuer(config, "https://evil.example/" IDP_TENANT "/v2.0",
						 "https://evil.example/" IDP_TENANT "/v2.0"));
	config->tenant = g_strdup("bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee");
	g_assert_false(oauth_signin_check_issuer(config, good, good));
}

#define ADD(path, function) g_test_add("/oauth/session/" path, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a person signs in and gets a token", test_signs_in);
	ADD("in query mode the code comes back in the address", test_query_mode);
	ADD("permissions are those that were granted", test_granted_scopes);
	ADD("an answer without scope grants what was asked", test_missing_scope);
	ADD("a permission that is not given is named", test_extension_that_gives_less);
	ADD("an extension by name asks for what is new", test_extension_asks_the_person);
	ADD("what an administrator has granted since opens no browser", test_feature_that_was_granted_since);
	g_test_add("/oauth/session/an extension by the registration asks for consent", Fixture, "consent", set_up,
		   test_extension_asks_the_person, tear_down);
	ADD("after a restart no second sign-in is needed", test_restart);
	ADD("a refused token is renewed and the refresh token rotates", test_rotates);
	ADD("an answer without refresh token keeps the old one", test_keeps_token_without_rotation);
	ADD("a lost answer loses nothing", test_lost_rotation);
	ADD("a dead refresh token asks for a sign-in, also after a restart", test_dead_refresh_token);
	ADD("a newer token of another process is taken", test_newer_in_keyring);
	ADD("threads that need a token at once make one request", test_single_flight);
	ADD("threads that wait share a failure", test_single_flight_failure);
	ADD("who waits for another's request can be cancelled", test_cancelled_waiter);
	ADD("who asked may go away without losing the rotated token", test_cancelled_leader);
	ADD("the account may be closed while a renewal hangs", test_closed_meanwhile);
	ADD("short-lived tokens are renewed at half their life", test_short_lived_tokens);
	ADD("429 with a fractional Retry-After is waited out", test_429_with_fraction);
	ADD("429 without Retry-After keeps everything and cools down", test_429_without_header);
	ADD("a person who asks after an outage does not wait", test_person_asks_after_an_outage);
	g_test_add("/oauth/session/a person who asks after an outage for no time does not wait", Fixture,
		   "Retry-After: 0", set_up, test_person_asks_after_an_outage, tear_down);
	ADD("a person who asks after an outage waits as the server said", test_person_waits_as_told);
	ADD("a token near its end serves while the service has trouble", test_trouble_near_the_end);
	ADD("answers that are no tokens are refused", test_bad_answers);
	ADD("an answer that is too long or too deep is refused", test_huge_answer);
	ADD("a server that is gone is trouble, not a lost sign-in", test_server_gone);
	ADD("endless rejection ends", test_endless_rejection);
	ADD("somebody else's sign-in changes nothing", test_wrong_account);
	ADD("after a sign-out nobody but the owner of what is stored is let in", test_wrong_account_after_sign_out);
	ADD("the owner of what is stored takes the place of somebody else", test_owner_replaces_somebody_else);
	ADD("after somebody else's sign-in the person can choose the account", test_choice_after_wrong_account);
	ADD("somebody else's tokens are thrown away", test_refresh_of_somebody_else);
	ADD("an identity host of one's own needs no Entra claims", test_custom_identity);
	ADD("an answer from another server is refused", test_foreign_issuer);
	ADD("a declined consent is said to be one", test_declined);
	ADD("no browser", test_no_browser);
	ADD("a sign-in left open times out", test_left_open);
	ADD("a sign-in can be cancelled", test_cancelled_sign_in);
	ADD("one sign-in at a time", test_one_at_a_time);
	ADD("a feature uses what the registration lists", test_feature_of_the_registration);
	ADD("a confidential client sends its secret unharmed", test_confidential_client);
	ADD("a public client sends none", test_needless_secret);
	ADD("an expired secret is corrected in the settings", test_secret_expires);
	ADD("a wrong client id", test_wrong_client);
	ADD("a wrong tenant", test_wrong_tenant);
	ADD("trouble while the code is redeemed", test_redemption_trouble);
	ADD("id tokens that cannot be believed", test_bad_id_tokens);
	ADD("a person signs out", test_signs_out);
	ADD("another server does not get the tokens", test_other_server);
	ADD("a sign-out wins over a sign-in under way", test_signed_out_meanwhile);
	ADD("a spoilt entry in the keyring", test_spoilt_keyring);
	g_test_add_func("/oauth/session/issuers are compared as a whole", test_issuers);
	return g_test_run();
}
