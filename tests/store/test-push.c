/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"
#include "store-push.h"

static void
test_flags_reach_the_server_in_one_request(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(JsonObject) message = NULL;
	gint64 inbox;

	home_check(home);
	inbox = FIND(home, INBOX);
	edits_mark(home, inbox, 1, STORE_FLAG_READ, 0);
	edits_mark(home, inbox, 1, STORE_FLAG_FLAGGED, 0);
	edits_mark(home, inbox, 1, STORE_FLAG_HIGH, 0);
	edits_mark(home, inbox, 99, STORE_FLAG_READ, 0);
	simulator_reset_log(home->simulator);
	edits_push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	message = home_get(home, "inbox", "Mail");
	g_assert_true(json_object_get_boolean_member(message, "isRead"));
	g_assert_cmpstr(json_object_get_string_member(message, "importance"), ==, "high");
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(message, "flag"), "flagStatus"), ==,
			"flagged");
	home_check(home);
	g_assert_cmphex(edits_flags_of(home, inbox, "Mail"), ==,
			STORE_FLAG_READ | STORE_FLAG_FLAGGED | STORE_FLAG_HIGH);
}

static void
test_looking_at_new_mail_asks_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id = NULL;

	home_check(home);
	id = home_deliver(home, "inbox", "Fresh");
	home_check(home);
	edits_mark(home, FIND(home, INBOX), 1, 0, STORE_FLAG_NEW);
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
	edits_mark(home, FIND(home, INBOX), 1, STORE_FLAG_ANSWERED, 0);
	store_account_set_categories(home->account, FIND(home, INBOX), 1, categories, &error);
	g_assert_no_error(error);
	edits_push(home);
	message = home_get(home, "inbox", "Mail");
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(message, "categories")), ==, 2);
	home_check(home);
	g_assert_true(edits_flags_of(home, FIND(home, INBOX), "Mail") & STORE_FLAG_ANSWERED);
}

static void
test_page_does_not_turn_a_waiting_change_back(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	g_autoptr(GError) error = NULL;
	gint64 inbox;

	home_check(home);
	inbox = FIND(home, INBOX);
	edits_mark(home, inbox, 1, STORE_FLAG_READ, 0);
	simulator_change(home->simulator, SIMULATOR_USER, id, "{\"importance\":\"low\",\"isRead\":false}", NULL);
	store_account_sync_folder(home->account, inbox, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmphex(edits_flags_of(home, inbox, "Mail"), ==, STORE_FLAG_READ | STORE_FLAG_LOW);
	home_close(home);
	home_open(home);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 1);
	edits_push(home);
	home_check(home);
	g_assert_cmphex(edits_flags_of(home, inbox, "Mail"), ==, STORE_FLAG_READ | STORE_FLAG_LOW);
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
	edits_mark(home, inbox, 1, STORE_FLAG_READ, 0);
	home_fault(home, "{\"method\":\"PATCH\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_nonnull(strstr(g_ptr_array_index(home->refused, 0), "Mail"));
	g_assert_cmphex(edits_flags_of(home, inbox, "Mail"), ==, 0);

	edits_move(home, inbox, 1, archive);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), ==, 0);
	home_fault(home, "{\"path\":\"/move$\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 2);
	g_assert_cmpuint(edits_number_of(home, archive, "Mail"), ==, 0);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), >, 1);

	edits_delete(home, inbox, edits_number_of(home, inbox, "Mail"));
	home_fault(home, "{\"path\":\"/permanentDelete$\",\"status\":403}");
	home_fault(home, "{\"method\":\"DELETE\",\"status\":403}");
	edits_push(home);
	simulator_clear_faults(home->simulator);
	home_check(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, edits_number_of(home, inbox, "Mail") != 0);
}

