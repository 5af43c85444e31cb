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
		store_bodies_propagate(error, g_steal_pointer(&failure));
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
