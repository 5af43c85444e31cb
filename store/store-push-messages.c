/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-push.h"

#include <glib/gi18n-lib.h>

#include "graph-folder.h"
#include "store-apply.h"
#include "store-folders.h"
#include "store-text.h"

/* The request failed: what surely was not done may be joined with later changes, or taken back. */
static StorePushOutcome
fail(StoreAccount *self, StoreEntry *entry, gboolean repeatable, GError **failure, GError **error)
{
	StorePushOutcome outcome = store_push_judge(*failure);
	gboolean lost = g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
			g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL) ||
			(*failure)->domain == G_IO_ERROR;

	if ((repeatable || !lost) && store_journal_set_state(self->worker, entry->seq, STORE_JOURNAL_WAITING, NULL))
		entry->state = STORE_JOURNAL_WAITING;
	g_propagate_error(error, g_steal_pointer(failure));
	return outcome;
}

/* What the service still does to a draft that it has just made, in seconds, is no change by anybody. */
#define SETTLING 2

/* There is nothing to send, or the server had it already. */
static StorePushOutcome
finish(StoreAccount *self, StoreEntry *entry, GError **error)
{
	return store_push_undo(self, entry, NULL, error) ? STORE_PUSH_DONE : STORE_PUSH_STOPPED;
}

static StorePushOutcome
drop(StoreAccount *self, StoreEntry *entry, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	if (transaction == NULL || !store_messages_drop(self->worker, entry->message, changes, error) ||
	    !store_account_finish(self, &transaction, changes, error))
		return STORE_PUSH_STOPPED;
	return STORE_PUSH_DONE;
}

/* The message that was made here has its id; a row that a delta page brought for it before is the same message. */
static gboolean
write_creation(StoreAccount *self, StoreEntry *entry, const GraphMessage *message, gint64 folder, StoreChanges *changes,
	       GError **error)
{
	g_autoptr(StoreRow) other = store_messages_find_id(self->worker, message->id, NULL);

	return (other == NULL || other->key == entry->message ||
		store_messages_drop(self->worker, other->key, changes, error)) &&
	       store_db_run(self->worker, error,
			    "UPDATE messages SET id = ?1, server_folder = ?2, generation ="
			    " coalesce((SELECT generation FROM folders WHERE key = ?2), 0) WHERE key = ?3",
			    "szl", message->id, folder, entry->message) &&
	       store_apply_record(self->worker, entry->message, message, 0, error) &&
	       store_db_run(self->worker, error, "UPDATE messages SET modified = modified + ? WHERE key = ?", "ll",
			    (gint64)SETTLING, entry->message);
}

/* A change of ours, of which the answer tells when, is no other version. The read state moves no time (CHECKED 2a). */
static gboolean
write_modified(StoreAccount *self, const StoreEntry *entry, const GraphMessage *message, GError **error)
{
	return message == NULL ||
	       (entry->kind == STORE_JOURNAL_UPDATE && (entry->mask & ~STORE_FLAG_READ) == 0 &&
		entry->categories == NULL) ||
	       store_db_run(self->worker, error,
			    "UPDATE messages SET modified = max(modified, nullif(?, 0)) WHERE key = ?", "ll",
			    message->modified, entry->message);
}

static gboolean
write_update(StoreAccount *self, const StoreEntry *entry, GError **error)
{
	return store_db_run(self->worker, error,
			    "UPDATE messages SET server_flags = (server_flags & ~?1) | ?2,"
			    " server_categories = coalesce(?3, server_categories) WHERE key = ?4",
			    "iisl", (int)entry->mask, (int)entry->value, entry->categories, entry->message);
}

/* A mail that the server refused for good is only here: so is what is marked in it. */
static StorePushOutcome
keep_update(StoreAccount *self, StoreEntry *entry, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	if (transaction == NULL || !write_update(self, entry, error) ||
	    !store_push_finish(self, entry, &transaction, changes, error))
		return STORE_PUSH_STOPPED;
	return STORE_PUSH_DONE;
}

