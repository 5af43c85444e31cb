/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "idp.h"
#include "oauth-challenge.h"
#include "oauth-error.h"

#define CAPABLE "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"
#define CHALLENGE "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}"
#define MET "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"},\"xms_cc\":{\"values\":[\"cp1\"]}}}"

typedef struct {
	Idp *idp;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthSession *session;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->idp = idp_new();
	fixture->config = idp_build_config(fixture->idp);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(fixture->config, fixture->keyring, NULL);
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

	oauth_session_sign_in(fixture->session, idp_browser, fixture->idp, NULL, &error);
	g_assert_no_error(error);
}

static void
assert_token(Fixture *fixture, const char *expected)
{
	g_autoptr(GError) error = NULL;
	char *token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(token, ==, expected);
	oauth_token_free(token);
}

static void
assert_no_token(Fixture *fixture, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_nonnull(strstr(error->message, words));
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
}

static void
assert_asked(Fixture *fixture, const char *claims)
{
	g_autofree char *sent = idp_dup_token(fixture->idp, "claims");

	g_assert_cmpstr(sent, ==, claims);
}

static void
assert_asked_person(Fixture *fixture, const char *claims)
{
	g_autofree char *sent = idp_dup_authorize(fixture->idp, "claims");

	g_assert_cmpstr(sent, ==, claims);
}

static void
reject(Fixture *fixture, const char *token, const char *claims)
{
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(fixture->session), token, claims);
}

/* OAUTH.md 8 */
static void
test_merges(void)
{
	static const struct {
		const char *challenge;
		const char *claims;
	} cases[] = {
		{NULL, CAPABLE},
		{CHALLENGE, MET},
		{"{\"access_token\":{\"xms_cc\":{\"values\":[\"other\"]},\"acrs\":{\"essential\":true,\"value\":"
		 "\"c25\"}}}",
		 "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]},\"acrs\":{\"essential\":true,\"value\":\"c25\"}}"
		 "}"},
		{"{\"id_token\":{\"a\":null}}",
		 "{\"id_token\":{\"a\":null},\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"},
		{"{\"access_token\":7}", CAPABLE},
		{"{\"access_token\":{\"xms_cc\":[]}}", CAPABLE},
		{"[1]", CAPABLE},
		{"{", CAPABLE},
		{"", CAPABLE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *claims = oauth_challenge_build_claims(cases[i].challenge);

		g_assert_cmpstr(claims, ==, cases[i].claims);
	}
}

static void
test_goes_along_once(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	assert_asked_person(fixture, CAPABLE);
	assert_asked(fixture, CAPABLE);
	reject(fixture, "access-1", CHALLENGE);
	assert_token(fixture, "access-2");
	assert_asked(fixture, MET);
	reject(fixture, "access-2", NULL);
	assert_token(fixture, "access-3");
	assert_asked(fixture, CAPABLE);
	/* not an object, or too long: as if there were none */
	reject(fixture, "access-3", "[1]");
	assert_token(fixture, "access-4");
	assert_asked(fixture, CAPABLE);
}

static void
test_goes_to_the_person(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", CHALLENGE);
	idp_push(fixture->idp, 400, "application/json",
		 "{\"error\":\"interaction_required\",\"suberror\":\"basic_action\"}", NULL);
	assert_no_token(fixture, "");
	sign_in(fixture);
	assert_asked_person(fixture, MET);
	assert_asked(fixture, MET);
	reject(fixture, "access-2", NULL);
	assert_token(fixture, "access-3");
	assert_asked(fixture, CAPABLE);
}

/* The token that was made for a challenge is challenged: a person is asked, once, and told when that was in vain. */
static void
test_ends(Fixture *fixture, gconstpointer data)
{
	guint requests;

	sign_in(fixture);
	reject(fixture, "access-1", CHALLENGE);
	assert_token(fixture, "access-2");
	reject(fixture, "access-2", CHALLENGE);
	requests = idp_count(fixture->idp);
	for (guint i = 0; i < 5; i++)
		assert_no_token(fixture, "confirmed");
	g_assert_cmpuint(idp_count(fixture->idp), ==, requests);

	sign_in(fixture);
	assert_asked_person(fixture, MET);
	assert_token(fixture, "access-3");
	reject(fixture, "access-3", CHALLENGE);
	requests = idp_count(fixture->idp);
	for (guint i = 0; i < 5; i++)
		assert_no_token(fixture, "administrator");
	g_assert_cmpuint(idp_count(fixture->idp), ==, requests);
}

/* A token that somebody else asked for before does not count against the new one. */
static void
test_late_refusals(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", CHALLENGE);
	assert_token(fixture, "access-2");
	for (guint i = 0; i < 10; i++)
		reject(fixture, "access-1", CHALLENGE);
	assert_token(fixture, "access-2");
}

static void
test_settings_end_it(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	reject(fixture, "access-1", CHALLENGE);
	g_assert_true(oauth_session_sign_out(fixture->session, FALSE, NULL, NULL));
	sign_in(fixture);
	assert_asked_person(fixture, CAPABLE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add("/oauth/challenge/" path, Fixture, NULL, set_up, function, tear_down)
	g_test_add_func("/oauth/challenge/what we can and what is asked for go together", test_merges);
	ADD("it goes along once", test_goes_along_once);
	ADD("it goes to the browser when a person must help", test_goes_to_the_person);
	ADD("it asks for one sign-in and not for another", test_ends);
	ADD("late refusals of an older token are nothing new", test_late_refusals);
	ADD("a sign-out forgets it", test_settings_end_it);
	return g_test_run();
}
