/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-batch.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"
#include "graph-throttle.h"

/* Unchained parts of one batch: they run side by side. */
#define PARTS 3
#define MAX_ROUNDS 8

typedef struct {
	char *method;
	char *path;
	JsonObject *body;
	gboolean repeatable;
	guint status;
	JsonObject *answer;
	GError *error;
	gboolean done;
} Part;

struct _GraphBatch {
	GraphClient *client;
	GPtrArray *parts; /* of Part */
};

static void
part_free(Part *part)
{
	g_free(part->method);
	g_free(part->path);
	g_clear_pointer(&part->body, json_object_unref);
	g_clear_pointer(&part->answer, json_object_unref);
	g_clear_error(&part->error);
	g_free(part);
}

GraphBatch *
graph_batch_new(GraphClient *client)
{
	GraphBatch *self = g_new0(GraphBatch, 1);

	self->client = g_object_ref(client);
	self->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	return self;
}

void
graph_batch_free(GraphBatch *self)
{
	g_ptr_array_unref(self->parts);
	g_object_unref(self->client);
	g_free(self);
}

guint
graph_batch_add(GraphBatch *self, const char *method, const char *path, JsonObject *body, gboolean repeatable)
{
	Part *part = g_new0(Part, 1);

	part->method = g_strdup(method);
	part->path = graph_client_get_part_path(self->client, path);
	part->body = body != NULL ? json_object_ref(body) : NULL;
	part->repeatable = repeatable;
	g_ptr_array_add(self->parts, part);
	return self->parts->len - 1;
}

/* Headers of the outer request do not reach the parts. */
static JsonObject *
print_part(Part *part, guint index)
{
	JsonObject *object = json_object_new();
	JsonObject *headers = json_object_new();
	g_autofree char *id = g_strdup_printf("%u", index);

	json_object_set_string_member(object, "id", id);
	json_object_set_string_member(object, "method", part->method);
	json_object_set_string_member(object, "url", part->path);
	json_object_set_string_member(headers, "Prefer", "IdType=\"ImmutableId\"");
	if (part->body != NULL) {
		json_object_set_string_member(headers, "Content-Type", "application/json");
		json_object_set_object_member(object, "body", json_object_ref(part->body));
	}
	json_object_set_object_member(object, "headers", headers);
	return object;
}

static JsonObject *
post(GraphBatch *self, const guint *indices, guint n, GCancellable *cancellable, GError **error)
{
	static const guint ok[] = {200, 424, 0};
	g_autoptr(JsonObject) outer = json_object_new();
	g_autofree char *text = NULL;
	g_autoptr(GBytes) bytes = NULL;
	JsonArray *requests = json_array_new();
	GraphRequest request = {
		.method = "POST",
		.path = "/$batch",
		.root = TRUE,
		.content_type = "application/json",
		.expected = ok,
		.repeatable = TRUE,
		.parts = n,
	};

	for (guint i = 0; i < n; i++) {
		Part *part = g_ptr_array_index(self->parts, indices[i]);

		json_array_add_object_element(requests, print_part(part, indices[i]));
		request.repeatable = request.repeatable && part->repeatable;
	}
	json_object_set_array_member(outer, "requests", requests);
	text = graph_json_print(outer);
	bytes = g_bytes_new(text, strlen(text));
	request.body = bytes;
	return graph_client_run(self->client, &request, cancellable, error);
}

/* Header names of a part vary in case; a value may be a number. (transfer full) (nullable) */
static char *
dup_header(JsonObject *response, const char *wanted)
{
	JsonObject *headers;
	JsonObjectIter iter;
	const char *name;
	JsonNode *node;

	if (!graph_json_get_object(response, "headers", &headers, NULL) || headers == NULL)
		return NULL;
	json_object_iter_init(&iter, headers);
	while (json_object_iter_next(&iter, &name, &node)) {
		if (g_ascii_strcasecmp(name, wanted) != 0 || !JSON_NODE_HOLDS_VALUE(node))
			continue;
		if (json_node_get_value_type(node) == G_TYPE_STRING)
			return g_strdup(json_node_get_string(node));
		return json_node_get_value_type(node) == G_TYPE_INT64
			       ? g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node))
			       : NULL;
	}
	return NULL;
}

/* Errors name the part without its ids. */
static char *
describe(Part *part)
{
	g_auto(GStrv) segments = g_strsplit_set(part->path, "/?", -1);
	const char *last = "";

	for (guint i = 0; segments[i] != NULL; i++) {
		if (*segments[i] != '\0' && strlen(segments[i]) < 30 && strpbrk(segments[i], "%@=$") == NULL)
			last = segments[i];
	}
	return g_strdup_printf("%s …/%s", part->method, last);
}

