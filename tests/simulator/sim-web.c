/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-web.h"

void
sim_web_set_up(SimWeb *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	self->simulator = simulator_new();
	g_assert_true(simulator_add_mailbox(self->simulator, SIMULATOR_USER, "", &error));
	g_assert_no_error(error);
	g_assert_true(simulator_start(self->simulator, 0, NULL, &error));
	g_assert_no_error(error);
	self->session = soup_session_new_with_options("proxy-resolver", NULL, "max-conns-per-host", 16, NULL);
}

static void
forget(SimWeb *self)
{
	self->status = 0;
	g_clear_pointer(&self->headers, soup_message_headers_unref);
	g_clear_pointer(&self->text, g_free);
	g_clear_error(&self->error);
}

void
sim_web_tear_down(SimWeb *self, gconstpointer data)
{
	forget(self);
	g_free(self->token);
	g_assert_finalize_object(self->session);
	simulator_stop(self->simulator);
	g_assert_finalize_object(self->simulator);
}

static void
send(SimWeb *self, SoupMessage *message)
{
	g_autoptr(GBytes) bytes = NULL;
	gsize length;
	const char *data;

	forget(self);
	soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
	if (self->token != NULL) {
		g_autofree char *value = g_strconcat("Bearer ", self->token, NULL);

		soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization", value);
	}
	bytes = soup_session_send_and_read(self->session, message, NULL, &self->error);
	if (bytes == NULL)
		return;
	data = g_bytes_get_data(bytes, &length);
	self->status = soup_message_get_status(message);
	self->headers = soup_message_headers_ref(soup_message_get_response_headers(message));
	self->text = g_strndup(data, length);
}

static SoupMessage *
message_new(SimWeb *self, const char *method, const char *target)
{
	g_autofree char *uri = g_strconcat(simulator_get_origin(self->simulator), target, NULL);
	SoupMessage *message = soup_message_new(method, uri);

	g_assert_nonnull(message);
	return message;
}

void
sim_web_send(SimWeb *self, const char *method, const char *target, const char *type, const char *body, ...)
{
	g_autoptr(SoupMessage) message = message_new(self, method, target);
	va_list headers;
	const char *name;

	if (body != NULL) {
		g_autoptr(GBytes) bytes = g_bytes_new(body, strlen(body));

		soup_message_set_request_body_from_bytes(message, type, bytes);
	}
	va_start(headers, body);
	while ((name = va_arg(headers, const char *)) != NULL)
		soup_message_headers_append(soup_message_get_request_headers(message), name,
					    va_arg(headers, const char *));
	va_end(headers);
	send(self, message);
}

void
sim_web_post(SimWeb *self, const char *target, ...)
{
	g_autoptr(SoupMessage) message = message_new(self, "POST", target);
	g_autoptr(GString) form = g_string_new(NULL);
	g_autoptr(GBytes) bytes = NULL;
	va_list fields;
	const char *name;

	va_start(fields, target);
	while ((name = va_arg(fields, const char *)) != NULL) {
		g_autofree char *pair = soup_form_encode(name, va_arg(fields, const char *), NULL);

		g_string_append_printf(form, "%s%s", form->len > 0 ? "&" : "", pair);
	}
	va_end(fields);
	bytes = g_bytes_new(form->str, form->len);
	soup_message_set_request_body_from_bytes(message, SOUP_FORM_MIME_TYPE_URLENCODED, bytes);
	send(self, message);
}

void
sim_web_control(SimWeb *self, const char *name, const char *json)
{
	g_autofree char *target = g_strconcat("/_control/", name, NULL);

	sim_web_send(self, "POST", target, "application/json", json, NULL);
	g_assert_no_error(self->error);
	g_assert_cmpuint(self->status / 100, ==, 2);
}

JsonObject *
sim_web_object(SimWeb *self)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonNode) node = json_from_string(self->text, &error);

	g_assert_no_error(error);
	g_assert_true(JSON_NODE_HOLDS_OBJECT(node));
	return json_node_dup_object(node);
}

/* The value of an attribute, its entities resolved (transfer full); %NULL when the tag has none. */
static char *
get_attribute(const char *tag, const char *name)
{
	g_autofree char *pattern = g_strdup_printf("\\b%s=\"([^\"]*)\"", name);
	g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *encoded = NULL;
	GString *value;

	if (!g_regex_match(regex, tag, 0, &match))
		return NULL;
	encoded = g_match_info_fetch(match, 1);
	value = g_string_new(encoded);
	g_string_replace(value, "&lt;", "<", 0);
	g_string_replace(value, "&gt;", ">", 0);
	g_string_replace(value, "&quot;", "\"", 0);
	g_string_replace(value, "&apos;", "'", 0);
	g_string_replace(value, "&#39;", "'", 0);
	g_string_replace(value, "&amp;", "&", 0);
	return g_string_free(value, FALSE);
}

GHashTable *
sim_web_form(SimWeb *self, char **action)
{
	g_autoptr(GRegex) regex = g_regex_new("<(form|input)\\b[^>]*>", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	GHashTable *fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	guint n_forms = 0;

	g_regex_match(regex, self->text, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
		g_autofree char *tag = g_match_info_fetch(match, 0);
		g_autofree char *method = get_attribute(tag, "method");
		g_autofree char *name = get_attribute(tag, "name");

		if (method != NULL) {
			n_forms++;
			g_assert_cmpstr(method, ==, "post");
			if (action != NULL)
				*action = get_attribute(tag, "action");
		} else if (name != NULL) {
			char *value = get_attribute(tag, "value");

			g_hash_table_replace(fields, g_steal_pointer(&name), value != NULL ? value : g_strdup(""));
		}
	}
	g_assert_cmpuint(n_forms, ==, 1);
	return fields;
}

void
sim_web_assert_refused(SimWeb *self, const char *reference)
{
	g_auto(GStrv) refusals = simulator_get_refusals(self->simulator);
	guint length = g_strv_length(refusals);
	g_autofree char *end = g_strdup_printf("(%s)", reference);

	g_assert_cmpuint(length, >, 0);
	if (!g_str_has_suffix(refusals[length - 1], end))
		g_error("“%s” does not end with %s", refusals[length - 1], end);
	simulator_reset_log(self->simulator);
}

void
sim_web_assert_oauth_error(SimWeb *self, guint status, const char *error, guint code, const char *reference)
{
	g_autoptr(JsonObject) object = sim_web_object(self);
	JsonArray *codes = json_object_get_array_member(object, "error_codes");
	g_autofree char *number = g_strdup_printf("AADSTS%u: ", code);

	g_assert_cmpuint(self->status, ==, status);
	g_assert_cmpstr(json_object_get_string_member(object, "error"), ==, error);
	g_assert_true(g_str_has_prefix(json_object_get_string_member(object, "error_description"), number));
	g_assert_cmpuint(json_array_get_length(codes), ==, 1);
	g_assert_cmpint(json_array_get_int_element(codes, 0), ==, code);
	g_assert_true(g_uuid_string_is_valid(json_object_get_string_member(object, "correlation_id")));
	g_assert_true(json_object_has_member(object, "trace_id"));
	g_assert_true(json_object_has_member(object, "timestamp"));
	if (reference != NULL)
		sim_web_assert_refused(self, reference);
}
