/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-content.h"
#include "sim-json.h"
#include "sim-routes.h"
#include "sim-schema.h"
#include "sim-text.h"
#include "sim-value.h"

#define MOST_HEADERS 5u

static const char *const importances[] = {"low", "normal", "high", NULL};
static const char *const inferences[] = {"focused", "other", NULL};
static const char *const flag_statuses[] = {"notFlagged", "complete", "flagged", NULL};

static gboolean
apply_flag(SimCall *call, SimMessage *message, JsonNode *node)
{
	static const struct {
		const char *name;
		gsize offset;
	} dates[] = {{"startDateTime", G_STRUCT_OFFSET(SimMessage, flag_start)},
		     {"dueDateTime", G_STRUCT_OFFSET(SimMessage, flag_due)},
		     {"completedDateTime", G_STRUCT_OFFSET(SimMessage, flag_completed)}};
	g_autoptr(GList) members = NULL;
	JsonObject *flag;

	if (!sim_value_get_object(call, "flag", node, &flag))
		return FALSE;
	members = json_object_get_members(flag);
	for (GList *l = members; l != NULL; l = l->next) {
		JsonNode *value = json_object_get_member(flag, l->data);
		gboolean known = g_str_equal(l->data, "flagStatus") || g_str_has_prefix(l->data, "@");

		if (g_str_equal(l->data, "flagStatus") &&
		    !sim_value_get_enum(call, "flagStatus", value, flag_statuses, &message->flag_status))
			return FALSE;
		for (guint i = 0; i < G_N_ELEMENTS(dates); i++) {
			SimDateTime **place = (SimDateTime **)((char *)message + dates[i].offset);
			SimDateTime *time;

			if (!g_str_equal(l->data, dates[i].name))
				continue;
			if (!sim_value_get_date_time(call, dates[i].name, value, &time))
				return FALSE;
			sim_date_time_free(*place);
			*place = time;
			known = TRUE;
		}
		if (!known)
			return sim_value_refuse(call, l->data);
	}
	if (json_object_has_member(flag, "dueDateTime") && message->flag_due != NULL &&
	    !json_object_has_member(flag, "startDateTime")) {
		sim_call_refuse(call, 400, "ErrorInvalidArgument", "API.md 5.6",
				"A dueDateTime of a flag needs a startDateTime.");
		return FALSE;
	}
	if (!g_str_equal(message->flag_status, "complete"))
		g_clear_pointer(&message->flag_completed, sim_date_time_free);
	if (g_str_equal(message->flag_status, "notFlagged")) {
		g_clear_pointer(&message->flag_start, sim_date_time_free);
		g_clear_pointer(&message->flag_due, sim_date_time_free);
	}
	if (g_str_equal(message->flag_status, "complete") && message->flag_completed == NULL) {
		g_autoptr(GDateTime) now = g_date_time_new_now_utc();

		message->flag_completed = g_new0(SimDateTime, 1);
		message->flag_completed->date_time = g_date_time_format(now, "%Y-%m-%dT00:00:00.0000000");
		message->flag_completed->time_zone = g_strdup("UTC");
	}
	return TRUE;
}

static gboolean
apply_categories(SimCall *call, SimMessage *message, JsonNode *node)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	JsonArray *array;

	if (!sim_value_get_array(call, "categories", node, &array))
		return FALSE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		const char *name;

		if (!sim_value_get_string(call, "categories", json_array_get_element(array, i), &name))
			return FALSE;
		if (name == NULL)
			return sim_value_refuse(call, "categories");
		g_strv_builder_add(builder, name);
	}
	g_strfreev(message->categories);
	message->categories = g_strv_builder_end(builder);
	return TRUE;
}

