/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-credential.h"
#include "oauth-endpoint.h"
#include "oauth-keyring.h"

G_BEGIN_DECLS

/*
 * What the keyring has of the sign-in. FALSE when it cannot be asked now; TRUE with @credential %NULL when there is
 * nothing, and with @found besides when there is something that cannot be read.
 */
gboolean oauth_renewal_load(OauthKeyring *keyring, const OauthConfig *config, OauthCredential **credential,
			    gboolean *found, GCancellable *cancellable, GError **error);

/* A failure is not the caller's: the keyring keeps in memory what it could not store, and says so. */
void oauth_renewal_save(OauthKeyring *keyring, const OauthConfig *config, const OauthCredential *credential);

/*
 * Returns: (nullable): what another process stored in place of @credential for the same person; %NULL with @error when
 * the keyring cannot be asked now
 */
OauthCredential *oauth_renewal_find_newer(OauthKeyring *keyring, const OauthConfig *config,
					  const OauthCredential *credential, GCancellable *cancellable, GError **error);

/*
 * The server said that @dead is dead: the person is remembered, the token is not; another's newer one stays, and so
 * does what a keyring has that cannot be asked now.
 */
void oauth_renewal_forget(OauthKeyring *keyring, const OauthConfig *config, const OauthCredential *dead);

/* What is to be kept after @grant. @claims, @before: (nullable): who signed in, and what was kept so far */
OauthCredential *oauth_renewal_merge(const OauthConfig *config, const OauthGrant *grant, const OauthClaims *claims,
				     const OauthCredential *before);

/* Returns: (nullable): the client secret; without error when there is none */
char *oauth_renewal_get_client_secret(OauthKeyring *keyring, const OauthConfig *config, GCancellable *cancellable,
				      GError **error);

/*
 * Renews the access token (OAUTH.md 10), a second time when another process rotated the refresh token meanwhile. The
 * new refresh token is in the keyring when this returns; @credential is replaced by what is to be kept from then on.
 */
OauthGrant *oauth_renewal_run(OauthKeyring *keyring, const OauthConfig *config, OauthCredential **credential,
			      const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble,
			      GCancellable *cancellable, GError **error);

G_END_DECLS
