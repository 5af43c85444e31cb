/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-message.h"

G_BEGIN_DECLS

/* The properties of @message out of @mime, however broken that is; keeps a reference. Read state, folder and
 * the like are left alone. */
void sim_mime_read_message(SimMessage *message, GBytes *mime);
SimContent *sim_mime_read_content(GBytes *mime);
GPtrArray *sim_mime_read_headers(GBytes *mime); /* (element-type SimHeader) */

/* TRUE: a group without members, as in `To: undisclosed-recipients:;` */
gboolean sim_mime_has_empty_group(GBytes *mime);

/* Of a message that has properties and content, but no bytes. */
GBytes *sim_mime_build(SimMessage *message, SimContent *content);

/*
 * The same bytes with another header block: without the fields for which @keep says FALSE, and with
 * @first before and @last behind them (whole lines with CRLF; may be %NULL). The body stays as it is.
 */
typedef gboolean (*SimMimeKeep)(const char *name, gpointer user_data);
GBytes *sim_mime_edit_header(GBytes *mime, SimMimeKeep keep, gpointer user_data, const char *first, const char *last);

/* What people saw happen to quoted-printable text on its way (CHECKED.md 6d): soft line breaks become hard
 * ones. */
GBytes *sim_mime_damage_printable(GBytes *mime);

char *sim_mime_format_addresses(const char *field, GPtrArray *addresses); /* a whole line; "" for none */
char *sim_mime_format_text(const char *field, const char *text);

G_END_DECLS
