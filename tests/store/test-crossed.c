/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement.h"
#include "edits.h"

/* Answers that cross one another while another client changes the same message: what is here is what is there. */

#define FLAGGED "{\"flag\":{\"flagStatus\":\"flagged\"}}"
#define COMPLETE "{\"flag\":{\"flagStatus\":\"complete\"}}"
#define NOT_FLAGGED "{\"flag\":{\"flagStatus\":\"notFlagged\"}}"

/* The service does it, and its answer is on the way until it is released. */
#define ANSWER_WAITS(method, path) "{\"method\":\"" method "\",\"path\":\"" path "\",\"kind\":\"hang\",\"work\":true}"
/* It is asked, and does not look yet. */
#define REQUEST_WAITS(method, path) "{\"method\":\"" method "\",\"path\":\"" path "\",\"kind\":\"hang\"}"
#define BY_ID "/me/messages/[^/]+$"

static gpointer
run_push(gpointer data)
{
	edits_push(data);
	return NULL;
}

static void
sync_one(Home *home, gint64 folder)
{
	g_autoptr(GError) error = NULL;

	store_account_sync_folder(home->account, folder, NULL, &error);
	g_assert_no_error(error);
}

static gpointer
run_sync_inbox(gpointer data)
{
	sync_one(data, FIND((Home *)data, INBOX));
	return NULL;
}

static gpointer
run_sync_junk(gpointer data)
{
	sync_one(data, FIND((Home *)data, JUNK));
	return NULL;
}

static gpointer
run_check(gpointer data)
{
	Home *home = data;
	g_autoptr(GError) error = NULL;

	store_account_check(home->account, 0, FALSE, NULL, &error);
	g_assert_no_error(error);
	return NULL;
}

/* Until such a request, with the status that it has in the log, has arrived. */
static void
wait_for(Home *home, const char *line)
{
	while (simulator_count_requests(home->simulator, line) == 0)
		g_usleep(1000);
}

static void
they_change(Home *home, const char *id, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_change(home->simulator, SIMULATOR_USER, id, json, &error);
	g_assert_no_error(error);
}

static void
they_move(Home *home, const char *id, const char *folder)
{
	g_autoptr(GError) error = NULL;

	simulator_move(home->simulator, SIMULATOR_USER, id, folder, &error);
	g_assert_no_error(error);
}

static char *
begin(Home *home)
{
	char *id = home_deliver(home, "inbox", "Mail");

	home_check(home);
	simulator_reset_log(home->simulator);
	return id;
}

/* Until @fault holds up its request, which the log has as @line. */
static GThread *
start(Home *home, GThreadFunc run, const char *fault, const char *line)
{
	GThread *thread;

	home_fault(home, fault);
	thread = g_thread_new("crossed", run, home);
	wait_for(home, line);
	return thread;
}

static void
release(Home *home, GThread *thread)
{
	simulator_release(home->simulator);
	g_thread_join(thread);
}

static void
assert_flag(Home *home, StoreFlags flag)
{
	g_assert_cmphex(edits_flags_of(home, FIND(home, INBOX), "Mail"), ==, flag);
}

static void
assert_agreed(Home *home)
{
	g_autofree char *difference = agreement_find_difference(home, NULL);

	g_assert_cmpstr(difference, ==, NULL);
}

/* ---- a page that was asked for before our change had its answer, and was taken after it ---- */

static void
test_page_that_is_newer_than_our_change(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	thread = start(home, run_sync_inbox, REQUEST_WAITS("GET", "delta$"), "GET *delta 0");
	edits_mark(home, FIND(home, INBOX), 1, STORE_FLAG_FLAGGED, 0);
	edits_push(home);
	they_change(home, id, COMPLETE);
	release(home, thread);
	assert_flag(home, STORE_FLAG_COMPLETE);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 1);
	assert_agreed(home);
}

static void
test_page_that_agrees_with_our_change_costs_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = begin(home);
	GThread *thread;

	thread = start(home, run_sync_inbox, REQUEST_WAITS("GET", "delta$"), "GET *delta 0");
	edits_mark(home, FIND(home, INBOX), 1, STORE_FLAG_FLAGGED, 0);
	edits_push(home);
	release(home, thread);
	assert_flag(home, STORE_FLAG_FLAGGED);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 0);
	assert_agreed(home);
}

static void
test_page_that_is_newer_than_our_move(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	thread = start(home, run_sync_junk, REQUEST_WAITS("GET", "delta$"), "GET *delta 0");
	edits_move(home, FIND(home, INBOX), 1, FIND(home, ARCHIVE));
	edits_push(home);
	they_move(home, id, "junkemail");
	release(home, thread);
	g_assert_cmpuint(edits_number_of(home, FIND(home, JUNK), "Mail"), !=, 0);
	sync_one(home, FIND(home, ARCHIVE));
	sync_one(home, FIND(home, INBOX));
	assert_agreed(home);
}

