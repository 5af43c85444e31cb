/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-page.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include <account.h>
#include <alertpanel.h>
#include <gtk/prefswindow.h>
#include <prefs_account.h>

#include "oauth-token.h"
#include "outlook-accounts.h"
#include "outlook-browser.h"
#include "outlook-device-window.h"
#include "outlook-failure-view.h"
#include "outlook-fields.h"
#include "outlook-grow.h"
#include "outlook-letters.h"
#include "outlook-presets.h"
#include "outlook-proxy.h"
#include "outlook-prune.h"
#include "outlook-rows.h"
#include "outlook-send.h"
#include "outlook-shared-list.h"
#include "outlook-sign-out.h"
#include "outlook-test.h"
#include "outlook-waiting.h"
#include "outlook-write.h"

#define PREFS_KEY "outlook"

/* One for all account dialogs, as the host has it; it opens one at a time. */
typedef struct {
	PrefsPage page;
	GtkWidget *box; /* what is in it; the host puts more around */
	char *path[3];

	PrefsAccount *prefs;
	OutlookAccount *account; /* %NULL when the dialog is another account's */
	gulong state_changed;
	gulong settings_changed;
	GtkWidget *fields;
	GtkWidget *state;
	GtkWidget *waiting; /* in sight while the browser is waited for */
	GtkWidget *failure;
	GtkWidget *sign_in;
	GtkWidget *device;
	GtkWidget *sign_out;
	GtkWidget *shared;
	guint pruning;
	OauthRemedy wanted; /* field, when the dialog was opened for it */
	guint reloading;
	gboolean saved;
	gboolean changed; /* since it was shown, or applied */
	gboolean applied; /* by the host */
	gboolean signing_out;
	int reload_id;

	/* Of an account that the host does not have yet. */
	gboolean is_new;
	GtkWidget *offer; /* goes when it is taken */
	GtkWindow *window;
	char *secret; /* what was typed, until there is an account to keep it for */
} Page;

static Page page;

static void
show_message(const char *text)
{
	outlook_failure_view_set_text(OUTLOOK_FAILURE_VIEW(page.failure), text);
}

/* @note: (nullable): what comes of it; @extra: (nullable): what was asked for besides the permissions of the form */
static void
show_failure(const GError *error, const char *note, const char *const *extra)
{
	g_autoptr(OutlookFailure) failure = error != NULL ? outlook_failure_new(error) : NULL;
	g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(OUTLOOK_FIELDS(page.fields));
	g_autoptr(OauthConfig) config = outlook_settings_to_config(settings, NULL);

	if (failure == NULL) {
		show_message(note);
		return;
	}
	if (note != NULL) {
		g_autofree char *why = g_steal_pointer(&failure->text);

		failure->text = g_strdup_printf("%s %s", note, why);
	}
	if (extra != NULL) {
		g_strfreev(config->extra_scopes);
		config->extra_scopes = g_strdupv((char **)extra);
	}
	/* The button for that is above. */
	for (guint i = 0; i < OAUTH_MAX_REMEDIES; i++) {
		if (failure->remedies[i] == OAUTH_REMEDY_SIGN_IN || failure->remedies[i] == OAUTH_REMEDY_RETRY)
			failure->remedies[i] = OAUTH_REMEDY_NONE;
	}
	outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(page.failure), failure, config);
}

static gboolean
has_anything(OutlookAccount *account)
{
	return outlook_account_has_tokens(account) || outlook_account_has_copy(account);
}

/* An error that the browser shows stays there. */
static void
show_waiting(void)
{
	const char *uri = outlook_account_get_sign_in_page(page.account);
	g_autoptr(OauthConfig) config = NULL;

	if ((uri != NULL) == gtk_widget_get_visible(page.waiting))
		return;
	gtk_widget_set_visible(page.waiting, uri != NULL);
	if (uri == NULL)
		return;
	config = outlook_settings_to_config(outlook_account_get_settings(page.account), NULL);
	outlook_waiting_reset(OUTLOOK_WAITING(page.waiting), config,
			      oauth_session_uses_client_secret(outlook_account_get_session(page.account)));
	outlook_waiting_set_uri(OUTLOOK_WAITING(page.waiting), uri, NULL);
	outlook_letters_settle(page.waiting);
}

