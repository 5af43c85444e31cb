/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <string.h>

#include "oauth-error.h"
#include "oauth-permission.h"

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
	g_assert_false(settings_have(fixture, MORE));
	g_assert_true(settings_have(fixture, "Mail.ReadWrite"));
	g_assert_false(outlook_account_wants_more(fixture->account));
	assert_mail_comes(fixture, 2);
}

static void
note_failure(OutlookAccount *account, const GError *error, gpointer n_told)
{
	if (error != NULL)
		++*(guint *)n_told;
}

/* Who asked has the answer; what nobody waits for, or who waited cannot tell any more, is reported. */
static void
test_a_refusal_is_told_once(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};
	g_autofree char *note = NULL;
	guint n_told = 0;

	fixture_open_with_a_mail(fixture);
	g_signal_connect(fixture->account, "failure", G_CALLBACK(note_failure), &n_told);
	simulator_set_admin_scopes(fixture->simulator, MORE);
	switch_on_more(fixture);
	ask_for_more(fixture, &answer);
	note = outlook_account_describe_refused(fixture->account);
	g_assert_nonnull(strstr(note, "switched off: " MORE "."));
	assert_mail_comes(fixture, 2);
	g_assert_cmpuint(fixture_count_reports(fixture, MORE), ==, 0);
	g_assert_cmpuint(n_told, ==, 0);
	outlook_account_tell_refused(fixture->account, answer.error);
	iterate_until(fixture_count_reports(fixture, "switched off: " MORE) == 1);
	g_assert_cmpuint(n_told, ==, 1);
	g_clear_error(&answer.error);

	switch_on_more(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_sign_in(fixture->account, NULL, NULL);
	iterate_until(fixture_count_reports(fixture, "switched off: " MORE) == 2);
	g_assert_cmpuint(n_told, ==, 2);
	assert_mail_comes(fixture, 3);
	g_assert_cmpuint(fixture_count_reports(fixture, MORE), ==, 2);
}

