/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <string.h>

#include "graph-error.h"
#include "oauth-consent.h"
#include "oauth-error.h"
#include "outlook-failure.h"
#include "outlook-handover.h"

static void
note_error(OutlookAccount *account, const GError *error, gpointer data)
{
	*(GError **)data = g_error_copy(error);
}

/* The feature stays off, with a link that names its permissions; the person's own mail goes on. */
static void
test_what_the_organization_refuses_leaves_the_mail(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OutlookFailure) failure = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *uri = NULL;

	fixture_open_with_a_mail(fixture);
	simulator_set_admin_scopes(fixture->simulator, "Mail.ReadWrite.Shared");
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_add_shared(fixture->account, SIMULATOR_OTHER, note_error, &error);
	iterate_until(error != NULL);
	failure = outlook_failure_new(error);
	g_assert_cmpstr(failure->number, ==, "AADSTS90094");
	g_assert_cmpint(failure->remedies[0], ==, OAUTH_REMEDY_CONSENT);
	g_assert_cmpint(failure->remedies[1], ==, OAUTH_REMEDY_SCOPES);
	config = outlook_settings_to_config(outlook_account_get_settings(fixture->account), NULL);
	g_strfreev(config->extra_scopes);
	config->extra_scopes = outlook_account_list_shared_scopes(fixture->account);
	uri = oauth_consent_build_admin_uri(config, NULL);
	g_assert_nonnull(strstr(uri, "Mail.ReadWrite.Shared"));
	g_assert_null(outlook_account_find_shared(fixture->account, SIMULATOR_OTHER));

	fixture_deliver(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_inbox_has(fixture, 2));
}

static OutlookAccount *
add_shared(AccountFixture *fixture)
{
	gboolean added = FALSE;
	OutlookAccount *shared;

	outlook_account_add_shared(fixture->account, SIMULATOR_OTHER, fixture_note_done, &added);
	iterate_until(added);
	shared = outlook_account_find_shared(fixture->account, SIMULATOR_OTHER);
	iterate_until(store_account_get_last_check(outlook_account_get_store(shared)) > 0);
	return shared;
}

/* Signs in and adds the mailbox of the other person, which has that mail in its Inbox. */
static OutlookAccount *
open_shared(AccountFixture *fixture)
{
	g_autoptr(GError) error = NULL;

	g_free(simulator_deliver(fixture->simulator, SIMULATOR_OTHER, "inbox", FIXTURE_MAIL, -1, &error));
	g_assert_no_error(error);
	fixture_open(fixture);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_PENDING);
	fixture_sign_in(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	return add_shared(fixture);
}

/* Without the permission each change would be refused, and undone. */
static void
test_changes_of_a_shared_mailbox_wait_for_the_permission(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	OutlookAccount *shared;
	StoreAccount *store;
	guint waiting;
	gint64 inbox;

	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	store = outlook_account_get_store(shared);
	numbers = fixture_list_inbox(shared, &inbox);

	simulator_set_admin_scopes(fixture->simulator, "Mail.Read.Shared Mail.ReadWrite.Shared Mail.Send.Shared");
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_count_reports(fixture, "does not allow the permissions for shared mailboxes") > 0);
	g_assert_true(store_account_change_flags(store, inbox, numbers, STORE_FLAG_READ, 0, &error));
	g_assert_no_error(error);
	waiting = store_account_count_waiting(store);
	g_assert_cmpuint(waiting, >, 0);
	/* A sign-in without it gives up nothing for the next start. */
	fixture_sign_in(fixture);
	g_assert_nonnull(outlook_account_get_settings(fixture->account)->config->extra_scopes);
	g_object_ref(store);
	outlook_account_close(shared, FALSE);
	g_assert_cmpuint(store_account_count_waiting(store), ==, waiting);
	g_object_unref(store);
}

static void
note_saved(OutlookAccount *account, gpointer n_saved)
{
	++*(guint *)n_saved;
}

