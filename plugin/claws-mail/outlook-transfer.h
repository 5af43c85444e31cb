/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

/* The members of the FolderClass that add, copy, move and remove messages: all of a call or nothing. */
void outlook_transfer_set_members(FolderClass *klass);

G_END_DECLS
