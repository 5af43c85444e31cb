/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "home.h"
#include "store-handover.h"

#define INBOX(home) store_account_find_role((home)->account, STORE_ROLE_INBOX)
#define ARCHIVE(home) store_account_find_role((home)->account, STORE_ROLE_ARCHIVE)

/* A mail in the Inbox of one mailbox was moved into that of another one, which does not have it yet. */
typedef struct {
	Home here;
	Home there;
	Home third;
	char *id;
	guint32 original;
	guint32 copy;
} Fixture;

static void
add(Home *from, gint64 folder, guint32 original, Home *to, const char *name, gint64 destination, guint32 copy)
{
	g_autoptr(GArray) numbers = home_numbers(original);
	g_autoptr(GArray) copies = home_numbers(copy);
	g_autoptr(GError) error = NULL;

	store_handover_add(from->account, folder, numbers, name, to->account, destination, copies, &error);
	g_assert_no_error(error);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(StoreMessage) message = NULL;

	home_set_up(&fixture->here, NULL);
	home_set_up(&fixture->there, NULL);
	home_set_up(&fixture->third, NULL);
	fixture->id = home_deliver(&fixture->here, "inbox", "Kite");
	home_check(&fixture->here);
	home_check(&fixture->there);
	home_check(&fixture->third);
	message = home_find(&fixture->here, INBOX(&fixture->here), "Kite");
	fixture->original = message->number;
	fixture->copy = home_append(&fixture->there, INBOX(&fixture->there), "Kite", STORE_FLAG_READ);
	add(&fixture->here, INBOX(&fixture->here), fixture->original, &fixture->there, "there", INBOX(&fixture->there),
	    fixture->copy);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	home_tear_down(&fixture->here, NULL);
	home_tear_down(&fixture->there, NULL);
	home_tear_down(&fixture->third, NULL);
	g_free(fixture->id);
}

static void
settle(Home *from, const char *name, Home *to, guint gone, guint kept)
{
	g_autoptr(GError) error = NULL;
	guint removed, stayed;

	store_handover_settle(from->account, name, to->account, &removed, &stayed, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(removed, ==, gone);
	g_assert_cmpuint(stayed, ==, kept);
}

static gboolean
is_leaving(Fixture *fixture, const char *name)
{
	const char *const names[] = {name, NULL};
	g_autoptr(GHashTable) leaving =
		store_handover_list_numbers(fixture->here.account, INBOX(&fixture->here), names);

	return g_hash_table_contains(leaving, GUINT_TO_POINTER(fixture->original));
}

static void
restart(Home *home)
{
	home_close(home);
	home_open(home);
}

static void
test_an_original_goes_when_its_copy_has_arrived(Fixture *fixture, gconstpointer data)
{
	settle(&fixture->here, "there", &fixture->there, 0, 0);
	g_assert_true(is_leaving(fixture, "there"));
	g_assert_false(is_leaving(fixture, "third"));
	g_assert_cmpuint(store_handover_count(fixture->here.account, "there"), ==, 1);

	home_check(&fixture->there);
	settle(&fixture->here, "there", &fixture->there, 1, 0);
	g_assert_cmpuint(store_handover_count(fixture->here.account, "there"), ==, 0);
	home_check(&fixture->here);
	g_assert_cmpuint(home_count(&fixture->here, "inbox", "Kite"), ==, 0);
	g_assert_cmpuint(home_count(&fixture->there, "inbox", "Kite"), ==, 1);
}

/* @data: the copy arrives before the end. */
static void
test_a_move_outlives_the_program(Fixture *fixture, gconstpointer data)
{
	if (data != NULL)
		home_check(&fixture->there);
	restart(&fixture->here);
	restart(&fixture->there);
	g_assert_true(is_leaving(fixture, "there"));
	home_check(&fixture->here);
	home_check(&fixture->there);
	settle(&fixture->here, "there", &fixture->there, 1, 0);
	home_check(&fixture->here);
	g_assert_cmpuint(home_count(&fixture->here, "inbox", "Kite"), ==, 0);
	g_assert_cmpuint(home_count(&fixture->there, "inbox", "Kite"), ==, 1);
}

static void
test_an_original_stays_when_its_copy_is_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(fixture->there.simulator, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}",
			    &error);
	g_assert_no_error(error);
	store_account_push(fixture->there.account, NULL, NULL);
	g_assert_cmpuint(fixture->there.refused->len, ==, 1);
	settle(&fixture->here, "there", &fixture->there, 0, 1);
	g_assert_false(is_leaving(fixture, "there"));
	home_check(&fixture->here);
	g_assert_cmpuint(home_count(&fixture->here, "inbox", "Kite"), ==, 1);
}

static void
test_an_original_stays_when_its_copy_is_removed(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GArray) copies = home_numbers(fixture->copy);
	g_autoptr(GError) error = NULL;

	g_assert_true(store_account_delete_messages(fixture->there.account, INBOX(&fixture->there), copies, &error));
	g_assert_no_error(error);
	settle(&fixture->here, "there", &fixture->there, 0, 1);
	g_assert_false(is_leaving(fixture, "there"));
}

