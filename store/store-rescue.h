/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-db.h"

G_BEGIN_DECLS

/*
 * A database that is damaged, or gone while its bodies are still there. Both run before it is opened, under the owner
 * lock of @directory.
 */

/* Ends a rescue that was interrupted when all but the last renames were done. */
gboolean store_rescue_finish(const char *directory, GError **error);

/**
 * store_rescue_run:
 *
 * Builds a new database of what can still be read: whose home it is, the folders, the journal with the messages that it
 * speaks of, mails that the server does not have yet, and which body belongs to which id. Everything else comes from
 * the server again, under new numbers. The old files are kept as they are, in `damaged-<time>` below @directory, with
 * the bodies of which nobody knows any more what they are.
 *
 * Until all of it is on the disk the old files stay where they are. What was done is in the account's value
 * `notice`, as a text for a person.
 *
 * Returns: %FALSE with %STORE_ERROR_DISK when there is no room for it, for instance; nothing has changed then
 */
gboolean store_rescue_run(const char *directory, GError **error);

/* Where a new database begins to count, so that no key and no numbering of another database comes again. */
gboolean store_rescue_begin_count(StoreDb *db, GError **error);

G_END_DECLS
