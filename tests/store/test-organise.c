/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include "home.h"

static StoreFolder *
find_folder(Home *home, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) folders = store_account_list_folders(home->account, &error);

	g_assert_no_error(error);
	for (guint i = 0; i < folders->len; i++) {
		StoreFolder *folder = g_ptr_array_index(folders, i);

		if (g_str_equal(folder->name, name))
			return g_ptr_array_steal_index(folders, i);
	}
	return NULL;
}

/* The mailbox of the tenant is another one, whose folders have German names. */
static void
make_german(Home *home)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("mailbox-XXXXXX", &error);
	g_autofree char *notes = g_build_filename(directory, ".mailbox", NULL);

	g_file_set_contents(notes, "[mailbox]\nname=Alice\nlanguage=de-DE\n", -1, &error);
	g_assert_no_error(error);
	simulator_remove_mailbox(home->simulator, SIMULATOR_USER);
	simulator_add_mailbox(home->simulator, SIMULATOR_USER, directory, &error);
	g_assert_no_error(error);
	g_unlink(notes);
	g_rmdir(directory);
}

static void
test_roles_follow_the_well_known_names_in_any_language(Home *home, gconstpointer data)
{
	static const struct {
		const char *name;
		StoreRole role;
	} expected[] = {
		{"Posteingang", STORE_ROLE_INBOX},	 {"Entwürfe", STORE_ROLE_DRAFTS},
		{"Gesendete Elemente", STORE_ROLE_SENT}, {"Gelöschte Elemente", STORE_ROLE_TRASH},
		{"Junk-E-Mail", STORE_ROLE_JUNK},	 {"Archiv", STORE_ROLE_ARCHIVE},
		{"Postausgang", STORE_ROLE_NONE},
	};
	g_autofree char *decoy = NULL;

	make_german(home);
	/* A name means nothing. */
	decoy = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Inbox", NULL);
	home_check(home);
	for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
		g_autoptr(StoreFolder) folder = find_folder(home, expected[i].name);

		g_assert_nonnull(folder);
		g_assert_cmpint(folder->role, ==, expected[i].role);
		if (expected[i].role != STORE_ROLE_NONE)
			g_assert_cmpint(store_account_find_role(home->account, expected[i].role), ==, folder->key);
	}
	{
		g_autoptr(StoreFolder) folder = find_folder(home, "Inbox");

		g_assert_cmpint(folder->role, ==, STORE_ROLE_NONE);
	}
}

static void
test_hidden_and_search_folders_stay_hidden(Home *home, gconstpointer data)
{
	static const char *const hidden[] = {"PersonMetadata", "Weekly digests", "Recoverable Items Deletions",
					     "Finder"};

	home_check(home);
	for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
		g_autoptr(StoreFolder) folder = find_folder(home, hidden[i]);

		g_assert_null(folder);
	}
}

