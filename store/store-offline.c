/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "store-account-private.h"

static gboolean
is_on_disk(StoreAccount *self, gint64 key)
{
	g_autofree char *path = store_bodies_get_path(self->bodies, key);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/*
 * By the date that a host shows and by which it removes old bodies again; a day that has begun counts. A file that
 * somebody removed is missing, whatever the row says.
 */
static GArray *
list_missing(StoreAccount *self, gint64 folder, guint days, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
	gint64 oldest = days > 0 ? g_get_real_time() / G_USEC_PER_SEC - ((gint64)days + 1) * 86400 + 1 : 0;
	g_autoptr(StoreQuery) query = store_db_query(self->worker, error,
						     "SELECT number, flags & ?, key FROM messages WHERE folder = ? AND"
						     " CASE sent WHEN -1 THEN 0 WHEN 0 THEN received ELSE sent END >= ?"
						     " ORDER BY received DESC",
						     "ill", (int)STORE_FLAG_BODY, folder, oldest);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure)) {
		guint32 number = store_query_get_integer(query, 0);

		if (store_query_get_integer(query, 1) == 0 || !is_on_disk(self, store_query_get_integer(query, 2)))
			g_array_append_val(numbers, number);
	}
	if (failure == NULL)
		return g_steal_pointer(&numbers);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static gboolean
is_over(const GError *failure)
{
	return store_error_stops(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) ||
	       g_error_matches(failure, STORE_ERROR, STORE_ERROR_DISK);
}

/* Which mails are here has changed. */
static void
tell(StoreAccount *self, gint64 folder)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, NULL);

	store_changes_add_folder(changes, folder, 0);
	if (transaction != NULL)
		store_account_finish(self, &transaction, changes, NULL);
}

gboolean
store_account_fetch_some_bodies(StoreAccount *self, gint64 folder, GArray *numbers, GCancellable *cancellable,
				GError **error)
{
	g_autofree char *name =
		store_db_get_text(self->worker, NULL, "SELECT name FROM folders WHERE key = ?", "l", folder);
	g_autofree char *text =
		g_strdup_printf(_("Fetching messages of “%s” for offline use"), name != NULL ? name : "");
	g_autoptr(GError) first = NULL;
	guint fetched = 0;

	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autofree char *path = NULL;
		gboolean over;

		store_account_tell_progress(self, text, i, numbers->len);
		path = store_account_fetch_body(self, folder, g_array_index(numbers, guint32, i), cancellable,
						&failure);
		fetched += path != NULL;
		if (path != NULL || g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
			continue;
		over = is_over(failure);
		if (first == NULL || over) {
			g_clear_error(&first);
			first = g_steal_pointer(&failure);
		}
		if (over)
			break;
	}
	store_account_tell_progress(self, NULL, 0, 0);
	if (fetched > 0)
		tell(self, folder);
	if (first == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}

gboolean
store_account_fetch_bodies(StoreAccount *self, gint64 folder, guint days, GCancellable *cancellable, GError **error)
{
	g_autoptr(GArray) numbers = list_missing(self, folder, days, error);

	return numbers != NULL && store_account_fetch_some_bodies(self, folder, numbers, cancellable, error);
}
