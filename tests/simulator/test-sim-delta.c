/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

#define INBOX "/me/mailFolders/inbox/messages"
#define SELECT "$select=subject,isRead,flag,parentFolderId"

static char *
first_round(SimTest *self, const char *query)
{
	g_autoptr(JsonArray) value = json_array_new();
	g_autofree char *target = g_strdup_printf(INBOX "/delta?%s", query);

	return sim_test_round(self, target, value);
}

static JsonObject *
only_change(SimTest *self, char **link)
{
	g_autoptr(JsonArray) value = json_array_new();
	g_autofree char *next = sim_test_round(self, *link, value);

	g_assert_cmpuint(json_array_get_length(value), ==, 1);
	g_free(*link);
	*link = g_steal_pointer(&next);
	return json_object_ref(json_array_get_object_element(value, 0));
}

static void
patch(SimTest *self, const char *id, const char *body)
{
	g_autofree char *target = g_strconcat("/me/messages/", id, NULL);

	sim_test_drop(sim_test_expect(self, 200, "PATCH", target, body));
}

static void
test_initial_round_pages_newest_first(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) page = NULL;
	g_autoptr(JsonArray) value = json_array_new();
	g_autofree char *link = NULL;

	sim_graph_fill(self->graph, SIMULATOR_USER, "inbox", 25);
	self->prefer = "IdType=\"ImmutableId\"";
	page = sim_test_expect(self, 200, "GET", INBOX "/delta?" SELECT, NULL);
	g_assert_cmpuint(sim_test_length(page), ==, 10); /* CHECKED.md 1 */
	g_assert_cmpstr(sim_test_string(sim_test_item(page, 0), "subject"), ==, "Report 25 of the night watch");
	g_assert_false(json_object_has_member(sim_test_item(page, 0), "from"));

	self->prefer = NULL;
	link = sim_test_round(self, INBOX "/delta?" SELECT, value);
	g_assert_cmpuint(json_array_get_length(value), ==, 25);
	g_assert_true(strstr(link, "$deltatoken=") != NULL);
}

static void
test_nothing_new_is_an_empty_round_with_the_same_link(SimTest *self, gconstpointer data)
{
	g_autofree char *link = first_round(self, SELECT);
	g_autoptr(JsonArray) value = json_array_new();
	g_autofree char *next = sim_test_round(self, link, value);

	g_assert_cmpuint(json_array_get_length(value), ==, 0);
	g_assert_cmpstr(link, ==, next);
}

static void
test_read_state_comes_partial_and_a_flag_in_full(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *link = first_round(self, SELECT);
	g_autoptr(JsonObject) read = NULL;
	g_autoptr(JsonObject) flag = NULL;

	patch(self, id, "{\"isRead\":true}");
	read = only_change(self, &link);
	g_assert_cmpstr(sim_test_string(read, "id"), ==, id);
	g_assert_true(json_object_get_boolean_member(read, "isRead"));
	g_assert_false(json_object_has_member(read, "subject"));
	g_assert_false(json_object_has_member(read, "@odata.etag")); /* CHECKED.md 14 */

	patch(self, id, "{\"flag\":{\"flagStatus\":\"flagged\"}}");
	flag = only_change(self, &link);
	g_assert_cmpstr(sim_test_string(flag, "subject"), ==, "one");
	g_assert_true(json_object_has_member(flag, "@odata.etag"));
}

static void
test_what_was_not_selected_never_shows(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *link = first_round(self, "$select=subject");
	g_autoptr(JsonArray) value = json_array_new();
	g_autofree char *next = NULL;

	patch(self, id, "{\"isRead\":true}"); /* CHECKED.md 2a */
	next = sim_test_round(self, link, value);
	g_assert_cmpuint(json_array_get_length(value), ==, 0);
}

