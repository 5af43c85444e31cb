/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The only meeting point of the host's thread and the blocking code below: knows no Claws. */

#define OUTLOOK_TYPE_WORKER (outlook_worker_get_type())
G_DECLARE_FINAL_TYPE(OutlookWorker, outlook_worker, OUTLOOK, WORKER, GObject)

typedef struct _OutlookJob OutlookJob;

typedef enum {
	OUTLOOK_PRIORITY_USER, /* somebody waits for it; has a lane of its own besides */
	OUTLOOK_PRIORITY_JOURNAL,
	OUTLOOK_PRIORITY_BACKGROUND,
} OutlookPriority;

/* On a lane. Returns what the job yields (freed by @free_result), or %NULL with @error. */
typedef gpointer (*OutlookJobRun)(gpointer user_data, GCancellable *cancellable, GError **error);

/* On the main thread, from idle, once, also for a cancelled job; never after outlook_worker_close(). Owns
 * nothing. */
typedef void (*OutlookJobDone)(gpointer result, const GError *error, gpointer user_data);

/* Four lanes: three take every priority, the fourth OUTLOOK_PRIORITY_USER alone. */
OutlookWorker *outlook_worker_new(void);

/* Both functions share @user_data, which @destroy frees on the main thread. The job is the caller's; it runs
 * without being kept. */
OutlookJob *outlook_worker_push(OutlookWorker *self, OutlookPriority priority, OutlookJobRun run, OutlookJobDone done,
				gpointer user_data, GDestroyNotify destroy, GDestroyNotify free_result);

/*
 * Iterates the default main context until the job is done, cancelled, the worker is closed or the host exits
 * (@keep_waiting answers FALSE). Returns the result (transfer full) or %NULL with @error. Anything may have
 * happened to the caller's pointers meanwhile: hold ids, look up again.
 */
gpointer outlook_job_wait(OutlookJob *job, gboolean (*keep_waiting)(gpointer), gpointer user_data, GError **error);

/*
 * Until all @jobs have ended, or the monotonic time is @end. The first turns the default main context, as the above;
 * the second does not, for the time when the host's windows are gone.
 */
void outlook_jobs_wait(GPtrArray *jobs, gint64 end);
void outlook_jobs_wait_quietly(GPtrArray *jobs, gint64 end);
void outlook_job_cancel(OutlookJob *job);
OutlookJob *outlook_job_ref(OutlookJob *job);
void outlook_job_unref(OutlookJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookJob, outlook_job_unref)

/* Cancels everything (going offline); later pushes run again. */
void outlook_worker_cancel_all(OutlookWorker *self);

/* Cancels, waits until the lanes are empty (at most @seconds), accepts nothing more. */
gboolean outlook_worker_close(OutlookWorker *self, guint seconds);

/* The same for who goes on with another worker: each job's end is heard of, before this returns where it is in time. */
gboolean outlook_worker_stop(OutlookWorker *self, guint seconds);

G_END_DECLS
