/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OutlookSpool:
 *
 * A mail that comes in, in a file without a name: nothing is left of it when it was let go, nor when the program was
 * killed.
 */
typedef struct _OutlookSpool OutlookSpool;

/* @directory is there; the file takes space of its disk. %NULL with a %G_IO_ERROR */
OutlookSpool *outlook_spool_new(const char *directory, GError **error);
void outlook_spool_free(OutlookSpool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookSpool, outlook_spool_free)

gboolean outlook_spool_append(OutlookSpool *self, gconstpointer bytes, gsize length, GError **error);
gsize outlook_spool_get_size(OutlookSpool *self);

/* What was appended so far (transfer full), mapped and not read into memory; outlives @self. */
GBytes *outlook_spool_map(OutlookSpool *self, GError **error);

G_END_DECLS
