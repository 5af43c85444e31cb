/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-mime.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "store-error.h"

#define MADE_ID_END "@outlook.invalid>"

/* Reads @mime where it lies; GMime's own stream over a buffer would copy all of it. */
static GMimeStream *
open_bytes(GBytes *mime)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(mime, &length);
	GByteArray *view = g_new0(GByteArray, 1);
	GMimeStream *stream;

	view->data = (guint8 *)data;
	view->len = (guint)length;
	stream = g_mime_stream_mem_new_with_byte_array(view);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_object_set_data_full(G_OBJECT(stream), "view", view, g_free);
	g_object_set_data_full(G_OBJECT(stream), "bytes", g_bytes_ref(mime), (GDestroyNotify)g_bytes_unref);
	return stream;
}

GMimeMessage *
store_mime_parse(GBytes *mime, GError **error)
{
	gsize length = g_bytes_get_size(mime);
	g_autoptr(GMimeStream) stream = NULL;
	g_autoptr(GMimeParser) parser = NULL;
	GMimeMessage *message;

	g_mime_init();
	stream = open_bytes(mime);
	parser = g_mime_parser_new_with_stream(stream);
	message = length > 0 ? g_mime_parser_construct_message(parser, NULL) : NULL;
	if (message != NULL && g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(message))) > 0)
		return message;
	g_clear_object(&message);
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_INVALID, _("This is not a mail: it has no header."));
	return NULL;
}

/* Each encoded word is whole in itself (RFC 2047 2); the blanks between two of them do not count. */
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

char *
store_mime_dup_subject(GMimeMessage *message)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);

		if (g_ascii_strcasecmp(g_mime_header_get_name(header), "Subject") == 0)
			return decode_words(g_mime_header_get_raw_value(header));
	}
	return NULL;
}

static char *
format_addresses(GMimeMessage *message, GMimeAddressType type)
{
	InternetAddressList *list = g_mime_message_get_addresses(message, type);

	if (list == NULL || internet_address_list_length(list) == 0)
		return NULL;
	return internet_address_list_to_string(list, NULL, FALSE);
}

static char *
format_ids(GMimeMessage *message, const char *header)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(message), header);
	g_autoptr(GMimeReferences) references = value != NULL ? g_mime_references_parse(NULL, value) : NULL;
	GString *text = g_string_new(NULL);

	for (int i = 0; references != NULL && i < g_mime_references_length(references); i++)
		g_string_append_printf(text, "%s<%s>", i > 0 ? " " : "",
				       g_mime_references_get_message_id(references, i));
	return g_string_free(text, text->len == 0);
}

static char *
format_id(GMimeMessage *message)
{
	const char *id = g_mime_message_get_message_id(message);

	return id != NULL && *id != '\0' ? g_strdup_printf("<%s>", id) : NULL;
}

static void
look_for_attachment(GMimeObject *parent, GMimeObject *part, gpointer found)
{
	if (GMIME_IS_PART(part) && g_mime_part_is_attachment(GMIME_PART(part)))
		*(gboolean *)found = TRUE;
}

GraphMessage *
store_mime_describe(GMimeMessage *message)
{
	GraphMessage *self = g_new0(GraphMessage, 1);
	GDateTime *date = g_mime_message_get_date(message);

	self->fields = GRAPH_MESSAGE_ENVELOPE | GRAPH_MESSAGE_REFERENCES | GRAPH_MESSAGE_ATTACHMENT;
	self->subject = store_mime_dup_subject(message);
	self->from = format_addresses(message, GMIME_ADDRESS_TYPE_FROM);
	self->to = format_addresses(message, GMIME_ADDRESS_TYPE_TO);
	self->cc = format_addresses(message, GMIME_ADDRESS_TYPE_CC);
	self->reply_to = format_addresses(message, GMIME_ADDRESS_TYPE_REPLY_TO);
	self->internet_message_id = format_id(message);
	self->in_reply_to = format_ids(message, "In-Reply-To");
	self->references = format_ids(message, "References");
	self->sent = date != NULL ? g_date_time_to_unix(date) : 0;
	self->received = g_get_real_time() / G_USEC_PER_SEC;
	g_mime_message_foreach(message, look_for_attachment, &self->has_attachments);
	return self;
}

