/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "day.h"

/*
 * Days with a mailbox (day-stories.c), told again and again: each time one of their requests, in turn, meets one fault,
 * once. Nothing may crash, be lost or be there twice, what failed was said, and when the fault is gone the next check,
 * an ordinary one, repairs all. Mail that goes out in more than one request meets the same faults in test-delivery.c.
 */

#define SLOW_LOOK 400 /* milliseconds: the last look comes after three times as long */
#define MOMENT 10000  /* microseconds */

static const struct {
	const char *name;
	const char *what;
	gboolean slow;	  /* each costs a time-out */
	gboolean refusal; /* may be believed: what the host did is undone, and said */
	gboolean unseen;  /* nothing goes wrong: there may be nothing to be said */
} faults[] = {
	{"closes before", "\"kind\": \"close\", \"when\": \"before\"", FALSE, FALSE},
	{"closes instead of the answer", "\"kind\": \"close\", \"when\": \"work\"", FALSE, FALSE},
	{"closes in the middle of the answer", "\"kind\": \"close\", \"when\": \"middle\"", FALSE, FALSE},
	{"closes after the answer", "\"kind\": \"close\", \"when\": \"after\"", FALSE, FALSE, TRUE},
	{"401", "\"status\": 401", FALSE, FALSE},
	{"403", "\"status\": 403", FALSE, TRUE},
	{"404", "\"status\": 404", FALSE, TRUE},
	{"409", "\"status\": 409", FALSE, TRUE},
	{"410", "\"status\": 410", FALSE, TRUE},
	{"412", "\"status\": 412", FALSE, TRUE},
	{"429", "\"status\": 429, \"headers\": {\"Retry-After\": \"0\"}", FALSE, FALSE},
	{"500", "\"status\": 500", FALSE, FALSE},
	{"500 after the work", "\"status\": 500, \"work\": true", FALSE, FALSE},
	{"502", "\"status\": 502", FALSE, FALSE},
	{"503 and a page for people", "\"kind\": \"html\", \"status\": 503", FALSE, FALSE},
	{"200 and a page for people", "\"kind\": \"html\"", FALSE, FALSE},
	{"504", "\"status\": 504", FALSE, FALSE},
	{"504 after the work", "\"status\": 504, \"work\": true", FALSE, FALSE},
	{"504 again and again", "\"status\": 504, \"count\": 5", FALSE, FALSE},
	{"JSON that is a list", "\"kind\": \"type\"", FALSE, FALSE},
	{"JSON that is cut", "\"kind\": \"cut\"", FALSE, FALSE},
	{"JSON of wrong members", "\"status\": 200, \"body\": {\"id\": 7, \"value\": {\"id\": []}, \"responses\": 1}",
	 FALSE, FALSE},
	{"JSON of wrong elements",
	 "\"status\": 200, \"body\": {\"id\": null, \"value\": [{\"id\": {}}, null, 3], \"responses\": [null]}", FALSE,
	 FALSE},
	{"an empty object", "\"status\": 200, \"body\": {}", FALSE, FALSE},
	{"no answer at all", "\"kind\": \"hang\", \"for\": 1600", TRUE, FALSE},
};

/* When nothing goes wrong: what is asked, and what that tells of trouble, since something is gone at the server. */
typedef struct {
	char **requests;
	GHashTable *trouble; /* as day_list_trouble() has it */
} Peace;

/* Told once. */
static const Peace *
get_peace(const DayStory *story)
{
	static GHashTable *told;
	Peace *self;
	Day day;

	if (told == NULL)
		told = g_hash_table_new(NULL, NULL);
	self = g_hash_table_lookup(told, story);
	if (self != NULL)
		return self;
	self = g_new0(Peace, 1);
	g_hash_table_insert(told, (gpointer)story, self);
	day_begin(&day, story);
	story->run(&day);
	self->requests = simulator_get_requests(day.home.simulator);
	self->trouble = day_list_trouble(&day);
	day_settle(&day);
	g_assert_cmpuint(day.home.refused->len, ==, 0);
	story->judge(&day);
	day_end(&day);
	return self;
}

static gboolean
is_cut_mail(const char *request, guint fault)
{
	return strstr(request, "/$value ") != NULL && strstr(faults[fault].what, "\"cut\"") != NULL;
}

