/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-changes.h"
#include "store-db.h"
#include "store-message.h"

G_BEGIN_DECLS

/* Rows of messages. Whatever writes runs inside the caller's transaction. */

/* What the service decides; NEW and BODY are ours alone. */
#define STORE_FLAGS_SERVER ((StoreFlags)(STORE_FLAG_NEW - 1))

/* In the column `sent`: the mail tells no date, and what the service says in its place is invented. */
#define STORE_NO_DATE ((gint64)-1)

/* The part of a row that places and flags depend on; a place of 0 is none. */
typedef struct {
	gint64 key;
	char *id;
	gint64 folder;
	guint32 number;
	gint64 server_folder;
	StoreFlags flags;
	StoreFlags server_flags;
	gboolean deleted;
} StoreRow;

void store_row_free(StoreRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreRow, store_row_free)

/* %NULL if there is none, and on failure with @error set. */
StoreRow *store_messages_find(StoreDb *db, gint64 key, GError **error);
StoreRow *store_messages_find_number(StoreDb *db, gint64 folder, guint32 number, GError **error);
StoreRow *store_messages_find_id(StoreDb *db, const char *id, GError **error);

/* Shows the message in @folder (0: nowhere) under a new number, which is written to @number if it is not %NULL.
 */
gboolean store_messages_place(StoreDb *db, gint64 key, gint64 folder, guint32 *number, StoreChanges *changes,
			      GError **error);

/* Lays what waits in the journal over the server's state again, after either has changed. */
gboolean store_messages_settle(StoreDb *db, gint64 key, StoreChanges *changes, GError **error);
gboolean store_messages_settle_each(StoreDb *db, GArray *keys, StoreChanges *changes, GError **error); /* of gint64 */

/* Forgets the message, its journal and its body. */
gboolean store_messages_drop(StoreDb *db, gint64 key, StoreChanges *changes, GError **error);

/* Is it a draft that the server changed after what is known of it here? @modified: when; 0: it does not tell. */
gboolean store_messages_was_changed(StoreDb *db, gint64 key, gint64 modified);

/* A second row like the first, not at the server, nowhere; its key, 0 on failure. */
gint64 store_messages_duplicate(StoreDb *db, gint64 key, GError **error);

/* It left its folder at the server, and is looked for. */
gboolean store_messages_set_astray(StoreDb *db, gint64 key, GError **error);

/* Sets and clears what is ours alone. */
gboolean store_messages_set_local(StoreDb *db, gint64 key, StoreFlags set, StoreFlags clear, GError **error);

/* The host's own lines of a message in Drafts; %NULL without error for one that has none, or is elsewhere. */
gboolean store_messages_set_lines(StoreDb *db, gint64 folder, guint32 number, const char *lines, GError **error);
char *store_messages_dup_lines(StoreDb *db, gint64 key, GError **error);

/* For the host; as in store-account.h. */
GArray *store_messages_list_numbers(StoreDb *db, gint64 folder, GError **error);
GArray *store_messages_list_flags(StoreDb *db, gint64 folder, GError **error);
GHashTable *store_messages_list_categories(StoreDb *db, gint64 folder, GError **error);
GPtrArray *store_messages_list(StoreDb *db, gint64 folder, GArray *numbers, GError **error);

G_END_DECLS
