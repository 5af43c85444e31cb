/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-push.h"

#include <glib/gi18n-lib.h>

#include "oauth-error.h"
#include "store-folders.h"

#define LOOKS 3
#define UNAVAILABLE_IN_A_ROW 3
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
	if (entry->kind == STORE_JOURNAL_COPY || row->deleted)
		return store_messages_drop(self->worker, entry->message, changes, error);
	*kept = TRUE;
	return store_db_run(self->worker, error, "DELETE FROM journal WHERE message = ? AND seq != ?", "ll",
			    entry->message, entry->seq) &&
	       store_journal_set_state(self->worker, entry->seq, STORE_JOURNAL_KEPT, error);
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
explain(const GError *error)
{
	if (error->domain == GRAPH_ERROR) {
		switch ((GraphError)error->code) {
		case GRAPH_ERROR_FORBIDDEN:
			return _("this is not allowed.");
		case GRAPH_ERROR_EXISTS:
			return _("there is a folder of this name already.");
		case GRAPH_ERROR_TOO_LARGE:
			return _("the message is too large.");
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
	g_autofree char *subject = store_db_get_text(self->worker, NULL, "SELECT subject FROM messages WHERE key = ?",
						     "l", entry->message);
	g_autofree char *folder = store_db_get_text(
		self->worker, NULL, "SELECT iif(server_name = '', name, server_name) FROM folders WHERE key = ?", "l",
		entry->folder);
	const char *about = subject != NULL && *subject != '\0' ? subject : _("(no subject)");
	const char *name = folder != NULL ? folder : "";
	const char *reason = explain(error);

	switch (entry->kind) {
	case STORE_JOURNAL_UPDATE:
		return g_strdup_printf(_("The server refused to mark the message “%s”: %s"), about, reason);
	case STORE_JOURNAL_MOVE:
		return g_strdup_printf(_("The server refused to move the message “%s” to the folder “%s”: %s"), about,
				       name, reason);
	case STORE_JOURNAL_COPY:
		return g_strdup_printf(_("The server refused to copy the message “%s” to the folder “%s”: %s"), about,
				       name, reason);
	case STORE_JOURNAL_DELETE:
		return g_strdup_printf(_("The server refused to delete the message “%s”: %s"), about, reason);
	case STORE_JOURNAL_APPEND:
		return g_strdup_printf(
			_("The server refused to store the message “%s”, which is now only on this computer: %s"),
			about, reason);
	case STORE_JOURNAL_CREATE_FOLDER:
		return g_strdup_printf(_("The server refused to create the folder “%s”: %s"), name, reason);
	case STORE_JOURNAL_RENAME_FOLDER:
		return g_strdup_printf(_("The server refused to rename the folder “%s” to “%s”: %s"), name,
				       entry->name != NULL ? entry->name : "", reason);
	case STORE_JOURNAL_MOVE_FOLDER:
		return g_strdup_printf(_("The server refused to move the folder “%s”: %s"), name, reason);
	case STORE_JOURNAL_DELETE_FOLDER:
		return g_strdup_printf(_("The server refused to delete the folder “%s”: %s"), name, reason);
	}
	return g_strdup(reason);
}

static void
add_key(GHashTable *keys, gint64 key)
{
	if (key != 0)
		g_hash_table_add(keys, g_memdup2(&key, sizeof key));
}

/* What concerns the same message or folder as an entry that stays has to wait for it. */
typedef struct {
	GHashTable *messages;
	GHashTable *folders;
} Held;

static void
hold(Held *held, const StoreEntry *entry)
{
	add_key(held->messages, entry->message);
	if (entry->message == 0)
		add_key(held->folders, entry->folder);
}

static gboolean
is_held(const Held *held, const StoreEntry *entry)
{
	return g_hash_table_contains(held->messages, &entry->message) ||
	       g_hash_table_contains(held->messages, &entry->source) ||
	       g_hash_table_contains(held->folders, &entry->folder) ||
	       g_hash_table_contains(held->folders, &entry->parent);
}

static guint
get_draft_delay(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	return self->draft_delay;
}

/* Seconds until a new draft may go; 0 for everything else. */
static gint64
get_rest(StoreAccount *self, StoreDb *db, const StoreEntry *entry)
{
	gint64 drafts = store_folders_find_role(db, STORE_ROLE_DRAFTS);
	gint64 rest = entry->created + get_draft_delay(self) - g_get_real_time() / G_USEC_PER_SEC;

	if (entry->kind != STORE_JOURNAL_APPEND || entry->state != STORE_JOURNAL_WAITING || drafts == 0 ||
	    store_db_get_integer(db, 0, NULL, "SELECT folder FROM messages WHERE key = ?", "l", entry->message) !=
		    drafts)
		return 0;
	return CLAMP(rest, 0, get_draft_delay(self));
}

gint64
store_account_get_push_delay(StoreAccount *self)
{
	g_autoptr(GHashTable) resting = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	gint64 delay = -1;
	gint64 seq = 0;

	while (delay != 0) {
		g_autoptr(StoreEntry) entry = store_journal_get_next(self->host, seq, NULL);
		gint64 rest;

		if (entry == NULL)
			break;
		seq = entry->seq;
		rest = get_rest(self, self->host, entry);
		if (rest > 0)
			add_key(resting, entry->message);
		else if (g_hash_table_contains(resting, &entry->message))
			continue;
		delay = delay < 0 ? rest : MIN(delay, rest);
	}
	return delay;
}

static StorePushOutcome
send_entry(StoreAccount *self, StoreEntry *entry, GCancellable *cancellable, GError **error)
{
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return STORE_PUSH_STOPPED;
	return entry->message != 0 ? store_push_message(self, entry, cancellable, error)
				   : store_push_folder(self, entry, cancellable, error);
}

static gboolean
push_entries(StoreAccount *self, gboolean all, Held *held, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) first = NULL;
	guint unavailable = 0;
	gint64 seq = 0;

	for (;;) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreEntry) entry = store_journal_get_next(self->worker, seq, &failure);
		StorePushOutcome outcome;

		if (failure != NULL) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		if (entry == NULL)
			break;
		seq = entry->seq;
		if (is_held(held, entry) || (!all && get_rest(self, self->worker, entry) > 0)) {
			hold(held, entry);
			continue;
		}
		outcome = send_entry(self, entry, cancellable, &failure);
		if (outcome == STORE_PUSH_DONE) {
			unavailable = 0;
			continue;
		}

		/* One change on which the service fails again and again does not keep back all others. */
		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) &&
		    ++unavailable < UNAVAILABLE_IN_A_ROW)
			outcome = STORE_PUSH_HELD;
		if (entry->attempts >= MOST_CONFLICTS && g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_CONFLICT))
			outcome = STORE_PUSH_REFUSED;
		if (outcome == STORE_PUSH_REFUSED) {
			if (!store_push_undo(self, entry, describe_refusal(self, entry, failure), error))
				return FALSE;
			continue;
		}
		hold(held, entry);
		if (outcome == STORE_PUSH_STOPPED) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		if (first == NULL)
			first = g_steal_pointer(&failure);
	}
	if (first == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}

gboolean
store_push_run(StoreAccount *self, gboolean all, GCancellable *cancellable, GError **error)
{
	Held held;
	gboolean done;

	if (!store_gate_enter(self->gate, STORE_GATE_PUSH, cancellable, error))
		return FALSE;
	held.messages = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	held.folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	done = push_entries(self, all, &held, cancellable, error);
	g_hash_table_unref(held.messages);
	g_hash_table_unref(held.folders);
	store_gate_leave(self->gate, STORE_GATE_PUSH);
	return done;
}
