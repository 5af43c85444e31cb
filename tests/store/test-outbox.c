/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "graph-error.h"
#include "graph-message.h"
#include "home.h"
#include "store-db.h"

static const char *const other[] = {SIMULATOR_OTHER, NULL};

#define RECEIPT "Return-Receipt-To: " SIMULATOR_USER "\r\n"

/* A mail leaves in one request, or as a draft that is told of its header first. */
static const char *const ways[] = {"", RECEIPT};

static GBytes *
write_bare(const char *subject, const char *header)
{
	char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
				     "\r\nSubject: %s\r\nMessage-ID: <%s@contoso.example>\r\n%s\r\nHello.\r\n",
				     subject, subject, header);

	return g_bytes_new_take(mail, strlen(mail));
}

static void
send(Home *home, GBytes *mime, const char *const *recipients)
{
	g_autoptr(GError) error = NULL;

	store_account_send(home->account, mime, recipients, NULL, &error);
	g_assert_no_error(error);
}

static void
set_up(Home *home, gconstpointer data)
{
	home_set_up(home, data);
	home_check(home);
	simulator_reset_log(home->simulator);
}

static void
test_mail_arrives_once(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("greeting");

	home_send(home, mime);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	g_assert_cmpuint(home_count_received(home, "greeting"), ==, 1);
	home_check(home);
	{
		g_autoptr(StoreMessage) sent =
			home_find(home, store_account_find_role(home->account, STORE_ROLE_SENT), "greeting");

		g_assert_nonnull(sent);
		g_assert_false(sent->flags & STORE_FLAG_NEW);
	}
}

static void
test_bcc_receives_it_and_is_not_named(Home *home, gconstpointer data)
{
	static const char mail[] = "From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_USER "\r\nSubject: secret\r\n"
				   "Message-ID: <secret@contoso.example>\r\n\r\nHush.\r\n";
	static const char *const both[] = {SIMULATOR_USER, SIMULATOR_OTHER, NULL};
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, sizeof mail - 1);

	send(home, mime, both);
	g_assert_cmpuint(home_count_received(home, "secret"), ==, 1);
}

/* The work was done, the answer did not come. */
static void
test_lost_answer_sends_no_second_one(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("lost");

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "lost"), ==, 1);
}

static void
test_second_try_looks_first(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("later");
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	home_close(home);
	home_open(home);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "later"), ==, 1);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 1);
}

/* Longer than what the service compares with (API.md 2.2). */
static void
test_long_message_id_is_sent_once(Home *home, gconstpointer data)
{
	g_autofree char *name = g_strnfill(150, 'a');
	g_autofree char *mail =
		g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
				"\r\nSubject: long\r\nMessage-ID: <%s@contoso.example>\r\n\r\nHello.\r\n",
				name);
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "long"), ==, 1);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 1);
}

/* The host's program ended after the mail had left, and before it could take it out of its queue. */
static void
test_mail_that_was_sent_is_not_sent_when_it_comes_again(Home *home, gconstpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *subject = g_strdup_printf("again%u", i);
		g_autoptr(GBytes) mime = write_bare(subject, ways[i]);

		home_send(home, mime);
		home_close(home);
		home_open(home);
		home_check(home);
		simulator_reset_log(home->simulator);
		home_send(home, mime);
		g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

static void
test_same_words_without_id_are_another_mail(Home *home, gconstpointer data)
{
	static const char mail[] =
		"From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: yes\r\n\r\nYes.\r\n";
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, sizeof mail - 1);

	home_send(home, mime);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "yes"), ==, 2);
}

/* As if what was done had been done so many seconds earlier. */
static void
age(Home *home, gint64 seconds)
{
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	StoreDb *db;

	home_close(home);
	db = store_db_open(path, NULL, &error);
	g_assert_no_error(error);
	store_db_run(db, &error, "UPDATE outbox SET begun = begun - ?", "l", seconds);
	g_assert_no_error(error);
	g_object_unref(db);
	home_open(home);
}

static void
expect_uncertain(Home *home, GBytes *mime)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
}

/* @when: "work": it was done, "before": it was not; nobody knows, and nobody can look it up for now. */
static void
lose_answer(Home *home, GBytes *mime, const char *when)
{
	g_autofree char *lost =
		g_strdup_printf("{\"path\":\"/send(Mail)?$\",\"kind\":\"close\",\"when\":\"%s\"}", when);

	home_fault(home, lost);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403,\"count\":0}");
	expect_uncertain(home, mime);
	simulator_clear_faults(home->simulator);
}

/* It may be the service's own, on its way; or one that a window saved, whose answer we do not have yet. */
static void
test_what_lies_in_drafts_is_not_taken_for_sent(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("lying");
	g_autoptr(GraphMessage) draft = NULL;
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"before\"}");
	draft = graph_message_create_mime(home->client, mime, NULL, &error);
	g_assert_no_error(error);
	expect_uncertain(home, mime);
	home_check(home);
	expect_uncertain(home, mime);
	g_assert_cmpuint(home_count_received(home, "lying"), ==, 0);
	age(home, 700);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "lying"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "lying"), ==, 1);
}

