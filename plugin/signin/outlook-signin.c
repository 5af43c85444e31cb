/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "oauth-error.h"
#include "oauth-session.h"
#include "outlook-profile.h"
#include "outlook-qr.h"

/* Exit statuses; 1 is for what cannot be done, as everywhere. */
#define STATUS_USAGE 2
#define STATUS_NOT_SIGNED_IN 3

static char *profile;
static char *settings_file;
static char *account_name;
static gboolean by_browser;
static gboolean by_device;
static gboolean ask_secret;
static gboolean list_only;

static const GOptionEntry options[] = {
	{"profile", 'p', 0, G_OPTION_ARG_FILENAME, &profile, N_("Directory of the Claws Mail profile"), N_("DIR")},
	{"account", 'a', 0, G_OPTION_ARG_STRING, &account_name, N_("Name of the account in the profile"), N_("NAME")},
	{"settings", 's', 0, G_OPTION_ARG_FILENAME, &settings_file,
	 N_("File with the account's settings, in place of a profile"), N_("FILE")},
	{"list", 'l', 0, G_OPTION_ARG_NONE, &list_only, N_("List the accounts of the profile and end"), NULL},
	{"browser", 'b', 0, G_OPTION_ARG_NONE, &by_browser, N_("Sign in with the browser of this computer"), NULL},
	{"device", 'd', 0, G_OPTION_ARG_NONE, &by_device, N_("Sign in by a code on another device"), NULL},
	{"client-secret", 'c', 0, G_OPTION_ARG_NONE, &ask_secret,
	 N_("Ask for the client secret, and keep it in the keyring"), NULL},
	{NULL},
};

G_GNUC_PRINTF(1, 2)
static void
complain(const char *format, ...)
{
	va_list arguments;
	g_autofree char *text = NULL;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_printerr("outlook-signin: %s\n", text);
}

static int
list_accounts(const GPtrArray *accounts)
{
	for (guint i = 0; i < accounts->len; i++) {
		const OutlookProfileAccount *account = g_ptr_array_index(accounts, i);

		g_print("%s\n", account->name != NULL ? account->name : "");
	}
	return EXIT_SUCCESS;
}

/* The one of that name, or the only one */
static const OutlookProfileAccount *
choose_account(const GPtrArray *accounts)
{
	if (accounts->len == 0) {
		complain("%s", _("There is no Outlook account in this profile."));
		return NULL;
	}
	if (account_name == NULL && accounts->len == 1)
		return g_ptr_array_index(accounts, 0);
	if (account_name == NULL) {
		complain("%s", _("There are several Outlook accounts. Name one with --account; --list shows them."));
		return NULL;
	}
	for (guint i = 0; i < accounts->len; i++) {
		const OutlookProfileAccount *account = g_ptr_array_index(accounts, i);

		if (g_strcmp0(account->name, account_name) == 0)
			return account;
	}
	complain(_("There is no Outlook account “%s” in this profile; --list shows them."), account_name);
	return NULL;
}

static OauthConfig *
read_settings_file(void)
{
	g_autofree char *text = NULL;
	g_autoptr(OutlookSettings) settings = NULL;
	g_autoptr(GError) error = NULL;

	if (g_file_get_contents(settings_file, &text, NULL, &error))
		settings = outlook_settings_parse(text, &error);
	if (settings == NULL) {
		complain("%s", error->message);
		return NULL;
	}
	return outlook_settings_to_config(settings, "Outlook");
}

static char *
get_profile(void)
{
	return profile != NULL ? g_strdup(profile) : g_build_filename(g_get_home_dir(), ".claws-mail", NULL);
}

/* Sets @status when there is nothing more to be done. */
static OauthConfig *
read_config(int *status)
{
	g_autofree char *directory = get_profile();
	g_autoptr(GPtrArray) accounts = NULL;
	const OutlookProfileAccount *account;
	g_autoptr(GError) error = NULL;

	*status = EXIT_FAILURE;
	if (settings_file != NULL)
		return read_settings_file();
	accounts = outlook_profile_read(directory, &error);
	if (accounts == NULL) {
		complain("%s", error->message);
		return NULL;
	}
	if (list_only) {
		*status = list_accounts(accounts);
		return NULL;
	}
	account = choose_account(accounts);
	return account != NULL ? outlook_settings_to_config(account->settings, account->name) : NULL;
}

