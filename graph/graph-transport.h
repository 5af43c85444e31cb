/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "oauth-proxy.h"

G_BEGIN_DECLS

typedef enum {
	GRAPH_OUTCOME_ANSWERED,	 /* status and, if it came whole, the body */
	GRAPH_OUTCOME_NOT_SENT,	 /* no connection: nothing can have been done */
	GRAPH_OUTCOME_LOST,	 /* begun to be sent, and the answer did not come whole */
	GRAPH_OUTCOME_CANCELLED, /* or the receiving stream failed */
} GraphOutcome;

/**
 * GraphAnswer:
 * @object: (nullable): the JSON body
 * @error: why it was not sent (also by a proxy's answer, which is none of the service), was lost or cannot be
 * understood
 * @sent: how often: a kept connection that turned out to be closed is replaced on the way
 * @whole: it was sent to its last byte, once at least: only then can it have been done
 * @retry_after: (nullable): `Retry-After`; one that is a date in seconds from the answer's own date
 * @written: bytes that went to the stream
 *
 * What became of one HTTP request.
 */
typedef struct {
	GraphOutcome outcome;
	guint status;
	JsonObject *object;
	GError *error;
	char *request_id;
	char *retry_after;
	char *claims;
	char *location;
	guint sent;
	gboolean whole;
	gsize received;
	gsize written;
} GraphAnswer;

void graph_answer_free(GraphAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphAnswer, graph_answer_free)

/* For a log: status, id and size, and what went wrong; nothing of what it says. Transfer full. */
char *graph_answer_describe(const GraphAnswer *self);

/**
 * GraphTransport:
 *
 * One libsoup session, set up before its first request and then used from any thread. It knows HTTP: connections,
 * time-outs, whole and cut bodies; no tokens, no repetition.
 */
typedef struct _GraphTransport GraphTransport;

/* @proxy: (nullable): the way; %NULL for what the desktop says */
GraphTransport *graph_transport_new(guint connections, GTlsDatabase *tls_database, OauthProxy *proxy);
void graph_transport_free(GraphTransport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphTransport, graph_transport_free)

/* @seconds without a byte, after which a request is given up; before the first one */
void graph_transport_set_timeout(GraphTransport *self, guint seconds);

/* @stream: (nullable): gets the body of a 2xx answer; without, the body is read as JSON. Never %NULL. */
GraphAnswer *graph_transport_send(GraphTransport *self, SoupMessage *message, GOutputStream *stream,
				  GCancellable *cancellable);

G_END_DECLS