/* A row that a delta page brought for the message that was moved, before the move had its answer. */
static gboolean
is_same_mail(StoreAccount *self, const StoreEntry *entry, gint64 other)
{
	return store_db_get_integer(self->worker, 0, NULL,
				    "SELECT 1 FROM messages o JOIN messages m ON m.message_id = o.message_id"
				    " WHERE o.key = ?1 AND o.server_folder = ?2 AND m.key = ?3 AND NOT EXISTS"
				    " (SELECT 1 FROM journal WHERE message = ?1 OR source = ?1)",
				    "lll", other, entry->folder, entry->message) != 0;
}

/*
 * Without immutable ids a move gives another one (API.md 5.6). It is taken over, unless it belongs to something else
 * that is here: then both rows stay as they are, and the next look at the folder tells.
 */
static gboolean
write_move(StoreAccount *self, const StoreEntry *entry, const GraphMessage *message, StoreChanges *changes,
	   GError **error)
{
	const char *id = message != NULL ? message->id : NULL;
	g_autoptr(StoreRow) other = id != NULL ? store_messages_find_id(self->worker, id, NULL) : NULL;

	if (other != NULL && other->key != entry->message) {
		if (!is_same_mail(self, entry, other->key))
			id = NULL;
		else if (!store_messages_drop(self->worker, other->key, changes, error))
			return FALSE;
	}
	return store_db_run(self->worker, error,
			    "UPDATE messages SET server_folder = ?1, id = coalesce(?2, id), generation ="
			    " (SELECT generation FROM folders WHERE key = ?1) WHERE key = ?3",
			    "lsl", entry->folder, id, entry->message);
}

/* Where the service made what was appended. */
static gint64
find_place(StoreAccount *self, const StoreEntry *entry, const GraphMessage *message)
{
	gint64 folder = message->parent_id != NULL ? store_folders_find_id(self->worker, message->parent_id) : 0;

	if (folder != 0)
		return folder;
	return entry->folder != 0 ? entry->folder : store_folders_find_role(self->worker, STORE_ROLE_DRAFTS);
}

/* Whether what the server had done is what it said last. */
static gboolean
is_as_told(StoreAccount *self, const StoreEntry *entry)
{
	if (entry->kind == STORE_JOURNAL_MOVE)
		return store_db_get_integer(self->worker, 0, NULL,
					    "SELECT server_folder IS ? FROM messages WHERE key = ?", "ll",
					    entry->folder, entry->message) != 0;
	return entry->kind == STORE_JOURNAL_UPDATE &&
	       store_db_get_integer(self->worker, 0, NULL,
				    "SELECT server_flags & ?1 = ?2 AND server_categories IS coalesce(?3,"
				    " server_categories) FROM messages WHERE key = ?4",
				    "iisl", (int)entry->mask, (int)entry->value, entry->categories,
				    entry->message) != 0;
}

/* Before the answer to a request for @id is written: a page that came before it may be newer than what it says. */
static void
doubt_crossed(StoreAccount *self, const StoreEntry *entry, const char *id)
{
	if (id != NULL && store_settled_was_told(self->settled, id, entry->since) && !is_as_told(self, entry))
		store_settled_doubt(self->settled, id);
}

