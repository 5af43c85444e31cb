/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "home.h"
#include "store-db.h"

#define FIND(home, role) store_account_find_role((home)->account, STORE_ROLE_##role)

static void
fault(Home *home, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(home->simulator, json, &error);
	g_assert_no_error(error);
}

static void
push(Home *home)
{
	g_autoptr(GError) error = NULL;

	store_account_push(home->account, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	g_assert_cmpint(store_account_get_push_delay(home->account), ==, -1);
}

static void
push_fails(Home *home, GraphError code)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(store_account_push(home->account, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, (gint)code);
	g_assert_cmpuint(store_account_count_waiting(home->account), >, 0);
}

static void
mark(Home *home, gint64 folder, guint32 number, StoreFlags set, StoreFlags clear)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;

	store_account_change_flags(home->account, folder, numbers, set, clear, &error);
	g_assert_no_error(error);
}

static guint32
move(Home *home, gint64 folder, guint32 number, gint64 destination)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) moved = store_account_move_messages(home->account, folder, numbers, destination, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(moved->len, ==, 1);
	return g_array_index(moved, guint32, 0);
}

static guint32
copy(Home *home, gint64 folder, guint32 number, gint64 destination)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) copies = store_account_copy_messages(home->account, folder, numbers, destination, &error);

	g_assert_no_error(error);
	return g_array_index(copies, guint32, 0);
}

static void delete (Home *home, gint64 folder, guint32 number)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;

	store_account_delete_messages(home->account, folder, numbers, &error);
	g_assert_no_error(error);
}

static guint32
number_of(Home *home, gint64 folder, const char *subject)
{
	g_autoptr(StoreMessage) message = home_find(home, folder, subject);

	return message != NULL ? message->number : 0;
}

static StoreFlags
flags_of(Home *home, gint64 folder, const char *subject)
{
	g_autoptr(StoreMessage) message = home_find(home, folder, subject);

	g_assert_nonnull(message);
	return message->flags & ~(STORE_FLAG_NEW | STORE_FLAG_BODY);
}

static void
test_flags_reach_the_server_in_one_request(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(JsonObject) message = NULL;
	gint64 inbox;

	home_check(home);
	inbox = FIND(home, INBOX);
	mark(home, inbox, 1, STORE_FLAG_READ, 0);
	mark(home, inbox, 1, STORE_FLAG_FLAGGED, 0);
	mark(home, inbox, 1, STORE_FLAG_HIGH, 0);
	mark(home, inbox, 99, STORE_FLAG_READ, 0);
	simulator_reset_log(home->simulator);
	push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	message = home_get(home, "inbox", "Mail");
	g_assert_true(json_object_get_boolean_member(message, "isRead"));
	g_assert_cmpstr(json_object_get_string_member(message, "importance"), ==, "high");
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(message, "flag"), "flagStatus"), ==,
			"flagged");
	home_check(home);
	g_assert_cmphex(flags_of(home, inbox, "Mail"), ==, STORE_FLAG_READ | STORE_FLAG_FLAGGED | STORE_FLAG_HIGH);
}

static void
test_looking_at_new_mail_asks_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id = NULL;

	home_check(home);
	id = home_deliver(home, "inbox", "Fresh");
	home_check(home);
	mark(home, FIND(home, INBOX), 1, 0, STORE_FLAG_NEW);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
}

static void
test_answered_and_categories_reach_the_server(Home *home, gconstpointer data)
{
	static const char *const categories[] = {"Red", "Grün", NULL};
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(GError) error = NULL;

	home_check(home);
	mark(home, FIND(home, INBOX), 1, STORE_FLAG_ANSWERED, 0);
	store_account_set_categories(home->account, FIND(home, INBOX), 1, categories, &error);
	g_assert_no_error(error);
	push(home);
	message = home_get(home, "inbox", "Mail");
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(message, "categories")), ==, 2);
	home_check(home);
	g_assert_true(flags_of(home, FIND(home, INBOX), "Mail") & STORE_FLAG_ANSWERED);
}