static void
test_a_move_shows_removed_and_added_with_the_same_id(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *link = first_round(self, SELECT);
	g_autofree char *target = g_strconcat("/me/messages/", id, "/move", NULL);
	g_autoptr(JsonArray) there = json_array_new();
	g_autofree char *archive = sim_test_round(self, "/me/mailFolders/archive/messages/delta?" SELECT, there);
	g_autofree char *after = NULL;
	g_autoptr(JsonArray) added = json_array_new();
	g_autoptr(JsonObject) moved = NULL;
	g_autoptr(JsonObject) gone = NULL;

	moved = sim_test_expect(self, 201, "POST", target, "{\"destinationId\":\"archive\"}");
	g_assert_cmpstr(sim_test_string(moved, "id"), ==, id);
	gone = only_change(self, &link);
	g_assert_cmpstr(sim_test_string(gone, "id"), ==, id);
	g_assert_true(json_object_has_member(gone, "@removed"));
	after = sim_test_round(self, archive, added);
	g_assert_cmpuint(json_array_get_length(added), ==, 1);
	g_assert_cmpstr(sim_test_string(json_array_get_object_element(added, 0), "id"), ==, id);
}

static void
test_there_and_back_is_only_a_removal(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *link = first_round(self, SELECT);
	g_autoptr(JsonObject) change = NULL;

	g_assert_true(sim_graph_move(self->graph, SIMULATOR_USER, id, "archive", NULL));
	g_assert_true(sim_graph_move(self->graph, SIMULATOR_USER, id, "inbox", NULL));
	change = only_change(self, &link); /* CHECKED.md 4b */
	g_assert_true(json_object_has_member(change, "@removed"));
}

static void
test_ordinary_ids_change_with_a_move(SimTest *self, gconstpointer data)
{
	g_autofree char *immutable = sim_test_deliver(self, "inbox", "one");
	g_autoptr(JsonObject) list = NULL;
	g_autoptr(JsonObject) moved = NULL;
	g_autofree char *id = NULL;
	g_autofree char *target = NULL;

	self->prefer = "odata.maxpagesize=5";
	list = sim_test_expect(self, 200, "GET", INBOX, NULL);
	id = sim_test_id_of(list, 0);
	g_assert_cmpstr(id, !=, immutable);
	g_assert_cmpuint(strlen(id), >, 100);
	target = g_strconcat("/me/messages/", id, "/move", NULL);
	moved = sim_test_expect(self, 201, "POST", target, "{\"destinationId\":\"archive\"}");
	g_assert_cmpstr(sim_test_string(moved, "id"), !=, id);
	sim_test_refused(self, 404, "ErrorItemNotFound", "POST", target,
			 "{\"destinationId\":\"inbox\"}"); /* API.md 16 */
}

static void
test_a_dead_link_is_gone(SimTest *self, gconstpointer data)
{
	g_autofree char *link = first_round(self, SELECT);

	sim_graph_expire_links(self->graph);
	sim_test_refused(self, 410, "syncStateNotFound", "GET", link, NULL); /* API.md 5.9 */
	sim_test_refused(self, 410, "syncStateNotFound", "GET", INBOX "/delta?$deltatoken=garbage", NULL);
}

static void
test_wrong_options_are_refused(SimTest *self, gconstpointer data)
{
	sim_test_refused(self, 400, "RequestBroker--ParseUri", "GET", INBOX "/delta?$select=size",
			 NULL); /* API.md 5.1 */
	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "/delta?$filter=isRead%20eq%20true",
			 NULL);									/* API.md 5.9 */
	sim_test_refused(self, 400, "BadRequest", "GET", INBOX "/delta?$search=%22x%22", NULL); /* API.md 5.9 */
	sim_test_refused(self, 400, "BadRequest", "GET", "/me/messages/delta", NULL);		/* API.md 5.9 */
	sim_test_refused(self, 400, "BadRequest", "GET", "/me/mailFolders/delta?$top=5", NULL); /* API.md 4 */
}

