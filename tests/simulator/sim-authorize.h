/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/* `/{tenant}/oauth2/v2.0/authorize`: checks the request and shows the consent page. */
void sim_authorize_handle(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response);

/* `/{tenant}/oauth2/v2.0/consent`: what that page's form is posted to. */
void sim_authorize_handle_consent(SimTenant *tenant, const char *directory, const SimRequest *request,
				  SimResponse *response);

/* Addresses that may sign in at `/{directory}` (transfer full). */
char **sim_authorize_list_accounts(SimTenant *tenant, const char *directory);

/* The request's form, or an empty list when it is none (transfer full). */
GPtrArray *sim_authorize_parse_form(const SimRequest *request);

/* Sends the browser that asks with @request back to the client with an error that was not its fault; a page that shows
 * the error where there is no way back. */
void sim_authorize_refuse(const SimRequest *request, const char *error, guint code, const char *message,
			  const char *subcode, SimResponse *response);

G_END_DECLS
