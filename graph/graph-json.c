/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "graph-error.h"

/* json-glib parses by recursion and has no limit of its own. The service's deepest answers nest about ten levels. */
#define MAX_DEPTH 100

static gboolean
wrong_type(const char *name, GError **error)
{
	g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("“%s” in the reply is of another type than promised"),
		    name);
	return FALSE;
}

static JsonNode *
get_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node == NULL || JSON_NODE_HOLDS_NULL(node) ? NULL : node;
}

gboolean
graph_json_has(JsonObject *object, const char *name)
{
	return get_member(object, name) != NULL;
}

gboolean
graph_json_get_string(JsonObject *object, const char *name, const char **value, GError **error)
{
	JsonNode *node = get_member(object, name);

	*value = NULL;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return wrong_type(name, error);

	*value = json_node_get_string(node);
	if (*value != NULL && !g_utf8_validate(*value, -1, NULL)) {
		/* An unpaired surrogate escape passes json-glib. */
		*value = NULL;
		return wrong_type(name, error);
	}
	return TRUE;
}

const char *
graph_json_require_string(JsonObject *object, const char *name, GError **error)
{
	const char *value;

	if (!graph_json_get_string(object, name, &value, error))
		return NULL;
	if (value == NULL || *value == '\0') {
		g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("“%s” is missing in the reply"), name);
		return NULL;
	}
	return value;
}

gboolean
graph_json_is_entity(JsonObject *object, GError **error)
{
	const char *id;

	if (!graph_json_get_string(object, "id", &id, error))
		return FALSE;
	if (json_object_get_size(object) > 0 && !json_object_has_member(object, "value") &&
	    !json_object_has_member(object, "error"))
		return TRUE;
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The reply is not what was asked for"));
	return FALSE;
}

gboolean
graph_json_get_boolean(JsonObject *object, const char *name, gboolean *value, GError **error)
{
	JsonNode *node = get_member(object, name);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node))
		return wrong_type(name, error);

	if (json_node_get_value_type(node) == G_TYPE_BOOLEAN)
		*value = json_node_get_boolean(node);
	else if (json_node_get_value_type(node) == G_TYPE_STRING &&
		 g_ascii_strcasecmp(json_node_get_string(node), "true") == 0)
		*value = TRUE;
	else if (json_node_get_value_type(node) == G_TYPE_STRING &&
		 g_ascii_strcasecmp(json_node_get_string(node), "false") == 0)
		*value = FALSE;
	else
		return wrong_type(name, error);
	return TRUE;
}

gboolean
graph_json_get_int64(JsonObject *object, const char *name, gint64 *value, GError **error)
{
	JsonNode *node = get_member(object, name);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node))
		return wrong_type(name, error);

	if (json_node_get_value_type(node) == G_TYPE_INT64)
		*value = json_node_get_int(node);
	else if (json_node_get_value_type(node) != G_TYPE_STRING ||
		 !g_ascii_string_to_signed(json_node_get_string(node), 10, G_MININT64, G_MAXINT64, value, NULL))
		return wrong_type(name, error);
	return TRUE;
}

gboolean
graph_json_get_object(JsonObject *object, const char *name, JsonObject **value, GError **error)
{
	JsonNode *node = get_member(object, name);

	*value = NULL;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return wrong_type(name, error);
	*value = json_node_get_object(node);
	return TRUE;
}

gboolean
graph_json_get_array(JsonObject *object, const char *name, JsonArray **value, GError **error)
{
	JsonNode *node = get_member(object, name);

	*value = NULL;
	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_ARRAY(node))
		return wrong_type(name, error);
	*value = json_node_get_array(node);
	return TRUE;
}

JsonObject *
graph_json_require_element(JsonArray *array, guint index, GError **error)
{
	JsonNode *node = json_array_get_element(array, index);

	if (!JSON_NODE_HOLDS_OBJECT(node)) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("An array in the reply holds no objects"));
		return NULL;
	}
	return json_node_get_object(node);
}

char **
graph_json_dup_strings(JsonObject *object, const char *name, GError **error)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	JsonArray *array;

	if (!graph_json_get_array(object, name, &array, error))
		return NULL;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonNode *node = json_array_get_element(array, i);
		const char *text;

		if (JSON_NODE_HOLDS_NULL(node))
			continue;
		text = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
		if (text == NULL || !g_utf8_validate(text, -1, NULL)) {
			wrong_type(name, error);
			return NULL;
		}
		g_strv_builder_add(builder, text);
	}
	return g_strv_builder_end(builder);
}

static gboolean
is_nested_too_deep(const char *data, gsize length)
{
	gboolean in_string = FALSE;
	guint depth = 0;

	for (gsize i = 0; i < length; i++) {
		if (in_string) {
			if (data[i] == '\\')
				i++;
			else if (data[i] == '"')
				in_string = FALSE;
		} else if (data[i] == '"') {
			in_string = TRUE;
		} else if (data[i] == '[' || data[i] == '{') {
			if (++depth > MAX_DEPTH)
				return TRUE;
		} else if ((data[i] == ']' || data[i] == '}') && depth > 0) {
			depth--;
		}
	}
	return FALSE;
}

static guint
read_escape(const char *data, gsize length, gsize at)
{
	guint unit = 0;

	if (at + 6 > length || data[at] != '\\' || data[at + 1] != 'u')
		return 0;
	for (gsize i = at + 2; i < at + 6; i++) {
		if (!g_ascii_isxdigit(data[i]))
			return 0;
		unit = unit * 16 + (guint)g_ascii_xdigit_value(data[i]);
	}
	return unit;
}

/*
 * Half of a surrogate pair, as a subject holds that was cut in an emoji: json-glib would make it a string that is not
 * UTF-8. It becomes U+FFFD. (transfer full), %NULL where nothing is to be done.
 */
static char *
mend_surrogates(const char *data, gsize length)
{
	char *mended = NULL;

	for (const char *p = memchr(data, '\\', length); p != NULL;) {
		gsize at = (gsize)(p - data);
		guint unit = read_escape(data, length, at);
		guint next = (unit & 0xfc00) == 0xd800 ? read_escape(data, length, at + 6) : 0;
		gsize step = unit != 0 ? 6 : 2;

		if ((next & 0xfc00) == 0xdc00) {
			step = 12;
		} else if ((unit & 0xf800) == 0xd800) {
			if (mended == NULL)
				mended = g_memdup2(data, length);
			memcpy(mended + at, "\\ufffd", 6);
		}
		p = at + step < length ? memchr(data + at + step, '\\', length - at - step) : NULL;
	}
	return mended;
}

JsonObject *
graph_json_parse(const char *data, gsize length, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	g_autofree char *mended = length > 0 ? mend_surrogates(data, length) : NULL;
	g_autoptr(GError) cause = NULL;
	JsonNode *root;

	if (mended != NULL)
		data = mended;

	if (length == 0 || is_nested_too_deep(data, length) || !g_utf8_validate_len(data, length, NULL) ||
	    !json_parser_load_from_data(parser, data, length, &cause)) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The reply is not valid JSON"));
		return NULL;
	}
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The reply is not a JSON object"));
		return NULL;
	}
	return json_object_ref(json_node_get_object(root));
}

char *
graph_json_print(JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_alloc();

	json_node_init_object(node, object);
	return json_to_string(node, FALSE);
}