/* It came back, and then it went for good. */
static void
test_page_on_which_what_we_moved_is_gone(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	they_move(home, id, "junkemail");
	home_check(home);
	they_move(home, id, "inbox");
	sync_one(home, FIND(home, INBOX));
	simulator_reset_log(home->simulator);
	thread = start(home, run_sync_junk, REQUEST_WAITS("GET", "delta$"), "GET *delta 0");
	edits_move(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "Mail"), FIND(home, JUNK));
	edits_push(home);
	g_assert_true(simulator_delete(home->simulator, SIMULATOR_USER, id, NULL));
	release(home, thread);
	g_assert_cmpuint(edits_number_of(home, FIND(home, JUNK), "Mail"), ==, 0);
	home_check(home);
	assert_agreed(home);
}

/* ---- pages of two folders --------------------------------------------------------------- */

/* From there it moved on, and the page of the other folder is here first. */
static void
test_page_that_is_older_than_that_of_another_folder(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	they_change(home, id, "{\"importance\":\"low\"}");
	thread = start(home, run_sync_inbox, ANSWER_WAITS("GET", "delta$"), "GET *delta 200");
	they_change(home, id, "{\"importance\":\"high\"}");
	they_move(home, id, "archive");
	sync_one(home, FIND(home, ARCHIVE));
	release(home, thread);
	g_assert_cmphex(edits_flags_of(home, FIND(home, ARCHIVE), "Mail"), ==, STORE_FLAG_HIGH);
	assert_agreed(home);
}

/* ---- a page that is applied before our change has its answer ---------------------------- */

static void
test_answer_to_our_change_that_is_older_than_a_page(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	edits_mark(home, FIND(home, INBOX), 1, STORE_FLAG_FLAGGED, 0);
	thread = start(home, run_push, ANSWER_WAITS("PATCH", BY_ID), "PATCH * 200");
	they_change(home, id, COMPLETE);
	sync_one(home, FIND(home, INBOX));
	release(home, thread);
	assert_flag(home, STORE_FLAG_COMPLETE);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 1);
	assert_agreed(home);
}

static void
test_answer_to_our_change_that_a_page_bears_out_costs_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = begin(home);
	GThread *thread;

	edits_mark(home, FIND(home, INBOX), 1, STORE_FLAG_FLAGGED, 0);
	thread = start(home, run_push, ANSWER_WAITS("PATCH", BY_ID), "PATCH * 200");
	sync_one(home, FIND(home, INBOX));
	release(home, thread);
	assert_flag(home, STORE_FLAG_FLAGGED);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 0);
	assert_agreed(home);
}

static void
test_categories_that_are_older_than_a_page(Home *home, gconstpointer data)
{
	static const char *const ours[] = {"Ours", NULL};
	g_autofree char *id = begin(home);
	g_autoptr(GError) error = NULL;
	GThread *thread;

	store_account_set_categories(home->account, FIND(home, INBOX), 1, ours, &error);
	g_assert_no_error(error);
	thread = start(home, run_push, ANSWER_WAITS("PATCH", BY_ID), "PATCH * 200");
	they_change(home, id, "{\"categories\":[\"Theirs\"]}");
	sync_one(home, FIND(home, INBOX));
	release(home, thread);
	assert_agreed(home);
}

static void
test_answer_to_our_move_that_is_older_than_a_page(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	edits_move(home, FIND(home, INBOX), 1, FIND(home, ARCHIVE));
	thread = start(home, run_push, ANSWER_WAITS("POST", "/move$"), "POST */move 201");
	they_move(home, id, "junkemail");
	sync_one(home, FIND(home, JUNK));
	release(home, thread);
	g_assert_cmpuint(edits_number_of(home, FIND(home, JUNK), "Mail"), !=, 0);
	sync_one(home, FIND(home, INBOX));
	sync_one(home, FIND(home, ARCHIVE));
	assert_agreed(home);
}

/* Several are asked for together. */
static void
test_answers_of_a_batch_that_are_older_than_a_page(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	g_autofree char *second = home_deliver(home, "inbox", "Second");
	g_autofree char *third G_GNUC_UNUSED = home_deliver(home, "inbox", "Third");
	GThread *thread;

	home_check(home);
	for (guint32 number = 1; number <= 3; number++)
		edits_mark(home, FIND(home, INBOX), number, STORE_FLAG_FLAGGED, 0);
	simulator_reset_log(home->simulator);
	thread = start(home, run_push, ANSWER_WAITS("POST", "batch$"), "POST *batch 200");
	they_change(home, id, COMPLETE);
	they_change(home, second, NOT_FLAGGED);
	sync_one(home, FIND(home, INBOX));
	release(home, thread);
	assert_flag(home, STORE_FLAG_COMPLETE);
	g_assert_cmphex(edits_flags_of(home, FIND(home, INBOX), "Second"), ==, 0);
	g_assert_cmphex(edits_flags_of(home, FIND(home, INBOX), "Third"), ==, STORE_FLAG_FLAGGED);
	g_assert_cmpuint(home_get_n_requests(home, "POST"), ==, 2);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 0);
	assert_agreed(home);
}

