/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * StoreChanges:
 *
 * What a transaction changed that a host wants to hear of: gathered inside, told after the commit.
 */
typedef struct {
	gboolean tree;
	gboolean journal;
	GHashTable *folders; /* gint64 * → arrived */
	GPtrArray *refused;  /* of char * */
	GArray *bodies;	     /* of gint64: keys of rows that are gone, whose files may go, too */
} StoreChanges;

StoreChanges *store_changes_new(void);
void store_changes_free(StoreChanges *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreChanges, store_changes_free)

/* @folder 0: nothing. */
void store_changes_add_folder(StoreChanges *self, gint64 folder, guint arrived);
void store_changes_add_body(StoreChanges *self, gint64 key);
void store_changes_add_refused(StoreChanges *self, char *text); /* takes @text */

G_END_DECLS