/* As from the file of the settings */
static void
start_anew(AccountFixture *fixture)
{
	g_autofree char *text = outlook_settings_to_text(outlook_account_get_settings(fixture->account));
	g_autoptr(GError) error = NULL;

	outlook_settings_free(fixture->settings);
	fixture->settings = outlook_settings_parse(text, &error);
	g_assert_no_error(error);
	fixture_close(fixture, FALSE);
	fixture_open(fixture);
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
	start_anew(fixture);
	assert_mail_comes(fixture, 2);
	g_assert_true(is_granted(fixture, MORE));

	simulator_set_admin_scopes(fixture->simulator, MORE);
	start_anew(fixture);
	assert_mail_comes(fixture, 3);
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

static void
use_set(AccountFixture *fixture, const char *id)
{
	use_scopes(fixture, oauth_permission_find_set(id, OAUTH_AUDIENCE_WORK));
}

/* The service gives no token for a permission that nobody agreed to by its name, though they have one with more. */
static void
test_fewer_permissions_leave_the_mail(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	use_set(fixture, "read-only");
	assert_mail_comes(fixture, 2);
	g_assert_false(is_granted(fixture, "Mail.Send"));
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	assert_mail_comes(fixture, 3);
	g_assert_false(is_granted(fixture, "Mail.ReadWrite"));
	g_assert_false(settings_have(fixture, "Mail.ReadWrite"));
	g_assert_null(outlook_account_get_settings(fixture->account)->config->extra_scopes);

	use_set(fixture, "mail");
	answer.done = FALSE;
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	assert_mail_comes(fixture, 4);
	g_assert_true(is_granted(fixture, "Mail.ReadWrite"));
}

/* The form leaves out what the new ones include. */
static void
test_what_a_lost_permission_includes_is_there_still(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	use_set(fixture, "everything");
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	g_assert_true(is_granted(fixture, "Mail.ReadWrite.Shared"));
	use_set(fixture, "everything");
	g_assert_false(outlook_account_wants_more(fixture->account));
	simulator_set_admin_scopes(fixture->simulator, "Mail.ReadWrite.Shared");
	assert_mail_comes(fixture, 2);
	g_assert_true(is_granted(fixture, "Mail.ReadWrite"));
	g_assert_true(is_granted(fixture, "Mail.Send"));
	g_assert_true(is_granted(fixture, "Contacts.ReadWrite.Shared"));
	/* No tick in the form stands for what is not there. */
	iterate_until(fixture_count_reports(fixture, "switched off: Mail.ReadWrite.Shared.") > 0);
	g_assert_false(settings_have(fixture, "Mail.ReadWrite.Shared"));
	g_assert_true(settings_have(fixture, "Mail.ReadWrite"));
	g_assert_true(settings_have(fixture, "Contacts.ReadWrite.Shared"));
}

static void
test_one_is_switched_off_while_another_is_asked_for(AccountFixture *fixture, gconstpointer data)
{
	static const char *const other[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", "Contacts.ReadWrite", NULL};
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	switch_on_more(fixture);
	ask_for_more(fixture, &answer);
	g_assert_no_error(answer.error);
	simulator_set_admin_scopes(fixture->simulator, "Contacts.ReadWrite");
	use_scopes(fixture, other);
	g_assert_false(settings_have(fixture, MORE));
	g_assert_true(g_strv_contains(outlook_account_get_chosen_scopes(fixture->account), "Contacts.ReadWrite"));
	assert_mail_comes(fixture, 2);
	g_assert_false(is_granted(fixture, MORE));
	answer.done = FALSE;
	ask_for_more(fixture, &answer);
	g_assert_error(answer.error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_clear_error(&answer.error);
	g_assert_false(settings_have(fixture, MORE));
	g_assert_null(outlook_account_get_settings(fixture->account)->config->extra_scopes);
	/* What the administrator is to allow */
	g_assert_cmpstr(outlook_account_get_refused_scopes(fixture->account)[0], ==, "Contacts.ReadWrite");
	assert_mail_comes(fixture, 3);
	g_assert_false(is_granted(fixture, MORE));
}

static void
note_kept(OutlookAccount *account, gpointer data)
{
	const OauthConfig *config = outlook_account_get_settings(account)->config;

	*(gboolean *)data = g_strv_contains((const char *const *)config->extra_scopes, MORE);
}

/* Whoever asked, and whether they wait for the answer. */
static void
test_what_is_given_is_to_be_kept(AccountFixture *fixture, gconstpointer data)
{
	gboolean kept = FALSE;

	fixture_open_with_a_mail(fixture);
	g_signal_connect(fixture->account, "settings-changed", G_CALLBACK(note_kept), &kept);
	switch_on_more(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_sign_in(fixture->account, NULL, NULL);
	iterate_until(kept);
}

static void
test_a_code_asks_for_more(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice device = {fixture->simulator, SIMULATOR_USER};

	fixture_open_with_a_mail(fixture);
	switch_on_more(fixture);
	outlook_account_sign_in_by_device(fixture->account, fixture_on_code, fixture_on_signed_in, &device);
	iterate_until(device.done);
	g_assert_no_error(device.error);
	g_assert_true(settings_have(fixture, MORE));
	g_assert_false(outlook_account_wants_more(fixture->account));
	assert_mail_comes(fixture, 2);
	g_assert_true(is_granted(fixture, MORE));
	g_assert_cmpuint(fixture->n_opened, ==, 1);
}

/* What was asked for by name goes, and comes back with the names: the shared mailbox is there still. */
static void
test_the_registration_takes_the_place_of_all_names(AccountFixture *fixture, gconstpointer data)
{
	static const char *const listed[] = {".default", NULL};
	gboolean added = FALSE;

	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	fixture_open_with_a_mail(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_add_shared(fixture->account, SIMULATOR_OTHER, fixture_note_done, &added);
	iterate_until(added);
	g_assert_nonnull(outlook_account_get_settings(fixture->account)->config->extra_scopes);

	use_scopes(fixture, listed);
	g_assert_null(outlook_account_get_settings(fixture->account)->config->extra_scopes);
	assert_mail_comes(fixture, 2);
	g_assert_false(is_granted(fixture, "Mail.Read.Shared"));

	use_set(fixture, "mail");
	assert_mail_comes(fixture, 3);
	g_assert_true(is_granted(fixture, "Mail.ReadWrite.Shared"));
	use_scopes(fixture, listed);
	fixture_sign_in(fixture);
	assert_mail_comes(fixture, 4);
}

/* The answer to an earlier question is not one to the next. */
static void
test_what_is_not_wanted_any_more_is_not_kept(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice answer = {fixture->simulator};

	fixture_open_with_a_mail(fixture);
	switch_on_more(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_sign_in(fixture->account, note_error, &answer);
	use_set(fixture, "mail");
	iterate_until(answer.done);
	g_assert_no_error(answer.error);
	g_assert_false(settings_have(fixture, MORE));
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
	ADD("/account/a-refusal-is-told-once", test_a_refusal_is_told_once);
	ADD("/account/a-permission-that-is-taken-back-leaves-the-mail",
	    test_a_permission_that_is_taken_back_leaves_the_mail);
	ADD("/account/a-permission-that-is-switched-off-is-not-asked-for-again",
	    test_a_permission_that_is_switched_off_is_not_asked_for_again);
	ADD("/account/fewer-permissions-leave-the-mail", test_fewer_permissions_leave_the_mail);
	ADD("/account/what-a-lost-permission-includes-is-there-still",
	    test_what_a_lost_permission_includes_is_there_still);
	ADD("/account/one-is-switched-off-while-another-is-asked-for",
	    test_one_is_switched_off_while_another_is_asked_for);
	ADD("/account/what-is-given-is-to-be-kept", test_what_is_given_is_to_be_kept);
	ADD("/account/a-code-asks-for-more", test_a_code_asks_for_more);
	ADD("/account/the-registration-takes-the-place-of-all-names",
	    test_the_registration_takes_the_place_of_all_names);
	ADD("/account/what-is-not-wanted-any-more-is-not-kept", test_what_is_not_wanted_any_more_is_not_kept);
	return fixture_run(home);
}
