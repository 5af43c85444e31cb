/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "graph-error.h"
#include "oauth-error.h"

typedef struct {
	StoreAccount *store;
	GBytes *mime;
	gboolean done;
	GError *error;
} Sending;

static gpointer
run_sending(gpointer data, GCancellable *cancellable, GError **error)
{
	static const char *const recipients[] = {SIMULATOR_OTHER, NULL};
	Sending *sending = data;

	store_account_send(sending->store, sending->mime, recipients, cancellable, error);
	return NULL;
}

static void
sending_done(gpointer result, const GError *error, gpointer data)
{
	Sending *sending = data;

	sending->done = TRUE;
	sending->error = error != NULL ? g_error_copy(error) : NULL;
}

static void
begin_sending(AccountFixture *fixture, Sending *sending, GBytes *mime)
{
	g_autoptr(OutlookJob) job = NULL;

	*sending = (Sending){.store = outlook_account_get_store(fixture->account), .mime = mime};
	job = outlook_worker_push(outlook_account_get_worker(fixture->account), OUTLOOK_PRIORITY_USER, run_sending,
				  sending_done, sending, NULL, NULL);
}

static void
send_at_last(AccountFixture *fixture, GBytes *mime)
{
	Sending sending;

	begin_sending(fixture, &sending, mime);
	iterate_until(sending.done);
	g_assert_no_error(sending.error);
}

/* @size: bytes of its attachment; 0: none */
static GBytes *
write_mail(const char *subject, gsize size)
{
	g_autofree char *content = g_strnfill(size, 'a');
	g_autofree char *text = g_base64_encode((const guchar *)content, size);
	char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\n"
				     "Message-ID: <%s@contoso.example>\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: application/octet-stream; name=a.bin\r\n"
				     "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
				     subject, subject, text);

	return g_bytes_new_take(mail, strlen(mail));
}

static guint
count_requests(AccountFixture *fixture, const char *word)
{
	g_autofree char *pattern = g_strdup_printf("*%s*", word);

	return simulator_count_requests(fixture->simulator, pattern);
}

/* It waits for the next sign-in, and leaves once, also when its sending is asked for twice. */
static void
test_mail_of_somebody_who_signed_out_leaves_once(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("Waits", 0);
	Sending sending;

	fixture_open(fixture);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_PENDING);
	fixture_sign_in(fixture);
	fixture_sign_out(fixture);
	begin_sending(fixture, &sending, mime);
	iterate_until(sending.done);
	g_assert_error(sending.error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_clear_error(&sending.error);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Waits"), ==, 0);
	fixture_sign_in(fixture);
	send_at_last(fixture, mime);
	send_at_last(fixture, mime);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Waits"), ==, 1);
}

/* Its pieces need no sign-in, the rest does. */
static void
test_mail_during_which_somebody_signs_out_leaves_once(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("Large", 4500000);
	Sending sending;

	fixture_open(fixture);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_PENDING);
	fixture_sign_in(fixture);
	fixture_fault(fixture, "{\"method\":\"PUT\",\"kind\":\"hang\",\"skip\":1}");
	begin_sending(fixture, &sending, mime);
	iterate_until(count_requests(fixture, "PUT ") > 0);
	fixture_sign_out(fixture);
	simulator_clear_faults(fixture->simulator);
	iterate_until(sending.done);
	g_assert_error(sending.error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_clear_error(&sending.error);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Large"), ==, 0);
	fixture_sign_in(fixture);
	send_at_last(fixture, mime);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Large"), ==, 1);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "sentitems", "Large"), ==, 1);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "drafts", "Large"), ==, 0);
}

/* By somebody who has signed out since. */
static StoreAccount *
leave_draft(AccountFixture *fixture)
{
	StoreAccount *store;

	simulator_set_device(fixture->simulator, 0.1, 900);
	store = fixture_open_with_a_mail(fixture);
	store_account_set_draft_delay(store, 0);
	fixture_sign_out(fixture);
	fixture_save_draft(fixture);
	return store;
}

/* And nobody else has it. */
static void
expect_draft_goes_on(AccountFixture *fixture, StoreAccount *store)
{
	fixture_sign_in(fixture);
	outlook_account_push(fixture->account);
	iterate_until(store_account_count_waiting(store) == 0);
	g_assert_cmpuint(fixture_count_drafts(fixture), ==, 1);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "drafts", "Kites"), ==, 0);
}

