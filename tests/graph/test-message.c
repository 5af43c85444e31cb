/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-message.h"

#include <string.h>

#include "fixture.h"
#include "graph-json.h"

#define WHOLE                                                                                                  \
	"{\"id\":\"m1\",\"subject\":\"Hello\",\"receivedDateTime\":\"2024-02-29T12:00:00Z\",\"isRead\":false," \
	"\"from\":{\"emailAddress\":{\"name\":\"Bob\",\"address\":\"bob@contoso.example\"}}}"
#define SIZED                                                                                 \
	"{\"id\":\"m2\",\"subject\":\"Hello\",\"receivedDateTime\":\"2024-02-29T12:00:00Z\"," \
	"\"singleValueExtendedProperties\":[{\"id\":\"Integer 0xe08\",\"value\":\"4711\"},"   \
	"{\"id\":\"Integer 0x1081\",\"value\":\"104\"}]}"

#define LITERAL 120 /* characters */

static const char *
get_path(Fixture *fixture, guint index)
{
	return mock_service_get_request(fixture->service, index)->path;
}

static GraphMessage *
from_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) object = graph_json_parse(text, strlen(text), &error);
	GraphMessage *message;

	g_assert_no_error(error);
	message = graph_message_from_json(object, &error);
	g_assert_no_error(error);
	return message;
}

static void
test_reads_a_whole_message(void)
{
	g_autoptr(GraphMessage) message = from_text(
		"{\"id\":\"AA=\",\"subject\":\"One\\r\\nline\",\"receivedDateTime\":\"2024-02-29T12:00:01.0000000Z\","
		"\"sentDateTime\":\"2024-02-29T12:00:00Z\",\"internetMessageId\":\"<1@contoso.example>\","
		"\"from\":{\"emailAddress\":{\"name\":\"Smith, \\\"J\\\"\",\"address\":\"j@contoso.example\"}},"
		"\"toRecipients\":[{\"emailAddress\":{\"name\":\"A@contoso.example\",\"address\":\"a@contoso.example\"}"
		"},"
		"{\"emailAddress\":{\"name\":\"Zoë\",\"address\":\"z@contoso.example\"}},{\"emailAddress\":{}},"
		"{\"emailAddress\":{\"name\":\"List\"}}],\"ccRecipients\":[],\"conversationId\":\"C\","
		"\"conversationIndex\":\"AQ==\","
		"\"internetMessageHeaders\":[{\"name\":\"references\",\"value\":\"<a@b>\\r\\n\\t<c@d> junk <e f@g>\"},"
		"{\"name\":\"References\",\"value\":\"<h@i>\"},"
		"{\"name\":\"In-Reply-To\",\"value\":\"Your mail of <c@d> <x@y> (after "
		"<z@z>)\"}],\"isRead\":true,\"isDraft\":false,"
		"\"hasAttachments\":true,\"flag\":{\"flagStatus\":\"Flagged\"},\"categories\":[\"Red\"],\"importance\":"
		"\"High\","
		"\"parentFolderId\":\"F\",\"singleValueExtendedProperties\":[{\"id\":\"Integer "
		"0xe08\",\"value\":\"4711\"},"
		"{\"id\":\"Integer 0x1080\",\"value\":\"261\"}]}");

	g_assert_cmpuint(message->fields, ==,
			 GRAPH_MESSAGE_ENVELOPE | GRAPH_MESSAGE_READ | GRAPH_MESSAGE_FLAG | GRAPH_MESSAGE_CATEGORIES |
				 GRAPH_MESSAGE_IMPORTANCE | GRAPH_MESSAGE_ATTACHMENT | GRAPH_MESSAGE_DRAFT |
				 GRAPH_MESSAGE_SIZE | GRAPH_MESSAGE_ANSWERED | GRAPH_MESSAGE_PARENT |
				 GRAPH_MESSAGE_REFERENCES);
	g_assert_cmpstr(message->subject, ==, "One  line");
	g_assert_cmpstr(message->from, ==, "\"Smith, \\\"J\\\"\" <j@contoso.example>");
	g_assert_cmpstr(message->to, ==, "a@contoso.example, Zoë <z@contoso.example>, List");
	g_assert_null(message->cc);
	g_assert_cmpint(message->received, ==, 1709208001);
	g_assert_cmpint(message->sent, ==, 1709208000);
	g_assert_cmpstr(message->references, ==, "<a@b> <c@d> <h@i>");
	g_assert_cmpstr(message->in_reply_to, ==, "<x@y>");
	g_assert_cmpint(message->flag, ==, GRAPH_FLAG_FLAGGED);
	g_assert_cmpint(message->importance, ==, GRAPH_IMPORTANCE_HIGH);
	g_assert_cmpint(message->size, ==, 4711);
	g_assert_true(message->is_read);
	g_assert_true(message->answered);
	g_assert_false(message->forwarded);
}

