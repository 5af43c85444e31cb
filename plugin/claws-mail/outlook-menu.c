/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's menus are made of GtkUIManager and GtkAction. */
#define GDK_DISABLE_DEPRECATION_WARNINGS

#include "outlook-menu.h"

#include <glib/gi18n-lib.h>

#include <alertpanel.h>
#include <common/utils.h>
#include <folder.h>
#include <folder_item_prefs.h>
#include <foldersel.h>
#include <folderview.h>
#include <gtk/inputdialog.h>
#include <gtk/menu.h>
#include <mainwindow.h>
#include <prefs_common.h>

#include "outlook-assistant.h"
#include "outlook-compat.h"
#include "outlook-drag.h"
#include "outlook-folder.h"
#include "outlook-item.h"
#include "outlook-junk.h"
#include "outlook-label.h"
#include "outlook-shared.h"
#include "outlook-wait.h"

#define POPUP "FolderViewPopup/"

static guint tools_merge;
static gboolean ready;

/* What a person asked for by the context menu; %NULL when it is none of ours. */
static FolderItem *
get_selected(gpointer folderview)
{
	FolderItem *item = folderview_get_selected_item(folderview);

	return item != NULL && outlook_folder_is_ours(item->folder) ? item : NULL;
}

/* Whether a folder below @parent, @item or a new one, can have the name; says why not. The host takes what it says for
 * markup. */
static gboolean
check_name(FolderItem *parent, FolderItem *item, const char *name)
{
	g_autofree char *label = outlook_label_from_name(name);
	g_autofree char *markup = g_markup_escape_text(name, -1);
	FolderItem *sibling = folder_find_child_item_by_name(parent, label);

	if (*name == '\0') {
		alertpanel_error(_("A folder needs a name."));
		return FALSE;
	}
	if (sibling != NULL && sibling != item) {
		alertpanel_error(_("There is a folder “%s” here already."), markup);
		return FALSE;
	}
	return TRUE;
}

static void
on_new(GtkAction *action, gpointer folderview)
{
	FolderItem *parent = get_selected(folderview);
	g_autofree char *given = NULL;
	g_autofree char *name = NULL;
	FolderItem *item;

	if (parent == NULL)
		return;
	given = input_dialog_with_checkbtn(_("New folder"), _("Name of the new folder:"), _("New folder"),
					   _("Inherit properties and processing rules from the parent folder"),
					   &prefs_common_get_prefs()->inherit_folder_props);
	if (given == NULL || !outlook_item_is_alive(parent))
		return;
	name = outlook_label_read_name(given, NULL);
	if (!check_name(parent, NULL, name))
		return;
	item = folder_create_folder(parent, name);
	if (item == NULL) {
		g_autofree char *markup = g_markup_escape_text(name, -1);

		alertpanel_error_log(_("The folder “%s” could not be created."), markup);
		return;
	}
	if (prefs_common_get_prefs()->inherit_folder_props)
		folder_item_prefs_copy_prefs(parent, item);
	folder_write_list();
}

static void
on_rename(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);
	g_autofree char *current = NULL;
	g_autofree char *question = NULL;
	g_autofree char *given = NULL;
	g_autofree char *name = NULL;

	if (item == NULL || !outlook_folder_may_change(item))
		return;
	current = outlook_folder_dup_name(item);
	if (current == NULL)
		return;
	question = g_strdup_printf(_("New name of the folder “%s”:"), current);
	given = input_dialog(_("Rename folder"), question, current);
	if (given == NULL || !outlook_item_is_alive(item))
		return;
	name = outlook_label_read_name(given, current);
	if (name == NULL || !check_name(folder_item_parent(item), item, name))
		return;
	if (!outlook_folder_rename(item, name)) {
		g_autofree char *markup = g_markup_escape_text(name, -1);

		alertpanel_error_log(_("The folder could not be renamed to “%s”."), markup);
	}
}

void
outlook_menu_move_folder(FolderItem *item, FolderItem *parent)
{
	g_autofree char *markup = g_markup_escape_text(item->name, -1);

	if (parent == item || parent == folder_item_parent(item))
		return;
	if (parent->folder != item->folder)
		alertpanel_error(_("A folder can only be moved inside its mailbox. Copy its messages instead."));
	else if (folder_is_child_of(parent, item))
		alertpanel_error(_("A folder cannot be moved into itself."));
	else if (folder_find_child_item_by_name(parent, item->name) != NULL)
		alertpanel_error(_("There is a folder “%s” there already."), markup);
	else if (!outlook_folder_move(item, parent))
		alertpanel_error_log(_("The folder “%s” could not be moved there."), markup);
}

static void
on_move(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);
	g_autofree char *question = NULL;
	FolderItem *parent;

	if (item == NULL || !outlook_folder_may_change(item))
		return;
	question = g_strdup_printf(_("Select the folder into which “%s” is moved"), item->name);
	parent = foldersel_folder_sel(item->folder, FOLDER_SEL_MOVE, NULL, TRUE, question);
	if (parent != NULL && outlook_item_is_alive(item))
		outlook_menu_move_folder(item, parent);
}

