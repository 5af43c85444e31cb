/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-content.h"
#include "sim-json.h"
#include "sim-mime.h"
#include "sim-routes.h"
#include "sim-send.h"
#include "sim-value.h"

typedef enum {
	REPLY,
	REPLY_ALL,
	FORWARD,
} Kind;

/* PidTagLastVerbExecuted and PidTagIconIndex of the original (API.md 5.6) */
static void
mark_original(SimCall *call, SimMessage *original, Kind kind)
{
	static const char *const verbs[] = {"102", "103", "104"};

	sim_message_set_extended(original, "Integer 0x1081", verbs[kind]);
	sim_message_set_extended(original, "Integer 0x1080", kind == FORWARD ? "262" : "261");
	sim_mailbox_commit_message(call->mailbox, original, original->is_read, SIM_CHANGED_EXTENDED);
}

static void
add_others(SimCall *call, GPtrArray *to, GPtrArray *from)
{
	for (guint i = 0; from != NULL && i < from->len; i++) {
		const SimAddress *address = g_ptr_array_index(from, i);

		if (g_ascii_strcasecmp(address->address, call->mailbox->address) != 0)
			g_ptr_array_add(to, sim_address_new(address->name, address->address));
	}
}

static SimMessage *
make_answer(SimCall *call, SimMessage *original, Kind kind)
{
	SimMessage *message = sim_create_draft(call);
	SimContent *content = sim_content_new();
	const char *prefix = kind == FORWARD ? "FW: " : "RE: ";

	message->subject = g_ascii_strncasecmp(original->subject, prefix, 4) == 0
				   ? g_strdup(original->subject)
				   : g_strconcat(prefix, original->subject, NULL);
	message->to = sim_addresses_new();
	message->cc = sim_addresses_new();
	message->conversation = original->conversation;
	message->from = sim_address_new(call->mailbox->name, call->mailbox->address);
	message->sender = sim_address_new(call->mailbox->name, call->mailbox->address);
	if (kind != FORWARD) {
		if (original->reply_to != NULL && original->reply_to->len > 0)
			add_others(call, message->to, original->reply_to);
		else if (original->from != NULL)
			g_ptr_array_add(message->to, sim_address_new(original->from->name, original->from->address));
		if (original->internet_message_id != NULL) {
			g_ptr_array_add(content->headers, sim_header_new("In-Reply-To", original->internet_message_id));
			g_ptr_array_add(content->headers, sim_header_new("References", original->internet_message_id));
		}
	} else {
		g_autoptr(SimContent) inside = sim_content_of(original);
		g_autoptr(SimContent) copy = sim_content_copy(inside);

		for (guint i = 0; i < copy->attachments->len; i++)
			g_ptr_array_add(content->attachments, g_ptr_array_index(copy->attachments, i));
		g_ptr_array_set_free_func(copy->attachments, NULL);
	}
	if (kind == REPLY_ALL) {
		add_others(call, message->to, original->to);
		add_others(call, message->cc, original->cc);
	}
	sim_content_replace(message, content);
	return message;
}

/* FALSE: refused. API.md 5.8: comment or message.body; the recipients in one place */
static gboolean
apply_body(SimCall *call, SimMessage *message, Kind kind, JsonObject *body, gboolean draft)
{
	g_autoptr(GList) members = json_object_get_members(body);
	JsonObject *changes = NULL;
	const char *comment = NULL;
	GPtrArray *addresses = NULL;
	guint changed;

	for (GList *l = members; l != NULL; l = l->next) {
		JsonNode *node = json_object_get_member(body, l->data);

		if (g_ascii_strcasecmp(l->data, "comment") == 0) {
			if (!sim_value_get_string(call, l->data, node, &comment))
				return FALSE;
		} else if (g_ascii_strcasecmp(l->data, "message") == 0) {
			if (!sim_value_get_object(call, l->data, node, &changes))
				return FALSE;
		} else if (g_ascii_strcasecmp(l->data, "toRecipients") == 0 && kind == FORWARD) {
			if (!sim_value_get_recipients(call, l->data, node, &addresses))
				return FALSE;
			sim_message_set_recipients(&message->to, addresses);
		} else {
			return sim_value_refuse(call, l->data);
		}
	}
	if (comment != NULL && changes != NULL && json_object_has_member(changes, "body")) {
		sim_call_refuse(call, 400, "ErrorInvalidRequest", "API.md 5.8", "comment or message.body, not both.");
		return FALSE;
	}
	if (kind == FORWARD && !draft &&
	    (addresses != NULL) == (changes != NULL && json_object_has_member(changes, "toRecipients"))) {
		sim_call_refuse(call, 400, "ErrorInvalidRecipients", "API.md 5.8",
				"The recipients go into toRecipients or into message.toRecipients, one of them.");
		return FALSE;
	}
	/* the comment does not become part of a draft (API.md 5.8) */
	if (comment != NULL && !draft) {
		SimContent *content = sim_content_of(message);

		g_free(content->text);
		content->text = g_strdup(comment);
		sim_content_replace(message, content);
	}
	return changes == NULL || sim_patch_apply(call, message, changes, TRUE, &changed);
}

void
sim_reply_handle(SimCall *call, SimMessage *original, const char *action)
{
	gboolean draft = g_ascii_strncasecmp(action, "create", 6) == 0;
	const char *verb = draft ? action + 6 : action;
	Kind kind = g_ascii_strcasecmp(verb, "forward") == 0	? FORWARD
		    : g_ascii_strcasecmp(verb, "replyAll") == 0 ? REPLY_ALL
								: REPLY;
	g_autoptr(SimMessage) message = NULL;
	g_autoptr(JsonObject) body = NULL;
	SimMessage *added;

	if (!sim_call_require(call, draft ? SIM_RIGHT_WRITE : SIM_RIGHT_SEND))
		return;
	if (sim_call_is_mime(call)) {
		message = sim_create_from_mime(call);
	} else {
		if (g_bytes_get_size(call->request->body) == 0)
			body = sim_call_check_empty(call) ? json_object_new() : NULL;
		else
			body = sim_call_get_body(call);
		if (body == NULL)
			return;
		message = make_answer(call, original, kind);
		if (!apply_body(call, message, kind, body, draft))
			return;
		sim_create_complete(call, message);
		sim_content_replace(message, sim_content_of(message));
	}
	if (message == NULL || (!draft && !sim_send_check(call, message)))
		return;
	added = g_steal_pointer(&message);
	sim_mailbox_add_message(call->mailbox, sim_mailbox_get_well_known(call->mailbox, "drafts"), added);
	if (draft) {
		sim_json_answer_message(call, 201, added, NULL);
		return;
	}
	mark_original(call, original, kind);
	sim_send_finish(call, added, TRUE);
}
