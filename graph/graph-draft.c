/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-draft.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"
#include "graph-uri.h"

GraphRecipient *
graph_recipient_new(const char *name, const char *address)
{
	GraphRecipient *self = g_new0(GraphRecipient, 1);

	self->name = g_strdup(name);
	self->address = g_strdup(address);
	return self;
}

void
graph_recipient_free(GraphRecipient *self)
{
	g_free(self->name);
	g_free(self->address);
	g_free(self);
}

JsonObject *
graph_recipient_to_json(const GraphRecipient *self)
{
	JsonObject *object = json_object_new();
	JsonObject *email = json_object_new();

	if (self->name != NULL && *self->name != '\0')
		json_object_set_string_member(email, "name", self->name);
	json_object_set_string_member(email, "address", self->address);
	json_object_set_object_member(object, "emailAddress", email);
	return object;
}

static GPtrArray *
new_recipients(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)graph_recipient_free);
}

GraphDraft *
graph_draft_new(void)
{
	GraphDraft *self = g_new0(GraphDraft, 1);

	self->to = new_recipients();
	self->cc = new_recipients();
	self->bcc = new_recipients();
	self->reply_to = new_recipients();
	self->importance = GRAPH_IMPORTANCE_NORMAL;
	self->headers = g_ptr_array_new_with_free_func(g_free);
	self->properties = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void
graph_draft_free(GraphDraft *self)
{
	g_free(self->subject);
	g_clear_pointer(&self->from, graph_recipient_free);
	g_clear_pointer(&self->sender, graph_recipient_free);
	g_ptr_array_unref(self->to);
	g_ptr_array_unref(self->cc);
	g_ptr_array_unref(self->bcc);
	g_ptr_array_unref(self->reply_to);
	g_free(self->body);
	g_free(self->internet_message_id);
	g_ptr_array_unref(self->headers);
	g_ptr_array_unref(self->properties);
	g_free(self);
}

void
graph_draft_add_property(GraphDraft *self, const char *id, const char *value)
{
	g_ptr_array_add(self->properties, g_strdup(id));
	g_ptr_array_add(self->properties, g_strdup(value));
}

JsonArray *
graph_recipients_to_json(GPtrArray *recipients)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < recipients->len; i++)
		json_array_add_object_element(array, graph_recipient_to_json(g_ptr_array_index(recipients, i)));
	return array;
}

static void
set_recipients(JsonObject *object, const char *name, GPtrArray *recipients)
{
	if (recipients->len > 0)
		json_object_set_array_member(object, name, graph_recipients_to_json(recipients));
}

/* @pairs: name, value, … as objects of these two */
static void
set_pairs(JsonObject *object, const char *member, GPtrArray *pairs, const char *name)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i + 1 < pairs->len; i += 2) {
		JsonObject *pair = json_object_new();

		json_object_set_string_member(pair, name, g_ptr_array_index(pairs, i));
		json_object_set_string_member(pair, "value", g_ptr_array_index(pairs, i + 1));
		json_array_add_object_element(array, pair);
	}
	if (json_array_get_length(array) > 0)
		json_object_set_array_member(object, member, array);
	else
		json_array_unref(array);
}

JsonObject *
graph_draft_to_json(const GraphDraft *self)
{
	static const char *const importances[] = {"low", "normal", "high"};
	JsonObject *object = json_object_new();
	JsonObject *body = json_object_new();

	json_object_set_string_member(object, "subject", self->subject != NULL ? self->subject : "");
	json_object_set_string_member(body, "contentType", self->is_html ? "html" : "text");
	json_object_set_string_member(body, "content", self->body != NULL ? self->body : "");
	json_object_set_object_member(object, "body", body);
	if (self->from != NULL)
		json_object_set_object_member(object, "from", graph_recipient_to_json(self->from));
	if (self->sender != NULL)
		json_object_set_object_member(object, "sender", graph_recipient_to_json(self->sender));
	set_recipients(object, "toRecipients", self->to);
	set_recipients(object, "ccRecipients", self->cc);
	set_recipients(object, "bccRecipients", self->bcc);
	set_recipients(object, "replyTo", self->reply_to);
	if (self->internet_message_id != NULL)
		json_object_set_string_member(object, "internetMessageId", self->internet_message_id);
	if (self->importance != GRAPH_IMPORTANCE_NORMAL)
		json_object_set_string_member(object, "importance", importances[self->importance]);
	if (self->wants_read_receipt)
		json_object_set_boolean_member(object, "isReadReceiptRequested", TRUE);
	if (self->wants_delivery_receipt)
		json_object_set_boolean_member(object, "isDeliveryReceiptRequested", TRUE);
	set_pairs(object, "internetMessageHeaders", self->headers, "name");
	set_pairs(object, "singleValueExtendedProperties", self->properties, "id");
	return object;
}

