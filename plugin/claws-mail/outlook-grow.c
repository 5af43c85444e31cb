/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-grow.h"

#define MARGIN 48 /* between the window and the edges of the screen */

void
outlook_grow(GtkWindow *window, int across, int down)
{
	GdkWindow *drawn = gtk_widget_get_window(GTK_WIDGET(window));
	GdkRectangle area;
	int width;
	int height;

	if (drawn == NULL)
		return;
	gdk_monitor_get_workarea(gdk_display_get_monitor_at_window(gdk_window_get_display(drawn), drawn), &area);
	gtk_window_get_size(window, &width, &height);
	gtk_window_resize(window, MAX(width, MIN(width + across, area.width - MARGIN)),
			  MAX(height, MIN(height + down, area.height - MARGIN)));
}

void
outlook_grow_across(GtkWindow *window, GtkWidget *content)
{
	GtkWidget *scrolled = gtk_widget_get_ancestor(content, GTK_TYPE_SCROLLED_WINDOW);
	int needed;

	if (scrolled == NULL)
		return;
	gtk_widget_get_preferred_width(content, &needed, NULL);
	/* Its own width is not known before its page was shown; that of what holds the pages is. */
	outlook_grow(window, needed - gtk_widget_get_allocated_width(gtk_widget_get_parent(scrolled)), 0);
}
