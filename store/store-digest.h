/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What a person means by one mail (transfer full, hexadecimal): SHA-256 of @mime and its envelope. A client that sends
 * the same window once more writes it anew, with another date, other boundaries and another signature, or encrypts it
 * anew, with nothing of it left to compare but the head and, roughly, the length: it is the same mail. So is what is
 * redirected once more, with another Resent-Message-ID.
 * @dated: (out) (nullable): its Resent-Date, else its Date
 */
char *store_digest_mail(GBytes *mime, const char *const *recipients, char **dated);

G_END_DECLS
