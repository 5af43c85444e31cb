/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mock-service.h"

typedef struct {
	guint status;
	char *type;
	char *body;
	char *raw;
	guint delay;
	SoupMessageHeaders *headers;
} Reply;

struct _MockService {
	GThread *thread;
	GMainContext *context;
	GMainLoop *loop;
	SoupServer *server;
	char *origin;

	GMutex mutex;
	GCond changed;
	GQueue replies;	     /* of Reply */
	GPtrArray *requests; /* of MockRequest */
	GHashTable *connections;
	Reply *fallback;
	guint at_once;
	guint most_at_once;
};

typedef struct {
	MockService *service;
	SoupServerMessage *message;
} Waiting;

static void
reply_free(Reply *reply)
{
	g_free(reply->type);
	g_free(reply->body);
	g_free(reply->raw);
	g_clear_pointer(&reply->headers, soup_message_headers_unref);
	g_free(reply);
}

static void
request_free(MockRequest *request)
{
	g_free(request->method);
	g_free(request->path);
	soup_message_headers_unref(request->headers);
	g_free(request->body);
	g_free(request);
}

static void
copy_header(const char *name, const char *value, gpointer data)
{
	soup_message_headers_append(data, name, value);
}

static void
note_request(MockService *self, SoupServerMessage *message)
{
	MockRequest *request = g_new0(MockRequest, 1);
	g_autoptr(GBytes) body = soup_message_body_flatten(soup_server_message_get_request_body(message));
	GUri *uri = soup_server_message_get_uri(message);
	const char *query = g_uri_get_query(uri);

	request->method = g_strdup(soup_server_message_get_method(message));
	request->path = g_strconcat(g_uri_get_path(uri), query ? "?" : "", query, NULL);
	request->headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_REQUEST);
	soup_message_headers_foreach(soup_server_message_get_request_headers(message), copy_header, request->headers);
	request->body = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
	g_ptr_array_add(self->requests, request);
}

static gboolean
on_delay_over(gpointer data)
{
	Waiting *waiting = data;

	soup_server_message_unpause(waiting->message);
	return G_SOURCE_REMOVE;
}

static void
waiting_free(gpointer data)
{
	Waiting *waiting = data;

	g_object_unref(waiting->message);
	g_free(waiting);
}

static void
on_finished(SoupServerMessage *message, gpointer data)
{
	MockService *self = data;

	g_mutex_lock(&self->mutex);
	self->at_once--;
	g_mutex_unlock(&self->mutex);
}

static void
write_raw(SoupServerMessage *message, const char *bytes)
{
	g_autoptr(GIOStream) stream = soup_server_message_steal_connection(message);
	GOutputStream *output = g_io_stream_get_output_stream(stream);

	if (!g_output_stream_write_all(output, bytes, strlen(bytes), NULL, NULL, NULL))
		g_test_message("the client did not take all bytes");
	g_io_stream_close(stream, NULL, NULL);
}

static void
write_reply(MockService *self, SoupServerMessage *message, Reply *reply)
{
	soup_server_message_set_status(message, reply->status, NULL);
	if (reply->body != NULL)
		soup_server_message_set_response(message, reply->type ? reply->type : "application/json",
						 SOUP_MEMORY_COPY, reply->body, strlen(reply->body));
	if (reply->headers != NULL)
		soup_message_headers_foreach(reply->headers, copy_header,
					     soup_server_message_get_response_headers(message));
	soup_message_body_complete(soup_server_message_get_response_body(message));
	if (reply->delay > 0) {
		g_autoptr(GSource) source = g_timeout_source_new(reply->delay);
		Waiting *waiting = g_new0(Waiting, 1);

		waiting->service = self;
		waiting->message = g_object_ref(message);
		soup_server_message_pause(message);
		g_source_set_callback(source, on_delay_over, waiting, waiting_free);
		g_source_attach(source, self->context);
	}
}

static void
on_request(SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
	MockService *self = data;
	Reply *reply;

	g_mutex_lock(&self->mutex);
	note_request(self, message);
	g_hash_table_add(self->connections, g_object_ref(soup_server_message_get_socket(message)));
	self->at_once++;
	self->most_at_once = MAX(self->most_at_once, self->at_once);
	reply = g_queue_pop_head(&self->replies);
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->mutex);

	if (reply != NULL && reply->raw != NULL) {
		on_finished(message, self);
		write_raw(message, reply->raw);
		reply_free(reply);
		return;
	}
	g_signal_connect(message, "finished", G_CALLBACK(on_finished), self);
	if (reply != NULL) {
		write_reply(self, message, reply);
		reply_free(reply);
	} else if (self->fallback != NULL) {
		write_reply(self, message, self->fallback);
	} else {
		soup_server_message_set_status(message, 418, NULL);
	}
}

