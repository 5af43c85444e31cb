/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
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
 * @in_flight: requests to the same mailbox that have no answer yet, this one counted
 *
 * Outside `/v1.0` (identity, control, uploads) @path is the whole path, @user and @scopes are %NULL.
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
	guint in_flight;
} SimRequest;

/* @target: an encoded path with or without a query. The body and the headers are empty at first, never %NULL. */
SimRequest *sim_request_new(const char *method, const char *target);
void sim_request_free(SimRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimRequest, sim_request_free)

/* The first parameter of that name, %NULL when there is none. */
const char *sim_request_get_parameter(const SimRequest *self, const char *name);

/* `a=b&c=d`, from a query or a form (transfer full) (element-type SimParameter). */
GPtrArray *sim_parameters_parse(const char *text);
const char *sim_parameters_get(GPtrArray *parameters, const char *name);
/* (nullable): a name that comes twice */
const char *sim_parameters_find_repeated(GPtrArray *parameters);

/* The body as a JSON object (transfer full); %NULL when it is none. */
JsonObject *sim_request_get_object(const SimRequest *self);

/* @refusal: why, with the line of the contract, when the request was wrong; goes to the refusal log */
typedef struct {
	guint status;
	SoupMessageHeaders *headers;
	GBytes *body;
	char *refusal;
} SimResponse;

/* For a response on the stack: empty headers, no body, status 500 until a setter was called. */
void sim_response_init(SimResponse *self);
void sim_response_clear(SimResponse *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SimResponse, sim_response_clear)

void sim_response_set_bytes(SimResponse *self, guint status, const char *content_type, GBytes *body);
void sim_response_set_text(SimResponse *self, guint status, const char *content_type, const char *text);
void sim_response_set_object(SimResponse *self, guint status, JsonObject *object);
void sim_response_set_empty(SimResponse *self, guint status);

/*
 * An error of Graph in the shape of API.md 14.1. @reference: the line of the contract that says so (`API.md 5.9`),
 * %NULL when the request was not wrong; request ids and the date are filled in from the request's headers.
 */
void sim_response_set_error(SimResponse *self, const SimRequest *request, guint status, const char *code,
			    const char *message, const char *reference);

/* sim-graph.h: the tenant's mailboxes and everything below /v1.0, `$batch` included; upload hosts below /_upload. */
typedef struct _SimGraph SimGraph;

SimGraph *sim_graph_new(void);
void sim_graph_free(SimGraph *self);
void sim_graph_handle(SimGraph *self, const SimRequest *request, SimResponse *response);

G_END_DECLS
