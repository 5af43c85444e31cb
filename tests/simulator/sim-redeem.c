/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-redeem.h"

#include "sim-authorize.h"
#include "sim-evaluation.h"
#include "sim-key.h"
#include "sim-oauth-error.h"
#include "sim-scope.h"

/* One token request on its way. */
typedef struct {
	SimTenant *tenant;
	const char *directory;
	const SimRequest *request;
	SimResponse *response;
	const SimClient *client;
	GPtrArray *form;
} Redemption;

static void
refuse_missing(SimResponse *response, const char *name)
{
	g_autofree char *message =
		g_strdup_printf("The request body must contain the following parameter: '%s'.", name);

	sim_oauth_error_set(response, 400, "invalid_request", 900144, message, "OAUTH.md 4.3");
}

/* OAUTH.md 4.3: HTTP Basic also works. Sets what the form does not have. */
static void
read_basic(const SimRequest *request, char **id, char **secret)
{
	const char *header = soup_message_headers_get_one(request->headers, "Authorization");
	g_autofree guchar *decoded = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) parts = NULL;
	gsize length;

	if (header == NULL || g_ascii_strncasecmp(header, "Basic ", 6) != 0)
		return;
	decoded = g_base64_decode(header + 6, &length);
	text = g_strndup((char *)decoded, length);
	parts = g_strsplit(text, ":", 2);
	if (parts[0] == NULL || parts[1] == NULL)
		return;
	if (*id == NULL)
		*id = g_uri_unescape_string(parts[0], NULL);
	if (*secret == NULL)
		*secret = g_uri_unescape_string(parts[1], NULL);
}

/* OAUTH.md 2. */
static gboolean
check_secret(const SimClient *client, const char *secret, SimResponse *response)
{
	if (client->secret == NULL && secret != NULL)
		sim_oauth_error_set(response, 401, "invalid_client", 700025,
				    "Client is public so neither 'client_assertion' nor 'client_secret' should be "
				    "presented.",
				    "OAUTH.md 2");
	else if (client->secret != NULL && (secret == NULL || *secret == '\0'))
		sim_oauth_error_set(response, 401, "invalid_client", 7000218,
				    "The request body must contain the following parameter: 'client_assertion' or "
				    "'client_secret'.",
				    "OAUTH.md 2");
	else if (client->secret != NULL && !g_str_equal(client->secret, secret))
		sim_oauth_error_set(response, 401, "invalid_client", 7000215,
				    "Invalid client secret provided. Ensure the secret being sent in the request is "
				    "the client secret value, not the client secret ID.",
				    "OAUTH.md 2");
	else
		return TRUE;
	return FALSE;
}

static GPtrArray *
parse_post(const SimRequest *request, SimResponse *response)
{
	const char *type = soup_message_headers_get_content_type(request->headers, NULL);
	g_autoptr(GPtrArray) form = NULL;
	g_autofree char *message = NULL;
	const char *repeated;

	if (!g_str_equal(request->method, "POST")) {
		message = g_strdup_printf("The endpoint only accepts POST requests. Received a %s request.",
					  request->method);
		sim_oauth_error_set(response, 405, "invalid_request", 900561, message, "OAUTH.md 4.3");
		soup_message_headers_replace(response->headers, "Allow", "POST");
		return NULL;
	}
	if (type == NULL || !g_str_equal(type, SOUP_FORM_MIME_TYPE_URLENCODED)) {
		sim_oauth_error_set(response, 400, "invalid_request", 9002313,
				    "The request must be application/x-www-form-urlencoded.", "OAUTH.md 4.3");
		return NULL;
	}
	form = sim_authorize_parse_form(request);
	repeated = sim_parameters_find_repeated(form);
	if (repeated != NULL) {
		message = g_strdup_printf("The parameter '%s' is duplicated.", repeated);
		sim_oauth_error_set(response, 400, "invalid_request", 9002313, message, "OAUTH.md 9b");
		return NULL;
	}
	return g_steal_pointer(&form);
}

