/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-content.h"
#include "sim-json.h"
#include "sim-routes.h"
#include "sim-upload.h"
#include "sim-value.h"

/* API.md 7.2 */
#define MAX_SMALL (3 * 1024 * 1024)

static void
list_attachments(SimCall *call, SimMessage *message)
{
	g_autoptr(SimQuery) query = sim_query_parse(
		call, "attachment", SIM_QUERY_SELECT | SIM_QUERY_FILTER | SIM_QUERY_EXPAND | SIM_QUERY_TOP);
	g_autoptr(SimContent) content = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *context = NULL;
	JsonArray *value;

	if (query == NULL)
		return;
	content = sim_content_of(message);
	object = json_object_new();
	context = sim_call_format_context(call, "messages/attachments");
	value = json_array_new();
	for (guint i = 0; i < content->attachments->len; i++)
		json_array_add_object_element(
			value,
			sim_json_attachment(call, message, g_ptr_array_index(content->attachments, i), query, FALSE));
	json_object_set_string_member(object, "@odata.context", context);
	json_object_set_array_member(object, "value", value);
	sim_response_set_object(call->response, 200, object);
}

static void
answer_attachment(SimCall *call, guint status, SimMessage *message, const SimAttachment *attachment, SimQuery *query)
{
	gboolean with_item = query != NULL && sim_request_get_parameter(call->request, "$expand") != NULL;
	g_autoptr(JsonObject) object = sim_json_attachment(call, message, attachment, query, with_item);
	g_autofree char *context = sim_call_format_context(call, "messages/attachments/$entity");

	json_object_set_string_member(object, "@odata.context", context);
	sim_response_set_object(call->response, status, object);
}

/* FALSE: refused */
static gboolean
check_draft(SimCall *call, SimMessage *message)
{
	if (message->is_draft)
		return TRUE;
	sim_call_refuse(call, 403, "ErrorAccessDenied", "API.md 5.6, 7.2",
			"The attachments of a message that is no draft cannot be changed.");
	return FALSE;
}

static void
commit(SimCall *call, SimMessage *message, SimContent *content)
{
	sim_content_replace(message, content);
	sim_mailbox_commit_message(call->mailbox, message, message->is_read, SIM_CHANGED_ATTACHMENTS);
}

guint
sim_attachments_add(SimMailbox *mailbox, SimMessage *message, SimAttachment *attachment)
{
	SimContent *content = sim_content_of(message);

	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *other = g_ptr_array_index(content->attachments, i);

		attachment->number = MAX(attachment->number, other->number);
	}
	attachment->number++;
	g_ptr_array_add(content->attachments, attachment);
	sim_content_replace(message, content);
	sim_mailbox_commit_message(mailbox, message, message->is_read, SIM_CHANGED_ATTACHMENTS);
	return attachment->number;
}

static void
add_attachment(SimCall *call, SimMessage *message)
{
	g_autoptr(JsonObject) body = NULL;
	g_autoptr(JsonNode) node = NULL;
	SimAttachment *attachment;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || !check_draft(call, message) ||
	    (body = sim_call_get_body(call)) == NULL)
		return;
	node = json_node_init_object(json_node_alloc(), body);
	attachment = sim_value_get_attachment(call, node);
	if (attachment == NULL)
		return;
	if (g_bytes_get_size(attachment->content) >= MAX_SMALL ||
	    g_bytes_get_size(call->request->body) > SIM_MAX_REQUEST) {
		sim_attachment_free(attachment);
		sim_call_refuse(
			call, 413, "RequestEntityTooLarge", "API.md 7.2",
			"The maximum request length supported is 4MB; an attachment of 3 MB needs an upload session.");
		return;
	}
	if (message->size + g_bytes_get_size(attachment->content) > call->graph->size_limit) {
		sim_attachment_free(attachment);
		sim_call_refuse(call, 413, "ErrorMessageSizeExceeded", "API.md 6",
				"The message exceeds the maximum supported size.");
		return;
	}
	sim_attachments_add(call->mailbox, message, attachment);
	answer_attachment(call, 201, message, attachment, NULL);
}

static void
delete_attachment(SimCall *call, SimMessage *message, guint number)
{
	SimContent *content;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || !check_draft(call, message))
		return;
	content = sim_content_of(message);
	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *attachment = g_ptr_array_index(content->attachments, i);

		if (attachment->number == number) {
			g_ptr_array_remove_index(content->attachments, i);
			break;
		}
	}
	commit(call, message, content);
	sim_response_set_empty(call->response, 204);
}

static void
handle_one(SimCall *call, SimMessage *message, const char *text)
{
	const char *action = sim_call_next(call);
	g_autoptr(SimContent) content = NULL;
	g_autoptr(SimQuery) query = NULL;
	const SimAttachment *attachment = NULL;
	gboolean ours = FALSE;
	SimId id;

	if (!sim_id_parse(call->mailbox->address, text, &id, &ours) || id.kind != SIM_ID_ATTACHMENT) {
		sim_call_refuse(call, 400, "ErrorInvalidIdMalformed", "API.md 14.2", "Id is malformed.");
		return;
	}
	content = sim_content_of(message);
	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *candidate = g_ptr_array_index(content->attachments, i);

		if (ours && id.number == message->number && candidate->number == id.part &&
		    (id.generation == G_MAXUINT32 || id.generation == message->generation))
			attachment = candidate;
	}
	if (attachment == NULL) {
		sim_call_refuse(call, 404, "ErrorItemNotFound", "API.md 14.2",
				"The specified object was not found in the store.");
		return;
	}
	if (action != NULL && (!g_str_equal(action, "$value") || sim_call_peek(call) != NULL)) {
		sim_call_refuse_segment(call, action);
	} else if (action == NULL && sim_call_is_method(call, "DELETE")) {
		delete_attachment(call, message, attachment->number);
	} else if (!sim_call_is_method(call, "GET")) {
		sim_call_refuse_method(call);
	} else if (action != NULL) {
		sim_response_set_bytes(call->response, 200,
				       attachment->is_item ? "text/plain" : "application/octet-stream",
				       attachment->content);
	} else if ((query = sim_query_parse(call, "attachment", SIM_QUERY_SELECT | SIM_QUERY_EXPAND)) != NULL) {
		answer_attachment(call, 200, message, attachment, query);
	}
}

void
sim_attachments_handle(SimCall *call, SimMessage *message)
{
	const char *segment = sim_call_next(call);

	if (!sim_call_require(call, SIM_RIGHT_READ))
		return;
	if (segment == NULL) {
		if (sim_call_is_method(call, "POST"))
			add_attachment(call, message);
		else if (sim_call_is_method(call, "GET"))
			list_attachments(call, message);
		else
			sim_call_refuse_method(call);
		return;
	}
	if (g_ascii_strcasecmp(segment, "createUploadSession") == 0) {
		if (!sim_call_is_method(call, "POST"))
			sim_call_refuse_method(call);
		else if (sim_call_require(call, SIM_RIGHT_WRITE) && check_draft(call, message))
			sim_upload_create(call, message);
		return;
	}
	handle_one(call, message, segment);
}
