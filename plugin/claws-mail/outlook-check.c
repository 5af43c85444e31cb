/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-check.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-cloud.h"
#include "oauth-scope.h"

/* OAUTH.md 1: the tenant of all personal accounts */
#define PERSONAL_TENANT "9188040d-6c67-4c5b-b112-36a304b66dad"

static const char *const words[] = {"common", "organizations", "consumers", NULL};

static gboolean
has_blank(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return FALSE;
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		if (outlook_settings_is_blank(g_utf8_get_char(text)))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_at_microsoft(const OutlookSettings *settings)
{
	return oauth_cloud_is_known_identity(settings->config->identity_origin);
}

static gboolean
is_word(const char *tenant)
{
	for (guint i = 0; words[i] != NULL; i++) {
		if (g_ascii_strcasecmp(words[i], tenant) == 0)
			return TRUE;
	}
	return FALSE;
}

static char *
check_client_id(const OutlookSettings *settings, const char *id)
{
	g_autofree char *tenant = outlook_settings_trim(settings->config->tenant);

	if (*id == '\0')
		return g_strdup(
			_("The client ID is missing. Copy the “Application (client) ID” of your app registration."));
	if (has_blank(id))
		return g_strdup(_("There is a blank inside the client ID. Copy it again, whole and alone."));
	if (!is_at_microsoft(settings))
		return NULL;
	if (!g_uuid_string_is_valid(id))
		return g_strdup(
			_("This is not a client ID. It has the form 00000000-0000-0000-0000-000000000000; copy the "
			  "“Application (client) ID” from the overview of your app registration."));
	if (g_ascii_strcasecmp(id, tenant) == 0)
		return g_strdup(_("The client ID and the tenant ID are the same. The overview of your app registration "
				  "shows both; copy each to its field."));
	return NULL;
}

static char *
check_secret(const OutlookSettings *settings, const char *secret)
{
	if (*secret == '\0')
		return NULL;
	if (has_blank(secret))
		return g_strdup(_("There is a blank inside the client secret. Copy it again, whole and alone."));
	for (const char *c = secret; *c != '\0'; c++) {
		if (!g_ascii_isgraph(*c))
			return g_strdup(
				_("The client secret has a letter that no secret has. Copy it again, do not type it."));
	}
	if (is_at_microsoft(settings) && g_uuid_string_is_valid(secret))
		return g_strdup(_("This is the ID of the secret. Copy its “Value”, which is shown only right after the "
				  "secret was "
				  "made; if it is gone, make a new secret."));
	return NULL;
}

static char *
check_tenant(const OutlookSettings *settings, const char *tenant)
{
	if (*tenant == '\0')
		return NULL;
	if (has_blank(tenant))
		return g_strdup(_("There is a blank inside the tenant ID. Copy it again, whole and alone."));
	if (strchr(tenant, '/') != NULL)
		return g_strdup(_("The tenant is not a web address. Enter the directory's ID or its domain alone, "
				  "for example contoso.onmicrosoft.com."));
	if (strchr(tenant, '@') != NULL)
		return g_strdup(_("The tenant is not a mail address. Enter the part behind the “@” alone, or the "
				  "directory's ID."));
	if (!is_at_microsoft(settings) || g_uuid_string_is_valid(tenant) || is_word(tenant))
		return NULL;
	if (strchr(tenant, '.') == NULL || *tenant == '.' || g_str_has_suffix(tenant, ".") ||
	    strstr(tenant, "..") != NULL)
		return g_strdup(
			_("This is not a tenant. Enter the “Directory (tenant) ID”, a domain of the organization, "
			  "one of the words common, organizations and consumers, or nothing."));
	return NULL;
}

/* Personal accounts are in the worldwide cloud alone (OAUTH.md 1). */
static char *
check_cloud(const OutlookSettings *settings, const char *tenant)
{
	gboolean is_national = is_at_microsoft(settings) && g_strcmp0(settings->cloud, "global") != 0 &&
			       oauth_cloud_find(settings->cloud) != NULL;

	if (is_national &&
	    (g_ascii_strcasecmp(tenant, "consumers") == 0 || g_ascii_strcasecmp(tenant, PERSONAL_TENANT) == 0))
		return g_strdup(_("Personal accounts are in the worldwide cloud only. Choose it, or another tenant."));
	return NULL;
}

static gboolean
holds(char **scopes, const char *name)
{
	for (guint i = 0; scopes != NULL && scopes[i] != NULL; i++) {
		if (oauth_scope_includes(scopes[i], name))
			return TRUE;
	}
	return FALSE;
}

static char *
check_scopes(const OutlookSettings *settings)
{
	char **scopes = settings->config->scopes;
	OauthAudience audience;

	if (holds(scopes, OAUTH_SCOPE_DEFAULT))
		return NULL;
	if (!holds(scopes, "Mail.Read"))
		return g_strdup(_("Choose Mail.Read or Mail.ReadWrite at least; without it there is no mail to show."));
	if (!outlook_check_decides_audience(settings, &audience) || audience != OAUTH_AUDIENCE_PERSONAL)
		return NULL;
	for (guint i = 0; scopes[i] != NULL; i++) {
		const OauthPermission *permission = oauth_permission_find(scopes[i]);

		if (permission != NULL && permission->is_work_only)
			return g_strdup_printf(_("Personal accounts do not have the permission %s."), permission->name);
	}
	return NULL;
}

gboolean
outlook_check_decides_audience(const OutlookSettings *settings, OauthAudience *audience)
{
	g_autofree char *tenant = outlook_settings_trim(settings->config->tenant);
	gboolean is_open = *tenant == '\0' || g_ascii_strcasecmp(tenant, "common") == 0;
	gboolean is_personal =
		g_ascii_strcasecmp(tenant, "consumers") == 0 || g_ascii_strcasecmp(tenant, PERSONAL_TENANT) == 0;

	*audience = is_personal ? OAUTH_AUDIENCE_PERSONAL : OAUTH_AUDIENCE_WORK;
	return !is_open || (is_at_microsoft(settings) && g_strcmp0(settings->cloud, "global") != 0);
}

/* What the layer below refuses, too, when this field and those that it does not depend on are in order. */
static char *
check_below(const OutlookSettings *settings, OutlookField field)
{
	g_autoptr(OutlookSettings) trial = outlook_settings_new();
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(GError) error = NULL;
	char **place = NULL;
	const char *value = NULL;

	outlook_settings_set(&trial->config->client_id, "x");
	switch (field) {
	case OUTLOOK_FIELD_CLIENT_ID:
		place = &trial->config->client_id;
		value = settings->config->client_id;
		break;
	case OUTLOOK_FIELD_TENANT:
		place = &trial->config->tenant;
		value = settings->config->tenant;
		break;
	case OUTLOOK_FIELD_REDIRECT_PATH:
		place = &trial->config->redirect_path;
		value = settings->config->redirect_path;
		break;
	case OUTLOOK_FIELD_CLOUD:
		outlook_settings_set(&trial->config->identity_origin, settings->config->identity_origin);
		place = &trial->config->graph_origin;
		value = settings->config->graph_origin;
		break;
	case OUTLOOK_FIELD_SCOPES:
		g_strfreev(trial->config->scopes);
		trial->config->scopes = g_strdupv(settings->config->scopes);
		break;
	default:
		return NULL;
	}
	if (place != NULL)
		outlook_settings_set(place, value);
	config = outlook_settings_to_config(trial, NULL);
	return oauth_config_validate(config, &error) ? NULL : g_strdup(error->message);
}

static char *
check_origin(const char *origin)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *plain = oauth_cloud_check_origin(origin, &error);

	return plain != NULL ? NULL : g_strdup(error->message);
}

