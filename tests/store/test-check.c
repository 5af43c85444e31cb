/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"
#include "store-account-private.h"
#include "store-folders.h"

#define FOLDERS 50

static void
make_folders(Home *home, guint n, const char *parent)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("Folder %u", i);
		g_autofree char *id = simulator_create_folder(home->simulator, SIMULATOR_USER, parent, name, NULL);
		g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, id, name);

		g_assert_nonnull(id);
	}
}

static void
check(Home *home, gboolean thorough)
{
	g_autoptr(GError) error = NULL;

	simulator_reset_log(home->simulator);
	store_account_check(home->account, FIND(home, ARCHIVE), thorough, NULL, &error);
	g_assert_no_error(error);
}

static gint64
find_folder(Home *home, const char *name)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(home->account, NULL);

	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *folder = g_ptr_array_index(folders, i);

		if (g_str_equal(folder->name, name))
			return folder->key;
	}
	g_assert_not_reached();
}

/* CHECKED 3: one list, and the delta links of the Inbox and the open folder. */
static void
test_quiet_check_of_fifty_folders_takes_two_requests(Home *home, gconstpointer data)
{
	make_folders(home, FOLDERS, NULL);
	home_check(home);
	check(home, FALSE);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 2);
	check(home, TRUE);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 4);
}

static void
test_levels_are_listed_together(Home *home, gconstpointer data)
{
	make_folders(home, 12, NULL);
	for (guint i = 0; i < 12; i++) {
		g_autofree char *parent = g_strdup_printf("Folder %u", i);

		make_folders(home, 3, parent);
	}
	home_check(home);
	check(home, FALSE);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 3);
}

static void
test_counters_are_a_hint_and_links_the_proof(Home *home, gconstpointer data)
{
	g_autofree char *id = NULL;
	g_autofree char *another G_GNUC_UNUSED = NULL;
	gint64 key;

	make_folders(home, 5, NULL);
	home_check(home);
	id = home_deliver(home, "Folder 3", "Counted");
	check(home, FALSE);
	key = find_folder(home, "Folder 3");
	{
		g_autoptr(StoreMessage) message = home_find(home, key, "Counted");

		g_assert_nonnull(message);
	}

	/* One went, one came: no counter tells, the link does. */
	g_assert_true(simulator_move(home->simulator, SIMULATOR_USER, id, "archive", NULL));
	another = home_deliver(home, "Folder 3", "Silent");
	check(home, FALSE);
	check(home, TRUE);
	{
		g_autoptr(StoreMessage) gone = home_find(home, key, "Counted");
		g_autoptr(StoreMessage) moved = home_find(home, FIND(home, ARCHIVE), "Counted");
		g_autoptr(StoreMessage) silent = home_find(home, key, "Silent");

		g_assert_null(gone);
		g_assert_nonnull(moved);
		g_assert_nonnull(silent);
	}
	check(home, TRUE);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 3);
}

static void
test_links_that_die_are_noticed_in_a_crowd(Home *home, gconstpointer data)
{
	gint64 key;

	make_folders(home, 30, NULL);
	home_check(home);
	key = find_folder(home, "Folder 7");
	simulator_expire_links(home->simulator);
	check(home, TRUE);
	{
		g_autoptr(StoreMessage) message = home_find(home, key, "Folder 7");

		g_assert_nonnull(message);
		g_assert_cmpuint(message->number, ==, 1);
	}
	check(home, FALSE);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 2);
}

/* The parts that fail are asked by themselves, and nothing else waits for them. */
static void
test_parts_that_fail_are_asked_again(Home *home, gconstpointer data)
{
	make_folders(home, 10, NULL);
	home_check(home);
	simulator_add_fault(home->simulator,
			    "[{\"target\":\"part\",\"path\":\"delta\",\"nth\":4,\"status\":500},"
			    "{\"target\":\"part\",\"path\":\"delta\",\"nth\":6,\"status\":404},"
			    "{\"target\":\"part\",\"path\":\"delta\",\"nth\":8,\"kind\":\"close\"}]",
			    NULL);
	check(home, TRUE);
	simulator_add_fault(home->simulator, "{\"path\":\"batch$\",\"status\":403,\"count\":0}", NULL);
	check(home, TRUE);
}

