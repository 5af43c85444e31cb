/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-browser.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include <common/utils.h>
#include <prefs_common.h>

/* open_uri() formats the command and the address into a buffer of this size and cuts what is longer. */
#define HOST_COMMAND_SIZE 8192

/* The host takes the first %s of a command that has no other `%`, and falls back to its own default. */
static gboolean
is_usable_command(const char *command)
{
	const char *place = command != NULL ? strchr(command, '%') : NULL;

	return place != NULL && place[1] == 's' && strchr(place + 2, '%') == NULL;
}

/* The host writes these characters as %XX. */
static gsize
encoded_length(const char *uri)
{
	gsize length = strlen(uri);

	for (const char *at = strpbrk(uri, "(),"); at != NULL; at = strpbrk(at + 1, "(),"))
		length += 2;
	return length;
}

gboolean
outlook_browser_open(const char *uri, GError **error)
{
	const char *command = prefs_common_get_uri_cmd();
	g_auto(GStrv) words = NULL;
	g_autofree char *program = NULL;

	g_return_val_if_fail(uri != NULL, FALSE);

	if (!is_usable_command(command)) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
				    _("No browser command is set. Set one in the preferences under External programs."));
		return FALSE;
	}

	if (strlen(command) + encoded_length(uri) >= HOST_COMMAND_SIZE) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    _("The address of the sign-in page is too long for the browser command."));
		return FALSE;
	}

	words = strsplit_with_quote(command, " ", 0);
	if (words[0] != NULL)
		program = g_find_program_in_path(words[0]);
	if (program == NULL) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    _("The browser command “%s” was not found. Set another one in the preferences under External programs."),
			    words[0] != NULL ? words[0] : "");
		return FALSE;
	}

	open_uri(uri, command);
	return TRUE;
}
