/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "agreement.h"
#include "graph-error.h"

/*
 * A day with a mailbox, told again and again: each time one of its requests, in turn, meets one fault, once. Nothing
 * may crash, be lost or be there twice, what failed was said, and when the fault is gone the next checks repair all.
 */

#define BACK_OFF 5 /* milliseconds */
#define TIMEOUT 1  /* seconds without a byte */
#define CHECKS 4

/* What the host does cannot be undone silently: the mails with these subjects are where it put them, once. */
typedef struct {
	Home home;
	gint64 inbox;
	gint64 archive;
	gint64 made; /* the folder */
	gboolean sent;
	guint failures;
	GPtrArray *log;
} Day;

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

static void
on_log(const char *line, gpointer user_data)
{
	g_ptr_array_add(user_data, g_strdup(line));
}

/* A line of a request that went well has an id, a size, and how long it took. */
static gboolean
tells_trouble(const char *line)
{
	const char *status = strstr(line, " request-id ");

	return status == NULL || strstr(status, " bytes, sent ") != NULL || strstr(status, " bytes (") != NULL ||
	       g_ascii_strtoull(status - 3, NULL, 10) >= 400;
}

static gboolean
was_said(Day *self)
{
	gboolean said = self->failures > 0 || self->home.refused->len > 0;

	for (guint i = 0; i < self->log->len && !said; i++)
		said = tells_trouble(g_ptr_array_index(self->log, i));
	return said;
}

static void
note(Day *self, gboolean done, GError **error)
{
	if (done)
		return;
	g_assert_nonnull(*error);
	g_assert_cmpuint(strlen((*error)->message), >, 0);
	self->failures++;
	g_clear_error(error);
}

static GArray *
number_of(Day *self, gint64 folder, const char *subject)
{
	g_autoptr(StoreMessage) message = folder != 0 ? home_find(&self->home, folder, subject) : NULL;

	return message != NULL ? home_numbers(message->number) : NULL;
}

static void
send(Day *self)
{
	static const char *const to[] = {SIMULATOR_OTHER, NULL};
	g_autofree char *mail = g_strdup("From: Alice <" SIMULATOR_USER ">\r\nTo: Bob <" SIMULATOR_OTHER ">\r\n"
					 "Subject: Sent\r\nMessage-ID: <sent@contoso.example>\r\n"
					 "Date: Tue, 03 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
					 "Content-Type: text/plain\r\n\r\nHello.\r\n");
	g_autoptr(GBytes) mime = g_bytes_new(mail, strlen(mail));
	g_autoptr(GError) error = NULL;

	self->sent = store_account_send(self->home.account, mime, to, NULL, &error);
	note(self, self->sent, &error);
}

static void
check(Day *self)
{
	g_autoptr(GError) error = NULL;

	note(self, store_account_check(self->home.account, self->inbox, FALSE, NULL, &error), &error);
	self->inbox = store_account_find_role(self->home.account, STORE_ROLE_INBOX);
	self->archive = store_account_find_role(self->home.account, STORE_ROLE_ARCHIVE);
}

static void
read_one(Day *self)
{
	g_autoptr(GArray) number = number_of(self, self->inbox, "Read");
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;

	if (number == NULL)
		return;
	path = store_account_fetch_body(self->home.account, self->inbox, g_array_index(number, guint32, 0), NULL,
					&error);
	note(self, path != NULL, &error);
}

/* What a host does never fails because of the service. */
static void
change(Day *self)
{
	g_autoptr(GArray) flagged = number_of(self, self->inbox, "Flagged");
	g_autoptr(GArray) moved = number_of(self, self->inbox, "Moved");
	g_autoptr(GArray) copied = number_of(self, self->inbox, "Copied");
	g_autoptr(GArray) deleted = number_of(self, self->inbox, "Deleted");
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) copies = NULL;
	static const char *const tags[] = {"Blue", NULL};
	g_autoptr(GError) error = NULL;

	if (self->inbox == 0)
		return;
	self->made = store_account_create_folder(self->home.account, self->inbox, "Made", &error);
	g_assert_no_error(error);
	if (flagged != NULL) {
		store_account_change_flags(self->home.account, self->inbox, flagged,
					   STORE_FLAG_READ | STORE_FLAG_FLAGGED, 0, &error);
		g_assert_no_error(error);
		store_account_set_categories(self->home.account, self->inbox, g_array_index(flagged, guint32, 0), tags,
					     &error);
		g_assert_no_error(error);
	}
	if (moved != NULL)
		numbers = store_account_move_messages(self->home.account, self->inbox, moved, self->made, &error);
	g_assert_no_error(error);
	if (copied != NULL)
		copies = store_account_copy_messages(self->home.account, self->inbox, copied, self->made, &error);
	g_assert_no_error(error);
	if (deleted != NULL)
		store_account_delete_messages(self->home.account, self->inbox, deleted, &error);
	g_assert_no_error(error);
	home_append(&self->home, self->inbox, "Appended", STORE_FLAG_READ);
	note(self, store_account_push(self->home.account, NULL, &error), &error);
	store_account_rename_folder(self->home.account, self->made, "Renamed", &error);
	g_clear_error(&error); /* it may have been undone */
	note(self, store_account_push(self->home.account, NULL, &error), &error);
}

static const char *const subjects[] = {"Read", "Flagged", "Moved", "Copied", "Deleted"};

