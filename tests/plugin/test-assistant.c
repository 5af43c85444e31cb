/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-assistant.h"

#include <string.h>

#include <glib/gstdio.h>
#include <gtk/gtk.h>

#include <account.h>
#include <folder.h>

#include "outlook-accounts.h"
#include "outlook-browser.h"
#include "outlook-compat.h"
#include "outlook-failure.h"
#include "outlook-presets.h"
#include "outlook-proxy.h"
#include "outlook-send.h"
#include "outlook-welcome.h"
#include "outlook-write.h"
#include "person.h"
#include "simulator.h"

/* The assistant with a tenant, without the client. */

#define CONFIDENTIAL_ID "22222222-3333-4444-8555-666666666666"
#define SECRET "invented~value"

static struct {
	OauthKeyring *keyring;
	GThread *person;
	guint n_visits;
	char *hint; /* beside the browser, at the last visit */
	PrefsAccount prefs;
	char *address; /* of the account that was made */
	char **scopes; /* of it */
} host;

typedef struct {
	const char *label;
	GtkWidget *found;
} Search;

static void
find_button(GtkWidget *widget, gpointer data)
{
	Search *self = data;

	if (GTK_IS_BUTTON(widget) && gtk_widget_get_mapped(widget) &&
	    g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), self->label) == 0)
		self->found = widget;
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_button, data);
}

static gboolean
has_dialog(void)
{
	g_autoptr(GList) windows = gtk_window_list_toplevels();

	for (GList *at = windows; at != NULL; at = at->next) {
		if (GTK_IS_DIALOG(at->data))
			return TRUE;
	}
	return FALSE;
}

/* In whichever window it is. Returns: (nullable) */
static GtkWidget *
find(GtkCallback look, const char *label)
{
	g_autoptr(GList) windows = gtk_window_list_toplevels();
	Search search = {label, NULL};

	for (GList *at = windows; at != NULL; at = at->next) {
		if (GTK_IS_DIALOG(at->data))
			look(at->data, &search);
	}
	return search.found;
}

/* As soon as it is there */
static GtkWidget *
wait_for(GtkCallback look, const char *label)
{
	GtkWidget *found = find(look, label);

	while (found == NULL) {
		g_assert_true(has_dialog());
		g_main_context_iteration(NULL, TRUE);
		found = find(look, label);
	}
	return found;
}

static void
press(const char *label)
{
	gtk_button_clicked(GTK_BUTTON(wait_for(find_button, label)));
}

static void
find_field(GtkWidget *widget, gpointer data)
{
	Search *self = data;

	if (GTK_IS_LABEL(widget) && g_strcmp0(gtk_label_get_text(GTK_LABEL(widget)), self->label) == 0)
		self->found = gtk_label_get_mnemonic_widget(GTK_LABEL(widget));
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_field, data);
}

static void
type(const char *label, const char *text)
{
	gtk_entry_set_text(GTK_ENTRY(find(find_field, label)), text);
}

static void
find_hint(GtkWidget *widget, gpointer data)
{
	Search *self = data;

	if (GTK_IS_LABEL(widget) && gtk_widget_get_mapped(widget) &&
	    strstr(gtk_label_get_text(GTK_LABEL(widget)), self->label) != NULL)
		self->found = widget;
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_hint, data);
}

typedef struct {
	Simulator *tenant;
	char *presets;
} Stage;

/* @more: of the presets */
static void
stage_open(Stage *self, const char *client_id, const char *more)
{
	g_autofree char *presets = NULL;
	g_autoptr(GError) error = NULL;

	host.n_visits = 0;
	self->tenant = simulator_new();
	self->presets = g_build_filename(g_get_system_config_dirs()[0], OUTLOOK_PRESETS_FILE, NULL);
	simulator_add_client(self->tenant, SIMULATOR_CLIENT_ID, NULL);
	simulator_add_client(self->tenant, CONFIDENTIAL_ID, SECRET);
	simulator_add_mailbox(self->tenant, SIMULATOR_USER, "", &error);
	g_assert_no_error(error);
	simulator_start(self->tenant, 0, NULL, &error);
	g_assert_no_error(error);
	presets = g_strdup_printf("[Outlook]\nclient-id=%s\ncloud=custom\nidentity=%s\ngraph=%s\n%s", client_id,
				  simulator_get_origin(self->tenant), simulator_get_origin(self->tenant), more);
	g_file_set_contents(self->presets, presets, -1, &error);
	g_assert_no_error(error);
	outlook_assistant_show();
}

