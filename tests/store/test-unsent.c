/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "graph-error.h"
#include "home.h"

/* Mail that certainly did not leave: nothing of it is waited for. */

static const char *const other[] = {SIMULATOR_OTHER, NULL};

/* In the place of the library's: a socket holds little, so that no body is in it before it is read. */
int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int size = 65536;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return (int)syscall(SYS_connect, fd, address, length);
}

static void
set_up(Home *home, gconstpointer data)
{
	home_set_up(home, data);
	home_check(home);
	simulator_reset_log(home->simulator);
	store_account_set_late_after(home->account, 600);
}

static void
work_at(Home *home, GraphClient *client)
{
	home_close(home);
	g_object_unref(home->client);
	home->client = g_object_ref(client);
	home_open(home);
	store_account_set_late_after(home->account, 600);
}

/* Who listens there speaks no TLS, and never answers; and nobody has such a name. */
static void
test_mail_that_found_no_server_is_sent_by_the_next_try(Home *home, gconstpointer data)
{
	g_autoptr(GraphClient) right = g_object_ref(home->client);
	g_autofree char *name = g_strnfill(64, 'x');
	g_autofree char *nobody = g_strdup_printf("https://%s.example", name);
	g_autofree char *plain = g_strconcat("https", strchr(simulator_get_origin(home->simulator), ':'), NULL);
	const char *const origins[] = {plain, nobody};

	for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
		g_autofree char *subject = g_strdup_printf("nowhere%u", i);
		g_autoptr(GraphClient) wrong = graph_client_new(home->authorizer, origins[i], NULL, NULL);
		g_autoptr(GBytes) mime = home_write_letter(subject);
		g_autoptr(GError) error = NULL;

		graph_client_set_patience(wrong, 5, 1);
		work_at(home, wrong);
		g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
		work_at(home, right);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
	}
}

/* What is asked to wait is a good moment. */
static void
stop_service(double seconds, gpointer data)
{
	simulator_stop(((Home *)data)->simulator);
}

/* Nobody listens any more when it is to leave. */
static void
test_mail_that_was_not_connected_is_sent_by_the_next_try(Home *home, gconstpointer data)
{
	static const char *const headers[] = {"", "Return-Receipt-To: " SIMULATOR_USER "\r\n"};

	for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autofree char *subject = g_strdup_printf("refused%u", i);
		g_autofree char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
							"\r\nSubject: %s\r\nMessage-ID: <%s@contoso.example>\r\n"
							"%s\r\nHello.\r\n",
							subject, subject, headers[i]);
		g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));
		g_autoptr(GraphClient) again = NULL;
		g_autoptr(GError) error = NULL;

		home_fault(home, "{\"path\":\"/send(Mail)?$\",\"status\":429,\"headers\":{\"Retry-After\":\"0\"}}");
		graph_client_set_throttled(home->client, stop_service, home, NULL);
		g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
		g_clear_error(&error);
		graph_client_set_throttled(home->client, NULL, NULL, NULL);
		simulator_start(home->simulator, 0, NULL, &error);
		g_assert_no_error(error);
		again = graph_client_new(home->authorizer, simulator_get_origin(home->simulator), NULL, NULL);
		work_at(home, again);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
		g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	}
}

typedef struct {
	Home *home;
	GBytes *mime;
	GCancellable *cancellable;
	GError *error;
} Sending;

static gpointer
run_sending(gpointer data)
{
	Sending *self = data;

	store_account_send(self->home->account, self->mime, other, self->cancellable, &self->error);
	return NULL;
}

static GBytes *
write_sealed(const char *subject)
{
	g_autofree char *text = g_strnfill(2800000, 'x');
	char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
				     "\r\nSubject: %s\r\nMessage-ID: <%s@contoso.example>\r\n"
				     "Content-Type: application/pkcs7-mime\r\n\r\n%s",
				     subject, subject, text);

	return g_bytes_new_take(mail, strlen(mail));
}

/* With an attachment that takes a session. */
static GBytes *
write_file(const char *subject)
{
	g_autofree char *data = g_strnfill(4000000, 'x');
	g_autofree char *text = g_base64_encode((guchar *)data, 4000000);
	char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
				     "\r\nSubject: %s\r\nMessage-ID: <%s@contoso.example>\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nHello.\r\n--m\r\n"
				     "Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n"
				     "\r\n%s\r\n--m--\r\n",
				     subject, subject, text);

	return g_bytes_new_take(mail, strlen(mail));
}

/*
 * The service takes the first bytes of a body and then no more, of which the sockets cannot hold all: what is given up
 * then was not sent, asks for nothing more, and is sent by the next try, which need not wait. A draft, if it has come
 * that far, is removed by the next check.
 */
static void
test_cancelled_in_the_middle_of_a_body(Home *home, gconstpointer data)
{
	static const struct {
		const char *fault;
		const char *request;
		guint drafts;
	} ways[] = {
		{"{\"path\": \"/sendMail$\", \"kind\": \"hang\", \"when\": \"upload\"}", "POST /v1.0/me/sendMail", 0},
		{"{\"method\": \"PUT\", \"kind\": \"hang\", \"when\": \"upload\"}", "PUT", 1},
	};

	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *subject = g_strdup_printf("middle%u", i);
		g_autoptr(GBytes) mime = i == 0 ? write_sealed(subject) : write_file(subject);
		g_autoptr(GCancellable) cancellable = g_cancellable_new();
		Sending sending = {home, mime, cancellable, NULL};
		GThread *thread;
		guint asked;

		simulator_reset_log(home->simulator);
		home_fault(home, ways[i].fault);
		thread = g_thread_new("sending", run_sending, &sending);
		while (home_get_n_requests(home, ways[i].request) == 0)
			g_usleep(1000);
		asked = simulator_get_n_requests(home->simulator);
		g_cancellable_cancel(cancellable);
		g_thread_join(thread);
		g_assert_error(sending.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
		g_clear_error(&sending.error);
		g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, asked);
		g_assert_cmpuint(home_count(home, "drafts", NULL), ==, ways[i].drafts);
		simulator_release(home->simulator);
		if (ways[i].drafts > 0)
			home_check(home);
		g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
		g_assert_cmpuint(home_count_received(home, subject), ==, 0);
		home_send(home, mime);
		g_assert_cmpuint(home_count_received(home, subject), ==, 1);
		g_assert_cmpuint(home_count(home, "sentitems", subject), ==, 1);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/unsent/" path, Home, NULL, set_up, test, home_tear_down)
	ADD("mail that found no server is sent by the next try",
	    test_mail_that_found_no_server_is_sent_by_the_next_try);
	ADD("mail that was not connected is sent by the next try",
	    test_mail_that_was_not_connected_is_sent_by_the_next_try);
	ADD("mail that was cancelled in the middle of a body", test_cancelled_in_the_middle_of_a_body);
	return g_test_run();
}