static void
day_begin(Day *self)
{
	memset(self, 0, sizeof *self);
	home_set_up(&self->home, NULL);
	graph_client_set_patience(self->home.client, BACK_OFF, TIMEOUT);
	self->log = g_ptr_array_new_with_free_func(g_free);
	graph_client_set_log(self->home.client, on_log, g_ptr_array_ref(self->log), (GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; i < G_N_ELEMENTS(subjects); i++)
		g_free(home_deliver(&self->home, "inbox", subjects[i]));
}

static void
day_end(Day *self)
{
	home_tear_down(&self->home, NULL);
	g_ptr_array_unref(self->log);
}

static void
day_run(Day *self)
{
	check(self);
	read_one(self);
	change(self);
	g_free(home_deliver(&self->home, "inbox", "Later"));
	send(self);
	check(self);
}

/* What was not sent the host sends again: the store looks before it does. */
static void
day_settle(Day *self)
{
	g_autofree char *difference = NULL;
	g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	simulator_clear_faults(self->home.simulator);
	for (guint i = 0; i < CHECKS; i++)
		store_account_check(self->home.account, 0, TRUE, NULL, NULL);
	home_check(&self->home);
	if (!self->sent)
		send(self);
	g_assert_true(self->sent);
	home_check(&self->home);
	g_assert_cmpuint(store_account_count_waiting(self->home.account), ==, 0);
	difference = agreement_find_difference(&self->home, counted);
	g_assert_cmpstr(difference, ==, NULL);
}

static guint
count(Day *self, const char *subject)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home.account, NULL);
	guint n = 0;

	for (guint i = 0; i < folders->len; i++) {
		g_autoptr(GPtrArray) messages = store_account_list_messages(
			self->home.account, ((StoreFolder *)g_ptr_array_index(folders, i))->key, NULL, NULL);

		for (guint j = 0; j < messages->len; j++)
			n += g_strcmp0(((StoreMessage *)g_ptr_array_index(messages, j))->subject, subject) == 0;
	}
	return n;
}

static gboolean
is_flagged(Day *self)
{
	g_autoptr(StoreMessage) message = home_find(&self->home, self->inbox, "Flagged");

	return message != NULL &&
	       (message->flags & (STORE_FLAG_READ | STORE_FLAG_FLAGGED)) == (STORE_FLAG_READ | STORE_FLAG_FLAGGED) &&
	       message->categories != NULL && g_strv_contains((const char *const *)message->categories, "Blue");
}

#define demand(condition)                           \
	if (!(condition))                           \
	g_error("not so: %s; said: %s", #condition, \
		self->home.refused->len > 0 ? (char *)g_ptr_array_index(self->home.refused, 0) : "nothing")

/* @whole: nothing may have been refused, all that the host did is at the server. */
static void
day_judge(Day *self, gboolean whole)
{
	gboolean excused = self->home.refused->len > 0;

	demand(count(self, "Read") == 1);
	demand(count(self, "Flagged") == 1);
	demand(count(self, "Moved") == 1);
	demand(count(self, "Later") == 1);
	demand(home_count(&self->home, "sentitems", "Sent") == 1);
	demand(count(self, "Copied") <= 2 && count(self, "Copied") >= 1);
	demand(count(self, "Deleted") <= 1);
	demand(count(self, "Appended") <= 1);
	if (whole)
		demand(!excused);
	if (!excused && self->made != 0) {
		g_autoptr(StoreFolder) made = store_account_get_folder(self->home.account, self->made, NULL);

		demand(made != NULL);
		demand(strcmp(made->name, "Renamed") == 0);
		demand(is_flagged(self) || self->failures > 0);
		demand(count(self, "Appended") == 1);
	}
}

static guint
count_requests(void)
{
	Day day;
	guint n;

	day_begin(&day);
	day_run(&day);
	n = simulator_get_n_requests(day.home.simulator);
	g_assert_false(was_said(&day));
	day_settle(&day);
	day_judge(&day, TRUE);
	g_assert_cmpuint(count(&day, "Deleted"), ==, 0);
	g_assert_cmpuint(count(&day, "Copied"), ==, 2);
	day_end(&day);
	return n;
}

/* An answer without a body has no middle, and a mail may end anywhere. */
static gboolean
is_whole_when_cut(const char *request)
{
	return strstr(request, "/sendMail ") != NULL || strstr(request, "/$value ") != NULL;
}

static void
run_with(guint fault, guint nth)
{
	g_autofree char *json = g_strdup_printf("{\"nth\": %u, %s}", nth, faults[fault].what);
	g_auto(GStrv) requests = NULL;
	g_autoptr(GError) error = NULL;
	Day day;

	day_begin(&day);
	simulator_add_fault(day.home.simulator, json, &error);
	g_assert_no_error(error);
	day_run(&day);
	requests = simulator_get_requests(day.home.simulator);
	g_test_message("%s at request %u: %s", faults[fault].name, nth,
		       g_strv_length(requests) >= nth ? requests[nth - 1] : "not reached");
	if (g_strv_length(requests) >= nth && !faults[fault].unseen && !is_whole_when_cut(requests[nth - 1]) &&
	    !was_said(&day))
		g_error("nobody hears of it");
	day_settle(&day);
	day_judge(&day, !faults[fault].refusal);
	day_end(&day);
}

/* STORE_TEST_WHOLE: every request; else a third of them, another third with the next fault, fewer of the slow ones. */
static void
test_fault(gconstpointer data)
{
	guint fault = GPOINTER_TO_UINT(data);
	guint n = count_requests();
	guint stride = g_getenv("STORE_TEST_WHOLE") != NULL ? 1 : faults[fault].slow ? 9 : 3;
	const char *wanted = g_getenv("STORE_TEST_REQUEST");

	if (wanted != NULL) {
		run_with(fault, (guint)strtoul(wanted, NULL, 10));
		return;
	}
	for (guint nth = 1 + fault % stride; nth <= n; nth += stride)
		run_with(fault, nth);
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
