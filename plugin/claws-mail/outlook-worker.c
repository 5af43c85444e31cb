/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-worker.h"

#include "graph-client.h"

/* What is urgent to a lane is to the requests that it sends. */
G_STATIC_ASSERT((int)OUTLOOK_PRIORITY_USER == GRAPH_URGENCY_USER);
G_STATIC_ASSERT((int)OUTLOOK_PRIORITY_JOURNAL == GRAPH_URGENCY_JOURNAL);
G_STATIC_ASSERT((int)OUTLOOK_PRIORITY_BACKGROUND == GRAPH_URGENCY_BACKGROUND);

#define N_GENERAL_LANES 3
#define N_USER_LANES 1

/*
 * A lane does not own jobs: it is handed a token for each job that it may take and then takes the most urgent one
 * that waits. So a job that somebody waits for starts on whichever lane is free first.
 */
struct _OutlookWorker {
	GObject parent_instance;

	GThreadPool *general;
	GThreadPool *reserved;

	GMutex mutex;
	GCond emptied;
	GQueue waiting[OUTLOOK_PRIORITY_BACKGROUND + 1];
	GHashTable *jobs; /* set of OutlookJob, owned: pushed and not delivered yet */
	guint running;
	gboolean closed;
	gboolean silent; /* closed, and nobody is called any more */
};

struct _OutlookJob {
	gatomicrefcount ref_count;
	OutlookWorker *worker; /* owned until delivered */
	OutlookPriority priority;
	OutlookJobRun run;
	OutlookJobDone done;
	gpointer user_data;
	GDestroyNotify destroy;
	GDestroyNotify free_result;
	GCancellable *cancellable;

	gint finished; /* atomic: result and error are final */
	gpointer result;
	GError *error;
	gboolean delivered; /* main thread alone */
};

G_DEFINE_FINAL_TYPE(OutlookWorker, outlook_worker, G_TYPE_OBJECT)

OutlookJob *
outlook_job_ref(OutlookJob *job)
{
	g_atomic_ref_count_inc(&job->ref_count);
	return job;
}

void
outlook_job_unref(OutlookJob *job)
{
	if (!g_atomic_ref_count_dec(&job->ref_count))
		return;
	if (job->result != NULL && job->free_result != NULL)
		job->free_result(job->result);
	g_clear_error(&job->error);
	g_clear_object(&job->cancellable);
	g_clear_object(&job->worker);
	g_free(job);
}

void
outlook_job_cancel(OutlookJob *job)
{
	g_cancellable_cancel(job->cancellable);
}

/* Main thread. The job's last moment: its caller hears of it, its data goes. */
static void
outlook_job_deliver(OutlookJob *job, gboolean call)
{
	if (job->delivered)
		return;
	job->delivered = TRUE;
	if (call && job->done != NULL)
		job->done(job->result, job->error, job->user_data);
	if (job->destroy != NULL)
		job->destroy(job->user_data);
	job->user_data = NULL;
}

static gboolean
outlook_job_deliver_idle(gpointer user_data)
{
	OutlookJob *job = user_data;
	OutlookWorker *self = job->worker;
	gboolean silent;

	g_mutex_lock(&self->mutex);
	silent = self->silent;
	g_mutex_unlock(&self->mutex);

	outlook_job_deliver(job, !silent);

	g_mutex_lock(&self->mutex);
	if (g_hash_table_remove(self->jobs, job))
		outlook_job_unref(job);
	g_mutex_unlock(&self->mutex);
	return G_SOURCE_REMOVE;
}

static void
outlook_job_execute(OutlookJob *job)
{
	GError *error = NULL;

	if (!g_cancellable_set_error_if_cancelled(job->cancellable, &error))
		job->result = job->run(job->user_data, job->cancellable, &error);
	if (error != NULL && job->result != NULL) {
		if (job->free_result != NULL)
			job->free_result(job->result);
		job->result = NULL;
	}
	job->error = error;
}

