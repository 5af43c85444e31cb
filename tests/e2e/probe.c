/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GTK module (GTK_MODULES) for tests: answers questions about the windows of the program it was loaded into, a JSON
 * object a line, on the Unix socket named by CLAWS_PROBE_SOCKET. Does nothing without that variable. The password of an
 * IMAP account, if one is asked for, is CLAWS_PROBE_PASSWORD.
 */
#include "probe.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <gmodule.h>

#define LINE_MAX_BYTES (64 * 1024)

typedef struct {
	GSocketConnection *connection;
	GDataInputStream *input;
} ProbePeer;

G_MODULE_EXPORT void gtk_module_init(gint *argc, gchar ***argv);

static void read_next(ProbePeer *peer);

static void
probe_peer_free(ProbePeer *peer)
{
	g_clear_object(&peer->input);
	g_clear_object(&peer->connection);
	g_free(peer);
}

static gint64
get_int(JsonObject *object, const char *name, gint64 otherwise)
{
	return json_object_has_member(object, name) ? json_object_get_int_member(object, name) : otherwise;
}

static void
answer(JsonObject *question, JsonBuilder *builder)
{
	const char *op = json_object_get_string_member_with_default(question, "op", "");

	if (g_str_equal(op, "widgets"))
		probe_read_widgets(builder);
	else if (g_str_equal(op, "messages"))
		probe_read_messages(builder, get_int(question, "offset", 0), get_int(question, "limit", G_MAXINT));
	else if (g_str_equal(op, "folders"))
		probe_read_folders(builder);
	else if (g_str_equal(op, "text"))
		probe_read_text(builder);
	else if (g_str_equal(op, "open"))
		probe_open_message(builder, get_int(question, "number", 0));
	else if (g_str_equal(op, "shown"))
		probe_read_shown(builder);
	else if (g_str_equal(op, "show-row"))
		probe_show_row(builder, json_object_get_string_member_with_default(question, "list", ""),
			       get_int(question, "row", 0), get_int(question, "number", 0));
	else if (g_str_equal(op, "ticks"))
		probe_ticks_read(builder, json_object_get_boolean_member_with_default(question, "reset", FALSE));
}

static void
on_written(GObject *source, GAsyncResult *result, gpointer user_data)
{
	ProbePeer *peer = user_data;

	if (g_output_stream_write_all_finish(G_OUTPUT_STREAM(source), result, NULL, NULL))
		read_next(peer);
	else
		probe_peer_free(peer);
}

static void
on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
	ProbePeer *peer = user_data;
	gsize length = 0;
	g_autofree char *line =
		g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, &length, NULL);
	g_autoptr(JsonNode) node = NULL;
	g_autoptr(JsonNode) root = NULL;
	g_autoptr(JsonBuilder) builder = NULL;
	g_autofree char *text = NULL;
	char *reply;

	if (line == NULL || length > LINE_MAX_BYTES) {
		probe_peer_free(peer);
		return;
	}
	node = json_from_string(line, NULL);
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
		probe_peer_free(peer);
		return;
	}

	builder = json_builder_new();
	answer(json_node_get_object(node), builder);
	root = json_builder_get_root(builder);
	text = root ? json_to_string(root, FALSE) : g_strdup("null");
	reply = g_strconcat(text, "\n", NULL);
	g_object_set_data_full(G_OBJECT(peer->connection), "reply", reply, g_free);
	g_output_stream_write_all_async(g_io_stream_get_output_stream(G_IO_STREAM(peer->connection)), reply,
					strlen(reply), G_PRIORITY_DEFAULT, NULL, on_written, peer);
}

static void
read_next(ProbePeer *peer)
{
	g_data_input_stream_read_line_async(peer->input, G_PRIORITY_DEFAULT, NULL, on_line, peer);
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
	ProbePeer *peer = g_new0(ProbePeer, 1);

	peer->connection = g_object_ref(connection);
	peer->input = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
	read_next(peer);
	return TRUE;
}

G_MODULE_EXPORT void
gtk_module_init(gint *argc, gchar ***argv)
{
	static GSocketService *service;
	const char *path = g_getenv("CLAWS_PROBE_SOCKET");
	g_autoptr(GSocketAddress) address = NULL;
	g_autoptr(GError) error = NULL;

	if (path == NULL || service != NULL)
		return;

	service = g_socket_service_new();
	address = g_unix_socket_address_new(path);
	if (!g_socket_listener_add_address(G_SOCKET_LISTENER(service), address, G_SOCKET_TYPE_STREAM,
					   G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error)) {
		g_printerr("claws probe: %s\n", error->message);
		g_clear_object(&service);
		return;
	}
	g_signal_connect(service, "incoming", G_CALLBACK(on_incoming), NULL);
	probe_ticks_start();
	probe_passwords_start();

	/* What the program starts must not take this for its own. */
	g_unsetenv("CLAWS_PROBE_SOCKET");
}
