/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/* The identity platform: every path that is neither Graph's nor a control. The caller holds the tenant's lock. */
void sim_identity_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response);

G_END_DECLS
