/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

static guint
count_names(JsonObject *list, const char *name)
{
	guint n = 0;

	for (guint i = 0; i < sim_test_length(list); i++)
		n += g_strcmp0(sim_test_string(sim_test_item(list, i), "displayName"), name) == 0;
	return n;
}

static void
test_the_list_is_one_level_deep_in_pages_of_ten(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) page = NULL;
	g_autoptr(JsonObject) all = NULL;
	g_autoptr(JsonObject) hidden = NULL;
	g_autofree char *child = sim_graph_create_folder(self->graph, SIMULATOR_USER, "inbox", "Projects", NULL);

	for (guint i = 0; i < 5; i++) {
		g_autofree char *name = g_strdup_printf("Folder %u", i);
		g_autofree char *id = sim_graph_create_folder(self->graph, SIMULATOR_USER, NULL, name, NULL);

		g_assert_nonnull(id);
	}
	self->prefer = "IdType=\"ImmutableId\"";
	page = sim_test_expect(self, 200, "GET", "/me/mailFolders", NULL);
	g_assert_cmpuint(sim_test_length(page), ==, 10); /* API.md 4 */
	g_assert_nonnull(sim_test_string(page, "@odata.nextLink"));
	all = sim_test_expect(self, 200, "GET", "/me/mailfolders?$top=200", NULL);
	g_assert_cmpuint(sim_test_length(all), ==, 14);
	g_assert_false(json_object_has_member(all, "@odata.nextLink"));
	g_assert_cmpuint(count_names(all, "Projects"), ==, 0);
	g_assert_cmpuint(count_names(all, "PersonMetadata"), ==, 0);
	hidden = sim_test_expect(self, 200, "GET", "/me/mailFolders/?includeHiddenFolders=true&$top=200", NULL);
	g_assert_cmpuint(count_names(hidden, "PersonMetadata"), ==, 1);
	g_assert_nonnull(child);
}

static void
test_a_search_folder_is_among_them(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) all = sim_test_expect(self, 200, "GET", "/me/mailFolders?$top=200", NULL);
	gboolean found = FALSE;

	for (guint i = 0; i < sim_test_length(all); i++)
		found |= g_strcmp0(sim_test_string(sim_test_item(all, i), "@odata.type"),
				   "#microsoft.graph.mailSearchFolder") == 0;
	g_assert_true(found);
}

static void
test_well_known_names_work_in_any_language(SimTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) inbox = NULL;
	g_autoptr(JsonObject) again = NULL;
	g_autofree char *target = NULL;

	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_OTHER, NULL, &error));
	g_assert_no_error(error);
	self->user = SIMULATOR_OTHER;
	inbox = sim_test_expect(self, 200, "GET", "/me/mailFolders/inbox", NULL);
	g_assert_cmpstr(sim_test_string(inbox, "displayName"), ==, "Posteingang");
	target = g_strdup_printf("/me/mailfolders('%s')", sim_test_string(inbox, "id"));
	again = sim_test_expect(self, 200, "GET", target, NULL);
	g_assert_cmpstr(sim_test_string(again, "displayName"), ==, "Posteingang");
	sim_test_refused(self, 404, "ErrorItemNotFound", "GET", "/me/mailFolders/clutter", NULL); /* API.md 4 */
}

static void
test_folders_are_made_renamed_moved_and_deleted(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) made =
		sim_test_expect(self, 201, "POST", "/me/mailFolders", "{\"displayName\":\"Work\"}");
	g_autoptr(JsonObject) child = NULL;
	g_autoptr(JsonObject) renamed = NULL;
	g_autoptr(JsonObject) moved = NULL;
	g_autoptr(JsonObject) after = NULL;
	g_autoptr(JsonObject) trash = NULL;
	g_autofree char *path = g_strconcat("/me/mailFolders/", sim_test_string(made, "id"), NULL);
	g_autofree char *children = g_strconcat(path, "/childFolders", NULL);
	g_autofree char *move = g_strconcat(path, "/move", NULL);

	child = sim_test_expect(self, 201, "POST", children, "{\"displayName\":\"Old\",\"isHidden\":true}");
	g_assert_true(json_object_get_boolean_member(child, "isHidden"));
	g_assert_cmpstr(sim_test_string(child, "parentFolderId"), ==, sim_test_string(made, "id"));
	renamed = sim_test_expect(self, 200, "PATCH", path, "{\"displayName\":\"Works\"}");
	g_assert_cmpstr(sim_test_string(renamed, "displayName"), ==, "Works");
	moved = sim_test_expect(self, 200, "POST", move,
				"{\"destinationId\":\"archive\"}"); /* 200, not 201: API.md 4 */
	g_assert_cmpstr(sim_test_string(moved, "id"), ==, sim_test_string(made, "id"));
	g_assert_null(sim_test_expect(self, 204, "DELETE", path, NULL));
	after = sim_test_expect(self, 200, "GET", path, NULL);
	trash = sim_test_expect(self, 200, "GET", "/me/mailFolders/deleteditems", NULL);
	g_assert_cmpstr(sim_test_string(after, "parentFolderId"), ==, sim_test_string(trash, "id"));
	g_assert_null(sim_test_expect(self, 204, "DELETE", path, NULL));
	sim_test_refused(self, 404, "ErrorItemNotFound", "GET", path, NULL);
}