static void
test_page_does_not_turn_a_waiting_change_back(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	g_autoptr(GError) error = NULL;
	gint64 inbox;

	home_check(home);
	inbox = FIND(home, INBOX);
	mark(home, inbox, 1, STORE_FLAG_READ, 0);
	simulator_change(home->simulator, SIMULATOR_USER, id, "{\"importance\":\"low\",\"isRead\":false}", NULL);
	store_account_sync_folder(home->account, inbox, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmphex(flags_of(home, inbox, "Mail"), ==, STORE_FLAG_READ | STORE_FLAG_LOW);
	home_close(home);
	home_open(home);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 1);
	push(home);
	home_check(home);
	g_assert_cmphex(flags_of(home, inbox, "Mail"), ==, STORE_FLAG_READ | STORE_FLAG_LOW);
}

static void
test_refused_change_is_undone_and_said(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox;
	gint64 archive;

	home_check(home);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	mark(home, inbox, 1, STORE_FLAG_READ, 0);
	fault(home, "{\"method\":\"PATCH\",\"status\":403}");
	push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_nonnull(strstr(g_ptr_array_index(home->refused, 0), "Mail"));
	g_assert_cmphex(flags_of(home, inbox, "Mail"), ==, 0);

	move(home, inbox, 1, archive);
	g_assert_cmpuint(number_of(home, inbox, "Mail"), ==, 0);
	fault(home, "{\"path\":\"/move$\",\"status\":403}");
	push(home);
	g_assert_cmpuint(home->refused->len, ==, 2);
	g_assert_cmpuint(number_of(home, archive, "Mail"), ==, 0);
	g_assert_cmpuint(number_of(home, inbox, "Mail"), >, 1);

	delete (home, inbox, number_of(home, inbox, "Mail"));
	fault(home, "{\"path\":\"/permanentDelete$\",\"status\":403}");
	fault(home, "{\"method\":\"DELETE\",\"status\":403}");
	push(home);
	simulator_clear_faults(home->simulator);
	home_check(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, number_of(home, inbox, "Mail") != 0);
}

/* API.md 5.6: two writes at once; the same one again, but not for ever. */
static void
test_lasting_conflict_is_given_up(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	guint pushes = 0;

	home_check(home);
	move(home, FIND(home, INBOX), number_of(home, FIND(home, INBOX), "Mail"), FIND(home, ARCHIVE));
	fault(home, "{\"path\":\"/move$\",\"status\":409,\"count\":0,\"body\":{\"error\":{\"code\":\"conflict\","
		    "\"message\":\"no\"}}}");
	while (store_account_count_waiting(home->account) > 0 && pushes < 50) {
		store_account_push(home->account, NULL, NULL);
		pushes++;
	}
	g_assert_cmpuint(pushes, >, 2);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_cmpuint(number_of(home, FIND(home, INBOX), "Mail"), !=, 0);
	g_assert_nonnull(id);
}

static void
test_changes_wait_in_order_while_the_service_is_away(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox;
	gint64 trash;

	home_check(home);
	inbox = FIND(home, INBOX);
	trash = FIND(home, TRASH);
	mark(home, inbox, 1, STORE_FLAG_READ, 0);
	move(home, inbox, 1, trash);
	fault(home, "{\"method\":\"PATCH\",\"count\":1,\"status\":401}");
	fault(home, "{\"method\":\"PATCH\",\"count\":1,\"status\":401}");
	push_fails(home, GRAPH_ERROR_UNAUTHORIZED);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 2);
	home_close(home);
	home_open(home);
	push(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", "Mail"), ==, 1);
	home_check(home);
	g_assert_cmphex(flags_of(home, trash, "Mail"), ==, STORE_FLAG_READ);
	g_assert_cmpuint(number_of(home, trash, "Mail"), ==, 1);
}

static void
test_move_there_and_back_asks_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox;
	guint32 number;

	home_check(home);
	inbox = FIND(home, INBOX);
	number = move(home, inbox, 1, FIND(home, ARCHIVE));
	number = move(home, FIND(home, ARCHIVE), number, inbox);
	g_assert_cmpuint(number, ==, 2);
	simulator_reset_log(home->simulator);
	push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	home_check(home);
	g_assert_cmpuint(number_of(home, inbox, "Mail"), ==, 2);
}

