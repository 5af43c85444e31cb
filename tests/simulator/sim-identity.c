/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-identity.h"

#include "sim-authorize.h"
#include "sim-device.h"
#include "sim-key.h"
#include "sim-oauth-error.h"
#include "sim-page.h"
#include "sim-redeem.h"
#include "sim-scope.h"

typedef void (*Endpoint)(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response);

static void
set_json(SimResponse *response, guint status, JsonObject *object)
{
	sim_response_set_object(response, status, object);
	soup_message_headers_replace(response->headers, "Content-Type", "application/json; charset=utf-8");
}

static void
set_strings(JsonObject *object, const char *name, const char *const *values)
{
	JsonArray *array = json_array_new();

	for (; *values != NULL; values++)
		json_array_add_string_element(array, *values);
	json_object_set_array_member(object, name, array);
}

static void
set_uri(JsonObject *object, const char *name, const char *origin, const char *directory, const char *path)
{
	g_autofree char *uri = g_strdup_printf("%s/%s%s", origin, directory, path);

	json_object_set_string_member(object, name, uri);
}

/* OAUTH.md 1; the members are those of the service's own document. */
static void
handle_metadata(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	static const char *const auth_methods[] = {"client_secret_post", "private_key_jwt", "client_secret_basic", NULL};
	static const char *const modes[] = {"query", "fragment", "form_post", NULL};
	static const char *const types[] = {"code", NULL};
	static const char *const subjects[] = {"pairwise", NULL};
	static const char *const algorithms[] = {"RS256", NULL};
	static const char *const scopes[] = {"openid", "profile", "email", "offline_access", NULL};
	static const char *const claims[] = {"sub", "iss", "aud", "exp",   "iat",   "nonce", "preferred_username",
					     "name", "tid", "ver", "email", "oid", NULL};
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree char *userinfo = g_strconcat(request->origin, "/oidc/userinfo", NULL);
	const char *issuer = directory;

	if (g_str_equal(directory, "common") || g_str_equal(directory, "organizations"))
		issuer = "{tenantid}";
	else if (g_str_equal(directory, "consumers"))
		issuer = SIM_PERSONAL_DIRECTORY;
	else if (strchr(directory, '.') != NULL)
		issuer = SIM_WORK_DIRECTORY;
	set_uri(object, "token_endpoint", request->origin, directory, "/oauth2/v2.0/token");
	set_strings(object, "token_endpoint_auth_methods_supported", auth_methods);
	set_uri(object, "jwks_uri", request->origin, directory, "/discovery/v2.0/keys");
	set_strings(object, "response_modes_supported", modes);
	set_strings(object, "subject_types_supported", subjects);
	set_strings(object, "id_token_signing_alg_values_supported", algorithms);
	set_strings(object, "response_types_supported", types);
	set_strings(object, "scopes_supported", scopes);
	set_uri(object, "issuer", request->origin, issuer, "/v2.0");
	json_object_set_boolean_member(object, "request_uri_parameter_supported", FALSE);
	json_object_set_string_member(object, "userinfo_endpoint", userinfo);
	set_uri(object, "authorization_endpoint", request->origin, directory, "/oauth2/v2.0/authorize");
	set_uri(object, "device_authorization_endpoint", request->origin, directory, "/oauth2/v2.0/devicecode");
	json_object_set_boolean_member(object, "http_logout_supported", TRUE);
	json_object_set_boolean_member(object, "frontchannel_logout_supported", TRUE);
	set_uri(object, "end_session_endpoint", request->origin, directory, "/oauth2/v2.0/logout");
	set_strings(object, "claims_supported", claims);
	json_object_set_string_member(object, "tenant_region_scope", "EU");
	json_object_set_string_member(object, "cloud_instance_name", strstr(request->origin, "://") + 3);
	json_object_set_string_member(object, "cloud_graph_host_name", strstr(request->origin, "://") + 3);
	json_object_set_string_member(object, "msgraph_host", strstr(request->origin, "://") + 3);
	set_json(response, 200, object);
}

static void
handle_keys(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	g_autoptr(JsonObject) keys = NULL;

	keys = sim_key_describe(sim_tenant_get_key(tenant));
	set_json(response, 200, keys);
}

/* MSAL asks whether the host is an identity platform before anything else. */
static void
handle_instance(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	const char *endpoint = sim_request_get_parameter(request, "authorization_endpoint");
	g_autoptr(GUri) uri = endpoint != NULL ? g_uri_parse(endpoint, G_URI_FLAGS_ENCODED, NULL) : NULL;
	g_auto(GStrv) path = uri != NULL ? g_strsplit(g_uri_get_path(uri), "/", 3) : NULL;
	const char *asked = path != NULL && path[0] != NULL && path[1] != NULL ? path[1] : "common";
	const char *host = strstr(request->origin, "://") + 3;
	const char *const aliases[] = {host, NULL};
	g_autoptr(JsonObject) object = json_object_new();
	JsonObject *cloud = json_object_new();
	JsonArray *clouds = json_array_new();

	set_uri(object, "tenant_discovery_endpoint", request->origin, asked,
		"/v2.0/.well-known/openid-configuration");
	json_object_set_string_member(object, "api-version", "1.1");
	json_object_set_string_member(cloud, "preferred_network", host);
	json_object_set_string_member(cloud, "preferred_cache", host);
	set_strings(cloud, "aliases", aliases);
	json_array_add_object_element(clouds, cloud);
	json_object_set_array_member(object, "metadata", clouds);
	set_json(response, 200, object);
}

