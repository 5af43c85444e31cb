/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"
#include "graph-folder.h"
#include "store-account-private.h"
#include "store-folders.h"

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
	edits_move(home, FIND(home, INBOX), 1, key);
	store_account_rename_folder(home->account, key, "Year 2026", &error);
	g_assert_no_error(error);
	home_fault(home, "{\"path\":\"mailFolders$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	child = folder_of(home, key);
	g_assert_nonnull(child->id);
	g_assert_cmpstr(child->name, ==, "Year 2026");
	g_assert_cmpint(child->parent, ==, parent);
	g_assert_cmpuint(home_count(home, "Projects/Year 2026", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, key, "Mail"), ==, 1);

	store_account_move_folder(home->account, parent, key, &error);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_clear_error(&error);
	store_account_move_folder(home->account, key, 0, &error);
	g_assert_no_error(error);
	store_account_delete_folder(home->account, parent, &error);
	g_assert_no_error(error);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "Year 2026", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, key, "Mail"), ==, 1);
	store_folder_free(child);
	child = folder_of(home, parent);
	g_assert_cmpint(child->parent, ==, FIND(home, TRASH));

	/* A second one of the name in Deleted Items, then both for good. */
	parent = store_account_create_folder(home->account, 0, "Projects", &error);
	edits_push(home);
	store_account_delete_folder(home->account, parent, &error);
	g_assert_no_error(error);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	store_folder_free(child);
	child = folder_of(home, parent);
	g_assert_cmpstr(child->name, ==, "Projects (2)");
	store_account_delete_folder(home->account, parent, &error);
	g_assert_no_error(error);
	edits_push(home);
	home_check(home);
	g_assert_null(store_account_get_folder(home->account, parent, NULL));
	g_assert_false(store_account_delete_folder(home->account, FIND(home, INBOX), &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
}

/* Another client takes the folder, or the one that it is in, out of Deleted Items while this one is away. */
static void
test_folder_that_was_taken_out_of_the_trash_is_spared(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < 2; i++) {
		g_autofree char *name = g_strdup_printf("Outer %u", i);
		gint64 outer = store_account_create_folder(home->account, 0, name, &error);
		gint64 inner = store_account_create_folder(home->account, outer, "Inner", &error);
		gint64 doomed = i == 0 ? outer : inner;
		g_autoptr(StoreFolder) folder = NULL;
		g_autoptr(StoreFolder) above = NULL;

		g_assert_no_error(error);
		edits_push(home);
		store_account_delete_folder(home->account, outer, &error);
		g_assert_no_error(error);
		edits_push(home);
		folder = folder_of(home, doomed);
		above = folder_of(home, outer);
		g_free(home_deliver(home, folder->id, "Precious"));
		home_check(home);
		store_account_delete_folder(home->account, doomed, &error);
		g_assert_no_error(error);
		g_assert_true(graph_folder_move(home->client, above->id, "msgfolderroot", NULL, &error));
		g_assert_no_error(error);
		edits_push(home);
		home_check(home);
		g_assert_cmpuint(home->refused->len, ==, i + 1);
		g_assert_nonnull(strstr(g_ptr_array_index(home->refused, i), i == 0 ? "Outer" : "Inner"));
		g_assert_cmpuint(edits_number_of(home, doomed, "Precious"), !=, 0);
	}
}

static void
test_refused_folder_goes_and_gives_back_its_mail(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	gint64 key;

	home_check(home);
	key = store_account_create_folder(home->account, 0, "Forbidden", NULL);
	edits_move(home, FIND(home, INBOX), 1, key);
	home_fault(home, "{\"path\":\"mailFolders$\",\"method\":\"POST\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_null(store_account_get_folder(home->account, key, NULL));
	g_assert_cmpuint(edits_number_of(home, FIND(home, INBOX), "Mail"), >, 1);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, FIND(home, INBOX), "Mail"), >, 1);
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
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Only here"), !=, 0);
	g_assert_cmpuint(home_count(home, "drafts", "Only here"), ==, 1);
}

