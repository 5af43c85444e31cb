/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-search.h"

#include "graph-search.h"
#include "store-account-private.h"

void
store_found_free(StoreFound *self)
{
	g_clear_pointer(&self->numbers, g_hash_table_unref);
	g_free(self);
}

/* The folder itself and those where the server still has messages of it; (element-type utf8). */
static GPtrArray *
list_places(StoreAccount *self, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(StoreQuery) query =
		store_db_query(self->worker, error,
			       "SELECT id FROM folders WHERE id IS NOT NULL AND (key = ?1 OR key IN"
			       " (SELECT server_folder FROM messages WHERE folder = ?1 AND server_folder != ?1))",
			       "l", folder);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure))
		g_ptr_array_add(places, store_query_dup_text(query, 0));
	if (failure == NULL)
		return g_steal_pointer(&places);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static gboolean
add_numbers(StoreAccount *self, gint64 folder, GPtrArray *ids, GHashTable *numbers, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		GError *failure = NULL;
		gint64 number = store_db_get_integer(self->worker, 0, &failure,
						     "SELECT number FROM messages WHERE id = ? AND folder = ?", "sl",
						     g_ptr_array_index(ids, i), folder);

		if (failure != NULL) {
			g_propagate_error(error, failure);
			return FALSE;
		}
		if (number != 0)
			g_hash_table_add(numbers, GUINT_TO_POINTER((guint)number));
	}
	return TRUE;
}

StoreFound *
store_account_search(StoreAccount *self, gint64 folder, StoreSearchScope scope, const char *text,
		     GCancellable *cancellable, GError **error)
{
	g_autoptr(StoreFound) found = g_new0(StoreFound, 1);
	g_autofree char *query = graph_search_format(
		scope == STORE_SEARCH_BODY ? GRAPH_SEARCH_BODY : GRAPH_SEARCH_DEFAULT, text, &found->exact);
	g_autoptr(GPtrArray) places = NULL;

	if (query == NULL)
		return g_steal_pointer(&found);
	places = list_places(self, folder, error);
	if (places == NULL)
		return NULL;
	found->numbers = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < places->len; i++) {
		g_autoptr(GPtrArray) ids =
			graph_search_messages(self->client, g_ptr_array_index(places, i), query, cancellable, error);

		if (ids == NULL || !add_numbers(self, folder, ids, found->numbers, error))
			return NULL;
		found->limited |= ids->len >= GRAPH_SEARCH_LIMIT;
	}
	return g_steal_pointer(&found);
}
