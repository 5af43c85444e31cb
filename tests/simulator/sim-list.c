/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-list.h"

#include <string.h>

#include "sim-json.h"

#define DEFAULT_PAGE 10 /* API.md 5.2 */
#define MAX_FOUND 1000	/* of a search, API.md 5.2 */

SimCursor *
sim_cursor_new(SimCursorKind kind, const char *path, SimQuery *query)
{
	SimCursor *self = g_new0(SimCursor, 1);

	self->kind = kind;
	self->path = g_strdup(path);
	self->query = sim_query_ref(query);
	return self;
}

SimCursor *
sim_cursor_copy(const SimCursor *self)
{
	SimCursor *copy = sim_cursor_new(self->kind, self->path, self->query);

	copy->offset = self->offset;
	copy->sequence = self->sequence;
	copy->received = self->received;
	copy->number = self->number;
	copy->delivered = self->delivered;
	copy->changes = self->changes != NULL ? g_array_ref(self->changes) : NULL;
	return copy;
}

void
sim_cursor_free(SimCursor *self)
{
	g_free(self->path);
	sim_query_unref(self->query);
	g_clear_pointer(&self->changes, g_array_unref);
	g_free(self);
}

char *
sim_cursor_link(SimCall *call, SimCursor *cursor, const char *uri)
{
	char *token = sim_id_token();

	g_hash_table_insert(call->graph->cursors, token, cursor);
	return g_strdup_printf("%s?%s=%s", uri, cursor->kind == SIM_CURSOR_DELTA ? "$deltatoken" : "$skiptoken", token);
}

const SimCursor *
sim_cursor_find(SimCall *call, const char *token, const char *path)
{
	const SimCursor *cursor = g_hash_table_lookup(call->graph->cursors, token);

	if (cursor != NULL && g_str_equal(cursor->path, path))
		return cursor;
	soup_message_headers_replace(call->response->headers, "Location", call->request->origin);
	sim_call_refuse(call, 410, "syncStateNotFound", "API.md 5.9",
			"The sync state generation is not found; the link has expired or is none of this collection.");
	return NULL;
}

static GPtrArray *
collect(SimCall *call, SimFolder *folder, SimQuery *query)
{
	GPtrArray *messages = g_ptr_array_new();

	for (guint i = 0; i < call->mailbox->folders->len; i++) {
		SimFolder *candidate = g_ptr_array_index(call->mailbox->folders, i);
		GSequenceIter *iter;

		if (folder != NULL && candidate != folder)
			continue;
		for (iter = g_sequence_get_begin_iter(candidate->messages); !g_sequence_iter_is_end(iter);
		     iter = g_sequence_iter_next(iter)) {
			SimMessage *message = g_sequence_get(iter);

			if (query->filter == NULL || sim_filter_matches(query->filter, message))
				g_ptr_array_add(messages, message);
		}
	}
	return messages;
}

static int
compare_sent(gconstpointer a, gconstpointer b)
{
	const SimMessage *left = *(SimMessage *const *)a;
	const SimMessage *right = *(SimMessage *const *)b;

	return left->sent < right->sent ? 1 : left->sent > right->sent ? -1 : 0;
}

static void
search(GPtrArray *messages, SimKql *search)
{
	for (guint i = messages->len; i > 0; i--) {
		if (!sim_kql_matches(search, g_ptr_array_index(messages, i - 1)))
			g_ptr_array_remove_index(messages, i - 1);
	}
	g_ptr_array_sort(messages, compare_sent);
	if (messages->len > MAX_FOUND)
		g_ptr_array_set_size(messages, MAX_FOUND);
}

/* @value is taken */
static void
answer_page(SimCall *call, JsonArray *value, SimQuery *query, const char *path, guint next, gboolean more, guint total)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree char *context = sim_call_format_context(call, strrchr(path, ' ') + 1);

	json_object_set_string_member(object, "@odata.context", context);
	if (query->count)
		json_object_set_int_member(object, "@odata.count", total);
	if (more) {
		SimCursor *cursor = sim_cursor_new(SIM_CURSOR_LIST, path, query);
		g_autofree char *uri = sim_call_format_uri(call);
		g_autofree char *link = NULL;

		cursor->offset = next;
		link = sim_cursor_link(call, cursor, uri);
		json_object_set_string_member(object, "@odata.nextLink", link);
	}
	json_object_set_array_member(object, "value", value);
	sim_response_set_object(call->response, 200, object);
}

