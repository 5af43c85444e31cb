/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "graph-error.h"
#include "store-envelope.h"
#include "store-messages.h"
#include "store-mime.h"
#include "store-outbox.h"

#define LOOKS_FOR_LEFT 2
#define SENDS 2
#define BUILDS 2
#define TELLS 2
#define FINDS 4

/* A draft that may appear although nobody was told. */
#define STRAY "?"

#define MEGABYTE 1000000

typedef struct {
	StoreAccount *account;
	StoreLetter *letter;
	StoreOutboxRow *row;
	guint64 done;  /* bytes of attachments that are there */
	guint64 total; /* of all that will be */
	GCancellable *cancellable;
} Sending;

static gboolean
fail_sender(const char *wanted, GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_REFUSED,
		    _("Outlook does not send in the name of %s. Choose your own address as the "
		      "sender, or ask an administrator for the right to send as this one."),
		    wanted);
	return FALSE;
}

static gboolean
is_from(const GraphDraftState *state, const char *address)
{
	g_autofree char *wanted = store_mime_fold_address(address);
	g_autofree char *given = state->from != NULL ? store_mime_fold_address(state->from) : NULL;

	return g_strcmp0(wanted, given) == 0;
}

/* What the draft has to be told because the service did not take it from MIME; %NULL: nothing. */
static JsonObject *
list_changes(StoreLetter *letter, const GraphDraftState *state)
{
	static const char *const importances[] = {"low", "normal", "high"};
	g_autoptr(JsonObject) changes = json_object_new();

	if (letter->from != NULL && !is_from(state, letter->from->address))
		json_object_set_object_member(changes, "from", graph_recipient_to_json(letter->from));
	if (letter->head->importance != state->importance)
		json_object_set_string_member(changes, "importance", importances[letter->head->importance]);
	if (letter->head->wants_read_receipt && !state->wants_read_receipt)
		json_object_set_boolean_member(changes, "isReadReceiptRequested", TRUE);
	if (letter->head->wants_delivery_receipt && !state->wants_delivery_receipt)
		json_object_set_boolean_member(changes, "isDeliveryReceiptRequested", TRUE);
	store_envelope_list_changes(letter->head, state, changes);
	return json_object_get_size(changes) > 0 ? g_steal_pointer(&changes) : NULL;
}

/* A draft that was made a moment ago may not be found yet (CHECKED 8): then *@failure is cleared, and it is time to ask
 * again. */
static gboolean
may_be_found(StoreAccount *self, guint attempt, GCancellable *cancellable, GError **failure)
{
	if (!g_error_matches(*failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND) || attempt + 1 == FINDS)
		return FALSE;
	g_clear_error(failure);
	return store_account_pause(self, attempt, cancellable, failure);
}

/* @changes: (nullable): what it is told; %NULL: it is only asked for */
static GraphDraftState *
find_young(Sending *self, JsonObject *changes, gboolean *whole, GError **error)
{
	GraphClient *client = self->account->client;

	for (guint attempt = 0;; attempt++) {
		g_autoptr(GError) failure = NULL;
		GraphDraftState *state =
			changes != NULL ? graph_draft_change(client, self->row->draft, changes, whole,
							     self->cancellable, &failure)
					: graph_draft_get(client, self->row->draft, self->cancellable, &failure);

		if (state != NULL)
			return state;
		if (!may_be_found(self->account, attempt, self->cancellable, &failure)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return NULL;
		}
	}
}

static GraphDraftState *
create(Sending *self, GError **error)
{
	GraphClient *client = self->account->client;
	g_autoptr(GraphMessage) message = NULL;
	GraphDraftState *state;

	if (self->letter->mime != NULL) {
		state = graph_draft_create_mime(client, self->letter->mime, self->cancellable, error);
		self->row->draft = state != NULL ? g_strdup(state->id) : NULL;
		return state;
	}
	message = graph_draft_create(client, self->letter->draft->message, NULL, NULL, self->cancellable, error);
	if (message == NULL)
		return NULL;
	self->row->draft = g_strdup(message->id);
	return find_young(self, NULL, NULL, error);
}

