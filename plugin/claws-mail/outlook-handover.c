/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-handover.h"

typedef struct {
	OutlookAccount *from;
	OutlookAccount *to;
	gint64 from_numbering; /* in another one the numbers are those of other messages */
	gint64 to_numbering;
	gint64 folder;
	gint64 destination;
	GHashTable *copies; /* number of the original → of its copy */
	gulong handler;
} Handover;

static GPtrArray *handovers;

static void
handover_free(gpointer data)
{
	Handover *self = data;

	g_signal_handler_disconnect(self->to, self->handler);
	g_object_unref(self->from);
	g_object_unref(self->to);
	g_hash_table_unref(self->copies);
	g_free(self);
}

static gboolean
has_numbering(OutlookAccount *account, gint64 numbering)
{
	StoreAccount *store = outlook_account_is_closed(account) ? NULL : outlook_account_get_store(account);

	return store != NULL && store_account_get_numbering(store) == numbering;
}

static gboolean
is_valid(const Handover *self)
{
	return has_numbering(self->from, self->from_numbering) && has_numbering(self->to, self->to_numbering);
}

/* The host has taken them from its list already. */
static void
show_again(Handover *self)
{
	if (!outlook_account_is_closed(self->from))
		g_signal_emit_by_name(self->from, "folder-changed", self->folder, 0);
}

static int
by_number(gconstpointer a, gconstpointer b)
{
	guint32 one = *(const guint32 *)a, other = *(const guint32 *)b;

	return one < other ? -1 : one > other;
}

/* Of StoreMessage, by number; its owner is *@messages. %NULL when it cannot be told. */
static GHashTable *
list_copies(Handover *self, GPtrArray **messages)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
	GHashTable *found;
	GHashTableIter iter;
	gpointer copy;

	g_hash_table_iter_init(&iter, self->copies);
	while (g_hash_table_iter_next(&iter, NULL, &copy)) {
		guint32 number = GPOINTER_TO_UINT(copy);

		g_array_append_val(numbers, number);
	}
	g_array_sort(numbers, by_number);
	*messages = store_account_list_messages(outlook_account_get_store(self->to), self->destination, numbers, NULL);
	if (*messages == NULL)
		return NULL;
	found = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < (*messages)->len; i++) {
		StoreMessage *message = g_ptr_array_index(*messages, i);

		g_hash_table_insert(found, GUINT_TO_POINTER(message->number), message);
	}
	return found;
}

static void
remove_originals(Handover *self, GArray *numbers)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	if (store_account_delete_messages(outlook_account_get_store(self->from), self->folder, numbers, &error)) {
		outlook_account_push(self->from);
		return;
	}
	text = outlook_account_explain(error);
	g_signal_emit_by_name(self->from, "report", 1, text);
	show_again(self);
}

/* Removes the originals whose copies have an id and leaves those whose copies wait for one. FALSE: ask again. */
static gboolean
settle(Handover *self)
{
	g_autoptr(GArray) arrived = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GPtrArray) messages = NULL;
	g_autoptr(GHashTable) found = list_copies(self, &messages);
	GHashTableIter iter;
	gpointer original, copy;
	gboolean lost = FALSE;

	if (found == NULL)
		return FALSE;
	g_hash_table_iter_init(&iter, self->copies);
	while (g_hash_table_iter_next(&iter, &original, &copy)) {
		const StoreMessage *message = g_hash_table_lookup(found, copy);
		guint32 number = GPOINTER_TO_UINT(original);

		if (message != NULL && message->id == NULL)
			continue;
		if (message != NULL)
			g_array_append_val(arrived, number);
		lost = lost || message == NULL;
		g_hash_table_iter_remove(&iter);
	}
	g_array_sort(arrived, by_number);
	if (arrived->len > 0)
		remove_originals(self, arrived);
	if (lost)
		show_again(self);
	return TRUE;
}

/* What is left was refused, or its mailbox is gone. */
static void
end(Handover *self)
{
	if (g_hash_table_size(self->copies) > 0) {
		g_hash_table_remove_all(self->copies);
		show_again(self);
	}
	g_ptr_array_remove_fast(handovers, self);
}

static void
go_on(Handover *self)
{
	guint waiting;

	if (!is_valid(self)) {
		end(self);
		return;
	}
	/* Counted first: what has no id afterwards was not just on its way. */
	waiting = store_account_count_waiting(outlook_account_get_store(self->to));
	if (settle(self) && (waiting == 0 || g_hash_table_size(self->copies) == 0))
		end(self);
}

static void
on_state_changed(OutlookAccount *to, gpointer data)
{
	go_on(data);
}

void
outlook_handover_add(OutlookAccount *from, gint64 folder, GArray *numbers, OutlookAccount *to, gint64 destination,
		     GArray *copies)
{
	Handover *self;

	g_return_if_fail(numbers->len == copies->len);
	g_return_if_fail(outlook_account_get_store(from) != NULL && outlook_account_get_store(to) != NULL);

	self = g_new0(Handover, 1);
	self->from = g_object_ref(from);
	self->to = g_object_ref(to);
	self->from_numbering = store_account_get_numbering(outlook_account_get_store(from));
	self->to_numbering = store_account_get_numbering(outlook_account_get_store(to));
	self->folder = folder;
	self->destination = destination;
	self->copies = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < numbers->len; i++)
		g_hash_table_insert(self->copies, GUINT_TO_POINTER(g_array_index(numbers, guint32, i)),
				    GUINT_TO_POINTER(g_array_index(copies, guint32, i)));
	self->handler = g_signal_connect(to, "state-changed", G_CALLBACK(on_state_changed), self);
	if (handovers == NULL)
		handovers = g_ptr_array_new_with_free_func(handover_free);
	g_ptr_array_add(handovers, self);
}

gboolean
outlook_handover_has(OutlookAccount *from, gint64 folder, guint32 number)
{
	for (guint i = 0; handovers != NULL && i < handovers->len; i++) {
		const Handover *one = g_ptr_array_index(handovers, i);

		if (one->from == from && one->folder == folder && is_valid(one) &&
		    g_hash_table_contains(one->copies, GUINT_TO_POINTER(number)))
			return TRUE;
	}
	return FALSE;
}

guint
outlook_handover_settle(OutlookAccount *from)
{
	guint left = 0;

	for (guint i = handovers != NULL ? handovers->len : 0; i > 0; i--) {
		Handover *one = g_ptr_array_index(handovers, i - 1);

		if (one->from == from)
			go_on(one);
	}
	for (guint i = 0; handovers != NULL && i < handovers->len; i++) {
		const Handover *one = g_ptr_array_index(handovers, i);

		if (one->from == from)
			left += g_hash_table_size(one->copies);
	}
	return left;
}

void
outlook_handover_leave(OutlookAccount *account)
{
	for (guint i = handovers != NULL ? handovers->len : 0; i > 0; i--) {
		Handover *one = g_ptr_array_index(handovers, i - 1);

		if (one->from == account || one->to == account)
			end(one);
	}
}

void
outlook_handover_forget(void)
{
	g_clear_pointer(&handovers, g_ptr_array_unref);
}
