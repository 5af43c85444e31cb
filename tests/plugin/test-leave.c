/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include "outlook-handover.h"

/* What becomes of mail that is only here, or on its way from one account into another, when an account is left. */

typedef struct {
	OutlookSettings *settings;
	OutlookAccount *account;
	gint64 inbox;
	GPtrArray *reports;
} Person;

typedef struct {
	Simulator *simulator;
	OauthKeyring *keyring;
	Person alice;
	Person bob;
	GArray *originals; /* of Alice's */
} Fixture;

static void
on_report(OutlookAccount *account, gint severity, const char *text, Person *person)
{
	g_ptr_array_add(person->reports, g_strdup(text));
}

static StoreAccount *
store_of(Person *person)
{
	return outlook_account_get_store(person->account);
}

static GArray *
list_inbox(Person *person)
{
	g_autoptr(GError) error = NULL;
	GArray *numbers = store_account_list_numbers(store_of(person), person->inbox, &error);

	g_assert_no_error(error);
	return numbers;
}

static void
open_account(Fixture *fixture, Person *person)
{
	person->account = outlook_account_new_full(person == &fixture->alice ? 1 : 2, "Outlook", person->settings,
						   fixture->keyring, NULL);
	g_signal_connect(person->account, "report", G_CALLBACK(on_report), person);
}

static void
open_person(Fixture *fixture, Person *person, const char *address)
{
	FixtureDevice device = {fixture->simulator, address};

	person->settings = fixture_make_settings(fixture->simulator);
	person->reports = g_ptr_array_new_with_free_func(g_free);
	open_account(fixture, person);
	iterate_until(oauth_session_get_state(outlook_account_get_session(person->account)) == OAUTH_STATE_PENDING);
	outlook_account_sign_in_by_device(person->account, fixture_on_code, fixture_on_signed_in, &device);
	iterate_until(device.done && store_account_get_last_check(store_of(person)) > 0);
	g_assert_no_error(device.error);
	person->inbox = store_account_find_role(store_of(person), STORE_ROLE_INBOX);
}

static void
close_person(Person *person, gboolean forget)
{
	if (person->account != NULL)
		fixture_close_account(&person->account, forget);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->simulator = fixture_start_simulator(NULL);
	simulator_set_device(fixture->simulator, 0.1, 900);
	g_free(simulator_deliver(fixture->simulator, SIMULATOR_USER, "inbox", FIXTURE_MAIL, -1, &error));
	g_assert_no_error(error);
	fixture->keyring = oauth_keyring_new_in_memory();
	open_person(fixture, &fixture->alice, SIMULATOR_USER);
	open_person(fixture, &fixture->bob, SIMULATOR_OTHER);
	fixture->originals = list_inbox(&fixture->alice);
	g_assert_cmpuint(fixture->originals->len, ==, 1);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	close_person(&fixture->alice, FALSE);
	close_person(&fixture->bob, FALSE);
	outlook_settings_free(fixture->alice.settings);
	outlook_settings_free(fixture->bob.settings);
	g_ptr_array_unref(fixture->alice.reports);
	g_ptr_array_unref(fixture->bob.reports);
	g_array_unref(fixture->originals);
	g_assert_finalize_object(fixture->keyring);
	simulator_stop(fixture->simulator);
	g_assert_finalize_object(fixture->simulator);
}

/* Moves Alice's mail into Bob's Inbox, as the host does it; Bob's account is offline then. */
static void
move_to_bob(Fixture *fixture)
{
	g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GError) error = NULL;
	guint32 copy;

	outlook_account_set_online(fixture->bob.account, FALSE);
	copy = fixture_append(store_of(&fixture->bob), fixture->bob.inbox);
	g_array_append_val(copies, copy);
	outlook_handover_add(fixture->alice.account, fixture->alice.inbox, fixture->originals, fixture->bob.account,
			     fixture->bob.inbox, copies, &error);
	g_assert_no_error(error);
}

