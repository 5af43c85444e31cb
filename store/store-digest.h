/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What a person means by one mail (transfer full, hexadecimal): SHA-256 of @mime and its envelope. A client that sends
 * the same window once more writes it anew, with another date, other boundaries and another signature, and redirects it
 * with another Resent-Message-ID: it is the same mail. One that is encrypted, or signed in one piece, is another one
 * each time, whatever it says.
 * @dated: (out) (nullable): its Resent-Date, else its Date
 * @sealed_id: (out) (nullable): Message-ID of such a one, by which an earlier one is found
 */
char *store_digest_mail(GBytes *mime, const char *const *recipients, char **dated, char **sealed_id);

G_END_DECLS