static void
test_an_original_stays_when_the_other_mailbox_goes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	guint changes = fixture->here.changes;
	guint stayed;

	g_assert_true(store_handover_drop(fixture->here.account, "there", &stayed, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(stayed, ==, 1);
	g_assert_cmpuint(fixture->here.changes, ==, changes + 1);
	g_assert_false(is_leaving(fixture, "there"));
	home_check(&fixture->there);
	settle(&fixture->here, "there", &fixture->there, 0, 0);
}

/* @data: as a client does it that copies first and removes then. */
static void
test_a_copy_is_known_in_another_folder(Fixture *fixture, gconstpointer data)
{
	StoreAccount *account = fixture->there.account;
	g_autoptr(GArray) numbers = home_numbers(fixture->copy);
	g_autoptr(GArray) moved = NULL;
	g_autoptr(GError) error = NULL;

	if (data != NULL) {
		moved = store_account_copy_messages(account, INBOX(&fixture->there), numbers, ARCHIVE(&fixture->there),
						    &error);
		g_assert_no_error(error);
		store_account_turn_copies_into_moves(account, INBOX(&fixture->there), numbers, ARCHIVE(&fixture->there),
						     moved, &error);
	} else {
		moved = store_account_move_messages(account, INBOX(&fixture->there), numbers, ARCHIVE(&fixture->there),
						    &error);
	}
	g_assert_no_error(error);
	settle(&fixture->here, "there", &fixture->there, 0, 0);
	home_check(&fixture->there);
	settle(&fixture->here, "there", &fixture->there, 1, 0);
	g_assert_cmpuint(home_count(&fixture->there, "archive", "Kite"), ==, 1);
}

/* It never was at the second mailbox's server: the first one's original goes for what the third has. */
static void
test_a_copy_is_followed_into_a_third_mailbox(Fixture *fixture, gconstpointer data)
{
	guint32 copy = home_append(&fixture->third, INBOX(&fixture->third), "Kite", STORE_FLAG_READ);

	add(&fixture->there, INBOX(&fixture->there), fixture->copy, &fixture->third, "third", INBOX(&fixture->third),
	    copy);
	settle(&fixture->here, "there", &fixture->there, 0, 0);
	g_assert_true(is_leaving(fixture, "third"));
	home_check(&fixture->third);
	settle(&fixture->there, "third", &fixture->third, 1, 0);
	settle(&fixture->here, "there", &fixture->there, 0, 0);
	settle(&fixture->here, "third", &fixture->third, 1, 0);
	home_check(&fixture->here);
	home_check(&fixture->there);
	g_assert_cmpuint(home_count(&fixture->here, "inbox", "Kite"), ==, 0);
	g_assert_cmpuint(home_count(&fixture->there, "inbox", "Kite"), ==, 0);
	g_assert_cmpuint(home_count(&fixture->third, "inbox", "Kite"), ==, 1);
}

/* Elsewhere it was filed meanwhile, or removed. */
static void
test_an_original_is_known_where_it_is_now(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	if (data != NULL)
		simulator_delete(fixture->here.simulator, SIMULATOR_USER, fixture->id, &error);
	else
		simulator_move(fixture->here.simulator, SIMULATOR_USER, fixture->id, "archive", &error);
	g_assert_no_error(error);
	home_check(&fixture->here);
	home_check(&fixture->here);
	g_assert_cmpuint(store_handover_count(fixture->here.account, "there"), ==, data != NULL ? 0 : 1);
	home_check(&fixture->there);
	settle(&fixture->here, "there", &fixture->there, 1, 0);
	home_check(&fixture->here);
	g_assert_cmpuint(home_count(&fixture->here, "archive", "Kite"), ==, 0);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, data, test) g_test_add("/store/handover/" name, Fixture, data, set_up, test, tear_down)
	ADD("an original goes when its copy has arrived", NULL, test_an_original_goes_when_its_copy_has_arrived);
	ADD("a move outlives the program", NULL, test_a_move_outlives_the_program);
	ADD("a move whose copy has arrived outlives the program", "arrived", test_a_move_outlives_the_program);
	ADD("an original stays when its copy is refused", NULL, test_an_original_stays_when_its_copy_is_refused);
	ADD("an original stays when its copy is removed", NULL, test_an_original_stays_when_its_copy_is_removed);
	ADD("an original stays when the other mailbox goes", NULL, test_an_original_stays_when_the_other_mailbox_goes);
	ADD("a copy is known in another folder", NULL, test_a_copy_is_known_in_another_folder);
	ADD("a copy that was copied and removed is known in another folder", "copied",
	    test_a_copy_is_known_in_another_folder);
	ADD("a copy is followed into a third mailbox", NULL, test_a_copy_is_followed_into_a_third_mailbox);
	ADD("an original is known where it is now", NULL, test_an_original_is_known_where_it_is_now);
	ADD("an original that is gone is no trouble", "removed", test_an_original_is_known_where_it_is_now);
	return g_test_run();
}
