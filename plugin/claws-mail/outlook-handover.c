/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-handover.h"

typedef struct {
	OutlookAccount *from;
	OutlookAccount *to;
	gint64 folder;
	gint64 destination;
	GArray *numbers;
	GArray *copies;
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
	g_array_unref(self->numbers);
	g_array_unref(self->copies);
	g_free(self);
}

/* The host has taken them from its list already. */
static void
show_again(Handover *self)
{
	g_signal_emit_by_name(self->from, "folder-changed", self->folder, 0);
}

static const StoreMessage *
find(GPtrArray *messages, guint32 number)
{
	for (guint i = 0; i < messages->len; i++) {
		const StoreMessage *message = g_ptr_array_index(messages, i);

		if (message->number == number)
			return message;
	}
	return NULL;
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
	g_autoptr(GPtrArray) messages =
		store_account_list_messages(outlook_account_get_store(self->to), self->destination, self->copies, NULL);
	gboolean lost = FALSE;

	if (messages == NULL)
		return FALSE;
	for (guint i = self->copies->len; i > 0; i--) {
		const StoreMessage *copy = find(messages, g_array_index(self->copies, guint32, i - 1));

		if (copy != NULL && copy->id == NULL)
			continue;
		if (copy != NULL)
			g_array_append_val(arrived, g_array_index(self->numbers, guint32, i - 1));
		lost = lost || copy == NULL;
		g_array_remove_index(self->numbers, i - 1);
		g_array_remove_index(self->copies, i - 1);
	}
	if (arrived->len > 0)
		remove_originals(self, arrived);
	if (lost)
		show_again(self);
	return TRUE;
}

static gboolean
is_open(OutlookAccount *account)
{
	return !outlook_account_is_closed(account) && outlook_account_get_store(account) != NULL;
}

/* What is left was refused, or its mailbox is gone. */
static void
end(Handover *self)
{
	g_array_set_size(self->copies, 0);
	if (self->numbers->len > 0) {
		g_array_set_size(self->numbers, 0);
		show_again(self);
	}
	g_ptr_array_remove_fast(handovers, self);
}

static void
on_state_changed(OutlookAccount *to, gpointer data)
{
	Handover *self = data;
	guint waiting;

	if (!is_open(self->from) || !is_open(to)) {
		end(self);
		return;
	}
	/* Counted first: what has no id afterwards was not just on its way. */
	waiting = store_account_count_waiting(outlook_account_get_store(to));
	if (settle(self) && (waiting == 0 || self->copies->len == 0))
		end(self);
}

void
outlook_handover_add(OutlookAccount *from, gint64 folder, GArray *numbers, OutlookAccount *to, gint64 destination,
		     GArray *copies)
{
	Handover *self = g_new0(Handover, 1);

	g_return_if_fail(numbers->len == copies->len);

	self->from = g_object_ref(from);
	self->to = g_object_ref(to);
	self->folder = folder;
	self->destination = destination;
	self->numbers = g_array_copy(numbers);
	self->copies = g_array_copy(copies);
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

		if (one->from != from || one->folder != folder || outlook_account_is_closed(one->to))
			continue;
		for (guint j = 0; j < one->numbers->len; j++) {
			if (g_array_index(one->numbers, guint32, j) == number)
				return TRUE;
		}
	}
	return FALSE;
}

void
outlook_handover_forget(void)
{
	g_clear_pointer(&handovers, g_ptr_array_unref);
}