static void
show_state(void)
{
	g_autofree char *state = outlook_account_describe_state(page.account);
	g_autofree char *reason = NULL;
	gboolean signing_in = outlook_account_is_signing_in(page.account);

	if (oauth_keyring_is_volatile(outlook_accounts_get_keyring(), &reason) && reason != NULL) {
		g_autofree char *both = g_strdup_printf("%s\n%s", state, reason);

		gtk_label_set_text(GTK_LABEL(page.state), both);
	} else {
		gtk_label_set_text(GTK_LABEL(page.state), state);
	}
	gtk_button_set_label(GTK_BUTTON(page.sign_in), signing_in ? _("Cancel the _sign-in") : _("_Sign in again"));
	outlook_letters_settle(page.sign_in);
	show_waiting();
	gtk_widget_set_sensitive(page.device, !signing_in);
	gtk_widget_set_sensitive(page.sign_out, !signing_in && !page.signing_out && has_anything(page.account));
}

static void
show_scopes(void)
{
	outlook_fields_set_scopes(OUTLOOK_FIELDS(page.fields), outlook_account_get_chosen_scopes(page.account));
}

/* They are written when the dialog closes. */
static void
on_settings_changed(OutlookAccount *account, gpointer data)
{
	page.saved = TRUE;
}

static void
on_state_changed(OutlookAccount *account, gpointer data)
{
	if (page.account != account)
		return;
	if (!page.changed)
		show_scopes();
	show_state();
}

/* The dialog may be gone by then, or another account's. The link for the administrator is about what was refused. */
static void
on_done(OutlookAccount *account, const GError *error, gpointer data)
{
	g_autofree char *refused = NULL;

	if (page.account != account) {
		if (error != NULL)
			outlook_account_tell_refused(account, error);
		return;
	}
	refused = outlook_account_describe_refused(account);
	page.signing_out = FALSE;
	/* Permissions that were switched on are in the settings now, or off again. */
	page.saved = TRUE;
	if (!page.changed)
		show_scopes();
	show_failure(error, refused, outlook_account_get_refused_scopes(account));
	show_state();
}

/* The link for the administrator is about what was asked for besides. */
static void
on_shared(OutlookAccount *account, const GError *error, gpointer data)
{
	g_auto(GStrv) scopes = outlook_account_list_shared_scopes(account);

	if (page.account != account)
		return;
	page.saved = page.saved || error == NULL;
	show_failure(error, NULL, (const char *const *)scopes);
	outlook_shared_list_update(page.shared);
}

/* What is wrong may stand on a page that is not the one in sight. */
static gboolean
check_fields(void)
{
	show_message(NULL);
	if (outlook_fields_check(OUTLOOK_FIELDS(page.fields)))
		return TRUE;
	outlook_prune_select(page.window, page.path[1]);
	/* The list of pages has the keys now. */
	return outlook_fields_check(OUTLOOK_FIELDS(page.fields));
}

gboolean
outlook_page_is_editing(PrefsAccount *prefs)
{
	return prefs != NULL && page.prefs == prefs;
}

/* The account works with what the form says now. */
static void
use_settings(const OutlookSettings *settings)
{
	outlook_account_set_settings(page.account, settings);
	outlook_account_set_client_secret(page.account, outlook_fields_get_secret(OUTLOOK_FIELDS(page.fields)));
}

/*
 * What is written to the account's own members now would be lost, since the host copies its form back when the dialog
 * closes; the table outlives that.
 */
static void
save_form(void)
{
	g_autoptr(OutlookSettings) settings = NULL;
	g_autofree char *text = NULL;

	if (!check_fields())
		return;
	settings = outlook_fields_get_settings(OUTLOOK_FIELDS(page.fields));
	if (page.account != NULL) {
		use_settings(settings);
		text = outlook_settings_to_text(outlook_account_get_settings(page.account));
	} else {
		g_clear_pointer(&page.secret, oauth_token_free);
		page.secret = g_strdup(outlook_fields_get_secret(OUTLOOK_FIELDS(page.fields)));
		text = outlook_settings_to_text(settings);
	}
	prefs_account_set_privacy_prefs(page.prefs, (gchar *)PREFS_KEY, text);
	page.saved = TRUE;
	page.changed = FALSE;
}