/* API.md 5.3, CHECKED.md 13: what can be said only while a message is made */
static gboolean
apply_special(SimCall *call, SimMessage *message, const char *id, const char *value, gboolean creating, gboolean *done)
{
	gint64 time;
	gboolean flags = g_str_equal(id, "Integer 0xe07");
	gboolean received = g_str_equal(id, "SystemTime 0xe06");
	gboolean sent = g_str_equal(id, "SystemTime 0x39");
	gboolean size = g_str_equal(id, "Integer 0xe08") || g_str_equal(id, "Long 0xe08");

	*done = flags || received || sent || size;
	if (!*done)
		return TRUE;
	if (!creating || size) {
		sim_call_refuse(call, 400, "ErrorItemSavePropertyError", "API.md 5.3",
				"The property %s cannot be written here.", id);
		return FALSE;
	}
	if (flags) {
		guint64 bits;

		if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &bits, NULL))
			return sim_value_refuse(call, "singleValueExtendedProperties");
		message->is_read = (bits & 1) != 0;
		message->is_draft = (bits & 8) != 0;
		return TRUE;
	}
	if (!sim_text_parse_time(value, &time))
		return sim_value_refuse(call, "singleValueExtendedProperties");
	*(received ? &message->received : &message->sent) = time;
	return TRUE;
}

static gboolean
apply_extended(SimCall *call, SimMessage *message, JsonNode *node, gboolean creating)
{
	JsonArray *array;

	if (!sim_value_get_array(call, "singleValueExtendedProperties", node, &array))
		return FALSE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *property;
		g_autofree char *normalised = NULL;
		const char *id = NULL, *value = NULL;
		gboolean done;

		if (!sim_value_get_object(call, "singleValueExtendedProperties", json_array_get_element(array, i),
					  &property))
			return FALSE;
		if (!json_object_has_member(property, "id") || !json_object_has_member(property, "value") ||
		    json_object_get_size(property) != 2)
			return sim_value_refuse(call, "singleValueExtendedProperties");
		if (!sim_value_get_string(call, "id", json_object_get_member(property, "id"), &id) ||
		    !sim_value_get_string(call, "value", json_object_get_member(property, "value"), &value))
			return FALSE;
		normalised = id != NULL ? sim_query_normalise_extended(id) : NULL;
		if (normalised == NULL) {
			sim_call_refuse(call, 400, "ErrorInvalidExtendedProperty", "API.md 5.3",
					"The property id '%s' is invalid.", id != NULL ? id : "");
			return FALSE;
		}
		if (value == NULL)
			return sim_value_refuse(call, "value");
		if (!apply_special(call, message, normalised, value, creating, &done))
			return FALSE;
		if (!done)
			sim_message_set_extended(message, normalised, value);
	}
	return TRUE;
}

static gboolean
apply_headers(SimCall *call, SimContent *content, JsonNode *node)
{
	JsonArray *array;

	if (!sim_value_get_array(call, "internetMessageHeaders", node, &array))
		return FALSE;
	if (json_array_get_length(array) > MOST_HEADERS) {
		sim_call_refuse(call, 400, "InvalidInternetMessageHeaderCollection", "stricter than API.md 5.5",
				"Maximum number of headers in one message should be less than or equal to %u.",
				MOST_HEADERS);
		return FALSE;
	}
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonObject *header;
		const char *name, *value;

		if (!sim_value_get_object(call, "internetMessageHeaders", json_array_get_element(array, i), &header))
			return FALSE;
		name = json_object_get_string_member_with_default(header, "name", NULL);
		value = json_object_get_string_member_with_default(header, "value", NULL);
		if (name == NULL || value == NULL || g_ascii_strncasecmp(name, "x-", 2) != 0) {
			sim_call_refuse(call, 400, "InvalidInternetMessageHeader", "API.md 5.5",
					"The internet message header name '%s' should start with 'x-' or 'X-'.",
					name != NULL ? name : "");
			return FALSE;
		}
		g_ptr_array_add(content->headers, sim_header_new(name, value));
	}
	return TRUE;
}

static gboolean
apply_content(SimCall *call, SimMessage *message, JsonObject *body)
{
	g_autoptr(SimContent) content = sim_content_of(message);
	JsonArray *array;
	const char *text;

	if (json_object_has_member(body, "body")) {
		if (!sim_value_get_body(call, json_object_get_member(body, "body"), &content->html, &text))
			return FALSE;
		g_free(content->text);
		content->text = g_strdup(text);
	}
	if (json_object_has_member(body, "internetMessageHeaders") &&
	    !apply_headers(call, content, json_object_get_member(body, "internetMessageHeaders")))
		return FALSE;
	if (json_object_has_member(body, "attachments")) {
		if (!sim_value_get_array(call, "attachments", json_object_get_member(body, "attachments"), &array))
			return FALSE;
		for (guint i = 0; i < json_array_get_length(array); i++) {
			SimAttachment *attachment = sim_value_get_attachment(call, json_array_get_element(array, i));

			if (attachment == NULL)
				return FALSE;
			attachment->number = content->attachments->len + 1;
			g_ptr_array_add(content->attachments, attachment);
		}
	}
	sim_content_replace(message, g_steal_pointer(&content));
	return TRUE;
}

