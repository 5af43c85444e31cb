/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "day.h"

/*
 * A mail on each way to the service, told again and again: each time one of its requests, in turn, meets one fault.
 * What failed was said, with the reason, or is in the log; tried again, the mail is there once, and no draft of it is
 * left.
 */

#define BACK_OFF 5  /* milliseconds */
#define HASTE 1	    /* seconds without a byte, where an answer is not to come */
#define PATIENCE 60 /* and where it is, however busy the machine */
#define TRIES 4
#define LOOKS 40
#define LOOK 100000 /* microseconds */

#define LOOK_AGAIN 10 /* milliseconds */

#define SCOPES "User.Read Mail.ReadWrite.Shared Mail.Send.Shared"

#define TEXT 1	 /* no attachment, but a text too large for MIME */
#define SEALED 2 /* it is encrypted, and nearly as large as such mail may be */

typedef enum {
	BY_USER,
	BY_OTHER,   /* from the user's mailbox, in the name of somebody else */
	BY_MAILBOX, /* from that of somebody else */
} By;

static const struct {
	const char *name;
	const char *header;
	gsize sizes[3]; /* of attachments, or one of the above */
	By by;
} ways[] = {
	{"one request", "", {0}, BY_USER},
	{"a draft that is told something", "Return-Receipt-To: " SIMULATOR_USER "\r\n", {0}, BY_USER},
	{"a draft that is attached to", "", {3000000, 2300000, 0}, BY_USER},
	{"a draft of JSON", "", {TEXT, 0}, BY_USER},
	{"sealed", "", {SEALED, 0}, BY_USER},
	{"another sender", "", {0}, BY_OTHER},
	{"a shared mailbox", "", {0}, BY_MAILBOX},
};

/* The account, and beside it that of the shared mailbox, on the way through that. */
typedef struct {
	Home home;
	guint way;
	GraphClient *client;
	char *directory;
	StoreAccount *shared;
} Scene;

static const struct {
	const char *name;
	const char *what;
	const char *reason; /* in what is said */
	gboolean slow;
	gboolean unseen; /* nothing goes wrong */
} faults[] = {
	{"closes before", "\"kind\": \"close\", \"when\": \"before\"", "Connection terminated", FALSE},
	{"closes instead of the answer", "\"kind\": \"close\", \"when\": \"work\"", "Connection terminated", FALSE},
	{"closes in the middle of the answer", "\"kind\": \"close\", \"when\": \"middle\"", "Connection terminated",
	 FALSE},
	{"closes after the answer", "\"kind\": \"close\", \"when\": \"after\"", "Connection terminated", FALSE, TRUE},
	{"200 for any other success", "\"status\": 200", ": 200", FALSE},
	{"200 after the work", "\"status\": 200, \"work\": true", ": 200", FALSE},
	{"401", "\"status\": 401", ": 401", FALSE},
	{"403", "\"status\": 403", ": 403", FALSE},
	{"404", "\"status\": 404", ": 404", FALSE},
	{"409", "\"status\": 409", ": 409", FALSE},
	{"410", "\"status\": 410", ": 410", FALSE},
	{"412", "\"status\": 412", ": 412", FALSE},
	{"413", "\"status\": 413", ": 413", FALSE},
	{"416", "\"status\": 416", ": 416", FALSE},
	{"429", "\"status\": 429, \"headers\": {\"Retry-After\": \"0\"}", ": 429", FALSE},
	{"500", "\"status\": 500", ": 500", FALSE},
	{"500 after the work", "\"status\": 500, \"work\": true", ": 500", FALSE},
	{"502", "\"status\": 502", ": 502", FALSE},
	{"502 and a page for people", "\"kind\": \"html\", \"status\": 502", ": 502", FALSE},
	{"503 and a page for people", "\"kind\": \"html\", \"status\": 503", ": 503", FALSE},
	{"503 after the work", "\"status\": 503, \"work\": true", ": 503", FALSE},
	{"504", "\"status\": 504", ": 504", FALSE},
	{"200 and a page for people", "\"kind\": \"html\"", ": 200", FALSE},
	{"504 after the work", "\"status\": 504, \"work\": true", ": 504", FALSE},
	{"JSON that is a list", "\"kind\": \"type\"", ": 20", FALSE},
	{"JSON that is cut", "\"kind\": \"cut\"", ": 20", FALSE},
	{"JSON of wrong members", "\"status\": 201, \"body\": {\"id\": 7, \"uploadUrl\": 1, \"value\": {}}", ": 20",
	 FALSE},
	{"the network is gone from now on", "\"count\": 0, \"kind\": \"close\", \"when\": \"before\"",
	 "Connection terminated", FALSE},
	{"the answers are gone from now on", "\"count\": 0, \"kind\": \"close\", \"when\": \"work\"",
	 "Connection terminated", FALSE},
	{"no answer at all", "\"kind\": \"hang\", \"for\": 1600", "timed out", TRUE},
};

