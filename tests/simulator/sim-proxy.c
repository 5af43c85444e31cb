/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-proxy.h"

#include <string.h>

#define MAX_HEAD 8192

struct _SimProxy {
	GThread *thread;
	GMainContext *context;
	GMainLoop *loop;
	GSocketService *service;
	guint port;
	guint target;

	GMutex mutex;
	GPtrArray *targets;
	char *name;
	char *password;
	gboolean refuse;
};

static gboolean
read_all(GInputStream *in, void *buffer, gsize count)
{
	gsize got;

	return g_input_stream_read_all(in, buffer, count, &got, NULL, NULL) && got == count;
}

static gboolean
write_all(GOutputStream *out, const void *data, gsize count)
{
	return g_output_stream_write_all(out, data, count, NULL, NULL, NULL);
}

static gboolean
is_refusing(SimProxy *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return self->refuse;
}

static gboolean
wants_credentials(SimProxy *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return self->name != NULL;
}

static gboolean
accepts(SimProxy *self, const char *name, const char *password)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return g_strcmp0(self->name, name) == 0 && g_strcmp0(self->password, password) == 0;
}

static void
note(SimProxy *self, const char *target)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	g_ptr_array_add(self->targets, g_strdup(target));
}

/* A length in one byte, and so many bytes. (transfer full) (nullable) */
static char *
read_text(GInputStream *in)
{
	guint8 length;
	g_autofree char *text = NULL;

	if (!read_all(in, &length, 1))
		return NULL;
	text = g_malloc0(length + 1);
	return read_all(in, text, length) ? g_steal_pointer(&text) : NULL;
}

/* RFC 1929 */
static gboolean
authenticate(SimProxy *self, GInputStream *in, GOutputStream *out)
{
	g_autofree char *name = NULL;
	g_autofree char *password = NULL;
	guint8 version;
	guint8 answer[2] = {1, 1};

	if (!read_all(in, &version, 1) || version != 1 || (name = read_text(in)) == NULL ||
	    (password = read_text(in)) == NULL)
		return FALSE;
	answer[1] = accepts(self, name, password) ? 0 : 1;
	return write_all(out, answer, 2) && answer[1] == 0;
}