/* The journal could not say so, since the service was busy; then the folder is gone from the list. */
static void
test_what_was_to_come_to_a_folder_deleted_elsewhere_is_refused(Home *home, gconstpointer data)
{
	static const char *const refused[] = {
		"The server refused to move the message “Mail” to the folder “Doomed”: the folder does not exist any "
		"more.",
		"The server refused to create the folder “Below”: the folder does not exist any more.",
		"The server refused to create the folder “Deeper”: the folder does not exist any more.",
		"The server refused to copy the message “Copied” to the folder “Doomed”: the original or the folder "
		"does not "
		"exist any more.",
	};
	g_autofree char *folder = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Doomed", NULL);
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autofree char *other G_GNUC_UNUSED = home_deliver(home, "inbox", "Copied");
	g_autoptr(GError) error = NULL;
	gint64 doomed;
	gint64 below;
	gint64 deeper;

	home_check(home);
	doomed = store_folders_find_id(home->account->worker, folder);
	simulator_remove_folder(home->simulator, SIMULATOR_USER, folder, &error);
	g_assert_no_error(error);
	edits_move(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "Mail"), doomed);
	edits_copy(home, FIND(home, INBOX), edits_number_of(home, FIND(home, INBOX), "Copied"), doomed);
	below = store_account_create_folder(home->account, doomed, "Below", &error);
	deeper = store_account_create_folder(home->account, below, "Deeper", &error);
	home_append(home, deeper, "Only here", STORE_FLAG_READ);
	home_fault(home, "{\"target\":\"part\",\"path\":\"/(move|copy)$\",\"status\":412,\"count\":2}");
	home_fault(home, "{\"method\":\"POST\",\"path\":\"/(move|copy)$\",\"status\":412,\"count\":2}");
	home_fault(home, "{\"path\":\"/childFolders$\",\"method\":\"POST\",\"status\":412}");
	store_account_check(home->account, 0, TRUE, NULL, &error);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_CONFLICT);
	g_assert_cmpuint(home->refused->len, ==, G_N_ELEMENTS(refused) - 1);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, G_N_ELEMENTS(refused));
	for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
		g_assert_cmpstr(g_ptr_array_index(home->refused, i), ==, refused[i]);
	g_assert_null(store_account_get_folder(home->account, deeper, NULL));
	g_assert_cmpuint(edits_number_of(home, FIND(home, INBOX), "Mail"), !=, 0);
	g_assert_cmpuint(home_count(home, "inbox", "Mail"), ==, 1);
	g_assert_cmpuint(home_count(home, "inbox", "Copied"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Copied"), ==, 0);
	g_assert_cmpuint(home_count(home, "drafts", "Only here"), ==, 1);
}

/* The folder for it is not made at the first try. */
static void
test_folder_does_not_go_with_what_is_to_leave_it(Home *home, gconstpointer data)
{
	g_autofree char *folder = simulator_create_folder(home->simulator, SIMULATOR_USER, "deleteditems", "Old", NULL);
	g_autofree char *below = simulator_create_folder(home->simulator, SIMULATOR_USER, folder, "Below", NULL);
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, folder, "Saved");
	g_autofree char *other G_GNUC_UNUSED = home_deliver(home, below, "Saved below");
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GError) error = NULL;
	gint64 old = 0;
	gint64 child = 0;
	gint64 made;

	home_check(home);
	folders = store_account_list_folders(home->account, NULL);
	for (guint i = 0; i < folders->len; i++) {
		StoreFolder *one = g_ptr_array_index(folders, i);

		if (g_str_equal(one->name, "Old"))
			old = one->key;
		if (g_str_equal(one->name, "Below"))
			child = one->key;
	}
	made = store_account_create_folder(home->account, 0, "Made", &error);
	g_assert_no_error(error);
	store_account_move_folder(home->account, child, made, &error);
	g_assert_no_error(error);
	edits_move(home, old, edits_number_of(home, old, "Saved"), made);
	store_account_delete_folder(home->account, old, &error);
	g_assert_no_error(error);
	home_fault(home, "{\"path\":\"/mailFolders$\",\"method\":\"POST\",\"status\":412}");
	edits_push_fails(home, GRAPH_ERROR_CONFLICT);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_null(store_account_get_folder(home->account, old, NULL));
	g_assert_cmpuint(home_count(home, "Made", "Saved"), ==, 1);
	g_assert_cmpuint(home_count(home, "Made/Below", "Saved below"), ==, 1);
}

