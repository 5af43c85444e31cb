/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-waiting.h"

#include <glib/gi18n-lib.h>

struct _OutlookWaiting {
	GtkBox parent_instance;

	GtkWidget *spinner;
	GtkWidget *step;
	GtkWidget *trouble;
	GtkWidget *hint;
	GtkWidget *address_label;
	GtkWidget *address_box;
	GtkWidget *address;
};

G_DEFINE_FINAL_TYPE(OutlookWaiting, outlook_waiting, GTK_TYPE_BOX)

static GtkWidget *
add_text(OutlookWaiting *self)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_widget_set_can_focus(label, FALSE);
	gtk_box_pack_start(GTK_BOX(self), label, FALSE, FALSE, 0);
	return label;
}

static void
on_copy(OutlookWaiting *self)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self), GDK_SELECTION_CLIPBOARD),
			       gtk_entry_get_text(GTK_ENTRY(self->address)), -1);
}

void
outlook_waiting_set_uri(OutlookWaiting *self, const char *uri, const char *trouble)
{
	gtk_entry_set_text(GTK_ENTRY(self->address), uri);
	gtk_widget_show(self->address_label);
	gtk_widget_show_all(self->address_box);
	gtk_label_set_text(GTK_LABEL(self->trouble), trouble != NULL ? trouble : "");
	gtk_widget_set_visible(self->trouble, trouble != NULL);
}

void
outlook_waiting_set_step(OutlookWaiting *self, const char *text)
{
	gtk_label_set_text(GTK_LABEL(self->step), text);
	gtk_widget_hide(self->trouble);
	gtk_widget_hide(self->hint);
	gtk_widget_hide(self->address_label);
	gtk_widget_hide(self->address_box);
}

void
outlook_waiting_reset(OutlookWaiting *self, const char *redirect)
{
	g_autofree char *hint = g_strdup_printf(
		_("If the browser shows AADSTS50011, add %s under Mobile and desktop applications."), redirect);

	outlook_waiting_set_step(self, _("Sign in with the browser. This window goes on by itself afterwards."));
	gtk_label_set_text(GTK_LABEL(self->hint), hint);
	gtk_widget_show(self->hint);
}

GtkWidget *
outlook_waiting_new(void)
{
	return g_object_new(OUTLOOK_TYPE_WAITING, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 12, NULL);
}

static void
outlook_waiting_class_init(OutlookWaitingClass *klass)
{
}

static void
outlook_waiting_init(OutlookWaiting *self)
{
	GtkWidget *copy = gtk_button_new_with_mnemonic(_("Cop_y"));

	self->spinner = gtk_spinner_new();
	gtk_widget_set_size_request(self->spinner, 32, 32);
	g_object_bind_property(self, "visible", self->spinner, "active", G_BINDING_SYNC_CREATE);
	gtk_box_pack_start(GTK_BOX(self), self->spinner, FALSE, FALSE, 6);
	self->step = add_text(self);
	self->trouble = add_text(self);
	self->hint = add_text(self);

	self->address_label = gtk_label_new_with_mnemonic(_("If no browser appears, open this _address yourself:"));
	gtk_label_set_xalign(GTK_LABEL(self->address_label), 0);
	gtk_box_pack_start(GTK_BOX(self), self->address_label, FALSE, FALSE, 0);

	self->address = gtk_entry_new();
	gtk_editable_set_editable(GTK_EDITABLE(self->address), FALSE);
	gtk_label_set_mnemonic_widget(GTK_LABEL(self->address_label), self->address);
	atk_object_set_name(gtk_widget_get_accessible(copy), _("Copy the address of the sign-in page"));
	g_signal_connect_object(copy, "clicked", G_CALLBACK(on_copy), self, G_CONNECT_SWAPPED);
	self->address_box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	gtk_box_pack_start(GTK_BOX(self->address_box), self->address, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(self->address_box), copy, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->address_box, FALSE, FALSE, 0);

	gtk_widget_show_all(GTK_WIDGET(self));
}