static void
stage_close(Stage *self)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_clear_pointer(&host.person, g_thread_join);
	g_clear_pointer(&host.address, g_free);
	g_clear_pointer(&host.hint, g_free);
	g_clear_pointer(&host.scopes, g_strfreev);
	g_unlink(self->presets);
	g_free(self->presets);
	simulator_stop(self->tenant);
	g_assert_finalize_object(self->tenant);
}

/* What passes is tried again without another question to the person. */
static void
test_sign_in_outlives_trouble(gconstpointer path)
{
	g_autofree char *fault = g_strdup_printf(
		"{\"path\":\"^/v1.0/me%s$\",\"method\":\"GET\",\"kind\":\"close\",\"count\":0}", (const char *)path);
	g_autoptr(GError) error = NULL;
	Stage stage;

	stage_open(&stage, SIMULATOR_CLIENT_ID, "");
	simulator_add_fault(stage.tenant, fault, &error);
	g_assert_no_error(error);
	press("_Sign in");
	wait_for(find_button, "_Try again");
	g_assert_cmpuint(host.n_visits, ==, 1);
	g_assert_null(host.address);
	simulator_clear_faults(stage.tenant);
	press("_Try again");
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.address, ==, SIMULATOR_USER);
	g_assert_cmpuint(host.n_visits, ==, 1);
	stage_close(&stage);
}

/* API.md 3: that somebody signs in does not prove it. */
static void
test_nobody_without_a_mailbox(void)
{
	g_autoptr(GError) error = NULL;
	Stage stage;

	stage_open(&stage, SIMULATOR_CLIENT_ID, "");
	simulator_add_fault(stage.tenant,
			    "{\"path\":\"^/v1.0/me/mailFolders/inbox$\",\"status\":404,\"body\":{\"error\":{\"code\":"
			    "\"MailboxNotEnabledForRESTAPI\",\"message\":\"\"}}}",
			    &error);
	g_assert_no_error(error);
	press("_Sign in");
	press(outlook_failure_get_label(OAUTH_REMEDY_SIGN_IN));
	g_assert_cmpuint(host.n_visits, ==, 1);
	g_assert_null(host.address);
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.address, ==, SIMULATOR_USER);
	g_assert_cmpuint(host.n_visits, ==, 2);
	stage_close(&stage);
}

/* API.md 3: mail is not found for some minutes after the licence was given. */
static void
test_a_new_mailbox(void)
{
	g_autoptr(GError) error = NULL;
	Stage stage;

	stage_open(&stage, SIMULATOR_CLIENT_ID, "");
	simulator_add_fault(stage.tenant, "{\"path\":\"^/v1.0/me/mailFolders/inbox$\",\"status\":404,\"count\":0}",
			    &error);
	g_assert_no_error(error);
	press("_Sign in");
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.address, ==, SIMULATOR_USER);
	stage_close(&stage);
}

/* No administrator has to be asked for what one does without. */
static void
test_fewer_permissions_where_an_administrator_has_to_consent(void)
{
	Stage stage;

	stage_open(&stage, SIMULATOR_CLIENT_ID, "scopes=User.Read Mail.ReadWrite Mail.Send Contacts.ReadWrite\n");
	simulator_set_admin_scopes(stage.tenant, "Contacts.ReadWrite");
	press("_Sign in");
	press("Ch_oose the permissions");
	g_assert_cmpuint(host.n_visits, ==, 1);
	press("Contacts.ReadWrite");
	press("_Sign in");
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.address, ==, SIMULATOR_USER);
	g_assert_cmpuint(host.n_visits, ==, 2);
	g_assert_true(g_strv_contains((const char *const *)host.scopes, "Mail.ReadWrite"));
	g_assert_true(g_strv_contains((const char *const *)host.scopes, "Mail.Send"));
	g_assert_false(g_strv_contains((const char *const *)host.scopes, "Contacts.ReadWrite"));
	stage_close(&stage);
}

