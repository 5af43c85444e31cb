/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-draft.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "store-error.h"
#include "store-mime.h"
#include "store-text.h"

/* RFC 2045 5.1; a value of it needs no quotes. */
#define TOKEN G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "!#$%&'*+-.^_`{|}~"

void
store_part_free(StorePart *self)
{
	graph_attachment_free(self->about);
	g_object_unref(self->object);
	g_free(self);
}

StorePart *
store_part_copy(const StorePart *self)
{
	StorePart *copy = g_memdup2(self, sizeof *self);

	copy->about = g_memdup2(self->about, sizeof *self->about);
	copy->about->name = g_strdup(self->about->name);
	copy->about->content_type = g_strdup(self->about->content_type);
	copy->about->content_id = g_strdup(self->about->content_id);
	g_object_ref(copy->object);
	return copy;
}

void
store_draft_free(StoreDraft *self)
{
	g_clear_pointer(&self->message, graph_draft_free);
	g_ptr_array_unref(self->parts);
	g_free(self);
}

static gboolean
is_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *content_type = g_mime_object_get_content_type(object);

	return content_type != NULL && g_mime_content_type_is_type(content_type, type, subtype);
}

static char *
get_text(GMimeObject *object)
{
	g_autofree char *raw = g_mime_text_part_get_text(GMIME_TEXT_PART(object));

	return g_utf8_make_valid(raw != NULL ? raw : "", -1);
}

static void
append_text(GraphDraft *message, GMimeObject *object, gboolean is_html)
{
	g_autofree char *text = get_text(object);
	g_autofree char *escaped = NULL;
	g_autofree char *before = g_steal_pointer(&message->body);

	if (before == NULL) {
		message->is_html = is_html;
		message->body = g_steal_pointer(&text);
		return;
	}
	if (message->is_html && !is_html)
		escaped = g_markup_escape_text(text, -1);
	message->body = escaped != NULL ? g_strconcat(before, "<pre>", escaped, "</pre>", NULL)
					: g_strconcat(before, g_str_has_suffix(before, "\n") ? "" : "\r\n", text, NULL);
}

/* A name that a file can have anywhere; the service wants one. */
static char *
clean_name(const char *name, const char *fallback)
{
	g_autofree char *clean = store_text_clean(name);

	if (clean == NULL || *g_strstrip(clean) == '\0')
		return g_strdup(fallback);
	return g_strdelimit(g_steal_pointer(&clean), "/\\", '_');
}

static char *
name_part(GMimeObject *object)
{
	const char *name = GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object)) : NULL;
	g_autofree char *subject = NULL;

	if (name == NULL)
		name = g_mime_object_get_content_disposition_parameter(object, "filename");
	if (name == NULL)
		name = g_mime_object_get_content_type_parameter(object, "name");
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		const char *title = inner != NULL ? g_mime_message_get_subject(inner) : NULL;

		if (title != NULL && *title != '\0')
			subject = g_strconcat(title, ".eml", NULL);
		return clean_name(name != NULL ? name : subject, "message.eml");
	}
	if (is_type(object, "text", "calendar"))
		return clean_name(name, "invite.ics");
	if (is_type(object, "application", "pgp-signature"))
		return clean_name(name, "signature.asc");
	if (is_type(object, "text", "html"))
		return clean_name(name, "text.html");
	if (is_type(object, "text", "*"))
		return clean_name(name, "text.txt");
	if (is_type(object, "image", "*"))
		return clean_name(name, "image");
	return clean_name(name, "attachment");
}

/* Decoded, or an attached message as it is but for line ends. */
static gboolean
write_part(StorePart *self, GMimeStream *stream)
{
	g_autoptr(GMimeFormatOptions) options = g_mime_format_options_new();
	gboolean written;

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);

	if (GMIME_IS_MESSAGE_PART(self->object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(self->object));

		written = inner == NULL || g_mime_object_write_to_stream(GMIME_OBJECT(inner), options, stream) >= 0;
	} else {
		GMimeDataWrapper *content =
			GMIME_IS_PART(self->object) ? g_mime_part_get_content(GMIME_PART(self->object)) : NULL;

		written = content == NULL || g_mime_data_wrapper_write_to_stream(content, stream) >= 0;
	}
	return written && g_mime_stream_flush(stream) == 0;
}