/* RFC 1928: `host:port` that is asked for. (nullable) */
static char *
begin_socks(SimProxy *self, GInputStream *in, GOutputStream *out)
{
	g_autofree char *methods = read_text(in);
	g_autofree char *host = NULL;
	guint8 method[2] = {5, 0};
	guint8 head[4];
	guint8 address[4];
	guint8 port[2];
	guint8 answer[10] = {5, 0, 0, 1};

	if (methods == NULL)
		return NULL;
	if (wants_credentials(self))
		method[1] = strchr(methods + (*methods == '\0'), 2) != NULL ? 2 : 0xff;
	if (!write_all(out, method, 2) || method[1] == 0xff || (method[1] == 2 && !authenticate(self, in, out)) ||
	    !read_all(in, head, 4))
		return NULL;
	if (head[3] == 3)
		host = read_text(in);
	else if (head[3] == 1 && read_all(in, address, 4))
		host = g_strdup_printf("%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
	if (host == NULL || !read_all(in, port, 2))
		return NULL;
	answer[1] = is_refusing(self) ? 2 : 0;
	if (!write_all(out, answer, 10) || answer[1] != 0)
		return NULL;
	return g_strdup_printf("%s:%u", host, port[0] << 8 | port[1]);
}

static char *
read_head(GInputStream *in)
{
	g_autoptr(GString) head = g_string_new("C");
	char c;

	while (head->len < MAX_HEAD && read_all(in, &c, 1)) {
		g_string_append_c(head, c);
		if (g_str_has_suffix(head->str, "\r\n\r\n"))
			return g_string_free(g_steal_pointer(&head), FALSE);
	}
	return NULL;
}

static gboolean
is_authorized(SimProxy *self, const char *head)
{
	g_autofree char *plain = NULL;
	g_autofree char *encoded = NULL;
	g_autofree char *line = NULL;
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	if (self->name == NULL)
		return TRUE;
	plain = g_strdup_printf("%s:%s", self->name, self->password);
	encoded = g_base64_encode((const guchar *)plain, strlen(plain));
	line = g_strdup_printf("\r\nProxy-Authorization: Basic %s\r\n", encoded);
	return strstr(head, line) != NULL;
}

static char *
begin_connect(SimProxy *self, GInputStream *in, GOutputStream *out)
{
	g_autofree char *head = read_head(in);
	g_auto(GStrv) words = head != NULL ? g_strsplit(head, " ", 3) : NULL;
	const char *answer = "HTTP/1.1 200 Connection established\r\n\r\n";

	if (words == NULL || g_strv_length(words) < 3 || !g_str_equal(words[0], "CONNECT"))
		answer = "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	else if (!is_authorized(self, head))
		answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\n"
			 "Content-Length: 0\r\nConnection: close\r\n\r\n";
	else if (is_refusing(self))
		answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
	if (!write_all(out, answer, strlen(answer)) || !g_str_has_prefix(answer, "HTTP/1.1 200"))
		return NULL;
	return g_strdup(words[1]);
}

static gpointer
carry_back(gpointer data)
{
	GIOStream **ends = data;

	g_output_stream_splice(g_io_stream_get_output_stream(ends[0]), g_io_stream_get_input_stream(ends[1]),
			       G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
	g_socket_shutdown(g_socket_connection_get_socket(G_SOCKET_CONNECTION(ends[0])), FALSE, TRUE, NULL);
	return NULL;
}

static void
carry(GSocketConnection *client, guint port)
{
	g_autoptr(GSocketClient) dialler = g_socket_client_new();
	g_autoptr(GSocketConnection) server = NULL;
	GIOStream *ends[2];
	GThread *back;

	g_socket_client_set_enable_proxy(dialler, FALSE);
	server = g_socket_client_connect_to_host(dialler, "localhost", port, NULL, NULL);
	if (server == NULL)
		return;
	ends[0] = G_IO_STREAM(client);
	ends[1] = G_IO_STREAM(server);
	back = g_thread_new("proxy-back", carry_back, ends);
	g_output_stream_splice(g_io_stream_get_output_stream(ends[1]), g_io_stream_get_input_stream(ends[0]),
			       G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
	g_socket_shutdown(g_socket_connection_get_socket(server), TRUE, TRUE, NULL);
	g_thread_join(back);
}

static gboolean
on_run(GThreadedSocketService *service, GSocketConnection *client, GObject *source, gpointer data)
{
	SimProxy *self = data;
	GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(client));
	GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(client));
	g_autofree char *target = NULL;
	char first;

	if (!read_all(in, &first, 1))
		return TRUE;
	if (first == 5)
		target = begin_socks(self, in, out);
	else if (first == 'C')
		target = begin_connect(self, in, out);
	if (target != NULL) {
		note(self, target);
		carry(client, self->target);
	}
	g_io_stream_close(G_IO_STREAM(client), NULL, NULL);
	return TRUE;
}

static gpointer
run_loop(gpointer data)
{
	SimProxy *self = data;

	g_main_context_push_thread_default(self->context);
	g_main_loop_run(self->loop);
	/* Here, since GLib leaks the source of what is cancelled by one thread while another is at it. */
	g_socket_service_stop(self->service);
	g_socket_listener_close(G_SOCKET_LISTENER(self->service));
	while (g_main_context_iteration(self->context, FALSE))
		;
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

SimProxy *
sim_proxy_new(guint port)
{
	SimProxy *self = g_new0(SimProxy, 1);
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) address = g_inet_socket_address_new(loopback, 0);
	g_autoptr(GSocketAddress) bound = NULL;
	g_autoptr(GError) error = NULL;

	g_mutex_init(&self->mutex);
	self->targets = g_ptr_array_new_with_free_func(g_free);
	self->target = port;
	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	g_main_context_push_thread_default(self->context);
	self->service = g_threaded_socket_service_new(16);
	g_socket_listener_add_address(G_SOCKET_LISTENER(self->service), address, G_SOCKET_TYPE_STREAM,
				      G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
	g_assert_no_error(error);
	self->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
	g_signal_connect(self->service, "run", G_CALLBACK(on_run), self);
	g_socket_service_start(self->service);
	g_main_context_pop_thread_default(self->context);
	self->thread = g_thread_new("proxy", run_loop, self);
	return self;
}

static gboolean
on_quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

void
sim_proxy_free(SimProxy *self)
{
	g_autoptr(GSource) quit = g_idle_source_new();

	/* From inside: the loop may not have begun. */
	g_source_set_callback(quit, on_quit, self->loop, NULL);
	g_source_attach(quit, self->context);
	g_thread_join(self->thread);
	g_object_unref(self->service);
	g_main_loop_unref(self->loop);
	g_main_context_unref(self->context);
	g_ptr_array_unref(self->targets);
	g_free(self->name);
	g_free(self->password);
	g_mutex_clear(&self->mutex);
	g_free(self);
}

guint
sim_proxy_get_port(SimProxy *self)
{
	return self->port;
}

void
sim_proxy_set_credentials(SimProxy *self, const char *name, const char *password)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	g_free(self->name);
	g_free(self->password);
	self->name = g_strdup(name);
	self->password = g_strdup(password);
}

void
sim_proxy_refuse(SimProxy *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	self->refuse = TRUE;
}

char **
sim_proxy_get_targets(SimProxy *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	char **targets = g_new0(char *, self->targets->len + 1);

	for (guint i = 0; i < self->targets->len; i++)
		targets[i] = g_strdup(g_ptr_array_index(self->targets, i));
	return targets;
}