GraphImportance
store_mime_get_importance(GMimeMessage *message)
{
	const char *word = g_mime_object_get_header(GMIME_OBJECT(message), "Importance");
	const char *digit = g_mime_object_get_header(GMIME_OBJECT(message), "X-Priority");

	if (word != NULL)
		return g_ascii_strncasecmp(word, "high", 4) == 0  ? GRAPH_IMPORTANCE_HIGH
		       : g_ascii_strncasecmp(word, "low", 3) == 0 ? GRAPH_IMPORTANCE_LOW
								  : GRAPH_IMPORTANCE_NORMAL;
	if (digit == NULL || strchr("1245", *digit) == NULL || *digit == '\0')
		return GRAPH_IMPORTANCE_NORMAL;
	return *digit <= '2' ? GRAPH_IMPORTANCE_HIGH : GRAPH_IMPORTANCE_LOW;
}

static gboolean
is_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *content_type = g_mime_object_get_content_type(object);

	return content_type != NULL && g_mime_content_type_is_type(content_type, type, subtype);
}

static gboolean
holds_seal(GMimeObject *object)
{
	if (GMIME_IS_MULTIPART_SIGNED(object) || GMIME_IS_MULTIPART_ENCRYPTED(object))
		return TRUE;
	for (int i = 0; GMIME_IS_MULTIPART(object) && i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++) {
		if (holds_seal(g_mime_multipart_get_part(GMIME_MULTIPART(object), i)))
			return TRUE;
	}
	return FALSE;
}

gboolean
store_mime_is_sealed(GMimeMessage *message)
{
	GMimeObject *root = g_mime_message_get_mime_part(message);

	return root != NULL && (is_type(root, "application", "pkcs7-mime") ||
				is_type(root, "application", "x-pkcs7-mime") || holds_seal(root));
}

static const char *
get_line_end(const char *data, gsize length)
{
	const char *end = memchr(data, '\n', length);

	return end != NULL && (end == data || end[-1] != '\r') ? "\n" : "\r\n";
}

/* @line: folded, if at all, with "\n"; it gets the line ends of @mime. */
static GBytes *
prepend_line(GBytes *mime, const char *line)
{
	gsize length;
	const char *data = g_bytes_get_data(mime, &length);
	const char *line_end = get_line_end(data, length);
	g_autoptr(GString) folded = g_string_new(line);
	GByteArray *bytes;

	g_string_replace(folded, "\n", line_end, 0);
	bytes = g_byte_array_sized_new(length + folded->len + 2);
	g_byte_array_append(bytes, (const guint8 *)folded->str, folded->len);
	g_byte_array_append(bytes, (const guint8 *)line_end, strlen(line_end));
	g_byte_array_append(bytes, (const guint8 *)data, length);
	return g_byte_array_free_to_bytes(bytes);
}

char *
store_mime_dup_id(GMimeMessage *message, gboolean *made)
{
	char *id = format_id(message);
	g_autofree char *uuid = NULL;

	*made = id == NULL;
	if (id != NULL)
		return id;
	uuid = g_uuid_string_random();
	return g_strdup_printf("<%s" MADE_ID_END, uuid);
}

gboolean
store_mime_is_made_id(const char *message_id)
{
	return g_str_has_suffix(message_id, MADE_ID_END);
}

GBytes *
store_mime_ensure_id(GBytes *mime, GMimeMessage *message, char **message_id)
{
	g_autofree char *line = NULL;
	gboolean made;

	*message_id = store_mime_dup_id(message, &made);
	if (!made)
		return g_bytes_ref(mime);
	line = g_strdup_printf("Message-ID: %s", *message_id);
	return prepend_line(mime, line);
}

