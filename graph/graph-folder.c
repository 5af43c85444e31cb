/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-folder.h"

#include <glib/gi18n-lib.h>

#include "graph-batch.h"
#include "graph-error.h"
#include "graph-json.h"
#include "graph-page.h"
#include "graph-request.h"
#include "graph-uri.h"

/* `@odata.type` is printed whatever is selected; the members of a mailSearchFolder are not asked for. */
#define SELECT "$select=id,displayName,parentFolderId,childFolderCount,unreadItemCount,totalItemCount,isHidden"
#define PAGE "200"

/* Parts of a batch that run side by side; more go in a chain. */
#define LEVELS_AT_ONCE 3

/* Deeper than any mailbox; a server whose tree has a ring is not followed for ever. */
#define MAX_FOLDERS 20000

void
graph_folder_free(GraphFolder *self)
{
	g_free(self->id);
	g_free(self->parent_id);
	g_free(self->name);
	g_free(self);
}

static gboolean
get_count(JsonObject *object, const char *name, guint *count, GError **error)
{
	gint64 value = 0;

	if (!graph_json_get_int64(object, name, &value, error))
		return FALSE;
	*count = (guint)CLAMP(value, 0, G_MAXINT32);
	return TRUE;
}

GraphFolder *
graph_folder_from_json(JsonObject *object, GError **error)
{
	g_autoptr(GraphFolder) self = g_new0(GraphFolder, 1);
	const char *id = graph_json_require_string(object, "id", error);
	const char *name, *parent, *type;

	if (id == NULL || !graph_json_get_string(object, "displayName", &name, error) ||
	    !graph_json_get_string(object, "parentFolderId", &parent, error) ||
	    !graph_json_get_string(object, "@odata.type", &type, error) ||
	    !get_count(object, "totalItemCount", &self->total, error) ||
	    !get_count(object, "unreadItemCount", &self->unread, error) ||
	    !get_count(object, "childFolderCount", &self->children, error) ||
	    !graph_json_get_boolean(object, "isHidden", &self->hidden, error))
		return NULL;

	self->id = g_strdup(id);
	self->name = g_strdup(name != NULL ? name : "");
	self->parent_id = g_strdup(parent);
	self->search = type != NULL && g_str_has_suffix(type, "microsoft.graph.mailSearchFolder");
	return g_steal_pointer(&self);
}

/* Appends a page; a folder that is in the list already is not listed again. */
static gboolean
take_page(GraphPage *page, GPtrArray *folders, GHashTable *seen, GError **error)
{
	for (guint i = 0; i < graph_page_get_length(page); i++) {
		g_autoptr(GraphFolder) folder = graph_folder_from_json(graph_page_get_item(page, i), error);

		if (folder == NULL)
			return FALSE;
		if (g_hash_table_add(seen, g_strdup(folder->id)))
			g_ptr_array_add(folders, g_steal_pointer(&folder));
	}
	if (folders->len <= MAX_FOLDERS)
		return TRUE;
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The list of folders has no end"));
	return FALSE;
}

/* Appends one level, all its pages. */
static gboolean
list_level(GraphClient *client, const char *path, GPtrArray *folders, GHashTable *seen, GCancellable *cancellable,
	   GError **error)
{
	g_autofree char *link = g_strdup(path);

	while (link != NULL) {
		g_autoptr(JsonObject) answer = graph_client_get(client, link, 0, cancellable, error);
		g_autoptr(GraphPage) page = answer != NULL ? graph_page_new(answer, FALSE, error) : NULL;

		if (page == NULL || !take_page(page, folders, seen, error))
			return FALSE;
		if (g_strcmp0(page->next_link, link) == 0) {
			g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
					    _("The list of folders has no end"));
			return FALSE;
		}
		g_free(link);
		link = g_strdup(page->next_link);
	}
	return TRUE;
}

