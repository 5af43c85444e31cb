/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

G_BEGIN_DECLS

/*
 * A move from one mailbox into another: an original goes when the server has its copy, in this run of the program or a
 * later one. Where the copy is refused or taken back, or one of the mailboxes is removed from here, the original stays:
 * a mail is twice there rather than not at all. Main thread alone.
 */

/* An account that can be moved from and into; until it parts. */
void outlook_handover_join(OutlookAccount *account);
void outlook_handover_part(OutlookAccount *account);

/* @numbers, @copies: of guint32, as many: messages in @folder of @from, and theirs in @destination of @to; both stores
 * are open */
gboolean outlook_handover_add(OutlookAccount *from, gint64 folder, GArray *numbers, OutlookAccount *to,
			      gint64 destination, GArray *copies, GError **error);

/* Which messages wait to go, a set of GUINT_TO_POINTER: to the person they are moved already. */
GHashTable *outlook_handover_list(OutlookAccount *from, gint64 folder);

/* Where the copies are awaited of what leaves @from, as far as it is open; of OutlookAccount, transfer full */
GPtrArray *outlook_handover_list_destinations(OutlookAccount *from);

/* Removes the originals in @from whose copies have arrived by now. Returns how many still wait. */
guint outlook_handover_settle(OutlookAccount *from);

/* To the person, of originals in @from that wait no longer for their copies. */
void outlook_handover_tell_stayed(OutlookAccount *from);

/*
 * Before the mail of @account is removed from here: what has arrived in it was moved, and the originals whose copies
 * are on their way into it stay.
 */
void outlook_handover_leave(OutlookAccount *account);

G_END_DECLS
