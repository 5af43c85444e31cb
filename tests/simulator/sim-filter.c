/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-filter.h"

#include <string.h>

#include "sim-mailbox.h"
#include "sim-text.h"

/* known-issues in API.md 2.2 */
#define MAX_LITERAL 120
#define MAX_DEPTH 50

typedef enum {
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	NODE_COMPARE,
	NODE_FUNCTION,
	NODE_CATEGORY,
	NODE_EXTENDED,
} NodeType;

typedef struct _Node Node;

struct _Node {
	NodeType type;
	Node *left;
	Node *right;
	char *property; /* of a function or comparison; the id of an extended one */
	char *verb;	/* eq, ne, …; startswith, … */
	char *text;
	gint64 number;
	SimValueType value_type;
};

struct _SimFilter {
	Node *root;
	GPtrArray *properties;
	gboolean contains;
};

typedef struct {
	SimFilter *filter;
	const char *at;
	guint depth;
	char *message;
	const char *code;
} Parser;

static const struct {
	const char *name;
	SimValueType type;
} comparable[] = {
	{"subject", SIM_VALUE_TEXT},
	{"internetMessageId", SIM_VALUE_TEXT},
	{"conversationId", SIM_VALUE_TEXT},
	{"parentFolderId", SIM_VALUE_TEXT},
	{"importance", SIM_VALUE_TEXT},
	{"inferenceClassification", SIM_VALUE_TEXT},
	{"bodyPreview", SIM_VALUE_TEXT},
	{"flag/flagStatus", SIM_VALUE_TEXT},
	{"from/emailAddress/address", SIM_VALUE_TEXT},
	{"from/emailAddress/name", SIM_VALUE_TEXT},
	{"sender/emailAddress/address", SIM_VALUE_TEXT},
	{"sender/emailAddress/name", SIM_VALUE_TEXT},
	{"receivedDateTime", SIM_VALUE_TIME},
	{"sentDateTime", SIM_VALUE_TIME},
	{"createdDateTime", SIM_VALUE_TIME},
	{"lastModifiedDateTime", SIM_VALUE_TIME},
	{"isRead", SIM_VALUE_BOOLEAN},
	{"isDraft", SIM_VALUE_BOOLEAN},
	{"hasAttachments", SIM_VALUE_BOOLEAN},
	{"isReadReceiptRequested", SIM_VALUE_BOOLEAN},
};

gboolean
sim_filter_get_type(const char *property, SimValueType *type)
{
	for (guint i = 0; i < G_N_ELEMENTS(comparable); i++) {
		if (g_str_equal(comparable[i].name, property)) {
			*type = comparable[i].type;
			return TRUE;
		}
	}
	return FALSE;
}

static SimValue
text_value(const char *text)
{
	SimValue value = {.type = text != NULL ? SIM_VALUE_TEXT : SIM_VALUE_NULL, .text = text};

	return value;
}

static SimValue
owned_value(char *text)
{
	SimValue value = {.type = SIM_VALUE_TEXT, .text = text, .owned = text};

	return value;
}

static SimValue
number_value(SimValueType type, gint64 number)
{
	SimValue value = {.type = type, .number = number};

	return value;
}

SimValue
sim_filter_get_value(SimMessage *message, const char *property)
{
	const SimAddress *address = g_str_has_prefix(property, "from/") ? message->from : message->sender;

	if (g_str_has_suffix(property, "emailAddress/address"))
		return text_value(address != NULL ? address->address : NULL);
	if (g_str_has_suffix(property, "emailAddress/name"))
		return text_value(address != NULL ? address->name : NULL);
	if (g_str_equal(property, "subject"))
		return text_value(message->subject);
	if (g_str_equal(property, "internetMessageId"))
		return text_value(message->internet_message_id);
	if (g_str_equal(property, "conversationId")) {
		SimId id = {.kind = SIM_ID_CONVERSATION, .number = message->conversation};

		return owned_value(sim_id_format(message->folder->mailbox->address, &id));
	}
	if (g_str_equal(property, "parentFolderId"))
		return owned_value(sim_folder_format_id(message->folder));
	if (g_str_equal(property, "importance"))
		return text_value(message->importance);
	if (g_str_equal(property, "inferenceClassification"))
		return text_value(message->inference);
	if (g_str_equal(property, "bodyPreview"))
		return text_value(message->preview);
	if (g_str_equal(property, "flag/flagStatus"))
		return text_value(message->flag_status);
	if (g_str_equal(property, "receivedDateTime"))
		return number_value(SIM_VALUE_TIME, message->received);
	if (g_str_equal(property, "sentDateTime"))
		return number_value(SIM_VALUE_TIME, message->sent);
	if (g_str_equal(property, "createdDateTime"))
		return number_value(SIM_VALUE_TIME, message->created);
	if (g_str_equal(property, "lastModifiedDateTime"))
		return number_value(SIM_VALUE_TIME, message->modified);
	if (g_str_equal(property, "isRead"))
		return number_value(SIM_VALUE_BOOLEAN, message->is_read);
	if (g_str_equal(property, "isDraft"))
		return number_value(SIM_VALUE_BOOLEAN, message->is_draft);
	if (g_str_equal(property, "hasAttachments"))
		return number_value(SIM_VALUE_BOOLEAN, message->has_attachments);
	if (g_str_equal(property, "isReadReceiptRequested"))
		return number_value(SIM_VALUE_BOOLEAN, message->wants_read_receipt);
	return text_value(NULL);
}

