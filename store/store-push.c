/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-push.h"

#include <glib/gi18n-lib.h>

#include "oauth-error.h"
#include "store-folders.h"
#include "store-push-batch.h"
#include "store-refusal.h"

#define LOOKS 3
#define UNAVAILABLE_IN_A_ROW 3
#define LOOK_AGAIN 30	 /* seconds, when the journal cannot be read */
#define ROOM_SECONDS 120 /* until a mailbox that was full is tried again; twice as long each time */
#define MOST_ROOM_SECONDS 900
#define MOST_CONFLICTS 10 /* pushes that met one; what never succeeds is not kept for ever */

StorePushOutcome
store_push_judge(const GError *error)
{
	if (error->domain != GRAPH_ERROR)
		return STORE_PUSH_STOPPED;
	switch ((GraphError)error->code) {
	case GRAPH_ERROR_NOT_FOUND:
		return STORE_PUSH_GONE;
	case GRAPH_ERROR_FAILED:
	case GRAPH_ERROR_FORBIDDEN:
	case GRAPH_ERROR_EXISTS:
	case GRAPH_ERROR_TOO_LARGE:
	case GRAPH_ERROR_SYNC_RESET:
		return STORE_PUSH_REFUSED;
	case GRAPH_ERROR_QUOTA:
	case GRAPH_ERROR_CONFLICT:
	case GRAPH_ERROR_PROTOCOL:
		return STORE_PUSH_HELD;
	case GRAPH_ERROR_UNAUTHORIZED:
	case GRAPH_ERROR_NO_MAILBOX:
	case GRAPH_ERROR_UNAVAILABLE:
	case GRAPH_ERROR_UNCERTAIN:
		return STORE_PUSH_STOPPED;
	}
	return STORE_PUSH_STOPPED;
}

gboolean
store_error_stops(const GError *error)
{
	return error->domain == OAUTH_ERROR || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_NO_MAILBOX) ||
	       (error->domain == STORE_ERROR && error->code != STORE_ERROR_NOT_FOUND);
}

gboolean
store_push_remove(StoreAccount *self, StoreEntry *entry, StoreChanges *changes, GError **error)
{
	changes->journal = TRUE;
	return store_journal_remove(self->worker, entry->seq, error) &&
	       (entry->message == 0 || store_messages_settle(self->worker, entry->message, changes, error)) &&
	       (entry->message != 0 || entry->folder == 0 ||
		store_folders_settle(self->worker, entry->folder, changes, error));
}

gboolean
store_push_finish(StoreAccount *self, StoreEntry *entry, StoreTransaction **transaction, StoreChanges *changes,
		  GError **error)
{
	return store_push_remove(self, entry, changes, error) &&
	       store_account_finish(self, transaction, changes, error);
}

/* An older version of a draft whose newer one the server does not take: it is the server's only one. */
static gboolean
spare_predecessors(StoreAccount *self, gint64 message, StoreChanges *changes, GError **error)
{
	g_autoptr(GArray) keys = store_db_list_integers(
		self->worker, error, "DELETE FROM journal WHERE successor = ? RETURNING message", "l", message);

	return keys != NULL && store_messages_settle_each(self->worker, keys, changes, error);
}

/* The original of a copy that will not be made was to go because of it: it is the only one. */
static gboolean
spare_original(StoreAccount *self, const StoreEntry *entry, StoreChanges *changes, GError **error)
{
	return store_db_run(self->worker, error, "DELETE FROM journal WHERE message = ? AND kind = ? AND seq > ?",
			    "lil", entry->source, (int)STORE_JOURNAL_DELETE, entry->seq) &&
	       store_messages_settle(self->worker, entry->source, changes, error);
}

/* As long as it is not removed here, or another copy is to be made of it. */
static gboolean
is_wanted(StoreAccount *self, const StoreRow *copy)
{
	return !copy->deleted || store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM journal WHERE source = ?",
						      "l", copy->key) != 0;
}

