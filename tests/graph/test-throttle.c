/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-throttle.h"

#include <libsoup/soup.h>

#include "graph-error.h"

static void
test_reads_retry_after(void)
{
	static const struct {
		const char *header;
		double least;
		double most;
	} cases[] = {
		{"5", 5, 5.25},	       {"2.128", 3, 3.25},
		{" 10 ", 10, 10.25},   {"0", 0.5, 1},
		{"-3", 0.5, 1},	       {"soon", 0.5, 1},
		{"", 0.5, 1},	       {"inf", 0.5, 1},
		{"nan", 0.5, 1},       {NULL, 0.5, 1},
		{"1e9", 0.5, 1},       {"99999999999999999999", 86400, 86400.25},
		{"0.000001", 1, 1.25}, {"Thu, 01 Jan 1970 00:00:00 GMT", 0.5, 1},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		double delay = graph_throttle_get_delay(cases[i].header, 0, GRAPH_THROTTLE_FIRST);

		g_assert_cmpfloat(delay, >=, cases[i].least);
		g_assert_cmpfloat(delay, <=, cases[i].most);
	}
}

static void
test_reads_a_date(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, 120);
	g_autofree char *header = soup_date_time_to_string(then, SOUP_DATE_HTTP);
	double delay = graph_throttle_get_delay(header, 0, GRAPH_THROTTLE_FIRST);

	g_assert_cmpfloat(delay, >, 60);
	g_assert_cmpfloat(delay, <=, 121);
}

/* A day's difference between two clocks is no day of waiting. */
static void
test_a_date_of_tomorrow_is_ten_minutes_at_most(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) tomorrow = g_date_time_add_days(now, 1);
	g_autoptr(GDateTime) yesterday = g_date_time_add_days(now, -1);
	g_autofree char *late = soup_date_time_to_string(tomorrow, SOUP_DATE_HTTP);
	g_autofree char *early = soup_date_time_to_string(yesterday, SOUP_DATE_HTTP);
	double delay = graph_throttle_get_delay(late, 0, GRAPH_THROTTLE_FIRST);

	g_assert_cmpfloat(delay, >=, 600);
	g_assert_cmpfloat(delay, <=, 600.25);
	g_assert_cmpfloat(graph_throttle_get_delay(early, 0, GRAPH_THROTTLE_FIRST), <=, GRAPH_THROTTLE_FIRST);
}

static void
test_backs_off_exponentially(void)
{
	g_assert_cmpfloat(graph_throttle_get_delay(NULL, 3, GRAPH_THROTTLE_FIRST), >=, 4);
	g_assert_cmpfloat(graph_throttle_get_delay(NULL, 3, GRAPH_THROTTLE_FIRST), <=, 8);
	g_assert_cmpfloat(graph_throttle_get_delay("1", 3, GRAPH_THROTTLE_FIRST), >=, 4);
	g_assert_cmpfloat(graph_throttle_get_delay("20", 3, GRAPH_THROTTLE_FIRST), >=, 20);
	g_assert_cmpfloat(graph_throttle_get_delay(NULL, 1000, GRAPH_THROTTLE_FIRST), <=, 64);
}

typedef struct {
	GraphThrottle *throttle;
	guint places;
	GraphUrgency urgency;
	GCancellable *cancellable;
	gint entered;
	GError *error;
} Waiter;

static gpointer
enter(gpointer data)
{
	Waiter *waiter = data;

	graph_client_set_urgency(waiter->urgency);
	if (graph_throttle_enter(waiter->throttle, waiter->places, waiter->places, waiter->cancellable, &waiter->error))
		g_atomic_int_set(&waiter->entered, 1);
	return NULL;
}

