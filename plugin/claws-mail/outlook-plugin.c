/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>

#include <common/plugin.h>
#include <common/version.h>

gint
plugin_init(gchar **error)
{
	if (!check_plugin_version(MAKE_NUMERIC_VERSION(4, 1, 1, 0), VERSION_NUMERIC, "Outlook", error))
		return -1;
	return 0;
}

gboolean
plugin_done(void)
{
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
	return "Outlook.";
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
	static struct PluginFeature features[] = {{PLUGIN_UTILITY, "Outlook"}, {PLUGIN_NOTHING, NULL}};

	return features;
}
