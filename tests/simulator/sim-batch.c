/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-call.h"
#include "sim-routes.h"

#include <string.h>

#define MAX_PARTS 20 /* API.md 13 */

typedef struct {
	const char *id;
	const char *method;
	const char *url;
	const char *depends_on;
	JsonObject *object;
	guint status;  /* 0: not run yet */
	gboolean lost; /* the answer says nothing of it */
} Part;

static gboolean
refuse(const SimRequest *request, SimResponse *response, const char *message)
{
	sim_response_set_error(response, request, 400, "BadRequest", message, "API.md 13");
	return FALSE;
}

static gboolean
read_part(const SimRequest *request, SimResponse *response, JsonNode *node, GHashTable *ids, Part *part)
{
	static const char *const writes[] = {"POST", "PATCH", "PUT", NULL};
	g_autofree char *folded = NULL;
	JsonNode *depends;
	JsonNode *body;

	if (!JSON_NODE_HOLDS_OBJECT(node))
		return refuse(request, response, "A part of a batch is an object.");
	part->object = json_node_get_object(node);
	part->id = json_object_get_string_member_with_default(part->object, "id", NULL);
	part->method = json_object_get_string_member_with_default(part->object, "method", NULL);
	part->url = json_object_get_string_member_with_default(part->object, "url", NULL);
	if (part->id == NULL || part->method == NULL || part->url == NULL)
		return refuse(request, response, "A part of a batch needs id, method and url.");
	if (strstr(part->url, "://") != NULL || strstr(part->url, "$batch") != NULL)
		return refuse(request, response, "The url of a part is relative to the version root, and no batch.");
	folded = g_utf8_casefold(part->id, -1);
	if (!g_hash_table_add(ids, g_steal_pointer(&folded)))
		return refuse(request, response, "The ids of the parts must differ, without regard to case.");
	body = json_object_get_member(part->object, "body");
	if ((body == NULL || JSON_NODE_HOLDS_NULL(body)) && g_strv_contains(writes, part->method)) {
		/* msgraph-sdk-dotnet#2628, #1038: also where the call by itself takes none */
		g_autofree char *text = g_strdup_printf(
			"Write request id : %s does not contain Content-Type header or body.", part->id);

		return refuse(request, response, text);
	}
	depends = json_object_get_member(part->object, "dependsOn");
	if (depends != NULL && !JSON_NODE_HOLDS_NULL(depends)) {
		JsonArray *array = JSON_NODE_HOLDS_ARRAY(depends) ? json_node_get_array(depends) : NULL;

		if (array == NULL || json_array_get_length(array) > 1)
			return refuse(request, response, "dependsOn names one part in a list.");
		if (json_array_get_length(array) == 1)
			part->depends_on = json_array_get_string_element(array, 0);
	}
	return TRUE;
}

static Part *
find_part(GArray *parts, const char *id)
{
	for (guint i = 0; i < parts->len; i++) {
		Part *part = &g_array_index(parts, Part, i);

		if (g_ascii_strcasecmp(part->id, id) == 0)
			return part;
	}
	return NULL;
}

/* API.md 13: none depends on another, or they are one chain, or all the others hang on the same one */
static gboolean
check_shape(GArray *parts)
{
	g_autoptr(GHashTable) targets = g_hash_table_new(g_direct_hash, g_direct_equal);
	guint n = 0, roots = 0;

	for (guint i = 0; i < parts->len; i++) {
		Part *part = &g_array_index(parts, Part, i);
		Part *target = part->depends_on != NULL ? find_part(parts, part->depends_on) : NULL;
		guint steps = 0;

		if (part->depends_on == NULL) {
			roots++;
			continue;
		}
		if (target == NULL || target == part)
			return FALSE;
		n++;
		g_hash_table_add(targets, target);
		for (Part *p = part; p != NULL && p->depends_on != NULL; p = find_part(parts, p->depends_on)) {
			if (++steps > parts->len)
				return FALSE; /* a circle */
		}
	}
	return n == 0 || (roots == 1 && (g_hash_table_size(targets) == n || g_hash_table_size(targets) == 1));
}

