/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

G_BEGIN_DECLS

/*
 * A move from one mailbox into another: an original goes when the server has its copy. Where that is refused or taken
 * back, one of the mailboxes is closed, removed from here or numbered anew, or the program ends before, the original
 * stays: a mail is twice there rather than not at all. Main thread alone.
 */

/* @numbers, @copies: of guint32, as many: messages in @folder of @from, and theirs in @destination of @to; both stores
 * are open */
void outlook_handover_add(OutlookAccount *from, gint64 folder, GArray *numbers, OutlookAccount *to, gint64 destination,
			  GArray *copies);

/* Whether a message waits to go: to the person it is moved already. */
gboolean outlook_handover_has(OutlookAccount *from, gint64 folder, guint32 number);

/* Removes the originals in @from whose copies have arrived by now. Returns how many still wait. */
guint outlook_handover_settle(OutlookAccount *from);

/* Before the store of @account closes for good: the originals that wait, in it or for copies in it, stay. */
void outlook_handover_leave(OutlookAccount *account);

/* All originals that are still here stay. */
void outlook_handover_forget(void);

G_END_DECLS
