/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-draft.h"

G_BEGIN_DECLS

/* Bytes of MIME that go in one request: more of ordinary mail has been answered with success and lost; what is signed
 * or encrypted cannot go another way (CHECKED 6b). */
#define STORE_LETTER_ORDINARY 2200000
#define STORE_LETTER_SEALED 2900000

/* A mail is refused before it is read when it is larger: %GRAPH_ATTACHMENT_MOST of attachments as base64, which has 57
 * bytes in a line of 76 (RFC 2045 6.8), and texts beside them. */
#define STORE_LETTER_MOST ((gsize)GRAPH_ATTACHMENT_MOST / 57 * 78 + 16 * 1024 * 1024)

#define STORE_LETTER_RECIPIENTS 500 /* API.md 5.1 */

/**
 * StoreLetter:
 * @mime: (nullable): what goes as MIME: all of it, or all but @parts; %NULL: it goes as @draft
 * @draft: (nullable): what JSON holds of it
 * @parts: (element-type StorePart): what is attached afterwards, in the order of the mail
 * @names: (element-type utf8): of what @mime holds of attachments
 * @head: what its header says, and the envelope: who else receives it is in @head->bcc
 * @message_id: with its angle brackets
 * @from: (nullable): whom the service has to name as its sender; %NULL: the mailbox itself
 * @is_alias: @from is another address of the mailbox itself, in whose place the service may name the first one
 * @is_redirected: set by who has its digest; it has the Message-ID of another mail
 * @source: what the parts are read from
 *
 * A mail made ready to be sent, and which way.
 *
 * A draft of MIME keeps Message-ID, In-Reply-To and References, by which threads hold; JSON can set headers of `x-`
 * alone (API.md 5.5, CHECKED 6e). So a mail that is too large for one request becomes a draft of its MIME without the
 * largest attachments, and these are attached to it. Only one whose text alone is too large becomes a draft of JSON,
 * with MAPI properties for the threads.
 */
typedef struct {
	GBytes *mime;
	StoreDraft *draft;
	GPtrArray *parts;
	GPtrArray *names;
	GraphDraft *head;
	char *message_id;
	GraphRecipient *from;
	gboolean is_alias;
	gboolean is_redirected;
	GMimeMessage *source;
} StoreLetter;

/*
 * @mime has to live as long. Sends nothing and refuses what cannot be sent: %STORE_ERROR_TOO_LARGE,
 * %STORE_ERROR_INVALID with the reason and what to do.
 */
StoreLetter *store_letter_new(GBytes *mime, const char *const *recipients, GError **error);
void store_letter_free(StoreLetter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreLetter, store_letter_free)

/* The first of its From. (transfer full) (nullable) */
GraphRecipient *store_letter_get_sender(StoreLetter *self);
GraphRecipient *store_letter_find_sender(GMimeMessage *message); /* the same of a mail that is none yet */

/* Whether one request is enough; else a draft is made, changed and sent. */
gboolean store_letter_is_plain(StoreLetter *self);

G_END_DECLS
