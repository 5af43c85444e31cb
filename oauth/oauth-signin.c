/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-signin.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "oauth-challenge.h"
#include "oauth-cloud.h"
#include "oauth-endpoint.h"
#include "oauth-error.h"
#include "oauth-listener.h"
#include "oauth-pause.h"
#include "oauth-pkce.h"

#define MAX_REDEMPTIONS 3
#define MAX_WAIT 60.0 /* seconds; a code lives ten minutes */

void
oauth_signin_free(OauthSignin *self)
{
	if (self == NULL)
		return;
	oauth_grant_free(self->grant);
	oauth_claims_free(self->claims);
	g_free(self);
}

static char *
build_redirect(const OauthConfig *config, guint port)
{
	const char *host =
		config->redirect_host != NULL && *config->redirect_host != '\0' ? config->redirect_host : "localhost";

	return g_strdup_printf("http://%s:%u%s", host, port,
			       config->redirect_path != NULL ? config->redirect_path : "");
}

static void
append(GString *uri, const char *name, const char *value)
{
	g_string_append_c(uri, strchr(uri->str, '?') == NULL ? '?' : '&');
	g_string_append_printf(uri, "%s=", name);
	g_string_append_uri_escaped(uri, value, NULL, FALSE);
}

/* OAUTH.md 4.1; it takes one prompt. */
static char *
build_authorize_uri(const OauthConfig *config, const OauthPkce *pkce, const char *redirect_uri, const char *login_hint,
		    gboolean consent, const char *claims)
{
	g_autofree char *endpoint = oauth_endpoint_build(config, "authorize");
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	g_autofree char *scope = oauth_config_build_scope(config);
	g_autofree char *all_claims = oauth_challenge_build_claims(claims);
	GString *uri = g_string_new(endpoint);

	append(uri, "client_id", client_id);
	append(uri, "response_type", "code");
	append(uri, "redirect_uri", redirect_uri);
	append(uri, "scope", scope);
	append(uri, "response_mode", config->response_mode == OAUTH_RESPONSE_MODE_QUERY ? "query" : "form_post");
	append(uri, "state", pkce->state);
	append(uri, "code_challenge", pkce->challenge);
	append(uri, "code_challenge_method", "S256");
	append(uri, "nonce", pkce->nonce);
	if (login_hint != NULL)
		append(uri, "login_hint", login_hint);
	if (consent)
		append(uri, "prompt", "consent");
	else if (login_hint == NULL)
		append(uri, "prompt", "select_account");
	append(uri, "claims", all_claims);
	return g_string_free(uri, FALSE);
}

static gboolean
show(OauthOpenUri open_uri, gpointer user_data, const char *uri, GError **error)
{
	g_autoptr(GError) cause = NULL;

	if (open_uri(uri, user_data, &cause))
		return TRUE;
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	else
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_FAILED, _("The browser could not be started."));
	return FALSE;
}

/* A service that was too busy to look at the code is asked again while the code lives. */
static OauthGrant *
redeem(const OauthConfig *config, const char *client_secret, const char *code, const char *redirect_uri,
       const char *verifier, const char *claims, GTlsDatabase *tls_database, GCancellable *cancellable, GError **error)
{
	g_auto(OauthTrouble) trouble = {0};

	for (guint i = 1;; i++) {
		g_autoptr(GError) cause = NULL;
		OauthGrant *grant = oauth_endpoint_redeem(config, client_secret, code, redirect_uri, verifier, claims,
							  tls_database, &trouble, cancellable, &cause);

		if (grant != NULL)
			return grant;
		if (i == MAX_REDEMPTIONS || !trouble.busy || trouble.wait > MAX_WAIT) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return NULL;
		}
		if (!oauth_pause(trouble.wait, cancellable, error))
			return NULL;
	}
}