/* API.md 5.9, CHECKED 14: what is missing is unchanged. */
static void
test_what_is_missing_is_unchanged(void)
{
	static const struct {
		const char *text;
		guint fields;
	} cases[] = {
		{"{\"id\":\"x\",\"isRead\":true}", GRAPH_MESSAGE_READ},
		{"{\"id\":\"x\",\"isRead\":\"true\",\"parentFolderId\":\"F\"}",
		 GRAPH_MESSAGE_READ | GRAPH_MESSAGE_PARENT},
		{"{\"id\":\"x\",\"isRead\":null}", 0},
		{"{\"id\":\"x\",\"flag\":{}}", 0},
		{"{\"id\":\"x\",\"flag\":{\"flagStatus\":\"unknownFutureValue\"}}", 0},
		{"{\"id\":\"x\",\"categories\":[]}", GRAPH_MESSAGE_CATEGORIES},
		{"{\"id\":\"x\",\"subject\":\"only\"}", GRAPH_MESSAGE_INCOMPLETE},
		{"{\"id\":\"x\",\"receivedDateTime\":null,\"subject\":null}", GRAPH_MESSAGE_ENVELOPE},
		{"{\"id\":\"x\",\"singleValueExtendedProperties\":[]}", 0},
		{"{\"id\":\"x\",\"singleValueExtendedProperties\":[{\"id\":\"Integer 0x1081\",\"value\":\"0\"}]}",
		 GRAPH_MESSAGE_ANSWERED},
		{"{\"id\":\"x\",\"internetMessageHeaders\":[]}", GRAPH_MESSAGE_REFERENCES},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GraphMessage) message = from_text(cases[i].text);

		g_assert_cmpuint(message->fields, ==, cases[i].fields);
		g_assert_false(message->removed);
	}
}

