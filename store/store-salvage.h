/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-db.h"

G_BEGIN_DECLS

/**
 * StoreSalvage:
 *
 * What can be got out of a damaged database: a copy of it, whose beginning may be mended.
 */
typedef struct _StoreSalvage StoreSalvage;

/* @fresh: path of a new database of this version, closed. Returns: %NULL when nothing in @path can be read. */
StoreSalvage *store_salvage_open(const char *path, const char *fresh);
void store_salvage_free(StoreSalvage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSalvage, store_salvage_free)

/*
 * Copies into @db what can be read and is not at the server, or is nowhere else written down; inside a transaction. The
 * rows may contradict each other. @gaps becomes %TRUE when there was something that could not be read. %FALSE only
 * when @db fails.
 */
gboolean store_salvage_run(StoreSalvage *self, StoreDb *db, gboolean *gaps, GError **error);

G_END_DECLS
