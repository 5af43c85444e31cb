/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-message.h"
#include "store-account-private.h"

G_BEGIN_DECLS

/**
 * StorePages:
 *
 * The pages of one folder's round as the server has them. While one is being applied the next is fetched, on one
 * thread for all of them, since an HTTP/2 connection belongs to its thread. For one thread at a time.
 */
typedef struct _StorePages StorePages;

/* @expanded: links may be those of a round with `expand=`. What is still on its way when it is freed is cancelled. */
StorePages *store_pages_new(StoreAccount *account, const char *folder_id, gboolean expanded, GCancellable *cancellable);
void store_pages_free(StorePages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StorePages, store_pages_free)

/*
 * The page behind @link (nullable: the first one of an initial round). @since: from store_settled_begin(), before
 * it was asked for; good until the next call, or the end. Time-outs of large pages are answered with smaller ones.
 */
GraphMessagePage *store_pages_fetch(StorePages *self, const char *link, guint64 *since, GError **error);

/* Whether a new round of @account asks for sizes and answered state by `expand=`. */
gboolean store_pages_are_extended(StoreAccount *account);

G_END_DECLS