static void
test_an_empty_subject_is_not_a_missing_one(void)
{
	static const struct {
		const char *subject;
		const char *headers;
		const char *expected;
	} cases[] = {
		{"\"\"", "{\"name\":\"SUBJECT\",\"value\":\" \\r\\n \"}", ""},
		{"null", "{\"name\":\"Subject\",\"value\":\"\"}", ""},
		{"\"\"", "{\"name\":\"From\",\"value\":\"a@b\"}", NULL},
		{"\"\"", "", NULL},
		{"null", "{\"name\":\"Subject\",\"value\":\"Hello\"}", NULL},
		{"\"Hello\"", "{\"name\":\"Subject\",\"value\":\"\"}", "Hello"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("{\"id\":\"x\",\"receivedDateTime\":null,\"subject\":%s,"
							"\"internetMessageHeaders\":[%s]}",
							cases[i].subject, cases[i].headers);
		g_autoptr(GraphMessage) message = from_text(text);

		g_assert_cmpstr(message->subject, ==, cases[i].expected);
	}
}

static void
test_a_header_without_a_date_is_noticed(void)
{
	static const struct {
		const char *headers;
		gboolean undated;
	} cases[] = {
		{"{\"name\":\"From\",\"value\":\"a@b\"}", TRUE},
		{"{\"name\":\"From\",\"value\":\"a@b\"},{\"name\":\"DATE\",\"value\":\"x\"}", FALSE},
		{"{\"name\":\"x-made-here\",\"value\":\"1\"}", FALSE},
		{"", FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
			g_strdup_printf("{\"id\":\"x\",\"internetMessageHeaders\":[%s]}", cases[i].headers);
		g_autoptr(GraphMessage) message = from_text(text);

		g_assert_cmpint(message->undated, ==, cases[i].undated);
	}
}

static void
test_the_verb_wins_over_the_icon(void)
{
	g_autoptr(GraphMessage) message = from_text(
		"{\"id\":\"x\",\"singleValueExtendedProperties\":[{\"id\":\"integer 0x1080\",\"value\":\"261\"},"
		"{\"id\":\"Integer 0x1081\",\"value\":\"104\"}]}");

	g_assert_true(message->forwarded);
	g_assert_false(message->answered);
}

static void
test_only_the_id_of_a_removed_message_counts(void)
{
	g_autoptr(GraphMessage) message =
		from_text("{\"@removed\":{\"reason\":\"changed\"},\"id\":\"x\",\"isRead\":{}}");

	g_assert_true(message->removed);
	g_assert_cmpstr(message->id, ==, "x");
	g_assert_cmpuint(message->fields, ==, 0);
}

static void
test_follows_a_round_of_changes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessagePage) first = NULL;
	g_autoptr(GraphMessagePage) empty = NULL;
	g_autoptr(GraphMessagePage) last = NULL;

	mock_service_push_json(fixture->service, "{\"value\":[" SIZED "],\"@odata.nextLink\":"
						 "\"{origin}/v1.0/me/mailfolders('F')/messages/delta?$skiptoken=1\"}");
	mock_service_push_json(fixture->service, "{\"value\":[],\"@odata.nextLink\":"
						 "\"{origin}/v1.0/me/mailfolders('F')/messages/delta?$skiptoken=2\"}");
	/* A delta link may be printed with a skip token (API.md 5.9). */
	mock_service_push_json(
		fixture->service,
		"{\"value\":[{\"id\":\"gone\",\"@removed\":{\"reason\":\"deleted\"}}],\"@odata.deltaLink\":"
		"\"{origin}/v1.0/me/mailfolders('F')/messages/delta?$skiptoken=3\"}");

	first = graph_message_delta(fixture->client, "F/=", NULL, 1000, TRUE, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(first->messages->len, ==, 1);
	g_assert_true(first->extended);
	g_assert_cmpint(((GraphMessage *)first->messages->pdata[0])->size, ==, 4711);
	g_assert_true(((GraphMessage *)first->messages->pdata[0])->forwarded);
	g_assert_null(first->delta_link);
	g_assert_true(g_str_has_prefix(get_path(fixture, 0), "/v1.0/me/mailFolders/F%2F%3D/messages/delta?$select="));
	g_assert_nonnull(
		strstr(get_path(fixture, 0), "&expand=singleValueExtendedProperties($filter=id%20eq%20'Integer"));
	g_assert_null(strstr(get_path(fixture, 0), "$expand"));
	g_assert_null(strstr(get_path(fixture, 0), "$top"));

	empty = graph_message_delta(fixture->client, "F/=", first->next_link, 1000, TRUE, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(empty->messages->len, ==, 0);
	g_assert_cmpstr(get_path(fixture, 1), ==, "/v1.0/me/mailfolders('F')/messages/delta?$skiptoken=1");

	last = graph_message_delta(fixture->client, "F/=", empty->next_link, 1000, FALSE, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(((GraphMessage *)last->messages->pdata[0])->removed);
	g_assert_null(last->next_link);
	g_assert_nonnull(last->delta_link);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpstr(fixture_get_header(fixture, i, "Prefer"), ==,
				"IdType=\"ImmutableId\", odata.maxpagesize=1000");
}

static void
test_goes_on_without_sizes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessagePage) refused = NULL;
	g_autoptr(GraphMessagePage) ignored = NULL;

	mock_service_push(fixture->service, 400, NULL, "{\"error\":{\"code\":\"BadRequest\"}}");
	mock_service_push_json(fixture->service, "{\"value\":[" WHOLE "],\"@odata.deltaLink\":\"{origin}/d\"}");
	refused = graph_message_delta(fixture->client, "F", NULL, 10, TRUE, NULL, &error);
	g_assert_no_error(error);
	g_assert_false(refused->extended);
	g_assert_null(strstr(get_path(fixture, 1), "expand"));

	mock_service_push_json(fixture->service,
			       "{\"value\":[" SIZED "," WHOLE "],\"@odata.deltaLink\":\"{origin}/d\"}");
	ignored = graph_message_delta(fixture->client, "F", NULL, 10, TRUE, NULL, &error);
	g_assert_no_error(error);
	g_assert_false(ignored->extended);
}

static void
test_looks_up_what_came_in_part(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessagePage) page = NULL;

	mock_service_push_json(fixture->service,
			       "{\"value\":[{\"id\":\"m1\",\"subject\":\"Hell\"},{\"id\":\"r\",\"isRead\":true}],"
			       "\"@odata.deltaLink\":\"{origin}/d\"}");
	mock_service_push_json(fixture->service, WHOLE);
	page = graph_message_delta(fixture->client, "F", "/mailFolders/F/messages/delta?$skiptoken=1", 10, FALSE, NULL,
				   &error);
	g_assert_no_error(error);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 2);
	g_assert_cmpstr(((GraphMessage *)page->messages->pdata[0])->subject, ==, "Hello");
	g_assert_true(g_str_has_prefix(get_path(fixture, 1), "/v1.0/me/messages/m1?$select="));
}

