/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-folder.h"
#include "store-folders.h"
#include "store-push.h"

static char *
get_id(StoreAccount *self, gint64 folder)
{
	return store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", folder);
}

/* The server has what the entry asked for: @id, @name, @parent (%NULL, -1: unchanged) are its state now. */
static StorePushOutcome
finish(StoreAccount *self, StoreEntry *entry, const char *id, const char *name, gint64 parent, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	if (transaction == NULL ||
	    !store_db_run(self->worker, error,
			  "UPDATE folders SET id = coalesce(?1, id), server_name = coalesce(?2, server_name),"
			  " server_parent = iif(?3 < 0, server_parent, ?3) WHERE key = ?4",
			  "ssll", id, name, parent, entry->folder) ||
	    !store_push_finish(self, entry, &transaction, changes, error))
		return STORE_PUSH_STOPPED;
	return STORE_PUSH_DONE;
}

static StorePushOutcome
fail(GError **failure, GError **error)
{
	StorePushOutcome outcome = store_push_judge(*failure);

	g_propagate_error(error, g_steal_pointer(failure));
	return outcome;
}

static gboolean
was_lost(const GError *error)
{
	return g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
}

static gboolean
is_at_top(GPtrArray *folders, const GraphFolder *folder)
{
	for (guint i = 0; i < folders->len; i++) {
		if (g_strcmp0(((const GraphFolder *)g_ptr_array_index(folders, i))->id, folder->parent_id) == 0)
			return FALSE;
	}
	return TRUE;
}

/* A folder of this name below @parent that no other row stands for. */
static char *
look_for(StoreAccount *self, StoreEntry *entry, const char *parent, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) folders = graph_folder_list(self->client, cancellable, error);

	for (guint i = 0; folders != NULL && i < folders->len; i++) {
		const GraphFolder *folder = g_ptr_array_index(folders, i);

		if (g_strcmp0(folder->name, entry->name) == 0 && store_folders_find_id(self->worker, folder->id) == 0 &&
		    (parent != NULL ? g_strcmp0(folder->parent_id, parent) == 0 : is_at_top(folders, folder)))
			return g_strdup(folder->id);
	}
	return NULL;
}

static StorePushOutcome
push_create(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error)
{
	g_autofree char *parent = entry->parent != 0 ? get_id(self, entry->parent) : NULL;
	g_autofree char *found = NULL;
	g_autoptr(GraphFolder) made = NULL;
	g_autoptr(GError) failure = NULL;

	if (entry->parent != 0 && parent == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND, "no such folder");
		return STORE_PUSH_REFUSED;
	}
	if (entry->state == STORE_JOURNAL_BEGUN) {
		found = look_for(self, entry, parent, cancellable, &failure);
		if (failure != NULL)
			return fail(&failure, error);
		if (found != NULL)
			return finish(self, entry, found, entry->name, entry->parent, error);
	}
	if (!store_journal_set_state(self->worker, entry->seq, STORE_JOURNAL_BEGUN, error))
		return STORE_PUSH_STOPPED;
	made = graph_folder_create(self->client, parent, entry->name, cancellable, &failure);
	if (made != NULL)
		return finish(self, entry, made->id, made->name, entry->parent, error);
	if (was_lost(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_EXISTS))
		found = look_for(self, entry, parent, cancellable, NULL);
	if (found != NULL) {
		graph_client_log(self->client, failure->message);
		return finish(self, entry, found, entry->name, entry->parent, error);
	}
	if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE))
		store_journal_set_state(self->worker, entry->seq, STORE_JOURNAL_WAITING, NULL);
	if (store_push_judge(failure) == STORE_PUSH_GONE) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return STORE_PUSH_REFUSED;
	}
	return fail(&failure, error);
}

static StorePushOutcome
push_rename(StoreAccount *self, StoreEntry *entry, const char *id, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (graph_folder_rename(self->client, id, entry->name, cancellable, &failure))
		return finish(self, entry, NULL, entry->name, -1, error);
	return fail(&failure, error);
}

/* Where is it? A lost answer, or a refusal of what was done before, needs a look. */
static gboolean
is_at(StoreAccount *self, const char *id, const char *parent, GCancellable *cancellable)
{
	g_autoptr(GraphFolder) folder = graph_folder_get(self->client, id, cancellable, NULL);
	g_autoptr(GraphFolder) root =
		parent == NULL ? graph_folder_get(self->client, "msgfolderroot", cancellable, NULL) : NULL;

	if (parent == NULL && root == NULL)
		return FALSE;
	return folder != NULL && g_strcmp0(folder->parent_id, parent != NULL ? parent : root->id) == 0;
}

static StorePushOutcome
push_move(StoreAccount *self, StoreEntry *entry, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *parent = entry->parent != 0 ? get_id(self, entry->parent) : NULL;
	g_autoptr(GError) failure = NULL;

	if (entry->parent != 0 && parent == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND, "no such folder");
		return STORE_PUSH_REFUSED;
	}
	if (graph_folder_move(self->client, id, parent != NULL ? parent : "msgfolderroot", cancellable, &failure))
		return finish(self, entry, NULL, NULL, entry->parent, error);
	if ((was_lost(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_EXISTS)) &&
	    is_at(self, id, parent, cancellable)) {
		graph_client_log(self->client, failure->message);
		return finish(self, entry, NULL, NULL, entry->parent, error);
	}
	return fail(&failure, error);
}

