/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "home.h"

G_BEGIN_DECLS

/**
 * OracleFolders:
 *
 * What was wanted of the folders: the last name and place that the host gave one, or another client; either, where the
 * host's may have been on its way. One that another client removed stays removed, whatever the host wanted of it.
 */
typedef struct _OracleFolders OracleFolders;

OracleFolders *oracle_folders_new(Home *home);
void oracle_folders_free(OracleFolders *self);
void oracle_folders_look(OracleFolders *self); /* which is which by now */

void oracle_folders_name(OracleFolders *self, gint64 key, const char *name);
void oracle_folders_put(OracleFolders *self, gint64 key, gint64 parent);
void oracle_folders_hear(OracleFolders *self, const char *text); /* a refusal */

/* @parent: an id, also `msgfolderroot`. */
void oracle_folders_they_name(OracleFolders *self, const char *id, const char *before, const char *name);
void oracle_folders_they_put(OracleFolders *self, const char *id, const char *parent);
gint64 oracle_folders_they_remove(OracleFolders *self, const char *id); /* its key; 0: never seen here */

/* Whether something about the folder, or one above it, was refused. */
gboolean oracle_folders_is_loose(OracleFolders *self, gint64 key);
gboolean oracle_folders_is_removed(OracleFolders *self, gint64 key);
char *oracle_folders_find_fault(OracleFolders *self); /* as oracle_find_fault() */

G_END_DECLS