gboolean
store_push_write_done(StoreAccount *self, StoreEntry *entry, const StoreRow *row, const GraphMessage *message,
		      StoreChanges *changes, GError **error)
{
	gboolean done;

	if (entry->kind != STORE_JOURNAL_DELETE)
		doubt_crossed(self, entry, row->id);
	if (message != NULL && g_strcmp0(message->id, row->id) != 0)
		doubt_crossed(self, entry, message->id);
	switch (entry->kind) {
	case STORE_JOURNAL_UPDATE:
		store_settled_add(self->settled, row->id, entry->mask, FALSE, FALSE);
		done = write_update(self, entry, error) && write_modified(self, entry, message, error);
		break;
	case STORE_JOURNAL_MOVE:
		store_settled_add(self->settled, row->id, 0, TRUE, FALSE);
		done = write_move(self, entry, message, changes, error) && write_modified(self, entry, message, error);
		break;
	case STORE_JOURNAL_DELETE:
		store_settled_add(self->settled, row->id, 0, FALSE, TRUE);
		return store_messages_drop(self->worker, entry->message, changes, error);
	case STORE_JOURNAL_APPEND:
		done = write_creation(self, entry, message, find_place(self, entry, message), changes, error);
		break;
	default:
		done = write_creation(self, entry, message, entry->folder, changes, error);
		break;
	}
	return done && store_push_remove(self, entry, changes, error);
}

StorePushOutcome
store_push_finish_done(StoreAccount *self, StoreEntry *entry, const StoreRow *row, const GraphMessage *message,
		       GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	if (transaction == NULL || !store_push_write_done(self, entry, row, message, changes, error) ||
	    !store_account_finish(self, &transaction, changes, error))
		return STORE_PUSH_STOPPED;
	return STORE_PUSH_DONE;
}

GraphMessage *
store_push_describe_update(const StoreEntry *entry)
{
	GraphMessage *changes = g_new0(GraphMessage, 1);

	if (entry->mask & STORE_FLAG_READ) {
		changes->fields |= GRAPH_MESSAGE_READ;
		changes->is_read = (entry->value & STORE_FLAG_READ) != 0;
	}
	if (entry->mask & STORE_FLAG_FLAGGED) {
		changes->fields |= GRAPH_MESSAGE_FLAG;
		changes->flag = entry->value & STORE_FLAG_COMPLETE  ? GRAPH_FLAG_COMPLETE
				: entry->value & STORE_FLAG_FLAGGED ? GRAPH_FLAG_FLAGGED
								    : GRAPH_FLAG_NONE;
	}
	if (entry->mask & STORE_FLAG_HIGH) {
		changes->fields |= GRAPH_MESSAGE_IMPORTANCE;
		changes->importance = entry->value & STORE_FLAG_HIGH  ? GRAPH_IMPORTANCE_HIGH
				      : entry->value & STORE_FLAG_LOW ? GRAPH_IMPORTANCE_LOW
								      : GRAPH_IMPORTANCE_NORMAL;
	}
	if (entry->categories != NULL) {
		changes->fields |= GRAPH_MESSAGE_CATEGORIES;
		changes->categories = store_text_split(entry->categories);
	}
	if (entry->mask & STORE_FLAG_ANSWERED) {
		changes->fields |= GRAPH_MESSAGE_ANSWERED;
		changes->answered = (entry->value & STORE_FLAG_ANSWERED) != 0;
		changes->forwarded = (entry->value & STORE_FLAG_FORWARDED) != 0;
	}
	return changes;
}

