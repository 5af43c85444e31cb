/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

#define INBOX "/me/mailFolders/inbox/messages"

static char *
path_of(const char *id, const char *rest)
{
	return g_strconcat("/me/messages/", id, rest, NULL);
}

static void
test_lists_page_and_count(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) page = NULL;
	g_autoptr(JsonObject) second = NULL;
	g_autoptr(JsonObject) large = NULL;

	sim_graph_fill(self->graph, SIMULATOR_USER, "inbox", 23);
	self->prefer = "IdType=\"ImmutableId\"";
	page = sim_test_expect(self, 200, "GET", INBOX "?$count=true", NULL);
	g_assert_cmpuint(sim_test_length(page), ==, 10); /* API.md 5.2 */
	g_assert_cmpint(json_object_get_int_member(page, "@odata.count"), ==, 23);
	second = sim_test_expect(self, 200, "GET", sim_test_string(page, "@odata.nextLink"), NULL);
	g_assert_cmpstr(sim_test_string(sim_test_item(second, 0), "subject"), ==, "Report 13 of the night watch");
	large = sim_test_expect(self, 200, "GET", INBOX "?$top=1000&$skip=20&$select=subject", NULL);
	g_assert_cmpuint(sim_test_length(large), ==, 3);
	g_assert_false(json_object_has_member(large, "@odata.nextLink"));
}

static void
test_filters_that_the_contract_names(SimTest *self, gconstpointer data)
{
	static const struct {
		const char *filter;
		guint n;
	} cases[] = {
		{"from/emailAddress/address%20eq%20'carol@fabrikam.example'", 3},
		{"isRead%20eq%20false", 2},
		{"receivedDateTime%20ge%202020-01-01T00:00:00Z%20and%20receivedDateTime%20lt%202020-02-01", 0},
		{"subject%20eq%20'let''s%20meet'", 1},
		{"startswith(subject,'let')", 1},
		{"contains(subject,'o')", 2},
		{"internetMessageId%20eq%20'%3Cone@fabrikam.example%3E'", 1},
		{"not%20(isRead%20eq%20true%20or%20hasAttachments%20eq%20true)", 2},
		{"importance%20eq%20'high'", 0},
		{"categories/any(c:c%20eq%20'Blue')", 1},
		{"singleValueExtendedProperties/Any(ep:%20ep/id%20eq%20'Integer%200x1081'%20and%20ep/"
		 "value%20eq%20'102')",
		 1},
	};
	g_autofree char *one = sim_test_deliver(self, "inbox", "one");
	g_autofree char *two = sim_test_deliver(self, "inbox", "two");
	g_autofree char *three = sim_test_deliver(self, "inbox", "let's meet");

	g_assert_true(sim_graph_change(self->graph, SIMULATOR_USER, one, "{\"isRead\":true,\"categories\":[\"Blue\"]}",
				       NULL));
	g_assert_true(sim_graph_change(
		self->graph, SIMULATOR_USER, two,
		"{\"singleValueExtendedProperties\":[{\"id\":\"Integer 0x1081\",\"value\":\"102\"}]}", NULL));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *target = g_strconcat(INBOX "?$filter=", cases[i].filter, NULL);
		g_autoptr(JsonObject) list = sim_test_expect(self, 200, "GET", target, NULL);

		if (sim_test_length(list) != cases[i].n)
			g_test_message("%s", cases[i].filter);
		g_assert_cmpuint(sim_test_length(list), ==, cases[i].n);
	}
	g_assert_nonnull(three);
}