/* To Deleted Items with all that is in it; from there for good, or back to where somebody wants it. */
static void
test_a_deleted_folder_can_come_back_and_go_for_good(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *outer = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Outer", NULL);
	g_autofree char *inner = simulator_create_folder(home->simulator, SIMULATOR_USER, outer, "Inner", NULL);
	g_autofree char *id = home_deliver(home, inner, "Deep");
	g_autoptr(StoreFolder) folder = NULL;
	gint64 trash;

	home_check(home);
	trash = store_account_find_role(home->account, STORE_ROLE_TRASH);
	folder = find_folder(home, "Outer");
	g_assert_true(store_account_delete_folder(home->account, folder->key, &error));
	g_assert_true(store_account_push(home->account, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(home_count(home, "Deleted Items/Outer/Inner", "Deep"), ==, 1);

	g_assert_true(store_account_move_folder(home->account, folder->key, 0, &error));
	g_assert_true(store_account_push(home->account, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(home_count(home, "Outer/Inner", "Deep"), ==, 1);

	g_assert_true(store_account_delete_folder(home->account, folder->key, &error));
	g_assert_true(store_account_delete_folder(home->account, folder->key, &error));
	g_assert_true(store_account_push(home->account, NULL, &error));
	g_assert_no_error(error);
	home_check(home);
	store_folder_free(folder);
	folder = find_folder(home, "Outer");
	g_assert_null(folder);
	{
		g_autoptr(StoreFolder) below = find_folder(home, "Inner");
		g_autoptr(StoreFolder) trash_folder = store_account_get_folder(home->account, trash, NULL);

		g_assert_null(below);
		g_assert_nonnull(trash_folder);
	}
}

static void
assert_due(Home *home, const char *status)
{
	g_autoptr(JsonObject) there = home_get(home, "inbox", "Due");
	JsonObject *flag = json_object_get_object_member(there, "flag");

	g_assert_cmpstr(json_object_get_string_member(flag, "flagStatus"), ==, status);
	g_assert_true(json_object_has_member(flag, "dueDateTime"));
	g_assert_true(json_object_has_member(flag, "startDateTime"));
}

static void
change_flags_and_push(Home *home, gint64 folder, GArray *numbers, StoreFlags set)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_account_change_flags(home->account, folder, numbers, set, 0, &error));
	g_assert_true(store_account_push(home->account, NULL, &error));
	g_assert_no_error(error);
}

/* CHECKED 23: the due date is part of the flag, and another client's. */
static void
test_a_due_date_outlives_other_changes(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = home_deliver(home, "inbox", "Due");
	g_autoptr(StoreMessage) message = NULL;
	g_autoptr(JsonObject) there = NULL;
	g_autoptr(GArray) numbers = NULL;
	static const char *const categories[] = {"Garden", NULL};
	gint64 inbox;

	simulator_change(home->simulator, SIMULATOR_USER, id,
			 "{\"flag\":{\"flagStatus\":\"flagged\",\"startDateTime\":{\"dateTime\":"
			 "\"2026-03-03T00:00:00\",\"timeZone\":\"UTC\"},\"dueDateTime\":{\"dateTime\":"
			 "\"2026-03-09T00:00:00\",\"timeZone\":\"UTC\"}}}",
			 &error);
	g_assert_no_error(error);
	home_check(home);
	inbox = store_account_find_role(home->account, STORE_ROLE_INBOX);
	message = home_find(home, inbox, "Due");
	g_assert_true(message->flags & STORE_FLAG_FLAGGED);
	numbers = home_numbers(message->number);
	g_assert_true(store_account_change_flags(home->account, inbox, numbers, STORE_FLAG_READ | STORE_FLAG_HIGH, 0,
						 &error));
	g_assert_true(store_account_set_categories(home->account, inbox, message->number, categories, &error));
	/* Taken away and set again before anybody has heard of it. */
	g_assert_true(store_account_change_flags(home->account, inbox, numbers, 0, STORE_FLAG_FLAGGED, &error));
	g_assert_true(store_account_change_flags(home->account, inbox, numbers, STORE_FLAG_FLAGGED, 0, &error));
	g_assert_true(store_account_push(home->account, NULL, &error));
	g_assert_no_error(error);
	there = home_get(home, "inbox", "Due");
	g_assert_true(json_object_get_boolean_member(there, "isRead"));
	assert_due(home, "flagged");

	/* Done, and taken up again: the service is told of the status alone. */
	change_flags_and_push(home, inbox, numbers, STORE_FLAG_COMPLETE);
	assert_due(home, "complete");
	change_flags_and_push(home, inbox, numbers, STORE_FLAG_FLAGGED);
	assert_due(home, "flagged");

	g_assert_true(store_account_change_flags(home->account, inbox, numbers, 0, STORE_FLAG_FLAGGED, &error));
	g_assert_true(store_account_push(home->account, NULL, &error));
	change_flags_and_push(home, inbox, numbers, STORE_FLAG_FLAGGED);
	json_object_unref(there);
	there = home_get(home, "inbox", "Due");
	g_assert_false(json_object_has_member(json_object_get_object_member(there, "flag"), "dueDateTime"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/organise/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("roles follow the well-known names in any language",
	    test_roles_follow_the_well_known_names_in_any_language);
	ADD("hidden and search folders stay hidden", test_hidden_and_search_folders_stay_hidden);
	ADD("a deleted folder can come back and go for good", test_a_deleted_folder_can_come_back_and_go_for_good);
	ADD("a due date outlives other changes", test_a_due_date_outlives_other_changes);
	return g_test_run();
}