/* A message or folder that was to be made and will not be; the host's only copy of a mail is not thrown away. */
static gboolean
undo_creation(StoreAccount *self, StoreEntry *entry, StoreChanges *changes, gboolean *kept, GError **error)
{
	g_autoptr(StoreRow) row = NULL;

	*kept = FALSE;
	if (entry->kind == STORE_JOURNAL_CREATE_FOLDER)
		return store_folders_drop(self->worker, entry->folder, changes, error);
	row = store_messages_find(self->worker, entry->message, NULL);
	if (row == NULL || row->id != NULL)
		return TRUE;
	if (entry->kind == STORE_JOURNAL_COPY && is_wanted(self, row) && !spare_original(self, entry, changes, error))
		return FALSE;
	if (entry->kind == STORE_JOURNAL_COPY || row->deleted)
		return store_messages_drop(self->worker, entry->message, changes, error);
	*kept = TRUE;
	return store_journal_keep(self->worker, entry->message, error) &&
	       spare_predecessors(self, entry->message, changes, error);
}

gboolean
store_push_undo(StoreAccount *self, StoreEntry *entry, char *text, GError **error)
{
	g_autofree char *owned = text;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);
	gboolean creates = entry->kind == STORE_JOURNAL_CREATE_FOLDER || entry->kind == STORE_JOURNAL_COPY ||
			   entry->kind == STORE_JOURNAL_APPEND;
	gboolean kept = FALSE;

	if (transaction == NULL || (creates && !undo_creation(self, entry, changes, &kept, error)))
		return FALSE;
	changes->journal = TRUE;
	if (owned != NULL)
		store_changes_add_refused(changes, g_steal_pointer(&owned));
	return kept ? store_account_finish(self, &transaction, changes, error)
		    : store_push_finish(self, entry, &transaction, changes, error);
}

GraphMessage *
store_push_look_for(StoreAccount *self, const char *folder, const char *message_id, GCancellable *cancellable,
		    GError **error)
{
	for (guint attempt = 0; attempt < LOOKS; attempt++) {
		g_autoptr(GPtrArray) found = NULL;

		if (attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, error))
			return NULL;
		found = graph_message_find(self->client, folder, message_id, cancellable, error);
		if (found == NULL)
			return NULL;
		for (guint i = 0; i < found->len; i++) {
			const GraphMessage *message = g_ptr_array_index(found, i);
			g_autoptr(StoreRow) known = store_messages_find_id(self->worker, message->id, NULL);

			if (known == NULL) {
				g_ptr_array_set_free_func(found, NULL);
				for (guint j = 0; j < found->len; j++) {
					if (j != i)
						graph_message_free(g_ptr_array_index(found, j));
				}
				return (GraphMessage *)message;
			}
		}
	}
	return NULL;
}

static const char *
explain(StoreAccount *self, const GError *error)
{
	if (error->domain == GRAPH_ERROR) {
		switch ((GraphError)error->code) {
		case GRAPH_ERROR_FORBIDDEN:
			if (graph_client_get_mailbox(self->client) != NULL)
				return _("you may read this shared mailbox, but not change it.");
			return _("this is not allowed.");
		case GRAPH_ERROR_EXISTS:
			return _("there is a folder of this name already.");
		case GRAPH_ERROR_TOO_LARGE:
			return _("the message is too large.");
		case GRAPH_ERROR_QUOTA:
			return _("the mailbox is full.");
		case GRAPH_ERROR_NOT_FOUND:
			return _("the folder does not exist any more.");
		default:
			break;
		}
	}
	return error->message;
}

static char *
describe_refusal(StoreAccount *self, const StoreEntry *entry, const GError *error)
{
	return store_refusal_describe(self->worker, entry, explain(self, error));
}

static void
add_key(GHashTable *keys, gint64 key)
{
	if (key != 0)
		g_hash_table_add(keys, g_memdup2(&key, sizeof key));
}

/* What concerns the same message or folder as an entry that stays has to wait for it; so has what becomes of the
 * original of a copy. */
typedef struct {
	GHashTable *messages;
	GHashTable *folders;
} Held;

