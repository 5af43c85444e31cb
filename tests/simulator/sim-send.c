/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-send.h"

#include <string.h>

#include "sim-content.h"
#include "sim-mime.h"
#include "sim-routes.h"
#include "sim-value.h"

#define MAX_RECIPIENTS 500 /* API.md 5.1 */

SimMessage *
sim_send_deliver(SimMailbox *mailbox, SimFolder *folder, GBytes *mime, gint64 received)
{
	SimMessage *message = sim_message_new();

	sim_mime_read_message(message, mime);
	message->received = message->created = message->modified = received;
	sim_mailbox_add_message(mailbox, folder, message);
	return message;
}

static gboolean
is_address(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && at > address && at[1] != '\0' && strpbrk(address, " \t<>,;") == NULL;
}

gboolean
sim_send_check(SimCall *call, SimMessage *message)
{
	GPtrArray *lists[] = {message->to, message->cc, message->bcc};
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
		for (guint j = 0; lists[i] != NULL && j < lists[i]->len; j++) {
			const SimAddress *address = g_ptr_array_index(lists[i], j);

			n++;
			if (!is_address(address->address)) {
				sim_call_refuse(call, 400, "ErrorInvalidRecipients", "API.md 14.2",
						"At least one recipient is not valid., Recipient '%s' is not resolved. "
						"All recipients must "
						"be resolved before a message can be submitted.",
						address->address);
				return FALSE;
			}
		}
	}
	if (n == 0 || n > MAX_RECIPIENTS || (message->mime != NULL && sim_mime_has_empty_group(message->mime))) {
		sim_call_refuse(call, 400, "ErrorInvalidRecipients", n > MAX_RECIPIENTS ? "API.md 5.1" : "CHECKED.md 6",
				"At least one valid recipient is needed, at most 500, and no group without members.");
		return FALSE;
	}
	return TRUE;
}

/* CHECKED.md 6e: what survives of the header of sent MIME */
static gboolean
is_kept_when_sent(const char *name, gpointer unused)
{
	static const char *const kept[] = {
		"From",		"Sender",	"To",		"Cc",
		"Bcc",		"Reply-To",	"Subject",	"Date",
		"Message-ID",	"In-Reply-To",	"References",	"Importance",
		"Thread-Topic", "Thread-Index", "MIME-Version", "Disposition-Notification-To",
		"Sensitivity"};

	for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
		if (g_ascii_strcasecmp(kept[i], name) == 0)
			return TRUE;
	}
	return g_ascii_strncasecmp(name, "X-", 2) == 0 || g_ascii_strncasecmp(name, "Content-", 8) == 0;
}

static gboolean
is_not_bcc(const char *name, gpointer unused)
{
	return g_ascii_strcasecmp(name, "Bcc") != 0;
}

