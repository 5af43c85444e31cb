/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-json.h"
#include "sim-list.h"
#include "sim-routes.h"

#include <string.h>

#define MAX_NAME 255

static gboolean
check_name(SimCall *call, SimFolder *parent, SimFolder *self, const char *name)
{
	SimFolder *other;

	if (name == NULL || *name == '\0' || g_utf8_strlen(name, -1) > MAX_NAME) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 4", "The folder needs a displayName.");
		return FALSE;
	}
	other = sim_mailbox_get_child(call->mailbox, parent, name);
	if (other == NULL || other == self)
		return TRUE;
	sim_call_refuse(call, 409, "ErrorFolderExists", "API.md 4", "A folder with the specified name already exists.");
	return FALSE;
}

static const char *
get_string(JsonObject *body, const char *name)
{
	JsonNode *node = json_object_get_member(body, name);

	return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
		       ? json_node_get_string(node)
		       : NULL;
}

/* API.md 4: only displayName and isHidden, isHidden at creation alone */
static gboolean
check_members(SimCall *call, JsonObject *body, gboolean creating)
{
	g_autoptr(GList) members = json_object_get_members(body);

	for (GList *l = members; l != NULL; l = l->next) {
		const char *name = l->data;
		JsonNode *node = json_object_get_member(body, name);

		if (g_str_equal(name, "displayName") || g_str_equal(name, "@odata.type"))
			continue;
		if (g_str_equal(name, "isHidden") && creating && JSON_NODE_HOLDS_VALUE(node) &&
		    json_node_get_value_type(node) == G_TYPE_BOOLEAN)
			continue;
		sim_call_refuse(call, 400, "ErrorInvalidPropertySet", "API.md 4",
				"The property '%s' of a mailFolder is unknown, read-only or of the wrong type.", name);
		return FALSE;
	}
	return TRUE;
}

static void
create_folder(SimCall *call, SimFolder *parent)
{
	g_autoptr(JsonObject) body = NULL;
	SimFolder *folder;
	const char *name;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || (body = sim_call_get_body(call)) == NULL ||
	    !check_members(call, body, TRUE))
		return;
	name = get_string(body, "displayName");
	if (!check_name(call, parent, NULL, name))
		return;
	folder = sim_mailbox_add_folder(call->mailbox, parent, name, NULL);
	folder->hidden = json_object_get_boolean_member_with_default(body, "isHidden", FALSE);
	sim_json_answer_folder(call, 201, folder, NULL);
}

static void
rename_folder(SimCall *call, SimFolder *folder)
{
	g_autoptr(JsonObject) body = NULL;
	const char *name;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || (body = sim_call_get_body(call)) == NULL ||
	    !check_members(call, body, FALSE))
		return;
	name = get_string(body, "displayName");
	if (folder->well_known != NULL) {
		sim_call_refuse(call, 403, "ErrorAccessDenied", "API.md 4", "A distinguished folder keeps its name.");
		return;
	}
	if (!check_name(call, folder->parent, folder, name))
		return;
	sim_mailbox_rename_folder(call->mailbox, folder, name);
	sim_json_answer_folder(call, 200, folder, NULL);
}

static gboolean
check_not_distinguished(SimCall *call, SimFolder *folder)
{
	if (folder->well_known == NULL)
		return TRUE;
	sim_call_refuse(call, 403, "ErrorDeleteDistinguishedFolder", "API.md 4",
			"Distinguished folders cannot be moved or deleted.");
	return FALSE;
}

static void
transfer_folder(SimCall *call, SimFolder *folder, gboolean copy)
{
	g_autoptr(JsonObject) body = NULL;
	SimFolder *destination;
	const char *id;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || (body = sim_call_get_body(call)) == NULL)
		return;
	id = get_string(body, "destinationId");
	if (id == NULL)
		id = get_string(body, "DestinationId");
	if (id == NULL) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 4", "destinationId is missing.");
		return;
	}
	destination = sim_call_find_folder(call, id);
	if (destination == NULL || (!copy && !check_not_distinguished(call, folder)))
		return;
	if (sim_folder_is_inside(destination, folder)) {
		sim_call_refuse(call, 400, "ErrorMoveCopyFailed", "API.md 4", "A folder does not go into itself.");
		return;
	}
	if (!check_name(call, destination, copy ? NULL : folder, folder->name))
		return;
	if (copy)
		folder = sim_mailbox_copy_folder(call->mailbox, folder, destination);
	else
		sim_mailbox_move_folder(call->mailbox, folder, destination);
	sim_json_answer_folder(call, 200, folder, NULL);
}

