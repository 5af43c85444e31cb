/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"
#include "store-account-private.h"
#include "store-db.h"
#include "store-folders.h"

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
	edits_push(home);
	there = home_get(home, "archive", "Filed");
	g_assert_nonnull(there);
	g_assert_false(json_object_get_boolean_member(there, "isRead"));
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, archive, "Filed"), ==, number);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Filed"), ==, 0);
	g_assert_cmphex(edits_flags_of(home, archive, "Filed"), ==, STORE_FLAG_FLAGGED);
}

static void
test_lost_answer_of_an_append_makes_no_second_one(Home *home, gconstpointer data)
{
	gint64 archive;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	home_append(home, archive, "Filed", STORE_FLAG_READ);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	edits_push_fails(home, GRAPH_ERROR_UNCERTAIN);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	home_close(home);
	home_open(home);
	/* The page that shows it comes first. */
	store_account_sync_folder(home->account, archive, NULL, NULL);
	{
		g_autoptr(GArray) numbers = home_list(home, archive);

		g_assert_cmpuint(numbers->len, ==, 1);
	}
	g_assert_cmpuint(edits_number_of(home, archive, "Filed"), ==, 1);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "drafts", "Filed"), ==, 0);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, archive, "Filed"), ==, 1);
}

static void
test_lost_answer_is_looked_for_at_once(Home *home, gconstpointer data)
{
	home_check(home);
	home_append(home, FIND(home, ARCHIVE), "Filed", STORE_FLAG_READ);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "Filed"), ==, 0);
}

/* Above what the service compares with (API.md 2.2). */
static char *
write_long(const char *subject)
{
	g_autofree char *name = g_strnfill(150, 'a');
	g_autofree char *message_id = g_strdup_printf("<%s-%s@contoso.example>", name, subject);

	return home_write_mail(subject, message_id);
}

static void
test_long_message_id_is_looked_for(Home *home, gconstpointer data)
{
	g_autofree char *filed = write_long("Filed");
	g_autofree char *original = write_long("Original");
	g_autofree char *other = write_long("Other");
	g_autofree char *here = NULL;
	g_autofree char *there = NULL;
	g_autoptr(GError) error = NULL;
	gint64 archive;

	here = simulator_deliver(home->simulator, SIMULATOR_USER, "inbox", original, -1, &error);
	g_assert_no_error(error);
	there = simulator_deliver(home->simulator, SIMULATOR_USER, "archive", other, -1, &error);
	g_assert_no_error(error);
	g_assert_true(here != NULL && there != NULL);
	home_check(home);
	archive = FIND(home, ARCHIVE);
	for (guint i = 0; i < 2; i++) {
		const char *subject = i == 0 ? "Filed" : "Original";

		if (i == 0)
			home_append_mail(home, archive, filed, STORE_FLAG_READ);
		else
			edits_copy(home, FIND(home, INBOX), 1, archive);
		home_fault(home, i == 0 ? "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\","
					  "\"when\":\"work\"}"
					: "{\"path\":\"/copy$\",\"kind\":\"close\",\"when\":\"work\"}");
		home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
		edits_push_fails(home, GRAPH_ERROR_UNCERTAIN);
		edits_push(home);
		g_assert_cmpuint(home->refused->len, ==, 0);
		g_assert_cmpuint(home_count(home, "archive", subject), ==, 1);
		home_check(home);
		g_assert_cmpuint(edits_number_of(home, archive, subject), !=, 0);
	}
}

/* Nobody knows yet whether it was made: it is neither refused nor made again. */
static void
test_look_that_fails_decides_nothing(Home *home, gconstpointer data)
{
	static const guint statuses[] = {400, 403, 404, 409, 507};
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Copied");
	gint64 archive;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	home_append(home, archive, "Filed", STORE_FLAG_READ);
	edits_copy(home, FIND(home, INBOX), 1, archive);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	edits_push_fails(home, GRAPH_ERROR_UNCERTAIN);
	home_fault(home, "{\"path\":\"/copy$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":400,\"count\":2}");
	edits_push_fails(home, GRAPH_ERROR_UNCERTAIN);
	g_assert_cmpuint(home_count(home, "archive", "Copied"), ==, 1);
	for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
		g_autofree char *fault = g_strdup_printf(
			"{\"path\":\"/messages$\",\"method\":\"GET\",\"count\":0,\"status\":%u}", statuses[i]);

		home_fault(home, fault);
		edits_push_fails(home, GRAPH_ERROR_PROTOCOL);
		simulator_clear_faults(home->simulator);
		g_assert_cmpuint(store_account_count_waiting(home->account), ==, 2);
	}
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "archive", "Filed"), ==, 1);
	g_assert_cmpuint(home_count(home, "archive", "Copied"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, archive, "Filed"), !=, 0);
	g_assert_cmpuint(edits_number_of(home, archive, "Copied"), !=, 0);
}