/* What one request said is missing another finds, or nobody does; @failure then is what keeps the entry. */
static gboolean
is_gone(StoreAccount *self, const StoreRow *row, GError **failure, GCancellable *cancellable)
{
	g_autoptr(GError) question = NULL;
	g_autoptr(GraphMessage) there = graph_message_get(self->client, row->id, cancellable, &question);

	if (g_error_matches(question, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return TRUE;
	if (there != NULL) {
		(*failure)->code = GRAPH_ERROR_CONFLICT;
	} else {
		g_clear_error(failure);
		*failure = g_steal_pointer(&question);
	}
	return FALSE;
}

/* The same of the folder that a message is to go to. */
static gboolean
is_folder_gone(StoreAccount *self, const char *id, GError **failure, GCancellable *cancellable)
{
	g_autoptr(GError) question = NULL;
	g_autoptr(GraphFolder) there = NULL;

	if (id == NULL)
		return TRUE;
	there = graph_folder_get(self->client, id, cancellable, &question);
	if (g_error_matches(question, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return TRUE;
	if (there != NULL) {
		(*failure)->code = GRAPH_ERROR_CONFLICT;
	} else {
		g_clear_error(failure);
		*failure = g_steal_pointer(&question);
	}
	return FALSE;
}

/* A run that ended in the middle may have moved it, and a service may refuse to move it where it is. */
static StorePushOutcome
conclude_move(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GError **failure, GCancellable *cancellable,
	      GError **error)
{
	g_autofree char *destination =
		store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", entry->folder);
	g_autoptr(GraphMessage) there = NULL;
	g_autoptr(GError) question = NULL;
	gboolean refused = store_push_judge(*failure) == STORE_PUSH_REFUSED;

	if (!refused && !g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND) &&
	    !g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) &&
	    !g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL))
		return fail(self, entry, TRUE, failure, error);
	there = graph_message_get(self->client, row->id, cancellable, &question);
	if (there == NULL && g_error_matches(question, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return drop(self, entry, error);
	if (there != NULL && g_strcmp0(there->parent_id, destination) == 0) {
		graph_client_log(self->client, (*failure)->message);
		return store_push_finish_done(self, entry, row, there, error);
	}
	if (there != NULL && g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
		if (is_folder_gone(self, destination, failure, cancellable)) {
			g_propagate_error(error, g_steal_pointer(failure));
			return STORE_PUSH_REFUSED;
		}
		return fail(self, entry, TRUE, failure, error);
	}
	return fail(self, entry, TRUE, question != NULL && !refused ? &question : failure, error);
}

StorePushOutcome
store_push_conclude(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GError **failure,
		    GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) owned = g_steal_pointer(failure);
	StorePushOutcome outcome;

	switch (entry->kind) {
	case STORE_JOURNAL_UPDATE:
		if (store_push_judge(owned) == STORE_PUSH_GONE && is_gone(self, row, &owned, cancellable))
			return drop(self, entry, error);
		return fail(self, entry, TRUE, &owned, error);
	case STORE_JOURNAL_MOVE:
		return conclude_move(self, entry, row, &owned, cancellable, error);
	case STORE_JOURNAL_DELETE:
		return fail(self, entry, TRUE, &owned, error);
	default:
		outcome = fail(self, entry, FALSE, &owned, error);
		return outcome == STORE_PUSH_GONE ? STORE_PUSH_REFUSED : outcome;
	}
}

static StorePushOutcome
push_update(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphMessage) message = store_push_describe_update(entry);
	GraphMessage after = {0};
	g_autoptr(GError) failure = NULL;

	if (graph_message_update(self->client, row->id, message, &after.modified, cancellable, &failure))
		return store_push_finish_done(self, entry, row, &after, error);
	return store_push_conclude(self, entry, row, &failure, cancellable, error);
}

static StorePushOutcome
push_move(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GCancellable *cancellable, GError **error)
{
	g_autofree char *destination =
		store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", entry->folder);
	g_autoptr(GraphMessage) moved = NULL;
	g_autoptr(GError) failure = NULL;

	if (row->server_folder == entry->folder)
		return store_push_finish_done(self, entry, row, NULL, error);
	if (destination == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND, "no such folder");
		return STORE_PUSH_REFUSED;
	}
	moved = graph_message_move(self->client, row->id, destination, cancellable, &failure);
	if (moved != NULL)
		return store_push_finish_done(self, entry, row, moved, error);
	return store_push_conclude(self, entry, row, &failure, cancellable, error);
}

/* In a folder that nobody knows here, it is looked for. */
static gboolean
write_place(StoreAccount *self, const StoreEntry *entry, const GraphMessage *there, StoreChanges *changes,
	    GError **error)
{
	StoreEntry place = {
		.message = entry->message,
		.folder = there->parent_id != NULL ? store_folders_find_id(self->worker, there->parent_id) : 0,
	};

	if (place.folder != 0)
		return write_move(self, &place, there, changes, error);
	return there->parent_id == NULL || store_messages_set_astray(self->worker, entry->message, error);
}