static GBytes *
read_body(JsonNode *node)
{
	char *text;
	gsize length;

	if (node == NULL || JSON_NODE_HOLDS_NULL(node))
		return g_bytes_new_static("", 0);
	/* other media than JSON come as base64 of what would have been sent */
	if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING) {
		guchar *bytes = g_base64_decode(json_node_get_string(node), &length);

		return g_bytes_new_take(bytes, length);
	}
	text = json_to_string(node, FALSE);
	return g_bytes_new_take(text, strlen(text));
}

static JsonNode *
write_body(SimResponse *response)
{
	const char *type = soup_message_headers_get_content_type(response->headers, NULL);
	gsize length;
	const char *bytes = g_bytes_get_data(response->body, &length);
	g_autofree char *base64 = NULL;

	if (length == 0)
		return NULL;
	if (g_strcmp0(type, "application/json") == 0) {
		g_autoptr(JsonParser) parser = json_parser_new();

		if (json_parser_load_from_data(parser, bytes, (gssize)length, NULL))
			return json_node_copy(json_parser_get_root(parser));
	}
	base64 = g_base64_encode((const guchar *)bytes, length);
	return json_node_init_string(json_node_alloc(), base64);
}

static void
run_with_fault(SimGraph *self, SimRequest *request, Part *part, SimResponse *response)
{
	g_autofree char *path = g_strconcat("/v1.0", request->path, NULL);
	g_autoptr(SimFault) fault = self->faults != NULL ? sim_faults_take_part(self->faults, request, path) : NULL;

	if (fault == NULL || sim_fault_wants_work(fault))
		sim_graph_handle(self, request, response);
	if (fault == NULL)
		return;
	sim_fault_apply(fault, request, response);
	g_clear_pointer(&response->refusal, g_free);
	part->lost = fault->kind == SIM_FAULT_CLOSE;
	if (response->status == 0)
		response->status = SOUP_STATUS_BAD_GATEWAY;
}

static void
run_part(SimGraph *self, const SimRequest *request, Part *part, SimResponse *response)
{
	g_autofree char *target = *part->url == '/' ? g_strdup(part->url) : g_strconcat("/", part->url, NULL);
	g_autoptr(SimRequest) inner = sim_request_new(part->method, target);
	JsonNode *headers = json_object_get_member(part->object, "headers");
	JsonNode *body = json_object_get_member(part->object, "body");

	inner->user = g_strdup(request->user);
	inner->scopes = g_strdupv(request->scopes);
	inner->origin = request->origin;
	inner->batched = TRUE;
	if (headers != NULL && JSON_NODE_HOLDS_OBJECT(headers)) {
		g_autoptr(GList) names = json_object_get_members(json_node_get_object(headers));

		for (GList *l = names; l != NULL; l = l->next) {
			const char *value = json_object_get_string_member_with_default(json_node_get_object(headers),
										       l->data, NULL);

			if (value != NULL)
				soup_message_headers_append(inner->headers, l->data, value);
		}
	}
	g_bytes_unref(inner->body);
	inner->body = read_body(body);
	if (body != NULL && !JSON_NODE_HOLDS_NULL(body) &&
	    soup_message_headers_get_one(inner->headers, "Content-Type") == NULL) {
		sim_response_set_error(response, inner, 400, "BadRequest",
				       "A part with a body needs a Content-Type among its headers.", "API.md 13");
		return;
	}
	run_with_fault(self, inner, part, response);
}

static JsonObject *
write_part(Part *part, SimResponse *response)
{
	JsonObject *object = json_object_new();
	JsonObject *headers = json_object_new();
	JsonNode *body = write_body(response);
	SoupMessageHeadersIter iter;
	const char *name, *value;

	json_object_set_string_member(object, "id", part->id);
	json_object_set_int_member(object, "status", response->status);
	soup_message_headers_iter_init(&iter, response->headers);
	while (soup_message_headers_iter_next(&iter, &name, &value))
		json_object_set_string_member(headers, name, value);
	json_object_set_object_member(object, "headers", headers);
	if (body != NULL)
		json_object_set_member(object, "body", body);
	return object;
}

