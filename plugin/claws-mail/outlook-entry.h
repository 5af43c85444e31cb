/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

#include <folder.h>
#include <prefs_account.h>

G_BEGIN_DECLS

/* Until the service has told the address; the host's form wants one. */
#define OUTLOOK_NO_ADDRESS "unknown@outlook.invalid"

/**
 * OutlookEntry:
 * @cache_name: of the directory of the host's own files
 * @opened: key of the folder on screen, 0 for none
 * @shared: of OutlookEntry: the account's shared mailboxes; empty in one of these
 *
 * An account or one of its shared mailboxes, with what it tells the host. Inside outlook-accounts.c alone.
 */
typedef struct {
	OutlookAccount *account;
	char *cache_name;
	gint64 opened;
	GPtrArray *shared;
} OutlookEntry;

OutlookEntry *outlook_entry_new(PrefsAccount *prefs, const OutlookSettings *settings);
void outlook_entry_free(gpointer data);

/* After a shared mailbox was added or removed. */
void outlook_entry_update_shared(OutlookEntry *self);

/* After the folders on screen went. */
void outlook_entry_note_closed(OutlookEntry *self);

/* That of @folder, which belongs to the account: the entry itself, or one of its shared mailboxes; nullable */
OutlookEntry *outlook_entry_find(OutlookEntry *self, Folder *folder);

gboolean outlook_entry_is_blank(const char *address);
gboolean outlook_entry_fill_if_blank(char **field, const char *value);

G_END_DECLS