static void
test_wrong_queries_are_refused(SimTest *self, gconstpointer data)
{
	g_autofree char *long_filter = g_strconcat(INBOX "?$filter=subject%20eq%20'", NULL);
	g_autofree char *filler = g_strnfill(130, 'x');
	g_autofree char *too_long = g_strconcat(long_filter, filler, "'", NULL);

	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "?$top=1001", NULL); /* API.md 5.2 */
	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "?$top=0", NULL);
	sim_test_refused(self, 400, "RequestBroker--ParseUri", "GET", INBOX "?$select=size", NULL); /* API.md 5.1 */
	sim_test_refused(self, 400, "RequestBroker--ParseUri", "GET", INBOX "?$filter=colour%20eq%20'x'", NULL);
	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "?$filter=isRead%20eq%20'true'", NULL);
	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "?$frobnicate=1", NULL); /* API.md 2.2 */
	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "?select=subject", NULL);
	sim_test_refused(self, 400, "BadRequest", "GET", too_long, NULL); /* API.md 2.2 */
	sim_test_refused(self, 400, "InefficientFilter", "GET",
			 INBOX "?$filter=isRead%20eq%20false&$orderby=receivedDateTime%20desc", NULL); /* API.md 5.2 */
	sim_test_refused(self, 400, "SearchWithOrderBy", "GET", INBOX "?$search=%22x%22&$orderby=subject", NULL);
	sim_test_refused(self, 400, "SearchWithFilter", "GET", INBOX "?$search=%22x%22&$filter=isRead%20eq%20true",
			 NULL);
	sim_test_refused(self, 400, "ErrorInvalidExtendedProperty", "GET",
			 INBOX "?$expand=singleValueExtendedProperties($filter=id%20eq%20'Integre%200x0E08')",
			 NULL); /* API.md 5.3 */
}

static void
test_the_working_pattern_of_filter_and_order(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autoptr(JsonObject) list = sim_test_expect(
		self, 200, "GET",
		INBOX "?$filter=receivedDateTime%20ge%202024-01-01T00:00:00Z%20and%20isRead%20eq%20false"
		      "&$orderby=receivedDateTime%20desc",
		NULL); /* API.md 5.2 */
	g_autoptr(JsonObject) found = sim_test_expect(self, 200, "GET", "/me/messages?$search=%22subject:one%22", NULL);

	g_assert_cmpuint(sim_test_length(list), ==, 1);
	g_assert_cmpuint(sim_test_length(found), ==, 1);
	g_assert_nonnull(id);
}

static void
test_mime_comes_as_it_arrived(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *target = path_of(id, "/$value");

	g_assert_null(sim_test_expect(self, 200, "GET", target, NULL));
	g_assert_cmpstr(self->content_type, ==, "text/plain"); /* API.md 5.4 */
	g_assert_true(g_str_has_prefix(g_bytes_get_data(self->body, NULL), "From: Carol"));
}

static void
test_patch_changes_what_may_change(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *target = path_of(id, "");
	g_autoptr(JsonObject) before = sim_test_expect(self, 200, "GET", target, NULL);
	g_autoptr(JsonObject) after = sim_test_expect(self, 200, "PATCH", target,
						      "{\"isRead\":true,\"importance\":\"High\",\"categories\":["
						      "\"Blue\"],\"inferenceClassification\":\"other\","
						      "\"flag\":{\"flagStatus\":\"complete\"}}");
	JsonObject *flag = json_object_get_object_member(after, "flag");

	g_assert_true(json_object_get_boolean_member(after, "isRead"));
	g_assert_cmpstr(sim_test_string(after, "importance"), ==, "high");
	g_assert_cmpstr(sim_test_string(flag, "flagStatus"), ==, "complete");
	g_assert_true(json_object_has_member(flag, "completedDateTime"));
	g_assert_cmpstr(sim_test_string(before, "@odata.etag"), !=, sim_test_string(after, "@odata.etag"));
}

static void
test_patch_refuses_the_rest(SimTest *self, gconstpointer data)
{
	static const struct {
		const char *body;
		guint status;
		const char *code;
	} cases[] = {
		{"{\"isRead\":\"yes\"}", 400, "RequestBodyRead"},
		{"{\"colour\":\"red\"}", 400, "RequestBodyRead"},
		{"{\"importance\":\"huge\"}", 400, "RequestBodyRead"},
		{"{\"receivedDateTime\":\"2026-01-01T00:00:00Z\"}", 400, "ErrorInvalidPropertySet"},
		{"{\"isDraft\":true}", 400, "ErrorInvalidPropertySet"},
		{"{\"internetMessageHeaders\":[]}", 400, "ErrorInvalidPropertySet"},
		{"{\"subject\":\"x\"}", 403, "ErrorAccessDenied"},
		{"{\"flag\":{\"flagStatus\":\"flagged\",\"dueDateTime\":{\"dateTime\":\"2026-05-01T00:00:00\","
		 "\"timeZone\":\"UTC\"}}}",
		 400, "ErrorInvalidArgument"},
		{"{\"singleValueExtendedProperties\":[{\"id\":\"Integer 0x0E07\",\"value\":\"1\"}]}", 400,
		 "ErrorItemSavePropertyError"},
		{"[]", 400, "BadRequest"},
	};
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *target = path_of(id, "");
	g_autoptr(JsonObject) after = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		sim_test_refused(self, cases[i].status, cases[i].code, "PATCH", target,
				 cases[i].body); /* API.md 5.6, 5.3 */
	sim_test_refused(self, 400, "RequestBodyRead", "PATCH", target, "{\"isRead\":true,\"colour\":1}");
	after = sim_test_expect(self, 200, "GET", target, NULL);
	g_assert_false(json_object_get_boolean_member(after, "isRead")); /* all or nothing */
	self->if_match = "W/\"stale\"";
	sim_test_refused(self, 412, "ErrorIrresolvableConflict", "PATCH", target,
			 "{\"isRead\":true}"); /* API.md 14.2 */
}