/* API.md 5.9, CHECKED H */
static void
test_a_dead_link_means_to_start_over(Fixture *fixture, gconstpointer data)
{
	static const struct {
		guint status;
		const char *code;
	} cases[] = {
		{410, "resyncRequired"},	  {410, ""},
		{400, "syncStateNotFound"},	  {404, "SyncStateNotFound"},
		{409, "syncstateinvalid"},	  {400, "InvalidSyncStateData"},
		{400, "ErrorInvalidIdMalformed"}, {400, "BadRequest"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *body = g_strdup_printf("{\"error\":{\"code\":\"%s\"}}", cases[i].code);
		g_autoptr(GError) error = NULL;

		mock_service_push(fixture->service, cases[i].status, NULL, body);
		g_assert_null(graph_message_delta(fixture->client, "F", "/mailFolders/F/messages/delta?$skiptoken=1",
						  10, FALSE, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_SYNC_RESET);
	}
}

/* CHECKED 2b */
static void
test_a_later_page_may_be_too_much_expanded(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) expanded = NULL;
	g_autoptr(GError) plain = NULL;

	mock_service_push(fixture->service, 501, NULL, "{\"error\":{\"code\":\"NotImplemented\"}}");
	g_assert_null(graph_message_delta(fixture->client, "F", "/mailFolders/F/messages/delta?$skiptoken=1", 10, TRUE,
					  NULL, &expanded));
	g_assert_error(expanded, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE);
	mock_service_push(fixture->service, 501, NULL, "{\"error\":{\"code\":\"NotImplemented\"}}");
	g_assert_null(graph_message_delta(fixture->client, "F", "/mailFolders/F/messages/delta?$skiptoken=1", 10, FALSE,
					  NULL, &plain));
	g_assert_error(plain, GRAPH_ERROR, GRAPH_ERROR_FAILED);
}

static void
test_a_refused_first_page_is_no_dead_link(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) missing = NULL;

	mock_service_push(fixture->service, 400, NULL, "{\"error\":{\"code\":\"ErrorInvalidIdMalformed\"}}");
	g_assert_null(graph_message_delta(fixture->client, "F", NULL, 10, FALSE, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FAILED);

	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	g_assert_null(graph_message_delta(fixture->client, "F", "/d", 10, FALSE, NULL, &missing));
	g_assert_error(missing, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
}

static void
test_lists_a_folder(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessagePage) page = NULL;
	g_autoptr(GraphMessagePage) next = NULL;

	mock_service_push_json(fixture->service, "{\"value\":[" SIZED "],\"@odata.nextLink\":\"{origin}/v1.0/next\"}");
	mock_service_push_json(fixture->service, "{\"value\":[]}");
	page = graph_message_list(fixture->client, "F", NULL, 250, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(page->extended);
	g_assert_true(
		g_str_has_prefix(get_path(fixture, 0),
				 "/v1.0/me/mailFolders/F/messages?$top=250&$orderby=receivedDateTime%20desc&$select="));
	g_assert_nonnull(strstr(get_path(fixture, 0), "&$expand=singleValueExtendedProperties("));
	next = graph_message_list(fixture->client, "F", page->next_link, 250, NULL, &error);
	g_assert_no_error(error);
	g_assert_null(next->next_link);
	g_assert_cmpstr(get_path(fixture, 1), ==, "/v1.0/next");
}

static void
test_finds_by_message_id(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found = NULL;

	mock_service_push_json(
		fixture->service,
		"{\"value\":[{\"id\":\"1\",\"receivedDateTime\":null,\"internetMessageId\":\"<o'x+y&z@h>\"},"
		"{\"id\":\"2\",\"receivedDateTime\":null,\"internetMessageId\":\"<other@h>\"}],"
		"\"@odata.nextLink\":\"{origin}/v1.0/more\"}");
	mock_service_push_json(
		fixture->service,
		"{\"value\":[{\"id\":\"3\",\"receivedDateTime\":null,\"internetMessageId\":\"<o'x+y&z@h>\"}]}");
	found = graph_message_find(fixture->client, "sentitems", "<o'x+y&z@h>", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(found->len, ==, 2);
	g_assert_cmpstr(((GraphMessage *)found->pdata[1])->id, ==, "3");
	g_assert_true(g_str_has_prefix(get_path(fixture, 0),
				       "/v1.0/me/mailFolders/sentitems/messages?$filter=internetMessageId%20eq%20"
				       "'%3Co''x%2By%26z@h%3E'&$top="));
}

/* API.md 2.2: 120 characters; a quote in it is two of them, and no character is cut. */
static void
test_finds_by_long_message_id(Fixture *fixture, gconstpointer data)
{
	g_autofree char *most = g_strnfill(LITERAL, 'a');
	g_autofree char *longer = g_strconcat(most, "b", NULL);
	g_autofree char *quoted = g_strconcat("'", most, NULL);
	g_autofree char *cut = g_strconcat(most + 1, "\303\274", NULL);
	const struct {
		const char *message_id;
		const char *start;
		guint first; /* characters of @most that are asked for */
		const char *end;
	} cases[] = {
		{most, "internetMessageId%20eq%20'", LITERAL, "'&$top="},
		{longer, "startswith(internetMessageId,'", LITERAL, "')&$top="},
		{quoted,
		 "startswith(internetMessageId,'"
		 "''",
		 LITERAL - 2, "')&$top="},
		{cut, "startswith(internetMessageId,'", LITERAL - 1, "')&$top="},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) found = NULL;
		g_autofree char *answer =
			g_strdup_printf("{\"value\":[{\"id\":\"1\",\"receivedDateTime\":null,\"internetMessageId\":"
					"\"%s\"},{\"id\":\"2\",\"receivedDateTime\":null,\"internetMessageId\":"
					"\"%sother\"}]}",
					cases[i].message_id, cases[i].message_id);
		g_autofree char *query = g_strdup_printf("/v1.0/me/mailFolders/F/messages?$filter=%s%.*s%s",
							 cases[i].start, (int)cases[i].first, most, cases[i].end);

		mock_service_push_json(fixture->service, answer);
		found = graph_message_find(fixture->client, "F", cases[i].message_id, NULL, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(found->len, ==, 1);
		g_assert_cmpstr(((GraphMessage *)found->pdata[0])->id, ==, "1");
		g_assert_true(g_str_has_prefix(get_path(fixture, i), query));
	}
}

static void
test_sends_only_what_changed(Fixture *fixture, gconstpointer data)
{
	static char *categories[] = {(char *)"Red", NULL};
	GraphMessage changes = {.fields = GRAPH_MESSAGE_READ, .is_read = TRUE, .importance = GRAPH_IMPORTANCE_HIGH};
	g_autoptr(GError) error = NULL;

	mock_service_set_default(fixture->service, "{\"id\":\"m=\"}", 0);
	g_assert_true(graph_message_update(fixture->client, "m=", &changes, NULL, NULL, &error));
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->body, ==, "{\"isRead\":true}");
	g_assert_cmpstr(get_path(fixture, 0), ==, "/v1.0/me/messages/m%3D");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->method, ==, "PATCH");

	changes.fields = GRAPH_MESSAGE_FLAG | GRAPH_MESSAGE_CATEGORIES | GRAPH_MESSAGE_IMPORTANCE;
	changes.flag = GRAPH_FLAG_COMPLETE;
	changes.categories = categories;
	g_assert_true(graph_message_update(fixture->client, "m", &changes, NULL, NULL, &error));
	g_assert_cmpstr(mock_service_get_request(fixture->service, 1)->body, ==,
			"{\"flag\":{\"flagStatus\":\"complete\"},\"importance\":\"high\",\"categories\":[\"Red\"]}");
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 2);
}

