/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-folder.h"

#include <string.h>

#include "fixture.h"
#include "graph-batch.h"
#include "graph-json.h"
#include "graph-user.h"

static const char *
get_path(Fixture *fixture, guint index)
{
	return mock_service_get_request(fixture->service, index)->path;
}

static void
test_lists_the_whole_tree(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) folders = NULL;
	static const char *const names[] = {"Inbox", "Digest", "Archive", "A/B", "Deep"};

	mock_service_push_json(
		fixture->service,
		"{\"value\":[{\"id\":\"in/box=\",\"displayName\":\"Inbox\",\"childFolderCount\":1,"
		"\"totalItemCount\":71,\"unreadItemCount\":70},"
		"{\"@odata.type\":\"#microsoft.graph.mailSearchFolder\",\"id\":\"s\",\"displayName\":\"Digest\","
		"\"childFolderCount\":9}],"
		"\"@odata.nextLink\":\"{origin}/v1.0/me/mailFolders?$skip=2\"}");
	mock_service_push_json(fixture->service,
			       "{\"value\":[],\"@odata.nextLink\":\"{origin}/v1.0/me/mailFolders?$skip=3\"}");
	mock_service_push_json(fixture->service,
			       "{\"value\":[{\"id\":\"arch\",\"displayName\":\"Archive\",\"isHidden\":null}]}");
	mock_service_push_json(fixture->service,
			       "{\"value\":[{\"id\":\"ab\",\"displayName\":\"A/B\",\"childFolderCount\":2,"
			       "\"parentFolderId\":\"in/box=\"}]}");
	/* Its own parent among the children: a ring is not followed. */
	mock_service_push_json(fixture->service,
			       "{\"value\":[{\"id\":\"deep\",\"displayName\":\"Deep\"},"
			       "{\"id\":\"in/box=\",\"displayName\":\"Inbox\",\"childFolderCount\":1}]}");
	folders = graph_folder_list(fixture->client, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(folders->len, ==, G_N_ELEMENTS(names));
	for (guint i = 0; i < folders->len; i++)
		g_assert_cmpstr(((GraphFolder *)folders->pdata[i])->name, ==, names[i]);
	g_assert_cmpuint(((GraphFolder *)folders->pdata[0])->total, ==, 71);
	g_assert_cmpuint(((GraphFolder *)folders->pdata[0])->unread, ==, 70);
	g_assert_true(((GraphFolder *)folders->pdata[1])->search);
	g_assert_false(((GraphFolder *)folders->pdata[2])->search);
	g_assert_cmpstr(((GraphFolder *)folders->pdata[3])->parent_id, ==, "in/box=");
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 5);
	g_assert_true(g_str_has_prefix(get_path(fixture, 0), "/v1.0/me/mailFolders?$top="));
	g_assert_cmpstr(get_path(fixture, 1), ==, "/v1.0/me/mailFolders?$skip=2");
	g_assert_true(g_str_has_prefix(get_path(fixture, 3), "/v1.0/me/mailFolders/in%2Fbox%3D/childFolders?$top="));
}

static void
test_a_folder_may_vanish_while_it_is_listed(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) folders = NULL;

	mock_service_push_json(fixture->service,
			       "{\"value\":[{\"id\":\"a\",\"displayName\":\"A\",\"childFolderCount\":1}]}");
	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	folders = graph_folder_list(fixture->client, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(folders->len, ==, 0);
}

static void
test_one_wrong_answer_makes_no_folder_vanish(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) folders = NULL;

	mock_service_push_json(fixture->service,
			       "{\"value\":[{\"id\":\"a\",\"displayName\":\"A\",\"childFolderCount\":1}]}");
	mock_service_push(fixture->service, 404, NULL, "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	mock_service_push_json(fixture->service, "{\"id\":\"a\",\"displayName\":\"A\",\"childFolderCount\":1}");
	folders = graph_folder_list(fixture->client, NULL, &error);
	g_assert_null(folders);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
}

