/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "graph-error.h"
#include "graph-folder.h"
#include "graph-message.h"
#include "graph-user.h"
#include "mock-authorizer.h"
#include "simulator.h"

#define SCOPES "User.Read Mail.ReadWrite Mail.Send"

static const char mime[] =
	"From: Alice <" SIMULATOR_USER ">\r\nTo: Bob <" SIMULATOR_OTHER ">\r\n"
	"Subject: Lunch\r\nMessage-ID: <lunch'1@contoso.example>\r\nIn-Reply-To: <before@contoso.example>\r\n"
	"References: <first@contoso.example> <before@contoso.example>\r\n"
	"Date: Thu, 29 Feb 2024 12:00:00 +0000\r\nContent-Type: text/plain\r\n\r\nAt one?\r\n";

/* The client before the whole tenant. Every test ends without a request that the service had to refuse. */
typedef struct {
	Simulator *simulator;
	MockAuthorizer *authorizer;
	GraphClient *client;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;

	fixture->simulator = simulator_new();
	simulator_start(fixture->simulator, 0, NULL, &error);
	g_assert_no_error(error);
	token = simulator_issue_access_token(fixture->simulator, SIMULATOR_USER, SCOPES);
	fixture->authorizer = mock_authorizer_new();
	mock_authorizer_set_token(fixture->authorizer, token);
	fixture->client = graph_client_new(OAUTH_AUTHORIZER(fixture->authorizer),
					   simulator_get_origin(fixture->simulator), NULL, NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->client);
	g_assert_finalize_object(fixture->authorizer);
	simulator_stop(fixture->simulator);
	g_assert_finalize_object(fixture->simulator);
}

static void
assert_nothing_refused(Fixture *fixture)
{
	g_auto(GStrv) refusals = simulator_get_refusals(fixture->simulator);
	g_autofree char *text = g_strjoinv("\n", refusals);

	g_assert_cmpstr(text, ==, "");
}

static char *
deliver(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	char *id = simulator_deliver(fixture->simulator, SIMULATOR_USER, "inbox", mime, -1, &error);

	g_assert_no_error(error);
	return id;
}

/* A whole round from @link (NULL: the first), by id; the last delta link in @link. (element-type GraphMessage) */
static GHashTable *
follow(Fixture *fixture, const char *folder, char **link, guint page_size, guint *n_pages)
{
	GHashTable *messages = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)graph_message_free);
	g_autofree char *next = g_strdup(*link);

	*n_pages = 0;
	g_clear_pointer(link, g_free);
	while (*link == NULL) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphMessagePage) page =
			graph_message_delta(fixture->client, folder, next, page_size, TRUE, NULL, &error);

		g_assert_no_error(error);
		(*n_pages)++;
		while (page->messages->len > 0) {
			GraphMessage *message = g_ptr_array_steal_index(page->messages, 0);

			g_hash_table_replace(messages, message->id, message);
		}
		g_free(next);
		next = g_steal_pointer(&page->next_link);
		*link = g_steal_pointer(&page->delta_link);
	}
	return messages;
}

static void
test_knows_who_and_where(Fixture *fixture, gconstpointer data)
{
	static const char *const names[] = {"inbox",	     "drafts",	   "sentitems", "deleteditems",
					    "junkemail",     "archive",	   "outbox",	"recoverableitemsdeletions",
					    "msgfolderroot", "syncissues", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphUser) user = graph_user_get_me(fixture->client, NULL, &error);
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GHashTable) ids = NULL;
	gboolean found = FALSE;

	g_assert_no_error(error);
	g_assert_cmpstr(user->mail, ==, SIMULATOR_USER);
	g_free(simulator_create_folder(fixture->simulator, SIMULATOR_USER, "Inbox", "Projects", &error));
	g_assert_no_error(error);

	folders = graph_folder_list(fixture->client, NULL, &error);
	g_assert_no_error(error);
	ids = graph_folder_list_well_known(fixture->client, names, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(g_hash_table_lookup(ids, "inbox"));
	for (guint i = 0; i < folders->len; i++) {
		GraphFolder *folder = g_ptr_array_index(folders, i);

		if (g_strcmp0(folder->name, "Projects") == 0) {
			g_assert_cmpstr(folder->parent_id, ==, g_hash_table_lookup(ids, "inbox"));
			found = TRUE;
		}
	}
	g_assert_true(found);
}