static void
outlook_worker_lane(gpointer token, gpointer user_data)
{
	OutlookWorker *self = user_data;
	gboolean reserved = GPOINTER_TO_INT(token) == 2;
	OutlookJob *job = NULL;

	g_mutex_lock(&self->mutex);
	for (guint i = 0; job == NULL && i < G_N_ELEMENTS(self->waiting); i++) {
		if (reserved && i != OUTLOOK_PRIORITY_USER)
			break;
		job = g_queue_pop_head(&self->waiting[i]);
	}
	if (job != NULL)
		self->running++;
	g_mutex_unlock(&self->mutex);
	if (job == NULL)
		return;

	graph_client_set_urgency((GraphUrgency)job->priority);
	outlook_job_execute(job);
	g_atomic_int_set(&job->finished, TRUE);

	/* An idle source wakes the main loop, also the one in outlook_job_wait(). */
	g_idle_add_full(G_PRIORITY_DEFAULT, outlook_job_deliver_idle, outlook_job_ref(job),
			(GDestroyNotify)outlook_job_unref);

	g_mutex_lock(&self->mutex);
	self->running--;
	g_cond_broadcast(&self->emptied);
	g_mutex_unlock(&self->mutex);
	outlook_job_unref(job);
}

OutlookWorker *
outlook_worker_new(void)
{
	return g_object_new(OUTLOOK_TYPE_WORKER, NULL);
}

/**
 * outlook_worker_push:
 *
 * A worker that was closed answers with a job that is finished with %G_IO_ERROR_CLOSED and calls nothing but @destroy.
 *
 * Returns: (transfer full): the job; dropping it does not stop it
 */
