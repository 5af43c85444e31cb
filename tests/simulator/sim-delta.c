/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-json.h"
#include "sim-list.h"
#include "sim-nasty.h"
#include "sim-routes.h"

#include <string.h>

#define DEFAULT_PAGE 10	  /* CHECKED.md 1 */
#define MAX_FILTERED 5000 /* API.md 5.9 */

/* Which property shows which change; a delta tells only what was selected (CHECKED.md 2a). */
static const struct {
	const char *property;
	guint changed;
} watched[] = {
	{"isRead", SIM_CHANGED_READ},
	{"flag", SIM_CHANGED_FLAG},
	{"categories", SIM_CHANGED_CATEGORIES},
	{"importance", SIM_CHANGED_IMPORTANCE},
	{"inferenceClassification", SIM_CHANGED_INFERENCE},
	{"isReadReceiptRequested", SIM_CHANGED_RECEIPTS},
	{"isDeliveryReceiptRequested", SIM_CHANGED_RECEIPTS},
	{"subject", SIM_CHANGED_CONTENT},
	{"body", SIM_CHANGED_CONTENT},
	{"bodyPreview", SIM_CHANGED_CONTENT},
	{"from", SIM_CHANGED_CONTENT},
	{"sender", SIM_CHANGED_CONTENT},
	{"toRecipients", SIM_CHANGED_CONTENT},
	{"ccRecipients", SIM_CHANGED_CONTENT},
	{"bccRecipients", SIM_CHANGED_CONTENT},
	{"replyTo", SIM_CHANGED_CONTENT},
	{"internetMessageId", SIM_CHANGED_CONTENT},
	{"hasAttachments", SIM_CHANGED_ATTACHMENTS},
	{"lastModifiedDateTime", SIM_CHANGED_STAMP},
	{"changeKey", SIM_CHANGED_STAMP},
};

static guint
watched_mask(SimQuery *query, gboolean extended)
{
	guint mask = extended ? SIM_CHANGED_EXTENDED : 0;

	for (guint i = 0; i < G_N_ELEMENTS(watched); i++) {
		if (sim_query_selects(query, watched[i].property))
			mask |= watched[i].changed;
	}
	return mask;
}

static char *
format_id(SimCall *call, const SimChange *change)
{
	SimId id = {.kind = call->immutable ? SIM_ID_IMMUTABLE : SIM_ID_MUTABLE,
		    .generation = call->immutable ? 0 : change->generation,
		    .number = change->number};

	return sim_id_format(call->mailbox->address, &id);
}

static JsonObject *
removed_id_object(const char *id, const char *reason)
{
	JsonObject *object = json_object_new();
	JsonObject *removed = json_object_new();

	json_object_set_string_member(object, "@odata.type", "#microsoft.graph.message");
	json_object_set_string_member(object, "id", id);
	json_object_set_string_member(removed, "reason", reason);
	json_object_set_object_member(object, "@removed", removed);
	return object;
}

static JsonObject *
removed_object(SimCall *call, const SimChange *change)
{
	g_autofree char *id = format_id(call, change);

	return removed_id_object(id, change->restorable ? "changed" : "deleted");
}

/* CHECKED.md 14: a change of isRead alone comes with the id and without an etag */
static JsonObject *
read_object(SimCall *call, SimMessage *message)
{
	JsonObject *object = json_object_new();
	g_autofree char *id = sim_message_format_id(message, call->immutable);

	json_object_set_string_member(object, "@odata.type", "#microsoft.graph.message");
	json_object_set_string_member(object, "id", id);
	json_object_set_boolean_member(object, "isRead", message->is_read);
	return object;
}

static JsonObject *
full_object(SimCall *call, SimMessage *message, SimQuery *query)
{
	JsonObject *object = sim_json_message(call, message, query);

	json_object_set_string_member(object, "@odata.type", "#microsoft.graph.message");
	return object;
}

