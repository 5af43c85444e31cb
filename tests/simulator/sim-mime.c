/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-mime.h"

#include <string.h>

#include "sim-gmime.h"
#include "sim-text.h"

#define MAX_DEPTH 60

/* A mail in the line ends of an old Mac came over SMTP, where none can be: (transfer full) as it came. */
static GByteArray *
end_lines(const char *bytes, gsize length)
{
	GByteArray *array = g_byte_array_sized_new(length);
	gboolean old = memchr(bytes, '\n', length) == NULL;

	g_byte_array_append(array, (const guint8 *)bytes, length);
	for (gsize i = 0; old && i < length; i++) {
		if (array->data[i] == '\r')
			array->data[i] = '\n';
	}
	return array;
}

/* A first line of blanks continues nothing, and does not end a header either: only an empty line does (RFC 5322). */
static gsize
skip_blank_lines(const GByteArray *lines)
{
	gsize begin = 0;

	for (gsize i = 0; i < lines->len; i++) {
		if (lines->data[i] == '\n' && i > begin && lines->data[begin] != '\r')
			begin = i + 1;
		else if (lines->data[i] != ' ' && lines->data[i] != '\t' && lines->data[i] != '\r')
			break;
	}
	return begin;
}

static GMimeMessage *
parse(GBytes *mime)
{
	static gsize ready = 0;
	g_autoptr(GMimeStream) stream = NULL;
	g_autoptr(GMimeParser) parser = NULL;
	g_autoptr(GByteArray) lines = NULL;
	gsize length, begin;
	const char *bytes = g_bytes_get_data(mime, &length);

	if (g_once_init_enter(&ready)) {
		g_mime_init();
		g_once_init_leave(&ready, 1);
	}
	lines = end_lines(bytes != NULL ? bytes : "", length);
	begin = skip_blank_lines(lines);
	stream = g_mime_stream_mem_new_with_buffer((const char *)lines->data + begin, lines->len - begin);
	parser = g_mime_parser_new_with_stream(stream);
	return g_mime_parser_construct_message(parser, NULL);
}

static char *
clean(const char *text)
{
	return text != NULL ? sim_text_clean(text, -1) : NULL;
}

static void
add_addresses(GPtrArray *result, InternetAddressList *list, guint depth)
{
	int n = list != NULL ? internet_address_list_length(list) : 0;

	for (int i = 0; i < n; i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		g_autofree char *name = clean(internet_address_get_name(address));

		if (INTERNET_ADDRESS_IS_GROUP(address)) {
			if (depth < MAX_DEPTH)
				add_addresses(result,
					      internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)),
					      depth + 1);
		} else {
			g_autofree char *mailbox =
				clean(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));

			if (mailbox == NULL || *mailbox == '\0')
				continue;
			g_ptr_array_add(result,
					sim_address_new(name != NULL && *name != '\0' ? name : mailbox, mailbox));
		}
	}
}

static GPtrArray *
read_addresses(InternetAddressList *list)
{
	GPtrArray *result = sim_addresses_new();

	add_addresses(result, list, 0);
	return result;
}

static SimAddress *
read_first_address(InternetAddressList *list)
{
	g_autoptr(GPtrArray) all = read_addresses(list);

	return all->len > 0 ? g_ptr_array_steal_index(all, 0) : NULL;
}

static gint64
read_date(GMimeMessage *message, gint64 otherwise)
{
	GDateTime *date = g_mime_message_get_date(message);
	gint64 seconds = date != NULL ? g_date_time_to_unix(date) : otherwise;

	/* what PtypTime can hold and ISO 8601 can print with four digits of year */
	return seconds < -11644473600 || seconds > 253402300799 ? otherwise : seconds;
}

