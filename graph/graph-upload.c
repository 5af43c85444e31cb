/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-upload.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"
#include "graph-throttle.h"
#include "graph-uri.h"

#define SESSIONS 4
#define TRIES 6 /* of one piece, one after another, without progress */
#define SMALLEST_PIECE (512 * 1024)

/* From how many bytes on it takes a session is not certain (API.md 7.3, CHECKED 8); so many fit into one request. */
#define TOO_SMALL "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"
#define MOST_AT_ONCE 3145000

typedef struct {
	GraphClient *client;
	const char *message_id;
	const GraphAttachment *about;
	int fd;
	guint before;
	GraphAttachmentProgress progress;
	gpointer user_data;
	gsize piece;
	char *url;	       /* a secret: who has it may write */
	guint64 at;	       /* the service has so many bytes */
	gboolean last_is_sent; /* all may be there, though its answer did not come */
	gboolean is_too_small; /* the service takes it in one request alone */
} Upload;

typedef enum {
	STEP_MORE,
	STEP_DONE,
	STEP_AGAIN,   /* the same piece, after a pause */
	STEP_NEW,     /* the session is gone */
	STEP_UNKNOWN, /* gone as well, but after the last piece: it may have arrived */
	STEP_FAILED,
} Step;

gint64
graph_upload_read_next(JsonObject *object)
{
	g_autoptr(GList) members = json_object_get_members(object);

	for (GList *l = members; l != NULL; l = l->next) {
		JsonNode *node = json_object_get_member(object, l->data);
		JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
		JsonNode *first =
			array != NULL && json_array_get_length(array) > 0 ? json_array_get_element(array, 0) : NULL;
		const char *text = first != NULL && JSON_NODE_HOLDS_VALUE(first) ? json_node_get_string(first) : NULL;

		if (g_ascii_strcasecmp(l->data, "nextExpectedRanges") == 0 && text != NULL && g_ascii_isdigit(*text))
			return (gint64)g_ascii_strtoull(text, NULL, 10);
	}
	return -1;
}

/* A session that is not used runs out by itself: asking twice does no harm. */
static gboolean
open_session(Upload *self, GCancellable *cancellable, GError **error)
{
	static const guint created[] = {201, 200, 0};
	g_autofree char *segment = graph_uri_escape_segment(self->message_id);
	g_autofree char *path = g_strdup_printf("/messages/%s/attachments/createUploadSession", segment);
	g_autoptr(JsonObject) body = json_object_new();
	g_autofree char *text = NULL;
	g_autoptr(GBytes) bytes = NULL;
	GraphRequest request = {
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.expected = created,
		.repeatable = TRUE,
	};

	json_object_set_object_member(body, "AttachmentItem", graph_upload_describe(self->about));
	text = graph_json_print(body);
	bytes = g_bytes_new(text, strlen(text));
	request.body = bytes;
	for (guint attempt = 0;; attempt++) {
		GError *failure = NULL;
		g_autoptr(JsonObject) answer = graph_client_run(self->client, &request, cancellable, &failure);
		const char *url = answer != NULL ? graph_json_require_string(answer, "uploadUrl", &failure) : NULL;

		if (url != NULL) {
			g_free(self->url);
			self->url = g_strdup(url);
			self->at = 0;
			self->last_is_sent = FALSE;
			return TRUE;
		}
		self->is_too_small = g_ascii_strcasecmp(request.code, TOO_SMALL) == 0;
		/* A draft that was made a moment ago may not be found yet (CHECKED 8). */
		if ((!g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND) &&
		     !g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL)) ||
		    attempt + 1 == SESSIONS) {
			g_propagate_error(error, failure);
			return FALSE;
		}
		graph_client_log(self->client, failure->message);
		g_clear_error(&failure);
		if (!graph_throttle_sleep(graph_client_get_delay(self->client, NULL, attempt), cancellable, error))
			return FALSE;
	}
}

static SoupMessage *
new_message(Upload *self, const char *method, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(self->url, SOUP_HTTP_URI_FLAGS, NULL);
	SoupMessage *message = uri != NULL ? soup_message_new_from_uri(method, uri) : NULL;

	if (message == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("The service named no address for the upload"));
		return NULL;
	}
	soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_IDEMPOTENT);
	return message;
}