/* ---- a message that is asked for by its id ---------------------------------------------- */

/* Leaves it in doubt, with the request that would tell on its way. */
static GThread *
ask(Home *home, const char *id, const char *fault)
{
	GThread *thread;

	edits_mark(home, FIND(home, INBOX), 1, STORE_FLAG_FLAGGED, 0);
	thread = start(home, run_push, ANSWER_WAITS("PATCH", BY_ID), "PATCH * 200");
	they_change(home, id, COMPLETE);
	sync_one(home, FIND(home, INBOX));
	home_fault(home, fault);
	simulator_release(home->simulator);
	return thread;
}

static void
test_answer_that_is_older_than_a_page_is_asked_for_again(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread = ask(home, id, ANSWER_WAITS("GET", BY_ID));

	wait_for(home, "GET /v1.0/me/messages/* 200");
	they_change(home, id, NOT_FLAGGED);
	sync_one(home, FIND(home, INBOX));
	release(home, thread);
	assert_flag(home, 0);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 2);
	assert_agreed(home);
}

static void
test_what_could_not_be_asked_for_stays_in_doubt(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);

	graph_client_set_patience(home->client, 1, 1);
	g_thread_join(ask(home, id, "{\"method\":\"GET\",\"path\":\"" BY_ID "\",\"status\":503,\"count\":0}"));
	assert_flag(home, STORE_FLAG_FLAGGED);
	simulator_clear_faults(home->simulator);
	home_check(home);
	assert_flag(home, STORE_FLAG_COMPLETE);
	assert_agreed(home);
}

/* It was in the archive, and is nowhere: the page that says so says it once. */
static void
test_what_is_looked_for_and_goes_meanwhile_is_not_brought_back(Home *home, gconstpointer data)
{
	g_autofree char *id = begin(home);
	GThread *thread;

	they_move(home, id, "archive");
	edits_lose_changes(home, "archive", FIND(home, ARCHIVE));
	sync_one(home, FIND(home, INBOX));
	g_assert_cmpuint(edits_number_of(home, FIND(home, INBOX), "Mail"), ==, 0);

	simulator_reset_log(home->simulator);
	thread = start(home, run_check, ANSWER_WAITS("GET", BY_ID), "GET /v1.0/me/messages/* 200");
	g_assert_true(simulator_delete(home->simulator, SIMULATOR_USER, id, NULL));
	sync_one(home, FIND(home, ARCHIVE));
	release(home, thread);
	g_assert_cmpuint(edits_number_of(home, FIND(home, ARCHIVE), "Mail"), ==, 0);
	assert_agreed(home);
	home_check(home);
	assert_agreed(home);
}

#define ADD(path, test) g_test_add("/store/crossed/" path, Home, NULL, home_set_up, test, home_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("page that is newer than our change", test_page_that_is_newer_than_our_change);
	ADD("page that agrees with our change costs nothing", test_page_that_agrees_with_our_change_costs_nothing);
	ADD("page that is newer than our move", test_page_that_is_newer_than_our_move);
	ADD("page on which what we moved is gone", test_page_on_which_what_we_moved_is_gone);
	ADD("page that is older than that of another folder", test_page_that_is_older_than_that_of_another_folder);
	ADD("answer to our change that is older than a page", test_answer_to_our_change_that_is_older_than_a_page);
	ADD("answer to our change that a page bears out costs nothing",
	    test_answer_to_our_change_that_a_page_bears_out_costs_nothing);
	ADD("categories that are older than a page", test_categories_that_are_older_than_a_page);
	ADD("answer to our move that is older than a page", test_answer_to_our_move_that_is_older_than_a_page);
	ADD("answers of a batch that are older than a page", test_answers_of_a_batch_that_are_older_than_a_page);
	ADD("answer that is older than a page is asked for again",
	    test_answer_that_is_older_than_a_page_is_asked_for_again);
	ADD("what could not be asked for stays in doubt", test_what_could_not_be_asked_for_stays_in_doubt);
	ADD("what is looked for and goes meanwhile is not brought back",
	    test_what_is_looked_for_and_goes_meanwhile_is_not_brought_back);
	return g_test_run();
}
