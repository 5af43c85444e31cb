/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-refusal.h"

#include <glib/gi18n-lib.h>

char *
store_refusal_describe(StoreDb *db, const StoreEntry *entry, const char *reason)
{
	g_autofree char *subject =
		store_db_get_text(db, NULL, "SELECT subject FROM messages WHERE key = ?", "l", entry->message);
	g_autofree char *folder = store_db_get_text(
		db, NULL, "SELECT iif(server_name = '', name, server_name) FROM folders WHERE key = ?", "l",
		entry->folder);
	const char *about = subject != NULL && *subject != '\0' ? subject : _("(no subject)");
	const char *name = folder != NULL ? folder : entry->name != NULL ? entry->name : "";

	switch (entry->kind) {
	case STORE_JOURNAL_UPDATE:
		return g_strdup_printf(_("The server refused to mark the message “%s”: %s"), about, reason);
	case STORE_JOURNAL_MOVE:
		return g_strdup_printf(_("The server refused to move the message “%s” to the folder “%s”: %s"), about,
				       name, reason);
	case STORE_JOURNAL_COPY:
		return g_strdup_printf(_("The server refused to copy the message “%s” to the folder “%s”: %s"), about,
				       name, reason);
	case STORE_JOURNAL_DELETE:
		return g_strdup_printf(_("The server refused to delete the message “%s”: %s"), about, reason);
	case STORE_JOURNAL_APPEND:
		return g_strdup_printf(
			_("The server refused to store the message “%s”, which is now only on this computer: %s"),
			about, reason);
	case STORE_JOURNAL_CREATE_FOLDER:
		return g_strdup_printf(_("The server refused to create the folder “%s”: %s"), name, reason);
	case STORE_JOURNAL_RENAME_FOLDER:
		return g_strdup_printf(_("The server refused to rename the folder “%s” to “%s”: %s"), name,
				       entry->name != NULL ? entry->name : "", reason);
	case STORE_JOURNAL_MOVE_FOLDER:
		return g_strdup_printf(_("The server refused to move the folder “%s”: %s"), name, reason);
	case STORE_JOURNAL_DELETE_FOLDER:
		return g_strdup_printf(_("The server refused to delete the folder “%s”: %s"), name, reason);
	}
	return g_strdup(reason);
}