/* API.md 5.6: two writes at once; the same one again, but not for ever. */
static void
test_lasting_conflict_is_given_up(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	guint pushes = 0;

	home_check(home);
	edits_move(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "Mail"), FIND(home, ARCHIVE));
	home_fault(home, "{\"path\":\"/move$\",\"status\":409,\"count\":0,\"body\":{\"error\":{\"code\":\"conflict\","
			 "\"message\":\"no\"}}}");
	while (store_account_count_waiting(home->account) > 0 && pushes < 50) {
		store_account_push(home->account, NULL, NULL);
		pushes++;
	}
	g_assert_cmpuint(pushes, >, 2);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_cmpuint(edits_number_of(home, FIND(home, INBOX), "Mail"), !=, 0);
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
	edits_mark(home, inbox, 1, STORE_FLAG_READ, 0);
	edits_move(home, inbox, 1, trash);
	home_fault(home, "{\"method\":\"PATCH\",\"count\":1,\"status\":401}");
	home_fault(home, "{\"method\":\"PATCH\",\"count\":1,\"status\":401}");
	edits_push_fails(home, GRAPH_ERROR_UNAUTHORIZED);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 2);
	home_close(home);
	home_open(home);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", "Mail"), ==, 1);
	home_check(home);
	g_assert_cmphex(edits_flags_of(home, trash, "Mail"), ==, STORE_FLAG_READ);
	g_assert_cmpuint(edits_number_of(home, trash, "Mail"), ==, 1);
}

static void
test_move_there_and_back_asks_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox;
	guint32 number;

	home_check(home);
	inbox = FIND(home, INBOX);
	number = edits_move(home, inbox, 1, FIND(home, ARCHIVE));
	number = edits_move(home, FIND(home, ARCHIVE), number, inbox);
	g_assert_cmpuint(number, ==, 2);
	simulator_reset_log(home->simulator);
	edits_push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), ==, 2);
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
	number = edits_number_of(home, inbox, "Mail");
	edits_delete(home, inbox, number);
	edits_delete(home, inbox, number);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), ==, 0);
	/* Gone there, too, before we say so. */
	g_assert_true(simulator_delete(home->simulator, SIMULATOR_USER, other, NULL));
	edits_delete(home, inbox, edits_number_of(home, inbox, "Other"));
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), ==, 0);
}

static void
test_copy_gets_its_message(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	gint64 archive;
	guint32 number;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	number = edits_copy(home, FIND(home, INBOX), 1, archive);
	g_assert_cmpuint(edits_number_of(home, archive, "Mail"), ==, number);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, archive, "Mail"), ==, number);
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
	edits_copy(home, FIND(home, INBOX), 1, archive);
	home_fault(home, "{\"path\":\"/copy$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	edits_push_fails(home, GRAPH_ERROR_UNCERTAIN);
	home_close(home);
	home_open(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, archive, "Mail"), ==, 1);
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
	edits_mark(home, archive, g_array_index(copies, guint32, 0), STORE_FLAG_READ, 0);
	store_account_turn_copies_into_moves(home->account, inbox, numbers, archive, copies, &error);
	g_assert_no_error(error);
	simulator_reset_log(home->simulator);
	edits_push(home);
	g_assert_cmpuint(home_get_n_requests(home, "POST"), ==, 1);
	home_check(home);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
	message = home_find(home, archive, "Mail");
	g_assert_cmpstr(message->id, ==, id);
	g_assert_cmpuint(message->number, ==, g_array_index(copies, guint32, 0));
	g_assert_true(message->flags & STORE_FLAG_READ);
}

static GraphMessage *
make_nothing(StoreAccount *account, const char *place, gpointer n_calls, GCancellable *cancellable, GError **error)
{
	++*(guint *)n_calls;
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE, "not now");
	return NULL;
}

/* The host makes a copy a move when the worker has read its entry already. */
static void
test_copy_that_was_taken_back_is_not_made(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(StoreEntry) entry = NULL;
	g_autoptr(StoreRow) row = NULL;
	g_autoptr(GArray) numbers = home_numbers(1);
	g_autoptr(GArray) copies = NULL;
	g_autoptr(GError) error = NULL;
	guint n_calls = 0;

	home_check(home);
	copies = store_account_copy_messages(home->account, FIND(home, INBOX), numbers, FIND(home, ARCHIVE), &error);
	g_assert_no_error(error);
	entry = store_journal_get_next(home->account->worker, 0, NULL);
	row = store_messages_find(home->account->worker, entry->message, NULL);
	store_account_turn_copies_into_moves(home->account, FIND(home, INBOX), numbers, FIND(home, ARCHIVE), copies,
					     &error);
	g_assert_no_error(error);
	g_assert_cmpint(store_push_create(home->account, entry, row, "archive", make_nothing, &n_calls, NULL, &error),
			==, STORE_PUSH_DONE);
	g_assert_no_error(error);
	g_assert_cmpuint(n_calls, ==, 0);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", "Mail"), ==, 1);
}

