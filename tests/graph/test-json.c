/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-json.h"

#include <string.h>

#include "graph-challenge.h"
#include "graph-error.h"
#include "graph-folder.h"
#include "graph-message.h"
#include "graph-page.h"
#include "graph-uri.h"
#include "graph-user.h"

static JsonObject *
parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	JsonObject *object = graph_json_parse(text, strlen(text), &error);

	g_assert_no_error(error);
	return object;
}

static void
test_reads_what_is_there(void)
{
	g_autoptr(JsonObject) object =
		parse("{\"s\":\"text\",\"n\":null,\"i\":7,\"is\":\"-12\",\"b\":true,\"bs\":\"False\","
		      "\"a\":[\"x\",null,\"y\"],\"o\":{}}");
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) strings = graph_json_dup_strings(object, "a", &error);
	const char *text = "before";
	gboolean flag = TRUE;
	gint64 number = 1;

	g_assert_cmpstr(graph_json_require_string(object, "s", &error), ==, "text");
	g_assert_true(graph_json_get_string(object, "n", &text, &error));
	g_assert_null(text);
	g_assert_true(graph_json_get_string(object, "missing", &text, &error));
	g_assert_null(text);
	g_assert_true(graph_json_get_int64(object, "i", &number, &error));
	g_assert_cmpint(number, ==, 7);
	g_assert_true(graph_json_get_int64(object, "is", &number, &error));
	g_assert_cmpint(number, ==, -12);
	g_assert_true(graph_json_get_int64(object, "n", &number, &error));
	g_assert_cmpint(number, ==, -12);
	g_assert_true(graph_json_get_boolean(object, "bs", &flag, &error));
	g_assert_false(flag);
	g_assert_true(graph_json_get_boolean(object, "b", &flag, &error));
	g_assert_true(flag);
	g_assert_cmpuint(g_strv_length(strings), ==, 2);
	g_assert_no_error(error);
}

static void
test_refuses_other_types(void)
{
	g_autoptr(JsonObject) object =
		parse("{\"s\":\"text\",\"i\":7,\"d\":1.5,\"b\":true,\"a\":[1],\"o\":{},\"e\":\"\"}");
	const char *text;
	gboolean flag;
	gint64 number;
	JsonArray *array;
	JsonObject *inner;

#define assert_protocol(call)                                             \
	G_STMT_START                                                      \
	{                                                                 \
		g_autoptr(GError) error = NULL;                           \
		g_assert_false(call);                                     \
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL); \
	}                                                                 \
	G_STMT_END

	assert_protocol(graph_json_get_string(object, "i", &text, &error));
	assert_protocol(graph_json_get_string(object, "o", &text, &error));
	assert_protocol(graph_json_require_string(object, "missing", &error));
	assert_protocol(graph_json_require_string(object, "e", &error));
	assert_protocol(graph_json_get_boolean(object, "i", &flag, &error));
	assert_protocol(graph_json_get_boolean(object, "s", &flag, &error));
	assert_protocol(graph_json_get_boolean(object, "a", &flag, &error));
	assert_protocol(graph_json_get_int64(object, "s", &number, &error));
	assert_protocol(graph_json_get_int64(object, "d", &number, &error));
	assert_protocol(graph_json_get_int64(object, "o", &number, &error));
	assert_protocol(graph_json_get_array(object, "o", &array, &error));
	assert_protocol(graph_json_get_object(object, "a", &inner, &error));
	assert_protocol(graph_json_dup_strings(object, "a", &error));
}

