/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "store-edit.h"
#include "store-folders.h"
#include "store-journal.h"
#include "store-text.h"

#define LONGEST_NAME 255

static gboolean
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_REFUSED, text);
	return FALSE;
}

static gboolean
check_siblings(const StoreEdit *edit, gint64 folder, gint64 parent, const char *name, GError **error)
{
	gint64 sibling = store_folders_find_child(edit->db, parent, name);

	if (sibling != 0 && sibling != folder)
		return refuse(error, _("There is a folder of this name already."));
	return TRUE;
}

static char *
check_name(const StoreEdit *edit, gint64 folder, gint64 parent, const char *name, GError **error)
{
	g_autofree char *clean = store_text_clean(name);

	g_strstrip(clean);
	if (*clean == '\0') {
		refuse(error, _("A folder needs a name."));
		return NULL;
	}
	if (g_utf8_strlen(clean, -1) > LONGEST_NAME) {
		refuse(error, _("The name of the folder is too long."));
		return NULL;
	}
	return check_siblings(edit, folder, parent, clean, error) ? g_steal_pointer(&clean) : NULL;
}

static gboolean
check_plain(const StoreEdit *edit, gint64 folder, GError **error)
{
	g_autoptr(StoreFolder) found = store_folders_get(edit->db, folder, error);

	if (found == NULL)
		return FALSE;
	if (store_folders_is_special(edit->db, folder))
		return refuse(error, _("A folder with a special role cannot be renamed, moved or deleted."));
	return TRUE;
}

static gboolean
check_parent(const StoreEdit *edit, gint64 parent, GError **error)
{
	g_autoptr(StoreFolder) found = parent != 0 ? store_folders_get(edit->db, parent, error) : NULL;

	return parent == 0 || found != NULL;
}

static gboolean
add(const StoreEdit *edit, const StoreEntry *entry, GError **error)
{
	edit->changes->tree = TRUE;
	edit->changes->journal = TRUE;
	return store_journal_add(edit->db, entry, error);
}

gint64
store_edit_create_folder(const StoreEdit *edit, gint64 parent, const char *name, GError **error)
{
	StoreEntry entry = {.kind = STORE_JOURNAL_CREATE_FOLDER, .parent = parent};
	g_autofree char *clean = NULL;

	if (!check_parent(edit, parent, error))
		return 0;
	clean = check_name(edit, 0, parent, name, error);
	if (clean == NULL ||
	    !store_db_run(edit->db, error,
			  "INSERT INTO folders (name, server_name, parent, server_parent) VALUES (?1, ?1, ?2, ?2)",
			  "sl", clean, parent))
		return 0;
	entry.folder = store_db_get_last_key(edit->db);
	entry.name = clean;
	return add(edit, &entry, error) ? entry.folder : 0;
}

gboolean
store_edit_rename_folder(const StoreEdit *edit, gint64 folder, const char *name, GError **error)
{
	StoreEntry entry = {.kind = STORE_JOURNAL_RENAME_FOLDER, .folder = folder};
	g_autofree char *clean = NULL;

	if (!check_plain(edit, folder, error))
		return FALSE;
	clean = check_name(
		edit, folder,
		store_db_get_integer(edit->db, 0, NULL, "SELECT parent FROM folders WHERE key = ?", "l", folder), name,
		error);
	entry.name = clean;
	return clean != NULL &&
	       store_db_run(edit->db, error, "UPDATE folders SET name = ? WHERE key = ?", "sl", clean, folder) &&
	       add(edit, &entry, error);
}

gboolean
store_edit_move_folder(const StoreEdit *edit, gint64 folder, gint64 parent, GError **error)
{
	StoreEntry entry = {.kind = STORE_JOURNAL_MOVE_FOLDER, .folder = folder, .parent = parent};
	g_autofree char *name = NULL;

	if (!check_plain(edit, folder, error) || !check_parent(edit, parent, error))
		return FALSE;
	if (store_folders_is_within(edit->db, parent, folder))
		return refuse(error, _("A folder cannot be moved into itself."));
	name = store_db_get_text(edit->db, error, "SELECT name FROM folders WHERE key = ?", "l", folder);
	/* The name itself is the server's: one of blanks alone, which a person could not give here, moves as well. */
	return name != NULL && check_siblings(edit, folder, parent, name, error) &&
	       store_db_run(edit->db, error, "UPDATE folders SET parent = ? WHERE key = ?", "ll", parent, folder) &&
	       add(edit, &entry, error);
}

/* Not longer than a name may be. */
static char *
add_number(const char *name, guint number)
{
	g_autofree char *suffix = g_strdup_printf(" (%u)", number);
	glong length = MIN(g_utf8_strlen(name, -1), LONGEST_NAME - (glong)strlen(suffix));
	g_autofree char *start = g_utf8_substring(name, 0, length);

	return g_strstrip(g_strconcat(start, suffix, NULL));
}

/*
 * A second "Old" beside the first in Deleted Items is "Old (2)", there and here. It is renamed where it is, before it
 * goes: the name has to be free there as well.
 */
static gboolean
make_unique(const StoreEdit *edit, gint64 folder, gint64 parent, GError **error)
{
	g_autofree char *name =
		store_db_get_text(edit->db, error, "SELECT name FROM folders WHERE key = ?", "l", folder);
	g_autofree char *unique = NULL;
	guint number = 2;
	gint64 here;

	if (name == NULL)
		return FALSE;
	if (store_folders_find_child(edit->db, parent, name) == 0)
		return TRUE;
	here = store_db_get_integer(edit->db, 0, NULL, "SELECT parent FROM folders WHERE key = ?", "l", folder);
	do {
		g_free(unique);
		unique = add_number(name, number++);
	} while (store_folders_find_child(edit->db, parent, unique) != 0 ||
		 store_folders_find_child(edit->db, here, unique) != 0);
	return store_edit_rename_folder(edit, folder, unique, error);
}

gboolean
store_edit_delete_folder(const StoreEdit *edit, gint64 folder, GError **error)
{
	gint64 trash = store_folders_find_role(edit->db, STORE_ROLE_TRASH);
	gboolean in_trash = trash != 0 && store_folders_is_within(edit->db, folder, trash);
	StoreEntry entry = {.kind = STORE_JOURNAL_DELETE_FOLDER, .folder = folder};

	if (!check_plain(edit, folder, error))
		return FALSE;
	if (trash != 0 && !in_trash)
		return make_unique(edit, folder, trash, error) && store_edit_move_folder(edit, folder, trash, error);
	return store_db_run(edit->db, error, "UPDATE folders SET deleted = 1 WHERE key = ?", "l", folder) &&
	       add(edit, &entry, error);
}
