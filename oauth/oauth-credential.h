/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OauthCredential:
 * @refresh_token: (nullable): a secret; %NULL remembers a person whose sign-in was lost
 * @scope: (nullable): what was granted
 * @tenant, @home: of the sign-in; @home as in #OauthIdentity
 * @username, @name: (nullable): for display
 *
 * What the keyring keeps of a sign-in: one JSON object (OAUTH.md 11).
 */
typedef struct {
	char *refresh_token;
	char *scope;
	char *tenant;
	char *home;
	char *username;
	char *name;
} OauthCredential;

OauthCredential *oauth_credential_copy(const OauthCredential *self);
void oauth_credential_free(OauthCredential *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthCredential, oauth_credential_free)

/* Returns: (nullable): %NULL when @text is not such an object */
OauthCredential *oauth_credential_parse(const char *text);
/* Returns: (transfer full): a secret */
char *oauth_credential_to_string(const OauthCredential *self);

G_END_DECLS
