/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-message.h"

#include "graph-json.h"

/* API.md 5.3, 5.6; CHECKED 22 */
#define TAG_SIZE 0x0E08
#define TAG_ICON 0x1080
#define TAG_VERB 0x1081

enum {
	ICON_REPLIED = 261,
	ICON_FORWARDED = 262,
	VERB_REPLIED = 102,
	VERB_REPLIED_ALL = 103,
	VERB_FORWARDED = 104,
};

void
graph_message_free(GraphMessage *self)
{
	g_free(self->id);
	g_free(self->parent_id);
	g_free(self->subject);
	g_free(self->from);
	g_free(self->to);
	g_free(self->cc);
	g_free(self->reply_to);
	g_free(self->internet_message_id);
	g_free(self->in_reply_to);
	g_free(self->references);
	g_free(self->conversation_id);
	g_free(self->conversation_index);
	g_strfreev(self->categories);
	g_free(self);
}

/* Text for one line of a list or a header: line ends and other controls become blanks. */
static char *
dup_line(const char *text)
{
	char *line = g_strdup(text);

	for (char *p = line; p != NULL && *p != '\0'; p++) {
		if (g_ascii_iscntrl(*p))
			*p = ' ';
	}
	return line;
}

static gboolean
get_line(JsonObject *object, const char *name, char **line, GError **error)
{
	const char *text;

	if (!graph_json_get_string(object, name, &text, error))
		return FALSE;
	g_free(*line);
	*line = dup_line(text);
	return TRUE;
}

/* RFC 5322: a name with specials stands in quotes. */
static void
append_name(GString *list, const char *name)
{
	if (strpbrk(name, "()<>[]:;@\\,.\"") == NULL) {
		g_string_append(list, name);
		return;
	}
	g_string_append_c(list, '"');
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(list, '\\');
		g_string_append_c(list, *p);
	}
	g_string_append_c(list, '"');
}

/* A recipient is `{"emailAddress":{"name","address"}}`, each of them missing at times. */
static gboolean
append_recipient(GString *list, JsonObject *recipient, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *address = NULL;
	JsonObject *email;

	if (!graph_json_get_object(recipient, "emailAddress", &email, error))
		return FALSE;
	if (email == NULL)
		return TRUE;
	if (!get_line(email, "name", &name, error) || !get_line(email, "address", &address, error))
		return FALSE;
	if (name != NULL && address != NULL && g_ascii_strcasecmp(g_strstrip(name), g_strstrip(address)) == 0)
		g_clear_pointer(&name, g_free);

	if ((name == NULL || *name == '\0') && (address == NULL || *address == '\0'))
		return TRUE;
	if (list->len > 0)
		g_string_append(list, ", ");
	if (name != NULL && *name != '\0')
		append_name(list, name);
	if (address != NULL && *address != '\0' && name != NULL && *name != '\0')
		g_string_append_printf(list, " <%s>", address);
	else if (address != NULL && *address != '\0')
		g_string_append(list, address);
	return TRUE;
}

static gboolean
get_recipients(JsonObject *object, const char *name, char **value, GError **error)
{
	g_autoptr(GString) list = g_string_new(NULL);
	JsonArray *array;

	if (!graph_json_get_array(object, name, &array, error))
		return FALSE;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *recipient = graph_json_require_element(array, i, error);

		if (recipient == NULL || !append_recipient(list, recipient, error))
			return FALSE;
	}
	*value = list->len > 0 ? g_strdup(list->str) : NULL;
	return TRUE;
}

static gboolean
get_sender(JsonObject *object, char **value, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonObject *recipient;

	if (!graph_json_get_object(object, "from", &recipient, error))
		return FALSE;
	if (recipient == NULL && !graph_json_get_object(object, "sender", &recipient, error))
		return FALSE;
	if (recipient != NULL && !append_recipient(text, recipient, error))
		return FALSE;
	*value = text->len > 0 ? g_strdup(text->str) : NULL;
	return TRUE;
}

/* A date that cannot be read is unknown; it is no reason to lose the message. */
static gboolean
get_time(JsonObject *object, const char *name, gint64 *value, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) date = NULL;
	const char *text;

	if (!graph_json_get_string(object, name, &text, error))
		return FALSE;
	date = text != NULL ? g_date_time_new_from_iso8601(text, utc) : NULL;
	*value = date != NULL ? MAX(0, g_date_time_to_unix(date)) : 0;
	return TRUE;
}

