/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Hides what means nothing for an Outlook account in the host's account dialog @window; what is kept in it stays. */
void outlook_prune_dialog(GtkWindow *window);

/*
 * The entries that the above hides and the host wants filled, for an account that has nothing in them yet; none of a
 * password. Before outlook_prune_dialog().
 */
void outlook_prune_fill(GtkWindow *window, const char *text);

/* Hides the page @title, ours, in the dialog of any other account. */
void outlook_prune_page(GtkWindow *window, const char *title);

/* Shows the page with this title. */
void outlook_prune_select(GtkWindow *window, const char *title);

G_END_DECLS