char *
outlook_check(const OutlookSettings *settings, const char *secret, OutlookField field)
{
	g_autofree char *tenant = outlook_settings_trim(settings->config->tenant);
	char *wrong = NULL;

	switch (field) {
	case OUTLOOK_FIELD_CLIENT_ID: {
		g_autofree char *id = outlook_settings_trim(settings->config->client_id);

		wrong = check_client_id(settings, id);
		break;
	}
	case OUTLOOK_FIELD_SECRET:
		return secret != NULL ? check_secret(settings, secret) : NULL;
	case OUTLOOK_FIELD_TENANT:
		wrong = check_tenant(settings, tenant);
		break;
	case OUTLOOK_FIELD_CLOUD: {
		g_autofree char *identity = check_origin(settings->config->identity_origin);
		g_autofree char *graph = check_origin(settings->config->graph_origin);

		/* Those fields say it themselves. */
		if (identity != NULL || graph != NULL)
			return NULL;
		wrong = check_cloud(settings, tenant);
		break;
	}
	case OUTLOOK_FIELD_SCOPES:
		wrong = check_scopes(settings);
		break;
	case OUTLOOK_FIELD_IDENTITY:
		return check_origin(settings->config->identity_origin);
	case OUTLOOK_FIELD_GRAPH:
		return check_origin(settings->config->graph_origin);
	case OUTLOOK_FIELD_REDIRECT_PATH:
	case OUTLOOK_N_FIELDS:
	default:
		break;
	}
	return wrong != NULL ? wrong : check_below(settings, field);
}