/* The copy of a copy, when the original and the first copy go before any of it was sent. */
static void
test_copy_of_a_copy_outlives_both(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox, archive, trash;
	guint32 first, second;

	home_check(home);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	trash = FIND(home, TRASH);
	first = edits_copy(home, inbox, 1, archive);
	edits_delete(home, inbox, 1);
	second = edits_copy(home, archive, first, trash);
	edits_delete(home, archive, first);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, trash, "Mail"), ==, second);
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
	home_fault(home, json);
	edits_mark(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "First"), STORE_FLAG_READ, 0);
	edits_mark(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "Second"), STORE_FLAG_READ, 0);
	edits_push_fails(home, GRAPH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 1);
	message = home_get(home, "inbox", "Second");
	g_assert_true(json_object_get_boolean_member(message, "isRead"));

	simulator_clear_faults(home->simulator);
	edits_push(home);
}

/* The folder is not made at the first try: the original stays until the copy was made there. */
static void
test_original_waits_for_its_copy(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox, made;

	home_check(home);
	inbox = FIND(home, INBOX);
	made = store_account_create_folder(home->account, 0, "Made", NULL);
	edits_copy(home, inbox, 1, made);
	edits_delete(home, inbox, 1);
	home_fault(home, "{\"path\":\"/mailFolders$\",\"method\":\"POST\",\"status\":412}");
	edits_push_fails(home, GRAPH_ERROR_CONFLICT);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 3);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);

	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "Made", "Mail"), ==, 1);
}

/* The original of a copy that the server refuses is the only one, although it was deleted since. */
static void
test_original_of_a_refused_copy_stays(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox;

	home_check(home);
	inbox = FIND(home, INBOX);
	edits_copy(home, inbox, 1, FIND(home, ARCHIVE));
	edits_delete(home, inbox, 1);
	home_fault(home, "{\"path\":\"/copy$\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), !=, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, ARCHIVE), "Mail"), ==, 0);
	simulator_clear_faults(home->simulator);
	home_check(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
}

/* Its copy was removed, too, but is to be copied itself: what is left of the three is the original. */
static void
test_original_of_a_refused_copy_that_is_copied_stays(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 inbox, archive;
	guint32 first;

	home_check(home);
	inbox = FIND(home, INBOX);
	archive = FIND(home, ARCHIVE);
	first = edits_copy(home, inbox, 1, archive);
	edits_delete(home, inbox, 1);
	edits_copy(home, archive, first, FIND(home, TRASH));
	edits_delete(home, archive, first);
	home_fault(home, "{\"path\":\"/copy$\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 2);
	home_check(home);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, inbox, "Mail"), !=, 0);
}

/* A run that was killed behind the move; and a service that refuses to move a message to where it is. */
static void
test_refused_move_of_what_is_there_is_done(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Moved");
	g_autoptr(GError) error = NULL;

	home_check(home);
	edits_move(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "Moved"), FIND(home, ARCHIVE));
	simulator_move(home->simulator, SIMULATOR_USER, id, "archive", &error);
	g_assert_no_error(error);
	home_fault(home, "{\"path\":\"/move$\",\"status\":400}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, ARCHIVE), "Moved"), !=, 0);
}

static void
answer_move_with(Home *home, const char *id, gboolean work)
{
	g_autofree char *json =
		g_strdup_printf("{\"path\":\"/move$\",\"status\":201,\"work\":%s,\"body\":{\"id\":\"%s\"}}",
				work ? "true" : "false", id);

	home_fault(home, json);
}

/* API.md 5.6: without immutable ids; the folder of the new one may have been asked before. */
static void
test_moved_mail_with_another_id_is_there_once(Home *home, gconstpointer data)
{
	gint64 archive;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	for (guint known = 0; known < 2; known++) {
		const char *subject = known ? "Known" : "Unknown";
		g_autofree char *mail = home_write_mail(subject, known ? "<k@contoso.example>" : "<u@contoso.example>");
		g_autofree char *before = simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", mail, -1, NULL);
		g_autofree char *after = NULL;
		g_autoptr(StoreMessage) message = NULL;
		guint32 number;

		if (known)
			after = simulator_deliver(home->simulator, SIMULATOR_USER, "archive", mail, -1, NULL);
		home_check(home);
		number =
			edits_move(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), subject), archive);
		if (!known)
			after = simulator_deliver(home->simulator, SIMULATOR_USER, "archive", mail, -1, NULL);
		g_assert_true(simulator_delete(home->simulator, SIMULATOR_USER, before, NULL));
		answer_move_with(home, after, FALSE);
		edits_push(home);
		home_check(home);
		message = home_find(home, archive, subject);
		g_assert_nonnull(message);
		g_assert_cmpstr(message->id, ==, after);
		g_assert_cmpuint(message->number, ==, number);
	}
	g_assert_cmpuint(home->refused->len, ==, 0);
}

