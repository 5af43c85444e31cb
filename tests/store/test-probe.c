/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "oauth-error.h"
#include "simulator.h"
#include "store-probe.h"

typedef struct {
	Simulator *simulator;
	OauthKeyring *keyring;
	OauthSession *session;
	GraphClient *client;
	GCancellable *cancellable;
	StoreProbe cancel_at; /* STORE_N_PROBES: at none */

	guint started;
	gboolean told[STORE_N_PROBES];
	StoreProbeOutcome outcome[STORE_N_PROBES];
	char *detail[STORE_N_PROBES];
	GError *error[STORE_N_PROBES];
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer scopes)
{
	g_autoptr(OauthConfig) config = oauth_config_new("account");
	g_autoptr(GError) error = NULL;

	fixture->simulator = simulator_new();
	simulator_set_device(fixture->simulator, 0.01, 900);
	g_assert_true(simulator_start(fixture->simulator, 0, NULL, &error));
	config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	config->tenant = g_strdup(SIMULATOR_TENANT_ID);
	config->identity_origin = g_strdup(simulator_get_origin(fixture->simulator));
	config->graph_origin = g_strdup(simulator_get_origin(fixture->simulator));
	config->scopes = g_strsplit(scopes, " ", -1);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(config, fixture->keyring, NULL);
	fixture->client = graph_client_new(OAUTH_AUTHORIZER(fixture->session), simulator_get_origin(fixture->simulator),
					   NULL, NULL);
	graph_client_set_patience(fixture->client, 5, 20);
	fixture->cancellable = g_cancellable_new();
	fixture->cancel_at = STORE_N_PROBES;
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	for (guint i = 0; i < STORE_N_PROBES; i++) {
		g_free(fixture->detail[i]);
		g_clear_error(&fixture->error[i]);
	}
	g_object_unref(fixture->cancellable);
	g_assert_finalize_object(fixture->client);
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	simulator_stop(fixture->simulator);
	g_assert_finalize_object(fixture->simulator);
}

static void
enter_code(const OauthDeviceCode *code, gpointer data)
{
	Fixture *fixture = data;

	g_assert_true(simulator_enter_code(fixture->simulator, code->user_code, SIMULATOR_USER, TRUE));
}

static void
sign_in(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	oauth_session_sign_in_by_device(fixture->session, enter_code, fixture, NULL, &error);
	g_assert_no_error(error);
	simulator_reset_log(fixture->simulator);
}

static void
fault(Fixture *fixture, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(fixture->simulator, json, &error);
	g_assert_no_error(error);
}

static void
on_told(StoreProbe probe, StoreProbeOutcome outcome, const char *detail, const GError *error, gpointer data)
{
	Fixture *fixture = data;

	g_assert_cmpint(probe, <, STORE_N_PROBES);
	g_assert_nonnull(store_probe_get_name(probe));
	if (outcome == STORE_PROBE_STARTED) {
		fixture->started++;
		if (probe == fixture->cancel_at)
			g_cancellable_cancel(fixture->cancellable);
		return;
	}
	g_assert_false(fixture->told[probe]);
	g_assert_cmpint(error != NULL, ==, outcome == STORE_PROBE_FAILED);
	fixture->told[probe] = TRUE;
	fixture->outcome[probe] = outcome;
	fixture->detail[probe] = g_strdup(detail);
	fixture->error[probe] = error != NULL ? g_error_copy(error) : NULL;
}

