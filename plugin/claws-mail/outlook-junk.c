/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's menus are made of GtkUIManager and GtkAction. */
#define GDK_DISABLE_DEPRECATION_WARNINGS

#include "outlook-junk.h"

#include <glib/gi18n-lib.h>

#include <gtk/menu.h>
#include <summaryview.h>

#include "outlook-compat.h"
#include "outlook-folder.h"
#include "outlook-item.h"

#define JUNK "Message/OutlookJunk"
#define NOT_JUNK "Message/OutlookNotJunk"

/* An entry above which ours are put. */
static const struct {
	const char *menu;
	const char *above;
} places[] = {
	{"/Menu/Message", "/Menu/Message/Separator4"},
	{"/Menus/SummaryViewPopup", "/Menus/SummaryViewPopup/Separator3"},
};

static guint merges[G_N_ELEMENTS(places) * 2];
static GtkWidget *menus[G_N_ELEMENTS(places)];

static FolderItem *
find_role(FolderItem *item, StoreRole role)
{
	StoreAccount *store = outlook_item_get_store(item);
	OutlookItem *found =
		store != NULL ? outlook_item_find(item->folder, store_account_find_role(store, role)) : NULL;

	return (FolderItem *)found;
}

/* Where messages of this folder go; %NULL: the entry makes no sense for them. */
static FolderItem *
find_destination(FolderItem *shown, gboolean junk)
{
	FolderItem *junk_folder;
	gboolean inside;

	if (shown == NULL || !outlook_folder_is_ours(shown->folder) || outlook_item_is_queue(shown))
		return NULL;
	junk_folder = find_role(shown, STORE_ROLE_JUNK);
	inside = junk_folder != NULL && (shown == junk_folder || folder_is_child_of(shown, junk_folder));
	if (!junk)
		return inside ? find_role(shown, STORE_ROLE_INBOX) : NULL;
	if (inside || folder_has_parent_of_type(shown, F_DRAFT) || folder_has_parent_of_type(shown, F_OUTBOX))
		return NULL;
	return junk_folder;
}

static void
move_selected(gboolean junk)
{
	MainWindow *mainwin = outlook_compat_get_main_window();
	FolderItem *destination = mainwin != NULL ? find_destination(mainwin->summaryview->folder_item, junk) : NULL;

	if (destination != NULL)
		summary_move_selected_to(mainwin->summaryview, destination);
}

static void
on_junk(GtkAction *action, gpointer data)
{
	move_selected(TRUE);
}

static void
on_not_junk(GtkAction *action, gpointer data)
{
	move_selected(FALSE);
}

static GtkActionEntry entries[] = {
	{JUNK, NULL, N_("_Junk"), NULL, NULL, G_CALLBACK(on_junk)},
	{NOT_JUNK, NULL, N_("Not j_unk"), NULL, NULL, G_CALLBACK(on_not_junk)},
};

static void
update(MainWindow *mainwin, const char *name, gboolean junk)
{
	GtkAction *action = gtk_action_group_get_action(mainwin->action_group, name);
	SummaryView *summaryview = mainwin->summaryview;

	gtk_action_set_visible(action, find_destination(summaryview->folder_item, junk) != NULL);
	gtk_action_set_sensitive(action,
				 summary_get_selection_count(summaryview) > 0 && !summary_is_locked(summaryview));
}

static void
on_menu_shown(GtkWidget *menu, gpointer data)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin == NULL)
		return;
	update(mainwin, JUNK, TRUE);
	update(mainwin, NOT_JUNK, FALSE);
}

static GtkWidget *
find_menu(GtkUIManager *manager, const char *path)
{
	GtkWidget *widget = gtk_ui_manager_get_widget(manager, path);

	return GTK_IS_MENU_ITEM(widget) ? gtk_menu_item_get_submenu(GTK_MENU_ITEM(widget)) : widget;
}

static void
watch(GtkUIManager *manager, guint i)
{
	menus[i] = find_menu(manager, places[i].menu);
	if (menus[i] == NULL)
		return;
	g_object_add_weak_pointer(G_OBJECT(menus[i]), (gpointer *)&menus[i]);
	g_signal_connect(menus[i], "show", G_CALLBACK(on_menu_shown), NULL);
}

void
outlook_junk_init(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	/* The host translates labels with its own catalogue and leaves alone what it does not know. */
	for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
		entries[i].label = _(entries[i].label);
	gtk_action_group_add_actions(mainwin->action_group, entries, G_N_ELEMENTS(entries), NULL);
	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		for (guint j = 0; j < G_N_ELEMENTS(entries); j++) {
			guint merge = gtk_ui_manager_new_merge_id(mainwin->ui_manager);

			gtk_ui_manager_add_ui(mainwin->ui_manager, merge, places[i].above, entries[j].name,
					      entries[j].name, GTK_UI_MANAGER_MENUITEM, TRUE);
			merges[i * G_N_ELEMENTS(entries) + j] = merge;
		}
		watch(mainwin->ui_manager, i);
	}
}

void
outlook_junk_done(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	for (guint i = 0; i < G_N_ELEMENTS(menus); i++) {
		if (menus[i] == NULL)
			continue;
		g_signal_handlers_disconnect_by_func(menus[i], on_menu_shown, NULL);
		g_clear_weak_pointer(&menus[i]);
	}
	for (guint i = 0; i < G_N_ELEMENTS(merges); i++)
		gtk_ui_manager_remove_ui(mainwin->ui_manager, merges[i]);
	for (guint i = 0; i < G_N_ELEMENTS(entries); i++)
		gtk_action_group_remove_action(mainwin->action_group,
					       gtk_action_group_get_action(mainwin->action_group, entries[i].name));
	gtk_ui_manager_ensure_update(mainwin->ui_manager);
}
