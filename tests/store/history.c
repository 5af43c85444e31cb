/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#define PROCESSES 4
#define LONGEST_SHRINK 120 /* seconds */

static const HistoryTeller *teller;

static const char *program;

static GArray *
list_all(guint length)
{
	GArray *numbers = g_array_sized_new(FALSE, FALSE, sizeof(guint), length);

	for (guint i = 0; i < length; i++)
		g_array_append_val(numbers, i);
	return numbers;
}

static char *
format_numbers(GArray *numbers)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, "%s%u", i > 0 ? "," : "", g_array_index(numbers, guint, i));
	return g_string_free(text, FALSE);
}

static GArray *
parse_numbers(const char *text, guint length)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; words[i] != NULL; i++) {
		guint number = (guint)strtoul(words[i], NULL, 10);

		if (*words[i] != '\0' && number < length)
			g_array_append_val(numbers, number);
	}
	return numbers;
}

/* In a process of its own. What it said, when it failed; else %NULL. */
static char *
try_history(guint32 seed, guint length, GArray *numbers)
{
	g_autofree char *first = g_strdup_printf("%u", seed);
	g_autofree char *second = g_strdup_printf("%u", length);
	g_autofree char *third = format_numbers(numbers);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, program,
				 "--history", first, second, third, NULL);
	g_autoptr(GBytes) said = NULL;

	g_assert_no_error(error);
	g_subprocess_communicate(process, NULL, NULL, NULL, &said, &error);
	g_assert_no_error(error);
	if (g_subprocess_get_successful(process))
		return NULL;
	return g_strndup(g_bytes_get_data(said, NULL), g_bytes_get_size(said));
}

/* Leaves out a half, a quarter, … and single steps at last, as long as it fails without them. */
static char *
shrink_history(guint32 seed, guint length, GArray *numbers, char *said)
{
	gint64 end = g_get_monotonic_time() + LONGEST_SHRINK * G_TIME_SPAN_SECOND;

	for (guint piece = (numbers->len + 1) / 2; piece > 0; piece /= 2) {
		for (guint at = 0; at < numbers->len && g_get_monotonic_time() < end;) {
			g_autoptr(GArray) fewer = g_array_copy(numbers);
			char *again;

			g_array_remove_range(fewer, at, MIN(piece, fewer->len - at));
			again = try_history(seed, length, fewer);
			if (again == NULL) {
				at += piece;
				continue;
			}
			g_array_remove_range(numbers, at, MIN(piece, numbers->len - at));
			g_free(said);
			said = again;
		}
	}
	return said;
}

static void
explain_failure(guint32 seed, guint length)
{
	g_autoptr(GArray) numbers = list_all(length);
	g_autofree char *text = NULL;
	char *said = try_history(seed, length, numbers);

	if (said == NULL) {
		g_test_message("The history of seed %u failed once, and not again: timing takes part in it.", seed);
		return;
	}
	said = shrink_history(seed, length, numbers, said);
	text = format_numbers(numbers);
	g_test_message("The history of seed %u fails with %u of its steps: --history %u %u %s", seed, numbers->len,
		       seed, length, text);
	for (guint i = 0; i < numbers->len; i++) {
		guint number = g_array_index(numbers, guint, i);

		g_test_message("%3u %s", number, teller->name(seed, length, number));
	}
	g_test_message("%s", said);
	g_free(said);
}

static guint
get_setting(const char *name, guint otherwise)
{
	const char *text = g_getenv(name);

	return text != NULL ? (guint)strtoul(text, NULL, 10) : otherwise;
}

/* A process that tells one history after the other; it says the seed of each before it begins. */
static GSubprocess *
start_histories(guint32 first, guint length, guint n)
{
	g_autofree char *from = g_strdup_printf("%u", first);
	g_autofree char *steps = g_strdup_printf("%u", length);
	g_autofree char *count = g_strdup_printf("%u", n);
	g_autoptr(GError) error = NULL;
	GSubprocess *process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
						&error, program, "--histories", from, steps, count, NULL);

	g_assert_no_error(error);
	return process;
}

/* 0, or the seed of the one that failed. */
static guint32
wait_for_histories(GSubprocess *process)
{
	g_autoptr(GBytes) said = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	guint n;

	g_subprocess_communicate(process, NULL, NULL, &said, NULL, &error);
	g_assert_no_error(error);
	if (g_subprocess_get_successful(process))
		return 0;
	text = g_strndup(g_bytes_get_data(said, NULL), g_bytes_get_size(said));
	lines = g_strsplit(text, "\n", -1);
	n = g_strv_length(lines);
	g_assert_cmpuint(n, >=, 2);
	return (guint32)strtoul(lines[n - 2], NULL, 10);
}

/* Some processes side by side: most of the time each waits for its service. */
void
history_test(void)
{
	guint n = get_setting("STORE_TEST_HISTORIES", g_getenv("STORE_TEST_SEED") != NULL ? 1 : teller->histories);
	guint length = get_setting("STORE_TEST_STEPS", teller->steps);
	guint32 first = get_setting("STORE_TEST_SEED", (guint)g_random_int_range(1, 1000000));
	guint each = (n + PROCESSES - 1) / PROCESSES;
	g_autoptr(GPtrArray) processes = g_ptr_array_new_with_free_func(g_object_unref);

	g_test_message("%u histories of %u steps from seed %u on", n, length, first);
	for (guint begin = 0; begin < n; begin += each)
		g_ptr_array_add(processes, start_histories(first + begin, length, MIN(each, n - begin)));
	for (guint i = 0; i < processes->len; i++) {
		guint32 failed = wait_for_histories(g_ptr_array_index(processes, i));

		if (failed == 0)
			continue;
		explain_failure(failed, length);
		g_test_fail_printf("the history of seed %u failed", failed);
	}
}

gboolean
history_begin(const HistoryTeller *teller_of_all, int argc, char **argv)
{
	teller = teller_of_all;
	program = argv[0];
	if (argc >= 4 && g_str_equal(argv[1], "--history")) {
		guint length = (guint)strtoul(argv[3], NULL, 10);
		g_autoptr(GArray) numbers = argc > 4 ? parse_numbers(argv[4], length) : list_all(length);

		teller->tell((guint32)strtoul(argv[2], NULL, 10), length, numbers);
		return TRUE;
	}
	if (argc == 5 && g_str_equal(argv[1], "--histories")) {
		guint32 first = (guint32)strtoul(argv[2], NULL, 10);
		guint length = (guint)strtoul(argv[3], NULL, 10);
		g_autoptr(GArray) numbers = list_all(length);

		for (guint i = 0; i < (guint)strtoul(argv[4], NULL, 10); i++) {
			printf("%u\n", first + i);
			fflush(stdout);
			teller->tell(first + i, length, numbers);
		}
		return TRUE;
	}
	return FALSE;
}