static void
save_draft(Home *home, GBytes *mime)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "window-XXXXXX", NULL);
	g_autoptr(GError) error = NULL;
	int fd = g_mkstemp(path);

	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_file_set_contents(path, g_bytes_get_data(mime, NULL), (gssize)g_bytes_get_size(mime), &error);
	g_assert_no_error(error);
	store_account_append_message(home->account, store_account_find_role(home->account, STORE_ROLE_DRAFTS), path,
				     STORE_FLAG_READ, &error);
	g_assert_no_error(error);
	g_unlink(path);
	store_account_flush(home->account, NULL, &error);
	g_assert_no_error(error);
}

/* Saved before it is sent, or after it could not be. */
static void
test_draft_of_a_window_does_not_keep_its_mail_back(Home *home, gconstpointer data)
{
	for (guint i = 0; i < 2; i++) {
		g_autofree char *subject = g_strdup_printf("saved%u", i);
		g_autoptr(GBytes) mime = home_write_letter(subject);

		if (i == 0)
			save_draft(home, mime);
		home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"before\"}");
		expect_uncertain(home, mime);
		if (i == 1)
			save_draft(home, mime);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

/* A person files the copy elsewhere before the mail is sent again. */
static void
test_check_finds_out_what_became_of_a_mail(Home *home, gconstpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *subject = g_strdup_printf("filed%u", i);
		g_autoptr(GBytes) mime = write_bare(subject, ways[i]);
		g_autoptr(JsonObject) copy = NULL;
		g_autoptr(GError) error = NULL;

		home_fault(home, "{\"path\":\"/send(Mail)?$\",\"kind\":\"close\",\"when\":\"work\"}");
		home_fault(home, "{\"path\":\"/messages\",\"method\":\"GET\",\"status\":403}");
		expect_uncertain(home, mime);
		simulator_clear_faults(home->simulator);
		home_check(home);
		copy = home_get(home, "sentitems", subject);
		simulator_delete(home->simulator, SIMULATOR_USER, json_object_get_string_member(copy, "id"), &error);
		g_assert_no_error(error);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

/* It was asked to be sent, and the service did not: it goes to Deleted Items, and the mail is sent anew. */
static void
test_draft_that_is_not_sent_is_put_away_later(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_bare("stuck", RECEIPT);

	home_fault(home, "{\"path\":\"/send$\",\"kind\":\"close\",\"when\":\"before\",\"count\":0}");
	expect_uncertain(home, mime);
	simulator_clear_faults(home->simulator);
	home_check(home);
	g_assert_cmpuint(home_count(home, "drafts", "stuck"), ==, 1);
	age(home, 700);
	home_check(home);
	g_assert_cmpuint(home_count(home, "drafts", "stuck"), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", "stuck"), ==, 1);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "stuck"), ==, 1);
}

static gpointer
run_check(gpointer data)
{
	gpointer *both = data;

	store_account_check(((Home *)both[0])->account, 0, FALSE, both[1], NULL);
	return NULL;
}

/* It looks for a mail that is nowhere, and rests for hours between two looks. */
static void
test_check_that_rests_keeps_nobody_from_sending(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_bare("nowhere", RECEIPT);
	g_autoptr(GBytes) meanwhile = home_write_letter("meanwhile");
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	gpointer both[] = {home, cancellable};
	GThread *thread;

	home_fault(home, "{\"path\":\"/send$\",\"kind\":\"close\",\"when\":\"before\",\"count\":0}");
	expect_uncertain(home, mime);
	simulator_clear_faults(home->simulator);
	home_fault(home, "{\"method\":\"GET\",\"path\":\"/me/messages/[^/]+$\",\"status\":404,\"count\":0}");
	store_account_set_patience(home->account, 3600 * 1000);
	simulator_reset_log(home->simulator);
	thread = g_thread_new("check", run_check, both);
	while (home_get_n_requests(home, "GET /v1.0/me/messages/") == 0)
		g_usleep(1000);
	home_send(home, meanwhile);
	g_assert_cmpuint(home_count_received(home, "meanwhile"), ==, 1);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages/"), ==, 1);
	g_cancellable_cancel(cancellable);
	g_thread_join(thread);
	simulator_clear_faults(home->simulator);
	store_account_set_patience(home->account, 1);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "nowhere"), ==, 1);
}

/* An answer that leaves out whether it is a draft does not say that it was sent. */
static void
test_what_is_not_said_is_not_believed(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_bare("unsaid", RECEIPT);
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/send$\",\"kind\":\"close\",\"when\":\"before\"}");
	home_fault(home, "{\"path\":\"/messages/[^/]*$\",\"method\":\"GET\",\"status\":200,\"body\":{\"id\":\"1\"}}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_nonnull(error);
	g_assert_cmpuint(home_count_received(home, "unsaid"), ==, 0);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "unsaid"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

static void
test_unsent_mail_is_sent_at_the_second_try(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("retry");
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"before\"}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "retry"), ==, 1);
}

/*
 * It does what it was asked for long after the answer was given up: until nobody believes in that any more, the mail is
 * looked for, waits where it is, and keeps no other one.
 */
static void
test_service_that_does_it_late_does_it_once(Home *home, gconstpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *subject = g_strdup_printf("late%u", i);
		g_autofree char *between = g_strdup_printf("between%u", i);
		g_autoptr(GBytes) mime = write_bare(subject, ways[i]);
		g_autoptr(GBytes) meanwhile = home_write_letter(between);

		store_account_set_late_after(home->account, 600);
		graph_client_set_patience(home->client, 5, 3);
		home_fault(home, "{\"path\":\"/send(Mail)?$\",\"kind\":\"hang\"}");
		/* On its way through the service a draft is nowhere. */
		home_fault(home, "{\"method\":\"GET\",\"path\":\"/me/messages/[^/]+$\",\"status\":404,\"count\":0}");
		expect_uncertain(home, mime);
		graph_client_set_patience(home->client, 5, 60);
		expect_uncertain(home, mime);
		home_send(home, meanwhile);
		g_assert_cmpuint(home_count_received(home, between), ==, 1);
		age(home, 500);
		store_account_set_late_after(home->account, 600);
		expect_uncertain(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 0);
		simulator_release(home->simulator);
		while (home_count_received(home, subject) == 0)
			g_usleep(1000);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
		simulator_clear_faults(home->simulator);
	}
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 3);
}

