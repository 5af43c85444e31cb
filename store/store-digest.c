/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-digest.h"

#include "store-mime.h"

#define CHUNK 65536
#define LENGTH_STEP 256

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

/* As it is encoded. */
static void
add_content(GChecksum *checksum, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	g_autofree char *buffer = g_malloc(CHUNK);
	gssize length;

	if (stream == NULL)
		return;
	g_mime_stream_reset(stream);
	while ((length = g_mime_stream_read(stream, buffer, CHUNK)) > 0)
		g_checksum_update(checksum, (const guchar *)buffer, length);
	g_mime_stream_reset(stream);
}

/* Encrypted anew, the same text is as long but for a few bytes; what was added to it is seen. */
static void
add_length(GChecksum *checksum, GMimeObject *object)
{
	GMimeDataWrapper *content = GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	g_autofree char *steps = NULL;

	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
			add_length(checksum, g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
		return;
	}
	steps = g_strdup_printf("%" G_GINT64_FORMAT, stream != NULL ? g_mime_stream_length(stream) / LENGTH_STEP : 0);
	add_text(checksum, steps);
}

/* With another session key each time: what it says is for its recipients alone to know. */
static gboolean
is_encrypted(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *kind = type != NULL ? g_mime_content_type_get_parameter(type, "smime-type") : NULL;

	if (GMIME_IS_MULTIPART_ENCRYPTED(object))
		return TRUE;
	return type != NULL &&
	       (g_mime_content_type_is_type(type, "application", "pkcs7-mime") ||
		g_mime_content_type_is_type(type, "application", "x-pkcs7-mime")) &&
	       (kind == NULL || g_ascii_strcasecmp(kind, "enveloped-data") == 0 ||
		g_ascii_strcasecmp(kind, "authEnveloped-data") == 0);
}

static void
add_object(GChecksum *checksum, GMimeObject *object)
{
	add_headers(checksum, object);
	if (is_encrypted(object)) {
		add_length(checksum, object);
		return;
	}
	if (GMIME_IS_MESSAGE(object) || GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = GMIME_IS_MESSAGE(object)
						? GMIME_MESSAGE(object)
						: g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *root = message != NULL ? g_mime_message_get_mime_part(message) : NULL;

		if (GMIME_IS_MESSAGE_PART(object) && message != NULL)
			add_headers(checksum, GMIME_OBJECT(message));
		if (root != NULL)
			add_object(checksum, root);
	} else if (GMIME_IS_MULTIPART(object)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));

		/* The last part of a signed mail is the signature, which is another one each time. */
		if (GMIME_IS_MULTIPART_SIGNED(object) && n > 1)
			n--;
		add_text(checksum, g_mime_multipart_get_prologue(GMIME_MULTIPART(object)));
		for (int i = 0; i < n; i++)
			add_object(checksum, g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
		add_text(checksum, g_mime_multipart_get_epilogue(GMIME_MULTIPART(object)));
	} else if (GMIME_IS_PART(object)) {
		add_content(checksum, GMIME_PART(object));
	}
	add_text(checksum, NULL);
}

char *
store_digest_mail(GBytes *mime, const char *const *recipients, char **dated)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, NULL);
	const char *date = NULL;

	if (message != NULL)
		date = g_mime_object_get_header(GMIME_OBJECT(message), "Resent-Date");
	if (message != NULL && date == NULL)
		date = g_mime_object_get_header(GMIME_OBJECT(message), "Date");
	*dated = g_strdup(date);
	if (message != NULL)
		add_object(checksum, GMIME_OBJECT(message));
	else
		g_checksum_update(checksum, g_bytes_get_data(mime, NULL), g_bytes_get_size(mime));
	for (guint i = 0; recipients != NULL && recipients[i] != NULL; i++)
		add_text(checksum, recipients[i]);
	return g_strdup(g_checksum_get_string(checksum));
}
