/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

#include "outlook-compat.h"

G_BEGIN_DECLS

/*
 * The only two waits for the network on the main thread. The main loop turns meanwhile, so that the item, its
 * folder and the account may be gone afterwards: nothing is read from @item once the wait began.
 */

/* The file, or %NULL after it was said why; always %NULL when @item did not survive. */
char *outlook_wait_for_body(OutlookAccount *account, FolderItem *item, guint32 number);

/* Bodies not older than @days, 0 for all. */
void outlook_wait_for_bodies(OutlookAccount *account, FolderItem *item, guint days);

G_END_DECLS
