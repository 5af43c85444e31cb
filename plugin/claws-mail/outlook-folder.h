/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

#define OUTLOOK_CLASS_ID "outlook"

/* The host's class of a mailbox of ours. */
FolderClass *outlook_folder_get_class(void);

gboolean outlook_folder_is_ours(Folder *folder);

/* A mailbox, tied to @account, with an Inbox and a queue, known to the host. Transfer none: the host owns it.
 */
Folder *outlook_folder_create(PrefsAccount *account);

/* Likewise a tree of a shared mailbox of @account. */
Folder *outlook_folder_create_shared(PrefsAccount *account, const char *mailbox);

/* (nullable): address of a shared mailbox, %NULL for the account's own; @folder is ours */
const char *outlook_folder_get_mailbox(Folder *folder);

/* (transfer full) (nullable): the name that the server has, or will have, of what the host knows by a label; %NULL for
 * what is not in the store. */
char *outlook_folder_dup_name(FolderItem *item);

/*
 * What surrounds the host's call for a person's command; the caller asks before and says afterwards when it
 * failed.
 * @item is a folder of ours, @name the server's, not a label.
 */
gboolean outlook_folder_may_change(FolderItem *item); /* renamed, moved, deleted: neither special nor the queue */
gboolean outlook_folder_may_go(FolderItem *item);     /* moved, deleted: and the host is not in the tree */
gboolean outlook_folder_rename(FolderItem *item, const char *name);
gboolean outlook_folder_move(FolderItem *item, FolderItem *parent);
gboolean outlook_folder_delete(FolderItem *item);

G_END_DECLS
