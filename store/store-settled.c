/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-settled.h"

typedef struct {
	StoreSettlement what;
	guint64 when; /* it was settled; 0: never */
	guint64 told; /* the same */
	guint64 seen; /* in a folder: the same */
	gint64 where;
} Settled;

struct _StoreSettled {
	GMutex mutex;
	GHashTable *settled; /* id → Settled */
	GHashTable *doubts;  /* ids */
	guint64 now;
	GArray *under_way; /* of guint64: since when */
};

StoreSettled *
store_settled_new(void)
{
	StoreSettled *self = g_new0(StoreSettled, 1);

	g_mutex_init(&self->mutex);
	self->settled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->doubts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->under_way = g_array_new(FALSE, FALSE, sizeof(guint64));
	return self;
}

void
store_settled_free(StoreSettled *self)
{
	if (self == NULL)
		return;
	g_array_unref(self->under_way);
	g_hash_table_unref(self->doubts);
	g_hash_table_unref(self->settled);
	g_mutex_clear(&self->mutex);
	g_free(self);
}

guint64
store_settled_begin(StoreSettled *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	g_array_append_val(self->under_way, self->now);
	return self->now;
}

static gboolean
is_over(gpointer id, gpointer value, gpointer oldest)
{
	const Settled *settled = value;

	return MAX(settled->when, settled->told) <= *(const guint64 *)oldest;
}

/* What is older than all that is under way concerns nobody any more. */
void
store_settled_end(StoreSettled *self, guint64 since)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	guint64 oldest = G_MAXUINT64;
	guint ended = 0;

	for (guint i = 0; i < self->under_way->len; i++) {
		if (g_array_index(self->under_way, guint64, i) == since)
			ended = i;
	}
	g_array_remove_index_fast(self->under_way, ended);
	for (guint i = 0; i < self->under_way->len; i++)
		oldest = MIN(oldest, g_array_index(self->under_way, guint64, i));
	if (oldest > since)
		g_hash_table_foreach_remove(self->settled, is_over, &oldest);
}

/* %NULL when nothing is under way, to which it could matter. */
static Settled *
note(StoreSettled *self, const char *id)
{
	Settled *settled = g_hash_table_lookup(self->settled, id);

	if (settled != NULL || self->under_way->len == 0)
		return settled;
	settled = g_new0(Settled, 1);
	g_hash_table_insert(self->settled, g_strdup(id), settled);
	return settled;
}

void
store_settled_add(StoreSettled *self, const char *id, StoreFlags mask, gboolean place, gboolean deleted)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	Settled *settled = note(self, id);

	if (settled == NULL)
		return;
	settled->when = ++self->now;
	settled->what.mask |= mask;
	settled->what.place |= place;
	settled->what.deleted |= deleted;
}

void
store_settled_tell(StoreSettled *self, const char *id, gint64 folder)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	Settled *settled = note(self, id);

	if (settled == NULL)
		return;
	settled->told = ++self->now;
	if (folder == 0)
		return;
	settled->seen = settled->told;
	settled->where = folder;
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

gboolean
store_settled_was_told(StoreSettled *self, const char *id, guint64 since)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	const Settled *settled = g_hash_table_lookup(self->settled, id);

	return settled != NULL && settled->told > since;
}

gboolean
store_settled_was_elsewhere(StoreSettled *self, const char *id, gint64 folder, guint64 since)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	const Settled *settled = g_hash_table_lookup(self->settled, id);

	return settled != NULL && settled->seen > since && settled->where != folder;
}

void
store_settled_doubt(StoreSettled *self, const char *id)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	g_hash_table_add(self->doubts, g_strdup(id));
}

GPtrArray *
store_settled_take_doubts(StoreSettled *self, guint most)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, self->doubts);
	while (ids->len < most && g_hash_table_iter_next(&iter, &id, NULL)) {
		g_hash_table_iter_steal(&iter);
		g_ptr_array_add(ids, id);
	}
	return ids;
}
