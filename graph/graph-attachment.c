/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-attachment.h"

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
graph_attachment_to_item(const GraphAttachment *self)
{
	JsonObject *item = json_object_new();

	json_object_set_string_member(item, "attachmentType", "file");
	describe(self, item);
	json_object_set_int_member(item, "size", (gint64)self->size);
	return item;
}
