/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "graph-error.h"
#include "graph-message.h"
#include "store-account-private.h"
#include "store-folders.h"
#include "store-messages.h"

static gboolean
fail_gone(GError **error)
{
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, _("The message does not exist any more."));
	return FALSE;
}

static gboolean
download(StoreAccount *self, const StoreRow *row, GCancellable *cancellable, GError **error)
{
	g_autofree char *temporary = NULL;
	g_autoptr(GOutputStream) stream = store_bodies_create(self->bodies, &temporary, error);
	g_autoptr(GError) failure = NULL;

	if (stream == NULL)
		return FALSE;
	if (!graph_message_get_mime(self->client, row->id, stream, cancellable, &failure)) {
		store_bodies_drop(&temporary);
		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
			return fail_gone(error);
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (lseek(g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(stream)), 0, SEEK_CUR) <= 0) {
		store_bodies_drop(&temporary);
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The service sent an empty message."));
		return FALSE;
	}
	return store_bodies_keep(self->bodies, &temporary, stream, row->key, error) &&
	       store_messages_set_local(self->worker, row->key, STORE_FLAG_BODY, 0, error);
}

char *
store_account_fetch_body(StoreAccount *self, gint64 folder, guint32 number, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = NULL;
	char *path = store_account_get_body(self, folder, number);

	if (path != NULL)
		return path;
	row = store_messages_find_number(self->worker, folder, number, &failure);
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	if (row == NULL) {
		fail_gone(error);
		return NULL;
	}

	/* A copy that is not made yet reads like its original. */
	if (row->id == NULL) {
		row->id = store_db_get_text(self->worker, NULL,
					    "SELECT m.id FROM journal j JOIN messages m ON m.key = j.source"
					    " WHERE j.message = ?",
					    "l", row->key);
		if (row->id == NULL) {
			fail_gone(error);
			return NULL;
		}
	}
	return download(self, row, cancellable, error) ? store_bodies_get_path(self->bodies, row->key) : NULL;
}

static GArray *
list_missing(StoreAccount *self, gint64 folder, guint days)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
	gint64 oldest = days > 0 ? g_get_real_time() / G_USEC_PER_SEC - (gint64)days * 86400 : 0;
	g_autoptr(StoreQuery) query = store_db_query(self->worker, NULL,
						     "SELECT number FROM messages WHERE folder = ? AND NOT flags & ? "
						     "AND received >= ? ORDER BY received DESC",
						     "lil", folder, (int)STORE_FLAG_BODY, oldest);

	while (query != NULL && store_query_next(query, NULL)) {
		guint32 number = store_query_get_integer(query, 0);

		g_array_append_val(numbers, number);
	}
	return numbers;
}

gboolean
store_account_fetch_bodies(StoreAccount *self, gint64 folder, guint days, GCancellable *cancellable, GError **error)
{
	g_autoptr(GArray) numbers = list_missing(self, folder, days);
	g_autoptr(GError) first = NULL;

	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autofree char *path = NULL;
		gboolean stops;

		store_account_tell_progress(self, _("Fetching messages"), i, numbers->len);
		path = store_account_fetch_body(self, folder, g_array_index(numbers, guint32, i), cancellable,
						&failure);
		if (path != NULL || g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
			continue;
		stops = store_error_stops(failure) || g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
		if (first == NULL)
			first = g_steal_pointer(&failure);
		if (stops)
			break;
	}
	store_account_tell_progress(self, NULL, 0, 0);
	if (first == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}