static void
test_refused_append_is_kept_here(Home *home, gconstpointer data)
{
	gint64 archive;
	guint32 number;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	number = home_append(home, archive, "Precious", STORE_FLAG_READ);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, archive, "Precious"), ==, number);
	{
		g_autofree char *body = store_account_get_body(home->account, archive, number);

		g_assert_nonnull(body);
	}
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	g_assert_cmpuint(store_account_count_only_here(home->account), ==, 1);
	edits_delete(home, archive, number);
	g_assert_cmpuint(edits_number_of(home, archive, "Precious"), ==, 0);
	g_assert_cmpuint(store_account_count_only_here(home->account), ==, 0);
	edits_push(home);
}

static void
tag(Home *home, gint64 folder, guint32 number)
{
	static const char *const red[] = {"Red", NULL};
	g_autoptr(GError) error = NULL;

	store_account_set_categories(home->account, folder, number, red, &error);
	g_assert_no_error(error);
}

static void
assert_tagged(Home *home, gint64 folder, guint32 number)
{
	g_autoptr(StoreMessage) message = home_read(home, folder, number);

	g_assert_nonnull(message);
	g_assert_cmpuint(g_strv_length(message->categories), ==, 1);
	g_assert_cmpstr(message->categories[0], ==, "Red");
}

static void
test_what_is_only_here_keeps_its_marks(Home *home, gconstpointer data)
{
	gint64 archive;
	guint32 number;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	number = home_append(home, archive, "Filed", STORE_FLAG_FLAGGED);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}");
	edits_push(home);
	tag(home, archive, number);
	edits_mark(home, archive, number, STORE_FLAG_READ, 0);
	edits_push(home);
	home_check(home);
	g_assert_cmphex(edits_flags_of(home, archive, "Filed"), ==, STORE_FLAG_FLAGGED | STORE_FLAG_READ);
	assert_tagged(home, archive, number);
}

/* Refused before, it is made where it outlives its folder, with all that it was given meanwhile. */
static void
test_what_outlives_its_folder_keeps_its_marks(Home *home, gconstpointer data)
{
	g_autofree char *folder = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Doomed", NULL);
	StoreFlags marks = STORE_FLAG_FLAGGED | STORE_FLAG_HIGH | STORE_FLAG_READ;
	g_autoptr(GError) error = NULL;
	gint64 doomed;
	guint32 number;

	home_check(home);
	doomed = store_folders_find_id(home->account->worker, folder);
	number = home_append(home, doomed, "Filed", STORE_FLAG_FLAGGED);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	tag(home, doomed, number);
	edits_mark(home, doomed, number, STORE_FLAG_HIGH | STORE_FLAG_READ, 0);
	simulator_remove_folder(home->simulator, SIMULATOR_USER, folder, &error);
	g_assert_no_error(error);
	home_check(home);
	g_assert_null(store_account_get_folder(home->account, doomed, NULL));
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_cmpuint(store_account_count_only_here(home->account), ==, 0);
	g_assert_cmpuint(home_count(home, "drafts", "Filed"), ==, 1);
	assert_tagged(home, FIND(home, DRAFTS), edits_number_of(home, FIND(home, DRAFTS), "Filed"));
	g_assert_cmphex(edits_flags_of(home, FIND(home, DRAFTS), "Filed"), ==, marks);
}

/* Neither the original of both, nor what waits for it, has what was changed in the first copy. */
static void
test_copy_of_a_copy_is_like_it(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 archive;
	gint64 junk;
	guint32 copy;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	junk = FIND(home, JUNK);
	copy = edits_copy(home, FIND(home, INBOX), 1, archive);
	tag(home, archive, copy);
	edits_mark(home, archive, copy, STORE_FLAG_FLAGGED, 0);
	copy = edits_copy(home, archive, copy, junk);
	edits_push(home);
	home_check(home);
	assert_tagged(home, junk, copy);
	g_assert_cmphex(edits_flags_of(home, junk, "Mail"), ==, STORE_FLAG_FLAGGED);
	g_assert_cmphex(edits_flags_of(home, FIND(home, INBOX), "Mail"), ==, 0);
}

