/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

/* The members of the FolderClass that add, copy, move and remove messages: all of a call or nothing. */
void outlook_transfer_set_members(FolderClass *klass);

/* Messages of the folder, or of one below it, were to be moved and could not: the host is about to remove it. */
gboolean outlook_transfer_is_kept_back(FolderItem *item);
void outlook_transfer_let_go(FolderItem *item); /* a person wants it removed */

G_END_DECLS