/* Until the dialog closes some of the account's strings are freed now, which the host's compose window reads. */
static void
save_page(PrefsPage *unused)
{
	page.applied = TRUE;
	if (page.fields == NULL)
		return;
	outlook_failure_view_set_can_write(OUTLOOK_FAILURE_VIEW(page.failure), FALSE);
	if (page.waiting != NULL)
		outlook_failure_view_set_can_write(outlook_waiting_get_failure_view(OUTLOOK_WAITING(page.waiting)),
						   FALSE);
	save_form();
}

static gboolean
ask_to_apply(void)
{
	return alertpanel(page.path[1], _("What you changed on this page is not in use yet. Apply it now?"), NULL,
			  _("_Cancel"), NULL, _("_Apply"), NULL, NULL, ALERTFOCUS_SECOND) == G_ALERTALTERNATE;
}

/*
 * A sign-in or a test with other settings than those that are in sight would help nobody; what was changed is applied
 * for it, as by the dialog's own button, when the person agrees.
 */
static gboolean
use_form(void)
{
	OutlookAccount *account = page.account;

	if (!check_fields())
		return FALSE;
	/* While it asks, the dialog may close. */
	if (page.changed && (!ask_to_apply() || page.account != account))
		return FALSE;
	if (page.changed)
		save_form();
	if (!page.applied)
		outlook_proxy_apply(page.account, page.prefs);
	return TRUE;
}

static void
on_sign_in(GtkButton *button, gpointer data)
{
	if (outlook_account_is_signing_in(page.account)) {
		outlook_account_cancel_sign_in(page.account);
		return;
	}
	if (!use_form())
		return;
	outlook_account_sign_in(page.account, on_done, NULL);
	show_state();
}

static void
on_device(GtkWidget *button, gpointer data)
{
	if (!use_form())
		return;
	outlook_device_window_open(GTK_WINDOW(gtk_widget_get_toplevel(button)), page.account, on_done, NULL);
	show_state();
}

static void
on_sign_out(GtkButton *button, gpointer data)
{
	/* The page may go meanwhile. */
	g_autoptr(OutlookAccount) account = g_object_ref(page.account);

	show_message(_("Sending the changes"));
	page.signing_out = TRUE;
	show_state();
	if (outlook_sign_out_ask(page.prefs, on_done, NULL) || page.account != account)
		return;
	page.signing_out = FALSE;
	show_message(NULL);
	show_state();
}

static void
on_test(GtkButton *button, gpointer data)
{
	if (!use_form())
		return;
	outlook_test_show(page.account, GTK_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(button))));
}

static gboolean
reload(gpointer data)
{
	PrefsAccount *prefs = account_find_from_id(page.reload_id);

	page.reloading = 0;
	if (prefs != NULL && outlook_accounts_is_ours(prefs)) {
		if (page.is_new)
			outlook_accounts_take_over(prefs, page.secret);
		else
			outlook_accounts_reload(prefs);
		outlook_accounts_keep_settings(prefs);
		outlook_send_apply(prefs);
	}
	g_clear_pointer(&page.secret, oauth_token_free);
	return G_SOURCE_REMOVE;
}

static gboolean
can_close(PrefsPage *unused)
{
	return page.fields == NULL || check_fields();
}

/* In two rows: the widest of them side by side are wider than the page. */
static GtkWidget *
make_buttons(void)
{
	GtkGrid *grid = GTK_GRID(gtk_grid_new());
	GtkWidget *test = gtk_button_new_with_mnemonic(_("Test _connection"));

	gtk_grid_set_row_spacing(grid, 6);
	gtk_grid_set_column_spacing(grid, 6);
	page.sign_in = gtk_button_new_with_mnemonic(_("_Sign in again"));
	page.device = gtk_button_new_with_mnemonic(_("Sign in on another _device…"));
	page.sign_out = gtk_button_new_with_mnemonic(_("Sign o_ut"));
	g_signal_connect(page.sign_in, "clicked", G_CALLBACK(on_sign_in), NULL);
	g_signal_connect(page.device, "clicked", G_CALLBACK(on_device), NULL);
	g_signal_connect(page.sign_out, "clicked", G_CALLBACK(on_sign_out), NULL);
	g_signal_connect(test, "clicked", G_CALLBACK(on_test), NULL);
	gtk_grid_attach(grid, page.sign_in, 0, 0, 1, 1);
	gtk_grid_attach(grid, page.device, 1, 0, 1, 1);
	gtk_grid_attach(grid, page.sign_out, 0, 1, 1, 1);
	gtk_grid_attach(grid, test, 1, 1, 1, 1);
	return GTK_WIDGET(grid);
}

