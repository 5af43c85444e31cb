/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator.h"

#include <libsoup/soup.h>
#include <string.h>

/*
 * The documentation's exchanges, played against the tenant over HTTP: what an example sends is taken, with
 * the ids of this tenant for its placeholders, and the answer has at least the members that are printed.
 */
typedef struct {
	const char *file;
	guint exchange;
	gboolean draft;	  /* the message in the path is one */
	guint status;	  /* 0: as printed */
	const char *body; /* in place of one that is printed trimmed, or holds values that are none */
} Case;

#define TRIMMED_MIME "VG86IGJvYkBjb250b3NvLmV4YW1wbGUNClN1YmplY3Q6IHgNCg0KeA0K"

static const Case cases[] = {
	{"me-get", 0},
	{"user-get-select", 0},
	{"mailfolders-list", 0},
	{"mailfolder-childfolders-list", 0},
	{"mailfolder-create", 0},
	{"mailfolder-rename", 0},
	{"mailfolder-move", 0, FALSE, 0, "{\"destinationId\":\"archive\"}"},
	{"mailfolder-delete", 0},
	{"mailfolder-permanentdelete", 0},
	{"messages-list-select", 0},
	{"messages-delta-initial-round", 0},
	{"message-get", 0},
	{"message-get-headers", 0},
	{"message-get-mime", 0},
	{"message-create-json", 0},
	{"message-create-json", 1},
	{"message-create-mime", 0, FALSE, 0, TRIMMED_MIME},
	{"message-update", 0, TRUE, 0,
	 "{\"subject\":\"subject-value\",\"body\":{\"contentType\":\"text\",\"content\":\"content-value\"},"
	 "\"inferenceClassification\":\"other\"}"},
	{"message-move", 0},
	{"message-copy", 0, FALSE, 0, "{\"destinationId\":\"archive\"}"},
	{"message-delete", 0},
	{"message-permanentdelete", 0},
	{"message-send-draft", 0, TRUE},
	{"message-reply", 0},
	{"message-reply", 1, FALSE, 0, TRIMMED_MIME},
	{"message-createreply", 0, FALSE, 0, TRIMMED_MIME},
	{"message-forward", 0, FALSE, 0,
	 "{\"comment\":\"comment-value\",\"toRecipients\":[{\"emailAddress\":{\"name\":\"n\",\"address\":"
	 "\"" SIMULATOR_OTHER "\"}}]}"},
	{"sendmail-json", 0},
	{"sendmail-json", 1},
	{"sendmail-json", 2},
	{"sendmail-mime", 0},
	{"attachments-list", 0},
	{"attachment-add-small", 0, TRUE},
	{"attachment-get-file", 0},
	{"attachment-get-file", 1},
	{"attachment-upload-session", 0, TRUE},
	{"extended-property-expand", 1},
	{"extended-property-expand", 0},
};

typedef struct {
	Simulator *simulator;
	SoupSession *session;
	char *token;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->simulator = simulator_new();
	g_assert_true(simulator_start(fixture->simulator, 0, NULL, &error));
	g_assert_no_error(error);
	fixture->session = soup_session_new();
	fixture->token = simulator_issue_access_token(fixture->simulator, SIMULATOR_USER,
						      "User.Read User.ReadBasic.All Mail.ReadWrite Mail.Send");
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_object_unref(fixture->session);
	simulator_stop(fixture->simulator);
	g_assert_finalize_object(fixture->simulator);
	g_free(fixture->token);
}

