/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-server.h"

#include "sim-control.h"
#include "sim-front.h"
#include "sim-identity.h"

struct _SimServer {
	SimTenant *tenant;
	GThread *thread;
	GMainContext *context;
	GMainLoop *loop;
	/* of the server's thread alone: */
	SoupServer *soup;
	GList *pending;
	GPtrArray *stopped;    /* of SoupServerMessage: no more of their bodies is read until sim_server_release() */
	GHashTable *in_flight; /* mailbox to the number of its requests */
	/* how the start went, for the thread that waits for it: */
	GMutex lock;
	GCond started;
	gboolean is_started;
	guint port;
	GTlsCertificate *certificate;
	GError *error;
};

/* A request between its arrival and its answer. */
typedef struct {
	SimServer *server;
	SoupServerMessage *message;
	SimRequest *request;
	SimLogEntry *entry;
	SimFault *fault;
	char *mailbox;
	GSource *timer;
	gboolean graph;
	gboolean is_paused;
	gboolean is_waiting;  /* for sim_server_release() */
	gboolean is_answered; /* but not on the wire yet */
} Pending;

static guint
count_in_flight(SimServer *self, const char *mailbox, int step)
{
	guint count = GPOINTER_TO_UINT(g_hash_table_lookup(self->in_flight, mailbox)) + step;

	if (count == 0)
		g_hash_table_remove(self->in_flight, mailbox);
	else
		g_hash_table_replace(self->in_flight, g_strdup(mailbox), GUINT_TO_POINTER(count));
	return count;
}

static void
pending_free(Pending *pending)
{
	SimServer *self = pending->server;

	self->pending = g_list_remove(self->pending, pending);
	if (pending->mailbox != NULL)
		count_in_flight(self, pending->mailbox, -1);
	if (pending->timer != NULL) {
		g_source_destroy(pending->timer);
		g_source_unref(pending->timer);
	}
	g_clear_pointer(&pending->fault, sim_fault_unref);
	sim_request_free(pending->request);
	g_object_unref(pending->message);
	g_free(pending->mailbox);
	g_free(pending);
}

static void
close_connection(SoupServerMessage *message)
{
	GSocket *socket = soup_server_message_get_socket(message);

	/* fails when the client was faster */
	if (socket != NULL)
		g_socket_shutdown(socket, TRUE, TRUE, NULL);
}

static void
finish_log(Pending *pending, guint status, gsize bytes, const char *refusal)
{
	sim_log_finish(pending->server->tenant->log, pending->entry, status, bytes, refusal);
	pending->entry = NULL;
}

static void
copy_header(const char *name, const char *value, gpointer data)
{
	soup_message_headers_append(data, name, value);
}

/* Writing the headers of a 204, libsoup forgets that it has no body, and would close the connection as its end. */
static void
say_no_body(SoupServerMessage *message)
{
	soup_message_headers_set_encoding(soup_server_message_get_response_headers(message), SOUP_ENCODING_NONE);
}

static void
send_response(SoupServerMessage *message, const SimResponse *response, gsize length)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
	SoupMessageBody *body = soup_server_message_get_response_body(message);
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *date = soup_date_time_to_string(now, SOUP_DATE_HTTP);
	gsize whole = g_bytes_get_size(response->body);
	g_autoptr(GBytes) part = g_bytes_new_from_bytes(response->body, 0, length);

	soup_server_message_set_status(message, response->status, NULL);
	soup_message_headers_foreach(response->headers, copy_header, headers);
	soup_message_headers_replace(headers, "Date", date);
	if (response->status == SOUP_STATUS_NO_CONTENT)
		g_signal_connect(message, "wrote-headers", G_CALLBACK(say_no_body), NULL);
	else
		soup_message_headers_set_content_length(headers, whole);
	if (length > 0)
		soup_message_body_append_bytes(body, part);
	if (length == whole)
		soup_message_body_complete(body);
}