static void
test_reads_a_folder_in_pages(Fixture *fixture, gconstpointer data)
{
	g_autofree char *link = NULL;
	g_autofree char *id = deliver(fixture);
	g_autoptr(GHashTable) messages = NULL;
	g_autoptr(GHashTable) none = NULL;
	GraphMessage *lunch;
	guint n_pages;

	simulator_fill(fixture->simulator, SIMULATOR_USER, "inbox", 60);
	simulator_set_page_limit(fixture->simulator, 25);
	messages = follow(fixture, "inbox", &link, 1000, &n_pages);
	g_assert_cmpuint(g_hash_table_size(messages), >=, 61);
	g_assert_cmpuint(n_pages, >=, 3);

	lunch = g_hash_table_lookup(messages, id);
	g_assert_nonnull(lunch);
	g_assert_cmpstr(lunch->subject, ==, "Lunch");
	g_assert_cmpstr(lunch->from, ==, "Alice <" SIMULATOR_USER ">");
	g_assert_cmpstr(lunch->internet_message_id, ==, "<lunch'1@contoso.example>");
	g_assert_cmpstr(lunch->references, ==, "<first@contoso.example> <before@contoso.example>");
	g_assert_cmpstr(lunch->in_reply_to, ==, "<before@contoso.example>");
	g_assert_true((lunch->fields & GRAPH_MESSAGE_SIZE) != 0);
	g_assert_cmpint(lunch->size, >, 0);

	none = follow(fixture, "inbox", &link, 1000, &n_pages);
	g_assert_cmpuint(g_hash_table_size(none), ==, 0);
	g_assert_cmpuint(n_pages, ==, 1);
	assert_nothing_refused(fixture);
}

static void
test_changes_come_back(Fixture *fixture, gconstpointer data)
{
	static char *categories[] = {(char *)"Red category", NULL};
	GraphMessage changes = {
		.fields = GRAPH_MESSAGE_READ | GRAPH_MESSAGE_FLAG | GRAPH_MESSAGE_CATEGORIES |
			  GRAPH_MESSAGE_IMPORTANCE | GRAPH_MESSAGE_ANSWERED,
		.is_read = TRUE,
		.flag = GRAPH_FLAG_FLAGGED,
		.categories = categories,
		.importance = GRAPH_IMPORTANCE_HIGH,
		.answered = TRUE,
	};
	g_autofree char *id = deliver(fixture);
	g_autofree char *link = NULL;
	g_autoptr(GHashTable) before = NULL;
	g_autoptr(GHashTable) after = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GraphMessage) whole = NULL;
	GraphMessage *changed;
	guint n_pages;

	before = follow(fixture, "inbox", &link, 100, &n_pages);
	graph_message_update(fixture->client, id, &changes, NULL, NULL, &error);
	g_assert_no_error(error);

	after = follow(fixture, "inbox", &link, 100, &n_pages);
	changed = g_hash_table_lookup(after, id);
	g_assert_nonnull(changed);
	g_assert_true(changed->is_read);
	g_assert_cmpint(changed->flag, ==, GRAPH_FLAG_FLAGGED);

	whole = graph_message_get(fixture->client, id, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(whole->is_read);
	g_assert_true(whole->answered);
	g_assert_false(whole->forwarded);
	g_assert_cmpint(whole->importance, ==, GRAPH_IMPORTANCE_HIGH);
	g_assert_cmpstr(whole->categories[0], ==, "Red category");
	assert_nothing_refused(fixture);
}

