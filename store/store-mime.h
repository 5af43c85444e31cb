/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gmime/gmime.h>

#include "graph-message.h"

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeReferences, g_mime_references_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeFormatOptions, g_mime_format_options_free)

/* What GMime and a few header lines know of a mail. All bytes are input: nothing here fails on them but says
 * so. */

/* Reads @mime where it lies, and keeps a reference to it. %NULL with %STORE_ERROR_INVALID when there is not even a
 * header. */
GMimeMessage *store_mime_parse(GBytes *mime, GError **error);

/* As the service would describe it: the envelope, references, attachments. */
GraphMessage *store_mime_describe(GMimeMessage *message);

/* (nullable) (transfer full): decoded. Base64 that ends in padding does not end what follows, as it does for GMime. */
char *store_mime_dup_subject(GMimeMessage *message);

/* With its angle brackets; one that is made, and *@made, if the mail has none. (transfer full) */
char *store_mime_dup_id(GMimeMessage *message, gboolean *made);

gboolean store_mime_is_made_id(const char *message_id); /* by store_mime_dup_id() */

/* The mail with a Message-ID, which is made if there is none. */
GBytes *store_mime_ensure_id(GBytes *mime, GMimeMessage *message, char **message_id);

/* For comparison: the domain in its ASCII form, everything in lower case. (transfer full) */
char *store_mime_fold_address(const char *address);

/* As Importance says, else X-Priority. */
GraphImportance store_mime_get_importance(GMimeMessage *message);

/* Whether a part of the mail itself (not of an attached message) is signed or encrypted: S/MIME or PGP/MIME. */
gboolean store_mime_is_sealed(GMimeMessage *message);

/*
 * Whether the mail names nobody in To and Cc but @recipients, the envelope, which is not empty: the service sends to
 * all whom a mail names. %STORE_ERROR_INVALID.
 */
gboolean store_mime_check_recipients(GMimeMessage *message, const char *const *recipients, GError **error);

/*
 * The mail as it is given to `sendMail`: @recipients that are in neither To nor Cc in a Bcc line, an empty
 * group in To taken out (CHECKED 6), text parts in quoted-printable turned to base64 outside what is signed or
 * encrypted (CHECKED 6d), everything else byte for byte. %STORE_ERROR_INVALID when it would go to somebody who
 * is not meant.
 */
GBytes *store_mime_prepare(GBytes *mime, const char *const *recipients, char **message_id, GError **error);

/*
 * The mail as a draft is made of it: what is quoted-printable as in store_mime_prepare(), everything else byte for
 * byte. (transfer full)
 */
GBytes *store_mime_prepare_draft(GBytes *mime, GError **error);

/* Takes a part out of the tree; one that is all there is leaves an empty text. FALSE if it is not in it. */
gboolean store_mime_take_out(GMimeMessage *message, GMimeObject *part);

/* (transfer full): with CRLF */
GBytes *store_mime_write(GMimeMessage *message);

G_END_DECLS
