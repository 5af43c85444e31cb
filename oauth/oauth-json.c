/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-json.h"

#include <math.h>
#include <string.h>

/* json-glib recurses once per bracket; no answer of ours comes near this. */
#define MAX_BRACKETS 1000

JsonObject *
oauth_json_parse(const char *data, gsize length)
{
	g_autoptr(JsonParser) parser = NULL;
	guint brackets = 0;
	JsonNode *root;

	if (!g_utf8_validate(data, length, NULL))
		return NULL;
	for (gsize i = 0; i < length; i++)
		brackets += data[i] == '[' || data[i] == '{';
	if (brackets > MAX_BRACKETS)
		return NULL;

	parser = json_parser_new();
	if (!json_parser_load_from_data(parser, data, length, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	return json_object_ref(json_node_get_object(root));
}

static JsonNode *
get_value(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node != NULL && JSON_NODE_HOLDS_VALUE(node) ? node : NULL;
}

const char *
oauth_json_get_string(JsonObject *object, const char *name)
{
	JsonNode *node = get_value(object, name);

	return node != NULL && json_node_get_value_type(node) == G_TYPE_STRING ? json_node_get_string(node) : NULL;
}

JsonArray *
oauth_json_get_array(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

gboolean
oauth_json_get_number(JsonObject *object, const char *name, double *number)
{
	JsonNode *node = get_value(object, name);
	const char *text;
	char *end;

	if (node == NULL)
		return FALSE;
	if (json_node_get_value_type(node) == G_TYPE_INT64 || json_node_get_value_type(node) == G_TYPE_DOUBLE) {
		*number = json_node_get_double(node);
		return isfinite(*number);
	}
	text = oauth_json_get_string(object, name);
	if (text == NULL || !g_ascii_isdigit(*text))
		return FALSE;
	*number = g_ascii_strtod(text, &end);
	return *end == '\0' && isfinite(*number);
}