/* API.md 5.9: an update is at least the id and what changed. */
static JsonObject *
partial_object(SimCall *call, SimMessage *message, SimQuery *query, guint changed)
{
	JsonObject *object = full_object(call, message, query);
	g_autoptr(GList) members = json_object_get_members(object);

	for (GList *l = members; l != NULL; l = l->next) {
		const char *name = l->data;
		gboolean kept =
			g_str_equal(name, "id") || *name == '@' || g_str_equal(name, "parentFolderId") ||
			((changed & SIM_CHANGED_EXTENDED) != 0 && g_str_equal(name, "singleValueExtendedProperties"));

		for (guint i = 0; i < G_N_ELEMENTS(watched); i++)
			kept |= g_str_equal(name, watched[i].property) && (watched[i].changed & changed) != 0;
		if (!kept)
			json_object_remove_member(object, name);
	}
	return object;
}

/* Where the changes after @sequence begin */
static guint
find_change(GArray *journal, guint64 sequence)
{
	guint low = 0, high = journal->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(journal, SimChange, middle).sequence <= sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

typedef struct {
	SimChange change; /* the last one, of an update with all that was touched */
	gboolean was_here;
	gboolean left;
	guint32 old_generation;
} Story;

/*
 * What happened to each item after @sequence and up to @end, in the order of its last change. A message that left and
 * came back is only reported as removed where ids are immutable (API.md 5.9, CHECKED.md 4b).
 */
static GArray *
collect_changes(GArray *journal, guint64 sequence, guint64 end, gboolean immutable)
{
	g_autoptr(GHashTable) stories = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(SimChange));
	guint start = find_change(journal, sequence);
	guint stop = find_change(journal, end);

	for (guint i = start; i < stop; i++) {
		const SimChange *change = &g_array_index(journal, SimChange, i);
		Story *story = g_hash_table_lookup(stories, &change->number);
		guint changed = change->changed;

		if (story == NULL) {
			story = g_new0(Story, 1);
			story->was_here = change->kind != SIM_CHANGE_ADDED;
			story->change.number = change->number;
			g_hash_table_insert(stories, &story->change.number, story);
		}
		if (change->kind == SIM_CHANGE_REMOVED && !story->left) {
			story->left = TRUE;
			story->old_generation = change->generation;
		}
		changed |= story->change.changed;
		story->change = *change;
		story->change.changed = changed;
	}
	for (guint i = start; i < stop; i++) {
		const SimChange *change = &g_array_index(journal, SimChange, i);
		Story *story = g_hash_table_lookup(stories, &change->number);
		SimChange result;

		if (story->change.sequence != change->sequence)
			continue;
		result = story->change;
		if (story->left) {
			SimChange removal = result;

			removal.kind = SIM_CHANGE_REMOVED;
			removal.generation = story->old_generation;
			if (story->was_here || result.kind == SIM_CHANGE_REMOVED)
				g_array_append_val(changes, removal);
			if (result.kind == SIM_CHANGE_REMOVED || (story->was_here && immutable))
				continue;
			result.kind = SIM_CHANGE_ADDED;
		} else if (!story->was_here) {
			result.kind = SIM_CHANGE_ADDED;
		}
		g_array_append_val(changes, result);
	}
	return changes;
}

static gboolean
wants(SimQuery *query, const char *type)
{
	return query->change_type == NULL || g_str_equal(query->change_type, type);
}

static void
add_change(SimCall *call, SimFolder *folder, SimQuery *query, guint mask, const SimChange *change, JsonArray *value)
{
	SimMessage *message = sim_mailbox_get_message(call->mailbox, change->number);
	guint changed = change->changed & mask;

	if (change->kind == SIM_CHANGE_REMOVED || message == NULL || message->folder != folder) {
		if (wants(query, "deleted"))
			json_array_add_object_element(value, removed_object(call, change));
		return;
	}
	if (query->filter != NULL && !sim_filter_matches(query->filter, message))
		return;
	if (change->kind == SIM_CHANGE_ADDED) {
		if (wants(query, "created"))
			json_array_add_object_element(value, full_object(call, message, query));
		return;
	}
	if (changed == 0 || !wants(query, "updated"))
		return;
	json_array_add_object_element(value, changed == SIM_CHANGED_READ ? read_object(call, message)
					     : sim_nasty_wants_partial(call)
						     ? partial_object(call, message, query, changed)
						     : full_object(call, message, query));
}