GPtrArray *
sim_redeem_begin(SimTenant *tenant, const SimRequest *request, gboolean secret, SimResponse *response,
		 const SimClient **client)
{
	g_autoptr(GPtrArray) form = parse_post(request, response);
	g_autofree char *given_id = NULL;
	g_autofree char *given_secret = NULL;

	if (form == NULL)
		return NULL;
	given_id = g_strdup(sim_parameters_get(form, "client_id"));
	given_secret = g_strdup(sim_parameters_get(form, "client_secret"));
	read_basic(request, &given_id, &given_secret);
	if (given_id == NULL) {
		refuse_missing(response, "client_id");
		return NULL;
	}
	*client = sim_tenant_find_client(tenant, given_id);
	if (*client == NULL) {
		g_autofree char *message =
			g_strdup_printf("Application with identifier '%s' was not found in the directory.", given_id);

		sim_oauth_error_set(response, 400, "unauthorized_client", 700016, message, "OAUTH.md 9b");
		return NULL;
	}
	if ((secret || given_secret != NULL) && !check_secret(*client, given_secret, response))
		return NULL;
	return g_steal_pointer(&form);
}

static void
refuse_grant(Redemption *self, guint code, const char *message, const char *reference)
{
	sim_oauth_error_set(self->response, 400, "invalid_grant", code, message, reference);
}