static gint64
key_of_id(Home *home, const char *id)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(home->account, NULL);

	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *folder = g_ptr_array_index(folders, i);

		if (g_strcmp0(folder->id, id) == 0)
			return folder->key;
	}
	g_assert_not_reached();
}

static void
test_folder_of_any_name_is_deleted(Home *home, gconstpointer data)
{
	g_autofree char *longest = g_strnfill(255, 'x');
	const char *names[] = {"   ", longest, "   ", longest};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *id = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, names[i], NULL);
		g_autoptr(StoreFolder) folder = NULL;
		g_autoptr(GError) error = NULL;
		gint64 key;

		home_check(home);
		key = key_of_id(home, id);
		store_account_delete_folder(home->account, key, &error);
		g_assert_no_error(error);
		edits_push(home);
		g_assert_cmpuint(home->refused->len, ==, 0);
		home_check(home);
		folder = folder_of(home, key);
		g_assert_cmpstr(folder->id, ==, id);
		g_assert_cmpint(folder->parent, ==, FIND(home, TRASH));
	}
}

static void
rename_to(Home *home, gint64 folder, const char *name)
{
	g_autoptr(GError) error = NULL;

	store_account_rename_folder(home->account, folder, name, &error);
	g_assert_no_error(error);
}

/* One rename after another: while the first waits, and after it was sent. */
static void
test_each_name_reaches_the_server(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint64 key = store_account_create_folder(home->account, 0, "One", &error);
	g_autoptr(StoreFolder) folder = NULL;

	g_assert_no_error(error);
	edits_push(home);
	rename_to(home, key, "Two");
	rename_to(home, key, "Three");
	edits_push(home);
	home_check(home);
	folder = folder_of(home, key);
	g_assert_cmpstr(folder->name, ==, "Three");
	rename_to(home, key, "Four");
	edits_push(home);
	home_check(home);
	store_folder_free(folder);
	folder = folder_of(home, key);
	g_assert_cmpstr(folder->name, ==, "Four");
	g_assert_cmpuint(home->refused->len, ==, 0);
}

/* The check has its list before the journal makes the folder, and applies it after. */
static void
test_folder_that_is_made_while_the_tree_is_listed_stays(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "inbox", "Mail");
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(GPtrArray) gone = g_ptr_array_new();
	g_autoptr(GPtrArray) listed = NULL;
	g_autoptr(GError) error = NULL;
	gboolean arrived;
	gint64 child;
	gint64 made;

	home_check(home);
	listed = graph_folder_list(home->client, NULL, &error);
	g_assert_no_error(error);
	made = store_account_create_folder(home->account, 0, "Fresh", &error);
	g_assert_no_error(error);
	edits_push(home);
	child = store_account_create_folder(home->account, made, "Below", &error);
	g_assert_no_error(error);
	edits_move(home, FIND(home, INBOX), 1, made);
	store_folders_apply(home->account->worker, listed, gone, &arrived, changes, &error);
	g_assert_no_error(error);
	store_folders_drop_vanished(home->account->worker, changes, &error);
	g_assert_no_error(error);
	edits_push(home);
	home_check(home);
	store_folder_free(folder_of(home, child));
	g_assert_cmpuint(home_count(home, "Fresh", "Mail"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, made, "Mail"), ==, 1);
}

