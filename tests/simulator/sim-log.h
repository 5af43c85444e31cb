/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What arrived and how it was answered. Queries, bodies and headers are never kept: they hold codes and tokens. */
typedef struct _SimLog SimLog;
typedef struct _SimLogEntry SimLogEntry;

SimLog *sim_log_new(void);
void sim_log_free(SimLog *self);

/* Also writes each finished request as one line to that file, which is made anew. */
gboolean sim_log_open(SimLog *self, const char *path, GError **error);

/* The entry has status 0 until it is finished; it outlives a reset. */
SimLogEntry *sim_log_begin(SimLog *self, const char *method, const char *path);
/* Takes the entry. @status 0: there was no whole answer. @refusal (nullable): why the request was wrong. */
void sim_log_finish(SimLog *self, SimLogEntry *entry, guint status, gsize bytes, const char *refusal);

guint sim_log_get_n_requests(SimLog *self);
char **sim_log_get_requests(SimLog *self);
char **sim_log_get_refusals(SimLog *self);
void sim_log_reset(SimLog *self);

G_END_DECLS
