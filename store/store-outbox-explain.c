/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "store-error.h"
#include "store-outbox.h"

#define SCOPE "Mail.Send.Shared"

/* Codes of the service that say more than the next step (API.md 14.3); each with what a person can do. */
static const struct {
	const char *code;
	const char *sentence;
} rows[] = {
	{"ErrorSendAsDenied", N_("You do not have the right to send as this sender. Choose your own address, or ask an "
				 "administrator for the right to send as it or on its behalf.")},
	{"ErrorMessageSizeExceeded",
	 N_("The mail is larger than your organization allows. Send the attachments in several mails, or share them by "
	    "a link.")},
	{"ErrorInvalidRecipients",
	 N_("Outlook does not accept the address of a recipient. Correct it and send the mail again.")},
	{"ErrorQuotaExceeded", N_("Your mailbox is full, so that nothing can be sent. Remove what you do not need any "
				  "more, also from Deleted Items.")},
	{"ErrorMessageSubmissionBlocked",
	 N_("Your organization blocked this mailbox from sending. Ask an administrator.")},
	{"ErrorAccountSuspend",
	 N_("Microsoft suspended this account from sending. Sign in to the mailbox in the browser "
	    "to see why.")},
	{"ErrorExceededMessageLimit", N_("This mailbox has sent as much as it may for today. Send the mail later.")},
	{"ErrorMessageLimitExceeded", N_("This mailbox has sent as much as it may for today. Send the mail later.")},
};

gboolean
store_outbox_check_scope(StoreAccount *self, StoreLetter *letter, GError **error)
{
	if (letter->from == NULL || letter->is_alias || graph_client_has_scope(self->client, SCOPE))
		return TRUE;
	g_set_error(
		error, STORE_ERROR, STORE_ERROR_REFUSED,
		_("To send as %s the account needs the permission %s, which it was not given. Add the permission on "
		  "the "
		  "Outlook page of the account's settings, sign in again there and agree; then send the mail again."),
		letter->from->address, SCOPE);
	return FALSE;
}

/* The permission of the application, before the rights of the person (API.md 6.1, SCOPES.md 5). */
static gboolean
is_for_want_of_scope(StoreAccount *self, const GError *error, StoreLetter *letter, GError **reason)
{
	return (strstr(error->message, "ErrorSendAsDenied") != NULL ||
		g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN)) &&
	       !store_outbox_check_scope(self, letter, reason);
}

void
store_outbox_explain(StoreAccount *self, GError **error, StoreLetter *letter)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) reason = NULL;

	if ((*error)->domain != GRAPH_ERROR)
		return;
	if (is_for_want_of_scope(self, *error, letter, &reason)) {
		g_clear_error(error);
		*error = g_steal_pointer(&reason);
		return;
	}
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (strstr((*error)->message, rows[i].code) == NULL)
			continue;
		/* Translators: what to do; then what was asked and answered */
		text = g_strdup_printf(_("%s (%s)"), _(rows[i].sentence), (*error)->message);
		g_clear_error(error);
		*error = g_error_new_literal(STORE_ERROR, STORE_ERROR_UNSENT, text);
		return;
	}
}
