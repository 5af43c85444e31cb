/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-attachment.h"

#include "graph-error.h"
#include "graph-json.h"
#include "graph-page.h"
#include "graph-request.h"
#include "graph-throttle.h"
#include "graph-upload.h"
#include "graph-uri.h"

#define TRIES 4

void
graph_attachment_free(GraphAttachment *self)
{
	g_free(self->name);
	g_free(self->content_type);
	g_free(self->content_id);
	g_free(self);
}

static void
describe(const GraphAttachment *self, JsonObject *object)
{
	json_object_set_string_member(object, "name", self->name);
	if (self->content_type != NULL)
		json_object_set_string_member(object, "contentType", self->content_type);
	if (self->content_id != NULL)
		json_object_set_string_member(object, "contentId", self->content_id);
	json_object_set_boolean_member(object, "isInline", self->is_inline);
}

JsonObject *
graph_attachment_to_json(const GraphAttachment *self, GBytes *content)
{
	JsonObject *object = json_object_new();
	g_autofree char *text = NULL;
	gsize length;
	const guchar *data = g_bytes_get_data(content, &length);

	text = g_base64_encode(data, length);
	json_object_set_string_member(object, "@odata.type", "#microsoft.graph.fileAttachment");
	describe(self, object);
	json_object_set_string_member(object, "contentBytes", text);
	return object;
}

JsonObject *
graph_upload_describe(const GraphAttachment *self)
{
	JsonObject *item = json_object_new();

	json_object_set_string_member(item, "attachmentType", "file");
	describe(self, item);
	json_object_set_int_member(item, "size", (gint64)self->size);
	return item;
}

int
graph_attachment_count(GraphClient *client, const char *message_id, const char *name, GCancellable *cancellable,
		       GError **error)
{
	g_autofree char *segment = graph_uri_escape_segment(message_id);
	g_autofree char *link = g_strdup_printf("/messages/%s/attachments?$select=id,name", segment);
	int n = 0;

	while (link != NULL) {
		g_autoptr(JsonObject) answer = graph_client_get(client, link, 0, cancellable, error);
		g_autoptr(GraphPage) page = answer != NULL ? graph_page_new(answer, FALSE, error) : NULL;

		if (page == NULL)
			return -1;
		for (guint i = 0; i < graph_page_get_length(page); i++) {
			const char *other;

			if (!graph_json_get_string(graph_page_get_item(page, i), "name", &other, error))
				return -1;
			n += g_strcmp0(other, name) == 0;
		}
		if (g_strcmp0(page->next_link, link) == 0)
			break;
		g_free(link);
		link = g_strdup(page->next_link);
	}
	return n;
}

/* A draft that was made a moment ago may not be found yet (CHECKED 8). */
gboolean
graph_attachment_add(GraphClient *client, const char *message_id, const GraphAttachment *self, GBytes *content,
		     guint before, GCancellable *cancellable, GError **error)
{
	static const guint created[] = {201, 0};
	g_autofree char *segment = graph_uri_escape_segment(message_id);
	g_autofree char *path = g_strdup_printf("/messages/%s/attachments", segment);
	g_autoptr(JsonObject) object = graph_attachment_to_json(self, content);
	char *text = graph_json_print(object);
	g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));
	GraphRequest request = {
		.method = "POST",
		.path = path,
		.body = bytes,
		.content_type = "application/json",
		.expected = created,
		.once = TRUE,
	};

	for (guint attempt = 0;; attempt++) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(JsonObject) answer = graph_client_run(client, &request, cancellable, &failure);
		gboolean again = g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
		int n;

		if (answer != NULL && graph_json_require_string(answer, "id", &failure) != NULL)
			return TRUE;
		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
		    g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL)) {
			graph_client_log(client, failure->message);
			n = graph_attachment_count(client, message_id, self->name, cancellable, error);
			if (n < 0 || (guint)n > before)
				return n >= 0;
			/* It may still come, and would be there twice; unless the service said that it is too busy. */
			graph_error_make_uncertain(failure);
			again = graph_error_is_busy(request.status, request.code);
		}
		if (!again || attempt + 1 == TRIES) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		if (!graph_throttle_sleep(graph_client_get_delay(client, NULL, attempt), cancellable, error))
			return FALSE;
	}
}