OutlookJob *
outlook_worker_push(OutlookWorker *self, OutlookPriority priority, OutlookJobRun run, OutlookJobDone done,
		    gpointer user_data, GDestroyNotify destroy, GDestroyNotify free_result)
{
	OutlookJob *job = g_new0(OutlookJob, 1);

	g_return_val_if_fail(OUTLOOK_IS_WORKER(self), NULL);
	g_return_val_if_fail(priority <= OUTLOOK_PRIORITY_BACKGROUND, NULL);

	g_atomic_ref_count_init(&job->ref_count);
	job->worker = g_object_ref(self);
	job->priority = priority;
	job->run = run;
	job->done = done;
	job->user_data = user_data;
	job->destroy = destroy;
	job->free_result = free_result;
	job->cancellable = g_cancellable_new();

	g_mutex_lock(&self->mutex);
	if (self->closed) {
		g_mutex_unlock(&self->mutex);
		g_set_error_literal(&job->error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The account is closed");
		g_atomic_int_set(&job->finished, TRUE);
		outlook_job_deliver(job, FALSE);
		return job;
	}
	g_hash_table_add(self->jobs, outlook_job_ref(job));
	g_queue_push_tail(&self->waiting[priority], outlook_job_ref(job));
	g_thread_pool_push(self->general, GINT_TO_POINTER(1), NULL);
	if (priority == OUTLOOK_PRIORITY_USER)
		g_thread_pool_push(self->reserved, GINT_TO_POINTER(2), NULL);
	g_mutex_unlock(&self->mutex);
	return job;
}

/**
 * outlook_job_wait:
 * @keep_waiting: (nullable): asked after each turn of the main loop; FALSE cancels the job and ends the wait
 *
 * For a job without a done function, since the result is handed out here. %NULL without @error is the result of a
 * job that yields nothing.
 */
gpointer
outlook_job_wait(OutlookJob *job, gboolean (*keep_waiting)(gpointer), gpointer user_data, GError **error)
{
	while (!g_atomic_int_get(&job->finished)) {
		if (keep_waiting != NULL && !keep_waiting(user_data)) {
			outlook_job_cancel(job);
			g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Nobody waits for it any more");
			return NULL;
		}
		g_main_context_iteration(NULL, TRUE);
	}
	if (job->error != NULL) {
		if (error != NULL)
			*error = g_error_copy(job->error);
		return NULL;
	}
	return g_steal_pointer(&job->result);
}

static gboolean
have_ended(GPtrArray *jobs)
{
	for (guint i = 0; i < jobs->len; i++) {
		if (!g_atomic_int_get(&((OutlookJob *)g_ptr_array_index(jobs, i))->finished))
			return FALSE;
	}
	return TRUE;
}

static gboolean
wake(gpointer source)
{
	*(guint *)source = 0;
	return G_SOURCE_REMOVE;
}

void
outlook_jobs_wait(GPtrArray *jobs, gint64 end)
{
	gint64 left = MAX(end - g_get_monotonic_time(), 0) / 1000;
	guint source = 0;

	source = g_timeout_add((guint)left, wake, &source);
	while (source != 0 && !have_ended(jobs))
		g_main_context_iteration(NULL, TRUE);
	g_clear_handle_id(&source, g_source_remove);
}

void
outlook_jobs_wait_quietly(GPtrArray *jobs, gint64 end)
{
	while (!have_ended(jobs) && g_get_monotonic_time() < end)
		g_usleep(G_TIME_SPAN_SECOND / 100);
}

static void
outlook_worker_cancel_locked(OutlookWorker *self)
{
	GHashTableIter iter;
	gpointer job;

	g_hash_table_iter_init(&iter, self->jobs);
	while (g_hash_table_iter_next(&iter, &job, NULL))
		outlook_job_cancel(job);
}

void
outlook_worker_cancel_all(OutlookWorker *self)
{
	g_return_if_fail(OUTLOOK_IS_WORKER(self));

	g_mutex_lock(&self->mutex);
	outlook_worker_cancel_locked(self);
	g_mutex_unlock(&self->mutex);
}

/* Main thread. Jobs that have ended give their data back now, since the loop may not turn again. */
static void
outlook_worker_settle(OutlookWorker *self, gboolean silent)
{
	GPtrArray *ended = g_ptr_array_new_with_free_func((GDestroyNotify)outlook_job_unref);
	GHashTableIter iter;
	gpointer job;

	g_mutex_lock(&self->mutex);
	g_hash_table_iter_init(&iter, self->jobs);
	while (g_hash_table_iter_next(&iter, &job, NULL)) {
		if (!g_atomic_int_get(&((OutlookJob *)job)->finished))
			continue;
		g_hash_table_iter_remove(&iter);
		g_ptr_array_add(ended, job);
	}
	g_mutex_unlock(&self->mutex);

	for (guint i = 0; i < ended->len; i++)
		outlook_job_deliver(g_ptr_array_index(ended, i), !silent);
	g_ptr_array_unref(ended);
}

static gboolean
outlook_worker_end(OutlookWorker *self, guint seconds, gboolean silent)
{
	gint64 end = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;
	gboolean empty = TRUE;

	g_return_val_if_fail(OUTLOOK_IS_WORKER(self), FALSE);

	g_mutex_lock(&self->mutex);
	if (self->closed) {
		g_mutex_unlock(&self->mutex);
		return TRUE;
	}
	self->closed = TRUE;
	self->silent = silent;
	outlook_worker_cancel_locked(self);
	for (guint i = 0; i < G_N_ELEMENTS(self->waiting); i++) {
		OutlookJob *job;

		while ((job = g_queue_pop_head(&self->waiting[i])) != NULL) {
			outlook_job_execute(job);
			g_atomic_int_set(&job->finished, TRUE);
			outlook_job_unref(job);
		}
	}
	while (empty && self->running > 0)
		empty = g_cond_wait_until(&self->emptied, &self->mutex, end);
	g_mutex_unlock(&self->mutex);

	outlook_worker_settle(self, silent);
	g_thread_pool_free(g_steal_pointer(&self->general), TRUE, empty);
	g_thread_pool_free(g_steal_pointer(&self->reserved), TRUE, empty);
	return empty;
}

/**
 * outlook_worker_close:
 *
 * Main thread. A job that does not heed its cancellable within @seconds is left to end by itself; it keeps the
 * worker and its own data alive until then.
 *
 * Returns: TRUE when the lanes are empty
 */
gboolean
outlook_worker_close(OutlookWorker *self, guint seconds)
{
	return outlook_worker_end(self, seconds, TRUE);
}

gboolean
outlook_worker_stop(OutlookWorker *self, guint seconds)
{
	return outlook_worker_end(self, seconds, FALSE);
}

static void
outlook_worker_finalize(GObject *object)
{
	OutlookWorker *self = OUTLOOK_WORKER(object);

	if (self->general != NULL)
		g_thread_pool_free(self->general, TRUE, FALSE);
	if (self->reserved != NULL)
		g_thread_pool_free(self->reserved, TRUE, FALSE);
	g_hash_table_unref(self->jobs);
	g_cond_clear(&self->emptied);
	g_mutex_clear(&self->mutex);
	G_OBJECT_CLASS(outlook_worker_parent_class)->finalize(object);
}

static void
outlook_worker_class_init(OutlookWorkerClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = outlook_worker_finalize;
}

static void
outlook_worker_init(OutlookWorker *self)
{
	g_mutex_init(&self->mutex);
	g_cond_init(&self->emptied);
	self->jobs = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(self->waiting); i++)
		g_queue_init(&self->waiting[i]);
	self->general = g_thread_pool_new(outlook_worker_lane, self, N_GENERAL_LANES, TRUE, NULL);
	self->reserved = g_thread_pool_new(outlook_worker_lane, self, N_USER_LANES, TRUE, NULL);
}
