/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oauth-error.h"
#include "oauth-session.h"
#include "person.h"
#include "simulator.h"

/*
 * Accounts side by side, with one keyring as a host has it: two people of two directories at one sign-in server, and
 * one of a tenant with servers of its own. What happens to one is nothing to the others.
 */

#define PERSONAL "carol@outlook.example"

enum { WORK, PRIVATE, OTHER, N_ACCOUNTS };

typedef struct {
	Simulator *tenant; /* whose it is */
	OauthConfig *config;
	OauthSession *session;
	const char *address;
	GThread *browser;
} Account;

typedef struct {
	Simulator *tenants[2];
	OauthKeyring *keyring;
	Account accounts[N_ACCOUNTS];
} Fixture;

static void
open_account(Fixture *fixture, guint i, Simulator *tenant, const char *directory, const char *address)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	Account *account = &fixture->accounts[i];
	g_autofree char *uuid = g_uuid_string_random();

	account->tenant = tenant;
	account->address = address;
	account->config = oauth_config_new(uuid);
	account->config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	account->config->tenant = g_strdup(directory);
	account->config->identity_origin = g_strdup(simulator_get_origin(tenant));
	account->config->graph_origin = g_strdup(simulator_get_origin(tenant));
	account->config->scopes = g_strdupv((char **)scopes);
	account->session = oauth_session_new(account->config, fixture->keyring, NULL);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(fixture->tenants); i++) {
		fixture->tenants[i] = simulator_new();
		g_assert_true(simulator_add_mailbox(fixture->tenants[i], SIMULATOR_USER, "", &error));
		g_assert_true(simulator_add_mailbox(fixture->tenants[i], PERSONAL, "", &error));
		g_assert_true(simulator_start(fixture->tenants[i], 0, NULL, &error));
		g_assert_no_error(error);
	}
	fixture->keyring = oauth_keyring_new_in_memory();
	open_account(fixture, WORK, fixture->tenants[0], SIMULATOR_TENANT_ID, SIMULATOR_USER);
	open_account(fixture, PRIVATE, fixture->tenants[0], "consumers", PERSONAL);
	open_account(fixture, OTHER, fixture->tenants[1], NULL, SIMULATOR_USER);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	for (guint i = 0; i < N_ACCOUNTS; i++) {
		g_assert_finalize_object(fixture->accounts[i].session);
		oauth_config_free(fixture->accounts[i].config);
	}
	g_assert_finalize_object(fixture->keyring);
	for (guint i = 0; i < G_N_ELEMENTS(fixture->tenants); i++) {
		simulator_stop(fixture->tenants[i]);
		g_assert_finalize_object(fixture->tenants[i]);
	}
}

typedef struct {
	char *uri;
	const char *address;
} Errand;

static gpointer
browse(gpointer user_data)
{
	Errand *errand = user_data;
	g_autoptr(PersonAnswer) answer = person_visit(errand->uri, errand->address, "accept");

	g_assert_null(answer->page);
	g_assert_cmpuint(person_deliver(answer, NULL), ==, 200);
	g_free(errand->uri);
	g_free(errand);
	return NULL;
}

static gboolean
open_uri(const char *uri, gpointer user_data, GError **error)
{
	Account *account = user_data;
	Errand *errand = g_new0(Errand, 1);

	errand->uri = g_strdup(uri);
	errand->address = account->address;
	account->browser = g_thread_new("browser", browse, errand);
	return TRUE;
}

static gpointer
sign_in(gpointer user_data)
{
	Account *account = user_data;
	g_autoptr(GError) error = NULL;

	oauth_session_sign_in(account->session, open_uri, account, NULL, &error);
	g_assert_no_error(error);
	g_thread_join(g_steal_pointer(&account->browser));
	return NULL;
}

/* All at the same time: each has its own listener, state and browser. */
static void
sign_in_all(Fixture *fixture)
{
	GThread *threads[N_ACCOUNTS];

	for (guint i = 0; i < N_ACCOUNTS; i++)
		threads[i] = g_thread_new("sign-in", sign_in, &fixture->accounts[i]);
	for (guint i = 0; i < N_ACCOUNTS; i++)
		g_thread_join(threads[i]);
}

static char *
acquire(Account *account, GError **error)
{
	return oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(account->session), NULL, error);
}

static void
reject(Account *account)
{
	char *token = acquire(account, NULL);

	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(account->session), token, NULL);
	oauth_token_free(token);
}

