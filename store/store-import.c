/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-import.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "graph-json.h"
#include "store-draft.h"
#include "store-error.h"

/* A mail of so many bytes is not measured: in base64, JSON is hardly larger than the mail. */
#define SURELY_FITS (2 * 1024 * 1024)

/* What PtypTime holds, and ISO 8601 prints with four digits of year. */
#define EARLIEST G_GINT64_CONSTANT(-11644473600)
#define LATEST G_GINT64_CONSTANT(253402300799)

static JsonArray *
list_attachments(StoreDraft *draft)
{
	JsonArray *attachments = json_array_new();

	for (guint i = 0; i < draft->parts->len; i++) {
		StorePart *part = g_ptr_array_index(draft->parts, i);
		g_autoptr(GBytes) content = store_part_get_bytes(part);

		json_array_add_object_element(attachments, graph_attachment_to_json(part->about, content));
	}
	return attachments;
}

static gsize
measure(GMimeMessage *message)
{
	g_autoptr(StoreDraft) draft = store_draft_new(message);
	g_autoptr(JsonObject) object = graph_draft_to_json(draft->message);
	g_autofree char *text = NULL;

	json_object_set_array_member(object, "attachments", list_attachments(draft));
	text = graph_json_print(object);
	return strlen(text);
}

gboolean
store_import_check(GMimeMessage *message, gsize size, GError **error)
{
	g_autofree char *subject = store_mime_dup_subject(message);
	const char *about = subject != NULL && *subject != '\0' ? subject : _("(no subject)");

	if (store_mime_is_sealed(message)) {
		g_set_error(
			error, STORE_ERROR, STORE_ERROR_REFUSED,
			_("The message “%s” is signed or encrypted. Outlook would write it anew, and it could not be "
			  "verified or read any more. It stays where it is."),
			about);
		return FALSE;
	}
	if (size <= SURELY_FITS || measure(message) <= GRAPH_DRAFT_MOST_JSON)
		return TRUE;
	g_set_error(
		error, STORE_ERROR, STORE_ERROR_TOO_LARGE,
		_("The message “%s” is too large: Outlook takes up to %.1f MB when a message is copied to it, and it "
		  "has %.1f MB. It stays where it is."),
		about, GRAPH_DRAFT_MOST_JSON * 0.75 / 1e6, size / 1e6);
	return FALSE;
}

void
store_import_fail_size(gsize size, GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_TOO_LARGE,
		    _("The message is too large: Outlook takes up to %.1f MB this way, and it has %.1f MB."),
		    graph_message_get_mime_limit() / 1e6, size / 1e6);
}

/* When the last server took it; 0 if no line tells. */
static gint64
read_received(GMimeMessage *message)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *value = g_mime_header_get_value(header);
		const char *semicolon = value != NULL ? strrchr(value, ';') : NULL;
		g_autoptr(GDateTime) date = NULL;

		if (g_ascii_strcasecmp(g_mime_header_get_name(header), "Received") != 0)
			continue;
		date = semicolon != NULL ? g_mime_utils_header_decode_date(semicolon + 1) : NULL;
		return date != NULL ? g_date_time_to_unix(date) : 0;
	}
	return 0;
}

static void
add_time(GraphDraft *draft, const char *id, gint64 seconds)
{
	g_autoptr(GDateTime) time = seconds != 0 && seconds >= EARLIEST && seconds <= LATEST
					    ? g_date_time_new_from_unix_utc(seconds)
					    : NULL;
	g_autofree char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

	if (text != NULL)
		graph_draft_add_property(draft, id, text);
}

/* MAPI's names for what JSON has no member for: PidTagMessageFlags, PidTagClientSubmitTime, PidTagMessageDeliveryTime,
 * PidTagInReplyToId, PidTagInternetReferences. */
static void
add_properties(GraphDraft *draft, GMimeMessage *message, gboolean is_read)
{
	g_autoptr(GraphMessage) about = store_mime_describe(message);
	gint64 received = read_received(message);

	graph_draft_add_property(draft, "Integer 0x0E07", is_read ? "1" : "0");
	add_time(draft, "SystemTime 0x0039", about->sent != 0 ? about->sent : received);
	add_time(draft, "SystemTime 0x0E06", received != 0 ? received : about->sent);
	if (about->in_reply_to != NULL)
		graph_draft_add_property(draft, "String 0x1042", about->in_reply_to);
	if (about->references != NULL)
		graph_draft_add_property(draft, "String 0x1039", about->references);
}

GraphMessage *
store_import_create(GraphClient *client, GBytes *mime, const char *folder_id, gboolean is_read,
		    GCancellable *cancellable, GError **error)
{
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, error);
	g_autoptr(StoreDraft) draft = NULL;
	g_autoptr(JsonArray) attachments = NULL;

	if (message == NULL)
		return NULL;
	draft = store_draft_new(message);
	add_properties(draft->message, message, is_read);
	if (draft->message->from != NULL)
		draft->message->sender = graph_recipient_new(draft->message->from->name, draft->message->from->address);
	attachments = list_attachments(draft);
	return graph_draft_create(client, draft->message, folder_id, attachments, cancellable, error);
}