/* An envelope comes as a whole, with its dates; members without them are a change to be looked up. */
static gboolean
read_envelope(GraphMessage *self, JsonObject *object, GError **error)
{
	static const char *const others[] = {"subject",	     "from",	"sender",	"toRecipients",
					     "ccRecipients", "replyTo", "sentDateTime", "internetMessageId"};

	if (!json_object_has_member(object, "receivedDateTime")) {
		for (guint i = 0; i < G_N_ELEMENTS(others); i++)
			if (json_object_has_member(object, others[i]))
				self->fields |= GRAPH_MESSAGE_INCOMPLETE;
		return TRUE;
	}
	self->fields |= GRAPH_MESSAGE_ENVELOPE;
	if (!get_line(object, "subject", &self->subject, error))
		return FALSE;
	/* What is missing is sent as an empty text, too; only the header tells them apart. */
	if (self->subject != NULL && *self->subject == '\0')
		g_clear_pointer(&self->subject, g_free);
	return get_sender(object, &self->from, error) && get_recipients(object, "toRecipients", &self->to, error) &&
	       get_recipients(object, "ccRecipients", &self->cc, error) &&
	       get_recipients(object, "replyTo", &self->reply_to, error) &&
	       get_time(object, "receivedDateTime", &self->received, error) &&
	       get_time(object, "sentDateTime", &self->sent, error) &&
	       get_line(object, "internetMessageId", &self->internet_message_id, error) &&
	       get_line(object, "conversationId", &self->conversation_id, error) &&
	       get_line(object, "conversationIndex", &self->conversation_index, error);
}

static gboolean
read_boolean(GraphMessage *self, JsonObject *object, const char *name, GraphMessageFields field, gboolean *value,
	     GError **error)
{
	if (!graph_json_get_boolean(object, name, value, error))
		return FALSE;
	if (graph_json_has(object, name))
		self->fields |= field;
	return TRUE;
}

/* Values differ in case from page to page (API.md 2.4); an unknown one tells nothing. */
static gboolean
read_flag(GraphMessage *self, JsonObject *object, GError **error)
{
	static const char *const names[] = {"notFlagged", "flagged", "complete"};
	JsonObject *flag;
	const char *status = NULL;

	if (!graph_json_get_object(object, "flag", &flag, error) ||
	    (flag != NULL && !graph_json_get_string(flag, "flagStatus", &status, error)))
		return FALSE;
	for (guint i = 0; status != NULL && i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(names[i], status) == 0) {
			self->flag = (GraphFlag)i;
			self->fields |= GRAPH_MESSAGE_FLAG;
		}
	}
	return TRUE;
}

static gboolean
read_importance(GraphMessage *self, JsonObject *object, GError **error)
{
	static const char *const names[] = {"low", "normal", "high"};
	const char *importance;

	if (!graph_json_get_string(object, "importance", &importance, error))
		return FALSE;
	for (guint i = 0; importance != NULL && i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(names[i], importance) == 0) {
			self->importance = (GraphImportance)i;
			self->fields |= GRAPH_MESSAGE_IMPORTANCE;
		}
	}
	return TRUE;
}

static gboolean
read_categories(GraphMessage *self, JsonObject *object, GError **error)
{
	if (!graph_json_has(object, "categories"))
		return TRUE;
	self->categories = graph_json_dup_strings(object, "categories", error);
	self->fields |= GRAPH_MESSAGE_CATEGORIES;
	return self->categories != NULL;
}

/* Appends the message ids in @value, with their brackets, blank between. */
static void
append_ids(GString *ids, const char *value)
{
	const char *open = strchr(value, '<');

	while (open != NULL) {
		const char *end = open + 1 + strcspn(open + 1, "<> \t\r\n");

		if (*end == '>' && end > open + 1) {
			if (ids->len > 0)
				g_string_append_c(ids, ' ');
			g_string_append_len(ids, open, end + 1 - open);
		}
		open = strchr(open + 1, '<');
	}
}

/* RFC 5322: a comment stands in parentheses. */
static char *
remove_comments(const char *value)
{
	GString *rest = g_string_new(NULL);
	guint depth = 0;

	for (; *value != '\0'; value++) {
		if (*value == '(')
			depth++;
		else if (*value == ')' && depth > 0)
			depth--;
		else if (depth == 0)
			g_string_append_c(rest, *value);
	}
	return g_string_free(rest, FALSE);
}

