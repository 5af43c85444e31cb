/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/*
 * `/_control/…`: what simulator.h offers, for programs. The caller holds the tenant's lock. @release is set when
 * requests that hang are to go on.
 */
void sim_control_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response, gboolean *release);

G_END_DECLS
