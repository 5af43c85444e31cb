/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "oauth-error.h"
#include "outlook-failure.h"

static void
test_the_first_check_signs_in_and_brings_the_mail(AccountFixture *fixture, gconstpointer data)
{
	g_autofree char *text = NULL;
	StoreAccount *store;
	gint64 inbox;

	fixture_deliver(fixture);
	fixture_open(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_SIGNED_IN && fixture_inbox_has(fixture, 1));
	store = outlook_account_get_store(fixture->account);
	inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	iterate_until(g_hash_table_contains(fixture->changed, &inbox) && fixture->n_folders > 0 &&
		      store_account_get_last_check(store) > 0);
	g_assert_cmpuint(fixture->n_opened, ==, 1);
	text = outlook_account_describe_state(fixture->account);
	g_assert_nonnull(strstr(text, SIMULATOR_USER));
}

static void
test_a_failed_sign_in_is_said_once_and_not_repeated(AccountFixture *fixture, gconstpointer data)
{
	fixture->deny = TRUE;
	fixture_open(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture->n_opened == 1 && !outlook_account_is_signing_in(fixture->account) &&
		      fixture->reports->len > 0);
	outlook_account_check(fixture->account, 0, TRUE);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(fixture->n_opened, ==, 1);
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_PENDING);
	g_assert_nonnull(strstr(g_ptr_array_index(fixture->reports, 0), "There is no browser"));
}

/* outlook-signin, in a terminal: the client that runs has heard of it with its next check, and opens no browser. */
static void
test_a_sign_in_of_another_program_is_found(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(OauthConfig) config = outlook_settings_to_config(fixture->settings, "Outlook");
	g_autoptr(OauthSession) terminal = oauth_session_new(config, fixture->keyring, NULL);
	g_autoptr(GError) error = NULL;

	fixture_deliver(fixture);
	fixture->deny = TRUE;
	fixture_open(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture->n_opened == 1 && !outlook_account_is_signing_in(fixture->account));
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_PENDING);

	fixture->deny = FALSE;
	g_assert_true(oauth_session_sign_in(terminal, fixture_open_uri, fixture, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_PENDING);
	outlook_account_check(fixture->account, 0, FALSE);
	iterate_until(fixture_inbox_has(fixture, 1));
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_SIGNED_IN);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
}

static void
test_a_code_for_another_device_signs_in(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice cancelled = {fixture->simulator};
	FixtureDevice device = {fixture->simulator, SIMULATOR_USER};

	simulator_set_device(fixture->simulator, 0.1, 900);
	fixture_deliver(fixture);
	fixture_open(fixture);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_PENDING);
	outlook_account_sign_in_by_device(fixture->account, fixture_on_code, fixture_on_signed_in, &cancelled);
	iterate_until(cancelled.done);
	g_assert_error(cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_clear_error(&cancelled.error);
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_PENDING);

	outlook_account_sign_in_by_device(fixture->account, fixture_on_code, fixture_on_signed_in, &device);
	g_assert_true(outlook_account_is_signing_in(fixture->account));
	iterate_until(device.done);
	g_assert_no_error(device.error);
	g_assert_cmpuint(device.n_shown, ==, 1);
	iterate_until(fixture_inbox_has(fixture, 1));
	g_assert_cmpuint(fixture->n_opened, ==, 0);
}

static void
test_offline_nothing_is_asked(AccountFixture *fixture, gconstpointer data)
{
	fixture_open(fixture);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_PENDING);
	outlook_account_set_online(fixture->account, FALSE);
	outlook_account_check(fixture->account, 0, TRUE);
	outlook_account_push(fixture->account);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(fixture->n_opened, ==, 0);
	g_assert_cmpuint(simulator_get_n_requests(fixture->simulator), ==, 0);
}

static void
test_a_change_reaches_the_server_by_itself(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);
	g_autoptr(GError) error = NULL;
	gint64 inbox;
	g_autoptr(GArray) numbers = fixture_list_inbox(fixture->account, &inbox);

	g_assert_true(store_account_change_flags(store, inbox, numbers, STORE_FLAG_READ, 0, &error));
	g_assert_no_error(error);
	outlook_account_push(fixture->account);
	iterate_until(store_account_count_waiting(store) == 0);
}