/* Before the service was asked: there is nothing to wait for. */
static void
test_mail_that_was_cancelled_before_it_left_is_sent_at_once(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("early");
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;

	store_account_set_late_after(home->account, 600);
	g_cancellable_cancel(cancellable);
	g_assert_false(store_account_send(home->account, mime, other, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "early"), ==, 1);
}

/* It does not come any more. */
static void
test_mail_that_is_not_found_is_sent_after_a_while(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("never");

	store_account_set_late_after(home->account, 600);
	lose_answer(home, mime, "before");
	expect_uncertain(home, mime);
	age(home, 700);
	store_account_set_late_after(home->account, 600);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "never"), ==, 1);
}

/* A gateway that says "later" although the service did it. */
static void
test_later_is_not_believed(Home *home, gconstpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *subject = g_strdup_printf("busy%u", i);
		g_autoptr(GBytes) mime = write_bare(subject, ways[i]);

		home_fault(home, "{\"path\":\"/"
				 "send(Mail)?$\",\"status\":503,\"work\":true,\"headers\":{\"Retry-After\":\"0\"}}");
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
		g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
		simulator_clear_faults(home->simulator);
	}
}

/* API.md 5.5: 200 where 202 is due */
static void
test_other_success_is_no_success(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("odd");
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"status\":200}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_nonnull(error);
	g_assert_cmpuint(home_count_received(home, "odd"), ==, 0);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "odd"), ==, 1);
}

static void
expect_conflict_is_waited_out(Home *home, GBytes *mime)
{
	home_fault(
		home,
		"{\"path\":\"/send$\",\"status\":409,\"body\":{\"error\":{\"code\":\"conflict\",\"message\":\"\"}}}");
	expect_uncertain(home, mime);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 1);
}

/* The service is at it still, and will not be asked meanwhile: not twice, until nobody believes that any more. */
static void
test_draft_that_is_being_sent_is_not_thrown_away(Home *home, gconstpointer data)
{
	for (guint i = 0; i < 2; i++) {
		g_autofree char *subject = g_strdup_printf("working%u", i);
		g_autoptr(GBytes) mime = write_bare(subject, RECEIPT);
		g_autoptr(GError) error = NULL;

		store_account_set_late_after(home->account, 600);
		graph_client_set_patience(home->client, 5, 3);
		home_fault(home, "{\"path\":\"/send$\",\"kind\":\"hang\"}");
		expect_conflict_is_waited_out(home, mime);
		graph_client_set_patience(home->client, 5, 60);
		expect_conflict_is_waited_out(home, mime);
		if (i == 0) {
			simulator_release(home->simulator);
			while (home_count_received(home, subject) == 0)
				g_usleep(1000);
			home_send(home, mime);
		} else {
			age(home, 700);
			store_account_set_late_after(home->account, 600);
			home_fault(home,
				   "{\"path\":\"/send$\",\"status\":409,\"body\":{\"error\":{\"code\":\"conflict\"}}}");
			g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
			g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_CONFLICT);
			g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
			simulator_release(home->simulator);
			home_send(home, mime);
		}
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

/* What the service did not take it does not do later either. */
static void
test_mail_that_was_turned_away_is_sent_by_the_next_try(Home *home, gconstpointer data)
{
	static const struct {
		const char *fault;
		guint posts;
	} answers[] = {
		{"{\"path\":\"/sendMail$\",\"status\":503,\"headers\":{\"Retry-After\":\"0\"},\"count\":4}", 4},
		{"{\"path\":\"/sendMail$\",\"status\":200}", 1},
		{"{\"path\":\"/sendMail$\",\"kind\":\"html\"}", 1},
		{"{\"path\":\"/sendMail$\",\"status\":413}", 1},
	};

	store_account_set_late_after(home->account, 600);
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *subject = g_strdup_printf("away%u", i);
		g_autoptr(GBytes) mime = home_write_letter(subject);
		g_autoptr(GError) error = NULL;

		simulator_reset_log(home->simulator);
		home_fault(home, answers[i].fault);
		g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
		g_assert_nonnull(error);
		g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, answers[i].posts);
		g_assert_cmpuint(home_count_received(home, subject), ==, 0);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

/* A gateway that gives up does not say that of the service behind it. */
static void
test_mail_that_a_gateway_gave_up_may_come(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("gateway");

	store_account_set_late_after(home->account, 600);
	home_fault(home, "{\"path\":\"/sendMail$\",\"status\":504}");
	expect_uncertain(home, mime);
	expect_uncertain(home, mime);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 1);
}

