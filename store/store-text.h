/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Valid UTF-8 in one line without control characters; (transfer full), %NULL for %NULL. */
char *store_text_clean(const char *text);

/* Categories as one text, one a line, and back; both (transfer full). */
char *store_text_join(const char *const *categories);
char **store_text_split(const char *text);

G_END_DECLS
