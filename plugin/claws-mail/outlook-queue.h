/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

/*
 * The queue of a mailbox: the server has no such folder, so its messages are numbered files in the directory of
 * the item. Messages keep the host's special headers here.
 */

#define OUTLOOK_QUEUE_DIRECTORY "queue" /* below that of a mailbox's own files */

guint outlook_queue_count(const char *directory); /* of its messages; 0 also where there is no such directory */
gint outlook_queue_list_numbers(FolderItem *item, GSList **list);
MsgInfo *outlook_queue_get_msginfo(FolderItem *item, gint number);
char *outlook_queue_get_file(FolderItem *item, gint number); /* %NULL when there is none */
gint outlook_queue_add(FolderItem *item, const char *file);  /* its number, or -1 */
gboolean outlook_queue_remove(FolderItem *item, gint number);

G_END_DECLS
