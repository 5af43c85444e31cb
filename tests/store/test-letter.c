/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "corpus.h"
#include "store-error.h"
#include "store-letter-private.h"
#include "store-mime.h"

/*
 * Every mail of the corpus goes both ways that large mail goes: as MIME without its largest attachments, and as JSON.
 * What makes it large is how little one request takes. Each text and each attachment of it has to be in what is sent,
 * once: decoded bytes, charset, name, content id. What is signed or encrypted goes as it is.
 */

#define AT_LEAST 200 /* mails of the corpus that are neither signed nor encrypted */
#define SEALED_AT_LEAST 20

#define MEGABYTES 10000000 /* more than any of them has */

static const char *const recipients[] = {"bob@contoso.example", NULL};

/* Without those who are named in it. */
static GString *
read_mail(const char *path)
{
	static const char *const names[] = {"From:", "Sender:", "To:", "Cc:", "Bcc:"};
	GString *mail = corpus_read(path);
	gsize line = 0;

	while (line < mail->len && mail->str[line] != '\r') {
		gsize end = line;
		gboolean named = FALSE;

		for (guint i = 0; i < G_N_ELEMENTS(names); i++)
			named |= g_ascii_strncasecmp(mail->str + line, names[i], strlen(names[i])) == 0;
		do {
			const char *newline = memchr(mail->str + end, '\n', mail->len - end);

			end = newline != NULL ? (gsize)(newline - mail->str) + 1 : mail->len;
		} while (end < mail->len && (mail->str[end] == ' ' || mail->str[end] == '\t'));
		if (named)
			g_string_erase(mail, line, end - line);
		else
			line = end;
	}
	g_string_prepend(mail, "From: Alice <alice@contoso.example>\r\nTo: bob@contoso.example\r\n");
	return mail;
}

/* ---- what a mail holds ---------------------------------------------------------------- */

static const char *
get_filename(GMimeObject *object)
{
	return GMIME_IS_PART(object) ? g_mime_part_get_filename(GMIME_PART(object))
				     : g_mime_object_get_content_disposition_parameter(object, "filename");
}

static GByteArray *
decode(GMimeObject *object)
{
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	g_autoptr(GMimeFormatOptions) options = g_mime_format_options_new();
	GMimeMessage *inner =
		GMIME_IS_MESSAGE_PART(object) ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)) : NULL;
	GMimeDataWrapper *content = GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;

	g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
	if (inner != NULL)
		g_mime_object_write_to_stream(GMIME_OBJECT(inner), options, stream);
	else if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	return g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
}

static char *
write_fact(const void *bytes, gsize length, GMimeContentType *type, const char *content_id, const char *name)
{
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, length);
	const char *charset = g_mime_content_type_is_type(type, "text", "*")
				      ? g_mime_content_type_get_parameter(type, "charset")
				      : NULL;
	g_autofree char *clean = g_strdup(name != NULL ? name : "");

	return g_strdup_printf("%" G_GSIZE_FORMAT " bytes, %.16s, charset %s, id %s, name %s", length, digest,
			       charset != NULL ? charset : "", content_id != NULL ? content_id : "",
			       g_strdelimit(g_strstrip(clean), "/\\", '_'));
}

static char *
describe(GMimeObject *object)
{
	g_autoptr(GByteArray) bytes = decode(object);

	return write_fact(bytes->data, bytes->len, g_mime_object_get_content_type(object),
			  g_mime_object_get_content_id(object), get_filename(object));
}

static char *
describe_part(StorePart *part)
{
	g_autoptr(GBytes) bytes = store_part_get_bytes(part);
	GMimeContentType *type = g_mime_content_type_parse(NULL, part->about->content_type);
	char *fact = write_fact(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), type, part->about->content_id,
				get_filename(part->object) != NULL ? part->about->name : NULL);

	g_object_unref(type);
	g_assert_cmpstr(part->about->name, !=, "");
	g_assert_cmpuint(part->bound, >=, g_bytes_get_size(bytes));
	return fact;
}

static void
list_leaves(GMimeObject *object, GPtrArray *leaves)
{
	if (!GMIME_IS_MULTIPART(object)) {
		g_ptr_array_add(leaves, object);
		return;
	}
	for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
		list_leaves(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), leaves);
}

static GPtrArray *
get_leaves(GMimeMessage *message)
{
	GPtrArray *leaves = g_ptr_array_new();

	if (g_mime_message_get_mime_part(message) != NULL)
		list_leaves(g_mime_message_get_mime_part(message), leaves);
	return leaves;
}

/* ---- comparing ------------------------------------------------------------------------ */

