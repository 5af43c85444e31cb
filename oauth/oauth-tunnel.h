/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The scheme of oauth_tunnel_dup_uri() */
#define OAUTH_TUNNEL_SCHEME "oauth-tunnel"

/**
 * oauth_tunnel_dup_uri:
 * @uri: of a proxy
 *
 * The same proxy for a #GSocketClient, where @uri is one of HTTP: GLib makes the tunnel then (CONNECT, RFC 9110 9.3.6),
 * and libsoup finds it made. libsoup 3.2, left to itself, sends the proxy's name and password to the server as well,
 * and asks a proxy that does not accept them again and again. Any other @uri is returned as it is. Any thread.
 */
char *oauth_tunnel_dup_uri(const char *uri);

G_END_DECLS
