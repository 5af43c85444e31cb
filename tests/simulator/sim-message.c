/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-message.h"

SimAddress *
sim_address_new(const char *name, const char *address)
{
	SimAddress *self = g_new0(SimAddress, 1);

	self->name = g_strdup(name);
	self->address = g_strdup(address);
	return self;
}

void
sim_address_free(SimAddress *self)
{
	if (self == NULL)
		return;
	g_free(self->name);
	g_free(self->address);
	g_free(self);
}

static SimAddress *
address_copy(const SimAddress *self)
{
	return self != NULL ? sim_address_new(self->name, self->address) : NULL;
}

GPtrArray *
sim_addresses_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)sim_address_free);
}

GPtrArray *
sim_addresses_copy(GPtrArray *addresses)
{
	GPtrArray *copy = sim_addresses_new();

	for (guint i = 0; addresses != NULL && i < addresses->len; i++)
		g_ptr_array_add(copy, address_copy(g_ptr_array_index(addresses, i)));
	return copy;
}

SimHeader *
sim_header_new(const char *name, const char *value)
{
	SimHeader *self = g_new0(SimHeader, 1);

	self->name = g_strdup(name);
	self->value = g_strdup(value);
	return self;
}

void
sim_header_free(SimHeader *self)
{
	g_free(self->name);
	g_free(self->value);
	g_free(self);
}

void
sim_attachment_free(SimAttachment *self)
{
	g_free(self->name);
	g_free(self->content_type);
	g_free(self->content_id);
	g_free(self->content_location);
	g_clear_pointer(&self->content, g_bytes_unref);
	g_free(self);
}

SimContent *
sim_content_new(void)
{
	SimContent *self = g_new0(SimContent, 1);

	self->text = g_strdup("");
	self->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)sim_attachment_free);
	self->headers = g_ptr_array_new_with_free_func((GDestroyNotify)sim_header_free);
	return self;
}

SimContent *
sim_content_copy(SimContent *self)
{
	SimContent *copy = sim_content_new();

	copy->html = self->html;
	g_free(copy->text);
	copy->text = g_strdup(self->text);
	for (guint i = 0; i < self->attachments->len; i++) {
		const SimAttachment *from = g_ptr_array_index(self->attachments, i);
		SimAttachment *to = g_new0(SimAttachment, 1);

		*to = *from;
		to->name = g_strdup(from->name);
		to->content_type = g_strdup(from->content_type);
		to->content_id = g_strdup(from->content_id);
		to->content_location = g_strdup(from->content_location);
		to->content = g_bytes_ref(from->content);
		g_ptr_array_add(copy->attachments, to);
	}
	for (guint i = 0; i < self->headers->len; i++) {
		const SimHeader *header = g_ptr_array_index(self->headers, i);

		g_ptr_array_add(copy->headers, sim_header_new(header->name, header->value));
	}
	return copy;
}

void
sim_content_free(SimContent *self)
{
	if (self == NULL)
		return;
	g_free(self->text);
	g_ptr_array_unref(self->attachments);
	g_ptr_array_unref(self->headers);
	g_free(self);
}

void
sim_date_time_free(SimDateTime *self)
{
	if (self == NULL)
		return;
	g_free(self->date_time);
	g_free(self->time_zone);
	g_free(self);
}

static SimDateTime *
date_time_copy(const SimDateTime *self)
{
	SimDateTime *copy;

	if (self == NULL)
		return NULL;
	copy = g_new0(SimDateTime, 1);
	copy->date_time = g_strdup(self->date_time);
	copy->time_zone = g_strdup(self->time_zone);
	return copy;
}

SimMessage *
sim_message_new(void)
{
	SimMessage *self = g_new0(SimMessage, 1);

	self->importance = "normal";
	self->inference = "focused";
	self->flag_status = "notFlagged";
	return self;
}

SimMessage *
sim_message_copy(SimMessage *self)
{
	SimMessage *copy = sim_message_new();

	*copy = *self;
	copy->folder = NULL;
	copy->place = NULL;
	copy->generation = 0;
	copy->subject = g_strdup(self->subject);
	copy->preview = g_strdup(self->preview);
	copy->internet_message_id = g_strdup(self->internet_message_id);
	copy->conversation_index = g_strdup(self->conversation_index);
	copy->from = address_copy(self->from);
	copy->sender = address_copy(self->sender);
	copy->to = sim_addresses_copy(self->to);
	copy->cc = sim_addresses_copy(self->cc);
	copy->bcc = sim_addresses_copy(self->bcc);
	copy->reply_to = sim_addresses_copy(self->reply_to);
	copy->flag_start = date_time_copy(self->flag_start);
	copy->flag_due = date_time_copy(self->flag_due);
	copy->flag_completed = date_time_copy(self->flag_completed);
	copy->categories = g_strdupv(self->categories);
	copy->extended = NULL;
	if (self->extended != NULL) {
		GHashTableIter iter;
		gpointer id, value;

		g_hash_table_iter_init(&iter, self->extended);
		while (g_hash_table_iter_next(&iter, &id, &value))
			sim_message_set_extended(copy, id, value);
	}
	copy->mime = self->mime != NULL ? g_bytes_ref(self->mime) : NULL;
	copy->content = self->content != NULL ? sim_content_copy(self->content) : NULL;
	copy->headers = NULL;
	return copy;
}

void
sim_message_free(SimMessage *self)
{
	if (self == NULL)
		return;
	g_free(self->subject);
	g_free(self->preview);
	g_free(self->internet_message_id);
	g_free(self->conversation_index);
	sim_address_free(self->from);
	sim_address_free(self->sender);
	g_clear_pointer(&self->to, g_ptr_array_unref);
	g_clear_pointer(&self->cc, g_ptr_array_unref);
	g_clear_pointer(&self->bcc, g_ptr_array_unref);
	g_clear_pointer(&self->reply_to, g_ptr_array_unref);
	sim_date_time_free(self->flag_start);
	sim_date_time_free(self->flag_due);
	sim_date_time_free(self->flag_completed);
	g_strfreev(self->categories);
	g_clear_pointer(&self->extended, g_hash_table_unref);
	g_clear_pointer(&self->mime, g_bytes_unref);
	sim_content_free(self->content);
	g_clear_pointer(&self->headers, g_ptr_array_unref);
	g_free(self);
}

void
sim_message_set_recipients(GPtrArray **place, GPtrArray *addresses)
{
	g_clear_pointer(place, g_ptr_array_unref);
	*place = addresses;
}

void
sim_message_set_extended(SimMessage *self, const char *id, const char *value)
{
	if (self->extended == NULL)
		self->extended = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(self->extended, g_strdup(id), g_strdup(value));
}
