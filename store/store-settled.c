/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-settled.h"

typedef struct {
	StoreSettlement what;
	guint64 when;
} Settled;

struct _StoreSettled {
	GMutex mutex;
	GHashTable *settled; /* id → Settled */
	guint64 now;
	guint under_way;
};

StoreSettled *
store_settled_new(void)
{
	StoreSettled *self = g_new0(StoreSettled, 1);

	g_mutex_init(&self->mutex);
	self->settled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return self;
}

void
store_settled_free(StoreSettled *self)
{
	if (self == NULL)
		return;
	g_hash_table_unref(self->settled);
	g_mutex_clear(&self->mutex);
	g_free(self);
}

guint64
store_settled_begin(StoreSettled *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	self->under_way++;
	return self->now;
}

void
store_settled_end(StoreSettled *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	self->under_way--;
	if (self->under_way == 0)
		g_hash_table_remove_all(self->settled);
}

void
store_settled_add(StoreSettled *self, const char *id, StoreFlags mask, gboolean place, gboolean deleted)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	Settled *settled = g_hash_table_lookup(self->settled, id);

	if (self->under_way == 0)
		return;
	if (settled == NULL) {
		settled = g_new0(Settled, 1);
		g_hash_table_insert(self->settled, g_strdup(id), settled);
	}
	settled->when = ++self->now;
	settled->what.mask |= mask;
	settled->what.place |= place;
	settled->what.deleted |= deleted;
}

StoreSettlement
store_settled_get(StoreSettled *self, const char *id, guint64 since)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	const Settled *settled = g_hash_table_lookup(self->settled, id);

	if (settled == NULL || settled->when <= since)
		return (StoreSettlement){0};
	return settled->what;
}