/* The clock was a day fast when the answer was lost. */
static void
test_clock_set_back_is_no_time_gone_by(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = home_write_letter("clock");

	store_account_set_late_after(home->account, 600);
	home_fault(home, "{\"path\":\"/sendMail$\",\"status\":504}");
	expect_uncertain(home, mime);
	age(home, -24 * 60 * 60);
	store_account_set_late_after(home->account, 600);
	expect_uncertain(home, mime);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 1);
	age(home, 700);
	store_account_set_late_after(home->account, 600);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "clock"), ==, 1);
}

/* It was done, by who answers as a gateway does, or oddly; and the copy is seen only later than anybody looks. */
static void
test_mail_that_is_seen_late_is_not_sent_again(Home *home, gconstpointer data)
{
	static const char *const answers[] = {
		"\"status\":503,\"work\":true",
		"\"status\":503,\"work\":true,\"body\":\"<html>Busy</html>\"",
		"\"status\":503,\"work\":true,\"body\":{\"error\":{\"code\":\"UnknownError\",\"message\":\"\"}}",
		"\"status\":201,\"work\":true",
		"\"status\":204,\"work\":true",
	};

	store_account_set_late_after(home->account, 600);
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *subject = g_strdup_printf("unseen%u", i);
		g_autofree char *answer =
			g_strdup_printf("{\"path\":\"/sendMail$\",\"headers\":{\"Retry-After\":\"0\"},%s}", answers[i]);
		g_autoptr(GBytes) mime = home_write_letter(subject);
		g_autoptr(GError) error = NULL;

		simulator_reset_log(home->simulator);
		home_fault(home, answer);
		home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":200,\"body\":{\"value\":[]},"
				 "\"count\":0}");
		g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
		g_assert_nonnull(error);
		expect_uncertain(home, mime);
		simulator_clear_faults(home->simulator);
		home_send(home, mime);
		g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 1);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

static void
age_beside(double seconds, gpointer data)
{
	Home *home = data;
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	StoreDb *db = store_db_open(path, NULL, &error);

	g_assert_no_error(error);
	if (seconds > 0)
		store_db_run(db, &error, "UPDATE outbox SET begun = begun - 700", "");
	g_assert_no_error(error);
	g_object_unref(db);
}

/* The service asks to wait first, for long, and the answer to what leaves then is lost. */
static void
test_wait_for_a_lost_answer_begins_when_the_mail_leaves(Home *home, gconstpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *subject = g_strdup_printf("patient%u", i);
		g_autoptr(GBytes) mime = write_bare(subject, ways[i]);

		store_account_set_late_after(home->account, 600);
		home_fault(home, "{\"path\":\"/send(Mail)?$\",\"status\":429,\"headers\":{\"Retry-After\":\"0\"}}");
		home_fault(home, "{\"path\":\"/send(Mail)?$\",\"kind\":\"close\",\"when\":\"before\"}");
		home_fault(home, "{\"method\":\"GET\",\"path\":\"/me/messages/[^/]+$\",\"status\":404,\"count\":0}");
		graph_client_set_throttled(home->client, age_beside, home, NULL);
		expect_uncertain(home, mime);
		graph_client_set_throttled(home->client, NULL, NULL, NULL);
		expect_uncertain(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 0);
		simulator_clear_faults(home->simulator);
	}
}

