/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-batch.h"

#include <glib/gi18n-lib.h>

#include "graph-challenge.h"
#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"
#include "graph-throttle.h"

/* Unchained parts of one batch run side by side; those of a chain one after the other, in one place (API.md 13). */
#define PARTS 3
#define LONGEST_CHAIN 20
#define MAX_ROUNDS 8

typedef struct {
	char *method;
	char *path;
	guint page_size;
	JsonObject *body;
	gboolean repeatable;
	gboolean sent;
	guint waits;
	gboolean refused; /* the token was, once: it goes again with another */
	guint status;
	char code[GRAPH_REQUEST_MAX_CODE + 1];
	JsonObject *answer;
	GError *error;
	gboolean done;
} Part;

struct _GraphBatch {
	GraphClient *client;
	GPtrArray *parts; /* of Part */
	gboolean chained;
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

gboolean
graph_batch_add_link(GraphBatch *self, const char *link, guint page_size)
{
	g_autofree char *path = graph_client_get_part_path(self->client, link);
	Part *part;

	if (path == NULL)
		return FALSE;
	part = g_new0(Part, 1);
	part->method = g_strdup("GET");
	part->path = g_steal_pointer(&path);
	part->page_size = page_size;
	part->repeatable = TRUE;
	g_ptr_array_add(self->parts, part);
	return TRUE;
}

void
graph_batch_set_chained(GraphBatch *self, gboolean chained)
{
	self->chained = chained;
}

/*
 * Headers of the outer request do not reach the parts. A POST without a body makes the service refuse the whole batch
 * (msgraph-sdk-dotnet#2628). @before: the part to depend on, or %NULL.
 */
static JsonObject *
print_part(Part *part, guint index, const guint *before)
{
	JsonObject *object = json_object_new();
	JsonObject *headers = json_object_new();
	g_autofree char *id = g_strdup_printf("%u", index);
	g_autofree char *prefer = NULL;

	json_object_set_string_member(object, "id", id);
	json_object_set_string_member(object, "method", part->method);
	json_object_set_string_member(object, "url", part->path);
	prefer = part->page_size > 0 ? g_strdup_printf("IdType=\"ImmutableId\", odata.maxpagesize=%u", part->page_size)
				     : g_strdup("IdType=\"ImmutableId\"");
	json_object_set_string_member(headers, "Prefer", prefer);
	if (part->body != NULL || g_str_equal(part->method, "POST")) {
		json_object_set_string_member(headers, "Content-Type", "application/json");
		json_object_set_object_member(object, "body",
					      part->body != NULL ? json_object_ref(part->body) : json_object_new());
	}
	json_object_set_object_member(object, "headers", headers);
	if (before != NULL) {
		JsonArray *names = json_array_new();
		g_autofree char *name = g_strdup_printf("%u", *before);

		json_array_add_string_element(names, name);
		json_object_set_array_member(object, "dependsOn", names);
	}
	return object;
}

/* *@token: with what it was sent, or %NULL */
static JsonObject *
post(GraphBatch *self, const guint *indices, guint n, gboolean chained, char **token, GCancellable *cancellable,
     GError **error)
{
	static const guint ok[] = {200, 424, 0};
	g_autoptr(JsonObject) outer = json_object_new();
	g_autofree char *text = NULL;
	g_autoptr(GBytes) bytes = NULL;
	JsonArray *requests = json_array_new();
	JsonObject *answer;
	GraphRequest request = {
		.method = "POST",
		.path = "/$batch",
		.root = TRUE,
		.content_type = "application/json",
		.expected = ok,
		.repeatable = TRUE,
		.parts = n,
		.places = chained ? 1 : n,
		.keep_token = TRUE,
	};

	for (guint i = 0; i < n; i++) {
		Part *part = g_ptr_array_index(self->parts, indices[i]);

		json_array_add_object_element(requests,
					      print_part(part, indices[i], chained && i > 0 ? &indices[i - 1] : NULL));
		request.repeatable = request.repeatable && part->repeatable;
		part->sent = TRUE;
	}
	json_object_set_array_member(outer, "requests", requests);
	text = graph_json_print(outer);
	bytes = g_bytes_new(text, strlen(text));
	request.body = bytes;
	answer = graph_client_run(self->client, &request, cancellable, error);
	*token = request.token;
	return answer;
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
	const char *code;

	part->done = TRUE;
	part->status = status;
	if (!graph_json_get_object(response, "body", &body, status < 300 ? &part->error : NULL) && status < 300) {
		if (!part->repeatable)
			graph_error_make_uncertain(part->error);
		return;
	}
	if (status >= 200 && status < 300) {
		part->answer = body != NULL ? json_object_ref(body) : json_object_new();
		return;
	}
	code = graph_error_get_service_code(body);
	g_strlcpy(part->code, code != NULL ? code : "", sizeof part->code);
	part->error = graph_error_new_from_answer(what, status, body, request_id);

	/* A fault half way: the service may have done it. */
	if (!part->repeatable && (status == 500 || status == 502 || status == 504))
		part->error->code = GRAPH_ERROR_UNCERTAIN;
}

static gboolean
is_to_wait(const Part *part, guint status)
{
	return (status == 429 || status == 503) && part->waits < MAX_ROUNDS;
}

/* What is known of the parts of one batch when its answer was read. */
typedef struct {
	double delay;	  /* the longest wait that a part was told */
	gboolean waits;	  /* one was */
	guint settled;	  /* so many have their outcome now */
	gboolean failing; /* one of them failed: what hangs on it was not tried */
	gboolean renews;  /* the token was refused, in a part that goes again with another */
	char *claims;	  /* of a challenge to it, or NULL */
	GError *refused;  /* the sign-in was, in a part: nothing else will do better */
} Round;

static void
round_clear(Round *round)
{
	g_clear_pointer(&round->claims, g_free);
	g_clear_error(&round->refused);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Round, round_clear)

/* As graph_client_run() does for a request by itself: each part gets one more token. */
static gboolean
take_refusal(Part *part, JsonObject *response, Round *round)
{
	g_autofree char *header = dup_header(response, "WWW-Authenticate");
	char *claims = header != NULL ? graph_challenge_get_claims(header) : NULL;

	if (claims != NULL) {
		g_free(round->claims);
		round->claims = claims;
	}
	if (part->refused)
		return FALSE;
	part->refused = TRUE;
	round->renews = TRUE;
	return TRUE;
}

static gboolean
take_response(GraphBatch *self, JsonObject *response, Round *round, GError **error)
{
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
	if (part->done || !part->sent)
		return TRUE;
	part->status = (guint)status;
	if (status == 401 && take_refusal(part, response, round))
		return TRUE;
	if (is_to_wait(part, (guint)status)) {
		g_autofree char *header = dup_header(response, "Retry-After");

		round->delay = MAX(round->delay, graph_client_get_delay(self->client, header, part->waits++));
		round->waits = TRUE;
	} else if (status != 424 || !self->chained) {
		settle(part, (guint)status, response);
		round->settled++;
		round->failing |= part->error != NULL;
		if (status == 401 && round->refused == NULL)
			round->refused = g_error_copy(part->error);
	}
	return TRUE;
}

/* Takes the answers of one batch. FALSE: not a batch answer. */
static gboolean
take_responses(GraphBatch *self, JsonObject *answer, Round *round, GError **error)
{
	JsonArray *responses;

	if (!graph_json_get_array(answer, "responses", &responses, error))
		return FALSE;
	if (responses == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("“responses” is missing in the reply"));
		return FALSE;
	}
	for (guint i = 0; i < json_array_get_length(responses); i++) {
		if (!take_response(self, graph_json_require_element(responses, i, error), round, error))
			return FALSE;
	}
	return TRUE;
}

