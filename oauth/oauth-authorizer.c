/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-authorizer.h"

#include <string.h>

G_DEFINE_INTERFACE(OauthAuthorizer, oauth_authorizer, G_TYPE_OBJECT)

static void
oauth_authorizer_default_init(OauthAuthorizerInterface *iface)
{
}

/**
 * oauth_authorizer_acquire_token:
 *
 * Returns: (transfer full): a token to be freed with oauth_token_free(), or %NULL with an %OAUTH_ERROR
 */
char *
oauth_authorizer_acquire_token(OauthAuthorizer *self, GCancellable *cancellable, GError **error)
{
	g_return_val_if_fail(OAUTH_IS_AUTHORIZER(self), NULL);

	return OAUTH_AUTHORIZER_GET_IFACE(self)->acquire_token(self, cancellable, error);
}

/**
 * oauth_authorizer_reject_token:
 * @token: the token that was refused; nothing happens when it is no longer the current one
 * @claims: (nullable): the JSON object of the claims challenge
 */
void
oauth_authorizer_reject_token(OauthAuthorizer *self, const char *token, const char *claims)
{
	g_return_if_fail(OAUTH_IS_AUTHORIZER(self));
	g_return_if_fail(token != NULL);

	OAUTH_AUTHORIZER_GET_IFACE(self)->reject_token(self, token, claims);
}

gboolean
oauth_authorizer_has_scope(OauthAuthorizer *self, const char *short_name)
{
	g_return_val_if_fail(OAUTH_IS_AUTHORIZER(self), FALSE);

	if (OAUTH_AUTHORIZER_GET_IFACE(self)->has_scope == NULL)
		return TRUE;
	return OAUTH_AUTHORIZER_GET_IFACE(self)->has_scope(self, short_name);
}

OauthProxy *
oauth_authorizer_get_proxy(OauthAuthorizer *self)
{
	OauthAuthorizerInterface *iface;

	g_return_val_if_fail(OAUTH_IS_AUTHORIZER(self), NULL);

	iface = OAUTH_AUTHORIZER_GET_IFACE(self);
	return iface->get_proxy != NULL ? iface->get_proxy(self) : NULL;
}

/**
 * oauth_token_free:
 * @token: (nullable): a secret in memory of g_malloc()
 *
 * Wipes what it frees.
 */
void
oauth_token_free(char *token)
{
	if (token == NULL)
		return;
	explicit_bzero(token, strlen(token));
	g_free(token);
}
