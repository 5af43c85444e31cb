/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-push.h"

#include <glib/gi18n-lib.h>

#include "store-import.h"
#include "store-mime.h"

typedef struct {
	GBytes *mime;
	gboolean is_read;
} Mail;

/* What is being written is a draft at the service as well. */
static GraphMessage *
make_draft(StoreAccount *self, const char *place, gpointer mail, GCancellable *cancellable, GError **error)
{
	GBytes *mime = ((Mail *)mail)->mime;
	gboolean fits = g_bytes_get_size(mime) <= graph_message_get_mime_limit();
	g_autoptr(GBytes) prepared = fits ? store_mime_prepare_draft(mime, error) : g_bytes_ref(mime);

	return prepared != NULL ? graph_message_create_mime(self->client, prepared, cancellable, error) : NULL;
}

static GraphMessage *
make_message(StoreAccount *self, const char *place, gpointer mail, GCancellable *cancellable, GError **error)
{
	return store_import_create(self->client, ((Mail *)mail)->mime, place, ((Mail *)mail)->is_read, cancellable,
				   error);
}

static GBytes *
read_body(StoreAccount *self, const StoreRow *row)
{
	g_autofree char *path = store_bodies_get_path(self->bodies, row->key);
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);

	return file != NULL ? g_mapped_file_get_bytes(file) : NULL;
}

static StorePushOutcome
refuse(GError **error, const char *text)
{
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_FAILED, text);
	return STORE_PUSH_REFUSED;
}

StorePushOutcome
store_push_append(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GCancellable *cancellable, GError **error)
{
	gboolean is_draft = entry->folder == 0;
	g_autofree char *place = is_draft
					 ? g_strdup("drafts")
					 : store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?",
							     "l", entry->folder);
	g_autoptr(GBytes) mime = read_body(self, row);
	Mail mail = {mime, (entry->value & STORE_FLAG_READ) != 0};
	g_autoptr(GError) failure = NULL;
	StorePushOutcome outcome;

	if (mime == NULL)
		return refuse(error, _("its file is gone."));
	if (place == NULL)
		return refuse(error, _("the folder does not exist any more."));
	if (!store_gate_enter(self->gate, STORE_GATE_CREATE, cancellable, error))
		return STORE_PUSH_STOPPED;
	outcome = store_push_create(self, entry, row, place, is_draft ? make_draft : make_message, &mail, cancellable,
				    &failure);
	/* The next list of folders tells where it goes instead. */
	if (outcome == STORE_PUSH_REFUSED && g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		outcome = STORE_PUSH_HELD;
	if (failure != NULL)
		g_propagate_error(error, g_steal_pointer(&failure));
	store_gate_leave(self->gate, STORE_GATE_CREATE);
	return outcome;
}
