/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-letter.h"

G_BEGIN_DECLS

/**
 * StoreLetterLimits:
 * @ordinary: in the place of %STORE_LETTER_ORDINARY
 * @attached: in the place of %GRAPH_ATTACHMENT_MOST
 *
 * Tests need no mails of megabytes.
 */
typedef struct {
	gsize ordinary;
	gsize attached;
} StoreLetterLimits;

/* store_letter_new() with other limits */
StoreLetter *store_letter_new_within(GBytes *mime, const char *const *recipients, const StoreLetterLimits *limits,
				     GError **error);

G_END_DECLS
