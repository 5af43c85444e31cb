/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/*
 * Continuous access evaluation (OAUTH.md 8): what a tenant decides about a person takes effect on tokens that are still
 * good, by a claims challenge to those clients that say they understand one.
 */

/* Whether @claims (nullable), of a token request, declares the client capability `cp1` */
gboolean sim_evaluation_is_capable(const char *claims);

/*
 * Something happened to @address: tokens that were made before are challenged. @person: a refresh is not enough, the
 * person has to sign in; @endless: no token is ever good, as with a policy that cannot be met.
 */
void sim_evaluation_begin(SimTenant *tenant, const char *address, gboolean person, gboolean endless);

/* Whether @grant's access token meets a challenge; sim_evaluation_set_challenge() makes the answer. */
gboolean sim_evaluation_challenges(SimTenant *tenant, const SimGrant *grant);
void sim_evaluation_set_challenge(SimTenant *tenant, const SimGrant *grant, const SimRequest *request,
				  SimResponse *response);

/* Whether @grant's refresh token is refused until the person has signed in; then @response says so. */
gboolean sim_evaluation_refuses(SimTenant *tenant, const SimGrant *grant, SimResponse *response);

G_END_DECLS