static GBytes *
read_piece(Upload *self, gsize length, GError **error)
{
	guint8 *data = g_malloc(length);
	gsize got = 0;

	while (got < length) {
		gssize n = pread(self->fd, data + got, length - got, (goffset)(self->at + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			g_set_error(error, G_IO_ERROR, n < 0 ? g_io_error_from_errno(errno) : G_IO_ERROR_FAILED,
				    _("An attachment cannot be read: %s"), n < 0 ? g_strerror(errno) : "0");
			g_free(data);
			return NULL;
		}
		got += (gsize)n;
	}
	return g_bytes_new_take(data, length);
}

static Step
fail(GraphAnswer *answer, GError **error)
{
	if (answer->status >= 300 || (answer->status > 0 && answer->error == NULL))
		g_propagate_error(error, graph_error_new_from_answer("PUT /upload", answer->status, answer->object,
								     answer->request_id));
	else
		g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE, _("The service cannot be reached (%s: %s)"),
			    "PUT /upload", answer->error != NULL ? answer->error->message : "");
	return STEP_FAILED;
}

static Step
judge_taken(Upload *self, GraphAnswer *answer, guint64 end)
{
	gint64 next = answer->object != NULL ? graph_upload_read_next(answer->object) : -1;

	if (next < 0 || (guint64)next > end)
		next = answer->object != NULL && end < self->about->size ? (gint64)end : (gint64)self->at;
	if ((guint64)next <= self->at)
		return STEP_AGAIN;
	self->at = (guint64)next;
	return STEP_MORE;
}

/* @repeated: this piece was sent before, and its answer did not come. */
static Step
judge(Upload *self, GraphAnswer *answer, guint64 end, gboolean repeated, GError **error)
{
	const char *code = graph_error_get_service_code(answer->object);

	if (answer->outcome == GRAPH_OUTCOME_CANCELLED) {
		g_propagate_error(error, g_steal_pointer(&answer->error));
		return STEP_FAILED;
	}
	switch (answer->status) {
	case 201:
		if (end < self->about->size)
			return STEP_NEW;
		self->last_is_sent = TRUE;
		return answer->location != NULL ? STEP_DONE : STEP_UNKNOWN;
	case 200:
	case 202:
		return judge_taken(self, answer, end);
	case 416:
		/* The library repeats what a kept connection did not answer, and may do so without the body. */
		if (answer->sent > 1 && code != NULL && g_ascii_strcasecmp(code, "invalidRange") == 0)
			return STEP_AGAIN;
		/* What came whole before its answer was lost overlaps now. */
		if (!repeated || (code != NULL && g_ascii_strcasecmp(code, "fragmentOutOfOrder") == 0))
			return STEP_NEW;
		self->at = end;
		return end == self->about->size ? STEP_UNKNOWN : STEP_MORE;
	case 401:
	case 404:
	case 410:
		return self->last_is_sent ? STEP_UNKNOWN : STEP_NEW;
	case 413:
		if (self->piece <= SMALLEST_PIECE || g_strcmp0(code, "ErrorMessageSizeExceeded") == 0)
			return fail(answer, error);
		self->piece /= 2;
		return STEP_AGAIN;
	case 408:
	case 409:
	case 423:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
	case 0:
		return STEP_AGAIN;
	default:
		return fail(answer, error);
	}
}