static void
test_deleted_mail_is_gone(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autofree char *other = home_deliver(home, "inbox", "Other");
	gint64 inbox;
	guint32 number;

	home_check(home);
	inbox = FIND(home, INBOX);
	number = number_of(home, inbox, "Mail");
	delete (home, inbox, number);
	delete (home, inbox, number);
	g_assert_cmpuint(number_of(home, inbox, "Mail"), ==, 0);
	/* Gone there, too, before we say so. */
	g_assert_true(simulator_delete(home->simulator, SIMULATOR_USER, other, NULL));
	delete (home, inbox, number_of(home, inbox, "Other"));
	push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	home_check(home);
	g_assert_cmpuint(number_of(home, inbox, "Mail"), ==, 0);
}

static void
test_copy_gets_its_message(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	gint64 archive;
	guint32 number;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	number = copy(home, FIND(home, INBOX), 1, archive);
	g_assert_cmpuint(number_of(home, archive, "Mail"), ==, number);
	push(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
	home_check(home);
	g_assert_cmpuint(number_of(home, archive, "Mail"), ==, number);
	{
		g_autoptr(StoreMessage) message = home_find(home, archive, "Mail");

		g_assert_nonnull(message->id);
		g_assert_cmpstr(message->id, !=, id);
	}
}

static void
test_lost_answer_of_a_copy_makes_no_second_one(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 archive;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	copy(home, FIND(home, INBOX), 1, archive);
	fault(home, "{\"path\":\"/copy$\",\"kind\":\"close\",\"when\":\"work\"}");
	fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	push_fails(home, GRAPH_ERROR_UNCERTAIN);
	home_close(home);
	home_open(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
	g_assert_cmpuint(number_of(home, archive, "Mail"), ==, 1);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
}

static void
test_copy_and_removal_become_a_move(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	g_autoptr(GArray) numbers = home_numbers(1);
	g_autoptr(GArray) copies = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreMessage) message = NULL;
	gint64 inbox;
	gint64 archive;

	home_check(home);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	copies = store_account_copy_messages(home->account, inbox, numbers, archive, &error);
	g_assert_no_error(error);
	mark(home, archive, g_array_index(copies, guint32, 0), STORE_FLAG_READ, 0);
	store_account_turn_copies_into_moves(home->account, inbox, numbers, archive, copies, &error);
	g_assert_no_error(error);
	simulator_reset_log(home->simulator);
	push(home);
	g_assert_cmpuint(home_get_n_requests(home, "POST"), ==, 1);
	home_check(home);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
	message = home_find(home, archive, "Mail");
	g_assert_cmpstr(message->id, ==, id);
	g_assert_cmpuint(message->number, ==, g_array_index(copies, guint32, 0));
	g_assert_true(message->flags & STORE_FLAG_READ);
}

static void
test_append_reaches_its_folder(Home *home, gconstpointer data)
{
	g_autoptr(JsonObject) there = NULL;
	g_autoptr(StoreMessage) message = NULL;
	g_autofree char *body = NULL;
	gint64 archive;
	guint32 number;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	number = home_append(home, archive, "Filed", STORE_FLAG_FLAGGED);
	message = home_read(home, archive, number);
	g_assert_cmpstr(message->from, ==, "Bob <" SIMULATOR_OTHER ">");
	g_assert_cmpint(message->date, ==, 1772528400);
	body = store_account_get_body(home->account, archive, number);
	g_assert_nonnull(body);
	push(home);
	there = home_get(home, "archive", "Filed");
	g_assert_nonnull(there);
	g_assert_false(json_object_get_boolean_member(there, "isRead"));
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	home_check(home);
	g_assert_cmpuint(number_of(home, archive, "Filed"), ==, number);
	g_assert_cmpuint(number_of(home, FIND(home, DRAFTS), "Filed"), ==, 0);
	g_assert_cmphex(flags_of(home, archive, "Filed"), ==, STORE_FLAG_FLAGGED);
}

static void
test_lost_answer_of_an_append_makes_no_second_one(Home *home, gconstpointer data)
{
	gint64 archive;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	home_append(home, archive, "Filed", STORE_FLAG_READ);
	fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	push_fails(home, GRAPH_ERROR_UNCERTAIN);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	home_close(home);
	home_open(home);
	/* The page that shows it comes first. */
	store_account_sync_folder(home->account, archive, NULL, NULL);
	{
		g_autoptr(GArray) numbers = home_list(home, archive);

		g_assert_cmpuint(numbers->len, ==, 1);
	}
	g_assert_cmpuint(number_of(home, archive, "Filed"), ==, 1);
	push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "drafts", "Filed"), ==, 0);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	g_assert_cmpuint(number_of(home, archive, "Filed"), ==, 1);
}