static guint
page_size(SimCall *call, SimQuery *query)
{
	guint asked = sim_call_get_page_size(call);
	guint granted = MIN(asked > 0 ? asked : DEFAULT_PAGE, call->graph->page_limit);

	if (asked > 0) {
		g_autofree char *applied = g_strdup_printf("odata.maxpagesize=%u", granted);

		sim_call_prefer_applied(call, applied);
	}
	/* CHECKED.md 1c */
	return query->top > 0 ? MIN(granted, DEFAULT_PAGE) : sim_nasty_limit_page(call, granted);
}

static void
answer(SimCall *call, JsonArray *value, const char *key, const char *link)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree char *context = g_strdup_printf("%s/v1.0/$metadata#Collection(message)", call->request->origin);

	json_object_set_string_member(object, "@odata.context", context);
	json_object_set_string_member(object, key, link);
	json_object_set_array_member(object, "value", sim_nasty_mix(call, value));
	sim_response_set_object(call->response, 200, object);
}

/* The link with which the next round begins; the same one as before when there was nothing. */
static char *
delta_link(SimCall *call, const SimCursor *from, const char *path, SimQuery *query, guint64 sequence)
{
	g_autofree char *uri = sim_call_format_uri(call);
	SimCursor *cursor;

	if (from != NULL && from->kind == SIM_CURSOR_DELTA && from->sequence == sequence)
		return g_strdup_printf("%s?$deltatoken=%s", uri, query->token);
	cursor = sim_cursor_new(SIM_CURSOR_DELTA, path, from != NULL ? from->query : query);
	cursor->sequence = sequence;
	return sim_cursor_link(call, cursor, uri);
}

static void
answer_next(SimCall *call, JsonArray *value, SimCursor *cursor)
{
	g_autofree char *uri = sim_call_format_uri(call);
	g_autofree char *link = sim_cursor_link(call, cursor, uri);

	answer(call, value, "@odata.nextLink", link);
}

static void
answer_initial(SimCall *call, SimFolder *folder, const SimCursor *from)
{
	SimQuery *query = from->query;
	guint size = page_size(call, query);
	guint most = query->top > 0 ? query->top : query->filter != NULL ? MAX_FILTERED : G_MAXUINT;
	guint delivered = from->delivered;
	SimMessage last = {.received = from->received, .number = from->number};
	JsonArray *value = json_array_new();
	g_autofree char *stranger = sim_nasty_stranger(call, folder);
	GSequenceIter *iter = delivered > 0 || from->number > 0
				      ? g_sequence_search(folder->messages, &last, sim_message_compare, NULL)
				      : g_sequence_get_begin_iter(folder->messages);

	if (stranger != NULL && wants(query, "deleted"))
		json_array_add_object_element(value, removed_id_object(stranger, "changed"));
	if (!wants(query, "created"))
		iter = g_sequence_get_end_iter(folder->messages);
	for (; !g_sequence_iter_is_end(iter) && json_array_get_length(value) < size && delivered < most;
	     iter = g_sequence_iter_next(iter)) {
		SimMessage *message = g_sequence_get(iter);

		last.received = message->received;
		last.number = message->number;
		if (query->filter != NULL && !sim_filter_matches(query->filter, message))
			continue;
		json_array_add_object_element(value, full_object(call, message, query));
		delivered++;
	}
	if (!g_sequence_iter_is_end(iter) && delivered < most) {
		SimCursor *next = sim_cursor_copy(from);

		next->received = last.received;
		next->number = last.number;
		next->delivered = delivered;
		answer_next(call, value, next);
	} else {
		g_autofree char *link = delta_link(call, from, from->path, query, from->sequence);

		answer(call, value, "@odata.deltaLink", link);
	}
}

