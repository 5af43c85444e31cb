/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-error.h"

#include <glib/gi18n-lib.h>

/* Errors nest (`innerError`, `innererror`); the service's deepest sample has three levels. */
#define MAX_LEVELS 8
#define MAX_WORD 80
#define MAX_QUOTE 300 /* characters */

typedef struct {
	const char *code;
	GraphError error;
} CodeRow;

/* API.md 14.2, 14.3, 5.9; CHECKED H. Compared without case; these win over the status, but for 401 and 429. */
static const CodeRow code_rows[] = {
	{"InvalidAuthenticationToken", GRAPH_ERROR_UNAUTHORIZED},
	{"ErrorAccessDenied", GRAPH_ERROR_FORBIDDEN},
	{"accessDenied", GRAPH_ERROR_FORBIDDEN},
	{"Authorization_RequestDenied", GRAPH_ERROR_FORBIDDEN},
	{"ErrorSendAsDenied", GRAPH_ERROR_FORBIDDEN},
	{"ErrorCannotDeleteObject", GRAPH_ERROR_FORBIDDEN},
	{"extensionError", GRAPH_ERROR_FORBIDDEN},
	{"ErrorItemNotFound", GRAPH_ERROR_NOT_FOUND},
	{"itemNotFound", GRAPH_ERROR_NOT_FOUND},
	{"ErrorFolderNotFound", GRAPH_ERROR_NOT_FOUND},
	{"ErrorFolderExists", GRAPH_ERROR_EXISTS},
	{"nameAlreadyExists", GRAPH_ERROR_EXISTS},
	{"ErrorIrresolvableConflict", GRAPH_ERROR_CONFLICT},
	{"resourceModified", GRAPH_ERROR_CONFLICT},
	{"entityTagDoesNotMatch", GRAPH_ERROR_CONFLICT},
	{"syncStateNotFound", GRAPH_ERROR_SYNC_RESET},
	{"resyncRequired", GRAPH_ERROR_SYNC_RESET},
	{"SyncStateInvalid", GRAPH_ERROR_SYNC_RESET},
	{"InvalidSyncStateData", GRAPH_ERROR_SYNC_RESET},
	{"RequestEntityTooLarge", GRAPH_ERROR_TOO_LARGE},
	{"ErrorMessageSizeExceeded", GRAPH_ERROR_TOO_LARGE},
	{"ErrorQuotaExceeded", GRAPH_ERROR_QUOTA},
	{"quotaLimitReached", GRAPH_ERROR_QUOTA},
	{"QuotaExceededException", GRAPH_ERROR_QUOTA},
	{"MailboxNotEnabledForRESTAPI", GRAPH_ERROR_NO_MAILBOX},
	{"ErrorNonExistentMailbox", GRAPH_ERROR_NO_MAILBOX},
	{"TooManyRequests", GRAPH_ERROR_UNAVAILABLE},
	{"ApplicationThrottled", GRAPH_ERROR_UNAVAILABLE},
	{"activityLimitReached", GRAPH_ERROR_UNAVAILABLE},
	{"serviceNotAvailable", GRAPH_ERROR_UNAVAILABLE},
	{"ErrorServerBusy", GRAPH_ERROR_UNAVAILABLE},
	/* Known so that they are named; their next step is that of the status. */
	{"ErrorInvalidIdMalformed", GRAPH_ERROR_FAILED},
	{"ErrorInvalidRecipients", GRAPH_ERROR_FAILED},
	{"ErrorMimeContentInvalidBase64String", GRAPH_ERROR_FAILED},
	{"ErrorInvalidExtendedProperty", GRAPH_ERROR_FAILED},
	{"ErrorItemSavePropertyError", GRAPH_ERROR_FAILED},
	{"InefficientFilter", GRAPH_ERROR_FAILED},
};

GQuark
graph_error_quark(void)
{
	return g_quark_from_static_string("graph-error-quark");
}

static const CodeRow *
find_row(const char *code)
{
	for (guint i = 0; i < G_N_ELEMENTS(code_rows); i++) {
		if (g_ascii_strcasecmp(code_rows[i].code, code) == 0)
			return &code_rows[i];
	}
	return NULL;
}

/* Only what looks like an identifier may go into a text: a server can write anything into its codes. */
static gboolean
is_plain_word(const char *text)
{
	gsize length = strlen(text);

	if (length == 0 || length > MAX_WORD)
		return FALSE;
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr("-_.", *p) == NULL)
			return FALSE;
	}
	return TRUE;
}