static void
test_wrong_changes_are_refused(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_graph_create_folder(self->graph, SIMULATOR_USER, NULL, "Work", NULL);
	g_autofree char *path = g_strconcat("/me/mailFolders/", id, NULL);
	g_autofree char *move = g_strconcat(path, "/move", NULL);
	g_autofree char *body = NULL;

	sim_test_refused(self, 409, "ErrorFolderExists", "POST", "/me/mailFolders",
			 "{\"displayName\":\"work\"}"); /* API.md 4 */
	sim_test_refused(self, 400, "ErrorInvalidPropertySet", "POST", "/me/mailFolders",
			 "{\"displayName\":\"x\",\"totalItemCount\":3}");			      /* API.md 4 */
	sim_test_refused(self, 400, "ErrorInvalidPropertySet", "PATCH", path, "{\"isHidden\":true}"); /* API.md 4 */
	g_free(g_steal_pointer(&body));
	body = g_strdup_printf("{\"destinationId\":\"%s\"}", id);
	sim_test_refused(self, 400, "ErrorMoveCopyFailed", "POST", move, body);
	sim_test_refused(self, 403, "ErrorDeleteDistinguishedFolder", "DELETE", "/me/mailFolders/inbox", NULL);
	sim_test_refused(self, 400, "ErrorInvalidIdMalformed", "GET", "/me/mailFolders/Work", NULL); /* API.md 14.2 */
	sim_test_refused(self, 400, "RequestBroker--ParseUri", "GET", "/me/mailFolders?$select=wellKnownName",
			 NULL); /* API.md 4 */
}

static void
test_folder_delta_tells_the_structure(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonArray) value = json_array_new();
	g_autoptr(JsonArray) quiet = json_array_new();
	g_autoptr(JsonArray) changes = json_array_new();
	g_autofree char *link = sim_test_round(self, "/me/mailFolders/delta?$select=displayName,parentFolderId", value);
	g_autofree char *second = NULL;
	g_autofree char *third = NULL;
	g_autofree char *message = sim_test_deliver(self, "inbox", "one");
	g_autofree char *id = NULL;
	g_autofree char *path = NULL;

	g_assert_cmpuint(json_array_get_length(value), ==, 9);
	second = sim_test_round(self, link, quiet);
	g_assert_cmpuint(json_array_get_length(quiet), ==, 0); /* CHECKED.md 11 */
	id = sim_graph_create_folder(self->graph, SIMULATOR_USER, "inbox", "New", NULL);
	third = sim_test_round(self, second, changes);
	g_assert_cmpuint(json_array_get_length(changes), ==, 1);
	g_assert_cmpstr(sim_test_string(json_array_get_object_element(changes, 0), "id"), ==, id);
	path = g_strconcat("/me/mailFolders/", id, "/permanentDelete", NULL);
	g_assert_null(sim_test_expect(self, 204, "POST", path, NULL));
	json_array_unref(g_steal_pointer(&changes));
	changes = json_array_new();
	g_free(g_steal_pointer(&link));
	link = sim_test_round(self, third, changes);
	g_assert_true(json_object_has_member(json_array_get_object_element(changes, 0), "@removed"));
	g_assert_nonnull(message);
}

