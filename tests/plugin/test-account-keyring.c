/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <string.h>

#include "service.h"

/* A sign-out while the keyring does not give up what it has */

static void
note_end(OutlookAccount *account, const GError *error, gpointer data)
{
	FixtureDevice *end = data;

	end->done = TRUE;
	end->error = error != NULL ? g_error_copy(error) : NULL;
}

static void
sign_out(AccountFixture *fixture, FixtureDevice *end)
{
	end->done = FALSE;
	outlook_account_sign_out(fixture->account, note_end, end);
	iterate_until(end->done);
}

/* In the keyring, for a sign-in of another program */
static void
let_check_look(AccountFixture *fixture)
{
	guint n_states;

	while (g_main_context_iteration(NULL, FALSE))
		continue;
	n_states = fixture->n_states;
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture->n_states > n_states);
}

static void
assert_keyring_is_empty(AccountFixture *fixture)
{
	g_autoptr(OauthKeyring) other = oauth_keyring_new();
	g_autoptr(OauthConfig) config =
		outlook_settings_to_config(outlook_account_get_settings(fixture->account), "Outlook");
	g_autoptr(GError) error = NULL;

	g_assert_null(oauth_keyring_lookup(other, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_no_error(error);
}

static void
set_up(AccountFixture *fixture, Service *service)
{
	service_start_daemon(service, TRUE);
	fixture_set_up(fixture, NULL);
	g_object_unref(fixture->keyring);
	fixture->keyring = oauth_keyring_new();
	fixture_open_with_a_mail(fixture);
	g_assert_false(oauth_keyring_is_volatile(fixture->keyring, NULL));
}

static void
test_a_locked_keyring_keeps_what_it_has(void)
{
	AccountFixture fixture = {0};
	FixtureDevice end = {0};
	Service service = {0};

	if (!service_begin(&service))
		return;
	set_up(&fixture, &service);
	service_lock_all();
	sign_out(&fixture, &end);
	g_assert_cmpstr(end.error->message, ==, "The keyring is locked. Unlock it, then try again.");
	g_clear_error(&end.error);
	iterate_until(fixture_count_reports(&fixture, "keyring") == 1);
	g_assert_cmpuint(fixture_count_reports(&fixture, "check for mail"), ==, 0);
	g_assert_cmpint(fixture_get_state(&fixture), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	g_assert_true(outlook_account_has_tokens(fixture.account));
	g_assert_true(fixture_inbox_has(&fixture, 1));

	/* Unlocked for something else, it signs nobody in who has signed out. */
	service_unlock(&service);
	let_check_look(&fixture);
	g_assert_cmpint(fixture_get_state(&fixture), ==, OAUTH_STATE_NEEDS_SIGN_IN);

	sign_out(&fixture, &end);
	g_assert_no_error(end.error);
	g_assert_false(outlook_account_has_tokens(fixture.account));
	assert_keyring_is_empty(&fixture);
	let_check_look(&fixture);
	g_assert_cmpint(fixture_get_state(&fixture), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	g_assert_cmpuint(fixture.n_opened, ==, 1);
	fixture_tear_down(&fixture, NULL);
	service_stop(&service);
}

static void
test_a_sign_in_takes_its_place(void)
{
	AccountFixture fixture = {0};
	FixtureDevice end = {0};
	Service service = {0};

	if (!service_begin(&service))
		return;
	set_up(&fixture, &service);
	service_lock_all();
	sign_out(&fixture, &end);
	g_assert_nonnull(end.error);
	g_clear_error(&end.error);
	service_unlock(&service);
	fixture_sign_in(&fixture);
	fixture_deliver(&fixture);
	outlook_account_check(fixture.account, 0, TRUE);
	iterate_until(fixture_inbox_has(&fixture, 2));
	sign_out(&fixture, &end);
	g_assert_no_error(end.error);
	assert_keyring_is_empty(&fixture);
	fixture_tear_down(&fixture, NULL);
	service_stop(&service);
}

/* A sign-out before the keyring said anything is one of the tokens, too. */
static void
test_what_was_not_looked_at_may_be_there(void)
{
	AccountFixture fixture = {0};
	FixtureDevice end = {0};
	Service service = {0};

	if (!service_begin(&service))
		return;
	set_up(&fixture, &service);
	fixture_close(&fixture, FALSE);
	g_object_unref(fixture.keyring);
	fixture.keyring = oauth_keyring_new();
	service_lock_all();
	g_ptr_array_set_size(fixture.reports, 0);
	fixture_open(&fixture);
	iterate_until(fixture_count_reports(&fixture, "keyring") == 1);
	g_assert_cmpint(fixture_get_state(&fixture), ==, OAUTH_STATE_UNKNOWN);
	g_assert_true(outlook_account_has_tokens(fixture.account));
	service_unlock(&service);
	sign_out(&fixture, &end);
	g_assert_no_error(end.error);
	g_assert_false(outlook_account_has_tokens(fixture.account));
	assert_keyring_is_empty(&fixture);
	fixture_tear_down(&fixture, NULL);
	service_stop(&service);
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = NULL;

	/* Whatever a test forgets to set up must not reach the keyring of who runs it. */
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	g_unsetenv("SECRET_BACKEND");
	home = fixture_begin(&argc, &argv);
	g_test_add_func("/account/a-locked-keyring-keeps-what-it-has", test_a_locked_keyring_keeps_what_it_has);
	g_test_add_func("/account/a-sign-in-takes-its-place", test_a_sign_in_takes_its_place);
	g_test_add_func("/account/what-was-not-looked-at-may-be-there", test_what_was_not_looked_at_may_be_there);
	return fixture_run(home);
}
