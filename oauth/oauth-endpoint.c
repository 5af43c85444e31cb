/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-endpoint.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-challenge.h"
#include "oauth-http.h"
#include "oauth-json.h"

#define DEFAULT_WAIT 60.0 /* seconds; OAUTH.md 4.4 */

void
oauth_trouble_clear(OauthTrouble *self)
{
	g_clear_pointer(&self->refusal, oauth_refusal_free);
	self->wait = 0;
	self->told = FALSE;
	self->busy = FALSE;
	self->unlooked = FALSE;
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
		trouble->told = answer->retry_after >= 0;
		trouble->busy = answer->status == 429 || answer->status == 503;
		g_clear_pointer(&trouble->refusal, oauth_refusal_free);
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
			    _("The sign-in service is busy (HTTP status %u). Try again later."), answer->status);
	} else if (trouble->refusal != NULL) {
		g_propagate_error(error, oauth_refusal_to_error(trouble->refusal));
	} else if (answer->status == 407) {
		g_set_error_literal(
			error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
			_("The proxy wants a user name and a password. Set them in the proxy settings, then try "
			  "again."));
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

/* A hotel's network, or a proxy, answers for the service. */
static gboolean
is_page(const OauthAnswer *answer)
{
	return answer->status == 200 && answer->length > 0 && answer->body[strspn(answer->body, " \t\r\n")] == '<';
}

/* What the endpoint answers with status 200 */
static OauthAnswer *
post(const OauthConfig *config, const char *what, const char *const *form, GTlsDatabase *tls_database,
     OauthTrouble *trouble, GCancellable *cancellable, GError **error)
{
	g_autofree char *uri = oauth_endpoint_build(config, what);
	g_autoptr(OauthAnswer) answer = oauth_http_post(uri, form, tls_database, config->proxy, cancellable, error);

	oauth_trouble_clear(trouble);
	if (answer == NULL)
		return NULL;
	g_debug("%s endpoint: status %u, %" G_GSIZE_FORMAT " bytes", what, answer->status, answer->length);
	if (is_page(answer)) {
		g_set_error_literal(
			error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
			_("A web page came in place of the sign-in service's answer. The network may want a "
			  "sign-in of its own: open any page in the browser, then try again."));
		return NULL;
	}
	if (answer->status == 200)
		return g_steal_pointer(&answer);
	explain(answer, trouble, error);
	return NULL;
}

static OauthGrant *
ask_for_grant(const OauthConfig *config, const char *const *form, GTlsDatabase *tls_database, OauthTrouble *trouble,
	      GCancellable *cancellable, GError **error)
{
	g_autofree char *scope = oauth_config_build_scope(config);
	g_autoptr(OauthAnswer) answer = post(config, "token", form, tls_database, trouble, cancellable, error);

	if (answer == NULL)
		return NULL;
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
	g_autofree char *all_claims = oauth_challenge_build_claims(claims);
	g_autofree char *scope = oauth_config_build_scope(config);
	const char *const form[] = {
		"client_id", client_id,	     "grant_type",    "authorization_code",   "code",
		code,	     "redirect_uri", redirect_uri,    "code_verifier",	      verifier,
		"scope",     scope,	     "client_secret", or_null(client_secret), "claims",
		all_claims,  NULL,
	};

	return ask_for_grant(config, form, tls_database, trouble, cancellable, error);
}

OauthGrant *
oauth_endpoint_refresh(const OauthConfig *config, const char *client_secret, const char *refresh_token,
		       const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble, GCancellable *cancellable,
		       GError **error)
{
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	g_autofree char *all_claims = oauth_challenge_build_claims(claims);
	g_autofree char *scope = oauth_config_build_scope(config);
	const char *const form[] = {
		"client_id",   client_id,  "grant_type", "refresh_token", "refresh_token",
		refresh_token, "scope",	   scope,	 "client_secret", or_null(client_secret),
		"claims",      all_claims, NULL,
	};

	return ask_for_grant(config, form, tls_database, trouble, cancellable, error);
}

OauthDeviceCode *
oauth_endpoint_begin_device(const OauthConfig *config, const char *client_secret, const char *claims,
			    GTlsDatabase *tls_database, OauthTrouble *trouble, GCancellable *cancellable,
			    GError **error)
{
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	g_autofree char *all_claims = oauth_challenge_build_claims(claims);
	g_autofree char *scope = oauth_config_build_scope(config);
	const char *const form[] = {
		"client_id", client_id,	 "scope", scope, "client_secret", or_null(client_secret),
		"claims",    all_claims, NULL,
	};
	g_autoptr(OauthAnswer) answer = post(config, "devicecode", form, tls_database, trouble, cancellable, error);

	if (answer == NULL)
		return NULL;
	return oauth_device_code_parse(answer->body, answer->length, g_get_monotonic_time(), error);
}

OauthGrant *
oauth_endpoint_poll_device(const OauthConfig *config, const char *client_secret, const char *device_code,
			   const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble,
			   GCancellable *cancellable, GError **error)
{
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	g_autofree char *all_claims = oauth_challenge_build_claims(claims);
	const char *const form[] = {
		"client_id",
		client_id,
		"grant_type",
		"urn:ietf:params:oauth:grant-type:device_code",
		"device_code",
		device_code,
		"client_secret",
		or_null(client_secret),
		"claims",
		all_claims,
		NULL,
	};

	return ask_for_grant(config, form, tls_database, trouble, cancellable, error);
}
