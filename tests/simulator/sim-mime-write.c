/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-mime.h"

#include <string.h>

#include "sim-gmime.h"

/* The end of the field that starts at @start, its continuation lines included. */
static gsize
field_end(const char *bytes, gsize length, gsize start)
{
	gsize at = start;

	do {
		const char *newline = memchr(bytes + at, '\n', length - at);

		if (newline == NULL)
			return length;
		at = (gsize)(newline - bytes) + 1;
	} while (at < length && (bytes[at] == ' ' || bytes[at] == '\t'));
	return at;
}

GBytes *
sim_mime_edit_header(GBytes *mime, SimMimeKeep keep, gpointer user_data, const char *first, const char *last)
{
	gsize length;
	const char *bytes = g_bytes_get_data(mime, &length);
	GByteArray *result = g_byte_array_sized_new((guint)length + 256);
	gsize at = 0;

	if (first != NULL)
		g_byte_array_append(result, (const guint8 *)first, (guint)strlen(first));
	while (at < length && bytes[at] != '\n' && !(bytes[at] == '\r' && at + 1 < length && bytes[at + 1] == '\n')) {
		gsize end = field_end(bytes, length, at);
		const char *colon = memchr(bytes + at, ':', end - at);
		g_autofree char *name = NULL;

		if (colon == NULL && !g_str_has_prefix(bytes + at, "From "))
			break; /* no field: the body begins without an empty line */
		if (colon != NULL)
			name = g_strchomp(g_strndup(bytes + at, (gsize)(colon - bytes) - at));
		if (name != NULL && keep(name, user_data)) {
			g_byte_array_append(result, (const guint8 *)bytes + at, (guint)(end - at));
			if (bytes[end - 1] != '\n')
				g_byte_array_append(result, (const guint8 *)"\r\n", 2);
		}
		at = end;
	}
	if (last != NULL)
		g_byte_array_append(result, (const guint8 *)last, (guint)strlen(last));
	if (at == length || (bytes[at] != '\n' && bytes[at] != '\r'))
		g_byte_array_append(result, (const guint8 *)"\r\n", 2);
	g_byte_array_append(result, (const guint8 *)bytes + at, (guint)(length - at));
	return g_byte_array_free_to_bytes(result);
}

static void
add_to_list(InternetAddressList *list, GPtrArray *addresses)
{
	for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
		const SimAddress *address = g_ptr_array_index(addresses, i);
		const char *name = g_strcmp0(address->name, address->address) == 0 ? NULL : address->name;
		g_autoptr(InternetAddress) mailbox = internet_address_mailbox_new(name, address->address);

		internet_address_list_add(list, mailbox);
	}
}

char *
sim_mime_format_addresses(const char *field, GPtrArray *addresses)
{
	g_autoptr(InternetAddressList) list = internet_address_list_new();
	g_autofree char *value = NULL;

	add_to_list(list, addresses);
	value = internet_address_list_to_string(list, NULL, TRUE);
	return value != NULL && *value != '\0' ? g_strdup_printf("%s: %s\r\n", field, value) : g_strdup("");
}

char *
sim_mime_format_text(const char *field, const char *text)
{
	g_autofree char *value = g_mime_utils_header_encode_text(NULL, text, "utf-8");

	return g_strdup_printf("%s: %s\r\n", field, value);
}

static GMimeObject *
build_text(SimContent *content)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype(content->html ? "html" : "plain");

	g_mime_text_part_set_charset(part, "utf-8");
	g_mime_text_part_set_text(part, content->text);
	g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_BASE64);
	return GMIME_OBJECT(part);
}

static GMimeObject *
build_attachment(const SimAttachment *attachment)
{
	gsize length;
	const char *bytes = g_bytes_get_data(attachment->content, &length);
	g_autoptr(GMimeContentType) type = g_mime_content_type_parse(NULL, attachment->content_type);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes != NULL ? bytes : "", length);
	g_autoptr(GMimeDataWrapper) wrapper = NULL;
	GMimePart *part;

	if (attachment->is_item) {
		g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
		g_autoptr(GMimeMessage) inner = g_mime_parser_construct_message(parser, NULL);

		if (inner != NULL)
			return GMIME_OBJECT(g_mime_message_part_new_with_message("rfc822", inner));
	}
	part = g_mime_part_new();
	wrapper = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_object_set_content_type(GMIME_OBJECT(part), type);
	g_mime_part_set_content(part, wrapper);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_object_set_disposition(GMIME_OBJECT(part), attachment->is_inline ? "inline" : "attachment");
	g_mime_part_set_filename(part, attachment->name);
	if (attachment->content_id != NULL)
		g_mime_object_set_content_id(GMIME_OBJECT(part), attachment->content_id);
	return GMIME_OBJECT(part);
}

