/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"
#include "graph-transport.h"

G_BEGIN_DECLS

/* Bytes; far above a page of 1000 messages with all their headers. */
#define GRAPH_REQUEST_MAX_ANSWER (64 * 1024 * 1024)
#define GRAPH_REQUEST_MAX_CODE 80

/**
 * GraphRequest:
 * @root: @path is relative to `{origin}/v1.0`, not to the mailbox
 * @body, @content_type: (nullable): what to send; a POST without is sent with `Content-Length: 0`
 * @page_size: 0, or the `odata.maxpagesize` to prefer
 * @expected: (nullable): statuses that count as done, ended by 0; %NULL for any 2xx
 * @repeatable: sending it twice does no harm, so it is sent again when its answer was lost
 * @once: sending it twice would be worse than not at all: even a 503 is not believed, but %GRAPH_ERROR_UNCERTAIN
 * @parts: how many requests the service counts it for; 0 is 1
 * @places: how many of them it runs side by side; 0 is 1
 * @quote: a refusal is told in the service's own words too; for what the user wrote and is to correct
 * @stream: (nullable): where the body of a 2xx answer goes as it is, instead of being read as JSON
 * @keep_token: @token is wanted
 * @leaving, @leaving_data: (nullable): asked before each round trip
 *
 * Filled in, even on failure, where the service answered: @status, 0 if it did not, and @code, the service's own, or
 * ""; @lost: it was asked to the last byte, and its answer did not come. @token: (transfer full) (nullable): with
 * @keep_token, what the request that was done was sent with; for graph_client_reject_token() and oauth_token_free()
 * alone.
 */
typedef struct {
	const char *method;
	const char *path;
	gboolean root;
	GBytes *body;
	const char *content_type;
	guint page_size;
	const guint *expected;
	gboolean repeatable;
	gboolean once;
	guint parts;
	guint places;
	gboolean quote;
	GOutputStream *stream;
	gboolean keep_token;
	GraphLeaving leaving;
	gpointer leaving_data;

	guint status;
	gboolean lost;
	char code[GRAPH_REQUEST_MAX_CODE + 1];
	char *token;
} GraphRequest;

/* The answer's object, an empty one if it has no body. All waits and repetitions are inside. */
JsonObject *graph_client_run(GraphClient *self, GraphRequest *request, GCancellable *cancellable, GError **error);

/*
 * One round trip to where the service led, another host maybe: no token goes there. It takes a place like any request;
 * @what is for the log. Nothing is repeated. %NULL when it was not asked at all: cancelled, or no https address.
 */
GraphAnswer *graph_client_send_to(GraphClient *self, SoupMessage *message, const char *what, GCancellable *cancellable,
				  GError **error);

/* A mailbox path, or a link of the service, as a batch part wants it: relative to the version root, `/me/…`. (transfer
 * full) (nullable): %NULL for a link that leads elsewhere */
char *graph_client_get_part_path(GraphClient *self, const char *path);

/* A part of a batch was refused with the token that the batch was sent with. @claims: (nullable): of the challenge */
void graph_client_reject_token(GraphClient *self, const char *token, const char *claims);

/* A part of a batch was told to wait: all of the mailbox waits. */
void graph_client_pause(GraphClient *self, double seconds);

/* How long to wait after the failure of that number, seconds; see graph_throttle_get_delay(). */
double graph_client_get_delay(GraphClient *self, const char *header, guint attempt);

/* Whether extended properties may be tried; after a 403 no more in this run. Any thread. */
gboolean graph_client_may_write_extended(GraphClient *self);
void graph_client_forbid_extended(GraphClient *self);

/* Whether `permanentDelete` may be tried: not every cloud has it. Any thread. */
gboolean graph_client_has_permanent_delete(GraphClient *self);
void graph_client_forget_permanent_delete(GraphClient *self);

G_END_DECLS