static void
test_another_client_renames_moves_and_removes(SimTest *self, gconstpointer data)
{
	g_autofree char *outer = sim_graph_create_folder(self->graph, SIMULATOR_USER, NULL, "Outer", NULL);
	g_autofree char *inner = sim_graph_create_folder(self->graph, SIMULATOR_USER, NULL, "Inner", NULL);
	g_autofree char *path = g_strconcat("/me/mailFolders/", inner, NULL);
	g_autofree char *message = sim_test_deliver(self, inner, "one");
	g_autoptr(JsonObject) after = NULL;
	g_autoptr(JsonNode) list = NULL;
	guint before;

	g_assert_false(sim_graph_rename_folder(self->graph, SIMULATOR_USER, inner, "Outer", NULL));
	g_assert_false(sim_graph_rename_folder(self->graph, SIMULATOR_USER, "inbox", "Mine", NULL));
	g_assert_true(sim_graph_rename_folder(self->graph, SIMULATOR_USER, inner, "Within", NULL));
	g_assert_true(sim_graph_move_folder(self->graph, SIMULATOR_USER, inner, outer, NULL));
	g_assert_false(sim_graph_move_folder(self->graph, SIMULATOR_USER, outer, inner, NULL));
	after = sim_test_expect(self, 200, "GET", path, NULL);
	g_assert_cmpstr(sim_test_string(after, "displayName"), ==, "Within");
	g_assert_cmpstr(sim_test_string(after, "parentFolderId"), ==, outer);
	list = sim_graph_list_folders(self->graph, SIMULATOR_USER);
	before = json_array_get_length(json_node_get_array(list));
	g_assert_true(sim_graph_remove_folder(self->graph, SIMULATOR_USER, outer, NULL));
	json_node_unref(list);
	list = sim_graph_list_folders(self->graph, SIMULATOR_USER);
	g_assert_cmpuint(json_array_get_length(json_node_get_array(list)), ==, before - 2);
	sim_test_refused(self, 404, "ErrorItemNotFound", "GET", path, NULL);
	g_assert_false(sim_graph_delete(self->graph, SIMULATOR_USER, message, NULL));
}

static void
test_counters_follow(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *other = sim_test_deliver(self, "inbox", "two");
	g_autoptr(JsonObject) before = sim_test_expect(self, 200, "GET", "/me/mailFolders/inbox", NULL);
	g_autoptr(JsonObject) after = NULL;

	g_assert_cmpint(json_object_get_int_member(before, "totalItemCount"), ==, 2);
	g_assert_cmpint(json_object_get_int_member(before, "unreadItemCount"), ==, 2);
	g_assert_true(sim_graph_change(self->graph, SIMULATOR_USER, id, "{\"isRead\":true}", NULL));
	g_assert_true(sim_graph_delete(self->graph, SIMULATOR_USER, other, NULL));
	after = sim_test_expect(self, 200, "GET", "/me/mailFolders/inbox", NULL);
	g_assert_cmpint(json_object_get_int_member(after, "totalItemCount"), ==, 1);
	g_assert_cmpint(json_object_get_int_member(after, "unreadItemCount"), ==, 0);
}

static void
test_scopes_and_other_peoples_mailboxes(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) me = sim_test_expect(self, 200, "GET", "/me", NULL);
	g_autoptr(JsonObject) shared = NULL;
	g_autoptr(JsonObject) list = NULL;

	g_assert_cmpstr(sim_test_string(me, "mail"), ==, SIMULATOR_USER);
	self->scopes = "Mail.Read";
	sim_test_refused(self, 403, "ErrorAccessDenied", "POST", "/me/mailFolders",
			 "{\"displayName\":\"x\"}");					/* SCOPES.md 4 */
	sim_test_refused(self, 403, "Authorization_RequestDenied", "GET", "/me", NULL); /* API.md 3 */
	sim_test_refused(self, 403, "ErrorAccessDenied", "GET", "/users/" SIMULATOR_OTHER "/mailFolders/inbox",
			 NULL); /* API.md 8 */
	self->scopes = "Mail.Send";
	sim_test_refused(self, 403, "ErrorAccessDenied", "GET", "/me/mailFolders", NULL); /* SCOPES.md 3 */
	self->scopes = "Mail.Read.Shared";
	sim_test_refused(self, 403, "ErrorAccessDenied", "GET", "/users/" SIMULATOR_OTHER "/mailFolders/inbox",
			 NULL); /* API.md 8 */
	g_assert_true(sim_graph_share(self->graph, SIMULATOR_OTHER, "inbox", SIMULATOR_USER, FALSE));
	shared = sim_test_expect(self, 200, "GET", "/users/" SIMULATOR_OTHER "/mailFolders('Inbox')", NULL);
	list = sim_test_expect(self, 200, "GET", "/users/" SIMULATOR_OTHER "/mailFolders/inbox/messages", NULL);
	sim_test_refused(self, 404, "ErrorItemNotFound", "GET", "/users/" SIMULATOR_OTHER "/mailFolders/archive", NULL);
	sim_test_refused(self, 404, "Request_ResourceNotFound", "GET", "/users/nobody@contoso.example",
			 NULL); /* API.md 3 */
}

