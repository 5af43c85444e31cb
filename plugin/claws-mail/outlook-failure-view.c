/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-failure-view.h"

#include <glib/gi18n-lib.h>

#include "oauth-consent.h"
#include "outlook-flow.h"
#include "outlook-letters.h"

#define TEXT_CHARS 70

struct _OutlookFailureView {
	GtkBox parent_instance;

	GtkWidget *text;
	GtkWidget *buttons;
	GtkWidget *details_box;
	GtkWidget *details;

	gboolean can_write;
	OutlookFailure *failure; /* nullable */
	OauthConfig *config;	 /* nullable */
};

G_DEFINE_FINAL_TYPE(OutlookFailureView, outlook_failure_view, GTK_TYPE_BOX)

enum { REMEDY, WRITE, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
copy(OutlookFailureView *self, const char *text)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self), GDK_SELECTION_CLIPBOARD), text, -1);
}

static void
on_copy_details(OutlookFailureView *self)
{
	copy(self, self->failure->details);
}

static void
on_copy_link(OutlookFailureView *self)
{
	g_autofree char *uri = oauth_consent_build_admin_uri(self->config, NULL);

	if (uri != NULL)
		copy(self, uri);
}

static void
on_write_consent(OutlookFailureView *self)
{
	g_autofree char *mail = outlook_failure_build_consent_mail(self->config);

	if (mail != NULL)
		g_signal_emit(self, signals[WRITE], 0, mail);
}

static void
on_write(OutlookFailureView *self)
{
	g_autofree char *mail = outlook_failure_build_mail(self->failure);

	g_signal_emit(self, signals[WRITE], 0, mail);
}

static void
on_remedy(GtkWidget *button, OutlookFailureView *self)
{
	g_signal_emit(self, signals[REMEDY], 0, GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "remedy")));
}

static void
add_consent(OutlookFailureView *self)
{
	g_autofree char *uri = self->config != NULL ? oauth_consent_build_admin_uri(self->config, NULL) : NULL;
	GtkWidget *button;

	if (uri == NULL)
		return;
	button = outlook_flow_add_button(OUTLOOK_FLOW(self->buttons), outlook_failure_get_label(OAUTH_REMEDY_CONSENT));
	gtk_widget_set_tooltip_text(button, uri);
	g_signal_connect_object(button, "clicked", G_CALLBACK(on_copy_link), self, G_CONNECT_SWAPPED);
	if (!self->can_write)
		return;
	button = outlook_flow_add_button(OUTLOOK_FLOW(self->buttons), _("_Mail the link to the administrator"));
	g_signal_connect_object(button, "clicked", G_CALLBACK(on_write_consent), self, G_CONNECT_SWAPPED);
}

static void
add_remedy(OutlookFailureView *self, OauthRemedy remedy)
{
	GtkWidget *button;

	if (remedy == OAUTH_REMEDY_NONE)
		return;
	if (remedy == OAUTH_REMEDY_CONSENT) {
		add_consent(self);
		return;
	}
	if (remedy == OAUTH_REMEDY_ADMINISTRATOR && !self->can_write)
		return;
	button = outlook_flow_add_button(OUTLOOK_FLOW(self->buttons), outlook_failure_get_label(remedy));
	if (remedy == OAUTH_REMEDY_ADMINISTRATOR) {
		g_signal_connect_object(button, "clicked", G_CALLBACK(on_write), self, G_CONNECT_SWAPPED);
		return;
	}
	g_object_set_data(G_OBJECT(button), "remedy", GINT_TO_POINTER(remedy));
	g_signal_connect_object(button, "clicked", G_CALLBACK(on_remedy), self, 0);
}

static void
destroy_button(GtkWidget *button, gpointer data)
{
	gtk_widget_destroy(button);
}

static void
empty_buttons(OutlookFailureView *self)
{
	gtk_container_foreach(GTK_CONTAINER(self->buttons), destroy_button, NULL);
}

static void
fill_buttons(OutlookFailureView *self)
{
	empty_buttons(self);
	for (guint i = 0; i < OAUTH_MAX_REMEDIES; i++)
		add_remedy(self, self->failure->remedies[i]);
	outlook_letters_settle(GTK_WIDGET(self));
}