static void
test_what_delta_lost_the_list_tells(Home *home, gconstpointer data)
{
	g_autofree char *kept G_GNUC_UNUSED = home_deliver(home, "inbox", "Kept");
	g_autofree char *doomed = home_deliver(home, "inbox", "Doomed");
	g_autofree char *wandering = home_deliver(home, "inbox", "Wandering");
	g_autofree char *missed G_GNUC_UNUSED = NULL;
	g_autoptr(StoreMessage) message = NULL;
	g_autoptr(StoreMessage) found = NULL;
	gint64 inbox;
	guint32 number;

	home_check(home);
	inbox = FIND(home, INBOX);
	message = home_find(home, inbox, "Kept");
	number = message->number;
	missed = home_deliver(home, "inbox", "Missed");
	g_assert_true(simulator_delete(home->simulator, SIMULATOR_USER, doomed, NULL));
	g_assert_true(simulator_move(home->simulator, SIMULATOR_USER, wandering, "archive", NULL));
	edits_lose_changes(home, "inbox", inbox);
	check(home, TRUE);
	found = home_find(home, inbox, "Missed");
	g_assert_null(found);

	store_account_set_reconcile_interval(home->account, 0);
	check(home, TRUE);
	found = home_find(home, inbox, "Missed");
	g_assert_nonnull(found);
	g_clear_pointer(&found, store_message_free);
	found = home_find(home, inbox, "Doomed");
	g_assert_null(found);
	found = home_find(home, FIND(home, ARCHIVE), "Wandering");
	g_assert_nonnull(found);
	g_clear_pointer(&found, store_message_free);
	found = home_find(home, inbox, "Wandering");
	g_assert_null(found);
	found = home_find(home, inbox, "Kept");
	g_assert_cmpuint(found->number, ==, number);
}

static gint64
get_generation(Home *home, gint64 folder)
{
	return store_db_get_integer(home->account->worker, 0, NULL, "SELECT generation FROM folders WHERE key = ?", "l",
				    folder);
}

static void
test_much_that_delta_lost_is_listed_anew(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;

	home_check(home);
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 60);
	edits_lose_changes(home, "inbox", FIND(home, INBOX));
	store_account_set_reconcile_interval(home->account, 0);
	check(home, TRUE);
	store_account_set_reconcile_interval(home->account, 3600);
	check(home, TRUE);
	numbers = home_list(home, FIND(home, INBOX));
	g_assert_cmpuint(numbers->len, ==, 60);

	/* Once more soon after such a round, then not for an interval. */
	check(home, TRUE);
	check(home, TRUE);
	g_assert_cmpuint(home_get_n_requests(home, "GET"), ==, 1);
}

/* What is listed, and delta never tells: one round of it an interval is enough. */
static void
test_a_list_that_never_agrees_is_not_followed_without_end(Home *home, gconstpointer data)
{
	g_autoptr(GString) fault = g_string_new(NULL);
	gint64 inbox;
	gint64 generation;

	home_check(home);
	inbox = FIND(home, INBOX);
	generation = get_generation(home, inbox);
	g_string_append(fault, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":200,\"count\":0,"
			       "\"body\":{\"value\":[{\"id\":\"x\"}");
	for (guint i = 0; i < 25; i++)
		g_string_append_printf(fault, ",{\"id\":\"x%u\"}", i);
	g_string_append(fault, "]}}");
	home_fault(home, fault->str);
	home_fault(home, "{\"prefix\":\"/v1.0/me/messages/x\",\"status\":404,\"count\":0}");
	store_account_set_reconcile_interval(home->account, 0);
	check(home, TRUE);
	g_assert_cmpint(get_generation(home, inbox), ==, generation + 1);
	store_account_set_reconcile_interval(home->account, 3600);
	for (guint i = 0; i < 12; i++)
		check(home, TRUE);
	g_assert_cmpint(get_generation(home, inbox), ==, generation + 1);
}

static void
lose_one(Home *home, const char *subject)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", subject);

	edits_lose_changes(home, "inbox", FIND(home, INBOX));
}

