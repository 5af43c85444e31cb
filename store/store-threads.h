/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-changes.h"
#include "store-db.h"

G_BEGIN_DECLS

/*
 * Finds, in the folder at the server, the mails that those answer whose header names none: by the conversation index,
 * 22 bytes for the first mail and 5 more for each answer to it. Where the mail that was answered is not there, it is
 * the nearest one before it. Runs inside the caller's transaction.
 */
gboolean store_threads_resolve(StoreDb *db, gint64 folder, StoreChanges *changes, GError **error);

/* number → message id with its brackets, of the messages whose parent was found so. */
GHashTable *store_threads_list_parents(StoreDb *db, gint64 folder, GError **error);

G_END_DECLS
