/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * What a person sees in a running Claws Mail, as JSON: for tests alone. Each call runs on the main loop, changes
 * nothing unless it says so, and adds one value to @builder.
 */

void probe_read_widgets(JsonBuilder *builder);
void probe_read_messages(JsonBuilder *builder, gint64 offset, gint64 limit);
void probe_read_folders(JsonBuilder *builder);
void probe_read_text(JsonBuilder *builder);

/* Opens a message of the list on screen by its number; answers as probe_read_shown(). */
void probe_open_message(JsonBuilder *builder, gint64 number);

/* The message view: text, icons, and the tree of parts with checksums of their content. */
void probe_read_shown(JsonBuilder *builder);

/* Scrolls a row of the message list (or of the folder tree) into view, so that it can be clicked. */
void probe_show_row(JsonBuilder *builder, const char *list, gint64 row, gint64 number);

/* From now on the main loop is timed; probe_ticks_read() tells the longest stall since the last reset. */
void probe_ticks_start(void);
void probe_ticks_read(JsonBuilder *builder, gboolean reset);

/* IMAP accounts get CLAWS_PROBE_PASSWORD for theirs, if it is set. */
void probe_passwords_start(void);

G_END_DECLS