static void
test_a_message_travels(Fixture *fixture, gconstpointer data)
{
	g_autofree char *id = deliver(fixture);
	g_autofree char *link = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) before = NULL;
	g_autoptr(GHashTable) after = NULL;
	g_autoptr(GraphMessage) moved = NULL;
	g_autoptr(GraphMessage) again = NULL;
	g_autoptr(GraphMessage) copied = NULL;
	g_autoptr(GraphMessage) missing = NULL;
	GraphMessage *removed;
	guint n_pages;

	before = follow(fixture, "inbox", &link, 100, &n_pages);
	moved = graph_message_move(fixture->client, id, "archive", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(moved->id, ==, id);
	/* A move that is repeated after a lost answer. */
	again = graph_message_move(fixture->client, id, "archive", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(again->id, ==, id);
	after = follow(fixture, "inbox", &link, 100, &n_pages);
	removed = g_hash_table_lookup(after, id);
	g_assert_nonnull(removed);
	g_assert_true(removed->removed);

	copied = graph_message_copy(fixture->client, id, "inbox", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(copied->id, !=, id);

	graph_message_delete(fixture->client, id, NULL, &error);
	g_assert_no_error(error);
	graph_message_delete(fixture->client, id, NULL, &error);
	g_assert_no_error(error);
	missing = graph_message_get(fixture->client, id, NULL, &error);
	g_assert_null(missing);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
}

static void
test_mail_goes_out_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(mime, strlen(mime));
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) sent = NULL;
	g_autoptr(GraphMessage) draft = NULL;
	g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
	const char *text;

	graph_message_send_mime(fixture->client, bytes, NULL, NULL, NULL, NULL, &error);
	g_assert_no_error(error);
	sent = graph_message_find(fixture->client, "sentitems", "<lunch'1@contoso.example>", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(sent->len, ==, 1);

	draft = graph_message_create_mime(fixture->client, bytes, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(draft->is_draft);
	graph_message_get_mime(fixture->client, draft->id, stream, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_output_stream_write_all(stream, "", 1, NULL, NULL, NULL));
	text = g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(stream));
	g_assert_nonnull(strstr(text, "At one?"));
	assert_nothing_refused(fixture);
}

static void
test_folders_come_and_go(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) exists = NULL;
	g_autoptr(GError) gone = NULL;
	g_autoptr(GraphFolder) folder = graph_folder_create(fixture->client, NULL, "Plans", NULL, &error);
	g_autoptr(GraphFolder) second = NULL;
	g_autoptr(GraphFolder) child = NULL;
	g_autoptr(GraphFolder) read = NULL;

	g_assert_no_error(error);
	second = graph_folder_create(fixture->client, NULL, "Plans", NULL, &exists);
	g_assert_null(second);
	g_assert_error(exists, GRAPH_ERROR, GRAPH_ERROR_EXISTS);

	child = graph_folder_create(fixture->client, folder->id, "Big/small", NULL, &error);
	g_assert_no_error(error);
	graph_folder_rename(fixture->client, child->id, "Größe", NULL, &error);
	g_assert_no_error(error);
	graph_folder_move(fixture->client, child->id, "inbox", NULL, &error);
	g_assert_no_error(error);
	read = graph_folder_get(fixture->client, child->id, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(read->name, ==, "Größe");

	graph_folder_delete(fixture->client, folder->id, NULL, &error);
	g_assert_no_error(error);
}

static void
test_an_expired_link_means_to_start_over(Fixture *fixture, gconstpointer data)
{
	g_autofree char *link = NULL;
	g_autoptr(GHashTable) messages = NULL;
	g_autoptr(GraphMessagePage) page = NULL;
	g_autoptr(GError) error = NULL;
	guint n_pages;

	messages = follow(fixture, "inbox", &link, 100, &n_pages);
	simulator_expire_links(fixture->simulator);
	page = graph_message_delta(fixture->client, "inbox", link, 100, FALSE, NULL, &error);
	g_assert_null(page);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_SYNC_RESET);
}

static void
test_a_revoked_token_is_said(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GraphUser) user = NULL;
	g_autoptr(GError) error = NULL;

	simulator_revoke_tokens(fixture->simulator, SIMULATOR_USER);
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	user = graph_user_get_me(fixture->client, NULL, &error);
	g_assert_null(user);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED);
	g_assert_cmpuint(mock_authorizer_get_n_rejected(fixture->authorizer), ==, 1);
}

static void
test_goes_on_after_faults(Fixture *fixture, gconstpointer data)
{
	static const char *const faults[] = {
		"{\"kind\":\"status\",\"status\":503}",
		"{\"kind\":\"status\",\"status\":429,\"headers\":{\"Retry-After\":\"0.5\"}}",
		"{\"kind\":\"close\",\"when\":\"before\"}",
		"{\"kind\":\"close\",\"when\":\"work\"}",
		"{\"kind\":\"close\",\"when\":\"middle\"}",
		"{\"kind\":\"close\",\"when\":\"after\"}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphUser) user = NULL;

		simulator_add_fault(fixture->simulator, faults[i], &error);
		g_assert_no_error(error);
		user = graph_user_get_me(fixture->client, NULL, &error);
		g_assert_no_error(error);
		g_assert_nonnull(user);
	}
}

