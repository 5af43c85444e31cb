/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-value.h"

#include <string.h>

#include "sim-text.h"

gboolean
sim_value_refuse(SimCall *call, const char *name)
{
	sim_call_refuse(call, 400, "RequestBodyRead", "API.md 5.1, metadata.json",
			"The property '%s' has a value of the wrong type or is unknown here.", name);
	return FALSE;
}

static gboolean
holds(JsonNode *node, GType type)
{
	return node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

gboolean
sim_value_get_string(SimCall *call, const char *name, JsonNode *node, const char **value)
{
	*value = NULL;
	if (JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	if (!holds(node, G_TYPE_STRING))
		return sim_value_refuse(call, name);
	*value = json_node_get_string(node);
	return TRUE;
}

gboolean
sim_value_get_boolean(SimCall *call, const char *name, JsonNode *node, gboolean *value)
{
	if (!holds(node, G_TYPE_BOOLEAN))
		return sim_value_refuse(call, name);
	*value = json_node_get_boolean(node);
	return TRUE;
}

gboolean
sim_value_get_object(SimCall *call, const char *name, JsonNode *node, JsonObject **value)
{
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return sim_value_refuse(call, name);
	*value = json_node_get_object(node);
	return TRUE;
}

gboolean
sim_value_get_array(SimCall *call, const char *name, JsonNode *node, JsonArray **value)
{
	if (!JSON_NODE_HOLDS_ARRAY(node))
		return sim_value_refuse(call, name);
	*value = json_node_get_array(node);
	return TRUE;
}

gboolean
sim_value_get_enum(SimCall *call, const char *name, JsonNode *node, const char *const *members, const char **value)
{
	const char *text;

	if (!sim_value_get_string(call, name, node, &text) || text == NULL)
		return text == NULL ? sim_value_refuse(call, name) : FALSE;
	for (; *members != NULL; members++) {
		if (g_ascii_strcasecmp(*members, text) == 0) {
			*value = *members;
			return TRUE;
		}
	}
	return sim_value_refuse(call, name);
}

/* FALSE: refused. Only members that the type has are let through. */
static gboolean
check_members(SimCall *call, const char *name, JsonObject *object, const char *const *known)
{
	g_autoptr(GList) members = json_object_get_members(object);

	for (GList *l = members; l != NULL; l = l->next) {
		if (!g_str_has_prefix(l->data, "@") && !g_strv_contains(known, l->data))
			return sim_value_refuse(call, l->data != NULL ? l->data : name);
	}
	return TRUE;
}

gboolean
sim_value_get_recipient(SimCall *call, const char *name, JsonNode *node, SimAddress **value)
{
	static const char *const recipient[] = {"emailAddress", NULL};
	static const char *const email[] = {"name", "address", NULL};
	JsonObject *object, *inner;
	const char *display = NULL, *address = NULL;

	*value = NULL;
	if (JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	if (!sim_value_get_object(call, name, node, &object) || !check_members(call, name, object, recipient))
		return FALSE;
	if (!json_object_has_member(object, "emailAddress"))
		return sim_value_refuse(call, name);
	if (!sim_value_get_object(call, name, json_object_get_member(object, "emailAddress"), &inner) ||
	    !check_members(call, name, inner, email))
		return FALSE;
	if ((json_object_has_member(inner, "name") &&
	     !sim_value_get_string(call, "name", json_object_get_member(inner, "name"), &display)) ||
	    (json_object_has_member(inner, "address") &&
	     !sim_value_get_string(call, "address", json_object_get_member(inner, "address"), &address)))
		return FALSE;
	if (address == NULL || *address == '\0') {
		sim_call_refuse(call, 400, "ErrorInvalidRecipients", "API.md 14.2",
				"At least one recipient is not valid., Recipient '' is not resolved.");
		return FALSE;
	}
	*value = sim_address_new(display != NULL && *display != '\0' ? display : address, address);
	return TRUE;
}

gboolean
sim_value_get_recipients(SimCall *call, const char *name, JsonNode *node, GPtrArray **value)
{
	g_autoptr(GPtrArray) addresses = sim_addresses_new();
	JsonArray *array;

	*value = NULL;
	if (!sim_value_get_array(call, name, node, &array))
		return FALSE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		SimAddress *address;

		if (!sim_value_get_recipient(call, name, json_array_get_element(array, i), &address))
			return FALSE;
		if (address == NULL)
			return sim_value_refuse(call, name);
		g_ptr_array_add(addresses, address);
	}
	*value = g_steal_pointer(&addresses);
	return TRUE;
}

gboolean
sim_value_get_date_time(SimCall *call, const char *name, JsonNode *node, SimDateTime **value)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = NULL;
	JsonObject *object;
	const char *text = NULL, *zone = NULL;

	*value = NULL;
	if (JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	if (!sim_value_get_object(call, name, node, &object))
		return FALSE;
	if (!json_object_has_member(object, "dateTime") || !json_object_has_member(object, "timeZone"))
		return sim_value_refuse(call, name);
	if (!sim_value_get_string(call, name, json_object_get_member(object, "dateTime"), &text) ||
	    !sim_value_get_string(call, name, json_object_get_member(object, "timeZone"), &zone))
		return FALSE;
	time = text != NULL ? g_date_time_new_from_iso8601(text, utc) : NULL;
	if (time == NULL || zone == NULL || *zone == '\0')
		return sim_value_refuse(call, name);
	*value = g_new0(SimDateTime, 1);
	(*value)->date_time = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S.0000000");
	(*value)->time_zone = g_strdup(zone);
	return TRUE;
}

gboolean
sim_value_get_body(SimCall *call, JsonNode *node, gboolean *html, const char **text)
{
	static const char *const known[] = {"contentType", "content", NULL};
	static const char *const types[] = {"text", "html", NULL};
	const char *type = "text";
	JsonObject *object;

	*text = "";
	if (!sim_value_get_object(call, "body", node, &object) || !check_members(call, "body", object, known))
		return FALSE;
	if (json_object_has_member(object, "contentType") &&
	    !sim_value_get_enum(call, "contentType", json_object_get_member(object, "contentType"), types, &type))
		return FALSE;
	if (json_object_has_member(object, "content") &&
	    !sim_value_get_string(call, "content", json_object_get_member(object, "content"), text))
		return FALSE;
	*html = g_str_equal(type, "html");
	if (*text == NULL)
		*text = "";
	return TRUE;
}

SimAttachment *
sim_value_get_attachment(SimCall *call, JsonNode *node)
{
	static const char *const known[] = {
		"name", "contentType", "contentBytes",	       "isInline", "contentId", "contentLocation",
		"size", "id",	       "lastModifiedDateTime", NULL};
	JsonObject *object;
	const char *type = NULL, *name = NULL, *bytes = "", *content_type = NULL, *content_id = NULL;
	gboolean is_inline = FALSE;
	SimAttachment *attachment;
	guchar *data;
	gsize length;

	if (!sim_value_get_object(call, "attachments", node, &object))
		return NULL;
	if (json_object_has_member(object, "@odata.type"))
		type = json_object_get_string_member_with_default(object, "@odata.type", NULL);
	if (type == NULL || !g_str_has_suffix(type, "microsoft.graph.fileAttachment")) {
		sim_call_refuse(call, 400, "BadRequest", "API.md 7.2",
				"An attachment needs the @odata.type #microsoft.graph.fileAttachment.");
		return NULL;
	}
	if (!check_members(call, "attachments", object, known))
		return NULL;
	if ((json_object_has_member(object, "name") &&
	     !sim_value_get_string(call, "name", json_object_get_member(object, "name"), &name)) ||
	    (json_object_has_member(object, "contentType") &&
	     !sim_value_get_string(call, "contentType", json_object_get_member(object, "contentType"),
				   &content_type)) ||
	    (json_object_has_member(object, "contentId") &&
	     !sim_value_get_string(call, "contentId", json_object_get_member(object, "contentId"), &content_id)) ||
	    (json_object_has_member(object, "contentBytes") &&
	     !sim_value_get_string(call, "contentBytes", json_object_get_member(object, "contentBytes"), &bytes)) ||
	    (json_object_has_member(object, "isInline") &&
	     !sim_value_get_boolean(call, "isInline", json_object_get_member(object, "isInline"), &is_inline)))
		return NULL;
	if (name == NULL || *name == '\0' || bytes == NULL) {
		sim_value_refuse(call, "name");
		return NULL;
	}
	if (!sim_text_is_base64(bytes, strlen(bytes), TRUE)) {
		sim_value_refuse(call, "contentBytes");
		return NULL;
	}
	data = g_base64_decode(bytes, &length);
	attachment = g_new0(SimAttachment, 1);
	attachment->name = g_strdup(name);
	attachment->content_type =
		g_strdup(content_type != NULL && *content_type != '\0' ? content_type : "application/octet-stream");
	attachment->content_id = g_strdup(content_id);
	attachment->is_inline = is_inline;
	attachment->content = g_bytes_new_take(data, length);
	return attachment;
}