GraphMessage *
graph_draft_create(GraphClient *client, const GraphDraft *self, const char *folder_id, JsonArray *attachments,
		   GCancellable *cancellable, GError **error)
{
	static const guint created[] = {201, 0};
	g_autofree char *segment = folder_id != NULL ? graph_uri_escape_segment(folder_id) : NULL;
	g_autofree char *path =
		segment != NULL ? g_strdup_printf("/mailFolders/%s/messages", segment) : g_strdup("/messages");
	g_autoptr(JsonObject) object = graph_draft_to_json(self);
	g_autoptr(GBytes) bytes = NULL;
	GraphRequest request = {
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.expected = created,
		.once = TRUE,
		.quote = TRUE,
	};
	g_autoptr(JsonObject) answer = NULL;
	GraphMessage *message;
	char *text;
	GError *local_error = NULL;

	if (attachments != NULL && json_array_get_length(attachments) > 0)
		json_object_set_array_member(object, "attachments", json_array_ref(attachments));
	text = graph_json_print(object);
	bytes = g_bytes_new_take(text, strlen(text));
	if (g_bytes_get_size(bytes) > GRAPH_DRAFT_MOST_JSON) {
		g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE,
			    _("The mail is %.1f MB; the service takes up to %.1f MB in one piece"),
			    (double)g_bytes_get_size(bytes) / 1e6, GRAPH_DRAFT_MOST_JSON / 1e6);
		return NULL;
	}
	request.body = bytes;
	answer = graph_client_run(client, &request, cancellable, error);
	if (answer == NULL)
		return NULL;
	message = graph_message_from_json(answer, &local_error);
	if (message == NULL) {
		graph_error_make_uncertain(local_error);
		g_propagate_error(error, local_error);
	}
	return message;
}

void
graph_draft_state_free(GraphDraftState *self)
{
	g_free(self->id);
	g_free(self->from);
	g_clear_pointer(&self->to, g_ptr_array_unref);
	g_clear_pointer(&self->cc, g_ptr_array_unref);
	g_clear_pointer(&self->bcc, g_ptr_array_unref);
	g_free(self);
}

/* Of a `recipient`; *@address %NULL if it has none. */
static gboolean
read_address(JsonObject *recipient, const char **address, GError **error)
{
	JsonObject *email;

	*address = NULL;
	return graph_json_get_object(recipient, "emailAddress", &email, error) &&
	       (email == NULL || graph_json_get_string(email, "address", address, error));
}

static GPtrArray *
read_addresses(JsonObject *object, const char *name, GError **error)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
	JsonArray *array;

	if (!graph_json_get_array(object, name, &array, error))
		return NULL;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *recipient = graph_json_require_element(array, i, error);
		const char *address;

		if (recipient == NULL || !read_address(recipient, &address, error))
			return NULL;
		if (address != NULL && *address != '\0')
			g_ptr_array_add(addresses, g_strdup(address));
	}
	return g_steal_pointer(&addresses);
}

