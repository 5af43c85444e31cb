/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-settings.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-cloud.h"
#include "oauth-error.h"
#include "oauth-permission.h"

#define GROUP "Outlook"

/**
 * outlook_settings_new:
 *
 * Returns: (transfer full): settings of a new account: a fresh UUID, the global cloud, the least useful scopes and
 *   no client id
 */
OutlookSettings *
outlook_settings_new(void)
{
	OutlookSettings *self = g_new0(OutlookSettings, 1);
	const OauthCloud *cloud = oauth_cloud_find("global");
	g_autofree char *uuid = g_uuid_string_random();
	OauthConfig *config = oauth_config_new(uuid);

	config->client_id = g_strdup("");
	config->tenant = g_strdup("");
	config->identity_origin = g_strdup(cloud != NULL ? cloud->identity_origin : "");
	config->graph_origin = g_strdup(cloud != NULL ? cloud->graph_origin : "");
	config->scopes =
		g_strdupv((char **)oauth_permission_find_set(OAUTH_PERMISSION_SET_DEFAULT, OAUTH_AUDIENCE_WORK));
	config->response_mode = OAUTH_RESPONSE_MODE_FORM_POST;
	config->redirect_host = g_strdup("localhost");
	config->redirect_path = g_strdup("");
	self->config = config;
	self->cloud = g_strdup("global");
	self->shared = g_new0(char *, 1);
	return self;
}

OutlookSettings *
outlook_settings_copy(const OutlookSettings *self)
{
	OutlookSettings *copy = g_new0(OutlookSettings, 1);

	copy->config = oauth_config_copy(self->config);
	copy->cloud = g_strdup(self->cloud);
	copy->shared = g_strdupv(self->shared);
	return copy;
}

void
outlook_settings_free(OutlookSettings *self)
{
	if (self == NULL)
		return;
	oauth_config_free(self->config);
	g_free(self->cloud);
	g_strfreev(self->shared);
	g_free(self);
}

gboolean
outlook_settings_is_blank(gunichar c)
{
	return g_unichar_isspace(c) || c == 0x200b || c == 0x200c || c == 0x200d || c == 0x2060 || c == 0xfeff;
}

char *
outlook_settings_trim(const char *text)
{
	const char *start = text != NULL ? text : "";
	const char *end;

	if (!g_utf8_validate(start, -1, NULL))
		return g_strdup(start);
	while (*start != '\0' && outlook_settings_is_blank(g_utf8_get_char(start)))
		start = g_utf8_next_char(start);
	end = start + strlen(start);
	while (end > start && outlook_settings_is_blank(g_utf8_get_char(g_utf8_prev_char(end))))
		end = g_utf8_prev_char(end);
	return g_strndup(start, end - start);
}

void
outlook_settings_set(char **place, const char *text)
{
	char *trimmed = outlook_settings_trim(text);

	g_free(*place);
	*place = trimmed;
}

/* Replaces *@value when the file has @key; blanks around a value are nobody's intention. */
static void
take_string(GKeyFile *file, const char *key, char **value)
{
	g_autofree char *found = g_key_file_get_string(file, GROUP, key, NULL);

	if (found != NULL)
		outlook_settings_set(value, found);
}

/* Replaces *@list when the file has @key with something in it. */
static void
take_list(GKeyFile *file, const char *key, char ***list)
{
	char **found = g_key_file_get_string_list(file, GROUP, key, NULL, NULL);

	if (found == NULL || found[0] == NULL) {
		g_strfreev(found);
		return;
	}
	g_strfreev(*list);
	*list = found;
}

static gboolean
parse_response_mode(const char *text, OauthResponseMode *mode, GError **error)
{
	if (g_strcmp0(text, "form_post") == 0) {
		*mode = OAUTH_RESPONSE_MODE_FORM_POST;
	} else if (g_strcmp0(text, "query") == 0) {
		*mode = OAUTH_RESPONSE_MODE_QUERY;
	} else {
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
			    _("“%s” is not a way in which the sign-in page can answer."), text);
		return FALSE;
	}
	return TRUE;
}

gboolean
outlook_settings_settle_cloud(OutlookSettings *self, GError **error)
{
	const OauthCloud *cloud;

	if (g_strcmp0(self->cloud, "custom") == 0) {
		g_autofree char *identity = oauth_cloud_check_origin(self->config->identity_origin, error);
		g_autofree char *graph =
			identity != NULL ? oauth_cloud_check_origin(self->config->graph_origin, error) : NULL;

		if (graph == NULL)
			return FALSE;
		g_free(self->config->identity_origin);
		g_free(self->config->graph_origin);
		self->config->identity_origin = g_steal_pointer(&identity);
		self->config->graph_origin = g_steal_pointer(&graph);
		return TRUE;
	}

	cloud = oauth_cloud_find(self->cloud);
	if (cloud == NULL) {
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION, _("There is no cloud “%s”."), self->cloud);
		return FALSE;
	}
	g_free(self->config->identity_origin);
	g_free(self->config->graph_origin);
	self->config->identity_origin = g_strdup(cloud->identity_origin);
	self->config->graph_origin = g_strdup(cloud->graph_origin);
	return TRUE;
}