static void
test_lost_answer_is_looked_for_at_once(Home *home, gconstpointer data)
{
	home_check(home);
	home_append(home, FIND(home, ARCHIVE), "Filed", STORE_FLAG_READ);
	fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	push(home);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "Filed"), ==, 0);
}

static void
test_refused_append_is_kept_here(Home *home, gconstpointer data)
{
	gint64 archive;
	guint32 number;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	number = home_append(home, archive, "Precious", STORE_FLAG_READ);
	fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}");
	push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	home_check(home);
	g_assert_cmpuint(number_of(home, archive, "Precious"), ==, number);
	{
		g_autofree char *body = store_account_get_body(home->account, archive, number);

		g_assert_nonnull(body);
	}
	delete (home, archive, number);
	g_assert_cmpuint(number_of(home, archive, "Precious"), ==, 0);
	push(home);
}

static void
test_autosaved_draft_that_goes_never_leaves(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint64 drafts;
	guint32 number = 0;

	home_check(home);
	drafts = FIND(home, DRAFTS);
	store_account_set_draft_delay(home->account, 3600);
	simulator_reset_log(home->simulator);
	for (guint i = 0; i < 5; i++) {
		if (number != 0)
			delete (home, drafts, number);
		number = home_append(home, drafts, "Draft", STORE_FLAG_READ);
		store_account_push(home->account, NULL, &error);
		g_assert_no_error(error);
	}
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	g_assert_cmpint(store_account_get_push_delay(home->account), >, 3000);
	store_account_flush(home->account, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "Draft"), ==, 1);
	home_check(home);
	g_assert_cmpuint(number_of(home, drafts, "Draft"), ==, number);
}

/* It does not rest until the day when it was made. */
static void
test_draft_of_tomorrow_goes(Home *home, gconstpointer data)
{
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	g_autoptr(StoreDb) db = NULL;
	g_autoptr(GError) error = NULL;

	home_check(home);
	store_account_set_draft_delay(home->account, 3600);
	home_append(home, FIND(home, DRAFTS), "Draft", STORE_FLAG_READ);
	db = store_db_open(path, NULL, &error);
	g_assert_true(store_db_run(db, &error, "UPDATE journal SET created = created + 86400", ""));
	g_assert_cmpint(store_account_get_push_delay(home->account), ==, 0);
	g_assert_true(store_account_push(home->account, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(home_count(home, "drafts", "Draft"), ==, 1);
}

static void
test_full_mailbox_holds_only_what_needs_room(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");

	home_check(home);
	home_append(home, FIND(home, ARCHIVE), "Large", STORE_FLAG_READ);
	delete (home, FIND(home, INBOX), 1);
	fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":507}");
	push_fails(home, GRAPH_ERROR_QUOTA);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 1);
	push(home);
	g_assert_cmpuint(home_count(home, "archive", "Large"), ==, 1);
}

static StoreFolder *
folder_of(Home *home, gint64 key)
{
	g_autoptr(GError) error = NULL;
	StoreFolder *folder = store_account_get_folder(home->account, key, &error);

	g_assert_no_error(error);
	return folder;
}