static void
test_counts_the_places(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 100, 600);
	Waiter waiter = {.throttle = throttle, .places = 3};
	GThread *thread;

	g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
	g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
	thread = g_thread_new("enter", enter, &waiter);
	g_usleep(100 * 1000);
	g_assert_cmpint(g_atomic_int_get(&waiter.entered), ==, 0);
	graph_throttle_leave(throttle, 1);
	g_thread_join(thread);
	g_assert_cmpint(waiter.entered, ==, 1);
	graph_throttle_leave(throttle, 3);
	graph_throttle_leave(throttle, 1);
}

static void
test_more_parts_than_places_go_alone(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(2, 100, 600);

	g_assert_true(graph_throttle_enter(throttle, 3, 3, NULL, NULL));
	graph_throttle_leave(throttle, 3);
	g_assert_true(graph_throttle_enter(throttle, 2, 2, NULL, NULL));
	graph_throttle_leave(throttle, 2);
}

static void
test_who_gives_up_lets_the_next_one_in(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(2, 100, 600);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	Waiter large = {.throttle = throttle, .places = 2, .cancellable = cancellable};
	Waiter small = {.throttle = throttle, .places = 1};
	GThread *first, *second;

	g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
	first = g_thread_new("large", enter, &large);
	g_usleep(50 * 1000);
	second = g_thread_new("small", enter, &small);
	g_usleep(50 * 1000);
	g_assert_cmpint(g_atomic_int_get(&small.entered), ==, 0);

	g_cancellable_cancel(cancellable);
	g_thread_join(first);
	g_thread_join(second);
	g_assert_error(large.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_cmpint(small.entered, ==, 1);
	g_clear_error(&large.error);
	graph_throttle_leave(throttle, 1);
	graph_throttle_leave(throttle, 1);
}

static void
test_what_somebody_waits_for_goes_first(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(2, 100, 600);
	Waiter background = {.throttle = throttle, .places = 1, .urgency = GRAPH_URGENCY_BACKGROUND};
	Waiter journal = {.throttle = throttle, .places = 1, .urgency = GRAPH_URGENCY_JOURNAL};
	Waiter user = {.throttle = throttle, .places = 1, .urgency = GRAPH_URGENCY_USER};
	GThread *threads[3];

	/* One place is kept for those that somebody waits for, however long the others wait. */
	graph_client_set_urgency(GRAPH_URGENCY_BACKGROUND);
	g_assert_true(graph_throttle_enter(throttle, 1, 20, NULL, NULL));
	threads[0] = g_thread_new("background", enter, &background);
	g_usleep(50 * 1000);
	threads[1] = g_thread_new("journal", enter, &journal);
	g_usleep(50 * 1000);
	threads[2] = g_thread_new("user", enter, &user);
	g_thread_join(threads[2]);
	g_assert_cmpint(user.entered, ==, 1);
	g_assert_cmpint(g_atomic_int_get(&journal.entered), ==, 0);

	graph_throttle_leave(throttle, 1);
	graph_throttle_leave(throttle, 1);
	g_thread_join(threads[1]);
	g_assert_cmpint(g_atomic_int_get(&background.entered), ==, 0);
	graph_throttle_leave(throttle, 1);
	g_thread_join(threads[0]);
	graph_throttle_leave(throttle, 1);
	graph_client_set_urgency(GRAPH_URGENCY_USER);
}

static void
test_leaves_a_part_of_the_budget_to_who_waits(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 100, 600);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	Waiter background = {
		.throttle = throttle,
		.places = 1,
		.urgency = GRAPH_URGENCY_BACKGROUND,
		.cancellable = cancellable,
	};
	GThread *thread;

	/* The parts of a chain take one place and count each. */
	graph_client_set_urgency(GRAPH_URGENCY_BACKGROUND);
	for (guint i = 0; i < 4; i++) {
		g_assert_true(graph_throttle_enter(throttle, 1, 20, NULL, NULL));
		graph_throttle_leave(throttle, 1);
	}
	graph_client_set_urgency(GRAPH_URGENCY_USER);
	thread = g_thread_new("background", enter, &background);
	g_usleep(50 * 1000);
	g_assert_cmpint(g_atomic_int_get(&background.entered), ==, 0);
	g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
	graph_throttle_leave(throttle, 1);
	g_cancellable_cancel(cancellable);
	g_thread_join(thread);
	g_assert_error(background.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_clear_error(&background.error);
}

static void
test_keeps_to_its_budget(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 5, 1);
	gint64 begun = g_get_monotonic_time();

	for (guint i = 0; i < 11; i++) {
		g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
		graph_throttle_leave(throttle, 1);
	}
	/* Eleven at five a second: the eleventh has to wait for the third second, slices rounded. */
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, 1800 * 1000);
}

