/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-gate.h"

#define CANCELLED_IS_ASKED_MS 50

struct _StoreGate {
	GMutex mutex;
	GCond cond;
	GHashTable *held; /* gint64 * */
};

StoreGate *
store_gate_new(void)
{
	StoreGate *self = g_new0(StoreGate, 1);

	g_mutex_init(&self->mutex);
	g_cond_init(&self->cond);
	self->held = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return self;
}

void
store_gate_free(StoreGate *self)
{
	if (self == NULL)
		return;
	g_hash_table_unref(self->held);
	g_cond_clear(&self->cond);
	g_mutex_clear(&self->mutex);
	g_free(self);
}

static gboolean
wait_for(StoreGate *self, gint64 key, GCancellable *cancellable, GError **error)
{
	while (g_hash_table_contains(self->held, &key)) {
		if (g_cancellable_set_error_if_cancelled(cancellable, error))
			return FALSE;
		g_cond_wait_until(&self->cond, &self->mutex,
				  g_get_monotonic_time() + CANCELLED_IS_ASKED_MS * G_TIME_SPAN_MILLISECOND);
	}
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}

gboolean
store_gate_enter(StoreGate *self, gint64 key, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	if (!wait_for(self, key, cancellable, error))
		return FALSE;
	g_hash_table_add(self->held, g_memdup2(&key, sizeof key));
	return TRUE;
}

gboolean
store_gate_try(StoreGate *self, gint64 key)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return !g_hash_table_contains(self->held, &key) && g_hash_table_add(self->held, g_memdup2(&key, sizeof key));
}

void
store_gate_leave(StoreGate *self, gint64 key)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	g_hash_table_remove(self->held, &key);
	g_cond_broadcast(&self->cond);
}

gboolean
store_gate_wait(StoreGate *self, gint64 key, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return wait_for(self, key, cancellable, error);
}