static void
test_refuses_what_is_no_object(void)
{
	g_autofree char *deep = g_strnfill(200000, '[');
	g_autofree char *nested = g_strconcat("{\"a\":", deep, NULL);
	const char *texts[] = {"",   " ",	 "null",   "[]",	 "\"x\"",
			       "{",  "{\"a\":}", "<html>", "{\"a\":1}}", "{\"a\":\"\xff\"}",
			       deep, nested};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(graph_json_parse(texts[i], strlen(texts[i]), &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	}
}

static void
test_knows_the_innermost_code(void)
{
	static const struct {
		const char *body;
		const char *code;
	} cases[] = {
		{"{\"error\":{\"code\":\"generalException\",\"innerError\":{\"code\":\"ErrorItemNotFound\"}}}",
		 "ErrorItemNotFound"},
		{"{\"error\":{\"code\":\"ErrorAccessDenied\",\"innererror\":{\"code\":\"surprise\"}}}",
		 "ErrorAccessDenied"},
		{"{\"error\":{\"code\":\"one\",\"innerError\":{\"innerError\":{\"code\":\"two\"}}}}", "two"},
		{"{\"error\":{\"code\":\"bob@contoso.example said\"}}", NULL},
		{"{\"error\":{\"code\":\"\"}}", NULL},
		{"{\"error\":\"text\"}", NULL},
		{"{\"error\":{\"code\":12,\"innerError\":[]}}", NULL},
		{"{}", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(JsonObject) body = parse(cases[i].body);

		g_assert_cmpstr(graph_error_get_service_code(body), ==, cases[i].code);
	}
	g_assert_null(graph_error_get_service_code(NULL));
}

static void
test_finds_the_claims(void)
{
	static const struct {
		const char *header;
		const char *claims;
	} cases[] = {
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "{\"a\":1}"},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ\"", "{\"a\":1}"},
		{"Bearer claims=\"eyJhIjoiPz8_In0\" , realm=\"a, b=c\" ,error=insufficient_claims", "{\"a\":\"???\"}"},
		{"Basic realm=\"x, Bearer claims=1\", Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"",
		 "{\"a\":1}"},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\", Negotiate", "{\"a\":1}"},
		{"Bearer error=\"invalid_token\", claims=\"eyJhIjoxfQ==\"", NULL},
		{"Bearer error=\"insufficient_claims\"", NULL},
		{"Bearer error=\"insufficient_claims\", claims=\"WzFd\"", NULL},
		{"Bearer error=\"insufficient_claims\", claims=\"%%%\"", NULL},
		{"Digest error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", NULL},
		{"Bearer error=\"insufficient_claims\", Digest claims=\"eyJhIjoxfQ==\"", NULL},
		{"Bearer", NULL},
		{"", NULL},
		{",,, = \"", NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *claims = graph_challenge_get_claims(cases[i].header);

		g_assert_cmpstr(claims, ==, cases[i].claims);
	}
}

static void
test_shows_no_ids_and_addresses(void)
{
	static const struct {
		const char *uri;
		const char *shown;
	} cases[] = {
		{"https://h/v1.0/me/mailFolders/inbox/messages/delta?$skiptoken=secret",
		 "/v1.0/me/mailFolders/inbox/messages/delta"},
		{"https://h/v1.0/me/messages/AAMkAGE1M2IyNGNmLTI5MTktNDUyZi1iOTVl/$value",
		 "/v1.0/me/messages/…/$value"},
		{"https://h/v1.0/me/mailfolders('AAMkAGE1M2IyNGNmLTI5MTktNDUyZi1iOTVl')/messages",
		 "/v1.0/me/mailfolders(…)/messages"},
		{"https://h/v1.0/users/bob@contoso.example/messages", "/v1.0/users/…/messages"},
		{"https://h/v1.0/users('$bob@contoso.example')/messages", "/v1.0/users(…)/messages"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GUri) uri = g_uri_parse(cases[i].uri, G_URI_FLAGS_ENCODED, NULL);
		g_autofree char *shown = graph_uri_redact(uri);

		g_assert_cmpstr(shown, ==, cases[i].shown);
	}
}

static void
test_a_page_has_the_links_that_are_due(void)
{
	static const struct {
		const char *body;
		gboolean delta;
		gboolean good;
	} cases[] = {
		{"{\"value\":[]}", FALSE, TRUE},
		{"{\"value\":[],\"@odata.nextLink\":\"x\"}", FALSE, TRUE},
		{"{\"value\":[],\"@odata.nextLink\":null}", FALSE, TRUE},
		{"{\"value\":[],\"@odata.nextLink\":\"x\"}", TRUE, TRUE},
		{"{\"value\":[],\"@odata.deltaLink\":\"https://h/?$skiptoken=y\"}", TRUE, TRUE},
		{"{\"value\":[]}", TRUE, FALSE},
		{"{\"value\":[],\"@odata.deltaLink\":\"\"}", TRUE, FALSE},
		{"{\"value\":[],\"@odata.nextLink\":\"x\",\"@odata.deltaLink\":\"y\"}", TRUE, FALSE},
		{"{\"value\":[],\"@odata.nextLink\":5}", FALSE, FALSE},
		{"{\"value\":{}}", FALSE, FALSE},
		{"{\"value\":[1]}", FALSE, FALSE},
		{"{}", FALSE, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(JsonObject) answer = parse(cases[i].body);
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphPage) page = graph_page_new(answer, cases[i].delta, &error);

		g_assert_true((page != NULL) == cases[i].good);
		if (!cases[i].good)
			g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	}
}