static void
test_sends_no_token_after_a_foreign_link(Fixture *fixture, gconstpointer data)
{
	MockService *other = mock_service_new();
	g_autofree char *page = g_strdup_printf("{\"value\":[],\"@odata.nextLink\":\"%s/v1.0/me/mailFolders?$skip=1\"}",
						mock_service_get_origin(other));
	g_autoptr(GError) error = NULL;

	mock_service_push_json(fixture->service, page);
	g_assert_null(graph_folder_list(fixture->client, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	g_assert_cmpuint(mock_service_get_n_requests(other), ==, 0);
	mock_service_free(other);
}

static void
test_a_list_that_repeats_itself_ends(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 2; i++)
		mock_service_push_json(fixture->service,
				       "{\"value\":[],\"@odata.nextLink\":\"{origin}/v1.0/me/mailFolders?$skip=1\"}");
	g_assert_null(graph_folder_list(fixture->client, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 2);
}

static void
test_finds_the_well_known_folders(Fixture *fixture, gconstpointer data)
{
	static const char *const names[] = {"inbox", "drafts", "archive", "sentitems", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) ids = NULL;
	g_autoptr(JsonObject) body = NULL;
	JsonArray *requests;

	mock_service_push_json(
		fixture->service,
		"{\"responses\":[{\"id\":\"2\",\"status\":404,\"headers\":{},\"body\":{\"error\":{\"code\":"
		"\"ErrorItemNotFound\"}}},{\"id\":\"0\",\"status\":200,\"body\":{\"id\":\"I\"}},"
		"{\"id\":\"1\",\"status\":200,\"body\":{\"id\":\"D\"}}]}");
	mock_service_push_json(fixture->service,
			       "{\"responses\":[{\"id\":\"3\",\"status\":200,\"body\":{\"id\":\"S\"}}]}");
	ids = graph_folder_list_well_known(fixture->client, names, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(ids), ==, 3);
	g_assert_cmpstr(g_hash_table_lookup(ids, "inbox"), ==, "I");
	g_assert_cmpstr(g_hash_table_lookup(ids, "drafts"), ==, "D");
	g_assert_cmpstr(g_hash_table_lookup(ids, "sentitems"), ==, "S");

	g_assert_cmpstr(get_path(fixture, 0), ==, "/v1.0/$batch");
	body = graph_json_parse(mock_service_get_request(fixture->service, 0)->body,
				strlen(mock_service_get_request(fixture->service, 0)->body), &error);
	g_assert_no_error(error);
	requests = json_object_get_array_member(body, "requests");
	g_assert_cmpuint(json_array_get_length(requests), ==, 3);
	for (guint i = 0; i < 3; i++) {
		JsonObject *part = json_array_get_object_element(requests, i);
		JsonObject *headers = json_object_get_object_member(part, "headers");

		g_assert_cmpstr(json_object_get_string_member(headers, "Prefer"), ==, "IdType=\"ImmutableId\"");
		g_assert_true(g_str_has_prefix(json_object_get_string_member(part, "url"), "/me/mailFolders/"));
	}
}

static void
test_a_refused_name_is_an_error(Fixture *fixture, gconstpointer data)
{
	static const char *const names[] = {"inbox", NULL};
	g_autoptr(GError) error = NULL;

	mock_service_push_json(fixture->service, "{\"responses\":[{\"id\":\"0\",\"status\":403,\"body\":null}]}");
	g_assert_null(graph_folder_list_well_known(fixture->client, names, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
}

/* API.md 13 */
static void
test_repeats_only_the_parts_that_were_told_to_wait(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GraphBatch) batch = graph_batch_new(fixture->client);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) part_error = NULL;
	g_autoptr(JsonObject) first = NULL;
	g_autoptr(JsonObject) second = NULL;
	g_autoptr(JsonObject) third = NULL;
	gint64 begun = g_get_monotonic_time();

	for (guint i = 0; i < 3; i++) {
		g_autoptr(JsonObject) body = json_object_new();

		json_object_set_boolean_member(body, "isRead", TRUE);
		g_assert_cmpuint(graph_batch_add(batch, "PATCH", "/messages/x", body, TRUE), ==, i);
	}
	mock_service_push_json(
		fixture->service,
		"{\"responses\":[{\"id\":\"1\",\"status\":429,\"headers\":{\"retry-AFTER\":\"1.5\"}},"
		"{\"id\":\"2\",\"status\":412,\"body\":{\"error\":{\"code\":\"ErrorIrresolvableConflict\"}}},"
		"{\"id\":\"0\",\"status\":204,\"body\":null}]}");
	mock_service_push_json(fixture->service,
			       "{\"responses\":[{\"id\":\"1\",\"status\":200,\"body\":{\"id\":\"x\"}}]}");

	g_assert_true(graph_batch_run(batch, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, 2 * G_USEC_PER_SEC);
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 2);
	g_assert_null(strstr(mock_service_get_request(fixture->service, 1)->body, "\"0\""));
	g_assert_nonnull(strstr(mock_service_get_request(fixture->service, 1)->body, "\"1\""));
	g_assert_nonnull(strstr(mock_service_get_request(fixture->service, 0)->body, "Content-Type"));

	first = graph_batch_get(batch, 0, &part_error);
	g_assert_no_error(part_error);
	g_assert_cmpuint(json_object_get_size(first), ==, 0);
	second = graph_batch_get(batch, 1, &part_error);
	g_assert_no_error(part_error);
	g_assert_cmpstr(json_object_get_string_member(second, "id"), ==, "x");
	third = graph_batch_get(batch, 2, &part_error);
	g_assert_null(third);
	g_assert_error(part_error, GRAPH_ERROR, GRAPH_ERROR_CONFLICT);
	g_assert_cmpuint(graph_batch_get_status(batch, 2), ==, 412);
}

#define REFUSED "{\"id\":\"1\",\"status\":401,\"body\":{\"error\":{\"code\":\"InvalidAuthenticationToken\"}}}"

/* As the whole request would be: one more token, one more time. */
static void
test_part_whose_token_was_refused_goes_again_once(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *again;
		gboolean done;
	} cases[] = {
		{"{\"responses\":[{\"id\":\"1\",\"status\":200,\"body\":{\"id\":\"x\"}}]}", TRUE},
		{"{\"responses\":[" REFUSED "]}", FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint before = mock_service_get_n_requests(fixture->service);
		g_autoptr(GraphBatch) batch = graph_batch_new(fixture->client);
		g_autoptr(GError) error = NULL;
		g_autoptr(GError) part_error = NULL;
		g_autoptr(JsonObject) answer = NULL;
		g_autofree char *token = NULL;

		graph_batch_set_chained(batch, TRUE);
		graph_batch_add(batch, "GET", "/messages/a", NULL, TRUE);
		graph_batch_add(batch, "POST", "/messages/b/copy", NULL, FALSE);
		mock_service_push_json(fixture->service,
				       "{\"responses\":[{\"id\":\"0\",\"status\":200,\"body\":{}}," REFUSED "]}");
		mock_service_push_json(fixture->service, cases[i].again);
		g_assert_true(graph_batch_run(batch, NULL, &error) == cases[i].done);

		g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, before + 2);
		g_assert_null(strstr(mock_service_get_request(fixture->service, before + 1)->body, "\"id\":\"0\""));
		g_assert_cmpuint(mock_authorizer_get_n_rejected(fixture->authorizer), ==, i + 1);
		token = g_strdup_printf("Bearer token-%u", i + 2);
		g_assert_cmpstr(fixture_get_header(fixture, before + 1, "Authorization"), ==, token);
		answer = graph_batch_get(batch, 1, &part_error);
		g_assert_true((answer != NULL) == cases[i].done);
		if (!cases[i].done) {
			g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED);
			g_assert_error(part_error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED);
		}
	}
}

