/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-assistant.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include <account.h>
#include <folder.h>
#include <folderview.h>

#include "graph-error.h"
#include "graph-folder.h"
#include "graph-user.h"
#include "outlook-accounts.h"
#include "outlook-browser.h"
#include "outlook-compat.h"
#include "outlook-device-window.h"
#include "outlook-failure-view.h"
#include "outlook-fields.h"
#include "outlook-grow.h"
#include "outlook-letters.h"
#include "outlook-presets.h"
#include "outlook-proxy.h"
#include "outlook-rows.h"
#include "outlook-send.h"
#include "outlook-waiting.h"
#include "outlook-welcome.h"
#include "outlook-write.h"

#define RESPONSE_DEVICE 1
#define PAGE_SETTINGS "settings"
#define PAGE_WAITING "waiting"

/* In pixels: what the window needs around the form, and what is left of the screen around the window */
#define AROUND 160
#define MIN_CONTENT 240

/*
 * The sign-in comes before the host's account: it runs with an OutlookAccount that the host does not know, whose
 * settings and tokens the account then takes over by their UUID.
 */
typedef struct {
	GtkWidget *dialog;
	GtkWidget *stack;
	GtkWidget *form; /* what can be left closed when all of it was settled beforehand; %NULL when it cannot */
	GtkWidget *fields;
	GtkWidget *failure;
	GtkWidget *waiting;
	GtkWidget *sign_in;

	OutlookAccount *account;
	OutlookJob *asking;  /* who signed in */
	gboolean asks_again; /* when the person says so: the sign-in itself is done */
	guint later;
	guint growing;
} Assistant;

static Assistant *assistant;

/* The account under way is given back to nobody; its tokens stay when a real account is to have them. */
static void
drop_account(gboolean forget)
{
	g_autoptr(OutlookAccount) account = g_steal_pointer(&assistant->account);

	g_clear_handle_id(&assistant->later, g_source_remove);
	if (assistant->asking != NULL)
		outlook_job_cancel(assistant->asking);
	g_clear_pointer(&assistant->asking, outlook_job_unref);
	assistant->asks_again = FALSE;
	if (account == NULL)
		return;
	outlook_account_cancel_sign_in(account);
	outlook_account_close(account, forget);
}

static void
on_destroy(GtkWidget *widget, gpointer user_data)
{
	drop_account(TRUE);
	g_clear_handle_id(&assistant->growing, g_source_remove);
	g_clear_pointer(&assistant, g_free);
}

void
outlook_assistant_close(void)
{
	if (assistant != NULL)
		gtk_widget_destroy(assistant->dialog);
}

static void
show_page(const char *page)
{
	gboolean settings = g_str_equal(page, PAGE_SETTINGS);

	gtk_stack_set_visible_child_name(GTK_STACK(assistant->stack), page);
	gtk_widget_set_sensitive(assistant->sign_in, settings);
	if (settings) {
		gtk_dialog_set_default_response(GTK_DIALOG(assistant->dialog), GTK_RESPONSE_OK);
		if (assistant->form != NULL)
			gtk_widget_grab_focus(assistant->sign_in);
		else
			gtk_widget_child_focus(assistant->fields, GTK_DIR_TAB_FORWARD);
	} else {
		gtk_widget_grab_focus(
			gtk_dialog_get_widget_for_response(GTK_DIALOG(assistant->dialog), GTK_RESPONSE_CANCEL));
	}
}

static void
show_form(void)
{
	if (assistant->form != NULL)
		gtk_expander_set_expanded(GTK_EXPANDER(assistant->form), TRUE);
}

static void
show_message(const char *text)
{
	outlook_failure_view_set_text(OUTLOOK_FAILURE_VIEW(assistant->failure), text);
}

/* Back to the form, with the reason; for a person who cancelled, who knows it, @failure is %NULL. */
static void
show_failure(const OutlookFailure *failure)
{
	g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(OUTLOOK_FIELDS(assistant->fields));
	g_autoptr(OauthConfig) config = outlook_settings_to_config(settings, NULL);

	show_page(PAGE_SETTINGS);
	outlook_failure_view_set_can_write(OUTLOOK_FAILURE_VIEW(assistant->failure), outlook_write_is_possible());
	outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(assistant->failure), failure, config);
}

