/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

void
sim_test_set_up(SimTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	self->graph = sim_graph_new();
	self->user = SIMULATOR_USER;
	self->scopes = "User.Read Mail.ReadWrite Mail.Send";
	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_USER, "", &error));
	g_assert_no_error(error);
	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_OTHER, "", &error));
	g_assert_no_error(error);
}

void
sim_test_tear_down(SimTest *self, gconstpointer data)
{
	sim_graph_free(self->graph);
	g_free(self->refusal);
	g_free(self->content_type);
	g_free(self->location);
	g_clear_pointer(&self->body, g_bytes_unref);
}

/* API.md 7.3: another host than Graph's. */
#define UPLOADS "http://127.0.0.1:1"

JsonObject *
sim_test_send_raw(SimTest *self, const char *method, const char *target, const char *content_type, gconstpointer body,
		  gsize length, const char *extra_header, const char *extra_value)
{
	const char *relative = g_str_has_prefix(target, "http://localhost:1/v1.0")
				       ? target + strlen("http://localhost:1/v1.0")
			       : g_str_has_prefix(target, UPLOADS) ? target + strlen(UPLOADS)
								   : target;
	g_autoptr(SimRequest) request = sim_request_new(method, relative);
	g_auto(SimResponse) response = {0};
	g_autofree char *size = g_strdup_printf("%" G_GSIZE_FORMAT, length);
	g_autoptr(JsonParser) parser = json_parser_new();
	const char *text;

	sim_response_init(&response);
	request->origin = "http://localhost:1";
	request->user = g_strdup(self->user);
	request->scopes = g_strsplit(self->scopes, " ", -1);
	soup_message_headers_replace(request->headers, "Prefer",
				     self->prefer != NULL ? self->prefer : SIM_TEST_IMMUTABLE);
	soup_message_headers_replace(request->headers, "Content-Length", size);
	if (content_type != NULL)
		soup_message_headers_replace(request->headers, "Content-Type", content_type);
	if (self->if_match != NULL)
		soup_message_headers_replace(request->headers, "If-Match", self->if_match);
	if (extra_header != NULL)
		soup_message_headers_replace(request->headers, extra_header, extra_value);
	g_bytes_unref(request->body);
	request->body = g_bytes_new(body, length);
	sim_graph_handle(self->graph, request, &response);

	self->status = response.status;
	g_free(self->refusal);
	self->refusal = g_steal_pointer(&response.refusal);
	g_free(self->content_type);
	self->content_type = g_strdup(soup_message_headers_get_content_type(response.headers, NULL));
	g_free(self->location);
	self->location = g_strdup(soup_message_headers_get_one(response.headers, "Location"));
	g_clear_pointer(&self->body, g_bytes_unref);
	self->body = g_bytes_ref(response.body);
	text = g_bytes_get_data(response.body, &length);
	if (g_strcmp0(self->content_type, "application/json") != 0)
		return NULL;
	g_assert_true(g_utf8_validate(text, (gssize)length, NULL));
	g_assert_true(json_parser_load_from_data(parser, text, (gssize)length, NULL));
	return json_node_dup_object(json_parser_get_root(parser));
}

JsonObject *
sim_test_call(SimTest *self, const char *method, const char *target, const char *body)
{
	return sim_test_send_raw(self, method, target, body != NULL ? "application/json" : NULL, body,
				 body != NULL ? strlen(body) : 0, NULL, NULL);
}

JsonObject *
sim_test_post_mime(SimTest *self, const char *target, const char *mime)
{
	g_autofree char *base64 = g_base64_encode((const guchar *)mime, strlen(mime));

	return sim_test_send_raw(self, "POST", target, "text/plain", base64, strlen(base64), NULL, NULL);
}

JsonObject *
sim_test_expect(SimTest *self, guint status, const char *method, const char *target, const char *body)
{
	JsonObject *answer = sim_test_call(self, method, target, body);

	if (self->status != status)
		g_test_message("%s %s: %s", method, target, self->refusal);
	g_assert_cmpuint(self->status, ==, status);
	return answer;
}

void
sim_test_drop(JsonObject *answer)
{
	g_clear_pointer(&answer, json_object_unref);
}

void
sim_test_refused(SimTest *self, guint status, const char *code, const char *method, const char *target,
		 const char *body)
{
	g_autoptr(JsonObject) answer = sim_test_expect(self, status, method, target, body);
	JsonObject *error = json_object_get_object_member(answer, "error");

	g_assert_cmpstr(sim_test_string(error, "code"), ==, code);
	g_assert_nonnull(self->refusal);
	g_assert_true(strstr(self->refusal, ".md ") != NULL);
}

JsonObject *
sim_test_item(JsonObject *answer, guint index)
{
	JsonArray *value = json_object_get_array_member(answer, "value");

	g_assert_cmpuint(index, <, json_array_get_length(value));
	return json_array_get_object_element(value, index);
}

char *
sim_test_id_of(JsonObject *answer, guint index)
{
	return g_strdup(sim_test_string(sim_test_item(answer, index), "id"));
}

guint
sim_test_length(JsonObject *answer)
{
	return json_array_get_length(json_object_get_array_member(answer, "value"));
}

char *
sim_test_round(SimTest *self, const char *link, JsonArray *value)
{
	g_autofree char *at = g_strdup(link);

	for (;;) {
		g_autoptr(JsonObject) page = sim_test_expect(self, 200, "GET", at, NULL);
		gboolean more = json_object_has_member(page, "@odata.nextLink");

		/* exactly one of the links (API.md 5.9) */
		g_assert_true(more != json_object_has_member(page, "@odata.deltaLink"));
		for (guint i = 0; i < sim_test_length(page); i++)
			json_array_add_object_element(value, json_object_ref(sim_test_item(page, i)));
		g_free(at);
		at = g_strdup(sim_test_string(page, more ? "@odata.nextLink" : "@odata.deltaLink"));
		if (!more)
			return g_steal_pointer(&at);
	}
}

char *
sim_test_deliver(SimTest *self, const char *folder, const char *subject)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *eml = g_strdup_printf("From: Carol <carol@fabrikam.example>\r\nTo: <" SIMULATOR_USER
					       ">\r\nSubject: %s\r\nMessage-ID: <%s@fabrikam.example>\r\n"
					       "Date: Mon, 02 Mar 2026 08:00:00 +0000\r\n\r\nHello, %s.\r\n",
					       subject, subject, subject);
	char *id = sim_graph_deliver(self->graph, SIMULATOR_USER, folder, eml, -1, &error);

	g_assert_no_error(error);
	return id;
}
