/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-message-batch.h"

#include <glib/gi18n-lib.h>

#include "graph-batch.h"
#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"
#include "graph-uri.h"

typedef enum {
	UPDATE,
	MOVE,
	COPY,
	DELETE,
	GET,
} Kind;

#define NO_PART G_MAXUINT
#define MISSING_CALL 3

/* A change is one part, or two: what is best effort of an update goes by itself. */
typedef struct {
	Kind kind;
	char *id;
	guint part;
	guint second;
	gboolean permanent; /* a permanentDelete */
	gboolean plain;	    /* @second is the DELETE that tells what permanentDelete did not */
} Change;

struct _GraphMessageBatch {
	GraphClient *client;
	GraphBatch *batch;
	GraphBatch *plain; /* of the DELETEs */
	GArray *changes;
};

static void
change_clear(Change *change)
{
	g_free(change->id);
}

GraphMessageBatch *
graph_message_batch_new(GraphClient *client)
{
	GraphMessageBatch *self = g_new0(GraphMessageBatch, 1);

	self->client = g_object_ref(client);
	self->batch = graph_batch_new(client);
	self->plain = graph_batch_new(client);
	graph_batch_set_chained(self->batch, TRUE);
	graph_batch_set_chained(self->plain, TRUE);
	self->changes = g_array_new(FALSE, TRUE, sizeof(Change));
	g_array_set_clear_func(self->changes, (GDestroyNotify)change_clear);
	return self;
}

void
graph_message_batch_free(GraphMessageBatch *self)
{
	g_array_unref(self->changes);
	graph_batch_free(self->batch);
	graph_batch_free(self->plain);
	g_object_unref(self->client);
	g_free(self);
}

static char *
make_path(const char *id, const char *rest)
{
	g_autofree char *segment = graph_uri_escape_segment(id);

	return g_strdup_printf("/messages/%s%s", segment, rest);
}

static guint
add(GraphMessageBatch *self, Kind kind, const char *id, guint part, guint second)
{
	Change change = {.kind = kind, .id = g_strdup(id), .part = part, .second = second};

	g_array_append_val(self->changes, change);
	return self->changes->len - 1;
}

guint
graph_message_batch_add_update(GraphMessageBatch *self, const char *id, const GraphMessage *changes)
{
	g_autofree char *path = make_path(id, "");
	g_autoptr(JsonObject) body = graph_message_changes_to_json(changes);
	guint part = NO_PART;
	guint second = NO_PART;

	if (json_object_get_size(body) > 0)
		part = graph_batch_add(self->batch, "PATCH", path, body, TRUE);
	if ((changes->fields & GRAPH_MESSAGE_ANSWERED) != 0 && graph_client_may_write_extended(self->client)) {
		g_autoptr(JsonObject) answered = graph_message_answered_to_json(changes);

		second = graph_batch_add(self->batch, "PATCH", path, answered, TRUE);
	}
	return add(self, UPDATE, id, part, second);
}

static guint
add_transfer(GraphMessageBatch *self, Kind kind, const char *id, const char *destination_id)
{
	g_autofree char *path = make_path(id, kind == MOVE ? "/move" : "/copy");
	g_autoptr(JsonObject) body = json_object_new();

	json_object_set_string_member(body, "destinationId", destination_id);
	return add(self, kind, id, graph_batch_add(self->batch, "POST", path, body, kind == MOVE), NO_PART);
}

guint
graph_message_batch_add_move(GraphMessageBatch *self, const char *id, const char *destination_id)
{
	return add_transfer(self, MOVE, id, destination_id);
}

guint
graph_message_batch_add_copy(GraphMessageBatch *self, const char *id, const char *destination_id)
{
	return add_transfer(self, COPY, id, destination_id);
}

guint
graph_message_batch_add_delete(GraphMessageBatch *self, const char *id)
{
	gboolean permanent = graph_client_has_permanent_delete(self->client);
	g_autofree char *path = make_path(id, permanent ? "/permanentDelete" : "");
	guint part = graph_batch_add(self->batch, permanent ? "POST" : "DELETE", path, NULL, TRUE);
	guint index = add(self, DELETE, id, part, NO_PART);

	g_array_index(self->changes, Change, index).permanent = permanent;
	return index;
}

guint
graph_message_batch_add_get(GraphMessageBatch *self, const char *id)
{
	g_autofree char *path = make_path(id, "?" GRAPH_MESSAGE_SELECT);

	return add(self, GET, id, graph_batch_add(self->batch, "GET", path, NULL, TRUE), NO_PART);
}

/* As in graph_message_delete(): these answers to permanentDelete may mean that the cloud has no such call. */
static gboolean
wants_plain_delete(GraphMessageBatch *self, const Change *change)
{
	guint status = graph_batch_get_status(self->batch, change->part);

	return status == 400 || status == 404 || status == 405 || status == 501 ||
	       (status == 403 && *graph_batch_get_code(self->batch, change->part) == '\0');
}