static guint
page_size(SimCall *call, SimQuery *query)
{
	guint asked = query->top > 0 ? query->top : sim_call_get_page_size(call);

	return MIN(asked > 0 ? asked : DEFAULT_PAGE, call->graph->page_limit);
}

/* Where the page begins, and whose options hold; %NULL: refused. */
static SimQuery *
resume(SimCall *call, SimQuery *query, const char *path, guint *offset)
{
	const SimCursor *cursor;

	*offset = query->skip;
	if (query->token == NULL)
		return sim_query_ref(query);
	cursor = sim_cursor_find(call, query->token, path);
	if (cursor == NULL)
		return NULL;
	*offset = cursor->offset;
	return sim_query_ref(cursor->query);
}

void
sim_list_messages(SimCall *call, SimFolder *folder)
{
	g_autoptr(SimQuery) first = sim_query_parse(call, "message", SIM_QUERY_LIST | SIM_QUERY_SEARCH);
	g_autofree char *path = g_strdup_printf("%s %" G_GUINT64_FORMAT " messages", call->mailbox->address,
						folder != NULL ? folder->number : 0);
	g_autoptr(SimQuery) query = NULL;
	g_autoptr(GPtrArray) messages = NULL;
	JsonArray *value;
	guint offset, size, i;

	query = first != NULL ? resume(call, first, path, &offset) : NULL;
	if (query == NULL)
		return;
	size = page_size(call, query);
	value = json_array_new();
	if (folder != NULL && query->filter == NULL && query->order == NULL && query->search == NULL) {
		GSequenceIter *iter = g_sequence_get_iter_at_pos(folder->messages, (gint)offset);
		guint total = (guint)g_sequence_get_length(folder->messages);

		for (i = 0; i < size && !g_sequence_iter_is_end(iter); i++, iter = g_sequence_iter_next(iter))
			json_array_add_object_element(value, sim_json_message(call, g_sequence_get(iter), query));
		answer_page(call, value, query, path, offset + i, offset + i < total, total);
		return;
	}
	messages = collect(call, folder, query);
	if (query->search != NULL)
		search(messages, query->search);
	else
		sim_query_sort(query, messages);
	for (i = offset; i < messages->len && i - offset < size; i++)
		json_array_add_object_element(value, sim_json_message(call, g_ptr_array_index(messages, i), query));
	answer_page(call, value, query, path, i, i < messages->len, messages->len);
}

void
sim_list_folders(SimCall *call, SimFolder *parent)
{
	g_autoptr(SimQuery) first =
		sim_query_parse(call, "mailFolder",
				SIM_QUERY_SELECT | SIM_QUERY_TOP | SIM_QUERY_SKIP | SIM_QUERY_COUNT | SIM_QUERY_EXPAND |
					SIM_QUERY_HIDDEN | SIM_QUERY_TOKEN);
	g_autofree char *path =
		g_strdup_printf("%s %" G_GUINT64_FORMAT " mailFolders", call->mailbox->address, parent->number);
	g_autoptr(SimQuery) query = NULL;
	g_autoptr(GPtrArray) folders = NULL;
	JsonArray *value;
	guint offset, size, i;

	query = first != NULL ? resume(call, first, path, &offset) : NULL;
	if (query == NULL)
		return;
	folders = sim_mailbox_list_children(call->mailbox, parent, query->hidden);
	size = page_size(call, query);
	value = json_array_new();
	for (i = offset; i < folders->len && i - offset < size; i++)
		json_array_add_object_element(value, sim_json_folder(call, g_ptr_array_index(folders, i), query));
	answer_page(call, value, query, path, i, i < folders->len, folders->len);
}