static void
give_up(const GError *error)
{
	g_autoptr(OutlookFailure) failure = outlook_failure_new(error);

	drop_account(TRUE);
	show_failure(failure);
}

/* What passes does not undo the sign-in. */
static void
give_up_asking(const GError *error)
{
	g_autoptr(OutlookFailure) failure = outlook_failure_new(error);

	for (guint i = 0; failure != NULL && i < OAUTH_MAX_REMEDIES; i++)
		assistant->asks_again = assistant->asks_again || failure->remedies[i] == OAUTH_REMEDY_RETRY;
	if (assistant->asks_again)
		show_failure(failure);
	else
		give_up(error);
}

static gboolean
is_name_taken(const char *name)
{
	for (GList *at = account_get_list(); at != NULL; at = at->next) {
		if (g_strcmp0(((PrefsAccount *)at->data)->account_name, name) == 0)
			return TRUE;
	}
	for (GList *at = folder_get_list(); at != NULL; at = at->next) {
		if (g_strcmp0(FOLDER(at->data)->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* The mailbox has the account's name, and its folders are found by it. */
static char *
make_name(const char *address)
{
	if (!is_name_taken("Outlook"))
		return g_strdup("Outlook");
	if (address != NULL && *address != '\0' && !is_name_taken(address) && strchr(address, '/') == NULL)
		return g_strdup(address);
	for (guint i = 2;; i++) {
		g_autofree char *name = g_strdup_printf("Outlook %u", i);

		if (!is_name_taken(name))
			return g_steal_pointer(&name);
	}
}

static void
create_account(const GraphUser *user)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_copy(outlook_account_get_settings(assistant->account));
	const char *address = user->mail != NULL ? user->mail : user->principal_name;
	g_autofree char *name = make_name(address);
	g_autoptr(GError) error = NULL;
	PrefsAccount *prefs;

	/* The store and the keyring's entry have one user at a time. */
	drop_account(FALSE);
	prefs = outlook_accounts_create(settings, name, address, user->display_name, &error);
	if (prefs == NULL) {
		give_up(error);
		return;
	}
	outlook_send_apply(prefs);
	outlook_welcome_open_inbox(prefs);
	outlook_assistant_close();
}

/* API.md 3: who signs in need not have a mailbox; one that is new may not be found for a while. */
static gpointer
run_ask(gpointer data, GCancellable *cancellable, GError **error)
{
	g_autoptr(GraphUser) me = graph_user_get_me(data, cancellable, error);
	g_autoptr(GraphFolder) inbox = NULL;
	g_autoptr(GError) trouble = NULL;

	if (me == NULL)
		return NULL;
	inbox = graph_folder_get(data, "inbox", cancellable, &trouble);
	if (inbox == NULL && !g_error_matches(trouble, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return NULL;
	}
	return g_steal_pointer(&me);
}

/* Ends what this runs in, so that the next turn of the main loop does it. */
static gboolean
create_later(gpointer data)
{
	assistant->later = 0;
	create_account(data);
	return G_SOURCE_REMOVE;
}

static void
ask_done(gpointer result, const GError *error, gpointer data)
{
	GraphUser *user = result;
	GraphUser *copy;

	if (assistant == NULL || assistant->asking == NULL)
		return;
	g_clear_pointer(&assistant->asking, outlook_job_unref);
	if (user == NULL) {
		give_up_asking(error);
		return;
	}
	copy = g_new0(GraphUser, 1);
	copy->id = g_strdup(user->id);
	copy->display_name = g_strdup(user->display_name);
	copy->mail = g_strdup(user->mail);
	copy->principal_name = g_strdup(user->principal_name);
	assistant->later = g_idle_add_full(G_PRIORITY_DEFAULT, create_later, copy, (GDestroyNotify)graph_user_free);
}

static void
ask_who(void)
{
	OauthSession *session = outlook_account_get_session(assistant->account);
	const OutlookSettings *settings = outlook_account_get_settings(assistant->account);
	GraphClient *client = graph_client_new(OAUTH_AUTHORIZER(session), settings->config->graph_origin, NULL, NULL);

	outlook_waiting_set_step(OUTLOOK_WAITING(assistant->waiting), _("Signed in. Asking whose mailbox it is…"));
	assistant->asking =
		outlook_worker_push(outlook_account_get_worker(assistant->account), OUTLOOK_PRIORITY_USER, run_ask,
				    ask_done, client, g_object_unref, (GDestroyNotify)graph_user_free);
}

static void
ask_again(void)
{
	assistant->asks_again = FALSE;
	show_message(NULL);
	show_page(PAGE_WAITING);
	ask_who();
}

static void
sign_in_done(OutlookAccount *account, const GError *error, gpointer user_data)
{
	if (assistant == NULL || assistant->account != account)
		return;
	if (error != NULL) {
		give_up(error);
		return;
	}
	ask_who();
}

/* Without a browser the person has the address; the sign-in waits for either. */
static gboolean
show_sign_in_page(const char *uri, gpointer user_data, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	if (assistant == NULL || assistant->account == NULL) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The sign-in was cancelled."));
		return FALSE;
	}
	outlook_browser_open(uri, &trouble);
	outlook_waiting_set_uri(OUTLOOK_WAITING(assistant->waiting), uri, trouble != NULL ? trouble->message : NULL);
	return TRUE;
}

static void
start_sign_in(gboolean by_device)
{
	g_autoptr(OutlookSettings) settings = NULL;
	g_autoptr(OauthConfig) config = NULL;
	const char *secret;

	show_message(NULL);
	if (!outlook_fields_check(OUTLOOK_FIELDS(assistant->fields))) {
		show_form();
		return;
	}

	/* What an earlier attempt left behind may still be on its way out. */
	settings = outlook_fields_get_settings(OUTLOOK_FIELDS(assistant->fields));
	g_free(settings->config->account);
	settings->config->account = g_uuid_string_random();
	config = outlook_settings_to_config(settings, NULL);
	secret = outlook_fields_get_secret(OUTLOOK_FIELDS(assistant->fields));
	outlook_waiting_reset(OUTLOOK_WAITING(assistant->waiting), config, secret != NULL);
	show_page(PAGE_WAITING);

	assistant->account = outlook_account_new_without_store("Outlook", settings, outlook_accounts_get_keyring());
	outlook_proxy_apply(assistant->account, NULL);
	outlook_account_set_browser(assistant->account, show_sign_in_page, NULL);
	outlook_account_set_client_secret(assistant->account, secret);
	if (by_device) {
		outlook_waiting_set_step(OUTLOOK_WAITING(assistant->waiting),
					 _("Sign in on the other device. This window goes on by itself afterwards."));
		outlook_device_window_open(GTK_WINDOW(assistant->dialog), assistant->account, sign_in_done, NULL);
	} else {
		outlook_account_sign_in(assistant->account, sign_in_done, NULL);
	}
}

static void
cancel_sign_in(void)
{
	g_autoptr(GError) cancelled =
		g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The sign-in was cancelled."));

	give_up(cancelled);
}

static void
on_response(GtkDialog *dialog, int response, gpointer user_data)
{
	if (response == RESPONSE_DEVICE) {
		if (assistant->account != NULL)
			cancel_sign_in();
		start_sign_in(TRUE);
		return;
	}
	if (assistant->asks_again && response == GTK_RESPONSE_OK) {
		ask_again();
		return;
	}
	if (assistant->account == NULL && response == GTK_RESPONSE_OK) {
		start_sign_in(FALSE);
		return;
	}
	if (assistant->account == NULL || assistant->asks_again || response == GTK_RESPONSE_DELETE_EVENT) {
		outlook_assistant_close();
		return;
	}
	cancel_sign_in();
}

/* Escape comes as the window's end: the first one ends the sign-in alone. */
static void
on_close(GtkDialog *dialog, gpointer user_data)
{
	g_signal_stop_emission_by_name(dialog, "close");
	gtk_dialog_response(dialog, GTK_RESPONSE_CANCEL);
}

static void
on_activate(GtkDialog *dialog)
{
	gtk_dialog_response(dialog, GTK_RESPONSE_OK);
}

static void
on_changed(GtkWidget *fields, gpointer user_data)
{
	/* With other settings somebody else may be meant. */
	if (assistant->asks_again)
		drop_account(TRUE);
	show_message(NULL);
}

static void
on_remedy(OutlookFailureView *view, int remedy)
{
	if (assistant->asks_again && remedy == OAUTH_REMEDY_RETRY) {
		ask_again();
		return;
	}
	if (assistant->account != NULL)
		cancel_sign_in();
	if (remedy == OAUTH_REMEDY_SIGN_IN || remedy == OAUTH_REMEDY_RETRY) {
		start_sign_in(FALSE);
	} else {
		show_form();
		outlook_fields_show(OUTLOOK_FIELDS(assistant->fields), remedy);
	}
}

static void
watch_failures(OutlookFailureView *view)
{
	outlook_write_serve(view);
	g_signal_connect(view, "remedy", G_CALLBACK(on_remedy), NULL);
}

static void
on_open(GtkWidget *fields, const char *uri)
{
	g_autoptr(GError) error = NULL;

	if (!outlook_browser_open(uri, &error))
		show_message(error->message);
}

static void
on_failed(GtkWidget *fields, const char *text)
{
	show_message(text);
}

static void
get_workarea(GdkRectangle *area)
{
	GdkMonitor *monitor = gdk_display_get_monitor(gdk_display_get_default(), 0);

	if (monitor != NULL)
		gdk_monitor_get_workarea(monitor, area);
}

/* What was opened is to be seen as a whole, as far as the screen allows. */
static gboolean
grow(gpointer data)
{
	GtkScrolledWindow *scrolled = data;
	GtkAdjustment *across = gtk_scrolled_window_get_hadjustment(scrolled);
	GtkAdjustment *down = gtk_scrolled_window_get_vadjustment(scrolled);

	outlook_grow(GTK_WINDOW(assistant->dialog),
		     (int)(gtk_adjustment_get_upper(across) - gtk_adjustment_get_page_size(across)),
		     (int)(gtk_adjustment_get_upper(down) - gtk_adjustment_get_page_size(down)));
	assistant->growing = 0;
	return G_SOURCE_REMOVE;
}

static void
on_upper(GtkAdjustment *adjustment, GParamSpec *pspec, gpointer scrolled)
{
	gboolean is_more = gtk_adjustment_get_upper(adjustment) > gtk_adjustment_get_page_size(adjustment);

	if (is_more && assistant != NULL && assistant->growing == 0)
		assistant->growing = g_idle_add(grow, scrolled);
}

/* Large letters and small screens: what does not fit is scrolled to. */
static GtkWidget *
make_scrolled(GtkWidget *child)
{
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
	GdkRectangle area = {0};

	get_workarea(&area);
	g_object_set(scrolled, "propagate-natural-width", TRUE, "propagate-natural-height", TRUE, "max-content-height",
		     MAX(area.height - AROUND, MIN_CONTENT), "max-content-width", MAX(area.width - AROUND, MIN_CONTENT),
		     NULL);
	gtk_container_add(GTK_CONTAINER(scrolled), child);
	g_signal_connect(gtk_scrolled_window_get_hadjustment(GTK_SCROLLED_WINDOW(scrolled)), "notify::upper",
			 G_CALLBACK(on_upper), scrolled);
	g_signal_connect(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled)), "notify::upper",
			 G_CALLBACK(on_upper), scrolled);
	return scrolled;
}

/* Returns: what new accounts begin with; @wrong says why what was settled for them does not count */
static OutlookSettings *
load_presets(char **wrong)
{
	g_autoptr(GError) error = NULL;
	OutlookSettings *settings = outlook_presets_load(&outlook_presets_built, g_get_system_config_dirs(), &error);

	*wrong = error != NULL ? g_strdup(error->message) : NULL;
	return settings != NULL ? settings : outlook_settings_new();
}

static GtkWidget *
make_settings_page(void)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	g_autofree char *wrong = NULL;
	g_autoptr(OutlookSettings) settings = load_presets(&wrong);
	gboolean is_ready = outlook_presets_are_complete(settings);
	const char *intro = is_ready ? _("Everything is prepared. Press “Sign in”, and agree in the browser.")
				     : _("Enter what the app registration of your organization shows.");

	assistant->fields = outlook_fields_new(settings, TRUE);
	assistant->failure = outlook_failure_view_new();
	watch_failures(OUTLOOK_FAILURE_VIEW(assistant->failure));
	gtk_box_pack_start(GTK_BOX(box), outlook_rows_make_text(intro), FALSE, FALSE, 0);
	if (is_ready) {
		assistant->form = gtk_expander_new_with_mnemonic(_("E_xamine the prepared settings"));
		gtk_widget_set_margin_top(assistant->fields, 12);
		gtk_container_add(GTK_CONTAINER(assistant->form), assistant->fields);
		outlook_letters_fold(GTK_EXPANDER(assistant->form));
		gtk_box_pack_start(GTK_BOX(box), assistant->form, FALSE, FALSE, 0);
	} else {
		gtk_box_pack_start(GTK_BOX(box), assistant->fields, FALSE, FALSE, 0);
	}
	gtk_box_pack_start(GTK_BOX(box), assistant->failure, FALSE, FALSE, 0);
	g_signal_connect(assistant->fields, "open", G_CALLBACK(on_open), NULL);
	g_signal_connect(assistant->fields, "failed", G_CALLBACK(on_failed), NULL);
	gtk_widget_set_margin_end(box, 6);
	gtk_widget_show_all(box);
	show_message(wrong);
	return make_scrolled(box);
}