static void
test_folders_are_made_filled_and_moved(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreFolder) child = NULL;
	gint64 parent;
	gint64 key;

	home_check(home);
	parent = store_account_create_folder(home->account, 0, "Projects", &error);
	g_assert_no_error(error);
	key = store_account_create_folder(home->account, parent, "2026", &error);
	g_assert_no_error(error);
	g_assert_cmpint(store_account_create_folder(home->account, parent, "2026", &error), ==, 0);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_clear_error(&error);
	move(home, FIND(home, INBOX), 1, key);
	store_account_rename_folder(home->account, key, "Year 2026", &error);
	g_assert_no_error(error);
	fault(home, "{\"path\":\"mailFolders$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	child = folder_of(home, key);
	g_assert_nonnull(child->id);
	g_assert_cmpstr(child->name, ==, "Year 2026");
	g_assert_cmpint(child->parent, ==, parent);
	g_assert_cmpuint(home_count(home, "Projects/Year 2026", "Mail"), ==, 1);
	g_assert_cmpuint(number_of(home, key, "Mail"), ==, 1);

	store_account_move_folder(home->account, parent, key, &error);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_clear_error(&error);
	store_account_move_folder(home->account, key, 0, &error);
	g_assert_no_error(error);
	store_account_delete_folder(home->account, parent, &error);
	g_assert_no_error(error);
	push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "Year 2026", "Mail"), ==, 1);
	g_assert_cmpuint(number_of(home, key, "Mail"), ==, 1);
	store_folder_free(child);
	child = folder_of(home, parent);
	g_assert_cmpint(child->parent, ==, FIND(home, TRASH));

	/* A second one of the name in Deleted Items, then both for good. */
	parent = store_account_create_folder(home->account, 0, "Projects", &error);
	push(home);
	store_account_delete_folder(home->account, parent, &error);
	g_assert_no_error(error);
	push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	store_folder_free(child);
	child = folder_of(home, parent);
	g_assert_cmpstr(child->name, ==, "Projects (2)");
	store_account_delete_folder(home->account, parent, &error);
	g_assert_no_error(error);
	push(home);
	home_check(home);
	g_assert_null(store_account_get_folder(home->account, parent, NULL));
	g_assert_false(store_account_delete_folder(home->account, FIND(home, INBOX), &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
}

static void
test_refused_folder_goes_and_gives_back_its_mail(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 key;

	home_check(home);
	key = store_account_create_folder(home->account, 0, "Forbidden", NULL);
	move(home, FIND(home, INBOX), 1, key);
	fault(home, "{\"path\":\"mailFolders$\",\"method\":\"POST\",\"status\":403}");
	push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_null(store_account_get_folder(home->account, key, NULL));
	g_assert_cmpuint(number_of(home, FIND(home, INBOX), "Mail"), >, 1);
	home_check(home);
	g_assert_cmpuint(number_of(home, FIND(home, INBOX), "Mail"), >, 1);
}

static void
test_folder_deleted_elsewhere_takes_its_mail(Home *home, gconstpointer data)
{
	g_autofree char *folder = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Doomed", NULL);
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, folder, "Inside");
	g_autofree char *path = NULL;
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GError) error = NULL;
	JsonObject *nothing;
	gint64 key = 0;

	home_check(home);
	folders = store_account_list_folders(home->account, NULL);
	for (guint i = 0; i < folders->len; i++) {
		StoreFolder *one = g_ptr_array_index(folders, i);

		if (g_str_equal(one->name, "Doomed"))
			key = one->key;
	}
	g_assert_cmpint(key, !=, 0);
	home_append(home, key, "Only here", STORE_FLAG_READ);
	path = g_strdup_printf("/mailFolders/%s/permanentDelete", folder);
	nothing = graph_client_send(home->client, "POST", path, NULL, (const guint[]){204, 0}, NULL, &error);
	g_assert_no_error(error);
	json_object_unref(nothing);
	store_account_check(home->account, 0, TRUE, NULL, &error);
	g_clear_error(&error);
	home_check(home);
	g_assert_null(store_account_get_folder(home->account, key, NULL));
	g_assert_cmpuint(number_of(home, FIND(home, DRAFTS), "Only here"), !=, 0);
	g_assert_cmpuint(home_count(home, "drafts", "Only here"), ==, 1);
}

