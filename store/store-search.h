/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-account.h"

G_BEGIN_DECLS

typedef enum {
	STORE_SEARCH_BODY,    /* the text of the mail */
	STORE_SEARCH_MESSAGE, /* that, the subject and the sender */
} StoreSearchScope;

/**
 * StoreFound:
 * @numbers: (element-type guint): set of numbers of the folder; %NULL: the server cannot tell, any may hold the text
 * @exact: those that were found hold the text; else they may
 * @limited: the service named as many as it ever does: there may be others
 */
typedef struct {
	GHashTable *numbers;
	gboolean exact;
	gboolean limited;
} StoreFound;

void store_found_free(StoreFound *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreFound, store_found_free)

/*
 * For worker threads: asks the server which messages of the folder hold @text, those included that were moved here and
 * that the server still has elsewhere. What the server does not have at all, or not in its index yet, is not found.
 */
StoreFound *store_account_search(StoreAccount *self, gint64 folder, StoreSearchScope scope, const char *text,
				 GCancellable *cancellable, GError **error);

G_END_DECLS