static void
settle_letters(GtkWidget *page, gpointer user_data)
{
	outlook_letters_settle(page);
}

static void
build(GtkWindow *parent)
{
	GtkWidget *content;

	assistant = g_new0(Assistant, 1);
	assistant->dialog = gtk_dialog_new_with_buttons(_("Add Outlook account"), parent, 0, _("_Cancel"),
							GTK_RESPONSE_CANCEL, NULL);
	gtk_dialog_add_button(GTK_DIALOG(assistant->dialog), _("Sign in on another _device…"), RESPONSE_DEVICE);
	assistant->sign_in = gtk_dialog_add_button(GTK_DIALOG(assistant->dialog), _("_Sign in"), GTK_RESPONSE_OK);
	gtk_style_context_add_class(gtk_widget_get_style_context(assistant->sign_in), GTK_STYLE_CLASS_SUGGESTED_ACTION);
	content = gtk_dialog_get_content_area(GTK_DIALOG(assistant->dialog));

	assistant->waiting = outlook_waiting_new();
	watch_failures(outlook_waiting_get_failure_view(OUTLOOK_WAITING(assistant->waiting)));
	assistant->stack = gtk_stack_new();
	gtk_stack_set_vhomogeneous(GTK_STACK(assistant->stack), FALSE);
	gtk_container_set_border_width(GTK_CONTAINER(assistant->stack), 12);
	gtk_stack_add_named(GTK_STACK(assistant->stack), make_settings_page(), PAGE_SETTINGS);
	gtk_stack_add_named(GTK_STACK(assistant->stack), make_scrolled(assistant->waiting), PAGE_WAITING);
	gtk_box_pack_start(GTK_BOX(content), assistant->stack, TRUE, TRUE, 0);

	g_signal_connect(assistant->dialog, "response", G_CALLBACK(on_response), NULL);
	g_signal_connect(assistant->dialog, "close", G_CALLBACK(on_close), NULL);
	g_signal_connect(assistant->dialog, "destroy", G_CALLBACK(on_destroy), NULL);
	g_signal_connect(assistant->fields, "changed", G_CALLBACK(on_changed), NULL);
	g_signal_connect_object(assistant->fields, "activate", G_CALLBACK(on_activate), assistant->dialog,
				G_CONNECT_SWAPPED);
	gtk_widget_show_all(content);
	gtk_container_foreach(GTK_CONTAINER(assistant->stack), settle_letters, NULL);
	show_page(PAGE_SETTINGS);
}

void
outlook_assistant_show(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (assistant == NULL)
		build(mainwin != NULL ? GTK_WINDOW(mainwin->window) : NULL);
	gtk_window_present(GTK_WINDOW(assistant->dialog));
}
