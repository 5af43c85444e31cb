/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <folder.h>

G_BEGIN_DECLS

/* The entries of the host's menus: Tools, and the context menu of our folders. When the main window is there. */
void outlook_menu_init(void);
void outlook_menu_done(void);

/* What *Move folder…* does when @parent was chosen; says why not. */
void outlook_menu_move_folder(FolderItem *item, FolderItem *parent);

G_END_DECLS