/* Somebody may have taken it, or what it is in, out of Deleted Items since that was seen here. */
static StorePushOutcome
check_trashed(StoreAccount *self, const char *id, const char *trash, GCancellable *cancellable, GError **error)
{
	g_autofree char *above = g_strdup(id);

	do {
		g_autoptr(GError) failure = NULL;
		g_autoptr(GraphFolder) folder = graph_folder_get(self->client, above, cancellable, &failure);

		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND) && g_str_equal(above, id))
			return STORE_PUSH_DONE;
		if (folder == NULL)
			return fail(&failure, error);
		if (g_strcmp0(folder->parent_id, trash) == 0)
			return STORE_PUSH_DONE;
		g_free(above);
		above = g_strdup(folder->parent_id);
	} while (above != NULL && store_folders_find_id(self->worker, above) != 0);
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_REFUSED,
			    _("It was changed elsewhere at the same time. Check for mail, then try again."));
	return STORE_PUSH_REFUSED;
}

/* To Deleted Items, and for good only from there: where a plain DELETE puts a folder is not documented (API.md 4). */
static StorePushOutcome
push_delete(StoreAccount *self, StoreEntry *entry, const char *id, GCancellable *cancellable, GError **error)
{
	gint64 trash = store_folders_find_role(self->worker, STORE_ROLE_TRASH);
	gboolean for_good = trash != 0 && store_folders_is_within(self->worker, entry->folder, trash);
	g_autofree char *trash_id = for_good ? get_id(self, trash) : NULL;
	StorePushOutcome outcome;
	g_autoptr(StoreChanges) changes = NULL;
	g_autoptr(StoreTransaction) transaction = NULL;
	g_autoptr(GError) failure = NULL;

	if (!for_good && graph_folder_move(self->client, id, "deleteditems", cancellable, &failure))
		return finish(self, entry, NULL, NULL, trash != 0 ? trash : -1, error);
	if (!for_good)
		return fail(&failure, error);
	outcome = check_trashed(self, id, trash_id, cancellable, error);
	if (outcome != STORE_PUSH_DONE)
		return outcome;
	if (!graph_folder_delete(self->client, id, cancellable, &failure) &&
	    store_push_judge(failure) != STORE_PUSH_GONE)
		return fail(&failure, error);

	changes = store_changes_new();
	transaction = store_transaction_begin(self->worker, error);
	if (transaction == NULL || !store_journal_remove(self->worker, entry->seq, error) ||
	    !store_folders_drop(self->worker, entry->folder, changes, error) ||
	    !store_account_finish(self, &transaction, changes, error))
		return STORE_PUSH_STOPPED;
	return STORE_PUSH_DONE;
}

/* What one request said is missing another may find: then the entry stays, and is tried again. */
static gboolean
is_there(StoreAccount *self, const char *id, GError **failure, GCancellable *cancellable)
{
	g_autoptr(GError) question = NULL;
	g_autoptr(GraphFolder) there = graph_folder_get(self->client, id, cancellable, &question);

	if (g_error_matches(question, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return FALSE;
	if (there != NULL)
		(*failure)->code = GRAPH_ERROR_CONFLICT;
	else
		g_clear_error(failure);
	if (*failure == NULL)
		*failure = g_steal_pointer(&question);
	return TRUE;
}

/* Gone at the server: the next listing says so of the folder, and the entry has nothing to do. */
static StorePushOutcome
forget(StoreAccount *self, StoreEntry *entry, GError **error)
{
	return store_push_undo(self, entry, NULL, error) ? STORE_PUSH_DONE : STORE_PUSH_STOPPED;
}

StorePushOutcome
store_push_folder(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error)
{
	g_autofree char *id = get_id(self, entry->folder);
	g_autoptr(GError) failure = NULL;
	StorePushOutcome outcome;
	gboolean begun;

	if (entry->kind == STORE_JOURNAL_CREATE_FOLDER) {
		if (id != NULL)
			return finish(self, entry, NULL, NULL, -1, error);
		return push_create(self, entry, cancellable, error);
	}
	if (id == NULL)
		return forget(self, entry, error);
	if (!store_journal_begin(self->worker, entry, &begun, error))
		return STORE_PUSH_STOPPED;
	if (!begun)
		return STORE_PUSH_DONE;
	if (entry->kind == STORE_JOURNAL_RENAME_FOLDER)
		outcome = push_rename(self, entry, id, cancellable, &failure);
	else if (entry->kind == STORE_JOURNAL_MOVE_FOLDER)
		outcome = push_move(self, entry, id, cancellable, &failure);
	else
		outcome = push_delete(self, entry, id, cancellable, &failure);
	if (outcome == STORE_PUSH_GONE && !is_there(self, id, &failure, cancellable))
		return forget(self, entry, error);
	if (outcome == STORE_PUSH_GONE)
		outcome = store_push_judge(failure);
	if (failure != NULL)
		g_propagate_error(error, g_steal_pointer(&failure));
	return outcome;
}