/* @object with the attachments that are (or are not) inline around it; takes @object */
static GMimeObject *
wrap(GMimeObject *object, SimContent *content, gboolean is_inline)
{
	GMimeMultipart *multipart = NULL;

	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *attachment = g_ptr_array_index(content->attachments, i);
		GMimeObject *part;

		if (attachment->is_inline != is_inline)
			continue;
		if (multipart == NULL) {
			multipart = g_mime_multipart_new_with_subtype(is_inline ? "related" : "mixed");
			g_mime_multipart_add(multipart, object);
			g_object_unref(object);
			object = GMIME_OBJECT(multipart);
		}
		part = build_attachment(attachment);
		g_mime_multipart_add(multipart, part);
		g_object_unref(part);
	}
	return object;
}

static GBytes *
write_message(GMimeMessage *message)
{
	g_autoptr(GMimeFormatOptions) format = g_mime_format_options_new();
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	GByteArray *array = g_byte_array_new();

	g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), array);
	g_mime_object_write_to_stream(GMIME_OBJECT(message), format, stream);
	return g_byte_array_free_to_bytes(array);
}

static void
damage_part(GMimeObject *parent, GMimeObject *object, gpointer unused)
{
	GMimeDataWrapper *content;
	g_autoptr(GMimeStream) damaged = NULL;
	g_autoptr(GMimeDataWrapper) wrapper = NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GMimeStream) stream = NULL;
	g_autoptr(GString) text = NULL;

	if (!GMIME_IS_TEXT_PART(object) ||
	    g_mime_part_get_content_encoding(GMIME_PART(object)) != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
	    (content = g_mime_part_get_content(GMIME_PART(object))) == NULL)
		return;
	stream = g_mime_stream_mem_new();
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
	g_mime_stream_write_to_stream(g_mime_data_wrapper_get_stream(content), stream);
	text = g_string_new_len((const char *)bytes->data, bytes->len);
	g_string_replace(text, "=\r\n", "\r\n", 0);
	g_string_replace(text, "=\n", "\n", 0);
	damaged = g_mime_stream_mem_new_with_buffer(text->str, text->len);
	wrapper = g_mime_data_wrapper_new_with_stream(damaged, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_part_set_content(GMIME_PART(object), wrapper);
}

GBytes *
sim_mime_damage_printable(GBytes *mime)
{
	gsize length;
	const char *bytes = g_bytes_get_data(mime, &length);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes, length);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_autoptr(GMimeMessage) message = g_mime_parser_construct_message(parser, NULL);

	if (message == NULL || g_mime_message_get_mime_part(message) == NULL ||
	    GMIME_IS_MULTIPART_SIGNED(g_mime_message_get_mime_part(message)))
		return g_bytes_ref(mime);
	g_mime_message_foreach(message, damage_part, NULL);
	return write_message(message);
}

static void
set_extended(GMimeMessage *message, const char *field, SimMessage *self, const char *id)
{
	const char *value = self->extended != NULL ? g_hash_table_lookup(self->extended, id) : NULL;

	if (value != NULL && g_mime_object_get_header(GMIME_OBJECT(message), field) == NULL)
		g_mime_object_set_header(GMIME_OBJECT(message), field, value, "utf-8");
}

GBytes *
sim_mime_build(SimMessage *self, SimContent *content)
{
	g_autoptr(GMimeMessage) message = NULL;
	g_autoptr(GMimeObject) body = NULL;
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(self->sent);

	g_mime_init();
	message = g_mime_message_new(TRUE);
	body = wrap(wrap(build_text(content), content, TRUE), content, FALSE);
	if (self->from != NULL)
		g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, self->from->name, self->from->address);
	if (self->sender != NULL && self->from != NULL && g_strcmp0(self->sender->address, self->from->address) != 0)
		g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_SENDER, self->sender->name,
					   self->sender->address);
	add_to_list(g_mime_message_get_to(message), self->to);
	add_to_list(g_mime_message_get_cc(message), self->cc);
	add_to_list(g_mime_message_get_bcc(message), self->bcc);
	add_to_list(g_mime_message_get_reply_to(message), self->reply_to);
	g_mime_message_set_subject(message, self->subject != NULL ? self->subject : "", "utf-8");
	if (date != NULL)
		g_mime_message_set_date(message, date);
	if (self->internet_message_id != NULL) {
		g_autofree char *id = g_strdup(self->internet_message_id);

		g_strdelimit(id, "<>", ' ');
		g_mime_message_set_message_id(message, g_strstrip(id));
	}
	if (g_strcmp0(self->importance, "normal") != 0)
		g_mime_object_set_header(GMIME_OBJECT(message), "Importance", self->importance, NULL);
	if (self->wants_read_receipt && self->from != NULL)
		g_mime_object_set_header(GMIME_OBJECT(message), "Disposition-Notification-To", self->from->address,
					 NULL);
	for (guint i = 0; i < content->headers->len; i++) {
		const SimHeader *header = g_ptr_array_index(content->headers, i);

		g_mime_object_set_header(GMIME_OBJECT(message), header->name, header->value, "utf-8");
	}
	/* [MS-OXCMAIL]: PidTagInReplyToId, PidTagInternetReferences */
	set_extended(message, "In-Reply-To", self, "String 0x1042");
	set_extended(message, "References", self, "String 0x1039");
	g_mime_message_set_mime_part(message, body);
	return write_message(message);
}
