/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-graph.h"
#include "simulator.h"

G_BEGIN_DECLS

/* For the tests of the Graph side: a tenant without HTTP around it. */
typedef struct {
	SimGraph *graph;
	const char *user;
	const char *scopes; /* blank between */
	const char *prefer; /* %NULL: immutable ids and pages of 100 */
	const char *if_match;
	guint status;
	char *refusal;
	char *content_type;
	char *location;
	GBytes *body;
} SimTest;

#define SIM_TEST_IMMUTABLE "IdType=\"ImmutableId\", odata.maxpagesize=100"

void sim_test_set_up(SimTest *self, gconstpointer data);
void sim_test_tear_down(SimTest *self, gconstpointer data);
#define sim_test_add(path, function) g_test_add(path, SimTest, NULL, sim_test_set_up, function, sim_test_tear_down)

/* @target: `/me/…` with query, or a link as it was handed out. @body: JSON, %NULL for none. The answer, %NULL
 * without. */
JsonObject *sim_test_call(SimTest *self, const char *method, const char *target, const char *body);
JsonObject *sim_test_post_mime(SimTest *self, const char *target, const char *mime);
JsonObject *sim_test_send_raw(SimTest *self, const char *method, const char *target, const char *content_type,
			      gconstpointer body, gsize length, const char *extra_header, const char *extra_value);
/* As above, with a status that must come. */
JsonObject *sim_test_expect(SimTest *self, guint status, const char *method, const char *target, const char *body);
/* As above, for who wants nothing of the answer; it may be %NULL. */
void sim_test_drop(JsonObject *answer);
/* The request must be refused with that code, for a reason that names a line of the contract. */
void sim_test_refused(SimTest *self, guint status, const char *code, const char *method, const char *target,
		      const char *body);

char *sim_test_id_of(JsonObject *answer, guint index); /* of an element of `value` */
JsonObject *sim_test_item(JsonObject *answer, guint index);
guint sim_test_length(JsonObject *answer);
/* Follows a delta from @link to its end; what came is appended to @value, the delta link returned. */
char *sim_test_round(SimTest *self, const char *link, JsonArray *value);
char *sim_test_deliver(SimTest *self, const char *folder, const char *subject);

#define sim_test_string(object, name) json_object_get_string_member_with_default((object), (name), NULL)

G_END_DECLS