char *
store_mime_fold_address(const char *address)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = at != NULL ? g_hostname_to_ascii(at + 1) : NULL;
	g_autofree char *whole =
		domain != NULL ? g_strdup_printf("%.*s@%s", (int)(at - address), address, domain) : g_strdup(address);

	return g_utf8_strdown(whole, -1);
}

static void
collect(InternetAddressList *list, GHashTable *addresses)
{
	for (int i = 0; list != NULL && i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);

		if (INTERNET_ADDRESS_IS_GROUP(address))
			collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), addresses);
		else if (internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)) != NULL)
			g_hash_table_add(addresses, store_mime_fold_address(internet_address_mailbox_get_addr(
							    INTERNET_ADDRESS_MAILBOX(address))));
	}
}

/* Where the header called @name begins and ends, folded lines and line end included. */
static gboolean
find_header(const char *data, gsize length, const char *name, gsize *start, gsize *end)
{
	gsize name_length = strlen(name);

	for (gsize line = 0; line < length && data[line] != '\n' && data[line] != '\r';) {
		gsize next = line;
		gboolean found = length - line > name_length &&
				 g_ascii_strncasecmp(data + line, name, name_length) == 0 &&
				 data[line + name_length] == ':';

		do {
			const char *newline = memchr(data + next, '\n', length - next);

			next = newline != NULL ? (gsize)(newline - data) + 1 : length;
		} while (next < length && (data[next] == ' ' || data[next] == '\t'));
		*start = line;
		*end = next;
		if (found)
			return TRUE;
		line = next;
	}
	return FALSE;
}

static GBytes *
remove_header(GBytes *mime, const char *name)
{
	g_autoptr(GBytes) left = g_bytes_ref(mime);
	gsize start;
	gsize end;

	while (find_header(g_bytes_get_data(left, NULL), g_bytes_get_size(left), name, &start, &end)) {
		GByteArray *bytes = g_byte_array_sized_new(g_bytes_get_size(left));
		const guint8 *data = g_bytes_get_data(left, NULL);

		g_byte_array_append(bytes, data, start);
		g_byte_array_append(bytes, data + end, g_bytes_get_size(left) - end);
		g_bytes_unref(left);
		left = g_byte_array_free_to_bytes(bytes);
	}
	return g_steal_pointer(&left);
}

static gboolean
is_empty_group(InternetAddress *address)
{
	return INTERNET_ADDRESS_IS_GROUP(address) &&
	       internet_address_list_length(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address))) == 0;
}

/* A header line without the groups that have no members; %NULL if there are none. */
static char *
write_members(InternetAddressList *list, const char *name)
{
	InternetAddressList *members = internet_address_list_new();
	GString *line = g_string_new(name);
	g_autofree char *text = NULL;
	gboolean changed;

	for (int i = 0; i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);

		if (!is_empty_group(address))
			internet_address_list_add(members, address);
	}
	g_string_append(line, ": ");
	internet_address_list_encode(members, NULL, line);
	changed = internet_address_list_length(members) < internet_address_list_length(list);
	g_object_unref(members);
	text = g_strchomp(g_string_free(line, FALSE));
	return changed ? g_steal_pointer(&text) : NULL;
}

/* The service refuses a mail for a group without members, whoever else it goes to (CHECKED 6). */
static GBytes *
drop_nobody(GBytes *mime, GMimeMessage *message, GMimeAddressType type, const char *name)
{
	InternetAddressList *list = g_mime_message_get_addresses(message, type);
	g_autoptr(GHashTable) named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GBytes) bare = NULL;
	g_autofree char *line = NULL;

	collect(list, named);
	if (g_hash_table_size(named) == 0)
		return remove_header(mime, name);
	line = write_members(list, name);
	if (line == NULL)
		return g_bytes_ref(mime);
	bare = remove_header(mime, name);
	return prepend_line(bare, line);
}