/* What the service did not say that it took, and what the draft has not, it is told once more. @state: (transfer full)
 */
static GraphDraftState *
change(Sending *self, GraphDraftState *state, JsonObject *changes, GError **error)
{
	gboolean whole = FALSE;
	gboolean taken = FALSE;

	for (guint attempt = 0; attempt < TELLS && state != NULL && !whole && !taken; attempt++) {
		g_autoptr(JsonObject) left = NULL;

		graph_draft_state_free(state);
		state = find_young(self, changes, &whole, error);
		left = state != NULL && !whole ? list_changes(self->letter, state) : NULL;
		taken = left == NULL;
	}
	return state;
}

/* The draft with its sender and its recipients, and it is remembered. */
static gboolean
begin(Sending *self, GError **error)
{
	g_autoptr(GraphDraftState) state = NULL;
	g_autoptr(JsonObject) changes = NULL;

	if (!store_outbox_begin(self->account, self->row, self->letter->is_redirected, self->cancellable, error) ||
	    !store_outbox_remember(self->account, self->row, error))
		return FALSE;
	state = create(self, error);
	if (state == NULL || !store_outbox_remember(self->account, self->row, error))
		return FALSE;
	changes = list_changes(self->letter, state);
	if (changes != NULL) {
		state = change(self, g_steal_pointer(&state), changes, error);
		if (state == NULL || !store_envelope_check(self->letter->head, state, changes, error))
			return FALSE;
	}
	return self->letter->from == NULL || self->letter->is_alias || is_from(state, self->letter->from->address) ||
	       fail_sender(self->letter->from->address, error);
}

static guint
round_megabytes(guint64 bytes)
{
	return (guint)((bytes + MEGABYTE / 2) / MEGABYTE);
}

static void
tell_progress(guint64 sent, gpointer data)
{
	Sending *self = data;

	/* Translators: followed by how many of how many */
	store_account_tell_progress(self->account, _("Sending a large mail, in megabytes"),
				    round_megabytes(MIN(self->done + sent, self->total)), round_megabytes(self->total));
}

/* How many attachments of this name are there before the one at @index. */
static guint
count_before(StoreLetter *letter, guint index)
{
	const char *name = ((StorePart *)g_ptr_array_index(letter->parts, index))->about->name;
	guint n = 0;

	for (guint i = 0; i < letter->names->len; i++)
		n += g_str_equal(g_ptr_array_index(letter->names, i), name);
	for (guint i = 0; i < index; i++)
		n += g_str_equal(((StorePart *)g_ptr_array_index(letter->parts, i))->about->name, name);
	return n;
}

static gboolean
attach_large(Sending *self, StorePart *part, guint before, GError **error)
{
	int fd = store_part_open(part, self->account->directory, error);
	gboolean done;

	if (fd < 0)
		return FALSE;
	if (part->about->size < GRAPH_ATTACHMENT_LARGE) {
		g_autoptr(GBytes) bytes = store_part_get_bytes(part);

		done = graph_attachment_add(self->account->client, self->row->draft, part->about, bytes, before,
					    self->cancellable, error);
	} else {
		done = graph_attachment_upload(self->account->client, self->row->draft, part->about, fd, before,
					       tell_progress, self, self->cancellable, error);
	}
	close(fd);
	return done;
}

static gboolean
attach(Sending *self, GError **error)
{
	GPtrArray *parts = self->letter->parts;

	for (guint i = 0; i < parts->len; i++)
		self->total += ((StorePart *)g_ptr_array_index(parts, i))->bound;
	for (guint i = 0; i < parts->len; i++) {
		StorePart *part = g_ptr_array_index(parts, i);
		guint before = count_before(self->letter, i);
		gboolean done;

		tell_progress(0, self);
		if (part->bound < GRAPH_ATTACHMENT_LARGE) {
			g_autoptr(GBytes) bytes = store_part_get_bytes(part);

			done = graph_attachment_add(self->account->client, self->row->draft, part->about, bytes, before,
						    self->cancellable, error);
		} else {
			done = attach_large(self, part, before, error);
		}
		if (!done)
			return FALSE;
		self->done += part->bound;
	}
	return TRUE;
}