/* base64url(SHA-256(ASCII verifier)), RFC 7636 4.2. */
static char *
make_challenge(const char *verifier)
{
	guint8 digest[32];
	gsize length = sizeof digest;
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	char *text;

	g_checksum_update(checksum, (const guchar *)verifier, -1);
	g_checksum_get_digest(checksum, digest, &length);
	text = g_base64_encode(digest, length);
	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

static gboolean
is_verified(const SimGrant *grant, const char *verifier)
{
	g_autofree char *challenge = NULL;
	gsize length = verifier != NULL ? strlen(verifier) : 0;

	if (grant->challenge == NULL)
		return verifier == NULL;
	if (length < 43 || length > 128)
		return FALSE;
	challenge = grant->plain_challenge ? g_strdup(verifier) : make_challenge(verifier);
	return g_str_equal(challenge, grant->challenge);
}

static char *
make_id_token(Redemption *self, const SimGrant *grant)
{
	SimTenant *tenant = self->tenant;
	g_autoptr(JsonObject) claims = json_object_new();
	g_autofree char *oid = sim_graph_get_user_id(tenant->graph, grant->address);
	g_autofree char *name = sim_graph_get_user_name(tenant->graph, grant->address);
	const char *tid = sim_tenant_get_directory_id(grant->address);
	g_autofree char *issuer = g_strdup_printf("%s/%s/v2.0", self->request->origin, tid);
	g_autofree char *pair = g_strdup_printf("%s %s", oid, grant->client_id);
	g_autofree char *subject = g_compute_checksum_for_string(G_CHECKSUM_SHA256, pair, -1);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	json_object_set_string_member(claims, "aud", grant->client_id);
	json_object_set_string_member(claims, "iss", issuer);
	json_object_set_int_member(claims, "iat", now);
	json_object_set_int_member(claims, "nbf", now);
	json_object_set_int_member(claims, "exp", now + 3600);
	json_object_set_string_member(claims, "sub", subject);
	json_object_set_string_member(claims, "tid", tid);
	json_object_set_string_member(claims, "ver", "2.0");
	if (grant->nonce != NULL)
		json_object_set_string_member(claims, "nonce", grant->nonce);
	if (sim_scopes_contain(grant->scopes, "profile")) {
		json_object_set_string_member(claims, "oid", oid);
		json_object_set_string_member(claims, "name", name);
		json_object_set_string_member(claims, "preferred_username", grant->address);
	}
	if (sim_scopes_contain(grant->scopes, "email"))
		json_object_set_string_member(claims, "email", grant->address);
	return sim_key_sign(sim_tenant_get_key(tenant), claims);
}

/*
 * OAUTH.md 4.3, 6, 10: the `scope` of a token request is optional, for one resource, and a part of what was
 * consented. Narrows @grant to it.
 */
static gboolean
narrow_scopes(Redemption *self, SimGrant *grant)
{
	const char *text = sim_parameters_get(self->form, "scope");
	g_auto(SimScopes) scopes = {NULL};
	SimScopeError error = {NULL};

	if (text == NULL)
		return TRUE;
	if (!sim_scopes_parse(text, self->request->origin, &scopes, &error)) {
		sim_oauth_error_set(self->response, 400, error.error, error.code, error.message, error.reference);
		g_free(error.message);
		return FALSE;
	}
	for (char **name = scopes.names; *name != NULL; name++)
		if ((!sim_scopes_contain(grant->scopes, *name) ||
		     (self->tenant->admin_scopes != NULL && sim_scopes_contain(self->tenant->admin_scopes, *name))) &&
		    g_str_equal(sim_tenant_get_directory_id(grant->address), SIM_WORK_DIRECTORY)) {
			sim_oauth_error_set_full(self->response, 400, "invalid_grant", 65001,
						 "The user or administrator has not consented to use the application.",
						 "consent_required", NULL);
			self->response->refusal =
				g_strdup_printf("AADSTS65001: '%s' was not consented (OAUTH.md 6)", *name);
			return FALSE;
		}
	g_strfreev(grant->scopes);
	grant->scopes = g_steal_pointer(&scopes.names);
	grant->qualified_scopes = scopes.qualified;
	sim_tenant_grant_scopes(grant);
	return TRUE;
}

static void
add_client_info(Redemption *self, JsonObject *answer, const SimGrant *grant)
{
	g_autofree char *oid = sim_graph_get_user_id(self->tenant->graph, grant->address);
	g_autofree char *json =
		g_strdup_printf("{\"uid\":\"%s\",\"utid\":\"%s\"}", oid, sim_tenant_get_directory_id(grant->address));
	g_autofree char *encoded = g_base64_encode((guchar *)json, strlen(json));

	encoded[strcspn(encoded, "=")] = '\0';
	json_object_set_string_member(answer, "client_info", encoded);
}

/* OAUTH.md 4.4. @grant is what was consented, whole. */
static gboolean
answer_tokens(Redemption *self, const SimGrant *grant)
{
	SimTenant *tenant = self->tenant;
	g_autoptr(JsonObject) answer = json_object_new();
	g_autoptr(SimGrant) narrow = sim_grant_copy(grant);
	g_autofree char *oid = sim_graph_get_user_id(tenant->graph, grant->address);
	g_autofree char *access = NULL;
	g_autofree char *scope = NULL;

	if (oid == NULL) {
		refuse_grant(self, 50034, "The user account does not exist in the directory.", "OAUTH.md 9b");
		return FALSE;
	}
	if (!narrow_scopes(self, narrow))
		return FALSE;
	scope = sim_scopes_describe(narrow->scopes, narrow->qualified_scopes, self->request->origin);
	narrow->capable = sim_evaluation_is_capable(sim_parameters_get(self->form, "claims"));
	access = sim_tokens_issue(tenant->tokens, SIM_TOKEN_ACCESS, sim_grant_copy(narrow), tenant->access_lifetime);
	json_object_set_string_member(answer, "token_type", "Bearer");
	json_object_set_string_member(answer, "scope", scope);
	json_object_set_int_member(answer, "expires_in", tenant->access_lifetime);
	json_object_set_int_member(answer, "ext_expires_in", tenant->access_lifetime);
	json_object_set_string_member(answer, "access_token", access);
	if (sim_scopes_contain(grant->scopes, "offline_access")) {
		g_autofree char *refresh = sim_tokens_issue(tenant->tokens, SIM_TOKEN_REFRESH, sim_grant_copy(grant),
							    SIM_REFRESH_LIFETIME);

		json_object_set_string_member(answer, "refresh_token", refresh);
	}
	if (sim_scopes_contain(narrow->scopes, "openid")) {
		g_autofree char *id_token = make_id_token(self, narrow);

		json_object_set_string_member(answer, "id_token", id_token);
		g_ptr_array_add(tenant->confided, g_strdup(id_token));
	}
	if (g_strcmp0(sim_parameters_get(self->form, "client_info"), "1") == 0)
		add_client_info(self, answer, grant);
	sim_response_set_object(self->response, 200, answer);
	soup_message_headers_replace(self->response->headers, "Content-Type", "application/json; charset=utf-8");
	soup_message_headers_replace(self->response->headers, "Cache-Control", "no-store, no-cache");
	return TRUE;
}

static void
redeem_code(Redemption *self)
{
	const char *code = sim_parameters_get(self->form, "code");
	const char *redirect = sim_parameters_get(self->form, "redirect_uri");
	const char *verifier = sim_parameters_get(self->form, "code_verifier");
	SimGrant *grant = sim_tokens_find(self->tenant->tokens, SIM_TOKEN_CODE, code);

	if (code == NULL)
		refuse_missing(self->response, "code");
	else if (redirect == NULL)
		refuse_missing(self->response, "redirect_uri");
	else if (grant == NULL)
		refuse_grant(self, 70000, "The provided value for the 'code' parameter is not valid.", "OAUTH.md 9b");
	else if (grant->used)
		refuse_grant(self, 54005, "OAuth2 Authorization code was already redeemed.", "OAUTH.md 4.2");
	else if (sim_grant_is_over(grant))
		refuse_grant(self, 70008, "The provided authorization code has expired.", "OAUTH.md 4.2");
	else if (!g_str_equal(grant->client_id, self->client->id))
		refuse_grant(self, 70000, "The code was issued to another application.", "OAUTH.md 9b");
	else if (g_ascii_strcasecmp(grant->tenant, self->directory) != 0)
		refuse_grant(self, 700005, "Provided authorization code is intended to use against another tenant.",
			     "OAUTH.md 1");
	else if (!g_str_equal(grant->redirect_uri, redirect))
		refuse_grant(self, 70000, "The reply address does not match the one provided for the code.",
			     "OAUTH.md 3");
	else if (!is_verified(grant, verifier))
		refuse_grant(self, 501481,
			     "The Code_Verifier does not match the code_challenge supplied in the "
			     "authorization request.",
			     "OAUTH.md 9b");
	else
		grant->used = answer_tokens(self, grant);
}

static void
redeem_refresh_token(Redemption *self)
{
	const char *token = sim_parameters_get(self->form, "refresh_token");
	SimGrant *grant = sim_tokens_find(self->tenant->tokens, SIM_TOKEN_REFRESH, token);

	if (token == NULL)
		refuse_missing(self->response, "refresh_token");
	else if (grant == NULL)
		refuse_grant(self, 70000, "The provided value for the 'refresh_token' parameter is not valid.",
			     "OAUTH.md 9b");
	else if (!g_str_equal(grant->client_id, self->client->id))
		refuse_grant(self, 70000, "The refresh token was issued to another application.", "OAUTH.md 10");
	else if (grant->revoked)
		refuse_grant(self, 50173, "The provided grant has expired due to it being revoked.", "OAUTH.md 10");
	else if (sim_grant_is_over(grant))
		refuse_grant(self, 700082, "The refresh token has expired due to inactivity.", "OAUTH.md 10");
	else if (!sim_tenant_admits(self->tenant, self->directory, grant->address))
		refuse_grant(self, 50020, "The user account does not exist in that tenant.", "OAUTH.md 9b");
	else if (!sim_evaluation_refuses(self->tenant, grant, self->response) && answer_tokens(self, grant) &&
		 self->tenant->rotate)
		grant->revoked = TRUE;
}

/* RFC 8628 3.5: five seconds more, for this and all later polls. */
static void
slow_down(Redemption *self, SimGrant *grant, const char *reference)
{
	grant->interval += 5;
	sim_oauth_error_set(self->response, 400, "slow_down", 70016, "The polls come too fast.", reference);
}

/*
 * OAUTH.md 9a. A poll too soon after another is told to slow down, RFC 8628 3.5. The first may come at once: MSAL for
 * Node begins so, and a slow_down ends its sign-in. In strict mode the wait begins with the code.
 */
static void
redeem_device_code(Redemption *self)
{
	const char *code = sim_parameters_get(self->form, "device_code");
	SimGrant *grant = sim_tokens_find(self->tenant->tokens, SIM_TOKEN_DEVICE, code);
	gint64 now = g_get_monotonic_time();
	gboolean hasty;

	if (code == NULL) {
		refuse_missing(self->response, "device_code");
		return;
	}
	if (grant == NULL || grant->used || !g_str_equal(grant->client_id, self->client->id)) {
		sim_oauth_error_set(self->response, 400, "bad_verification_code", 70018,
				    "Invalid verification code due to User typing in wrong user code or the code "
				    "being used.",
				    "OAUTH.md 9a");
		return;
	}
	if (g_ascii_strcasecmp(grant->tenant, self->directory) != 0) {
		refuse_grant(self, 700005, "Provided device code is intended to use against another tenant.",
			     "OAUTH.md 1");
		return;
	}
	/* a tenth of the interval is left to clocks and timers */
	hasty = grant->last_poll != 0 && now - grant->last_poll < grant->interval * (G_USEC_PER_SEC / 10 * 9);
	grant->last_poll = now;
	if (sim_grant_is_over(grant))
		sim_oauth_error_set(self->response, 400, "expired_token", 70020, "The device code has expired.", NULL);
	else if (grant->decision == SIM_DECISION_DECLINED)
		sim_oauth_error_set(self->response, 400, "authorization_declined", 65004,
				    "User declined to consent to access the app.", NULL);
	else if (grant->decision == SIM_DECISION_ACCEPTED)
		grant->used = answer_tokens(self, grant);
	else if (hasty)
		slow_down(self, grant, "OAUTH.md 9a");
	else if (self->tenant->device_slow > 0) {
		self->tenant->device_slow--;
		slow_down(self, grant, NULL);
	} else
		sim_oauth_error_set(self->response, 400, "authorization_pending", 70016,
				    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.", NULL);
}

/* OAUTH.md 8: `claims` is a JSON object. */
static gboolean
check_claims(Redemption *self)
{
	const char *claims = sim_parameters_get(self->form, "claims");
	g_autoptr(JsonNode) node = claims != NULL ? json_from_string(claims, NULL) : NULL;

	if (claims == NULL || (node != NULL && JSON_NODE_HOLDS_OBJECT(node)))
		return TRUE;
	sim_oauth_error_set(self->response, 400, "invalid_request", 90100, "The 'claims' parameter is not valid.",
			    "OAUTH.md 8");
	return FALSE;
}

/* What no log and no file of the client may hold; see the control `secrets`. */
static void
confide(SimTenant *tenant, const char *secret)
{
	if (secret != NULL)
		g_ptr_array_add(tenant->confided, g_strdup(secret));
}

void
sim_redeem_handle(SimTenant *tenant, const char *directory, const SimRequest *request, SimResponse *response)
{
	Redemption self = {tenant, directory, request, response, NULL, NULL};
	g_autoptr(GPtrArray) form = sim_redeem_begin(tenant, request, TRUE, response, &self.client);
	const char *type;

	if (form == NULL)
		return;
	self.form = form;
	confide(tenant, sim_parameters_get(form, "code_verifier"));
	confide(tenant, sim_parameters_get(form, "client_secret"));
	type = sim_parameters_get(form, "grant_type");
	if (type == NULL)
		refuse_missing(response, "grant_type");
	else if (!check_claims(&self))
		return;
	else if (g_str_equal(type, "authorization_code"))
		redeem_code(&self);
	else if (g_str_equal(type, "refresh_token"))
		redeem_refresh_token(&self);
	else if (g_str_equal(type, "urn:ietf:params:oauth:grant-type:device_code") || g_str_equal(type, "device_code"))
		redeem_device_code(&self);
	else
		sim_oauth_error_set(response, 400, "unsupported_grant_type", 70003,
				    "The app requested an unsupported grant type.", "OAUTH.md 7");
}
