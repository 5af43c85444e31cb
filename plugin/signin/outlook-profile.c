/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-profile.h"

#include <string.h>

#define ACCOUNT_NAME "account_name="
#define PRIVACY_PREFS "privacy_prefs="
#define OUR_PREFS "outlook="

void
outlook_profile_account_free(OutlookProfileAccount *self)
{
	if (self == NULL)
		return;
	g_free(self->name);
	outlook_settings_free(self->settings);
	g_free(self);
}

/* The client keeps what belongs to plugins as `name=base64`, one after the other with commas between. */
static OutlookSettings *
read_settings(const char *value)
{
	g_auto(GStrv) entries = g_strsplit(value, ",", -1);

	for (char **entry = entries; *entry != NULL; entry++) {
		g_autofree guchar *bytes = NULL;
		g_autofree char *text = NULL;
		gsize length;

		if (!g_str_has_prefix(*entry, OUR_PREFS))
			continue;
		bytes = g_base64_decode(*entry + strlen(OUR_PREFS), &length);
		text = g_strndup((const char *)bytes, length);
		return outlook_settings_parse(text, NULL);
	}
	return NULL;
}

static void
end_account(GPtrArray *accounts, OutlookProfileAccount *account)
{
	if (account->settings == NULL)
		outlook_profile_account_free(account);
	else
		g_ptr_array_add(accounts, account);
}

GPtrArray *
outlook_profile_parse(const char *text)
{
	GPtrArray *accounts = g_ptr_array_new_with_free_func((GDestroyNotify)outlook_profile_account_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	OutlookProfileAccount *account = g_new0(OutlookProfileAccount, 1);

	for (char **line = lines; *line != NULL; line++) {
		g_strchomp(*line);
		if (g_str_has_prefix(*line, "[")) {
			end_account(accounts, account);
			account = g_new0(OutlookProfileAccount, 1);
		} else if (g_str_has_prefix(*line, ACCOUNT_NAME)) {
			g_free(account->name);
			account->name = g_strdup(*line + strlen(ACCOUNT_NAME));
		} else if (g_str_has_prefix(*line, PRIVACY_PREFS) && account->settings == NULL) {
			account->settings = read_settings(*line + strlen(PRIVACY_PREFS));
		}
	}
	end_account(accounts, account);
	return accounts;
}

GPtrArray *
outlook_profile_read(const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, "accountrc", NULL);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, error))
		return NULL;
	return outlook_profile_parse(text);
}