/* Parts that the service said nothing of; @all: nor did it try any, without a reason. */
static void
settle_unanswered(GraphBatch *self, const guint *indices, guint n, gboolean all)
{
	for (guint i = 0; i < n; i++) {
		Part *part = g_ptr_array_index(self->parts, indices[i]);

		if (part->done || (!all && (part->status != 0 || part->repeatable)))
			continue;
		part->done = TRUE;
		part->error = g_error_new_literal(GRAPH_ERROR,
						  part->repeatable ? GRAPH_ERROR_PROTOCOL : GRAPH_ERROR_UNCERTAIN,
						  _("The service left a part of the request unanswered"));
	}
}

/*
 * A batch of the first @most parts that have no outcome yet. @most becomes what the next one may hold: after a chain
 * that broke early, and as long as parts fail, the parts go side by side, where none keeps back another.
 */
static gboolean
run_round(GraphBatch *self, guint *first, guint *most, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) answer = NULL;
	gboolean chained = *most > PARTS;
	guint indices[LONGEST_CHAIN];
	g_auto(Round) round = {0};
	char *token = NULL;
	gboolean taken;
	guint n = 0;

	for (guint i = *first; i < self->parts->len && n < *most; i++) {
		Part *part = g_ptr_array_index(self->parts, i);

		if (part->done)
			continue;
		part->status = 0;
		part->sent = FALSE;
		indices[n++] = i;
	}
	if (n == 0) {
		*first = self->parts->len;
		return TRUE;
	}
	*first = indices[0];
	answer = post(self, indices, n, chained, &token, cancellable, error);
	taken = answer != NULL && take_responses(self, answer, &round, error);
	if (taken && (round.renews || round.claims != NULL))
		graph_client_reject_token(self->client, token, round.claims);
	oauth_token_free(token);
	if (!taken)
		return FALSE;
	if (round.refused != NULL) {
		g_propagate_error(error, g_steal_pointer(&round.refused));
		return FALSE;
	}
	settle_unanswered(self, indices, n, !round.waits && !round.renews && (!round.failing || round.settled == 0));
	if (round.waits)
		graph_client_pause(self->client, round.delay);
	if (self->chained)
		*most = (round.failing || round.waits) && round.settled <= PARTS ? PARTS : LONGEST_CHAIN;
	return TRUE;
}