static gboolean
is_on_its_way(Fixture *fixture)
{
	return fixture_is_leaving(fixture->alice.account, fixture->alice.inbox,
				  g_array_index(fixture->originals, guint32, 0));
}

static void
note_arrival(OutlookAccount *account, gboolean *arrived)
{
	*arrived = *arrived || store_account_count_waiting(outlook_account_get_store(account)) == 0;
}

static void
let_the_copy_arrive(Fixture *fixture)
{
	gboolean arrived = FALSE;
	gulong handler = g_signal_connect(fixture->bob.account, "state-changed", G_CALLBACK(note_arrival), &arrived);

	outlook_account_set_online(fixture->bob.account, TRUE);
	iterate_until(arrived);
	g_signal_handler_disconnect(fixture->bob.account, handler);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Kites"), ==, 1);
}

static guint
count_told(Person *person, const char *text)
{
	guint n = 0;

	for (guint i = 0; i < person->reports->len; i++)
		n += g_str_has_prefix(g_ptr_array_index(person->reports, i), text);
	return n;
}

/* It says so to its owner; nothing is to be done at the server. */
static void
assert_original_stayed(Fixture *fixture)
{
	g_autoptr(GArray) left = list_inbox(&fixture->alice);

	g_assert_false(is_on_its_way(fixture));
	g_assert_cmpuint(left->len, ==, 1);
	g_assert_cmpuint(store_account_count_waiting(store_of(&fixture->alice)), ==, 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	g_assert_cmpuint(count_told(&fixture->alice, "What was moved into another mailbox"), ==, 1);
}

static void
let_the_original_go(Fixture *fixture)
{
	iterate_until(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites") == 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_OTHER, "inbox", "Kites"), ==, 1);
	g_assert_cmpuint(count_told(&fixture->alice, "What was moved into another mailbox"), ==, 0);
}

/* @data: the destination is. The copy waits, or arrived while nobody watched. */
static void
test_a_move_goes_on_when_both_are_open_again(Fixture *fixture, gconstpointer data)
{
	Person *closed = data != NULL ? &fixture->bob : &fixture->alice;

	move_to_bob(fixture);
	close_person(closed, FALSE);
	if (closed == &fixture->alice)
		let_the_copy_arrive(fixture);
	else
		g_assert_cmpuint(outlook_account_settle(fixture->alice.account), ==, 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	open_account(fixture, closed);
	g_assert_true(is_on_its_way(fixture));
	outlook_account_check(closed->account, 0, TRUE);
	let_the_original_go(fixture);
}

static void
test_a_move_outlives_the_program(Fixture *fixture, gconstpointer data)
{
	move_to_bob(fixture);
	close_person(&fixture->alice, FALSE);
	close_person(&fixture->bob, FALSE);
	open_account(fixture, &fixture->alice);
	g_assert_false(is_on_its_way(fixture));
	open_account(fixture, &fixture->bob);
	g_assert_true(is_on_its_way(fixture));
	outlook_account_check(fixture->alice.account, 0, TRUE);
	outlook_account_check(fixture->bob.account, 0, TRUE);
	let_the_original_go(fixture);
}

static void
test_an_original_stays_when_the_destination_is_removed(Fixture *fixture, gconstpointer data)
{
	move_to_bob(fixture);
	close_person(&fixture->bob, TRUE);
	assert_original_stayed(fixture);
	outlook_account_wait_forgotten(60);
}

/* Its copy leaves first, and the main loop does not turn. @data: it is the destination that is removed. */
static void
test_a_move_ends_before_its_account_is_removed(Fixture *fixture, gconstpointer data)
{
	Person *removed = data != NULL ? &fixture->bob : &fixture->alice;

	move_to_bob(fixture);
	outlook_account_set_online(fixture->bob.account, TRUE);
	close_person(removed, TRUE);
	let_the_original_go(fixture);
	g_assert_cmpuint(count_told(removed, "1 change"), ==, 0);
	outlook_account_wait_forgotten(60);
}

static void
test_an_original_that_stays_is_told_when_its_account_is_removed(Fixture *fixture, gconstpointer data)
{
	move_to_bob(fixture);
	close_person(&fixture->alice, TRUE);
	g_assert_cmpuint(count_told(&fixture->alice, "What was moved into another mailbox"), ==, 1);
	let_the_copy_arrive(fixture);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	outlook_account_wait_forgotten(60);
}

static void
test_a_move_ends_with_the_copy_of_its_mailbox(Fixture *fixture, gconstpointer data)
{
	Person *left = data != NULL ? &fixture->bob : &fixture->alice;
	g_autoptr(GError) error = NULL;

	move_to_bob(fixture);
	g_assert_cmpuint(outlook_account_settle(fixture->alice.account), ==, 1);
	g_assert_true(outlook_account_forget_mail(left->account, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(outlook_handover_settle(fixture->alice.account), ==, 0);
	g_assert_cmpuint(outlook_account_settle(fixture->alice.account), ==, 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	if (left == &fixture->bob)
		assert_original_stayed(fixture);
}

/* The copy arrived, and the main loop has not heard of it. */
static void
test_what_has_arrived_is_no_change_that_waits(Fixture *fixture, gconstpointer data)
{
	move_to_bob(fixture);
	let_the_copy_arrive(fixture);
	g_assert_cmpuint(outlook_account_settle(fixture->alice.account), ==, 0);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 0);
}

/* It comes from nowhere again. */
static void
test_a_refused_mail_is_counted_and_said_to_be_lost(Fixture *fixture, gconstpointer data)
{
	Person *alice = &fixture->alice;
	g_autoptr(GError) error = NULL;

	simulator_add_fault(fixture->simulator, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}", &error);
	g_assert_no_error(error);
	fixture_append(store_of(alice), alice->inbox);
	outlook_account_push(alice->account);
	iterate_until(store_account_count_waiting(store_of(alice)) == 0);
	g_assert_cmpuint(outlook_account_settle(alice->account), ==, 1);
	g_assert_cmpuint(simulator_count(fixture->simulator, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	close_person(alice, TRUE);
	g_assert_cmpuint(count_told(alice, "1 change that was made here"), ==, 1);
	outlook_account_wait_forgotten(60);
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = fixture_begin(&argc, &argv);

#define ADD(name, data, test) g_test_add("/leave/" name, Fixture, data, set_up, test, tear_down)
	ADD("a move goes on when its account is open again", NULL, test_a_move_goes_on_when_both_are_open_again);
	ADD("a move goes on when its destination is open again", "bob", test_a_move_goes_on_when_both_are_open_again);
	ADD("a move outlives the program", NULL, test_a_move_outlives_the_program);
	ADD("an original stays when the destination is removed", NULL,
	    test_an_original_stays_when_the_destination_is_removed);
	ADD("a move ends before its account is removed", NULL, test_a_move_ends_before_its_account_is_removed);
	ADD("a move ends before its destination is removed", "bob", test_a_move_ends_before_its_account_is_removed);
	ADD("an original that stays is told when its account is removed", NULL,
	    test_an_original_that_stays_is_told_when_its_account_is_removed);
	ADD("a move ends with the copy of its mailbox", NULL, test_a_move_ends_with_the_copy_of_its_mailbox);
	ADD("a move ends with the copy of the other mailbox", "bob", test_a_move_ends_with_the_copy_of_its_mailbox);
	ADD("what has arrived is no change that waits", NULL, test_what_has_arrived_is_no_change_that_waits);
	ADD("a refused mail is counted, and said to be lost", NULL, test_a_refused_mail_is_counted_and_said_to_be_lost);
	return fixture_run(home);
}
