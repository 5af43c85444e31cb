/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-proxy.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-cloud.h"
#include "oauth-tunnel.h"

#define DIRECT "direct://"

struct _OauthProxy {
	GObject parent_instance;

	GMutex mutex;
	char *uri; /* nullable */
};

static void resolver_init(GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(OauthProxy, oauth_proxy, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_PROXY_RESOLVER, resolver_init))

OauthProxy *
oauth_proxy_new(void)
{
	return g_object_new(OAUTH_TYPE_PROXY, NULL);
}

static void
wipe(char *uri)
{
	if (uri != NULL)
		explicit_bzero(uri, strlen(uri));
	g_free(uri);
}

void
oauth_proxy_set_uri(OauthProxy *self, const char *uri)
{
	g_mutex_lock(&self->mutex);
	wipe(self->uri);
	self->uri = g_strdup(uri);
	g_mutex_unlock(&self->mutex);
}

gboolean
oauth_proxy_is_set(OauthProxy *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return self->uri != NULL;
}

/* Takes @proxies; where they lead to a server without TLS, libsoup speaks with them itself. */
static char **
make_tunnels(char **proxies, const char *uri)
{
	for (guint i = 0; g_str_has_prefix(uri, "https:") && proxies[i] != NULL; i++) {
		char *tunnel = oauth_tunnel_dup_uri(proxies[i]);

		wipe(proxies[i]);
		proxies[i] = tunnel;
	}
	return proxies;
}

/* The answer that needs nobody else; %NULL when the desktop is to be asked. */
static char **
lookup_here(OauthProxy *self, const char *uri)
{
	char **proxies = NULL;

	if (oauth_cloud_is_loopback(uri))
		return g_strsplit(DIRECT, " ", -1);
	g_mutex_lock(&self->mutex);
	if (self->uri != NULL)
		proxies = g_strsplit(self->uri, " ", -1);
	g_mutex_unlock(&self->mutex);
	return proxies != NULL ? make_tunnels(proxies, uri) : NULL;
}

static char **
lookup(GProxyResolver *resolver, const char *uri, GCancellable *cancellable, GError **error)
{
	char **proxies = lookup_here(OAUTH_PROXY(resolver), uri);

	if (proxies != NULL)
		return proxies;
	proxies = g_proxy_resolver_lookup(g_proxy_resolver_get_default(), uri, cancellable, error);
	return proxies != NULL ? make_tunnels(proxies, uri) : NULL;
}

static void
on_desktop_answered(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GTask) task = data;
	GError *error = NULL;
	char **proxies = g_proxy_resolver_lookup_finish(G_PROXY_RESOLVER(source), result, &error);

	if (proxies != NULL)
		g_task_return_pointer(task, make_tunnels(proxies, g_task_get_task_data(task)),
				      (GDestroyNotify)g_strfreev);
	else
		g_task_return_error(task, error);
}

static void
lookup_async(GProxyResolver *resolver, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback,
	     gpointer data)
{
	g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, data);
	char **proxies = lookup_here(OAUTH_PROXY(resolver), uri);

	g_task_set_task_data(task, g_strdup(uri), g_free);
	if (proxies != NULL)
		g_task_return_pointer(task, proxies, (GDestroyNotify)g_strfreev);
	else
		g_proxy_resolver_lookup_async(g_proxy_resolver_get_default(), uri, cancellable, on_desktop_answered,
					      g_steal_pointer(&task));
}

static char **
lookup_finish(GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void
resolver_init(GProxyResolverInterface *iface)
{
	iface->lookup = lookup;
	iface->lookup_async = lookup_async;
	iface->lookup_finish = lookup_finish;
}

char *
oauth_proxy_find(OauthProxy *self, const char *uri)
{
	g_auto(GStrv) proxies = lookup(G_PROXY_RESOLVER(self), uri, NULL, NULL);
	g_autoptr(GUri) proxy = NULL;

	if (proxies == NULL || proxies[0] == NULL || g_str_has_prefix(proxies[0], "direct"))
		return NULL;
	proxy = g_uri_parse(proxies[0], G_URI_FLAGS_NONE, NULL);
	if (proxy == NULL || g_uri_get_host(proxy) == NULL)
		return NULL;
	if (g_uri_get_port(proxy) < 0)
		return g_strdup(g_uri_get_host(proxy));
	return g_strdup_printf("%s:%d", g_uri_get_host(proxy), g_uri_get_port(proxy));
}

static char *
explain_credentials(const char *proxy)
{
	return g_strdup_printf(_("The proxy %s wants a name and a password, or does not accept those that are set. "
				 "Correct them in the proxy settings."),
			       proxy);
}

static char *
explain_refusal(const char *proxy)
{
	return g_strdup_printf(_("The proxy %s does not allow the connection. Ask whoever runs it, or change the proxy "
				 "settings."),
			       proxy);
}

static char *
explain_failure(const char *proxy, const char *reason)
{
	return g_strdup_printf(_("The server cannot be reached through the proxy %s (%s). Check the proxy settings."),
			       proxy, reason);
}

static char *
explain_error(const char *proxy, const GError *cause)
{
	if (cause->domain == G_RESOLVER_ERROR)
		return explain_failure(proxy, cause->message);
	if (cause->domain != G_IO_ERROR)
		return NULL;
	switch (cause->code) {
	case G_IO_ERROR_PROXY_NEED_AUTH:
	case G_IO_ERROR_PROXY_AUTH_FAILED:
		return explain_credentials(proxy);
	case G_IO_ERROR_PROXY_NOT_ALLOWED:
		return explain_refusal(proxy);
	case G_IO_ERROR_PROXY_FAILED:
	case G_IO_ERROR_CONNECTION_REFUSED:
	case G_IO_ERROR_HOST_NOT_FOUND:
	case G_IO_ERROR_HOST_UNREACHABLE:
	case G_IO_ERROR_NETWORK_UNREACHABLE:
		return explain_failure(proxy, cause->message);
	default:
		return NULL;
	}
}

char *
oauth_proxy_explain(OauthProxy *self, SoupMessage *message, const GError *cause)
{
	g_autofree char *uri = g_uri_to_string(soup_message_get_uri(message));
	g_autofree char *proxy = cause != NULL && g_str_has_prefix(uri, "https:") ? oauth_proxy_find(self, uri) : NULL;

	return proxy != NULL ? explain_error(proxy, cause) : NULL;
}

static void
oauth_proxy_finalize(GObject *object)
{
	OauthProxy *self = OAUTH_PROXY(object);

	wipe(self->uri);
	g_mutex_clear(&self->mutex);
	G_OBJECT_CLASS(oauth_proxy_parent_class)->finalize(object);
}

static void
oauth_proxy_class_init(OauthProxyClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = oauth_proxy_finalize;
}

static void
oauth_proxy_init(OauthProxy *self)
{
	g_mutex_init(&self->mutex);
}
