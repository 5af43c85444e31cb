/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-device-window.h"

#include <glib/gi18n-lib.h>

#include "oauth-error.h"
#include "outlook-browser.h"
#include "outlook-letters.h"
#include "outlook-qr-view.h"

#define RESPONSE_NEW_CODE 1
#define CODE_SCALE 2.5
#define PAGE_ASKING "asking"
#define PAGE_CODE "code"

typedef struct {
	OutlookAccount *account;
	OutlookAccountDone done;
	gpointer user_data;

	GtkWidget *dialog;
	GtkWidget *new_code;
	GtkWidget *stack;
	GtkWidget *address;
	GtkWidget *open;
	GtkWidget *code;
	GtkWidget *copy_code;
	GtkWidget *left;
	GtkWidget *trouble;
	GtkWidget *qr;

	OauthDeviceCode *shown; /* nullable */
	guint clock;
} Window;

/* One for each account at most, so that an answer finds its window, or none. */
static GList *windows;

static Window *
find(OutlookAccount *account)
{
	for (GList *at = windows; at != NULL; at = at->next) {
		if (((Window *)at->data)->account == account)
			return at->data;
	}
	return NULL;
}

static void
on_destroy(GtkWidget *widget, gpointer data)
{
	Window *self = data;

	windows = g_list_remove(windows, self);
	g_clear_handle_id(&self->clock, g_source_remove);
	if (!outlook_account_is_closed(self->account))
		outlook_account_cancel_sign_in(self->account);
	oauth_device_code_free(self->shown);
	g_object_unref(self->account);
	g_free(self);
}

/* The window goes first: what is done then may open another one. */
static void
finish(Window *self, const GError *error)
{
	g_autoptr(OutlookAccount) account = g_object_ref(self->account);
	OutlookAccountDone done = self->done;
	gpointer user_data = self->user_data;

	gtk_widget_destroy(self->dialog);
	if (!outlook_account_is_closed(account))
		done(account, error, user_data);
}

/* The address stays, for the new code. */
static void
show_expired(Window *self)
{
	g_clear_pointer(&self->shown, oauth_device_code_free);
	gtk_label_set_text(GTK_LABEL(self->code), "–");
	gtk_label_set_text(GTK_LABEL(self->left), _("The code has expired."));
	gtk_widget_set_sensitive(self->copy_code, FALSE);
	gtk_widget_show(self->new_code);
	gtk_widget_grab_focus(self->new_code);
}

/* Ends with the account as well, which tells nobody when it is closed. */
static gboolean
on_clock(gpointer data)
{
	Window *self = data;
	guint seconds;
	g_autofree char *text = NULL;

	if (outlook_account_is_closed(self->account)) {
		self->clock = 0;
		gtk_widget_destroy(self->dialog);
		return G_SOURCE_REMOVE;
	}
	if (self->shown == NULL)
		return G_SOURCE_CONTINUE;
	seconds = oauth_device_code_get_seconds_left(self->shown);
	/* Translators: minutes and seconds, as on a clock. */
	text = g_strdup_printf(_("The code can be used for %u:%02u minutes."), seconds / 60, seconds % 60);
	gtk_label_set_text(GTK_LABEL(self->left), text);
	return G_SOURCE_CONTINUE;
}

static void
on_code(OutlookAccount *account, const OauthDeviceCode *code, gpointer data)
{
	Window *self = find(account);

	if (self == NULL)
		return;
	g_clear_pointer(&self->shown, oauth_device_code_free);
	self->shown = oauth_device_code_copy(code);
	gtk_label_set_text(GTK_LABEL(self->address), code->verification_uri);
	gtk_widget_set_visible(self->open, code->openable);
	gtk_label_set_text(GTK_LABEL(self->code), code->user_code);
	outlook_qr_view_set_uri(OUTLOOK_QR_VIEW(self->qr), code->verification_uri);
	gtk_widget_set_sensitive(self->copy_code, TRUE);
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), PAGE_CODE);
	gtk_widget_grab_focus(self->copy_code);
	on_clock(self);
}

static void
on_done(OutlookAccount *account, const GError *error, gpointer data)
{
	Window *self = find(account);

	if (self == NULL) {
		if (error != NULL)
			outlook_account_tell_refused(account, error);
		return;
	}
	if (self->shown != NULL && g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT))
		show_expired(self);
	else
		finish(self, error);
}

static void
begin(Window *self)
{
	gtk_widget_hide(self->new_code);
	gtk_stack_set_visible_child_name(GTK_STACK(self->stack), PAGE_ASKING);
	outlook_account_sign_in_by_device(self->account, on_code, on_done, NULL);
}

static void
on_response(GtkDialog *dialog, int response, gpointer data)
{
	Window *self = data;
	g_autoptr(GError) cancelled = NULL;

	if (response == RESPONSE_NEW_CODE) {
		begin(self);
		return;
	}
	cancelled = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The sign-in was cancelled."));
	finish(self, cancelled);
}

static void
copy(GtkWidget *label)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(label, GDK_SELECTION_CLIPBOARD),
			       gtk_label_get_text(GTK_LABEL(label)), -1);
}

static void
on_open(GtkButton *button, gpointer data)
{
	Window *self = data;
	g_autoptr(GError) error = NULL;

	if (self->shown != NULL)
		outlook_browser_open(self->shown->verification_uri, &error);
	gtk_label_set_text(GTK_LABEL(self->trouble), error != NULL ? error->message : "");
	gtk_widget_set_visible(self->trouble, error != NULL);
}

static GtkWidget *
make_label(const char *text)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(text);

	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 45);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	return label;
}

