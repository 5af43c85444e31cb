/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-journal.h"

#include "store-messages.h"

#define COLUMNS                                                                                                 \
	"seq, kind, state, created, attempts, message, source, folder, mask, value, categories, parent, name, " \
	"successor"

void
store_entry_free(StoreEntry *self)
{
	if (self == NULL)
		return;
	g_free(self->categories);
	g_free(self->name);
	g_free(self);
}

static StoreEntry *
read_entry(StoreQuery *query)
{
	StoreEntry *self = g_new0(StoreEntry, 1);

	self->seq = store_query_get_integer(query, 0);
	self->kind = store_query_get_integer(query, 1);
	self->state = store_query_get_integer(query, 2);
	self->created = store_query_get_integer(query, 3);
	self->attempts = store_query_get_integer(query, 4);
	self->message = store_query_get_integer(query, 5);
	self->source = store_query_get_integer(query, 6);
	self->folder = store_query_get_integer(query, 7);
	self->mask = store_query_get_integer(query, 8);
	self->value = store_query_get_integer(query, 9);
	self->categories = store_query_dup_text(query, 10);
	self->parent = store_query_get_integer(query, 11);
	self->name = store_query_dup_text(query, 12);
	self->successor = store_query_get_integer(query, 13);
	return self;
}

gboolean
store_journal_get_pending(StoreDb *db, gint64 message, StorePending *pending, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreQuery) query = store_db_query(
		db, error, "SELECT kind, mask, categories IS NOT NULL FROM journal WHERE message = ?", "l", message);

	*pending = (StorePending){0};
	if (query == NULL)
		return FALSE;
	while (store_query_next(query, &failure)) {
		switch ((StoreJournalKind)store_query_get_integer(query, 0)) {
		case STORE_JOURNAL_UPDATE:
			pending->mask |= store_query_get_integer(query, 1);
			pending->categories |= store_query_get_integer(query, 2) != 0;
			break;
		case STORE_JOURNAL_DELETE:
			pending->deleted = TRUE;
			break;
		default:
			pending->place = TRUE;
			break;
		}
	}
	if (failure == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

gboolean
store_journal_has_folder(StoreDb *db, gint64 folder, StoreJournalKind kind)
{
	return store_db_get_integer(db, 0, NULL,
				    "SELECT 1 FROM journal WHERE folder = ? AND kind = ? AND message IS NULL LIMIT 1",
				    "li", folder, (int)kind) != 0;
}

gboolean
store_journal_add(StoreDb *db, const StoreEntry *entry, GError **error)
{
	return store_db_run(db, error,
			    "INSERT INTO journal (kind, created, message, source, folder, mask, value, categories,"
			    " parent, name, successor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			    "ilzzziislsz", (int)entry->kind, g_get_real_time() / G_USEC_PER_SEC, entry->message,
			    entry->source, entry->folder, (int)entry->mask, (int)entry->value, entry->categories,
			    entry->parent, entry->name, entry->successor);
}

static StoreEntry *
find_waiting_for(StoreDb *db, gint64 successor, GError **error)
{
	g_autoptr(StoreQuery) query = store_db_query(
		db, error, "SELECT " COLUMNS " FROM journal WHERE successor = ? ORDER BY seq LIMIT 1", "l", successor);

	if (query == NULL || !store_query_next(query, error))
		return NULL;
	return read_entry(query);
}

gboolean
store_journal_set_successor(StoreDb *db, gint64 message, gint64 successor, GError **error)
{
	for (;;) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreEntry) entry = find_waiting_for(db, message, &failure);

		if (failure != NULL) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		if (entry == NULL)
			return TRUE;

		/* To the end of the queue: the successor is made by an entry after the old place. */
		entry->successor = successor;
		if (!store_journal_remove(db, entry->seq, error) || !store_journal_add(db, entry, error))
			return FALSE;
	}
}

/*
 * The last entry that names the message, if it is a move that waits: nothing can come between. One that was sent once
 * may have been done.
 */