/* The name and the place that the service never takes are given back, and what waits behind them goes on. */
static void
test_change_of_a_folder_that_never_succeeds_is_refused(Home *home, gconstpointer data)
{
	static const char *const faults[] = {
		"{\"path\":\"/mailFolders/[^/]+$\",\"method\":\"PATCH\",\"status\":412,\"count\":100}",
		"{\"path\":\"/move$\",\"method\":\"POST\",\"status\":404,\"count\":100}",
	};
	g_autoptr(GError) error = NULL;
	gint64 place = store_account_create_folder(home->account, 0, "Place", &error);
	gint64 key = store_account_create_folder(home->account, 0, "Name", &error);
	g_autoptr(StoreFolder) folder = NULL;

	g_assert_no_error(error);
	edits_push(home);
	rename_to(home, key, "Other");
	store_account_move_folder(home->account, key, place, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < G_N_ELEMENTS(faults); i++)
		home_fault(home, faults[i]);
	store_db_run(home->account->worker, &error, "UPDATE journal SET attempts = 9", "");
	g_assert_no_error(error);
	for (guint i = 0; i < 2; i++)
		edits_push_fails(home, GRAPH_ERROR_CONFLICT);
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 2);
	folder = folder_of(home, key);
	g_assert_cmpstr(folder->name, ==, "Name");
	g_assert_cmpint(folder->parent, ==, 0);
}

/* Where Deleted Items is not known, nothing is deleted for good in place of a move that is refused. */
static void
test_folder_that_may_not_go_to_deleted_items_stays(Home *home, gconstpointer data)
{
	g_autofree char *id = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Kept", NULL);
	g_autoptr(StoreFolder) folder = NULL;
	g_autoptr(GError) error = NULL;
	gint64 key;

	home_check(home);
	key = key_of_id(home, id);
	store_db_run(home->account->worker, &error, "UPDATE folders SET role = 0 WHERE role = ?", "i",
		     (int)STORE_ROLE_TRASH);
	g_assert_no_error(error);
	store_account_delete_folder(home->account, key, &error);
	g_assert_no_error(error);
	home_fault(home, "{\"path\":\"/move$\",\"method\":\"POST\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	home_check(home);
	folder = folder_of(home, key);
	g_assert_cmpstr(folder->id, ==, id);
	g_assert_cmpint(folder->parent, ==, 0);
}

/* It is renamed before it goes, beside another one that has the next name. */
static void
test_folder_is_deleted_beside_a_like_name(Home *home, gconstpointer data)
{
	g_autofree char *there = simulator_create_folder(home->simulator, SIMULATOR_USER, "deleteditems", "Old", NULL);
	g_autofree char *id = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Old", NULL);
	g_autofree char *beside = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Old (2)", NULL);
	g_autoptr(StoreFolder) folder = NULL;
	g_autoptr(GError) error = NULL;
	gint64 key;

	g_assert_nonnull(there);
	home_check(home);
	key = store_folders_find_id(home->account->worker, id);
	store_account_delete_folder(home->account, key, &error);
	g_assert_no_error(error);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	folder = folder_of(home, key);
	g_assert_cmpstr(folder->name, ==, "Old (3)");
	g_assert_cmpint(folder->parent, ==, FIND(home, TRASH));
	store_folder_free(g_steal_pointer(&folder));
	folder = folder_of(home, store_folders_find_id(home->account->worker, beside));
	g_assert_cmpstr(folder->name, ==, "Old (2)");
	g_assert_cmpint(folder->parent, ==, 0);
}

/* What the host reads as the tree changes: the rules of a folder that it does not find are removed. */
typedef struct {
	const char *const *ids;
	guint times;
} Watched;

static void
watch(StoreAccount *account, Watched *watched)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(account, NULL);

	for (guint i = 0; watched->ids[i] != NULL; i++) {
		guint found = 0;

		for (guint j = 0; j < folders->len; j++)
			found += g_strcmp0(((StoreFolder *)g_ptr_array_index(folders, j))->id, watched->ids[i]) == 0;
		g_assert_cmpuint(found, ==, 1);
	}
	watched->times++;
}

