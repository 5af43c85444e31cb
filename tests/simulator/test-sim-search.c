/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#define SEARCH "/me/mailFolders/inbox/messages?$select=subject&$search="

/* API.md 5.2: what a search finds, and how. */
static void
test_searches_that_the_contract_names(SimTest *self, gconstpointer data)
{
	static const struct {
		const char *search;
		guint n;
	} cases[] = {
		{"pizza", 2},
		{"PIZZA", 2},
		{"piz", 2},  /* a beginning */
		{"izza", 0}, /* no middle */
		{"pizza%20tomorrow", 1},
		{"pizza%20AND%20tomorrow", 1},
		{"subject:pizza", 1},
		{"body:pizza", 1},
		{"body:pizza%20body:friday", 2}, /* the same keyword twice: either */
		{"body:pizza%20AND%20body:friday", 0},
		{"pizza%20OR%20friday", 3},
		{"pizza%20NOT%20tomorrow", 1},
		{"(pizza%20OR%20friday)%20AND%20body:bread", 1},
		{"body:%5C%22fresh%20bread%5C%22", 1}, /* a phrase */
		{"body:%5C%22bread%20fresh%5C%22", 0},
		{"from:carol@fabrikam.example", 3},
		{"to:%5C%22alice%5C%22", 3},
		{"cc:alice", 0},
		{"participants:carol", 3},
		{"hasAttachment:true", 0},
		{"importance:medium", 3},
		{"size:1..500000", 3},
		{"size:1..2", 0},
		{"kind:email", 3},
	};
	static const char *const texts[][2] = {
		{"Pizza tomorrow", "Shall we?"}, {"Lunch", "There is pizza."}, {"Friday", "Friday: fresh bread."}};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *mail =
			g_strdup_printf("From: Carol <carol@fabrikam.example>\r\nTo: Alice <" SIMULATOR_USER
					">\r\nSubject: %s\r\nDate: Tue, 03 Mar 2026 10:00:00 +0100\r\n\r\n%s\r\n",
					texts[i][0], texts[i][1]);
		g_autofree char *id = sim_graph_deliver(self->graph, SIMULATOR_USER, "inbox", mail, -1, NULL);

		g_assert_nonnull(id);
	}
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *target = g_strconcat(SEARCH "%22", cases[i].search, "%22", NULL);
		g_autoptr(JsonObject) list = sim_test_expect(self, 200, "GET", target, NULL);

		if (sim_test_length(list) != cases[i].n)
			g_test_message("%s", cases[i].search);
		g_assert_cmpuint(sim_test_length(list), ==, cases[i].n);
	}
}

/* Text beyond the preview is in the index. */
static void
test_the_whole_text_is_searched(SimTest *self, gconstpointer data)
{
	g_autofree char *filler = g_strnfill(600, '.');
	g_autofree char *mail = g_strconcat("From: a@contoso.example\r\nTo: b@contoso.example\r\nSubject: Long\r\n"
					    "Content-Type: text/html\r\n\r\n<p>",
					    filler, "</p><b>needle</b>\r\n", NULL);
	g_autofree char *id = sim_graph_deliver(self->graph, SIMULATOR_USER, "inbox", mail, -1, NULL);
	g_autoptr(JsonObject) list = sim_test_expect(self, 200, "GET", SEARCH "%22body:needle%22", NULL);

	g_assert_nonnull(id);
	g_assert_cmpuint(sim_test_length(list), ==, 1);
}

static void
test_no_more_than_a_thousand_are_named(SimTest *self, gconstpointer data)
{
	g_autofree char *link = g_strdup(SEARCH "%22report%22&$top=400");
	guint n = 0;

	sim_graph_fill(self->graph, SIMULATOR_USER, "inbox", 1200);
	while (link != NULL) {
		g_autoptr(JsonObject) page = sim_test_expect(self, 200, "GET", link, NULL);

		n += sim_test_length(page);
		g_free(link);
		link = g_strdup(sim_test_string(page, "@odata.nextLink"));
	}
	g_assert_cmpuint(n, ==, 1000);
}

static void
test_wrong_searches_are_refused(SimTest *self, gconstpointer data)
{
	static const char *const wrong[] = {
		"pizza",	     /* without quotes */
		"%22%22",	     /* without a word */
		"%22pizza%22%22",    /* a quote that is not escaped */
		"%22%5C%22pizza%22", /* a phrase that does not end */
		"%22(pizza%22",	     /* a parenthesis, too */
		"%22pizza)%22",
		"%22colour:red%22", /* no such keyword */
		"%22subject:%22",   /* without a value */
		"%22pizza%20AND%22",
		"%22OR%20pizza%22",
		"%22received:2026-03-03%22", /* dates are MM/DD/YYYY */
		"%22hasAttachment:maybe%22",
		"%22importance:normal%22",
		"%22time%2010:30%22", /* no such keyword, either */
	};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *target = g_strconcat(SEARCH, wrong[i], NULL);

		sim_test_refused(self, 400, "BadRequest", "GET", target, NULL);
	}
	sim_test_refused(self, 400, "SearchWithOrderBy", "GET", SEARCH "%22x%22&$orderby=sentDateTime", NULL);
	sim_test_refused(self, 400, "SearchWithFilter", "GET", SEARCH "%22x%22&$filter=isRead%20eq%20true", NULL);
	sim_test_refused(self, 400, "BadRequest", "GET", "/me/mailFolders/inbox/messages/delta?$search=%22x%22", NULL);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/search/searches that the contract names", test_searches_that_the_contract_names);
	sim_test_add("/simulator/search/the whole text is searched", test_the_whole_text_is_searched);
	sim_test_add("/simulator/search/no more than a thousand are named", test_no_more_than_a_thousand_are_named);
	sim_test_add("/simulator/search/wrong searches are refused", test_wrong_searches_are_refused);
	return g_test_run();
}
