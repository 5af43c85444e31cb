/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-turn.h"

struct _StoreTurn {
	gatomicrefcount ref_count;
	GMutex mutex;
	GCond cond;
	gboolean taken;
	guint hosts; /* that wait */
};

StoreTurn *
store_turn_new(void)
{
	StoreTurn *self = g_new0(StoreTurn, 1);

	g_atomic_ref_count_init(&self->ref_count);
	g_mutex_init(&self->mutex);
	g_cond_init(&self->cond);
	return self;
}

StoreTurn *
store_turn_ref(StoreTurn *self)
{
	g_atomic_ref_count_inc(&self->ref_count);
	return self;
}

void
store_turn_unref(StoreTurn *self)
{
	if (!g_atomic_ref_count_dec(&self->ref_count))
		return;
	g_cond_clear(&self->cond);
	g_mutex_clear(&self->mutex);
	g_free(self);
}

void
store_turn_take(StoreTurn *self, gboolean is_host)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	self->hosts += is_host ? 1 : 0;
	while (self->taken || (!is_host && self->hosts > 0))
		g_cond_wait(&self->cond, &self->mutex);
	self->hosts -= is_host ? 1 : 0;
	self->taken = TRUE;
}

void
store_turn_give_back(StoreTurn *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	self->taken = FALSE;
	g_cond_broadcast(&self->cond);
}
