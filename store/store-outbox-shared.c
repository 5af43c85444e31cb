/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "store-mime.h"
#include "store-outbox.h"

/* The header alone: a large mail is not read twice. */
static GBytes *
cut_header(GBytes *mime)
{
	gsize length;
	const char *text = g_bytes_get_data(mime, &length);
	const char *line = text;
	const char *end = text + length;

	while (line < end && *line != '\n' && *line != '\r') {
		const char *next = memchr(line, '\n', end - line);

		line = next != NULL ? next + 1 : end;
	}
	return g_bytes_new_from_bytes(mime, 0, line - text);
}

/* Of its From, folded. */
static char *
find_address(GBytes *mime)
{
	g_autoptr(GBytes) header = cut_header(mime);
	g_autoptr(GMimeMessage) message = store_mime_parse(header, NULL);
	g_autoptr(GraphRecipient) sender = message != NULL ? store_letter_find_sender(message) : NULL;

	return sender != NULL ? store_mime_fold_address(sender->address) : NULL;
}

StoreAccount *
store_account_find_sender(GPtrArray *shared, GBytes *mime)
{
	g_autofree char *address = shared->len > 0 ? find_address(mime) : NULL;

	for (guint i = 0; address != NULL && i < shared->len; i++) {
		StoreAccount *account = g_ptr_array_index(shared, i);
		const char *mailbox = graph_client_get_mailbox(account->client);
		g_autofree char *folded = mailbox != NULL ? store_mime_fold_address(mailbox) : NULL;

		if (g_strcmp0(folded, address) == 0)
			return account;
	}
	return NULL;
}

gboolean
store_mail_is_from(GBytes *mime, const char *const *addresses)
{
	g_autofree char *address = addresses[0] != NULL ? find_address(mime) : NULL;

	for (guint i = 0; address != NULL && addresses[i] != NULL; i++) {
		g_autofree char *folded = store_mime_fold_address(addresses[i]);

		if (strcmp(folded, address) == 0)
			return TRUE;
	}
	return FALSE;
}

/* What may still arrive from the mailbox is not sent from another one. */
static gboolean
is_open(StoreAccount *self, const char *digest)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreOutboxRow) row = store_outbox_recall(self, digest, &failure);

	return failure != NULL || (row != NULL && row->state != STORE_OUTBOX_BUILDING);
}

/* No Full Access, which says nothing of the right to send as the mailbox (API.md 6.1, 8). */
static gboolean
is_without_access(const GError *error)
{
	return g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND) ||
	       (g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN) &&
		strstr(error->message, "ErrorAccessDenied") != NULL);
}

/* A new consent may change it, and the next thorough check asks anew. */
static const char *
tell_consent(StoreAccount *self)
{
	return graph_client_has_scope(self->client, "Mail.ReadWrite.Shared") ? "consent" : "none";
}

static gboolean
is_known_closed(StoreAccount *self)
{
	g_autofree char *closed = store_account_get_value(self->worker, STORE_CLOSED);

	return g_strcmp0(closed, tell_consent(self)) == 0;
}

gboolean
store_account_send_through(StoreAccount *self, StoreAccount *shared, GBytes *mime, const char *const *recipients,
			   GCancellable *cancellable, GError **error)
{
	g_autoptr(StoreDigest) digest = store_digest_new(mime, recipients);
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreOutboxRow) own = NULL;
	gboolean refused;
	gboolean made;
	gboolean open;

	if (!store_outbox_give_back(self, shared, error))
		return FALSE;
	own = store_outbox_recall(self, digest->mail, &failure);
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	open = is_open(shared, digest->mail);
	if (own == NULL && (open || !(store_account_is_read_only(shared) || is_known_closed(shared)))) {
		if (store_outbox_send(shared, digest, mime, recipients, &made, cancellable, &failure))
			return TRUE;
		refused = is_without_access(failure);
		if (!refused || (!open && is_open(shared, digest->mail))) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		graph_client_log(self->client, failure->message);
		if (is_open(shared, digest->mail)) {
			store_outbox_fail_unseen(graph_client_get_mailbox(shared->client), error);
			return FALSE;
		}
		/* What is refused of a draft that is there says nothing of the next mail (CHECKED 8). */
		if (!made)
			store_account_set_value(shared->worker, STORE_CLOSED, tell_consent(shared), NULL);
	}
	return store_outbox_send(self, digest, mime, recipients, NULL, cancellable, error);
}
