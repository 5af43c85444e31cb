/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-content.h"
#include "sim-json.h"
#include "sim-mime.h"
#include "sim-routes.h"
#include "sim-send.h"
#include "sim-text.h"

#include <string.h>

SimMessage *
sim_create_draft(SimCall *call)
{
	SimMessage *message = sim_message_new();
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	message->is_draft = TRUE;
	message->is_read = TRUE;
	message->created = message->modified = message->received = message->sent = now;
	return message;
}

/* The service's own touch on whatever was made: an id, a conversation, an address of the mailbox. */
void
sim_create_complete(SimCall *call, SimMessage *message)
{
	if (message->internet_message_id == NULL || *message->internet_message_id == '\0') {
		g_autofree char *uuid = g_uuid_string_random();

		g_free(message->internet_message_id);
		message->internet_message_id = g_strdup_printf("<%s@contoso.example>", uuid);
	}
	if (message->conversation == 0)
		message->conversation = g_str_hash(message->internet_message_id);
}

SimMessage *
sim_create_from_mime(SimCall *call)
{
	static const char *const fields[] = {"Message-ID", "From", "Sender", NULL};
	g_autoptr(SimMessage) message = NULL;
	g_autoptr(GBytes) mime = NULL;
	gboolean had_id;
	gint64 now;

	if (g_bytes_get_size(call->request->body) > SIM_MAX_REQUEST) {
		sim_call_refuse(call, 413, "ErrorMessageSizeExceeded", "API.md 5.5, CHECKED.md 6b",
				"The maximum request length supported is 4MB.");
		return NULL;
	}
	mime = sim_call_get_mime(call);
	if (mime == NULL)
		return NULL;
	message = sim_create_draft(call);
	now = message->received;
	sim_mime_read_message(message, mime);
	message->received = now;
	/* CHECKED.md E: the From of the MIME is ignored */
	sim_address_free(message->from);
	sim_address_free(message->sender);
	message->from = sim_address_new(call->mailbox->name, call->mailbox->address);
	message->sender = sim_address_new(call->mailbox->name, call->mailbox->address);
	had_id = message->internet_message_id != NULL;
	sim_create_complete(call, message);
	sim_content_write_header(message, had_id ? fields + 1 : fields);
	if (call->graph->damage_printable) {
		g_autoptr(GBytes) whole = g_steal_pointer(&message->mime);

		message->mime = sim_mime_damage_printable(whole);
		message->size = g_bytes_get_size(message->mime);
	}
	return g_steal_pointer(&message);
}

/* A thread is known by its first message, as that of a mail is. */
static void
set_conversation(SimMessage *message)
{
	const char *const ids[] = {"String 0x1039", "String 0x1042"};

	for (guint i = 0; message->extended != NULL && i < G_N_ELEMENTS(ids); i++) {
		const char *value = g_hash_table_lookup(message->extended, ids[i]);
		const char *end = value != NULL ? strchr(value, '>') : NULL;
		g_autofree char *first = end != NULL ? g_strndup(value, (gsize)(end + 1 - value)) : NULL;

		if (first != NULL && message->conversation == 0)
			message->conversation = sim_text_hash(first);
	}
	if (message->conversation == 0 && message->internet_message_id != NULL)
		message->conversation = sim_text_hash(message->internet_message_id);
}

SimMessage *
sim_create_from_json(SimCall *call, JsonObject *body)
{
	g_autoptr(SimMessage) message = sim_create_draft(call);
	guint changed;

	sim_content_replace(message, sim_content_new());
	if (!sim_patch_apply(call, message, body, TRUE, &changed))
		return NULL;
	if (message->subject == NULL)
		message->subject = g_strdup("");
	set_conversation(message);
	sim_create_complete(call, message);
	sim_content_replace(message, sim_content_of(message));
	return g_steal_pointer(&message);
}

void
sim_create_handle(SimCall *call, SimFolder *folder)
{
	static const char *const bcc[] = {"Bcc", NULL};
	g_autoptr(SimMessage) message = NULL;
	g_autoptr(JsonObject) body = NULL;
	SimMessage *added;

	if (!sim_call_require(call, SIM_RIGHT_WRITE))
		return;
	if (sim_call_is_mime(call)) {
		if (folder != NULL) {
			sim_call_refuse(call, 400, "UnableToDeserializePostBody", "API.md 5.5, CHECKED.md 5",
					"Were unable to deserialize the post body: MIME is taken by /messages alone.");
			return;
		}
		message = sim_create_from_mime(call);
	} else if (g_bytes_get_size(call->request->body) > SIM_MAX_REQUEST) {
		sim_call_refuse(call, 413, "RequestEntityTooLarge", "API.md 5.5",
				"The maximum request length supported is 4MB.");
	} else if ((body = sim_call_get_body(call)) != NULL) {
		message = sim_create_from_json(call, body);
	}
	if (message == NULL)
		return;
	if (message->mime != NULL && sim_call_is_mime(call) && call->graph->drop_bcc) {
		sim_message_set_recipients(&message->bcc, sim_addresses_new());
		sim_content_write_header(message, bcc);
	}
	added = g_steal_pointer(&message);
	sim_mailbox_add_message(call->mailbox,
				folder != NULL ? folder : sim_mailbox_get_well_known(call->mailbox, "drafts"), added);
	sim_json_answer_message(call, 201, added, NULL);
}