/* A list of several, or words before it: the last one is what is answered. */
static char *
dup_last_id(const char *value)
{
	g_autoptr(GString) ids = g_string_new(NULL);
	g_autofree char *plain = remove_comments(value);
	const char *last;

	append_ids(ids, plain);
	last = strrchr(ids->str, '<');
	return last != NULL ? g_strdup(last) : NULL;
}

static gboolean
read_headers(GraphMessage *self, JsonObject *object, GError **error)
{
	g_autoptr(GString) references = g_string_new(NULL);
	JsonArray *headers;
	gboolean delivered = FALSE, dated = FALSE;

	if (!graph_json_get_array(object, "internetMessageHeaders", &headers, error))
		return FALSE;
	if (headers == NULL)
		return TRUE;
	self->fields |= GRAPH_MESSAGE_REFERENCES;
	for (guint i = 0; i < json_array_get_length(headers); i++) {
		JsonObject *header = graph_json_require_element(headers, i, error);
		const char *name, *value;

		if (header == NULL || !graph_json_get_string(header, "name", &name, error) ||
		    !graph_json_get_string(header, "value", &value, error))
			return FALSE;
		if (name == NULL || value == NULL)
			continue;
		/* What was only made at the service has headers of X- alone, if any (API.md 5.5). */
		delivered |= g_ascii_strncasecmp(name, "X-", 2) != 0;
		dated |= g_ascii_strcasecmp(name, "Date") == 0;
		if (self->subject == NULL && (self->fields & GRAPH_MESSAGE_ENVELOPE) != 0 &&
		    g_ascii_strcasecmp(name, "Subject") == 0 && value[strspn(value, " \t\r\n")] == '\0')
			self->subject = g_strdup("");
		if (g_ascii_strcasecmp(name, "References") == 0)
			append_ids(references, value);
		else if (self->in_reply_to == NULL && g_ascii_strcasecmp(name, "In-Reply-To") == 0)
			self->in_reply_to = dup_last_id(value);
	}
	self->references = references->len > 0 ? g_strdup(references->str) : NULL;
	self->undated = delivered && !dated;
	return TRUE;
}

/* `Integer 0x0E08` comes back as `Integer 0xe08`; sizes have been `Long`. 0 for any other id. */
static guint64
parse_tag(const char *id)
{
	guint64 tag = 0;

	if (g_ascii_strncasecmp(id, "Integer 0x", 10) == 0)
		g_ascii_string_to_unsigned(id + 10, 16, 1, 0xFFFF, &tag, NULL);
	else if (g_ascii_strncasecmp(id, "Long 0x", 7) == 0)
		g_ascii_string_to_unsigned(id + 7, 16, 1, 0xFFFF, &tag, NULL);
	return tag;
}

/* An empty array is not "absent" (CHECKED 2c): only beside the size does a missing verb mean that there is none. */
static gboolean
read_extended(GraphMessage *self, JsonObject *object, GError **error)
{
	gint64 verb = -1, icon = -1;
	JsonArray *array;

	if (!graph_json_get_array(object, "singleValueExtendedProperties", &array, error))
		return FALSE;
	for (guint i = 0; array != NULL && i < json_array_get_length(array); i++) {
		JsonObject *property = graph_json_require_element(array, i, error);
		const char *id = property != NULL ? graph_json_require_string(property, "id", error) : NULL;
		gint64 value = -1;
		guint64 tag;

		if (id == NULL)
			return FALSE;
		tag = parse_tag(id);
		if (tag != TAG_SIZE && tag != TAG_VERB && tag != TAG_ICON)
			continue;
		if (!graph_json_get_int64(property, "value", &value, error))
			return FALSE;
		if (tag == TAG_SIZE && value >= 0) {
			self->size = value;
			self->fields |= GRAPH_MESSAGE_SIZE;
		} else if (tag == TAG_VERB) {
			verb = value;
		} else if (tag == TAG_ICON) {
			icon = value;
		}
	}
	if ((self->fields & GRAPH_MESSAGE_SIZE) != 0 || verb >= 0 || icon >= 0) {
		self->fields |= GRAPH_MESSAGE_ANSWERED;
		self->answered = verb >= 0 ? verb == VERB_REPLIED || verb == VERB_REPLIED_ALL : icon == ICON_REPLIED;
		self->forwarded = verb >= 0 ? verb == VERB_FORWARDED : icon == ICON_FORWARDED;
	}
	return TRUE;
}