/* One of them into a folder that was made there meanwhile. Nothing of it reaches the server before the look. */
static void
test_folder_that_was_moved_into_one_deleted_elsewhere_is_never_missed(Home *home, gconstpointer data)
{
	g_autofree char *doomed = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Doomed", NULL);
	g_autofree char *moved = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Moved", NULL);
	g_autofree char *deeper = simulator_create_folder(home->simulator, SIMULATOR_USER, NULL, "Deeper", NULL);
	g_autofree char *inside = simulator_create_folder(home->simulator, SIMULATOR_USER, moved, "Inside", NULL);
	g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, moved, "Mail");
	const char *const ids[] = {moved, deeper, inside, NULL};
	Watched watched = {.ids = ids};
	g_autoptr(GError) error = NULL;
	gint64 parent;
	gint64 key;

	home_check(home);
	parent = store_folders_find_id(home->account->worker, doomed);
	key = store_folders_find_id(home->account->worker, moved);
	simulator_remove_folder(home->simulator, SIMULATOR_USER, doomed, &error);
	g_assert_no_error(error);
	store_account_move_folder(home->account, key, parent, &error);
	g_assert_no_error(error);
	parent = store_account_create_folder(home->account, parent, "Made", &error);
	store_account_move_folder(home->account, store_folders_find_id(home->account->worker, deeper), parent, &error);
	g_assert_no_error(error);
	home_fault(home, "{\"path\":\"/(move|childFolders)$\",\"method\":\"POST\",\"status\":412,\"count\":0}");
	g_signal_connect(home->account, "folders-changed", G_CALLBACK(watch), &watched);
	store_account_check(home->account, 0, TRUE, NULL, NULL);
	g_assert_cmpuint(watched.times, >=, 2);
	simulator_clear_faults(home->simulator);
	store_account_push(home->account, NULL, NULL);
	home_check(home);
	watch(home->account, &watched);
	g_signal_handlers_disconnect_by_data(home->account, &watched);
	g_assert_cmpuint(edits_number_of(home, key, "Mail"), ==, 1);
	g_assert_cmpuint(home_count(home, "Moved", "Mail"), ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/push-folders/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("folders are made, filled and moved", test_folders_are_made_filled_and_moved);
	ADD("folder that was taken out of the trash is spared", test_folder_that_was_taken_out_of_the_trash_is_spared);
	ADD("each name reaches the server", test_each_name_reaches_the_server);
	ADD("refused folder goes and gives back its mail", test_refused_folder_goes_and_gives_back_its_mail);
	ADD("folder deleted elsewhere takes its mail", test_folder_deleted_elsewhere_takes_its_mail);
	ADD("what was to come to a folder that was deleted elsewhere is refused",
	    test_what_was_to_come_to_a_folder_deleted_elsewhere_is_refused);
	ADD("folder does not go with what is to leave it", test_folder_does_not_go_with_what_is_to_leave_it);
	ADD("folder of any name is deleted", test_folder_of_any_name_is_deleted);
	ADD("folder that is made while the tree is listed stays",
	    test_folder_that_is_made_while_the_tree_is_listed_stays);
	ADD("change of a folder that never succeeds is refused",
	    test_change_of_a_folder_that_never_succeeds_is_refused);
	ADD("folder that may not go to Deleted Items stays", test_folder_that_may_not_go_to_deleted_items_stays);
	ADD("folder is deleted beside a like name", test_folder_is_deleted_beside_a_like_name);
	ADD("folder that was moved into one deleted elsewhere is never missed",
	    test_folder_that_was_moved_into_one_deleted_elsewhere_is_never_missed);
	return g_test_run();
}