static gpointer
run(gpointer data)
{
	MockService *self = data;
	g_autoptr(GError) error = NULL;
	GSList *uris;

	g_main_context_push_thread_default(self->context);
	self->server = soup_server_new("raw-paths", TRUE, NULL);
	soup_server_add_handler(self->server, NULL, on_request, self, NULL);
	soup_server_listen_local(self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
	g_assert_no_error(error);

	uris = soup_server_get_uris(self->server);
	g_mutex_lock(&self->mutex);
	self->origin = g_strdup_printf("http://127.0.0.1:%d", g_uri_get_port(uris->data));
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->mutex);
	g_slist_free_full(uris, (GDestroyNotify)g_uri_unref);

	g_main_loop_run(self->loop);

	soup_server_disconnect(self->server);
	g_clear_object(&self->server);
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

MockService *
mock_service_new(void)
{
	MockService *self = g_new0(MockService, 1);

	g_mutex_init(&self->mutex);
	g_cond_init(&self->changed);
	self->requests = g_ptr_array_new_with_free_func((GDestroyNotify)request_free);
	self->connections = g_hash_table_new_full(NULL, NULL, g_object_unref, NULL);
	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	self->thread = g_thread_new("mock-service", run, self);

	g_mutex_lock(&self->mutex);
	while (self->origin == NULL)
		g_cond_wait(&self->changed, &self->mutex);
	g_mutex_unlock(&self->mutex);
	return self;
}

static gboolean
quit(gpointer data)
{
	MockService *self = data;

	g_main_loop_quit(self->loop);
	return G_SOURCE_REMOVE;
}

void
mock_service_free(MockService *self)
{
	g_main_context_invoke(self->context, quit, self);
	g_thread_join(self->thread);
	g_main_loop_unref(self->loop);
	g_main_context_unref(self->context);
	g_queue_clear_full(&self->replies, (GDestroyNotify)reply_free);
	g_clear_pointer(&self->fallback, reply_free);
	g_ptr_array_unref(self->requests);
	g_hash_table_unref(self->connections);
	g_mutex_clear(&self->mutex);
	g_cond_clear(&self->changed);
	g_free(self->origin);
	g_free(self);
}

const char *
mock_service_get_origin(MockService *self)
{
	return self->origin;
}

static void
push(MockService *self, Reply *reply)
{
	g_mutex_lock(&self->mutex);
	g_queue_push_tail(&self->replies, reply);
	g_mutex_unlock(&self->mutex);
}

void
mock_service_push(MockService *self, guint status, const char *type, const char *body)
{
	Reply *reply = g_new0(Reply, 1);

	reply->status = status;
	reply->type = g_strdup(type);
	reply->body = g_strdup(body);
	reply->headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE);
	push(self, reply);
}

void
mock_service_push_json(MockService *self, const char *body)
{
	g_autoptr(GString) text = g_string_new(body);

	g_string_replace(text, "{origin}", self->origin, 0);
	mock_service_push(self, 200, NULL, text->str);
}

void
mock_service_add_header(MockService *self, const char *name, const char *value)
{
	g_mutex_lock(&self->mutex);
	soup_message_headers_append(((Reply *)g_queue_peek_tail(&self->replies))->headers, name, value);
	g_mutex_unlock(&self->mutex);
}

void
mock_service_set_delay(MockService *self, guint milliseconds)
{
	g_mutex_lock(&self->mutex);
	((Reply *)g_queue_peek_tail(&self->replies))->delay = milliseconds;
	g_mutex_unlock(&self->mutex);
}

void
mock_service_push_raw(MockService *self, const char *bytes)
{
	Reply *reply = g_new0(Reply, 1);

	reply->raw = g_strdup(bytes);
	push(self, reply);
}

void
mock_service_set_default(MockService *self, const char *body, guint milliseconds)
{
	Reply *reply = g_new0(Reply, 1);

	reply->status = 200;
	reply->body = g_strdup(body);
	reply->delay = milliseconds;
	g_mutex_lock(&self->mutex);
	g_clear_pointer(&self->fallback, reply_free);
	self->fallback = reply;
	g_mutex_unlock(&self->mutex);
}

guint
mock_service_get_n_requests(MockService *self)
{
	guint n;

	g_mutex_lock(&self->mutex);
	n = self->requests->len;
	g_mutex_unlock(&self->mutex);
	return n;
}

guint
mock_service_get_n_connections(MockService *self)
{
	guint n;

	g_mutex_lock(&self->mutex);
	n = g_hash_table_size(self->connections);
	g_mutex_unlock(&self->mutex);
	return n;
}

guint
mock_service_get_most_at_once(MockService *self)
{
	guint n;

	g_mutex_lock(&self->mutex);
	n = self->most_at_once;
	g_mutex_unlock(&self->mutex);
	return n;
}

const MockRequest *
mock_service_get_request(MockService *self, guint index)
{
	const MockRequest *request;

	g_mutex_lock(&self->mutex);
	g_assert_cmpuint(index, <, self->requests->len);
	request = g_ptr_array_index(self->requests, index);
	g_mutex_unlock(&self->mutex);
	return request;
}

void
mock_service_wait(MockService *self, guint n_requests)
{
	g_mutex_lock(&self->mutex);
	while (self->requests->len < n_requests)
		g_cond_wait(&self->changed, &self->mutex);
	g_mutex_unlock(&self->mutex);
}