static void
held_init(Held *held)
{
	held->messages = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	held->folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static void
held_clear(Held *held)
{
	g_hash_table_unref(held->messages);
	g_hash_table_unref(held->folders);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Held, held_clear)

static void
hold(Held *held, const StoreEntry *entry)
{
	add_key(held->messages, entry->message);
	add_key(held->messages, entry->source);
	if (entry->message == 0)
		add_key(held->folders, entry->folder);
}

static gboolean
is_held(const Held *held, const StoreEntry *entry)
{
	return g_hash_table_contains(held->messages, &entry->message) ||
	       g_hash_table_contains(held->messages, &entry->source) ||
	       g_hash_table_contains(held->messages, &entry->successor) ||
	       g_hash_table_contains(held->folders, &entry->folder) ||
	       g_hash_table_contains(held->folders, &entry->parent);
}

/* What waits to leave the folder, or what is below it, would go with it. */
static gboolean
is_being_left(StoreAccount *self, const StoreEntry *entry)
{
	g_autoptr(StoreQuery) query = NULL;

	if (entry->kind != STORE_JOURNAL_DELETE_FOLDER)
		return FALSE;
	query = store_db_query(self->worker, NULL,
			       "SELECT m.server_folder FROM journal j JOIN messages m"
			       " ON m.key = coalesce(j.source, j.message) WHERE j.kind IN (?1, ?2) AND j.seq < ?3"
			       " UNION SELECT f.server_parent FROM journal j JOIN folders f ON f.key = j.folder"
			       " WHERE j.kind = ?4 AND j.seq < ?3",
			       "iili", (int)STORE_JOURNAL_MOVE, (int)STORE_JOURNAL_COPY, entry->seq,
			       (int)STORE_JOURNAL_MOVE_FOLDER);
	while (query != NULL && store_query_next(query, NULL)) {
		if (store_folders_is_within(self->worker, store_query_get_integer(query, 0), entry->folder))
			return TRUE;
	}
	return FALSE;
}

/*
 * Another version of the same mail may have been made at the server: as long as that is not known, nobody could tell
 * which of the two a message found there is.
 */
static gboolean
has_twin_under_way(StoreAccount *self, const StoreEntry *entry)
{
	return entry->kind == STORE_JOURNAL_APPEND &&
	       store_db_get_integer(self->worker, 0, NULL,
				    "SELECT 1 FROM messages own JOIN messages m ON m.message_id = own.message_id"
				    " JOIN journal j ON j.message = m.key WHERE own.key = ?1 AND m.id IS NULL"
				    " AND j.kind = ?2 AND j.state = ?3 AND j.seq < ?4",
				    "liil", entry->message, (int)STORE_JOURNAL_APPEND, (int)STORE_JOURNAL_BEGUN,
				    entry->seq) != 0;
}

static guint
get_draft_delay(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	return self->draft_delay;
}

static void
note_full(StoreAccount *self, const GError *failure)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);
	gint64 seconds = MIN(MOST_ROOM_SECONDS, ROOM_SECONDS << MIN(self->refused_room, 4));

	self->refused_room++;
	g_clear_error(&self->full);
	self->full = g_error_copy(failure);
	self->room_after = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
}

/* Something was taken, or something was deleted. */
static void
note_room(StoreAccount *self, StoreJournalKind kind)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	if (kind == STORE_JOURNAL_APPEND)
		self->refused_room = 0;
	if (kind == STORE_JOURNAL_APPEND || kind == STORE_JOURNAL_DELETE || kind == STORE_JOURNAL_DELETE_FOLDER)
		self->room_after = 0;
}

static gint64
get_room_delay(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);
	gint64 left = self->room_after != 0 ? self->room_after - g_get_monotonic_time() : 0;

	return left > 0 ? (left + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND : 0;
}

/* Seconds until a new draft, or what a full mailbox did not take, may go; 0 for everything else. */
static gint64
get_rest(StoreAccount *self, StoreDb *db, const StoreEntry *entry)
{
	gint64 room = entry->kind == STORE_JOURNAL_APPEND ? get_room_delay(self) : 0;
	gint64 drafts = store_folders_find_role(db, STORE_ROLE_DRAFTS);
	gint64 age = g_get_real_time() / G_USEC_PER_SEC - entry->created;
	guint delay = get_draft_delay(self);

	if (room > 0 || entry->kind != STORE_JOURNAL_APPEND || entry->state != STORE_JOURNAL_WAITING || drafts == 0 ||
	    store_db_get_integer(db, 0, NULL, "SELECT folder FROM messages WHERE key = ?", "l", entry->message) !=
		    drafts)
		return room;
	/* Of the future: the clock was set back meanwhile. */
	return age < 0 || age > delay ? 0 : delay - age;
}

gint64
store_account_get_push_delay(StoreAccount *self)
{
	g_autoptr(GHashTable) resting = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	gint64 delay = -1;
	gint64 seq = 0;

	while (delay != 0) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreEntry) entry = store_journal_get_next(self->host, seq, &failure);
		gint64 rest;

		if (failure != NULL)
			return delay < 0 ? LOOK_AGAIN : MIN(delay, LOOK_AGAIN);
		if (entry == NULL)
			break;
		seq = entry->seq;
		rest = get_rest(self, self->host, entry);
		if (rest > 0)
			add_key(resting, entry->message);
		else if (g_hash_table_contains(resting, &entry->message) ||
			 g_hash_table_contains(resting, &entry->successor))
			continue;
		delay = delay < 0 ? rest : MIN(delay, rest);
	}
	return delay;
}