/* Nothing else needs them, and a tenant that does not give them any more is not asked for ever. */
static void
test_the_permissions_go_with_the_last_shared_mailbox(AccountFixture *fixture, gconstpointer data)
{
	static const char third[] = "team@contoso.example";
	OauthSession *session;
	const OutlookSettings *settings;
	g_auto(GStrv) extra = NULL;
	gboolean added = FALSE;
	guint n_saved = 0;

	g_assert_true(simulator_add_mailbox(fixture->simulator, third, "", NULL));
	simulator_share(fixture->simulator, third, SIMULATOR_USER);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	open_shared(fixture);
	outlook_account_add_shared(fixture->account, third, fixture_note_done, &added);
	iterate_until(added);
	session = outlook_account_get_session(fixture->account);
	settings = outlook_account_get_settings(fixture->account);
	g_signal_connect(fixture->account, "settings-changed", G_CALLBACK(note_saved), &n_saved);

	outlook_account_remove_shared(fixture->account, SIMULATOR_OTHER);
	g_assert_nonnull(settings->config->extra_scopes);
	outlook_account_remove_shared(fixture->account, third);
	g_assert_null(settings->config->extra_scopes);
	g_assert_cmpuint(n_saved, ==, 1);
	extra = oauth_session_list_extra_scopes(session);
	g_assert_null(extra);
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	fixture_deliver(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_inbox_has(fixture, 1));
	g_assert_false(oauth_session_has_scope(session, "Mail.Read.Shared"));
	g_assert_true(oauth_session_has_scope(session, "Mail.ReadWrite"));
}

/* The address of the first one was mistyped: what was granted for it is not asked for with each start from then on. */
static void
test_a_mailbox_that_is_not_found_leaves_no_permissions(AccountFixture *fixture, gconstpointer data)
{
	g_auto(GStrv) extra = NULL;
	g_autoptr(GError) error = NULL;
	const OutlookSettings *settings;
	guint n_saved = 0;

	fixture_open_with_a_mail(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	settings = outlook_account_get_settings(fixture->account);
	outlook_account_add_shared(fixture->account, "nobody@contoso.example", note_error, &error);
	iterate_until(settings->config->extra_scopes != NULL);
	g_signal_connect(fixture->account, "settings-changed", G_CALLBACK(note_saved), &n_saved);
	iterate_until(error != NULL);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
	g_assert_null(settings->config->extra_scopes);
	g_assert_cmpuint(n_saved, ==, 1);
	extra = oauth_session_list_extra_scopes(outlook_account_get_session(fixture->account));
	g_assert_null(extra);
	g_assert_cmpint(fixture_get_state(fixture), ==, OAUTH_STATE_SIGNED_IN);
}

/* Moves the mail of the own Inbox into the shared one, as the host does it. Returns the number of the original. */
static guint32
move_into(AccountFixture *fixture, OutlookAccount *shared, gint64 *own)
{
	g_autoptr(GArray) numbers = fixture_list_inbox(fixture->account, own);
	g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(guint32));
	StoreAccount *store = outlook_account_get_store(shared);
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	g_autoptr(GError) error = NULL;
	guint32 copy;

	copy = fixture_append(store, inbox);
	g_array_append_val(copies, copy);
	outlook_handover_add(fixture->account, *own, numbers, shared, inbox, copies, &error);
	g_assert_no_error(error);
	return g_array_index(numbers, guint32, 0);
}

/* A mail in the user's Inbox, and a shared mailbox that the network does not reach. */
static OutlookAccount *
open_for_a_move(AccountFixture *fixture)
{
	OutlookAccount *shared;

	fixture_deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(fixture_inbox_has(fixture, 1));
	outlook_account_set_online(shared, FALSE);
	return shared;
}

