/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "store-mime.h"
#include "store-outbox.h"

/* What is known of mails that may have been sent outlives the copy of the mailbox they were sent from. */

/* Mails that were not asked to be sent need nobody's memory. The keys of messages mean nothing to another database. */
#define ROWS                                                                                                          \
	"SELECT digest, message_id, begun, state, draft, dated, mailbox, coalesce(earlier, '') ||"                    \
	" coalesce((SELECT group_concat(m.id || char(10), '') FROM messages m WHERE m.message_id = outbox.message_id" \
	" AND m.key <= outbox.floor), '') FROM outbox"                                                                \
	" WHERE state != ? AND (? IS NULL OR mailbox = ? COLLATE NOCASE)"

typedef struct {
	const char *from; /* (nullable): of which mailbox the rows are; NULL: of all */
	const char *to;	  /* (nullable): whose they become, if they are nobody's else */
	gboolean own;	  /* they become the database's own */
} Way;

static gboolean
copy_rows(StoreDb *source, StoreDb *target, const Way *way, GError **error)
{
	g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(target, error);
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreQuery) query = NULL;

	if (transaction == NULL)
		return FALSE;
	query = store_db_query(source, error, ROWS, "lss", (gint64)STORE_OUTBOX_BUILDING, way->from, way->from);
	if (query == NULL)
		return FALSE;
	while (store_query_next(query, &failure)) {
		g_autofree char *mailbox = store_query_dup_text(query, 6);

		if (!store_db_run(target, error,
				  "INSERT OR IGNORE INTO outbox (digest, message_id, begun, state, draft, dated,"
				  " mailbox, earlier, newest, floor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
				  "ssllssssl", store_query_get_text(query, 0), store_query_get_text(query, 1),
				  store_query_get_integer(query, 2), store_query_get_integer(query, 3),
				  store_query_get_text(query, 4), store_query_get_text(query, 5),
				  way->own ? NULL : (mailbox != NULL ? mailbox : way->to),
				  store_query_get_text(query, 7), G_MAXINT64))
			return FALSE;
	}
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	return store_transaction_commit(&transaction, error);
}

gboolean
store_account_take_over_sent(StoreAccount *self, StoreAccount *shared, GError **error)
{
	Way way = {.to = graph_client_get_mailbox(shared->client)};

	return copy_rows(shared->host, self->host, &way, error);
}

gboolean
store_outbox_give_back(StoreAccount *self, StoreAccount *shared, GError **error)
{
	Way way = {.from = graph_client_get_mailbox(shared->client), .own = TRUE};

	return store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM outbox WHERE mailbox = ? COLLATE NOCASE", "s",
				    way.from) == 0 ||
	       (copy_rows(self->worker, shared->worker, &way, error) &&
		store_db_run(self->worker, error, "DELETE FROM outbox WHERE mailbox = ? COLLATE NOCASE", "s",
			     way.from));
}

gboolean
store_account_keep_sent(StoreAccount *self, const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, "mail.db", NULL);
	g_autoptr(StoreDb) db = NULL;
	Way way = {0};

	store_outbox_prune(self);
	if (!store_account_remove(directory, error))
		return FALSE;
	if (store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM outbox WHERE state != ?", "l",
				 (gint64)STORE_OUTBOX_BUILDING) == 0)
		return TRUE;
	if (g_mkdir_with_parents(directory, 0700) != 0)
		return store_account_fail_on_disk(error);
	db = store_db_open(path, NULL, error);
	return db != NULL && copy_rows(self->worker, db, &way, error);
}

void
store_outbox_fail_unseen(const char *mailbox, GError **error)
{
	g_set_error(
		error, STORE_ERROR, STORE_ERROR_REFUSED,
		_("An earlier try of this mail through the mailbox %s was not answered, and nobody can look there any "
		  "more whether it was sent. If it did not arrive, write it as a new mail."),
		mailbox);
}
