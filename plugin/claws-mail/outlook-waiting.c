/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-waiting.h"

#include <glib/gi18n-lib.h>

#include "outlook-letters.h"

/* By then most people have signed in, or look at an error in the browser. */
#define A_WHILE_SECONDS 20

#define TEXT_CHARS 60

struct _OutlookWaiting {
	GtkBox parent_instance;

	GtkWidget *spinner;
	GtkWidget *step;
	GtkWidget *trouble;
	GtkWidget *hint;
	GtkWidget *address_label;
	GtkWidget *address_box;
	GtkWidget *address;
	GtkWidget *expander;
	GtkWidget *page;
	GtkWidget *failure;

	OauthConfig *config;
	guint a_while;
};

G_DEFINE_FINAL_TYPE(OutlookWaiting, outlook_waiting, GTK_TYPE_BOX)

static GtkWidget *
add_text(OutlookWaiting *self)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), TEXT_CHARS);
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

/* What the browser shows stays there (OAUTH.md 3): a person brings it here. */
static void
on_page_changed(OutlookWaiting *self)
{
	const char *text = gtk_entry_get_text(GTK_ENTRY(self->page));
	g_autoptr(OutlookFailure) failure = outlook_failure_new_from_page(text);

	if (failure != NULL || *text == '\0')
		outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(self->failure), failure, self->config);
	else
		outlook_failure_view_set_text(
			OUTLOOK_FAILURE_VIEW(self->failure),
			_("There is no number in this that is known here. The page in the browser says what it is "
			  "about; an administrator can look the number up."));
}

static gboolean
on_a_while(gpointer user_data)
{
	OutlookWaiting *self = user_data;

	self->a_while = 0;
	gtk_expander_set_expanded(GTK_EXPANDER(self->expander), TRUE);
	return G_SOURCE_REMOVE;
}

static void
stop_clock(OutlookWaiting *self)
{
	g_clear_handle_id(&self->a_while, g_source_remove);
}

void
outlook_waiting_set_step(OutlookWaiting *self, const char *text)
{
	stop_clock(self);
	gtk_widget_hide(self->expander);
	gtk_label_set_text(GTK_LABEL(self->step), text);
	gtk_widget_hide(self->trouble);
	gtk_widget_hide(self->hint);
	gtk_widget_hide(self->address_label);
	gtk_widget_hide(self->address_box);
}

void
outlook_waiting_reset(OutlookWaiting *self, const OauthConfig *config, gboolean has_secret)
{
	g_autofree char *redirect = oauth_config_build_registered_redirect(config);
	g_autofree char *hint = NULL;

	if (has_secret)
		hint = g_strdup_printf(_("If the browser shows AADSTS50011, add %s for the platform “Web”, because "
					 "there is a client secret."),
				       redirect);
	else
		hint = g_strdup_printf(
			_("If the browser shows AADSTS50011, add %s under Mobile and desktop applications."), redirect);

	outlook_waiting_set_step(self, _("Sign in with the browser. This window goes on by itself afterwards."));
	gtk_label_set_text(GTK_LABEL(self->hint), hint);
	gtk_widget_show(self->hint);

	oauth_config_free(self->config);
	self->config = oauth_config_copy(config);
	gtk_entry_set_text(GTK_ENTRY(self->page), "");
	gtk_expander_set_expanded(GTK_EXPANDER(self->expander), FALSE);
	gtk_widget_show(self->expander);
	self->a_while = g_timeout_add_seconds(A_WHILE_SECONDS, on_a_while, self);
}

OutlookFailureView *
outlook_waiting_get_failure_view(OutlookWaiting *self)
{
	return OUTLOOK_FAILURE_VIEW(self->failure);
}

static GtkWidget *
make_expander(OutlookWaiting *self)
{
	GtkWidget *expander = gtk_expander_new_with_mnemonic(_("The _browser shows an error"));
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	GtkWidget *label = gtk_label_new_with_mnemonic(
		_("_Type the number that begins with AADSTS, or copy the text of the page to here:"));

	self->page = gtk_entry_new();
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->page), "AADSTS50011");
	self->failure = outlook_failure_view_new();
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), TEXT_CHARS);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_mnemonic_widget(GTK_LABEL(label), self->page);
	gtk_widget_set_margin_top(box, 6);
	gtk_widget_set_margin_start(box, 18);
	gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->page, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), self->failure, FALSE, FALSE, 0);
	gtk_container_add(GTK_CONTAINER(expander), box);
	outlook_letters_fold(GTK_EXPANDER(expander));
	g_signal_connect_object(self->page, "changed", G_CALLBACK(on_page_changed), self, G_CONNECT_SWAPPED);
	return expander;
}

GtkWidget *
outlook_waiting_new(void)
{
	return g_object_new(OUTLOOK_TYPE_WAITING, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 12, NULL);
}

static void
outlook_waiting_dispose(GObject *object)
{
	stop_clock(OUTLOOK_WAITING(object));
	G_OBJECT_CLASS(outlook_waiting_parent_class)->dispose(object);
}

static void
outlook_waiting_finalize(GObject *object)
{
	oauth_config_free(OUTLOOK_WAITING(object)->config);
	G_OBJECT_CLASS(outlook_waiting_parent_class)->finalize(object);
}

static void
outlook_waiting_class_init(OutlookWaitingClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = outlook_waiting_dispose;
	G_OBJECT_CLASS(klass)->finalize = outlook_waiting_finalize;
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
	gtk_label_set_line_wrap(GTK_LABEL(self->address_label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(self->address_label), TEXT_CHARS);
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
	self->expander = make_expander(self);
	gtk_box_pack_start(GTK_BOX(self), self->expander, FALSE, FALSE, 0);

	gtk_widget_show_all(GTK_WIDGET(self));
}
