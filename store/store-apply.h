/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-message.h"
#include "store-changes.h"
#include "store-db.h"
#include "store-settled.h"

G_BEGIN_DECLS

/**
 * StorePage:
 * @folder: whose page it is
 * @generation: of the folder's initial round
 * @announce: a message that is not known yet and not read is NEW
 * @since: from store_settled_begin(), before the page was asked for
 *
 * The circumstances under which messages of the server become rows.
 */
typedef struct {
	StoreDb *db;
	gint64 folder;
	gint64 generation;
	gboolean announce;
	StoreSettled *settled;
	guint64 since;
	StoreChanges *changes;
} StorePage;

/* Whole or partial, new or known, removed or not; twice is as good as once. Inside a transaction. */
gboolean store_apply_message(const StorePage *page, const GraphMessage *message, GError **error);

/* Writes into the row what the server says of the message itself, not where it is. */
gboolean store_apply_record(StoreDb *db, gint64 key, const GraphMessage *message, StoreFlags spared, GError **error);

/* Messages of the round's folder that an initial round did not show are somewhere else, or gone. */
gboolean store_apply_sweep(const StorePage *page, GError **error);

G_END_DECLS
