/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-folder.h"
#include "store-changes.h"
#include "store-db.h"
#include "store-folder.h"

G_BEGIN_DECLS

/* Rows of folders. Whatever writes runs inside the caller's transaction. */

/* Those a host sees, parents first, with their counters; (element-type StoreFolder). */
GPtrArray *store_folders_list(StoreDb *db, GError **error);

/* Also hidden ones; %STORE_ERROR_NOT_FOUND. */
StoreFolder *store_folders_get(StoreDb *db, gint64 key, GError **error);
gint64 store_folders_find_role(StoreDb *db, StoreRole role);
gint64 store_folders_find_id(StoreDb *db, const char *id);
gint64 store_folders_find_child(StoreDb *db, gint64 parent, const char *name);

/* Is @key @ancestor, or below it? */
gboolean store_folders_is_within(StoreDb *db, gint64 key, gint64 ancestor);

/* Does @key have a role, or a folder below it? */
gboolean store_folders_is_special(StoreDb *db, gint64 key);
gboolean store_folders_take_number(StoreDb *db, gint64 key, guint32 *number, GError **error);

/*
 * Makes the tree agree with the server's list (element-type GraphFolder), local changes kept. Those that are @gone
 * (ids, element-type utf8) are only marked; what is in neither list may have been made meanwhile, and stays.
 * @arrived: folders were added, whose roles are to be asked.
 */
gboolean store_folders_apply(StoreDb *db, GPtrArray *folders, GPtrArray *gone, gboolean *arrived, StoreChanges *changes,
			     GError **error);
/* @ids: well-known name → id, as graph_folder_list_well_known() returns it. */
gboolean store_folders_apply_roles(StoreDb *db, GHashTable *ids, StoreChanges *changes, GError **error);
const char *const *store_folders_get_well_known(void); /* the names that roles come from, ended by %NULL */

/* Shows name, place and existence as the server has them, where nothing waits in the journal. */
gboolean store_folders_settle(StoreDb *db, gint64 key, StoreChanges *changes, GError **error);

/*
 * Removes a folder and, with their bodies, its messages, but moves what the server does not have yet to Drafts. Folders
 * that wait to be made below it are refused in @changes; of those that vanished, moves of messages to them as well.
 */
gboolean store_folders_drop(StoreDb *db, gint64 key, StoreChanges *changes, GError **error);
gboolean store_folders_drop_vanished(StoreDb *db, StoreChanges *changes, GError **error);

/* How far the synchronisation of a folder is. */
typedef struct {
	char *id;
	char *name;
	char *link;
	gboolean initial;
	gboolean filled;
	gboolean sizes;
	gint64 generation;
} StoreRound;

void store_round_free(StoreRound *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreRound, store_round_free)

/*
 * The link is dead, or not to be trusted: everything is listed again, and what does not appear is swept at the end; the
 * list is compared once more soon.
 */
gboolean store_folders_start_over(StoreDb *db, gint64 key, GError **error);
StoreRound *store_folders_get_round(StoreDb *db, gint64 key, GError **error);

G_END_DECLS