static void
on_remedy(OutlookFailureView *view, int remedy)
{
	outlook_fields_show(OUTLOOK_FIELDS(page.fields), remedy);
}

/* It waits still: the same page serves for another try. */
static void
on_waiting_remedy(OutlookFailureView *view, int remedy)
{
	g_autoptr(GError) error = NULL;

	if (remedy != OAUTH_REMEDY_SIGN_IN && remedy != OAUTH_REMEDY_RETRY) {
		outlook_account_cancel_sign_in(page.account);
		outlook_fields_show(OUTLOOK_FIELDS(page.fields), remedy);
	} else if (!outlook_browser_open(outlook_account_get_sign_in_page(page.account), &error)) {
		show_message(error->message);
	}
}

static void
make_waiting(void)
{
	OutlookFailureView *view;

	page.waiting = outlook_waiting_new();
	gtk_widget_set_no_show_all(page.waiting, TRUE);
	gtk_widget_hide(page.waiting);
	view = outlook_waiting_get_failure_view(OUTLOOK_WAITING(page.waiting));
	outlook_write_serve(view);
	g_signal_connect(view, "remedy", G_CALLBACK(on_waiting_remedy), NULL);
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
on_changed(GtkWidget *fields, gpointer data)
{
	page.changed = TRUE;
	show_message(NULL);
}

static void
make_fields(const OutlookSettings *settings, gboolean is_new)
{
	page.fields = outlook_fields_new(settings, is_new);
	page.changed = FALSE;
	page.failure = outlook_failure_view_new();
	outlook_write_serve(OUTLOOK_FAILURE_VIEW(page.failure));
	g_signal_connect(page.failure, "remedy", G_CALLBACK(on_remedy), NULL);
	g_signal_connect(page.fields, "changed", G_CALLBACK(on_changed), NULL);
	g_signal_connect(page.fields, "open", G_CALLBACK(on_open), NULL);
	g_signal_connect(page.fields, "failed", G_CALLBACK(on_failed), NULL);
}

static void
on_take_offer(GtkButton *button, gpointer box)
{
	const char *text =
		_("Enter your name and your address on the first page. When you close this window with “OK”, "
		  "the browser asks you to sign in.");
	g_autoptr(GError) error = NULL;
	g_autoptr(OutlookSettings) settings =
		outlook_presets_load(&outlook_presets_built, g_get_system_config_dirs(), &error);

	if (settings == NULL)
		settings = outlook_settings_new();
	g_clear_pointer(&page.offer, gtk_widget_destroy);
	make_fields(settings, TRUE);
	gtk_box_pack_start(box, outlook_rows_make_text(text), FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.failure, FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.fields, FALSE, FALSE, 0);
	gtk_widget_show_all(box);
	show_message(error != NULL ? error->message : NULL);
	outlook_prune_fill(page.window, OUTLOOK_NO_SERVER);
	outlook_prune_dialog(page.window);
	outlook_letters_settle(box);
	outlook_grow_across(page.window, GTK_WIDGET(box));
	gtk_widget_child_focus(page.fields, GTK_DIR_TAB_FORWARD);
}

static void
make_offer(GtkBox *box)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(_("This is an _Outlook account"));
	const char *text =
		_("For a mailbox at Microsoft 365 or outlook.com, press the button: this window then asks for "
		  "what such an account needs, and for nothing else. “Cancel” takes it back.");

	page.is_new = TRUE;
	page.offer = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	gtk_widget_set_halign(button, GTK_ALIGN_START);
	g_signal_connect(button, "clicked", G_CALLBACK(on_take_offer), box);
	gtk_box_pack_start(GTK_BOX(page.offer), outlook_rows_make_text(text), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(page.offer), button, FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.offer, FALSE, FALSE, 0);
	gtk_widget_show_all(GTK_WIDGET(box));
}