/* A call that is missing is not tried again in this run; a single 404 may mean anything. */
static void
learn_from_plain_deletes(GraphMessageBatch *self)
{
	guint not_found = 0;

	for (guint i = 0; i < self->changes->len; i++) {
		const Change *change = &g_array_index(self->changes, Change, i);

		if (!change->plain || graph_batch_get_status(self->plain, change->second) != 204)
			continue;
		if (graph_batch_get_status(self->batch, change->part) != 404 || ++not_found >= MISSING_CALL)
			graph_client_forget_permanent_delete(self->client);
	}
}

gboolean
graph_message_batch_run(GraphMessageBatch *self, GCancellable *cancellable, GError **error)
{
	gboolean any = FALSE;
	gboolean done;

	if (!graph_batch_run(self->batch, cancellable, error))
		return FALSE;
	for (guint i = 0; i < self->changes->len; i++) {
		Change *change = &g_array_index(self->changes, Change, i);
		g_autofree char *path = make_path(change->id, "");

		if (!change->permanent || !wants_plain_delete(self, change))
			continue;
		change->second = graph_batch_add(self->plain, "DELETE", path, NULL, TRUE);
		change->plain = TRUE;
		any = TRUE;
	}
	if (!any)
		return TRUE;
	done = graph_batch_run(self->plain, cancellable, error);
	learn_from_plain_deletes(self);
	return done;
}

gboolean
graph_message_batch_was_sent(GraphMessageBatch *self, guint index)
{
	const Change *change = &g_array_index(self->changes, Change, index);

	return change->part != NO_PART && graph_batch_was_sent(self->batch, change->part);
}

static void
refuse_status(guint status, GError **error)
{
	g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The service gave an unexpected answer (%u)"), status);
}

/* Of an answer, or none. */
static void
read_modified(JsonObject *answer, GraphMessage *message)
{
	gint64 modified = answer != NULL ? graph_message_read_modified(answer) : 0;

	if (modified != 0)
		message->modified = modified;
}

static gboolean
get_update(GraphMessageBatch *self, const Change *change, GraphMessage **message, GError **error)
{
	g_autoptr(GError) local_error = NULL;
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(JsonObject) second = NULL;

	*message = g_new0(GraphMessage, 1);
	if (change->part != NO_PART) {
		guint status = graph_batch_get_status(self->batch, change->part);

		answer = graph_batch_get(self->batch, change->part, error);
		if (answer == NULL)
			return FALSE;
		if (status != 200 && status != 204) {
			refuse_status(status, error);
			return FALSE;
		}
		if (status == 200 && !graph_json_is_entity(answer, error))
			return FALSE;
		read_modified(answer, *message);
	}
	if (change->second == NO_PART)
		return TRUE;
	second = graph_batch_get(self->batch, change->second, &local_error);
	read_modified(second, *message);
	if (g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN))
		graph_client_forbid_extended(self->client);
	else if (second == NULL && !g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_FAILED)) {
		g_propagate_error(error, g_steal_pointer(&local_error));
		return FALSE;
	}
	return TRUE;
}

/* A copy is there also when its answer cannot be read. */
static gboolean
get_message(GraphMessageBatch *self, const Change *change, GraphMessage **message, GError **error)
{
	g_autoptr(JsonObject) answer = graph_batch_get(self->batch, change->part, error);
	guint status = graph_batch_get_status(self->batch, change->part);
	GError *local_error = NULL;

	if (answer == NULL)
		return FALSE;
	if (status == 200 || status == 201)
		*message = graph_message_from_json(answer, &local_error);
	else
		refuse_status(status, &local_error);
	if (*message != NULL)
		return TRUE;
	if (change->kind == COPY)
		graph_error_make_uncertain(local_error);
	g_propagate_error(error, local_error);
	return FALSE;
}

static gboolean
get_delete(GraphMessageBatch *self, const Change *change, GError **error)
{
	GraphBatch *batch = change->plain ? self->plain : self->batch;
	guint part = change->plain ? change->second : change->part;
	guint status = graph_batch_get_status(batch, part);
	const char *code = graph_batch_get_code(batch, part);
	g_autoptr(JsonObject) answer = NULL;

	/* CHECKED 27: to a second one of the kind */
	if ((status == 404 && (change->plain || !change->permanent)) ||
	    (status == 403 && g_ascii_strcasecmp(code, "ErrorCannotDeleteObject") == 0))
		return TRUE;
	answer = graph_batch_get(batch, part, error);
	if (answer != NULL && status != 204)
		refuse_status(status, error);
	return answer != NULL && status == 204;
}

gboolean
graph_message_batch_get(GraphMessageBatch *self, guint index, GraphMessage **message, GError **error)
{
	const Change *change = &g_array_index(self->changes, Change, index);

	*message = NULL;
	switch (change->kind) {
	case UPDATE:
		return get_update(self, change, message, error);
	case DELETE:
		return get_delete(self, change, error);
	case MOVE:
	case COPY:
	case GET:
	default:
		return get_message(self, change, message, error);
	}
}
