/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The host's tags and the server's categories: the same names. */

GSList *outlook_tags_from_categories(const char *const *categories); /* of ids; unknown names become tags */
char **outlook_tags_to_categories(GSList *tags);

G_END_DECLS