static void
on_delete(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);
	g_autofree char *question = NULL;
	g_autofree char *name = NULL;

	if (item == NULL || !outlook_folder_may_change(item))
		return;
	name = g_strdup(item->name);
	question = folder_has_parent_of_type(item, F_TRASH)
			   ? g_markup_printf_escaped(_("The folder “%s” is deleted for good, with all its messages and "
						       "folders.\n\nDo you want to delete it?"),
						     name)
			   : g_markup_printf_escaped(_("The folder “%s” moves to Deleted Items, with all its messages "
						       "and folders.\n\nDo you want to delete it?"),
						     name);
	if (alertpanel_full(_("Delete folder"), question, NULL, _("_Cancel"), "edit-delete", _("_Delete"), NULL, NULL,
			    ALERTFOCUS_FIRST, FALSE, NULL, ALERT_WARNING) != G_ALERTALTERNATE)
		return;
	if (outlook_item_is_alive(item) && !outlook_folder_delete(item)) {
		g_autofree char *markup = g_markup_escape_text(name, -1);

		alertpanel_error_log(_("The folder “%s” could not be deleted."), markup);
	}
}

static void
on_check(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);

	if (item != NULL)
		folderview_check_new(item->folder);
}

static void
on_download(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);

	if (item != NULL && !item->no_select && outlook_item_get_store(item) != NULL)
		outlook_account_download(outlook_item_get_account(item), OUTLOOK_ITEM(item)->key, 0);
}

static void
on_stop(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);
	OutlookAccount *account = item != NULL ? outlook_item_get_account(item) : NULL;

	if (account != NULL)
		outlook_wait_stop_downloads(account);
}

static void
on_synchronise(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);

	if (item != NULL)
		folder_synchronise(item->folder);
}

static void
on_add_shared(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);

	if (item != NULL && item->folder->account != NULL)
		outlook_shared_add(item->folder->account, NULL);
}

static void
on_remove_shared(GtkAction *action, gpointer folderview)
{
	FolderItem *item = get_selected(folderview);
	const char *selected = item != NULL ? outlook_folder_get_mailbox(item->folder) : NULL;
	g_autofree char *mailbox = g_strdup(selected);

	if (mailbox != NULL && item->folder->account != NULL)
		outlook_shared_remove(item->folder->account, mailbox);
}

static GtkActionEntry popup_entries[] = {
	{POPUP "CreateNewFolder", NULL, N_("Create _new folder…"), NULL, NULL, G_CALLBACK(on_new)},
	{POPUP "RenameFolder", NULL, N_("_Rename folder…"), NULL, NULL, G_CALLBACK(on_rename)},
	{POPUP "MoveFolder", NULL, N_("M_ove folder…"), NULL, NULL, G_CALLBACK(on_move)},
	{POPUP "DeleteFolder", NULL, N_("_Delete folder…"), NULL, NULL, G_CALLBACK(on_delete)},
	{POPUP "CheckNewMessages", NULL, N_("_Check for new messages"), NULL, NULL, G_CALLBACK(on_check)},
	{POPUP "DownloadMessages", NULL, N_("Down_load messages"), NULL, NULL, G_CALLBACK(on_download)},
	{POPUP "StopDownload", NULL, N_("S_top downloading"), NULL, NULL, G_CALLBACK(on_stop)},
	{POPUP "Synchronise", NULL, N_("_Synchronise mailbox"), NULL, NULL, G_CALLBACK(on_synchronise)},
	{POPUP "AddSharedMailbox", NULL, N_("_Add shared mailbox…"), NULL, NULL, G_CALLBACK(on_add_shared)},
	{POPUP "RemoveSharedMailbox", NULL, N_("R_emove shared mailbox…"), NULL, NULL, G_CALLBACK(on_remove_shared)},
};

static void
add_entry(GtkUIManager *manager, const char *name, const char *action, GtkUIManagerItemType type)
{
	g_autofree char *path = g_strconcat(POPUP, action, NULL);

	gtk_ui_manager_add_ui(manager, gtk_ui_manager_new_merge_id(manager), "/Popup/FolderViewPopup", name, path, type,
			      FALSE);
}

static void
add_menuitems(GtkUIManager *manager, FolderItem *item)
{
	add_entry(manager, "CreateNewFolder", "CreateNewFolder", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "SeparatorOutlook1", "---", GTK_UI_MANAGER_SEPARATOR);
	add_entry(manager, "RenameFolder", "RenameFolder", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "MoveFolder", "MoveFolder", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "SeparatorOutlook2", "---", GTK_UI_MANAGER_SEPARATOR);
	add_entry(manager, "DeleteFolder", "DeleteFolder", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "SeparatorOutlook3", "---", GTK_UI_MANAGER_SEPARATOR);
	add_entry(manager, "CheckNewMessages", "CheckNewMessages", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "DownloadMessages", "DownloadMessages", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "StopDownload", "StopDownload", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "Synchronise", "Synchronise", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "SeparatorOutlook4", "---", GTK_UI_MANAGER_SEPARATOR);
	add_entry(manager, "AddSharedMailbox", "AddSharedMailbox", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "RemoveSharedMailbox", "RemoveSharedMailbox", GTK_UI_MANAGER_MENUITEM);
	add_entry(manager, "SeparatorOutlook5", "---", GTK_UI_MANAGER_SEPARATOR);
}

