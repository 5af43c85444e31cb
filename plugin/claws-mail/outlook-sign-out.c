/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-sign-out.h"

#include <glib/gi18n-lib.h>

#include "outlook-accounts.h"
#include "outlook-page.h"

#include <account.h>
#include <alertpanel.h>

typedef enum { STAY, KEEP, REMOVE } Choice;

typedef struct {
	Choice choice;
	OutlookAccountDone done;
	gpointer user_data;
} SignOut;

static void
add_text(GString *question, char *text)
{
	g_string_append_printf(question, "\n\n%s", text);
	g_free(text);
}

/* @waiting: changes that go to the server by themselves; @queued: mails that do not */
static char *
make_question(guint waiting, guint queued)
{
	g_autoptr(GString) question = NULL;

	if (waiting == 0 && queued == 0)
		return g_strdup(_("What is to become of the copy of the mail on this computer?\n\nKept, it can be read "
				  "without a sign-in. Removed, it comes from the server again when you sign in."));
	question = g_string_new(_("What is to become of the copy of the mail on this computer?"));
	if (waiting > 0)
		add_text(question,
			 g_strdup_printf(
				 ngettext("%u change or mail has not reached the server yet. Kept, it is sent when you "
					  "sign in again. Removed, it is lost.",
					  "%u changes or mails have not reached the server yet. Kept, they are sent "
					  "when you sign in again. Removed, they are lost.",
					  waiting),
				 waiting));
	if (queued > 0)
		add_text(question,
			 g_strdup_printf(ngettext("%u mail is in the queue. Kept, it stays there until you send it. "
						  "Removed, it is lost.",
						  "%u mails are in the queue. Kept, they stay there until you send "
						  "them. Removed, they are lost.",
						  queued),
					 queued));
	return g_strdup(question->str);
}

static Choice
ask(guint waiting, guint queued, gboolean has_tokens)
{
	g_autofree char *question = make_question(waiting, queued);
	const char *remove = waiting + queued > 0 ? _("_Remove it, and lose these") : _("_Remove it");
	const char *keep = has_tokens ? _("_Keep it") : NULL;
	AlertValue answer = alertpanel_full(
		_("Sign out"), question, NULL, _("_Cancel"), keep != NULL ? NULL : "edit-delete",
		keep != NULL ? keep : remove, keep != NULL ? "edit-delete" : NULL, keep != NULL ? remove : NULL,
		keep != NULL ? ALERTFOCUS_SECOND : ALERTFOCUS_FIRST, FALSE, NULL, ALERT_QUESTION);

	if (answer == G_ALERTALTERNATE)
		return keep != NULL ? KEEP : REMOVE;
	return answer == G_ALERTOTHER ? REMOVE : STAY;
}

/*
 * A keyring that does not give up its token keeps nobody from removing the copy; one that was not waited for does,
 * since the sign-in may be there still.
 */
static void
on_signed_out(OutlookAccount *account, const GError *error, gpointer data)
{
	g_autofree SignOut *sign_out = data;
	PrefsAccount *prefs = account_find_from_id(outlook_account_get_id(account));
	g_autoptr(GError) removal = NULL;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_autoptr(GError) unheard =
			g_error_new_literal(G_IO_ERROR, G_IO_ERROR_BUSY, _("The keyring has not answered yet."));

		sign_out->done(account, unheard, sign_out->user_data);
		return;
	}
	if (sign_out->choice == REMOVE && prefs != NULL && outlook_accounts_find(prefs) == account)
		outlook_accounts_forget_mail(prefs, &removal);
	sign_out->done(account, error != NULL ? error : removal, sign_out->user_data);
}

gboolean
outlook_sign_out_ask(PrefsAccount *prefs, OutlookAccountDone done, gpointer user_data)
{
	int id = prefs->account_id;
	guint waiting = outlook_account_settle(outlook_accounts_find(prefs));
	OutlookAccount *account = outlook_accounts_find_by_id(id);
	Choice choice = KEEP;
	gboolean has_tokens;
	SignOut *sign_out;
	guint queued;

	/* Time has passed. */
	if (account == NULL || !outlook_page_is_editing(account_find_from_id(id)))
		return FALSE;
	queued = outlook_accounts_count_queued(account_find_from_id(id));
	has_tokens = outlook_account_has_tokens(account);
	if (waiting + queued > 0 || outlook_account_has_copy(account))
		choice = ask(waiting, queued, has_tokens);
	account = outlook_accounts_find_by_id(id);
	if (choice == STAY || account == NULL)
		return FALSE;
	sign_out = g_new0(SignOut, 1);
	sign_out->choice = choice;
	sign_out->done = done;
	sign_out->user_data = user_data;
	if (has_tokens)
		outlook_account_sign_out(account, on_signed_out, sign_out);
	else
		on_signed_out(account, NULL, sign_out);
	return TRUE;
}