static void
test_a_refused_answered_mark_loses_nothing(Fixture *fixture, gconstpointer data)
{
	GraphMessage changes = {
		.fields = GRAPH_MESSAGE_READ | GRAPH_MESSAGE_ANSWERED,
		.is_read = TRUE,
		.answered = TRUE,
	};
	g_autoptr(GError) error = NULL;

	mock_service_push_json(fixture->service, "{\"id\":\"m\"}");
	mock_service_push(fixture->service, 403, NULL, "{\"error\":{\"code\":\"ErrorAccessDenied\"}}");
	mock_service_push_json(fixture->service, "{\"id\":\"m\"}");
	g_assert_true(graph_message_update(fixture->client, "m", &changes, NULL, NULL, &error));
	g_assert_cmpstr(mock_service_get_request(fixture->service, 1)->body, ==,
			"{\"singleValueExtendedProperties\":[{\"id\":\"Integer 0x1081\",\"value\":\"102\"},"
			"{\"id\":\"Integer 0x1080\",\"value\":\"261\"}]}");
	/* Refused once: not tried again in this run. */
	g_assert_true(graph_message_update(fixture->client, "m", &changes, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 3);
}

static void
test_the_rest_is_not_done_when_it_is_refused(Fixture *fixture, gconstpointer data)
{
	GraphMessage changes = {.fields = GRAPH_MESSAGE_READ | GRAPH_MESSAGE_ANSWERED, .forwarded = TRUE};
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	g_assert_false(graph_message_update(fixture->client, "m", &changes, NULL, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 1);
}

static void
test_repeats_a_write_that_met_another(Fixture *fixture, gconstpointer data)
{
	GraphMessage changes = {.fields = GRAPH_MESSAGE_READ};
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 412, NULL, "{\"error\":{\"code\":\"ErrorIrresolvableConflict\"}}");
	mock_service_push_json(fixture->service, "{\"id\":\"m\"}");
	g_assert_true(graph_message_update(fixture->client, "m", &changes, NULL, NULL, &error));
	g_assert_no_error(error);
}

static void
test_moves_and_copies(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) lost = NULL;
	g_autoptr(GraphMessage) moved = NULL;
	g_autoptr(GraphMessage) copied = NULL;

	/* The move is repeated when its answer was lost, a copy never. */
	mock_service_push_raw(fixture->service, "");
	mock_service_push(fixture->service, 201, NULL, WHOLE);
	moved = graph_message_move(fixture->client, "m1", "archive", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(moved->id, ==, "m1");
	g_assert_cmpstr(get_path(fixture, 1), ==, "/v1.0/me/messages/m1/move");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 1)->body, ==, "{\"destinationId\":\"archive\"}");

	mock_service_push(fixture->service, 200, NULL, SIZED);
	copied = graph_message_copy(fixture->client, "m1", "F", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(copied->id, ==, "m2");

	mock_service_push_raw(fixture->service, "");
	g_assert_null(graph_message_copy(fixture->client, "m1", "F", NULL, &lost));
	g_assert_error(lost, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
}

/* API.md 5.7, CHECKED 27 */
static void
test_deletes_for_good(Fixture *fixture, gconstpointer data)
{
	static const guint unsupported[] = {400, 404, 405, 501};
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) denied = NULL;
	guint n = 0;

	mock_service_push(fixture->service, 204, NULL, NULL);
	g_assert_true(graph_message_delete(fixture->client, "m", NULL, &error));
	g_assert_cmpstr(get_path(fixture, n), ==, "/v1.0/me/messages/m/permanentDelete");
	g_assert_cmpstr(mock_service_get_request(fixture->service, n)->method, ==, "POST");
	g_assert_cmpstr(fixture_get_header(fixture, n++, "Content-Length"), ==, "0");

	mock_service_push(fixture->service, 403, NULL, "{\"error\":{\"code\":\"ErrorCannotDeleteObject\"}}");
	g_assert_true(graph_message_delete(fixture->client, "m", NULL, &error));
	n++;

	for (guint i = 0; i < G_N_ELEMENTS(unsupported); i++) {
		mock_service_push(fixture->service, unsupported[i], NULL, "{\"error\":{\"code\":\"BadRequest\"}}");
		mock_service_push(fixture->service, i % 2 ? 404 : 204, NULL, NULL);
		g_assert_true(graph_message_delete(fixture->client, "m", NULL, &error));
		n += 2;
		g_assert_cmpstr(mock_service_get_request(fixture->service, n - 1)->method, ==, "DELETE");
		g_assert_cmpstr(get_path(fixture, n - 1), ==, "/v1.0/me/messages/m");
	}
	g_assert_no_error(error);

	mock_service_push(fixture->service, 403, NULL, "{\"error\":{\"code\":\"ErrorAccessDenied\"}}");
	g_assert_false(graph_message_delete(fixture->client, "m", NULL, &denied));
	g_assert_error(denied, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
}

static void
test_sends_mime(Fixture *fixture, gconstpointer data)
{
	static const char mime[] = "From: a@contoso.example\r\nTo: b@contoso.example\r\n\r\nHello\r\n";
	g_autoptr(GBytes) bytes = g_bytes_new_static(mime, strlen(mime));
	g_autofree char *base64 = g_base64_encode((const guchar *)mime, strlen(mime));
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) misleading = NULL;
	g_autoptr(GraphMessage) draft = NULL;

	mock_service_push(fixture->service, 202, NULL, NULL);
	g_assert_true(graph_message_send_mime(fixture->client, bytes, NULL, NULL, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(get_path(fixture, 0), ==, "/v1.0/me/sendMail");
	g_assert_cmpstr(fixture_get_header(fixture, 0, "Content-Type"), ==, "text/plain");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->body, ==, base64);

	/* CHECKED 6b */
	mock_service_push_json(fixture->service, "{}");
	g_assert_false(graph_message_send_mime(fixture->client, bytes, NULL, NULL, NULL, NULL, &misleading));
	g_assert_error(misleading, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);

	mock_service_push(fixture->service, 201, NULL, WHOLE);
	draft = graph_message_create_mime(fixture->client, bytes, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(draft->id, ==, "m1");
	g_assert_cmpstr(get_path(fixture, 2), ==, "/v1.0/me/messages");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 2)->body, ==, base64);
}

