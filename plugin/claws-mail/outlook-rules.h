/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <folder.h>

G_BEGIN_DECLS

/*
 * What names a folder by its identifier, the path of its labels: filtering and processing rules, the folders that
 * accounts and actions use. Main thread.
 */

/* @item, known as @old_id until now, has another identifier: whatever named it, or one below it, names it as it is
 * called now. Its own preferences are saved under the new one. */
void outlook_rules_follow(FolderItem *item, const char *old_id);

/* The folder @id is gone: rules with an action that names it, or one below it, are deleted, as the host does with
 * its own folders. */
void outlook_rules_forget(const char *id);

G_END_DECLS