static void
run(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(
		store_probe_run(fixture->session, fixture->client, on_told, fixture, fixture->cancellable, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < STORE_N_PROBES; i++)
		g_assert_true(fixture->told[i]);
}

static void
assert_outcomes(Fixture *fixture, const char *expected)
{
	static const char letters[] = {'?', '+', '-', '.', '!'};
	char found[STORE_N_PROBES + 1] = "";

	for (guint i = 0; i < STORE_N_PROBES; i++)
		found[i] = letters[fixture->outcome[i]];
	g_assert_cmpstr(found, ==, expected);
}

static void
test_all_good(Fixture *fixture, gconstpointer data)
{
	g_auto(GStrv) requests = NULL;

	sign_in(fixture);
	run(fixture);
	assert_outcomes(fixture, "++++++--");
	g_assert_cmpuint(fixture->started, ==, 6);
	g_assert_cmpstr(fixture->detail[STORE_PROBE_IDENTITY], ==, SIMULATOR_USER);
	g_assert_cmpstr(fixture->detail[STORE_PROBE_PROFILE], ==, SIMULATOR_USER);
	g_assert_nonnull(strstr(fixture->detail[STORE_PROBE_MAILBOX], "Inbox"));

	/* The token is a new one, nothing was changed, nothing sent. */
	requests = simulator_get_requests(fixture->simulator);
	g_assert_nonnull(strstr(requests[0], "/token"));
	for (guint i = 1; requests[i] != NULL; i++)
		g_assert_true(g_str_has_prefix(requests[i], "GET "));
}

static void
test_nobody(Fixture *fixture, gconstpointer data)
{
	run(fixture);
	assert_outcomes(fixture, "!.......");
	g_assert_error(fixture->error[STORE_PROBE_IDENTITY], OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpuint(simulator_get_n_requests(fixture->simulator), ==, 0);
}

static void
test_withdrawn(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	simulator_revoke_tokens(fixture->simulator, SIMULATOR_USER);
	run(fixture);
	assert_outcomes(fixture, "+!......");
	g_assert_error(fixture->error[STORE_PROBE_TOKEN], OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
}

/* The token that is good still is not lost over it. */
static void
test_sign_in_server_away(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	char *token;

	sign_in(fixture);
	fault(fixture, "{\"target\": \"identity\", \"path\": \"/token$\", \"status\": 503}");
	run(fixture);
	assert_outcomes(fixture, "+!......");
	g_assert_error(fixture->error[STORE_PROBE_TOKEN], OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, &error);
	g_assert_no_error(error);
	oauth_token_free(token);
}

static void
test_one_part(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	fault(fixture, "{\"path\": \"/v1.0/me/mailFolders/inbox$\", \"status\": 403, \"body\": {\"error\": {\"code\": "
		       "\"ErrorAccessDenied\", \"message\": \"Access is denied.\"}}}");
	run(fixture);
	assert_outcomes(fixture, "+++!++--");
	g_assert_error(fixture->error[STORE_PROBE_MAILBOX], GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
}

static void
test_more_permissions(Fixture *fixture, gconstpointer data)
{
	sign_in(fixture);
	fault(fixture, "{\"path\": \"/v1.0/me/contacts$\", \"status\": 200, \"body\": {\"value\": []}}");
	fault(fixture, "{\"path\": \"/v1.0/me/mailboxSettings$\", \"status\": 403, \"body\": {\"error\": {\"code\": "
		       "\"ErrorAccessDenied\", \"message\": \"Access is denied.\"}}}");
	run(fixture);
	assert_outcomes(fixture, "+++++-+!");
}

static void
test_cancelled(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in(fixture);
	fixture->cancel_at = STORE_PROBE_MAILBOX;
	g_assert_false(
		store_probe_run(fixture->session, fixture->client, on_told, fixture, fixture->cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	assert_outcomes(fixture, "+++!....");
	g_assert_error(fixture->error[STORE_PROBE_MAILBOX], G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define LEAST "User.Read Mail.ReadWrite Mail.Send"
#define add(name, scopes, function) g_test_add("/store/probe/" name, Fixture, scopes, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	add("each part that is allowed is tried and nothing is changed", LEAST, test_all_good);
	add("without a sign-in nobody is asked", LEAST, test_nobody);
	add("a sign-in that was withdrawn is found out", LEAST, test_withdrawn);
	add("a sign-in server that is away costs no token", LEAST, test_sign_in_server_away);
	add("a part that fails keeps back no other", LEAST, test_one_part);
	add("contacts and settings are tried where they were asked for",
	    "User.Read Mail.Read Contacts.Read MailboxSettings.Read", test_more_permissions);
	add("it ends when it is cancelled", LEAST, test_cancelled);
	return g_test_run();
}