static void
answer_changes(SimCall *call, SimFolder *folder, const SimCursor *from, SimQuery *request)
{
	SimQuery *query = from->query;
	guint mask = watched_mask(query, query->extended != NULL);
	guint size = page_size(call, query);
	gboolean begun = from->kind == SIM_CURSOR_CHANGES;
	guint64 end =
		begun ? from->sequence : sim_nasty_end(call, folder->journal, from->sequence, call->mailbox->sequence);
	g_autoptr(GArray) changes =
		begun ? g_array_ref(from->changes)
		      : collect_changes(folder->journal, sim_nasty_begin(call, folder->journal, from->sequence), end,
					call->immutable);
	guint offset = from->offset;
	JsonArray *value = json_array_new();

	for (; offset < changes->len && json_array_get_length(value) < size; offset++)
		add_change(call, folder, query, mask, &g_array_index(changes, SimChange, offset), value);
	if (offset < changes->len) {
		SimCursor *next = sim_cursor_new(SIM_CURSOR_CHANGES, from->path, query);

		next->sequence = end;
		next->offset = offset;
		next->changes = g_array_ref(changes);
		answer_next(call, value, next);
	} else {
		/* without a line in the journal the round ends where it began */
		guint64 sequence = changes->len == 0 ? from->sequence : end;
		g_autofree char *link = delta_link(call, from, from->path, request, sequence);

		answer(call, value, "@odata.deltaLink", link);
	}
}

static gboolean
check_query(SimCall *call, SimQuery *query)
{
	if (query->filter != NULL && !sim_filter_is_received_from(query->filter)) {
		sim_call_refuse(call, 400, "BadRequest", "API.md 5.9",
				"Delta takes no other filter than receivedDateTime ge or gt.");
		return FALSE;
	}
	for (guint i = 0; i < call->request->query->len; i++) {
		const SimParameter *parameter = g_ptr_array_index(call->request->query, i);

		if (g_ascii_strcasecmp(parameter->name, "$orderby") == 0 &&
		    !g_str_equal(parameter->value, "receivedDateTime desc")) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.9",
					"Delta takes no other order than receivedDateTime desc.");
			return FALSE;
		}
	}
	/* API.md 5.9: seen as 500, the parser trips over the dollar sign (CHECKED.md A) */
	if (query->dollar_expand) {
		sim_call_refuse(call, 500, "InternalServerError", "API.md 5.9", "$expand on a delta query.");
		return FALSE;
	}
	if (!call->graph->delta_expand)
		g_clear_pointer(&query->extended, g_ptr_array_unref);
	return TRUE;
}

/* CHECKED.md 2b: 400 or 500 may come for what was expanded, also behind a first page that was served. */
static gboolean
fails_expanded(SimCall *call, const SimCursor *cursor)
{
	guint status = call->graph->expanded_links;

	if (status == 0 || cursor->query->extended == NULL || cursor->kind == SIM_CURSOR_DELTA)
		return FALSE;
	sim_call_refuse(call, status, status == 400 ? "BadRequest" : "InternalServerError", "CHECKED.md 2b",
			"Extended properties on a later page of a delta round.");
	return TRUE;
}