guint64
store_part_measure(StorePart *self)
{
	g_autoptr(GMimeStream) null = g_mime_stream_null_new();

	write_part(self, null);
	return (guint64)MAX(0, g_mime_stream_tell(null));
}

static void
measure(StorePart *self)
{
	GMimeDataWrapper *content;
	gint64 length;

	if (GMIME_IS_MESSAGE_PART(self->object)) {
		self->encoded = self->bound = (gsize)store_part_measure(self);
		return;
	}
	content = GMIME_IS_PART(self->object) ? g_mime_part_get_content(GMIME_PART(self->object)) : NULL;
	length = content != NULL ? g_mime_stream_length(g_mime_data_wrapper_get_stream(content)) : 0;
	self->encoded = self->bound = (gsize)MAX(0, length);
	if (length > 0 && g_mime_data_wrapper_get_encoding(content) == GMIME_CONTENT_ENCODING_BASE64)
		self->bound = self->encoded / 4 * 3 + 3;
}

/* A text is nothing without its charset, and an invitation without its method (RFC 6047). */
static char *
write_type(GMimeObject *object)
{
	static const char *const kept[] = {"charset", "method"};
	GMimeContentType *type = g_mime_object_get_content_type(object);
	g_autofree char *bare = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;
	GString *text = bare != NULL ? g_string_new(bare) : NULL;

	if (text == NULL)
		return NULL;
	for (guint i = 0; is_type(object, "text", "*") && i < G_N_ELEMENTS(kept); i++) {
		const char *value = g_mime_content_type_get_parameter(type, kept[i]);

		if (value != NULL && *value != '\0' && value[strspn(value, TOKEN)] == '\0')
			g_string_append_printf(text, "; %s=%s", kept[i], value);
	}
	return g_string_free(text, FALSE);
}

static StorePart *
add_part(StoreDraft *self, GMimeObject *object, gboolean related)
{
	const char *content_id = g_mime_object_get_content_id(object);
	const char *disposition = g_mime_object_get_disposition(object);
	StorePart *part = g_new0(StorePart, 1);

	part->object = g_object_ref(object);
	part->about = g_new0(GraphAttachment, 1);
	part->about->name = name_part(object);
	part->about->content_type = write_type(object);
	part->about->content_id = content_id != NULL && *content_id != '\0' ? g_strdup(content_id) : NULL;
	part->about->is_inline = part->about->content_id != NULL &&
				 g_ascii_strcasecmp(disposition != NULL ? disposition : "", "attachment") != 0 &&
				 (related || disposition != NULL);
	measure(part);
	g_ptr_array_add(self->parts, part);
	return part;
}

static gboolean
is_attachment(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);

	return (disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0) ||
	       g_mime_part_get_filename(GMIME_PART(object)) != NULL;
}

/* The index of the root of multipart/related: the one that `start` names, else the first. */
static int
find_root(GMimeMultipart *multipart)
{
	const char *start = g_mime_object_get_content_type_parameter(GMIME_OBJECT(multipart), "start");
	g_autofree char *id = start != NULL ? g_mime_utils_decode_message_id(start) : NULL;

	for (int i = 0; id != NULL && i < g_mime_multipart_get_count(multipart); i++) {
		if (g_strcmp0(g_mime_object_get_content_id(g_mime_multipart_get_part(multipart, i)), id) == 0)
			return i;
	}
	return 0;
}

static gboolean
holds_text(GMimeObject *object, const char *subtype)
{
	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++) {
			if (holds_text(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), subtype))
				return TRUE;
		}
		return FALSE;
	}
	return is_type(object, "text", subtype) && !is_attachment(object);
}

/* The last one with HTML, else the first with plain text; -1 if there is neither. */
static int
choose(GMimeMultipart *multipart)
{
	int chosen = -1;

	for (int i = g_mime_multipart_get_count(multipart) - 1; i >= 0; i--) {
		GMimeObject *object = g_mime_multipart_get_part(multipart, i);

		if (holds_text(object, "html"))
			return i;
		if (holds_text(object, "plain"))
			chosen = i;
	}
	return chosen;
}