static gboolean
read_parent(GraphMessage *self, JsonObject *object, GError **error)
{
	const char *parent;

	if (!graph_json_get_string(object, "parentFolderId", &parent, error))
		return FALSE;
	if (parent != NULL)
		self->fields |= GRAPH_MESSAGE_PARENT;
	self->parent_id = g_strdup(parent);
	return TRUE;
}

/**
 * graph_message_from_json:
 * @object: a `message`, or what a page of changes holds of one
 *
 * Returns: (transfer full): the message, %NULL with %GRAPH_ERROR_PROTOCOL
 */
GraphMessage *
graph_message_from_json(JsonObject *object, GError **error)
{
	g_autoptr(GraphMessage) self = g_new0(GraphMessage, 1);
	const char *id = graph_json_require_string(object, "id", error);

	if (id == NULL)
		return NULL;
	self->id = g_strdup(id);
	self->importance = GRAPH_IMPORTANCE_NORMAL;
	if (graph_json_has(object, "@removed")) {
		self->removed = TRUE;
		return g_steal_pointer(&self);
	}

	if (!get_time(object, "lastModifiedDateTime", &self->modified, error) || !read_envelope(self, object, error) ||
	    !read_parent(self, object, error) ||
	    !read_boolean(self, object, "isRead", GRAPH_MESSAGE_READ, &self->is_read, error) ||
	    !read_boolean(self, object, "isDraft", GRAPH_MESSAGE_DRAFT, &self->is_draft, error) ||
	    !read_boolean(self, object, "hasAttachments", GRAPH_MESSAGE_ATTACHMENT, &self->has_attachments, error) ||
	    !read_flag(self, object, error) || !read_importance(self, object, error) ||
	    !read_categories(self, object, error) || !read_headers(self, object, error) ||
	    !read_extended(self, object, error))
		return NULL;
	return g_steal_pointer(&self);
}

gint64
graph_message_read_modified(JsonObject *object)
{
	gint64 modified;

	return get_time(object, "lastModifiedDateTime", &modified, NULL) ? modified : 0;
}

static void
add_property(JsonArray *array, const char *id, int value)
{
	g_autofree char *text = g_strdup_printf("%d", value);
	JsonObject *property = json_object_new();

	json_object_set_string_member(property, "id", id);
	json_object_set_string_member(property, "value", text);
	json_array_add_object_element(array, property);
}

/*
 * Answered and forwarded have no plain property (CHECKED 22). The icon carries the read state as well: it is
 * written with a verb, never to take one back.
 */
JsonObject *
graph_message_answered_to_json(const GraphMessage *changes)
{
	JsonObject *object = json_object_new();
	JsonArray *array = json_array_new();
	int verb = changes->answered ? VERB_REPLIED : changes->forwarded ? VERB_FORWARDED : 0;

	add_property(array, "Integer 0x1081", verb);
	if (verb != 0)
		add_property(array, "Integer 0x1080", changes->answered ? ICON_REPLIED : ICON_FORWARDED);
	json_object_set_array_member(object, "singleValueExtendedProperties", array);
	return object;
}

JsonObject *
graph_message_changes_to_json(const GraphMessage *changes)
{
	static const char *const flags[] = {"notFlagged", "flagged", "complete"};
	static const char *const importances[] = {"low", "normal", "high"};
	JsonObject *object = json_object_new();

	if ((changes->fields & GRAPH_MESSAGE_READ) != 0)
		json_object_set_boolean_member(object, "isRead", changes->is_read);
	if ((changes->fields & GRAPH_MESSAGE_FLAG) != 0) {
		JsonObject *flag = json_object_new();

		json_object_set_string_member(flag, "flagStatus", flags[changes->flag]);
		json_object_set_object_member(object, "flag", flag);
	}
	if ((changes->fields & GRAPH_MESSAGE_IMPORTANCE) != 0)
		json_object_set_string_member(object, "importance", importances[changes->importance]);
	if ((changes->fields & GRAPH_MESSAGE_CATEGORIES) != 0) {
		JsonArray *array = json_array_new();

		for (guint i = 0; changes->categories != NULL && changes->categories[i] != NULL; i++)
			json_array_add_string_element(array, changes->categories[i]);
		json_object_set_array_member(object, "categories", array);
	}
	return object;
}
