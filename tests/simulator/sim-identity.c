/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-identity.h"

void
sim_identity_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response)
{
	sim_response_set_text(response, 404, "text/html; charset=utf-8", "<!DOCTYPE html><title>404</title>");
	response->refusal = g_strdup("There is no such endpoint (OAUTH.md 1)");
}
