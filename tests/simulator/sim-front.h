/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/* Whether that encoded path is Graph's (`/v1.0`, `/beta`, `/_upload`). */
gboolean sim_front_is_graph(const char *path);

/* (nullable) (transfer full): the mailbox whose requests are counted together, in small letters */
char *sim_front_get_mailbox(SimTenant *tenant, const SimRequest *request);

/*
 * A request to Graph as it arrived, its path whole: checks the bearer token, the size and the concurrency, then hands
 * it to sim_graph_handle(). Sets @request's user and scopes.
 */
void sim_front_handle(SimTenant *tenant, SimRequest *request, SimResponse *response);

/* Request ids and, where the client takes it, gzip; for the final response, faults included. */
void sim_front_finish(const SimRequest *request, SimResponse *response);

G_END_DECLS
