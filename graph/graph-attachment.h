/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/* From so many bytes on an attachment takes an upload session; below it takes none (API.md 7.2, 7.3, CHECKED 8). */
#define GRAPH_ATTACHMENT_LARGE 3000000

/* Of one attachment; the tenant may allow less for the whole message (API.md 7.3). */
#define GRAPH_ATTACHMENT_MOST (150 * 1024 * 1024)

/**
 * GraphAttachment:
 * @name: not empty
 * @content_type: (nullable): `type/subtype`, of a text with `; charset=` and `; method=` where it has them
 * @content_id: (nullable): without its angle brackets
 * @is_inline: shown inside the body, which names it by `cid:`
 * @size: bytes
 *
 * A `fileAttachment` but for its content.
 */
typedef struct {
	char *name;
	char *content_type;
	char *content_id;
	gboolean is_inline;
	guint64 size;
} GraphAttachment;

void graph_attachment_free(GraphAttachment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphAttachment, graph_attachment_free)

/* A `fileAttachment` with its content; for POST …/attachments and for `attachments` of a draft. (transfer full) */
JsonObject *graph_attachment_to_json(const GraphAttachment *self, GBytes *content);

/*
 * Adds it to a draft, once: below GRAPH_ATTACHMENT_LARGE in one request. @before: how many of this name the draft has
 * already; with it, one whose answer was lost is looked for. %GRAPH_ERROR_UNCERTAIN: it was not found, but may still
 * come: the draft is of no use any more.
 */
gboolean graph_attachment_add(GraphClient *client, const char *message_id, const GraphAttachment *self, GBytes *content,
			      guint before, GCancellable *cancellable, GError **error);

/* How many attachments of this name the message has; -1 with @error. */
int graph_attachment_count(GraphClient *client, const char *message_id, const char *name, GCancellable *cancellable,
			   GError **error);

/* Bytes that the service has of it. From the thread that uploads. */
typedef void (*GraphAttachmentProgress)(guint64 sent, gpointer user_data);

/*
 * The same for a large one, by an upload session (API.md 7.3): @self->size bytes of @fd from its start, in pieces just
 * below 4 MB, each repeated until the service has it; a session that ran out is begun anew. Memory: one piece. When it
 * fails the session is given up; a cancelled one runs out by itself, or ends with its draft.
 */
gboolean graph_attachment_upload(GraphClient *client, const char *message_id, const GraphAttachment *self, int fd,
				 guint before, GraphAttachmentProgress progress, gpointer user_data,
				 GCancellable *cancellable, GError **error);

G_END_DECLS
