/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

#include <matcher.h>

G_BEGIN_DECLS

/*
 * A member of the FolderClass. What the host's list knows of a mail is decided by it, the text of mails by the server
 * and, for those that are on this computer, by their text; where the server can only narrow down, the mails that are
 * left are fetched and looked into. Without the server it is said how many mails were not searched.
 */
gint outlook_search_msgs(Folder *folder, FolderItem *item, MsgNumberList **messages, gboolean *on_server,
			 MatcherList *predicate, SearchProgressNotify progress, gpointer data);

G_END_DECLS