/* Nobody saves anything afterwards, and nobody asks for mail again. */
static void
test_a_draft_that_rests_during_a_check_goes_afterwards(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);

	store_account_set_draft_delay(store, 1);
	fixture_save_draft(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(store_account_count_waiting(store) == 0);
	g_assert_cmpuint(fixture_count_drafts(fixture), ==, 1);
}

static void
note_failure(OutlookAccount *account, const GError *error, gpointer is_failing)
{
	*(gboolean *)is_failing = error != NULL;
}

static void
test_a_full_mailbox_is_said_until_what_waits_has_room(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);
	gboolean is_failing = FALSE;

	g_signal_connect(fixture->account, "failure", G_CALLBACK(note_failure), &is_failing);
	fixture_fault(fixture, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":507}");
	fixture_append(store, store_account_find_role(store, STORE_ROLE_ARCHIVE));
	outlook_account_push(fixture->account);
	iterate_until(is_failing);
	/* When the second one has ended, what became of the first was said. */
	for (guint i = 0; i < 2; i++) {
		gint64 before = store_account_get_last_check(store);

		while (g_get_real_time() / G_USEC_PER_SEC <= before)
			g_usleep(1000);
		outlook_account_check(fixture->account, 0, TRUE);
		iterate_until(store_account_get_last_check(store) > before);
	}
	g_assert_true(is_failing);
	g_assert_cmpuint(fixture_count_reports(fixture, "full"), ==, 1);
	g_assert_cmpuint(store_account_count_waiting(store), ==, 1);
}

static void
test_what_an_earlier_run_left_goes_without_a_check(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);

	fixture_save_draft(fixture);
	outlook_account_set_online(fixture->account, FALSE);
	fixture_close(fixture, FALSE);
	g_assert_cmpuint(fixture_count_drafts(fixture), ==, 0);

	fixture_open(fixture);
	store = outlook_account_get_store(fixture->account);
	store_account_set_draft_delay(store, 1);
	iterate_until(store_account_count_waiting(store) == 0);
	g_assert_cmpuint(fixture_count_drafts(fixture), ==, 1);
	g_assert_cmpuint(fixture->n_opened, ==, 1);
}

static guint
count_fetches(AccountFixture *fixture)
{
	return simulator_count_requests(fixture->simulator, "*$value*");
}

/* Of what hangs nothing is heard. */
static void
wait_for_fetches(AccountFixture *fixture, guint count)
{
	while (count_fetches(fixture) < count) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
}

/* Stopped by a person, it is over; going offline is a pause. Nothing is fetched twice. */
static void
test_bodies_come_in_the_background(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store;
	gint64 inbox;

	simulator_fill(fixture->simulator, SIMULATOR_USER, "inbox", 9);
	fixture_open(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_SIGNED_IN && fixture_inbox_has(fixture, 9));
	store = outlook_account_get_store(fixture->account);
	inbox = store_account_find_role(store, STORE_ROLE_INBOX);

	fixture_fault(fixture, "{\"path\":\"value\",\"kind\":\"hang\",\"skip\":3}");
	outlook_account_download(fixture->account, inbox, 0);
	outlook_account_download(fixture->account, store_account_find_role(store, STORE_ROLE_ARCHIVE), 0);
	g_assert_true(outlook_account_is_downloading(fixture->account));
	wait_for_fetches(fixture, 4);
	outlook_account_cancel_downloads(fixture->account);
	iterate_until(!outlook_account_is_downloading(fixture->account));
	simulator_clear_faults(fixture->simulator);
	outlook_account_set_online(fixture->account, FALSE);
	outlook_account_set_online(fixture->account, TRUE);
	g_assert_false(outlook_account_is_downloading(fixture->account));

	simulator_reset_log(fixture->simulator);
	fixture_fault(fixture, "{\"path\":\"value\",\"kind\":\"hang\",\"skip\":2}");
	outlook_account_download(fixture->account, inbox, 0);
	wait_for_fetches(fixture, 3);
	outlook_account_set_online(fixture->account, FALSE);
	iterate_until(!outlook_account_is_downloading(fixture->account));
	simulator_clear_faults(fixture->simulator);
	g_hash_table_remove_all(fixture->changed);
	outlook_account_set_online(fixture->account, TRUE);
	g_assert_true(outlook_account_is_downloading(fixture->account));
	iterate_until(!outlook_account_is_downloading(fixture->account));
	g_assert_cmpuint(count_fetches(fixture), <=, 7); /* 3 came before, one was under way twice */
	iterate_until(g_hash_table_contains(fixture->changed, &inbox));
	{
		g_autoptr(GArray) flags = store_account_list_flags(store, inbox, NULL);

		for (guint i = 0; i < flags->len; i++)
			g_assert_true(g_array_index(flags, StoreMessageFlags, i).flags & STORE_FLAG_BODY);
	}
}

