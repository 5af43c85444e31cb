/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

/* The half of the FolderClass that is about messages. All but fetch_msg and synchronise answer from the store.
 */
void outlook_messages_set_members(FolderClass *klass);

G_END_DECLS
