/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-json.h"

#include <string.h>

#include "sim-content.h"
#include "sim-mime.h"
#include "sim-text.h"

static void
set_text(JsonObject *object, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_string_member(object, name, text);
	else
		json_object_set_null_member(object, name);
}

static void
take_text(JsonObject *object, const char *name, char *text)
{
	set_text(object, name, text);
	g_free(text);
}

static JsonObject *
recipient_object(const SimAddress *address)
{
	JsonObject *object = json_object_new();
	JsonObject *email = json_object_new();

	set_text(email, "name", address->name != NULL ? address->name : address->address);
	set_text(email, "address", address->address);
	json_object_set_object_member(object, "emailAddress", email);
	return object;
}

static void
set_recipient(JsonObject *object, const char *name, const SimAddress *address)
{
	if (address != NULL)
		json_object_set_object_member(object, name, recipient_object(address));
	else
		json_object_set_null_member(object, name);
}

JsonArray *
sim_json_recipients(GPtrArray *addresses)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; addresses != NULL && i < addresses->len; i++)
		json_array_add_object_element(array, recipient_object(g_ptr_array_index(addresses, i)));
	return array;
}

JsonObject *
sim_json_date_time(const SimDateTime *time)
{
	JsonObject *object = json_object_new();

	set_text(object, "dateTime", time->date_time);
	set_text(object, "timeZone", time->time_zone);
	return object;
}

static void
set_flag(JsonObject *object, SimMessage *message)
{
	JsonObject *flag = json_object_new();

	if (message->flag_completed != NULL)
		json_object_set_object_member(flag, "completedDateTime", sim_json_date_time(message->flag_completed));
	if (message->flag_due != NULL)
		json_object_set_object_member(flag, "dueDateTime", sim_json_date_time(message->flag_due));
	if (message->flag_start != NULL)
		json_object_set_object_member(flag, "startDateTime", sim_json_date_time(message->flag_start));
	json_object_set_string_member(flag, "flagStatus", message->flag_status);
	json_object_set_object_member(object, "flag", flag);
}

static void
set_categories(JsonObject *object, SimMessage *message)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; message->categories != NULL && message->categories[i] != NULL; i++)
		json_array_add_string_element(array, message->categories[i]);
	json_object_set_array_member(object, "categories", array);
}

static void
set_body(JsonObject *object, const char *name, SimMessage *message, const char *wanted)
{
	g_autoptr(SimContent) content = sim_content_of(message);
	JsonObject *body = json_object_new();
	gboolean html = content->html;

	json_object_set_string_member(body, "contentType", wanted != NULL ? wanted : html ? "html" : "text");
	if (wanted != NULL && g_str_equal(wanted, "text") && html)
		take_text(body, "content", sim_text_from_html(content->text));
	else if (wanted != NULL && g_str_equal(wanted, "html") && !html)
		take_text(body, "content", sim_text_to_html(content->text));
	else
		set_text(body, "content", content->text);
	json_object_set_object_member(object, name, body);
}

static void
set_headers(JsonObject *object, SimMessage *message)
{
	JsonArray *array = json_array_new();

	if (message->headers == NULL || message->headers_version != message->version) {
		g_autoptr(GBytes) mime = sim_content_get_mime(message);

		g_clear_pointer(&message->headers, g_ptr_array_unref);
		message->headers = sim_mime_read_headers(mime);
		message->headers_version = message->version;
	}
	for (guint i = 0; i < message->headers->len; i++) {
		const SimHeader *header = g_ptr_array_index(message->headers, i);
		JsonObject *item = json_object_new();

		set_text(item, "name", header->name);
		set_text(item, "value", header->value);
		json_array_add_object_element(array, item);
	}
	json_object_set_array_member(object, "internetMessageHeaders", array);
}

static void
set_extended(JsonObject *object, SimMessage *message, GPtrArray *ids)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		g_autofree char *value = sim_content_get_extended(message, id);
		JsonObject *item;

		if (value == NULL)
			continue;
		item = json_object_new();
		set_text(item, "id", id);
		set_text(item, "value", value);
		json_array_add_object_element(array, item);
	}
	/* an absent property is simply not there, and neither is an empty list (API.md 5.3) */
	if (json_array_get_length(array) > 0)
		json_object_set_array_member(object, "singleValueExtendedProperties", array);
	else
		json_array_unref(array);
}

#define SELECTED(name) (query == NULL || sim_query_selects(query, name))