static void
respond(Pending *pending)
{
	SimServer *self = pending->server;
	SimTenant *tenant = self->tenant;
	SoupServerMessage *message = pending->message;
	const SimFault *fault = pending->fault;
	gboolean closes = fault != NULL && fault->kind == SIM_FAULT_CLOSE;
	gsize length;
	g_auto(SimResponse) response = {0};

	sim_response_init(&response);
	if (soup_message_headers_get_one(pending->request->headers, "Proxy-Authorization") != NULL) {
		/* The service would not say so; a secret has got into the wrong hands all the same. */
		sim_response_set_error(&response, pending->request, 400, "BadRequest",
				       "A proxy's name and password are none of a server's.", "RFC 9110 11.7.2");
	} else if (fault == NULL || sim_fault_wants_work(fault)) {
		if (pending->graph)
			sim_front_handle(tenant, pending->request, &response);
		else
			sim_identity_handle(tenant, pending->request, &response);
	} else if (pending->graph) {
		/* a fault of Graph answers in Graph's shape */
		pending->request->user = g_strdup("");
	}
	if (fault != NULL) {
		sim_fault_apply(fault, pending->request, &response);
		g_clear_pointer(&response.refusal, g_free);
	}
	if (pending->graph)
		sim_front_finish(pending->request, &response);
	length = g_bytes_get_size(response.body);

	if (closes && fault->when <= SIM_CLOSE_WORK) {
		finish_log(pending, 0, 0, NULL);
		soup_server_message_set_status(message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
		close_connection(message);
	} else if (closes && fault->when == SIM_CLOSE_MIDDLE && length > 1) {
		finish_log(pending, 0, length / 2, NULL);
		g_signal_connect(message, "wrote-chunk", G_CALLBACK(close_connection), NULL);
		send_response(message, &response, length / 2);
	} else {
		finish_log(pending, response.status, length, response.refusal);
		if (closes)
			g_signal_connect(message, "finished", G_CALLBACK(close_connection), NULL);
		send_response(message, &response, length);
	}
}

static void
answer(Pending *pending)
{
	SimTenant *tenant = pending->server->tenant;

	g_mutex_lock(&tenant->lock);
	respond(pending);
	g_mutex_unlock(&tenant->lock);
}

/* The wait is over: the work, unless it was done before, and the answer. */
static void
go_on(Pending *pending)
{
	g_autoptr(SoupServerMessage) message = g_object_ref(pending->message);
	gboolean is_paused = pending->is_paused;

	if (!pending->is_answered)
		answer(pending);
	pending_free(pending);
	if (is_paused)
		soup_server_message_unpause(message);
}

static gboolean
on_timer(gpointer data)
{
	go_on(data);
	return G_SOURCE_REMOVE;
}

static void
wait_for(Pending *pending, guint milliseconds)
{
	pending->timer = g_timeout_source_new(milliseconds);
	g_source_set_callback(pending->timer, on_timer, pending, NULL);
	g_source_attach(pending->timer, pending->server->context);
}

/* Without its body. */
static SimRequest *
read_request(SimServer *self, SoupServerMessage *message)
{
	GUri *uri = soup_server_message_get_uri(message);
	const char *path = *g_uri_get_path(uri) != '\0' ? g_uri_get_path(uri) : "/";
	const char *query = g_uri_get_query(uri);
	g_autofree char *target = query != NULL ? g_strconcat(path, "?", query, NULL) : g_strdup(path);
	SimRequest *request = sim_request_new(soup_server_message_get_method(message), target);

	soup_message_headers_foreach(soup_server_message_get_request_headers(message), copy_header, request->headers);
	request->origin = self->tenant->origin;
	return request;
}

/* A control answers at once and is in no log. */
static void
handle_control(SimServer *self, SoupServerMessage *message, const SimRequest *request)
{
	gboolean release = FALSE;
	g_auto(SimResponse) response = {0};

	sim_response_init(&response);
	g_mutex_lock(&self->tenant->lock);
	sim_control_handle(self->tenant, request, &response, &release);
	g_mutex_unlock(&self->tenant->lock);
	send_response(message, &response, g_bytes_get_size(response.body));
	if (release)
		sim_server_release(self);
}

/* That it was begun is in the log; that it is whole is another line. */
static void
note_early(SimTenant *tenant, const SimRequest *request)
{
	sim_log_finish(tenant->log, sim_log_begin(tenant->log, request->method, request->path), 0, 0, NULL);
}

static void
stop_reading(SoupServerMessage *message, GBytes *chunk, SimServer *self)
{
	SimRequest *request = read_request(self, message);

	g_signal_handlers_disconnect_by_func(message, stop_reading, self);
	soup_server_message_pause(message);
	g_ptr_array_add(self->stopped, g_object_ref(message));
	g_mutex_lock(&self->tenant->lock);
	note_early(self->tenant, request);
	g_mutex_unlock(&self->tenant->lock);
	sim_request_free(request);
}

static void
on_headers(SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
	SimServer *self = data;
	SimTenant *tenant = self->tenant;
	SimRequest *request = read_request(self, message);
	g_autoptr(SimFault) fault = NULL;

	g_mutex_lock(&tenant->lock);
	fault = sim_faults_take_early(tenant->faults, sim_front_is_graph(request->path), request);
	if (fault != NULL && fault->kind == SIM_FAULT_CLOSE)
		note_early(tenant, request);
	g_mutex_unlock(&tenant->lock);
	if (fault != NULL && fault->kind == SIM_FAULT_HANG) {
		g_signal_connect(message, "got-chunk", G_CALLBACK(stop_reading), self);
	} else if (fault != NULL) {
		/* A small body may be there already: the status keeps on_request() from it. */
		soup_server_message_set_status(message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
		g_signal_connect(message, "got-chunk", G_CALLBACK(close_connection), NULL);
	}
	sim_request_free(request);
}

static void
on_request(SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
	SimServer *self = data;
	SimTenant *tenant = self->tenant;
	SimRequest *request = read_request(self, message);
	Pending *pending;
	guint delay;

	g_bytes_unref(request->body);
	request->body = soup_message_body_flatten(soup_server_message_get_request_body(message));
	if (g_str_has_prefix(request->path, "/_control/")) {
		handle_control(self, message, request);
		sim_request_free(request);
		return;
	}
	pending = g_new0(Pending, 1);
	pending->server = self;
	pending->message = g_object_ref(message);
	pending->request = request;
	pending->graph = sim_front_is_graph(request->path);
	self->pending = g_list_prepend(self->pending, pending);

	g_mutex_lock(&tenant->lock);
	pending->entry = sim_log_begin(tenant->log, request->method, request->path);
	pending->fault = sim_faults_take(tenant->faults, pending->graph, request);
	if (pending->graph)
		pending->mailbox = sim_front_get_mailbox(tenant, request);
	delay = tenant->latency;
	g_mutex_unlock(&tenant->lock);

	if (pending->mailbox != NULL)
		request->in_flight = count_in_flight(self, pending->mailbox, 1);
	if (pending->fault != NULL) {
		delay += pending->fault->delay;
		if (pending->fault->kind == SIM_FAULT_HANG) {
			delay += pending->fault->hang;
			pending->is_waiting = pending->fault->hang == 0;
		}
	}
	pending->is_paused = pending->is_waiting || delay > 0;
	if (!pending->is_paused) {
		go_on(pending);
		return;
	}
	soup_server_message_pause(message);
	pending->is_answered = pending->is_waiting && pending->fault->work;
	if (pending->is_answered)
		answer(pending);
	if (!pending->is_waiting)
		wait_for(pending, delay);
}

static gboolean
release(gpointer data)
{
	SimServer *self = data;
	GList *all = g_list_reverse(g_list_copy(self->pending));

	for (GList *item = all; item != NULL; item = item->next)
		if (((Pending *)item->data)->is_waiting)
			go_on(item->data);
	g_list_free(all);
	for (guint i = 0; i < self->stopped->len; i++)
		soup_server_message_unpause(g_ptr_array_index(self->stopped, i));
	g_ptr_array_set_size(self->stopped, 0);
	return G_SOURCE_REMOVE;
}

void
sim_server_release(SimServer *self)
{
	if (self->context != NULL)
		g_main_context_invoke(self->context, release, self);
}

static gboolean
listen(SimServer *self)
{
	g_autofree char *origin = NULL;
	GSList *uris;

	self->soup = soup_server_new("raw-paths", TRUE, "server-header", "Microsoft-IIS/10.0", NULL);
	if (self->certificate != NULL)
		soup_server_set_tls_certificate(self->soup, self->certificate);
	soup_server_add_early_handler(self->soup, NULL, on_headers, self, NULL);
	soup_server_add_handler(self->soup, NULL, on_request, self, NULL);
	if (!soup_server_listen_local(self->soup, self->port, self->certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0,
				      &self->error))
		return FALSE;
	uris = soup_server_get_uris(self->soup);
	self->port = g_uri_get_port(uris->data);
	g_slist_free_full(uris, (GDestroyNotify)g_uri_unref);
	return TRUE;
}

static gpointer
run(gpointer data)
{
	SimServer *self = data;
	gboolean listens;

	g_main_context_push_thread_default(self->context);
	listens = listen(self);
	g_mutex_lock(&self->lock);
	self->is_started = TRUE;
	g_cond_signal(&self->started);
	g_mutex_unlock(&self->lock);
	if (listens)
		g_main_loop_run(self->loop);

	while (self->pending != NULL) {
		Pending *pending = self->pending->data;

		g_mutex_lock(&self->tenant->lock);
		if (!pending->is_answered)
			finish_log(pending, 0, 0, NULL);
		g_mutex_unlock(&self->tenant->lock);
		close_connection(pending->message);
		pending_free(pending);
	}
	g_ptr_array_set_size(self->stopped, 0);
	soup_server_disconnect(self->soup);
	g_clear_object(&self->soup);
	/* what the disconnected clients left to do */
	while (g_main_context_iteration(self->context, FALSE))
		;
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

SimServer *
sim_server_new(SimTenant *tenant)
{
	SimServer *self = g_new0(SimServer, 1);

	self->tenant = tenant;
	self->in_flight = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->stopped = g_ptr_array_new_with_free_func(g_object_unref);
	g_mutex_init(&self->lock);
	g_cond_init(&self->started);
	return self;
}

void
sim_server_free(SimServer *self)
{
	sim_server_stop(self);
	g_hash_table_unref(self->in_flight);
	g_ptr_array_unref(self->stopped);
	g_clear_error(&self->error);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->started);
	g_free(self);
}

gboolean
sim_server_start(SimServer *self, guint port, GTlsCertificate *certificate, GError **error)
{
	g_return_val_if_fail(self->thread == NULL, FALSE);

	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	self->port = port;
	g_set_object(&self->certificate, certificate);
	self->is_started = FALSE;
	self->thread = g_thread_new("simulator", run, self);
	g_mutex_lock(&self->lock);
	while (!self->is_started)
		g_cond_wait(&self->started, &self->lock);
	g_mutex_unlock(&self->lock);
	if (self->error != NULL) {
		g_propagate_error(error, g_steal_pointer(&self->error));
		sim_server_stop(self);
		return FALSE;
	}
	g_mutex_lock(&self->tenant->lock);
	g_free(self->tenant->origin);
	self->tenant->origin = g_strdup_printf("%s://localhost:%u", certificate != NULL ? "https" : "http", self->port);
	g_mutex_unlock(&self->tenant->lock);
	return TRUE;
}

static gboolean
quit(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_REMOVE;
}

void
sim_server_stop(SimServer *self)
{
	if (self->thread == NULL)
		return;
	g_main_context_invoke_full(self->context, G_PRIORITY_HIGH, quit, self->loop, NULL);
	g_clear_pointer(&self->thread, g_thread_join);
	g_clear_pointer(&self->loop, g_main_loop_unref);
	g_clear_pointer(&self->context, g_main_context_unref);
	g_clear_object(&self->certificate);
}
