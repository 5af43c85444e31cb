/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-door.h"

#include "oauth-gauge.h"

/* OAUTH.md 11 */
#define MAX_CONNECTIONS 64
#define CONNECTION_SECONDS 10
#define MAX_BYTES (256 * 1024) /* of one connection: a body of 64 KiB, its chunks, and the lines above it */
#define BIND_ATTEMPTS 16

struct _OauthDoor {
	guint port;
	GSocket *sockets[2];

	/* while open */
	GMainContext *context;
	GSocketService *service;
	SoupServer *server;
	GPtrArray *connections; /* the oldest first */
};

/* A browser's connection, watched until libsoup lets go of it. */
typedef struct {
	OauthDoor *door;
	GSocketConnection *stream; /* weak */
	GSource *timer;
} Connection;

static GSocket *
listen_on(GSocketFamily family, guint port, GError **error)
{
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(family);
	g_autoptr(GSocketAddress) address = g_inet_socket_address_new(loopback, port);
	g_autoptr(GSocket) socket = g_socket_new(family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

	if (socket == NULL || !g_socket_bind(socket, address, FALSE, error))
		return NULL;
	g_socket_set_listen_backlog(socket, MAX_CONNECTIONS);
	if (!g_socket_listen(socket, error))
		return NULL;
	return g_steal_pointer(&socket);
}

/* FALSE with @taken when somebody else holds the port on the other family; then the answer could reach them. */
static gboolean
listen_on_both(OauthDoor *self, gboolean *taken, GError **error)
{
	g_autoptr(GSocketAddress) address = NULL;
	g_autoptr(GError) local_error = NULL;

	*taken = FALSE;
	self->sockets[0] = listen_on(G_SOCKET_FAMILY_IPV4, 0, error);
	if (self->sockets[0] == NULL)
		return FALSE;
	address = g_socket_get_local_address(self->sockets[0], error);
	if (address == NULL)
		return FALSE;
	self->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
	self->sockets[1] = listen_on(G_SOCKET_FAMILY_IPV6, self->port, &local_error);
	if (self->sockets[1] == NULL && (g_error_matches(local_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE) ||
					 g_error_matches(local_error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))) {
		*taken = TRUE;
		g_clear_object(&self->sockets[0]);
		g_propagate_error(error, g_steal_pointer(&local_error));
		return FALSE;
	}
	return TRUE;
}

OauthDoor *
oauth_door_new(GError **error)
{
	g_autoptr(OauthDoor) self = g_new0(OauthDoor, 1);
	gboolean taken = TRUE;

	for (guint i = 0; taken && i < BIND_ATTEMPTS; i++) {
		g_clear_error(error);
		if (listen_on_both(self, &taken, error))
			return g_steal_pointer(&self);
	}
	return NULL;
}

guint
oauth_door_get_port(OauthDoor *self)
{
	return self->port;
}

static void
drop_connection(GSocketConnection *stream)
{
	g_socket_shutdown(g_socket_connection_get_socket(stream), TRUE, TRUE, NULL);
}

static void
connection_free(gpointer data)
{
	Connection *self = data;

	g_source_destroy(self->timer);
	g_source_unref(self->timer);
	g_free(self);
}

static void
on_stream_gone(gpointer user_data, GObject *stream)
{
	Connection *connection = user_data;

	g_ptr_array_remove(connection->door->connections, connection);
}

static gboolean
on_connection_timeout(gpointer user_data)
{
	Connection *connection = user_data;

	drop_connection(connection->stream);
	return G_SOURCE_REMOVE;
}

/* The last one in stands first in nobody's way: who came first has had the longest time to ask. */
static void
make_room(OauthDoor *self)
{
	for (guint i = 0; i + MAX_CONNECTIONS <= self->connections->len; i++)
		drop_connection(((Connection *)g_ptr_array_index(self->connections, i))->stream);
}

/* What libsoup reads of @stream, which lives as long as that. */
static GIOStream *
wrap(GSocketConnection *stream)
{
	GIOStream *base = G_IO_STREAM(stream);
	g_autoptr(GInputStream) input = oauth_gauge_new(g_io_stream_get_input_stream(base), MAX_BYTES);
	GIOStream *wrapped = g_simple_io_stream_new(input, g_io_stream_get_output_stream(base));

	g_object_set_data_full(G_OBJECT(wrapped), "connection", g_object_ref(stream), g_object_unref);
	return wrapped;
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *stream, GObject *source, gpointer user_data)
{
	OauthDoor *self = user_data;
	g_autoptr(GSocketAddress) local = g_socket_connection_get_local_address(stream, NULL);
	g_autoptr(GSocketAddress) remote = g_socket_connection_get_remote_address(stream, NULL);
	g_autoptr(GIOStream) wrapped = wrap(stream);
	Connection *connection;

	if (local == NULL || remote == NULL)
		return TRUE;
	make_room(self);
	if (!soup_server_accept_iostream(self->server, wrapped, local, remote, NULL))
		return TRUE;
	connection = g_new0(Connection, 1);
	connection->door = self;
	connection->stream = stream;
	connection->timer = g_timeout_source_new_seconds(CONNECTION_SECONDS);
	g_source_set_callback(connection->timer, on_connection_timeout, connection, NULL);
	g_source_attach(connection->timer, self->context);
	g_ptr_array_add(self->connections, connection);
	g_object_weak_ref(G_OBJECT(stream), on_stream_gone, connection);
	return TRUE;
}

void
oauth_door_open(OauthDoor *self, SoupServer *server, GMainContext *context)
{
	g_return_if_fail(self->service == NULL);

	self->context = g_main_context_ref(context);
	self->server = g_object_ref(server);
	self->connections = g_ptr_array_new_with_free_func(connection_free);
	/* Stopped while the sockets are added: each one restarts its accepting, and a browser that is there already
	 * would be lost. */
	self->service = g_socket_service_new();
	g_socket_service_stop(self->service);
	g_signal_connect(self->service, "incoming", G_CALLBACK(on_incoming), self);
	for (guint i = 0; i < G_N_ELEMENTS(self->sockets); i++) {
		if (self->sockets[i] != NULL)
			g_socket_listener_add_socket(G_SOCKET_LISTENER(self->service), self->sockets[i], NULL, NULL);
	}
	g_socket_service_start(self->service);
}

static void
close_sockets(OauthDoor *self)
{
	for (guint i = 0; i < G_N_ELEMENTS(self->sockets); i++) {
		if (self->sockets[i] != NULL)
			g_socket_close(self->sockets[i], NULL);
	}
}

void
oauth_door_close(OauthDoor *self)
{
	g_autoptr(GSocketService) service = g_steal_pointer(&self->service);

	if (service != NULL) {
		g_socket_service_stop(service);
		g_socket_listener_close(G_SOCKET_LISTENER(service));
	}
	close_sockets(self);
	if (service == NULL)
		return;
	soup_server_disconnect(self->server);
	while (g_main_context_iteration(self->context, FALSE))
		continue;
	for (guint i = 0; i < self->connections->len; i++) {
		Connection *connection = g_ptr_array_index(self->connections, i);

		drop_connection(connection->stream);
		g_object_weak_unref(G_OBJECT(connection->stream), on_stream_gone, connection);
	}
	g_clear_pointer(&self->connections, g_ptr_array_unref);
	g_clear_object(&self->server);
	g_clear_pointer(&self->context, g_main_context_unref);
}

void
oauth_door_free(OauthDoor *self)
{
	if (self == NULL)
		return;
	oauth_door_close(self);
	for (guint i = 0; i < G_N_ELEMENTS(self->sockets); i++)
		g_clear_object(&self->sockets[i]);
	g_free(self);
}
