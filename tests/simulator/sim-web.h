/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "simulator.h"

G_BEGIN_DECLS

/*
 * For the tests of the HTTP side: a tenant on loopback and a plain HTTP client that follows no redirects. What the last
 * answer was stays in the fields; @status 0: the connection broke, @error says how.
 */
typedef struct {
	Simulator *simulator;
	SoupSession *session;
	char *token; /* %NULL: no Authorization header */
	guint status;
	SoupMessageHeaders *headers;
	char *text;
	GError *error;
} SimWeb;

void sim_web_set_up(SimWeb *self, gconstpointer data);
void sim_web_tear_down(SimWeb *self, gconstpointer data);
#define sim_web_add(path, function) g_test_add(path, SimWeb, NULL, sim_web_set_up, function, sim_web_tear_down)

/* @target: below the origin. @type, @body: %NULL for none. @...: further headers, name and value in turn, then %NULL.
 */
G_GNUC_NULL_TERMINATED
void sim_web_send(SimWeb *self, const char *method, const char *target, const char *type, const char *body, ...);
/* @...: name and value in turn, then %NULL. */
G_GNUC_NULL_TERMINATED
void sim_web_post(SimWeb *self, const char *target, ...);
/* A control, which must work. */
void sim_web_control(SimWeb *self, const char *name, const char *json);

/* The answer as an object (transfer full); it must be one. */
JsonObject *sim_web_object(SimWeb *self);

/* Fields of the page's one form (transfer full), its action in @action (transfer full, %NULL: not wanted). */
GHashTable *sim_web_form(SimWeb *self, char **action);

/* The last request must be in the log of refusals, with that line of the contract. */
void sim_web_assert_refused(SimWeb *self, const char *reference);

/* The answer is an error of the token endpoint in the shape of OAUTH.md 7, refused for that reason. */
void sim_web_assert_oauth_error(SimWeb *self, guint status, const char *error, guint code, const char *reference);

G_END_DECLS
