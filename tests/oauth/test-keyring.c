/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "idp.h"
#include "oauth-authorizer.h"
#include "oauth-error.h"
#include "oauth-keyring.h"
#include "service.h"

static OauthConfig *
build_config(void)
{
	OauthConfig *config = oauth_config_new("11111111-2222-4333-8444-555555555555");

	config->name = g_strdup("Work");
	config->client_id = g_strdup("client");
	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	return config;
}

static void
assert_secret(OauthKeyring *keyring, OauthConfig *config, OauthSecretKind kind, const char *expected)
{
	g_autoptr(GError) error = NULL;
	char *secret = oauth_keyring_lookup(keyring, config, kind, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(secret, ==, expected);
	oauth_token_free(secret);
}

static void
store(OauthKeyring *keyring, OauthConfig *config, OauthSecretKind kind, const char *secret)
{
	g_autoptr(GError) error = NULL;
	gboolean stored = oauth_keyring_store(keyring, config, kind, secret, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(stored);
}

static void
clear(OauthKeyring *keyring, OauthConfig *config, OauthSecretKind kind)
{
	g_autoptr(GError) error = NULL;
	gboolean cleared = oauth_keyring_clear(keyring, config, kind, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(cleared);
}

/* What both homes of secrets promise */
static void
tell_the_story(OauthKeyring *keyring)
{
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(OauthConfig) other = build_config();

	g_free(other->client_id);
	other->client_id = g_strdup("other");
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	store(keyring, config, OAUTH_SECRET_REFRESH, "first");
	store(keyring, config, OAUTH_SECRET_REFRESH, "second ö€");
	store(keyring, config, OAUTH_SECRET_CLIENT, "secret");
	store(keyring, other, OAUTH_SECRET_REFRESH, "third");
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "second ö€");
	assert_secret(keyring, config, OAUTH_SECRET_CLIENT, "secret");
	assert_secret(keyring, other, OAUTH_SECRET_REFRESH, "third");
	assert_secret(keyring, other, OAUTH_SECRET_CLIENT, NULL);
	clear(keyring, config, OAUTH_SECRET_REFRESH);
	clear(keyring, config, OAUTH_SECRET_REFRESH);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	assert_secret(keyring, other, OAUTH_SECRET_REFRESH, NULL);
	assert_secret(keyring, config, OAUTH_SECRET_CLIENT, "secret");
	clear(keyring, config, OAUTH_SECRET_CLIENT);
	assert_secret(keyring, config, OAUTH_SECRET_CLIENT, NULL);
}

static void
test_memory(void)
{
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new_in_memory();
	g_autofree char *reason = NULL;

	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	tell_the_story(keyring);
	g_assert_true(oauth_keyring_is_volatile(keyring, &reason));
	g_assert_nonnull(reason);
}

/* No session bus at all: memory, with a reason that says what to install. */
static void
test_no_bus(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autofree char *reason = NULL;

	if (!g_test_subprocess()) {
		service_run_in_subprocess();
		return;
	}
	g_unsetenv("DISPLAY");
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	keyring = oauth_keyring_new();
	tell_the_story(keyring);
	g_assert_true(oauth_keyring_is_volatile(keyring, &reason));
	g_assert_nonnull(strstr(reason, "gnome-keyring"));
}

static void
test_cancelled(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;

	if (!g_test_subprocess()) {
		service_run_in_subprocess();
		return;
	}
	g_unsetenv("DISPLAY");
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	keyring = oauth_keyring_new();
	g_cancellable_cancel(cancellable);
	g_assert_null(oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_service(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthKeyring) again = NULL;
	g_autoptr(OauthConfig) config = build_config();
	Service service = {0};

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	keyring = oauth_keyring_new();
	tell_the_story(keyring);
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	store(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	again = oauth_keyring_new();
	assert_secret(again, config, OAUTH_SECRET_REFRESH, "kept");
	service_stop(&service);
}

/* The Secret Service starts later: what was in memory moves there. */
static void
test_service_comes_later(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthKeyring) again = NULL;
	g_autoptr(OauthConfig) config = build_config();
	Service service = {0};

	if (!service_begin(&service))
		return;
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "moved");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
	service_start_daemon(&service, TRUE);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "moved");
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	again = oauth_keyring_new();
	assert_secret(again, config, OAUTH_SECRET_REFRESH, "moved");
	service_stop(&service);
}

/* The clock of the Secret Service counts seconds. */
static void
wait_for_next_second(void)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	while (g_get_real_time() / G_USEC_PER_SEC == now)
		g_usleep(G_USEC_PER_SEC / 100);
}

