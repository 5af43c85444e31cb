/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-message.h"

G_BEGIN_DECLS

/**
 * GraphMessageBatch:
 *
 * Changes of different messages, and looks at them, that travel together, up to twenty in a request (API.md 13), each
 * with an outcome of its own. They run in the order in which they were added, and none depends on another.
 */
typedef struct _GraphMessageBatch GraphMessageBatch;

GraphMessageBatch *graph_message_batch_new(GraphClient *client);
void graph_message_batch_free(GraphMessageBatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphMessageBatch, graph_message_batch_free)

/* Each does what graph_message_update() and so on do; returns the change's index, rising from 0. */
guint graph_message_batch_add_update(GraphMessageBatch *self, const char *id, const GraphMessage *changes);
guint graph_message_batch_add_move(GraphMessageBatch *self, const char *id, const char *destination_id);
guint graph_message_batch_add_copy(GraphMessageBatch *self, const char *id, const char *destination_id);
guint graph_message_batch_add_delete(GraphMessageBatch *self, const char *id);

/* As graph_message_get(), but without size and answered state. */
guint graph_message_batch_add_get(GraphMessageBatch *self, const char *id);

/* FALSE only when the whole could not be carried on; what has its outcome keeps it, the rest has the same error. */
gboolean graph_message_batch_run(GraphMessageBatch *self, GCancellable *cancellable, GError **error);

/* FALSE: it surely never went out. */
gboolean graph_message_batch_was_sent(GraphMessageBatch *self, guint index);

/*
 * What came of a change. @message: (out) (transfer full) (nullable): the moved one, the copy, or what was looked at; of
 * an update, a message that holds only when it was modified. A copy that may have been made is %GRAPH_ERROR_UNCERTAIN.
 */
gboolean graph_message_batch_get(GraphMessageBatch *self, guint index, GraphMessage **message, GError **error);

G_END_DECLS