static void
test_an_original_goes_when_the_other_mailbox_has_its_copy(AccountFixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	StoreAccount *store;
	guint32 number;
	gint64 own;

	shared = open_for_a_move(fixture);
	store = outlook_account_get_store(fixture->account);
	number = move_into(fixture, shared, &own);
	outlook_account_push(shared);
	outlook_account_push(fixture->account);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_true(fixture_is_leaving(fixture->account, own, number));
	g_assert_true(fixture_inbox_has(fixture, 1));
	g_assert_cmpuint(store_account_count_waiting(store), ==, 0);

	outlook_account_set_online(shared, TRUE);
	iterate_until(fixture_inbox_has(fixture, 0) && store_account_count_waiting(store) == 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Kites"), ==, 2);
	g_assert_false(fixture_is_leaving(fixture->account, own, number));
}

static void
test_an_original_stays_when_its_copy_is_refused(AccountFixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	guint32 number;
	gint64 own;

	fixture_deliver(fixture);
	simulator_share_read_only(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(fixture_inbox_has(fixture, 1));
	number = move_into(fixture, shared, &own);
	g_hash_table_remove_all(fixture->changed);
	outlook_account_push(shared);
	iterate_until(!fixture_is_leaving(fixture->account, own, number));
	iterate_until(g_hash_table_contains(fixture->changed, &own));
	g_assert_true(fixture_inbox_has(fixture, 1));
	g_assert_true(outlook_account_is_read_only(shared));
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
}

static void
test_an_original_goes_when_the_program_ended_before(AccountFixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	guint32 number;
	gint64 own;

	shared = open_for_a_move(fixture);
	number = move_into(fixture, shared, &own);
	outlook_settings_free(fixture->settings);
	fixture->settings = outlook_settings_copy(outlook_account_get_settings(fixture->account));
	fixture_close(fixture, FALSE);

	fixture_open(fixture);
	g_assert_true(fixture_is_leaving(fixture->account, own, number));
	outlook_account_set_online(fixture->account, TRUE);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture_inbox_has(fixture, 0) &&
		      store_account_count_waiting(outlook_account_get_store(fixture->account)) == 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Kites"), ==, 2);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 0);
	g_assert_cmpuint(fixture_count_reports(fixture, "stays where it was"), ==, 0);
}

static void
test_an_original_stays_when_the_other_mailbox_is_removed(AccountFixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	guint32 number;
	gint64 own;

	shared = open_for_a_move(fixture);
	number = move_into(fixture, shared, &own);
	g_hash_table_remove_all(fixture->changed);
	outlook_account_remove_shared(fixture->account, SIMULATOR_OTHER);
	g_assert_false(fixture_is_leaving(fixture->account, own, number));
	iterate_until(g_hash_table_contains(fixture->changed, &own));
	g_assert_true(fixture_inbox_has(fixture, 1));
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
}

static void
test_what_waits_in_a_shared_mailbox_is_sent_before_it_is_removed(AccountFixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	gint64 own;

	shared = open_for_a_move(fixture);
	move_into(fixture, shared, &own);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, SIMULATOR_OTHER), ==, 1);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, "nobody@contoso.example"), ==, 0);
	outlook_account_set_online(shared, TRUE);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, SIMULATOR_OTHER), ==, 0);
	outlook_account_remove_shared(fixture->account, SIMULATOR_OTHER);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Kites"), ==, 2);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, SIMULATOR_OTHER), ==, 0);
}

static void
send_through(AccountFixture *fixture, GPtrArray *stores, GError **error)
{
	static const char mail[] = "From: " SIMULATOR_OTHER "\r\nTo: " SIMULATOR_USER
				   "\r\nSubject: Unheard\r\nMessage-ID: <unheard@contoso.example>\r\n\r\nHello.\r\n";
	static const char *const recipients[] = {SIMULATOR_USER, NULL};
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, sizeof mail - 1);
	StoreAccount *store = outlook_account_get_store(fixture->account);
	StoreAccount *through = store_account_find_sender(stores, mime);

	if (through != NULL)
		store_account_send_through(store, through, mime, recipients, NULL, error);
	else
		store_account_send(store, mime, recipients, NULL, error);
}

