/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-digest.h"

#include "store-mime.h"

#define CHUNK 65536

static void
add_text(GChecksum *checksum, const char *text)
{
	if (text != NULL)
		g_checksum_update(checksum, (const guchar *)text, -1);
	g_checksum_update(checksum, (const guchar *)"\n", 1);
}

static gboolean
is_written_anew(const char *name)
{
	static const char *const names[] = {"Date", "Resent-Date", "Resent-Message-ID"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
add_headers(GChecksum *checksum, GMimeObject *object)
{
	GMimeHeaderList *headers = g_mime_object_get_header_list(object);
	GMimeContentType *type = g_mime_object_get_content_type(object);
	GMimeParamList *parameters = type != NULL ? g_mime_content_type_get_parameters(type) : NULL;

	for (int i = 0; i < g_mime_header_list_get_count(headers); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
		const char *name = g_mime_header_get_name(header);

		if (is_written_anew(name) || g_ascii_strcasecmp(name, "Content-Type") == 0)
			continue;
		add_text(checksum, name);
		add_text(checksum, g_mime_header_get_raw_value(header));
	}
	if (type == NULL)
		return;
	add_text(checksum, g_mime_content_type_get_media_type(type));
	add_text(checksum, g_mime_content_type_get_media_subtype(type));
	for (int i = 0; parameters != NULL && i < g_mime_param_list_length(parameters); i++) {
		GMimeParam *parameter = g_mime_param_list_get_parameter_at(parameters, i);

		if (g_ascii_strcasecmp(g_mime_param_get_name(parameter), "boundary") == 0)
			continue;
		add_text(checksum, g_mime_param_get_name(parameter));
		add_text(checksum, g_mime_param_get_value(parameter));
	}
}

/* As it is encoded. TRUE: text that a program for PGP made. */
static gboolean
add_content(GChecksum *checksum, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	g_autofree char *buffer = g_malloc(CHUNK);
	gboolean armoured = FALSE;
	gssize length;

	if (stream == NULL)
		return FALSE;
	g_mime_stream_reset(stream);
	while ((length = g_mime_stream_read(stream, buffer, CHUNK)) > 0) {
		g_checksum_update(checksum, (const guchar *)buffer, length);
		armoured |= GMIME_IS_TEXT_PART(part) && g_strstr_len(buffer, length, "-----BEGIN PGP ") != NULL;
	}
	g_mime_stream_reset(stream);
	return armoured;
}

/* With another session key or another time in it each time that it is made. */
static gboolean
is_sealed(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);

	return GMIME_IS_MULTIPART_ENCRYPTED(object) ||
	       (type != NULL && (g_mime_content_type_is_type(type, "application", "pkcs7-mime") ||
				 g_mime_content_type_is_type(type, "application", "x-pkcs7-mime")));
}

static void
add_object(GChecksum *checksum, GMimeObject *object, gboolean *sealed)
{
	add_headers(checksum, object);
	*sealed |= is_sealed(object);
	if (GMIME_IS_MESSAGE(object) || GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = GMIME_IS_MESSAGE(object)
						? GMIME_MESSAGE(object)
						: g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *root = message != NULL ? g_mime_message_get_mime_part(message) : NULL;

		if (GMIME_IS_MESSAGE_PART(object) && message != NULL)
			add_headers(checksum, GMIME_OBJECT(message));
		if (root != NULL)
			add_object(checksum, root, sealed);
	} else if (GMIME_IS_MULTIPART(object)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));

		/* The last part of a signed mail is the signature, which is another one each time. */
		if (GMIME_IS_MULTIPART_SIGNED(object) && n > 1)
			n--;
		add_text(checksum, g_mime_multipart_get_prologue(GMIME_MULTIPART(object)));
		for (int i = 0; i < n; i++)
			add_object(checksum, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), sealed);
		add_text(checksum, g_mime_multipart_get_epilogue(GMIME_MULTIPART(object)));
	} else if (GMIME_IS_PART(object)) {
		*sealed |= add_content(checksum, GMIME_PART(object));
	}
	add_text(checksum, NULL);
}

StoreDigest *
store_digest_new(GBytes *mime, const char *const *recipients)
{
	StoreDigest *self = g_new0(StoreDigest, 1);
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, NULL);
	gboolean sealed = FALSE;
	gboolean made = FALSE;

	if (message != NULL) {
		const char *resent = g_mime_object_get_header(GMIME_OBJECT(message), "Resent-Date");

		self->dated =
			g_strdup(resent != NULL ? resent : g_mime_object_get_header(GMIME_OBJECT(message), "Date"));
		self->redirected = resent != NULL;
		add_object(checksum, GMIME_OBJECT(message), &sealed);
	} else {
		g_checksum_update(checksum, g_bytes_get_data(mime, NULL), g_bytes_get_size(mime));
	}
	if (sealed)
		self->sealed_id = store_mime_dup_id(message, &made);
	if (made)
		g_clear_pointer(&self->sealed_id, g_free);
	for (guint i = 0; recipients != NULL && recipients[i] != NULL; i++)
		add_text(checksum, recipients[i]);
	self->mail = g_strdup(g_checksum_get_string(checksum));
	return self;
}

void
store_digest_free(StoreDigest *self)
{
	if (self == NULL)
		return;
	g_free(self->mail);
	g_free(self->dated);
	g_free(self->sealed_id);
	g_free(self);
}
