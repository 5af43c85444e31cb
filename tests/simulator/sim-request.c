/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-request.h"

static void
parameter_free(gpointer data)
{
	SimParameter *parameter = data;

	g_free(parameter->name);
	g_free(parameter->value);
	g_free(parameter);
}

/* Percent-decodes once; what is not valid stays as it was sent. */
static char *
decode(const char *text, gssize length, gboolean plus)
{
	g_autofree char *copy = length < 0 ? g_strdup(text) : g_strndup(text, length);
	char *decoded;

	if (plus)
		g_strdelimit(copy, "+", ' ');
	decoded = g_uri_unescape_string(copy, NULL);
	return decoded != NULL ? decoded : g_steal_pointer(&copy);
}

GPtrArray *
sim_parameters_parse(const char *text)
{
	GPtrArray *parameters = g_ptr_array_new_with_free_func(parameter_free);
	g_auto(GStrv) pairs = g_strsplit(text, "&", -1);

	for (char **pair = pairs; *pair != NULL; pair++) {
		const char *equals = strchr(*pair, '=');
		SimParameter *parameter;

		if (**pair == '\0')
			continue;
		parameter = g_new0(SimParameter, 1);
		parameter->name = decode(*pair, equals != NULL ? equals - *pair : -1, TRUE);
		parameter->value = equals != NULL ? decode(equals + 1, -1, TRUE) : g_strdup("");
		g_ptr_array_add(parameters, parameter);
	}
	return parameters;
}

const char *
sim_parameters_get(GPtrArray *parameters, const char *name)
{
	for (guint i = 0; i < parameters->len; i++) {
		const SimParameter *parameter = g_ptr_array_index(parameters, i);

		if (g_str_equal(parameter->name, name))
			return parameter->value;
	}
	return NULL;
}

const char *
sim_parameters_find_repeated(GPtrArray *parameters)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < parameters->len; i++) {
		const SimParameter *parameter = g_ptr_array_index(parameters, i);

		if (!g_hash_table_add(seen, parameter->name))
			return parameter->name;
	}
	return NULL;
}

SimRequest *
sim_request_new(const char *method, const char *target)
{
	SimRequest *self = g_new0(SimRequest, 1);
	const char *mark = strchr(target, '?');

	self->method = g_strdup(method);
	self->path = mark != NULL ? g_strndup(target, mark - target) : g_strdup(target);
	self->segments = g_strsplit(*self->path == '/' ? self->path + 1 : self->path, "/", -1);
	for (char **segment = self->segments; *segment != NULL; segment++) {
		g_autofree char *encoded = *segment;

		*segment = decode(encoded, -1, FALSE);
	}
	self->query = sim_parameters_parse(mark != NULL ? mark + 1 : "");
	self->headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_REQUEST);
	self->body = g_bytes_new_static("", 0);
	return self;
}

void
sim_request_free(SimRequest *self)
{
	g_free(self->method);
	g_free(self->path);
	g_strfreev(self->segments);
	g_ptr_array_unref(self->query);
	soup_message_headers_unref(self->headers);
	g_bytes_unref(self->body);
	g_free(self->user);
	g_strfreev(self->scopes);
	g_free(self);
}

const char *
sim_request_get_parameter(const SimRequest *self, const char *name)
{
	return sim_parameters_get(self->query, name);
}

JsonObject *
sim_request_get_object(const SimRequest *self)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	gsize length;
	const char *text = g_bytes_get_data(self->body, &length);
	JsonNode *root;

	if (length == 0 || !g_utf8_validate_len(text, length, NULL) ||
	    !json_parser_load_from_data(parser, text, length, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	return json_node_dup_object(root);
}

void
sim_response_init(SimResponse *self)
{
	self->status = SOUP_STATUS_INTERNAL_SERVER_ERROR;
	self->headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE);
	self->body = g_bytes_new_static("", 0);
	self->refusal = NULL;
}

void
sim_response_clear(SimResponse *self)
{
	g_clear_pointer(&self->headers, soup_message_headers_unref);
	g_clear_pointer(&self->body, g_bytes_unref);
	g_clear_pointer(&self->refusal, g_free);
}

void
sim_response_set_bytes(SimResponse *self, guint status, const char *content_type, GBytes *body)
{
	GBytes *old = self->body;

	self->status = status;
	if (content_type != NULL)
		soup_message_headers_replace(self->headers, "Content-Type", content_type);
	self->body = g_bytes_ref(body);
	g_bytes_unref(old);
}

void
sim_response_set_text(SimResponse *self, guint status, const char *content_type, const char *text)
{
	g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));

	sim_response_set_bytes(self, status, content_type, body);
}

void
sim_response_set_object(SimResponse *self, guint status, JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_alloc();
	char *text;
	g_autoptr(GBytes) body = NULL;

	json_node_init_object(node, object);
	text = json_to_string(node, FALSE);
	body = g_bytes_new_take(text, strlen(text));
	sim_response_set_bytes(self, status, "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8",
			       body);
}

void
sim_response_set_empty(SimResponse *self, guint status)
{
	g_autoptr(GBytes) body = g_bytes_new_static("", 0);

	soup_message_headers_remove(self->headers, "Content-Type");
	sim_response_set_bytes(self, status, NULL, body);
}

void
sim_response_set_error(SimResponse *self, const SimRequest *request, guint status, const char *code,
		       const char *message, const char *reference)
{
	g_autoptr(JsonObject) root = json_object_new();
	JsonObject *error = json_object_new();
	JsonObject *inner = json_object_new();
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *date = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
	const char *client_id = soup_message_headers_get_one(request->headers, "client-request-id");
	const char *id = soup_message_headers_get_one(self->headers, "request-id");
	g_autofree char *fresh = id == NULL ? g_uuid_string_random() : NULL;

	if (id == NULL) {
		soup_message_headers_replace(self->headers, "request-id", fresh);
		id = fresh;
	}
	json_object_set_string_member(inner, "date", date);
	json_object_set_string_member(inner, "request-id", id);
	json_object_set_string_member(inner, "client-request-id", client_id != NULL ? client_id : id);
	json_object_set_string_member(error, "code", code);
	json_object_set_string_member(error, "message", message);
	json_object_set_object_member(error, "innerError", inner);
	json_object_set_object_member(root, "error", error);
	sim_response_set_object(self, status, root);
	if (reference != NULL) {
		g_free(self->refusal);
		self->refusal = g_strdup_printf("%s: %s (%s)", code, message, reference);
	}
}
