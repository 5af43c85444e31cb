/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

static JsonObject *
part_of(JsonObject *answer, const char *id)
{
	JsonArray *responses = json_object_get_array_member(answer, "responses");

	for (guint i = 0; i < json_array_get_length(responses); i++) {
		JsonObject *part = json_array_get_object_element(responses, i);

		if (g_strcmp0(sim_test_string(part, "id"), id) == 0)
			return part;
	}
	g_assert_not_reached();
}

static JsonObject *
post(SimTest *self, const char *parts)
{
	g_autofree char *body = g_strdup_printf("{\"requests\":[%s]}", parts);

	return sim_test_call(self, "POST", "/$batch", body);
}

static void
test_each_part_has_its_own_outcome(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *parts =
		g_strdup_printf("{\"id\":\"a\",\"method\":\"GET\",\"url\":\"/me/mailFolders/inbox?$select=id\"},"
				"{\"id\":\"b\",\"method\":\"GET\",\"url\":\"/me/messages/%s/$value\"},"
				"{\"id\":\"c\",\"method\":\"PATCH\",\"url\":\"/me/messages/"
				"%s\",\"headers\":{\"Content-Type\":\"application/json\","
				"\"Prefer\":\"IdType=\\\"ImmutableId\\\"\"},\"body\":{\"isRead\":true}},"
				"{\"id\":\"d\",\"method\":\"GET\",\"url\":\"/me/mailFolders/clutter\"}",
				id, id);
	g_autoptr(JsonObject) answer = post(self, parts);
	g_autofree guchar *mime = NULL;
	gsize length;

	g_assert_cmpuint(self->status, ==, 200);
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "a"), "status"), ==, 200);
	mime = g_base64_decode(sim_test_string(part_of(answer, "b"), "body"), &length); /* API.md 13 */
	g_assert_true(g_str_has_prefix((char *)mime, "From: Carol"));
	g_assert_cmpstr(sim_test_string(json_object_get_object_member(part_of(answer, "c"), "body"), "id"), ==, id);
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "d"), "status"), ==, 404);
}

static void
test_outer_headers_do_not_reach_the_parts(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *part = g_strdup_printf("{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/me/messages/%s\"}", id);
	g_autoptr(JsonObject) answer = post(self, part);

	g_assert_cmpstr(sim_test_string(json_object_get_object_member(part_of(answer, "1"), "body"), "id"), !=, id);
}

static void
test_the_fifth_unchained_part_is_throttled(SimTest *self, gconstpointer data)
{
	g_autoptr(GString) parts = g_string_new(NULL);
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(JsonObject) again = NULL;
	JsonObject *fifth;

	for (guint i = 1; i <= 5; i++)
		g_string_append_printf(parts, "%s{\"id\":\"%u\",\"method\":\"GET\",\"url\":\"/me/mailFolders/inbox\"}",
				       i > 1 ? "," : "", i);
	answer = post(self, parts->str);
	fifth = part_of(answer, "5");
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "4"), "status"), ==, 200);
	g_assert_cmpint(json_object_get_int_member(fifth, "status"), ==, 429); /* API.md 13 */
	g_assert_nonnull(sim_test_string(json_object_get_object_member(fifth, "headers"), "Retry-After"));
	sim_graph_set_batch_limit(self->graph, 0);
	again = post(self, parts->str);
	g_assert_cmpint(json_object_get_int_member(part_of(again, "5"), "status"), ==, 200);
}

static void
test_a_chain_runs_in_order_and_stops_at_a_failure(SimTest *self, gconstpointer data)
{
	g_autoptr(GString) parts = g_string_new(NULL);
	g_autoptr(JsonObject) answer = NULL;

	for (guint i = 1; i <= 20; i++) {
		g_string_append_printf(parts, "%s{\"id\":\"%u\",\"method\":\"GET\",\"url\":\"/me/mailFolders/%s\"",
				       i > 1 ? "," : "", i, i == 10 ? "clutter" : "inbox");
		if (i > 1)
			g_string_append_printf(parts, ",\"dependsOn\":[\"%u\"]", i - 1);
		g_string_append_c(parts, '}');
	}
	answer = post(self, parts->str);
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "9"), "status"), ==, 200);
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "10"), "status"), ==, 404);
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "11"), "status"), ==, 424);
	g_assert_cmpint(json_object_get_int_member(part_of(answer, "20"), "status"), ==, 424);
}

static void
test_malformed_batches_are_refused_as_a_whole(SimTest *self, gconstpointer data)
{
	static const char *const cases[] = {
		"{\"requests\":[]}",
		"{\"requests\":[{\"id\":\"a\",\"method\":\"GET\",\"url\":\"/"
		"me\"},{\"id\":\"A\",\"method\":\"GET\",\"url\":\"/me\"}]}",
		"{\"requests\":[{\"id\":\"a\",\"method\":\"GET\",\"url\":\"http://localhost/v1.0/me\"}]}",
		"{\"requests\":[{\"id\":\"a\",\"method\":\"GET\"}]}",
		"{\"requests\":[{\"id\":\"a\",\"method\":\"POST\",\"url\":\"/me/messages/m/permanentDelete\"}]}",
		"{\"requests\":[{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/me\",\"dependsOn\":[\"2\"]},"
		"{\"id\":\"2\",\"method\":\"GET\",\"url\":\"/me\",\"dependsOn\":[\"1\"]}]}",
		/* two chains */
		"{\"requests\":[{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/"
		"me\"},{\"id\":\"2\",\"method\":\"GET\",\"url\":\"/me\","
		"\"dependsOn\":[\"1\"]},{\"id\":\"3\",\"method\":\"GET\",\"url\":\"/me\"}]}",
	};
	g_autoptr(GString) many = g_string_new("{\"requests\":[");

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		sim_test_refused(self, 400, "BadRequest", "POST", "/$batch", cases[i]); /* API.md 13 */
	for (guint i = 0; i < 21; i++)
		g_string_append_printf(many, "%s{\"id\":\"%u\",\"method\":\"GET\",\"url\":\"/me\"}", i > 0 ? "," : "",
				       i);
	g_string_append(many, "]}");
	sim_test_refused(self, 400, "BadRequest", "POST", "/$batch", many->str);
}

static void
test_a_body_needs_its_type(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *part = g_strdup_printf(
		"{\"id\":\"1\",\"method\":\"PATCH\",\"url\":\"/me/messages/%s\",\"body\":{\"isRead\":true}}", id);
	g_autoptr(JsonObject) answer = post(self, part);

	g_assert_cmpint(json_object_get_int_member(part_of(answer, "1"), "status"), ==, 400); /* API.md 13 */
	g_assert_nonnull(strstr(self->refusal, "API.md 13"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/batch/each part has its own outcome", test_each_part_has_its_own_outcome);
	sim_test_add("/simulator/batch/outer headers do not reach the parts",
		     test_outer_headers_do_not_reach_the_parts);
	sim_test_add("/simulator/batch/the fifth unchained part is throttled",
		     test_the_fifth_unchained_part_is_throttled);
	sim_test_add("/simulator/batch/a chain runs in order and stops at a failure",
		     test_a_chain_runs_in_order_and_stops_at_a_failure);
	sim_test_add("/simulator/batch/malformed batches are refused as a whole",
		     test_malformed_batches_are_refused_as_a_whole);
	sim_test_add("/simulator/batch/a body needs its type", test_a_body_needs_its_type);
	return g_test_run();
}
