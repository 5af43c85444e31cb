/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-shared.h"

#include <glib/gi18n-lib.h>

#include "outlook-accounts.h"
#include "outlook-explain.h"
#include "outlook-folder.h"
#include "outlook-queue.h"
#include "outlook-report.h"
#include "outlook-tree.h"

#include <account.h>
#include <alertpanel.h>
#include <common/utils.h>
#include <folderview.h>
#include <gtk/inputdialog.h>

static gboolean
is_shared(Folder *folder)
{
	return outlook_folder_is_ours(folder) && outlook_folder_get_mailbox(folder) != NULL;
}

Folder *
outlook_shared_find_folder(PrefsAccount *prefs, const char *mailbox)
{
	for (GList *cur = folder_get_list(); cur != NULL; cur = cur->next) {
		Folder *folder = cur->data;

		if (is_shared(folder) && folder->account == prefs &&
		    g_ascii_strcasecmp(outlook_folder_get_mailbox(folder), mailbox) == 0)
			return folder;
	}
	return NULL;
}

/* The list on screen must not be left with a folder that is gone. */
static void
destroy(Folder *folder)
{
	outlook_tree_leave(folder);
	folder_destroy(folder);
}

static void
show_trees(void)
{
	folder_write_list();
	if (outlook_compat_get_main_window() != NULL)
		folderview_set_all();
}

static gboolean
drop(PrefsAccount *prefs, OutlookAccount *account)
{
	g_autoptr(GList) folders = g_list_copy(folder_get_list());
	gboolean dropped = FALSE;

	for (GList *cur = folders; cur != NULL; cur = cur->next) {
		Folder *folder = cur->data;

		if (!is_shared(folder) || folder->account != prefs ||
		    (account != NULL &&
		     outlook_account_find_shared(account, outlook_folder_get_mailbox(folder)) != NULL))
			continue;
		destroy(folder);
		dropped = TRUE;
	}
	return dropped;
}

void
outlook_shared_drop_orphans(void)
{
	if (drop(NULL, NULL))
		show_trees();
}

void
outlook_shared_update(PrefsAccount *prefs)
{
	OutlookAccount *account = outlook_accounts_find(prefs);
	gboolean changed;

	if (account == NULL)
		return;
	changed = drop(prefs, account);
	for (char **address = outlook_account_get_settings(account)->shared; *address != NULL; address++) {
		Folder *folder = outlook_shared_find_folder(prefs, *address);

		if (folder == NULL) {
			folder = outlook_folder_create_shared(prefs, *address);
			changed = TRUE;
		}
		outlook_tree_update_later(folder);
	}
	if (changed)
		show_trees();
}

typedef struct {
	OutlookAccountDone done;
} Addition;

static void
added(OutlookAccount *account, const GError *error, gpointer data)
{
	g_autofree Addition *addition = data;
	PrefsAccount *prefs = account_find_from_id(outlook_account_get_id(account));
	g_autofree char *text = error != NULL ? outlook_explain(error) : NULL;

	outlook_report_progress(NULL, 0, 0);
	if (prefs == NULL || outlook_account_is_closed(account) ||
	    g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (error == NULL)
		outlook_accounts_keep_settings(prefs);
	if (addition->done != NULL) {
		addition->done(account, error, NULL);
	} else if (error != NULL) {
		outlook_report_failure(prefs->account_name, text);
		alertpanel_error("%s", text);
	}
}

void
outlook_shared_add(PrefsAccount *prefs, OutlookAccountDone done)
{
	Addition *addition;
	OutlookAccount *account = outlook_accounts_find(prefs);
	int id = prefs->account_id;
	g_autofree char *address = NULL;

	if (account == NULL)
		return;
	address = input_dialog(
		_("Add shared mailbox"),
		_("Address of the shared mailbox. Where a permission is missing, the browser asks for it:"), "");
	account = outlook_accounts_find_by_id(id);
	if (address == NULL || account == NULL || *g_strstrip(address) == '\0')
		return;
	outlook_report_progress(_("Opening the shared mailbox"), 0, 0);
	addition = g_new0(Addition, 1);
	addition->done = done;
	outlook_account_add_shared(account, address, added, addition);
}

/* The host's own files of the mailbox. @name: (nullable): below the directory of all of them */
static void
remove_cache(const char *name)
{
	g_autofree char *path = name != NULL ? g_build_filename(get_rc_dir(), "outlook-cache", name, NULL) : NULL;

	if (path != NULL && g_file_test(path, G_FILE_TEST_IS_DIR))
		remove_dir_recursive(path);
}

static gboolean
ask_to_remove(const char *question)
{
	return alertpanel_full(_("Remove shared mailbox"), question, NULL, _("_Cancel"), "edit-delete", _("_Remove"),
			       NULL, NULL, ALERTFOCUS_FIRST, FALSE, NULL, ALERT_WARNING) == G_ALERTALTERNATE;
}

/* @n_queued: mails in the mailbox's queue */
static gboolean
may_be_lost(guint n_waiting, guint n_queued)
{
	g_autofree char *changes = g_strdup_printf(
		ngettext("%u change that was made here is not at the server, and would be lost.",
			 "%u changes that were made here are not at the server, and would be lost.", n_waiting),
		n_waiting);
	g_autofree char *mails = g_strdup_printf(ngettext("%u mail is in the queue, and would be lost.",
							  "%u mails are in the queue, and would be lost.", n_queued),
						 n_queued);
	g_autofree char *both = g_strdup_printf("%s\n\n%s", changes, mails);

	if (n_waiting == 0 && n_queued == 0)
		return TRUE;
	return ask_to_remove(n_queued == 0 ? changes : n_waiting == 0 ? mails : both);
}

static guint
count_queued(const char *cache)
{
	g_autofree char *queue =
		cache != NULL ? g_build_filename(get_rc_dir(), "outlook-cache", cache, OUTLOOK_QUEUE_DIRECTORY, NULL)
			      : NULL;

	return queue != NULL ? outlook_queue_count(queue) : 0;
}

void
outlook_shared_remove(PrefsAccount *prefs, const char *mailbox)
{
	Folder *folder = outlook_shared_find_folder(prefs, mailbox);
	g_autofree char *cache = folder != NULL ? g_strdup(outlook_accounts_get_cache_name(folder)) : NULL;
	g_autofree char *question = NULL;
	OutlookAccount *account;
	guint waiting;
	int id = prefs->account_id;

	question = g_markup_printf_escaped(_("The mailbox “%s” is not shown here any more, and what is here of it is "
					     "removed. At the server nothing changes.\n\nDo you want to remove it?"),
					   mailbox);
	if (!ask_to_remove(question))
		return;
	account = outlook_accounts_find_by_id(id);
	if (account == NULL)
		return;
	outlook_report_progress(_("Sending the changes"), 0, 0);
	waiting = outlook_account_settle_shared(account, mailbox);
	outlook_report_progress(NULL, 0, 0);
	if (!may_be_lost(waiting, count_queued(cache)))
		return;
	prefs = account_find_from_id(id);
	account = outlook_accounts_find(prefs);
	if (account == NULL)
		return;
	outlook_account_remove_shared(account, mailbox);
	outlook_accounts_keep_settings(prefs);
	remove_cache(cache);
}
