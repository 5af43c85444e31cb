/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "home.h"

#define FIND(home, role) store_account_find_role((home)->account, STORE_ROLE_##role)
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
	check(home, TRUE);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), <=, 4);
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
	return g_test_run();
}