static void
node_free(Node *node)
{
	if (node == NULL)
		return;
	node_free(node->left);
	node_free(node->right);
	g_free(node->property);
	g_free(node->verb);
	g_free(node->text);
	g_free(node);
}

static Node *
fail(Parser *parser, const char *code, const char *format, const char *argument)
{
	if (parser->message == NULL) {
		parser->code = code;
		parser->message = g_strdup_printf("%s'%s'.", format, argument);
	}
	return NULL;
}

static void
skip_blanks(Parser *parser)
{
	while (*parser->at == ' ')
		parser->at++;
}

/* Takes @text if it comes next; a word must end there. */
static gboolean
take(Parser *parser, const char *text)
{
	gsize length = strlen(text);

	skip_blanks(parser);
	if (strncmp(parser->at, text, length) != 0)
		return FALSE;
	if (g_ascii_isalpha(text[length - 1]) && (g_ascii_isalnum(parser->at[length]) || parser->at[length] == '/'))
		return FALSE;
	parser->at += length;
	return TRUE;
}

static char *
take_word(Parser *parser)
{
	const char *start;

	skip_blanks(parser);
	start = parser->at;
	while (g_ascii_isalnum(*parser->at) || strchr("/_.:-+", *parser->at) != NULL) {
		if (*parser->at == '\0')
			break;
		parser->at++;
	}
	return g_strndup(start, (gsize)(parser->at - start));
}

/* 'let''s meet' (API.md 2.2) */
static char *
take_string(Parser *parser)
{
	GString *text;

	skip_blanks(parser);
	if (*parser->at != '\'')
		return NULL;
	text = g_string_new(NULL);
	for (parser->at++; *parser->at != '\0'; parser->at++) {
		if (*parser->at == '\'') {
			if (parser->at[1] != '\'') {
				parser->at++;
				return g_string_free(text, FALSE);
			}
			parser->at++;
		}
		g_string_append_c(text, *parser->at);
	}
	g_string_free(text, TRUE);
	return NULL;
}

static void
note_property(Parser *parser, const char *property)
{
	GPtrArray *properties = parser->filter->properties;

	for (guint i = 0; i < properties->len; i++) {
		if (g_str_equal(g_ptr_array_index(properties, i), property))
			return;
	}
	g_ptr_array_add(properties, g_strdup(property));
}

static Node *
node_new(NodeType type)
{
	Node *node = g_new0(Node, 1);

	node->type = type;
	return node;
}

static Node *parse_or(Parser *parser);

static gboolean
take_literal(Parser *parser, Node *node)
{
	skip_blanks(parser);
	if (node->value_type == SIM_VALUE_TEXT) {
		if (take(parser, "null"))
			return TRUE;
		node->text = take_string(parser);
		if (node->text != NULL && g_utf8_strlen(node->text, -1) > MAX_LITERAL &&
		    g_str_equal(node->verb, "eq")) {
			fail(parser, "BadRequest",
			     "Property value is longer than 120 characters in the filter clause: ", node->property);
			return FALSE;
		}
		return node->text != NULL;
	}
	if (node->value_type == SIM_VALUE_BOOLEAN) {
		if (take(parser, "true")) {
			node->number = TRUE;
			return TRUE;
		}
		return take(parser, "false");
	} else {
		g_autofree char *word = take_word(parser);

		return strchr(word, 'T') != NULL || strlen(word) == 10 ? sim_text_parse_time(word, &node->number)
								       : FALSE;
	}
}

