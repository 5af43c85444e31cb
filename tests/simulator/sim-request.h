/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Inside the simulator alone: how its HTTP front (sim-server) and its Graph side (sim-graph) meet. */

typedef struct {
	char *name; /* `$select`, `expand`, …: percent-decoded, as sent */
	char *value;
} SimParameter;

/**
 * SimRequest:
 * @path: below `/v1.0`, still encoded, without query: `/me/messages/AAMk…%3D`
 * @segments: @path split at `/`, each percent-decoded once, ended by %NULL
 * @query: (element-type SimParameter): in the order sent
 * @user: address of the signed-in person, from the token
 * @scopes: granted short names, ended by %NULL
 * @origin: `http://localhost:PORT`, to build links with
 * @batched: a part of a `$batch`
 */
typedef struct {
	char *method;
	char *path;
	char **segments;
	GPtrArray *query;
	SoupMessageHeaders *headers;
	GBytes *body;
	char *user;
	char **scopes;
	const char *origin;
	gboolean batched;
} SimRequest;

/* @refusal: why, with the line of the contract, when the request was wrong; goes to the refusal log */
typedef struct {
	guint status;
	SoupMessageHeaders *headers;
	GBytes *body;
	char *refusal;
} SimResponse;

/* sim-graph.h: the tenant's mailboxes and everything below /v1.0, `$batch` included; upload hosts below /_upload. */
typedef struct _SimGraph SimGraph;

SimGraph *sim_graph_new(void);
void sim_graph_free(SimGraph *self);
void sim_graph_handle(SimGraph *self, const SimRequest *request, SimResponse *response);

G_END_DECLS
