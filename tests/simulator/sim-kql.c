/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-kql.h"

#include <stdio.h>
#include <string.h>

#include "sim-content.h"
#include "sim-text.h"

#define MAX_DEPTH 20

typedef enum {
	TERM, /* @keyword (%NULL: the default fields) and @value */
	AND,
	OR,
	NOT,
} Kind;

struct _SimKql {
	Kind kind;
	SimKql *left;
	SimKql *right;
	char *keyword;
	char *value;
};

typedef struct {
	const char *at;
	guint depth;
	char *message;
} Parser;

/* API.md 5.2 */
static const char *const keywords[] = {
	"attachment", "bcc",  "body",	  "cc",		  "from",	"hasattachment", "hasattachments",
	"importance", "kind", "received", "participants", "recipients", "sent",		 "size",
	"subject",    "to",   NULL};

void
sim_kql_free(SimKql *self)
{
	if (self == NULL)
		return;
	sim_kql_free(self->left);
	sim_kql_free(self->right);
	g_free(self->keyword);
	g_free(self->value);
	g_free(self);
}

static SimKql *
new_node(Kind kind, SimKql *left, SimKql *right)
{
	SimKql *self = g_new0(SimKql, 1);

	self->kind = kind;
	self->left = left;
	self->right = right;
	return self;
}

static SimKql *
fail(Parser *parser, const char *message)
{
	if (parser->message == NULL)
		parser->message = g_strdup_printf("%s at '%.20s'", message, parser->at);
	return NULL;
}

static void
skip_blanks(Parser *parser)
{
	while (g_ascii_isspace(*parser->at))
		parser->at++;
}

static gboolean
take_operator(Parser *parser, const char *operator)
{
	gsize length = strlen(operator);

	skip_blanks(parser);
	if (strncmp(parser->at, operator, length) != 0 ||
	    (parser->at[length] != '\0' && strchr(" (\"", parser->at[length]) == NULL))
		return FALSE;
	parser->at += length;
	return TRUE;
}

/* A phrase stands between quotes that are escaped, since the whole value is in quotes already. */
static char *
read_value(Parser *parser)
{
	g_autoptr(GString) value = g_string_new(NULL);

	if (!g_str_has_prefix(parser->at, "\\\"")) {
		gsize length = strcspn(parser->at, " ()\"\\:<>=");

		g_string_append_len(value, parser->at, (gssize)length);
		parser->at += length;
		return value->len > 0 ? g_strdup(value->str) : NULL;
	}
	for (parser->at += 2; *parser->at != '\0' && !g_str_has_prefix(parser->at, "\\\""); parser->at++)
		g_string_append_c(value, *parser->at);
	if (*parser->at == '\0') {
		fail(parser, "A phrase is open");
		return NULL;
	}
	parser->at += 2;
	return g_strdup(value->str);
}

static gboolean
check_restriction(Parser *parser, const char *keyword, const char *value)
{
	static const char *const levels[] = {"low", "medium", "high", NULL};
	guint month, day, year;

	if (!g_strv_contains(keywords, keyword)) {
		fail(parser, "Unknown keyword");
		return FALSE;
	}
	if ((g_str_equal(keyword, "received") || g_str_equal(keyword, "sent")) &&
	    sscanf(value, "%2u/%2u/%4u", &month, &day, &year) != 3) {
		fail(parser, "A date is MM/DD/YYYY, not this");
		return FALSE;
	}
	if ((g_str_has_prefix(keyword, "hasattachment") && !g_str_equal(value, "true") &&
	     !g_str_equal(value, "false")) ||
	    (g_str_equal(keyword, "importance") && !g_strv_contains(levels, value))) {
		fail(parser, "A value that this keyword does not have");
		return FALSE;
	}
	return TRUE;
}

