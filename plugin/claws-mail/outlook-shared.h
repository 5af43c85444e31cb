/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"
#include "outlook-compat.h"

G_BEGIN_DECLS

/* The trees of shared mailboxes in the host, and what a person does about them. */

/* Makes the host's trees agree with the account's shared mailboxes. */
void outlook_shared_update(PrefsAccount *prefs);

/* Removes the trees whose account the host has forgotten. */
void outlook_shared_drop_orphans(void);

Folder *outlook_shared_find_folder(PrefsAccount *prefs, const char *mailbox); /* nullable */

/* Asks for an address, then for permission where it is needed; says how it went. */
/* @done: (nullable): hears how it went, unless the person cancelled, and says so in place of this. */
void outlook_shared_add(PrefsAccount *prefs, OutlookAccountDone done);

/* Asks, then takes the tree away; the mailbox stays at the server. @mailbox: its address */
void outlook_shared_remove(PrefsAccount *prefs, const char *mailbox);

G_END_DECLS
