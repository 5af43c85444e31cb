/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-worker.h"

typedef struct {
	OutlookWorker *worker;
} Fixture;

/* A job that says when it began and ends when it may. */
typedef struct {
	GMutex mutex;
	GCond cond;
	gboolean begun;
	gboolean may_end;
	guint order;
	guint *counter;
	guint n_done;
	guint n_destroyed;
	gboolean cancelled;
} Probe;

static void
probe_init(Probe *probe, gboolean may_end)
{
	*probe = (Probe){.may_end = may_end};
	g_mutex_init(&probe->mutex);
	g_cond_init(&probe->cond);
}

static void
probe_clear(Probe *probe)
{
	g_mutex_clear(&probe->mutex);
	g_cond_clear(&probe->cond);
}

static void
probe_wait_begun(Probe *probe)
{
	g_mutex_lock(&probe->mutex);
	while (!probe->begun)
		g_cond_wait(&probe->cond, &probe->mutex);
	g_mutex_unlock(&probe->mutex);
}

static void
probe_release(Probe *probe)
{
	g_mutex_lock(&probe->mutex);
	probe->may_end = TRUE;
	g_cond_broadcast(&probe->cond);
	g_mutex_unlock(&probe->mutex);
}

static void
on_cancelled(GCancellable *cancellable, gpointer data)
{
	probe_release(data);
}

static gpointer
run_probe(gpointer data, GCancellable *cancellable, GError **error)
{
	Probe *probe = data;
	gulong id = g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), probe, NULL);

	g_mutex_lock(&probe->mutex);
	probe->begun = TRUE;
	if (probe->counter != NULL)
		probe->order = ++*probe->counter;
	g_cond_broadcast(&probe->cond);
	while (!probe->may_end)
		g_cond_wait(&probe->cond, &probe->mutex);
	g_mutex_unlock(&probe->mutex);
	g_cancellable_disconnect(cancellable, id);
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return NULL;
	return g_strdup("result");
}

static void
done_probe(gpointer result, const GError *error, gpointer data)
{
	Probe *probe = data;

	probe->n_done++;
	probe->cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
destroy_probe(gpointer data)
{
	((Probe *)data)->n_destroyed++;
}

static OutlookJob *
push(Fixture *fixture, OutlookPriority priority, Probe *probe)
{
	return outlook_worker_push(fixture->worker, priority, run_probe, done_probe, probe, destroy_probe, g_free);
}

static void
iterate_until_destroyed(Probe *probe)
{
	while (probe->n_destroyed == 0)
		g_main_context_iteration(NULL, TRUE);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->worker = outlook_worker_new();
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	outlook_worker_close(fixture->worker, 10);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_finalize_object(fixture->worker);
}

static void
test_yields_its_result_to_who_waits(Fixture *fixture, gconstpointer data)
{
	Probe probe;
	g_autoptr(OutlookJob) job = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *result = NULL;

	probe_init(&probe, TRUE);
	job = push(fixture, OUTLOOK_PRIORITY_USER, &probe);
	result = outlook_job_wait(job, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(result, ==, "result");
	iterate_until_destroyed(&probe);
	g_assert_cmpuint(probe.n_done, ==, 1);
	g_assert_cmpuint(probe.n_destroyed, ==, 1);
	probe_clear(&probe);
}

static void
test_starts_what_is_waited_for_while_three_lanes_are_taken(Fixture *fixture, gconstpointer data)
{
	Probe busy[3];
	Probe urgent;
	g_autoptr(OutlookJob) job = NULL;
	g_autofree char *result = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(busy); i++) {
		probe_init(&busy[i], FALSE);
		outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_BACKGROUND, &busy[i]));
		probe_wait_begun(&busy[i]);
	}
	probe_init(&urgent, TRUE);
	job = push(fixture, OUTLOOK_PRIORITY_USER, &urgent);
	result = outlook_job_wait(job, NULL, NULL, NULL);
	g_assert_cmpstr(result, ==, "result");
	for (guint i = 0; i < G_N_ELEMENTS(busy); i++)
		probe_release(&busy[i]);
	for (guint i = 0; i < G_N_ELEMENTS(busy); i++)
		iterate_until_destroyed(&busy[i]);
	iterate_until_destroyed(&urgent);
	for (guint i = 0; i < G_N_ELEMENTS(busy); i++)
		probe_clear(&busy[i]);
	probe_clear(&urgent);
}

static void
test_never_gives_background_work_the_fourth_lane(Fixture *fixture, gconstpointer data)
{
	Probe probes[4];

	for (guint i = 0; i < G_N_ELEMENTS(probes); i++) {
		probe_init(&probes[i], FALSE);
		outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_BACKGROUND, &probes[i]));
	}
	for (guint i = 0; i < 3; i++)
		probe_wait_begun(&probes[i]);
	g_mutex_lock(&probes[3].mutex);
	g_assert_false(probes[3].begun);
	g_mutex_unlock(&probes[3].mutex);
	for (guint i = 0; i < G_N_ELEMENTS(probes); i++)
		probe_release(&probes[i]);
	for (guint i = 0; i < G_N_ELEMENTS(probes); i++) {
		iterate_until_destroyed(&probes[i]);
		probe_clear(&probes[i]);
	}
}