static GraphDraftState *
read_state(JsonObject *object, GError **error)
{
	static const char *const importances[] = {"low", "normal", "high"};
	g_autoptr(GraphDraftState) self = g_new0(GraphDraftState, 1);
	const char *id = graph_json_require_string(object, "id", error);
	const char *address = NULL, *importance;
	JsonObject *from;

	if (id == NULL || !graph_json_get_object(object, "from", &from, error) ||
	    (from != NULL && !read_address(from, &address, error)) ||
	    (self->to = read_addresses(object, "toRecipients", error)) == NULL ||
	    (self->cc = read_addresses(object, "ccRecipients", error)) == NULL ||
	    (self->bcc = read_addresses(object, "bccRecipients", error)) == NULL ||
	    !graph_json_get_string(object, "importance", &importance, error) ||
	    !graph_json_get_boolean(object, "isDraft", &self->is_draft, error) ||
	    !graph_json_get_boolean(object, "isReadReceiptRequested", &self->wants_read_receipt, error) ||
	    !graph_json_get_boolean(object, "isDeliveryReceiptRequested", &self->wants_delivery_receipt, error))
		return NULL;
	self->id = g_strdup(id);
	self->from = g_strdup(address);
	self->importance = GRAPH_IMPORTANCE_NORMAL;
	for (guint i = 0; importance != NULL && i < G_N_ELEMENTS(importances); i++) {
		if (g_ascii_strcasecmp(importances[i], importance) == 0)
			self->importance = (GraphImportance)i;
	}
	return g_steal_pointer(&self);
}

GraphDraftState *
graph_draft_create_mime(GraphClient *client, GBytes *mime, GCancellable *cancellable, GError **error)
{
	static const guint created[] = {201, 0};
	g_autoptr(JsonObject) answer =
		graph_client_send_mime(client, "/messages", mime, created, NULL, NULL, NULL, cancellable, error);
	GError *failure = NULL;
	GraphDraftState *state = answer != NULL ? read_state(answer, &failure) : NULL;

	if (failure != NULL) {
		graph_error_make_uncertain(failure);
		g_propagate_error(error, failure);
	}
	return state;
}

GraphDraftState *
graph_draft_get(GraphClient *client, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *segment = graph_uri_escape_segment(id);
	g_autofree char *path =
		g_strdup_printf("/messages/%s?$select=from,toRecipients,ccRecipients,bccRecipients,isDraft,importance,"
				"isReadReceiptRequested,isDeliveryReceiptRequested",
				segment);
	g_autoptr(JsonObject) answer = graph_client_get(client, path, 0, cancellable, error);

	if (answer != NULL && !graph_json_has(answer, "isDraft")) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("The service does not say whether a message is a draft"));
		return NULL;
	}
	return answer != NULL ? read_state(answer, error) : NULL;
}

/* Who it is from, and each list of recipients among @changes. */
static gboolean
is_whole(JsonObject *answer, JsonObject *changes)
{
	static const char *const lists[] = {"toRecipients", "ccRecipients", "bccRecipients"};

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
		if (json_object_has_member(changes, lists[i]) && !graph_json_has(answer, lists[i]))
			return FALSE;
	}
	return graph_json_has(answer, "id") && graph_json_has(answer, "from");
}

GraphDraftState *
graph_draft_change(GraphClient *client, const char *id, JsonObject *changes, gboolean *whole, GCancellable *cancellable,
		   GError **error)
{
	static const guint ok[] = {200, 204, 0};
	g_autofree char *segment = graph_uri_escape_segment(id);
	g_autofree char *path = g_strdup_printf("/messages/%s", segment);
	g_autoptr(JsonObject) answer = graph_client_send(client, "PATCH", path, changes, ok, cancellable, error);

	*whole = answer != NULL && is_whole(answer, changes);
	if (answer == NULL)
		return NULL;
	return *whole ? read_state(answer, error) : graph_draft_get(client, id, cancellable, error);
}

gboolean
graph_draft_send(GraphClient *client, const char *id, GraphLeaving leaving, gpointer user_data,
		 GCancellable *cancellable, GError **error)
{
	static const guint accepted[] = {202, 0};
	g_autofree char *segment = graph_uri_escape_segment(id);
	g_autofree char *path = g_strdup_printf("/messages/%s/send", segment);
	GraphRequest request = {
		.method = "POST",
		.path = path,
		.expected = accepted,
		.once = TRUE,
		.quote = TRUE,
		.leaving = leaving,
		.leaving_data = user_data,
	};
	g_autoptr(JsonObject) answer = graph_client_run(client, &request, cancellable, error);

	return answer != NULL;
}
