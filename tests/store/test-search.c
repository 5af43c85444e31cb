/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-error.h"
#include "home.h"
#include "store-search.h"

#define INBOX(home) store_account_find_role((home)->account, STORE_ROLE_INBOX)

static StoreFound *
search(Home *home, gint64 folder, StoreSearchScope scope, const char *text)
{
	g_autoptr(GError) error = NULL;
	StoreFound *found = store_account_search(home->account, folder, scope, text, NULL, &error);

	g_assert_no_error(error);
	return found;
}

static gboolean
is_found(Home *home, gint64 folder, const StoreFound *found, const char *subject)
{
	g_autoptr(StoreMessage) message = home_find(home, folder, subject);

	g_assert_nonnull(message);
	return g_hash_table_contains(found->numbers, GUINT_TO_POINTER(message->number));
}

static void
assert_nothing_refused(Home *home)
{
	g_auto(GStrv) refusals = simulator_get_refusals(home->simulator);
	g_autofree char *text = g_strjoinv("\n", refusals);

	g_assert_cmpstr(text, ==, "");
}

static void
test_what_only_the_server_has_is_found(Home *home, gconstpointer data)
{
	g_autofree char *one = home_deliver(home, "inbox", "Marmalade");
	g_autofree char *other = home_deliver(home, "inbox", "Butter");
	g_autofree char *elsewhere = home_deliver(home, "archive", "Marmalade abroad");
	g_autoptr(StoreFound) found = NULL;

	home_check(home);
	simulator_reset_log(home->simulator);
	found = search(home, INBOX(home), STORE_SEARCH_BODY, "Marmalade");
	g_assert_true(found->exact);
	g_assert_false(found->limited);
	g_assert_cmpuint(g_hash_table_size(found->numbers), ==, 1);
	g_assert_true(is_found(home, INBOX(home), found, "Marmalade"));
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	assert_nothing_refused(home);
}

static void
test_the_sender_belongs_to_the_whole_message(Home *home, gconstpointer data)
{
	g_autofree char *one = home_deliver(home, "inbox", "Letter");
	g_autoptr(StoreFound) body = NULL;
	g_autoptr(StoreFound) message = NULL;

	home_check(home);
	body = search(home, INBOX(home), STORE_SEARCH_BODY, "bob");
	g_assert_cmpuint(g_hash_table_size(body->numbers), ==, 0);
	message = search(home, INBOX(home), STORE_SEARCH_MESSAGE, "bob");
	g_assert_cmpuint(g_hash_table_size(message->numbers), ==, 1);
}

/* Anything that a person types is taken for words; where there are none, the server cannot help. */
static void
test_any_text_can_be_looked_for(Home *home, gconstpointer data)
{
	static const char *const texts[] = {
		"\"Letter\"",	 "letter OR x",	  "subject:letter",	    "(letter",
		"50% & more #1", "back\\slash\\", "a+b=c?$filter=x&$top=1", "O'Brien's",
		"Grüße 日本語",
	};
	g_autofree char *one = home_deliver(home, "inbox", "Letter");
	g_autoptr(StoreFound) nothing = NULL;

	home_check(home);
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(StoreFound) found = search(home, INBOX(home), STORE_SEARCH_MESSAGE, texts[i]);

		g_assert_nonnull(found->numbers);
		g_assert_false(found->exact);
	}
	assert_nothing_refused(home);
	nothing = search(home, INBOX(home), STORE_SEARCH_MESSAGE, "?!");
	g_assert_null(nothing->numbers);
}

/* The server does not know yet that it was moved. */
static void
test_what_was_moved_here_is_found_where_it_was(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *one = home_deliver(home, "inbox", "Wanderer");
	g_autofree char *other = home_deliver(home, "inbox", "Wanderer stays");
	g_autoptr(StoreMessage) message = NULL;
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) moved = NULL;
	g_autoptr(StoreFound) here = NULL;
	g_autoptr(StoreFound) there = NULL;
	gint64 archive;

	home_check(home);
	archive = store_account_find_role(home->account, STORE_ROLE_ARCHIVE);
	message = home_find(home, INBOX(home), "Wanderer");
	numbers = home_numbers(message->number);
	moved = store_account_move_messages(home->account, INBOX(home), numbers, archive, &error);
	g_assert_no_error(error);
	there = search(home, archive, STORE_SEARCH_BODY, "wanderer");
	g_assert_cmpuint(g_hash_table_size(there->numbers), ==, 1);
	g_assert_true(is_found(home, archive, there, "Wanderer"));
	here = search(home, INBOX(home), STORE_SEARCH_BODY, "wanderer");
	g_assert_cmpuint(g_hash_table_size(here->numbers), ==, 1);
	g_assert_true(is_found(home, INBOX(home), here, "Wanderer stays"));
}

static void
test_the_limit_is_told(Home *home, gconstpointer data)
{
	g_autoptr(StoreFound) found = NULL;
	g_autoptr(StoreFound) few = NULL;

	simulator_fill(home->simulator, SIMULATOR_USER, "inbox", 1100);
	home_check(home);
	found = search(home, INBOX(home), STORE_SEARCH_MESSAGE, "report");
	g_assert_true(found->limited);
	g_assert_cmpuint(g_hash_table_size(found->numbers), ==, 1000);
	few = search(home, INBOX(home), STORE_SEARCH_MESSAGE, "1099");
	g_assert_false(few->limited);
	g_assert_cmpuint(g_hash_table_size(few->numbers), ==, 1);
}

static void
test_a_folder_of_our_own_has_nothing_there(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreFound) found = NULL;
	gint64 folder;

	home_check(home);
	folder = store_account_create_folder(home->account, 0, "New", &error);
	g_assert_no_error(error);
	simulator_reset_log(home->simulator);
	found = search(home, folder, STORE_SEARCH_BODY, "x");
	g_assert_cmpuint(g_hash_table_size(found->numbers), ==, 0);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
}

static void
test_trouble_is_an_error(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreFound) found = NULL;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();

	home_check(home);
	simulator_add_fault(home->simulator, "{\"path\":\"messages$\",\"status\":403,\"count\":1}", &error);
	g_assert_no_error(error);
	found = store_account_search(home->account, INBOX(home), STORE_SEARCH_BODY, "x", NULL, &error);
	g_assert_null(found);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
	g_clear_error(&error);
	g_cancellable_cancel(cancellable);
	found = store_account_search(home->account, INBOX(home), STORE_SEARCH_BODY, "x", cancellable, &error);
	g_assert_null(found);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/search/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("what only the server has is found", test_what_only_the_server_has_is_found);
	ADD("the sender belongs to the whole message", test_the_sender_belongs_to_the_whole_message);
	ADD("any text can be looked for", test_any_text_can_be_looked_for);
	ADD("what was moved here is found where it was", test_what_was_moved_here_is_found_where_it_was);
	ADD("the limit is told", test_the_limit_is_told);
	ADD("a folder of our own has nothing there", test_a_folder_of_our_own_has_nothing_there);
	ADD("trouble is an error", test_trouble_is_an_error);
	return g_test_run();
}
