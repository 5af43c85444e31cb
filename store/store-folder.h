/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
	STORE_ROLE_NONE,
	STORE_ROLE_INBOX,
	STORE_ROLE_DRAFTS,
	STORE_ROLE_SENT,
	STORE_ROLE_TRASH,
	STORE_ROLE_JUNK,
	STORE_ROLE_ARCHIVE,
} StoreRole;

/**
 * StoreFolder:
 * @key: ours, for the life of the database; what every call takes. Never 0
 * @id: Graph's, %NULL until the server has the folder
 * @parent: key of the parent, 0 at the top
 * @name: the server's display name, unchanged
 * @filled: the first synchronisation has reached its end
 *
 * Hidden and search folders are not listed.
 */
typedef struct {
	gint64 key;
	char *id;
	gint64 parent;
	char *name;
	StoreRole role;
	gboolean filled;
} StoreFolder;

void store_folder_free(StoreFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreFolder, store_folder_free)

G_END_DECLS
