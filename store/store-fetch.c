/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "graph-error.h"
#include "graph-message.h"
#include "store-account-private.h"
#include "store-folders.h"
#include "store-messages.h"

/* What the host reads. */
static char *
give(StoreAccount *self, StoreDb *db, gint64 key, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autofree char *lines = store_messages_dup_lines(db, key, &failure);

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	return lines != NULL ? store_bodies_join(self->bodies, key, lines, error)
			     : store_bodies_get_path(self->bodies, key);
}

/* %NULL without error if it is not on disk. */
static char *
give_from_disk(StoreAccount *self, gint64 folder, guint32 number, GError **error)
{
	g_autoptr(StoreRow) row = store_messages_find_number(self->host, folder, number, NULL);
	g_autofree char *path = NULL;

	if (row == NULL || !(row->flags & STORE_FLAG_BODY))
		return NULL;
	path = store_bodies_get_path(self->bodies, row->key);
	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return give(self, self->host, row->key, error);
	store_messages_set_local(self->host, row->key, 0, STORE_FLAG_BODY, NULL);
	return NULL;
}

char *
store_account_get_body(StoreAccount *self, gint64 folder, guint32 number)
{
	return give_from_disk(self, folder, number, NULL);
}

void
store_account_drop_body(StoreAccount *self, gint64 folder, guint32 number)
{
	g_autoptr(StoreRow) row = store_messages_find_number(self->host, folder, number, NULL);

	/* Of a message that the server does not have it is the only copy. */
	if (row == NULL || row->id == NULL || !(row->flags & STORE_FLAG_BODY))
		return;
	if (store_messages_set_local(self->host, row->key, 0, STORE_FLAG_BODY, NULL))
		store_bodies_remove(self->bodies, row->key);
}

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
	char *path = give_from_disk(self, folder, number, &failure);

	if (path != NULL)
		return path;
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
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
	return download(self, row, cancellable, error) ? give(self, self->worker, row->key, error) : NULL;
}