GError *
store_account_dup_full(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker = NULL;

	if (get_room_delay(self) == 0 ||
	    store_db_get_integer(self->host, 0, NULL, "SELECT 1 FROM journal WHERE kind = ? AND state != ?", "ii",
				 (int)STORE_JOURNAL_APPEND, (int)STORE_JOURNAL_KEPT) == 0)
		return NULL;
	locker = g_mutex_locker_new(&self->settings);
	return g_error_copy(self->full);
}

static StorePushOutcome
send_entry(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error)
{
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return STORE_PUSH_STOPPED;
	return entry->message != 0 ? store_push_message(self, entry, cancellable, error)
				   : store_push_folder(self, entry, cancellable, error);
}

/* A run of the journal: what stays, how often the service was away in a row, what went wrong first. */
typedef struct {
	StoreAccount *account;
	gboolean all;
	gboolean alone; /* the service takes no batches */
	gboolean full;	/* the mailbox */
	Held held;
	guint unavailable;
	guint done;
	guint total;
	gboolean told; /* progress was */
	GError *first;
	GCancellable *cancellable;
} Run;

/* What is known of the right to change a shared mailbox; @failure: (nullable) */
static void
note_right(StoreAccount *self, StorePushOutcome outcome, const GError *failure)
{
	gboolean read_only = g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);

	if ((!read_only && outcome != STORE_PUSH_DONE) || read_only == store_account_is_read_only(self))
		return;
	if (store_account_set_value(self->worker, "read_only", read_only ? "1" : "0", NULL))
		g_signal_emit_by_name(self, "folders-changed");
}

/* FALSE, with @error, when nothing will do better now; else another failure is kept. Takes @failure. */
static gboolean
take_outcome(Run *self, StoreEntry *entry, StorePushOutcome outcome, GError **failure, GError **error)
{
	g_autoptr(GError) owned = g_steal_pointer(failure);

	if (graph_client_get_mailbox(self->account->client) != NULL)
		note_right(self->account, outcome, owned);
	if (outcome == STORE_PUSH_DONE) {
		self->unavailable = 0;
		self->done++;
		note_room(self->account, entry->kind);
		return TRUE;
	}

	/* One change on which the service fails again and again does not keep back all others. */
	if (g_error_matches(owned, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) && ++self->unavailable < UNAVAILABLE_IN_A_ROW)
		outcome = STORE_PUSH_HELD;
	if (entry->attempts >= MOST_CONFLICTS && g_error_matches(owned, GRAPH_ERROR, GRAPH_ERROR_CONFLICT))
		outcome = STORE_PUSH_REFUSED;

	/* A mail that is only here waits for room; what else finds none is as it was. */
	if (g_error_matches(owned, GRAPH_ERROR, GRAPH_ERROR_QUOTA)) {
		self->full = TRUE;
		note_full(self->account, owned);
		if (entry->kind != STORE_JOURNAL_APPEND)
			outcome = STORE_PUSH_REFUSED;
	}
	if (outcome == STORE_PUSH_REFUSED)
		return store_push_undo(self->account, entry, describe_refusal(self->account, entry, owned), error);
	hold(&self->held, entry);
	if (outcome == STORE_PUSH_STOPPED) {
		g_propagate_error(error, g_steal_pointer(&owned));
		return FALSE;
	}
	if (self->first == NULL)
		self->first = g_steal_pointer(&owned);
	return TRUE;
}

static gboolean
send_alone(Run *self, StoreEntry *entry, GError **error)
{
	GError *failure = NULL;
	StorePushOutcome outcome = send_entry(self->account, entry, self->cancellable, &failure);

	return take_outcome(self, entry, outcome, &failure, error);
}