static guint n_troubles; /* lines of the log that tell of one */

static void
on_log(const char *line, gpointer data)
{
	if (!day_tells_trouble(line))
		return;
	g_test_message("logged: %s", line);
	g_atomic_int_inc(&n_troubles);
}

static const char *
get_recipient(guint way)
{
	return ways[way].by == BY_USER ? SIMULATOR_OTHER : SIMULATOR_USER;
}

static guint
count_attachments(guint way)
{
	return ways[way].sizes[0] > SEALED ? 2 : 0;
}

static void
append_sealed(GString *mail, gsize size)
{
	g_autofree char *line = g_strnfill(76, 'e');

	g_string_append(mail,
			"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=m\r\n"
			"\r\n--m\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
			"--m\r\nContent-Type: application/octet-stream\r\n\r\n");
	for (gsize done = 0; done < size; done += 78)
		g_string_append_printf(mail, "%s\r\n", line);
	g_string_append(mail, "--m--\r\n");
}

static void
append_attachments(GString *mail, const gsize *sizes)
{
	g_string_append(mail, "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nHello.\r\n");
	for (guint i = 0; sizes[i] != 0; i++) {
		g_autofree guchar *data = (guchar *)g_strnfill(sizes[i], (char)('a' + i));
		g_autofree char *text = g_base64_encode(data, sizes[i]);

		g_string_append_printf(mail,
				       "--m\r\nContent-Type: image/png; name=%u.png\r\n"
				       "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
				       i, text);
	}
	g_string_append(mail, "--m--\r\n");
}

static GBytes *
write_mail(guint way)
{
	GString *mail = g_string_new(NULL);
	const gsize *sizes = ways[way].sizes;
	gsize length;

	g_string_append_printf(mail,
			       "From: %s\r\nTo: %s\r\nSubject: Sent\r\n"
			       "Message-ID: <sent@contoso.example>\r\n%sMIME-Version: 1.0\r\n",
			       ways[way].by == BY_USER ? SIMULATOR_USER : SIMULATOR_OTHER, get_recipient(way),
			       ways[way].header);
	if (sizes[0] == TEXT) {
		g_autofree char *text = g_strnfill(2300000, 't');

		g_string_append_printf(mail, "\r\n%s\r\n", text);
	} else if (sizes[0] == SEALED) {
		append_sealed(mail, 2700000);
	} else if (sizes[0] == 0) {
		g_string_append(mail, "\r\nHello.\r\n");
	} else {
		append_attachments(mail, sizes);
	}
	length = mail->len;
	return g_bytes_new_take(g_string_free(mail, FALSE), length);
}

/* Whole, each of them. */
static guint
count(Home *home, const char *mailbox, const char *folder, guint n_attachments)
{
	g_autoptr(JsonNode) node = simulator_dump(home->simulator, mailbox, folder);
	JsonArray *messages = json_node_get_array(node);
	guint found = 0;

	for (guint i = 0; i < json_array_get_length(messages); i++) {
		JsonObject *message = json_array_get_object_element(messages, i);
		g_autofree guchar *mime = NULL;
		gsize length;
		guint n = 0;

		if (g_strcmp0(json_object_get_string_member_with_default(message, "subject", ""), "Sent") != 0)
			continue;
		mime = g_base64_decode(json_object_get_string_member(message, "x-mime"), &length);
		for (const guchar *p = mime;
		     (p = memmem(p, length - (gsize)(p - mime), "Content-Type: image/png", 23)) != NULL; p++)
			n++;
		g_assert_cmpuint(n, ==, n_attachments);
		found++;
	}
	return found;
}

