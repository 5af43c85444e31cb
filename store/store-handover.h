/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-account.h"

G_BEGIN_DECLS

/*
 * Moves into another mailbox: an original is kept until the service has its copy, and the store of the original
 * remembers which that is, also when the program ends before. For the host's thread. A @mailbox is a name, of the
 * host's choice, for the store of the copies, which is @other.
 */

/*
 * @numbers, @copies: of guint32, as many: messages in @folder, and theirs in @destination of @other. Those of which
 * one is gone are left out.
 */
gboolean store_handover_add(StoreAccount *self, gint64 folder, GArray *numbers, const char *mailbox,
			    StoreAccount *other, gint64 destination, GArray *copies, GError **error);

GStrv store_handover_list_mailboxes(StoreAccount *self); /* that copies are awaited in; not %NULL */
guint store_handover_count(StoreAccount *self, const char *mailbox);

/* Numbers of the originals in @folder whose copies are awaited in one of @mailboxes; a set of GUINT_TO_POINTER. */
GHashTable *store_handover_list_numbers(StoreAccount *self, gint64 folder, const char *const *mailboxes);

/*
 * Removes the originals whose copies the service has, and goes on with a copy that was moved into a third mailbox
 * itself. An original whose copy was refused or removed stays. @removed, @stayed: how many.
 */
gboolean store_handover_settle(StoreAccount *self, const char *mailbox, StoreAccount *other, guint *removed,
			       guint *stayed, GError **error);

/* All originals stay that wait for @mailbox; @stayed: how many. */
gboolean store_handover_drop(StoreAccount *self, const char *mailbox, guint *stayed, GError **error);

G_END_DECLS
