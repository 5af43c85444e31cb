/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-device.h"

#include "sim-authorize.h"
#include "sim-oauth-error.h"
#include "sim-page.h"
#include "sim-redeem.h"
#include "sim-scope.h"

/* Nine letters and digits that nobody takes for another. */
static char *
make_user_code(void)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	g_autofree char *random = sim_random_string(9);
	char *code = g_strndup(random, 9);

	for (char *c = code; *c != '\0'; c++)
		*c = letters[(guchar)*c % (sizeof letters - 1)];
	return code;
}

void
sim_device_handle(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	const SimClient *client = NULL;
	g_autoptr(GPtrArray) form = sim_redeem_begin(tenant, request, FALSE, response, &client);
	const char *text = form != NULL ? sim_parameters_get(form, "scope") : NULL;
	g_auto(SimScopes) scopes = {NULL};
	SimScopeError error = {NULL};
	g_autoptr(JsonObject) answer = json_object_new();
	g_autofree char *uri = g_strdup_printf("%s/%s/oauth2/v2.0/deviceauth", request->origin, directory);
	g_autofree char *code = NULL;
	g_autofree char *message = NULL;
	SimGrant *grant;

	if (form == NULL)
		return;
	if (!sim_scopes_parse(text != NULL ? text : "", request->origin, &scopes, &error)) {
		sim_oauth_error_set(response, 400, error.error, error.code, error.message, error.reference);
		g_free(error.message);
		return;
	}
	grant = sim_grant_new(directory, client->id, NULL, (const char *const *)scopes.names);
	grant->qualified_scopes = scopes.qualified;
	grant->user_code = make_user_code();
	grant->interval = tenant->device_interval;
	grant->last_poll = tenant->device_strict ? g_get_monotonic_time() : 0;
	message = g_strdup_printf("To sign in, use a web browser to open the page %s and enter the code %s to "
				  "authenticate.",
				  uri, grant->user_code);
	json_object_set_string_member(answer, "user_code", grant->user_code);
	code = sim_tokens_issue(tenant->tokens, SIM_TOKEN_DEVICE, grant, tenant->device_lifetime);
	json_object_set_string_member(answer, "device_code", code);
	json_object_set_string_member(answer, "verification_uri", uri);
	json_object_set_int_member(answer, "expires_in", tenant->device_lifetime);
	if (tenant->device_interval == (double)(gint64)tenant->device_interval)
		json_object_set_int_member(answer, "interval", (gint64)tenant->device_interval);
	else
		json_object_set_double_member(answer, "interval", tenant->device_interval);
	json_object_set_string_member(answer, "message", message);
	sim_response_set_object(response, 200, answer);
	soup_message_headers_replace(response->headers, "Content-Type", "application/json; charset=utf-8");
	soup_message_headers_replace(response->headers, "Cache-Control", "no-store, no-cache");
}

/* (nullable): what a code stands for that still waits for an answer */
static SimGrant *
find_open(SimTenant *tenant, const char *user_code)
{
	SimGrant *grant = user_code != NULL ? sim_tokens_find_user_code(tenant->tokens, user_code) : NULL;

	return grant != NULL && !sim_grant_is_over(grant) && grant->decision == SIM_DECISION_NONE ? grant : NULL;
}

static void
set_decision(SimGrant *grant, const char *address, gboolean accepted)
{
	grant->decision = accepted ? SIM_DECISION_ACCEPTED : SIM_DECISION_DECLINED;
	if (!accepted)
		return;
	grant->address = g_strdup(address);
	sim_tenant_grant_scopes(grant);
}

gboolean
sim_device_decide(SimTenant *tenant, const char *user_code, const char *address, gboolean accepted)
{
	SimGrant *grant = find_open(tenant, user_code);

	if (grant == NULL)
		return FALSE;
	set_decision(grant, address, accepted);
	return TRUE;
}

static void
decide(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	g_autoptr(GPtrArray) form = sim_authorize_parse_form(request);
	g_auto(GStrv) accounts = sim_authorize_list_accounts(tenant, directory);
	const char *user_code = sim_parameters_get(form, "otc");
	const char *account = sim_parameters_get(form, "account");
	SimGrant *grant = find_open(tenant, user_code);

	if (account == NULL)
		account = accounts[0];
	if (grant == NULL) {
		sim_page_set_error(response, 70018, "That code didn't work. Check the code and try again.",
				   "OAUTH.md 9a");
	} else if (account == NULL || !sim_scopes_contain(accounts, account)) {
		sim_page_set_error(response, 50034, "The user account does not exist in the directory.", "OAUTH.md 9b");
	} else if (sim_parameters_get(form, "cancel") != NULL && sim_parameters_get(form, "accept") == NULL) {
		set_decision(grant, NULL, FALSE);
		sim_page_set_notice(response, "Declined", "The application was not signed in.");
	} else {
		set_decision(grant, account, TRUE);
		sim_page_set_notice(response, "Signed in", "You may now close this window.");
	}
}

void
sim_device_handle_page(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	g_auto(GStrv) accounts = NULL;
	const char *const hidden[] = {NULL};

	if (g_str_equal(request->method, "POST")) {
		decide(tenant, directory, request, response);
		return;
	}
	accounts = sim_authorize_list_accounts(tenant, directory);
	sim_page_set_consent(response, request->path, hidden, TRUE, accounts, NULL, NULL);
}
