/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edits.h"

void
edits_push(Home *home)
{
	g_autoptr(GError) error = NULL;

	store_account_push(home->account, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	g_assert_cmpint(store_account_get_push_delay(home->account), ==, -1);
}

void
edits_push_fails(Home *home, GraphError code)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(store_account_push(home->account, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, (gint)code);
	g_assert_cmpuint(store_account_count_waiting(home->account), >, 0);
}

void
edits_mark(Home *home, gint64 folder, guint32 number, StoreFlags set, StoreFlags clear)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;

	store_account_change_flags(home->account, folder, numbers, set, clear, &error);
	g_assert_no_error(error);
}

guint32
edits_move(Home *home, gint64 folder, guint32 number, gint64 destination)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) moved = store_account_move_messages(home->account, folder, numbers, destination, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(moved->len, ==, 1);
	return g_array_index(moved, guint32, 0);
}

guint32
edits_copy(Home *home, gint64 folder, guint32 number, gint64 destination)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) copies = store_account_copy_messages(home->account, folder, numbers, destination, &error);

	g_assert_no_error(error);
	return g_array_index(copies, guint32, 0);
}

void
edits_delete(Home *home, gint64 folder, guint32 number)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;

	store_account_delete_messages(home->account, folder, numbers, &error);
	g_assert_no_error(error);
}

guint32
edits_number_of(Home *home, gint64 folder, const char *subject)
{
	g_autoptr(StoreMessage) message = home_find(home, folder, subject);

	return message != NULL ? message->number : 0;
}

StoreFlags
edits_flags_of(Home *home, gint64 folder, const char *subject)
{
	g_autoptr(StoreMessage) message = home_find(home, folder, subject);

	g_assert_nonnull(message);
	return message->flags & ~(STORE_FLAG_NEW | STORE_FLAG_BODY);
}

void
edits_lose_changes(Home *home, const char *name, gint64 folder)
{
	g_autofree char *link = g_strdup_printf("/mailFolders/%s/messages/delta?$select=subject", name);
	g_autofree char *fault = NULL;
	g_autoptr(GError) error = NULL;

	while (strstr(link, "deltatoken") == NULL) {
		g_autoptr(JsonObject) answer = graph_client_get(home->client, link, 0, NULL, &error);
		const char *member =
			json_object_has_member(answer, "@odata.nextLink") ? "@odata.nextLink" : "@odata.deltaLink";

		g_assert_no_error(error);
		g_free(link);
		link = g_strdup(json_object_get_string_member(answer, member));
	}
	fault = g_strdup_printf(
		"{\"path\":\"delta$\",\"status\":200,\"body\":{\"value\":[],\"@odata.deltaLink\":\"%s\"}}", link);
	simulator_add_fault(home->simulator, fault, &error);
	g_assert_no_error(error);
	store_account_sync_folder(home->account, folder, NULL, &error);
	g_assert_no_error(error);
}
