/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-bar.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include "outlook-compat.h"
#include "outlook-letters.h"

static GtkWidget *bar;
static GtkWidget *label;
static GtkWidget *box;
static GtkWidget *extra;     /* below the label */
static gpointer extra_owner; /* only compared */

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
	box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(bar))), box);
	g_signal_connect(bar, "response", G_CALLBACK(outlook_bar_hide), NULL);
	/* All go with the host's window. */
	g_signal_connect(bar, "destroy", G_CALLBACK(gtk_widget_destroyed), &bar);
	gtk_box_pack_start(GTK_BOX(mainwin->vbox_body), bar, FALSE, FALSE, 0);
	gtk_box_reorder_child(GTK_BOX(mainwin->vbox_body), bar, 0);
}

static void
show(gpointer owner, const char *text, GtkWidget *view)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin == NULL)
		return;
	if (bar == NULL)
		build(mainwin);
	if (extra != NULL)
		gtk_widget_destroy(extra);
	gtk_label_set_text(GTK_LABEL(label), text);
	extra_owner = owner;
	extra = view;
	if (view != NULL) {
		gtk_box_pack_start(GTK_BOX(box), view, FALSE, FALSE, 0);
		g_signal_connect(view, "destroy", G_CALLBACK(gtk_widget_destroyed), &extra);
	}
	gtk_widget_show_all(bar);
	outlook_letters_settle(bar);
}

void
outlook_bar_show(const char *text)
{
	show(NULL, text, NULL);
}

void
outlook_bar_show_view(gpointer owner, const char *title, GtkWidget *view)
{
	g_object_ref_sink(view);
	show(owner, title, view);
	g_object_unref(view);
}

void
outlook_bar_hide_of(gpointer owner)
{
	if (extra != NULL && extra_owner == owner)
		outlook_bar_hide();
}

void
outlook_bar_hide(void)
{
	if (bar != NULL)
		gtk_widget_destroy(bar);
}
