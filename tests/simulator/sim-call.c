/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-call.h"

#include <string.h>

#include "sim-text.h"

const char *
sim_call_peek(SimCall *self)
{
	return self->at < self->segments->len ? g_ptr_array_index(self->segments, self->at) : NULL;
}

const char *
sim_call_next(SimCall *self)
{
	const char *segment = sim_call_peek(self);

	if (segment != NULL)
		self->at++;
	return segment;
}

gboolean
sim_call_is_method(SimCall *self, const char *method)
{
	return g_str_equal(self->request->method, method);
}

gboolean
sim_call_has_scope(SimCall *self, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (self->request->scopes != NULL &&
		    g_strv_contains((const char *const *)self->request->scopes, *names))
			return TRUE;
	}
	return FALSE;
}

gboolean
sim_call_is_shared(SimCall *self)
{
	return self->mailbox != NULL && g_ascii_strcasecmp(self->mailbox->address, self->request->user) != 0;
}

/* SCOPES.md 3: what includes what */
static const char *const read_shared[] = {"Mail.Read.Shared", "Mail.ReadWrite.Shared", NULL};
static const char *const write_shared[] = {"Mail.ReadWrite.Shared", NULL};
static const char *const send_shared[] = {"Mail.Send.Shared", NULL};
static const char *const read_own[] = {"Mail.Read", "Mail.ReadWrite", "Mail.Read.Shared", "Mail.ReadWrite.Shared",
				       NULL};
static const char *const write_own[] = {"Mail.ReadWrite", "Mail.ReadWrite.Shared", NULL};
static const char *const send_own[] = {"Mail.Send", "Mail.Send.Shared", NULL};
static const char *const basic_own[] = {"Mail.ReadBasic", NULL};

gboolean
sim_call_require(SimCall *self, SimRight right)
{
	gboolean shared = sim_call_is_shared(self);
	const char *const *names = right == SIM_RIGHT_SEND    ? (shared ? send_shared : send_own)
				   : right == SIM_RIGHT_WRITE ? (shared ? write_shared : write_own)
							      : (shared ? read_shared : read_own);
	g_autofree char *user = g_ascii_strdown(self->request->user, -1);
	const SimDelegate *delegate;

	if (!sim_call_has_scope(self, names)) {
		if (right == SIM_RIGHT_BASIC && !shared && sim_call_has_scope(self, basic_own)) {
			self->basic = TRUE;
			return TRUE;
		}
		sim_call_refuse(self, 403, "ErrorAccessDenied", shared ? "API.md 8" : "SCOPES.md 4",
				"Access is denied. Check credentials and try again. (none of the scopes that open %s)",
				self->request->path);
		return FALSE;
	}
	delegate = shared ? g_hash_table_lookup(self->mailbox->delegates, user) : NULL;
	if (shared && (delegate == NULL || (delegate->read_only && right >= SIM_RIGHT_WRITE))) {
		sim_call_refuse(self, 403, "ErrorAccessDenied", "API.md 8",
				"Access is denied. Check credentials and try again.");
		return FALSE;
	}
	return TRUE;
}

void
sim_call_refuse(SimCall *self, guint status, const char *code, const char *contract, const char *format, ...)
{
	va_list arguments;
	g_autofree char *message = NULL;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	sim_response_set_error(self->response, self->request, status, code, message, contract);
}

void
sim_call_refuse_method(SimCall *self)
{
	sim_call_refuse(self, 405, "Request_BadRequest", "API.md 14.2",
			"Specified HTTP method is not allowed for the request target.");
}

void
sim_call_refuse_segment(SimCall *self, const char *segment)
{
	sim_call_refuse(self, 400, "BadRequest", "API.md 14.2", "Resource not found for the segment '%s'.", segment);
}

static const char *
content_type(SimCall *self)
{
	return soup_message_headers_get_content_type(self->request->headers, NULL);
}

JsonObject *
sim_call_get_body(SimCall *self)
{
	JsonObject *object;

	if (g_strcmp0(content_type(self), "application/json") != 0) {
		sim_call_refuse(self, 415, "RequestBodyRead", "API.md 2.1",
				"A JSON body needs the type application/json.");
		return NULL;
	}
	object = sim_request_get_object(self->request);
	if (object == NULL)
		sim_call_refuse(self, 400, "BadRequest", "API.md 2.1",
				"Unable to read JSON request payload. Please ensure Content-Type header is set and "
				"payload is of "
				"valid JSON format.");
	return object;
}

gboolean
sim_call_is_mime(SimCall *self)
{
	return g_strcmp0(content_type(self), "text/plain") == 0;
}

GBytes *
sim_call_get_mime(SimCall *self)
{
	gsize length;
	const char *text = g_bytes_get_data(self->request->body, &length);
	g_autofree char *copy = NULL;
	guchar *bytes;

	if (length == 0 || !sim_text_is_base64(text, length, FALSE)) {
		/* API.md 5.5: this error comes without innerError */
		g_autoptr(JsonObject) root = json_object_new();
		JsonObject *error = json_object_new();

		sim_call_refuse(self, 400, "ErrorMimeContentInvalidBase64String", "API.md 5.5",
				"Invalid base64 string for MIME content.");
		json_object_set_string_member(error, "code", "ErrorMimeContentInvalidBase64String");
		json_object_set_string_member(error, "message", "Invalid base64 string for MIME content.");
		json_object_set_object_member(root, "error", error);
		sim_response_set_object(self->response, 400, root);
		return NULL;
	}
	copy = g_strndup(text, length);
	bytes = g_base64_decode(copy, &length);
	return g_bytes_new_take(bytes, length);
}

