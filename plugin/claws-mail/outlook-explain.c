/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-explain.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "oauth-error.h"
#include "store-error.h"

static const char *
next_step_of_sign_in(int code)
{
	switch ((OauthError)code) {
	case OAUTH_ERROR_SIGN_IN_REQUIRED:
		return _("Sign in again in the account's settings.");
	case OAUTH_ERROR_CONFIGURATION:
		return _("Correct the account's settings or the application's registration, then sign in again.");
	case OAUTH_ERROR_DENIED:
		return _("Consent was not given. Sign in again to give it, or ask the administrator.");
	case OAUTH_ERROR_WRONG_ACCOUNT:
		return _("Sign in as the person to whom this account belongs, or add another account.");
	case OAUTH_ERROR_UNAVAILABLE:
		return _("It will be tried again at the next check.");
	case OAUTH_ERROR_KEYRING:
		return _("Unlock the keyring, then check for mail again.");
	case OAUTH_ERROR_TIMED_OUT:
		return NULL; /* it says so itself */
	case OAUTH_ERROR_PROTOCOL:
		return _(
			"The sign-in server answered in an unexpected way. Check the identity address in the account's "
			"settings.");
	case OAUTH_ERROR_FAILED:
	default:
		return _("Trying again will not help; the account's settings may need a change.");
	}
}

static const char *
next_step_of_service(int code)
{
	switch ((GraphError)code) {
	case GRAPH_ERROR_UNAUTHORIZED:
		return _("Sign in again in the account's settings.");
	case GRAPH_ERROR_FORBIDDEN:
		return _("A permission is missing. Sign in again and give consent, or ask the administrator.");
	case GRAPH_ERROR_NOT_FOUND:
		return _("It is no longer on the server. Check for mail again.");
	case GRAPH_ERROR_EXISTS:
		return _("Choose another name.");
	case GRAPH_ERROR_CONFLICT:
		return _("It was changed elsewhere at the same time. Check for mail, then try again.");
	case GRAPH_ERROR_SYNC_RESET:
		return _("The folder will be read anew at the next check.");
	case GRAPH_ERROR_TOO_LARGE:
		return _("It is larger than the server takes.");
	case GRAPH_ERROR_QUOTA:
		return _("The mailbox is full. Delete some mail and empty Deleted Items.");
	case GRAPH_ERROR_NO_MAILBOX:
		return _("The mailbox may be on a server of the organization's own, or without a licence: ask the "
			 "administrator, or sign in with another account.");
	case GRAPH_ERROR_UNAVAILABLE:
		return _("It will be tried again at the next check.");
	case GRAPH_ERROR_UNCERTAIN:
		return _("The answer was lost. The next check finds out whether it was done.");
	case GRAPH_ERROR_PROTOCOL:
		return _(
			"The server answered in an unexpected way. Check the Graph address in the account's settings.");
	case GRAPH_ERROR_FAILED:
	default:
		return _("Trying again will not help.");
	}
}

static const char *
next_step_at_home(int code)
{
	switch ((StoreError)code) {
	case STORE_ERROR_NOT_FOUND:
		return _("Check for mail again.");
	case STORE_ERROR_IN_USE:
		return _("Close it, then start Claws Mail again.");
	case STORE_ERROR_TOO_NEW:
		return _("Install that version again.");
	case STORE_ERROR_DAMAGED:
		return _("Start Claws Mail again: what can be read is kept, the rest comes from the server.");
	case STORE_ERROR_DISK:
		return _("Check the free space and the permissions of the disk.");
	case STORE_ERROR_REFUSED:
		return _("This cannot be done here.");
	case STORE_ERROR_TOO_LARGE:
		return _("Make the mail smaller.");
	case STORE_ERROR_INVALID:
		return _("Correct the mail, then send it again.");
	case STORE_ERROR_UNSENT:
		return NULL;
	case STORE_ERROR_FAILED:
	default:
		return _("Trying again will not help.");
	}
}

static gboolean
is_sentence(const char *text)
{
	return g_str_has_suffix(text, ".") || g_str_has_suffix(text, "!") || g_str_has_suffix(text, "?") ||
	       g_str_has_suffix(text, "。");
}

char *
outlook_explain_with_step(const GError *error, const char *step)
{
	if (is_sentence(error->message))
		return g_strdup_printf("%s %s", error->message, step);
	return g_strdup_printf("%s. %s", error->message, step);
}

char *
outlook_explain(const GError *error)
{
	const char *step = NULL;

	if (error == NULL)
		return g_strdup(_("Something went wrong that left no message."));
	if (error->domain == OAUTH_ERROR)
		step = next_step_of_sign_in(error->code);
	else if (error->domain == GRAPH_ERROR)
		step = next_step_of_service(error->code);
	else if (error->domain == STORE_ERROR)
		step = next_step_at_home(error->code);

	return step != NULL ? outlook_explain_with_step(error, step) : g_strdup(error->message);
}