static void
test_refusal_is_said_in_words(Home *home, gconstpointer data)
{
	static const struct {
		guint status;
		const char *code;
		const char *words;
	} refusals[] = {
		{403, "ErrorSendAsDenied", "right to send as this sender"},
		{413, "ErrorMessageSizeExceeded", "larger than your organization allows"},
		{400, "ErrorInvalidRecipients", "address of a recipient"},
		{403, "ErrorQuotaExceeded", "mailbox is full"},
		{403, "ErrorMessageSubmissionBlocked", "blocked this mailbox from sending"},
		{403, "ErrorAccountSuspend", "suspended this account"},
		{403, "ErrorExceededMessageLimit", "as much as it may for today"},
	};
	g_autoptr(GBytes) mime = home_write_letter("refused");

	for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
		g_autofree char *json = g_strdup_printf(
			"{\"path\":\"/"
			"sendMail$\",\"status\":%u,\"body\":{\"error\":{\"code\":\"%s\",\"message\":\"no\"}}}",
			refusals[i].status, refusals[i].code);
		g_autoptr(GError) error = NULL;

		home_fault(home, json);
		g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_UNSENT);
		g_assert_nonnull(strstr(error->message, refusals[i].words));
		g_assert_nonnull(strstr(error->message, refusals[i].code));
	}
	g_assert_cmpuint(home_count_received(home, "refused"), ==, 0);
}

static void
test_mail_without_id_is_found_again(Home *home, gconstpointer data)
{
	static const char mail[] =
		"From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: bare\r\n\r\nBare.\r\n";
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, sizeof mail - 1);
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "bare"), ==, 1);
}

static GBytes *
write_window(const char *date, const char *boundary, const char *text)
{
	char *mail =
		g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: window\r\nDate: %s\r\n"
				"Message-ID: <window@contoso.example>\r\nMIME-Version: 1.0\r\n"
				"Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n"
				"Content-Type: text/plain\r\n\r\n%s\r\n--%s\r\n"
				"Content-Type: application/octet-stream; name=a\r\n\r\nA\r\n--%s--\r\n",
				date, boundary, boundary, text, boundary, boundary);

	return g_bytes_new_take(mail, strlen(mail));
}

/* The host keeps a draft that is locked when it is sent; its Message-ID and its words are those of the last time. */
static void
test_draft_that_was_kept_is_sent_each_time(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) monday = write_window("Mon, 02 Mar 2026 10:00:00 +0100", "one", "Report.");
	g_autoptr(GBytes) tuesday = write_window("Tue, 03 Mar 2026 10:00:00 +0100", "two", "Report.");

	home_send(home, monday);
	home_check(home);
	age(home, 24 * 3600);
	home_send(home, tuesday);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 2);
	home_send(home, tuesday);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 2);
}

/* The answer was lost, a check found the mail, and the window is still there the next day. */
static void
test_mail_that_left_unheard_leaves_once(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_window("Tue, 03 Mar 2026 10:00:00 +0100", "one", "Hello.");
	g_autoptr(GBytes) again = write_window("Wed, 04 Mar 2026 10:00:00 +0100", "two", "Hello.");
	g_autoptr(GBytes) after = write_window("Thu, 05 Mar 2026 10:00:00 +0100", "two", "Hello.");

	lose_answer(home, first, "work");
	home_check(home);
	age(home, 16 * 3600);
	home_send(home, again);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 1);
	age(home, 24 * 3600);
	home_send(home, after);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 2);
}

/* The answer was lost, a check found the mail, and who had queued it took it out; the draft is sent as every week. */
static void
test_draft_that_was_kept_is_sent_a_week_after_it_was_found(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_window("Tue, 03 Mar 2026 10:00:00 +0100", "one", "Report.");
	g_autoptr(GBytes) next = write_window("Tue, 10 Mar 2026 10:00:00 +0100", "two", "Report.");

	lose_answer(home, first, "work");
	home_check(home);
	age(home, 7 * 24 * 3600);
	home_send(home, next);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 2);
}

/* The service knows it, and does not find it for a moment (CHECKED 8): told something, or made of JSON and asked for.
 */
static void
test_draft_that_is_not_found_at_once_is_sent(Home *home, gconstpointer data)
{
	static const char *const not_found[] = {
		"{\"method\":\"PATCH\",\"status\":404,\"count\":3}",
		"{\"method\":\"GET\",\"path\":\"/me/messages/[^/]+$\",\"status\":404,\"count\":3}",
	};
	static const char *const requests[] = {"PATCH", "GET"};
	static const char *const both[] = {SIMULATOR_OTHER, SIMULATOR_USER, NULL};

	simulator_set_drop_bcc(home->simulator, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(not_found); i++) {
		g_autofree char *subject = g_strdup_printf("young%u", i);
		g_autofree char *text = g_strnfill(i == 0 ? 5 : 2300000, 't');
		g_autofree char *mail = g_strdup_printf(
			"From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\n"
			"Message-ID: <%s@contoso.example>\r\nReturn-Receipt-To: " SIMULATOR_USER "\r\n\r\n%s\r\n",
			subject, subject, text);
		g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));

		simulator_reset_log(home->simulator);
		home_fault(home, not_found[i]);
		home_fault(home, "{\"path\":\"/send$\",\"status\":404,\"count\":3}");
		send(home, mime, both);
		g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/messages "), ==, 1);
		g_assert_cmpuint(home_get_n_requests(home, requests[i]), ==, 4);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
		g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	}
}

