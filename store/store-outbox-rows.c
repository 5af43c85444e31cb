/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-message.h"
#include "store-mime.h"
#include "store-outbox.h"

#define OLD_SECONDS 600
#define YOUNG_SECONDS 60
#define GUESSED_SECONDS (24 * 3600)
#define SENT_SECONDS (30 * 24 * 3600)

void
store_outbox_row_free(StoreOutboxRow *self)
{
	g_free(self->digest);
	g_free(self->message_id);
	g_free(self->draft);
	g_free(self->dated);
	g_free(self->earlier);
	g_free(self->mailbox);
	g_free(self);
}

#define COLUMNS "digest, message_id, state, draft, newest, begun, floor, dated, mailbox, earlier"

/* Takes @query. */
static StoreOutboxRow *
read_row(StoreQuery *query, GError **error)
{
	g_autoptr(StoreQuery) owned = query;
	StoreOutboxRow *row;

	if (owned == NULL || !store_query_next(owned, error))
		return NULL;
	row = g_new0(StoreOutboxRow, 1);
	row->digest = store_query_dup_text(owned, 0);
	row->message_id = store_query_dup_text(owned, 1);
	row->state = (StoreOutboxState)store_query_get_integer(owned, 2);
	row->draft = store_query_dup_text(owned, 3);
	row->newest = store_query_get_integer(owned, 4);
	row->begun = store_query_get_integer(owned, 5);
	row->floor = store_query_get_integer(owned, 6);
	row->dated = store_query_dup_text(owned, 7);
	row->mailbox = store_query_dup_text(owned, 8);
	row->earlier = store_query_dup_text(owned, 9);
	return row;
}

StoreOutboxRow *
store_outbox_recall(StoreAccount *self, const char *digest, GError **error)
{
	return read_row(
		store_db_query(self->worker, error, "SELECT " COLUMNS " FROM outbox WHERE digest = ?", "s", digest),
		error);
}

StoreOutboxRow *
store_outbox_recall_open(StoreAccount *self, const char *message_id, GError **error)
{
	return read_row(store_db_query(self->worker, error,
				       "SELECT " COLUMNS " FROM outbox WHERE message_id = ? AND state IN (?, ?, ?)"
				       " ORDER BY begun DESC LIMIT 1",
				       "slll", message_id, (gint64)STORE_OUTBOX_POSTED, (gint64)STORE_OUTBOX_SENDING,
				       (gint64)STORE_OUTBOX_FOUND),
			error);
}

/* On the disk before anything goes out. */
gboolean
store_outbox_remember(StoreAccount *self, const StoreOutboxRow *row, GError **error)
{
	g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(self->worker, error);
	gboolean done;

	done = transaction != NULL &&
	       store_db_run(
		       self->worker, error,
		       "INSERT OR REPLACE INTO outbox (digest, message_id, begun, state, draft, newest, floor, dated,"
		       " earlier) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		       "ssllsllss", row->digest, row->message_id,
		       row->begun != 0 ? row->begun : g_get_real_time() / G_USEC_PER_SEC, (gint64)row->state,
		       row->draft, row->newest, row->floor, row->dated, row->earlier) &&
	       store_transaction_commit(&transaction, error);
	return done && store_outbox_pass_on(self, row->digest, error);
}

gboolean
store_outbox_leave(gpointer data, GError **error)
{
	const StoreOutboxStep *step = data;

	return store_outbox_remember(step->account, step->row, error);
}

void
store_outbox_forget(StoreAccount *self, const char *key)
{
	store_db_run(self->worker, NULL, "DELETE FROM outbox WHERE digest = ?", "s", key);
	store_outbox_pass_on(self, key, NULL);
}

/* The Message-ID of a new mail is its own. */
static gboolean
may_have_earlier(StoreAccount *self, const StoreOutboxRow *row, gboolean redirected)
{
	return redirected ||
	       store_db_get_integer(self->worker, 0, NULL,
				    "SELECT 1 FROM outbox WHERE message_id = ? AND (digest != ? OR state IN (?, ?))",
				    "ssll", row->message_id, row->digest, (gint64)STORE_OUTBOX_SENT,
				    (gint64)STORE_OUTBOX_FOUND) != 0;
}

/* Where nobody may look now, nobody finds one later either. */
static gboolean
list_earlier(StoreAccount *self, StoreOutboxRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GPtrArray) found =
		graph_message_find(self->client, "sentitems", row->message_id, cancellable, &failure);
	GString *ids = g_string_new(NULL);

	for (guint i = 0; found != NULL && i < found->len; i++)
		g_string_append_printf(ids, "%s\n", ((const GraphMessage *)g_ptr_array_index(found, i))->id);
	row->earlier = g_string_free(ids, FALSE);
	if (failure == NULL || !store_outbox_ends_all(failure))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