static void
forget(OutlookFailureView *self)
{
	g_clear_pointer(&self->failure, outlook_failure_free);
	g_clear_pointer(&self->config, oauth_config_free);
	empty_buttons(self);
}

void
outlook_failure_view_set_can_write(OutlookFailureView *self, gboolean can_write)
{
	self->can_write = can_write;
	if (self->failure != NULL)
		fill_buttons(self);
}

void
outlook_failure_view_set_text(OutlookFailureView *self, const char *text)
{
	forget(self);
	gtk_label_set_text(GTK_LABEL(self->text), text != NULL ? text : "");
	gtk_widget_hide(self->buttons);
	gtk_widget_hide(self->details_box);
	gtk_widget_set_visible(GTK_WIDGET(self), text != NULL);
}

void
outlook_failure_view_set(OutlookFailureView *self, const OutlookFailure *failure, const OauthConfig *config)
{
	outlook_failure_view_set_text(self, failure != NULL ? failure->text : NULL);
	if (failure == NULL)
		return;
	self->failure = outlook_failure_copy(failure);
	self->config = config != NULL ? oauth_config_copy(config) : NULL;
	gtk_widget_show(self->buttons);
	gtk_label_set_text(GTK_LABEL(self->details), failure->details != NULL ? failure->details : "");
	gtk_widget_set_visible(self->details_box, failure->details != NULL);
	fill_buttons(self);
}

GtkWidget *
outlook_failure_view_new(void)
{
	return g_object_new(OUTLOOK_TYPE_FAILURE_VIEW, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 6, NULL);
}

static void
outlook_failure_view_finalize(GObject *object)
{
	OutlookFailureView *self = OUTLOOK_FAILURE_VIEW(object);

	outlook_failure_free(self->failure);
	oauth_config_free(self->config);
	G_OBJECT_CLASS(outlook_failure_view_parent_class)->finalize(object);
}

static void
outlook_failure_view_class_init(OutlookFailureViewClass *klass)
{
	GType type = G_TYPE_FROM_CLASS(klass);

	G_OBJECT_CLASS(klass)->finalize = outlook_failure_view_finalize;
	signals[REMEDY] =
		g_signal_new("remedy", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
	signals[WRITE] =
		g_signal_new("write", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static GtkWidget *
make_text(void)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), TEXT_CHARS);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	return label;
}

static void
fill_details(OutlookFailureView *self)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(_("Cop_y"));
	PangoAttrList *small = pango_attr_list_new();

	pango_attr_list_insert(small, pango_attr_scale_new(PANGO_SCALE_SMALL));
	gtk_label_set_attributes(GTK_LABEL(self->details), small);
	pango_attr_list_unref(small);
	gtk_widget_set_valign(button, GTK_ALIGN_START);
	gtk_widget_set_tooltip_text(button, _("Copy the details for a question to the administrator"));
	atk_object_set_name(gtk_widget_get_accessible(button), _("Copy the details"));
	g_signal_connect_object(button, "clicked", G_CALLBACK(on_copy_details), self, G_CONNECT_SWAPPED);
	gtk_box_pack_start(GTK_BOX(self->details_box), self->details, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self->details_box), button, FALSE, FALSE, 0);
}

static void
outlook_failure_view_init(OutlookFailureView *self)
{
	g_autoptr(PangoAttrList) bold = pango_attr_list_new();

	/* The red that a theme has for errors is hard to read on a dark one. */
	pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
	self->text = make_text();
	gtk_label_set_attributes(GTK_LABEL(self->text), bold);
	atk_object_set_role(gtk_widget_get_accessible(self->text), ATK_ROLE_ALERT);
	self->buttons = outlook_flow_new(TEXT_CHARS);
	self->details_box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	self->details = make_text();
	fill_details(self);
	gtk_box_pack_start(GTK_BOX(self), self->text, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->buttons, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), self->details_box, FALSE, FALSE, 0);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_hide(GTK_WIDGET(self));
	/* Those around it show what they have with one call. */
	gtk_widget_set_no_show_all(GTK_WIDGET(self), TRUE);
}
