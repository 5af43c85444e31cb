/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The only place that knows which version of the host this is. */

#include <glib.h>

#include <folder.h>
#include <inc.h>
#include <main.h>
#include <mainwindow.h>
#include <prefs_account.h>

G_BEGIN_DECLS

/* The host's type for a hook function changed its name, not its shape. */
typedef gboolean (*OutlookHook)(gpointer source, gpointer user_data);

/* 0 on failure */
gulong outlook_compat_add_hook(const char *list, OutlookHook hook, gpointer user_data);
void outlook_compat_remove_hook(const char *list, gulong *id);

/* %NULL before the main window exists and after it went. */
MainWindow *outlook_compat_get_main_window(void);

/*
 * TRUE while the host is in the middle of something that does not expect folders, messages or the list on
 * screen to change: a check, a move, a wait for a body, the filling of the message list.
 */
gboolean outlook_compat_is_busy(void);

/* Whether @item is on screen in a list that the host does not fill anew now, and will not later by itself. */
gboolean outlook_compat_is_list_locked(FolderItem *item);

/*
 * TRUE while the host copies or moves messages of the list on screen. It does not hold them: they go with the list,
 * when their folder goes.
 */
gboolean outlook_compat_is_list_at_work(void);

/* TRUE inside the host's *Get Mail* for @folder, by hand, timer or remote command. */
gboolean outlook_compat_is_checking(Folder *folder);

gboolean outlook_compat_is_offline(void);

/* *Send* of the main window, which the host leaves grey after a mail that could not be sent from its window. */
void outlook_compat_refresh_send(void);

G_END_DECLS