static void
test_a_forgotten_account_leaves_nothing(AccountFixture *fixture, gconstpointer data)
{
	g_autofree char *directory = NULL;

	fixture_open(fixture);
	directory = outlook_account_get_directory(fixture->account);
	g_assert_true(g_file_test(directory, G_FILE_TEST_IS_DIR));
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_PENDING);
	fixture_close(fixture, TRUE);
	outlook_account_wait_forgotten(60);
	g_assert_false(g_file_test(directory, G_FILE_TEST_EXISTS));
}

static gpointer
refresh(gpointer session)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *token = oauth_authorizer_acquire_token(session, NULL, &error);

	return NULL;
}

static guint
count_requests_to(AccountFixture *fixture, const char *path)
{
	g_autofree char *pattern = g_strdup_printf("*%s*", path);

	return simulator_count_requests(fixture->simulator, pattern);
}

static gboolean
has_remains(void)
{
	g_autofree char *parent = g_build_filename(g_get_user_data_dir(), "outlook-mail", NULL);
	g_autoptr(GPtrArray) paths = store_account_list_aside(parent);

	return paths->len > 0;
}

/* Whose tokens cannot be removed now: somebody has the session, as a locked keyring would. */
static void
test_the_mail_goes_before_the_tokens(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(OauthSession) session = NULL;
	g_autofree char *directory = NULL;
	g_autofree char *token = NULL;
	GThread *thread;

	fixture_open_with_a_mail(fixture);
	directory = outlook_account_get_directory(fixture->account);
	session = g_object_ref(outlook_account_get_session(fixture->account));
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, NULL);
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(session), token, NULL);
	simulator_reset_log(fixture->simulator);
	fixture_fault(fixture, "{\"target\":\"identity\",\"kind\":\"hang\"}");
	thread = g_thread_new("refresh", refresh, session);
	while (count_requests_to(fixture, "/token") == 0)
		g_usleep(1000);

	fixture_close(fixture, TRUE);
	g_assert_false(g_file_test(directory, G_FILE_TEST_EXISTS));
	while (has_remains())
		g_usleep(1000);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_SIGNED_IN);
	simulator_clear_faults(fixture->simulator);
	g_thread_join(thread);
	outlook_account_wait_forgotten(60);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
}

