/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "day.h"

/*
 * A mail on each way to the service, told again and again: each time one of its requests, in turn, meets one fault.
 * What failed was said or is in the log; tried again, the mail is there once, and no draft of it is left.
 */

#define BACK_OFF 5  /* milliseconds */
#define HASTE 1	    /* seconds without a byte, where an answer is not to come */
#define PATIENCE 60 /* and where it is, however busy the machine */
#define TRIES 4
#define LOOKS 40
#define LOOK 100000 /* microseconds */

static const char *const recipients[] = {SIMULATOR_OTHER, NULL};

static const struct {
	const char *name;
	const char *header;
	gsize sizes[3]; /* of attachments */
} ways[] = {
	{"one request", "", {0}},
	{"a draft that is told something", "Return-Receipt-To: " SIMULATOR_USER "\r\n", {0}},
	{"a draft that is attached to", "", {3000000, 2300000, 0}},
	{"a draft of JSON", "", {1, 0}},
};

static const struct {
	const char *name;
	const char *what;
	gboolean slow;
	gboolean unseen; /* nothing goes wrong */
} faults[] = {
	{"closes before", "\"kind\": \"close\", \"when\": \"before\"", FALSE},
	{"closes instead of the answer", "\"kind\": \"close\", \"when\": \"work\"", FALSE},
	{"closes in the middle of the answer", "\"kind\": \"close\", \"when\": \"middle\"", FALSE},
	{"closes after the answer", "\"kind\": \"close\", \"when\": \"after\"", FALSE, TRUE},
	{"200 for any other success", "\"status\": 200", FALSE},
	{"200 after the work", "\"status\": 200, \"work\": true", FALSE},
	{"401", "\"status\": 401", FALSE},
	{"403", "\"status\": 403", FALSE},
	{"404", "\"status\": 404", FALSE},
	{"413", "\"status\": 413", FALSE},
	{"416", "\"status\": 416", FALSE},
	{"429", "\"status\": 429, \"headers\": {\"Retry-After\": \"0\"}", FALSE},
	{"500", "\"status\": 500", FALSE},
	{"500 after the work", "\"status\": 500, \"work\": true", FALSE},
	{"503 and a page for people", "\"kind\": \"html\", \"status\": 503", FALSE},
	{"503 after the work", "\"status\": 503, \"work\": true", FALSE},
	{"200 and a page for people", "\"kind\": \"html\"", FALSE},
	{"504 after the work", "\"status\": 504, \"work\": true", FALSE},
	{"JSON that is a list", "\"kind\": \"type\"", FALSE},
	{"JSON that is cut", "\"kind\": \"cut\"", FALSE},
	{"JSON of wrong members", "\"status\": 201, \"body\": {\"id\": 7, \"uploadUrl\": 1, \"value\": {}}", FALSE},
	{"the network is gone from now on", "\"count\": 0, \"kind\": \"close\", \"when\": \"before\"", FALSE},
	{"the answers are gone from now on", "\"count\": 0, \"kind\": \"close\", \"when\": \"work\"", FALSE},
	{"no answer at all", "\"kind\": \"hang\", \"for\": 1600", TRUE},
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

static GBytes *
write_mail(guint way)
{
	GString *mail = g_string_new(NULL);
	const gsize *sizes = ways[way].sizes;
	gsize length;

	g_string_append_printf(mail,
			       "From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: Sent\r\n"
			       "Message-ID: <sent@contoso.example>\r\n%sMIME-Version: 1.0\r\n",
			       ways[way].header);
	if (sizes[0] == 1) {
		g_autofree char *text = g_strnfill(2300000, 't');

		g_string_append_printf(mail, "\r\n%s\r\n", text);
	} else if (sizes[0] == 0) {
		g_string_append(mail, "\r\nHello.\r\n");
	} else {
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

static gboolean
try(Home *home, GBytes *mime)
{
	g_autoptr(GError) error = NULL;
	gboolean sent = store_account_send(home->account, mime, recipients, NULL, &error);

	g_assert_true(sent == (error == NULL));
	if (!sent) {
		g_test_message("said: %s", error->message);
		g_assert_cmpuint(strlen(error->message), >, 0);
	}
	return sent;
}

static void
begin(Home *home, guint seconds)
{
	memset(home, 0, sizeof *home);
	home_set_up(home, NULL);
	graph_client_set_patience(home->client, BACK_OFF, PATIENCE);
	home_check(home);
	graph_client_set_patience(home->client, BACK_OFF, seconds);
	n_troubles = 0;
	graph_client_set_log(home->client, on_log, NULL, NULL);
	simulator_reset_log(home->simulator);
}

static guint
count_requests(guint way, GBytes *mime)
{
	static guint counts[G_N_ELEMENTS(ways)];
	Home home;

	if (counts[way] > 0)
		return counts[way];
	begin(&home, PATIENCE);
	g_assert_true(try(&home, mime));
	g_assert_cmpuint(n_troubles, ==, 0);
	counts[way] = simulator_get_n_requests(home.simulator);
	home_tear_down(&home, NULL);
	return counts[way];
}

/* Nothing has no middle; and a session for an attachment may be told 200 (CHECKED 8). */
static gboolean
is_to_be_said(Home *home, guint fault, guint nth)
{
	g_auto(GStrv) requests = simulator_get_requests(home->simulator);
	const char *request = g_strv_length(requests) >= nth ? requests[nth - 1] : "";

	if (strstr(faults[fault].what, "middle") != NULL || strstr(faults[fault].what, "cut") != NULL)
		return !g_str_has_suffix(request, " 204") && !g_str_has_suffix(request, " 202");
	if (strstr(faults[fault].what, "\"status\": 200, \"work\"") != NULL)
		return !g_str_has_prefix(request, "PUT ") && strstr(request, "/createUploadSession ") == NULL;
	return !faults[fault].unseen;
}

/* The program ends in between, and another begins. */
static void
run_with(guint way, guint fault, guint nth, GBytes *mime)
{
	g_autofree char *json = g_strdup_printf("{\"nth\": %u, %s}", nth, faults[fault].what);
	guint n_attachments = ways[way].sizes[0] > 1 ? 2 : 0;
	g_autoptr(GError) error = NULL;
	guint arrived;
	gboolean sent;
	Home home;

	g_test_message("%s: %s at request %u", ways[way].name, faults[fault].name, nth);
	begin(&home, faults[fault].slow ? HASTE : PATIENCE);
	simulator_add_fault(home.simulator, json, &error);
	g_assert_no_error(error);
	sent = try(&home, mime);
	if (is_to_be_said(&home, fault, nth) && n_troubles == 0)
		g_error("nobody hears of it");
	arrived = count(&home, SIMULATOR_OTHER, "inbox", n_attachments);
	g_assert_cmpuint(arrived, <=, 1);
	if (sent)
		g_assert_cmpuint(arrived, ==, 1);
	simulator_clear_faults(home.simulator);
	graph_client_set_patience(home.client, BACK_OFF, PATIENCE);
	home_close(&home);
	home_open(&home);
	for (guint i = 0; !sent && i < TRIES; i++)
		sent = try(&home, mime);
	g_assert_true(sent);
	g_assert_cmpuint(count(&home, SIMULATOR_OTHER, "inbox", n_attachments), ==, 1);
	g_assert_cmpuint(count(&home, SIMULATOR_USER, "sentitems", n_attachments), ==, 1);
	/* What hung may be done only now. */
	for (guint i = 0; i < LOOKS && home_count(&home, "drafts", NULL) > 0; i++) {
		g_usleep(LOOK);
		store_account_check(home.account, 0, FALSE, NULL, NULL);
	}
	g_assert_cmpuint(home_count(&home, "drafts", NULL), ==, 0);
	home_tear_down(&home, NULL);
}

/* STORE_TEST_WHOLE: every request; else each fault meets a few of each way. */
static void
test_fault(gconstpointer data)
{
	guint fault = GPOINTER_TO_UINT(data);
	guint stride = g_getenv("STORE_TEST_WHOLE") != NULL ? 1 : faults[fault].slow ? 8 : 6;
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
