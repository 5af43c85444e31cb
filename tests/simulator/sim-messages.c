/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-content.h"
#include "sim-json.h"
#include "sim-list.h"
#include "sim-routes.h"

static void
get_message(SimCall *call, SimMessage *message)
{
	g_autoptr(SimQuery) query = sim_query_parse(call, "message", SIM_QUERY_SELECT | SIM_QUERY_EXPAND);

	if (query != NULL)
		sim_json_answer_message(call, 200, message, query);
}

static void
get_mime(SimCall *call, SimMessage *message)
{
	g_autoptr(GBytes) mime = NULL;

	if (!sim_call_require(call, SIM_RIGHT_READ))
		return;
	mime = sim_content_get_mime(message);
	sim_response_set_bytes(call->response, 200, "text/plain", mime);
}

static void
transfer_message(SimCall *call, SimMessage *message, gboolean copy)
{
	g_autoptr(JsonObject) body = NULL;
	SimFolder *destination;
	JsonNode *id;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || (body = sim_call_get_body(call)) == NULL)
		return;
	id = json_object_get_member(body, "destinationId");
	if (id == NULL)
		id = json_object_get_member(body, "DestinationId");
	if (id == NULL || !JSON_NODE_HOLDS_VALUE(id) || json_node_get_value_type(id) != G_TYPE_STRING) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 5.7", "destinationId is missing.");
		return;
	}
	destination = sim_call_find_folder(call, json_node_get_string(id));
	if (destination == NULL)
		return;
	if (destination->filter_query != NULL) {
		sim_call_refuse(call, 400, "ErrorMoveCopyFailed", "API.md 4",
				"A search folder holds no messages of its own.");
		return;
	}
	if (copy) {
		message = sim_message_copy(message);
		sim_mailbox_add_message(call->mailbox, destination, message);
	} else {
		sim_mailbox_move_message(call->mailbox, message, destination);
	}
	sim_json_answer_message(call, 201, message, NULL);
}

/* CHECKED.md 27: witnesses disagree on DELETE; here into Deleted Items, from there away. */
static void
delete_message(SimCall *call, SimMessage *message)
{
	SimFolder *trash = sim_mailbox_get_well_known(call->mailbox, "deleteditems");

	if (!sim_call_require(call, SIM_RIGHT_WRITE))
		return;
	if (trash == NULL || sim_folder_is_inside(message->folder, trash))
		sim_mailbox_remove_message(call->mailbox, message);
	else
		sim_mailbox_move_message(call->mailbox, message, trash);
	sim_response_set_empty(call->response, 204);
}

static void
delete_permanently(SimCall *call, SimMessage *message)
{
	if (!sim_call_require(call, SIM_RIGHT_WRITE) || !sim_call_check_empty(call))
		return;
	g_hash_table_add(call->mailbox->purged, g_memdup2(&message->number, sizeof message->number));
	sim_mailbox_remove_message(call->mailbox, message);
	sim_response_set_empty(call->response, 204);
}

/* TRUE: answered. CHECKED.md 27: a second permanentDelete is told apart from a wrong id. */
static gboolean
refuse_second_purge(SimCall *call, const char *text)
{
	gboolean ours = FALSE;
	SimId id;

	if (!sim_id_parse(call->mailbox->address, text, &id, &ours) || !ours ||
	    !g_hash_table_contains(call->mailbox->purged, &id.number))
		return FALSE;
	sim_call_refuse(call, 403, "ErrorCannotDeleteObject", "CHECKED.md 27", "The object cannot be deleted.");
	return TRUE;
}

static gboolean
is_reply(const char *action)
{
	static const char *const actions[] = {"reply",		"replyall",	 "forward", "createreply",
					      "createreplyall", "createforward", NULL};
	g_autofree char *lower = g_ascii_strdown(action, -1);

	return g_strv_contains(actions, lower);
}

static void
handle_one(SimCall *call, SimMessage *message)
{
	const char *action = sim_call_next(call);
	gboolean post = sim_call_is_method(call, "POST");

	if (action == NULL) {
		if (sim_call_is_method(call, "GET"))
			get_message(call, message);
		else if (sim_call_is_method(call, "PATCH"))
			sim_patch_handle(call, message);
		else if (sim_call_is_method(call, "DELETE"))
			delete_message(call, message);
		else
			sim_call_refuse_method(call);
		return;
	}
	if (g_ascii_strcasecmp(action, "attachments") == 0) {
		sim_attachments_handle(call, message);
		return;
	}
	if (sim_call_peek(call) != NULL) {
		sim_call_refuse_segment(call, sim_call_peek(call));
		return;
	}
	if (g_str_equal(action, "$value")) {
		if (sim_call_is_method(call, "GET"))
			get_mime(call, message);
		else
			sim_call_refuse_method(call);
		return;
	}
	if (!post)
		sim_call_refuse_method(call);
	else if (g_ascii_strcasecmp(action, "move") == 0)
		transfer_message(call, message, FALSE);
	else if (g_ascii_strcasecmp(action, "copy") == 0)
		transfer_message(call, message, TRUE);
	else if (g_ascii_strcasecmp(action, "send") == 0)
		sim_send_handle_draft(call, message);
	else if (g_ascii_strcasecmp(action, "permanentDelete") == 0)
		delete_permanently(call, message);
	else if (is_reply(action))
		sim_reply_handle(call, message, action);
	else
		sim_call_refuse_segment(call, action);
}

void
sim_messages_handle(SimCall *call, SimFolder *folder)
{
	const char *segment = sim_call_next(call);
	SimMessage *message;
	const char *action;

	if (segment == NULL || *segment == '\0') {
		if (sim_call_is_method(call, "POST"))
			sim_create_handle(call, folder);
		else if (!sim_call_is_method(call, "GET"))
			sim_call_refuse_method(call);
		else if (sim_call_require(call, SIM_RIGHT_BASIC))
			sim_list_messages(call, folder);
		return;
	}
	if (g_ascii_strcasecmp(segment, "delta") == 0) {
		sim_delta_handle_messages(call, folder);
		return;
	}
	action = sim_call_peek(call);
	/* sending needs no right to read (SCOPES.md 2) */
	if (!sim_call_require(call, action != NULL && (g_ascii_strcasecmp(action, "send") == 0 ||
						       g_ascii_strcasecmp(action, "reply") == 0 ||
						       g_ascii_strcasecmp(action, "replyAll") == 0 ||
						       g_ascii_strcasecmp(action, "forward") == 0)
					    ? SIM_RIGHT_SEND
					    : SIM_RIGHT_BASIC))
		return;
	if (action != NULL && g_ascii_strcasecmp(action, "permanentDelete") == 0 && refuse_second_purge(call, segment))
		return;
	message = sim_call_find_message(call, segment);
	if (message == NULL)
		return;
	if (folder != NULL && message->folder != folder) {
		sim_call_refuse(call, 404, "ErrorItemNotFound", "API.md 5.4", "The message is not in this folder.");
		return;
	}
	handle_one(call, message);
}
