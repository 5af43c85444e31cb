/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-upload.h"

#include <stdio.h>
#include <string.h>

#include "sim-routes.h"
#include "sim-text.h"
#include "sim-value.h"

/* API.md 7.3 */
#define LEAST_SIZE 3000000
#define MOST_SIZE (150 * 1024 * 1024)
#define MOST_RANGE (4 * 1024 * 1024)
#define LIFE (24 * 60 * 60)

struct _SimUpload {
	SimMailbox *mailbox;
	guint64 number; /* of the message */
	guint64 size;
	gint64 expires;
	GByteArray *bytes;
	SimAttachment *attachment;
};

void
sim_upload_free(SimUpload *self)
{
	g_byte_array_unref(self->bytes);
	g_clear_pointer(&self->attachment, sim_attachment_free);
	g_free(self);
}

static SimAttachment *
read_item(SimCall *call, JsonObject *item, gint64 *size)
{
	static const char *const types[] = {"file", "item", "reference", NULL};
	g_autoptr(GList) members = json_object_get_members(item);
	const char *type = NULL, *name = NULL, *content_type = NULL, *content_id = NULL;
	gboolean is_inline = FALSE;
	SimAttachment *attachment;

	*size = -1;
	for (GList *l = members; l != NULL; l = l->next) {
		JsonNode *node = json_object_get_member(item, l->data);
		gboolean good;

		if (g_str_has_prefix(l->data, "@"))
			continue;
		if (g_str_equal(l->data, "attachmentType"))
			good = sim_value_get_enum(call, l->data, node, types, &type);
		else if (g_str_equal(l->data, "name"))
			good = sim_value_get_string(call, l->data, node, &name);
		else if (g_str_equal(l->data, "contentType"))
			good = sim_value_get_string(call, l->data, node, &content_type);
		else if (g_str_equal(l->data, "contentId"))
			good = sim_value_get_string(call, l->data, node, &content_id);
		else if (g_str_equal(l->data, "isInline"))
			good = sim_value_get_boolean(call, l->data, node, &is_inline);
		else if (g_str_equal(l->data, "size") && JSON_NODE_HOLDS_VALUE(node) &&
			 json_node_get_value_type(node) == G_TYPE_INT64)
			good = (*size = json_node_get_int(node)) >= 0;
		else
			good = sim_value_refuse(call, l->data);
		if (!good)
			return NULL;
	}
	if (g_strcmp0(type, "file") != 0 || name == NULL || *size < 0) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 7.3",
				"An AttachmentItem needs attachmentType file, a name and a size.");
		return NULL;
	}
	attachment = g_new0(SimAttachment, 1);
	attachment->name = g_strdup(name);
	attachment->content_type = g_strdup(content_type != NULL ? content_type : "application/octet-stream");
	attachment->content_id = g_strdup(content_id);
	attachment->is_inline = is_inline;
	return attachment;
}

static void
set_ranges(JsonObject *object, const char *dates, const char *ranges, SimUpload *self, const char *format)
{
	JsonArray *array = json_array_new();
	g_autofree char *expires = sim_text_format_time(self->expires);
	g_autofree char *range = g_strdup_printf("%u%s", self->bytes->len, format);

	json_array_add_string_element(array, range);
	json_object_set_string_member(object, dates, expires);
	json_object_set_array_member(object, ranges, array);
}

/*
 * API.md 7.3: sessions are not on Graph's host, so a client that sends its token to Graph alone sends none there. The
 * other name of the loopback stands for that host.
 */
static char *
make_url(const SimRequest *request, const char *path)
{
	g_autoptr(GUri) origin = g_uri_parse(request->origin, G_URI_FLAGS_ENCODED, NULL);

	return g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(origin), NULL, "127.0.0.1", g_uri_get_port(origin),
			  path, NULL, NULL);
}

void
sim_upload_create(SimCall *call, SimMessage *message)
{
	g_autoptr(JsonObject) body = sim_call_get_body(call);
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *token = NULL;
	g_autofree char *path = NULL;
	g_autofree char *url = NULL;
	SimAttachment *attachment;
	JsonNode *item;
	SimUpload *self;
	gint64 size;

	if (body == NULL)
		return;
	item = json_object_get_member(body, "AttachmentItem");
	if (item == NULL)
		item = json_object_get_member(body, "attachmentItem");
	if (item == NULL || !JSON_NODE_HOLDS_OBJECT(item)) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 7.3",
				"The parameter AttachmentItem is missing.");
		return;
	}
	attachment = read_item(call, json_node_get_object(item), &size);
	if (attachment == NULL)
		return;
	if (size < LEAST_SIZE || size > MOST_SIZE || message->size + (gsize)size > call->graph->size_limit) {
		sim_attachment_free(attachment);
		if (size < LEAST_SIZE)
			sim_call_refuse(call, 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", "API.md 7.3",
					"Attachment size must be greater than the minimum size.");
		else
			sim_call_refuse(call, 413, "ErrorMessageSizeExceeded", "API.md 7.3",
					"The message exceeds the maximum supported size.");
		return;
	}
	self = g_new0(SimUpload, 1);
	self->mailbox = call->mailbox;
	self->number = message->number;
	self->size = (guint64)size;
	self->expires = g_get_real_time() / G_USEC_PER_SEC + LIFE;
	self->bytes = g_byte_array_new();
	self->attachment = attachment;
	token = sim_id_token();
	path = g_strconcat("/_upload/", token, NULL);
	url = make_url(call->request, path);
	object = json_object_new();
	json_object_set_string_member(object, "@odata.context", "$metadata#microsoft.graph.uploadSession");
	json_object_set_string_member(object, "uploadUrl", url);
	set_ranges(object, "expirationDateTime", "nextExpectedRanges", self, "-");
	g_hash_table_insert(call->graph->uploads, g_steal_pointer(&token), self);
	sim_response_set_object(call->response, 201, object);
}