/* @target: a path with query, encoded; the body's root, %NULL when it is not JSON */
static JsonNode *
ask(Fixture *fixture, const char *method, const char *target, const char *type, const char *body, guint *status)
{
	g_autofree char *uri = g_strconcat(simulator_get_origin(fixture->simulator), target, NULL);
	g_autoptr(SoupMessage) message = soup_message_new(method, uri);
	SoupMessageHeaders *headers = soup_message_get_request_headers(message);
	g_autofree char *bearer = g_strconcat("Bearer ", fixture->token, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(body, body != NULL ? strlen(body) : 0);
	g_autoptr(GBytes) answer = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonParser) parser = json_parser_new();
	gsize length;
	const char *text;

	soup_message_headers_replace(headers, "Authorization", bearer);
	soup_message_headers_replace(headers, "Prefer", "odata.maxpagesize=2");
	if (body != NULL)
		soup_message_set_request_body_from_bytes(message, type, bytes);
	else if (g_str_equal(method, "POST"))
		soup_message_headers_replace(headers, "Content-Length", "0");
	answer = soup_session_send_and_read(fixture->session, message, NULL, &error);
	g_assert_no_error(error);
	*status = soup_message_get_status(message);
	text = g_bytes_get_data(answer, &length);
	if (g_strcmp0(soup_message_headers_get_content_type(soup_message_get_response_headers(message), NULL),
		      "application/json") != 0)
		return NULL;
	g_assert_true(json_parser_load_from_data(parser, text, (gssize)length, NULL));
	return json_parser_steal_root(parser);
}

static char *
make_message(Fixture *fixture, gboolean draft)
{
	guint status;
	const char *flags = draft ? "8" : "0";
	g_autofree char *body = g_strdup_printf(
		"{\"subject\":\"One\",\"body\":{\"contentType\":\"html\",\"content\":\"<p>One</"
		"p>\"},\"from\":{\"emailAddress\":{"
		"\"address\":\"" SIMULATOR_USER "\"}},\"sender\":{\"emailAddress\":{\"address\":\"" SIMULATOR_USER
		"\"}},\"toRecipients\":[{\"emailAddress\":{\"address\":\"" SIMULATOR_OTHER
		"\"}}],\"attachments\":[{\"@odata.type\":\"#microsoft.graph.fileAttachment\",\"name\":\"a.bin\","
		"\"contentBytes\":\"AAAA\"}],\"singleValueExtendedProperties\":[{\"id\":\"Integer "
		"0x0E07\",\"value\":\"%s\"},"
		"{\"id\":\"String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color\",\"value\":\"Green\"}]}",
		flags);
	g_autoptr(JsonNode) answer = ask(fixture, "POST", "/v1.0/me/messages", "application/json", body, &status);

	g_assert_cmpuint(status, ==, 201);
	return g_strdup(json_object_get_string_member(json_node_get_object(answer), "id"));
}

static char *
make_folder(Fixture *fixture)
{
	g_autofree char *name = g_uuid_string_random();
	g_autoptr(GError) error = NULL;
	char *id = simulator_create_folder(fixture->simulator, SIMULATOR_USER, "inbox", name, &error);

	g_assert_no_error(error);
	return id;
}

static char *
first_attachment(Fixture *fixture, const char *message)
{
	g_autofree char *target = g_strdup_printf("/v1.0/me/messages/%s/attachments", message);
	guint status;
	g_autoptr(JsonNode) answer = ask(fixture, "GET", target, NULL, NULL, &status);
	JsonArray *value = json_object_get_array_member(json_node_get_object(answer), "value");

	return g_strdup(json_object_get_string_member(json_array_get_object_element(value, 0), "id"));
}

/* The printed path with ids of this tenant where it has placeholders. */
static char *
fill_path(Fixture *fixture, const char *path, gboolean draft)
{
	g_auto(GStrv) halves = g_strsplit(path, "?", 2);
	g_auto(GStrv) segments = g_strsplit(halves[0], "/", -1);
	g_autofree char *message = NULL;
	g_autofree char *joined = NULL;

	for (guint i = 1; segments[i] != NULL; i++) {
		const char *before = segments[i - 1];
		char *id = NULL;

		if (*segments[i] == '\0' || g_str_equal(segments[i], "delta"))
			continue;
		if (g_str_equal(before, "messages"))
			id = message = make_message(fixture, draft);
		else if (g_ascii_strcasecmp(before, "mailFolders") == 0)
			id = make_folder(fixture);
		else if (g_str_equal(before, "users"))
			id = g_strdup(SIMULATOR_USER);
		else if (g_str_equal(before, "attachments") && !g_str_equal(segments[i], "createUploadSession"))
			id = first_attachment(fixture, message);
		if (id != NULL) {
			g_free(segments[i]);
			segments[i] = id == message ? g_strdup(id) : id;
		}
	}
	joined = g_strjoinv("/", segments);
	return halves[1] != NULL ? g_strconcat(joined, "?", halves[1], NULL) : g_steal_pointer(&joined);
}

