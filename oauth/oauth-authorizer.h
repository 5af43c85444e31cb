/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oauth-proxy.h"

G_BEGIN_DECLS

#define OAUTH_TYPE_AUTHORIZER (oauth_authorizer_get_type())
G_DECLARE_INTERFACE(OauthAuthorizer, oauth_authorizer, OAUTH, AUTHORIZER, GObject)

/**
 * OauthAuthorizerInterface:
 * @acquire_token: hands out a token that is valid now, refreshing it if needed
 * @reject_token: hears that the resource refused @token, with the claims of its
 *   challenge, decoded from base64, when it sent one
 * @has_scope: (nullable): whether what was granted holds this permission, or one that includes it
 * @get_proxy: (nullable): transfer none: the way to the resource, for the authorizer's whole life
 *
 * What a client of a protected resource needs of the sign-in. The calls may come
 * from any thread; acquire_token() alone may block on the network.
 */
struct _OauthAuthorizerInterface {
	GTypeInterface parent_iface;

	char *(*acquire_token)(OauthAuthorizer *self, GCancellable *cancellable, GError **error);
	void (*reject_token)(OauthAuthorizer *self, const char *token, const char *claims);
	gboolean (*has_scope)(OauthAuthorizer *self, const char *short_name);
	OauthProxy *(*get_proxy)(OauthAuthorizer *self);
};

/* The token is freed with oauth_token_free(), which wipes it. */
char *oauth_authorizer_acquire_token(OauthAuthorizer *self, GCancellable *cancellable, GError **error);
void oauth_authorizer_reject_token(OauthAuthorizer *self, const char *token, const char *claims);

/* `Mail.Send.Shared`; TRUE while nobody knows, as before the first sign-in. */
gboolean oauth_authorizer_has_scope(OauthAuthorizer *self, const char *short_name);

/* Transfer none, %NULL for what the desktop says. */
OauthProxy *oauth_authorizer_get_proxy(OauthAuthorizer *self);

void oauth_token_free(char *token);

G_END_DECLS