/* Everything that reads an answer, on one text; a record has its id, a failure its error. */
static void
read_all(const char *text, gsize length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) message_error = NULL;
	g_autoptr(GError) folder_error = NULL;
	g_autoptr(GError) user_error = NULL;
	g_autoptr(GError) page_error = NULL;
	g_autoptr(GError) answer_error = NULL;
	g_autoptr(JsonObject) object = graph_json_parse(text, length, &error);
	g_autoptr(GraphMessage) message = NULL;
	g_autoptr(GraphFolder) folder = NULL;
	g_autoptr(GraphUser) user = NULL;
	g_autoptr(GraphPage) page = NULL;

	if (object == NULL) {
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
		return;
	}
	message = graph_message_from_json(object, &message_error);
	g_assert_true((message != NULL) == (message_error == NULL));
	g_assert_true(message == NULL || g_utf8_validate(message->id, -1, NULL));
	g_assert_true(message == NULL || message->from == NULL || g_utf8_validate(message->from, -1, NULL));
	folder = graph_folder_from_json(object, &folder_error);
	g_assert_true((folder != NULL) == (folder_error == NULL));
	user = graph_user_from_json(object, &user_error);
	g_assert_true((user != NULL) == (user_error == NULL));
	page = graph_page_new(object, TRUE, &page_error);
	g_assert_true((page != NULL) == (page_error == NULL));
	answer_error = graph_error_new_from_answer("GET /", 400, object, NULL);
	g_assert_true(g_utf8_validate(answer_error->message, -1, NULL));
}

static const char sample[] =
	"{\"@odata.type\":\"#microsoft.graph.message\",\"id\":\"AAMk=\",\"subject\":\"Gr\xc3\xbc\xc3\x9f"
	"e \\ud83d\\ude00\","
	"\"receivedDateTime\":\"2024-02-29T12:00:00.0000000Z\",\"from\":{\"emailAddress\":{\"name\":\"A, \\\"B\\\"\","
	"\"address\":\"a@contoso.example\"}},\"toRecipients\":[{\"emailAddress\":{\"name\":null,\"address\":\"b@x\"}}],"
	"\"isRead\":\"true\",\"flag\":{\"flagStatus\":\"flagged\"},\"categories\":[\"Red\",null],\"importance\":"
	"\"High\","
	"\"internetMessageHeaders\":[{\"name\":\"References\",\"value\":\"<a@b>\\r\\n "
	"<c@d>\"}],\"parentFolderId\":\"F\","
	"\"singleValueExtendedProperties\":[{\"id\":\"Integer 0xe08\",\"value\":\"4711\"}],\"childFolderCount\":3,"
	"\"value\":[{\"id\":\"x\"}],\"@odata.deltaLink\":\"https://h/\",\"displayName\":\"Inbox\",\"mail\":null,"
	"\"error\":{\"code\":\"a\",\"innerError\":{\"code\":\"ErrorItemNotFound\"}}}";

static void
test_survives_damaged_answers(void)
{
	static const char *const pieces[] = {
		"null", "true", "[]", "{}", "\"\"", "-1",     "1e400", "99999999999999999999", "\\ud800", "\\u0000",
		"\"",	"{",	"]",  ",",  "\xc3", "0x0E08", ":"};
	g_autoptr(GRand) rand = g_rand_new_with_seed(20240229);

	read_all(sample, strlen(sample));
	for (guint round = 0; round < 30000; round++) {
		g_autoptr(GString) text = g_string_new(sample);
		guint edits = (guint)g_rand_int_range(rand, 1, 4);

		for (guint i = 0; i < edits; i++) {
			gssize at = g_rand_int_range(rand, 0, (gint32)text->len);
			gssize wanted = g_rand_int_range(rand, 0, 12);
			gssize cut = MIN(wanted, (gssize)text->len - at);
			const char *piece = pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))];

			switch (g_rand_int_range(rand, 0, 4)) {
			case 0:
				g_string_erase(text, at, cut);
				break;
			case 1:
				g_string_insert(text, at, piece);
				break;
			case 2:
				text->str[at] = (char)g_rand_int_range(rand, 1, 256);
				break;
			default:
				g_string_erase(text, at, cut);
				g_string_insert(text, at, piece);
				break;
			}
			if (text->len == 0)
				g_string_append_c(text, '{');
		}
		read_all(text->str, text->len);
	}
}