/* It went while we listed: not only its children are missing. */
static gboolean
is_gone(GraphClient *client, const GraphFolder *folder, const GError *reason, GCancellable *cancellable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphFolder) there = NULL;

	if (!g_error_matches(reason, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return FALSE;
	there = graph_folder_get(client, folder->id, cancellable, &error);
	return g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
}

static char *
children_path(const GraphFolder *folder)
{
	g_autofree char *id = graph_uri_escape_segment(folder->id);

	return g_strdup_printf("/mailFolders/%s/childFolders?$top=" PAGE "&" SELECT, id);
}

/* The children of many folders, in a request where they are few enough. %NULL where they are to be asked one by one. */
static GraphBatch *
ask_children(GraphClient *client, GPtrArray *parents, GCancellable *cancellable)
{
	g_autoptr(GraphBatch) batch = graph_batch_new(client);
	g_autoptr(GError) failure = NULL;

	if (parents->len < 2)
		return NULL;
	graph_batch_set_chained(batch, parents->len > LEVELS_AT_ONCE);
	for (guint i = 0; i < parents->len; i++) {
		g_autofree char *path = children_path(g_ptr_array_index(parents, i));

		graph_batch_add(batch, "GET", path, NULL, TRUE);
	}
	if (graph_batch_run(batch, cancellable, &failure))
		return g_steal_pointer(&batch);
	graph_client_log(client, failure->message);
	return NULL;
}

/* FALSE, without an error, if @folder is gone. */
static gboolean
list_children(GraphClient *client, const GraphFolder *folder, JsonObject *answer, GPtrArray *folders, GHashTable *seen,
	      GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphPage) page = answer != NULL ? graph_page_new(answer, FALSE, NULL) : NULL;
	g_autofree char *path = page == NULL ? children_path(folder) : g_strdup(page->next_link);
	g_autoptr(GError) local_error = NULL;

	if (page != NULL && !take_page(page, folders, seen, error))
		return FALSE;
	if (path == NULL || list_level(client, path, folders, seen, cancellable, &local_error))
		return TRUE;
	if (!is_gone(client, folder, local_error, cancellable))
		g_propagate_error(error, g_steal_pointer(&local_error));
	return FALSE;
}

/* What is below the folders from @first on. */
static gboolean
list_below(GraphClient *client, GPtrArray *folders, guint first, GHashTable *seen, GPtrArray *gone,
	   GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) parents = g_ptr_array_new();
	g_autoptr(GraphBatch) batch = NULL;

	for (guint i = first; i < folders->len; i++) {
		GraphFolder *folder = g_ptr_array_index(folders, i);

		if (folder->children > 0 && !folder->search)
			g_ptr_array_add(parents, folder);
	}
	batch = ask_children(client, parents, cancellable);
	for (guint i = 0; i < parents->len; i++) {
		GraphFolder *folder = g_ptr_array_index(parents, i);
		g_autoptr(JsonObject) answer = batch != NULL ? graph_batch_get(batch, i, NULL) : NULL;
		g_autoptr(GError) local_error = NULL;

		if (list_children(client, folder, answer, folders, seen, cancellable, &local_error))
			continue;
		if (local_error != NULL) {
			g_propagate_error(error, g_steal_pointer(&local_error));
			return FALSE;
		}
		g_ptr_array_add(gone, folder);
	}
	return TRUE;
}

GPtrArray *
graph_folder_list(GraphClient *client, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)graph_folder_free);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) gone = g_ptr_array_new();
	guint first = 0;

	if (!list_level(client, "/mailFolders?$top=" PAGE "&" SELECT, folders, seen, cancellable, error))
		return NULL;
	while (first < folders->len) {
		guint next = folders->len;

		if (!list_below(client, folders, first, seen, gone, cancellable, error))
			return NULL;
		first = next;
	}
	for (guint i = 0; i < gone->len; i++)
		g_ptr_array_remove(folders, g_ptr_array_index(gone, i));
	return g_steal_pointer(&folders);
}

GraphFolder *
graph_folder_get(GraphClient *client, const char *id_or_name, GCancellable *cancellable, GError **error)
{
	g_autofree char *id = graph_uri_escape_segment(id_or_name);
	g_autofree char *path = g_strdup_printf("/mailFolders/%s?" SELECT, id);
	g_autoptr(JsonObject) answer = graph_client_get(client, path, 0, cancellable, error);

	return answer != NULL ? graph_folder_from_json(answer, error) : NULL;
}