/* Of the message that we know, else the highest; but 0 while it may be one of the user's that is just being made. */
static gint64
get_key(StoreAccount *self, const char *id, const char *message_id)
{
	gint64 unknown =
		store_db_get_integer(self->worker, G_MAXINT64, NULL,
				     "SELECT 0 FROM messages WHERE id IS NULL AND message_id = ?", "s", message_id);

	return store_db_get_integer(self->worker, unknown, NULL, "SELECT key FROM messages WHERE id = ?", "s", id);
}

/* Ours is the one that was not there, as far as we knew, when it was begun. It may take a moment to be seen. */
static gboolean
find_left(StoreAccount *self, const StoreOutboxRow *row, GPtrArray *ids, GCancellable *cancellable, GError **error)
{
	if (row->draft != NULL) {
		g_ptr_array_add(ids, g_strdup(row->draft));
		return TRUE;
	}
	for (guint attempt = 0; ids->len == 0 && attempt < LOOKS_FOR_LEFT; attempt++) {
		g_autoptr(GPtrArray) found = NULL;

		if (attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, error))
			return FALSE;
		found = graph_message_find(self->client, "drafts", row->message_id, cancellable, error);
		if (found == NULL)
			return FALSE;
		for (guint i = 0; i < found->len; i++) {
			const GraphMessage *message = g_ptr_array_index(found, i);
			gint64 key = get_key(self, message->id, row->message_id);

			if (message->is_draft && key > row->newest &&
			    store_db_get_integer(self->worker, 0, NULL, "SELECT 1 FROM outbox WHERE draft = ?", "s",
						 message->id) == 0)
				g_ptr_array_add(ids, g_strdup(message->id));
		}
	}
	return TRUE;
}

/* A row of its own for each, so that the mail itself can be tried again meanwhile. */
static gboolean
is_stray(const StoreOutboxRow *row)
{
	return g_str_has_suffix(row->digest, STRAY);
}

static gboolean
keep_looking(StoreAccount *self, const StoreOutboxRow *row, GError **error)
{
	gboolean is_old = store_outbox_is_old(row);
	g_autofree char *digest = g_strconcat(row->digest, row->draft != NULL ? row->draft : "", STRAY, NULL);
	StoreOutboxRow stray = *row;

	if (is_stray(row)) {
		if (is_old)
			store_outbox_forget(self, row->digest);
		return TRUE;
	}
	stray.digest = digest;
	return is_old || store_outbox_remember(self, &stray, error);
}