/* Not on the command line, where every user of the machine sees it. */
static gboolean
store_secret(OauthKeyring *keyring, const OauthConfig *config)
{
	char *secret = getpass(_("Client secret: "));
	g_autoptr(GError) error = NULL;
	gboolean stored;

	if (secret == NULL || *secret == '\0') {
		complain("%s", _("No client secret was given."));
		return FALSE;
	}
	stored = oauth_keyring_store(keyring, config, OAUTH_SECRET_CLIENT, secret, NULL, &error);
	explicit_bzero(secret, strlen(secret));
	if (!stored)
		complain("%s", error->message);
	return stored;
}

/* The code goes to the terminal alone. */
static void
show_code(const OauthDeviceCode *code, gpointer data)
{
	guint minutes = (oauth_device_code_get_seconds_left(code) + 59) / 60;
	g_autoptr(OutlookQr) qr = outlook_qr_new(code->verification_uri);
	g_autofree char *drawn = NULL;

	g_print("%s\n\n    %s\n\n", _("On a phone or another computer, open this page:"), code->verification_uri);
	if (qr != NULL && isatty(STDOUT_FILENO) && g_get_charset(NULL)) {
		drawn = outlook_qr_to_text(qr);
		g_print("%s\n", drawn);
	}
	g_print("%s\n\n    %s\n\n", _("Type this code there, and sign in:"), code->user_code);
	g_print(ngettext("The code can be used for %u minute. Give it to nobody; Ctrl+C ends the sign-in.",
			 "The code can be used for %u minutes. Give it to nobody; Ctrl+C ends the sign-in.", minutes),
		minutes);
	g_print("\n");
}

static gboolean
open_uri(const char *uri, gpointer data, GError **error)
{
	g_autoptr(GError) cause = NULL;

	if (g_app_info_launch_default_for_uri(uri, NULL, &cause))
		g_print("%s\n", _("Sign in with the browser."));
	else
		g_print("%s\n\n%s\n\n", _("No browser could be started. Open this address in one on this computer:"),
			uri);
	return TRUE;
}

/* A new code as often as a person at the terminal wants one */
static gboolean
sign_in_by_device(OauthSession *session, GError **error)
{
	while (TRUE) {
		g_autoptr(GError) cause = NULL;

		if (oauth_session_sign_in_by_device(session, show_code, NULL, NULL, &cause))
			return TRUE;
		if (!g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT) || !isatty(STDIN_FILENO)) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
		g_print("%s ", _("The code has expired. Press Enter for a new one, Ctrl+C to end."));
		if (getchar() == EOF) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
	}
}

static gboolean
has_display(void)
{
	return g_getenv("DISPLAY") != NULL || g_getenv("WAYLAND_DISPLAY") != NULL;
}

static int
sign_in(const OauthConfig *config, OauthKeyring *keyring)
{
	g_autoptr(OauthSession) session = oauth_session_new(config, keyring, NULL);
	g_autoptr(OauthIdentity) identity = NULL;
	g_autofree char *reason = NULL;
	g_autoptr(GError) error = NULL;
	gboolean device = by_device || (!by_browser && !has_display());
	gboolean signed_in = device ? sign_in_by_device(session, &error)
				    : oauth_session_sign_in(session, open_uri, NULL, NULL, &error);

	if (!signed_in) {
		complain("%s", error->message);
		return STATUS_NOT_SIGNED_IN;
	}
	if (oauth_keyring_is_volatile(keyring, &reason)) {
		complain("%s", reason);
		return EXIT_FAILURE;
	}
	identity = oauth_session_get_identity(session);
	if (identity != NULL && identity->username != NULL)
		g_print(_("Signed in as %s."), identity->username);
	else
		g_print("%s", _("Signed in."));
	g_print("\n");
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(GError) error = NULL;
	int status;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	g_option_context_add_main_entries(context, options, GETTEXT_PACKAGE);
	g_option_context_set_summary(
		context, _("Signs an Outlook account in without the mail client, and keeps the sign-in in the keyring, "
			   "where the mail client finds it. Without a display, or with --device, by a code that is "
			   "typed at another device; else with the browser."));
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		complain("%s", error->message);
		return STATUS_USAGE;
	}
	if (argc > 1 || (by_browser && by_device) || (settings_file != NULL && (account_name != NULL || list_only))) {
		complain("%s", _("These arguments do not go together; --help explains them."));
		return STATUS_USAGE;
	}
	config = read_config(&status);
	if (config == NULL)
		return status;
	keyring = oauth_keyring_new();
	if (ask_secret && !store_secret(keyring, config))
		return EXIT_FAILURE;
	return sign_in(config, keyring);
}
