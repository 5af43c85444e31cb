/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"
#include "store-mime.h"

G_BEGIN_DECLS

/*
 * A mail of another account becomes a message of this one, which is no draft: the service makes such a message from
 * JSON alone (API.md 5.3, 5.5; CHECKED 13), and writes its own mail from that. Kept are subject, sender, recipients,
 * dates, Message-ID, references, the read state, one body and the attachments. What is signed or encrypted would not be
 * afterwards, and a message that is no draft takes no attachments later: what does not fit into one request stays where
 * it is. Both are refused before anything was done, so that nobody removes the original.
 */

/* No mail of more bytes fits. */
#define STORE_IMPORT_MOST (8 * 1024 * 1024)

/* What is being written may be larger than any mail that is sent. */
#define STORE_IMPORT_MOST_DRAFT (256 * 1024 * 1024)
void store_import_fail_size(gsize size, GError **error);

/* FALSE with %STORE_ERROR_REFUSED or %STORE_ERROR_TOO_LARGE, in a sentence that names the mail. */
gboolean store_import_check(GMimeMessage *message, gsize size, GError **error);

/* Errors as of graph_draft_create(). */
GraphMessage *store_import_create(GraphClient *client, GBytes *mime, const char *folder_id, gboolean is_read,
				  GCancellable *cancellable, GError **error);

G_END_DECLS