static gboolean
has_header(GBytes *mime, const char *name)
{
	g_autoptr(GPtrArray) headers = sim_mime_read_headers(mime);

	for (guint i = 0; i < headers->len; i++) {
		const SimHeader *header = g_ptr_array_index(headers, i);

		if (g_ascii_strcasecmp(header->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

static char *
format_date(const char *format)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *date = soup_date_time_to_string(now, SOUP_DATE_COOKIE);
	g_auto(GStrv) words = g_strsplit(date, " GMT", 2);
	g_autofree char *zoned = NULL;

	g_strdelimit(words[0], "-", ' ');
	zoned = g_strconcat(words[0], " +0000", NULL);
	return g_strdup_printf("%s%s\r\n", format, zoned);
}

static void
deliver_to(SimCall *call, GBytes *mime, GPtrArray *addresses, GHashTable *reached)
{
	for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
		const SimAddress *address = g_ptr_array_index(addresses, i);
		g_autofree char *lower = g_ascii_strdown(address->address, -1);

		for (guint j = 0; j < call->graph->mailboxes->len; j++) {
			SimMailbox *mailbox = g_ptr_array_index(call->graph->mailboxes, j);

			if (g_ascii_strcasecmp(mailbox->address, lower) != 0 ||
			    !g_hash_table_add(reached, g_strdup(lower)))
				continue;
			sim_send_deliver(mailbox, sim_mailbox_get_well_known(mailbox, "inbox"), mime,
					 g_get_real_time() / G_USEC_PER_SEC);
		}
	}
}

/* FALSE: refused. API.md 6.1: another From needs the right to it. */
static gboolean
check_sender(SimCall *call, SimMessage *message)
{
	static const char *const shared[] = {"Mail.Send.Shared", NULL};
	g_autofree char *user = g_ascii_strdown(call->request->user, -1);

	if (message->from == NULL || g_ascii_strcasecmp(message->from->address, user) == 0)
		return TRUE;
	for (guint i = 0; i < call->graph->mailboxes->len; i++) {
		SimMailbox *mailbox = g_ptr_array_index(call->graph->mailboxes, i);
		const SimDelegate *delegate = g_hash_table_lookup(mailbox->delegates, user);

		if (g_ascii_strcasecmp(mailbox->address, message->from->address) == 0 && delegate != NULL &&
		    delegate->sends && sim_call_has_scope(call, shared))
			return TRUE;
	}
	sim_call_refuse(call, 403, "ErrorSendAsDenied", "API.md 6.1",
			"The user account which was used to submit this request does not have the right to send mail "
			"on behalf of "
			"the specified sending account.");
	return FALSE;
}

void
sim_send_finish(SimCall *call, SimMessage *message, gboolean save)
{
	g_autoptr(GHashTable) reached = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *received = format_date("Received: from contoso.example by contoso.example with MAPI; ");
	g_autoptr(GBytes) mime = NULL;
	g_autoptr(GBytes) outgoing = NULL;
	gboolean was_read = message->is_read;

	if (message->from == NULL)
		message->from = sim_address_new(call->mailbox->name, call->mailbox->address);
	if (message->sender == NULL)
		message->sender = sim_address_new(call->mailbox->name, call->mailbox->address);
	message->is_draft = FALSE;
	message->is_read = TRUE;
	message->is_from_me = TRUE;
	sim_create_complete(call, message);
	if (message->mime != NULL) {
		g_autoptr(GBytes) old = g_steal_pointer(&message->mime);
		g_autofree char *date = has_header(old, "Date") ? NULL : format_date("Date: ");

		message->mime = sim_mime_edit_header(old, is_kept_when_sent, NULL, NULL, date);
		message->size = g_bytes_get_size(message->mime);
	}
	mime = sim_content_get_mime(message);
	outgoing = sim_mime_edit_header(mime, is_not_bcc, NULL, received, NULL);
	sim_mailbox_commit_message(call->mailbox, message, was_read, SIM_CHANGED_CONTENT);
	if (save)
		sim_mailbox_move_message(call->mailbox, message,
					 sim_mailbox_get_well_known(call->mailbox, "sentitems"));
	deliver_to(call, outgoing, message->to, reached);
	deliver_to(call, outgoing, message->cc, reached);
	deliver_to(call, outgoing, message->bcc, reached);
	if (!save)
		sim_mailbox_remove_message(call->mailbox, message);
	sim_response_set_empty(call->response, 202);
}

void
sim_send_handle_draft(SimCall *call, SimMessage *message)
{
	if (!sim_call_require(call, SIM_RIGHT_SEND) || !sim_call_check_empty(call))
		return;
	if (!message->is_draft) {
		sim_call_refuse(call, 400, "ErrorInvalidOperation", "API.md 6", "Only a draft can be sent.");
		return;
	}
	if (sim_send_check(call, message) && check_sender(call, message))
		sim_send_finish(call, message, TRUE);
}

/* `{"message": {…}, "saveToSentItems": …}`; *@save may be said as a string, as an official sample does (API.md 2.4) */
static SimMessage *
read_envelope(SimCall *call, gboolean *save)
{
	g_autoptr(JsonObject) body = sim_call_get_body(call);
	g_autoptr(GList) members = body != NULL ? json_object_get_members(body) : NULL;
	JsonNode *node = NULL;

	if (body == NULL)
		return NULL;
	for (GList *l = members; l != NULL; l = l->next) {
		JsonNode *value = json_object_get_member(body, l->data);

		if (g_ascii_strcasecmp(l->data, "message") == 0) {
			node = value;
		} else if (g_ascii_strcasecmp(l->data, "saveToSentItems") == 0) {
			const char *text =
				JSON_NODE_HOLDS_VALUE(value) && json_node_get_value_type(value) == G_TYPE_STRING
					? json_node_get_string(value)
					: NULL;

			if (text != NULL)
				*save = g_ascii_strcasecmp(text, "false") != 0;
			else if (!sim_value_get_boolean(call, l->data, value, save))
				return NULL;
		} else {
			sim_call_refuse(
				call, 400, "BadRequest", "API.md 6",
				"The parameter '%s' is not one of this action; the properties go into 'message'.",
				(const char *)l->data);
			return NULL;
		}
	}
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 6", "The parameter 'message' is missing.");
		return NULL;
	}
	return sim_create_from_json(call, json_node_get_object(node));
}

void
sim_send_handle_mail(SimCall *call)
{
	g_autoptr(SimMessage) message = NULL;
	gboolean save = TRUE;
	SimMessage *draft;

	if (!sim_call_is_method(call, "POST") || sim_call_peek(call) != NULL) {
		sim_call_refuse_method(call);
		return;
	}
	if (!sim_call_require(call, SIM_RIGHT_SEND))
		return;
	if (sim_call_is_mime(call))
		message = sim_create_from_mime(call);
	else if (g_bytes_get_size(call->request->body) > SIM_MAX_REQUEST)
		sim_call_refuse(call, 413, "RequestEntityTooLarge", "API.md 5.5",
				"The maximum request length supported is 4MB.");
	else
		message = read_envelope(call, &save);
	if (message == NULL || !sim_send_check(call, message) || !check_sender(call, message))
		return;
	/* API.md 6: it lies in Drafts first */
	draft = g_steal_pointer(&message);
	draft->is_draft = TRUE;
	sim_mailbox_add_message(call->mailbox, sim_mailbox_get_well_known(call->mailbox, "drafts"), draft);
	sim_send_finish(call, draft, save);
}
