/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-config.h"
#include "oauth-device-code.h"
#include "oauth-refusal.h"
#include "oauth-token.h"

G_BEGIN_DECLS

/**
 * OauthTrouble:
 * @refusal: (nullable): what the server said, when it said it in the documented form
 * @wait: seconds for which the server is to be left alone; 0 when there is no reason to wait
 * @told: @wait is the server's own word
 * @busy: the server did not look at the request, so the same may be sent again after @wait
 * @unlooked: the keyring could not be asked whether another process has a newer token than the one that is dead
 *
 * What a failed call leaves besides its #GError. To be initialized with zeros.
 */
typedef struct {
	OauthRefusal *refusal;
	double wait;
	gboolean told;
	gboolean busy;
	gboolean unlooked;
} OauthTrouble;

void oauth_trouble_clear(OauthTrouble *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OauthTrouble, oauth_trouble_clear)

/* `{identity}/{tenant}/oauth2/v2.0/{what}` */
char *oauth_endpoint_build(const OauthConfig *config, const char *what);

/* @client_secret, @claims: may be %NULL */
OauthGrant *oauth_endpoint_redeem(const OauthConfig *config, const char *client_secret, const char *code,
				  const char *redirect_uri, const char *verifier, const char *claims,
				  GTlsDatabase *tls_database, OauthTrouble *trouble, GCancellable *cancellable,
				  GError **error);
OauthGrant *oauth_endpoint_refresh(const OauthConfig *config, const char *client_secret, const char *refresh_token,
				   const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble,
				   GCancellable *cancellable, GError **error);

/* OAUTH.md 9a: a code, and one poll whether somebody signed in with it */
OauthDeviceCode *oauth_endpoint_begin_device(const OauthConfig *config, const char *client_secret, const char *claims,
					     GTlsDatabase *tls_database, OauthTrouble *trouble,
					     GCancellable *cancellable, GError **error);
OauthGrant *oauth_endpoint_poll_device(const OauthConfig *config, const char *client_secret, const char *device_code,
				       const char *claims, GTlsDatabase *tls_database, OauthTrouble *trouble,
				       GCancellable *cancellable, GError **error);

G_END_DECLS
