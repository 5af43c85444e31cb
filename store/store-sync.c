/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-message.h"
#include "store-account-private.h"
#include "store-apply.h"
#include "store-folders.h"
#include "store-messages.h"
#include "store-pages.h"
#include "store-threads.h"

#define EMPTY_IN_A_ROW 500 /* pages; the next check goes on behind them */
#define LIST_PAGE 500
#define PROOF_PAGE 10
#define ASKED_ONE_BY_ONE 10
#define APPLIED_AT_ONCE 100 /* messages; the host waits no longer than that when it writes */

/* `expand=` brought nothing: the next round does without it. */
static void
forget_extended(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	self->plain_delta = TRUE;
}

/* What failed may have been halved for no reason. */
static void
give_up_extended(StoreAccount *self, gint64 folder)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	self->plain_delta = TRUE;
	self->page_size = STORE_PAGE_SIZE;
	g_hash_table_add(self->plain, g_memdup2(&folder, sizeof folder));
}

static gboolean
was_begun_plain(StoreAccount *self, gint64 folder)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	return g_hash_table_contains(self->plain, &folder);
}

/* Whether links of the folder may be those of a round with `expand=`. */
static gboolean
may_be_extended(StoreAccount *self, gint64 folder, const StoreRound *round)
{
	return store_pages_are_extended(self) || (!round->sizes && !was_begun_plain(self, folder));
}

/* A change of a message that has no row (it was given up too early) needs the rest of it. */
static gboolean
complete_page(StoreAccount *self, GraphMessagePage *page, GCancellable *cancellable, GError **error)
{
	for (guint i = 0; i < page->messages->len; i++) {
		const GraphMessage *message = g_ptr_array_index(page->messages, i);
		g_autoptr(StoreRow) row = NULL;
		g_autoptr(GError) failure = NULL;
		GraphMessage *whole;

		if (message->removed || (message->fields & GRAPH_MESSAGE_ENVELOPE))
			continue;
		row = store_messages_find_id(self->worker, message->id, NULL);
		if (row != NULL)
			continue;
		whole = store_reconcile_ask(self, message->id, cancellable, &failure);
		if (whole == NULL && !g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		if (whole == NULL) {
			g_ptr_array_remove_index(page->messages, i--);
			continue;
		}
		graph_message_free(g_ptr_array_index(page->messages, i));
		g_ptr_array_index(page->messages, i) = whole;
	}
	return TRUE;
}

/* The end of the page: with its last message the link to go on with, and what its being the last one means. */
static gboolean
finish_page(StoreAccount *self, const StorePage *circumstances, const StoreRound *round, const GraphMessagePage *page,
	    GError **error)
{
	gboolean last = page->delta_link != NULL;
	gboolean sizes = round->sizes || !page->extended;

	if (last && round->initial && !store_apply_sweep(circumstances, error))
		return FALSE;
	circumstances->changes->tree |= last && !round->filled;
	return store_db_run(self->worker, error,
			    "UPDATE folders SET link = ?, initial = ?, filled = ?, sizes = ? WHERE key = ?", "siiil",
			    last ? page->delta_link : page->next_link, (int)(round->initial && !last),
			    (int)(round->filled || last), (int)sizes, circumstances->folder);
}

/* From @begin to before @end of the page's messages, in one transaction. */
static gboolean
apply_part(StoreAccount *self, gint64 folder, const StoreRound *round, const GraphMessagePage *page, guint begin,
	   guint end, guint64 since, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);
	StorePage circumstances = {
		.db = self->worker,
		.folder = folder,
		.generation = round->generation,
		.announce = round->filled,
		.settled = self->settled,
		.since = since,
		.changes = changes,
	};

	if (transaction == NULL)
		return FALSE;
	for (guint i = begin; i < end; i++) {
		if (!store_apply_message(&circumstances, g_ptr_array_index(page->messages, i), error))
			return FALSE;
	}
	if (end == page->messages->len && !finish_page(self, &circumstances, round, page, error))
		return FALSE;
	return store_account_finish(self, &transaction, changes, error);
}

/* The link lands with the last part: where it does not come to that, the same page is applied once more. */
static gboolean
apply_page(StoreAccount *self, gint64 folder, const StoreRound *round, const GraphMessagePage *page, guint64 since,
	   GCancellable *cancellable, GError **error)
{
	guint begin = 0;
	guint end;

	do {
		end = MIN(begin + APPLIED_AT_ONCE, page->messages->len);
		if (g_cancellable_set_error_if_cancelled(cancellable, error) ||
		    !apply_part(self, folder, round, page, begin, end, since, error))
			return FALSE;
		begin = end;
	} while (end < page->messages->len);
	return TRUE;
}