static void
assert_served(Account *account)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OauthIdentity) identity = oauth_session_get_identity(account->session);
	char *token = acquire(account, &error);

	g_assert_no_error(error);
	g_assert_nonnull(token);
	oauth_token_free(token);
	g_assert_cmpint(oauth_session_get_state(account->session), ==, OAUTH_STATE_SIGNED_IN);
	g_assert_cmpstr(identity->username, ==, account->address);
	g_assert_null(oauth_session_get_last_error(account->session));
}

static void
assert_lost(Account *account, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;

	g_assert_null(acquire(account, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpint(oauth_session_get_state(account->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	reason = oauth_session_get_last_error(account->session);
	g_assert_nonnull(strstr(reason, words));
}

static void
test_each_is_somebody(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GHashTable) homes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) secrets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	sign_in_all(fixture);
	for (guint i = 0; i < N_ACCOUNTS; i++) {
		Account *account = &fixture->accounts[i];
		g_autoptr(OauthIdentity) identity = oauth_session_get_identity(account->session);

		assert_served(account);
		g_hash_table_add(homes, g_strdup(identity->home));
		g_hash_table_add(secrets, oauth_keyring_lookup(fixture->keyring, account->config, OAUTH_SECRET_REFRESH,
							       NULL, NULL));
	}
	g_assert_cmpuint(g_hash_table_size(secrets), ==, N_ACCOUNTS);
	/* two tenants of the same invented id know the same person */
	g_assert_cmpuint(g_hash_table_size(homes), >=, 2);
}

static void
test_revoked_alone(Fixture *fixture, gconstpointer data)
{
	sign_in_all(fixture);
	simulator_revoke_tokens(fixture->tenants[0], SIMULATOR_USER);
	for (guint i = 0; i < N_ACCOUNTS; i++)
		reject(&fixture->accounts[i]);
	assert_lost(&fixture->accounts[WORK], "AADSTS50173");
	assert_served(&fixture->accounts[PRIVATE]);
	assert_served(&fixture->accounts[OTHER]);
	sign_in(&fixture->accounts[WORK]);
	for (guint i = 0; i < N_ACCOUNTS; i++)
		assert_served(&fixture->accounts[i]);
}

static void
test_server_gone_alone(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in_all(fixture);
	simulator_stop(fixture->tenants[1]);
	for (guint i = 0; i < N_ACCOUNTS; i++)
		reject(&fixture->accounts[i]);
	g_assert_null(acquire(&fixture->accounts[OTHER], &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	assert_served(&fixture->accounts[WORK]);
	assert_served(&fixture->accounts[PRIVATE]);
}

static void
test_signed_out_alone(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in_all(fixture);
	g_assert_true(oauth_session_sign_out(fixture->accounts[PRIVATE].session, TRUE, NULL, &error));
	for (guint i = 0; i < N_ACCOUNTS; i += PRIVATE + 1) {
		reject(&fixture->accounts[i]);
		assert_served(&fixture->accounts[i]);
	}
	g_assert_cmpint(oauth_session_get_state(fixture->accounts[PRIVATE].session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
}

/* Whoever sits before the browser: the account of one directory does not become that of the other's person. */
static void
test_not_each_others(Fixture *fixture, gconstpointer data)
{
	Account *account = &fixture->accounts[OTHER];
	g_autoptr(GError) error = NULL;

	sign_in_all(fixture);
	account->address = PERSONAL;
	g_assert_false(oauth_session_sign_in(account->session, open_uri, account, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	g_thread_join(g_steal_pointer(&account->browser));
	account->address = SIMULATOR_USER;
	for (guint i = 0; i < N_ACCOUNTS; i++)
		assert_served(&fixture->accounts[i]);
}

int
main(int argc, char **argv)
{
	g_type_ensure(G_TYPE_TASK); /* see oauth_session_new(): threads come first here */
	g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add("/oauth/two/" path, Fixture, NULL, set_up, function, tear_down)
	ADD("sign-ins at the same time do not mix", test_each_is_somebody);
	ADD("one that is revoked leaves the others", test_revoked_alone);
	ADD("one whose server is gone leaves the others", test_server_gone_alone);
	ADD("one that signs out leaves the others", test_signed_out_alone);
	ADD("one does not become the other's", test_not_each_others);
	return g_test_run();
}