/**
 * outlook_settings_parse:
 * @text: (nullable): as outlook_settings_to_text() wrote it, or a person
 *
 * The UUID becomes part of a path, so that nothing but a UUID is taken for one. Unknown keys are ignored.
 *
 * Returns: (transfer full): the settings, or %NULL with %OAUTH_ERROR_CONFIGURATION
 */
OutlookSettings *
outlook_settings_parse(const char *text, GError **error)
{
	g_autoptr(OutlookSettings) self = outlook_settings_new();
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) local = NULL;
	g_autofree char *mode = NULL;
	g_auto(GStrv) scopes = NULL;

	if (!g_key_file_load_from_data(file, text != NULL ? text : "", (gsize)-1, G_KEY_FILE_NONE, &local)) {
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
			    _("The account's settings cannot be read: %s"), local->message);
		return NULL;
	}

	g_clear_pointer(&self->config->account, g_free);
	take_string(file, "uuid", &self->config->account);
	if (self->config->account == NULL || !g_uuid_string_is_valid(self->config->account)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("The account's settings have no valid “uuid”."));
		return NULL;
	}
	take_string(file, "client-id", &self->config->client_id);
	take_string(file, "tenant", &self->config->tenant);
	take_string(file, "cloud", &self->cloud);
	take_string(file, "identity", &self->config->identity_origin);
	take_string(file, "graph", &self->config->graph_origin);
	take_string(file, "redirect-host", &self->config->redirect_host);
	take_string(file, "redirect-path", &self->config->redirect_path);

	mode = g_key_file_get_string(file, GROUP, "response-mode", NULL);
	if (mode != NULL && !parse_response_mode(g_strstrip(mode), &self->config->response_mode, error))
		return NULL;

	take_list(file, "extra-scopes", &self->config->extra_scopes);
	take_list(file, "shared", &self->shared);
	scopes = g_key_file_get_string_list(file, GROUP, "scopes", NULL, NULL);
	if (scopes != NULL && scopes[0] != NULL) {
		g_strfreev(self->config->scopes);
		self->config->scopes = g_steal_pointer(&scopes);
	}

	if (!outlook_settings_settle_cloud(self, error))
		return NULL;
	return g_steal_pointer(&self);
}

char *
outlook_settings_to_text(const OutlookSettings *self)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	const char *mode = self->config->response_mode == OAUTH_RESPONSE_MODE_QUERY ? "query" : "form_post";

	g_key_file_set_string(file, GROUP, "uuid", self->config->account);
	g_key_file_set_string(file, GROUP, "client-id", self->config->client_id != NULL ? self->config->client_id : "");
	g_key_file_set_string(file, GROUP, "tenant", self->config->tenant != NULL ? self->config->tenant : "");
	g_key_file_set_string(file, GROUP, "cloud", self->cloud != NULL ? self->cloud : "global");
	g_key_file_set_string(file, GROUP, "identity",
			      self->config->identity_origin != NULL ? self->config->identity_origin : "");
	g_key_file_set_string(file, GROUP, "graph",
			      self->config->graph_origin != NULL ? self->config->graph_origin : "");
	g_key_file_set_string_list(file, GROUP, "scopes", (const char *const *)self->config->scopes,
				   g_strv_length(self->config->scopes));
	if (self->config->extra_scopes != NULL && self->config->extra_scopes[0] != NULL)
		g_key_file_set_string_list(file, GROUP, "extra-scopes", (const char *const *)self->config->extra_scopes,
					   g_strv_length(self->config->extra_scopes));
	if (self->shared[0] != NULL)
		g_key_file_set_string_list(file, GROUP, "shared", (const char *const *)self->shared,
					   g_strv_length(self->shared));
	g_key_file_set_string(file, GROUP, "response-mode", mode);
	g_key_file_set_string(file, GROUP, "redirect-host",
			      self->config->redirect_host != NULL ? self->config->redirect_host : "");
	g_key_file_set_string(file, GROUP, "redirect-path",
			      self->config->redirect_path != NULL ? self->config->redirect_path : "");
	return g_key_file_to_data(file, NULL, NULL);
}

OauthConfig *
outlook_settings_to_config(const OutlookSettings *self, const char *account_name)
{
	OauthConfig *config = oauth_config_copy(self->config);

	config->name = g_strdup(account_name);
	if (config->redirect_path != NULL && *config->redirect_path == '\0')
		g_clear_pointer(&config->redirect_path, g_free);
	return config;
}