/* %NULL, without error, after the last page. */
static gboolean
sync_page(StoreAccount *self, gint64 folder, StorePages **pages, gboolean *last, guint *empty, gboolean *changed,
	  GCancellable *cancellable, GError **error)
{
	g_autoptr(StoreRound) round = store_folders_get_round(self->worker, folder, error);
	g_autoptr(GraphMessagePage) page = NULL;
	guint64 since;

	if (round == NULL)
		return FALSE;
	*last = round->id == NULL;
	if (*last)
		return TRUE;
	if (*pages == NULL)
		*pages = store_pages_new(self, round->id, may_be_extended(self, folder, round), cancellable);
	page = store_pages_fetch(*pages, round->link, &since, error);
	if (page == NULL || !complete_page(self, page, cancellable, error) ||
	    !store_gate_wait(self->gate, STORE_GATE_CREATE, cancellable, error) ||
	    !apply_page(self, folder, round, page, since, cancellable, error))
		return FALSE;
	if (!page->extended && page->messages->len > 0 && round->link == NULL)
		forget_extended(self);
	*last = page->delta_link != NULL;
	*changed |= round->initial || page->messages->len > 0;
	*empty = page->messages->len > 0 ? 0 : *empty + 1;
	if (*last || *empty < EMPTY_IN_A_ROW)
		return TRUE;
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The list of messages has no end"));
	return FALSE;
}

/* Whether the service fails only behind the first page (CHECKED 2b): all that came so far is asked for again. */
static gboolean
serves_plain(StoreAccount *self, gint64 folder, GCancellable *cancellable)
{
	g_autoptr(StoreRound) round = store_folders_get_round(self->worker, folder, NULL);
	g_autoptr(GraphMessagePage) page =
		round != NULL && round->id != NULL
			? graph_message_delta(self->client, round->id, NULL, PROOF_PAGE, FALSE, cancellable, NULL)
			: NULL;

	return page != NULL;
}

/*
 * A dead link is begun anew, once. When it is dead again, and when the service goes on failing on a page, extended
 * properties may be the reason, even if they are given up: the link may be older. Once more, without them.
 */
static gboolean
can_start_over(StoreAccount *self, gint64 folder, gboolean *started_over, GCancellable *cancellable,
	       const GError *failure)
{
	gboolean dead = g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_SYNC_RESET);

	if (dead && !*started_over) {
		*started_over = TRUE;
		return TRUE;
	}
	if (was_begun_plain(self, folder) || (!dead && !(g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE) &&
							 serves_plain(self, folder, cancellable))))
		return FALSE;
	give_up_extended(self, folder);
	return TRUE;
}

static gboolean
sync_pages(StoreAccount *self, gint64 folder, gboolean *changed, GCancellable *cancellable, GError **error)
{
	g_autoptr(StorePages) pages = NULL;
	gboolean started_over = FALSE;
	gboolean last = FALSE;
	guint empty = 0;

	while (!last) {
		g_autoptr(GError) failure = NULL;

		if (sync_page(self, folder, &pages, &last, &empty, changed, cancellable, &failure))
			continue;
		if (!can_start_over(self, folder, &started_over, cancellable, failure)) {
			if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE))
				failure->code = GRAPH_ERROR_UNAVAILABLE;
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		graph_client_log(self->client, failure->message);
		if (!store_folders_start_over(self->worker, folder, error))
			return FALSE;
	}
	return TRUE;
}

/* Of what a list says of a message only that is taken which delta does not bring: a list is older than it looks. */
static gboolean
add_detail(StoreAccount *self, gint64 folder, GraphMessage *message, StoreChanges *changes, GError **error)
{
	gint64 key = store_db_get_integer(self->worker, 0, NULL,
					  "SELECT key FROM messages WHERE id = ? AND size IS NULL", "s", message->id);

	message->fields &= GRAPH_MESSAGE_SIZE | GRAPH_MESSAGE_REFERENCES | GRAPH_MESSAGE_ANSWERED;
	if (key == 0)
		return TRUE;
	store_changes_add_folder(changes, folder, 0);
	return store_apply_record(self->worker, key, message, 0, error) &&
	       store_messages_settle(self->worker, key, changes, error);
}