static void
note_refusal(SimResponse *outer, const SimResponse *inner, const Part *part)
{
	g_autofree char *before = g_steal_pointer(&outer->refusal);

	outer->refusal = g_strdup_printf("%s%s%s %s: %s", before != NULL ? before : "", before != NULL ? "; " : "",
					 part->method, part->url, inner->refusal);
}

/* Runs one part, or tells why not. */
static void
answer_part(SimGraph *self, const SimRequest *request, GArray *parts, Part *part, guint *n_free, SimResponse *response)
{
	const Part *before = part->depends_on != NULL ? find_part(parts, part->depends_on) : NULL;

	if (before != NULL && before->status >= 400) {
		sim_response_set_error(response, request, 424, "FailedDependency", "The part before has failed.", NULL);
		return;
	}
	/* seen in the field: beyond four at once the mailbox says no (API.md 13) */
	if (before == NULL && self->batch_limit > 0 && ++*n_free > self->batch_limit) {
		sim_response_set_error(response, request, 429, "ApplicationThrottled",
				       "Application is over its MailboxConcurrency limit.", "API.md 13, CHECKED.md 9");
		soup_message_headers_replace(response->headers, "Retry-After", "1");
		return;
	}
	run_part(self, request, part, response);
}

void
sim_batch_handle(SimGraph *self, const SimRequest *request, SimResponse *response)
{
	g_autoptr(JsonObject) body = NULL;
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GArray) parts = g_array_new(FALSE, TRUE, sizeof(Part));
	g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
	JsonNode *requests;
	JsonArray *array, *responses;
	guint n_free = request->in_flight > 0 ? request->in_flight - 1 : 0; /* the mailbox's other requests */
	guint n_done = 0;

	if (!g_str_equal(request->method, "POST")) {
		sim_response_set_error(response, request, 405, "BadRequest", "A batch is posted.", "API.md 13");
		return;
	}
	if (g_bytes_get_size(request->body) > SIM_MAX_REQUEST) {
		sim_response_set_error(response, request, 413, "RequestEntityTooLarge",
				       "The maximum request length supported is 4MB.", "API.md 13");
		return;
	}
	body = sim_request_get_object(request);
	requests = body != NULL ? json_object_get_member(body, "requests") : NULL;
	if (requests == NULL || !JSON_NODE_HOLDS_ARRAY(requests) ||
	    g_strcmp0(soup_message_headers_get_content_type(request->headers, NULL), "application/json") != 0) {
		refuse(request, response, "A batch is a JSON object with a list of requests.");
		return;
	}
	array = json_node_get_array(requests);
	if (json_array_get_length(array) == 0 || json_array_get_length(array) > MAX_PARTS) {
		refuse(request, response, "A batch holds 1 to 20 requests.");
		return;
	}
	for (guint i = 0; i < json_array_get_length(array); i++) {
		Part part = {0};

		if (!read_part(request, response, json_array_get_element(array, i), ids, &part))
			return;
		g_array_append_val(parts, part);
	}
	if (!check_shape(parts)) {
		refuse(request, response, "dependsOn: none, one chain, or all on the same part.");
		return;
	}

	responses = json_array_new();
	while (n_done < parts->len) {
		for (guint i = 0; i < parts->len; i++) {
			Part *part = &g_array_index(parts, Part, i);
			const Part *before = part->depends_on != NULL ? find_part(parts, part->depends_on) : NULL;
			g_auto(SimResponse) inner = {0};

			if (part->status != 0 || (before != NULL && before->status == 0))
				continue;
			sim_response_init(&inner);
			answer_part(self, request, parts, part, &n_free, &inner);
			part->status = inner.status;
			if (inner.refusal != NULL)
				note_refusal(response, &inner, part);
			if (!part->lost)
				g_ptr_array_add(answers, write_part(part, &inner));
			n_done++;
		}
	}
	/* API.md 13: in any order */
	while (answers->len > 0)
		json_array_add_object_element(responses, g_ptr_array_steal_index(answers, answers->len - 1));
	answer = json_object_new();
	json_object_set_array_member(answer, "responses", responses);
	sim_response_set_object(response, 200, answer);
}