/* The first check hears of the counter, the second one that it stays so. */
static void
test_one_that_delta_lost_the_counter_tells(Home *home, gconstpointer data)
{
	gint64 inbox;

	home_check(home);
	inbox = FIND(home, INBOX);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *subject = g_strdup_printf("Lost %u", i);
		g_autoptr(StoreMessage) missed = NULL;
		g_autoptr(StoreMessage) found = NULL;

		lose_one(home, subject);
		check(home, TRUE);
		missed = home_find(home, inbox, subject);
		g_assert_null(missed);
		check(home, TRUE);
		found = home_find(home, inbox, subject);
		g_assert_nonnull(found);
	}
	check(home, TRUE);
	g_assert_cmpuint(home_get_n_requests(home, "GET"), ==, 1);
}

/* It counts what the list has not: one list for each number by which they differ. */
static void
test_a_counter_that_never_agrees_is_not_followed_without_end(Home *home, gconstpointer data)
{
	home_check(home);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":200,\"count\":0,"
			 "\"body\":{\"value\":[]}}");
	for (guint i = 0; i < 2; i++) {
		guint lists = 0;

		lose_one(home, "Counted");
		check(home, TRUE);
		for (guint j = 0; j < 5; j++) {
			check(home, TRUE);
			lists += home_get_n_requests(home, "GET") - 1; /* but the folders */
		}
		g_assert_cmpuint(lists, ==, 1);
	}
}

#define CROWD 25
#define THRONG 310 /* more than are asked for in a round */

/* Another client does it. @destination %NULL: they are deleted. */
static void
move_all(Home *home, const char *folder, const char *destination)
{
	g_autoptr(JsonArray) messages = home_dump(home, folder);

	for (guint i = 0; i < json_array_get_length(messages); i++) {
		const char *id = json_object_get_string_member(json_array_get_object_element(messages, i), "id");

		g_assert_true(destination != NULL
				      ? simulator_move(home->simulator, SIMULATOR_USER, id, destination, NULL)
				      : simulator_delete(home->simulator, SIMULATOR_USER, id, NULL));
	}
}

/* CHECKED 4c. It is asked for by its id, many at once, and is not taken for new mail later. */
static void
test_a_crowd_that_no_folder_tells_of_keeps_its_bodies(Home *home, gconstpointer data)
{
	g_autofree char *read G_GNUC_UNUSED = home_deliver(home, "inbox", "Read");
	g_autoptr(StoreMessage) message = NULL;
	g_autoptr(GArray) numbers = NULL;
	g_autofree char *body = NULL;
	g_autofree char *path = NULL;
	gint64 archive;

	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", CROWD - 1);
	home_check(home);
	message = home_find(home, FIND(home, INBOX), "Read");
	body = store_account_fetch_body(home->account, FIND(home, INBOX), message->number, NULL, NULL);
	move_all(home, "inbox", "archive");
	archive = FIND(home, ARCHIVE);
	edits_lose_changes(home, "archive", archive);
	home->arrived = 0;
	check(home, TRUE);
	numbers = home_list(home, archive);
	g_assert_cmpuint(numbers->len, ==, CROWD);
	path = store_account_get_body(home->account, archive, edits_number_of(home, archive, "Read"));
	g_assert_nonnull(body);
	g_assert_cmpstr(path, ==, body);
	g_assert_cmpuint(home->arrived, ==, 0);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 0);
}

static gint64
count_astray(Home *home)
{
	return store_db_get_integer(home->account->worker, 0, NULL,
				    "SELECT count(*) FROM messages WHERE server_folder IS NULL", "");
}

/* What is not found is given up, and what was not asked for is not. */
static void
test_a_throng_that_is_gone_is_given_up_over_some_rounds(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;

	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", THRONG);
	home_check(home);
	move_all(home, "inbox", NULL);
	check(home, TRUE);
	numbers = home_list(home, FIND(home, INBOX));
	g_assert_cmpuint(numbers->len, ==, 0);
	g_assert_cmpint(count_astray(home), >, 0);
	g_assert_cmpint(count_astray(home), <, THRONG);
	check(home, TRUE);
	g_assert_cmpint(count_astray(home), ==, 0);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 0);
}

/* CHECKED 4b: what is in its folder still, the list of it tells, so that nobody misses it for some rounds. */
static void
test_a_throng_that_came_back_is_found_at_once(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;

	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", THRONG);
	home_check(home);
	move_all(home, "inbox", "archive");
	move_all(home, "archive", "inbox");
	check(home, TRUE);
	numbers = home_list(home, FIND(home, INBOX));
	g_assert_cmpuint(numbers->len, ==, THRONG);
}

