/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-renewal.h"

#include <glib/gi18n-lib.h>

#include "oauth-authorizer.h"
#include "oauth-error.h"
#include "oauth-pause.h"

/* For another process's token on its way into the keyring: at once, then after 100, 200, 400 and 800 ms. */
#define LOOKS 5
#define FIRST_PAUSE_MS 100

gboolean
oauth_renewal_load(OauthKeyring *keyring, const OauthConfig *config, OauthCredential **credential, gboolean *found,
		   GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *text = oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, cancellable, &cause);

	*credential = NULL;
	*found = text != NULL;
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	if (text != NULL)
		*credential = oauth_credential_parse(text);
	oauth_token_free(text);
	return TRUE;
}

/* Not cancellable: a token that was rotated is stored even when nobody waits for it any more. */
void
oauth_renewal_save(OauthKeyring *keyring, const OauthConfig *config, const OauthCredential *credential)
{
	g_autoptr(GError) error = NULL;
	char *text = oauth_credential_to_string(credential);

	if (!oauth_keyring_store(keyring, config, OAUTH_SECRET_REFRESH, text, NULL, &error))
		g_debug("keyring: %s", error->message);
	oauth_token_free(text);
}

OauthCredential *
oauth_renewal_merge(const OauthConfig *config, const OauthGrant *grant, const OauthClaims *claims,
		    const OauthCredential *before)
{
	OauthCredential *credential = before != NULL ? oauth_credential_copy(before) : g_new0(OauthCredential, 1);

	if (grant->refresh_token != NULL) {
		oauth_token_free(credential->refresh_token);
		credential->refresh_token = g_strdup(grant->refresh_token);
	}
	g_free(credential->scope);
	credential->scope = g_strdup(grant->scope);
	g_free(credential->tenant);
	credential->tenant = g_strdup(oauth_config_get_tenant(config));
	if (claims == NULL)
		return credential;
	g_free(credential->home);
	g_free(credential->username);
	g_free(credential->name);
	credential->home = g_strdup(claims->home);
	credential->username = g_strdup(claims->username);
	credential->name = g_strdup(claims->name);
	return credential;
}

char *
oauth_renewal_get_client_secret(OauthKeyring *keyring, const OauthConfig *config, GCancellable *cancellable,
				GError **error)
{
	return oauth_keyring_lookup(keyring, config, OAUTH_SECRET_CLIENT, cancellable, error);
}

/* Whether an id token that came with a refresh names somebody else; one that cannot be read says nothing. */
static gboolean
is_somebody_else(const OauthConfig *config, const OauthGrant *grant, const OauthCredential *credential)
{
	g_autoptr(OauthClaims) claims = NULL;

	if (grant->id_token == NULL)
		return FALSE;
	claims = oauth_claims_parse(grant->id_token, config, NULL, grant->date, NULL);
	return claims != NULL && !g_str_equal(claims->home, credential->home);
}

OauthCredential *
oauth_renewal_find_newer(OauthKeyring *keyring, const OauthConfig *config, const OauthCredential *credential,
			 GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthCredential) stored = NULL;
	gboolean found;

	if (!oauth_renewal_load(keyring, config, &stored, &found, cancellable, error) || stored == NULL ||
	    stored->refresh_token == NULL || g_strcmp0(stored->refresh_token, credential->refresh_token) == 0 ||
	    g_strcmp0(stored->home, credential->home) != 0)
		return NULL;
	return g_steal_pointer(&stored);
}

/*
 * After the server said that the token is dead: replaces it by one that another process stored, or is about to store:
 * it may have its answer, and be on its way to the keyring. FALSE for none.
 * A keyring that cannot be asked now has asked for its password; it is not to ask again and again.
 */
static gboolean
adopt_newer(OauthKeyring *keyring, const OauthConfig *config, OauthCredential **credential, OauthTrouble *trouble,
	    GCancellable *cancellable)
{
	for (guint i = 0; i < LOOKS && !trouble->unlooked && !g_cancellable_is_cancelled(cancellable); i++) {
		g_autoptr(GError) cause = NULL;
		OauthCredential *newer;

		if (i > 0)
			oauth_pause((FIRST_PAUSE_MS << (i - 1)) / 1000.0, cancellable, NULL);
		newer = oauth_renewal_find_newer(keyring, config, *credential, cancellable, &cause);
		trouble->unlooked = g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
		if (newer != NULL) {
			oauth_credential_free(*credential);
			*credential = newer;
			return TRUE;
		}
	}
	return FALSE;
}

void
oauth_renewal_forget(OauthKeyring *keyring, const OauthConfig *config, const OauthCredential *dead)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OauthCredential) newer = oauth_renewal_find_newer(keyring, config, dead, NULL, &error);
	g_autoptr(OauthCredential) keep = NULL;

	if (newer != NULL || error != NULL)
		return;
	keep = oauth_credential_copy(dead);
	g_clear_pointer(&keep->refresh_token, oauth_token_free);
	oauth_renewal_save(keyring, config, keep);
}

static OauthGrant *
refresh(OauthKeyring *keyring, const OauthConfig *config, OauthCredential **credential, const char *claims,
	GTlsDatabase *tls_database, OauthTrouble *trouble, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *secret = oauth_renewal_get_client_secret(keyring, config, cancellable, &cause);
	OauthGrant *grant = NULL;

	if (cause == NULL)
		grant = oauth_endpoint_refresh(config, secret, (*credential)->refresh_token, claims, tls_database,
					       trouble, cancellable, &cause);
	if (grant == NULL && trouble->refusal != NULL && oauth_refusal_kills_token(trouble->refusal) &&
	    adopt_newer(keyring, config, credential, trouble, cancellable)) {
		g_clear_error(&cause);
		grant = oauth_endpoint_refresh(config, secret, (*credential)->refresh_token, claims, tls_database,
					       trouble, cancellable, &cause);
	}
	oauth_token_free(secret);
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	return grant;
}

OauthGrant *
oauth_renewal_run(OauthKeyring *keyring, const OauthConfig *config, OauthCredential **credential, const char *claims,
		  GTlsDatabase *tls_database, OauthTrouble *trouble, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthGrant) grant = NULL;
	OauthCredential *merged;
	gboolean rotated;

	if (!oauth_config_validate(config, error))
		return NULL;
	grant = refresh(keyring, config, credential, claims, tls_database, trouble, cancellable, error);
	if (grant == NULL)
		return NULL;
	if (is_somebody_else(config, grant, *credential)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
				    _("The sign-in service sent the tokens of somebody else; they were thrown away."));
		return NULL;
	}
	merged = oauth_renewal_merge(config, grant, NULL, *credential);
	rotated = g_strcmp0(merged->refresh_token, (*credential)->refresh_token) != 0;
	if (rotated)
		oauth_renewal_save(keyring, config, merged);
	oauth_credential_free(*credential);
	*credential = merged;
	return g_steal_pointer(&grant);
}