/* Turns a text part; goes neither into a signed or encrypted multipart nor into an attached message. */
static gboolean
recode(GMimeObject *object)
{
	gboolean changed = FALSE;

	if (GMIME_IS_MULTIPART_SIGNED(object) || GMIME_IS_MULTIPART_ENCRYPTED(object))
		return FALSE;
	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
			changed |= recode(g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
		return changed;
	}
	if (!GMIME_IS_PART(object) ||
	    !g_mime_content_type_is_type(g_mime_object_get_content_type(object), "text", "*") ||
	    g_mime_part_get_content_encoding(GMIME_PART(object)) != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return FALSE;
	g_mime_part_set_content_encoding(GMIME_PART(object), GMIME_CONTENT_ENCODING_BASE64);
	return TRUE;
}

/* Are all signed and encrypted parts in @bytes as GMime writes them? */
static gboolean
holds_sealed_parts(GMimeObject *object, GMimeFormatOptions *options, GByteArray *bytes)
{
	if (GMIME_IS_MULTIPART_SIGNED(object) || GMIME_IS_MULTIPART_ENCRYPTED(object)) {
		g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
		GByteArray *sealed;

		g_mime_object_write_to_stream(object, options, stream);
		sealed = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
		return memmem(bytes->data, bytes->len, sealed->data, sealed->len) != NULL;
	}
	for (int i = 0; GMIME_IS_MULTIPART(object) && i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++) {
		if (!holds_sealed_parts(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), options, bytes))
			return FALSE;
	}
	return TRUE;
}

/*
 * Writing a message anew may touch more than the part that was meant, which would break a signature beside it: such a
 * mail goes as it is.
 */
static GBytes *
recode_texts(GBytes *mime, GMimeMessage *message)
{
	GMimeObject *root = g_mime_message_get_mime_part(message);
	gsize length;
	const guint8 *data = g_bytes_get_data(mime, &length);
	GByteArray original = {.data = (guint8 *)data, .len = length};
	g_autoptr(GMimeStream) stream = NULL;
	g_autoptr(GMimeFormatOptions) options = g_mime_format_options_new();
	GByteArray *bytes;

	if (g_str_equal(get_line_end((const char *)data, length), "\r\n"))
		g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	if (root == NULL || !holds_sealed_parts(root, options, &original) || !recode(root))
		return g_bytes_ref(mime);
	stream = g_mime_stream_mem_new();
	if (g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream) <= 0)
		return g_bytes_ref(mime);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	return g_bytes_new(bytes->data, bytes->len);
}

/* Those of the envelope that the header does not name, as a Bcc line; "" if there are none. */
static char *
write_bcc(const char *const *recipients, GHashTable *named)
{
	GString *line = g_string_new(NULL);

	for (guint i = 0; recipients != NULL && recipients[i] != NULL; i++) {
		g_autofree char *folded = store_mime_fold_address(recipients[i]);

		if (g_hash_table_contains(named, folded))
			continue;
		g_string_append_printf(line, "%s%s", line->len > 0 ? ",\n " : "Bcc: ", recipients[i]);
		g_hash_table_add(named, g_steal_pointer(&folded));
	}
	return g_string_free(line, FALSE);
}

/* The service takes the recipients from the header alone: a mail that names others than the envelope goes astray. */
static gboolean
check_named(GHashTable *named, const char *const *recipients, GError **error)
{
	g_autoptr(GHashTable) envelope = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer address;

	for (guint i = 0; recipients != NULL && recipients[i] != NULL; i++) {
		if (strpbrk(recipients[i], "\r\n,;<>") != NULL) {
			g_set_error_literal(error, STORE_ERROR, STORE_ERROR_INVALID,
					    _("An address of a recipient cannot be used."));
			return FALSE;
		}
		g_hash_table_add(envelope, store_mime_fold_address(recipients[i]));
	}
	if (g_hash_table_size(envelope) == 0) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_INVALID, _("The mail has no recipient."));
		return FALSE;
	}
	g_hash_table_iter_init(&iter, named);
	while (g_hash_table_iter_next(&iter, &address, NULL)) {
		if (g_hash_table_contains(envelope, address))
			continue;
		g_set_error(
			error, STORE_ERROR, STORE_ERROR_INVALID,
			_("The mail names %s as a recipient, but is not meant to go there. Outlook sends to everybody "
			  "whom a mail names. Forward it instead of redirecting it."),
			(const char *)address);
		return FALSE;
	}
	return TRUE;
}

