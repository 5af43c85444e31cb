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
	" WHERE state != ? AND (? IS NULL OR mailbox = ? COLLATE NOCASE) AND (? IS NULL OR digest = ?)"

#define INTO                                                                                             \
	" INTO outbox (digest, message_id, begun, state, draft, dated, mailbox, earlier, newest, floor)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"

typedef struct {
	const char *from;   /* (nullable): of which mailbox the rows are; NULL: of all */
	const char *digest; /* (nullable): which of them; NULL: all */
	const char *to;	    /* (nullable): whose they become, if they are nobody's else */
	gboolean own;	    /* they become the database's own */
	gboolean alone;	    /* the database keeps no others */
} Way;

static GPtrArray *
read_rows(StoreDb *source, const Way *way, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_outbox_row_free);
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreQuery) query = store_db_query(source, error, ROWS, "lssss", (gint64)STORE_OUTBOX_BUILDING,
						     way->from, way->from, way->digest, way->digest);

	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure)) {
		StoreOutboxRow *row = g_new0(StoreOutboxRow, 1);
		g_autofree char *mailbox = store_query_dup_text(query, 6);

		row->digest = store_query_dup_text(query, 0);
		row->message_id = store_query_dup_text(query, 1);
		row->begun = store_query_get_integer(query, 2);
		row->state = (StoreOutboxState)store_query_get_integer(query, 3);
		row->draft = store_query_dup_text(query, 4);
		row->dated = store_query_dup_text(query, 5);
		row->mailbox = way->own ? NULL : g_strdup(mailbox != NULL ? mailbox : way->to);
		row->earlier = store_query_dup_text(query, 7);
		row->newest = G_MAXINT64;
		g_ptr_array_add(rows, row);
	}
	if (failure == NULL)
		return g_steal_pointer(&rows);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static gboolean
write_row(StoreDb *target, const StoreOutboxRow *row, GError **error)
{
	return store_db_run(target, error, "INSERT OR IGNORE" INTO, "ssllssssl", row->digest, row->message_id,
			    row->begun, (gint64)row->state, row->draft, row->dated, row->mailbox, row->earlier,
			    row->newest);
}

static gboolean
copy_rows(StoreDb *source, StoreDb *target, const Way *way, GError **error)
{
	g_autoptr(GPtrArray) rows = read_rows(source, way, error);
	g_autoptr(StoreTransaction) transaction = rows != NULL ? store_transaction_begin_durable(target, error) : NULL;

	if (transaction == NULL)
		return FALSE;
	/* What is not there any more, or need not be, is neither there. */
	if (way->digest != NULL &&
	    !store_db_run(target, error, "DELETE FROM outbox WHERE digest = ? AND mailbox = ? COLLATE NOCASE", "ss",
			  way->digest, way->to))
		return FALSE;
	if (way->alone && !store_db_run(target, error, "DELETE FROM outbox", ""))
		return FALSE;
	for (guint i = 0; i < rows->len; i++) {
		if (!write_row(target, g_ptr_array_index(rows, i), error))
			return FALSE;
	}
	return store_transaction_commit(&transaction, error);
}

gboolean
store_account_take_over_sent(StoreAccount *self, StoreAccount *shared, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&shared->passing);
	Way way = {.to = graph_client_get_mailbox(shared->client)};

	g_weak_ref_set(&shared->heir, self);
	return copy_rows(shared->host, self->host, &way, error);
}

gboolean
store_outbox_pass_on(StoreAccount *self, const char *digest, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->passing);
	g_autoptr(StoreAccount) heir = g_weak_ref_get(&self->heir);
	Way way = {.to = graph_client_get_mailbox(self->client), .digest = digest};

	return heir == NULL || copy_rows(self->worker, heir->worker, &way, error);
}

/* A mail may be on its way through it all the same. */
static gboolean
is_removed(StoreAccount *shared)
{
	g_autoptr(StoreAccount) heir = g_weak_ref_get(&shared->heir);

	return heir != NULL;
}

gboolean
store_outbox_give_back(StoreAccount *self, StoreAccount *shared, GError **error)
{
	Way way = {.from = graph_client_get_mailbox(shared->client), .own = TRUE};

	return is_removed(shared) ||
	       store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM outbox WHERE mailbox = ? COLLATE NOCASE", "s",
				    way.from) == 0 ||
	       (copy_rows(self->worker, shared->worker, &way, error) &&
		store_db_run(self->worker, error, "DELETE FROM outbox WHERE mailbox = ? COLLATE NOCASE", "s",
			     way.from));
}

static StoreDb *
open_home(const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, "mail.db", NULL);

	if (g_mkdir_with_parents(directory, 0700) == 0)
		return store_db_open(path, NULL, error);
	store_account_fail_on_disk(error);
	return NULL;
}

/* What is there already stays until the other is written, so that there is no moment when nothing is known; unless
 * nobody can read it. */
static StoreDb *
open_kept(const char *directory, GError **error)
{
	g_autoptr(GError) failure = NULL;
	StoreDb *db = open_home(directory, &failure);

	if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_DAMAGED))
		return store_account_remove(directory, error) ? open_home(directory, error) : NULL;
	if (db == NULL)
		g_propagate_error(error, g_steal_pointer(&failure));
	return db;
}

gboolean
store_account_keep_sent(StoreAccount *self, const char *directory, GError **error)
{
	g_autoptr(StoreDb) db = NULL;
	Way way = {.alone = TRUE};

	store_outbox_prune(self);
	if (store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM outbox WHERE state != ?", "l",
				 (gint64)STORE_OUTBOX_BUILDING) == 0)
		return store_account_remove(directory, error);
	db = open_kept(directory, error);
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
