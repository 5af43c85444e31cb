/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fixture.h"
#include "graph-folder.h"
#include "graph-json.h"
#include "graph-message.h"
#include "graph-page.h"
#include "graph-user.h"

/* The documentation's own exchanges, `graph/examples` of the contract beside the checkout (API.md 18). */
static const char *examples;

static JsonArray *
load(const char *name)
{
	g_autofree char *file = g_strconcat(name, ".json", NULL);
	g_autofree char *path = g_build_filename(examples, file, NULL);
	g_autofree char *text = NULL;
	g_autoptr(JsonObject) root = NULL;
	g_autoptr(GError) error = NULL;
	gsize length;

	g_file_get_contents(path, &text, &length, &error);
	g_assert_no_error(error);
	root = graph_json_parse(text, length, &error);
	g_assert_no_error(error);
	return json_array_ref(json_object_get_array_member(root, "exchanges"));
}

/* Answers as the example @name does in its exchange @index; (transfer full): that exchange */
static JsonObject *
serve(Fixture *fixture, const char *name, guint index)
{
	g_autoptr(JsonArray) exchanges = load(name);
	JsonObject *exchange = json_array_get_object_element(exchanges, index);
	JsonNode *body = json_object_get_member(exchange, "response_body");
	guint status = (guint)json_object_get_int_member(exchange, "status");
	g_autofree char *text = NULL;

	if (JSON_NODE_HOLDS_VALUE(body))
		mock_service_push(fixture->service, status, "text/plain", json_node_get_string(body));
	else if (JSON_NODE_HOLDS_NULL(body))
		mock_service_push(fixture->service, status, NULL, NULL);
	else {
		text = json_to_string(body, FALSE);
		mock_service_push(fixture->service, status, NULL, text);
	}
	return json_object_ref(exchange);
}

/* The last request was the example's: method, and path but for the ids and the query. */
static void
assert_asked(Fixture *fixture, JsonObject *exchange)
{
	const MockRequest *request =
		mock_service_get_request(fixture->service, mock_service_get_n_requests(fixture->service) - 1);
	g_auto(GStrv) wanted = g_strsplit_set(json_object_get_string_member(exchange, "path"), "/?", -1);
	g_auto(GStrv) asked = g_strsplit_set(request->path, "/?", -1);

	g_assert_cmpstr(request->method, ==, json_object_get_string_member(exchange, "method"));
	for (guint i = 0; wanted[i] != NULL && i < 6; i++) {
		gboolean id = i == 4 && (strchr(wanted[i], '{') != NULL || strlen(wanted[i]) > 15);

		if (*wanted[i] == '\0' || strchr(wanted[i], '$') == wanted[i])
			break;
		if (!id)
			g_assert_cmpstr(asked[i], ==, wanted[i]);
	}
}

static void
test_user(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) exchange = serve(fixture, "me-get", 0);
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphUser) user = graph_user_get_me(fixture->client, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(user->display_name, ==, "Adele Vance");
	assert_asked(fixture, exchange);
}

static void
test_folders(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) list = serve(fixture, "mailfolders-list", 0);
	g_autoptr(JsonObject) created = NULL;
	g_autoptr(JsonObject) renamed = NULL;
	g_autoptr(JsonObject) moved = NULL;
	g_autoptr(JsonObject) deleted = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GraphFolder) folder = NULL;
	guint n_search = 0;

	mock_service_set_default(fixture->service, "{\"value\":[]}", 0);
	folders = graph_folder_list(fixture->client, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(folders->len, ==, 9);
	for (guint i = 0; i < folders->len; i++)
		n_search += ((GraphFolder *)folders->pdata[i])->search ? 1 : 0;
	g_assert_cmpuint(n_search, ==, 1);
	/* Two of them have children: asked for together, then, of a service without batches, one by one. */
	g_assert_cmpuint(mock_service_get_n_requests(fixture->service), ==, 4);

	created = serve(fixture, "mailfolder-create", 0);
	folder = graph_folder_create(fixture->client, NULL, "Clutter", NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, created);
	renamed = serve(fixture, "mailfolder-rename", 0);
	graph_folder_rename(fixture->client, "id", "name", NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, renamed);
	moved = serve(fixture, "mailfolder-move", 0);
	graph_folder_move(fixture->client, "id", "to", NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, moved);
	deleted = serve(fixture, "mailfolder-delete", 0);
	graph_folder_delete(fixture->client, "id", NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, deleted);
}

static void
test_children(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonArray) exchanges = load("mailfolder-childfolders-list");
	JsonObject *body = json_object_get_object_member(json_array_get_object_element(exchanges, 0), "response_body");
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphPage) page = graph_page_new(body, FALSE, &error);
	g_autoptr(GraphFolder) folder = NULL;

	g_assert_no_error(error);
	folder = graph_folder_from_json(graph_page_get_item(page, 0), &error);
	g_assert_no_error(error);
	g_assert_cmpuint(folder->children, ==, 99);
	g_assert_cmpstr(folder->parent_id, ==, "parentFolderId-value");
}

