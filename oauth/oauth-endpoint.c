/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-endpoint.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-http.h"
#include "oauth-json.h"

#define DEFAULT_WAIT 60.0 /* seconds; OAUTH.md 4.4 */

void
oauth_trouble_clear(OauthTrouble *self)
{
	g_clear_pointer(&self->refusal, oauth_refusal_free);
	self->wait = 0;
	self->busy = FALSE;
}

char *
oauth_endpoint_build(const OauthConfig *config, const char *what)
{
	g_autofree char *origin = oauth_config_dup_identity_origin(config);
	g_autofree char *tenant = g_uri_escape_string(oauth_config_get_tenant(config), NULL, FALSE);

	return g_strdup_printf("%s/%s/oauth2/v2.0/%s", origin, tenant, what);
}

static gboolean
is_transient(guint status)
{
	return status == 408 || status == 429 || status >= 500;
}

/* Says why @answer, which is not 200, is no grant. */
static void
explain(const OauthAnswer *answer, OauthTrouble *trouble, GError **error)
{
	g_autoptr(JsonObject) object = oauth_json_parse(answer->body, answer->length);
	OauthError step;

	if (object != NULL)
		trouble->refusal = oauth_refusal_from_json(object);
	step = trouble->refusal != NULL ? oauth_refusal_get_step(trouble->refusal) : OAUTH_ERROR_PROTOCOL;
	if (is_transient(answer->status) || step == OAUTH_ERROR_UNAVAILABLE) {
		trouble->wait = answer->retry_after >= 0 ? answer->retry_after : DEFAULT_WAIT;
		trouble->busy = answer->status == 429 || answer->status == 503;
		g_clear_pointer(&trouble->refusal, oauth_refusal_free);
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
			    _("The sign-in service is busy (HTTP status %u). Try again later."), answer->status);
	} else if (trouble->refusal != NULL) {
		g_propagate_error(error, oauth_refusal_to_error(trouble->refusal));
	} else if (answer->status == 404) {
		g_set_error_literal(
			error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
			_("The sign-in server does not know this address. Check the tenant and the server."));
	} else {
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
			    _("The sign-in service gave an answer that cannot be understood (HTTP status %u)."),
			    answer->status);
	}
}

static OauthGrant *
post(const OauthConfig *config, const char *const *form, GTlsDatabase *tls_database, OauthTrouble *trouble,
     GCancellable *cancellable, GError **error)
{
	g_autofree char *uri = oauth_endpoint_build(config, "token");
	g_autofree char *scope = oauth_config_build_scope(config);
	g_autoptr(OauthAnswer) answer = oauth_http_post(uri, form, tls_database, cancellable, error);

	oauth_trouble_clear(trouble);
	if (answer == NULL)
		return NULL;
	g_debug("token endpoint: status %u, %" G_GSIZE_FORMAT " bytes", answer->status, answer->length);
	if (answer->status != 200) {
		explain(answer, trouble, error);
		return NULL;
	}
	return oauth_grant_parse(answer->body, answer->length, scope, answer->date, error);
}

/* An empty secret must not be sent at all (OAUTH.md 2). */
static const char *
or_null(const char *secret)
{
	return secret != NULL && *secret != '\0' ? secret : NULL;
}

OauthGrant *
oauth_endpoint_redeem(const OauthConfig *config, const char *client_secret, const char *code, const char *redirect_uri,
		      const char *verifier, const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble,
		      GCancellable *cancellable, GError **error)
{
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	g_autofree char *scope = oauth_config_build_scope(config);
	const char *const form[] = {
		"client_id", client_id,	     "grant_type",    "authorization_code",   "code",
		code,	     "redirect_uri", redirect_uri,    "code_verifier",	      verifier,
		"scope",     scope,	     "client_secret", or_null(client_secret), "claims",
		claims,	     NULL,
	};

	return post(config, form, tls_database, trouble, cancellable, error);
}

OauthGrant *
oauth_endpoint_refresh(const OauthConfig *config, const char *client_secret, const char *refresh_token,
		       const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble, GCancellable *cancellable,
		       GError **error)
{
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	g_autofree char *scope = oauth_config_build_scope(config);
	const char *const form[] = {
		"client_id",   client_id, "grant_type", "refresh_token", "refresh_token",
		refresh_token, "scope",	  scope,	"client_secret", or_null(client_secret),
		"claims",      claims,	  NULL,
	};

	return post(config, form, tls_database, trouble, cancellable, error);
}
