/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "oauth-authorizer.h"

G_BEGIN_DECLS

/*
 * One line for people: method, path without query and ids, status, request-id, milliseconds, bytes. Any thread;
 * this and the next are called under a lock and must not call the client.
 */
typedef void (*GraphLog)(const char *line, gpointer user_data);

/* The service asks for a pause of @seconds, or had all that it allows in a while; 0 when it is over. Any thread. */
typedef void (*GraphThrottled)(double seconds, gpointer user_data);

/* How urgent it is what a thread does: of requests that wait, the most urgent go first. */
typedef enum {
	GRAPH_URGENCY_USER,	  /* somebody waits for it */
	GRAPH_URGENCY_JOURNAL,	  /* what was changed here */
	GRAPH_URGENCY_BACKGROUND, /* the rest */
} GraphUrgency;

/* For all requests of the calling thread from now on, whatever the client; GRAPH_URGENCY_USER at first. */
void graph_client_set_urgency(GraphUrgency urgency);
GraphUrgency graph_client_get_urgency(void);

#define GRAPH_TYPE_CLIENT (graph_client_get_type())
G_DECLARE_FINAL_TYPE(GraphClient, graph_client, GRAPH, CLIENT, GObject)

/**
 * graph_client_new:
 * @origin: Graph's root without `/v1.0`, `https://graph.microsoft.com`
 * @mailbox: (nullable): address of a shared mailbox, %NULL for the user's own
 * @tls_database: (nullable): the certificates to trust, %NULL for the system's
 *
 * One mailbox at the service: token, one retry after 401, waits after 429/503/504, a limit of four
 * requests in flight, immutable ids on every request. Blocking, from any thread.
 *
 * Every @path below is relative to `{origin}/v1.0/me` (or `/users/{mailbox}`) and begins with `/`;
 * an absolute URL (a next or delta link) is taken as it is when it has the same origin, else refused.
 */
GraphClient *graph_client_new(OauthAuthorizer *authorizer, const char *origin, const char *mailbox,
			      GTlsDatabase *tls_database);

/* (nullable): address of a shared mailbox, %NULL for the user's own */
const char *graph_client_get_mailbox(GraphClient *self);

/* Whether this permission was granted, as far as it is known; see oauth_authorizer_has_scope(). */
gboolean graph_client_has_scope(GraphClient *self, const char *short_name);

void graph_client_set_log(GraphClient *self, GraphLog log, gpointer user_data, GDestroyNotify destroy);

/* A line for the same log: trouble that is no reason to stop and that nobody else would hear of. */
void graph_client_log(GraphClient *self, const char *line);
void graph_client_set_throttled(GraphClient *self, GraphThrottled throttled, gpointer user_data,
				GDestroyNotify destroy);

/*
 * Before the first request: @milliseconds of the first pause of our own making (1000; doubled each time), @seconds
 * without a byte after which a request is given up (60).
 */
void graph_client_set_patience(GraphClient *self, guint milliseconds, guint seconds);

/* @page_size: 0, or the `odata.maxpagesize` to prefer */
JsonObject *graph_client_get(GraphClient *self, const char *path, guint page_size, GCancellable *cancellable,
			     GError **error);

/*
 * @method is POST or PATCH, @body may be %NULL. @expected are the only statuses that count as done
 * (ended by 0). Returns the answer's object, an empty one for an answer without body.
 * A POST whose answer was lost is not repeated: %GRAPH_ERROR_UNCERTAIN. One that is cancelled may have been done
 * as well.
 */
JsonObject *graph_client_send(GraphClient *self, const char *method, const char *path, JsonObject *body,
			      const guint *expected, GCancellable *cancellable, GError **error);

/* Right before a request leaves, each time that it does, when all waits are over. FALSE: it does not, and fails so. */
typedef gboolean (*GraphLeaving)(gpointer user_data, GError **error);

/* What became of a POST that failed. */
typedef enum {
	GRAPH_POST_TOLD, /* it was answered, or the service was not asked at all */
	GRAPH_POST_BUSY, /* 503, and the service's own code for it; %GRAPH_ERROR_UNCERTAIN all the same */
	GRAPH_POST_ODD,	 /* 200 where another success is due, which means that it was not done (CHECKED 6b); or 3xx */
	GRAPH_POST_LOST, /* it was asked, and there is no answer, also because that was not waited for */
} GraphPost;

/* POST of MIME. @leaving, @post: (nullable) */
JsonObject *graph_client_send_mime(GraphClient *self, const char *path, GBytes *mime, const guint *expected,
				   GraphLeaving leaving, gpointer user_data, GraphPost *post, GCancellable *cancellable,
				   GError **error);

/* 204 is success, so is 404. */
gboolean graph_client_delete(GraphClient *self, const char *path, GCancellable *cancellable, GError **error);

/* Only a whole 2xx answer counts; on failure what was written to @stream is to be thrown away. */
gboolean graph_client_download(GraphClient *self, const char *path, GOutputStream *stream, GCancellable *cancellable,
			       GError **error);

/* Paths as above but relative to `{origin}/v1.0` (`/me` itself, `/users`). */
JsonObject *graph_client_get_root(GraphClient *self, const char *path, GCancellable *cancellable, GError **error);

G_END_DECLS