static void
test_one_change_that_always_fails_keeps_back_no_other(Home *home, gconstpointer data)
{
	g_autofree char *first = home_deliver(home, "inbox", "First");
	g_autofree char *second = home_deliver(home, "inbox", "Second");
	g_autofree char *escaped = NULL;
	g_autofree char *json = NULL;
	g_autoptr(JsonObject) message = NULL;

	home_check(home);
	escaped = g_uri_escape_string(first, NULL, FALSE);
	json = g_strdup_printf("[{\"method\":\"PATCH\",\"prefix\":\"/v1.0/me/messages/%s\",\"status\":500,\"count\":0},"
			       "{\"target\":\"part\",\"prefix\":\"/v1.0/me/messages/%s\",\"status\":500,\"count\":0}]",
			       escaped, escaped);
	fault(home, json);
	mark(home, FIND(home, INBOX), number_of(home, FIND(home, INBOX), "First"), STORE_FLAG_READ, 0);
	mark(home, FIND(home, INBOX), number_of(home, FIND(home, INBOX), "Second"), STORE_FLAG_READ, 0);
	push_fails(home, GRAPH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 1);
	message = home_get(home, "inbox", "Second");
	g_assert_true(json_object_get_boolean_member(message, "isRead"));

	simulator_clear_faults(home->simulator);
	push(home);
}

/* A run that was killed behind the move; and a service that refuses to move a message to where it is. */
static void
test_refused_move_of_what_is_there_is_done(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Moved");
	g_autoptr(GError) error = NULL;

	home_check(home);
	move(home, FIND(home, INBOX), number_of(home, FIND(home, INBOX), "Moved"), FIND(home, ARCHIVE));
	simulator_move(home->simulator, SIMULATOR_USER, id, "archive", &error);
	g_assert_no_error(error);
	fault(home, "{\"path\":\"/move$\",\"status\":400}");
	push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(number_of(home, FIND(home, ARCHIVE), "Moved"), !=, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/push/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("flags reach the server in one request", test_flags_reach_the_server_in_one_request);
	ADD("looking at new mail asks nothing", test_looking_at_new_mail_asks_nothing);
	ADD("answered and categories reach the server", test_answered_and_categories_reach_the_server);
	ADD("page does not turn a waiting change back", test_page_does_not_turn_a_waiting_change_back);
	ADD("refused change is undone and said", test_refused_change_is_undone_and_said);
	ADD("lasting conflict is given up", test_lasting_conflict_is_given_up);
	ADD("changes wait in order while the service is away", test_changes_wait_in_order_while_the_service_is_away);
	ADD("move there and back asks nothing", test_move_there_and_back_asks_nothing);
	ADD("deleted mail is gone", test_deleted_mail_is_gone);
	ADD("copy gets its message", test_copy_gets_its_message);
	ADD("lost answer of a copy makes no second one", test_lost_answer_of_a_copy_makes_no_second_one);
	ADD("copy and removal become a move", test_copy_and_removal_become_a_move);
	ADD("append reaches its folder", test_append_reaches_its_folder);
	ADD("lost answer of an append makes no second one", test_lost_answer_of_an_append_makes_no_second_one);
	ADD("lost answer is looked for at once", test_lost_answer_is_looked_for_at_once);
	ADD("refused append is kept here", test_refused_append_is_kept_here);
	ADD("autosaved draft that goes never leaves", test_autosaved_draft_that_goes_never_leaves);
	ADD("draft of tomorrow goes when the clock was set back", test_draft_of_tomorrow_goes);
	ADD("full mailbox holds only what needs room", test_full_mailbox_holds_only_what_needs_room);
	ADD("folders are made, filled and moved", test_folders_are_made_filled_and_moved);
	ADD("refused folder goes and gives back its mail", test_refused_folder_goes_and_gives_back_its_mail);
	ADD("folder deleted elsewhere takes its mail", test_folder_deleted_elsewhere_takes_its_mail);
	ADD("one change that always fails keeps back no other", test_one_change_that_always_fails_keeps_back_no_other);
	ADD("refused move of what is there is done", test_refused_move_of_what_is_there_is_done);
	return g_test_run();
}