/*
 * Whether somebody has to hear of it: a mail that is cut may end there, what is gone is no news, and nothing has no
 * middle.
 */
static gboolean
is_to_be_said(const Peace *peace, guint nth, guint fault, const char *request)
{
	if (faults[fault].unseen || is_cut_mail(request, fault))
		return FALSE;
	if ((g_str_has_suffix(request, " 204") || g_str_has_suffix(request, " 202")) &&
	    (strstr(faults[fault].what, "middle") != NULL || strstr(faults[fault].what, "cut") != NULL))
		return FALSE;
	return !g_str_has_suffix(peace->requests[nth - 1], " 404");
}

/* What hung is done, too: nothing changes behind the back of the check that follows. */
static void
wait_until_done(Day *day, guint nth)
{
	g_auto(GStrv) requests = simulator_get_requests(day->home.simulator);

	while (g_strv_length(requests) >= nth && g_str_has_suffix(requests[nth - 1], " 0")) {
		g_usleep(MOMENT);
		g_strfreev(requests);
		requests = simulator_get_requests(day->home.simulator);
	}
}

/* What is said in peace may not be reached. */
static gboolean
is_heard(const Peace *peace, Day *day)
{
	g_autoptr(GHashTable) trouble = day_list_trouble(day);
	gpointer sentence;
	gpointer n;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, trouble);
	while (g_hash_table_iter_next(&iter, &sentence, &n)) {
		if (GPOINTER_TO_UINT(n) > GPOINTER_TO_UINT(g_hash_table_lookup(peace->trouble, sentence)))
			return TRUE;
	}
	return FALSE;
}

static void
run_with(const DayStory *story, const Peace *peace, guint fault, guint nth)
{
	g_autofree char *json = g_strdup_printf("{\"nth\": %u, %s}", nth, faults[fault].what);
	g_auto(GStrv) requests = NULL;
	g_autoptr(GError) error = NULL;
	const char *request;
	Day day;

	day_begin(&day, story);
	/* What hangs is done in the end: it is looked for until after that. */
	if (faults[fault].slow)
		store_account_set_patience(day.home.account, SLOW_LOOK);
	simulator_add_fault(day.home.simulator, json, &error);
	g_assert_no_error(error);
	story->run(&day);
	requests = simulator_get_requests(day.home.simulator);
	request = g_strv_length(requests) >= nth ? requests[nth - 1] : "not reached";
	g_test_message("%s: %s at request %u: %s", story->name, faults[fault].name, nth, request);
	day.cut = is_cut_mail(request, fault);
	day.remade = faults[fault].slow && strstr(request, "/childFolders ") != NULL;
	day.softly = strstr(request, "/permanentDelete 404") != NULL;
	if (is_to_be_said(peace, nth, fault, request) && !is_heard(peace, &day))
		g_error("nobody hears of it");
	if (faults[fault].slow)
		wait_until_done(&day, nth);
	day_settle(&day);
	if (!faults[fault].refusal)
		day_demand(&day, day.home.refused->len == 0);
	story->judge(&day);
	day_end(&day);
}

/*
 * STORE_TEST_WHOLE: every request meets every fault. Else each request meets every eleventh of them, or, of those that
 * take their time, some requests do; the next request meets others.
 */
static void
test_fault(gconstpointer data)
{
	guint fault = GPOINTER_TO_UINT(data);
	guint stride = g_getenv("STORE_TEST_WHOLE") != NULL ? 1 : faults[fault].slow ? 33 : 11;
	const char *wanted = g_getenv("STORE_TEST_REQUEST"); /* `reading 3`, or `reading` */

	for (guint i = 0; day_get_story(i) != NULL; i++) {
		const DayStory *story = day_get_story(i);
		const Peace *peace;
		guint only = 0;
		guint n;

		if (wanted != NULL && !g_str_has_prefix(wanted, story->name))
			continue;
		peace = get_peace(story);
		n = g_strv_length(peace->requests);
		if (wanted != NULL)
			only = (guint)strtoul(wanted + strlen(story->name), NULL, 10);
		for (guint nth = only > 0 ? only : 1 + (fault + i) % stride; nth <= n; nth += only > 0 ? n : stride)
			run_with(story, peace, fault, nth);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autofree char *path = g_strdup_printf("/store/trouble/any request may meet: %s", faults[i].name);

		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_fault);
	}
	return g_test_run();
}