/* A service without batches: some of them by themselves, the others wait. */
static void
test_a_crowd_is_found_without_batches(Home *home, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;

	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", CROWD);
	home_check(home);
	move_all(home, "inbox", "archive");
	edits_lose_changes(home, "archive", FIND(home, ARCHIVE));
	home_fault(home, "{\"path\":\"batch$\",\"status\":501,\"count\":0}");
	home->arrived = 0;
	check(home, TRUE);
	check(home, TRUE);
	numbers = home_list(home, FIND(home, ARCHIVE));
	g_assert_cmpuint(numbers->len, ==, CROWD);
	g_assert_cmpuint(home->arrived, ==, 0);
}

/* Whatever the gateway in front of the service thinks of it. */
static void
test_a_batch_that_is_not_there_says_nothing_of_mails(Home *home, gconstpointer data)
{
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", CROWD);
	home_check(home);
	move_all(home, "inbox", "archive");
	edits_lose_changes(home, "archive", FIND(home, ARCHIVE));
	home_fault(home, "{\"path\":\"batch$\",\"status\":404,\"count\":0}");
	check(home, TRUE);
	g_assert_cmpint(store_db_get_integer(home->account->worker, 0, NULL, "SELECT count(*) FROM messages", ""), ==,
			CROWD);
}

static guint
count_questions(Home *home, const char *id)
{
	g_autofree char *escaped = g_uri_escape_string(id, NULL, FALSE);
	g_autofree char *start = g_strdup_printf("GET /v1.0/me/mailFolders/%s ", escaped);

	return home_get_n_requests(home, start);
}

static gboolean
is_shown(Home *home, const char *name)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(home->account, NULL);
	gboolean shown = FALSE;

	for (guint i = 0; i < folders->len; i++)
		shown |= g_str_equal(((const StoreFolder *)g_ptr_array_index(folders, i))->name, name);
	return shown;
}

/* With its mail, its numbers and its bodies. */
static void
test_a_folder_that_one_list_leaves_out_stays(Home *home, gconstpointer data)
{
	g_autofree char *id = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Kept", NULL);
	g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, id, "Mail");
	g_autoptr(StoreFolder) inbox = NULL;
	g_autofree char *list = NULL;
	g_autofree char *body = NULL;
	g_autofree char *path = NULL;
	guint32 number;
	gint64 key;

	home_check(home);
	key = find_folder(home, "Kept");
	number = edits_number_of(home, key, "Mail");
	body = store_account_fetch_body(home->account, key, number, NULL, NULL);
	inbox = store_account_get_folder(home->account, FIND(home, INBOX), NULL);
	list = g_strdup_printf("{\"path\":\"/mailFolders$\",\"status\":200,\"body\":{\"value\":[{\"id\":\"%s\","
			       "\"displayName\":\"Inbox\",\"childFolderCount\":0,\"unreadItemCount\":0,"
			       "\"totalItemCount\":0,\"isHidden\":false}]}}",
			       inbox->id);
	home_fault(home, list);
	check(home, TRUE);
	g_assert_cmpuint(count_questions(home, id), ==, 1);
	g_assert_cmpint(find_folder(home, "Kept"), ==, key);
	g_assert_cmpuint(edits_number_of(home, key, "Mail"), ==, number);
	path = store_account_get_body(home->account, key, number);
	g_assert_cmpstr(path, ==, body);
	check(home, TRUE);
	g_assert_cmpuint(count_questions(home, id), ==, 0);
}

static void
test_a_folder_is_gone_when_it_is_not_found_by_itself(Home *home, gconstpointer data)
{
	g_autofree char *id = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Gone", NULL);
	g_autofree char *path = g_strdup_printf("/mailFolders/%s/permanentDelete", id);
	static const guint done[] = {204, 0};
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;

	home_check(home);
	answer = graph_client_send(home->client, "POST", path, NULL, done, NULL, &error);
	g_assert_no_error(error);
	home_fault(home, "{\"path\":\"/mailFolders/[^/]+$\",\"method\":\"GET\",\"status\":403}");
	store_account_check(home->account, 0, FALSE, NULL, NULL);
	g_assert_true(is_shown(home, "Gone"));
	check(home, FALSE);
	g_assert_cmpuint(count_questions(home, id), ==, 1);
	g_assert_false(is_shown(home, "Gone"));
	check(home, FALSE);
	g_assert_cmpuint(count_questions(home, id), ==, 0);
}