static void
test_move_answered_with_the_id_of_another_mail_takes_nothing_from_it(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Mail");
	g_autofree char *other_id = home_deliver(home, "archive", "Other");
	g_autoptr(StoreMessage) mail = NULL;
	g_autoptr(StoreMessage) other = NULL;
	gint64 archive;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	edits_move(home, FIND(home, INBOX), 1, archive);
	answer_move_with(home, other_id, TRUE);
	edits_push(home);
	home_check(home);
	mail = home_find(home, archive, "Mail");
	other = home_find(home, archive, "Other");
	g_assert_cmpstr(mail->id, ==, id);
	g_assert_cmpstr(other->id, ==, other_id);
	g_assert_cmpuint(home->refused->len, ==, 0);
}

/* A gateway that gave up says nothing of what became of the request. */
static void
test_move_that_timed_out_is_made_in_the_end(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "inbox", "Late");
	gint64 inbox;
	gint64 archive;

	home_check(home);
	inbox = store_account_find_role(home->account, STORE_ROLE_INBOX);
	archive = store_account_find_role(home->account, STORE_ROLE_ARCHIVE);
	graph_client_set_patience(home->client, 1, 60);
	edits_move(home, inbox, edits_number_of(home, inbox, "Late"), archive);
	home_fault(home, "{\"method\":\"POST\",\"path\":\"/move$\",\"status\":504,\"count\":20}");
	g_assert_false(store_account_push(home->account, NULL, NULL));
	g_assert_cmpuint(home_count(home, "inbox", "Late"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, archive, "Late"), >, 0);
	simulator_clear_faults(home->simulator);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", "Late"), ==, 1);
	g_assert_cmpuint(home_count(home, "inbox", "Late"), ==, 0);
	g_assert_cmpuint(home->refused->len, ==, 0);
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
	ADD("move that timed out is made in the end", test_move_that_timed_out_is_made_in_the_end);
	ADD("deleted mail is gone", test_deleted_mail_is_gone);
	ADD("copy gets its message", test_copy_gets_its_message);
	ADD("lost answer of a copy makes no second one", test_lost_answer_of_a_copy_makes_no_second_one);
	ADD("copy and removal become a move", test_copy_and_removal_become_a_move);
	ADD("copy that was taken back is not made", test_copy_that_was_taken_back_is_not_made);
	ADD("copy of a copy outlives both", test_copy_of_a_copy_outlives_both);
	ADD("one change that always fails keeps back no other", test_one_change_that_always_fails_keeps_back_no_other);
	ADD("original waits for its copy", test_original_waits_for_its_copy);
	ADD("original of a refused copy stays", test_original_of_a_refused_copy_stays);
	ADD("original of a refused copy that is copied stays", test_original_of_a_refused_copy_that_is_copied_stays);
	ADD("refused move of what is there is done", test_refused_move_of_what_is_there_is_done);
	ADD("moved mail with another id is there once", test_moved_mail_with_another_id_is_there_once);
	ADD("move answered with the id of another mail takes nothing from it",
	    test_move_answered_with_the_id_of_another_mail_takes_nothing_from_it);
	return g_test_run();
}
