/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-widen.h"

#define MARGIN 32 /* between the window and the edges of the screen */

static int
get_widest(GtkWindow *window)
{
	GdkWindow *drawn = gtk_widget_get_window(GTK_WIDGET(window));
	GdkRectangle area;

	if (drawn == NULL)
		return 0;
	gdk_monitor_get_workarea(gdk_display_get_monitor_at_window(gdk_window_get_display(drawn), drawn), &area);
	return area.width - MARGIN;
}

void
outlook_widen(GtkWindow *window, GtkWidget *content)
{
	GtkWidget *scrolled = gtk_widget_get_ancestor(content, GTK_TYPE_SCROLLED_WINDOW);
	int height;
	int needed;
	int width;

	if (scrolled == NULL)
		return;
	gtk_widget_get_preferred_width(content, &needed, NULL);
	/* Its own width is not known before its page was shown; that of what holds the pages is. */
	needed -= gtk_widget_get_allocated_width(gtk_widget_get_parent(scrolled));
	gtk_window_get_size(window, &width, &height);
	if (needed > 0 && width < get_widest(window))
		gtk_window_resize(window, MIN(width + needed, get_widest(window)), height);
}
