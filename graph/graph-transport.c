/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-transport.h"

#include <glib/gi18n-lib.h>

#include "graph-challenge.h"
#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"

/* Seconds without a byte; large pages take the service half a minute. */
#define SOCKET_TIMEOUT 60
#define IDLE_TIMEOUT 60
#define BLOCK 65536

struct _GraphTransport {
	OauthProxy *proxy;
	SoupSession *session;
	GMutex mutex;
	GHashTable *sockets; /* connection id → GSocket, of connections that were open lately */
};

void
graph_answer_free(GraphAnswer *self)
{
	g_clear_pointer(&self->object, json_object_unref);
	g_clear_error(&self->error);
	g_free(self->request_id);
	g_free(self->retry_after);
	g_free(self->claims);
	g_free(self->location);
	g_free(self);
}

char *
graph_answer_describe(const GraphAnswer *self)
{
	const char *id = self->request_id != NULL && g_str_is_ascii(self->request_id) ? self->request_id : "-";
	GString *text = g_string_new(NULL);

	if (self->status == 0)
		g_string_append(text, "no answer");
	else
		g_string_append_printf(text, "%u request-id %.60s, %" G_GSIZE_FORMAT " bytes", self->status, id,
				       self->received);
	if (self->sent > 1)
		g_string_append_printf(text, ", sent %u times", self->sent);
	if (self->error != NULL)
		g_string_append_printf(text, " (%s)", self->error->message);
	return g_string_free(text, FALSE);
}

/*
 * max-conns-per-host is as high as there can be requests at once: a blocking send that waits for a connection
 * could not be cancelled (libsoup 3.2).
 */
GraphTransport *
graph_transport_new(guint connections, GTlsDatabase *tls_database, OauthProxy *proxy)
{
	GraphTransport *self = g_new0(GraphTransport, 1);

	self->session = soup_session_new_with_options("max-conns", connections, "max-conns-per-host", connections,
						      "timeout", SOCKET_TIMEOUT, "idle-timeout", IDLE_TIMEOUT,
						      "user-agent", "outlook-accounts/" PACKAGE_VERSION, NULL);
	self->proxy = proxy != NULL ? g_object_ref(proxy) : oauth_proxy_new();
	soup_session_set_proxy_resolver(self->session, G_PROXY_RESOLVER(self->proxy));
	if (tls_database != NULL)
		soup_session_set_tls_database(self->session, tls_database);
	g_mutex_init(&self->mutex);
	self->sockets = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_object_unref);
	return self;
}

void
graph_transport_set_timeout(GraphTransport *self, guint seconds)
{
	soup_session_set_timeout(self->session, seconds);
}

void
graph_transport_free(GraphTransport *self)
{
	soup_session_abort(self->session);
	g_object_unref(self->session);
	g_object_unref(self->proxy);
	g_hash_table_unref(self->sockets);
	g_mutex_clear(&self->mutex);
	g_free(self);
}

static gboolean
is_closed(gpointer id, gpointer socket, gpointer data)
{
	return g_socket_is_closed(socket);
}

typedef struct {
	GraphTransport *transport;
	GSocket *socket; /* of a connection made for this message */
	guint started;
	gboolean whole;
} Progress;

static void
on_network_event(SoupMessage *message, GSocketClientEvent event, GIOStream *stream, gpointer data)
{
	Progress *progress = data;

	if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION(stream))
		g_set_object(&progress->socket, g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream)));
}

static void
on_starting(SoupMessage *message, gpointer data)
{
	Progress *progress = data;

	progress->started++;
}

static void
on_wrote_body(SoupMessage *message, gpointer data)
{
	Progress *progress = data;

	progress->whole = TRUE;
}

/* The socket under @message, also where the connection was made for an earlier one; (transfer full) (nullable) */
static GSocket *
find_socket(GraphTransport *self, SoupMessage *message, Progress *progress)
{
	gint64 id = (gint64)soup_message_get_connection_id(message);
	GSocket *socket = NULL;

	g_mutex_lock(&self->mutex);
	if (progress->socket != NULL) {
		gint64 *key = g_new(gint64, 1);

		*key = id;
		g_hash_table_foreach_remove(self->sockets, is_closed, NULL);
		g_hash_table_replace(self->sockets, key, g_object_ref(progress->socket));
	}
	socket = g_hash_table_lookup(self->sockets, &id);
	if (socket != NULL)
		g_object_ref(socket);
	g_mutex_unlock(&self->mutex);
	return socket;
}

