/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-message.h"

G_BEGIN_DECLS

/* A message's inside whatever form it has. (transfer full) */
SimContent *sim_content_of(SimMessage *message);
GBytes *sim_content_get_mime(SimMessage *message);

/* The message holds @content from now on, and its MIME is made from it; takes @content. */
void sim_content_replace(SimMessage *message, SimContent *content);

/* After properties that are header fields too were changed: the same in the bytes, where there are any.
 * @fields: ended by %NULL */
void sim_content_write_header(SimMessage *message, const char *const *fields);

gsize sim_content_get_size(SimMessage *message);
char *sim_content_get_extended(SimMessage *message, const char *id); /* normalised; %NULL: it has none */

G_END_DECLS
