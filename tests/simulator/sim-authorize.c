/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-authorize.h"

#include "sim-oauth-error.h"
#include "sim-page.h"
#include "sim-scope.h"

/* Seconds that a consent page may stay open. */
#define TICKET_LIFETIME 900

/* OAUTH.md 3: longest redirect URI. */
#define MAX_REDIRECT 256

GPtrArray *
sim_authorize_parse_form(const SimRequest *request)
{
	const char *type = soup_message_headers_get_content_type(request->headers, NULL);
	gsize length;
	const char *data = g_bytes_get_data(request->body, &length);
	g_autofree char *text = NULL;

	if (type == NULL || !g_str_equal(type, SOUP_FORM_MIME_TYPE_URLENCODED))
		return sim_parameters_parse("");
	text = g_strndup(data, length);
	return sim_parameters_parse(text);
}

char **
sim_authorize_list_accounts(SimTenant *tenant, const char *directory)
{
	g_auto(GStrv) users = sim_graph_list_users(tenant->graph);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (char **user = users; *user != NULL; user++)
		if (sim_tenant_admits(tenant, directory, *user))
			g_strv_builder_add(builder, *user);
	return g_strv_builder_end(builder);
}

/* OAUTH.md 3: loopback over http, any port, the path compared; a Web registration has one with a path too. */
static gboolean
is_registered(const SimClient *client, const char *redirect)
{
	g_autoptr(GUri) uri = g_uri_parse(redirect, G_URI_FLAGS_ENCODED, NULL);
	const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;
	const char *path = uri != NULL ? g_uri_get_path(uri) : NULL;

	if (host == NULL || strlen(redirect) > MAX_REDIRECT || !g_str_equal(g_uri_get_scheme(uri), "http") ||
	    g_uri_get_userinfo(uri) != NULL || g_uri_get_query(uri) != NULL || g_uri_get_fragment(uri) != NULL)
		return FALSE;
	if (g_ascii_strcasecmp(host, "localhost") != 0 && !g_str_equal(host, "127.0.0.1"))
		return FALSE;
	return *path == '\0' || g_str_equal(path, "/") ||
	       (client->secret != NULL && g_str_equal(path, "/callback"));
}

static void
add_field(GPtrArray *fields, const char *name, const char *value)
{
	g_autofree char *encoded_name = g_uri_escape_string(name, NULL, FALSE);
	g_autofree char *encoded = g_uri_escape_string(value, NULL, FALSE);
	g_autofree char *pair = g_strconcat(encoded_name, "=", encoded, NULL);
	g_autoptr(GPtrArray) parsed = sim_parameters_parse(pair);

	g_ptr_array_add(fields, g_ptr_array_steal_index(parsed, 0));
}

static char *
encode_fields(GPtrArray *fields)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < fields->len; i++) {
		const SimParameter *field = g_ptr_array_index(fields, i);
		g_autofree char *encoded = soup_form_encode(field->name, field->value, NULL);

		if (i > 0)
			g_string_append_c(text, '&');
		g_string_append(text, encoded);
	}
	return g_string_free(text, FALSE);
}

/* Sends the browser back to the client with @fields, in the mode that @grant asks for. */
static void
go_back(const SimGrant *grant, GPtrArray *fields, SimResponse *response)
{
	g_autoptr(GUri) uri = g_uri_parse(grant->redirect_uri, G_URI_FLAGS_ENCODED, NULL);
	g_autofree char *target =
		g_strconcat(grant->redirect_uri, *g_uri_get_path(uri) == '\0' ? "/" : "", NULL);
	g_autofree char *encoded = NULL;
	g_autofree char *location = NULL;

	if (grant->state != NULL)
		add_field(fields, "state", grant->state);
	if (g_str_equal(grant->response_mode, "form_post")) {
		sim_page_set_form_post(response, target, fields);
		return;
	}
	encoded = encode_fields(fields);
	location = g_strconcat(target, g_str_equal(grant->response_mode, "fragment") ? "#" : "?", encoded, NULL);
	sim_response_set_empty(response, 302);
	soup_message_headers_replace(response->headers, "Location", location);
	soup_message_headers_replace(response->headers, "Cache-Control", "no-store, no-cache");
}