static gboolean
apply_recipients(SimCall *call, const char *name, JsonNode *node, GPtrArray **place)
{
	GPtrArray *addresses;

	if (!sim_value_get_recipients(call, name, node, &addresses))
		return FALSE;
	sim_message_set_recipients(place, addresses);
	return TRUE;
}

static gboolean
apply_recipient(SimCall *call, const char *name, JsonNode *node, SimAddress **place)
{
	SimAddress *address;

	if (!sim_value_get_recipient(call, name, node, &address))
		return FALSE;
	sim_address_free(*place);
	*place = address;
	return TRUE;
}

static gboolean
apply_text(SimCall *call, const char *name, JsonNode *node, char **place)
{
	const char *text;

	if (!sim_value_get_string(call, name, node, &text))
		return FALSE;
	g_free(*place);
	*place = g_strdup(text != NULL ? text : "");
	return TRUE;
}

static gboolean
apply_member(SimCall *call, SimMessage *message, const char *name, JsonNode *node, gboolean creating, guint *changed)
{
	gboolean was_read = message->is_read;

	if (g_str_equal(name, "isRead")) {
		if (!sim_value_get_boolean(call, name, node, &message->is_read))
			return FALSE;
		*changed |= message->is_read != was_read ? SIM_CHANGED_READ : 0;
		return TRUE;
	}
	if (g_str_equal(name, "flag")) {
		*changed |= SIM_CHANGED_FLAG;
		return apply_flag(call, message, node);
	}
	if (g_str_equal(name, "categories")) {
		*changed |= SIM_CHANGED_CATEGORIES;
		return apply_categories(call, message, node);
	}
	if (g_str_equal(name, "importance")) {
		*changed |= SIM_CHANGED_IMPORTANCE;
		return sim_value_get_enum(call, name, node, importances, &message->importance);
	}
	if (g_str_equal(name, "inferenceClassification")) {
		*changed |= SIM_CHANGED_INFERENCE;
		return sim_value_get_enum(call, name, node, inferences, &message->inference);
	}
	if (g_str_equal(name, "isReadReceiptRequested")) {
		*changed |= SIM_CHANGED_RECEIPTS;
		return sim_value_get_boolean(call, name, node, &message->wants_read_receipt);
	}
	if (g_str_equal(name, "isDeliveryReceiptRequested")) {
		*changed |= SIM_CHANGED_RECEIPTS;
		return sim_value_get_boolean(call, name, node, &message->wants_delivery_receipt);
	}
	if (g_str_equal(name, "singleValueExtendedProperties")) {
		*changed |= SIM_CHANGED_EXTENDED;
		return apply_extended(call, message, node, creating);
	}
	if (g_str_equal(name, "multiValueExtendedProperties")) {
		*changed |= SIM_CHANGED_EXTENDED;
		return TRUE;
	}
	*changed |= SIM_CHANGED_CONTENT;
	if (g_str_equal(name, "subject"))
		return apply_text(call, name, node, &message->subject);
	if (g_str_equal(name, "internetMessageId"))
		return apply_text(call, name, node, &message->internet_message_id);
	if (g_str_equal(name, "from"))
		return apply_recipient(call, name, node, &message->from);
	if (g_str_equal(name, "sender"))
		return apply_recipient(call, name, node, &message->sender);
	if (g_str_equal(name, "toRecipients"))
		return apply_recipients(call, name, node, &message->to);
	if (g_str_equal(name, "ccRecipients"))
		return apply_recipients(call, name, node, &message->cc);
	if (g_str_equal(name, "bccRecipients"))
		return apply_recipients(call, name, node, &message->bcc);
	if (g_str_equal(name, "replyTo"))
		return apply_recipients(call, name, node, &message->reply_to);
	return TRUE; /* what apply_content() takes */
}

