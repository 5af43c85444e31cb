/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whatever bytes, as text that JSON can carry: valid UTF-8 without NUL; bytes that are none are taken for
 * Windows-1252. */
char *sim_text_clean(const char *bytes, gssize length);
char *sim_text_from_html(const char *html);
char *sim_text_to_html(const char *text);
char *sim_text_preview(const char *text, gboolean html); /* API.md 5.1: the first 255 characters */

char *sim_text_format_time(gint64 seconds); /* `2026-01-31T12:00:00Z` */
gboolean sim_text_parse_time(const char *text, gint64 *seconds);

/* The standard alphabet, lines folded or not (API.md 5.5); @cut: the padding may be missing, as in an official sample.
 */
gboolean sim_text_is_base64(const char *text, gsize length, gboolean cut);

guint64 sim_text_hash(const char *text);

G_END_DECLS