static guint64
read_conversation(GMimeMessage *message, const char *message_id, const char *subject)
{
	const char *fields[] = {"References", "In-Reply-To"};

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		const char *value = g_mime_object_get_header(GMIME_OBJECT(message), fields[i]);
		g_autoptr(GMimeReferences) references = value != NULL ? g_mime_references_parse(NULL, value) : NULL;

		if (references != NULL && g_mime_references_length(references) > 0) {
			g_autofree char *first =
				g_strdup_printf("<%s>", g_mime_references_get_message_id(references, 0));

			return sim_text_hash(first);
		}
	}
	return sim_text_hash(message_id != NULL ? message_id : subject);
}

static const char *
read_importance(GMimeObject *message)
{
	const char *value = g_mime_object_get_header(message, "Importance");
	const char *priority = g_mime_object_get_header(message, "X-Priority");

	if (value != NULL && g_ascii_strcasecmp(value, "high") == 0)
		return "high";
	if (value != NULL && g_ascii_strcasecmp(value, "low") == 0)
		return "low";
	if (value == NULL && priority != NULL && (*priority == '1' || *priority == '2'))
		return "high";
	if (value == NULL && priority != NULL && (*priority == '4' || *priority == '5'))
		return "low";
	return "normal";
}

/*
 * Each encoded word is whole in itself (RFC 2047 2, 6.2): base64 that ends in padding does not end the words behind it.
 * The blanks between two of them do not count.
 */
static char *
decode_words(const char *raw)
{
	g_autofree char *unfolded = g_mime_utils_header_unfold(raw);
	GString *text = g_string_new(NULL);
	const char *begin = unfolded;
	const char *end = unfolded;
	g_autofree char *rest = NULL;

	g_strstrip(unfolded);
	while ((end = strstr(end, "=?=")) != NULL) {
		const char *next = end + 3 + strspn(end + 3, " \t");

		end += 3;
		if (next > end && g_str_has_prefix(next, "=?")) {
			g_autofree char *words = g_strndup(begin, (gsize)(end - begin));
			g_autofree char *decoded = g_mime_utils_header_decode_text(NULL, words);

			g_string_append(text, decoded);
			begin = end = next;
		}
	}
	rest = g_mime_utils_header_decode_text(NULL, begin);
	g_string_append(text, rest);
	return g_string_free(text, FALSE);
}

/* Of several, the first: which one the service takes is not documented. */
static char *
read_subject(GMimeMessage *message)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(header);

		if (g_ascii_strcasecmp(g_mime_header_get_name(header), "Subject") == 0 && raw != NULL) {
			g_autofree char *text = decode_words(raw);

			return clean(text);
		}
	}
	return g_strdup("");
}

typedef struct {
	SimContent *content;
	gboolean has_text;
} Walk;

static GBytes *
write_object(GMimeObject *object)
{
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	GByteArray *array = g_byte_array_new();

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), array);
	g_mime_object_write_to_stream(object, NULL, stream);
	return g_byte_array_free_to_bytes(array);
}

static GBytes *
write_part(GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	GByteArray *array = g_byte_array_new();

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), array);
	if (wrapper != NULL)
		g_mime_data_wrapper_write_to_stream(wrapper, stream);
	return g_byte_array_free_to_bytes(array);
}

static void
add_attachment(Walk *walk, GMimeObject *object, gboolean related, const char *type)
{
	SimAttachment *attachment = g_new0(SimAttachment, 1);
	const char *disposition = g_mime_object_get_disposition(object);
	g_autofree char *plain_type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));

	attachment->number = walk->content->attachments->len + 1;
	attachment->content_type = clean(type != NULL ? type : plain_type);
	attachment->content_id = clean(g_mime_object_get_content_id(object));
	attachment->is_inline = attachment->content_id != NULL &&
				(related || (disposition != NULL && g_ascii_strcasecmp(disposition, "inline") == 0));
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

		attachment->is_item = TRUE;
		attachment->name = clean(inner != NULL ? g_mime_message_get_subject(inner) : NULL);
		attachment->content = inner != NULL ? write_object(GMIME_OBJECT(inner)) : g_bytes_new_static("", 0);
	} else if (GMIME_IS_PART(object)) {
		attachment->name = clean(g_mime_part_get_filename(GMIME_PART(object)));
		attachment->content_location = clean(g_mime_part_get_content_location(GMIME_PART(object)));
		attachment->content = write_part(GMIME_PART(object));
	} else {
		attachment->name = g_strdup("smime.p7m");
		attachment->content = write_object(object);
	}
	if (attachment->name == NULL || *attachment->name == '\0') {
		g_free(attachment->name);
		attachment->name = g_strdup_printf("ATT%05u.%s", attachment->number,
						   g_str_has_prefix(attachment->content_type, "text/") ? "txt" : "bin");
	}
	g_ptr_array_add(walk->content->attachments, attachment);
}