/* A draft is a mail by now, or has another text: its body is not the one that is here. */
gboolean
store_push_write_spared(StoreAccount *self, StoreEntry *entry, const GraphMessage *there, StoreChanges *changes,
			GError **error)
{
	StoreFlags stale = entry->value & STORE_FLAG_DRAFT ? STORE_FLAG_BODY : 0;

	doubt_crossed(self, entry, there->id);
	return write_place(self, entry, there, changes, error) &&
	       store_apply_record(self->worker, entry->message, there, 0, error) &&
	       store_messages_set_local(self->worker, entry->message, 0, stale, error) &&
	       store_db_run(self->worker, error, "UPDATE messages SET modified = nullif(?, 0) WHERE key = ?", "ll",
			    there->modified, entry->message) &&
	       store_push_remove(self, entry, changes, error);
}

static StorePushOutcome
spare(StoreAccount *self, StoreEntry *entry, const GraphMessage *there, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	if (transaction == NULL || !store_push_write_spared(self, entry, there, changes, error) ||
	    !store_account_finish(self, &transaction, changes, error))
		return STORE_PUSH_STOPPED;
	return STORE_PUSH_DONE;
}

/* A draft may have been sent or written on elsewhere since it was seen here, and the only copy of that is not thrown
 * away. */
static StorePushOutcome
push_delete(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphMessage) there = NULL;
	g_autoptr(GError) failure = NULL;

	if (entry->value & STORE_FLAG_DRAFT) {
		there = graph_message_get(self->client, row->id, cancellable, &failure);
		if (there != NULL && !(there->fields & GRAPH_MESSAGE_DRAFT))
			g_set_error_literal(&failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, "a draft or not");
		if (failure != NULL && store_push_judge(failure) != STORE_PUSH_GONE)
			return store_push_conclude(self, entry, row, &failure, cancellable, error);
		if (there != NULL &&
		    (!there->is_draft || store_messages_was_changed(self->worker, entry->message, there->modified)))
			return spare(self, entry, there, error);
		g_clear_error(&failure);
	}
	if (!graph_message_delete(self->client, row->id, cancellable, &failure) &&
	    store_push_judge(failure) != STORE_PUSH_GONE)
		return store_push_conclude(self, entry, row, &failure, cancellable, error);
	return store_push_finish_done(self, entry, row, NULL, error);
}

/* On the disk before the request leaves: after a power cut, too, it is looked for before it is made again. */
static gboolean
begin_creation(StoreAccount *self, StoreEntry *entry, gboolean *begun, GError **error)
{
	g_autoptr(StoreTransaction) transaction = store_transaction_begin_durable(self->worker, error);

	return transaction != NULL && store_journal_begin(self->worker, entry, begun, error) &&
	       store_transaction_commit(&transaction, error);
}

/* What was perhaps made stays that: only a look that succeeds, or a folder that is gone, tells. Takes @question. */
static StorePushOutcome
keep_begun(StoreAccount *self, const char *place, GError *question, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) owned = question;
	StorePushOutcome outcome;

	if (g_error_matches(owned, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND) &&
	    is_folder_gone(self, place, &owned, cancellable)) {
		g_propagate_error(error, g_steal_pointer(&owned));
		return STORE_PUSH_REFUSED;
	}
	outcome = store_push_judge(owned);
	if (outcome != STORE_PUSH_STOPPED) {
		owned->code = GRAPH_ERROR_PROTOCOL;
		outcome = STORE_PUSH_HELD;
	}
	g_propagate_error(error, g_steal_pointer(&owned));
	return outcome;
}