/* @reference %NULL: nothing was wrong with the request. */
static void
go_back_with_error(const SimGrant *grant, const char *error, guint code, const char *message, const char *subcode,
		   const char *reference, SimResponse *response)
{
	g_autoptr(GPtrArray) fields = sim_parameters_parse("");
	g_autofree char *description = sim_oauth_error_describe(code, message);

	add_field(fields, "error", error);
	add_field(fields, "error_description", description);
	if (subcode != NULL)
		add_field(fields, "error_subcode", subcode);
	go_back(grant, fields, response);
	if (reference != NULL)
		response->refusal = g_strdup_printf("AADSTS%u: %s (%s)", code, message, reference);
}

void
sim_authorize_refuse(const SimRequest *request, const char *error, guint code, const char *message,
		     const char *subcode, SimResponse *response)
{
	const char *redirect = sim_request_get_parameter(request, "redirect_uri");
	const char *mode = sim_request_get_parameter(request, "response_mode");
	g_autoptr(SimGrant) grant = NULL;

	if (redirect == NULL) {
		sim_page_set_error(response, code, message, NULL);
		return;
	}
	grant = sim_grant_new("common", NULL, NULL, NULL);
	grant->redirect_uri = g_strdup(redirect);
	grant->state = g_strdup(sim_request_get_parameter(request, "state"));
	grant->response_mode = g_strdup(mode != NULL ? mode : "query");
	go_back_with_error(grant, error, code, message, subcode, NULL, response);
}

static gboolean
is_unreserved(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")] == '\0';
}

/* OAUTH.md 4.1. FALSE: the client was told what is wrong. */
static gboolean
check_challenge(SimGrant *grant, GPtrArray *parameters, SimResponse *response)
{
	const char *challenge = sim_parameters_get(parameters, "code_challenge");
	const char *method = sim_parameters_get(parameters, "code_challenge_method");
	gsize length = challenge != NULL ? strlen(challenge) : 0;

	/* the service lets a desktop client go without */
	if (challenge == NULL && method == NULL)
		return TRUE;
	if (method != NULL && !g_str_equal(method, "S256") && !g_str_equal(method, "plain")) {
		go_back_with_error(grant, "invalid_request", 50147, "The code_challenge_method is not supported.",
				   NULL, "OAUTH.md 4.1", response);
		return FALSE;
	}
	grant->plain_challenge = method == NULL || g_str_equal(method, "plain");
	if (length < 43 || length > (grant->plain_challenge ? 128 : 43) || !is_unreserved(challenge)) {
		go_back_with_error(grant, "invalid_request", 501491, "Invalid size of Code_Challenge parameter.", NULL,
				   "OAUTH.md 4.1", response);
		return FALSE;
	}
	grant->challenge = g_strdup(challenge);
	return TRUE;
}

static gboolean
check_scope(SimGrant *grant, GPtrArray *parameters, const char *origin, SimResponse *response)
{
	const char *scope = sim_parameters_get(parameters, "scope");
	g_auto(SimScopes) scopes = {NULL};
	SimScopeError error = {NULL};

	if (!sim_scopes_parse(scope != NULL ? scope : "", origin, &scopes, &error)) {
		go_back_with_error(grant, error.error, error.code, error.message, NULL, error.reference, response);
		g_free(error.message);
		return FALSE;
	}
	grant->scopes = g_steal_pointer(&scopes.names);
	grant->qualified_scopes = scopes.qualified;
	if (sim_scopes_find_restricted(grant->scopes) != NULL) {
		sim_page_set_error(response, 90094, "An administrator of contoso.example has set a policy that "
						    "prevents you from granting the permissions.",
				   "OAUTH.md 6");
		return FALSE;
	}
	return TRUE;
}

static gboolean
check_prompt(SimGrant *grant, GPtrArray *parameters, SimResponse *response)
{
	const char *prompt = sim_parameters_get(parameters, "prompt");
	static const char *const prompts[] = {"login", "consent", "select_account", NULL};

	if (prompt == NULL || g_strv_contains(prompts, prompt))
		return TRUE;
	if (g_str_equal(prompt, "none"))
		go_back_with_error(grant, "login_required", 50058,
				   "A silent sign-in request was sent but no user is signed in.", NULL, "OAUTH.md 9b",
				   response);
	else
		go_back_with_error(grant, "invalid_request", 90100, "The 'prompt' parameter is not valid.", NULL,
				   "OAUTH.md 4.1", response);
	return FALSE;
}

