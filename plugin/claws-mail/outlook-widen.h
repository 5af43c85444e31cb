/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Makes @window so wide, as far as the screen allows, that @content, which is scrolled in it, need not be scrolled
 * sideways. Knows no Claws.
 */
void outlook_widen(GtkWindow *window, GtkWidget *content);

G_END_DECLS