void
sim_delta_handle_messages(SimCall *call, SimFolder *folder)
{
	g_autoptr(SimQuery) query = NULL;
	g_autofree char *path = NULL;
	const SimCursor *cursor;

	if (!sim_call_is_method(call, "GET") || sim_call_peek(call) != NULL) {
		sim_call_refuse_method(call);
		return;
	}
	if (folder == NULL) {
		sim_call_refuse(call, 400, "BadRequest", "API.md 5.9",
				"Change tracking is not supported against 'microsoft.graph.message'.");
		return;
	}
	if (!sim_call_require(call, SIM_RIGHT_BASIC))
		return;
	query = sim_query_parse(call, "message",
				SIM_QUERY_SELECT | SIM_QUERY_FILTER | SIM_QUERY_ORDERBY | SIM_QUERY_EXPAND |
					SIM_QUERY_PLAIN_EXPAND | SIM_QUERY_CHANGE_TYPE | SIM_QUERY_TOP |
					SIM_QUERY_TOKEN);
	if (query == NULL || !check_query(call, query))
		return;
	path = g_strdup_printf("%s %" G_GUINT64_FORMAT " messages/delta", call->mailbox->address, folder->number);
	if (query->token == NULL) {
		SimCursor *start = sim_cursor_new(SIM_CURSOR_INITIAL, path, query);

		start->sequence = call->mailbox->sequence;
		answer_initial(call, folder, start);
		sim_cursor_free(start);
		return;
	}
	cursor = sim_cursor_find(call, query->token, path);
	if (cursor == NULL || sim_nasty_expires(call, cursor) || fails_expanded(call, cursor))
		return;
	if (sim_nasty_is_empty_page(call))
		answer_next(call, json_array_new(), sim_cursor_copy(cursor));
	else if (cursor->kind == SIM_CURSOR_INITIAL)
		answer_initial(call, folder, cursor);
	else
		answer_changes(call, folder, cursor, query);
}

static void
add_folder(SimCall *call, const SimChange *change, SimQuery *query, JsonArray *value)
{
	SimFolder *folder = sim_mailbox_get_folder(call->mailbox, change->number);
	SimId id = {.kind = SIM_ID_FOLDER, .number = change->number};
	g_autofree char *text = NULL;
	JsonObject *object, *removed;

	if (folder != NULL) {
		if (folder != call->mailbox->root && !folder->hidden)
			json_array_add_object_element(value, sim_json_folder(call, folder, query));
		return;
	}
	text = sim_id_format(call->mailbox->address, &id);
	object = json_object_new();
	removed = json_object_new();
	json_object_set_string_member(object, "id", text);
	json_object_set_string_member(removed, "reason", "deleted");
	json_object_set_object_member(object, "@removed", removed);
	json_array_add_object_element(value, object);
}

/* Structure alone; the counters do not show here (CHECKED.md 11). */
void
sim_delta_handle_folders(SimCall *call)
{
	g_autoptr(SimQuery) query = NULL;
	g_autofree char *path = g_strdup_printf("%s 0 mailFolders/delta", call->mailbox->address);
	const SimCursor *from = NULL;
	SimCursor *start = NULL;
	g_autoptr(GArray) changes = NULL;
	guint size, offset;
	guint64 end;
	JsonArray *value;

	if (!sim_call_is_method(call, "GET") || sim_call_peek(call) != NULL) {
		sim_call_refuse_method(call);
		return;
	}
	if (!sim_call_require(call, SIM_RIGHT_BASIC) ||
	    (query = sim_query_parse(call, "mailFolder", SIM_QUERY_SELECT | SIM_QUERY_TOKEN)) == NULL)
		return;
	if (query->token == NULL)
		from = start = sim_cursor_new(SIM_CURSOR_DELTA, path, query);
	else if ((from = sim_cursor_find(call, query->token, path)) == NULL)
		return;
	end = from->kind == SIM_CURSOR_CHANGES ? from->sequence : call->mailbox->sequence;
	changes = from->kind == SIM_CURSOR_CHANGES
			  ? g_array_ref(from->changes)
			  : collect_changes(call->mailbox->folder_journal, from->sequence, end, TRUE);
	value = json_array_new();
	size = page_size(call, from->query);
	for (offset = from->offset; offset < changes->len && json_array_get_length(value) < size; offset++)
		add_folder(call, &g_array_index(changes, SimChange, offset), from->query, value);
	if (offset < changes->len) {
		SimCursor *next = sim_cursor_new(SIM_CURSOR_CHANGES, path, from->query);

		next->sequence = end;
		next->offset = offset;
		next->changes = g_array_ref(changes);
		answer_next(call, value, next);
	} else {
		g_autofree char *link = delta_link(call, from, path, query, changes->len == 0 ? from->sequence : end);

		answer(call, value, "@odata.deltaLink", link);
	}
	g_clear_pointer(&start, sim_cursor_free);
}