/* It could not be written while the keyring was locked, and another program signed in meanwhile. */
static void
test_newer_secret_of_another_program(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthKeyring) other = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	keyring = oauth_keyring_new();
	other = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "first");
	wait_for_next_second();
	service_lock_all();
	g_assert_false(oauth_keyring_store(keyring, config, OAUTH_SECRET_REFRESH, "second", NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	wait_for_next_second();
	service_unlock(&service);
	store(other, config, OAUTH_SECRET_REFRESH, "third");
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "third");
	assert_secret(other, config, OAUTH_SECRET_REFRESH, "third");
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	service_stop(&service);
}

/* A locked keyring that nobody unlocks is "not now", never "nothing there". */
static void
test_locked(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	service_lock_all();
	g_assert_null(oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	g_clear_error(&error);
	g_assert_false(oauth_keyring_store(keyring, config, OAUTH_SECRET_REFRESH, "newer", NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "newer");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
	service_stop(&service);
}

/*
 * Nobody typed the keyring's password since the machine started: what it holds is not to be taken for lost. And a
 * service that ends and comes again is asked again.
 */
static void
test_locked_from_the_start(void)
{
	g_autoptr(OauthKeyring) before = NULL;
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	before = oauth_keyring_new();
	store(before, config, OAUTH_SECRET_REFRESH, "kept");
	service_end_daemon(&service);
	service_start_daemon(&service, FALSE);
	keyring = oauth_keyring_new();
	g_assert_null(oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	g_clear_error(&error);
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	g_assert_false(oauth_keyring_clear(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	service_unlock(&service);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	service_unlock(&service);
	store(keyring, config, OAUTH_SECRET_REFRESH, "newer");
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	service_unlock(&service);
	clear(keyring, config, OAUTH_SECRET_REFRESH);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	service_stop(&service);
}

/* An earlier one, of the same person */
static void
lock_with_a_sign_in(OauthKeyring *keyring, OauthConfig *config)
{
	store(keyring, config, OAUTH_SECRET_REFRESH,
	      "{\"v\":1,\"refresh_token\":\"old\",\"home\":\"" IDP_TENANT ".alice\"}");
	service_lock_all();
}

/* A keyring that stays locked keeps nobody from signing in and going on. */
static void
test_sign_in_while_locked(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthSession) session = NULL;
	g_autoptr(Idp) idp = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;
	Service service = {0};
	char *token;

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	idp = idp_new();
	config = idp_build_config(idp);
	keyring = oauth_keyring_new();
	lock_with_a_sign_in(keyring, config);
	session = oauth_session_new(config, keyring, NULL);
	g_assert_false(oauth_session_load(session, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_UNKNOWN);
	g_clear_error(&error);
	g_assert_true(oauth_session_sign_in(session, idp_browser, idp, NULL, &error));
	g_assert_no_error(error);
	g_assert_true(oauth_keyring_is_volatile(keyring, &reason));
	g_assert_nonnull(reason);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_SIGNED_IN);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, &error);
	g_assert_cmpstr(token, ==, "access-1");
	oauth_token_free(token);
	service_stop(&service);
}

typedef struct {
	OauthSession *session;
	OauthConfig *other;
} Change;

/* The store says that it did not get there, on the way back to the session. */
static GLogWriterOutput
apply_meanwhile(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	Change *change = user_data;

	for (gsize i = 0; i < n_fields; i++) {
		if (!g_str_equal(fields[i].key, "MESSAGE") || !g_str_has_prefix(fields[i].value, "keyring:") ||
		    change->other == NULL)
			continue;
		oauth_session_set_config(change->session, change->other);
		g_clear_pointer(&change->other, oauth_config_free);
	}
	return g_log_writer_default(level, fields, n_fields, NULL);
}

/* While the keyring asks for its password, the account gets another client: the tokens are not that one's. */
static void
test_settings_change_while_locked(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthSession) session = NULL;
	g_autoptr(Idp) idp = NULL;
	g_autoptr(GError) error = NULL;
	Change change = {NULL};
	Service service = {0};

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	idp = idp_new();
	config = idp_build_config(idp);
	keyring = oauth_keyring_new();
	lock_with_a_sign_in(keyring, config);
	session = oauth_session_new(config, keyring, NULL);
	change.session = session;
	change.other = oauth_config_copy(config);
	g_free(change.other->client_id);
	change.other->client_id = g_strdup("another-client");
	g_log_set_writer_func(apply_meanwhile, &change, NULL);
	g_assert_false(oauth_session_sign_in(session, idp_browser, idp, NULL, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_null(change.other);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_UNKNOWN);
	service_stop(&service);
}

/* What it may have of another program stays; the next start finds out again. */
static void
test_dead_token_while_locked(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthSession) session = NULL;
	g_autoptr(Idp) idp = NULL;
	g_autoptr(GError) error = NULL;
	Service service = {0};
	char *before;

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, TRUE);
	idp = idp_new();
	config = idp_build_config(idp);
	keyring = oauth_keyring_new();
	session = oauth_session_new(config, keyring, NULL);
	g_assert_true(oauth_session_sign_in(session, idp_browser, idp, NULL, &error));
	before = oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error);
	g_assert_nonnull(before);
	service_lock_all();
	idp_push(idp, 400, "application/json", "{\"error\":\"invalid_grant\"}", NULL);
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(session), "access-1", NULL);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	service_unlock(&service);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, before);
	oauth_token_free(before);
	service_stop(&service);
}