static gboolean
send_batch(Run *self, StorePushBatch *batch, GError **error)
{
	guint n = store_push_batch_get_length(batch);

	if (n > 1 || self->done > 0) {
		self->told = TRUE;
		store_account_tell_progress(self->account, _("Sending the changes"), self->done,
					    MAX(self->total, self->done + n));
	}
	if (n == 1)
		return send_alone(self, store_push_batch_get_entry(batch, 0), error);
	if (!store_push_batch_run(batch, self->cancellable, error))
		return FALSE;
	self->alone |= store_push_batch_is_broken(batch);
	for (guint i = 0; i < n; i++) {
		StoreEntry *entry = store_push_batch_get_entry(batch, i);
		GError *failure = NULL;
		gboolean again = FALSE;
		StorePushOutcome outcome = store_push_batch_conclude(batch, i, &again, self->cancellable, &failure);

		if (again ? !send_alone(self, entry, error) : !take_outcome(self, entry, outcome, &failure, error))
			return FALSE;
	}
	return TRUE;
}

/*
 * Gathers what may travel together, from the oldest entry on, past what has to wait for it, and up to one that goes by
 * itself; @alone is that one if it is the first.
 */
static gboolean
gather(Run *self, StorePushBatch *batch, StoreEntry **alone, GError **error)
{
	g_auto(Held) later = {0};
	gboolean waits = FALSE;
	gint64 seq = 0;

	held_init(&later);
	for (;;) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreEntry) entry = store_journal_get_next(self->account->worker, seq, &failure);
		StoreEntry *offered = entry;
		StorePushBatchRoom room;

		if (entry == NULL) {
			if (failure != NULL)
				g_propagate_error(error, g_steal_pointer(&failure));
			return failure == NULL;
		}
		seq = entry->seq;
		if (is_held(&self->held, entry) || has_twin_under_way(self->account, entry) ||
		    (self->full && entry->kind == STORE_JOURNAL_APPEND) ||
		    (!self->all && get_rest(self->account, self->account->worker, entry) > 0)) {
			hold(&self->held, entry);
			continue;
		}
		if (is_held(&later, entry)) {
			waits = TRUE;
			hold(&later, entry);
			continue;
		}
		add_key(later.messages, entry->message);
		add_key(later.messages, entry->source);
		room = self->alone ? STORE_PUSH_BATCH_ALONE : store_push_batch_add(batch, &offered);
		if (room == STORE_PUSH_BATCH_TAKEN) {
			g_steal_pointer(&entry);
			continue;
		}
		waits |= room == STORE_PUSH_BATCH_LATER;
		if (room == STORE_PUSH_BATCH_LATER && store_push_batch_is_full(batch))
			return TRUE;
		if (room == STORE_PUSH_BATCH_ALONE) {
			if (waits || store_push_batch_get_length(batch) > 0)
				return TRUE;
			if (is_being_left(self->account, entry)) {
				hold(&self->held, entry);
				continue;
			}
			*alone = g_steal_pointer(&entry);
			return TRUE;
		}
	}
}

static gboolean
push_entries(Run *self, GError **error)
{
	for (;;) {
		g_autoptr(StorePushBatch) batch = store_push_batch_new(self->account);
		g_autoptr(StoreEntry) alone = NULL;

		if (!gather(self, batch, &alone, error))
			return FALSE;
		if (alone == NULL && store_push_batch_get_length(batch) == 0)
			break;
		if (alone != NULL ? !send_alone(self, alone, error) : !send_batch(self, batch, error))
			return FALSE;
	}
	if (self->first == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&self->first));
	return FALSE;
}

static gboolean
hold_unseen(Run *self, GError **error)
{
	g_autoptr(GPtrArray) unseen = store_push_look_in_trash(self->account, &self->first, self->cancellable, error);

	if (unseen == NULL)
		return FALSE;
	for (guint i = 0; i < unseen->len; i++)
		hold(&self->held, g_ptr_array_index(unseen, i));
	if (g_error_matches(self->first, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE))
		self->unavailable++;
	return TRUE;
}

gboolean
store_push_run(StoreAccount *self, gboolean all, GCancellable *cancellable, GError **error)
{
	GraphUrgency urgency = graph_client_get_urgency();
	Run run = {.account = self, .all = all, .cancellable = cancellable};
	gboolean done;

	if (!store_gate_enter(self->gate, STORE_GATE_PUSH, cancellable, error))
		return FALSE;
	graph_client_set_urgency(MIN(urgency, GRAPH_URGENCY_JOURNAL));
	held_init(&run.held);
	run.total = store_journal_count(self->worker);
	done = hold_unseen(&run, error) && push_entries(&run, error);
	held_clear(&run.held);
	g_clear_error(&run.first);
	if (run.told)
		store_account_tell_progress(self, NULL, 0, 0);
	graph_client_set_urgency(urgency);
	store_gate_leave(self->gate, STORE_GATE_PUSH);
	return done;
}
