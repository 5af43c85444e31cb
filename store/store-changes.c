/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-changes.h"

StoreChanges *
store_changes_new(void)
{
	StoreChanges *self = g_new0(StoreChanges, 1);

	self->folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	self->refused = g_ptr_array_new_with_free_func(g_free);
	self->bodies = g_array_new(FALSE, FALSE, sizeof(gint64));
	return self;
}

void
store_changes_free(StoreChanges *self)
{
	if (self == NULL)
		return;
	g_hash_table_unref(self->folders);
	g_ptr_array_unref(self->refused);
	g_array_unref(self->bodies);
	g_free(self);
}

void
store_changes_add_folder(StoreChanges *self, gint64 folder, guint arrived)
{
	guint before;

	if (folder == 0)
		return;
	before = GPOINTER_TO_UINT(g_hash_table_lookup(self->folders, &folder));
	g_hash_table_insert(self->folders, g_memdup2(&folder, sizeof folder), GUINT_TO_POINTER(before + arrived));
}

void
store_changes_add_refused(StoreChanges *self, char *text)
{
	g_ptr_array_add(self->refused, text);
}

void
store_changes_add_body(StoreChanges *self, gint64 key)
{
	g_array_append_val(self->bodies, key);
}
