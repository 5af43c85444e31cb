/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SimProxy:
 *
 * A proxy on loopback that speaks SOCKS 5 and the CONNECT of HTTP on one port. Whatever host is asked for, the tunnel
 * leads to one port of this machine: names that no resolver knows can be tried. Any thread.
 */
typedef struct _SimProxy SimProxy;

/* @port: where the tunnels lead */
SimProxy *sim_proxy_new(guint port);
void sim_proxy_free(SimProxy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimProxy, sim_proxy_free)

guint sim_proxy_get_port(SimProxy *self);

/* From now on only with these. */
void sim_proxy_set_credentials(SimProxy *self, const char *name, const char *password);
/* From now on nobody gets through. */
void sim_proxy_refuse(SimProxy *self);

/* What was let through so far: `host:port` each. (transfer full) */
char **sim_proxy_get_targets(SimProxy *self);

G_END_DECLS
