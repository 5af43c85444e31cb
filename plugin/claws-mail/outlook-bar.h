/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * A bar in the main window for what a person should not miss and need not answer at once: it stays until it is
 * closed, a later text takes its place. Main thread alone; does nothing without a main window.
 */
void outlook_bar_show(const char *text);

/* The same with @view below @title, about @owner; what is about somebody else stays when that one's is over. */
void outlook_bar_show_view(gpointer owner, const char *title, GtkWidget *view);
void outlook_bar_hide_of(gpointer owner);

void outlook_bar_hide(void);

G_END_DECLS
