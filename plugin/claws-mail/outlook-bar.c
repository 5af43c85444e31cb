/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-bar.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include "outlook-compat.h"

static GtkWidget *bar;
static GtkWidget *label;

static void
build(MainWindow *mainwin)
{
	bar = gtk_info_bar_new_with_buttons(_("_Close"), GTK_RESPONSE_CLOSE, NULL);
	label = gtk_label_new(NULL);
	gtk_info_bar_set_message_type(GTK_INFO_BAR(bar), GTK_MESSAGE_ERROR);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	atk_object_set_role(gtk_widget_get_accessible(bar), ATK_ROLE_ALERT);
	gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), label);
	g_signal_connect(bar, "response", G_CALLBACK(outlook_bar_hide), NULL);
	/* Both go with the host's window. */
	g_signal_connect(bar, "destroy", G_CALLBACK(gtk_widget_destroyed), &bar);
	gtk_box_pack_start(GTK_BOX(mainwin->vbox_body), bar, FALSE, FALSE, 0);
	gtk_box_reorder_child(GTK_BOX(mainwin->vbox_body), bar, 0);
}

void
outlook_bar_show(const char *text)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin == NULL)
		return;
	if (bar == NULL)
		build(mainwin);
	gtk_label_set_text(GTK_LABEL(label), text);
	gtk_widget_show_all(bar);
}

void
outlook_bar_hide(void)
{
	if (bar != NULL)
		gtk_widget_destroy(bar);
}