static GHashTable *
collect_named(GMimeMessage *message)
{
	GHashTable *named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	collect(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_TO), named);
	collect(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC), named);
	return named;
}

gboolean
store_mime_check_recipients(GMimeMessage *message, const char *const *recipients, GError **error)
{
	g_autoptr(GHashTable) named = collect_named(message);

	return check_named(named, recipients, error);
}

GBytes *
store_mime_prepare(GBytes *mime, const char *const *recipients, char **message_id, GError **error)
{
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, error);
	g_autoptr(GHashTable) named = NULL;
	g_autoptr(GBytes) recoded = NULL;
	g_autoptr(GBytes) bare = NULL;
	g_autoptr(GBytes) without_to = NULL;
	g_autoptr(GBytes) mended = NULL;
	g_autoptr(GBytes) whole = NULL;
	g_autofree char *bcc = NULL;

	if (message == NULL)
		return NULL;
	named = collect_named(message);
	if (!check_named(named, recipients, error))
		return NULL;
	bcc = write_bcc(recipients, named);

	recoded = recode_texts(mime, message);
	bare = remove_header(recoded, "Bcc");
	without_to = drop_nobody(bare, message, GMIME_ADDRESS_TYPE_TO, "To");
	mended = drop_nobody(without_to, message, GMIME_ADDRESS_TYPE_CC, "Cc");
	whole = *bcc != '\0' ? prepend_line(mended, bcc) : g_bytes_ref(mended);
	return store_mime_ensure_id(whole, message, message_id);
}

GBytes *
store_mime_prepare_draft(GBytes *mime, GError **error)
{
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, error);

	return message != NULL ? recode_texts(mime, message) : NULL;
}

typedef struct {
	GMimeObject *part;
	GMimeObject *parent;
} Search;

static void
look_for_parent(GMimeObject *parent, GMimeObject *part, gpointer data)
{
	Search *search = data;

	if (part == search->part && search->parent == NULL)
		search->parent = parent;
}

static GMimeObject *
new_empty_text(void)
{
	GMimeTextPart *text = g_mime_text_part_new();

	g_mime_text_part_set_text(text, "");
	return GMIME_OBJECT(text);
}

gboolean
store_mime_take_out(GMimeMessage *message, GMimeObject *part)
{
	Search search = {part, NULL};
	GMimeObject *empty;

	g_mime_message_foreach(message, look_for_parent, &search);
	if (part == g_mime_message_get_mime_part(message)) {
		empty = new_empty_text();
		g_mime_message_set_mime_part(message, empty);
		g_object_unref(empty);
		return TRUE;
	}
	if (!GMIME_IS_MULTIPART(search.parent) || !g_mime_multipart_remove(GMIME_MULTIPART(search.parent), part))
		return FALSE;
	/* Without it the part that is the last one now would get the line end of what was. */
	GMIME_MULTIPART(search.parent)->write_end_boundary = TRUE;
	if (g_mime_multipart_get_count(GMIME_MULTIPART(search.parent)) == 0) {
		empty = new_empty_text();
		g_mime_multipart_add(GMIME_MULTIPART(search.parent), empty);
		g_object_unref(empty);
	}
	return TRUE;
}

GBytes *
store_mime_write(GMimeMessage *message)
{
	g_autoptr(GMimeFormatOptions) options = g_mime_format_options_new();
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	GByteArray *bytes;

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	return g_bytes_new(bytes->data, bytes->len);
}
