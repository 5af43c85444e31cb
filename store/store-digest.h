/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StoreDigest:
 * @mail: SHA-256 of the mail and its envelope, hexadecimal
 * @dated: (nullable): its Resent-Date, else its Date
 * @redirected: it is somebody else's mail, passed on by the user
 * @sealed_id: (nullable): Message-ID of one that is another one each time, by which an earlier one is found
 *
 * What a person means by one mail. A client that sends the same window once more writes it anew, with another date,
 * other boundaries and another signature, and redirects it with another Resent-Message-ID: it is the same mail. One
 * that is encrypted, or signed in one piece, is another one each time, whatever it says.
 */
typedef struct {
	char *mail;
	char *dated;
	char *sealed_id;
	gboolean redirected;
} StoreDigest;

StoreDigest *store_digest_new(GBytes *mime, const char *const *recipients);
void store_digest_free(StoreDigest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreDigest, store_digest_free)

G_END_DECLS
