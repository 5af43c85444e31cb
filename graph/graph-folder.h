/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/* A `mailFolder`; counters count all item types and lag a little. */
typedef struct {
	char *id;
	char *parent_id;
	char *name;
	guint total;
	guint unread;
	guint children;
	gboolean hidden;
	gboolean search; /* a mailSearchFolder: holds no messages of its own */
} GraphFolder;

void graph_folder_free(GraphFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphFolder, graph_folder_free)

GraphFolder *graph_folder_from_json(JsonObject *object, GError **error);

/* The whole tree, parents before their children; (element-type GraphFolder). One list per level that has children. */
GPtrArray *graph_folder_list(GraphClient *client, GCancellable *cancellable, GError **error);
GraphFolder *graph_folder_get(GraphClient *client, const char *id_or_name, GCancellable *cancellable, GError **error);

/*
 * @names: well-known names (`inbox`, `deleteditems`, …), ended by %NULL. Returns name → id, without the
 * names for which this mailbox has no folder. In `$batch`, as API.md wants it.
 */
GHashTable *graph_folder_list_well_known(GraphClient *client, const char *const *names, GCancellable *cancellable,
					 GError **error);

/* @parent_id %NULL: at the top. %GRAPH_ERROR_EXISTS for a second one of the name. */
GraphFolder *graph_folder_create(GraphClient *client, const char *parent_id, const char *name,
				 GCancellable *cancellable, GError **error);
gboolean graph_folder_rename(GraphClient *client, const char *id, const char *name, GCancellable *cancellable,
			     GError **error);
gboolean graph_folder_move(GraphClient *client, const char *id, const char *destination_id, GCancellable *cancellable,
			   GError **error);
/* %GRAPH_ERROR_CONFLICT: it was said to be missing, and is not. */
gboolean graph_folder_delete(GraphClient *client, const char *id, GCancellable *cancellable, GError **error);

G_END_DECLS