static gboolean
take_text(Walk *walk, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *disposition = g_mime_object_get_disposition(object);
	gboolean html = g_mime_content_type_is_type(type, "text", "html");
	g_autofree char *text = NULL;
	char *valid;

	if (!GMIME_IS_TEXT_PART(object) || (!html && !g_mime_content_type_is_type(type, "text", "plain")) ||
	    (disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0) ||
	    (walk->has_text && (walk->content->html || !html)))
		return FALSE;
	text = g_mime_text_part_get_text(GMIME_TEXT_PART(object));
	valid = sim_text_clean(text != NULL ? text : "", -1);
	g_free(walk->content->text);
	walk->content->text = valid;
	walk->content->html = html;
	walk->has_text = TRUE;
	return TRUE;
}

static void
walk_object(Walk *walk, GMimeObject *object, gboolean related, guint depth)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	if (depth > MAX_DEPTH)
		return;
	if (GMIME_IS_MULTIPART(object)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));
		gboolean is_related = g_mime_content_type_is_type(type, "multipart", "related");
		const char *protocol = g_mime_content_type_get_parameter(type, "protocol");

		/* [MS-OXOSMIME]: the signed entity is kept as one attachment (CHECKED 7, 28) */
		if (g_mime_content_type_is_type(type, "multipart", "signed") && protocol != NULL &&
		    strstr(protocol, "pkcs7-signature") != NULL) {
			Walk inner = {sim_content_new(), FALSE};

			if (n > 0)
				walk_object(&inner, g_mime_multipart_get_part(GMIME_MULTIPART(object), 0), FALSE,
					    depth + 1);
			if (!walk->has_text) {
				g_free(walk->content->text);
				walk->content->text = g_strdup(inner.content->text);
				walk->content->html = inner.content->html;
				walk->has_text = inner.has_text;
			}
			sim_content_free(inner.content);
			add_attachment(walk, object, FALSE, "multipart/signed");
			return;
		}
		for (int i = 0; i < n; i++)
			walk_object(walk, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), is_related && i > 0,
				    depth + 1);
		return;
	}
	if (!take_text(walk, object))
		add_attachment(walk, object, related, NULL);
}

static SimContent *
read_content(GMimeMessage *message)
{
	Walk walk = {sim_content_new(), FALSE};
	GMimeObject *part = g_mime_message_get_mime_part(message);

	if (part != NULL)
		walk_object(&walk, part, FALSE, 0);
	return walk.content;
}

SimContent *
sim_mime_read_content(GBytes *mime)
{
	g_autoptr(GMimeMessage) message = parse(mime);

	return message != NULL ? read_content(message) : sim_content_new();
}