gboolean
sim_call_check_empty(SimCall *self)
{
	if (g_bytes_get_size(self->request->body) > 0 || self->request->batched ||
	    soup_message_headers_get_one(self->request->headers, "Content-Length") != NULL)
		return TRUE;
	sim_call_refuse(self, 411, "", "API.md 2.1, CHECKED.md 27", "A POST without body needs Content-Length: 0.");
	return FALSE;
}

/* The value of one preference: "" when it has none, %NULL when it was not asked for. */
static char *
get_preference(SimCall *self, const char *name)
{
	g_autofree char *list = g_strdup(soup_message_headers_get_list(self->request->headers, "Prefer"));
	GSList *preferences = list != NULL ? soup_header_parse_list(list) : NULL;
	char *found = NULL;

	for (GSList *l = preferences; l != NULL && found == NULL; l = l->next) {
		g_auto(GStrv) pair = g_strsplit(l->data, "=", 2);

		if (g_ascii_strcasecmp(g_strstrip(pair[0]), name) == 0) {
			found = g_strdup(pair[1] != NULL ? g_strstrip(pair[1]) : "");
			if (found[0] == '"' && strlen(found) >= 2) {
				found[strlen(found) - 1] = '\0';
				memmove(found, found + 1, strlen(found));
			}
		}
	}
	soup_header_free_list(preferences);
	return found;
}

guint
sim_call_get_page_size(SimCall *self)
{
	g_autofree char *value = get_preference(self, "odata.maxpagesize");
	guint64 size = 0;

	if (value == NULL || !g_ascii_string_to_unsigned(value, 10, 1, G_MAXUINT, &size, NULL))
		return 0;
	return (guint)size;
}

const char *
sim_call_get_body_type(SimCall *self)
{
	g_autofree char *value = get_preference(self, "outlook.body-content-type");

	if (value == NULL)
		return NULL;
	return g_ascii_strcasecmp(value, "text") == 0 ? "text" : g_ascii_strcasecmp(value, "html") == 0 ? "html" : NULL;
}

void
sim_call_prefer_applied(SimCall *self, const char *preference)
{
	soup_message_headers_append(self->response->headers, "Preference-Applied", preference);
}

SimFolder *
sim_call_find_folder(SimCall *self, const char *text)
{
	SimFolder *folder = sim_mailbox_get_well_known(self->mailbox, text);
	gboolean ours = FALSE;
	SimId id = {0};

	if (folder == NULL) {
		static const char *const names[] = {"archive",	     "clutter",
						    "conflicts",     "conversationhistory",
						    "deleteditems",  "drafts",
						    "inbox",	     "junkemail",
						    "localfailures", "msgfolderroot",
						    "outbox",	     "recoverableitemsdeletions",
						    "scheduled",     "searchfolders",
						    "sentitems",     "serverfailures",
						    "syncissues",    NULL};
		g_autofree char *lower = g_ascii_strdown(text, -1);

		if (!g_strv_contains(names, lower) && !sim_id_parse(self->mailbox->address, text, &id, &ours)) {
			sim_call_refuse(self, 400, "ErrorInvalidIdMalformed", "API.md 14.2", "Id is malformed.");
			return NULL;
		}
		if (ours && id.kind != SIM_ID_FOLDER) {
			sim_call_refuse(self, 400, "ErrorInvalidIdMalformed", "API.md 14.2",
					"Id is not the id of a folder.");
			return NULL;
		}
		folder = ours ? sim_mailbox_get_folder(self->mailbox, id.number) : NULL;
	}
	if (folder != NULL && sim_call_is_shared(self)) {
		g_autofree char *user = g_ascii_strdown(self->request->user, -1);
		const SimDelegate *delegate = g_hash_table_lookup(self->mailbox->delegates, user);

		if (delegate != NULL && delegate->folder != 0 && delegate->folder != folder->number)
			folder = NULL;
	}
	if (folder == NULL)
		sim_call_refuse(
			self, 404, "ErrorItemNotFound", "API.md 14.2",
			"The specified object was not found in the store., The process failed to get the correct "
			"properties.");
	return folder;
}

SimMessage *
sim_call_find_message(SimCall *self, const char *text)
{
	gboolean ours = FALSE;
	SimId id;
	SimMessage *message = NULL;

	if (!sim_id_parse(self->mailbox->address, text, &id, &ours) ||
	    (id.kind != SIM_ID_IMMUTABLE && id.kind != SIM_ID_MUTABLE)) {
		sim_call_refuse(self, 400, "ErrorInvalidIdMalformed", "API.md 14.2", "Id is malformed.");
		return NULL;
	}
	if (ours)
		message = sim_mailbox_get_message(self->mailbox, id.number);
	/* API.md 16: an ordinary id dies with the first move */
	if (message != NULL && id.kind == SIM_ID_MUTABLE && id.generation != message->generation)
		message = NULL;
	if (message != NULL && sim_call_is_shared(self)) {
		g_autofree char *user = g_ascii_strdown(self->request->user, -1);
		const SimDelegate *delegate = g_hash_table_lookup(self->mailbox->delegates, user);

		if (delegate != NULL && delegate->folder != 0 && delegate->folder != message->folder->number)
			message = NULL;
	}
	if (message == NULL)
		sim_call_refuse(self, 404, "ErrorItemNotFound", "API.md 14.2",
				"The specified object was not found in the store.");
	return message;
}

char *
sim_call_format_uri(SimCall *self)
{
	return g_strconcat(self->request->origin, "/v1.0", self->request->path, NULL);
}

char *
sim_call_format_context(SimCall *self, const char *rest)
{
	g_autofree char *user = sim_id_user(self->mailbox->address);

	return g_strdup_printf("%s/v1.0/$metadata#users('%s')/%s", self->request->origin, user, rest);
}