gboolean
store_outbox_begin(StoreAccount *self, StoreOutboxRow *row, gboolean redirected, GCancellable *cancellable,
		   GError **error)
{
	row->floor = store_db_get_integer(self->worker, 0, NULL, "SELECT coalesce(max(key), 0) FROM messages", "");
	row->newest = row->floor;
	return row->earlier != NULL || !may_have_earlier(self, row, redirected) ||
	       list_earlier(self, row, cancellable, error);
}

void
store_outbox_settle(StoreAccount *self, const StoreOutboxRow *row, gboolean told)
{
	store_db_run(self->worker, NULL, "UPDATE outbox SET state = ?, begun = ?, dated = ? WHERE digest = ?", "llss",
		     (gint64)(told ? STORE_OUTBOX_SENT : STORE_OUTBOX_FOUND), g_get_real_time() / G_USEC_PER_SEC,
		     row->dated, row->digest);
	store_outbox_pass_on(self, row->digest, NULL);
}

/* When the clock was set back meanwhile, nobody knows: none. */
static gint64
get_age(const StoreOutboxRow *row)
{
	return MAX(0, g_get_real_time() / G_USEC_PER_SEC - row->begun);
}

/* Without a Message-ID of its own it may be another mail of the same words. */
gboolean
store_outbox_is_known(const StoreOutboxRow *row, const char *dated, gboolean redirected)
{
	gboolean made = store_mime_is_made_id(row->message_id);
	gboolean is_own = !made && !redirected;

	if (g_strcmp0(row->dated, dated) == 0 && (!made || dated != NULL))
		return TRUE;
	if (row->state == STORE_OUTBOX_SENT)
		return is_own && get_age(row) < YOUNG_SECONDS;
	return get_age(row) < GUESSED_SECONDS;
}

gboolean
store_outbox_may_come(StoreAccount *self, const StoreOutboxRow *row)
{
	gint64 late_after;

	g_mutex_lock(&self->settings);
	late_after = self->late_after;
	g_mutex_unlock(&self->settings);
	/* The time is counted from here, or it would not end before the day that the clock said. */
	store_db_run(self->worker, NULL, "UPDATE outbox SET begun = ?1 WHERE digest = ?2 AND begun > ?1", "ls",
		     g_get_real_time() / G_USEC_PER_SEC, row->digest);
	return row->begun != 0 && get_age(row) < late_after;
}

void
store_outbox_fail_late(GError **error)
{
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN,
			    _("The server did not answer an earlier try of this mail, and may be about to send it. The "
			      "mail is being looked for; if it is not found within ten minutes, the next try sends "
			      "it."));
}

gint64
store_outbox_get_horizon(void)
{
	return g_get_real_time() / G_USEC_PER_SEC - SENT_SECONDS;
}

void
store_outbox_prune(StoreAccount *self)
{
	store_db_run(self->worker, NULL,
		     "DELETE FROM outbox WHERE (state IN (?, ?) OR mailbox IS NOT NULL) AND begun < ?", "lll",
		     (gint64)STORE_OUTBOX_SENT, (gint64)STORE_OUTBOX_FOUND, store_outbox_get_horizon());
}

gboolean
store_outbox_is_old(const StoreOutboxRow *row)
{
	return row->begun != 0 && get_age(row) > OLD_SECONDS;
}

static gboolean
is_earlier(const StoreOutboxRow *row, const char *id)
{
	g_auto(GStrv) ids = g_strsplit(row->earlier != NULL ? row->earlier : "", "\n", -1);

	return g_strv_contains((const char *const *)ids, id);
}

static gboolean
look_in(StoreAccount *self, const char *folder, const StoreOutboxRow *row, StoreTrace *trace, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(GPtrArray) found = graph_message_find(self->client, folder, row->message_id, cancellable, error);

	for (guint i = 0; found != NULL && i < found->len; i++) {
		const GraphMessage *message = g_ptr_array_index(found, i);
		gint64 key = store_db_get_integer(self->worker, G_MAXINT64, NULL,
						  "SELECT key FROM messages WHERE id = ?", "s", message->id);

		if (is_earlier(row, message->id))
			continue;
		if (!message->is_draft && key > row->floor)
			*trace = STORE_TRACE_SENT;
		else if (message->is_draft && key > row->newest)
			*trace = MAX(*trace, STORE_TRACE_PASSING);
	}
	return found != NULL;
}

gboolean
store_outbox_look(StoreAccount *self, const StoreOutboxRow *row, gboolean passing, guint looks, StoreTrace *trace,
		  GCancellable *cancellable, GError **error)
{
	*trace = STORE_TRACE_NONE;
	for (guint attempt = 0; attempt < looks && *trace != STORE_TRACE_SENT; attempt++) {
		*trace = STORE_TRACE_NONE;
		if ((attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, error)) ||
		    !look_in(self, "sentitems", row, trace, cancellable, error) ||
		    (passing && *trace == STORE_TRACE_NONE && !look_in(self, "drafts", row, trace, cancellable, error)))
			return FALSE;
	}
	return TRUE;
}
