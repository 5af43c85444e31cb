/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-config.h"

G_BEGIN_DECLS

/**
 * OauthGrant:
 * @access_token, @refresh_token: secrets; the second may be %NULL
 * @id_token: (nullable): says who signed in; oauth_claims_parse() reads it
 * @expires_in: seconds from when the answer came, 0 to 108000
 * @scope: what was granted
 * @date: when, in seconds since 1970, by the clock by which the times in @id_token were made
 *
 * What the token endpoint gave (OAUTH.md 4.4).
 */
typedef struct {
	char *access_token;
	char *refresh_token;
	char *id_token;
	char *scope;
	guint expires_in;
	gint64 date;
} OauthGrant;

/* @scope: what was asked for, taken as granted when the answer says nothing; @date: of the answer */
OauthGrant *oauth_grant_parse(const char *data, gsize length, const char *scope, gint64 date, GError **error);
void oauth_grant_free(OauthGrant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthGrant, oauth_grant_free)

/**
 * OauthClaims:
 * @home: `tid.oid`; at a custom identity host without these, `iss` and `sub`
 * @issuer, @username, @name: may be %NULL
 *
 * Who signed in, out of an id token (OAUTH.md 5). It came over TLS from the token endpoint, so its signature is
 * not looked at.
 */
typedef struct {
	char *home;
	char *issuer;
	char *username;
	char *name;
} OauthClaims;

/*
 * @nonce: (nullable): what the authorize request sent, %NULL at a refresh. @now: seconds since 1970.
 * Fails with %OAUTH_ERROR_PROTOCOL. An identity host that is not Microsoft's may leave out what OpenID Connect
 * lets it.
 */
OauthClaims *oauth_claims_parse(const char *id_token, const OauthConfig *config, const char *nonce, gint64 now,
				GError **error);
void oauth_claims_free(OauthClaims *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthClaims, oauth_claims_free)

G_END_DECLS
