/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-handover.h"

#include "store-account-private.h"
#include "store-edit.h"
#include "store-journal.h"
#include "store-messages.h"

/* An original, and its copy in the other store. */
typedef struct {
	gint64 message;
	gint64 copy;
	char *mailbox;
} Handover;

static void
clear(gpointer data)
{
	g_free(((Handover *)data)->mailbox);
}

/* Those for @mailbox, %NULL for all; of Handover. */
static GArray *
list(StoreDb *db, const char *mailbox, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Handover));
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreQuery) query = store_db_query(db, error,
						     "SELECT message, copy, mailbox FROM handovers"
						     " WHERE ?1 IS NULL OR mailbox = ?1 ORDER BY message",
						     "s", mailbox);

	g_array_set_clear_func(found, clear);
	if (query == NULL)
		return NULL;
	while (store_query_next(query, &failure)) {
		Handover one = {store_query_get_integer(query, 0), store_query_get_integer(query, 1),
				store_query_dup_text(query, 2)};

		g_array_append_val(found, one);
	}
	if (failure == NULL)
		return g_steal_pointer(&found);
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static gint64
find_key(StoreDb *db, gint64 folder, GArray *numbers, guint i, GError **error)
{
	return store_db_get_integer(db, 0, error, "SELECT key FROM messages WHERE folder = ? AND number = ?", "lz",
				    folder, (gint64)g_array_index(numbers, guint32, i));
}

static gboolean
put(StoreDb *db, gint64 message, const char *mailbox, gint64 copy, GError **error)
{
	return store_db_run(db, error, "INSERT OR REPLACE INTO handovers (message, mailbox, copy) VALUES (?, ?, ?)",
			    "lsl", message, mailbox, copy);
}

gboolean
store_handover_add(StoreAccount *self, gint64 folder, GArray *numbers, const char *mailbox, StoreAccount *other,
		   gint64 destination, GArray *copies, GError **error)
{
	g_autoptr(GArray) keys = g_array_new(FALSE, TRUE, sizeof(gint64));
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = NULL;
	g_autoptr(GError) failure = NULL;

	g_return_val_if_fail(numbers->len == copies->len, FALSE);

	for (guint i = 0; i < copies->len && failure == NULL; i++) {
		gint64 key = find_key(other->host, destination, copies, i, &failure);

		g_array_append_val(keys, key);
	}
	transaction = failure == NULL ? store_transaction_begin(self->host, &failure) : NULL;
	for (guint i = 0; i < numbers->len && failure == NULL; i++) {
		gint64 message = find_key(self->host, folder, numbers, i, &failure);
		gint64 copy = g_array_index(keys, gint64, i);

		if (failure == NULL && message != 0 && copy != 0)
			put(self->host, message, mailbox, copy, &failure);
	}
	if (failure == NULL)
		return store_account_finish(self, &transaction, changes, error);
	g_propagate_error(error, g_steal_pointer(&failure));
	return FALSE;
}

GStrv
store_handover_list_mailboxes(StoreAccount *self)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autoptr(StoreQuery) query =
		store_db_query(self->host, NULL, "SELECT DISTINCT mailbox FROM handovers ORDER BY mailbox", "");

	while (query != NULL && store_query_next(query, NULL))
		g_strv_builder_add(names, store_query_get_text(query, 0));
	return g_strv_builder_end(names);
}

guint
store_handover_count(StoreAccount *self, const char *mailbox)
{
	return (guint)store_db_get_integer(self->host, 0, NULL,
					   "SELECT count(*) FROM handovers h JOIN messages m ON m.key = h.message"
					   " WHERE h.mailbox = ?",
					   "s", mailbox);
}

GHashTable *
store_handover_list_numbers(StoreAccount *self, gint64 folder, const char *const *mailboxes)
{
	GHashTable *numbers = g_hash_table_new(NULL, NULL);
	g_autoptr(StoreQuery) query = store_db_query(self->host, NULL,
						     "SELECT m.number, h.mailbox FROM handovers h JOIN messages m"
						     " ON m.key = h.message WHERE m.folder = ?",
						     "l", folder);

	while (query != NULL && store_query_next(query, NULL)) {
		if (g_strv_contains(mailboxes, store_query_get_text(query, 1)))
			g_hash_table_add(numbers, GUINT_TO_POINTER((guint)store_query_get_integer(query, 0)));
	}
	return numbers;
}

/* Keys of the messages that the service is still to be given; a set of gint64 *. */
static GHashTable *
list_waiting(StoreAccount *other, GError **error)
{
	GHashTable *waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GArray) keys =
		store_db_list_integers(other->host, error,
				       "SELECT m.key FROM journal j JOIN messages m ON m.key = j.message"
				       " WHERE m.id IS NULL AND j.kind IN (?, ?) AND j.state != ?",
				       "iii", STORE_JOURNAL_COPY, STORE_JOURNAL_APPEND, STORE_JOURNAL_KEPT);

	for (guint i = 0; keys != NULL && i < keys->len; i++)
		g_hash_table_add(waiting, g_memdup2(&g_array_index(keys, gint64, i), sizeof(gint64)));
	if (keys == NULL)
		g_clear_pointer(&waiting, g_hash_table_unref);
	return waiting;
}