static gboolean
check_claims(SimGrant *grant, GPtrArray *parameters, SimResponse *response)
{
	const char *claims = sim_parameters_get(parameters, "claims");
	g_autoptr(JsonNode) node = claims != NULL ? json_from_string(claims, NULL) : NULL;

	if (claims == NULL || (node != NULL && JSON_NODE_HOLDS_OBJECT(node)))
		return TRUE;
	go_back_with_error(grant, "invalid_request", 90100, "The 'claims' parameter is not valid.", NULL,
			   "OAUTH.md 8", response);
	return FALSE;
}

/* The part of the checks whose failure must not reach the redirect URI. */
static SimGrant *
begin(SimTenant *tenant, const char *directory, GPtrArray *parameters, SimResponse *response)
{
	const char *id = sim_parameters_get(parameters, "client_id");
	const char *redirect = sim_parameters_get(parameters, "redirect_uri");
	const SimClient *client = sim_tenant_find_client(tenant, id);
	const char *repeated = sim_parameters_find_repeated(parameters);
	g_autofree char *message = NULL;
	SimGrant *grant;

	if (repeated != NULL) {
		message = g_strdup_printf("The parameter '%s' is duplicated.", repeated);
		sim_page_set_error(response, 9002313, message, "OAUTH.md 9b");
		return NULL;
	}
	if (id == NULL || redirect == NULL) {
		message = g_strdup_printf("The request must contain the following parameter: '%s'.",
					  id == NULL ? "client_id" : "redirect_uri");
		sim_page_set_error(response, 900144, message, "OAUTH.md 4.1");
		return NULL;
	}
	if (client == NULL) {
		message = g_strdup_printf("Application with identifier '%s' was not found in the directory '%s'.", id,
					  directory);
		sim_page_set_error(response, 700016, message, "OAUTH.md 9b");
		return NULL;
	}
	if (!is_registered(client, redirect)) {
		message = g_strdup_printf("The redirect URI '%s' specified in the request does not match the redirect "
					  "URIs configured for the application '%s'.",
					  redirect, id);
		sim_page_set_error(response, 50011, message, "OAUTH.md 3");
		return NULL;
	}
	grant = sim_grant_new(directory, client->id, NULL, NULL);
	grant->redirect_uri = g_strdup(redirect);
	grant->state = g_strdup(sim_parameters_get(parameters, "state"));
	grant->nonce = g_strdup(sim_parameters_get(parameters, "nonce"));
	grant->login_hint = g_strdup(sim_parameters_get(parameters, "login_hint"));
	grant->client_info = g_strcmp0(sim_parameters_get(parameters, "client_info"), "1") == 0;
	grant->response_mode = g_strdup("query");
	return grant;
}

static gboolean
check_response(SimGrant *grant, GPtrArray *parameters, SimResponse *response)
{
	const char *type = sim_parameters_get(parameters, "response_type");
	const char *mode = sim_parameters_get(parameters, "response_mode");
	static const char *const modes[] = {"query", "form_post", "fragment", NULL};

	if (mode != NULL && !g_strv_contains(modes, mode)) {
		go_back_with_error(grant, "invalid_request", 90100, "The 'response_mode' parameter is not valid.",
				   NULL, "OAUTH.md 4.1", response);
		return FALSE;
	}
	if (mode != NULL) {
		g_free(grant->response_mode);
		grant->response_mode = g_strdup(mode);
	}
	if (type == NULL) {
		go_back_with_error(grant, "invalid_request", 900144,
				   "The request must contain the following parameter: 'response_type'.", NULL,
				   "OAUTH.md 4.1", response);
		return FALSE;
	}
	if (!g_str_equal(type, "code")) {
		go_back_with_error(grant, "unsupported_response_type", 90100,
				   "The response_type is not supported for this application.", NULL, "OAUTH.md 4.1",
				   response);
		return FALSE;
	}
	return TRUE;
}