static gboolean
check_member(SimCall *call, SimMessage *message, const char *name, gboolean creating)
{
	/* CHECKED.md 13b: at creation the plain dates are taken, and overwritten */
	static const char *const at_creation[] = {"receivedDateTime", "sentDateTime", "internetMessageHeaders",
						  "attachments", NULL};

	if (creating && g_strv_contains(at_creation, name))
		return TRUE;
	switch (sim_schema_get_writable(name)) {
	case SIM_WRITABLE_ALWAYS:
		return TRUE;
	case SIM_WRITABLE_DRAFT:
		if (creating || message->is_draft)
			return TRUE;
		sim_call_refuse(
			call, 403, "ErrorAccessDenied", "API.md 5.6",
			"The property '%s' of a message that is no draft cannot be updated with these permissions.",
			name);
		return FALSE;
	case SIM_WRITABLE_NEVER:
		sim_call_refuse(call, 400, "ErrorInvalidPropertySet", "API.md 5.6",
				"The property '%s' is read-only and cannot be set.", name);
		return FALSE;
	case SIM_WRITABLE_UNKNOWN:
		break;
	}
	sim_call_refuse(call, 400, "RequestBodyRead", "API.md 5.1, metadata.json",
			"The property '%s' does not exist on type 'microsoft.graph.message'.", name);
	return FALSE;
}

/* What is a field of the header too is written there, whole messages that came as MIME being kept as they are. */
static void
write_fields(SimMessage *message, JsonObject *body)
{
	static const struct {
		const char *property;
		const char *field;
	} fields[] = {{"from", "From"},	       {"from", "Sender"},     {"sender", "Sender"},
		      {"toRecipients", "To"},  {"ccRecipients", "Cc"}, {"bccRecipients", "Bcc"},
		      {"replyTo", "Reply-To"}, {"subject", "Subject"}, {"internetMessageId", "Message-ID"}};
	const char *written[G_N_ELEMENTS(fields) + 1] = {NULL};
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (json_object_has_member(body, fields[i].property) && !g_strv_contains(written, fields[i].field))
			written[n++] = fields[i].field;
	}
	if (n > 0)
		sim_content_write_header(message, written);
}

gboolean
sim_patch_apply(SimCall *call, SimMessage *message, JsonObject *body, gboolean creating, guint *changed)
{
	g_autoptr(GList) members = json_object_get_members(body);
	gboolean content = FALSE;

	*changed = 0;
	for (GList *l = members; l != NULL; l = l->next) {
		const char *name = l->data;

		if (g_str_has_prefix(name, "@odata."))
			continue;
		if (!check_member(call, message, name, creating) ||
		    !apply_member(call, message, name, json_object_get_member(body, name), creating, changed))
			return FALSE;
		content |= g_str_equal(name, "body") || g_str_equal(name, "attachments") ||
			   g_str_equal(name, "internetMessageHeaders");
	}
	if (content)
		return apply_content(call, message, body);
	write_fields(message, body);
	return TRUE;
}

/* FALSE: refused with 412 */
static gboolean
check_etag(SimCall *call, SimMessage *message)
{
	const char *wanted = soup_message_headers_get_one(call->request->headers, "If-Match");
	g_autofree char *key = sim_id_change_key(message->version);
	g_autofree char *etag = g_strdup_printf("W/\"%s\"", key);

	if (wanted == NULL || g_str_equal(wanted, "*") || g_str_equal(wanted, etag))
		return TRUE;
	sim_call_refuse(call, 412, "ErrorIrresolvableConflict", "API.md 14.2",
			"The send or update operation could not be performed because the change key passed in the "
			"request does not "
			"match the current change key for the item.");
	return FALSE;
}

void
sim_patch_handle(SimCall *call, SimMessage *message)
{
	g_autoptr(JsonObject) body = NULL;
	g_autoptr(SimMessage) trial = NULL;
	gboolean was_read = message->is_read;
	guint changed;

	if (!sim_call_require(call, SIM_RIGHT_WRITE) || (body = sim_call_get_body(call)) == NULL ||
	    !check_etag(call, message))
		return;
	/* all of it or nothing: what is refused half-way has changed only the copy */
	trial = sim_message_copy(message);
	if (!sim_patch_apply(call, trial, body, FALSE, &changed))
		return;
	sim_patch_apply(call, message, body, FALSE, &changed);
	sim_mailbox_commit_message(call->mailbox, message, was_read, changed);
	sim_json_answer_message(call, 200, message, NULL);
}
