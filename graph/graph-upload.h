/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-attachment.h"

G_BEGIN_DECLS

/* Inside graph/: the pieces of an upload session (API.md 7.3). */

/* Bytes of a piece: it has to be below 4 MB. */
#define GRAPH_UPLOAD_PIECE (4 * 1024 * 1024 - 1024)

/* The `AttachmentItem` that createUploadSession takes. (transfer full) */
JsonObject *graph_upload_describe(const GraphAttachment *self);

/* Where to go on: the first number of `nextExpectedRanges`, in whatever case its name is; -1 if there is none. Printed
 * `0-`, `2097152`, `0-99` (API.md 17). */
gint64 graph_upload_read_next(JsonObject *object);

G_END_DECLS
