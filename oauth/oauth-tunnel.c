/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-tunnel.h"

#include <string.h>

#define HTTP "http:"

/* GLib's own proxy of HTTP, under another name than the one that libsoup takes for itself */
struct _OauthTunnel {
	GObject parent_instance;

	GProxy *http;
};

#define OAUTH_TYPE_TUNNEL (oauth_tunnel_get_type())
G_DECLARE_FINAL_TYPE(OauthTunnel, oauth_tunnel, OAUTH, TUNNEL, GObject)

static void tunnel_init(GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(OauthTunnel, oauth_tunnel, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_PROXY, tunnel_init))

static void
register_tunnel(void)
{
	static gsize registered;
	g_autoptr(GProxy) http = NULL;

	if (!g_once_init_enter(&registered))
		return;
	/* Makes sure that the extension point is there. */
	http = g_proxy_get_default_for_protocol("http");
	g_io_extension_point_implement(G_PROXY_EXTENSION_POINT_NAME, OAUTH_TYPE_TUNNEL, OAUTH_TUNNEL_SCHEME, 0);
	g_once_init_leave(&registered, 1);
}

char *
oauth_tunnel_dup_uri(const char *uri)
{
	if (!g_str_has_prefix(uri, HTTP))
		return g_strdup(uri);
	register_tunnel();
	return g_strconcat(OAUTH_TUNNEL_SCHEME ":", uri + strlen(HTTP), NULL);
}

static GIOStream *
connect_to(GProxy *proxy, GIOStream *connection, GProxyAddress *address, GCancellable *cancellable, GError **error)
{
	return g_proxy_connect(OAUTH_TUNNEL(proxy)->http, connection, address, cancellable, error);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;
	GIOStream *stream = g_proxy_connect_finish(G_PROXY(source), result, &error);

	if (stream != NULL)
		g_task_return_pointer(task, stream, g_object_unref);
	else
		g_task_return_error(task, error);
}

static void
connect_async(GProxy *proxy, GIOStream *connection, GProxyAddress *address, GCancellable *cancellable,
	      GAsyncReadyCallback callback, gpointer data)
{
	GTask *task = g_task_new(proxy, cancellable, callback, data);

	g_proxy_connect_async(OAUTH_TUNNEL(proxy)->http, connection, address, cancellable, on_connected, task);
}

static GIOStream *
connect_finish(GProxy *proxy, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

/* The proxy resolves the server's name, which may be none outside. */
static gboolean
supports_hostname(GProxy *proxy)
{
	return TRUE;
}

static void
tunnel_init(GProxyInterface *iface)
{
	iface->connect = connect_to;
	iface->connect_async = connect_async;
	iface->connect_finish = connect_finish;
	iface->supports_hostname = supports_hostname;
}

static void
oauth_tunnel_finalize(GObject *object)
{
	g_clear_object(&OAUTH_TUNNEL(object)->http);
	G_OBJECT_CLASS(oauth_tunnel_parent_class)->finalize(object);
}

static void
oauth_tunnel_class_init(OauthTunnelClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = oauth_tunnel_finalize;
}

static void
oauth_tunnel_init(OauthTunnel *self)
{
	self->http = g_proxy_get_default_for_protocol("http");
}
