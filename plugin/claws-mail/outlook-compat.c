/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-compat.h"

#include <common/hooks.h>
#include <folderview.h>
#include <prefs_common.h>
#include <summaryview.h>
#include <toolbar.h>

gulong
outlook_compat_add_hook(const char *list, OutlookHook hook, gpointer user_data)
{
	return hooks_register_hook(list, hook, user_data);
}

void
outlook_compat_remove_hook(const char *list, gulong *id)
{
	if (*id == 0)
		return;
	hooks_unregister_hook(list, *id);
	*id = 0;
}

MainWindow *
outlook_compat_get_main_window(void)
{
	if (claws_is_starting() || claws_is_exiting())
		return NULL;
	return mainwindow_get_mainwindow();
}

gboolean
outlook_compat_is_busy(void)
{
	MainWindow *mainwin;

	if (claws_is_starting() || claws_is_exiting())
		return TRUE;
	mainwin = mainwindow_get_mainwindow();
	if (mainwin == NULL)
		return inc_lock_count > 0;
	/* A folder that is opened a moment later is remembered by its row, which must not go. */
	return inc_lock_count > 0 || mainwin->lock_count > 0 || summary_is_locked(mainwin->summaryview) ||
	       mainwin->folderview->postpone_select_id != 0;
}

gboolean
outlook_compat_is_list_locked(FolderItem *item)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	return mainwin != NULL && mainwin->summaryview->folder_item == item && summary_is_locked(mainwin->summaryview);
}

gboolean
outlook_compat_is_list_at_work(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	return mainwin != NULL && mainwin->summaryview->mlist != NULL;
}

gboolean
outlook_compat_is_checking(Folder *folder)
{
	MainWindow *mainwin = mainwindow_get_mainwindow();

	return mainwin != NULL && mainwin->folderview != NULL && mainwin->folderview->scanning_folder == folder;
}

void
outlook_compat_refresh_send(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin == NULL)
		return;
	toolbar_main_set_sensitive(mainwin);
	main_window_set_menu_sensitive(mainwin);
}

gboolean
outlook_compat_is_offline(void)
{
	return prefs_common_get_prefs()->work_offline;
}