/* Where a plain DELETE takes a folder is not documented (API.md 4): here into Deleted Items, from there away. */
static void
delete_folder(SimCall *call, SimFolder *folder, gboolean permanently)
{
	SimFolder *trash = sim_mailbox_get_well_known(call->mailbox, "deleteditems");

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || !check_not_distinguished(call, folder))
		return;
	if (permanently || trash == NULL || sim_folder_is_inside(folder, trash)) {
		sim_mailbox_remove_folder(call->mailbox, folder);
	} else {
		for (guint i = 2; sim_mailbox_get_child(call->mailbox, trash, folder->name) != NULL; i++) {
			g_autofree char *name = g_strdup_printf("%s %u", folder->name, i);

			if (sim_mailbox_get_child(call->mailbox, trash, name) == NULL)
				sim_mailbox_rename_folder(call->mailbox, folder, name);
		}
		sim_mailbox_move_folder(call->mailbox, folder, trash);
	}
	sim_response_set_empty(call->response, 204);
}

static void
get_folder(SimCall *call, SimFolder *folder)
{
	g_autoptr(SimQuery) query =
		sim_query_parse(call, "mailFolder", SIM_QUERY_SELECT | SIM_QUERY_EXPAND | SIM_QUERY_HIDDEN);

	if (query != NULL)
		sim_json_answer_folder(call, 200, folder, query);
}

static void handle_one(SimCall *call, SimFolder *folder);

static void
handle_collection(SimCall *call, SimFolder *parent)
{
	const char *segment = sim_call_next(call);
	SimFolder *folder;

	if (segment == NULL) {
		if (sim_call_is_method(call, "POST"))
			create_folder(call, parent);
		else if (!sim_call_is_method(call, "GET"))
			sim_call_refuse_method(call);
		else if (sim_call_require(call, SIM_RIGHT_BASIC))
			sim_list_folders(call, parent);
		return;
	}
	if (g_ascii_strcasecmp(segment, "delta") == 0 && parent == call->mailbox->root) {
		sim_delta_handle_folders(call);
		return;
	}
	if (!sim_call_require(call, SIM_RIGHT_BASIC))
		return;
	folder = sim_call_find_folder(call, segment);
	if (folder == NULL)
		return;
	if (parent != call->mailbox->root && folder->parent != parent) {
		sim_call_refuse(call, 404, "ErrorItemNotFound", "API.md 4", "The folder is not a child of this one.");
		return;
	}
	handle_one(call, folder);
}

static void
handle_one(SimCall *call, SimFolder *folder)
{
	const char *action = sim_call_next(call);
	gboolean post = sim_call_is_method(call, "POST");

	if (action == NULL) {
		if (sim_call_is_method(call, "GET"))
			get_folder(call, folder);
		else if (sim_call_is_method(call, "PATCH"))
			rename_folder(call, folder);
		else if (sim_call_is_method(call, "DELETE"))
			delete_folder(call, folder, FALSE);
		else
			sim_call_refuse_method(call);
		return;
	}
	if (g_ascii_strcasecmp(action, "childFolders") == 0) {
		handle_collection(call, folder);
		return;
	}
	if (g_ascii_strcasecmp(action, "messages") == 0) {
		sim_messages_handle(call, folder);
		return;
	}
	if (sim_call_peek(call) != NULL) {
		sim_call_refuse_segment(call, sim_call_peek(call));
		return;
	}
	if (!post)
		sim_call_refuse_method(call);
	else if (g_ascii_strcasecmp(action, "move") == 0)
		transfer_folder(call, folder, FALSE);
	else if (g_ascii_strcasecmp(action, "copy") == 0)
		transfer_folder(call, folder, TRUE);
	else if (g_ascii_strcasecmp(action, "permanentDelete") != 0)
		sim_call_refuse_segment(call, action);
	else if (sim_call_check_empty(call))
		delete_folder(call, folder, TRUE);
}

void
sim_folders_handle(SimCall *call)
{
	handle_collection(call, call->mailbox->root);
}