static Node *
parse_function(Parser *parser, const char *name)
{
	Node *node = node_new(NODE_FUNCTION);

	node->verb = g_strdup(name);
	node->property = take_word(parser);
	node->value_type = SIM_VALUE_TEXT;
	if (!sim_filter_get_type(node->property, &node->value_type) || node->value_type != SIM_VALUE_TEXT) {
		fail(parser, "RequestBroker--ParseUri", "Could not find a text property to search: ", node->property);
		node_free(node);
		return NULL;
	}
	note_property(parser, node->property);
	if (!take(parser, ",") || !take_literal(parser, node) || node->text == NULL || !take(parser, ")")) {
		node_free(node);
		return fail(parser, "BadRequest", "Invalid filter clause: function ", name);
	}
	if (g_str_equal(name, "contains"))
		parser->filter->contains = TRUE;
	return node;
}

/* categories/any(c:c eq 'Blue') */
static Node *
parse_category(Parser *parser)
{
	g_autofree char *variable = NULL;
	Node *node = node_new(NODE_CATEGORY);
	const char *colon = strchr(parser->at, ':');

	note_property(parser, "categories");
	if (colon != NULL) {
		variable = g_strstrip(g_strndup(parser->at, (gsize)(colon - parser->at)));
		parser->at = colon + 1;
	}
	if (variable == NULL || !take(parser, variable) || !take(parser, "eq") ||
	    (node->text = take_string(parser)) == NULL || !take(parser, ")")) {
		node_free(node);
		return fail(parser, "BadRequest", "Invalid filter clause: ", "categories/any");
	}
	return node;
}

/* singleValueExtendedProperties/Any(ep: ep/id eq '…' and ep/value eq '…'), API.md 5.3 */
static Node *
parse_extended(Parser *parser)
{
	Node *node = node_new(NODE_EXTENDED);

	note_property(parser, "singleValueExtendedProperties");
	if (!take(parser, "ep") || !take(parser, ":") || !take(parser, "ep/id") || !take(parser, "eq") ||
	    (node->property = take_string(parser)) == NULL || !take(parser, "and") || !take(parser, "ep/value") ||
	    !take(parser, "eq") || (node->text = take_string(parser)) == NULL || !take(parser, ")")) {
		node_free(node);
		return fail(parser, "BadRequest", "Invalid filter clause: ", "singleValueExtendedProperties/Any");
	}
	return node;
}

static Node *
parse_comparison(Parser *parser)
{
	static const char *const operators[] = {"eq", "ne", "gt", "ge", "lt", "le"};
	g_autofree char *property = take_word(parser);
	Node *node;

	if (*property == '\0')
		return fail(parser, "BadRequest", "Invalid filter clause at ", parser->at);
	node = node_new(NODE_COMPARE);
	node->property = g_steal_pointer(&property);
	if (!sim_filter_get_type(node->property, &node->value_type)) {
		g_autofree char *name = g_strdup(node->property);

		node_free(node);
		return fail(parser, "RequestBroker--ParseUri",
			    "Could not find a property to filter by on type 'microsoft.graph.message': ", name);
	}
	note_property(parser, node->property);
	for (guint i = 0; i < G_N_ELEMENTS(operators) && node->verb == NULL; i++) {
		if (take(parser, operators[i]))
			node->verb = g_strdup(operators[i]);
	}
	if (node->verb == NULL || !take_literal(parser, node)) {
		g_autofree char *name = g_strdup(node->property);

		node_free(node);
		return fail(parser, "BadRequest", "Invalid filter clause, wrong operator or literal for ", name);
	}
	return node;
}

static Node *
parse_unary(Parser *parser)
{
	static const char *const functions[] = {"startswith", "contains", "endswith"};

	if (++parser->depth > MAX_DEPTH)
		return fail(parser, "BadRequest", "The filter is nested too deeply: ", parser->at);
	skip_blanks(parser);
	if (take(parser, "not")) {
		Node *node = node_new(NODE_NOT);

		node->left = parse_unary(parser);
		if (node->left != NULL)
			return node;
		node_free(node);
		return NULL;
	}
	if (take(parser, "(")) {
		Node *node = parse_or(parser);

		if (node == NULL || take(parser, ")"))
			return node;
		node_free(node);
		return fail(parser, "BadRequest", "A parenthesis is open at ", parser->at);
	}
	for (guint i = 0; i < G_N_ELEMENTS(functions); i++) {
		g_autofree char *call = g_strconcat(functions[i], "(", NULL);

		if (take(parser, call))
			return parse_function(parser, functions[i]);
	}
	if (take(parser, "categories/any("))
		return parse_category(parser);
	if (take(parser, "singleValueExtendedProperties/Any(") || take(parser, "singleValueExtendedProperties/any("))
		return parse_extended(parser);
	return parse_comparison(parser);
}

