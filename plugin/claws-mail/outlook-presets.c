/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-presets.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-error.h"
#include "oauth-permission.h"
#include "outlook-check.h"

#define GROUP "Outlook"

const OutlookPresets outlook_presets_built = {PRESET_CLIENT_ID, PRESET_TENANT, PRESET_CLOUD,
					      PRESET_IDENTITY,	PRESET_GRAPH,  PRESET_SCOPES};

static gboolean
complain(GError **error, const char *text)
{
	g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION, text);
	return FALSE;
}

static gboolean
refuse_key(const char *key, GError **error)
{
	if (strstr(key, "secret") != NULL)
		return complain(error,
				_("A client secret does not belong here: everybody on this computer can read it."));
	g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION, _("“%s” is nothing that can be preset."), key);
	return FALSE;
}

static gboolean
take_scopes(OutlookSettings *settings, const char *text, GError **error)
{
	g_auto(GStrv) names = g_strsplit_set(text, "; ,\t", -1);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; names[i] != NULL; i++) {
		if (*names[i] == '\0')
			continue;
		if (!g_str_equal(names[i], OAUTH_SCOPE_DEFAULT) && oauth_permission_find(names[i]) == NULL) {
			g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("“%s” is not the name of a permission."), names[i]);
			return FALSE;
		}
		g_strv_builder_add(builder, names[i]);
	}
	g_strfreev(settings->config->scopes);
	settings->config->scopes = g_strv_builder_end(builder);
	return TRUE;
}

/* @text: (nullable): what is silent, or empty, leaves the setting as it is */
static gboolean
take(OutlookSettings *settings, const char *key, const char *text, GError **error)
{
	g_autofree char *value = outlook_settings_trim(text);

	if (*value == '\0')
		return TRUE;
	if (g_str_equal(key, "scopes"))
		return take_scopes(settings, value, error);
	if (g_str_equal(key, "client-id"))
		outlook_settings_set(&settings->config->client_id, value);
	else if (g_str_equal(key, "tenant"))
		outlook_settings_set(&settings->config->tenant, value);
	else if (g_str_equal(key, "cloud"))
		outlook_settings_set(&settings->cloud, value);
	else if (g_str_equal(key, "identity"))
		outlook_settings_set(&settings->config->identity_origin, value);
	else if (g_str_equal(key, "graph"))
		outlook_settings_set(&settings->config->graph_origin, value);
	else
		return refuse_key(key, error);
	return TRUE;
}

static gboolean
take_built(OutlookSettings *settings, const OutlookPresets *built, GError **error)
{
	return take(settings, "client-id", built->client_id, error) && take(settings, "tenant", built->tenant, error) &&
	       take(settings, "cloud", built->cloud, error) && take(settings, "identity", built->identity, error) &&
	       take(settings, "graph", built->graph, error) && take(settings, "scopes", built->scopes, error);
}

static gboolean
take_file(OutlookSettings *settings, const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_auto(GStrv) groups = NULL;
	g_auto(GStrv) found = NULL;

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error))
		return FALSE;
	groups = g_key_file_get_groups(file, NULL);
	found = g_key_file_get_keys(file, GROUP, NULL, NULL);
	if (g_strv_length(groups) != 1 || found == NULL)
		return complain(error, _("It has to have one group, [Outlook], and no other."));
	for (guint i = 0; found[i] != NULL; i++) {
		g_autofree char *value = g_key_file_get_string(file, GROUP, found[i], error);

		if (value == NULL || !take(settings, found[i], value, error))
			return FALSE;
	}
	return TRUE;
}

/* Each field that is filled in; that the client id is missing is no fault here. */
static gboolean
check_all(OutlookSettings *settings, GError **error)
{
	if (!outlook_settings_settle_cloud(settings, error))
		return FALSE;
	for (guint field = 0; field < OUTLOOK_N_FIELDS; field++) {
		g_autofree char *wrong = NULL;

		if (field == OUTLOOK_FIELD_CLIENT_ID && !outlook_presets_are_complete(settings))
			continue;
		wrong = outlook_check(settings, NULL, field);
		if (wrong != NULL)
			return complain(error, wrong);
	}
	return TRUE;
}

/* Returns: (nullable): the file that counts */
static char *
find_file(const char *const *directories)
{
	for (guint i = 0; directories != NULL && directories[i] != NULL; i++) {
		g_autofree char *path = g_build_filename(directories[i], OUTLOOK_PRESETS_FILE, NULL);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return g_steal_pointer(&path);
	}
	return NULL;
}

OutlookSettings *
outlook_presets_load(const OutlookPresets *built, const char *const *directories, GError **error)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_new();
	g_autofree char *path = find_file(directories);

	if (!take_built(settings, built, error) || (path == NULL && !check_all(settings, error))) {
		g_prefix_error(error, "%s ", _("What was preset when this plugin was built cannot be used."));
		return NULL;
	}
	if (path != NULL && (!take_file(settings, path, error) || !check_all(settings, error))) {
		g_autofree char *prefix =
			g_strdup_printf(_("The file %s cannot be used; tell your administrator."), path);

		g_prefix_error(error, "%s ", prefix);
		return NULL;
	}
	return g_steal_pointer(&settings);
}

gboolean
outlook_presets_are_complete(const OutlookSettings *settings)
{
	return settings->config->client_id != NULL && *settings->config->client_id != '\0';
}
