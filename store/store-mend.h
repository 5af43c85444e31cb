/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-bodies.h"
#include "store-db.h"

G_BEGIN_DECLS

/*
 * Rows of folders, messages and journal that were got out of a damaged database, made one account again: inside a
 * transaction. A mail that the server does not have is looked for there before it is sent. @lost becomes %TRUE when
 * a change had to be given up.
 */
gboolean store_mend_run(StoreDb *db, StoreBodies *bodies, gboolean *lost, GError **error);

/* Adds the paths of bodies below @directory that belong to no message of @db. */
gboolean store_mend_list_orphans(StoreDb *db, const char *directory, GPtrArray *paths, GError **error);

G_END_DECLS