static void
note_wait(double seconds, gpointer data)
{
	GString *told = data;

	g_string_append(told, seconds > 0 ? "waits " : "goes on ");
}

static void
test_says_that_it_waits_for_its_budget(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 2, 3);
	g_autoptr(GString) told = g_string_new(NULL);

	graph_throttle_set_notify(throttle, note_wait, told);
	for (guint i = 0; i < 3; i++) {
		g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
		graph_throttle_leave(throttle, 1);
	}
	g_assert_cmpstr(told->str, ==, "waits goes on ");
}

static void
test_a_pause_holds_everybody(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 100, 600);
	gint64 begun = g_get_monotonic_time();

	graph_throttle_pause(throttle, 0.6);
	graph_throttle_pause(throttle, 0.1);
	g_assert_true(graph_throttle_wait(throttle, NULL, NULL));
	g_assert_cmpint(g_get_monotonic_time() - begun, >=, 600 * 1000);
	g_assert_true(graph_throttle_enter(throttle, 1, 1, NULL, NULL));
	graph_throttle_leave(throttle, 1);
}

static void
test_a_long_pause_is_an_error(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 100, 600);
	g_autoptr(GError) error = NULL;

	graph_throttle_pause(throttle, 1e12);
	g_assert_false(graph_throttle_enter(throttle, 1, 1, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
}

static void
test_nothing_starts_when_cancelled(void)
{
	g_autoptr(GraphThrottle) throttle = graph_throttle_new(4, 100, 600);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) sleep_error = NULL;

	g_cancellable_cancel(cancellable);
	g_assert_false(graph_throttle_enter(throttle, 1, 1, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_false(graph_throttle_sleep(300, cancellable, &sleep_error));
	g_assert_error(sleep_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_true(graph_throttle_sleep(0.01, NULL, NULL));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	g_test_add_func("/graph/throttle/reads Retry-After", test_reads_retry_after);
	g_test_add_func("/graph/throttle/a date of tomorrow is ten minutes at most",
			test_a_date_of_tomorrow_is_ten_minutes_at_most);
	g_test_add_func("/graph/throttle/reads a date", test_reads_a_date);
	g_test_add_func("/graph/throttle/backs off exponentially", test_backs_off_exponentially);
	g_test_add_func("/graph/throttle/counts the places", test_counts_the_places);
	g_test_add_func("/graph/throttle/more parts than places go alone", test_more_parts_than_places_go_alone);
	g_test_add_func("/graph/throttle/who gives up lets the next one in", test_who_gives_up_lets_the_next_one_in);
	g_test_add_func("/graph/throttle/what somebody waits for goes first", test_what_somebody_waits_for_goes_first);
	g_test_add_func("/graph/throttle/leaves a part of the budget to who waits",
			test_leaves_a_part_of_the_budget_to_who_waits);
	g_test_add_func("/graph/throttle/keeps to its budget", test_keeps_to_its_budget);
	g_test_add_func("/graph/throttle/says that it waits for its budget", test_says_that_it_waits_for_its_budget);
	g_test_add_func("/graph/throttle/a pause holds everybody", test_a_pause_holds_everybody);
	g_test_add_func("/graph/throttle/a long pause is an error", test_a_long_pause_is_an_error);
	g_test_add_func("/graph/throttle/nothing starts when cancelled", test_nothing_starts_when_cancelled);

	return g_test_run();
}
