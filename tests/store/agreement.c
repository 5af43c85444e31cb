/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement.h"

#include <string.h>

#include "graph-folder.h"

static void
add_line(GPtrArray *lines, const char *id, gboolean read, const char *flag, const char *importance, char **categories)
{
	g_autofree char *tags = g_strjoinv(",", categories);

	g_ptr_array_add(lines, g_strdup_printf("%s %s %s %s %s", id, read ? "read" : "unread", flag, importance, tags));
}

static int
compare_lines(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
join_lines(GPtrArray *lines)
{
	g_ptr_array_sort(lines, compare_lines);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (char **)lines->pdata);
}

static char *
describe_here(Home *self, gint64 folder)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) messages = store_account_list_messages(self->account, folder, NULL, NULL);

	for (guint i = 0; i < messages->len; i++) {
		const StoreMessage *message = g_ptr_array_index(messages, i);

		if (message->id == NULL && self->refused->len > 0)
			continue;
		add_line(lines, message->id, (message->flags & STORE_FLAG_READ) != 0,
			 message->flags & STORE_FLAG_FLAGGED	? "flagged"
			 : message->flags & STORE_FLAG_COMPLETE ? "complete"
								: "notFlagged",
			 message->flags & STORE_FLAG_HIGH  ? "high"
			 : message->flags & STORE_FLAG_LOW ? "low"
							   : "normal",
			 message->categories);
	}
	return join_lines(lines);
}

static char *
describe_there(Home *self, const char *id, GHashTable *counted)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(JsonArray) messages = home_dump(self, id);

	for (guint i = 0; i < json_array_get_length(messages); i++) {
		JsonObject *message = json_array_get_object_element(messages, i);
		JsonArray *tags = json_object_get_array_member(message, "categories");
		g_auto(GStrv) categories = g_new0(char *, json_array_get_length(tags) + 1);
		const char *subject = json_object_get_string_member(message, "subject");

		for (guint j = 0; j < json_array_get_length(tags); j++)
			categories[j] = g_strdup(json_array_get_string_element(tags, j));
		add_line(lines, json_object_get_string_member(message, "id"),
			 json_object_get_boolean_member(message, "isRead"),
			 json_object_get_string_member(json_object_get_object_member(message, "flag"), "flagStatus"),
			 json_object_get_string_member(message, "importance"), categories);
		if (counted != NULL)
			g_hash_table_insert(
				counted, g_strdup(subject),
				GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(counted, subject)) + 1));
	}
	return join_lines(lines);
}

static char *
compare_folder(Home *self, const GraphFolder *there, const StoreFolder *here, GHashTable *counted)
{
	g_autofree char *theirs = describe_there(self, there->id, counted);
	g_autofree char *ours = NULL;

	if (here == NULL)
		return g_strdup_printf("“%s” is not here", there->name);
	if (strcmp(here->name, there->name) != 0)
		return g_strdup_printf("“%s” is “%s” here", there->name, here->name);
	ours = describe_here(self, here->key);
	if (strcmp(ours, theirs) != 0)
		return g_strdup_printf("“%s” has here:\n%s\nthere:\n%s", there->name, ours, theirs);
	return NULL;
}

char *
agreement_find_difference(Home *self, GHashTable *counted)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) there = graph_folder_list(self->client, NULL, &error);
	g_autoptr(GPtrArray) here = store_account_list_folders(self->account, NULL);
	g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *difference = NULL;
	guint visible = 0;

	g_assert_no_error(error);
	for (guint i = 0; i < here->len; i++) {
		StoreFolder *folder = g_ptr_array_index(here, i);

		if (folder->id == NULL)
			return g_strdup_printf("“%s” is not there", folder->name);
		g_hash_table_insert(keys, folder->id, folder);
	}
	for (guint i = 0; i < there->len; i++) {
		const GraphFolder *folder = g_ptr_array_index(there, i);
		char *found;

		if (folder->hidden || folder->search)
			continue;
		visible++;
		found = compare_folder(self, folder, g_hash_table_lookup(keys, folder->id), counted);
		if (difference == NULL)
			difference = found;
		else
			g_free(found);
	}
	if (difference == NULL && visible != here->len)
		return g_strdup_printf("%u folders here, %u there", here->len, visible);
	return g_steal_pointer(&difference);
}