static void
test_takes_the_journal_before_the_background(Fixture *fixture, gconstpointer data)
{
	Probe busy[3];
	Probe background;
	Probe journal;
	guint counter = 0;

	for (guint i = 0; i < G_N_ELEMENTS(busy); i++) {
		probe_init(&busy[i], FALSE);
		outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_BACKGROUND, &busy[i]));
		probe_wait_begun(&busy[i]);
	}
	probe_init(&background, TRUE);
	probe_init(&journal, TRUE);
	background.counter = &counter;
	journal.counter = &counter;
	outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_BACKGROUND, &background));
	outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_JOURNAL, &journal));
	probe_release(&busy[0]);
	iterate_until_destroyed(&background);
	iterate_until_destroyed(&journal);
	g_assert_cmpuint(journal.order, ==, 1);
	g_assert_cmpuint(background.order, ==, 2);
	probe_release(&busy[1]);
	probe_release(&busy[2]);
	for (guint i = 0; i < G_N_ELEMENTS(busy); i++) {
		iterate_until_destroyed(&busy[i]);
		probe_clear(&busy[i]);
	}
	probe_clear(&background);
	probe_clear(&journal);
}

static void
test_hears_of_a_cancelled_job_once(Fixture *fixture, gconstpointer data)
{
	Probe probe;
	g_autoptr(OutlookJob) job = NULL;

	probe_init(&probe, FALSE);
	job = push(fixture, OUTLOOK_PRIORITY_JOURNAL, &probe);
	probe_wait_begun(&probe);
	outlook_worker_cancel_all(fixture->worker);
	iterate_until_destroyed(&probe);
	g_assert_cmpuint(probe.n_done, ==, 1);
	g_assert_true(probe.cancelled);
	probe_clear(&probe);
}

static gboolean
do_not_wait(gpointer data)
{
	return FALSE;
}

static void
test_ends_a_wait_that_nobody_wants_any_more(Fixture *fixture, gconstpointer data)
{
	Probe probe;
	g_autoptr(OutlookJob) job = NULL;
	g_autoptr(GError) error = NULL;

	probe_init(&probe, FALSE);
	job = push(fixture, OUTLOOK_PRIORITY_USER, &probe);
	g_assert_null(outlook_job_wait(job, do_not_wait, NULL, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	iterate_until_destroyed(&probe);
	probe_clear(&probe);
}

static void
test_is_silent_after_it_was_closed(Fixture *fixture, gconstpointer data)
{
	Probe running;
	Probe late;
	g_autoptr(OutlookJob) job = NULL;
	g_autoptr(OutlookJob) refused = NULL;
	g_autoptr(GError) error = NULL;

	probe_init(&running, FALSE);
	job = push(fixture, OUTLOOK_PRIORITY_BACKGROUND, &running);
	probe_wait_begun(&running);
	g_assert_true(outlook_worker_close(fixture->worker, 10));
	g_assert_cmpuint(running.n_done, ==, 0);
	g_assert_cmpuint(running.n_destroyed, ==, 1);

	probe_init(&late, TRUE);
	refused = push(fixture, OUTLOOK_PRIORITY_USER, &late);
	g_assert_null(outlook_job_wait(refused, NULL, NULL, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CLOSED);
	g_assert_cmpuint(late.n_done, ==, 0);
	g_assert_cmpuint(late.n_destroyed, ==, 1);
	g_assert_false(late.begun);
	probe_clear(&running);
	probe_clear(&late);
}

static void
test_tells_of_what_it_stopped(Fixture *fixture, gconstpointer data)
{
	Probe running[4];
	Probe waiting;

	for (guint i = 0; i < G_N_ELEMENTS(running); i++) {
		probe_init(&running[i], FALSE);
		outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_USER, &running[i]));
		probe_wait_begun(&running[i]);
	}
	probe_init(&waiting, TRUE);
	outlook_job_unref(push(fixture, OUTLOOK_PRIORITY_BACKGROUND, &waiting));
	g_assert_true(outlook_worker_stop(fixture->worker, 10));
	for (guint i = 0; i < G_N_ELEMENTS(running); i++) {
		g_assert_cmpuint(running[i].n_done, ==, 1);
		g_assert_true(running[i].cancelled);
		probe_clear(&running[i]);
	}
	g_assert_cmpuint(waiting.n_done, ==, 1);
	g_assert_true(waiting.cancelled);
	g_assert_false(waiting.begun);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(waiting.n_done, ==, 1);
	g_assert_cmpuint(waiting.n_destroyed, ==, 1);
	probe_clear(&waiting);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add(name, Fixture, NULL, set_up, test, tear_down)
	ADD("/worker/a-job-yields-its-result-to-who-waits", test_yields_its_result_to_who_waits);
	ADD("/worker/what-is-waited-for-starts-while-three-lanes-are-taken",
	    test_starts_what_is_waited_for_while_three_lanes_are_taken);
	ADD("/worker/background-work-never-gets-the-fourth-lane", test_never_gives_background_work_the_fourth_lane);
	ADD("/worker/the-journal-goes-before-the-background", test_takes_the_journal_before_the_background);
	ADD("/worker/a-cancelled-job-is-heard-of-once", test_hears_of_a_cancelled_job_once);
	ADD("/worker/a-wait-that-nobody-wants-ends", test_ends_a_wait_that_nobody_wants_any_more);
	ADD("/worker/a-closed-worker-is-silent", test_is_silent_after_it_was_closed);
	ADD("/worker/a-stopped-worker-tells-of-each-job", test_tells_of_what_it_stopped);
	return g_test_run();
}
