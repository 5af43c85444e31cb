/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Real mail, which lies beside the sources or not: `../shared/corpus/mail`. */

/* (transfer full) (element-type filename) (nullable): all mails, sorted; %NULL where it is missing: the test is skipped
 * then, and has failed where everything has to be tried. */
GPtrArray *corpus_list(void);

/* Line ends as the host makes them. Freed by g_string_free(). */
GString *corpus_read(const char *path);

/* A set of `file\tkind`, (transfer full), from the file @name beside the test: lines of file, kinds with commas
 * between, and the reason; # begins a remark. */
GHashTable *corpus_read_exceptions(const char *name);

/* How many of @set are not in @other; each is told with @text. */
guint corpus_count_without(GHashTable *set, GHashTable *other, const char *text);

G_END_DECLS
