/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-control.h"

void
sim_control_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response, gboolean *release)
{
	if (g_str_equal(request->path, "/_control/release")) {
		*release = TRUE;
		sim_response_set_empty(response, 204);
		return;
	}
	sim_response_set_text(response, 404, "text/plain", "There is no such control.");
}
