/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/* The tenant on the wire: an HTTP server on both loopback addresses, on a thread of its own. */
typedef struct _SimServer SimServer;

/* @tenant outlives the server. */
SimServer *sim_server_new(SimTenant *tenant);
/* Stops it first, when needed. */
void sim_server_free(SimServer *self);

/* Sets the tenant's origin. @certificate %NULL: plain HTTP. */
gboolean sim_server_start(SimServer *self, guint port, GTlsCertificate *certificate, GError **error);
/* Requests that have no answer yet get none. */
void sim_server_stop(SimServer *self);

/* Requests that hang until released go on. Any thread. */
void sim_server_release(SimServer *self);

G_END_DECLS
