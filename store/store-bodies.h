/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * StoreBodies:
 *
 * Whole messages as files, named by the key of their row: `bodies/<two digits>/<key>.eml` below an account's
 * directory. A file is written beside its place, brought to the disk, and renamed. Whether one counts is for
 * the row's %STORE_FLAG_BODY to say: an undone transaction may leave a file behind. Any thread.
 */
typedef struct _StoreBodies StoreBodies;

/* Throws away what an earlier run left unfinished. */
StoreBodies *store_bodies_new(const char *directory, GError **error);
void store_bodies_free(StoreBodies *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreBodies, store_bodies_free)

char *store_bodies_get_path(StoreBodies *self, gint64 key);

/* A file beside the others, to be filled and then kept or dropped; both free @temporary. */
GOutputStream *store_bodies_create(StoreBodies *self, char **temporary, GError **error);
gboolean store_bodies_keep(StoreBodies *self, char **temporary, GOutputStream *stream, gint64 key, GError **error);
void store_bodies_drop(char **temporary);

/* Takes @failure. What the file's stream said becomes %STORE_ERROR_DISK; everything else stays as it is. */
void store_bodies_propagate(GError **error, GError *failure);

/* Path of a file for reading: @lines, then the message. It stays until the message is another one or removed, and no
 * longer than this run. */
char *store_bodies_join(StoreBodies *self, gint64 key, const char *lines, GError **error);

gboolean store_bodies_copy(StoreBodies *self, gint64 key, gint64 copy);
void store_bodies_remove(StoreBodies *self, gint64 key);

G_END_DECLS