static void
fill(GtkBox *box)
{
	make_fields(outlook_account_get_settings(page.account), FALSE);
	show_scopes();
	make_waiting();
	page.state = outlook_rows_make_text(NULL);
	page.shared = outlook_shared_list_new(page.prefs, on_shared);
	gtk_label_set_selectable(GTK_LABEL(page.state), TRUE);

	gtk_box_pack_start(box, page.state, FALSE, FALSE, 0);
	gtk_box_pack_start(box, make_buttons(), FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.waiting, FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.failure, FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.shared, FALSE, FALSE, 0);
	gtk_box_pack_start(box, gtk_separator_new(GTK_ORIENTATION_HORIZONTAL), FALSE, FALSE, 0);
	gtk_box_pack_start(box, page.fields, FALSE, FALSE, 0);
	gtk_widget_show_all(GTK_WIDGET(box));
	show_message(NULL);
	show_state();
	page.settings_changed =
		g_signal_connect(page.account, "settings-changed", G_CALLBACK(on_settings_changed), NULL);
	page.state_changed = g_signal_connect(page.account, "state-changed", G_CALLBACK(on_state_changed), NULL);
}

static gboolean
prune(gpointer window)
{
	page.pruning = 0;
	outlook_letters_settle(page.box);
	outlook_grow_across(window, page.box);
	if (outlook_accounts_is_ours(page.prefs))
		outlook_prune_dialog(window);
	else if (!page.is_new)
		outlook_prune_page(window, page.path[1]);
	if (page.wanted != OAUTH_REMEDY_NONE && page.fields != NULL) {
		outlook_prune_select(window, page.path[1]);
		outlook_fields_show(OUTLOOK_FIELDS(page.fields), page.wanted);
	}
	return G_SOURCE_REMOVE;
}

static void
create_widget(PrefsPage *unused, GtkWindow *window, gpointer data)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	OutlookAccount *account = outlook_accounts_find(data);

	gtk_container_set_border_width(GTK_CONTAINER(box), 12);
	page.prefs = data;
	page.page.widget = page.box = box;
	/* The host's list of pages is filled when all pages are there. */
	page.pruning = g_idle_add(prune, window);
	page.window = window;
	page.is_new = FALSE;
	if (account == NULL && account_find_from_id(page.prefs->account_id) == NULL) {
		make_offer(GTK_BOX(box));
		return;
	}
	if (account == NULL) {
		const char *text = outlook_accounts_is_ours(data)
					   ? _("The settings of this account cannot be read. Remove it and add it "
					       "again; the mail is on the server.")
					   : _("This is not an Outlook account. To add one, choose “Add Outlook "
					       "account…” in the Tools menu of the main window.");

		gtk_box_pack_start(GTK_BOX(box), outlook_rows_make_text(text), FALSE, FALSE, 0);
		gtk_widget_show_all(box);
		return;
	}
	page.account = g_object_ref(account);
	fill(GTK_BOX(box));
}

static void
destroy_widget(PrefsPage *unused)
{
	g_clear_handle_id(&page.pruning, g_source_remove);
	if (page.account != NULL) {
		g_clear_signal_handler(&page.state_changed, page.account);
		g_clear_signal_handler(&page.settings_changed, page.account);
	}
	if (page.saved) {
		page.saved = FALSE;
		page.reload_id = page.prefs->account_id;
		g_clear_handle_id(&page.reloading, g_source_remove);
		page.reloading = g_idle_add(reload, NULL);
	}
	if (page.account != NULL)
		outlook_test_close(page.account);
	page.signing_out = page.applied = FALSE;
	g_clear_object(&page.account);
	page.prefs = NULL;
	page.window = NULL;
	page.offer = page.box = NULL;
	page.fields = page.state = page.waiting = page.failure = page.sign_in = page.device = page.sign_out =
		page.shared = NULL;
}

void
outlook_page_open(PrefsAccount *prefs, OauthRemedy remedy)
{
	if (page.prefs != NULL)
		return;
	page.wanted = remedy;
	account_open(prefs, FALSE);
	page.wanted = OAUTH_REMEDY_NONE;
}

void
outlook_page_init(void)
{
	/* The host's own first row, in its own language. */
	page.path[0] = dgettext("claws-mail", "Account");
	page.path[1] = (char *)_("Outlook");
	page.page.path = page.path;
	page.page.weight = 999.0;
	page.page.create_widget = create_widget;
	page.page.destroy_widget = destroy_widget;
	page.page.save_page = save_page;
	page.page.can_close = can_close;
	prefs_account_register_page(&page.page);
}

/* The host keeps its list of pages in an open dialog; the page itself stays loaded. */
void
outlook_page_done(void)
{
	prefs_account_unregister_page(&page.page);
	g_clear_handle_id(&page.reloading, g_source_remove);
	g_clear_pointer(&page.secret, oauth_token_free);
}
