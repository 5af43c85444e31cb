/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"

/* Changes of many messages: they travel together, and each has its own outcome. */

static void
fill(Home *home, guint n)
{
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", n);
	home_check(home);
	simulator_reset_log(home->simulator);
}

static void
mark(Home *home, gint64 folder, GArray *numbers, StoreFlags set, StoreFlags clear)
{
	g_autoptr(GError) error = NULL;

	store_account_change_flags(home->account, folder, numbers, set, clear, &error);
	g_assert_no_error(error);
}

static GArray *
move(Home *home, gint64 folder, GArray *numbers, gint64 destination)
{
	g_autoptr(GError) error = NULL;
	GArray *moved = store_account_move_messages(home->account, folder, numbers, destination, &error);

	g_assert_no_error(error);
	return moved;
}

static GArray *
copy(Home *home, gint64 folder, GArray *numbers, gint64 destination)
{
	g_autoptr(GError) error = NULL;
	GArray *copies = store_account_copy_messages(home->account, folder, numbers, destination, &error);

	g_assert_no_error(error);
	return copies;
}

static void
delete_all(Home *home, gint64 folder, GArray *numbers)
{
	g_autoptr(GError) error = NULL;

	store_account_delete_messages(home->account, folder, numbers, &error);
	g_assert_no_error(error);
}

static guint
count_flagged(Home *home, const char *folder)
{
	g_autoptr(JsonArray) messages = home_dump(home, folder);
	guint n = 0;

	for (guint i = 0; i < json_array_get_length(messages); i++) {
		JsonObject *message = json_array_get_object_element(messages, i);
		JsonObject *flag = json_object_get_object_member(message, "flag");

		n += g_str_equal(json_object_get_string_member(flag, "flagStatus"), "flagged");
	}
	return n;
}

/* DESIGN: 500 messages in 25 requests. */
static void
test_five_hundred_take_twenty_five_requests(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) moved = NULL;
	gint64 inbox;
	gint64 archive;

	fill(home, 500);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	numbers = home_list(home, inbox);
	g_assert_cmpuint(numbers->len, ==, 500);
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	edits_push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 25);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 500);

	simulator_reset_log(home->simulator);
	moved = move(home, inbox, numbers, archive);
	edits_push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 25);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 500);

	simulator_reset_log(home->simulator);
	delete_all(home, archive, moved);
	edits_push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 25);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 0);
	g_assert_cmpuint(home->refused->len, ==, 0);
	home_check(home);
}

/* The parts of one message keep their order, though they are not in one request. */
static void
test_changes_of_one_message_keep_their_order(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) moved = NULL;
	gint64 inbox;
	gint64 archive;
	gint64 made;

	fill(home, 30);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	made = store_account_create_folder(home->account, archive, "Made", NULL);
	numbers = home_list(home, inbox);
	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GArray) one = home_numbers(g_array_index(numbers, guint32, i));

		mark(home, inbox, one, STORE_FLAG_FLAGGED, 0);
		g_array_unref(move(home, inbox, one, made));
	}
	moved = home_list(home, made);
	g_array_unref(copy(home, made, moved, archive));
	mark(home, made, moved, 0, STORE_FLAG_FLAGGED);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "Archive/Made", NULL), ==, 30);
	g_assert_cmpuint(count_flagged(home, "Archive/Made"), ==, 0);
	g_assert_cmpuint(count_flagged(home, "archive"), ==, 30);

	/* A folder, two of marks, moves, copies each, and marks again. */
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 9);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
}

static void
test_each_part_has_its_own_outcome(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	gint64 inbox;

	fill(home, 20);
	inbox = FIND(home, INBOX);
	numbers = home_list(home, inbox);
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	home_fault(home, "{\"target\":\"part\",\"nth\":3,\"status\":403}");
	home_fault(home, "{\"target\":\"part\",\"nth\":6,\"status\":404}");
	home_fault(home, "{\"target\":\"part\",\"nth\":9,\"status\":412}");
	home_fault(home, "{\"target\":\"part\",\"nth\":12,\"status\":500}");
	home_fault(home, "{\"target\":\"part\",\"nth\":15,\"status\":507}");
	home_fault(home, "{\"target\":\"part\",\"nth\":17,\"status\":424}");

	/* Only what was refused, and what there is no room for, is undone, and said; what a look finds is tried again.
	 */
	store_account_push(home->account, NULL, NULL);
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 2);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 18);
	simulator_clear_faults(home->simulator);
	home_check(home);
}

static void
test_only_parts_that_were_told_to_wait_go_again(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	gint64 inbox;
	gint64 begun;

	fill(home, 10);
	inbox = FIND(home, INBOX);
	numbers = home_list(home, inbox);
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	home_fault(home, "{\"target\":\"part\",\"nth\":10,\"status\":429,\"headers\":{\"Retry-After\":\"1\"}}");
	begun = g_get_monotonic_time();
	edits_push(home);
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, G_USEC_PER_SEC);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 2);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 10);
}