static void
test_expand_without_the_dollar_brings_sizes(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	const char *target =
		INBOX "/delta?$select=subject&expand=singleValueExtendedProperties($filter=id%20eq%20'Integer%20"
		      "0x0E08'%20or%20id%20eq%20'Integer%200x1081')";
	g_autoptr(JsonObject) page = sim_test_expect(self, 200, "GET", target, NULL);
	JsonArray *properties = json_object_get_array_member(sim_test_item(page, 0), "singleValueExtendedProperties");
	g_autoptr(JsonObject) without = NULL;
	g_autoptr(JsonObject) refused = NULL;

	g_assert_cmpuint(json_array_get_length(properties), ==, 1);
	g_assert_cmpstr(sim_test_string(json_array_get_object_element(properties, 0), "id"), ==, "Integer 0xe08");
	sim_graph_set_delta_expand(self->graph, FALSE);
	without = sim_test_expect(self, 200, "GET", target, NULL);
	g_assert_false(json_object_has_member(sim_test_item(without, 0), "singleValueExtendedProperties"));
	refused = sim_test_expect(
		self, 500, "GET",
		INBOX "/delta?$expand=singleValueExtendedProperties($filter=id%20eq%20'Integer%200x0E08')", NULL);
	g_assert_nonnull(id);
}

static void
test_later_pages_of_an_expanded_round_may_fail(SimTest *self, gconstpointer data)
{
	g_autofree char *one = sim_test_deliver(self, "inbox", "one");
	g_autofree char *two = sim_test_deliver(self, "inbox", "two");
	g_autoptr(JsonObject) expanded = NULL;
	g_autoptr(JsonObject) failed = NULL;
	g_autoptr(JsonObject) plain = NULL;
	g_autoptr(JsonObject) later = NULL;

	g_assert_cmpstr(one, !=, two);
	sim_graph_set_page_limit(self->graph, 1);
	sim_graph_set_expanded_links(self->graph, 500);
	expanded = sim_test_expect(
		self, 200, "GET",
		INBOX "/delta?$select=subject&expand=singleValueExtendedProperties($filter=id%20eq%20'Integer%20"
		      "0x0E08')",
		NULL);
	failed = sim_test_expect(self, 500, "GET", sim_test_string(expanded, "@odata.nextLink"), NULL);
	plain = sim_test_expect(self, 200, "GET", INBOX "/delta?$select=subject", NULL);
	later = sim_test_expect(self, 200, "GET", sim_test_string(plain, "@odata.nextLink"), NULL);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(later, "value")), ==, 1);
}

typedef struct {
	GHashTable *subjects; /* by id: what a client knows */
	GHashTable *round;    /* ids that the round under way told of */
	char *link;
	guint empty, small, twice, strangers, partial, expired, late;
} Client;

static void
take_item(Client *client, JsonObject *item, gboolean initial)
{
	const char *id = sim_test_string(item, "id");

	client->twice += !g_hash_table_add(client->round, g_strdup(id));
	if (json_object_has_member(item, "@removed")) {
		client->strangers += initial;
		g_hash_table_remove(client->subjects, id);
	} else if (json_object_has_member(item, "subject")) {
		g_hash_table_insert(client->subjects, g_strdup(id), g_strdup(sim_test_string(item, "subject")));
	} else {
		g_assert_true(initial || g_hash_table_contains(client->subjects, id));
		client->partial += json_object_has_member(item, "flag");
	}
}

/* Merges by id, and lists everything again when a link has died (API.md 5.9). */
static void
follow(SimTest *self, Client *client)
{
	gboolean initial = client->link == NULL;
	gboolean done = FALSE;

	if (initial)
		g_hash_table_remove_all(client->subjects);
	g_hash_table_remove_all(client->round);
	while (!done) {
		g_autoptr(JsonObject) page =
			sim_test_call(self, "GET", client->link != NULL ? client->link : INBOX "/delta?" SELECT, NULL);
		const char *last = page != NULL ? sim_test_string(page, "@odata.deltaLink") : NULL;

		if (self->status != 200) {
			client->expired++;
			g_clear_pointer(&client->link, g_free);
			follow(self, client);
			return;
		}
		client->empty += sim_test_length(page) == 0 && last == NULL;
		client->small += sim_test_length(page) > 0 && sim_test_length(page) < 12 && last == NULL;
		for (guint i = 0; i < sim_test_length(page); i++)
			take_item(client, sim_test_item(page, i), initial);
		g_free(client->link);
		client->link = g_strdup(last != NULL ? last : sim_test_string(page, "@odata.nextLink"));
		done = last != NULL;
	}
}