/* `https://{host}/{one segment}/v2.0`, and the segment is the tenant where that is a GUID */
static gboolean
is_entra_issuer(const char *origin, const char *tenant, const char *issuer)
{
	g_autofree char *prefix = g_strconcat(origin, "/", NULL);
	g_autofree char *found = NULL;
	const char *end;

	if (!g_str_has_prefix(issuer, prefix) || !g_str_has_suffix(issuer, "/v2.0"))
		return FALSE;
	end = strchr(issuer + strlen(prefix), '/');
	if (end == NULL || !g_str_equal(end, "/v2.0"))
		return FALSE;
	found = g_strndup(issuer + strlen(prefix), end - issuer - strlen(prefix));
	if (!g_uuid_string_is_valid(found))
		return FALSE;
	return !g_uuid_string_is_valid(tenant) || g_ascii_strcasecmp(found, tenant) == 0;
}

gboolean
oauth_signin_check_issuer(const OauthConfig *config, const char *issuer, const char *token_issuer)
{
	g_autofree char *origin = oauth_config_dup_identity_origin(config);

	if (issuer == NULL)
		return TRUE;
	if (!oauth_cloud_is_known_identity(origin))
		return g_strcmp0(issuer, token_issuer) == 0 || g_str_equal(issuer, origin) ||
		       (g_str_has_prefix(issuer, origin) && issuer[strlen(origin)] == '/');
	return is_entra_issuer(origin, oauth_config_get_tenant(config), issuer) && g_strcmp0(issuer, token_issuer) == 0;
}

OauthClaims *
oauth_signin_identify(const OauthConfig *config, const OauthGrant *grant, const char *nonce, GError **error)
{
	g_autofree char *origin = oauth_config_dup_identity_origin(config);
	OauthClaims *claims;

	if (grant->id_token != NULL)
		return oauth_claims_parse(grant->id_token, config, nonce, grant->date, error);
	if (oauth_cloud_is_known_identity(origin)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
				    _("The sign-in service does not say who signed in."));
		return NULL;
	}
	claims = g_new0(OauthClaims, 1);
	claims->home = g_steal_pointer(&origin);
	return claims;
}

OauthSignin *
oauth_signin_run(const OauthConfig *config, const char *client_secret, const char *login_hint, gboolean consent,
		 const char *claims, GTlsDatabase *tls_database, OauthOpenUri open_uri, gpointer user_data,
		 guint timeout, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthSignin) self = g_new0(OauthSignin, 1);
	const char *path =
		config->redirect_path != NULL && *config->redirect_path != '\0' ? config->redirect_path : "/";
	g_autoptr(OauthPkce) pkce = NULL;
	g_autoptr(OauthListener) listener = NULL;
	g_autoptr(OauthCallback) callback = NULL;
	g_autofree char *redirect_uri = NULL;
	char *uri;
	gboolean shown;

	if (!oauth_config_validate(config, error))
		return NULL;
	pkce = oauth_pkce_new(error);
	if (pkce == NULL)
		return NULL;
	listener = oauth_listener_new(path, pkce->state, config->response_mode, error);
	if (listener == NULL)
		return NULL;
	redirect_uri = build_redirect(config, oauth_listener_get_port(listener));
	uri = build_authorize_uri(config, pkce, redirect_uri, login_hint, consent, claims);
	shown = show(open_uri, user_data, uri, error);
	oauth_token_free(uri);
	if (!shown)
		return NULL;

	callback = oauth_listener_wait(listener, timeout, cancellable, error);
	if (callback == NULL)
		return NULL;
	if (callback->refusal != NULL) {
		g_propagate_error(error, oauth_refusal_to_error(callback->refusal));
		return NULL;
	}
	self->grant = redeem(config, client_secret, callback->code, redirect_uri, pkce->verifier, claims, tls_database,
			     cancellable, error);
	if (self->grant == NULL)
		return NULL;
	self->claims = oauth_signin_identify(config, self->grant, pkce->nonce, error);
	if (self->claims == NULL)
		return NULL;
	if (!oauth_signin_check_issuer(config, callback->issuer, self->claims->issuer)) {
		g_set_error_literal(
			error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
			_("The browser's answer came from another sign-in server than the one that was asked."));
		return NULL;
	}
	return g_steal_pointer(&self);
}