/* Does the body show by `cid:` (RFC 2392) what is called @content_id? */
static gboolean
shows(const GraphDraft *message, const char *content_id)
{
	g_autofree char *link = g_strconcat("cid:", content_id, NULL);
	g_autofree char *escaped = g_uri_escape_string(content_id, "@", FALSE);
	g_autofree char *other = g_strconcat("cid:", escaped, NULL);
	const char *const links[] = {link, other};

	for (guint i = 0; message->is_html && i < G_N_ELEMENTS(links); i++) {
		for (const char *at = message->body; (at = strstr(at, links[i])) != NULL; at++) {
			if (strchr("\"'>)&; \t\r\n", at[strlen(links[i])]) != NULL)
				return TRUE;
		}
	}
	return FALSE;
}

/* What hangs on a text that gave way to a better one. @alternative: it may be such a text itself, of whatever type. */
static void
keep_files(StoreDraft *self, GMimeObject *object, gboolean alternative)
{
	StorePart *part;

	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
			keep_files(self, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), FALSE);
		return;
	}
	if (is_type(object, "text", "*") && !is_type(object, "text", "calendar") && !is_attachment(object) &&
	    (alternative || is_type(object, "text", "plain") || is_type(object, "text", "html")))
		return;
	part = add_part(self, object, TRUE);
	part->about->is_inline = part->about->is_inline && shows(self->message, part->about->content_id);
}

static void walk(StoreDraft *self, GMimeObject *object, gboolean related);

static void
walk_multipart(StoreDraft *self, GMimeMultipart *multipart, gboolean related)
{
	gboolean alternative = is_type(GMIME_OBJECT(multipart), "multipart", "alternative");
	gboolean is_related = is_type(GMIME_OBJECT(multipart), "multipart", "related");
	int first = alternative ? choose(multipart) : is_related ? find_root(multipart) : -1;

	if (first >= 0 && first < g_mime_multipart_get_count(multipart))
		walk(self, g_mime_multipart_get_part(multipart, first), related);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
		GMimeObject *object = g_mime_multipart_get_part(multipart, i);

		if (i == first)
			continue;
		if (alternative && first >= 0)
			keep_files(self, object, TRUE);
		else
			walk(self, object, related || is_related);
	}
}

static void
walk(StoreDraft *self, GMimeObject *object, gboolean related)
{
	gboolean is_html;

	if (GMIME_IS_MULTIPART(object)) {
		walk_multipart(self, GMIME_MULTIPART(object), related);
		return;
	}
	is_html = is_type(object, "text", "html");
	if (GMIME_IS_TEXT_PART(object) && (is_html || is_type(object, "text", "plain")) && !is_attachment(object) &&
	    (self->message->body == NULL || !is_html || self->message->is_html))
		append_text(self->message, object, is_html);
	else
		add_part(self, object, related);
}

/* A name without an address is nobody to the service. */
static void
add_mailbox(GPtrArray *recipients, const char *name, const char *address)
{
	g_autofree char *clean = store_text_clean(address);

	if (clean != NULL && *g_strstrip(clean) != '\0')
		g_ptr_array_add(recipients, graph_recipient_new(name, clean));
}

static void
add_recipients(GPtrArray *recipients, InternetAddressList *list)
{
	for (int i = 0; list != NULL && i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		g_autofree char *name = store_text_clean(internet_address_get_name(address));

		if (INTERNET_ADDRESS_IS_GROUP(address))
			add_recipients(recipients, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)));
		else
			add_mailbox(recipients, name,
				    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
	}
}

/* What a mail got on its way, or what JSON says in members of its own: it gives way to what its author wrote. */
static gboolean
is_stamp(const char *name)
{
	static const char *const begins[] = {"X-MS-",	"X-Microsoft-", "X-Forefront-", "X-Exchange-", "X-EOP",
					     "X-Spam",	"X-Virus",	"X-Received",	"X-Google-",   "X-Gm-",
					     "X-Orig",	"X-Priority",	"X-MSMail-",	"X-Envelope",  "X-Delivered",
					     "X-Proof", "X-Mimecast",	"X-Sender"};

	for (guint i = 0; i < G_N_ELEMENTS(begins); i++) {
		if (g_ascii_strncasecmp(name, begins[i], strlen(begins[i])) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
read_headers_of(GMimeMessage *mime, GraphDraft *draft, gboolean stamps)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(mime));

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header);

		if (draft->headers->len >= 2 * GRAPH_DRAFT_MOST_HEADERS)
			return;
		if (g_ascii_strncasecmp(name, "x-", 2) != 0 || is_stamp(name) != stamps)
			continue;
		g_ptr_array_add(draft->headers, g_strdup(name));
		g_ptr_array_add(draft->headers, store_text_clean(g_mime_header_get_value(header)));
	}
}