static void
test_more_than_five_headers_are_refused(SimTest *self, gconstpointer data)
{
	for (guint n = 5; n <= 6; n++) {
		g_autoptr(GString) body = g_string_new("{\"internetMessageHeaders\":[");

		for (guint i = 0; i < n; i++)
			g_string_append_printf(body, "%s{\"name\":\"x-%u\",\"value\":\"v\"}", i > 0 ? "," : "", i);
		g_string_append(body, "]}");
		if (n > 5)
			sim_test_refused(self, 400, "InvalidInternetMessageHeaderCollection", "POST", "/me/messages",
					 body->str);
		else
			sim_test_drop(sim_test_expect(self, 201, "POST", "/me/messages", body->str));
	}
}

static char *
modified_of(SimTest *self, const char *path)
{
	g_autoptr(JsonObject) message = sim_test_expect(self, 200, "GET", path, NULL);

	return g_strdup(sim_test_string(message, "lastModifiedDateTime"));
}

/* CHECKED.md 2a */
static void
test_all_but_the_read_state_moves_the_time_of_change(SimTest *self, gconstpointer data)
{
	static const struct {
		const char *method;
		const char *rest;
		const char *body;
		guint status;
		gboolean moves;
	} cases[] = {
		{"PATCH", "", "{\"isRead\":false}", 200, FALSE},
		{"PATCH", "", "{\"flag\":{\"flagStatus\":\"flagged\"}}", 200, TRUE},
		{"PATCH", "", "{\"body\":{\"contentType\":\"text\",\"content\":\"x\"}}", 200, TRUE},
		{"POST", "/attachments",
		 "{\"@odata.type\":\"#microsoft.graph.fileAttachment\",\"name\":\"a\",\"contentBytes\":\"YQ==\"}", 201,
		 TRUE},
	};
	g_autoptr(JsonObject) draft = sim_test_expect(self, 201, "POST", "/me/messages", "{\"subject\":\"x\"}");
	g_autofree char *path = path_of(sim_test_string(draft, "id"), "");

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *target = g_strconcat(path, cases[i].rest, NULL);
		g_autofree char *before = modified_of(self, path);
		g_autofree char *after = NULL;

		sim_test_drop(sim_test_expect(self, cases[i].status, cases[i].method, target, cases[i].body));
		after = modified_of(self, path);
		g_assert_cmpint(strcmp(before, after) < 0, ==, cases[i].moves);
	}
}

static void
test_move_copy_and_delete(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *copy = path_of(id, "/copy");
	g_autofree char *target = path_of(id, "");
	g_autofree char *permanent = NULL;
	g_autoptr(JsonObject) copied = sim_test_expect(self, 201, "POST", copy, "{\"destinationId\":\"archive\"}");
	g_autoptr(JsonObject) trash = sim_test_expect(self, 200, "GET", "/me/mailFolders/deleteditems", NULL);
	g_autoptr(JsonObject) deleted = NULL;

	g_assert_cmpstr(sim_test_string(copied, "id"), !=, id);
	g_assert_null(sim_test_expect(self, 204, "DELETE", target, NULL));
	deleted = sim_test_expect(self, 200, "GET", target, NULL);
	g_assert_cmpstr(sim_test_string(deleted, "parentFolderId"), ==, sim_test_string(trash, "id"));
	permanent = path_of(id, "/permanentDelete");
	g_assert_null(sim_test_expect(self, 204, "POST", permanent, NULL));
	sim_test_refused(self, 403, "ErrorCannotDeleteObject", "POST", permanent, NULL); /* CHECKED.md 27 */
	sim_test_refused(self, 404, "ErrorItemNotFound", "GET", target, NULL);
	sim_test_refused(self, 400, "ErrorInvalidIdMalformed", "GET", "/me/messages/nonsense", NULL); /* API.md 14.2 */
}