static void
open_shared(Scene *self)
{
	g_autoptr(GError) error = NULL;

	if (self->client == NULL)
		return;
	self->shared = store_account_new(self->directory, self->client, &error);
	g_assert_no_error(error);
	store_account_set_patience(self->shared, LOOK_AGAIN);
	store_account_set_late_after(self->shared, 0);
}

static void
close_shared(Scene *self)
{
	if (self->shared != NULL)
		g_assert_finalize_object(self->shared);
	self->shared = NULL;
}

static void
set_patience(Scene *self, guint seconds)
{
	graph_client_set_patience(self->home.client, BACK_OFF, seconds);
	if (self->client != NULL)
		graph_client_set_patience(self->client, BACK_OFF, seconds);
}

static void
begin(Scene *self, guint way, guint seconds)
{
	g_autoptr(GError) error = NULL;

	memset(self, 0, sizeof *self);
	self->way = way;
	home_set_up_with(&self->home, SCOPES);
	if (ways[way].by != BY_USER)
		simulator_share(self->home.simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	if (ways[way].by == BY_MAILBOX) {
		self->client = graph_client_new(self->home.authorizer, simulator_get_origin(self->home.simulator),
						SIMULATOR_OTHER, NULL);
		self->directory = g_dir_make_tmp("shared-XXXXXX", &error);
		g_assert_no_error(error);
		graph_client_set_log(self->client, on_log, NULL, NULL);
	}
	open_shared(self);
	set_patience(self, PATIENCE);
	home_check(&self->home);
	set_patience(self, seconds);
	n_troubles = 0;
	graph_client_set_log(self->home.client, on_log, NULL, NULL);
	simulator_reset_log(self->home.simulator);
}

static void
end(Scene *self)
{
	close_shared(self);
	if (self->client != NULL) {
		g_assert_finalize_object(self->client);
		store_account_remove(self->directory, NULL);
		g_free(self->directory);
	}
	home_tear_down(&self->home, NULL);
}

/* @reason: (nullable): is to be said when it fails */
static gboolean
try(Scene *self, GBytes *mime, const char *reason)
{
	const char *recipients[] = {get_recipient(self->way), NULL};
	StoreAccount *account = self->home.account;
	g_autoptr(GError) error = NULL;
	gboolean sent = self->shared != NULL
				? store_account_send_through(account, self->shared, mime, recipients, NULL, &error)
				: store_account_send(account, mime, recipients, NULL, &error);

	g_assert_true(sent == (error == NULL));
	if (sent)
		return TRUE;
	g_test_message("said: %s", error->message);
	if (reason != NULL && strstr(error->message, reason) == NULL)
		g_error("“%s” does not tell of “%s”", error->message, reason);
	return FALSE;
}

static guint
count_requests(guint way, GBytes *mime)
{
	static guint counts[G_N_ELEMENTS(ways)];
	Scene scene;

	if (counts[way] > 0)
		return counts[way];
	begin(&scene, way, PATIENCE);
	g_assert_true(try(&scene, mime, NULL));
	g_assert_cmpuint(n_troubles, ==, 0);
	counts[way] = simulator_get_n_requests(scene.home.simulator);
	end(&scene);
	return counts[way];
}

/* Whether the service is heard to say that it did what it was asked for, or that is not to be told from another answer.
 */
static gboolean
is_answered(const char *request, guint fault)
{
	/* What is read or changed may be answered with 200 and little else. */
	if (g_str_has_prefix(request, "GET ") || g_str_has_prefix(request, "PATCH "))
		return g_str_has_suffix(request, " 200") || g_str_has_suffix(request, " 201");
	/* Nothing has no middle. */
	if (strstr(faults[fault].what, "middle") != NULL || strstr(faults[fault].what, "cut") != NULL)
		return g_str_has_suffix(request, " 204") || g_str_has_suffix(request, " 202");
	/* A session for an attachment may be told 200 (CHECKED 8). */
	return strstr(faults[fault].what, "\"status\": 200, \"work\"") != NULL &&
	       strstr(request, "/createUploadSession ") != NULL;
}

/* After a piece that was not answered as it should it goes on where the service says. */
static gboolean
is_to_be_said(Scene *self, guint fault, guint nth)
{
	g_auto(GStrv) requests = simulator_get_requests(self->home.simulator);
	const char *request = g_strv_length(requests) >= nth ? requests[nth - 1] : "";

	return !faults[fault].unseen && !faults[fault].slow && !g_str_has_prefix(request, "PUT ") &&
	       !is_answered(request, fault);
}

/* Of the shared mailbox, or where that refused it, of the user's own. */
static guint
count_copies(Scene *self)
{
	guint n = count(&self->home, SIMULATOR_USER, "sentitems", count_attachments(self->way));

	return n + (self->shared != NULL ? count(&self->home, SIMULATOR_OTHER, "sentitems", 0) : 0);
}

static guint
count_drafts(Scene *self)
{
	guint n = home_count(&self->home, "drafts", NULL);

	return n + (self->shared != NULL ? count(&self->home, SIMULATOR_OTHER, "drafts", 0) : 0);
}

/* The program ends in between, and another begins. */
static void
run_with(guint way, guint fault, guint nth, GBytes *mime)
{
	g_autofree char *json = g_strdup_printf("{\"nth\": %u, %s}", nth, faults[fault].what);
	g_autoptr(GError) error = NULL;
	guint arrived;
	gboolean sent;
	Scene scene;

	g_test_message("%s: %s at request %u", ways[way].name, faults[fault].name, nth);
	begin(&scene, way, faults[fault].slow ? HASTE : PATIENCE);
	simulator_add_fault(scene.home.simulator, json, &error);
	g_assert_no_error(error);
	sent = try(&scene, mime, faults[fault].reason);
	if (sent && is_to_be_said(&scene, fault, nth) && n_troubles == 0)
		g_error("nobody hears of it");
	arrived = count(&scene.home, get_recipient(way), "inbox", count_attachments(way));
	g_assert_cmpuint(arrived, <=, 1);
	if (sent)
		g_assert_cmpuint(arrived, ==, 1);
	simulator_clear_faults(scene.home.simulator);
	set_patience(&scene, PATIENCE);
	close_shared(&scene);
	home_close(&scene.home);
	home_open(&scene.home);
	open_shared(&scene);
	for (guint i = 0; !sent && i < TRIES; i++)
		sent = try(&scene, mime, NULL);
	g_assert_true(sent);
	g_assert_cmpuint(count(&scene.home, get_recipient(way), "inbox", count_attachments(way)), ==, 1);
	g_assert_cmpuint(count_copies(&scene), ==, 1);
	/* What hung may be done only now. */
	for (guint i = 0; i < LOOKS && count_drafts(&scene) > 0; i++) {
		g_usleep(LOOK);
		store_account_check(scene.home.account, 0, FALSE, NULL, NULL);
		if (scene.shared != NULL)
			store_account_check(scene.shared, 0, FALSE, NULL, NULL);
	}
	g_assert_cmpuint(count_drafts(&scene), ==, 0);
	end(&scene);
}

/* STORE_TEST_WHOLE: every request; else each fault meets a few of each way. */
static void
test_fault(gconstpointer data)
{
	guint fault = GPOINTER_TO_UINT(data);
	guint stride = g_getenv("STORE_TEST_WHOLE") != NULL ? 1 : faults[fault].slow ? 13 : 9;
	const char *wanted = g_getenv("STORE_TEST_REQUEST");

	for (guint way = 0; way < G_N_ELEMENTS(ways); way++) {
		g_autoptr(GBytes) mime = write_mail(way);
		guint n = count_requests(way, mime);

		for (guint nth = wanted != NULL ? (guint)strtoul(wanted, NULL, 10) : 1 + (fault + way) % stride;
		     nth <= n; nth += wanted != NULL ? n : stride)
			run_with(way, fault, nth, mime);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autofree char *path = g_strdup_printf("/store/delivery/any request may meet: %s", faults[i].name);

		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_fault);
	}
	return g_test_run();
}
