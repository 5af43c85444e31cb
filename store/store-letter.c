/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-letter-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "graph-json.h"
#include "store-error.h"
#include "store-mime.h"
#include "store-text.h"

void
store_letter_free(StoreLetter *self)
{
	g_clear_pointer(&self->mime, g_bytes_unref);
	g_clear_pointer(&self->draft, store_draft_free);
	g_ptr_array_unref(self->parts);
	g_ptr_array_unref(self->names);
	g_clear_pointer(&self->head, graph_draft_free);
	g_free(self->message_id);
	g_clear_pointer(&self->from, graph_recipient_free);
	g_clear_object(&self->source);
	g_free(self);
}

static gboolean fail_too_large(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
fail_too_large(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_propagate_error(error, g_error_new_valist(STORE_ERROR, STORE_ERROR_TOO_LARGE, format, args));
	va_end(args);
	return FALSE;
}

static gboolean
is_address(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && at > address && at[1] != '\0' && strpbrk(address, " \t\r\n<>,;") == NULL;
}

static gboolean
check_recipients(const char *const *recipients, GError **error)
{
	guint n = recipients != NULL ? g_strv_length((char **)recipients) : 0;

	for (guint i = 0; i < n; i++) {
		if (is_address(recipients[i]))
			continue;
		g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID,
			    _("“%s” is not an address that mail can be sent to."), recipients[i]);
		return FALSE;
	}
	if (n <= STORE_LETTER_RECIPIENTS)
		return TRUE;
	g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID,
		    _("The mail has %u recipients; Outlook sends to at most %u. Send it in several mails, or to a "
		      "distribution list."),
		    n, STORE_LETTER_RECIPIENTS);
	return FALSE;
}

static int
compare_bounds(gconstpointer a, gconstpointer b)
{
	const StorePart *one = *(const StorePart *const *)a;
	const StorePart *other = *(const StorePart *const *)b;

	return one->bound < other->bound ? 1 : one->bound > other->bound ? -1 : 0;
}

static gboolean
check_parts(GPtrArray *parts, gsize most, GError **error)
{
	guint64 bound = 0;
	guint64 total = 0;

	for (guint i = 0; i < parts->len; i++)
		bound += ((StorePart *)g_ptr_array_index(parts, i))->bound;
	for (guint i = 0; bound > most && i < parts->len; i++)
		total += store_part_measure(g_ptr_array_index(parts, i));
	return total <= most ||
	       fail_too_large(error,
			      _("The mail is too large: Outlook takes up to %.0f MB, and it has %.0f MB. Send the "
				"attachments in several mails, or share them by a link."),
			      most / 1e6, total / 1000000 + 1.0);
}

/* Its text is too large for MIME in one request. */
static gboolean
take_json(StoreLetter *self, const char *const *recipients, GError **error)
{
	const char *in_reply_to = g_mime_object_get_header(GMIME_OBJECT(self->source), "In-Reply-To");
	const char *references = g_mime_object_get_header(GMIME_OBJECT(self->source), "References");
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *text = NULL;
	gboolean made;

	if (!store_mime_check_recipients(self->source, recipients, error))
		return FALSE;
	g_free(self->message_id);
	self->message_id = store_mime_dup_id(self->source, &made);
	self->draft = store_draft_new(self->source);
	store_draft_set_envelope(self->draft->message, recipients);
	g_clear_pointer(&self->draft->message->from, graph_recipient_free);
	if (made)
		self->draft->message->internet_message_id = g_strdup(self->message_id);
	/* PidTagInReplyToId, PidTagInternetReferences */
	if (in_reply_to != NULL)
		graph_draft_add_property(self->draft->message, "String 0x1042", in_reply_to);
	if (references != NULL)
		graph_draft_add_property(self->draft->message, "String 0x1039", references);
	g_ptr_array_set_size(self->names, 0);
	g_ptr_array_unref(self->parts);
	self->parts = g_ptr_array_ref(self->draft->parts);
	object = graph_draft_to_json(self->draft->message);
	text = graph_json_print(object);
	return strlen(text) < GRAPH_DRAFT_MOST_JSON ||
	       fail_too_large(error,
			      _("The text of the mail is too large: Outlook takes up to %.1f MB of it, and it has %.1f "
				"MB. Send it as an attachment."),
			      GRAPH_DRAFT_MOST_JSON / 1e6, strlen(text) / 1e6);
}