static void
show_consent(SimTenant *tenant, SimGrant *grant, SimResponse *response)
{
	g_auto(GStrv) accounts = sim_authorize_list_accounts(tenant, grant->tenant);
	g_autofree char *action = g_strdup_printf("/%s/oauth2/v2.0/consent", grant->tenant);
	g_auto(GStrv) scopes = g_strdupv(grant->scopes);
	g_autofree char *hint = g_strdup(grant->login_hint);
	g_autofree char *ticket = NULL;
	const char *hidden[] = {"ticket", NULL, NULL};

	if (accounts[0] == NULL) {
		sim_grant_free(grant);
		sim_page_set_error(response, 50020, "No user account of this tenant exists in that directory.",
				   "OAUTH.md 9b");
		return;
	}
	ticket = sim_tokens_issue(tenant->tokens, SIM_TOKEN_TICKET, grant, TICKET_LIFETIME);
	hidden[1] = ticket;
	sim_page_set_consent(response, action, hidden, FALSE, accounts, hint, scopes);
}

void
sim_authorize_handle(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	gboolean posted = g_str_equal(request->method, "POST");
	g_autoptr(GPtrArray) parameters =
		posted ? sim_authorize_parse_form(request) : g_ptr_array_ref(request->query);
	g_autoptr(SimGrant) grant = begin(tenant, directory, parameters, response);

	if (grant == NULL || !check_response(grant, parameters, response) ||
	    !check_challenge(grant, parameters, response) ||
	    !check_scope(grant, parameters, request->origin, response) ||
	    !check_prompt(grant, parameters, response) || !check_claims(grant, parameters, response))
		return;
	show_consent(tenant, g_steal_pointer(&grant), response);
}

/* OAUTH.md 4.2; `client_info` is what MSAL asks for. */
static void
accept(SimTenant *tenant, SimGrant *grant, SimResponse *response)
{
	g_autoptr(GPtrArray) fields = sim_parameters_parse("");
	g_autofree char *session = g_uuid_string_random();
	g_autofree char *code =
		sim_tokens_issue(tenant->tokens, SIM_TOKEN_CODE, sim_grant_copy(grant), tenant->code_lifetime);

	add_field(fields, "code", code);
	if (grant->client_info) {
		g_autofree char *id = sim_graph_get_user_id(tenant->graph, grant->address);
		g_autofree char *json = g_strdup_printf("{\"uid\":\"%s\",\"utid\":\"%s\"}", id,
							sim_tenant_get_directory_id(grant->address));
		g_autofree char *encoded = g_base64_encode((guchar *)json, strlen(json));

		encoded[strcspn(encoded, "=")] = '\0';
		add_field(fields, "client_info", encoded);
	}
	add_field(fields, "session_state", session);
	go_back(grant, fields, response);
}

void
sim_authorize_handle_consent(SimTenant *tenant, const char *directory, const SimRequest *request,
			     SimResponse *response)
{
	g_autoptr(GPtrArray) form = sim_authorize_parse_form(request);
	g_auto(GStrv) accounts = sim_authorize_list_accounts(tenant, directory);
	const char *ticket = sim_parameters_get(form, "ticket");
	const char *account = sim_parameters_get(form, "account");
	const SimGrant *known = sim_tokens_find(tenant->tokens, SIM_TOKEN_TICKET, ticket);
	g_autoptr(SimGrant) grant = NULL;

	if (known == NULL || sim_grant_is_over(known)) {
		sim_page_set_error(response, 9002313, "The page is out of date. Begin the sign-in again.",
				   "OAUTH.md 9b");
		return;
	}
	grant = sim_grant_copy(known);
	sim_tokens_remove(tenant->tokens, SIM_TOKEN_TICKET, ticket);
	if (sim_parameters_get(form, "cancel") != NULL && sim_parameters_get(form, "accept") == NULL) {
		go_back_with_error(grant, "access_denied", 65004, "User declined to consent to access the app.",
				   "cancel", NULL, response);
		return;
	}
	if (account == NULL)
		account = grant->login_hint != NULL && sim_scopes_contain(accounts, grant->login_hint)
				  ? grant->login_hint
				  : accounts[0];
	if (account == NULL || !sim_scopes_contain(accounts, account)) {
		sim_page_set_error(response, 50034, "The user account does not exist in the directory.",
				   "OAUTH.md 9b");
		return;
	}
	grant->address = g_strdup(account);
	sim_tenant_grant_scopes(grant);
	if (sim_tenant_find_refused(tenant, grant->scopes) != NULL) {
		/* OAUTH.md 6: the page asks for an administrator; from there a person goes back without consent. */
		go_back_with_error(grant, "access_denied", 90094,
				   "An administrator of contoso.example has set a policy that prevents you from "
				   "granting the permissions.",
				   NULL, NULL, response);
		return;
	}
	accept(tenant, grant, response);
}