static void
sign_in_as(OutlookAccount *account, FixtureDevice *device)
{
	outlook_account_sign_in_by_device(account, fixture_on_code, fixture_on_signed_in, device);
	iterate_until(device->done);
}

/* What one person left is nothing for the mailbox of another, who is not let in where it is kept. */
static void
test_changes_of_another_person_stay_here(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice other = {fixture->simulator, SIMULATOR_OTHER};
	StoreAccount *store = leave_draft(fixture);

	sign_in_as(fixture->account, &other);
	g_assert_error(other.error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	g_clear_error(&other.error);
	g_assert_false(outlook_account_has_tokens(fixture->account));
	g_assert_cmpint(fixture_get_state(fixture), !=, OAUTH_STATE_SIGNED_IN);
	g_assert_cmpuint(store_account_count_waiting(store), ==, 1);

	/* With the right person it goes on. */
	expect_draft_goes_on(fixture, store);
}

/* Another program, or an older one, may have put it there. */
static void
test_changes_stay_here_while_the_keyring_has_another_person(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice other = {fixture->simulator, SIMULATOR_OTHER};
	OutlookAccount *elsewhere;
	StoreAccount *store;

	leave_draft(fixture);
	fixture_close(fixture, FALSE);
	elsewhere = outlook_account_new_without_store("Outlook", fixture->settings, fixture->keyring);
	sign_in_as(elsewhere, &other);
	g_assert_no_error(other.error);
	fixture_close_account(&elsewhere, FALSE);

	/* The next start sends what is left before it checks anything. */
	fixture_open(fixture);
	store = outlook_account_get_store(fixture->account);
	iterate_until(fixture_count_reports(fixture, "Somebody else signed in") > 0);
	g_assert_cmpuint(store_account_count_waiting(store), ==, 1);
	g_assert_cmpuint(fixture_count_drafts(fixture), ==, 0);
	expect_draft_goes_on(fixture, store);
}

static void
test_anybody_signs_in_where_nothing_is_kept(AccountFixture *fixture, gconstpointer data)
{
	FixtureDevice other = {fixture->simulator, SIMULATOR_OTHER};
	g_autoptr(GError) error = NULL;
	StoreAccount *store;

	simulator_set_device(fixture->simulator, 0.1, 900);
	fixture_open_with_a_mail(fixture);
	fixture_sign_out(fixture);
	g_assert_true(outlook_account_forget_mail(fixture->account, &error));
	g_assert_no_error(error);
	sign_in_as(fixture->account, &other);
	g_assert_no_error(other.error);
	store = outlook_account_get_store(fixture->account);
	iterate_until(store_account_get_last_check(store) > 0);
	g_assert_true(outlook_account_has_tokens(fixture->account));
}

/* The folders have new keys and the messages new numbers, so that nothing old means one of them. */
static void
test_mail_that_is_removed_comes_back_once(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);
	g_autoptr(GError) error = NULL;
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	gint64 again;
	g_autoptr(GArray) numbers = store_account_list_numbers(store, inbox, NULL);
	g_autoptr(GArray) back = NULL;

	fixture_sign_out(fixture);
	store_account_delete_messages(store, inbox, numbers, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(outlook_account_settle(fixture->account), ==, numbers->len);
	/* A copy that was kept can be removed later. */
	g_assert_false(outlook_account_has_tokens(fixture->account));
	g_assert_true(outlook_account_has_copy(fixture->account));
	g_assert_true(outlook_account_forget_mail(fixture->account, &error));
	g_assert_no_error(error);
	g_assert_false(outlook_account_has_copy(fixture->account));
	store = outlook_account_get_store(fixture->account);
	g_assert_cmpint(store_account_find_role(store, STORE_ROLE_INBOX), ==, 0);
	g_assert_cmpuint(store_account_count_waiting(store), ==, 0);
	g_assert_true(store_account_has_owner(store));

	/* Who signed out is not asked by a check. */
	outlook_account_check(fixture->account, 0, TRUE);
	g_assert_false(outlook_account_is_signing_in(fixture->account));
	fixture_sign_in(fixture);
	iterate_until(store_account_get_last_check(store) > 0);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
	again = store_account_find_role(store, STORE_ROLE_INBOX);
	g_assert_cmpint(again, !=, inbox);
	back = store_account_list_numbers(store, again, NULL);
	g_assert_cmpuint(back->len, ==, numbers->len);
	g_assert_true(outlook_account_has_tokens(fixture->account));
	g_assert_true(outlook_account_has_copy(fixture->account));
}

/* With the copy of the mailbox goes its memory, but not of a mail whose answer was lost. */
static void
test_mail_that_may_have_left_leaves_once_after_the_copy_is_removed(AccountFixture *fixture, gconstpointer data)
{
	StoreAccount *store = fixture_open_with_a_mail(fixture);
	g_autofree char *directory = outlook_account_get_directory(fixture->account);
	g_autofree char *kept = g_strconcat(directory, ".kept", NULL);
	g_autoptr(GBytes) mime = write_mail("Unheard", 0);
	g_autoptr(GError) error = NULL;
	Sending sending;

	fixture_fault(fixture, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}");
	fixture_fault(fixture, "{\"path\":\"/sentitems/messages$\",\"method\":\"GET\",\"status\":403}");
	begin_sending(fixture, &sending, mime);
	iterate_until(sending.done);
	g_assert_error(sending.error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	g_clear_error(&sending.error);
	fixture_sign_out(fixture);
	g_assert_true(outlook_account_forget_mail(fixture->account, &error));
	g_assert_no_error(error);
	g_assert_false(g_file_test(kept, G_FILE_TEST_EXISTS));
	store = outlook_account_get_store(fixture->account);
	g_assert_cmpint(store_account_find_role(store, STORE_ROLE_INBOX), ==, 0);

	/* The next start finds what a crash left between the two names. */
	fixture_close(fixture, FALSE);
	g_assert_cmpint(g_rename(directory, kept), ==, 0);
	fixture_open(fixture);
	fixture_sign_in(fixture);
	send_at_last(fixture, mime);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Unheard"), ==, 1);
}

/* Whoever shows that something is done shows it for ever otherwise. */
static void
test_what_is_under_way_when_mail_is_removed_tells_of_its_end(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("Cut off", 0);
	g_autoptr(GError) error = NULL;
	Sending sending;

	fixture_open_with_a_mail(fixture);
	fixture_fault(fixture, "{\"path\":\"/sendMail$\",\"kind\":\"hang\"}");
	begin_sending(fixture, &sending, mime);
	while (count_requests(fixture, "/sendMail") == 0)
		g_usleep(1000);
	g_assert_true(outlook_account_forget_mail(fixture->account, &error));
	g_assert_no_error(error);
	g_assert_true(sending.done);
	g_assert_error(sending.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_clear_error(&sending.error);

	/* And it goes on. */
	simulator_clear_faults(fixture->simulator);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_inbox_has(fixture, 1));
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = fixture_begin(&argc, &argv);

#define ADD(name, secret, test) g_test_add(name, AccountFixture, secret, fixture_set_up, test, fixture_tear_down)
	ADD("/account/mail-of-somebody-who-signed-out-leaves-once", NULL,
	    test_mail_of_somebody_who_signed_out_leaves_once);
	ADD("/account/mail-during-which-somebody-signs-out-leaves-once", NULL,
	    test_mail_during_which_somebody_signs_out_leaves_once);
	ADD("/account/mail-that-is-removed-comes-back-once", NULL, test_mail_that_is_removed_comes_back_once);
	ADD("/account/what-is-under-way-when-mail-is-removed-tells-of-its-end", NULL,
	    test_what_is_under_way_when_mail_is_removed_tells_of_its_end);
	ADD("/account/changes-of-another-person-stay-here", NULL, test_changes_of_another_person_stay_here);
	ADD("/account/changes-stay-here-while-the-keyring-has-another-person", NULL,
	    test_changes_stay_here_while_the_keyring_has_another_person);
	ADD("/account/anybody-signs-in-where-nothing-is-kept", NULL, test_anybody_signs_in_where_nothing_is_kept);
	ADD("/account/mail-that-may-have-left-leaves-once-after-the-copy-is-removed", NULL,
	    test_mail_that_may_have_left_leaves_once_after_the_copy_is_removed);
	return fixture_run(home);
}
