/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-search.h"

#include "fixture.h"

static void
assert_format(GraphSearchScope scope, const char *text, const char *query, gboolean exact)
{
	gboolean is_exact;
	g_autofree char *formatted = graph_search_format(scope, text, &is_exact);

	g_assert_cmpstr(formatted, ==, query);
	if (query != NULL)
		g_assert_cmpint(is_exact, ==, exact);
}

static void
test_words_become_kql(void)
{
	assert_format(GRAPH_SEARCH_BODY, "Pizza", "body:pizza", TRUE);
	assert_format(GRAPH_SEARCH_DEFAULT, "Grüße", "grüße", TRUE);
	assert_format(GRAPH_SEARCH_BODY, "two words", "body:two AND body:words", FALSE);
	assert_format(GRAPH_SEARCH_DEFAULT, "bob@contoso.example", "bob AND contoso AND example", FALSE);
	assert_format(GRAPH_SEARCH_DEFAULT, "don't", "don", FALSE);
	assert_format(GRAPH_SEARCH_DEFAULT, "x", "x", TRUE);
	assert_format(GRAPH_SEARCH_DEFAULT, "日本語", "日本語", TRUE);
}

/* Whatever somebody types, nothing of it is an operator, a keyword or the end of the value. */
static void
test_nothing_typed_is_syntax(void)
{
	assert_format(GRAPH_SEARCH_DEFAULT, "pizza OR \"from:boss\" AND (NOT x)",
		      "pizza AND or AND from AND boss AND and AND not", FALSE);
	assert_format(GRAPH_SEARCH_BODY, "100 % \\\" & #", "body:100", FALSE);
	assert_format(GRAPH_SEARCH_DEFAULT, "", NULL, FALSE);
	assert_format(GRAPH_SEARCH_DEFAULT, " \"*\" ", NULL, FALSE);
}

static void
test_long_texts_keep_their_beginning(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *word = g_strnfill(200, 'w');
	g_autofree char *cut = g_strnfill(60, 'w');
	g_autofree char *query = NULL;
	gboolean exact;

	for (guint i = 10; i < 40; i++)
		g_string_append_printf(text, "%u ", i);
	query = graph_search_format(GRAPH_SEARCH_DEFAULT, text->str, &exact);
	g_assert_cmpstr(query, ==, "10 AND 11 AND 12 AND 13 AND 14 AND 15 AND 16 AND 17 AND 18 AND 19");
	g_assert_false(exact);
	assert_format(GRAPH_SEARCH_DEFAULT, word, cut, FALSE);
}

static void
test_pages_are_followed_and_each_id_comes_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) ids = NULL;

	mock_service_push_json(fixture->service, "{\"value\":[{\"id\":\"a\"},{\"id\":\"b\"}],"
						 "\"@odata.nextLink\":\"{origin}/v1.0/me/next\"}");
	mock_service_push_json(fixture->service, "{\"value\":[{\"id\":\"b\"},{\"id\":\"c\"}]}");
	ids = graph_search_messages(fixture->client, "AB/C=", "body:grüße AND body:x", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(ids->len, ==, 3);
	g_assert_cmpstr(ids->pdata[2], ==, "c");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->path, ==,
			"/v1.0/me/mailFolders/AB%2FC%3D/messages?$search=%22body:gr%C3%BC%C3%9Fe%20AND%20body:x%22"
			"&$select=id&$top=250");
}

static void
test_a_service_that_knows_no_end_is_believed_no_further_than_the_limit(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) ids = NULL;

	for (guint page = 0; page < 5; page++) {
		g_autoptr(GString) json = g_string_new("{\"value\":[");

		for (guint i = 0; i < 300; i++)
			g_string_append_printf(json, "%s{\"id\":\"%u\"}", i > 0 ? "," : "", page * 300 + i);
		g_string_append_printf(json, "],\"@odata.nextLink\":\"{origin}/v1.0/me/next%u\"}", page);
		mock_service_push_json(fixture->service, json->str);
	}
	ids = graph_search_messages(fixture->client, "f", "x", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(ids->len, ==, GRAPH_SEARCH_LIMIT);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 4);
}

static void
test_wrong_answers_are_errors(Fixture *fixture, gconstpointer data)
{
	static const char *const wrong[] = {
		"{\"value\":[{\"subject\":\"no id\"}]}",
		"{}",
		"{\"value\":[7]}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) ids = NULL;

		mock_service_push_json(fixture->service, wrong[i]);
		ids = graph_search_messages(fixture->client, "f", "x", NULL, &error);
		g_assert_null(ids);
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/graph/search/words become kql", test_words_become_kql);
	g_test_add_func("/graph/search/nothing typed is syntax", test_nothing_typed_is_syntax);
	g_test_add_func("/graph/search/long texts keep their beginning", test_long_texts_keep_their_beginning);
	fixture_add("/graph/search/pages are followed and each id comes once",
		    test_pages_are_followed_and_each_id_comes_once);
	fixture_add("/graph/search/a service that knows no end is believed no further than the limit",
		    test_a_service_that_knows_no_end_is_believed_no_further_than_the_limit);
	fixture_add("/graph/search/wrong answers are errors", test_wrong_answers_are_errors);
	return g_test_run();
}
