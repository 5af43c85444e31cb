/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-gate.h"

#define CANCELLED_IS_ASKED_MS 50

struct _StoreGate {
	GMutex mutex;
	GCond cond;
	GHashTable *held; /* gint64 * */
	GArray *waiting;  /* of gint64: a key for each who waits to enter */
};

StoreGate *
store_gate_new(void)
{
	StoreGate *self = g_new0(StoreGate, 1);

	g_mutex_init(&self->mutex);
	g_cond_init(&self->cond);
	self->held = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	self->waiting = g_array_new(FALSE, FALSE, sizeof(gint64));
	return self;
}

void
store_gate_free(StoreGate *self)
{
	if (self == NULL)
		return;
	g_array_unref(self->waiting);
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

/* The length of the list if nobody waits. */
static guint
find_waiting(StoreGate *self, gint64 key)
{
	guint i = 0;

	while (i < self->waiting->len && g_array_index(self->waiting, gint64, i) != key)
		i++;
	return i;
}

gboolean
store_gate_enter(StoreGate *self, gint64 key, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);
	gboolean done;

	g_array_append_val(self->waiting, key);
	done = wait_for(self, key, cancellable, error);
	g_array_remove_index_fast(self->waiting, find_waiting(self, key));
	if (done)
		g_hash_table_add(self->held, g_memdup2(&key, sizeof key));
	return done;
}

gboolean
store_gate_try(StoreGate *self, gint64 key)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	return !g_hash_table_contains(self->held, &key) && find_waiting(self, key) == self->waiting->len &&
	       g_hash_table_add(self->held, g_memdup2(&key, sizeof key));
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