StorePushOutcome
store_push_create(StoreAccount *self, StoreEntry *entry, const StoreRow *row, const char *place, StorePushMake make,
		  gpointer what, GCancellable *cancellable, GError **error)
{
	g_autofree char *message_id = store_db_get_text(
		self->worker, NULL, "SELECT message_id FROM messages WHERE key = ?", "l", entry->message);
	g_autoptr(GraphMessage) made = NULL;
	g_autoptr(GError) failure = NULL;
	gboolean begun;

	if (entry->state == STORE_JOURNAL_BEGUN && message_id != NULL) {
		made = store_push_look_for(self, place, message_id, cancellable, &failure);
		if (failure != NULL)
			return keep_begun(self, place, g_steal_pointer(&failure), cancellable, error);
	}
	if (made != NULL)
		return store_push_finish_done(self, entry, row, made, error);
	if (!begin_creation(self, entry, &begun, error))
		return STORE_PUSH_STOPPED;
	if (!begun)
		return STORE_PUSH_DONE;
	made = make(self, place, what, cancellable, &failure);
	if (made != NULL)
		return store_push_finish_done(self, entry, row, made, error);
	if (message_id != NULL && (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
				   g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL)))
		made = store_push_look_for(self, place, message_id, cancellable, NULL);
	if (made == NULL)
		return store_push_conclude(self, entry, row, &failure, cancellable, error);
	graph_client_log(self->client, failure->message);
	return store_push_finish_done(self, entry, row, made, error);
}

static GraphMessage *
make_copy(StoreAccount *self, const char *place, gpointer original, GCancellable *cancellable, GError **error)
{
	return graph_message_copy(self->client, original, place, cancellable, error);
}

static StorePushOutcome
push_copy(StoreAccount *self, StoreEntry *entry, const StoreRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(StoreRow) source = store_messages_find(self->worker, entry->source, NULL);
	g_autofree char *destination =
		store_db_get_text(self->worker, NULL, "SELECT id FROM folders WHERE key = ?", "l", entry->folder);
	StorePushOutcome outcome;

	if (source == NULL || source->id == NULL || destination == NULL) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
				    _("the original or the folder does not exist any more."));
		return STORE_PUSH_REFUSED;
	}
	if (!store_gate_enter(self->gate, STORE_GATE_CREATE, cancellable, error))
		return STORE_PUSH_STOPPED;
	outcome = store_push_create(self, entry, row, destination, make_copy, source->id, cancellable, error);
	store_gate_leave(self->gate, STORE_GATE_CREATE);
	return outcome;
}

static StorePushOutcome
push(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = store_messages_find(self->worker, entry->message, &failure);
	gboolean creates = entry->kind == STORE_JOURNAL_APPEND || entry->kind == STORE_JOURNAL_COPY;
	gboolean begun = TRUE;

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return STORE_PUSH_STOPPED;
	}

	/* Made already, as a page showed; or never made, so that there is nothing at the server to change. */
	if (row == NULL || creates == (row->id != NULL)) {
		if (row != NULL && row->id == NULL && entry->kind == STORE_JOURNAL_DELETE)
			return drop(self, entry, error);
		if (row != NULL && row->id == NULL && entry->kind == STORE_JOURNAL_UPDATE)
			return keep_update(self, entry, error);
		return finish(self, entry, error);
	}
	if (!creates && !store_journal_begin(self->worker, entry, &begun, error))
		return STORE_PUSH_STOPPED;
	if (!begun)
		return STORE_PUSH_DONE;
	switch (entry->kind) {
	case STORE_JOURNAL_UPDATE:
		return push_update(self, entry, row, cancellable, error);
	case STORE_JOURNAL_MOVE:
		return push_move(self, entry, row, cancellable, error);
	case STORE_JOURNAL_DELETE:
		return push_delete(self, entry, row, cancellable, error);
	case STORE_JOURNAL_APPEND:
		return store_push_append(self, entry, row, cancellable, error);
	default:
		return push_copy(self, entry, row, cancellable, error);
	}
}

StorePushOutcome
store_push_message(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error)
{
	StorePushOutcome outcome;

	entry->since = store_settled_begin(self->settled);
	outcome = push(self, entry, cancellable, error);
	store_settled_end(self->settled, entry->since);
	return outcome;
}