/* One piece, until the service has it. */
static Step
put_piece(Upload *self, GCancellable *cancellable, GError **error)
{
	gboolean repeated = FALSE;

	for (guint attempt = 0;; attempt++) {
		gsize length = (gsize)MIN(self->piece, self->about->size - self->at);
		guint64 end = self->at + length;
		g_autofree char *range =
			g_strdup_printf("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
					self->at, end - 1, self->about->size);
		g_autoptr(SoupMessage) message = new_message(self, "PUT", error);
		g_autoptr(GBytes) bytes = message != NULL ? read_piece(self, length, error) : NULL;
		g_autoptr(GraphAnswer) answer = NULL;
		Step step;

		if (bytes == NULL)
			return STEP_FAILED;
		soup_message_headers_replace(soup_message_get_request_headers(message), "Content-Range", range);
		soup_message_set_request_body_from_bytes(message, "application/octet-stream", bytes);
		if (repeated)
			soup_message_add_flags(message, SOUP_MESSAGE_NEW_CONNECTION);
		answer = graph_client_send_to(self->client, message, "PUT /upload", cancellable, error);
		if (answer == NULL)
			return STEP_FAILED;
		/* The library repeats by itself what a connection that was used before did not answer. */
		if (answer->sent > 1) {
			repeated = TRUE;
			self->last_is_sent |= end == self->about->size;
		}
		step = judge(self, answer, end, repeated, error);
		if (answer->outcome != GRAPH_OUTCOME_NOT_SENT) {
			repeated = TRUE;
			self->last_is_sent |= end == self->about->size;
		}
		if (step != STEP_AGAIN)
			return step;
		if (attempt + 1 == TRIES)
			return fail(answer, error);
		if (answer->status == 429 || answer->status == 503)
			graph_client_pause(self->client,
					   graph_client_get_delay(self->client, answer->retry_after, attempt));
		else if (!graph_throttle_sleep(graph_client_get_delay(self->client, answer->retry_after, attempt),
					       cancellable, error))
			return STEP_FAILED;
	}
}

static void
give_up(Upload *self, GCancellable *cancellable)
{
	g_autoptr(SoupMessage) message = self->url != NULL ? new_message(self, "DELETE", NULL) : NULL;
	GraphAnswer *answer = message != NULL
				      ? graph_client_send_to(self->client, message, "DELETE /upload", cancellable, NULL)
				      : NULL;

	g_clear_pointer(&answer, graph_answer_free);
}

static Step
put_pieces(Upload *self, GCancellable *cancellable, GError **error)
{
	Step step = STEP_MORE;

	while (step == STEP_MORE) {
		/* All of it was taken by a 200, where 201 is due. */
		step = self->at < self->about->size ? put_piece(self, cancellable, error) : STEP_UNKNOWN;
		if (self->progress != NULL && (step == STEP_MORE || step == STEP_DONE))
			self->progress(step == STEP_DONE ? self->about->size : self->at, self->user_data);
	}
	return step;
}

static gboolean
run(Upload *self, GCancellable *cancellable, GError **error)
{
	for (guint attempt = 0; attempt < SESSIONS; attempt++) {
		Step step;
		int n;

		if (!open_session(self, cancellable, error))
			return FALSE;
		step = put_pieces(self, cancellable, error);
		if (step == STEP_DONE || step == STEP_FAILED)
			return step == STEP_DONE;
		if (step == STEP_UNKNOWN) {
			n = graph_attachment_count(self->client, self->message_id, self->about->name, cancellable,
						   error);
			if (n < 0 || (guint)n > self->before)
				return n >= 0;
			/* It may still be seen, and would be there twice. */
			g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN, _("%s (%s)"),
				    _("It is not certain whether the service did this"), "PUT /upload");
			return FALSE;
		}
	}
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE,
			    _("The service gave up the upload of an attachment again and again"));
	return FALSE;
}

static gboolean
add_at_once(Upload *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) bytes = read_piece(self, (gsize)self->about->size, error);

	return bytes != NULL && graph_attachment_add(self->client, self->message_id, self->about, bytes, self->before,
						     cancellable, error);
}

gboolean
graph_attachment_upload(GraphClient *client, const char *message_id, const GraphAttachment *about, int fd, guint before,
			GraphAttachmentProgress progress, gpointer user_data, GCancellable *cancellable, GError **error)
{
	Upload self = {
		.client = client,
		.message_id = message_id,
		.about = about,
		.fd = fd,
		.before = before,
		.progress = progress,
		.user_data = user_data,
		.piece = GRAPH_UPLOAD_PIECE,
	};
	g_autoptr(GError) failure = NULL;
	gboolean done = run(&self, cancellable, &failure);

	if (self.is_too_small && about->size <= MOST_AT_ONCE) {
		done = add_at_once(&self, cancellable, error);
	} else if (!done) {
		give_up(&self, cancellable);
		g_propagate_error(error, g_steal_pointer(&failure));
	}
	oauth_token_free(self.url);
	return done;
}
