/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oauth-proxy.h"

G_BEGIN_DECLS

/* What the app registration lists; the service takes no other name beside it (OAUTH.md 6). */
#define OAUTH_SCOPE_DEFAULT ".default"

typedef enum {
	OAUTH_RESPONSE_MODE_FORM_POST,
	OAUTH_RESPONSE_MODE_QUERY,
} OauthResponseMode;

/**
 * OauthConfig:
 * @account: the account's UUID; the key of its secrets in the keyring
 * @name: what the keyring's own window shows, for example the account's name
 * @client_id: application (client) id; need not be a GUID
 * @tenant: as typed; blank means `common`
 * @identity_origin: `https://login.microsoftonline.com`, without path or trailing slash
 * @graph_origin: `https://graph.microsoft.com`, likewise; prefix of the Graph scopes
 * @scopes: Graph scopes by their short names (`Mail.ReadWrite`); the OpenID ones
 *   (`openid profile offline_access`) are always added, names that Microsoft does not have never sent
 * @extra_scopes: (nullable): likewise: what a feature asked for when it was switched on. Where the service refuses
 * them, the account goes on without them. Never sent with %OAUTH_SCOPE_DEFAULT
 * @response_mode: how the code comes back
 * @redirect_host: `localhost` (also when %NULL) or `127.0.0.1`
 * @redirect_path: %NULL or empty for none, else begins with `/`
 * @proxy: (nullable): the way to the servers; %NULL for what the desktop says
 *
 * What is fixed while an account signs in. The client secret is not here: it is in the keyring.
 */
typedef struct {
	char *account;
	char *name;
	char *client_id;
	char *tenant;
	char *identity_origin;
	char *graph_origin;
	char **scopes;
	char **extra_scopes;
	OauthResponseMode response_mode;
	char *redirect_host;
	char *redirect_path;
	OauthProxy *proxy;
} OauthConfig;

OauthConfig *oauth_config_new(const char *account);
OauthConfig *oauth_config_copy(const OauthConfig *self);
void oauth_config_free(OauthConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthConfig, oauth_config_free)

/* Checks every field before a URL is built; %OAUTH_ERROR_CONFIGURATION says which one and why. */
gboolean oauth_config_validate(const OauthConfig *self, GError **error);

/* The trimmed tenant, or `common`. */
const char *oauth_config_get_tenant(const OauthConfig *self);

/* Trimmed; a person pastes blanks along with it. */
char *oauth_config_dup_client_id(const OauthConfig *self);

/* The origins in their plain form, as oauth_cloud_check_origin() returns them */
char *oauth_config_dup_identity_origin(const OauthConfig *self);
char *oauth_config_dup_graph_origin(const OauthConfig *self);

/* Whether what is asked for is %OAUTH_SCOPE_DEFAULT, and thus nothing by its name. */
gboolean oauth_config_uses_default(const OauthConfig *self);

/* Adds to the extra scopes what is neither among them nor among the others; with %OAUTH_SCOPE_DEFAULT, nothing. */
void oauth_config_add_scopes(OauthConfig *self, const char *const *scopes);

/* `openid profile offline_access {graph}/User.Read …`, in this order, the extra ones last */
char *oauth_config_build_scope(const OauthConfig *self);

/* `http://localhost` as it is to be registered (no port) */
char *oauth_config_build_registered_redirect(const OauthConfig *self);

/* TRUE when a refresh token of one would be worthless, or given away, under the other */
gboolean oauth_config_is_elsewhere(const OauthConfig *self, const OauthConfig *other);

G_END_DECLS