/* API.md 8, SCOPES.md 3 */
static void
test_a_mailbox_is_shared_for_reading_alone(SimTest *self, gconstpointer data)
{
	static const char inbox[] = "/users/" SIMULATOR_OTHER "/mailFolders/inbox/messages";
	static const char mail[] =
		"{\"message\":{\"toRecipients\":[{\"emailAddress\":{\"address\":\"" SIMULATOR_USER "\"}}],\"from\":{"
		"\"emailAddress\":{\"address\":\"" SIMULATOR_OTHER "\"}}}}";
	g_autofree char *id =
		sim_graph_deliver(self->graph, SIMULATOR_OTHER, "inbox", "Subject: Rota\r\n\r\nHello.\r\n", -1, NULL);
	g_autofree char *path = g_strdup_printf("/users/" SIMULATOR_OTHER "/messages/%s", id);

	g_assert_true(sim_graph_share(self->graph, SIMULATOR_OTHER, NULL, SIMULATOR_USER, TRUE));
	self->scopes = "Mail.ReadWrite Mail.Send";
	sim_test_refused(self, 403, "ErrorAccessDenied", "GET", inbox, NULL);
	self->scopes = "Mail.ReadWrite.Shared Mail.Send.Shared";
	sim_test_drop(sim_test_expect(self, 200, "GET", inbox, NULL));
	sim_test_refused(self, 403, "ErrorAccessDenied", "PATCH", path, "{\"isRead\":true}");
	sim_test_refused(self, 403, "ErrorAccessDenied", "POST", "/users/" SIMULATOR_OTHER "/mailFolders",
			 "{\"displayName\":\"x\"}");
	sim_test_refused(self, 403, "ErrorSendAsDenied", "POST", "/me/sendMail", mail);
	g_assert_true(sim_graph_let_send(self->graph, SIMULATOR_OTHER, SIMULATOR_USER));
	sim_test_drop(sim_test_expect(self, 202, "POST", "/me/sendMail", mail)); /* API.md 6.1 */
	sim_test_refused(self, 403, "ErrorAccessDenied", "POST", "/users/" SIMULATOR_OTHER "/sendMail", mail);
	g_assert_true(sim_graph_share(self->graph, SIMULATOR_OTHER, NULL, SIMULATOR_USER, FALSE));
	sim_test_drop(sim_test_expect(self, 202, "POST", "/users/" SIMULATOR_OTHER "/sendMail", mail));
	sim_test_drop(sim_test_expect(self, 200, "PATCH", path, "{\"isRead\":true}"));
	self->scopes = "Mail.Read.Shared";
	sim_test_refused(self, 403, "ErrorAccessDenied", "PATCH", path, "{\"isRead\":false}");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/folders/the list is one level deep, in pages of ten",
		     test_the_list_is_one_level_deep_in_pages_of_ten);
	sim_test_add("/simulator/folders/a search folder is among them", test_a_search_folder_is_among_them);
	sim_test_add("/simulator/folders/well-known names work in any language",
		     test_well_known_names_work_in_any_language);
	sim_test_add("/simulator/folders/folders are made, renamed, moved and deleted",
		     test_folders_are_made_renamed_moved_and_deleted);
	sim_test_add("/simulator/folders/wrong changes are refused", test_wrong_changes_are_refused);
	sim_test_add("/simulator/folders/folder delta tells the structure", test_folder_delta_tells_the_structure);
	sim_test_add("/simulator/folders/another client renames, moves and removes them",
		     test_another_client_renames_moves_and_removes);
	sim_test_add("/simulator/folders/counters follow", test_counters_follow);
	sim_test_add("/simulator/folders/scopes, and other people's mailboxes",
		     test_scopes_and_other_peoples_mailboxes);
	sim_test_add("/simulator/folders/a mailbox is shared for reading alone",
		     test_a_mailbox_is_shared_for_reading_alone);
	return g_test_run();
}
