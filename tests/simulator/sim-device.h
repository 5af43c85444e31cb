/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/* `/{tenant}/oauth2/v2.0/devicecode` (OAUTH.md 9a). */
void sim_device_handle(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response);

/* `/{tenant}/oauth2/v2.0/deviceauth`: the page where a person enters the code, and what its form is posted to. */
void sim_device_handle_page(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response);

/* What a person does there. FALSE when no such code waits for an answer. */
gboolean sim_device_decide(SimTenant *tenant, const char *user_code, const char *address, gboolean accepted);

G_END_DECLS