/* A keyring that nobody made: no dialog asks for one, memory serves. */
static void
test_no_collection(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	Service service = {0};

	if (!service_begin(&service))
		return;
	service_start_daemon(&service, FALSE);
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	service_stop(&service);
}

/* The bus ends, the process goes on. */
static void
test_bus_ends(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!service_begin(&service))
		return;
	keyring = oauth_keyring_new();
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	service_stop(&service);
	oauth_keyring_store(keyring, config, OAUTH_SECRET_REFRESH, "kept", NULL, &error);
	g_assert_true(error == NULL || g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING));
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
}

int
main(int argc, char **argv)
{
	/* Whatever a test forgets to set up must not reach the keyring of who runs it. */
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	g_unsetenv("SECRET_BACKEND");
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/oauth/keyring/memory keeps secrets apart", test_memory);
	g_test_add_func("/oauth/keyring/without a bus memory serves and says why", test_no_bus);
	g_test_add_func("/oauth/keyring/a call can be cancelled", test_cancelled);
	g_test_add_func("/oauth/keyring/the Secret Service keeps secrets apart", test_service);
	g_test_add_func("/oauth/keyring/a Secret Service that comes later is used", test_service_comes_later);
	g_test_add_func("/oauth/keyring/a newer secret of another program is not written over",
			test_newer_secret_of_another_program);
	g_test_add_func("/oauth/keyring/a locked keyring is not an empty one", test_locked);
	g_test_add_func("/oauth/keyring/a keyring that was never unlocked is not an empty one",
			test_locked_from_the_start);
	g_test_add_func("/oauth/keyring/a person can sign in while the keyring is locked", test_sign_in_while_locked);
	g_test_add_func("/oauth/keyring/a sign-in ends when the settings change while the keyring is locked",
			test_settings_change_while_locked);
	g_test_add_func("/oauth/keyring/a dead token leaves a locked keyring as it is", test_dead_token_while_locked);
	g_test_add_func("/oauth/keyring/a service without a keyring is not asked to make one", test_no_collection);
	g_test_add_func("/oauth/keyring/the end of the bus is survived", test_bus_ends);
	return g_test_run();
}