static void
set_message(JsonObject *object, SimMessage *message, SimQuery *query, const char *body_type, gboolean basic)
{
	SimId conversation = {.kind = SIM_ID_CONVERSATION, .number = message->conversation};

	if (SELECTED("createdDateTime"))
		take_text(object, "createdDateTime", sim_text_format_time(message->created));
	if (SELECTED("lastModifiedDateTime"))
		take_text(object, "lastModifiedDateTime", sim_text_format_time(message->modified));
	if (SELECTED("changeKey"))
		take_text(object, "changeKey", sim_id_change_key(message->version));
	if (SELECTED("categories"))
		set_categories(object, message);
	if (SELECTED("receivedDateTime"))
		take_text(object, "receivedDateTime", sim_text_format_time(message->received));
	if (SELECTED("sentDateTime"))
		take_text(object, "sentDateTime", sim_text_format_time(message->sent));
	if (SELECTED("hasAttachments"))
		json_object_set_boolean_member(object, "hasAttachments", message->has_attachments);
	if (SELECTED("internetMessageId"))
		set_text(object, "internetMessageId", message->internet_message_id);
	if (SELECTED("subject"))
		set_text(object, "subject", message->subject);
	if (SELECTED("bodyPreview") && !basic)
		set_text(object, "bodyPreview", message->preview);
	if (SELECTED("importance"))
		set_text(object, "importance", message->importance);
	if (SELECTED("parentFolderId"))
		take_text(object, "parentFolderId", sim_folder_format_id(message->folder));
	if (SELECTED("conversationId"))
		take_text(object, "conversationId", sim_id_format(message->folder->mailbox->address, &conversation));
	if (SELECTED("conversationIndex"))
		set_text(object, "conversationIndex", message->conversation_index);
	if (SELECTED("isDeliveryReceiptRequested")) {
		if (message->wants_delivery_receipt < 0)
			json_object_set_null_member(object, "isDeliveryReceiptRequested");
		else
			json_object_set_boolean_member(object, "isDeliveryReceiptRequested",
						       message->wants_delivery_receipt);
	}
	if (SELECTED("isReadReceiptRequested"))
		json_object_set_boolean_member(object, "isReadReceiptRequested", message->wants_read_receipt);
	if (SELECTED("isRead"))
		json_object_set_boolean_member(object, "isRead", message->is_read);
	if (SELECTED("isDraft"))
		json_object_set_boolean_member(object, "isDraft", message->is_draft);
	if (SELECTED("webLink")) {
		g_autofree char *id = sim_message_format_id(message, FALSE);
		g_autofree char *escaped = g_uri_escape_string(id, NULL, FALSE);

		take_text(object, "webLink",
			  g_strdup_printf(
				  "https://outlook.office365.com/owa/?ItemID=%s&exvsurl=1&viewmodel=ReadMessageItem",
				  escaped));
	}
	if (SELECTED("inferenceClassification"))
		set_text(object, "inferenceClassification", message->inference);
	if (SELECTED("body") && !basic)
		set_body(object, "body", message, body_type);
	if (query != NULL && query->select != NULL && SELECTED("uniqueBody") && !basic)
		set_body(object, "uniqueBody", message, body_type);
	if (SELECTED("sender"))
		set_recipient(object, "sender", message->sender);
	if (SELECTED("from"))
		set_recipient(object, "from", message->from);
	if (SELECTED("toRecipients"))
		json_object_set_array_member(object, "toRecipients", sim_json_recipients(message->to));
	if (SELECTED("ccRecipients"))
		json_object_set_array_member(object, "ccRecipients", sim_json_recipients(message->cc));
	if (SELECTED("bccRecipients"))
		json_object_set_array_member(object, "bccRecipients", sim_json_recipients(message->bcc));
	if (SELECTED("replyTo"))
		json_object_set_array_member(object, "replyTo", sim_json_recipients(message->reply_to));
	if (SELECTED("flag"))
		set_flag(object, message);
	if (query != NULL && query->select != NULL && SELECTED("internetMessageHeaders") && !basic)
		set_headers(object, message);
}

JsonObject *
sim_json_message(SimCall *call, SimMessage *message, SimQuery *query)
{
	JsonObject *object = json_object_new();
	g_autofree char *key = sim_id_change_key(message->version);

	take_text(object, "@odata.etag", g_strdup_printf("W/\"%s\"", key));
	take_text(object, "id", sim_message_format_id(message, call->immutable));
	set_message(object, message, query, sim_call_get_body_type(call), call->basic);
	if (query != NULL && query->extended != NULL && !call->basic)
		set_extended(object, message, query->extended);
	if (query != NULL && query->expand_attachments && !call->basic) {
		g_autoptr(SimContent) content = sim_content_of(message);
		JsonArray *array = json_array_new();

		for (guint i = 0; i < content->attachments->len; i++)
			json_array_add_object_element(
				array, sim_json_attachment(call, message, g_ptr_array_index(content->attachments, i),
							   NULL, FALSE));
		json_object_set_array_member(object, "attachments", array);
	}
	return object;
}