static void
test_tells_why_a_mail_is_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("Subject: x\r\n\r\n", 14);
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 403, "application/json",
			  "{\"error\":{\"code\":\"ErrorSendAsDenied\",\"message\":\"Not\\nas this user.\"}}");
	g_assert_false(graph_message_send_mime(fixture->client, bytes, NULL, NULL, NULL, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
	g_assert_nonnull(strstr(error->message, "Not as this user."));
	g_assert_nonnull(strstr(error->message, "403 ErrorSendAsDenied"));
}

static void
test_sends_nothing_that_is_too_large(Fixture *fixture, gconstpointer data)
{
	gsize size = graph_message_get_mime_limit() + 1;
	g_autoptr(GBytes) bytes = g_bytes_new_take(g_strnfill(size, 'x'), size);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) draft_error = NULL;

	g_assert_false(graph_message_send_mime(fixture->client, bytes, NULL, NULL, NULL, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE);
	g_assert_null(graph_message_create_mime(fixture->client, bytes, NULL, &draft_error));
	g_assert_error(draft_error, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 0);
}

static void
test_a_service_that_expands_nothing_is_read(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessage) message = NULL;
	g_autoptr(GraphMessagePage) page = NULL;

	mock_service_push(fixture->service, 400, NULL, "{\"error\":{\"code\":\"BadRequest\"}}");
	mock_service_push_json(fixture->service, WHOLE);
	message = graph_message_get(fixture->client, "m1", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(message->subject, ==, "Hello");
	g_assert_null(strstr(get_path(fixture, 1), "expand"));

	mock_service_push(fixture->service, 501, NULL, "{\"error\":{\"code\":\"NotImplemented\"}}");
	mock_service_push_json(fixture->service, "{\"value\":[" WHOLE "]}");
	page = graph_message_list(fixture->client, "F", NULL, 50, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(page->messages->len, ==, 1);
	g_assert_null(strstr(get_path(fixture, 3), "expand"));
}

static void
test_a_page_that_leads_to_itself_is_left(Fixture *fixture, gconstpointer data)
{
	g_autofree char *link = g_strconcat(mock_service_get_origin(fixture->service), "/v1.0/round", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) listed = NULL;

	mock_service_set_default(fixture->service, "{\"value\":[],\"@odata.nextLink\":\"{origin}/v1.0/round\"}", 0);
	mock_service_push_json(fixture->service, "{\"value\":[],\"@odata.nextLink\":\"{origin}/v1.0/round\"}");
	mock_service_push_json(fixture->service, "{\"value\":[],\"@odata.nextLink\":\"{origin}/v1.0/round\"}");
	g_assert_null(graph_message_delta(fixture->client, "F", link, 10, FALSE, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	g_assert_null(graph_message_list(fixture->client, "F", link, 10, NULL, &listed));
	g_assert_error(listed, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
}

/* A server of one's own prints its links as it calls itself. */
static void
test_a_link_may_spell_the_host_otherwise(Fixture *fixture, gconstpointer data)
{
	const char *port = strrchr(mock_service_get_origin(fixture->service), ':');
	g_autofree char *lower = g_strdup_printf("http://localhost%s/v1.0/d", port);
	g_autofree char *upper = g_strdup_printf("HTTP://LocalHost%s/v1.0/d", port);
	const char *links[] = {lower, upper};

	for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphMessagePage) page = NULL;

		mock_service_push_json(fixture->service, "{\"value\":[],\"@odata.deltaLink\":\"{origin}/v1.0/d\"}");
		page = graph_message_delta(fixture->client, "F", links[i], 10, FALSE, NULL, &error);
		g_assert_no_error(error);
		g_assert_nonnull(page);
	}
}

static void
test_a_link_to_a_former_address_means_to_start_over(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(graph_message_delta(fixture->client, "F", "https://graph.contoso.example/v1.0/d", 10, FALSE, NULL,
					  &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_SYNC_RESET);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 0);
}

static void
test_a_page_is_no_mail(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *type;
		const char *body;
		gboolean mail;
	} cases[] = {
		{"text/html; charset=utf-8", "\n<!DOCTYPE html><html></html>", FALSE},
		{"application/json", "{\"error\":{\"code\":\"x\"}}", FALSE},
		{"text/plain", "Subject: x\r\n\r\nx", TRUE},
		{"text/html", "Subject: x\r\n\r\nx", TRUE},
		{"message/rfc822", "<odd> first line\r\n", TRUE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
		g_autoptr(GError) error = NULL;
		gboolean done;

		mock_service_push(fixture->service, 200, cases[i].type, cases[i].body);
		done = graph_message_get_mime(fixture->client, "m", stream, NULL, &error);
		g_assert_cmpint(done, ==, cases[i].mail);
		if (!done)
			g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
		g_assert_cmpuint(g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(stream)), ==,
				 done ? strlen(cases[i].body) : 0);
	}
}

/* The answer to the second permanentDelete was damaged on its way: DELETE tells. */
static void
test_a_deletion_without_a_reason_is_asked_again(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	mock_service_push(fixture->service, 403, NULL, "{\"error\":{\"co");
	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	g_assert_true(graph_message_delete(fixture->client, "m", NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(mock_service_get_request(fixture->service, 1)->method, ==, "DELETE");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	g_test_add_func("/graph/message/reads a whole one", test_reads_a_whole_message);
	g_test_add_func("/graph/message/what is missing is unchanged", test_what_is_missing_is_unchanged);
	g_test_add_func("/graph/message/an empty subject is not a missing one",
			test_an_empty_subject_is_not_a_missing_one);
	g_test_add_func("/graph/message/a header without a date is noticed", test_a_header_without_a_date_is_noticed);
	g_test_add_func("/graph/message/the verb wins over the icon", test_the_verb_wins_over_the_icon);
	g_test_add_func("/graph/message/only the id of a removed one counts",
			test_only_the_id_of_a_removed_message_counts);
	fixture_add("/graph/message/follows a round of changes", test_follows_a_round_of_changes);
	fixture_add("/graph/message/goes on without sizes", test_goes_on_without_sizes);
	fixture_add("/graph/message/looks up what came in part", test_looks_up_what_came_in_part);
	fixture_add("/graph/message/a dead link means to start over", test_a_dead_link_means_to_start_over);
	fixture_add("/graph/message/a later page may be too much, expanded",
		    test_a_later_page_may_be_too_much_expanded);
	fixture_add("/graph/message/a refused first page is no dead link", test_a_refused_first_page_is_no_dead_link);
	fixture_add("/graph/message/lists a folder", test_lists_a_folder);
	fixture_add("/graph/message/finds by Message-ID", test_finds_by_message_id);
	fixture_add("/graph/message/finds by long Message-ID", test_finds_by_long_message_id);
	fixture_add("/graph/message/sends only what changed", test_sends_only_what_changed);
	fixture_add("/graph/message/a refused answered mark loses nothing", test_a_refused_answered_mark_loses_nothing);
	fixture_add("/graph/message/a refused change is an error", test_the_rest_is_not_done_when_it_is_refused);
	fixture_add("/graph/message/repeats a write that met another", test_repeats_a_write_that_met_another);
	fixture_add("/graph/message/moves and copies", test_moves_and_copies);
	fixture_add("/graph/message/deletes for good", test_deletes_for_good);
	fixture_add("/graph/message/sends MIME", test_sends_mime);
	fixture_add("/graph/message/tells why a mail is refused", test_tells_why_a_mail_is_refused);
	fixture_add("/graph/message/sends nothing that is too large", test_sends_nothing_that_is_too_large);
	fixture_add("/graph/message/a service that expands nothing is read",
		    test_a_service_that_expands_nothing_is_read);
	fixture_add("/graph/message/a page that leads to itself is left", test_a_page_that_leads_to_itself_is_left);
	fixture_add("/graph/message/a link may spell the host otherwise", test_a_link_may_spell_the_host_otherwise);
	fixture_add("/graph/message/a link to a former address means to start over",
		    test_a_link_to_a_former_address_means_to_start_over);
	fixture_add("/graph/message/a page is no mail", test_a_page_is_no_mail);
	fixture_add("/graph/message/a deletion refused without a reason is asked again",
		    test_a_deletion_without_a_reason_is_asked_again);

	return g_test_run();
}