static gint64
count_rows(Home *home)
{
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	StoreDb *db = store_db_open(path, NULL, &error);
	gint64 n;

	g_assert_no_error(error);
	n = store_db_get_integer(db, 0, &error, "SELECT count(*) FROM outbox", "");
	g_assert_no_error(error);
	g_object_unref(db);
	return n;
}

/* Each of them, when it is found after all; and for what is never found nobody looks for ever. */
static void
test_draft_that_is_found_too_late_is_removed(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_bare("shy", RECEIPT);

	for (guint i = 0; i < 2; i++) {
		home_fault(home, "{\"path\":\"/me/messages/.*\",\"status\":404,\"count\":0}");
		for (guint try = 0; try < 2; try++) {
			g_autoptr(GError) error = NULL;

			g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
			g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND);
		}
		home_check(home);
		g_assert_cmpint(count_rows(home), ==, 2);
		if (i == 0)
			simulator_clear_faults(home->simulator);
		else
			age(home, 700);
		home_check(home);
		g_assert_cmpint(count_rows(home), ==, 0);
		g_assert_cmpuint(home_count(home, "drafts", "shy"), ==, 2 * i);
	}
	simulator_clear_faults(home->simulator);
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "shy"), ==, 1);
}

/* Who was away for weeks asks once more where it is, and it leaves once; what is nowhere is remembered no longer. */
static void
test_lost_mail_is_looked_for_before_it_is_forgotten(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) arrived = home_write_letter("arrived");
	g_autoptr(GBytes) vanished = home_write_letter("vanished");

	lose_answer(home, arrived, "work");
	lose_answer(home, vanished, "before");
	age(home, 29 * 24 * 3600);
	home_check(home);
	g_assert_cmpint(count_rows(home), ==, 2);
	age(home, 2 * 24 * 3600);
	home_check(home);
	g_assert_cmpint(count_rows(home), ==, 1);
	home_send(home, arrived);
	g_assert_cmpuint(home_count_received(home, "arrived"), ==, 1);
}

/* The check finds it; the queue hands it over again with the Date that it had, a window soon with another. */
static void
test_mail_without_id_that_a_check_found_is_not_sent_again(Home *home, gconstpointer data)
{
	static const struct {
		const char *date;
		gint64 later; /* seconds */
		guint received;
	} again[] = {
		{"Tue, 03 Mar 2026 10:00:00 +0100", 48 * 3600, 1},
		{"Tue, 03 Mar 2026 10:05:00 +0100", 300, 1},
		{"Thu, 05 Mar 2026 10:00:00 +0100", 48 * 3600, 2},
	};

	for (guint i = 0; i < G_N_ELEMENTS(again); i++) {
		g_autofree char *subject = g_strdup_printf("bare%u", i);
		g_autofree char *rest = g_strdup_printf(
			"From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\n\r\nBare.\r\n", subject);
		g_autofree char *one = g_strconcat("Date: Tue, 03 Mar 2026 10:00:00 +0100\r\n", rest, NULL);
		g_autofree char *two = g_strdup_printf("Date: %s\r\n%s", again[i].date, rest);
		g_autoptr(GBytes) first = g_bytes_new_static(one, strlen(one));
		g_autoptr(GBytes) second = g_bytes_new_static(two, strlen(two));

		lose_answer(home, first, "work");
		home_check(home);
		age(home, again[i].later);
		home_send(home, second);
		g_assert_cmpuint(home_count_received(home, subject), ==, again[i].received);
	}
}

/* A window from which a mail is sent once more writes it anew. */
static void
test_mail_written_anew_is_the_same(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_window("Tue, 03 Mar 2026 10:00:00 +0100", "one", "Hello.");
	g_autoptr(GBytes) again = write_window("Tue, 03 Mar 2026 10:05:00 +0100", "two", "Hello.");
	g_autoptr(GBytes) changed = write_window("Tue, 03 Mar 2026 10:09:00 +0100", "two", "Hello again.");
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	g_assert_false(store_account_send(home->account, first, other, NULL, &error));
	home_send(home, again);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 1);
	home_send(home, changed);
	g_assert_cmpuint(home_count_received(home, "window"), ==, 2);
}

/* Signed anew each time it is sent, and at another moment. */
static GBytes *
write_signed(const char *date, const char *signature)
{
	char *mail =
		g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: signed\r\nDate: %s\r\n"
				"Message-ID: <signed@contoso.example>\r\nMIME-Version: 1.0\r\n"
				"Content-Type: multipart/signed; boundary=s; micalg=pgp-sha512;\r\n"
				" protocol=\"application/pgp-signature\"\r\n\r\n--s\r\n"
				"Content-Type: text/plain\r\n\r\nHello.\r\n--s\r\n"
				"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n%s\r\n--s--\r\n",
				date, signature);

	return g_bytes_new_take(mail, strlen(mail));
}

