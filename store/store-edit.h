/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-bodies.h"
#include "store-changes.h"
#include "store-db.h"
#include "store-message.h"

G_BEGIN_DECLS

/* What a host changes in messages: rows and journal entries, inside the caller's transaction; as in
 * store-account.h. */

typedef struct {
	StoreDb *db;
	StoreBodies *bodies;
	StoreChanges *changes;
} StoreEdit;

gboolean store_edit_flags(const StoreEdit *edit, gint64 folder, GArray *numbers, StoreFlags set, StoreFlags clear,
			  GError **error);
gboolean store_edit_categories(const StoreEdit *edit, gint64 folder, guint32 number, const char *const *categories,
			       GError **error);
GArray *store_edit_move(const StoreEdit *edit, gint64 folder, GArray *numbers, gint64 destination, GError **error);
GArray *store_edit_copy(const StoreEdit *edit, gint64 folder, GArray *numbers, gint64 destination, GError **error);
gboolean store_edit_turn_copies(const StoreEdit *edit, gint64 folder, GArray *numbers, gint64 destination,
				GArray *copies, GError **error);
gboolean store_edit_delete(const StoreEdit *edit, gint64 folder, GArray *numbers, GError **error);
gboolean store_edit_delete_key(const StoreEdit *edit, gint64 key, GError **error); /* wherever it is by now */

/* Of folders. */
gint64 store_edit_create_folder(const StoreEdit *edit, gint64 parent, const char *name, GError **error);
gboolean store_edit_rename_folder(const StoreEdit *edit, gint64 folder, const char *name, GError **error);
gboolean store_edit_move_folder(const StoreEdit *edit, gint64 folder, gint64 parent, GError **error);
gboolean store_edit_delete_folder(const StoreEdit *edit, gint64 folder, GError **error);

/* Only what a host sees can be a destination. */
gboolean store_edit_check_destination(const StoreEdit *edit, gint64 destination, GError **error);

/* The entries by which the service gets message @key, whose body is here, into @folder; with %STORE_FLAG_DRAFT among
 * @flags as a draft. */
gboolean store_edit_make(const StoreEdit *edit, gint64 key, gint64 folder, StoreFlags flags, GError **error);

/* @mime is what will be sent. */
guint32 store_edit_append(const StoreEdit *edit, gint64 folder, GBytes *mime, StoreFlags flags, GError **error);

G_END_DECLS