static void
test_copy_of_what_waits_is_like_it(Home *home, gconstpointer data)
{
	gint64 archive;
	guint32 copy;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	tag(home, archive, home_append(home, archive, "Filed", STORE_FLAG_FLAGGED));
	copy = edits_copy(home, archive, 1, FIND(home, INBOX));
	edits_push(home);
	home_check(home);
	assert_tagged(home, FIND(home, INBOX), copy);
	g_assert_cmphex(edits_flags_of(home, FIND(home, INBOX), "Filed"), ==, STORE_FLAG_FLAGGED);
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
			edits_delete(home, drafts, number);
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
	g_assert_cmpuint(edits_number_of(home, drafts, "Draft"), ==, number);
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
	edits_delete(home, FIND(home, INBOX), 1);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":507}");
	edits_push_fails(home, GRAPH_ERROR_QUOTA);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 1);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", "Large"), ==, 1);
}

static void
push_into_full_mailbox(Home *home, guint uploads)
{
	simulator_reset_log(home->simulator);
	if (uploads > 0)
		edits_push_fails(home, GRAPH_ERROR_QUOTA);
	else
		g_assert_true(store_account_push(home->account, NULL, NULL));
	g_assert_cmpuint(home_get_n_requests(home, "POST"), ==, uploads);
}

/* Each of them would travel as a whole, for nothing. */
static void
test_full_mailbox_is_offered_one_mail_for_minutes(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(GError) error = NULL;
	gint64 archive;
	gint64 delay;

	home_check(home);
	archive = FIND(home, ARCHIVE);
	for (guint i = 0; i < 5; i++)
		home_append(home, archive, "Large", STORE_FLAG_READ);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":507,\"count\":0}");
	push_into_full_mailbox(home, 1);
	delay = store_account_get_push_delay(home->account);
	g_assert_cmpint(delay, >, 30);
	push_into_full_mailbox(home, 0);

	/* The program ends, and what it has is offered once more. */
	simulator_reset_log(home->simulator);
	g_assert_false(store_account_flush(home->account, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_QUOTA);
	g_assert_cmpuint(home_get_n_requests(home, "POST"), ==, 1);
	g_assert_cmpint(store_account_get_push_delay(home->account), >, delay);

	/* What is deleted makes room. */
	edits_delete(home, FIND(home, INBOX), 1);
	simulator_reset_log(home->simulator);
	g_assert_true(store_account_push(home->account, NULL, NULL));
	g_assert_cmpint(store_account_get_push_delay(home->account), ==, 0);
	push_into_full_mailbox(home, 1);
	simulator_clear_faults(home->simulator);
	push_into_full_mailbox(home, 0);
	home_close(home);
	home_open(home);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", "Large"), ==, 5);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/push-append/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("append reaches its folder", test_append_reaches_its_folder);
	ADD("lost answer of an append makes no second one", test_lost_answer_of_an_append_makes_no_second_one);
	ADD("lost answer is looked for at once", test_lost_answer_is_looked_for_at_once);
	ADD("long Message-ID is looked for by its beginning", test_long_message_id_is_looked_for);
	ADD("look that fails decides nothing", test_look_that_fails_decides_nothing);
	ADD("refused append is kept here", test_refused_append_is_kept_here);
	ADD("what is only here keeps its marks", test_what_is_only_here_keeps_its_marks);
	ADD("what outlives its folder keeps its marks", test_what_outlives_its_folder_keeps_its_marks);
	ADD("copy of a copy is like it", test_copy_of_a_copy_is_like_it);
	ADD("copy of what waits is like it", test_copy_of_what_waits_is_like_it);
	ADD("autosaved draft that goes never leaves", test_autosaved_draft_that_goes_never_leaves);
	ADD("draft of tomorrow goes when the clock was set back", test_draft_of_tomorrow_goes);
	ADD("full mailbox holds only what needs room", test_full_mailbox_holds_only_what_needs_room);
	ADD("full mailbox is offered one mail, for minutes", test_full_mailbox_is_offered_one_mail_for_minutes);
	return g_test_run();
}
