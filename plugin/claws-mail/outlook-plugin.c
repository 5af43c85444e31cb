/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <glib/gi18n-lib.h>

#include "outlook-accounts.h"
#include "outlook-windows.h"

#include <common/plugin.h>
#include <common/version.h>

/*
 * A plugin of the type "Common" is loaded before the host reads its accounts and folders; no window exists yet.
 */
gint
plugin_init(gchar **error)
{
	g_autoptr(GError) local = NULL;

	bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	if (!check_plugin_version(MAKE_NUMERIC_VERSION(4, 1, 1, 0), VERSION_NUMERIC, plugin_name(), error))
		return -1;
	if (!outlook_windows_init(&local)) {
		*error = g_strdup(local->message);
		return -1;
	}
	outlook_accounts_init();
	return 0;
}

/* FALSE: the libraries below keep threads and types, and stay loaded. */
gboolean
plugin_done(void)
{
	outlook_windows_done();
	outlook_accounts_done();
	return FALSE;
}

const gchar *
plugin_name(void)
{
	return "Outlook";
}

const gchar *
plugin_desc(void)
{
	return _("Mail of Microsoft 365, Exchange Online and Outlook.com accounts over Microsoft Graph.");
}

const gchar *
plugin_type(void)
{
	return "Common";
}

const gchar *
plugin_licence(void)
{
	return "GPL3+";
}

const gchar *
plugin_version(void)
{
	return PACKAGE_VERSION;
}

struct PluginFeature *
plugin_provides(void)
{
	static struct PluginFeature features[] = {{PLUGIN_FOLDERCLASS, "Outlook"}, {PLUGIN_NOTHING, NULL}};

	return features;
}