static void
test_mail_signed_anew_is_the_same(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_signed("Tue, 03 Mar 2026 10:00:00 +0100", "AAAA");
	g_autoptr(GBytes) again = write_signed("Tue, 03 Mar 2026 10:05:00 +0100", "BBBB");

	lose_answer(home, first, "work");
	home_send(home, again);
	g_assert_cmpuint(home_count_received(home, "signed"), ==, 1);
}

/* With another session key each time. */
static GBytes *
write_encrypted(const char *date, const char *text)
{
	char *mail =
		g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: sealed\r\nDate: %s\r\n"
				"Message-ID: <sealed@contoso.example>\r\nMIME-Version: 1.0\r\n"
				"Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\""
				"\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\n"
				"Content-Type: application/octet-stream\r\n\r\n%s\r\n--e--\r\n",
				date, text);

	return g_bytes_new_take(mail, strlen(mail));
}

/* Whether it says the same nobody can see: it is not sent a second time, and not said to be sent. */
static void
test_mail_encrypted_anew_is_not_sent_twice(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_encrypted("Tue, 03 Mar 2026 10:00:00 +0100", "AAAA");
	g_autoptr(GBytes) again = write_encrypted("Tue, 03 Mar 2026 10:05:00 +0100", "BBBB");
	g_autoptr(GError) error = NULL;

	lose_answer(home, first, "work");
	for (guint i = 0; i < 2; i++) {
		g_assert_false(store_account_send(home->account, again, other, NULL, &error));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
		g_clear_error(&error);
	}
	g_assert_cmpuint(home_count_received(home, "sealed"), ==, 1);
	home_send(home, first);
	g_assert_cmpuint(home_count_received(home, "sealed"), ==, 1);
}

static void
test_mail_encrypted_anew_is_sent_when_the_first_was_not(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_encrypted("Tue, 03 Mar 2026 10:00:00 +0100", "AAAA");
	g_autoptr(GBytes) again = write_encrypted("Tue, 03 Mar 2026 10:05:00 +0100", "BBBB");

	lose_answer(home, first, "before");
	home_send(home, again);
	g_assert_cmpuint(home_count_received(home, "sealed"), ==, 1);
}

static GBytes *
write_redirected(const char *date, const char *id, const char *to)
{
	char *mail = g_strdup_printf(
		"From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: redirected\r\n"
		"Date: Mon, 02 Mar 2026 09:00:00 +0100\r\nMessage-ID: <original@contoso.example>\r\n"
		"Resent-Date: %s\r\nResent-From: " SIMULATOR_USER "\r\nResent-Message-ID: <%s@contoso.example>\r\n"
		"Resent-To: %s\r\n\r\nHello.\r\n",
		date, id, to);

	return g_bytes_new_take(mail, strlen(mail));
}

/* The same original to the same person: once for each time it is redirected; what was said to be sent is over. */
static void
test_mail_redirected_once_more_is_the_same(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_redirected("Tue, 03 Mar 2026 10:00:00 +0100", "1", SIMULATOR_OTHER);
	g_autoptr(GBytes) again = write_redirected("Tue, 03 Mar 2026 10:05:00 +0100", "2", SIMULATOR_OTHER);
	g_autoptr(GBytes) at_once = write_redirected("Tue, 03 Mar 2026 10:05:20 +0100", "3", SIMULATOR_OTHER);
	g_autoptr(GBytes) later = write_redirected("Thu, 05 Mar 2026 10:00:00 +0100", "4", SIMULATOR_OTHER);

	lose_answer(home, first, "work");
	home_send(home, again);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 1);
	home_send(home, at_once);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 2);
	age(home, 48 * 3600);
	home_send(home, later);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 3);
}

/* A check found it, and nobody asked for it any more; later in the month it is redirected to the same person anew. */
static void
test_mail_redirected_weeks_after_it_was_found_is_sent(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) first = write_redirected("Tue, 03 Mar 2026 10:00:00 +0100", "1", SIMULATOR_OTHER);
	g_autoptr(GBytes) later = write_redirected("Tue, 17 Mar 2026 10:00:00 +0100", "2", SIMULATOR_OTHER);

	lose_answer(home, first, "work");
	home_check(home);
	age(home, 14 * 24 * 3600);
	home_send(home, later);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 2);
	home_send(home, later);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 2);
}

/*
 * It is in Sent Items with the same Message-ID, which no check has brought yet: of the user's own mail that is
 * redirected now, or of an earlier redirection. The service does not do it the next time.
 */