static void
refuse_range(const SimRequest *request, SimResponse *response, const char *code, const char *message)
{
	sim_response_set_error(response, request, 416, code, message, "API.md 7.3");
}

static void
finish(SimGraph *graph, const SimRequest *request, SimResponse *response, SimUpload *self, SimMessage *message,
       const char *token)
{
	g_autofree char *id = NULL;
	g_autofree char *message_id = sim_message_format_id(message, TRUE);
	g_autofree char *path = NULL;
	g_autofree char *location = NULL;
	guint number;

	self->attachment->content = g_byte_array_free_to_bytes(g_steal_pointer(&self->bytes));
	self->bytes = g_byte_array_new();
	number = sim_attachments_add(self->mailbox, message, g_steal_pointer(&self->attachment));
	id = sim_message_format_attachment_id(message, number, TRUE);
	path = g_strdup_printf("/api/v2.0/Users('%s')/Messages('%s')/Attachments('%s')", self->mailbox->address,
			       message_id, id);
	location = make_url(request, path);
	soup_message_headers_replace(response->headers, "Location", location);
	g_hash_table_remove(graph->uploads, token);
	sim_response_set_empty(response, 201);
}

static void
put_range(SimGraph *graph, const SimRequest *request, SimResponse *response, SimUpload *self, SimMessage *message,
	  const char *token)
{
	const char *header = soup_message_headers_get_one(request->headers, "Content-Range");
	const char *type = soup_message_headers_get_content_type(request->headers, NULL);
	g_autoptr(JsonObject) object = NULL;
	guint64 first, last, total;
	int end = 0;
	gsize length;
	gconstpointer bytes = g_bytes_get_data(request->body, &length);

	if (header == NULL ||
	    sscanf(header, "bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "%n", &first, &last,
		   &total, &end) != 3 ||
	    header[end] != '\0') {
		sim_response_set_error(response, request, 400, "invalidRequest", "A Content-Range is needed.",
				       "API.md 7.3");
		return;
	}
	if (type == NULL || g_ascii_strcasecmp(type, "application/octet-stream") != 0) {
		sim_response_set_error(response, request, 415, "invalidRequest",
				       "A range has the type application/octet-stream.", "API.md 7.3");
		return;
	}
	if (length >= MOST_RANGE) {
		sim_response_set_error(response, request, 413, "RequestEntityTooLarge", "A range must be below 4 MB.",
				       "API.md 7.3");
		return;
	}
	if (total != self->size || last < first || last >= total || last - first + 1 != length) {
		refuse_range(request, response, "invalidRange", "The range does not fit the session or the body.");
		return;
	}
	if (first < self->bytes->len) {
		refuse_range(request, response, "fragmentOverlap", "Uploaded fragment overlaps with existing data.");
		return;
	}
	if (first > self->bytes->len) {
		refuse_range(request, response, "fragmentOutOfOrder", "Uploaded fragment is out of order.");
		return;
	}
	g_byte_array_append(self->bytes, bytes, (guint)length);
	if (self->bytes->len == self->size) {
		finish(graph, request, response, self, message, token);
		return;
	}
	object = json_object_new();
	json_object_set_string_member(object, "@odata.context", "$metadata#AttachmentSessions/$entity");
	set_ranges(object, "ExpirationDateTime", "NextExpectedRanges", self, "");
	sim_response_set_object(response, 200, object);
}

/* Pre-authenticated: the URL is the secret, and no token belongs here. */
void
sim_upload_handle(SimGraph *self, const SimRequest *request, SimResponse *response)
{
	const char *token = request->segments[0] != NULL && request->segments[1] != NULL ? request->segments[1] : "";
	SimUpload *upload = g_hash_table_lookup(self->uploads, token);
	SimMessage *message;

	if (soup_message_headers_get_one(request->headers, "Authorization") != NULL) {
		sim_response_set_error(response, request, 401, "InvalidAuthenticationToken",
				       "An upload URL is used without an Authorization header.", "API.md 7.3");
		return;
	}
	message = upload != NULL ? sim_mailbox_get_message(upload->mailbox, upload->number) : NULL;
	if (message == NULL) {
		sim_response_set_error(response, request, 404, "itemNotFound", "There is no such upload session.",
				       "API.md 7.3");
		return;
	}
	if (g_str_equal(request->method, "PUT")) {
		put_range(self, request, response, upload, message, token);
	} else if (g_str_equal(request->method, "DELETE")) {
		g_hash_table_remove(self->uploads, token);
		sim_response_set_empty(response, 204);
	} else {
		sim_response_set_error(response, request, 405, "invalidRequest", "PUT or DELETE.", "API.md 7.3");
	}
}
