/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-nasty.h"

#define SMALL_PAGE 5
#define MOST_LINES 4 /* of a journal, told again or later */

static gboolean
happens(SimCall *call, gint one_in)
{
	return call->graph->nasty != NULL && g_rand_int_range(call->graph->nasty, 0, one_in) == 0;
}

static guint
pick(SimCall *call, guint n)
{
	return (guint)g_rand_int_range(call->graph->nasty, 0, (gint)n);
}

gboolean
sim_nasty_is_empty_page(SimCall *call)
{
	return happens(call, 5);
}

guint
sim_nasty_limit_page(SimCall *call, guint size)
{
	guint small = happens(call, 2) ? 1 + pick(call, SMALL_PAGE) : size;

	return MIN(size, small);
}

gboolean
sim_nasty_wants_partial(SimCall *call)
{
	return happens(call, 2);
}

gboolean
sim_nasty_expires(SimCall *call, const SimCursor *cursor)
{
	static const struct {
		guint status;
		const char *code;
	} refusals[] = {
		{410, "syncStateNotFound"},	  {410, "resyncRequired"},   {410, "SyncStateNotFound"},
		{400, "ErrorInvalidIdMalformed"}, {404, "SyncStateInvalid"}, {400, "InvalidSyncStateData"},
	};
	guint which;

	if (!happens(call, cursor->kind == SIM_CURSOR_DELTA ? 24 : 12))
		return FALSE;
	which = pick(call, G_N_ELEMENTS(refusals));
	sim_call_refuse(call, refusals[which].status, refusals[which].code, "API.md 5.9, CHECKED.md H",
			"The link has expired.");
	return TRUE;
}

guint64
sim_nasty_begin(SimCall *call, GArray *journal, guint64 sequence)
{
	guint line = 0;
	guint again;

	if (!happens(call, 3))
		return sequence;
	again = 1 + pick(call, MOST_LINES);
	while (line < journal->len && g_array_index(journal, SimChange, line).sequence <= sequence)
		line++;
	line -= MIN(line, again);
	return line > 0 ? g_array_index(journal, SimChange, line - 1).sequence : 0;
}

guint64
sim_nasty_end(SimCall *call, GArray *journal, guint64 sequence, guint64 end)
{
	guint line = journal->len;
	guint later;

	if (!happens(call, 3))
		return end;
	later = 1 + pick(call, MOST_LINES);
	line -= MIN(line, later);
	return line > 0 ? MAX(sequence, g_array_index(journal, SimChange, line - 1).sequence) : sequence;
}

char *
sim_nasty_stranger(SimCall *call, SimFolder *folder)
{
	g_autoptr(GList) messages = NULL;
	SimMessage *message;

	if (!happens(call, 3))
		return NULL;
	messages = g_hash_table_get_values(call->mailbox->messages);
	if (messages == NULL || happens(call, 3)) {
		SimId id = {.kind = SIM_ID_IMMUTABLE, .number = 900000 + pick(call, 1000)};

		return sim_id_format(call->mailbox->address, &id);
	}
	message = g_list_nth_data(messages, pick(call, g_list_length(messages)));
	return message->folder != folder ? sim_message_format_id(message, call->immutable) : NULL;
}

/* Before which element it may not stand: the last one that tells of the same item. */
static guint
find_last(GPtrArray *mixed, JsonObject *object)
{
	const char *id = json_object_get_string_member_with_default(object, "id", "");

	for (guint i = mixed->len; i > 0; i--) {
		JsonObject *other = g_ptr_array_index(mixed, i - 1);

		if (g_str_equal(json_object_get_string_member_with_default(other, "id", ""), id))
			return i;
	}
	return 0;
}

JsonArray *
sim_nasty_mix(SimCall *call, JsonArray *value)
{
	g_autoptr(JsonArray) taken = value;
	g_autoptr(GPtrArray) mixed = g_ptr_array_new();
	JsonArray *result;

	if (!happens(call, 2))
		return g_steal_pointer(&taken);
	for (guint i = 0; i < json_array_get_length(taken); i++) {
		JsonObject *object = json_array_get_object_element(taken, i);

		for (guint times = happens(call, 6) ? 2 : 1; times > 0; times--) {
			guint first = find_last(mixed, object);

			g_ptr_array_insert(mixed, (gint)(first + pick(call, mixed->len - first + 1)), object);
		}
	}
	result = json_array_new();
	for (guint i = 0; i < mixed->len; i++)
		json_array_add_object_element(result, json_object_ref(g_ptr_array_index(mixed, i)));
	return result;
}