/* Larger than what the sockets may hold. */
static void
test_mail_that_did_not_leave_whole_was_not_sent(Fixture *fixture, gconstpointer data)
{
	static const guint accepted[] = {202, 0};
	gsize size = 20 * 1000 * 1000;
	g_autoptr(GBytes) large = g_bytes_new_take(g_strnfill(size, 'x'), size);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;
	GraphPost post = GRAPH_POST_LOST;

	simulator_add_fault(fixture->simulator, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"upload\"}",
			    &error);
	g_assert_no_error(error);
	answer = graph_client_send_mime(fixture->client, "/sendMail", large, accepted, NULL, NULL, &post, NULL, &error);
	g_assert_null(answer);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	g_assert_cmpint(post, ==, GRAPH_POST_TOLD);
	assert_nothing_refused(fixture);
}

static void
test_half_an_answer_is_none(Fixture *fixture, gconstpointer data)
{
	static const char *const faults[] = {"{\"kind\":\"cut\"}", "{\"kind\":\"html\"}", "{\"kind\":\"type\"}"};

	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GError) wrong = NULL;
		g_autoptr(GraphUser) user = NULL;

		simulator_add_fault(fixture->simulator, faults[i], &error);
		g_assert_no_error(error);
		user = graph_user_get_me(fixture->client, NULL, &wrong);
		g_assert_null(user);
		g_assert_error(wrong, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL);
	}
}

static void
test_speaks_tls_to_trusted_certificates_only(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) distrust = NULL;
	g_autofree char *directory = g_dir_make_tmp("graph-tls-XXXXXX", &error);
	g_autofree char *anchor = g_build_filename(directory, "ca.pem", NULL);
	g_autoptr(Simulator) simulator = simulator_new();
	g_autoptr(MockAuthorizer) authorizer = mock_authorizer_new();
	g_autoptr(GraphClient) stranger = NULL;
	g_autoptr(GraphClient) client = NULL;
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(GraphUser) nobody = NULL;
	g_autoptr(GraphUser) user = NULL;
	g_autofree char *token = NULL;
	g_autoptr(GDir) files = NULL;
	const char *name;

	simulator_start(simulator, 0, directory, &error);
	g_assert_no_error(error);
	g_assert_true(g_str_has_prefix(simulator_get_origin(simulator), "https://"));
	token = simulator_issue_access_token(simulator, SIMULATOR_USER, SCOPES);
	mock_authorizer_set_token(authorizer, token);

	stranger = graph_client_new(OAUTH_AUTHORIZER(authorizer), simulator_get_origin(simulator), NULL, NULL);
	nobody = graph_user_get_me(stranger, NULL, &distrust);
	g_assert_null(nobody);
	g_assert_error(distrust, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	g_assert_cmpuint(simulator_get_n_requests(simulator), ==, 0);

	database = g_tls_file_database_new(anchor, &error);
	g_assert_no_error(error);
	client = graph_client_new(OAUTH_AUTHORIZER(authorizer), simulator_get_origin(simulator), NULL, database);
	user = graph_user_get_me(client, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(user->mail, ==, SIMULATOR_USER);

	simulator_stop(simulator);
	files = g_dir_open(directory, 0, NULL);
	while ((name = g_dir_read_name(files)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		g_assert_cmpint(g_unlink(path), ==, 0);
	}
	g_assert_cmpint(g_rmdir(directory), ==, 0);
}

#define add(name, function) g_test_add(name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	add("/graph/service/knows who and where", test_knows_who_and_where);
	add("/graph/service/reads a folder in pages", test_reads_a_folder_in_pages);
	add("/graph/service/changes come back", test_changes_come_back);
	add("/graph/service/a message travels", test_a_message_travels);
	add("/graph/service/mail goes out once", test_mail_goes_out_once);
	add("/graph/service/folders come and go", test_folders_come_and_go);
	add("/graph/service/an expired link means to start over", test_an_expired_link_means_to_start_over);
	add("/graph/service/a revoked token is said", test_a_revoked_token_is_said);
	add("/graph/service/goes on after faults", test_goes_on_after_faults);
	add("/graph/service/mail that did not leave whole was not sent",
	    test_mail_that_did_not_leave_whole_was_not_sent);
	add("/graph/service/half an answer is none", test_half_an_answer_is_none);
	g_test_add_func("/graph/service/speaks TLS to trusted certificates only",
			test_speaks_tls_to_trusted_certificates_only);

	return g_test_run();
}