void
sim_mime_read_message(SimMessage *self, GBytes *mime)
{
	g_autoptr(GMimeMessage) message = parse(mime);
	g_autoptr(SimContent) content = NULL;
	const char *index;

	g_clear_pointer(&self->mime, g_bytes_unref);
	self->mime = g_bytes_ref(mime);
	self->size = g_bytes_get_size(mime);
	if (message == NULL) {
		self->subject = g_strdup("");
		self->preview = g_strdup("");
		return;
	}
	content = read_content(message);
	g_free(self->subject);
	self->subject = read_subject(message);
	g_free(self->internet_message_id);
	self->internet_message_id = NULL;
	if (g_mime_message_get_message_id(message) != NULL) {
		g_autofree char *id = clean(g_mime_message_get_message_id(message));

		self->internet_message_id = g_strdup_printf("<%s>", id);
	}
	g_clear_pointer(&self->from, sim_address_free);
	self->from = read_first_address(g_mime_message_get_from(message));
	g_clear_pointer(&self->sender, sim_address_free);
	self->sender = read_first_address(g_mime_message_get_sender(message));
	if (self->sender == NULL && self->from != NULL)
		self->sender = sim_address_new(self->from->name, self->from->address);
	sim_message_set_recipients(&self->to, read_addresses(g_mime_message_get_to(message)));
	sim_message_set_recipients(&self->cc, read_addresses(g_mime_message_get_cc(message)));
	sim_message_set_recipients(&self->bcc, read_addresses(g_mime_message_get_bcc(message)));
	sim_message_set_recipients(&self->reply_to, read_addresses(g_mime_message_get_reply_to(message)));
	self->sent = read_date(message, g_get_real_time() / G_USEC_PER_SEC);
	self->conversation = read_conversation(message, self->internet_message_id, self->subject);
	index = g_mime_object_get_header(GMIME_OBJECT(message), "Thread-Index");
	g_free(self->conversation_index);
	self->conversation_index = clean(index);
	self->importance = read_importance(GMIME_OBJECT(message));
	self->wants_read_receipt =
		g_mime_object_get_header(GMIME_OBJECT(message), "Disposition-Notification-To") != NULL;
	self->wants_delivery_receipt =
		g_mime_object_get_header(GMIME_OBJECT(message), "Return-Receipt-To") != NULL ? TRUE : -1;
	self->has_attachments = FALSE;
	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *attachment = g_ptr_array_index(content->attachments, i);

		if (!attachment->is_inline)
			self->has_attachments = TRUE;
	}
	g_free(self->preview);
	self->preview = sim_text_preview(content->text, content->html);
}

static void
add_headers(GPtrArray *headers, GMimeObject *object)
{
	GMimeHeaderList *list = object != NULL ? g_mime_object_get_header_list(object) : NULL;
	int n = list != NULL ? g_mime_header_list_get_count(list) : 0;

	for (int i = 0; i < n; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(header);
		g_autofree char *name = clean(g_mime_header_get_name(header));
		g_autofree char *unfolded = clean(raw != NULL ? raw : "");

		g_strstrip(g_strdelimit(unfolded, "\r\n\t", ' '));
		g_ptr_array_add(headers, sim_header_new(name, unfolded));
	}
}

/* GMime gives the fields that describe the content to the part below. */
GPtrArray *
sim_mime_read_headers(GBytes *mime)
{
	g_autoptr(GMimeMessage) message = parse(mime);
	GPtrArray *headers = g_ptr_array_new_with_free_func((GDestroyNotify)sim_header_free);

	if (message != NULL) {
		add_headers(headers, GMIME_OBJECT(message));
		add_headers(headers, g_mime_message_get_mime_part(message));
	}
	return headers;
}

gboolean
sim_mime_has_empty_group(GBytes *mime)
{
	g_autoptr(GMimeMessage) message = parse(mime);
	GMimeAddressType types[] = {GMIME_ADDRESS_TYPE_TO, GMIME_ADDRESS_TYPE_CC, GMIME_ADDRESS_TYPE_BCC};

	for (guint i = 0; message != NULL && i < G_N_ELEMENTS(types); i++) {
		InternetAddressList *list = g_mime_message_get_addresses(message, types[i]);
		int n = list != NULL ? internet_address_list_length(list) : 0;

		for (int j = 0; j < n; j++) {
			InternetAddress *address = internet_address_list_get_address(list, j);

			if (INTERNET_ADDRESS_IS_GROUP(address) &&
			    internet_address_list_length(
				    internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address))) == 0)
				return TRUE;
		}
	}
	return FALSE;
}
