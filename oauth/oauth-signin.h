/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-session.h"
#include "oauth-token.h"

G_BEGIN_DECLS

/**
 * OauthSignin:
 * @grant: the tokens
 * @claims: who they belong to
 */
typedef struct {
	OauthGrant *grant;
	OauthClaims *claims;
} OauthSignin;

void oauth_signin_free(OauthSignin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthSignin, oauth_signin_free)

/*
 * One attempt: listener, browser, code, tokens. Keeps nothing.
 * @client_secret: (nullable); @login_hint: (nullable): who signed in before, %NULL lets the person choose;
 * @consent: the page asks for what is granted already, too; @claims: (nullable): of a claims challenge; @timeout:
 * milliseconds that the browser has
 */
OauthSignin *oauth_signin_run(const OauthConfig *config, const char *client_secret, const char *login_hint,
			      gboolean consent, const char *claims, GTlsDatabase *tls_database, OauthOpenUri open_uri,
			      gpointer user_data, guint timeout, GCancellable *cancellable, GError **error);

/*
 * The person behind the tokens. A server that is not Microsoft's may send no id token: then the server itself is the
 * key. @nonce: (nullable): what the authorize request sent
 */
OauthClaims *oauth_signin_identify(const OauthConfig *config, const OauthGrant *grant, const char *nonce,
				   GError **error);

/* Whether the `iss` of a callback is the server that was asked, and the one that the id token names (OAUTH.md
 * 11, 9). */
gboolean oauth_signin_check_issuer(const OauthConfig *config, const char *issuer, const char *token_issuer);

G_END_DECLS