static void
test_ids_tell_case_apart(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *lower = g_ascii_strdown(id, -1);
	g_autofree char *target = path_of(lower, "");

	sim_test_drop(sim_test_call(self, "GET", target, NULL));
	g_assert_cmpuint(strlen(id), >, 100); /* API.md 2.2 */
	g_assert_nonnull(strpbrk(id, "-_"));
	g_assert_true(g_str_has_suffix(id, "="));
	g_assert_cmpuint(self->status, >=, 400);
}

static void
test_read_basic_hides_the_inside(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *target = path_of(id, "");
	g_autofree char *value = path_of(id, "/$value");
	g_autoptr(JsonObject) message = NULL;

	self->scopes = "Mail.ReadBasic";
	message = sim_test_expect(self, 200, "GET", target, NULL);
	g_assert_false(json_object_has_member(message, "body")); /* API.md 5.2 */
	g_assert_false(json_object_has_member(message, "bodyPreview"));
	sim_test_refused(self, 403, "ErrorAccessDenied", "GET", value, NULL);
}

static void
test_real_headers_are_read(SimTest *self, gconstpointer data)
{
	static const struct {
		const char *mail;
		const char *subject;
		const char *last_header;
	} cases[] = {
		{"    \r\nFrom: a@b\r\nSubject: Behind blanks\r\n\r\n", "Behind blanks", "Subject"},
		{"\r\nSubject: In the text\r\n\r\n", "", NULL},
		{"Subject: One\r\nSubject: Two\r\n\r\n", "One", "Subject"},
		{"Subject: =?UTF-8?B?w6Q=?=\r\n\t=?UTF-8?Q?_b?= c\r\n\r\n", "\xc3\xa4 b c", "Subject"},
		{"Subject: a =?UTF-8?B?w6Q=?= b =?UTF-8?B?w6Q=?=\r\n\r\n", "a \xc3\xa4 b \xc3\xa4", "Subject"},
		{"Content-Type: text/plain; charset=utf-8\r\n\r\nText\r\n", "", "Content-Type"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *id = sim_graph_deliver(self->graph, SIMULATOR_USER, "inbox", cases[i].mail, -1, NULL);
		g_autofree char *path = path_of(id, "?$select=subject,internetMessageHeaders");
		g_autoptr(JsonObject) message = sim_test_expect(self, 200, "GET", path, NULL);
		JsonArray *headers = json_object_get_array_member(message, "internetMessageHeaders");
		guint n = json_array_get_length(headers);

		g_assert_cmpstr(sim_test_string(message, "subject"), ==, cases[i].subject);
		g_assert_cmpint(n > 0, ==, cases[i].last_header != NULL);
		if (n > 0)
			g_assert_cmpstr(sim_test_string(json_array_get_object_element(headers, n - 1), "name"), ==,
					cases[i].last_header);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/messages/lists page and count", test_lists_page_and_count);
	sim_test_add("/simulator/messages/filters that the contract names", test_filters_that_the_contract_names);
	sim_test_add("/simulator/messages/wrong queries are refused", test_wrong_queries_are_refused);
	sim_test_add("/simulator/messages/the working pattern of filter and order",
		     test_the_working_pattern_of_filter_and_order);
	sim_test_add("/simulator/messages/MIME comes as it arrived", test_mime_comes_as_it_arrived);
	sim_test_add("/simulator/messages/PATCH changes what may change", test_patch_changes_what_may_change);
	sim_test_add("/simulator/messages/PATCH refuses the rest", test_patch_refuses_the_rest);
	sim_test_add("/simulator/messages/more than five headers are refused", test_more_than_five_headers_are_refused);
	sim_test_add("/simulator/messages/all but the read state moves the time of change",
		     test_all_but_the_read_state_moves_the_time_of_change);
	sim_test_add("/simulator/messages/move, copy and delete", test_move_copy_and_delete);
	sim_test_add("/simulator/messages/ids tell case apart", test_ids_tell_case_apart);
	sim_test_add("/simulator/messages/Mail.ReadBasic hides the inside", test_read_basic_hides_the_inside);
	sim_test_add("/simulator/messages/real headers are read", test_real_headers_are_read);
	return g_test_run();
}