static void
test_lost_answer_of_many_copies_makes_none_twice(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) copies = NULL;
	gint64 inbox;
	gint64 archive;

	fill(home, 8);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	numbers = home_list(home, inbox);
	copies = copy(home, inbox, numbers, archive);
	home_fault(home, "{\"path\":\"batch$\",\"kind\":\"close\",\"when\":\"work\"}");
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 8);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 8);
	{
		g_autoptr(GArray) there = home_list(home, archive);

		g_assert_cmpuint(there->len, ==, 8);
		g_assert_cmpmem(there->data, 8 * sizeof(guint32), copies->data, 8 * sizeof(guint32));
	}
}

static void
test_copy_that_the_answer_leaves_out_is_looked_for(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	gint64 inbox;
	gint64 archive;

	fill(home, 6);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	numbers = home_list(home, inbox);
	g_array_unref(copy(home, inbox, numbers, archive));
	home_fault(home, "{\"target\":\"part\",\"nth\":2,\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"target\":\"part\",\"nth\":4,\"kind\":\"status\",\"work\":true,\"status\":504}");
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 6);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 6);
}

static void
test_service_without_batches_gets_one_after_the_other(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	gint64 inbox;

	fill(home, 30);
	inbox = FIND(home, INBOX);
	numbers = home_list(home, inbox);
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	home_fault(home, "{\"path\":\"batch$\",\"status\":403,\"count\":0}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 30);
}

static void
test_what_is_deleted_elsewhere_keeps_back_nothing(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(JsonArray) messages = NULL;
	gint64 inbox;

	fill(home, 12);
	inbox = FIND(home, INBOX);
	numbers = home_list(home, inbox);
	messages = home_dump(home, "inbox");
	for (guint i = 0; i < 6; i++) {
		JsonObject *message = json_array_get_object_element(messages, i * 2);

		simulator_delete(home->simulator, SIMULATOR_USER, json_object_get_string_member(message, "id"), NULL);
	}
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 6);
	home_check(home);
}

static void
test_there_and_back_is_nothing(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	gint64 inbox;

	fill(home, 5);
	inbox = FIND(home, INBOX);
	numbers = home_list(home, inbox);
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 5);
	mark(home, inbox, numbers, 0, STORE_FLAG_FLAGGED);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);

	/* But not when the first may be at the server already. */
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	home_fault(home, "{\"path\":\"batch$\",\"status\":401,\"count\":2,\"work\":true}");
	g_assert_false(store_account_push(home->account, NULL, NULL));
	simulator_clear_faults(home->simulator);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 5);
	mark(home, inbox, numbers, 0, STORE_FLAG_FLAGGED);
	edits_push(home);
	g_assert_cmpuint(count_flagged(home, "inbox"), ==, 0);
}

static void
on_progress(StoreAccount *account, const char *text, guint done, guint total, gpointer data)
{
	GString *seen = data;

	if (text != NULL)
		g_string_append_printf(seen, "%u/%u ", done, total);
	else
		g_string_append(seen, "idle ");
}

static void
test_progress_is_told(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GString) seen = g_string_new(NULL);
	gint64 inbox;

	fill(home, 100);
	inbox = FIND(home, INBOX);
	numbers = home_list(home, inbox);
	mark(home, inbox, numbers, STORE_FLAG_FLAGGED, 0);
	g_signal_connect(home->account, "progress", G_CALLBACK(on_progress), seen);
	edits_push(home);
	g_assert_cmpstr(seen->str, ==, "0/100 60/100 idle ");

	/* It does not stay on the screen when nothing came of it. */
	g_string_truncate(seen, 0);
	mark(home, inbox, numbers, 0, STORE_FLAG_FLAGGED);
	home_fault(home, "{\"path\":\"batch$\",\"status\":401,\"count\":0}");
	g_assert_false(store_account_push(home->account, NULL, NULL));
	g_assert_cmpstr(seen->str, ==, "0/100 idle ");
	g_signal_handlers_disconnect_by_data(home->account, seen);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/batches/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("five hundred take twenty-five requests", test_five_hundred_take_twenty_five_requests);
	ADD("changes of one message keep their order", test_changes_of_one_message_keep_their_order);
	ADD("each part has its own outcome", test_each_part_has_its_own_outcome);
	ADD("only parts that were told to wait go again", test_only_parts_that_were_told_to_wait_go_again);
	ADD("lost answer of many copies makes none twice", test_lost_answer_of_many_copies_makes_none_twice);
	ADD("copy that the answer leaves out is looked for", test_copy_that_the_answer_leaves_out_is_looked_for);
	ADD("service without batches gets one after the other", test_service_without_batches_gets_one_after_the_other);
	ADD("what is deleted elsewhere keeps back nothing", test_what_is_deleted_elsewhere_keeps_back_nothing);
	ADD("there and back is nothing", test_there_and_back_is_nothing);
	ADD("progress is told", test_progress_is_told);
	return g_test_run();
}
