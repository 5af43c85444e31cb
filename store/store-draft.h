/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gmime/gmime.h>

#include "graph-draft.h"

G_BEGIN_DECLS

/**
 * StorePart:
 * @object: the part of the mail; its content is decoded when it is read
 * @encoded: bytes of its content in the mail
 * @bound: decoded it has at most so many
 *
 * What hangs on a mail. `about->size` is 0 until it is read.
 */
typedef struct {
	GraphAttachment *about;
	GMimeObject *object;
	gsize encoded;
	gsize bound;
} StorePart;

StorePart *store_part_copy(const StorePart *self);
void store_part_free(StorePart *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePart, store_part_free)

/**
 * StoreDraft:
 * @message: (nullable): what JSON says of the mail; %NULL where only the parts were asked for
 * @parts: (element-type StorePart): in the order of the mail
 *
 * A mail (RFC 5322) as what Graph's JSON holds: one body, attachments beside it. Of multipart/alternative the best
 * text is the body (HTML before plain) and other texts are left out, but nothing that hangs on them; texts that follow
 * the body are added to it; what an HTML body shows by `cid:` is inline; an attached message is a file `.eml` with its
 * bytes as they are (line ends CRLF), so that what is signed in it stays so. Of the `x-` headers the first
 * GRAPH_DRAFT_MOST_HEADERS are taken; what servers stamp on a mail comes last. JSON holds no In-Reply-To, References or
 * other headers than `x-` (API.md 5.5): whoever sends and wants threads to hold takes store_mime_prepare(), whoever
 * copies mail in can say what MAPI has for it by graph_draft_add_property(). Nor can it hold what is signed or
 * encrypted: ask store_mime_is_sealed() first.
 */
typedef struct {
	GraphDraft *message;
	GPtrArray *parts;
} StoreDraft;

/* @message must live as long as what is read of the parts. Never fails: what is malformed is text or a file. */
StoreDraft *store_draft_new(GMimeMessage *message);
void store_draft_free(StoreDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreDraft, store_draft_free)

/*
 * The part, decoded, in a file in @directory that has no name any more; `about->size` is set. Close it. -1 with
 * %STORE_ERROR_DISK.
 */
int store_part_open(StorePart *self, const char *directory, GError **error);

/* Its bytes, decoded; reads all of it. */
guint64 store_part_measure(StorePart *self);

/* The part, decoded, in memory: for small ones. `about->size` is set. */
GBytes *store_part_get_bytes(StorePart *self);

/* @recipients, the envelope, without those that To and Cc of the draft name, take the place of its bcc. */
void store_draft_set_envelope(GraphDraft *message, const char *const *recipients);

/* What the header says, with that envelope; no body and no parts. (transfer full) */
GraphDraft *store_draft_read_head(GMimeMessage *message, const char *const *recipients);

G_END_DECLS