/* Out of Drafts, and not for good. *@sent: it was sent elsewhere since it was looked at, and is where that is filed. */
static gboolean
move_away(StoreAccount *self, const char *id, gboolean *sent, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(GraphMessage) moved = graph_message_move(self->client, id, "deleteditems", cancellable, &failure);
	g_autoptr(GraphMessage) back = NULL;

	if (moved == NULL && g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return TRUE;
	if (moved == NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	*sent = (moved->fields & GRAPH_MESSAGE_DRAFT) && !moved->is_draft;
	if (*sent)
		back = graph_message_move(self->client, moved->id, "sentitems", cancellable, error);
	return !*sent || back != NULL;
}

/* What was found by its Message-ID alone may be what somebody else saved of the same mail: it can be had back. */
static gboolean
drop_left(StoreAccount *self, const StoreOutboxRow *row, const char *id, GCancellable *cancellable, GError **error)
{
	gboolean sent;

	return row->draft != NULL ? graph_message_delete(self->client, id, cancellable, error)
				  : move_away(self, id, &sent, cancellable, error);
}

gboolean
store_outbox_clear(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	guint missing = 0;
	gboolean is_there;

	if (!find_left(self, row, ids, cancellable, error))
		return FALSE;
	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(GraphDraftState) state =
			graph_draft_get(self->client, g_ptr_array_index(ids, i), cancellable, &failure);

		if (g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			missing++;
			continue;
		}
		/* Somebody may have sent it elsewhere: then it is theirs. */
		if (failure == NULL && !state->is_draft)
			continue;
		if (failure == NULL && drop_left(self, row, g_ptr_array_index(ids, i), cancellable, &failure))
			continue;
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	is_there = row->draft != NULL ? missing == 0 : ids->len > 0;
	if (!is_there && !keep_looking(self, row, error))
		return FALSE;
	if (is_there || !is_stray(row))
		store_outbox_forget(self, row->digest);
	return TRUE;
}

typedef enum {
	FATE_SENT,
	FATE_DRAFT,
	FATE_GONE,
	FATE_UNKNOWN,
} Fate;

/*
 * Looked at up to @looks times while it is a draft, as the service may be about to send it; and @searches times when it
 * is not found, which happens after a send (CHECKED 4d).
 */
static Fate
find_fate(StoreAccount *self, const StoreOutboxRow *row, guint looks, guint searches, GCancellable *cancellable,
	  GError **error)
{
	Fate fate = FATE_UNKNOWN;
	StoreTrace trace = STORE_TRACE_NONE;
	g_autoptr(GError) failure = NULL;

	for (guint attempt = 0; attempt < (fate == FATE_GONE ? searches : looks); attempt++) {
		g_autoptr(GraphDraftState) state = NULL;

		g_clear_error(&failure);
		if (attempt > 0 && !store_account_pause(self, attempt - 1, cancellable, error))
			return FATE_UNKNOWN;
		state = graph_draft_get(self->client, row->draft, cancellable, &failure);
		if (state != NULL && !state->is_draft)
			return FATE_SENT;
		if (failure != NULL && !g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FATE_UNKNOWN;
		}
		fate = state != NULL ? FATE_DRAFT : FATE_GONE;
	}
	if (fate == FATE_GONE &&
	    !store_outbox_look(self, row, FALSE, MIN(searches, STORE_OUTBOX_LOOKS), &trace, cancellable, error))
		return FATE_UNKNOWN;
	return trace == STORE_TRACE_SENT ? FATE_SENT : fate;
}

/* Nothing was done, or the service said no. */
static gboolean
is_refused(const GError *error)
{
	return !store_outbox_is_uncertain(error) && !g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
}

/* 404 of one that was never asked to be sent says no more than that it is young. */
static gboolean
ask_to_send(StoreAccount *self, const StoreOutboxRow *row, gboolean first, GCancellable *cancellable, GError **error)
{
	StoreOutboxStep step = {self, row};

	for (guint attempt = 0;; attempt++) {
		g_autoptr(GError) failure = NULL;

		if (graph_draft_send(self->client, row->draft, store_outbox_leave, &step, cancellable, &failure))
			return TRUE;
		if (!first || !may_be_found(self, attempt, cancellable, &failure)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
	}
}

/*
 * It is a draft still, and the service refuses to send it. That is the last word, unless it may be about to send it
 * since it was @doubted what an earlier answer was: nobody throws it away before that is over.
 */
static gboolean
refuse(StoreAccount *self, StoreOutboxRow *row, gint64 doubted, GError *refusal, GError **error)
{
	/* The clock may have been set back since. */
	row->begun = MIN(doubted, g_get_real_time() / G_USEC_PER_SEC);
	if (store_outbox_may_come(self, row)) {
		g_error_free(refusal);
		if (store_outbox_remember(self, row, error))
			store_outbox_fail_late(error);
		return FALSE;
	}
	row->begun = 0;
	row->state = STORE_OUTBOX_BUILDING;
	g_propagate_error(error, refusal);
	return FALSE;
}

/*
 * The draft is its own key: the service sends no second one of it (API.md 6). So as long as it is a draft it can be
 * asked for again, whatever became of the answers. @doubted: seconds since 1970, when that was done before; 0: never.
 */
static gboolean
finish(StoreAccount *self, StoreOutboxRow *row, gint64 doubted, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	Fate fate = FATE_DRAFT;

	row->state = STORE_OUTBOX_SENDING;
	row->begun = 0;
	if (!store_outbox_remember(self, row, error))
		return FALSE;
	for (guint attempt = 0; fate == FATE_DRAFT && attempt < SENDS; attempt++) {
		g_autoptr(GError) unknown = NULL;

		g_clear_error(&failure);
		if (ask_to_send(self, row, doubted == 0, cancellable, &failure))
			return TRUE;
		graph_client_log(self->client, failure->message);
		if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
		    g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) ||
		    (is_refused(failure) && doubted == 0))
			break;
		if (!is_refused(failure))
			doubted = g_get_real_time() / G_USEC_PER_SEC;
		fate = find_fate(self, row, STORE_OUTBOX_LOOKS, STORE_OUTBOX_LOOKS, cancellable, &unknown);
		if (is_refused(failure))
			break;
	}
	if (fate == FATE_SENT)
		return TRUE;
	if (fate == FATE_DRAFT && is_refused(failure))
		return refuse(self, row, doubted, g_steal_pointer(&failure), error);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

gboolean
store_outbox_resume(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	Fate fate = find_fate(self, row, 1, STORE_OUTBOX_LOOKS, cancellable, &failure);
	StoreOutboxRow copy = *row;

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (fate == FATE_GONE && store_outbox_may_come(self, row))
		store_outbox_fail_late(error);
	if (fate != FATE_DRAFT)
		return fate == FATE_SENT;
	if (finish(self, &copy, row->begun, cancellable, error))
		return TRUE;
	if (copy.state == STORE_OUTBOX_BUILDING && store_outbox_remember(self, &copy, NULL))
		store_outbox_clear(self, &copy, cancellable, NULL);
	return FALSE;
}

/* A whole mail, which may be the last copy of it: the host's window may be gone. */
static gboolean
put_away(StoreAccount *self, const StoreOutboxRow *row, GCancellable *cancellable, GError **error)
{
	gboolean sent = FALSE;

	if (!move_away(self, row->draft, &sent, cancellable, error))
		return FALSE;
	if (sent)
		store_outbox_settle(self, row, FALSE);
	else
		store_outbox_forget(self, row->digest);
	return TRUE;
}

gboolean
store_outbox_review(StoreAccount *self, const StoreOutboxRow *row, gboolean last, gboolean *again,
		    GCancellable *cancellable, GError **error)
{
	Fate fate = find_fate(self, row, 1, 1, cancellable, error);

	if (fate == FATE_SENT)
		store_outbox_settle(self, row, FALSE);
	else if (fate == FATE_GONE && !last)
		*again = TRUE;
	else if (fate == FATE_GONE && store_outbox_is_old(row))
		store_outbox_forget(self, row->digest);
	else if (fate == FATE_DRAFT && store_outbox_is_old(row))
		return put_away(self, row, cancellable, error);
	return fate != FATE_UNKNOWN;
}

/* A draft of which something is not certain is thrown away: what comes late finds nothing. */
static gboolean
build(Sending *self, GError **error)
{
	for (guint attempt = 0;; attempt++) {
		g_autoptr(GError) failure = NULL;

		if (begin(self, &failure) && attach(self, &failure))
			return TRUE;
		if (attempt + 1 == BUILDS || !store_outbox_is_uncertain(failure) || failure->domain == G_IO_ERROR ||
		    !store_outbox_clear(self->account, self->row, self->cancellable, NULL)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
		graph_client_log(self->account->client, failure->message);
		g_clear_pointer(&self->row->draft, g_free);
		self->done = 0;
		self->total = 0;
	}
}

gboolean
store_outbox_send_draft(StoreAccount *self, StoreOutboxRow *row, StoreLetter *letter, GCancellable *cancellable,
			GError **error)
{
	Sending sending = {.account = self, .letter = letter, .row = row, .cancellable = cancellable};
	g_autoptr(GError) failure = NULL;
	gboolean done;

	row->message_id = g_strdup(letter->message_id);
	row->state = STORE_OUTBOX_BUILDING;
	done = build(&sending, &failure) && finish(self, row, 0, cancellable, &failure);
	if (letter->parts->len > 0)
		store_account_tell_progress(self, NULL, 0, 0);
	if (done) {
		store_outbox_settle(self, row, !g_cancellable_is_cancelled(cancellable));
		return TRUE;
	}
	if (row->state == STORE_OUTBOX_BUILDING && store_outbox_remember(self, row, NULL))
		store_outbox_clear(self, row, cancellable, NULL);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}
