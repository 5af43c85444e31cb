/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-message.h"
#include "store-account-private.h"
#include "store-messages.h"
#include "store-mime.h"

#define LOOKS 4

static char *
digest(GBytes *mime, const char *const *recipients)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

	g_checksum_update(checksum, g_bytes_get_data(mime, NULL), g_bytes_get_size(mime));
	for (guint i = 0; recipients != NULL && recipients[i] != NULL; i++) {
		g_checksum_update(checksum, (const guchar *)"\n", 1);
		g_checksum_update(checksum, (const guchar *)recipients[i], -1);
	}
	return g_strdup(g_checksum_get_string(checksum));
}

/* On the disk before anything goes out. */
static gboolean
remember(StoreAccount *self, const char *key, const char *message_id, GError **error)
{
	g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(self->worker, error);

	return transaction != NULL &&
	       store_db_run(self->worker, error,
			    "INSERT OR REPLACE INTO outbox (digest, message_id, begun) VALUES (?, ?, ?)", "ssl", key,
			    message_id, g_get_real_time() / G_USEC_PER_SEC) &&
	       store_transaction_commit(&transaction, error);
}

static void
forget(StoreAccount *self, const char *key)
{
	store_db_run(self->worker, NULL, "DELETE FROM outbox WHERE digest = ?", "s", key);
}

/* The service keeps it in Drafts for a moment (API.md 6); a draft of the user's that we know is another one. */
static gboolean
is_in(StoreAccount *self, const char *folder, const char *message_id, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) found = graph_message_find(self->client, folder, message_id, cancellable, error);

	for (guint i = 0; found != NULL && i < found->len; i++) {
		const GraphMessage *message = g_ptr_array_index(found, i);
		g_autoptr(StoreRow) row =
			message->is_draft ? store_messages_find_id(self->worker, message->id, NULL) : NULL;

		if (row == NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean
was_accepted(StoreAccount *self, const char *message_id, GCancellable *cancellable, GError **error)
{
	for (guint attempt = 0; attempt < LOOKS; attempt++) {
		g_autoptr(GError) failure = NULL;

		if (attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, error))
			return FALSE;
		if (is_in(self, "sentitems", message_id, cancellable, &failure) ||
		    (failure == NULL && is_in(self, "drafts", message_id, cancellable, &failure)))
			return TRUE;
		if (failure != NULL) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
	}
	return FALSE;
}

static gboolean
fail_too_large(gsize size, GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_TOO_LARGE,
		    _("The mail is too large: Outlook takes up to %.1f MB this way, and it has %.1f MB. Send large "
		      "attachments in several mails, or share them by a link."),
		    graph_message_get_mime_limit() / 1e6, size / 1e6);
	return FALSE;
}

static gboolean
post(StoreAccount *self, const char *key, GBytes *mime, const char *message_id, GCancellable *cancellable,
     GError **error)
{
	g_autoptr(GError) failure = NULL;
	gboolean unknown;

	if (!remember(self, key, message_id, error))
		return FALSE;
	if (graph_message_send_mime(self->client, mime, cancellable, &failure)) {
		forget(self, key);
		return TRUE;
	}
	unknown = g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
		  g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL) || failure->domain == G_IO_ERROR;
	if (!unknown) {
		forget(self, key);
		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE))
			return fail_too_large(g_bytes_get_size(mime), error);
	} else if (was_accepted(self, message_id, cancellable, NULL)) {
		forget(self, key);
		return TRUE;
	}
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

static gboolean
send_once(StoreAccount *self, const char *key, GBytes *mime, const char *const *recipients, GCancellable *cancellable,
	  GError **error)
{
	g_autofree char *before =
		store_db_get_text(self->worker, NULL, "SELECT message_id FROM outbox WHERE digest = ?", "s", key);
	g_autofree char *message_id = NULL;
	g_autoptr(GBytes) prepared = NULL;
	g_autoptr(GError) failure = NULL;

	if (before != NULL && was_accepted(self, before, cancellable, &failure)) {
		forget(self, key);
		return TRUE;
	}
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	prepared = store_mime_prepare(mime, recipients, &message_id, error);
	if (prepared == NULL)
		return FALSE;
	if (g_bytes_get_size(prepared) > graph_message_get_mime_limit())
		return fail_too_large(g_bytes_get_size(prepared), error);
	return post(self, key, prepared, message_id, cancellable, error);
}

gboolean
store_outbox_send(StoreAccount *self, GBytes *mime, const char *const *recipients, GCancellable *cancellable,
		  GError **error)
{
	g_autofree char *key = digest(mime, recipients);
	gboolean done;

	if (!store_gate_enter(self->gate, STORE_GATE_SEND, cancellable, error))
		return FALSE;
	done = send_once(self, key, mime, recipients, cancellable, error);
	store_gate_leave(self->gate, STORE_GATE_SEND);
	return done;
}