static void
assert_known(SimTest *self, Client *client)
{
	g_autoptr(JsonObject) list = sim_test_expect(self, 200, "GET", INBOX "?$top=100&$select=subject", NULL);

	g_assert_cmpuint(g_hash_table_size(client->subjects), ==, sim_test_length(list));
	for (guint i = 0; i < sim_test_length(list); i++) {
		JsonObject *item = sim_test_item(list, i);

		g_assert_cmpstr(g_hash_table_lookup(client->subjects, sim_test_string(item, "id")), ==,
				sim_test_string(item, "subject"));
	}
}

/* All of it comes, and a client that keeps to the documentation has the folder as it is when it is over. */
static void
test_rounds_are_as_bad_as_is_allowed(SimTest *self, gconstpointer data)
{
	Client client = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
			 g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
	g_autofree char *elsewhere = sim_test_deliver(self, "archive", "elsewhere");

	g_assert_nonnull(elsewhere);
	sim_graph_fill(self->graph, SIMULATOR_USER, "inbox", 12);
	for (guint32 seed = 1; seed <= 40; seed++) {
		g_autofree char *stays = sim_test_deliver(self, "inbox", "stays");
		g_autofree char *goes = sim_test_deliver(self, "inbox", "goes");

		sim_graph_set_nasty(self->graph, seed);
		follow(self, &client);
		patch(self, stays, "{\"flag\":{\"flagStatus\":\"flagged\"}}");
		g_assert_true(sim_graph_delete(self->graph, SIMULATOR_USER, goes, NULL));
		follow(self, &client);
		client.late += g_hash_table_contains(client.subjects, goes);
		sim_graph_set_nasty(self->graph, 0);
		follow(self, &client);
		assert_known(self, &client);
	}
	g_assert_cmpuint(client.empty, >, 0);
	g_assert_cmpuint(client.small, >, 0);
	g_assert_cmpuint(client.twice, >, 0);
	g_assert_cmpuint(client.strangers, >, 0);
	g_assert_cmpuint(client.partial, >, 0);
	g_assert_cmpuint(client.expired, >, 0);
	g_assert_cmpuint(client.late, >, 0);
	g_free(client.link);
	g_hash_table_unref(client.subjects);
	g_hash_table_unref(client.round);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/delta/the initial round pages, newest first", test_initial_round_pages_newest_first);
	sim_test_add("/simulator/delta/nothing new is an empty round with the same link",
		     test_nothing_new_is_an_empty_round_with_the_same_link);
	sim_test_add("/simulator/delta/a read state comes partial and a flag in full",
		     test_read_state_comes_partial_and_a_flag_in_full);
	sim_test_add("/simulator/delta/what was not selected never shows", test_what_was_not_selected_never_shows);
	sim_test_add("/simulator/delta/a move shows removed and added with the same id",
		     test_a_move_shows_removed_and_added_with_the_same_id);
	sim_test_add("/simulator/delta/there and back is only a removal", test_there_and_back_is_only_a_removal);
	sim_test_add("/simulator/delta/ordinary ids change with a move", test_ordinary_ids_change_with_a_move);
	sim_test_add("/simulator/delta/a dead link is gone", test_a_dead_link_is_gone);
	sim_test_add("/simulator/delta/wrong options are refused", test_wrong_options_are_refused);
	sim_test_add("/simulator/delta/expand without the dollar brings sizes",
		     test_expand_without_the_dollar_brings_sizes);
	sim_test_add("/simulator/delta/later pages of an expanded round may fail",
		     test_later_pages_of_an_expanded_round_may_fail);
	sim_test_add("/simulator/delta/rounds are as bad as is allowed", test_rounds_are_as_bad_as_is_allowed);
	return g_test_run();
}