/* Takes the largest attachments out until the rest fits; each that stays is a request less. */
static gboolean
trim(StoreLetter *self, gsize size, const StoreLetterLimits *limits, const char *const *recipients, GError **error)
{
	g_autoptr(StoreDraft) draft = store_draft_new(self->source);
	g_autoptr(GPtrArray) sorted = g_ptr_array_copy(draft->parts, NULL, NULL);
	g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);

	g_ptr_array_set_free_func(sorted, NULL);
	if (!check_parts(draft->parts, limits->attached, error))
		return FALSE;
	g_ptr_array_sort(sorted, compare_bounds);
	for (guint i = 0; self->mime == NULL && i <= sorted->len; i++) {
		StorePart *part = i < sorted->len ? g_ptr_array_index(sorted, i) : NULL;

		if (size <= limits->ordinary) {
			g_autoptr(GBytes) rest = store_mime_write(self->source);
			g_autoptr(GBytes) prepared = NULL;

			g_clear_pointer(&self->message_id, g_free);
			prepared = store_mime_prepare(rest, recipients, &self->message_id, error);
			if (prepared == NULL)
				return FALSE;
			if (g_bytes_get_size(prepared) <= limits->ordinary)
				self->mime = g_steal_pointer(&prepared);
		}
		if (self->mime == NULL && part != NULL && store_mime_take_out(self->source, part->object)) {
			g_hash_table_add(taken, part);
			size -= MIN(size, part->encoded);
		}
	}
	for (guint i = 0; i < draft->parts->len; i++) {
		StorePart *part = g_ptr_array_index(draft->parts, i);

		if (g_hash_table_contains(taken, part))
			g_ptr_array_add(self->parts, store_part_copy(part));
		else
			g_ptr_array_add(self->names, g_strdup(part->about->name));
	}
	return TRUE;
}

static gboolean
choose_way(StoreLetter *self, GBytes *mime, const char *const *recipients, const StoreLetterLimits *limits,
	   GError **error)
{
	gsize size = g_bytes_get_size(mime);
	gboolean sealed = store_mime_is_sealed(self->source);
	gsize limit = sealed ? STORE_LETTER_SEALED : limits->ordinary;

	/* Quoted-printable gets smaller by half at best. */
	if (sealed || size / 2 <= limit) {
		self->mime = store_mime_prepare(mime, recipients, &self->message_id, error);
		if (self->mime == NULL)
			return FALSE;
		if (g_bytes_get_size(self->mime) <= limit)
			return TRUE;
		g_clear_pointer(&self->mime, g_bytes_unref);
	}
	if (sealed)
		return fail_too_large(error,
				      _("The mail is signed or encrypted and too large: Outlook takes up to %.1f MB of "
					"such mail, and it has %.1f MB. Send it without signature and encryption, or "
					"the attachments in several mails, or share them by a link."),
				      limit / 1e6, size / 1e6);
	if (!trim(self, size, limits, recipients, error))
		return FALSE;
	if (self->mime != NULL)
		return TRUE;
	g_clear_object(&self->source);
	self->source = store_mime_parse(mime, error);
	return self->source != NULL && take_json(self, recipients, error);
}

StoreLetter *
store_letter_new_within(GBytes *mime, const char *const *recipients, const StoreLetterLimits *limits, GError **error)
{
	g_autoptr(GMimeMessage) source = store_mime_parse(mime, error);
	g_autoptr(StoreLetter) self = NULL;

	if (source == NULL || !check_recipients(recipients, error))
		return NULL;
	self = g_new0(StoreLetter, 1);
	self->source = g_steal_pointer(&source);
	self->parts = g_ptr_array_new_with_free_func((GDestroyNotify)store_part_free);
	self->names = g_ptr_array_new_with_free_func(g_free);
	self->head = store_draft_read_head(self->source, recipients);
	return choose_way(self, mime, recipients, limits, error) ? g_steal_pointer(&self) : NULL;
}

StoreLetter *
store_letter_new(GBytes *mime, const char *const *recipients, GError **error)
{
	static const StoreLetterLimits limits = {STORE_LETTER_ORDINARY, GRAPH_ATTACHMENT_MOST};

	return store_letter_new_within(mime, recipients, &limits, error);
}

GraphRecipient *
store_letter_find_sender(GMimeMessage *message)
{
	InternetAddressList *list = g_mime_message_get_from(message);

	for (int i = 0; list != NULL && i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		const char *text = INTERNET_ADDRESS_IS_MAILBOX(address)
					   ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))
					   : NULL;
		g_autofree char *name = store_text_clean(internet_address_get_name(address));

		if (text != NULL)
			return graph_recipient_new(name, text);
	}
	return NULL;
}

GraphRecipient *
store_letter_get_sender(StoreLetter *self)
{
	return store_letter_find_sender(self->source);
}

gboolean
store_letter_is_plain(StoreLetter *self)
{
	return self->mime != NULL && self->parts->len == 0 && self->from == NULL &&
	       self->head->importance == GRAPH_IMPORTANCE_NORMAL && !self->head->wants_read_receipt &&
	       !self->head->wants_delivery_receipt;
}