static void
test_messages(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) got = serve(fixture, "message-get", 0);
	g_autoptr(JsonObject) moved = NULL;
	g_autoptr(JsonObject) copied = NULL;
	g_autoptr(JsonObject) headers = NULL;
	g_autoptr(JsonObject) updated = NULL;
	g_autoptr(JsonObject) deleted = NULL;
	g_autoptr(JsonObject) raw = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) without_id = NULL;
	g_autoptr(GraphMessage) message = graph_message_get(fixture->client, "AAMkADhMGAAA=", NULL, &error);
	g_autoptr(GraphMessage) there = NULL;
	g_autoptr(GraphMessage) copy = NULL;
	g_autoptr(GraphMessage) with_headers = NULL;
	g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
	GraphMessage changes = {.fields = GRAPH_MESSAGE_READ};

	g_assert_no_error(error);
	g_assert_cmpstr(message->id, ==, "AAMkADhMGAAA=");
	assert_asked(fixture, got);

	moved = serve(fixture, "message-move", 0);
	there = graph_message_move(fixture->client, "AAMkADhAAATs28OAAA=", "deleteditems", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(there->id, ==, "AAMkADhAAAW-VPeAAA=");
	g_assert_cmpstr(there->subject, ==, "Undeliverable: Meet for lunch?");
	assert_asked(fixture, moved);

	copied = serve(fixture, "message-copy", 0);
	/* The sample leaves the id out: a copy is there, but nobody knows which. */
	copy = graph_message_copy(fixture->client, "id", "to", NULL, &without_id);
	g_assert_null(copy);
	g_assert_error(without_id, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	assert_asked(fixture, copied);

	headers = serve(fixture, "message-get-headers", 0);
	with_headers = graph_message_get(fixture->client, "AAMkADhAAAW-VPeAAA=", NULL, &error);
	g_assert_no_error(error);
	g_assert_true((with_headers->fields & GRAPH_MESSAGE_REFERENCES) != 0);

	updated = serve(fixture, "message-update", 0);
	graph_message_update(fixture->client, "id", &changes, NULL, NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, updated);

	raw = serve(fixture, "message-get-mime", 0);
	graph_message_get_mime(fixture->client, "id", stream, NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, raw);
	g_assert_cmpuint(g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(stream)), ==,
			 strlen(json_object_get_string_member(raw, "response_body")));

	deleted = serve(fixture, "message-permanentdelete", 0);
	graph_message_delete(fixture->client, "id", NULL, &error);
	g_assert_no_error(error);
}

static void
test_mime(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) sent = serve(fixture, "sendmail-mime", 0);
	g_autoptr(JsonObject) created = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessage) draft = NULL;
	g_autoptr(GBytes) mime = NULL;
	g_autofree guchar *arrived = NULL;
	gsize length, arrived_length;
	guchar *decoded = g_base64_decode(json_object_get_string_member(sent, "request_body"), &length);

	mime = g_bytes_new_take(decoded, length);
	graph_message_send_mime(fixture->client, mime, NULL, NULL, NULL, NULL, &error);
	g_assert_no_error(error);
	assert_asked(fixture, sent);
	arrived = g_base64_decode(mock_service_get_request(fixture->service, 0)->body, &arrived_length);
	g_assert_cmpmem(arrived, arrived_length, decoded, length);

	created = serve(fixture, "message-create-mime", 0);
	draft = graph_message_create_mime(fixture->client, mime, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(draft->is_draft);
	assert_asked(fixture, created);
}

static void
test_changes(Fixture *fixture, gconstpointer data)
{
	static const char *const links[] = {"@odata.nextLink", "@odata.nextLink", "@odata.deltaLink"};
	g_autoptr(JsonArray) exchanges = load("messages-delta-initial-round");

	g_assert_cmpuint(json_array_get_length(exchanges), ==, G_N_ELEMENTS(links));
	for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
		JsonObject *exchange = json_array_get_object_element(exchanges, i);
		JsonObject *body = json_object_get_object_member(exchange, "response_body");
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphPage) page = graph_page_new(body, TRUE, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(i < 2 ? page->next_link : page->delta_link, ==,
				json_object_get_string_member(body, links[i]));
		for (guint k = 0; k < graph_page_get_length(page); k++) {
			g_autoptr(GraphMessage) message = graph_message_from_json(graph_page_get_item(page, k), &error);

			g_assert_no_error(error);
			g_assert_true((message->fields & GRAPH_MESSAGE_READ) != 0);
		}
	}
}

static void
test_extended_properties(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) exchange = serve(fixture, "extended-property-expand", 0);
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessage) message = graph_message_get(fixture->client, "id", NULL, &error);

	/* Another property than ours says nothing about size and verb; `from` is null, the sender stands in. */
	g_assert_no_error(error);
	g_assert_cmpuint(message->fields & (GRAPH_MESSAGE_SIZE | GRAPH_MESSAGE_ANSWERED), ==, 0);
	assert_asked(fixture, exchange);
}

static void
test_errors(Fixture *fixture, gconstpointer data)
{
	g_autoptr(JsonObject) exchange = serve(fixture, "error-shape", 0);
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;

	answer = graph_client_get(fixture->client, "/messages", 0, NULL, &error);
	g_assert_null(answer);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "416 invalidRange"));
	g_assert_null(strstr(error->message, "overlaps"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	examples = g_getenv("GRAPH_EXAMPLES");
	if (examples == NULL || !g_file_test(examples, G_FILE_TEST_IS_DIR)) {
		g_print("1..0 # SKIP the documentation's examples are not beside this checkout\n");
		return 0;
	}
	fixture_add("/graph/examples/the user", test_user);
	fixture_add("/graph/examples/folders", test_folders);
	fixture_add("/graph/examples/child folders", test_children);
	fixture_add("/graph/examples/messages", test_messages);
	fixture_add("/graph/examples/MIME", test_mime);
	fixture_add("/graph/examples/changes", test_changes);
	fixture_add("/graph/examples/extended properties", test_extended_properties);
	fixture_add("/graph/examples/errors", test_errors);

	return g_test_run();
}
