/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "graph-user.h"
#include "oauth-error.h"
#include "oauth-session.h"
#include "person.h"
#include "simulator.h"

/* Continuous access evaluation from the service to the person and back (OAUTH.md 8), over real HTTP. */

typedef struct {
	Simulator *tenant;
	OauthKeyring *keyring;
	OauthSession *session;
	GraphClient *client;
	GThread *browser;
	guint visits;
} Fixture;

static gboolean
open_uri(const char *uri, gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;

	fixture->visits++;
	fixture->browser = g_thread_new("browser", person_agree, g_strdup(uri));
	return TRUE;
}

static void
sign_in(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	oauth_session_sign_in(fixture->session, open_uri, fixture, NULL, &error);
	g_assert_no_error(error);
	g_thread_join(g_steal_pointer(&fixture->browser));
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	g_autoptr(OauthConfig) config = oauth_config_new("11111111-2222-4333-8444-555555555555");
	g_autoptr(GError) error = NULL;

	fixture->tenant = simulator_new();
	g_assert_true(simulator_add_mailbox(fixture->tenant, SIMULATOR_USER, "", &error));
	g_assert_true(simulator_start(fixture->tenant, 0, NULL, &error));
	config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	config->identity_origin = g_strdup(simulator_get_origin(fixture->tenant));
	config->graph_origin = g_strdup(simulator_get_origin(fixture->tenant));
	config->scopes = g_strdupv((char **)scopes);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(config, fixture->keyring, NULL);
	fixture->client = graph_client_new(OAUTH_AUTHORIZER(fixture->session), config->graph_origin, NULL, NULL);
	sign_in(fixture);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_auto(GStrv) refusals = simulator_get_refusals(fixture->tenant);

	g_assert_cmpstr(refusals[0], ==, NULL);
	g_assert_finalize_object(fixture->client);
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	simulator_stop(fixture->tenant);
	g_assert_finalize_object(fixture->tenant);
}

static void
assert_served(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphUser) me = graph_user_get_me(fixture->client, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(me->mail, ==, SIMULATOR_USER);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_SIGNED_IN);
}

static void
assert_asks_for_sign_in(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(graph_user_get_me(fixture->client, NULL, &error));
	g_assert_true(g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED) ||
		      g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED));
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
}

static guint
count_requests(Fixture *fixture)
{
	return simulator_get_n_requests(fixture->tenant);
}

/* A token that is good for an hour is taken back at once; a refresh meets the challenge and nobody notices. */
static void
test_met_by_a_refresh(Fixture *fixture, gconstpointer data)
{
	assert_served(fixture);
	simulator_challenge(fixture->tenant, SIMULATOR_USER, FALSE, FALSE);
	assert_served(fixture);
	assert_served(fixture);
	g_assert_cmpuint(fixture->visits, ==, 1);
}

static void
test_met_by_a_person(Fixture *fixture, gconstpointer data)
{
	guint before;

	assert_served(fixture);
	simulator_challenge(fixture->tenant, SIMULATOR_USER, TRUE, FALSE);
	assert_asks_for_sign_in(fixture);
	before = count_requests(fixture);
	for (guint i = 0; i < 5; i++)
		assert_asks_for_sign_in(fixture);
	g_assert_cmpuint(count_requests(fixture), ==, before);
	g_assert_cmpuint(fixture->visits, ==, 1);
	sign_in(fixture);
	assert_served(fixture);
	assert_served(fixture);
	g_assert_cmpuint(fixture->visits, ==, 2);
}

/* A policy that cannot be met: one sign-in is asked for, and when that did not help nobody is asked again. */
static void
test_never_met(Fixture *fixture, gconstpointer data)
{
	g_autofree char *reason = NULL;
	guint before;

	simulator_challenge(fixture->tenant, SIMULATOR_USER, FALSE, TRUE);
	assert_asks_for_sign_in(fixture);
	sign_in(fixture);
	for (guint i = 0; i < 3; i++)
		assert_asks_for_sign_in(fixture);
	before = count_requests(fixture);
	for (guint i = 0; i < 5; i++)
		assert_asks_for_sign_in(fixture);
	g_assert_cmpuint(count_requests(fixture), ==, before);
	g_assert_cmpuint(fixture->visits, ==, 2);
	reason = oauth_session_get_last_error(fixture->session);
	g_assert_nonnull(strstr(reason, "administrator"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add("/evaluation/" path, Fixture, NULL, set_up, function, tear_down)
	ADD("a refresh meets a challenge", test_met_by_a_refresh);
	ADD("a person meets a challenge, and is asked once", test_met_by_a_person);
	ADD("a challenge that cannot be met does not go round in circles", test_never_met);
	return g_test_run();
}
