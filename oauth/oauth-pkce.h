/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OauthPkce:
 * @verifier: 43 characters; a secret until it was redeemed
 * @challenge: base64url(SHA-256(@verifier)), 43 characters
 * @state: 43 characters; a secret until the answer came
 * @nonce: 22 characters
 *
 * What one sign-in attempt makes up, from the system's random generator (OAUTH.md 4.1).
 */
typedef struct {
	char *verifier;
	char *challenge;
	char *state;
	char *nonce;
} OauthPkce;

OauthPkce *oauth_pkce_new(GError **error);
void oauth_pkce_free(OauthPkce *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthPkce, oauth_pkce_free)

/* Unpadded base64url */
char *oauth_pkce_encode(const guchar *data, gsize length);
char *oauth_pkce_challenge(const char *verifier);

/* Takes the same time wherever two strings of one length differ. */
gboolean oauth_pkce_equal(const char *a, const char *b);

G_END_DECLS