static guint
count_sized(Home *home, gint64 folder)
{
	g_autoptr(GPtrArray) messages = store_account_list_messages(home->account, folder, NULL, NULL);
	guint sized = 0;

	for (guint i = 0; i < messages->len; i++)
		sized += ((StoreMessage *)g_ptr_array_index(messages, i))->size > 0;
	return sized;
}

#define GRANTED 100

/* CHECKED 2b: the first page is served, and a later one never is. */
static void
fill_where_later_pages_fail(Home *home, guint status)
{
	graph_client_set_patience(home->client, 1, 60);
	simulator_set_page_limit(home->simulator, GRANTED);
	simulator_set_expanded_links(home->simulator, status);
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 250);
	simulator_fill(home->simulator, SIMULATOR_USER, "archive", 150);
	check(home, TRUE);
	g_assert_cmpuint(count_sized(home, FIND(home, INBOX)), ==, 250);
	g_assert_cmpuint(count_sized(home, FIND(home, ARCHIVE)), ==, 150);
	/* And at once, in another run as well. */
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 150);
	home_close(home);
	home_open(home);
	check(home, TRUE);
	g_assert_cmpuint(count_sized(home, FIND(home, INBOX)), ==, 400);
}

static void
test_folder_fills_where_later_pages_fail(Home *home, gconstpointer data)
{
	fill_where_later_pages_fail(home, 500);
}

static void
test_folder_fills_where_later_pages_are_refused(Home *home, gconstpointer data)
{
	fill_where_later_pages_fail(home, 400);
}

static void
begin_expanded(Home *home, StoreRole role, const char *name)
{
	g_autoptr(GError) error = NULL;

	store_folders_start_over(home->account->worker, store_account_find_role(home->account, role), &error);
	g_assert_no_error(error);
	simulator_fill(home->simulator, SIMULATOR_USER, name, 150);
	home_fault(home, "{\"path\":\"messages/delta$\",\"skip\":1,\"status\":500,\"count\":0}");
	store_account_sync_folder(home->account, store_account_find_role(home->account, role), NULL, &error);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	simulator_clear_faults(home->simulator);
}

/* The first one gives the expansion up for all; the link of the other is older. */
static void
test_two_folders_fill_that_were_begun_expanded(Home *home, gconstpointer data)
{
	graph_client_set_patience(home->client, 1, 60);
	home_check(home);
	simulator_set_page_limit(home->simulator, GRANTED / 2);
	begin_expanded(home, STORE_ROLE_INBOX, "inbox");
	begin_expanded(home, STORE_ROLE_ARCHIVE, "archive");
	simulator_set_expanded_links(home->simulator, 500);
	check(home, TRUE);
	g_assert_cmpuint(count_sized(home, FIND(home, INBOX)), ==, 150);
	g_assert_cmpuint(count_sized(home, FIND(home, ARCHIVE)), ==, 150);
}

/* Pages were made smaller for nothing. */
static void
test_pages_are_large_again_without_expansion(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	graph_client_set_patience(home->client, 1, 60);
	home_check(home);
	simulator_set_page_limit(home->simulator, GRANTED);
	simulator_set_expanded_links(home->simulator, 500);
	store_folders_start_over(home->account->worker, FIND(home, INBOX), &error);
	g_assert_no_error(error);
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 150);
	store_account_sync_folder(home->account, FIND(home, INBOX), NULL, &error);
	g_assert_no_error(error);
	store_folders_start_over(home->account->worker, FIND(home, INBOX), &error);
	simulator_reset_log(home->simulator);
	store_account_sync_folder(home->account, FIND(home, INBOX), NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 2);
}