/* It is deleted here; there somebody reads its mail. */
static void
test_what_another_program_has_open_stays(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(OutlookAccount) second = NULL;
	g_autoptr(GPtrArray) folders = NULL;
	g_autofree char *database = NULL;
	g_autofree char *directory = NULL;
	StoreAccount *store = fixture_open_with_a_mail(fixture);

	directory = outlook_account_get_directory(fixture->account);
	database = g_build_filename(directory, "mail.db", NULL);
	second = outlook_account_new_full(2, "Second", fixture->settings, fixture->keyring, NULL);
	g_signal_connect(second, "report", G_CALLBACK(fixture_on_report), fixture);
	g_ptr_array_set_size(fixture->reports, 0);
	outlook_account_close(second, TRUE);
	outlook_account_wait_forgotten(60);
	g_assert_true(g_file_test(database, G_FILE_TEST_EXISTS));
	g_assert_false(has_remains());
	g_assert_cmpuint(fixture_count_reports(fixture, "Another program"), ==, 1);
	folders = store_account_list_folders(store, NULL);
	g_assert_cmpuint(folders->len, >, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static char *
leave_remains(const char *account, const char *name)
{
	g_autofree char *directory = g_build_filename(g_get_user_data_dir(), "outlook-mail", account, name, NULL);
	g_autofree char *file = g_build_filename(directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;

	g_mkdir_with_parents(directory, 0700);
	g_file_set_contents(file, "mail", -1, &error);
	g_assert_no_error(error);
	return store_account_put_aside(directory, FALSE, &error);
}

static void
test_what_an_earlier_run_did_not_remove_goes(AccountFixture *fixture, gconstpointer data)
{
	g_autofree char *directory = NULL;
	g_autofree char *of_nobody = leave_remains("", "deleted");
	g_autofree char *again = leave_remains("", "deleted");
	g_autofree char *shared = leave_remains("kept", "shared/mailbox");

	g_assert_cmpstr(of_nobody, !=, again);
	fixture_open(fixture);
	directory = outlook_account_get_directory(fixture->account);
	outlook_account_sweep_removed();
	outlook_account_wait_forgotten(60);
	g_assert_false(g_file_test(of_nobody, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(again, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(shared, G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test(directory, G_FILE_TEST_IS_DIR));
}

static void
test_a_secret_in_a_file_signs_in(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->secret_file = g_build_filename(g_get_user_data_dir(), "test.secret", NULL);
	g_mkdir_with_parents(g_get_user_data_dir(), 0700);
	g_file_set_contents(fixture->secret_file, data, -1, &error);
	g_assert_no_error(error);
	fixture_open(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_SIGNED_IN);
	g_unlink(fixture->secret_file);
}

static gboolean
asks_for_token(AccountFixture *fixture)
{
	return simulator_count_requests(fixture->simulator, "*/token*") > 0;
}

/* A check asks with the old one still. */
static void
replace_secret_meanwhile(AccountFixture *fixture, const char *secret)
{
	guint told = fixture_count_reports(fixture, "secret");

	fixture_fault(fixture, "{\"target\":\"identity\",\"path\":\"/token$\",\"kind\":\"hang\"}");
	simulator_reset_log(fixture->simulator);
	outlook_account_set_client_secret(fixture->account, "an-old-one");
	iterate_until(!outlook_account_is_saving(fixture->account));
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	outlook_account_check(fixture->account, 0, TRUE);
	/* Nothing wakes this thread when the server is asked. */
	while (!asks_for_token(fixture)) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
	outlook_account_set_client_secret(fixture->account, secret);
	fixture_deliver(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	simulator_clear_faults(fixture->simulator);
	iterate_until(fixture_inbox_has(fixture, 2));
	g_assert_cmpuint(fixture_count_reports(fixture, "secret"), ==, told);
}

/* With a new one on its way nobody is told that the old one is wrong; told before, it is over. */
static void
test_a_new_secret_takes_the_place_of_a_wrong_one(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store;

	fixture_open(fixture);
	outlook_account_set_client_secret(fixture->account, data);
	g_assert_true(outlook_account_is_saving(fixture->account));
	outlook_account_check(fixture->account, 0, TRUE);
	g_assert_cmpuint(fixture->n_opened, ==, 0);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_SIGNED_IN &&
		      !outlook_account_is_signing_in(fixture->account));
	g_assert_false(outlook_account_is_saving(fixture->account));

	outlook_account_set_client_secret(fixture->account, "an-old-one");
	iterate_until(!outlook_account_is_saving(fixture->account));
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_NEEDS_SIGN_IN);

	outlook_account_set_client_secret(fixture->account, data);
	iterate_until(!outlook_account_is_saving(fixture->account));
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_SIGNED_IN);
	fixture_deliver(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	store = outlook_account_get_store(fixture->account);
	iterate_until(fixture_inbox_has(fixture, 1) && store_account_get_last_check(store) > 0);
	replace_secret_meanwhile(fixture, data);
	g_assert_cmpuint(fixture->n_opened, ==, 1);
}

static guint
count_inbox(AccountFixture *fixture)
{
	StoreAccount *store = outlook_account_get_store(fixture->account);
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	g_autoptr(GArray) numbers = store_account_list_numbers(store, inbox, NULL);

	return numbers->len;
}

static guint
count_pages(AccountFixture *fixture)
{
	return simulator_count_requests(fixture->simulator, "*/messages/delta* 200");
}

#define PAGES 8

/* On a worker, between two pages: what is kept by then was kept before the sign-in died. */
static void
on_store_changed(StoreAccount *store, gint64 folder, guint arrived, AccountFixture *fixture)
{
	if (fixture->lost_after == 0 || --fixture->lost_after > 0)
		return;
	simulator_revoke_tokens(fixture->simulator, SIMULATOR_USER);
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
}

/* The pages so far are kept, the person is told once, and the rest comes after the next sign-in. */
static void
test_a_sign_in_that_dies_in_a_synchronisation(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) folders = NULL;
	guint kept;
	guint pages;

	simulator_fill(fixture->simulator, SIMULATOR_USER, "inbox", PAGES * 10);
	simulator_set_page_limit(fixture->simulator, 10);
	fixture_open(fixture);
	fixture->lost_after = 3;
	g_signal_connect(outlook_account_get_store(fixture->account), "folder-changed", G_CALLBACK(on_store_changed),
			 fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_NEEDS_SIGN_IN &&
		      fixture_count_reports(fixture, "Sign in again") > 0);
	g_thread_join(g_steal_pointer(&fixture->browser));
	kept = count_inbox(fixture);
	g_assert_cmpuint(kept, >=, 30);
	g_assert_cmpuint(kept, <, PAGES * 10);

	for (guint i = 0; i < 3; i++) {
		outlook_account_check(fixture->account, 0, FALSE);
		outlook_account_push(fixture->account);
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	g_assert_cmpuint(fixture->n_opened, ==, 1);
	g_assert_cmpuint(count_inbox(fixture), ==, kept);

	pages = count_pages(fixture);
	outlook_account_sign_in(fixture->account, NULL, NULL);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_SIGNED_IN && fixture_inbox_has(fixture, PAGES * 10) &&
		      store_account_get_last_check(outlook_account_get_store(fixture->account)) > 0);
	g_test_message("%u pages before, %u after, %u mails kept", pages, count_pages(fixture) - pages, kept);
	folders = store_account_list_folders(outlook_account_get_store(fixture->account), NULL);
	g_assert_cmpuint(count_pages(fixture), <=, PAGES + folders->len);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
	g_assert_cmpuint(fixture_count_reports(fixture, "Sign in again"), ==, 1);
}

/* The mail of the Inbox is deleted here, and nobody has told the server yet. */
static void
delete_mail(AccountFixture *fixture)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);
	g_autoptr(GError) error = NULL;
	gint64 inbox;
	g_autoptr(GArray) numbers = fixture_list_inbox(fixture->account, &inbox);

	g_assert_true(store_account_delete_messages(store, inbox, numbers, &error));
	g_assert_no_error(error);
}

static void
test_what_waits_is_sent_before_the_account_is_forgotten(AccountFixture *fixture, gconstpointer data)
{
	delete_mail(fixture);
	g_ptr_array_set_size(fixture->reports, 0);
	fixture_close(fixture, TRUE);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 0);
	g_assert_cmpuint(fixture->reports->len, ==, 0);
	outlook_account_wait_forgotten(60);
}

static void
test_what_is_lost_with_a_forgotten_account_is_said(AccountFixture *fixture, gconstpointer data)
{
	delete_mail(fixture);
	outlook_account_set_online(fixture->account, FALSE);
	g_ptr_array_set_size(fixture->reports, 0);
	fixture_close(fixture, TRUE);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	g_assert_cmpuint(fixture->reports->len, ==, 1);
	g_assert_true(g_str_has_prefix(g_ptr_array_index(fixture->reports, 0), "1 change that was made here"));
	outlook_account_wait_forgotten(60);
}

static void
test_a_store_in_use_is_told_until_it_is_free(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(OutlookAccount) second = NULL;

	fixture_open(fixture);
	second = outlook_account_new_full(2, "Second", fixture->settings, fixture->keyring, NULL);
	g_assert_null(outlook_account_get_store(second));
	g_assert_nonnull(strstr(outlook_account_get_store_error(second), "Another program"));
	g_signal_connect(second, "folders-changed", G_CALLBACK(fixture_on_folders_changed), fixture);
	outlook_account_check(second, 0, TRUE);
	g_assert_null(outlook_account_get_store(second));
	fixture_close(fixture, FALSE);
	fixture->n_folders = 0;
	outlook_account_check(second, 0, TRUE);
	g_assert_nonnull(outlook_account_get_store(second));
	g_assert_null(outlook_account_get_store_error(second));
	iterate_until(fixture->n_folders > 0);
	outlook_account_close(second, FALSE);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = fixture_begin(&argc, &argv);

#define ADD(name, secret, test) g_test_add(name, AccountFixture, secret, fixture_set_up, test, fixture_tear_down)
	ADD("/account/the-first-check-signs-in-and-brings-the-mail", NULL,
	    test_the_first_check_signs_in_and_brings_the_mail);
	ADD("/account/a-failed-sign-in-is-said-once-and-not-repeated", NULL,
	    test_a_failed_sign_in_is_said_once_and_not_repeated);
	ADD("/account/a-sign-in-of-another-program-is-found", NULL, test_a_sign_in_of_another_program_is_found);
	ADD("/account/a-code-for-another-device-signs-in", NULL, test_a_code_for_another_device_signs_in);
	ADD("/account/offline-nothing-is-asked", NULL, test_offline_nothing_is_asked);
	ADD("/account/a-change-reaches-the-server-by-itself", NULL, test_a_change_reaches_the_server_by_itself);
	ADD("/account/a-draft-that-rests-during-a-check-goes-afterwards", NULL,
	    test_a_draft_that_rests_during_a_check_goes_afterwards);
	ADD("/account/a-full-mailbox-is-said-until-what-waits-has-room", NULL,
	    test_a_full_mailbox_is_said_until_what_waits_has_room);
	ADD("/account/what-an-earlier-run-left-goes-without-a-check", NULL,
	    test_what_an_earlier_run_left_goes_without_a_check);
	ADD("/account/bodies-come-in-the-background", NULL, test_bodies_come_in_the_background);
	ADD("/account/a-forgotten-account-leaves-nothing", NULL, test_a_forgotten_account_leaves_nothing);
	ADD("/account/the-mail-goes-before-the-tokens", NULL, test_the_mail_goes_before_the_tokens);
	ADD("/account/what-another-program-has-open-stays", NULL, test_what_another_program_has_open_stays);
	ADD("/account/what-an-earlier-run-did-not-remove-goes", NULL, test_what_an_earlier_run_did_not_remove_goes);
	ADD("/account/what-waits-is-sent-before-the-account-is-forgotten", NULL,
	    test_what_waits_is_sent_before_the_account_is_forgotten);
	ADD("/account/what-is-lost-with-a-forgotten-account-is-said", NULL,
	    test_what_is_lost_with_a_forgotten_account_is_said);
	ADD("/account/a-secret-in-a-file-signs-in", "s3cret-of-a-test", test_a_secret_in_a_file_signs_in);
	ADD("/account/a-new-secret-takes-the-place-of-a-wrong-one", "s3cret-of-a-test",
	    test_a_new_secret_takes_the_place_of_a_wrong_one);
	ADD("/account/a-sign-in-that-dies-in-a-synchronisation-goes-on-where-it-stopped", NULL,
	    test_a_sign_in_that_dies_in_a_synchronisation);
	ADD("/account/a-store-in-use-is-told-until-it-is-free", NULL, test_a_store_in_use_is_told_until_it_is_free);
	return fixture_run(home);
}