/*
 * libsoup 3.2 takes a connection that ends between two chunks for the end of the body. Behind a whole body a
 * connection that is to be kept has nothing to read; behind a cut one it has its end. (A compressed body tells
 * its end by itself, and leaves the last chunk unread.)
 */
static gboolean
ends_between_chunks(SoupMessage *message, GSocket *socket)
{
	SoupMessageHeaders *headers = soup_message_get_response_headers(message);

	return soup_message_get_http_version(message) != SOUP_HTTP_2_0 &&
	       soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CHUNKED &&
	       soup_message_headers_get_one(headers, "Content-Encoding") == NULL &&
	       !soup_message_headers_header_contains(headers, "Connection", "close") && socket != NULL &&
	       (g_socket_is_closed(socket) || g_socket_condition_check(socket, G_IO_IN | G_IO_HUP) != 0);
}

static GError *
error_cut(void)
{
	return g_error_new_literal(GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE,
				   _("The connection ended in the middle of the answer"));
}

/* Copies the body; FALSE with @answer->error and the outcome set. */
static gboolean
copy_body(GraphAnswer *answer, GInputStream *body, GOutputStream *stream, gsize limit, GCancellable *cancellable)
{
	g_autofree char *block = g_malloc(BLOCK);
	gssize n;

	while ((n = g_input_stream_read(body, block, BLOCK, cancellable, &answer->error)) > 0) {
		answer->received += n;
		if (limit > 0 && answer->received > limit) {
			g_set_error_literal(&answer->error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
					    _("The answer of the service is too large"));
			return FALSE;
		}
		if (!g_output_stream_write_all(stream, block, n, NULL, cancellable, &answer->error)) {
			answer->outcome = GRAPH_OUTCOME_CANCELLED;
			return FALSE;
		}
	}
	if (n == 0)
		return TRUE;
	answer->outcome = g_error_matches(answer->error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? GRAPH_OUTCOME_CANCELLED
											   : GRAPH_OUTCOME_LOST;
	return FALSE;
}

static gboolean
is_json(SoupMessage *message)
{
	const char *type = soup_message_headers_get_content_type(soup_message_get_response_headers(message), NULL);

	return type == NULL || g_ascii_strcasecmp(type, "application/json") == 0 ||
	       (g_ascii_strncasecmp(type, "application/", 12) == 0 && g_str_has_suffix(type, "+json"));
}

static void
read_json(GraphAnswer *answer, SoupMessage *message, GInputStream *body, GSocket *socket, GCancellable *cancellable)
{
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	const char *data;

	if (!copy_body(answer, body, memory, GRAPH_REQUEST_MAX_ANSWER, cancellable))
		return;
	data = g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(memory));
	if (answer->received == 0 && !ends_between_chunks(message, socket)) {
		answer->object = json_object_new();
		return;
	}
	if (!is_json(message)) {
		g_set_error_literal(&answer->error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("The service answered with something else than data"));
		return;
	}
	answer->object = graph_json_parse(data, answer->received, &answer->error);
	if (answer->object == NULL && ends_between_chunks(message, socket)) {
		g_clear_error(&answer->error);
		answer->error = error_cut();
		answer->outcome = GRAPH_OUTCOME_LOST;
	}
}

/* What a gateway or a broken service says in the place of a mail: it calls itself so, and begins like no header. */
static gboolean
is_page_or_json(SoupMessage *message, GBufferedInputStream *body, GCancellable *cancellable)
{
	const char *type = soup_message_headers_get_content_type(soup_message_get_response_headers(message), NULL);
	const char *data;
	gsize length;

	if (type == NULL || (g_ascii_strcasecmp(type, "text/html") != 0 && !is_json(message)))
		return FALSE;
	g_buffered_input_stream_fill(body, -1, cancellable, NULL);
	data = g_buffered_input_stream_peek_buffer(body, &length);
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isspace(data[i]))
			return strchr("<{[", data[i]) != NULL;
	}
	return FALSE;
}