static gboolean
add_details(StoreAccount *self, gint64 folder, GPtrArray *messages, GError **error)
{
	for (guint begin = 0; begin < messages->len; begin += APPLIED_AT_ONCE) {
		g_autoptr(StoreChanges) changes = store_changes_new();
		g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

		if (transaction == NULL)
			return FALSE;
		for (guint i = begin; i < MIN(begin + APPLIED_AT_ONCE, messages->len); i++) {
			if (!add_detail(self, folder, g_ptr_array_index(messages, i), changes, error))
				return FALSE;
		}
		if (!store_account_finish(self, &transaction, changes, error))
			return FALSE;
	}
	return TRUE;
}

static GPtrArray *
list_without_size(StoreAccount *self, gint64 folder)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(StoreQuery) query = store_db_query(
		self->worker, NULL,
		"SELECT id FROM messages WHERE server_folder = ? AND size IS NULL AND id IS NOT NULL LIMIT ?", "li",
		folder, ASKED_ONE_BY_ONE + 1);

	while (query != NULL && store_query_next(query, NULL))
		g_ptr_array_add(ids, store_query_dup_text(query, 0));
	return ids;
}

static GPtrArray *
get_messages(StoreAccount *self, GPtrArray *ids, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)graph_message_free);

	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(GError) failure = NULL;
		GraphMessage *message = store_reconcile_ask(self, g_ptr_array_index(ids, i), cancellable, &failure);

		if (message != NULL) {
			g_ptr_array_add(messages, message);
		} else if (!g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return NULL;
		}
	}
	return g_steal_pointer(&messages);
}

/* The second step where delta brings no sizes (CHECKED 2b): a few by themselves, many by a list. */
static gboolean
sync_sizes(StoreAccount *self, gint64 folder, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *link = NULL;
	gboolean more = TRUE;

	while (more) {
		g_autoptr(GPtrArray) ids = list_without_size(self, folder);
		g_autoptr(GPtrArray) few = NULL;
		g_autoptr(GraphMessagePage) page = NULL;

		if (ids->len == 0)
			break;
		if (ids->len <= ASKED_ONE_BY_ONE) {
			few = get_messages(self, ids, cancellable, error);
			more = FALSE;
		} else {
			page = graph_message_list(self->client, id, link, LIST_PAGE, cancellable, error);
			g_free(link);
			link = page != NULL ? g_strdup(page->next_link) : NULL;
			more = link != NULL;
		}
		if (few == NULL && page == NULL)
			return FALSE;
		if (!add_details(self, folder, few != NULL ? few : page->messages, error))
			return FALSE;
	}
	return store_db_run(self->worker, error,
			    "UPDATE messages SET size = 0 WHERE server_folder = ? AND size IS NULL", "l", folder) &&
	       store_db_run(self->worker, error, "UPDATE folders SET sizes = 0 WHERE key = ?", "l", folder);
}

/* Once all of a round is there, since answers come before what they answer. */
static gboolean
sync_threads(StoreAccount *self, gint64 folder, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	return transaction != NULL && store_threads_resolve(self->worker, folder, changes, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

static gboolean
sync_folder(StoreAccount *self, gint64 folder, GCancellable *cancellable, GError **error)
{
	g_autoptr(StoreRound) round = NULL;
	gboolean changed = FALSE;

	if (!sync_pages(self, folder, &changed, cancellable, error) || (changed && !sync_threads(self, folder, error)))
		return FALSE;
	round = store_folders_get_round(self->worker, folder, error);
	if (round == NULL)
		return FALSE;
	return !round->sizes || sync_sizes(self, folder, round->id, cancellable, error);
}

gboolean
store_sync_run(StoreAccount *self, gint64 folder, GCancellable *cancellable, GError **error)
{
	g_autofree char *name = NULL;
	gboolean done;

	if (!store_gate_enter(self->gate, folder, cancellable, error))
		return FALSE;
	done = sync_folder(self, folder, cancellable, error);
	store_gate_leave(self->gate, folder);
	if (done)
		return store_db_run(
			self->worker, error,
			"UPDATE folders SET synced_total = listed_total, synced_unread = listed_unread WHERE key = ?",
			"l", folder);
	name = store_db_get_text(self->worker, NULL, "SELECT name FROM folders WHERE key = ?", "l", folder);
	if (name != NULL)
		g_prefix_error(error, "%s: ", name);
	return FALSE;
}