static void
set_sensitive(GtkUIManager *manager, const char *action, gboolean sensitive)
{
	g_autofree char *path = g_strconcat("Popup/" POPUP, action, NULL);

	cm_menu_set_sensitive_full(manager, path, sensitive);
}

/* No folders below those that the service or the host puts to a purpose of its own. */
static gboolean
may_have_children(FolderItem *item)
{
	return !item->no_sub && !outlook_item_is_queue(item) && item->stype != F_TRASH && item->stype != F_OUTBOX &&
	       item->stype != F_DRAFT && !folder_has_parent_of_type(item, F_TRASH) &&
	       !folder_has_parent_of_type(item, F_OUTBOX) && !folder_has_parent_of_type(item, F_DRAFT);
}

static void
set_sensitivity(GtkUIManager *manager, FolderItem *item)
{
	gboolean ours = item != NULL && outlook_folder_is_ours(item->folder);
	gboolean has_store = ours && item->folder->account != NULL &&
			     (folder_item_parent(item) == NULL || outlook_item_get_store(item) != NULL);
	gboolean may_change = ours && outlook_folder_may_change(item);
	gboolean may_go = ours && outlook_folder_may_go(item);
	OutlookAccount *account = ours ? outlook_item_get_account(item) : NULL;

	set_sensitive(manager, "CreateNewFolder", has_store && may_have_children(item));
	set_sensitive(manager, "RenameFolder", may_change);
	set_sensitive(manager, "MoveFolder", may_go);
	set_sensitive(manager, "DeleteFolder", may_go && !outlook_compat_is_list_at_work());
	set_sensitive(manager, "CheckNewMessages", ours);
	set_sensitive(manager, "DownloadMessages",
		      has_store && !item->no_select && folder_item_parent(item) != NULL &&
			      !outlook_item_is_queue(item) && account != NULL && outlook_account_is_online(account));
	set_sensitive(manager, "StopDownload", account != NULL && outlook_account_is_downloading(account));
	set_sensitive(manager, "AddSharedMailbox", ours && item->folder->account != NULL);
	set_sensitive(manager, "RemoveSharedMailbox",
		      ours && outlook_folder_get_mailbox(item->folder) != NULL && !outlook_compat_is_list_at_work() &&
			      !outlook_wait_holds_tree());
	set_sensitive(manager, "Synchronise", ours && folder_want_synchronise(item->folder));
}

static FolderViewPopup popup = {
	.klass = (char *)OUTLOOK_CLASS_ID,
	.path = (char *)"<OutlookFolder>",
	.entries = popup_entries,
	.n_entries = G_N_ELEMENTS(popup_entries),
	.add_menuitems = add_menuitems,
	.set_sensitivity = set_sensitivity,
};

static void
on_add_account(GtkAction *action, gpointer data)
{
	outlook_assistant_show();
}

static GtkActionEntry tools_entries[] = {
	{"Tools/AddOutlookAccount", NULL, N_("Add _Outlook account…"), NULL, NULL, G_CALLBACK(on_add_account)},
};

/* The host translates labels with its own catalogue and leaves alone what it does not know. */
static void
translate(GtkActionEntry *entries, guint length)
{
	for (guint i = 0; i < length; i++)
		entries[i].label = _(entries[i].label);
}

void
outlook_menu_init(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin == NULL || ready)
		return;
	ready = TRUE;
	translate(popup_entries, G_N_ELEMENTS(popup_entries));
	translate(tools_entries, G_N_ELEMENTS(tools_entries));
	gtk_action_group_add_actions(mainwin->action_group, tools_entries, G_N_ELEMENTS(tools_entries), NULL);
	MENUITEM_ADDUI_ID_MANAGER(mainwin->ui_manager, "/Menu/Tools", "AddOutlookAccount", "Tools/AddOutlookAccount",
				  GTK_UI_MANAGER_MENUITEM, tools_merge)
	folderview_register_popup(&popup);
	outlook_junk_init();
	outlook_drag_init();
}

void
outlook_menu_done(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (!ready)
		return;
	ready = FALSE;
	if (mainwin == NULL)
		return;
	outlook_drag_done();
	outlook_junk_done();
	folderview_unregister_popup(&popup);
	MENUITEM_REMUI_MANAGER(mainwin->ui_manager, mainwin->action_group, "Tools/AddOutlookAccount", tools_merge)
	tools_merge = 0;
}
