/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-cloud.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-error.h"

/* OAUTH.md 1 */
static OauthCloud clouds[] = {
	{"global", N_("Worldwide"), "https://login.microsoftonline.com", "https://graph.microsoft.com"},
	{"us-gov-l4", N_("US Government L4 (GCC High)"), "https://login.microsoftonline.us",
	 "https://graph.microsoft.us"},
	{"us-gov-l5", N_("US Government L5 (DoD)"), "https://login.microsoftonline.us",
	 "https://dod-graph.microsoft.us"},
	{"china", N_("China (21Vianet)"), "https://login.partner.microsoftonline.cn",
	 "https://microsoftgraph.chinacloudapi.cn"},
	{NULL, NULL, NULL, NULL},
};

const OauthCloud *
oauth_cloud_list(void)
{
	static gsize translated = 0;

	if (g_once_init_enter(&translated)) {
		for (OauthCloud *cloud = clouds; cloud->id != NULL; cloud++)
			cloud->name = _(cloud->name);
		g_once_init_leave(&translated, 1);
	}
	return clouds;
}

/* Returns: (nullable): the cloud of that id */
const OauthCloud *
oauth_cloud_find(const char *id)
{
	for (const OauthCloud *cloud = oauth_cloud_list(); cloud->id != NULL; cloud++) {
		if (g_strcmp0(cloud->id, id) == 0)
			return cloud;
	}
	return NULL;
}

static gboolean
host_is_loopback(const char *host)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	if (address != NULL)
		return g_inet_address_get_is_loopback(address);
	return g_ascii_strcasecmp(host, "localhost") == 0;
}

static gboolean
refuse(GError **error, const char *origin)
{
	g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
		    _("“%s” is not the address of a server. Enter it as https://host, without a path."), origin);
	return FALSE;
}

static gboolean
check_host(const char *host, const char *origin, GError **error)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	if (address != NULL)
		return TRUE;
	if (*host == '\0' || strlen(host) > 253)
		return refuse(error, origin);
	for (const char *c = host; *c != '\0'; c++) {
		if (!g_ascii_isalnum(*c) && strchr(".-_", *c) == NULL)
			return refuse(error, origin);
	}
	return TRUE;
}

char *
oauth_cloud_check_origin(const char *origin, GError **error)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(origin != NULL ? origin : ""));
	g_autoptr(GUri) uri = NULL;
	g_autofree char *host = NULL;
	const char *path;
	gboolean plain;

	if (!g_utf8_validate(trimmed, -1, NULL)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("The address of the server is not valid text."));
		return NULL;
	}
	uri = g_uri_parse(trimmed, G_URI_FLAGS_NONE, NULL);
	if (uri == NULL || g_uri_get_host(uri) == NULL || g_uri_get_userinfo(uri) != NULL ||
	    g_uri_get_query(uri) != NULL || g_uri_get_fragment(uri) != NULL || g_uri_get_port(uri) == 0) {
		refuse(error, trimmed);
		return NULL;
	}
	path = g_uri_get_path(uri);
	plain = g_str_equal(g_uri_get_scheme(uri), "http");
	if ((*path != '\0' && !g_str_equal(path, "/")) || (!plain && !g_str_equal(g_uri_get_scheme(uri), "https"))) {
		refuse(error, trimmed);
		return NULL;
	}
	host = g_hostname_to_ascii(g_uri_get_host(uri));
	if (host == NULL) {
		refuse(error, trimmed);
		return NULL;
	}
	if (!check_host(host, trimmed, error))
		return NULL;
	if (plain && !host_is_loopback(host)) {
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
			    _("“%s” is not encrypted. Plain http is allowed for a server on this computer only."),
			    trimmed);
		return NULL;
	}
	return g_uri_join(G_URI_FLAGS_NONE, g_uri_get_scheme(uri), NULL, host, g_uri_get_port(uri), "", NULL, NULL);
}

gboolean
oauth_cloud_is_loopback(const char *origin)
{
	g_autoptr(GUri) uri = g_uri_parse(origin != NULL ? origin : "", G_URI_FLAGS_NONE, NULL);

	return uri != NULL && g_uri_get_host(uri) != NULL && host_is_loopback(g_uri_get_host(uri));
}

/**
 * oauth_cloud_is_known_identity:
 *
 * Returns: %TRUE for a sign-in host of Microsoft, where the documented form of every answer can be relied on
 */
gboolean
oauth_cloud_is_known_identity(const char *identity_origin)
{
	for (const OauthCloud *cloud = oauth_cloud_list(); cloud->id != NULL; cloud++) {
		if (g_strcmp0(cloud->identity_origin, identity_origin) == 0)
			return TRUE;
	}
	return FALSE;
}