static void
settle(Part *part, guint status, JsonObject *response)
{
	g_autofree char *what = describe(part);
	g_autofree char *request_id = dup_header(response, "request-id");
	JsonObject *body = NULL;

	part->done = TRUE;
	part->status = status;
	if (!graph_json_get_object(response, "body", &body, status < 300 ? &part->error : NULL) && status < 300)
		return;
	if (status >= 200 && status < 300)
		part->answer = body != NULL ? json_object_ref(body) : json_object_new();
	else
		part->error = graph_error_new_from_answer(what, status, body, request_id);
}

static gboolean
is_to_wait(guint status)
{
	return status == 429 || status == 503;
}

/* Takes the answers of one batch; the longest wait that a part was told, 0 if none. FALSE: not a batch answer. */
static gboolean
take_responses(GraphBatch *self, JsonObject *answer, guint round, double *delay, GError **error)
{
	JsonArray *responses;

	if (!graph_json_get_array(answer, "responses", &responses, error))
		return FALSE;
	if (responses == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("“responses” is missing in the reply"));
		return FALSE;
	}
	for (guint i = 0; i < json_array_get_length(responses); i++) {
		JsonObject *response = graph_json_require_element(responses, i, error);
		const char *id = response != NULL ? graph_json_require_string(response, "id", error) : NULL;
		guint64 index;
		gint64 status = 0;
		Part *part;

		if (id == NULL || !graph_json_get_int64(response, "status", &status, error))
			return FALSE;
		if (!g_ascii_string_to_unsigned(id, 10, 0, self->parts->len - 1, &index, NULL) || status < 100 ||
		    status > 599) {
			g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
					    _("A part of the reply belongs to no request"));
			return FALSE;
		}
		part = g_ptr_array_index(self->parts, index);
		if (part->done)
			continue;
		if (is_to_wait((guint)status) && round + 1 < MAX_ROUNDS) {
			g_autofree char *header = dup_header(response, "Retry-After");
			double wanted = graph_client_get_delay(self->client, header, round);

			part->status = (guint)status;
			*delay = MAX(*delay, wanted);
		} else {
			settle(part, (guint)status, response);
		}
	}
	return TRUE;
}

/* One batch and its repetitions, until each part has its outcome. */
static gboolean
run_group(GraphBatch *self, guint first, guint end, GCancellable *cancellable, GError **error)
{
	for (guint round = 0; round < MAX_ROUNDS; round++) {
		g_autoptr(JsonObject) answer = NULL;
		guint indices[PARTS];
		guint n = 0;
		double delay = 0;

		for (guint i = first; i < end; i++) {
			if (!((Part *)g_ptr_array_index(self->parts, i))->done)
				indices[n++] = i;
		}
		if (n == 0)
			return TRUE;
		answer = post(self, indices, n, cancellable, error);
		if (answer == NULL || !take_responses(self, answer, round, &delay, error))
			return FALSE;
		if (delay > 0) {
			graph_client_pause(self->client, delay);
			continue;
		}
		for (guint i = 0; i < n; i++) {
			Part *part = g_ptr_array_index(self->parts, indices[i]);

			if (!part->done) {
				part->done = TRUE;
				part->error = g_error_new_literal(
					GRAPH_ERROR, part->repeatable ? GRAPH_ERROR_PROTOCOL : GRAPH_ERROR_UNCERTAIN,
					_("The service left a part of the request unanswered"));
			}
		}
	}
	return TRUE;
}

gboolean
graph_batch_run(GraphBatch *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) cause = NULL;
	gboolean done = TRUE;

	for (guint first = 0; done && first < self->parts->len; first += PARTS)
		done = run_group(self, first, MIN(first + PARTS, self->parts->len), cancellable, &cause);

	for (guint i = 0; !done && i < self->parts->len; i++) {
		Part *part = g_ptr_array_index(self->parts, i);

		if (!part->done) {
			part->done = TRUE;
			part->error = g_error_copy(cause);
		}
	}
	if (!done)
		g_propagate_error(error, g_steal_pointer(&cause));
	return done;
}

guint
graph_batch_get_status(GraphBatch *self, guint index)
{
	g_return_val_if_fail(index < self->parts->len, 0);
	return ((Part *)g_ptr_array_index(self->parts, index))->status;
}

JsonObject *
graph_batch_get(GraphBatch *self, guint index, GError **error)
{
	Part *part;

	g_return_val_if_fail(index < self->parts->len, NULL);
	part = g_ptr_array_index(self->parts, index);
	if (part->answer != NULL)
		return json_object_ref(part->answer);
	if (part->error != NULL)
		g_propagate_error(error, g_error_copy(part->error));
	else
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_FAILED, _("The batch was not sent"));
	return NULL;
}