static JsonObject *
get_inner(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

const char *
graph_error_get_service_code(JsonObject *body)
{
	JsonObject *level = body != NULL ? get_inner(body, "error") : NULL;
	const char *known = NULL;
	const char *any = NULL;

	for (guint i = 0; level != NULL && i < MAX_LEVELS; i++) {
		JsonNode *node = json_object_get_member(level, "code");
		const char *code = node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
		JsonObject *inner = get_inner(level, "innerError");

		if (code != NULL && is_plain_word(code)) {
			any = code;
			if (find_row(code) != NULL)
				known = code;
		}
		level = inner != NULL ? inner : get_inner(level, "innererror");
	}
	return known != NULL ? known : any;
}

gboolean
graph_error_is_busy(guint status, const char *code)
{
	const CodeRow *row = status == 503 ? find_row(code) : NULL;

	return row != NULL && row->error == GRAPH_ERROR_UNAVAILABLE;
}

static GraphError
map_status(guint status)
{
	switch (status) {
	case 401:
		return GRAPH_ERROR_UNAUTHORIZED;
	case 403:
		return GRAPH_ERROR_FORBIDDEN;
	case 404:
		return GRAPH_ERROR_NOT_FOUND;
	case 409:
	case 412:
		return GRAPH_ERROR_CONFLICT;
	case 410:
		return GRAPH_ERROR_SYNC_RESET;
	case 413:
		return GRAPH_ERROR_TOO_LARGE;
	case 507:
		return GRAPH_ERROR_QUOTA;
	case 408:
	case 423:
	case 424:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
	case 509:
		return GRAPH_ERROR_UNAVAILABLE;
	default:
		return status < 400 ? GRAPH_ERROR_PROTOCOL : GRAPH_ERROR_FAILED;
	}
}

static const char *
get_sentence(GraphError error)
{
	switch (error) {
	case GRAPH_ERROR_UNAUTHORIZED:
		return _("The service does not accept the sign-in");
	case GRAPH_ERROR_FORBIDDEN:
		return _("The account is not allowed to do this");
	case GRAPH_ERROR_NOT_FOUND:
		return _("The item is not there any more");
	case GRAPH_ERROR_EXISTS:
		return _("A folder of this name is there already");
	case GRAPH_ERROR_CONFLICT:
		return _("The item was changed at the same time");
	case GRAPH_ERROR_SYNC_RESET:
		return _("The service asks to synchronise from the start");
	case GRAPH_ERROR_TOO_LARGE:
		return _("This is larger than the service takes");
	case GRAPH_ERROR_QUOTA:
		return _("The mailbox is full");
	case GRAPH_ERROR_NO_MAILBOX:
		return _("The account has no mailbox that can be opened");
	case GRAPH_ERROR_UNAVAILABLE:
		return _("The service is not available at the moment");
	case GRAPH_ERROR_PROTOCOL:
		return _("The service gave an unexpected answer");
	case GRAPH_ERROR_UNCERTAIN:
		return _("It is not certain whether the service did this");
	case GRAPH_ERROR_FAILED:
	default:
		return _("The service refused the request");
	}
}

GError *
graph_error_new_from_answer(const char *what, guint status, JsonObject *body, const char *request_id)
{
	const char *code = graph_error_get_service_code(body);
	gboolean settled = status < 400 || status == 401 || status == 429;
	const CodeRow *row = code != NULL && !settled ? find_row(code) : NULL;
	GraphError error = row != NULL && row->error != GRAPH_ERROR_FAILED ? row->error : map_status(status);
	g_autoptr(GString) details = g_string_new(NULL);

	g_string_append_printf(details, "%s: %u", what, status);
	if (code != NULL)
		g_string_append_printf(details, " %s", code);
	if (request_id != NULL && is_plain_word(request_id))
		g_string_append_printf(details, ", request-id %s", request_id);
	/* Translators: a sentence, then what was asked and answered, for a support request */
	return g_error_new(GRAPH_ERROR, error, _("%s (%s)"), get_sentence(error), details->str);
}

void
graph_error_make_uncertain(GError *error)
{
	if (g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL))
		error->code = GRAPH_ERROR_UNCERTAIN;
}

void
graph_error_quote(GError *error, JsonObject *body)
{
	JsonObject *outer = body != NULL ? get_inner(body, "error") : NULL;
	JsonNode *node = outer != NULL ? json_object_get_member(outer, "message") : NULL;
	const char *words = node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
	g_autofree char *valid = words != NULL ? g_utf8_make_valid(words, -1) : NULL;
	g_autofree char *message = error->message;
	g_autoptr(GString) clean = g_string_new(NULL);

	for (const char *p = valid; p != NULL && *p != '\0' && g_utf8_strlen(clean->str, -1) < MAX_QUOTE;
	     p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_string_append_unichar(clean, g_unichar_isprint(c) ? c : ' ');
	}
	g_strstrip(clean->str);
	if (*clean->str == '\0') {
		error->message = g_steal_pointer(&message);
		return;
	}
	/* Translators: the service's own words, in English mostly; then our sentence */
	error->message = g_strdup_printf(_("The service says: “%s” %s"), clean->str, message);
}