static const Handover *
find(GArray *handovers, gint64 message)
{
	for (guint i = 0; i < handovers->len; i++) {
		const Handover *one = &g_array_index(handovers, Handover, i);

		if (one->message == message)
			return one;
	}
	return NULL;
}

/* What is seen in the other store is written in ours afterwards: their transactions do not meet. */
typedef enum {
	WAITS,
	ARRIVED,
	GONE,
	MOVED_ON,
} State;

typedef struct {
	gint64 message;
	State state;
	const Handover *onward; /* its copy's own */
} Step;

static State
get_state(StoreAccount *other, GHashTable *waiting, const Handover *one, const Handover *onward, GError **error)
{
	if (g_hash_table_contains(waiting, &one->copy))
		return onward != NULL ? MOVED_ON : WAITS;
	return store_db_get_integer(other->host, 0, error, "SELECT 1 FROM messages WHERE key = ? AND id IS NOT NULL",
				    "l", one->copy) != 0
		       ? ARRIVED
		       : GONE;
}

/* What does not wait; @onward: what leaves the other store in its turn */
static GArray *
look(StoreAccount *other, GArray *ours, GArray *onward, GError **error)
{
	g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(Step));
	g_autoptr(GHashTable) waiting = list_waiting(other, error);
	g_autoptr(GError) failure = NULL;

	for (guint i = 0; waiting != NULL && i < ours->len && failure == NULL; i++) {
		const Handover *one = &g_array_index(ours, Handover, i);
		Step step = {.message = one->message, .onward = find(onward, one->copy)};

		step.state = get_state(other, waiting, one, step.onward, &failure);
		if (step.state != WAITS)
			g_array_append_val(steps, step);
	}
	if (failure == NULL)
		return waiting != NULL ? g_steal_pointer(&steps) : NULL;
	g_propagate_error(error, g_steal_pointer(&failure));
	return NULL;
}

static gboolean
forget(StoreDb *db, gint64 message, GError **error)
{
	return store_db_run(db, error, "DELETE FROM handovers WHERE message = ?", "l", message);
}

/* It is seen again. */
static gboolean
keep(const StoreEdit *edit, gint64 message, guint *stayed, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = store_messages_find(edit->db, message, &failure);

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (row != NULL) {
		store_changes_add_folder(edit->changes, row->folder, 0);
		(*stayed)++;
	}
	return forget(edit->db, message, error);
}

static gboolean
take_step(const StoreEdit *edit, const Step *step, guint *removed, guint *stayed, GError **error)
{
	switch (step->state) {
	case WAITS:
		break;
	case ARRIVED:
		(*removed)++;
		return store_edit_delete_key(edit, step->message, error) && forget(edit->db, step->message, error);
	case GONE:
		return keep(edit, step->message, stayed, error);
	case MOVED_ON:
		return put(edit->db, step->message, step->onward->mailbox, step->onward->copy, error);
	}
	return TRUE;
}

gboolean
store_handover_settle(StoreAccount *self, const char *mailbox, StoreAccount *other, guint *removed, guint *stayed,
		      GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	StoreEdit edit = {.db = self->host, .bodies = self->bodies, .changes = changes};
	g_autoptr(GArray) ours = list(self->host, mailbox, error);
	g_autoptr(GArray) onward = NULL;
	g_autoptr(GArray) steps = NULL;
	g_autoptr(StoreTransaction) transaction = NULL;

	*removed = *stayed = 0;
	if (ours == NULL || ours->len == 0)
		return ours != NULL;
	onward = list(other->host, NULL, error);
	steps = onward != NULL ? look(other, ours, onward, error) : NULL;
	if (steps == NULL || steps->len == 0)
		return steps != NULL;
	transaction = store_transaction_begin(self->host, error);
	if (transaction == NULL)
		return FALSE;
	for (guint i = 0; i < steps->len; i++) {
		if (!take_step(&edit, &g_array_index(steps, Step, i), removed, stayed, error))
			return FALSE;
	}
	return store_account_finish(self, &transaction, changes, error);
}

gboolean
store_handover_drop(StoreAccount *self, const char *mailbox, guint *stayed, GError **error)
{
	g_autoptr(StoreChanges) changes = store_changes_new();
	StoreEdit edit = {.db = self->host, .bodies = self->bodies, .changes = changes};
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->host, error);
	g_autoptr(GArray) ours = transaction != NULL ? list(self->host, mailbox, error) : NULL;

	*stayed = 0;
	for (guint i = 0; ours != NULL && i < ours->len; i++) {
		if (!keep(&edit, g_array_index(ours, Handover, i).message, stayed, error))
			return FALSE;
	}
	return ours != NULL && store_account_finish(self, &transaction, changes, error);
}