static Node *
parse_chain(Parser *parser, NodeType type, const char *word, Node *(*parse_part)(Parser *))
{
	Node *left = parse_part(parser);

	while (left != NULL && take(parser, word)) {
		Node *node = node_new(type);

		node->left = left;
		node->right = parse_part(parser);
		if (node->right == NULL) {
			node_free(node);
			return NULL;
		}
		left = node;
	}
	return left;
}

static Node *
parse_and(Parser *parser)
{
	return parse_chain(parser, NODE_AND, "and", parse_unary);
}

static Node *
parse_or(Parser *parser)
{
	return parse_chain(parser, NODE_OR, "or", parse_and);
}

SimFilter *
sim_filter_parse(const char *text, const char **code, char **message)
{
	SimFilter *self = g_new0(SimFilter, 1);
	Parser parser = {.filter = self, .at = text};

	self->properties = g_ptr_array_new_with_free_func(g_free);
	self->root = parse_or(&parser);
	skip_blanks(&parser);
	if (self->root != NULL && *parser.at != '\0')
		fail(&parser, "BadRequest", "Syntax error in the filter at ", parser.at);
	if (parser.message != NULL) {
		*code = parser.code;
		*message = parser.message;
		sim_filter_free(self);
		return NULL;
	}
	g_ptr_array_add(self->properties, NULL);
	return self;
}

void
sim_filter_free(SimFilter *self)
{
	if (self == NULL)
		return;
	node_free(self->root);
	g_ptr_array_unref(self->properties);
	g_free(self);
}

static gboolean
compare(const char *verb, int order)
{
	return g_str_equal(verb, "eq")	 ? order == 0
	       : g_str_equal(verb, "ne") ? order != 0
	       : g_str_equal(verb, "gt") ? order > 0
	       : g_str_equal(verb, "ge") ? order >= 0
	       : g_str_equal(verb, "lt") ? order < 0
					 : order <= 0;
}

static gboolean
matches_text(const Node *node, const char *text)
{
	g_autofree char *have = text != NULL ? g_utf8_casefold(text, -1) : NULL;
	g_autofree char *want = node->text != NULL ? g_utf8_casefold(node->text, -1) : NULL;

	if (have == NULL || want == NULL)
		return compare(node->verb, (have != NULL) - (want != NULL));
	if (g_str_equal(node->verb, "startswith"))
		return g_str_has_prefix(have, want);
	if (g_str_equal(node->verb, "endswith"))
		return g_str_has_suffix(have, want);
	if (g_str_equal(node->verb, "contains"))
		return strstr(have, want) != NULL;
	return compare(node->verb, strcmp(have, want));
}

static gboolean
matches(const Node *node, SimMessage *message)
{
	SimValue value;
	gboolean result;

	switch (node->type) {
	case NODE_AND:
		return matches(node->left, message) && matches(node->right, message);
	case NODE_OR:
		return matches(node->left, message) || matches(node->right, message);
	case NODE_NOT:
		return !matches(node->left, message);
	case NODE_CATEGORY:
		return message->categories != NULL &&
		       g_strv_contains((const char *const *)message->categories, node->text);
	case NODE_EXTENDED:
		return message->extended != NULL &&
		       g_strcmp0(g_hash_table_lookup(message->extended, node->property), node->text) == 0;
	case NODE_FUNCTION:
	case NODE_COMPARE:
		break;
	}
	value = sim_filter_get_value(message, node->property);
	if (node->value_type == SIM_VALUE_TEXT)
		result = matches_text(node, value.text);
	else
		result = compare(node->verb, value.number < node->number ? -1 : value.number > node->number);
	g_free(value.owned);
	return result;
}

gboolean
sim_filter_matches(SimFilter *self, SimMessage *message)
{
	return matches(self->root, message);
}

const char *const *
sim_filter_get_properties(SimFilter *self)
{
	return (const char *const *)self->properties->pdata;
}

gboolean
sim_filter_uses_contains(SimFilter *self)
{
	return self->contains;
}

gboolean
sim_filter_is_received_from(SimFilter *self)
{
	const Node *node = self->root;

	return node->type == NODE_COMPARE && g_str_equal(node->property, "receivedDateTime") &&
	       (g_str_equal(node->verb, "ge") || g_str_equal(node->verb, "gt"));
}
