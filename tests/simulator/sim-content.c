/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-content.h"

#include <string.h>

#include "sim-mime.h"
#include "sim-text.h"

SimContent *
sim_content_of(SimMessage *message)
{
	SimContent *content;

	if (message->content != NULL)
		return sim_content_copy(message->content);
	if (message->mime != NULL)
		return sim_mime_read_content(message->mime);
	content = sim_content_new();
	g_free(content->text);
	content->text = g_strdup_printf("%s\r\n", message->preview != NULL ? message->preview : "");
	return content;
}

GBytes *
sim_content_get_mime(SimMessage *message)
{
	g_autoptr(SimContent) content = NULL;

	if (message->mime != NULL)
		return g_bytes_ref(message->mime);
	content = sim_content_of(message);
	return sim_mime_build(message, content);
}

static void
keep_header(SimMessage *message, SimContent *content)
{
	static const char *const kept[] = {"In-Reply-To", "References", NULL};
	g_autoptr(GPtrArray) headers = sim_mime_read_headers(message->mime);

	for (guint i = 0; i < headers->len; i++) {
		const SimHeader *header = g_ptr_array_index(headers, i);

		for (guint j = 0; kept[j] != NULL; j++) {
			if (g_ascii_strcasecmp(header->name, kept[j]) == 0)
				g_ptr_array_add(content->headers, sim_header_new(header->name, header->value));
		}
		if (g_ascii_strncasecmp(header->name, "x-", 2) == 0)
			g_ptr_array_add(content->headers, sim_header_new(header->name, header->value));
	}
}

void
sim_content_replace(SimMessage *message, SimContent *content)
{
	g_autoptr(GBytes) mime = NULL;

	if (message->mime != NULL)
		keep_header(message, content);
	g_clear_pointer(&message->mime, g_bytes_unref);
	sim_content_free(message->content);
	message->content = content;
	message->has_attachments = FALSE;
	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *attachment = g_ptr_array_index(content->attachments, i);

		if (!attachment->is_inline)
			message->has_attachments = TRUE;
	}
	g_free(message->preview);
	message->preview = sim_text_preview(content->text, content->html);
	mime = sim_mime_build(message, content);
	message->size = g_bytes_get_size(mime);
}

static gboolean
is_other_field(const char *name, gpointer fields)
{
	for (const char *const *field = fields; *field != NULL; field++) {
		if (g_ascii_strcasecmp(*field, name) == 0)
			return FALSE;
	}
	return TRUE;
}

static char *
format_address(const char *field, SimAddress *address)
{
	g_autoptr(GPtrArray) one = g_ptr_array_new();

	if (address == NULL)
		return g_strdup("");
	g_ptr_array_add(one, address);
	return sim_mime_format_addresses(field, one);
}

static char *
format_field(SimMessage *message, const char *field)
{
	if (g_str_equal(field, "From"))
		return format_address(field, message->from);
	if (g_str_equal(field, "Sender")) {
		gboolean other = message->sender != NULL && message->from != NULL &&
				 g_strcmp0(message->sender->address, message->from->address) != 0;

		return format_address(field, other ? message->sender : NULL);
	}
	if (g_str_equal(field, "To"))
		return sim_mime_format_addresses(field, message->to);
	if (g_str_equal(field, "Cc"))
		return sim_mime_format_addresses(field, message->cc);
	if (g_str_equal(field, "Bcc"))
		return sim_mime_format_addresses(field, message->bcc);
	if (g_str_equal(field, "Reply-To"))
		return sim_mime_format_addresses(field, message->reply_to);
	if (g_str_equal(field, "Subject"))
		return sim_mime_format_text(field, message->subject != NULL ? message->subject : "");
	return message->internet_message_id != NULL ? g_strdup_printf("%s: %s\r\n", field, message->internet_message_id)
						    : g_strdup("");
}

void
sim_content_write_header(SimMessage *message, const char *const *fields)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autoptr(GBytes) old = g_steal_pointer(&message->mime);

	if (old == NULL)
		return;
	for (guint i = 0; fields[i] != NULL; i++) {
		g_autofree char *line = format_field(message, fields[i]);

		g_string_append(lines, line);
	}
	message->mime = sim_mime_edit_header(old, is_other_field, (gpointer)fields, lines->str, NULL);
	message->size = g_bytes_get_size(message->mime);
}

gsize
sim_content_get_size(SimMessage *message)
{
	return message->size;
}

static char *
find_headers(SimMessage *message)
{
	g_autoptr(GBytes) mime = sim_content_get_mime(message);
	gsize length;
	const char *bytes = g_bytes_get_data(mime, &length);
	const char *end = g_strstr_len(bytes, (gssize)length, "\r\n\r\n");

	if (end == NULL)
		end = g_strstr_len(bytes, (gssize)length, "\n\n");
	return sim_text_clean(bytes, end != NULL ? end - bytes : (gssize)length);
}

char *
sim_content_get_extended(SimMessage *message, const char *id)
{
	const char *stored = message->extended != NULL ? g_hash_table_lookup(message->extended, id) : NULL;

	if (g_str_equal(id, "Integer 0xe08") || g_str_equal(id, "Long 0xe08"))
		return g_strdup_printf("%" G_GSIZE_FORMAT, sim_content_get_size(message));
	if (g_str_equal(id, "Integer 0xe07"))
		return g_strdup_printf("%u", (message->is_read ? 1u : 0u) | (message->is_draft ? 8u : 0u) |
						     (message->has_attachments ? 0x10u : 0u) |
						     (message->is_from_me ? 0x20u : 0u));
	if (g_str_equal(id, "SystemTime 0xe06"))
		return sim_text_format_time(message->received);
	if (g_str_equal(id, "SystemTime 0x39"))
		return sim_text_format_time(message->sent);
	if (g_str_equal(id, "String 0x37"))
		return g_strdup(message->subject);
	if (g_str_equal(id, "String 0x1a"))
		return g_strdup("IPM.Note");
	if (g_str_equal(id, "String 0x7d"))
		return find_headers(message);
	return g_strdup(stored);
}
