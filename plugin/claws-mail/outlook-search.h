/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

#include <matcher.h>

G_BEGIN_DECLS

/*
 * A member of the FolderClass. What the host's list knows of a mail is decided by it without a request: people,
 * subject, dates, flags, tags, attachments. What `$filter` compares exactly (API.md 5.2) is among that, so it is not
 * used: it would know less, since what waits in the journal lies over the server's state in the rows alone, and could
 * tell more only of a mail that was not listed yet, which has no number to name it by. Of the text, and of the lines of
 * a header that are not in the list, no comparison by it is documented.
 *
 * The text of mails that are on this computer is looked into; only where a mail is left of which neither tells, the
 * server is asked, by `$search`. Where that can only narrow down, the mails that are left are fetched and looked into.
 * Without the server it is said how many mails were not searched.
 */
gint outlook_search_msgs(Folder *folder, FolderItem *item, MsgNumberList **messages, gboolean *on_server,
			 MatcherList *predicate, SearchProgressNotify progress, gpointer data);

G_END_DECLS
