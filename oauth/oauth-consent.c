/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-consent.h"

/* An administrator of no directory in particular, or of personal accounts, is none. */
static const char *
get_directory(const OauthConfig *config)
{
	const char *tenant = oauth_config_get_tenant(config);

	return g_ascii_strcasecmp(tenant, "common") == 0 || g_ascii_strcasecmp(tenant, "consumers") == 0
		       ? "organizations"
		       : tenant;
}

char *
oauth_consent_build_admin_uri(const OauthConfig *config, GError **error)
{
	g_autofree char *origin = NULL;
	g_autofree char *client_id = NULL;
	g_autofree char *redirect = NULL;
	g_autofree char *scope = NULL;
	g_autofree char *state = g_uuid_string_random();
	GString *uri;

	if (!oauth_config_validate(config, error))
		return NULL;
	origin = oauth_config_dup_identity_origin(config);
	client_id = oauth_config_dup_client_id(config);
	redirect = oauth_config_build_registered_redirect(config);
	scope = oauth_config_build_scope(config);

	uri = g_string_new(origin);
	g_string_append_c(uri, '/');
	g_string_append_uri_escaped(uri, get_directory(config), NULL, FALSE);
	g_string_append(uri, "/v2.0/adminconsent?client_id=");
	g_string_append_uri_escaped(uri, client_id, NULL, FALSE);
	g_string_append(uri, "&scope=");
	g_string_append_uri_escaped(uri, scope, NULL, FALSE);
	g_string_append(uri, "&redirect_uri=");
	g_string_append_uri_escaped(uri, redirect, NULL, FALSE);
	g_string_append_printf(uri, "&state=%s", state);
	return g_string_free(uri, FALSE);
}