/* OAUTH.md 2: a secret is taken for the platform “Web” alone, and not for the other one. */
static void
test_the_address_to_register(void)
{
	Stage stage;

	stage_open(&stage, SIMULATOR_CLIENT_ID, "");
	press("_Sign in");
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.hint, ==,
			"If the browser shows AADSTS50011, add http://localhost under Mobile and desktop "
			"applications.");
	stage_close(&stage);

	stage_open(&stage, CONFIDENTIAL_ID, "");
	type("Client secret:", SECRET);
	type("Redirect path:", "/callback");
	press("_Sign in");
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.hint, ==,
			"If the browser shows AADSTS50011, add http://localhost/callback for the platform “Web”, "
			"because there is a client secret.");
	stage_close(&stage);
}

static void
test_sign_in_on_another_device(void)
{
	static const char title[] = "2. Type this code there, and sign in:";
	const char *code;
	Stage stage;

	stage_open(&stage, SIMULATOR_CLIENT_ID, "");
	simulator_set_device(stage.tenant, 0.1, 900);
	press("Sign in on another _device…");
	wait_for(find_hint, title);
	code = gtk_label_get_text(GTK_LABEL(find(find_field, title)));
	g_assert_true(simulator_enter_code(stage.tenant, code, SIMULATOR_USER, TRUE));
	while (host.address == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(host.address, ==, SIMULATOR_USER);
	g_assert_cmpuint(host.n_visits, ==, 0);
	g_assert_false(has_dialog());
	stage_close(&stage);
}

/* The host's */

GList *
account_get_list(void)
{
	return NULL;
}

GList *
folder_get_list(void)
{
	return NULL;
}

/* Ours that need one */

gboolean
outlook_browser_open(const char *uri, GError **error)
{
	GtkWidget *hint = find(find_hint, "AADSTS50011");

	g_assert_nonnull(hint);
	g_free(host.hint);
	host.hint = g_strdup(gtk_label_get_text(GTK_LABEL(hint)));
	if (host.n_visits++ > 0)
		g_thread_join(host.person);
	host.person = g_thread_new("person", person_agree, g_strdup(uri));
	return TRUE;
}

OauthKeyring *
outlook_accounts_get_keyring(void)
{
	return host.keyring;
}

PrefsAccount *
outlook_accounts_create(const OutlookSettings *settings, const char *name, const char *address, const char *full_name,
			GError **error)
{
	host.address = g_strdup(address);
	host.scopes = g_strdupv(settings->config->scopes);
	return &host.prefs;
}

MainWindow *
outlook_compat_get_main_window(void)
{
	return NULL;
}

void
outlook_proxy_apply(OutlookAccount *account, PrefsAccount *prefs)
{
}

void
outlook_send_apply(PrefsAccount *prefs)
{
	g_assert_true(prefs == &host.prefs);
}

void
outlook_welcome_open_inbox(PrefsAccount *prefs)
{
	g_assert_true(prefs == &host.prefs);
}

gboolean
outlook_write_is_possible(void)
{
	return FALSE;
}

void
outlook_write_serve(OutlookFailureView *view)
{
}

int
main(int argc, char *argv[])
{
	g_autofree char *directory = g_dir_make_tmp("outlook-assistant-XXXXXX", NULL);
	int status;

	g_assert_nonnull(directory);
	g_setenv("XDG_CONFIG_DIRS", directory, TRUE);
	gtk_test_init(&argc, &argv, NULL);
	host.keyring = oauth_keyring_new_in_memory();
	g_test_add_data_func("/assistant/a sign-in outlives trouble that passes", "", test_sign_in_outlives_trouble);
	g_test_add_data_func("/assistant/a sign-in outlives trouble of the mailbox that passes", "/mailFolders/inbox",
			     test_sign_in_outlives_trouble);
	g_test_add_func("/assistant/somebody without a mailbox gets no account, and may be somebody else",
			test_nobody_without_a_mailbox);
	g_test_add_func("/assistant/a mailbox that is not found yet is one", test_a_new_mailbox);
	g_test_add_func("/assistant/who chooses fewer permissions needs no administrator",
			test_fewer_permissions_where_an_administrator_has_to_consent);
	g_test_add_func("/assistant/the address to register is the one in use, for the platform that fits",
			test_the_address_to_register);
	g_test_add_func("/assistant/another device signs in by the code that is shown", test_sign_in_on_another_device);
	status = g_test_run();
	g_assert_finalize_object(host.keyring);
	g_rmdir(directory);
	return status;
}