/* Nobody can look in the mailbox meanwhile; when it is there again, it is looked for there. */
static void
test_mail_that_may_have_left_a_mailbox_that_is_removed_leaves_once(AccountFixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) stores = NULL;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GError) error = NULL;

	fixture_deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	open_shared(fixture);
	iterate_until(fixture_inbox_has(fixture, 1));
	stores = outlook_account_list_shared_stores(fixture->account);
	fixture_fault(fixture, "{\"path\":\"/send$\",\"kind\":\"close\",\"when\":\"work\"}");
	fixture_fault(fixture, "{\"path\":\"/users/[^/]*/messages/[^/]*$\",\"method\":\"GET\",\"status\":403}");
	send_through(fixture, stores, &error);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	g_clear_error(&error);
	g_clear_pointer(&stores, g_ptr_array_unref);
	outlook_account_remove_shared(fixture->account, SIMULATOR_OTHER);

	send_through(fixture, none, &error);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_assert_nonnull(strstr(error->message, SIMULATOR_OTHER));
	g_clear_error(&error);
	outlook_account_wait_forgotten(60);
	add_shared(fixture);
	stores = outlook_account_list_shared_stores(fixture->account);
	send_through(fixture, stores, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Unheard"), ==, 1);
}

/* The server answers neither mailbox until it was asked for both. */
static gboolean
release_both(gpointer data)
{
	AccountFixture *fixture = data;
	guint n = simulator_count_requests(fixture->simulator, "PATCH *") +
		  simulator_count_requests(fixture->simulator, "*$batch*");

	if (n < 2)
		return G_SOURCE_CONTINUE;
	simulator_clear_faults(fixture->simulator);
	return G_SOURCE_REMOVE;
}

static void
mark_as_read(OutlookAccount *account)
{
	g_autoptr(GError) error = NULL;
	gint64 inbox;
	g_autoptr(GArray) numbers = fixture_list_inbox(account, &inbox);

	store_account_change_flags(outlook_account_get_store(account), inbox, numbers, STORE_FLAG_READ, 0, &error);
	g_assert_no_error(error);
}

static void
test_what_waits_in_two_mailboxes_is_sent_at_the_same_time(AccountFixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;

	fixture_deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(fixture_inbox_has(fixture, 1));
	fixture_fault(fixture, "{\"method\":\"PATCH\",\"kind\":\"hang\"}");
	fixture_fault(fixture, "{\"path\":\"batch$\",\"kind\":\"hang\"}");
	simulator_reset_log(fixture->simulator);
	mark_as_read(fixture->account);
	mark_as_read(shared);
	g_timeout_add(10, release_both, fixture);
	g_assert_cmpuint(outlook_account_settle(fixture->account), ==, 0);
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = fixture_begin(&argc, &argv);

#define ADD(name, secret, test) g_test_add(name, AccountFixture, secret, fixture_set_up, test, fixture_tear_down)
	ADD("/account/what-the-organization-refuses-leaves-the-mail", NULL,
	    test_what_the_organization_refuses_leaves_the_mail);
	ADD("/account/changes-of-a-shared-mailbox-wait-for-the-permission", NULL,
	    test_changes_of_a_shared_mailbox_wait_for_the_permission);
	ADD("/account/the-permissions-go-with-the-last-shared-mailbox", NULL,
	    test_the_permissions_go_with_the_last_shared_mailbox);
	ADD("/account/a-mailbox-that-is-not-found-leaves-no-permissions", NULL,
	    test_a_mailbox_that_is_not_found_leaves_no_permissions);
	ADD("/account/an-original-goes-when-the-other-mailbox-has-its-copy", NULL,
	    test_an_original_goes_when_the_other_mailbox_has_its_copy);
	ADD("/account/an-original-stays-when-its-copy-is-refused", NULL,
	    test_an_original_stays_when_its_copy_is_refused);
	ADD("/account/an-original-stays-when-the-program-ends-before", NULL,
	    test_an_original_goes_when_the_program_ended_before);
	ADD("/account/an-original-stays-when-the-other-mailbox-is-removed", NULL,
	    test_an_original_stays_when_the_other_mailbox_is_removed);
	ADD("/account/what-waits-in-a-shared-mailbox-is-sent-before-it-is-removed", NULL,
	    test_what_waits_in_a_shared_mailbox_is_sent_before_it_is_removed);
	ADD("/account/mail-that-may-have-left-a-mailbox-that-is-removed-leaves-once", NULL,
	    test_mail_that_may_have_left_a_mailbox_that_is_removed_leaves_once);
	ADD("/account/what-waits-in-two-mailboxes-is-sent-at-the-same-time", NULL,
	    test_what_waits_in_two_mailboxes_is_sent_at_the_same_time);
	return fixture_run(home);
}