/* OAUTH.md 8; each part of those side by side was refused, and there was one token. */
static void
test_challenge_in_a_part_is_passed_on(Fixture *fixture, gconstpointer data)
{
	static const char challenge[] =
		"{\"responses\":[{\"id\":\"0\",\"status\":401},{\"id\":\"1\",\"status\":401,\"headers\":"
		"{\"www-authenticate\":\"Bearer realm=\\\"\\\", claims=\\\""
		"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19\\\","
		" error=\\\"insufficient_claims\\\"\"}}]}";
	g_autoptr(GraphBatch) batch = graph_batch_new(fixture->client);
	g_autoptr(GError) error = NULL;

	graph_batch_add(batch, "GET", "/messages/a", NULL, TRUE);
	graph_batch_add(batch, "GET", "/messages/b", NULL, TRUE);
	mock_service_push_json(fixture->service, challenge);
	mock_service_push_json(fixture->service, "{\"responses\":[{\"id\":\"0\",\"status\":200,\"body\":{}},"
						 "{\"id\":\"1\",\"status\":200,\"body\":{}}]}");
	g_assert_true(graph_batch_run(batch, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(mock_authorizer_get_n_rejected(fixture->authorizer), ==, 1);
	g_assert_cmpstr(mock_authorizer_get_claims(fixture->authorizer), ==,
			"{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}");
}

/* API.md 13: one page says that the outer status is 424 then. */
static void
test_looks_into_the_parts_of_a_failed_batch(Fixture *fixture, gconstpointer data)
{
	static const char *const names[] = {"inbox", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) ids = NULL;

	mock_service_push(fixture->service, 424, NULL,
			  "{\"responses\":[{\"id\":\"0\",\"status\":429,\"headers\":{\"Retry-After\":1}}]}");
	mock_service_push_json(fixture->service,
			       "{\"responses\":[{\"id\":\"0\",\"status\":200,\"body\":{\"id\":\"I\"}}]}");
	ids = graph_folder_list_well_known(fixture->client, names, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(g_hash_table_lookup(ids, "inbox"), ==, "I");
}

static void
test_every_part_has_an_outcome(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *body;
		gboolean run;
		GraphError harmless;
		GraphError harmful;
	} cases[] = {
		{"{\"responses\":[]}", TRUE, GRAPH_ERROR_PROTOCOL, GRAPH_ERROR_UNCERTAIN},
		{"{}", FALSE, GRAPH_ERROR_PROTOCOL, GRAPH_ERROR_UNCERTAIN},
		{"{\"responses\":[{\"id\":\"7\",\"status\":200}]}", FALSE, GRAPH_ERROR_PROTOCOL, GRAPH_ERROR_UNCERTAIN},
		{"{\"responses\":[{\"id\":\"0\",\"status\":\"many\"}]}", FALSE, GRAPH_ERROR_PROTOCOL,
		 GRAPH_ERROR_UNCERTAIN},
		{"{\"responses\":[{\"id\":\"0\",\"status\":200,\"body\":\"text\"},{\"id\":\"1\",\"status\":424}]}",
		 TRUE, GRAPH_ERROR_PROTOCOL, GRAPH_ERROR_UNAVAILABLE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GraphBatch) batch = graph_batch_new(fixture->client);
		g_autoptr(GError) error = NULL;
		g_autoptr(GError) first_error = NULL;
		g_autoptr(GError) second_error = NULL;

		graph_batch_add(batch, "GET", "/messages/x", NULL, TRUE);
		graph_batch_add(batch, "POST", "/messages/x/copy", NULL, FALSE);
		mock_service_push_json(fixture->service, cases[i].body);
		g_assert_true(graph_batch_run(batch, NULL, &error) == cases[i].run);
		g_assert_true((error == NULL) == cases[i].run);
		g_assert_null(graph_batch_get(batch, 0, &first_error));
		g_assert_error(first_error, GRAPH_ERROR, (int)cases[i].harmless);
		g_assert_null(graph_batch_get(batch, 1, &second_error));
		g_assert_error(second_error, GRAPH_ERROR, (int)cases[i].harmful);
	}
}

static void
test_changes_folders(Fixture *fixture, gconstpointer data)
{
	static const char missing[] = "{\"error\":{\"code\":\"ErrorItemNotFound\"}}";
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphFolder) top = NULL;
	g_autoptr(GraphFolder) child = NULL;
	g_autoptr(GraphFolder) inbox = NULL;

	mock_service_push(fixture->service, 201, NULL, "{\"id\":\"n\",\"displayName\":\"New \\\"one\\\"\"}");
	top = graph_folder_create(fixture->client, NULL, "New \"one\"", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(top->name, ==, "New \"one\"");
	g_assert_cmpstr(get_path(fixture, 0), ==, "/v1.0/me/mailFolders");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 0)->body, ==,
			"{\"displayName\":\"New \\\"one\\\"\"}");
	g_assert_cmpstr(fixture_get_header(fixture, 0, "Content-Type"), ==, "application/json");

	mock_service_push_json(fixture->service, "{\"id\":\"c\",\"displayName\":\"Child\"}");
	child = graph_folder_create(fixture->client, "n=", "Child", NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(child);
	g_assert_cmpstr(get_path(fixture, 1), ==, "/v1.0/me/mailFolders/n%3D/childFolders");

	mock_service_push_json(fixture->service, "{\"id\":\"c\"}");
	g_assert_true(graph_folder_rename(fixture->client, "c", "Kind", NULL, &error));
	g_assert_cmpstr(mock_service_get_request(fixture->service, 2)->method, ==, "PATCH");

	mock_service_push_json(fixture->service, "{\"id\":\"c\"}");
	g_assert_true(graph_folder_move(fixture->client, "c", "deleteditems", NULL, &error));
	g_assert_cmpstr(get_path(fixture, 3), ==, "/v1.0/me/mailFolders/c/move");
	g_assert_cmpstr(mock_service_get_request(fixture->service, 3)->body, ==,
			"{\"destinationId\":\"deleteditems\"}");

	mock_service_push(fixture->service, 204, NULL, NULL);
	g_assert_true(graph_folder_delete(fixture->client, "c", NULL, &error));

	/* Gone when two answers say so, and not deleted when one alone does. */
	for (guint i = 0; i < 2; i++)
		mock_service_push(fixture->service, 404, NULL, missing);
	g_assert_true(graph_folder_delete(fixture->client, "c", NULL, &error));
	mock_service_push(fixture->service, 404, NULL, missing);
	mock_service_push_json(fixture->service, "{\"id\":\"c\"}");
	g_assert_false(graph_folder_delete(fixture->client, "c", NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_CONFLICT);
	g_clear_error(&error);

	mock_service_push_json(fixture->service, "{\"id\":\"i\",\"displayName\":\"Posteingang\"}");
	inbox = graph_folder_get(fixture->client, "inbox", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(inbox->id, ==, "i");
}

static void
test_says_that_a_name_is_taken(Fixture *fixture, gconstpointer data)
{
	static const guint statuses[] = {400, 409};

	for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
		g_autoptr(GError) error = NULL;

		mock_service_push(fixture->service, statuses[i], NULL, "{\"error\":{\"code\":\"ErrorFolderExists\"}}");
		g_assert_null(graph_folder_create(fixture->client, NULL, "Inbox", NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_EXISTS);
	}
}

static void
test_asks_who_is_signed_in(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphUser) user = NULL;

	mock_service_push_json(fixture->service, "{\"id\":\"u\",\"displayName\":\"Alice\",\"mail\":null,"
						 "\"userPrincipalName\":\"alice@contoso.example\"}");
	user = graph_user_get_me(fixture->client, NULL, &error);
	g_assert_no_error(error);
	g_assert_null(user->mail);
	g_assert_cmpstr(user->principal_name, ==, "alice@contoso.example");
	g_assert_cmpstr(get_path(fixture, 0), ==, "/v1.0/me?$select=id,displayName,mail,userPrincipalName");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	fixture_add("/graph/folder/lists the whole tree", test_lists_the_whole_tree);
	fixture_add("/graph/folder/one may vanish while it is listed", test_a_folder_may_vanish_while_it_is_listed);
	fixture_add("/graph/folder/one wrong answer makes none vanish", test_one_wrong_answer_makes_no_folder_vanish);
	fixture_add("/graph/folder/sends no token after a foreign link", test_sends_no_token_after_a_foreign_link);
	fixture_add("/graph/folder/a list that repeats itself ends", test_a_list_that_repeats_itself_ends);
	fixture_add("/graph/folder/finds the well-known ones", test_finds_the_well_known_folders);
	fixture_add("/graph/folder/a refused name is an error", test_a_refused_name_is_an_error);
	fixture_add("/graph/batch/repeats only the parts that were told to wait",
		    test_repeats_only_the_parts_that_were_told_to_wait);
	fixture_add("/graph/batch/part whose token was refused goes again once",
		    test_part_whose_token_was_refused_goes_again_once);
	fixture_add("/graph/batch/challenge in a part is passed on", test_challenge_in_a_part_is_passed_on);
	fixture_add("/graph/batch/looks into the parts of a failed one", test_looks_into_the_parts_of_a_failed_batch);
	fixture_add("/graph/batch/every part has an outcome", test_every_part_has_an_outcome);
	fixture_add("/graph/folder/creates, renames, moves and deletes", test_changes_folders);
	fixture_add("/graph/folder/says that a name is taken", test_says_that_a_name_is_taken);
	fixture_add("/graph/user/asks who is signed in", test_asks_who_is_signed_in);

	return g_test_run();
}