static SimKql *
parse_term(Parser *parser)
{
	static const char *const operators[] = {"AND", "OR", "NOT", NULL};
	gboolean quoted = g_str_has_prefix(parser->at, "\\\"");
	g_autofree char *value = read_value(parser);
	g_autofree char *keyword = NULL;
	SimKql *self;

	if (value == NULL || (!quoted && g_strv_contains(operators, value)))
		return fail(parser, "A word is missing");
	if (*parser->at == ':') {
		keyword = g_ascii_strdown(value, -1);
		parser->at++;
		g_free(value);
		value = read_value(parser);
		if (value == NULL || !check_restriction(parser, keyword, value))
			return fail(parser, "A keyword without a value");
	}
	if (*parser->at != '\0' && strchr(" )", *parser->at) == NULL)
		return fail(parser, "A character that has to be in quotes");
	self = new_node(TERM, NULL, NULL);
	self->keyword = g_steal_pointer(&keyword);
	self->value = g_utf8_casefold(value, -1);
	return self;
}

static SimKql *parse_or(Parser *parser);

static SimKql *
parse_not(Parser *parser)
{
	SimKql *inner;

	if (take_operator(parser, "NOT")) {
		inner = parse_not(parser);
		return inner != NULL ? new_node(NOT, inner, NULL) : NULL;
	}
	skip_blanks(parser);
	if (*parser->at != '(')
		return parse_term(parser);
	if (++parser->depth > MAX_DEPTH)
		return fail(parser, "Too many parentheses");
	parser->at++;
	inner = parse_or(parser);
	skip_blanks(parser);
	if (inner != NULL && *parser->at == ')') {
		parser->at++;
		return inner;
	}
	sim_kql_free(inner);
	return fail(parser, "A parenthesis is open");
}

/* Two restrictions by the same keyword side by side are alternatives; everything else has to be there. */
static gboolean
are_alternatives(const SimKql *left, const SimKql *right)
{
	return left->kind == TERM && right->kind == TERM && left->keyword != NULL &&
	       g_strcmp0(left->keyword, right->keyword) == 0;
}

static SimKql *
parse_and(Parser *parser)
{
	SimKql *left = parse_not(parser);
	SimKql *last = left;

	while (left != NULL) {
		gboolean said = take_operator(parser, "AND");
		SimKql *right;

		skip_blanks(parser);
		if (!said && (*parser->at == '\0' || *parser->at == ')' || g_str_has_prefix(parser->at, "OR ")))
			return left;
		right = parse_not(parser);
		if (right == NULL) {
			sim_kql_free(left);
			return NULL;
		}
		left = new_node(!said && are_alternatives(last, right) ? OR : AND, left, right);
		last = right;
	}
	return NULL;
}

static SimKql *
parse_or(Parser *parser)
{
	SimKql *left = parse_and(parser);

	while (left != NULL && take_operator(parser, "OR")) {
		SimKql *right = parse_and(parser);

		if (right == NULL) {
			sim_kql_free(left);
			return NULL;
		}
		left = new_node(OR, left, right);
	}
	return left;
}

SimKql *
sim_kql_parse(const char *text, char **message)
{
	Parser parser = {.at = text};
	g_autoptr(SimKql) self = parse_or(&parser);

	if (self != NULL && *parser.at != '\0')
		fail(&parser, "Syntax error");
	*message = parser.message;
	return parser.message == NULL ? g_steal_pointer(&self) : NULL;
}

static GPtrArray *
split(const char *text)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folded = g_utf8_casefold(text, -1);
	const char *start = NULL;

	for (const char *at = folded;; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		gboolean letter = c != 0 && (g_unichar_isalnum(c) || g_unichar_ismark(c));

		if (letter && start == NULL)
			start = at;
		if (!letter && start != NULL) {
			g_ptr_array_add(words, g_strndup(start, (gsize)(at - start)));
			start = NULL;
		}
		if (c == 0)
			return words;
	}
}

/* The words of @value one after the other; the last one may go on (the contract's own example is `body:excitemen`). */
static gboolean
has_words(const char *text, const char *value)
{
	g_autoptr(GPtrArray) have = split(text != NULL ? text : "");
	g_autoptr(GPtrArray) want = split(value);

	for (guint i = 0; want->len > 0 && i + want->len <= have->len; i++) {
		guint n = 0;

		while (n + 1 < want->len && g_str_equal(have->pdata[i + n], want->pdata[n]))
			n++;
		if (n + 1 == want->len && g_str_has_prefix(have->pdata[i + n], want->pdata[n]))
			return TRUE;
	}
	return FALSE;
}

