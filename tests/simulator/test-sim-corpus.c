/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

/* Every mail of a directory through every call that reads it: nothing may crash, and all of it must be JSON. */
static void
read_everything(SimTest *self, const char *folder, guint *n)
{
	g_autofree char *target = g_strdup_printf("/me/mailFolders/%s/messages?$top=1000&$expand=attachments", folder);
	g_autofree char *delta =
		g_strdup_printf("/me/mailFolders/%s/messages/delta?expand=singleValueExtendedProperties($filter=id"
				"%%20eq%%20'Integer%%200x0E08')",
				folder);
	g_autoptr(JsonObject) list = sim_test_expect(self, 200, "GET", target, NULL);
	g_autoptr(JsonArray) round = json_array_new();

	g_free(sim_test_round(self, delta, round));
	g_assert_cmpuint(json_array_get_length(round), ==, sim_test_length(list));
	for (guint i = 0; i < sim_test_length(list); i++) {
		JsonObject *message = sim_test_item(list, i);
		g_autofree char *path = g_strconcat("/me/messages/", sim_test_string(message, "id"), NULL);
		g_autofree char *value = g_strconcat(path, "/$value", NULL);
		g_autofree char *headers = g_strconcat(path, "?$select=internetMessageHeaders,uniqueBody", NULL);
		g_autofree char *items =
			g_strconcat(path, "/attachments?$expand=microsoft.graph.itemattachment/item", NULL);

		sim_test_drop(sim_test_expect(self, 200, "GET", headers, NULL));
		sim_test_drop(sim_test_expect(self, 200, "GET", items, NULL));
		g_assert_nonnull(sim_test_string(message, "subject"));
		g_assert_cmpint(g_utf8_strlen(sim_test_string(message, "bodyPreview"), -1), <=, 255); /* API.md 5.1 */
		g_assert_null(sim_test_expect(self, 200, "GET", value, NULL));
		g_assert_cmpuint(g_bytes_get_size(self->body), >, 0);
		*n += 1;
	}
}

static void
read_folders(SimTest *self, const char *target, guint *n)
{
	g_autoptr(JsonObject) folders = sim_test_expect(self, 200, "GET", target, NULL);

	for (guint i = 0; i < sim_test_length(folders); i++) {
		const char *id = sim_test_string(sim_test_item(folders, i), "id");
		g_autofree char *children = g_strdup_printf("/me/mailFolders/%s/childFolders?$top=1000", id);

		read_everything(self, id, n);
		read_folders(self, children, n);
	}
}

static void
test_the_invented_mailboxes(SimTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	guint n = 0;

	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_USER, NULL, &error));
	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_OTHER, NULL, &error));
	g_assert_no_error(error);
	read_folders(self, "/me/mailFolders?$top=1000", &n);
	self->user = SIMULATOR_OTHER;
	read_folders(self, "/me/mailFolders?$top=1000", &n);
	g_assert_cmpuint(n, >=, 60);
}

/* Where everything has to be tried, it has to be there. */
static gboolean
has_corpus(void)
{
	if (g_file_test(CORPUS, G_FILE_TEST_IS_DIR))
		return TRUE;
	if (g_strcmp0(g_getenv("CI"), "true") == 0)
		g_test_fail_printf("The corpus of real mail does not lie beside the sources.");
	else
		g_test_skip("The corpus of real mail does not lie beside the sources.");
	return FALSE;
}

static void
test_real_mail(SimTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	guint n = 0;

	if (!has_corpus())
		return;
	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_USER, CORPUS, &error));
	g_assert_no_error(error);
	read_folders(self, "/me/mailFolders?$top=1000", &n);
	g_assert_cmpuint(n, >=, 253);
}

/* Each as a sent mail and as a draft: whatever comes, the answer is one of the service's. */
static void
test_real_mail_is_sent(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonNode) node = NULL;
	JsonArray *all;

	if (!has_corpus())
		return;
	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_OTHER, CORPUS "/stalwart-mail-parser", NULL));
	sim_graph_set_damage_printable(self->graph, TRUE);
	node = sim_graph_dump(self->graph, SIMULATOR_OTHER, "inbox");
	all = json_node_get_array(node);
	g_assert_cmpuint(json_array_get_length(all), >, 0);
	for (guint i = 0; i < json_array_get_length(all); i++) {
		const char *mime = sim_test_string(json_array_get_object_element(all, i), "x-mime");
		g_autoptr(JsonObject) draft = NULL;
		g_autofree char *path = NULL;

		sim_test_drop(
			sim_test_send_raw(self, "POST", "/me/sendMail", "text/plain", mime, strlen(mime), NULL, NULL));
		g_assert_true(self->status == 202 || self->status == 400);
		draft = sim_test_send_raw(self, "POST", "/me/messages", "text/plain", mime, strlen(mime), NULL, NULL);
		g_assert_cmpuint(self->status, ==, 201);
		path = g_strconcat("/me/messages/", sim_test_string(draft, "id"), NULL);
		sim_test_drop(sim_test_expect(
			self, 200, "PATCH", path,
			"{\"body\":{\"contentType\":\"text\",\"content\":\"new\"},\"subject\":\"new\"}"));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/corpus/the invented mailboxes", test_the_invented_mailboxes);
	sim_test_add("/simulator/corpus/real mail", test_real_mail);
	sim_test_add("/simulator/corpus/real mail is sent", test_real_mail_is_sent);
	return g_test_run();
}
