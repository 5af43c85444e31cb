/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-push-batch.h"

#include "graph-message-batch.h"

#define CHAIN 20
#define CHAINS 3 /* side by side: one of the mailbox's four places is left (API.md 15) */

typedef struct {
	StoreEntry *entry;
	StoreRow *row;
	char *source;	   /* of a copy: the original's id */
	char *destination; /* of a move or copy: the folder's id */
	guint chain;
	guint index;
	gboolean changed; /* by the host, before it went out */
	gboolean sent;
	gboolean done;
	GraphMessage *message;
	GError *failure;
} Item;

typedef struct {
	GraphMessageBatch *batch;
	GraphUrgency urgency;
	GCancellable *cancellable;
	gboolean run;
	GError *error;
} Chain;

struct _StorePushBatch {
	StoreAccount *account;
	GPtrArray *items; /* of Item */
	gboolean copies;
	gboolean broken;
	gboolean asked;
	guint64 since; /* what was asked */
};

static void
item_free(Item *item)
{
	store_entry_free(item->entry);
	store_row_free(item->row);
	g_free(item->source);
	g_free(item->destination);
	g_clear_pointer(&item->message, graph_message_free);
	g_clear_error(&item->failure);
	g_free(item);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Item, item_free)

StorePushBatch *
store_push_batch_new(StoreAccount *account)
{
	StorePushBatch *self = g_new0(StorePushBatch, 1);

	self->account = account;
	self->items = g_ptr_array_new_with_free_func((GDestroyNotify)item_free);
	return self;
}

void
store_push_batch_free(StorePushBatch *self)
{
	if (self->asked)
		store_settled_end(self->account->settled, self->since);
	g_ptr_array_unref(self->items);
	g_free(self);
}

gboolean
store_push_batch_is_full(StorePushBatch *self)
{
	return self->items->len == CHAIN * CHAINS;
}

guint
store_push_batch_get_length(StorePushBatch *self)
{
	return self->items->len;
}

StoreEntry *
store_push_batch_get_entry(StorePushBatch *self, guint index)
{
	return ((Item *)g_ptr_array_index(self->items, index))->entry;
}

static char *
get_folder_id(StorePushBatch *self, gint64 folder)
{
	return store_db_get_text(self->account->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", folder);
}

/* Looks up what the request of @item needs; FALSE where that is not there, or no request is needed. */
static gboolean
prepare(StorePushBatch *self, Item *item, const StoreEntry *entry)
{
	item->row = store_messages_find(self->account->worker, entry->message, NULL);
	if (item->row == NULL)
		return FALSE;
	switch (entry->kind) {
	case STORE_JOURNAL_UPDATE:
		return item->row->id != NULL;
	case STORE_JOURNAL_DELETE:
		/* A draft is looked at first. */
		return item->row->id != NULL && !(entry->value & STORE_FLAG_DRAFT);
	case STORE_JOURNAL_MOVE:
		item->destination = get_folder_id(self, entry->folder);
		return item->row->id != NULL && item->destination != NULL && item->row->server_folder != entry->folder;
	case STORE_JOURNAL_COPY: {
		g_autoptr(StoreRow) source = store_messages_find(self->account->worker, entry->source, NULL);

		item->destination = get_folder_id(self, entry->folder);
		item->source = source != NULL ? g_strdup(source->id) : NULL;
		return item->row->id == NULL && item->source != NULL && item->destination != NULL &&
		       entry->state == STORE_JOURNAL_WAITING;
	}
	default:
		return FALSE;
	}
}

StorePushBatchRoom
store_push_batch_add(StorePushBatch *self, StoreEntry **entry)
{
	gboolean copy = (*entry)->kind == STORE_JOURNAL_COPY;
	g_autoptr(Item) item = g_new0(Item, 1);

	if ((*entry)->message == 0 || !prepare(self, item, *entry))
		return STORE_PUSH_BATCH_ALONE;
	if (store_push_batch_is_full(self) || (self->items->len > 0 && self->copies != copy))
		return STORE_PUSH_BATCH_LATER;
	self->copies = copy;
	item->entry = g_steal_pointer(entry);
	g_ptr_array_add(self->items, g_steal_pointer(&item));
	return STORE_PUSH_BATCH_TAKEN;
}

static gboolean
begin(StorePushBatch *self, GError **error)
{
	/* What makes something has to be known after a power cut, too. */
	g_autoptr(StoreTransaction) transaction =
		self->copies ? store_transaction_begin_durable(self->account->worker, error)
			     : store_transaction_begin(self->account->worker, error);

	if (transaction == NULL)
		return FALSE;
	for (guint i = 0; i < self->items->len; i++) {
		Item *item = g_ptr_array_index(self->items, i);
		gboolean begun;

		if (!store_journal_begin(self->account->worker, item->entry, &begun, error))
			return FALSE;
		item->changed = !begun;
	}
	return store_transaction_commit(&transaction, error);
}

static guint
ask_for(GraphMessageBatch *batch, const Item *item)
{
	g_autoptr(GraphMessage) changes = NULL;

	switch (item->entry->kind) {
	case STORE_JOURNAL_UPDATE:
		changes = store_push_describe_update(item->entry);
		return graph_message_batch_add_update(batch, item->row->id, changes);
	case STORE_JOURNAL_MOVE:
		return graph_message_batch_add_move(batch, item->row->id, item->destination);
	case STORE_JOURNAL_DELETE:
		return graph_message_batch_add_delete(batch, item->row->id);
	default:
		return graph_message_batch_add_copy(batch, item->source, item->destination);
	}
}

/* Until it is freed, since what comes of it is written up to the end. */
static void
ask(StorePushBatch *self)
{
	self->since = store_settled_begin(self->account->settled);
	self->asked = TRUE;
	for (guint i = 0; i < self->items->len; i++)
		((Item *)g_ptr_array_index(self->items, i))->entry->since = self->since;
}

static gpointer
run_chain(gpointer data)
{
	Chain *chain = data;

	graph_client_set_urgency(chain->urgency);
	chain->run = graph_message_batch_run(chain->batch, chain->cancellable, &chain->error);
	return NULL;
}

/* The last one here, the others beside it. */
static void
run_chains(Chain *chains, guint n)
{
	GThread *threads[CHAINS] = {NULL};

	for (guint i = 0; i + 1 < n; i++)
		threads[i] = g_thread_new("chain", run_chain, &chains[i]);
	run_chain(&chains[n - 1]);
	for (guint i = 0; i + 1 < n; i++)
		g_thread_join(threads[i]);
}

static gboolean
is_uncertain(const GError *failure)
{
	return g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
	       g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL) || failure->domain == G_IO_ERROR;
}