static StoreEntry *
find_joinable_move(StoreDb *db, gint64 message, GError **error)
{
	g_autoptr(StoreEntry) last = NULL;
	g_autoptr(StoreQuery) query = store_db_query(
		db, error,
		"SELECT " COLUMNS " FROM journal WHERE seq = (SELECT max(seq) FROM (SELECT seq FROM journal WHERE"
		" message = ?1 UNION ALL SELECT seq FROM journal WHERE source = ?1))",
		"l", message);

	if (query == NULL || !store_query_next(query, error))
		return NULL;
	last = read_entry(query);
	if (last->kind != STORE_JOURNAL_MOVE || last->message != message || last->state != STORE_JOURNAL_WAITING ||
	    last->attempts > 0)
		return NULL;
	return g_steal_pointer(&last);
}

gboolean
store_journal_open_updates(StoreDb *db, GError **error)
{
	return store_db_run(db, error,
			    "CREATE TEMP TABLE IF NOT EXISTS updates (message INTEGER PRIMARY KEY,"
			    " mask INTEGER NOT NULL DEFAULT 0, value INTEGER NOT NULL DEFAULT 0, categories TEXT,"
			    " joined INTEGER)",
			    "") &&
	       store_db_run(db, error, "DELETE FROM updates", "");
}

/* The last entry that names the message, if it is an update and was not begun: nothing can come between. */
static gboolean
find_joinable_updates(StoreDb *db, GError **error)
{
	return store_db_run(db, error,
			    "UPDATE updates SET joined = (SELECT seq FROM journal WHERE seq ="
			    " (SELECT max(seq) FROM (SELECT seq FROM journal WHERE message = updates.message"
			    " UNION ALL SELECT seq FROM journal WHERE source = updates.message))"
			    " AND kind = ? AND message = updates.message AND state = ?)",
			    "ii", (int)STORE_JOURNAL_UPDATE, (int)STORE_JOURNAL_WAITING);
}

/* Takes updates back that were never sent and ask for what the server has. */
static gboolean
drop_vain(StoreDb *db, GError **error)
{
	return store_db_run(db, error,
			    "DELETE FROM journal WHERE seq IN (SELECT joined FROM updates) AND attempts = 0"
			    " AND NOT EXISTS (SELECT 1 FROM journal o WHERE o.message = journal.message"
			    " AND o.seq != journal.seq)"
			    " AND NOT EXISTS (SELECT 1 FROM journal o WHERE o.source = journal.message)"
			    " AND EXISTS (SELECT 1 FROM messages m WHERE m.key = journal.message"
			    " AND m.id IS NOT NULL AND m.server_flags & journal.mask = journal.value"
			    " AND (journal.categories IS NULL OR journal.categories = m.server_categories))",
			    "");
}

gboolean
store_journal_add_updates(StoreDb *db, GError **error)
{
	return find_joinable_updates(db, error) &&
	       store_db_run(db, error,
			    "UPDATE journal SET mask = journal.mask | u.mask,"
			    " value = (journal.value & ~u.mask) | (u.value & u.mask),"
			    " categories = coalesce(u.categories, journal.categories), attempts = min(attempts, 1)"
			    " FROM updates u WHERE journal.seq = u.joined",
			    "") &&
	       drop_vain(db, error) &&
	       store_db_run(db, error,
			    "INSERT INTO journal (kind, created, message, mask, value, categories)"
			    " SELECT ?, ?, message, mask, value & mask, categories FROM updates"
			    " WHERE joined IS NULL ORDER BY message",
			    "il", (int)STORE_JOURNAL_UPDATE, g_get_real_time() / G_USEC_PER_SEC);
}

