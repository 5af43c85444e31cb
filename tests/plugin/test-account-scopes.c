/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <string.h>

#include "oauth-error.h"

#define MORE "MailboxSettings.ReadWrite"

static void
note_error(OutlookAccount *account, const GError *error, gpointer data)
{
	FixtureDevice *device = data;

	device->done = TRUE;
	device->error = error != NULL ? g_error_copy(error) : NULL;
}

/* What the form does when a permission is ticked there, or no longer. */
static void
use_scopes(AccountFixture *fixture, const char *const *scopes)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_copy(outlook_account_get_settings(fixture->account));

	g_strfreev(settings->config->scopes);
	settings->config->scopes = g_strdupv((char **)scopes);
	outlook_account_set_settings(fixture->account, settings);
}

static void
switch_on_more(AccountFixture *fixture)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", MORE, NULL};

	use_scopes(fixture, scopes);
}

static void
ask_for_more(AccountFixture *fixture, FixtureDevice *answer)
{
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_sign_in(fixture->account, note_error, answer);
	iterate_until(answer->done);
}

static gboolean
settings_have(AccountFixture *fixture, const char *name)
{
	const OauthConfig *config = outlook_account_get_settings(fixture->account)->config;

	return g_strv_contains((const char *const *)config->scopes, name);
}

static gboolean
is_granted(AccountFixture *fixture, const char *name)
{
	return oauth_session_has_scope(outlook_account_get_session(fixture->account), name);
}

/* With a token that is renewed for it */
static void
assert_mail_comes(AccountFixture *fixture, guint count)
{
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	fixture_deliver(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_inbox_has(fixture, count));
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_SIGNED_IN);
}

static void
test_a_permission_that_is_switched_on_is_asked_for(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	g_assert_false(is_granted(fixture, MORE));
	switch_on_more(fixture);
	g_assert_true(outlook_account_wants_more(fixture->account));
	/* Mail goes on until the person has answered. */
	assert_mail_comes(fixture, 2);
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
	g_assert_true(is_granted(fixture, MORE));
	g_assert_true(settings_have(fixture, MORE));
	g_assert_false(outlook_account_wants_more(fixture->account));
	assert_mail_comes(fixture, 3);
	g_assert_true(is_granted(fixture, MORE));
}

static void
test_a_permission_that_is_refused_is_switched_off(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	simulator_set_admin_scopes(fixture->simulator, MORE);
	switch_on_more(fixture);
	ask_for_more(fixture, &answer);
	g_assert_error(answer.error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_clear_error(&answer.error);
	iterate_until(fixture_count_reports(fixture, "switched off: " MORE) > 0);
	g_assert_false(settings_have(fixture, MORE));
	g_assert_true(settings_have(fixture, "Mail.ReadWrite"));
	g_assert_false(outlook_account_wants_more(fixture->account));
	assert_mail_comes(fixture, 2);
}

/* Also when it was given once: the tenant takes it back, and the client was started anew. */
static void
test_a_permission_that_is_taken_back_leaves_the_mail(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	switch_on_more(fixture);
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	outlook_settings_free(fixture->settings);
	fixture->settings = outlook_settings_copy(outlook_account_get_settings(fixture->account));
	fixture_close(fixture, FALSE);

	simulator_set_admin_scopes(fixture->simulator, MORE);
	fixture_open(fixture);
	assert_mail_comes(fixture, 2);
	g_assert_false(is_granted(fixture, MORE));
	iterate_until(fixture_count_reports(fixture, "switched off: " MORE) > 0);
}

static void
test_a_permission_that_is_switched_off_is_not_asked_for_again(AccountFixture *fixture, gconstpointer data)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	switch_on_more(fixture);
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	use_scopes(fixture, scopes);
	g_assert_false(outlook_account_wants_more(fixture->account));
	g_assert_null(outlook_account_get_settings(fixture->account)->config->extra_scopes);
	assert_mail_comes(fixture, 2);
	g_assert_false(is_granted(fixture, MORE));
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = fixture_begin(&argc, &argv);

#define ADD(name, test) g_test_add(name, AccountFixture, NULL, fixture_set_up, test, fixture_tear_down)
	ADD("/account/a-permission-that-is-switched-on-is-asked-for",
	    test_a_permission_that_is_switched_on_is_asked_for);
	ADD("/account/a-permission-that-is-refused-is-switched-off", test_a_permission_that_is_refused_is_switched_off);
	ADD("/account/a-permission-that-is-taken-back-leaves-the-mail",
	    test_a_permission_that_is_taken_back_leaves_the_mail);
	ADD("/account/a-permission-that-is-switched-off-is-not-asked-for-again",
	    test_a_permission_that_is_switched_off_is_not_asked_for_again);
	return fixture_run(home);
}