/* What the host changed at the last moment is left out. */
static guint
fill_chains(StorePushBatch *self, Chain *chains, GCancellable *cancellable)
{
	guint in_chain = CHAIN;
	guint n = 0;

	for (guint i = 0; i < self->items->len; i++) {
		Item *item = g_ptr_array_index(self->items, i);

		if (item->changed)
			continue;
		if (in_chain == CHAIN) {
			chains[n].batch = graph_message_batch_new(self->account->client);
			chains[n].urgency = graph_client_get_urgency();
			chains[n].cancellable = cancellable;
			in_chain = 0;
			n++;
		}
		item->chain = n - 1;
		item->index = ask_for(chains[n - 1].batch, item);
		in_chain++;
	}
	return n;
}

static void
read_outcomes(StorePushBatch *self, Chain *chains)
{
	for (guint i = 0; i < self->items->len; i++) {
		Item *item = g_ptr_array_index(self->items, i);
		GraphMessageBatch *batch = chains[item->chain].batch;

		if (item->changed)
			continue;
		item->sent = graph_message_batch_was_sent(batch, item->index);
		item->done = graph_message_batch_get(batch, item->index, &item->message, &item->failure);
	}
}

static gboolean
write_outcomes(StorePushBatch *self, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->account->worker, error);

	if (transaction == NULL)
		return FALSE;
	for (guint i = 0; i < self->items->len; i++) {
		Item *item = g_ptr_array_index(self->items, i);

		if (item->done &&
		    !store_push_write_done(self->account, item->entry, item->row, item->message, changes, error))
			return FALSE;
		if (item->failure == NULL || (self->copies && item->sent && is_uncertain(item->failure)))
			continue;
		if (!store_journal_set_state(self->account->worker, item->entry->seq, STORE_JOURNAL_WAITING, error))
			return FALSE;
		item->entry->state = STORE_JOURNAL_WAITING;
	}
	return store_account_finish(self->account, &transaction, changes, error);
}

static gboolean
run(StorePushBatch *self, GCancellable *cancellable, GError **error)
{
	Chain chains[CHAINS] = {0};
	guint n;
	gboolean done;

	if (!begin(self, error))
		return FALSE;
	ask(self);
	n = fill_chains(self, chains, cancellable);
	if (n == 0)
		return TRUE;
	run_chains(chains, n);
	read_outcomes(self, chains);
	done = write_outcomes(self, error);
	for (guint i = 0; i < n; i++) {
		self->broken |= !chains[i].run;
		if (done && chains[i].error != NULL && store_error_stops(chains[i].error)) {
			g_propagate_error(error, g_steal_pointer(&chains[i].error));
			done = FALSE;
		} else if (chains[i].error != NULL) {
			graph_client_log(self->account->client, chains[i].error->message);
		}
		g_clear_error(&chains[i].error);
		graph_message_batch_free(chains[i].batch);
	}
	return done;
}

gboolean
store_push_batch_run(StorePushBatch *self, GCancellable *cancellable, GError **error)
{
	gboolean done;

	if (!self->copies)
		return run(self, cancellable, error);
	if (!store_gate_enter(self->account->gate, STORE_GATE_CREATE, cancellable, error))
		return FALSE;
	done = run(self, cancellable, error);
	store_gate_leave(self->account->gate, STORE_GATE_CREATE);
	return done;
}

gboolean
store_push_batch_is_broken(StorePushBatch *self)
{
	return self->broken;
}

/* Another look, or another try, may tell: the request by itself does that. */
static gboolean
is_to_repeat(const GError *failure)
{
	return g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_CONFLICT) ||
	       g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) || is_uncertain(failure);
}

StorePushOutcome
store_push_batch_conclude(StorePushBatch *self, guint index, gboolean *again, GCancellable *cancellable, GError **error)
{
	Item *item = g_ptr_array_index(self->items, index);

	*again = item->failure != NULL && (self->broken || is_to_repeat(item->failure));
	if (item->failure == NULL || *again)
		return STORE_PUSH_DONE;
	return store_push_conclude(self->account, item->entry, item->row, &item->failure, cancellable, error);
}