/* Each value of the sample replaced by each type: the text stays JSON, so that the readers are reached. */
static void
test_survives_wrong_types(void)
{
	static const char *const values[] = {"null",
					     "7",
					     "-1.5",
					     "\"\"",
					     "\"x\"",
					     "true",
					     "[]",
					     "[1]",
					     "[null]",
					     "[\"x\"]",
					     "[[]]",
					     "[{}]",
					     "{}",
					     "{\"emailAddress\":7}",
					     "[{\"emailAddress\":{\"name\":[]}}]",
					     "[{\"id\":\"Integer 0x0E08\",\"value\":\"x\"}]",
					     "[{\"name\":1,\"value\":2}]"};
	g_autoptr(JsonObject) object = parse(sample);
	g_autoptr(GList) names = json_object_get_members(object);

	for (GList *l = names; l != NULL; l = l->next) {
		for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
			g_autoptr(JsonObject) copy = parse(sample);
			g_autoptr(JsonObject) changed = json_object_new();
			g_autoptr(JsonNode) value = json_from_string(values[i], NULL);
			g_autofree char *text = NULL;

			for (GList *m = names; m != NULL; m = m->next)
				json_object_set_member(
					changed, m->data,
					json_node_copy(m == l ? value : json_object_get_member(copy, m->data)));
			text = graph_json_print(changed);
			read_all(text, strlen(text));
		}
	}
}

static void
test_survives_damaged_challenges(void)
{
	static const char alphabet[] = "Bearer ,=\"\\claims error\tinsufficient_\"eyJhIjoxfQ==\"";
	g_autoptr(GRand) rand = g_rand_new_with_seed(8);

	for (guint round = 0; round < 20000; round++) {
		g_autoptr(GString) text = g_string_new("Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"");
		guint edits = (guint)g_rand_int_range(rand, 1, 12);
		g_autofree char *claims = NULL;

		for (guint i = 0; i < edits; i++)
			text->str[g_rand_int_range(rand, 0, (gint32)text->len)] =
				alphabet[g_rand_int_range(rand, 0, sizeof alphabet - 1)];
		claims = graph_challenge_get_claims(text->str);
		g_assert_true(claims == NULL || *claims == '{');
	}
}

/* A subject that was cut in an emoji must not make the folder unreadable. */
static void
test_mends_half_a_surrogate_pair(void)
{
	static const struct {
		const char *text;
		const char *value;
	} cases[] = {
		{"{\"s\":\"cut \\ud83d\"}", "cut \357\277\275"},
		{"{\"s\":\"\\ud83dx\\uDE00\"}", "\357\277\275x\357\277\275"},
		{"{\"s\":\"\\ud83d\\ud83d\\ude00\"}", "\357\277\275\360\237\230\200"},
		{"{\"s\":\"\\ud83d\\ude00\"}", "\360\237\230\200"},
		{"{\"s\":\"\\\\ud83d\"}", "\\ud83d"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(JsonObject) object = graph_json_parse(cases[i].text, strlen(cases[i].text), &error);
		const char *value;

		g_assert_no_error(error);
		g_assert_true(graph_json_get_string(object, "s", &value, &error));
		g_assert_no_error(error);
		g_assert_cmpstr(value, ==, cases[i].value);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	g_test_add_func("/graph/json/reads what is there", test_reads_what_is_there);
	g_test_add_func("/graph/json/refuses other types", test_refuses_other_types);
	g_test_add_func("/graph/json/refuses what is no object", test_refuses_what_is_no_object);
	g_test_add_func("/graph/json/knows the innermost code", test_knows_the_innermost_code);
	g_test_add_func("/graph/json/finds the claims of a challenge", test_finds_the_claims);
	g_test_add_func("/graph/json/shows no ids and addresses", test_shows_no_ids_and_addresses);
	g_test_add_func("/graph/json/a page has the links that are due", test_a_page_has_the_links_that_are_due);
	g_test_add_func("/graph/json/survives damaged answers", test_survives_damaged_answers);
	g_test_add_func("/graph/json/survives wrong types", test_survives_wrong_types);
	g_test_add_func("/graph/json/survives damaged challenges", test_survives_damaged_challenges);
	g_test_add_func("/graph/json/mends half a surrogate pair", test_mends_half_a_surrogate_pair);

	return g_test_run();
}