/* A value of its own to be read, selected and copied; @title leads to it. */
static GtkWidget *
make_value(GtkWidget *title, double scale, gboolean monospace)
{
	GtkWidget *label = gtk_label_new(NULL);
	PangoAttrList *attributes = pango_attr_list_new();

	pango_attr_list_insert(attributes, pango_attr_scale_new(scale));
	pango_attr_list_insert(attributes, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
	if (monospace)
		pango_attr_list_insert(attributes, pango_attr_family_new("monospace"));
	gtk_label_set_attributes(GTK_LABEL(label), attributes);
	pango_attr_list_unref(attributes);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_mnemonic_widget(GTK_LABEL(title), label);
	return label;
}

static GtkWidget *
make_copy_button(const char *text, const char *name, GtkWidget *value)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(text);

	atk_object_set_name(gtk_widget_get_accessible(button), name);
	g_signal_connect_object(button, "clicked", G_CALLBACK(copy), value, G_CONNECT_SWAPPED);
	return button;
}

static GtkWidget *
make_row(GtkWidget *first, GtkWidget *second)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	gtk_box_pack_start(GTK_BOX(row), first, FALSE, FALSE, 0);
	if (second != NULL)
		gtk_box_pack_start(GTK_BOX(row), second, FALSE, FALSE, 0);
	return row;
}

static GtkWidget *
make_code_page(Window *self)
{
	GtkWidget *page = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 24);
	GtkWidget *steps = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	GtkWidget *where = make_label(_("1. Open this _page on a phone or another computer:"));
	GtkWidget *what = make_label(_("2. Type this co_de there, and sign in:"));
	GtkWidget *warning = make_label(NULL);

	gtk_label_set_text(GTK_LABEL(warning), _("The code opens your mailbox to this computer. Give it to nobody."));
	self->address = make_value(where, PANGO_SCALE_MEDIUM, FALSE);
	self->open = gtk_button_new_with_mnemonic(_("_Open it here"));
	g_signal_connect(self->open, "clicked", G_CALLBACK(on_open), self);
	gtk_widget_set_no_show_all(self->open, TRUE);
	self->code = make_value(what, CODE_SCALE, TRUE);
	self->copy_code = make_copy_button(_("Cop_y the code"), _("Copy the code"), self->code);
	self->left = make_label(NULL);
	self->trouble = make_label(NULL);
	gtk_widget_set_no_show_all(self->trouble, TRUE);
	self->qr = outlook_qr_view_new();
	gtk_widget_set_valign(self->qr, GTK_ALIGN_START);
	gtk_widget_set_margin_top(what, 12);
	gtk_widget_set_margin_top(self->left, 12);

	gtk_box_pack_start(GTK_BOX(steps), where, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), self->address, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps),
			   make_row(make_copy_button(_("Copy the _address"), _("Copy the address of the sign-in page"),
						     self->address),
				    self->open),
			   FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), self->trouble, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), what, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), self->code, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), make_row(self->copy_code, NULL), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), self->left, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(steps), warning, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(page), steps, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(page), self->qr, FALSE, FALSE, 0);
	return page;
}

static GtkWidget *
make_asking_page(void)
{
	GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	GtkWidget *spinner = gtk_spinner_new();

	gtk_widget_set_size_request(spinner, 32, 32);
	gtk_spinner_start(GTK_SPINNER(spinner));
	gtk_widget_set_valign(page, GTK_ALIGN_CENTER);
	gtk_box_pack_start(GTK_BOX(page), spinner, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(page), gtk_label_new(_("Asking the sign-in service for a code…")), FALSE, FALSE, 0);
	return page;
}

static void
build(Window *self, GtkWindow *parent)
{
	GtkWidget *content;

	self->dialog = gtk_dialog_new_with_buttons(_("Sign in on another device"), parent, GTK_DIALOG_MODAL,
						   _("_Cancel"), GTK_RESPONSE_CANCEL, NULL);
	self->new_code = gtk_dialog_add_button(GTK_DIALOG(self->dialog), _("_New code"), RESPONSE_NEW_CODE);
	gtk_widget_set_no_show_all(self->new_code, TRUE);
	self->stack = gtk_stack_new();
	gtk_container_set_border_width(GTK_CONTAINER(self->stack), 12);
	gtk_stack_add_named(GTK_STACK(self->stack), make_asking_page(), PAGE_ASKING);
	gtk_stack_add_named(GTK_STACK(self->stack), make_code_page(self), PAGE_CODE);
	content = gtk_dialog_get_content_area(GTK_DIALOG(self->dialog));
	gtk_box_pack_start(GTK_BOX(content), self->stack, TRUE, TRUE, 0);
	g_signal_connect(self->dialog, "response", G_CALLBACK(on_response), self);
	g_signal_connect(self->dialog, "destroy", G_CALLBACK(on_destroy), self);
	gtk_widget_show_all(content);
	outlook_letters_settle(self->stack);
}

void
outlook_device_window_open(GtkWindow *parent, OutlookAccount *account, OutlookAccountDone done, gpointer user_data)
{
	Window *self = find(account);

	if (self != NULL) {
		gtk_window_present(GTK_WINDOW(self->dialog));
		return;
	}
	self = g_new0(Window, 1);
	self->account = g_object_ref(account);
	self->done = done;
	self->user_data = user_data;
	build(self, parent);
	windows = g_list_prepend(windows, self);
	self->clock = g_timeout_add_seconds(1, on_clock, self);
	gtk_window_present(GTK_WINDOW(self->dialog));
	begin(self);
}

void
outlook_device_window_close_all(void)
{
	while (windows != NULL)
		gtk_widget_destroy(((Window *)windows->data)->dialog);
}
