/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/**
 * GraphBatch:
 *
 * Requests that travel together in `POST /$batch` (API.md 13), each with an outcome of its own. They go out at most
 * three at a time, since the service runs the parts of a batch side by side and allows a mailbox four; or, chained,
 * up to twenty, one after the other in one place. Parts that were told to wait go again, alone, after the longest
 * `Retry-After`; those behind a part of a chain that failed (424) were not tried and go on behind it.
 */
typedef struct _GraphBatch GraphBatch;

GraphBatch *graph_batch_new(GraphClient *client);
void graph_batch_free(GraphBatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphBatch, graph_batch_free)

/*
 * @path: relative to the mailbox, as for graph_client_get(). @body: (nullable). @repeatable: no harm if it is sent
 * twice. Returns the index of the part, rising from 0.
 */
guint graph_batch_add(GraphBatch *self, const char *method, const char *path, JsonObject *body, gboolean repeatable);

/* A page that a next or delta link leads to; FALSE, and nothing added, where that is not the mailbox's service. */
gboolean graph_batch_add_link(GraphBatch *self, const char *link, guint page_size);

/* Before the run. Chained parts must not need each other: what is behind one that failed is tried all the same. */
void graph_batch_set_chained(GraphBatch *self, gboolean chained);

/*
 * FALSE only when the whole could not be carried on (sign-in, cancelled, no connection); parts that have their
 * outcome keep it, the others have the same error.
 */
gboolean graph_batch_run(GraphBatch *self, GCancellable *cancellable, GError **error);

/* HTTP status of a part, 0 if it has no answer. */
guint graph_batch_get_status(GraphBatch *self, guint index);

/* The service's own code of a part that failed, or "". */
const char *graph_batch_get_code(GraphBatch *self, guint index);

/* FALSE: it surely never went out. */
gboolean graph_batch_was_sent(GraphBatch *self, guint index);

/* The part's object, an empty one for an answer without body; %NULL with its error where it is not a 2xx. (transfer
 * full) */
JsonObject *graph_batch_get(GraphBatch *self, guint index, GError **error);

G_END_DECLS
