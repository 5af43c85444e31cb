/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-letter.h"

G_BEGIN_DECLS

/* store_letter_new() with @ordinary in the place of %STORE_LETTER_ORDINARY: tests need no mails of megabytes. */
StoreLetter *store_letter_new_within(GBytes *mime, const char *const *recipients, gsize ordinary, GError **error);

G_END_DECLS
