/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

#include "outlook-compat.h"
#include "store-search.h"

G_BEGIN_DECLS

/*
 * The only waits for the network on the main thread. The main loop turns meanwhile, so that the item, its
 * folder and the account may be gone afterwards: nothing is read from @item once the wait began.
 */

/* The file, or %NULL after it was said why; always %NULL when @item did not survive. */
char *outlook_wait_for_body(OutlookAccount *account, FolderItem *item, guint32 number);

/* Until outlook_account_download() has nothing more to do, or was told to stop. */
void outlook_wait_for_downloads(OutlookAccount *account, FolderItem *item);

/*
 * TRUE within outlook_wait_for_downloads(): the host is on its way through the tree and knows already to which folder
 * it goes next, so that none may be freed or get another place.
 */
gboolean outlook_wait_holds_tree(void);

/*
 * Ends what outlook_account_download() was asked for and, if the host is on such a way, what it would ask for in the
 * folders that it has not come to.
 */
void outlook_wait_stop_downloads(OutlookAccount *account);
gboolean outlook_wait_is_stopped(OutlookAccount *account); /* the host is on its way still */

/* Called again and again during a wait; FALSE ends it. */
typedef gboolean (*OutlookWaitNotify)(gpointer user_data);

/* Those of @numbers (of guint32) that are not here. */
void outlook_wait_for_some_bodies(OutlookAccount *account, FolderItem *item, GArray *numbers, OutlookWaitNotify notify,
				  gpointer user_data);

/* %NULL with @error, a cancelled one where @notify ended it or @item did not survive. */
StoreFound *outlook_wait_for_search(OutlookAccount *account, FolderItem *item, StoreSearchScope scope, const char *text,
				    OutlookWaitNotify notify, gpointer user_data, GError **error);

G_END_DECLS