static void
read_body(GraphAnswer *answer, SoupMessage *message, GInputStream *body, GOutputStream *stream, GSocket *socket,
	  GCancellable *cancellable)
{
	g_autoptr(GInputStream) buffered = NULL;

	if (stream == NULL || !SOUP_STATUS_IS_SUCCESSFUL(answer->status)) {
		read_json(answer, message, body, socket, cancellable);
		return;
	}
	buffered = g_buffered_input_stream_new(body);
	if (is_page_or_json(message, G_BUFFERED_INPUT_STREAM(buffered), cancellable)) {
		g_set_error_literal(&answer->error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("The service answered with something else than a mail"));
		return;
	}
	if (copy_body(answer, buffered, stream, 0, cancellable)) {
		answer->object = json_object_new();
		if (ends_between_chunks(message, socket)) {
			answer->error = error_cut();
			answer->outcome = GRAPH_OUTCOME_LOST;
		}
	}
	answer->written = answer->received;
}

/* A date is told by the service's clock, which need not be ours. (transfer full) (nullable) */
static char *
read_retry_after(SoupMessageHeaders *headers)
{
	const char *text = soup_message_headers_get_one(headers, "Retry-After");
	const char *now = soup_message_headers_get_one(headers, "Date");
	g_autoptr(GDateTime) until = text != NULL ? soup_date_time_new_from_http_string(text) : NULL;
	g_autoptr(GDateTime) from = until != NULL && now != NULL ? soup_date_time_new_from_http_string(now) : NULL;

	if (from == NULL)
		return g_strdup(text);
	return g_strdup_printf("%" G_GINT64_FORMAT, MAX(0, g_date_time_difference(until, from) / G_TIME_SPAN_SECOND));
}

static char *
find_claims(SoupMessageHeaders *headers)
{
	SoupMessageHeadersIter iter;
	const char *name, *value;
	char *claims = NULL;

	soup_message_headers_iter_init(&iter, headers);
	while (claims == NULL && soup_message_headers_iter_next(&iter, &name, &value)) {
		if (g_ascii_strcasecmp(name, "WWW-Authenticate") == 0)
			claims = graph_challenge_get_claims(value);
	}
	return claims;
}

/* TRUE when the request did not get beyond a proxy; @error says so then. */
static gboolean
ends_at_proxy(GraphTransport *self, SoupMessage *message, GError **error)
{
	g_autofree char *text = oauth_proxy_explain(self->proxy, message, *error);

	if (text == NULL)
		return FALSE;
	g_clear_error(error);
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE, text);
	return TRUE;
}

GraphAnswer *
graph_transport_send(GraphTransport *self, SoupMessage *message, GOutputStream *stream, GCancellable *cancellable)
{
	GraphAnswer *answer = g_new0(GraphAnswer, 1);
	Progress progress = {.transport = self};
	g_autoptr(GInputStream) body = NULL;
	gulong network = g_signal_connect(message, "network-event", G_CALLBACK(on_network_event), &progress);
	gulong starting = g_signal_connect(message, "starting", G_CALLBACK(on_starting), &progress);
	gulong wrote = g_signal_connect(message, "wrote-body", G_CALLBACK(on_wrote_body), &progress);

	body = soup_session_send(self->session, message, cancellable, &answer->error);
	if (ends_at_proxy(self, message, &answer->error)) {
		answer->outcome = GRAPH_OUTCOME_NOT_SENT;
	} else if (body == NULL) {
		if (g_error_matches(answer->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			answer->outcome = GRAPH_OUTCOME_CANCELLED;
		else
			answer->outcome = progress.started > 0 ? GRAPH_OUTCOME_LOST : GRAPH_OUTCOME_NOT_SENT;
	} else {
		SoupMessageHeaders *headers = soup_message_get_response_headers(message);
		g_autoptr(GSocket) socket = find_socket(self, message, &progress);

		answer->status = soup_message_get_status(message);
		answer->request_id = g_strdup(soup_message_headers_get_one(headers, "request-id"));
		answer->retry_after = read_retry_after(headers);
		answer->location = g_strdup(soup_message_headers_get_one(headers, "Location"));
		if (answer->status == SOUP_STATUS_UNAUTHORIZED)
			answer->claims = find_claims(headers);
		read_body(answer, message, body, stream, socket, cancellable);
		g_input_stream_close(body, NULL, NULL);
	}
	answer->sent = progress.started;
	answer->whole = progress.whole;
	g_signal_handler_disconnect(message, network);
	g_signal_handler_disconnect(message, starting);
	g_signal_handler_disconnect(message, wrote);
	g_clear_object(&progress.socket);
	return answer;
}
