/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "look-host.h"

#include <glib/gi18n-lib.h>

#include <account.h>
#include <alertpanel.h>
#include <gtk/prefswindow.h>
#include <prefs_account.h>

#include "outlook-accounts.h"
#include "outlook-page.h"
#include "outlook-proxy.h"
#include "outlook-send.h"
#include "outlook-shared.h"
#include "outlook-sign-out.h"
#include "outlook-write.h"

#define ACCOUNT_ID 1
#define HOST_WIDTH 700 /* of its dialog, when it was never another */

static struct {
	PrefsAccount prefs;
	OutlookAccount *account;
	guint queued;
	LookQuestion on_question;
	PrefsPage *page;
	GtkWidget *window;
} host;

void
look_host_begin(OutlookAccount *account, guint queued, LookQuestion on_question)
{
	host.prefs.account_id = ACCOUNT_ID;
	host.account = account;
	host.queued = queued;
	host.on_question = on_question;
	outlook_page_init();
}

GtkWidget *
look_host_open_page(void)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);

	host.window = gtk_dialog_new_with_buttons("", NULL, 0, _("_Cancel"), 0, "(_O)", 1, NULL);
	host.page->create_widget(host.page, GTK_WINDOW(host.window), &host.prefs);
	gtk_window_set_default_size(GTK_WINDOW(host.window), HOST_WIDTH, -1);
	g_object_set(scrolled, "propagate-natural-width", TRUE, "height-request", 400, NULL);
	gtk_container_add(GTK_CONTAINER(scrolled), host.page->widget);
	gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(host.window))), scrolled, TRUE, TRUE, 0);
	gtk_widget_show(scrolled);
	gtk_widget_show(host.window);
	/* It puts its letters in order when the window is complete. */
	while (gtk_events_pending())
		gtk_main_iteration();
	return host.window;
}

gboolean
look_host_shows_whole_page(int widest)
{
	GtkWidget *scrolled = gtk_widget_get_ancestor(host.page->widget, GTK_TYPE_SCROLLED_WINDOW);
	GtkAdjustment *across = gtk_scrolled_window_get_hadjustment(GTK_SCROLLED_WINDOW(scrolled));
	int width;

	gtk_window_get_size(GTK_WINDOW(host.window), &width, NULL);
	return width >= widest || gtk_adjustment_get_upper(across) <= gtk_adjustment_get_page_size(across);
}

void
look_host_apply(void)
{
	host.page->save_page(host.page);
}

static void
press(GtkWidget *widget, gpointer label)
{
	if (GTK_IS_BUTTON(widget) && g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), label) == 0)
		gtk_button_clicked(GTK_BUTTON(widget));
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), press, label);
}

void
look_host_sign_in(void)
{
	press(host.page->widget, (gpointer)_("_Sign in again"));
}

static void
note_signed_out(OutlookAccount *account, const GError *error, gpointer data)
{
	g_assert_not_reached();
}

void
look_host_sign_out(void)
{
	g_assert_false(outlook_sign_out_ask(&host.prefs, note_signed_out, NULL));
}

void
look_host_end(void)
{
	host.page->destroy_widget(host.page);
	gtk_widget_destroy(host.window);
	outlook_page_done();
}

/* The host's */

void
prefs_account_register_page(PrefsPage *page)
{
	host.page = page;
}

void
prefs_account_unregister_page(PrefsPage *page)
{
	host.page = NULL;
}

PrefsAccount *
account_find_from_id(gint id)
{
	return id == ACCOUNT_ID ? &host.prefs : NULL;
}

void
account_open(PrefsAccount *prefs, gboolean from_list)
{
	g_assert_not_reached();
}

void
prefs_account_set_privacy_prefs(PrefsAccount *prefs, gchar *id, gchar *value)
{
	g_assert_true(prefs == &host.prefs);
}

static void
add_button(GtkWidget *dialog, const char *label, int response)
{
	if (label != NULL)
		gtk_dialog_add_button(GTK_DIALOG(dialog), label, response);
}

AlertValue
alertpanel_full(const gchar *title, const gchar *message, const gchar *icon1, const gchar *button1, const gchar *icon2,
		const gchar *button2, const gchar *icon3, const gchar *button3, AlertFocus focus, gboolean can_disable,
		GtkWidget *widget, AlertType type)
{
	GtkWidget *dialog = gtk_dialog_new();
	GtkWidget *box = gtk_dialog_get_content_area(GTK_DIALOG(dialog));
	GtkWidget *head = gtk_label_new(title);
	GtkWidget *text = gtk_label_new(message);

	gtk_label_set_line_wrap(GTK_LABEL(text), TRUE);
	gtk_box_pack_start(GTK_BOX(box), head, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), text, FALSE, FALSE, 0);
	add_button(dialog, button1, G_ALERTDEFAULT);
	add_button(dialog, button2, G_ALERTALTERNATE);
	add_button(dialog, button3, G_ALERTOTHER);
	gtk_widget_show_all(dialog);
	host.on_question(dialog);
	gtk_widget_destroy(dialog);
	return G_ALERTDEFAULT;
}

AlertValue
alertpanel(const gchar *title, const gchar *message, const gchar *icon1, const gchar *button1, const gchar *icon2,
	   const gchar *button2, const gchar *icon3, const gchar *button3, AlertFocus focus)
{
	return alertpanel_full(title, message, icon1, button1, icon2, button2, icon3, button3, focus, FALSE, NULL,
			       ALERT_QUESTION);
}

/* Ours that need one */

gboolean
outlook_accounts_is_ours(PrefsAccount *prefs)
{
	return TRUE;
}

OutlookAccount *
outlook_accounts_find(PrefsAccount *prefs)
{
	return host.account;
}

OutlookAccount *
outlook_accounts_find_by_id(int account_id)
{
	return account_id == ACCOUNT_ID ? host.account : NULL;
}

OauthKeyring *
outlook_accounts_get_keyring(void)
{
	static OauthKeyring *keyring;

	if (keyring == NULL)
		keyring = oauth_keyring_new_in_memory();
	return keyring;
}

guint
outlook_accounts_count_queued(PrefsAccount *prefs)
{
	return host.queued;
}

gboolean
outlook_accounts_forget_mail(PrefsAccount *prefs, GError **error)
{
	g_assert_not_reached();
}

void
outlook_accounts_take_over(PrefsAccount *prefs, const char *secret)
{
	g_assert_not_reached();
}

void
outlook_accounts_reload(PrefsAccount *prefs)
{
	g_assert_not_reached();
}

void
outlook_accounts_keep_settings(PrefsAccount *prefs)
{
	g_assert_not_reached();
}

void
outlook_send_apply(PrefsAccount *prefs)
{
	g_assert_not_reached();
}

void
outlook_proxy_apply(OutlookAccount *account, PrefsAccount *prefs)
{
	g_assert_not_reached();
}

void
outlook_shared_add(PrefsAccount *prefs, OutlookAccountDone done)
{
	g_assert_not_reached();
}

void
outlook_shared_remove(PrefsAccount *prefs, const char *mailbox)
{
	g_assert_not_reached();
}

void
outlook_write_serve(OutlookFailureView *view)
{
	outlook_failure_view_set_can_write(view, TRUE);
}