typedef struct {
	const char *name;
	const char *way;
	GHashTable *found;
} Case;

static void
note(Case *self, const char *kind, const char *text)
{
	g_test_message("%s: %s-%s: %s", self->name, self->way, kind, text);
	g_hash_table_add(self->found, g_strdup_printf("%s\t%s-%s", self->name, self->way, kind));
}

static GPtrArray *
describe_parts(StoreLetter *letter)
{
	GPtrArray *facts = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < letter->parts->len; i++)
		g_ptr_array_add(facts, describe_part(g_ptr_array_index(letter->parts, i)));
	return facts;
}

static gboolean
take(GPtrArray *facts, const char *fact)
{
	guint i;

	return g_ptr_array_find_with_equal_func(facts, fact, g_str_equal, &i) &&
	       g_ptr_array_remove_index_fast(facts, i);
}

static void
compare_mime(Case *self, GMimeMessage *original, StoreLetter *letter)
{
	g_autoptr(GPtrArray) leaves = get_leaves(original);
	g_autoptr(GPtrArray) facts = describe_parts(letter);
	g_autoptr(GMimeMessage) rest = store_mime_parse(letter->mime, NULL);
	g_autoptr(GPtrArray) left = get_leaves(rest);

	for (guint i = 0; i < left->len; i++)
		g_ptr_array_add(facts, describe(g_ptr_array_index(left, i)));
	for (guint i = 0; i < leaves->len; i++) {
		g_autofree char *fact = describe(g_ptr_array_index(leaves, i));

		if (!take(facts, fact))
			note(self, "missing", fact);
	}
	for (guint i = 0; i < facts->len; i++) {
		/* what stands where nothing was left */
		if (!g_str_has_prefix(g_ptr_array_index(facts, i), "0 bytes"))
			note(self, "more", g_ptr_array_index(facts, i));
	}
}

static gboolean
is_shown(GMimeObject *object, const char *body)
{
	g_autofree char *raw = GMIME_IS_TEXT_PART(object) ? g_mime_text_part_get_text(GMIME_TEXT_PART(object)) : NULL;
	g_autofree char *text = g_utf8_make_valid(raw != NULL ? raw : "", -1);
	g_autofree char *escaped = g_markup_escape_text(g_strchomp(text), -1);

	return GMIME_IS_TEXT_PART(object) && (strstr(body, text) != NULL || strstr(body, escaped) != NULL);
}

static gboolean
holds_shown(GMimeObject *object, const char *body)
{
	g_autoptr(GPtrArray) leaves = g_ptr_array_new();

	list_leaves(object, leaves);
	for (guint i = 0; i < leaves->len; i++) {
		if (is_shown(g_ptr_array_index(leaves, i), body))
			return TRUE;
	}
	return FALSE;
}

/* @other: another version of the same text is shown in its place */
static void
compare_json(Case *self, GMimeObject *object, gboolean other, const char *body, GPtrArray *facts)
{
	gboolean alternative =
		g_mime_content_type_is_type(g_mime_object_get_content_type(object), "multipart", "alternative");
	g_autofree char *fact = NULL;

	if (GMIME_IS_MULTIPART(object)) {
		other |= alternative && holds_shown(object, body);
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
			compare_json(self, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), other, body, facts);
		return;
	}
	fact = describe(object);
	if (!take(facts, fact) && !is_shown(object, body) && !(other && GMIME_IS_TEXT_PART(object)))
		note(self, "missing", fact);
}

static void
send_as_json(Case *self, GMimeMessage *original, GBytes *mime)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreLetter) letter =
		store_letter_new_within(mime, recipients, &(StoreLetterLimits){0, MEGABYTES}, &error);
	g_autoptr(GPtrArray) facts = NULL;

	g_assert_no_error(error);
	g_assert_null(letter->mime);
	g_assert_true(g_utf8_validate(letter->draft->message->body, -1, NULL));
	facts = describe_parts(letter);
	if (g_mime_message_get_mime_part(original) != NULL)
		compare_json(self, g_mime_message_get_mime_part(original), FALSE, letter->draft->message->body, facts);
	for (guint i = 0; i < facts->len; i++)
		note(self, "more", g_ptr_array_index(facts, i));
}

/* With less and less for the request, until no part is left that could go. @returns: whether one ever did. */
static gboolean
send_as_mime(Case *self, GMimeMessage *original, GBytes *mime)
{
	gboolean trimmed = FALSE;

	for (gsize limit = g_bytes_get_size(mime) - 1;; limit = limit / 4 * 3) {
		g_autoptr(GError) error = NULL;
		g_autoptr(StoreLetter) letter =
			store_letter_new_within(mime, recipients, &(StoreLetterLimits){limit, MEGABYTES}, &error);

		g_assert_no_error(error);
		if (letter->mime == NULL)
			return trimmed;
		compare_mime(self, original, letter);
		trimmed |= letter->parts->len > 0;
	}
}