/* The round goes on where it stopped. */
static void
test_trouble_with_all_pages_starts_nothing_over(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	graph_client_set_patience(home->client, 1, 60);
	home_check(home);
	simulator_set_page_limit(home->simulator, GRANTED / 2);
	store_folders_start_over(home->account->worker, FIND(home, INBOX), &error);
	g_assert_no_error(error);
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 150);
	home_fault(home, "{\"path\":\"messages/delta$\",\"skip\":1,\"status\":500,\"count\":0}");
	store_account_sync_folder(home->account, FIND(home, INBOX), NULL, &error);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	g_clear_error(&error);
	simulator_clear_faults(home->simulator);
	simulator_reset_log(home->simulator);
	store_account_sync_folder(home->account, FIND(home, INBOX), NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 2);
	g_assert_cmpuint(count_sized(home, FIND(home, INBOX)), ==, 150);
}

/* Pages of messages that were served. */
static guint
count_served(Home *home)
{
	return simulator_count_requests(home->simulator, "*/messages/delta 200");
}

static void
sync_fails(Home *home, gint64 folder)
{
	g_autoptr(GError) error = NULL;

	store_account_sync_folder(home->account, folder, NULL, &error);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
}

/* Whatever it is that the service fails on, it is not asked for all that came before again and again. */
static void
test_folder_is_begun_anew_once(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint64 inbox;

	graph_client_set_patience(home->client, 1, 60);
	home_check(home);
	inbox = FIND(home, INBOX);
	simulator_set_page_limit(home->simulator, GRANTED / 2);
	store_folders_start_over(home->account->worker, inbox, &error);
	g_assert_no_error(error);
	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 150);
	home_fault(home, "{\"path\":\"messages/delta$\",\"option\":\"$skiptoken\",\"status\":500,\"count\":0}");
	simulator_reset_log(home->simulator);
	sync_fails(home, inbox);
	g_assert_cmpuint(count_served(home), ==, 3);
	simulator_reset_log(home->simulator);
	sync_fails(home, inbox);
	g_assert_cmpuint(count_served(home), ==, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/check/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("quiet check of fifty folders takes two requests", test_quiet_check_of_fifty_folders_takes_two_requests);
	ADD("levels are listed together", test_levels_are_listed_together);
	ADD("counters are a hint and links the proof", test_counters_are_a_hint_and_links_the_proof);
	ADD("links that die are noticed in a crowd", test_links_that_die_are_noticed_in_a_crowd);
	ADD("parts that fail are asked again", test_parts_that_fail_are_asked_again);
	ADD("a folder that one list leaves out stays", test_a_folder_that_one_list_leaves_out_stays);
	ADD("a folder is gone when it is not found by itself", test_a_folder_is_gone_when_it_is_not_found_by_itself);
	ADD("a crowd that no folder tells of keeps its bodies", test_a_crowd_that_no_folder_tells_of_keeps_its_bodies);
	ADD("a throng that is gone is given up over some rounds",
	    test_a_throng_that_is_gone_is_given_up_over_some_rounds);
	ADD("a throng that came back is found at once", test_a_throng_that_came_back_is_found_at_once);
	ADD("a crowd is found without batches", test_a_crowd_is_found_without_batches);
	ADD("a batch that is not there says nothing of mails", test_a_batch_that_is_not_there_says_nothing_of_mails);
	ADD("what delta lost, the list tells", test_what_delta_lost_the_list_tells);
	ADD("much that delta lost is listed anew", test_much_that_delta_lost_is_listed_anew);
	ADD("a list that never agrees is not followed without end",
	    test_a_list_that_never_agrees_is_not_followed_without_end);
	ADD("one that delta lost, the counter tells", test_one_that_delta_lost_the_counter_tells);
	ADD("a counter that never agrees is not followed without end",
	    test_a_counter_that_never_agrees_is_not_followed_without_end);
	ADD("folder fills where later pages fail", test_folder_fills_where_later_pages_fail);
	ADD("folder fills where later pages are refused", test_folder_fills_where_later_pages_are_refused);
	ADD("two folders fill that were begun expanded", test_two_folders_fill_that_were_begun_expanded);
	ADD("pages are large again without expansion", test_pages_are_large_again_without_expansion);
	ADD("folder is begun anew once", test_folder_is_begun_anew_once);
	ADD("trouble with all pages starts nothing over", test_trouble_with_all_pages_starts_nothing_over);
	return g_test_run();
}
