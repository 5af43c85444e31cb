/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

/*
 * The store's folders as the host's tree. Items are only removed here, and never while the host is busy; what
 * asks for it comes from idle.
 */

/*
 * What a mailbox has before anything is known of it: an Inbox, without which no check comes, and all that the host
 * misses with a dialog at its start.
 */
void outlook_tree_add_basics(Folder *folder);

/* Makes the tree agree with the store. Does nothing while the store cannot be asked. TRUE when something
 * changed. */
gboolean outlook_tree_update(Folder *folder);

/* Asks for outlook_tree_update() as soon as the host has time. */
void outlook_tree_update_later(Folder *folder);
void outlook_tree_forget(void); /* drops what was asked for */

FolderItem *outlook_tree_add_item(FolderItem *parent, gint64 key, const char *id, const char *label);
void outlook_tree_reparent_item(FolderItem *item, FolderItem *parent);

/* With everything below it; the list on screen is emptied first when it shows one of them. */
void outlook_tree_remove_item(FolderItem *item);

/* The list on screen is emptied when it shows one of its folders. */
void outlook_tree_leave(Folder *folder);

/* As a new mailbox; also with folders that are known to the host alone, and what is in them. */
void outlook_tree_clear(Folder *folder);

G_END_DECLS
