/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* From so many bytes on an attachment takes an upload session; below it takes none (API.md 7.2, 7.3, CHECKED 8). */
#define GRAPH_ATTACHMENT_LARGE 3000000

/* Of one attachment; the tenant may allow less for the whole message (API.md 7.3). */
#define GRAPH_ATTACHMENT_MOST (150 * 1024 * 1024)

/**
 * GraphAttachment:
 * @name: not empty
 * @content_type: (nullable): `type/subtype`
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

/* The `AttachmentItem` that createUploadSession takes. (transfer full) */
JsonObject *graph_attachment_to_item(const GraphAttachment *self);

G_END_DECLS