/* What follows the header. */
static const char *
get_content(GBytes *mime, gsize *length)
{
	gsize size;
	const char *bytes = g_bytes_get_data(mime, &size);
	const char *end = g_strstr_len(bytes, (gssize)size, "\r\n\r\n");

	g_assert_nonnull(end);
	*length = size - (gsize)(end - bytes);
	return end;
}

/* It goes as it is. */
static void
send_sealed(GBytes *mime)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreLetter) letter = store_letter_new(mime, recipients, &error);
	const char *written, *sent;
	gsize written_length, sent_length;

	g_assert_no_error(error);
	g_assert_nonnull(letter->mime);
	g_assert_cmpuint(letter->parts->len, ==, 0);
	written = get_content(mime, &written_length);
	sent = get_content(letter->mime, &sent_length);
	g_assert_cmpmem(sent, sent_length, written, written_length);
}

/* ---- judging -------------------------------------------------------------------------- */

static void
test_nothing_of_a_real_mail_is_lost(void)
{
	g_autoptr(GPtrArray) paths = corpus_list();
	g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) exceptions = corpus_read_exceptions("letter-corpus.exceptions");
	guint mails = 0, trimmed = 0, sealed = 0, news, stale;

	if (paths == NULL)
		return;
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		g_autoptr(GBytes) mail = g_string_free_to_bytes(read_mail(path));
		g_autoptr(GMimeMessage) original = store_mime_parse(mail, NULL);

		g_assert_nonnull(original);
		if (!store_mime_is_sealed(original)) {
			mails++;
			send_as_json(&(Case){path + strlen(CORPUS) + 1, "json", found}, original, mail);
			trimmed += send_as_mime(&(Case){path + strlen(CORPUS) + 1, "mime", found}, original, mail);
		} else {
			sealed++;
			send_sealed(mail);
		}
	}
	g_test_message("%u mails, %u of them without some of their parts; %u are sealed", mails, trimmed, sealed);
	g_assert_cmpuint(mails, >=, AT_LEAST);
	g_assert_cmpuint(trimmed, >=, AT_LEAST / 4);
	g_assert_cmpuint(sealed, >=, SEALED_AT_LEAST);
	news = corpus_count_without(found, exceptions, "a difference that is not listed");
	stale = corpus_count_without(exceptions, found, "listed, but not found");
	g_assert_cmpuint(news + stale, ==, 0);
}

/* It has files of these sizes, as base64 in the lines that the host makes. */
static GBytes *
write_mail(gsize one, gsize other)
{
	const gsize sizes[] = {one, other};
	GString *mail = g_string_new("From: Alice <alice@contoso.example>\r\nTo: bob@contoso.example\r\n"
				     "Message-ID: <1@contoso.example>\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nBody\r\n");

	for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree guchar *bytes = g_malloc0(sizes[i]);

		g_string_append(mail, "--m\r\nContent-Type: application/octet-stream; name=a\r\n"
				      "Content-Transfer-Encoding: base64\r\n\r\n");
		for (gsize at = 0; at < sizes[i]; at += 57) {
			g_autofree char *line = g_base64_encode(bytes + at, MIN(57, sizes[i] - at));

			g_string_append_printf(mail, "%s\r\n", line);
		}
	}
	g_string_append(mail, "--m--\r\n");
	return g_string_free_to_bytes(mail);
}

/* What counts is what the service counts (API.md 7.3). */
static void
test_attachments_count_decoded(void)
{
	static const StoreLetterLimits limits = {10000, 57000};
	g_autoptr(GBytes) fits = write_mail(40000, 17000);
	g_autoptr(GBytes) larger = write_mail(40000, 17001);
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreLetter) letter = store_letter_new_within(fits, recipients, &limits, &error);
	g_autoptr(StoreLetter) refused = NULL;

	g_assert_no_error(error);
	g_assert_cmpuint(letter->parts->len, ==, 2);
	refused = store_letter_new_within(larger, recipients, &limits, &error);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_TOO_LARGE);
	g_assert_null(refused);
}

int
main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add_func("/store/letter/nothing of a real mail is lost", test_nothing_of_a_real_mail_is_lost);
	g_test_add_func("/store/letter/attachments count decoded", test_attachments_count_decoded);
	status = g_test_run();
	g_mime_shutdown();
	return status;
}
