/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-sign-out.h"

#include <glib/gi18n-lib.h>

#include "outlook-accounts.h"
#include "outlook-queue.h"

#include <account.h>
#include <alertpanel.h>

typedef enum { STAY, KEEP, REMOVE } Choice;

typedef struct {
	Choice choice;
	OutlookAccountDone done;
	gpointer user_data;
} SignOut;

/* Mails in the queues of the account's mailboxes, which are nowhere else. */
static guint
count_queued(PrefsAccount *prefs)
{
	g_autoptr(GList) folders = outlook_accounts_list_folders(prefs);
	guint count = 0;

	for (GList *cur = folders; cur != NULL; cur = cur->next) {
		Folder *folder = cur->data;
		g_autoptr(GSList) numbers = NULL;

		if (folder->queue != NULL)
			count += outlook_queue_list_numbers(folder->queue, &numbers);
	}
	return count;
}

static char *
make_question(guint waiting)
{
	g_autofree char *lost = NULL;

	if (waiting == 0)
		return g_strdup(_("What is to become of the copy of the mail on this computer?\n\nKept, it can be read "
				  "without a sign-in. Removed, it comes from the server again when you sign in."));
	lost = g_strdup_printf(ngettext("%u change or mail has not reached the server yet. Kept, it is sent when you "
					"sign in again. Removed, it is lost.",
					"%u changes or mails have not reached the server yet. Kept, they are sent when "
					"you sign in again. Removed, they are lost.",
					waiting),
			       waiting);
	return g_strdup_printf("%s\n\n%s", _("What is to become of the copy of the mail on this computer?"), lost);
}

static Choice
ask(guint waiting)
{
	g_autofree char *question = make_question(waiting);
	const char *remove = waiting > 0 ? _("_Remove it, and lose these") : _("_Remove it");

	switch (alertpanel_full(_("Sign out"), question, NULL, _("_Cancel"), NULL, _("_Keep it"), "edit-delete", remove,
				ALERTFOCUS_SECOND, FALSE, NULL, ALERT_QUESTION)) {
	case G_ALERTALTERNATE:
		return KEEP;
	case G_ALERTOTHER:
		return REMOVE;
	default:
		return STAY;
	}
}

static void
on_signed_out(OutlookAccount *account, const GError *error, gpointer data)
{
	g_autofree SignOut *sign_out = data;
	PrefsAccount *prefs = account_find_from_id(outlook_account_get_id(account));
	g_autoptr(GError) removal = NULL;

	if (error == NULL && sign_out->choice == REMOVE && prefs != NULL && outlook_accounts_find(prefs) == account)
		outlook_accounts_forget_mail(prefs, &removal);
	sign_out->done(account, error != NULL ? error : removal, sign_out->user_data);
}

void
outlook_sign_out_ask(PrefsAccount *prefs, OutlookAccountDone done, gpointer user_data)
{
	OutlookAccount *account = outlook_accounts_find(prefs);
	int id = prefs->account_id;
	Choice choice = ask(outlook_account_settle(account) + count_queued(prefs));
	SignOut *sign_out;

	/* Time has passed. */
	account = outlook_accounts_find_by_id(id);
	if (choice == STAY || account == NULL)
		return;
	sign_out = g_new0(SignOut, 1);
	sign_out->choice = choice;
	sign_out->done = done;
	sign_out->user_data = user_data;
	outlook_account_sign_out(account, on_signed_out, sign_out);
}