/* Every member that is printed is there, in the first element of a list as well. */
static void
assert_members(JsonNode *printed, JsonNode *answer, const char *where)
{
	g_autoptr(GList) members = NULL;

	if (JSON_NODE_HOLDS_ARRAY(printed) && JSON_NODE_HOLDS_ARRAY(answer)) {
		if (json_array_get_length(json_node_get_array(printed)) > 0 &&
		    json_array_get_length(json_node_get_array(answer)) > 0)
			assert_members(json_array_get_element(json_node_get_array(printed), 0),
				       json_array_get_element(json_node_get_array(answer), 0), where);
		return;
	}
	if (!JSON_NODE_HOLDS_OBJECT(printed) || !JSON_NODE_HOLDS_OBJECT(answer))
		return;
	members = json_object_get_members(json_node_get_object(printed));
	for (GList *l = members; l != NULL; l = l->next) {
		g_autofree char *inner = g_strdup_printf("%s.%s", where, (const char *)l->data);
		JsonNode *value = json_object_get_member(json_node_get_object(answer), l->data);

		/* annotations are as minimal metadata has them; links depend on how much there is */
		if (value == NULL && (strchr(l->data, '@') != NULL))
			continue;
		if (value == NULL)
			g_test_message("%s is missing", inner);
		g_assert_nonnull(value);
		assert_members(json_object_get_member(json_node_get_object(printed), l->data), value, inner);
	}
}

static JsonObject *
load_exchange(const Case *example)
{
	g_autofree char *path = g_strdup_printf(EXAMPLES "/%s.json", example->file);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) error = NULL;
	JsonArray *exchanges;

	g_assert_true(json_parser_load_from_file(parser, path, &error));
	g_assert_no_error(error);
	exchanges = json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)), "exchanges");
	return json_object_ref(json_array_get_object_element(exchanges, example->exchange));
}

static void
test_example(Fixture *fixture, gconstpointer data)
{
	const Case *example = data;
	g_autoptr(JsonObject) exchange = load_exchange(example);
	JsonNode *printed = json_object_get_member(exchange, "request_body");
	JsonNode *expected = json_object_get_member(exchange, "response_body");
	JsonObject *headers = json_object_get_object_member(exchange, "request_headers");
	const char *type = json_object_get_string_member_with_default(headers, "Content-Type", NULL);
	g_autofree char *target = fill_path(fixture, json_object_get_string_member(exchange, "path"), example->draft);
	g_autofree char *body = NULL;
	g_autoptr(JsonNode) answer = NULL;
	guint status;

	if (example->body != NULL)
		body = g_strdup(example->body);
	else if (type != NULL && JSON_NODE_HOLDS_VALUE(printed))
		body = g_strdup(json_node_get_string(printed));
	else if (type != NULL && !JSON_NODE_HOLDS_NULL(printed))
		body = json_to_string(printed, FALSE);
	answer = ask(fixture, json_object_get_string_member(exchange, "method"), target, type, body, &status);
	if (status >= 400 && answer != NULL) {
		g_autofree char *text = json_to_string(answer, FALSE);

		g_test_message("%s", text);
	}
	g_assert_cmpuint(status, ==,
			 example->status != 0 ? example->status
					      : (guint)json_object_get_int_member(exchange, "status"));
	if (JSON_NODE_HOLDS_OBJECT(expected)) {
		g_assert_nonnull(answer);
		assert_members(expected, answer, example->file);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!g_file_test(EXAMPLES, G_FILE_TEST_IS_DIR)) {
		g_print("1..0 # SKIP The documentation's examples do not lie beside the sources.\n");
		return 0;
	}
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = g_strdup_printf("/simulator/examples/%s, exchange %u, is answered as printed",
							cases[i].file, cases[i].exchange + 1);

		g_test_add(path, Fixture, &cases[i], set_up, test_example, tear_down);
	}
	return g_test_run();
}