/* Parts that were on their way when the whole broke off may be done; those that were not sent are not. */
static void
fail_rest(GraphBatch *self, const GError *cause)
{
	for (guint i = 0; i < self->parts->len; i++) {
		Part *part = g_ptr_array_index(self->parts, i);

		if (part->done)
			continue;
		part->done = TRUE;
		part->error = g_error_copy(cause);
		/* It is the batch that is not there; nobody spoke of the part. */
		if (g_error_matches(cause, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
			part->error->code = GRAPH_ERROR_UNAVAILABLE;
		if (!part->sent && cause->domain == GRAPH_ERROR &&
		    (cause->code == GRAPH_ERROR_UNCERTAIN || cause->code == GRAPH_ERROR_PROTOCOL))
			part->error->code = GRAPH_ERROR_UNAVAILABLE;
		else if (part->sent && !part->repeatable)
			graph_error_make_uncertain(part->error);
	}
}

gboolean
graph_batch_run(GraphBatch *self, GCancellable *cancellable, GError **error)
{
	guint most = self->chained ? LONGEST_CHAIN : PARTS;
	guint first = 0;

	while (first < self->parts->len) {
		g_autoptr(GError) cause = NULL;

		if (run_round(self, &first, &most, cancellable, &cause))
			continue;
		fail_rest(self, cause);
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	return TRUE;
}

guint
graph_batch_get_status(GraphBatch *self, guint index)
{
	g_return_val_if_fail(index < self->parts->len, 0);
	return ((Part *)g_ptr_array_index(self->parts, index))->status;
}

const char *
graph_batch_get_code(GraphBatch *self, guint index)
{
	g_return_val_if_fail(index < self->parts->len, "");
	return ((Part *)g_ptr_array_index(self->parts, index))->code;
}

gboolean
graph_batch_was_sent(GraphBatch *self, guint index)
{
	g_return_val_if_fail(index < self->parts->len, FALSE);
	return ((Part *)g_ptr_array_index(self->parts, index))->sent;
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