static gboolean
has_address(const SimAddress *address, const char *value)
{
	return address != NULL && (has_words(address->name, value) || has_words(address->address, value));
}

static gboolean
have_address(GPtrArray *addresses, const char *value)
{
	for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
		if (has_address(g_ptr_array_index(addresses, i), value))
			return TRUE;
	}
	return FALSE;
}

static gboolean
has_body(SimMessage *message, const char *value)
{
	g_autoptr(SimContent) content = sim_content_of(message);
	g_autofree char *text = content->html ? sim_text_from_html(content->text) : g_strdup(content->text);

	return has_words(text, value);
}

static gboolean
has_attachment(SimMessage *message, const char *value)
{
	g_autoptr(SimContent) content = sim_content_of(message);

	for (guint i = 0; i < content->attachments->len; i++) {
		const SimAttachment *attachment = g_ptr_array_index(content->attachments, i);

		if (has_words(attachment->name, value))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_on_day(gint64 seconds, const char *value)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
	guint month = 0, day = 0, year = 0;

	return sscanf(value, "%2u/%2u/%4u", &month, &day, &year) == 3 && (guint)g_date_time_get_year(time) == year &&
	       (guint)g_date_time_get_month(time) == month && (guint)g_date_time_get_day_of_month(time) == day;
}

static gboolean
has_size(gsize size, const char *value)
{
	const char *most = strstr(value, "..");
	guint64 from = g_ascii_strtoull(value, NULL, 10);

	return most != NULL ? size >= from && size <= g_ascii_strtoull(most + 2, NULL, 10) : size == from;
}

static gboolean
has_importance(SimMessage *message, const char *value)
{
	return g_str_equal(g_str_equal(value, "medium") ? "normal" : value, message->importance);
}

static gboolean
matches_term(SimMessage *message, const char *keyword, const char *value)
{
	if (keyword == NULL)
		return has_address(message->from, value) || has_words(message->subject, value) ||
		       has_body(message, value);
	if (g_str_equal(keyword, "from"))
		return has_address(message->from, value);
	if (g_str_equal(keyword, "subject"))
		return has_words(message->subject, value);
	if (g_str_equal(keyword, "body"))
		return has_body(message, value);
	if (g_str_equal(keyword, "to"))
		return have_address(message->to, value);
	if (g_str_equal(keyword, "cc"))
		return have_address(message->cc, value);
	if (g_str_equal(keyword, "bcc"))
		return have_address(message->bcc, value);
	if (g_str_equal(keyword, "recipients") || g_str_equal(keyword, "participants"))
		return have_address(message->to, value) || have_address(message->cc, value) ||
		       have_address(message->bcc, value) ||
		       (g_str_equal(keyword, "participants") && has_address(message->from, value));
	if (g_str_equal(keyword, "attachment"))
		return has_attachment(message, value);
	if (g_str_has_prefix(keyword, "hasattachment"))
		return message->has_attachments == g_str_equal(value, "true");
	if (g_str_equal(keyword, "importance"))
		return has_importance(message, value);
	if (g_str_equal(keyword, "received"))
		return is_on_day(message->received, value);
	if (g_str_equal(keyword, "sent"))
		return is_on_day(message->sent, value);
	if (g_str_equal(keyword, "size"))
		return has_size(sim_content_get_size(message), value);
	return g_str_equal(value, "email"); /* kind */
}

gboolean
sim_kql_matches(SimKql *self, SimMessage *message)
{
	switch (self->kind) {
	case AND:
		return sim_kql_matches(self->left, message) && sim_kql_matches(self->right, message);
	case OR:
		return sim_kql_matches(self->left, message) || sim_kql_matches(self->right, message);
	case NOT:
		return !sim_kql_matches(self->left, message);
	case TERM:
	default:
		return matches_term(message, self->keyword, self->value);
	}
}