static void
test_copy_that_was_there_before_is_not_taken_for_the_mail(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) original =
		write_redirected("Tue, 03 Mar 2026 10:00:00 +0100", "1", "Bob <" SIMULATOR_OTHER ">");
	g_autoptr(GBytes) mail = write_redirected("Tue, 03 Mar 2026 10:01:00 +0100", "2", SIMULATOR_OTHER);

	home_send(home, original);
	g_assert_cmpuint(home_count(home, "sentitems", "redirected"), ==, 1);
	home_fault(home, "{\"path\":\"/sendMail$\",\"kind\":\"close\",\"when\":\"before\"}");
	expect_uncertain(home, mail);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 1);
	home_send(home, mail);
	g_assert_cmpuint(home_count_received(home, "redirected"), ==, 2);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/outbox/" path, Home, NULL, set_up, test, home_tear_down)
	ADD("mail arrives once", test_mail_arrives_once);
	ADD("Bcc receives it and is not named", test_bcc_receives_it_and_is_not_named);
	ADD("lost answer sends no second one", test_lost_answer_sends_no_second_one);
	ADD("second try looks first", test_second_try_looks_first);
	ADD("mail of a long Message-ID is sent once", test_long_message_id_is_sent_once);
	ADD("mail that was sent is not sent when it comes again",
	    test_mail_that_was_sent_is_not_sent_when_it_comes_again);
	ADD("same words without id are another mail", test_same_words_without_id_are_another_mail);
	ADD("what lies in Drafts is not taken for sent", test_what_lies_in_drafts_is_not_taken_for_sent);
	ADD("draft of a window does not keep its mail back", test_draft_of_a_window_does_not_keep_its_mail_back);
	ADD("check finds out what became of a mail", test_check_finds_out_what_became_of_a_mail);
	ADD("draft that is not sent is put away later", test_draft_that_is_not_sent_is_put_away_later);
	ADD("check that rests keeps nobody from sending", test_check_that_rests_keeps_nobody_from_sending);
	ADD("what is not said is not believed", test_what_is_not_said_is_not_believed);
	ADD("unsent mail is sent at the second try", test_unsent_mail_is_sent_at_the_second_try);
	ADD("service that does it late does it once", test_service_that_does_it_late_does_it_once);
	ADD("mail that was cancelled before it left is sent at once",
	    test_mail_that_was_cancelled_before_it_left_is_sent_at_once);
	ADD("mail that is not found is sent after a while", test_mail_that_is_not_found_is_sent_after_a_while);
	ADD("later is not believed", test_later_is_not_believed);
	ADD("other success is no success", test_other_success_is_no_success);
	ADD("draft that is being sent is not thrown away", test_draft_that_is_being_sent_is_not_thrown_away);
	ADD("mail that was turned away is sent by the next try",
	    test_mail_that_was_turned_away_is_sent_by_the_next_try);
	ADD("mail that a gateway gave up may come", test_mail_that_a_gateway_gave_up_may_come);
	ADD("clock set back is no time gone by", test_clock_set_back_is_no_time_gone_by);
	ADD("mail that is seen late is not sent again", test_mail_that_is_seen_late_is_not_sent_again);
	ADD("wait for a lost answer begins when the mail leaves",
	    test_wait_for_a_lost_answer_begins_when_the_mail_leaves);
	ADD("refusal is said in words", test_refusal_is_said_in_words);
	ADD("mail without id is found again", test_mail_without_id_is_found_again);
	ADD("mail written anew is the same", test_mail_written_anew_is_the_same);
	ADD("mail signed anew is the same", test_mail_signed_anew_is_the_same);
	ADD("mail encrypted anew is not sent twice", test_mail_encrypted_anew_is_not_sent_twice);
	ADD("mail encrypted anew is sent when the first was not",
	    test_mail_encrypted_anew_is_sent_when_the_first_was_not);
	ADD("mail redirected once more is the same", test_mail_redirected_once_more_is_the_same);
	ADD("mail redirected weeks after it was found is sent", test_mail_redirected_weeks_after_it_was_found_is_sent);
	ADD("copy that was there before is not taken for the mail",
	    test_copy_that_was_there_before_is_not_taken_for_the_mail);
	ADD("draft that was kept is sent each time", test_draft_that_was_kept_is_sent_each_time);
	ADD("mail that left unheard leaves once", test_mail_that_left_unheard_leaves_once);
	ADD("draft that was kept is sent a week after it was found",
	    test_draft_that_was_kept_is_sent_a_week_after_it_was_found);
	ADD("draft that is not found at once is sent", test_draft_that_is_not_found_at_once_is_sent);
	ADD("draft that is found too late is removed", test_draft_that_is_found_too_late_is_removed);
	ADD("lost mail is looked for before it is forgotten", test_lost_mail_is_looked_for_before_it_is_forgotten);
	ADD("mail without id that a check found is not sent again",
	    test_mail_without_id_that_a_check_found_is_not_sent_again);
	return g_test_run();
}
