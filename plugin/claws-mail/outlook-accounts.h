/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"
#include <folder.h>
#include <prefs_account.h>

G_BEGIN_DECLS

/* RFC 6761: a start without the plugin reaches nobody */
#define OUTLOOK_NO_SERVER "outlook.invalid"

/* PrefsAccount and Folder of the host ↔ OutlookAccount. Main thread alone. */

void outlook_accounts_init(void);
void outlook_accounts_done(void);

gboolean outlook_accounts_is_ours(PrefsAccount *prefs);	    /* by its "outlook" privacy_prefs */
OutlookAccount *outlook_accounts_find(PrefsAccount *prefs); /* transfer none, %NULL if not ours */
OutlookAccount *outlook_accounts_find_by_folder(Folder *folder);
OutlookAccount *outlook_accounts_find_by_id(int account_id);

/* Transfer none: where all accounts keep their secrets; a sign-in before its account has them there, too. */
OauthKeyring *outlook_accounts_get_keyring(void);

/*
 * Makes the host's account and its mailbox, saves both, shows them. @name: account and mailbox; @address,
 * @full_name: may be %NULL until the service has told.
 */
PrefsAccount *outlook_accounts_create(const OutlookSettings *settings, const char *name, const char *address,
				      const char *full_name, GError **error);

/*
 * Makes one of ours of an account that the host just added, whose table has the settings. @secret: (nullable): the
 * client secret
 */
void outlook_accounts_take_over(PrefsAccount *prefs, const char *secret);

/* After the account itself changed its settings (a shared mailbox): account → table → trees. */
void outlook_accounts_keep_settings(PrefsAccount *prefs);

/* After the dialog's OK: table → settings → account. Opens the browser for permissions that were switched on. */
void outlook_accounts_reload(PrefsAccount *prefs);

/* Transfer container: its trees, those of shared mailboxes included. */
GList *outlook_accounts_list_folders(PrefsAccount *prefs);

/* Mails in the queues of all its mailboxes: they are nowhere else. */
guint outlook_accounts_count_queued(PrefsAccount *prefs);

/* After a sign-out: outlook_account_forget_mail(), and what the host has of the mailboxes, their queues included. */
gboolean outlook_accounts_forget_mail(PrefsAccount *prefs, GError **error);

/* The account was deleted in the host: forget tokens and store. */
void outlook_accounts_removed(int account_id);

/* What the mailbox tells: the host asks for @item (it may be inside a check), shows it, leaves it. */
void outlook_accounts_note_check(Folder *folder, FolderItem *item);
void outlook_accounts_note_opened(FolderItem *item);
void outlook_accounts_note_closed(FolderItem *item);

/* The name of the directory of the host's own files of a mailbox; %NULL for one without account. */
const char *outlook_accounts_get_cache_name(Folder *folder);

G_END_DECLS