static void
handle_logout(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	sim_page_set_notice(response, "You signed out of your account", "It's a good idea to close all windows.");
}

/* OAUTH.md 1: on Graph's host, with Graph's token. */
static void
handle_userinfo(SimTenant *tenant, const SimRequest *request, SimResponse *response)
{
	const char *header = soup_message_headers_get_one(request->headers, "Authorization");
	const SimGrant *grant = header != NULL && g_ascii_strncasecmp(header, "Bearer ", 7) == 0
					? sim_tokens_find(tenant->tokens, SIM_TOKEN_ACCESS, header + 7)
					: NULL;
	g_autoptr(JsonObject) object = json_object_new();
	g_autofree char *name = NULL;

	if (grant == NULL || grant->revoked || sim_grant_is_over(grant) ||
	    !sim_scopes_contain(grant->scopes, "openid")) {
		sim_response_set_error(response, request, 401, "InvalidAuthenticationToken",
				       "Access token validation failure.", "OAUTH.md 1");
		return;
	}
	name = sim_graph_get_user_name(tenant->graph, grant->address);
	json_object_set_string_member(object, "sub", grant->address);
	json_object_set_string_member(object, "name", name != NULL ? name : grant->address);
	json_object_set_string_member(object, "email", grant->address);
	set_json(response, 200, object);
}

static const struct {
	const char *path; /* behind the tenant */
	const char *methods; /* %NULL: the endpoint says no itself */
	Endpoint handle;
	gboolean is_page;
} ENDPOINTS[] = {
	{"oauth2/v2.0/authorize", "GET, POST", sim_authorize_handle, TRUE},
	{"oauth2/v2.0/consent", "POST", sim_authorize_handle_consent, TRUE},
	{"oauth2/v2.0/token", NULL, sim_redeem_handle, FALSE},
	{"oauth2/v2.0/devicecode", NULL, sim_device_handle, FALSE},
	{"oauth2/v2.0/deviceauth", "GET, POST", sim_device_handle_page, TRUE},
	{"oauth2/v2.0/logout", "GET, POST", handle_logout, TRUE},
	{"v2.0/.well-known/openid-configuration", "GET", handle_metadata, FALSE},
	{"discovery/v2.0/keys", "GET", handle_keys, FALSE},
	{"discovery/instance", "GET", handle_instance, FALSE},
};

static void
handle_endpoint(SimTenant *tenant, guint index, const char *directory, const SimRequest *request,
		SimResponse *response)
{
	const char *client_id = soup_message_headers_get_one(request->headers, "client-request-id");
	const char *methods = ENDPOINTS[index].methods;
	g_auto(GStrv) list = g_strsplit(methods != NULL ? methods : request->method, ", ", -1);
	g_autofree char *message = NULL;

	/* OAUTH.md 4.3 */
	if (client_id != NULL)
		soup_message_headers_replace(response->headers, "client-request-id", client_id);
	if (!g_strv_contains((const char *const *)list, request->method)) {
		sim_response_set_text(response, 405, "text/plain", "Method not allowed.");
		soup_message_headers_replace(response->headers, "Allow", methods);
		response->refusal = g_strdup("The endpoint does not take this method (OAUTH.md 1)");
		return;
	}
	if (sim_tenant_is_known(tenant, directory)) {
		ENDPOINTS[index].handle(tenant, directory, request, response);
		return;
	}
	message = g_strdup_printf("Tenant '%s' not found. Check to make sure you have the correct tenant ID and are "
				  "signing into the correct cloud.",
				  directory);
	if (ENDPOINTS[index].is_page)
		sim_page_set_error(response, 90002, message, "OAUTH.md 9b");
	else
		sim_oauth_error_set(response, 400, "invalid_request", 90002, message, "OAUTH.md 9b");
}

void
sim_identity_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response)
{
	const char *rest = request->path[0] == '/' ? strchr(request->path + 1, '/') : NULL;

	if (g_str_equal(request->path, "/oidc/userinfo")) {
		handle_userinfo(tenant, request, response);
		return;
	}
	for (guint i = 0; rest != NULL && i < G_N_ELEMENTS(ENDPOINTS); i++)
		if (g_str_equal(rest + 1, ENDPOINTS[i].path)) {
			handle_endpoint(tenant, i, request->segments[0], request, response);
			return;
		}
	sim_response_set_text(response, 404, "text/html; charset=utf-8",
			      "<!DOCTYPE html><html><head><title>404</title></head></html>");
	response->refusal = g_strdup("There is no such endpoint (OAUTH.md 1)");
}
