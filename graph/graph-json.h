/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Checked readers of what a server sent. A member that is missing or null is "not there", which is no
 * error except for require; a member of another type than asked for is %GRAPH_ERROR_PROTOCOL.
 */

/* Whether the member is there and not null. */
gboolean graph_json_has(JsonObject *object, const char *name);

/* Owned by @object; %NULL without an error if it is not there. Valid UTF-8, but it may hold control characters. */
gboolean graph_json_get_string(JsonObject *object, const char *name, const char **value, GError **error);
const char *graph_json_require_string(JsonObject *object, const char *name, GError **error);

/* Whether it can be one thing that was asked for or changed: not empty, no list, no error. It may leave its id out. */
gboolean graph_json_is_entity(JsonObject *object, GError **error);

/* Untouched @value if it is not there. Accepts "true" and "false" as strings, which the service has printed. */
gboolean graph_json_get_boolean(JsonObject *object, const char *name, gboolean *value, GError **error);

/* Untouched @value if it is not there. Accepts digits in a string: extended properties are printed so. */
gboolean graph_json_get_int64(JsonObject *object, const char *name, gint64 *value, GError **error);

/* Owned by @object; %NULL without an error if it is not there. */
gboolean graph_json_get_object(JsonObject *object, const char *name, JsonObject **value, GError **error);
gboolean graph_json_get_array(JsonObject *object, const char *name, JsonArray **value, GError **error);

/* An element of an array as an object, owned by @array. */
JsonObject *graph_json_require_element(JsonArray *array, guint index, GError **error);

/* (transfer full): an array of strings without its nulls, ended by %NULL; empty if it is not there */
char **graph_json_dup_strings(JsonObject *object, const char *name, GError **error);

/**
 * graph_json_parse:
 * @data: (nullable): what came, of any length, not trusted
 *
 * Returns: (transfer full): the object, %NULL with %GRAPH_ERROR_PROTOCOL if @data is no whole JSON object, is not
 *   UTF-8 or is nested deeper than any answer of the service
 */
JsonObject *graph_json_parse(const char *data, gsize length, GError **error);

/* (transfer full): compact text of @object */
char *graph_json_print(JsonObject *object);

G_END_DECLS