JsonObject *
sim_json_message_whole(SimMessage *message)
{
	JsonObject *object = json_object_new();
	g_autoptr(GBytes) mime = sim_content_get_mime(message);
	gsize length;
	gconstpointer bytes = g_bytes_get_data(mime, &length);

	take_text(object, "id", sim_message_format_id(message, TRUE));
	set_message(object, message, NULL, NULL, FALSE);
	set_headers(object, message);
	take_text(object, "x-mime", g_base64_encode(bytes, length));
	if (message->extended != NULL) {
		g_autoptr(GPtrArray) ids = g_ptr_array_new();
		g_autoptr(GList) keys = g_hash_table_get_keys(message->extended);

		for (GList *l = keys; l != NULL; l = l->next)
			g_ptr_array_add(ids, l->data);

		set_extended(object, message, ids);
	}
	return object;
}

JsonObject *
sim_json_folder(SimCall *call, SimFolder *folder, SimQuery *query)
{
	JsonObject *object = json_object_new();

	if (folder->filter_query != NULL)
		json_object_set_string_member(object, "@odata.type", "#microsoft.graph.mailSearchFolder");
	take_text(object, "id", sim_folder_format_id(folder));
	if (SELECTED("displayName"))
		set_text(object, "displayName", folder->name);
	if (SELECTED("parentFolderId")) {
		SimId store = {.kind = SIM_ID_FOLDER};

		take_text(object, "parentFolderId",
			  folder->parent != NULL ? sim_folder_format_id(folder->parent)
						 : sim_id_format(folder->mailbox->address, &store));
	}
	if (SELECTED("childFolderCount"))
		json_object_set_int_member(object, "childFolderCount", sim_folder_count_children(folder));
	if (SELECTED("unreadItemCount"))
		json_object_set_int_member(object, "unreadItemCount", folder->unread);
	if (SELECTED("totalItemCount"))
		json_object_set_int_member(object, "totalItemCount", g_sequence_get_length(folder->messages));
	if (SELECTED("isHidden"))
		json_object_set_boolean_member(object, "isHidden", folder->hidden);
	if (folder->filter_query != NULL && (query == NULL || query->select == NULL)) {
		json_object_set_boolean_member(object, "isSupported", TRUE);
		json_object_set_string_member(object, "filterQuery", folder->filter_query);
	}
	return object;
}

JsonObject *
sim_json_attachment(SimCall *call, SimMessage *message, const SimAttachment *attachment, SimQuery *query,
		    gboolean with_item)
{
	JsonObject *object = json_object_new();
	gboolean selective = query != NULL && query->select != NULL;
	gsize length;
	gconstpointer bytes = g_bytes_get_data(attachment->content, &length);

	json_object_set_string_member(object, "@odata.type",
				      attachment->is_item ? "#microsoft.graph.itemAttachment"
							  : "#microsoft.graph.fileAttachment");
	take_text(object, "id", sim_message_format_attachment_id(message, attachment->number, call->immutable));
	if (SELECTED("lastModifiedDateTime"))
		take_text(object, "lastModifiedDateTime", sim_text_format_time(message->modified));
	if (SELECTED("name"))
		set_text(object, "name", attachment->name);
	if (SELECTED("contentType"))
		set_text(object, "contentType", attachment->is_item ? NULL : attachment->content_type);
	/* the stored size is larger than the file (API.md 7) */
	if (SELECTED("size"))
		json_object_set_int_member(object, "size", (gint64)(length + length / 22 + 180));
	if (SELECTED("isInline"))
		json_object_set_boolean_member(object, "isInline", attachment->is_inline);
	if (!attachment->is_item) {
		if (!selective || sim_query_selects(query, "microsoft.graph.fileAttachment/contentId"))
			set_text(object, "contentId", attachment->content_id);
		if (!selective || sim_query_selects(query, "microsoft.graph.fileAttachment/contentLocation"))
			set_text(object, "contentLocation", attachment->content_location);
		if (!selective || sim_query_selects(query, "microsoft.graph.fileAttachment/contentBytes"))
			take_text(object, "contentBytes", g_base64_encode(bytes, length));
	} else if (with_item) {
		g_autoptr(SimMessage) inner = sim_message_new();
		JsonObject *item;

		sim_mime_read_message(inner, attachment->content);
		inner->folder = message->folder;
		item = json_object_new();
		json_object_set_string_member(item, "@odata.type", "#microsoft.graph.message");
		json_object_set_string_member(item, "id", ""); /* API.md 7.1 */
		set_message(item, inner, NULL, NULL, FALSE);
		json_object_set_object_member(object, "item", item);
	}
	return object;
}

void
sim_json_answer_message(SimCall *call, guint status, SimMessage *message, SimQuery *query)
{
	g_autoptr(JsonObject) object = sim_json_message(call, message, query);
	g_autofree char *context = sim_call_format_context(call, "messages/$entity");

	json_object_set_string_member(object, "@odata.context", context);
	sim_response_set_object(call->response, status, object);
}

void
sim_json_answer_folder(SimCall *call, guint status, SimFolder *folder, SimQuery *query)
{
	g_autoptr(JsonObject) object = sim_json_folder(call, folder, query);
	g_autofree char *context = sim_call_format_context(call, "mailFolders/$entity");

	json_object_set_string_member(object, "@odata.context", context);
	sim_response_set_object(call->response, status, object);
}