static void
read_envelope(GMimeMessage *mime, GraphDraft *draft)
{
	g_autoptr(GPtrArray) from = g_ptr_array_new_with_free_func((GDestroyNotify)graph_recipient_free);
	g_autofree char *subject = store_mime_dup_subject(mime);
	const char *id = g_mime_message_get_message_id(mime);

	draft->subject = store_text_clean(subject);
	add_recipients(from, g_mime_message_get_addresses(mime, GMIME_ADDRESS_TYPE_FROM));
	if (from->len > 0)
		draft->from = g_ptr_array_steal_index(from, 0);
	add_recipients(draft->to, g_mime_message_get_addresses(mime, GMIME_ADDRESS_TYPE_TO));
	add_recipients(draft->cc, g_mime_message_get_addresses(mime, GMIME_ADDRESS_TYPE_CC));
	add_recipients(draft->bcc, g_mime_message_get_addresses(mime, GMIME_ADDRESS_TYPE_BCC));
	add_recipients(draft->reply_to, g_mime_message_get_addresses(mime, GMIME_ADDRESS_TYPE_REPLY_TO));
	if (id != NULL && *id != '\0')
		draft->internet_message_id = g_strdup_printf("<%s>", id);
	draft->importance = store_mime_get_importance(mime);
	draft->wants_read_receipt = g_mime_object_get_header(GMIME_OBJECT(mime), "Disposition-Notification-To") != NULL;
	draft->wants_delivery_receipt = g_mime_object_get_header(GMIME_OBJECT(mime), "Return-Receipt-To") != NULL;
}

StoreDraft *
store_draft_new(GMimeMessage *message)
{
	StoreDraft *self = g_new0(StoreDraft, 1);
	GMimeObject *root = g_mime_message_get_mime_part(message);

	self->message = graph_draft_new();
	self->parts = g_ptr_array_new_with_free_func((GDestroyNotify)store_part_free);
	read_envelope(message, self->message);
	read_headers_of(message, self->message, FALSE);
	read_headers_of(message, self->message, TRUE);
	if (root != NULL)
		walk(self, root, FALSE);
	if (self->message->body == NULL)
		self->message->body = g_strdup("");
	return self;
}

int
store_part_open(StorePart *self, const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, "part-XXXXXX", NULL);
	g_autoptr(GMimeStream) stream = NULL;
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	gint64 length = -1;

	if (fd >= 0) {
		g_unlink(path);
		stream = g_mime_stream_fs_new(fd);
		g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream), FALSE);
		if (write_part(self, stream))
			length = g_mime_stream_tell(stream);
	}
	if (length < 0) {
		int code = errno;

		if (fd >= 0)
			close(fd);
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, _("An attachment cannot be written to disk: %s"),
			    g_strerror(code));
		return -1;
	}
	self->about->size = (guint64)length;
	return fd;
}

GBytes *
store_part_get_bytes(StorePart *self)
{
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	GByteArray *bytes;

	write_part(self, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	self->about->size = bytes->len;
	return g_bytes_new(bytes->data, bytes->len);
}

void
store_draft_set_envelope(GraphDraft *message, const char *const *recipients)
{
	g_autoptr(GHashTable) named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *lists[] = {message->to, message->cc};

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
		for (guint j = 0; j < lists[i]->len; j++) {
			const GraphRecipient *recipient = g_ptr_array_index(lists[i], j);

			g_hash_table_add(named, store_mime_fold_address(recipient->address));
		}
	}
	g_ptr_array_set_size(message->bcc, 0);
	for (guint i = 0; recipients != NULL && recipients[i] != NULL; i++) {
		g_autofree char *folded = store_mime_fold_address(recipients[i]);

		if (g_hash_table_contains(named, folded))
			continue;
		g_hash_table_add(named, g_steal_pointer(&folded));
		g_ptr_array_add(message->bcc, graph_recipient_new(NULL, recipients[i]));
	}
}

GraphDraft *
store_draft_read_head(GMimeMessage *message, const char *const *recipients)
{
	GraphDraft *head = graph_draft_new();

	read_envelope(message, head);
	store_draft_set_envelope(head, recipients);
	return head;
}