GHashTable *
graph_folder_list_well_known(GraphClient *client, const char *const *names, GCancellable *cancellable, GError **error)
{
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GraphBatch) batch = graph_batch_new(client);

	for (guint i = 0; names[i] != NULL; i++) {
		g_autofree char *path = g_strdup_printf("/mailFolders/%s?$select=id", names[i]);

		graph_batch_add(batch, "GET", path, NULL, TRUE);
	}
	if (!graph_batch_run(batch, cancellable, error))
		return NULL;

	for (guint i = 0; names[i] != NULL; i++) {
		g_autoptr(GError) local_error = NULL;
		g_autoptr(JsonObject) folder = graph_batch_get(batch, i, &local_error);
		const char *id;

		if (g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
			continue;
		id = folder != NULL ? graph_json_require_string(folder, "id", &local_error) : NULL;
		if (id == NULL) {
			g_propagate_error(error, g_steal_pointer(&local_error));
			return NULL;
		}
		g_hash_table_insert(ids, g_strdup(names[i]), g_strdup(id));
	}
	return g_steal_pointer(&ids);
}

GraphFolder *
graph_folder_create(GraphClient *client, const char *parent_id, const char *name, GCancellable *cancellable,
		    GError **error)
{
	/* One sample of the child form prints 200 (API.md 17). */
	static const guint created[] = {201, 200, 0};
	g_autofree char *id = parent_id != NULL ? graph_uri_escape_segment(parent_id) : NULL;
	g_autofree char *path =
		id != NULL ? g_strdup_printf("/mailFolders/%s/childFolders", id) : g_strdup("/mailFolders");
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = NULL;
	GraphFolder *folder;
	GError *local_error = NULL;

	json_object_set_string_member(body, "displayName", name);
	answer = graph_client_send(client, "POST", path, body, created, cancellable, error);
	if (answer == NULL)
		return NULL;
	folder = graph_folder_from_json(answer, &local_error);
	if (folder == NULL) {
		graph_error_make_uncertain(local_error);
		g_propagate_error(error, local_error);
	}
	return folder;
}

gboolean
graph_folder_rename(GraphClient *client, const char *id, const char *name, GCancellable *cancellable, GError **error)
{
	static const guint ok[] = {200, 0};
	g_autofree char *segment = graph_uri_escape_segment(id);
	g_autofree char *path = g_strdup_printf("/mailFolders/%s", segment);
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = NULL;

	json_object_set_string_member(body, "displayName", name);
	answer = graph_client_send(client, "PATCH", path, body, ok, cancellable, error);
	return answer != NULL && graph_json_is_entity(answer, error);
}

gboolean
graph_folder_move(GraphClient *client, const char *id, const char *destination_id, GCancellable *cancellable,
		  GError **error)
{
	static const guint ok[] = {200, 201, 0};
	g_autofree char *segment = graph_uri_escape_segment(id);
	g_autofree char *path = g_strdup_printf("/mailFolders/%s/move", segment);
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = NULL;

	json_object_set_string_member(body, "destinationId", destination_id);
	answer = graph_client_send(client, "POST", path, body, ok, cancellable, error);
	return answer != NULL && graph_json_require_string(answer, "id", error) != NULL;
}

/* A second one finds nothing. What one answer says is missing another may find: then it was not done. */
gboolean
graph_folder_delete(GraphClient *client, const char *id, GCancellable *cancellable, GError **error)
{
	static const guint ok[] = {204, 0};
	const GraphFolder folder = {.id = (char *)id};
	g_autofree char *segment = graph_uri_escape_segment(id);
	g_autofree char *path = g_strdup_printf("/mailFolders/%s", segment);
	GraphRequest request = {.method = "DELETE", .path = path, .expected = ok};
	GError *failure = NULL;
	g_autoptr(JsonObject) answer = graph_client_run(client, &request, cancellable, &failure);

	if (answer != NULL)
		return TRUE;
	if (is_gone(client, &folder, failure, cancellable)) {
		g_error_free(failure);
		return TRUE;
	}
	if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		failure->code = GRAPH_ERROR_CONFLICT;
	g_propagate_error(error, failure);
	return FALSE;
}