gboolean
store_journal_add_update(StoreDb *db, gint64 message, StoreFlags mask, StoreFlags value, const char *categories,
			 GError **error)
{
	return store_journal_open_updates(db, error) &&
	       store_db_run(db, error, "INSERT INTO updates (message, mask, value, categories) VALUES (?, ?, ?, ?)",
			    "liis", message, (int)mask, (int)value, categories) &&
	       store_journal_add_updates(db, error);
}

gboolean
store_journal_add_move(StoreDb *db, gint64 message, gint64 folder, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreEntry) joined = find_joinable_move(db, message, &failure);
	StoreEntry entry = {.kind = STORE_JOURNAL_MOVE, .message = message, .folder = folder};

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}

	/* The joined move goes to the end of the queue: its destination may be made by an entry after the old place. */
	if (joined != NULL && !store_journal_remove(db, joined->seq, error))
		return FALSE;
	return store_journal_add(db, &entry, error);
}

gboolean
store_journal_keep(StoreDb *db, gint64 message, GError **error)
{
	return store_db_run(
		       db, error,
		       "UPDATE messages SET server_flags = flags & ?, server_categories = categories WHERE key = ?",
		       "il", (int)STORE_FLAGS_SERVER, message) &&
	       store_db_run(db, error, "DELETE FROM journal WHERE message = ? AND kind != ?", "li", message,
			    (int)STORE_JOURNAL_APPEND) &&
	       store_db_run(db, error, "UPDATE journal SET state = ? WHERE message = ?", "il", (int)STORE_JOURNAL_KEPT,
			    message);
}

gboolean
store_journal_withdraw(StoreDb *db, gint64 message, StoreJournalKind kind, GError **error)
{
	gint64 seq = store_db_get_integer(db, 0, error,
					  "SELECT seq FROM journal WHERE message = ? AND kind = ? AND state != ?",
					  "lii", message, (int)kind, STORE_JOURNAL_BEGUN);

	return seq != 0 && store_journal_remove(db, seq, error);
}

StoreEntry *
store_journal_get_next(StoreDb *db, gint64 seq, GError **error)
{
	g_autoptr(StoreQuery) query = store_db_query(
		db, error, "SELECT " COLUMNS " FROM journal WHERE seq > ? AND state != ? ORDER BY seq LIMIT 1", "li",
		seq, STORE_JOURNAL_KEPT);

	if (query == NULL || !store_query_next(query, error))
		return NULL;
	return read_entry(query);
}

gboolean
store_journal_remove(StoreDb *db, gint64 seq, GError **error)
{
	return store_db_run(db, error, "DELETE FROM journal WHERE seq = ?", "l", seq);
}

gboolean
store_journal_begin(StoreDb *db, StoreEntry *entry, gboolean *begun, GError **error)
{
	g_autoptr(GError) failure = NULL;
	gint64 seq = store_db_get_integer(
		db, 0, &failure,
		"UPDATE journal SET state = ?1, attempts = attempts + 1 WHERE seq = ?2 AND state = ?3 AND mask = ?4"
		" AND value = ?5 AND categories IS ?6 AND name IS ?7 RETURNING seq",
		"iliiiss", (int)STORE_JOURNAL_BEGUN, entry->seq, (int)entry->state, (int)entry->mask, (int)entry->value,
		entry->categories, entry->name);

	*begun = seq != 0;
	if (*begun)
		entry->state = STORE_JOURNAL_BEGUN;
	if (failure == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

gboolean
store_journal_set_state(StoreDb *db, gint64 seq, StoreJournalState state, GError **error)
{
	return store_db_run(db, error, "UPDATE journal SET state = ?1, attempts = attempts + (?1 = 1) WHERE seq = ?2",
			    "il", (int)state, seq);
}

guint
store_journal_count(StoreDb *db)
{
	return store_db_get_integer(db, 0, NULL, "SELECT count(*) FROM journal WHERE state != ?", "i",
				    STORE_JOURNAL_KEPT);
}

guint
store_journal_count_only_here(StoreDb *db)
{
	return store_db_get_integer(db, 0, NULL, "SELECT count(*) FROM journal", "");
}
