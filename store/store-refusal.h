/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-journal.h"

G_BEGIN_DECLS

/**
 * store_refusal_describe:
 * @entry: what was not done; its message is still in @db, its folder is, or was dropped and left its name in the entry
 * @reason: the end of the sentence, with its full stop
 *
 * Returns: (transfer full): a sentence for a person, translated
 */
char *store_refusal_describe(StoreDb *db, const StoreEntry *entry, const char *reason);

G_END_DECLS
