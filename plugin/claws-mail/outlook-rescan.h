/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-item.h"

G_BEGIN_DECLS

/*
 * The store has changed: the host reads the folder again, from idle, not while it is busy, and not more often
 * than it has time for. The host's own scan filters and announces new mail and refreshes the list on screen.
 */
void outlook_rescan_later(OutlookItem *item);

/* For each update of an item that the host tells of. */
void outlook_rescan_note_update(FolderItem *item, FolderItemUpdateFlags flags);

void outlook_rescan_forget(void); /* drops what was asked for */

G_END_DECLS
