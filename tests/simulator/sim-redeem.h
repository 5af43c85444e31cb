/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/* `/{tenant}/oauth2/v2.0/token`: codes, refresh tokens and device codes become tokens (OAUTH.md 4.3, 9a, 10). */
void sim_redeem_handle(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response);

/*
 * Checks what the token and device code endpoints share: POST, a form, nothing twice, a known client, its secret
 * (@secret: whether the client proves itself here). Returns the form (transfer full), %NULL when @response says no.
 */
GPtrArray *sim_redeem_begin(SimTenant *tenant, const SimRequest *request, gboolean secret, SimResponse *response,
			    const SimClient **client);

G_END_DECLS
