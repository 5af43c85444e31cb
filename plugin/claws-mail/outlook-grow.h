/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A window that grows with what is in it, as far as the screen allows. Knows no Claws. */

/* @across, @down: pixels that are missing, 0 or less for none; the window never gets smaller. */
void outlook_grow(GtkWindow *window, int across, int down);

/* So that @content, which is scrolled in @window, need not be scrolled sideways. */
void outlook_grow_across(GtkWindow *window, GtkWidget *content);

G_END_DECLS
