/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-error.h"
#include "home.h"

G_BEGIN_DECLS

#define FIND(home, role) store_account_find_role((home)->account, STORE_ROLE_##role)

/* What a host does, in a line; nothing of it may fail. @number_of and @flags_of: of the only mail of the subject. */
void edits_push(Home *home); /* and nothing waits any more */
void edits_push_fails(Home *home, GraphError code);
void edits_mark(Home *home, gint64 folder, guint32 number, StoreFlags set, StoreFlags clear);
guint32 edits_move(Home *home, gint64 folder, guint32 number, gint64 destination);
guint32 edits_copy(Home *home, gint64 folder, guint32 number, gint64 destination);
void edits_delete(Home *home, gint64 folder, guint32 number);
guint32 edits_number_of(Home *home, gint64 folder, const char *subject); /* 0 if there is none */
StoreFlags edits_flags_of(Home *home, gint64 folder, const char *subject);

/* What a delta round of the folder, by key and by well-known name, loses: its link goes on behind, and nothing was
 * told. */
void edits_lose_changes(Home *home, const char *name, gint64 folder);

G_END_DECLS
