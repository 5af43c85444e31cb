/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-message.h"

#include "outlook-compat.h"
#include <procmsg.h>

G_BEGIN_DECLS

/* A message of the store as the host knows it, and back. Nothing here writes. */

MsgInfo *outlook_msginfo_new(const StoreMessage *message, FolderItem *item);

/* @current with the bits that the store knows replaced by what it says; NEW is taken as @fresh says. */
MsgPermFlags outlook_msginfo_merge_flags(MsgPermFlags current, StoreFlags flags, gboolean fresh);

/* What the store is to be told when the host goes from @before to @after. */
void outlook_msginfo_diff_flags(MsgPermFlags before, MsgPermFlags after, StoreFlags *set, StoreFlags *clear);

/* The flags of a message that is added from elsewhere. */
StoreFlags outlook_msginfo_flags_to_store(MsgPermFlags flags);

/* @parent: the message id of the mail that is answered, which the mail's own header does not name. TRUE if it is news. */
gboolean outlook_msginfo_set_parent(MsgInfo *msginfo, const char *parent);

/* When the mail itself has come: its header in place of what the service made of it. TRUE if that is another. */
gboolean outlook_msginfo_read_file(MsgInfo *msginfo, const char *path);

G_END_DECLS
