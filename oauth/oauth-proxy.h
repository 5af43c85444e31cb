/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define OAUTH_TYPE_PROXY (oauth_proxy_get_type())
G_DECLARE_FINAL_TYPE(OauthProxy, oauth_proxy, OAUTH, PROXY, GObject)

/**
 * oauth_proxy_new:
 *
 * The way to the servers, as a #GProxyResolver: through the proxy that was set, else as the desktop says
 * (g_proxy_resolver_get_default()); to this machine itself always straight. Any thread may call it.
 */
OauthProxy *oauth_proxy_new(void);

/*
 * Name and password are for the proxy alone: no server gets them, and a proxy that refuses them is asked once.
 * @uri: (nullable): `socks5://name:password@host:port` (or `socks4`, `http`), name and password percent-encoded and
 * optional; %NULL for what the desktop says. Takes effect for the next connection.
 */
void oauth_proxy_set_uri(OauthProxy *self, const char *uri);
gboolean oauth_proxy_is_set(OauthProxy *self);

/* (nullable) (transfer full): `host:port` of the proxy on the way to @uri, %NULL when there is none. May ask the
 * desktop's resolver, which may block. */
char *oauth_proxy_find(OauthProxy *self, const char *uri);

/*
 * What a person should hear, translated, of a request that ended with @cause: %NULL when that is not the proxy's doing,
 * or @cause is %NULL.
 */
char *oauth_proxy_explain(OauthProxy *self, SoupMessage *message, const GError *cause);

G_END_DECLS
