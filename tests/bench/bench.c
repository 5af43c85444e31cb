/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One piece of work of the store, at a tenant in another process, beside a main loop that reads and writes as a host
 * does while a folder comes. What it took is printed as one JSON object. tests/bench/run calls it, a process for each
 * row of the table, so that the peak of its memory belongs to that work.
 */
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "graph-message.h"
#include "store-account.h"

#define TICK_MS 5
#define TURN_MS 100   /* as the plugin's rescans */
#define COST_FACTOR 5 /* likewise */
#define EDIT_MS 250   /* a person marks a mail, and takes it back */
#define MAIL_BYTES 10240

/* Hands out one token that it was given. */
#define BENCH_TYPE_AUTHORIZER (bench_authorizer_get_type())
G_DECLARE_FINAL_TYPE(BenchAuthorizer, bench_authorizer, BENCH, AUTHORIZER, GObject)

struct _BenchAuthorizer {
	GObject parent_instance;
};

static char *
acquire_token(OauthAuthorizer *authorizer, GCancellable *cancellable, GError **error)
{
	return g_strdup(g_getenv("OUTLOOK_BENCH_TOKEN"));
}

static void
reject_token(OauthAuthorizer *authorizer, const char *token, const char *claims)
{
}

static void
bench_authorizer_iface_init(OauthAuthorizerInterface *iface)
{
	iface->acquire_token = acquire_token;
	iface->reject_token = reject_token;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(BenchAuthorizer, bench_authorizer, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(OAUTH_TYPE_AUTHORIZER, bench_authorizer_iface_init))

static void
bench_authorizer_class_init(BenchAuthorizerClass *klass)
{
}

static void
bench_authorizer_init(BenchAuthorizer *self)
{
}

/* @thread: what runs beside the main loop; the members below it belong to the main loop. */
typedef struct Bench Bench;
struct Bench {
	GraphClient *client;
	StoreAccount *account;
	gboolean (*work)(Bench *self, GError **error);
	GThread *thread;
	GError *error;
	gint64 inbox;
	guint count;

	GMainLoop *loop;
	gint64 begun;
	gint64 first; /* when the first rows were read */
	gint64 last_tick;
	gint64 stall;
	gint64 next_turn;
	gint changed; /* atomic */
	guint32 seen; /* highest number that was read */
	guint rows;
	gboolean flagged;
};

static void
require(gconstpointer done, GError *error)
{
	if (done != NULL)
		return;
	g_printerr("outlook-bench: %s\n", error != NULL ? error->message : "failed");
	exit(1);
}

static gboolean
on_tick(gpointer data)
{
	Bench *self = data;
	gint64 now = g_get_monotonic_time();

	self->stall = MAX(self->stall, now - self->last_tick);
	self->last_tick = now;
	return G_SOURCE_CONTINUE;
}

/* What a host's scan reads: all numbers, what is new of them, all flags and categories. */
static void
read_folder(Bench *self)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) numbers = store_account_list_numbers(self->account, self->inbox, &error);
	g_autoptr(GArray) new = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GPtrArray) messages = NULL;
	g_autoptr(GArray) flags = NULL;
	g_autoptr(GHashTable) categories = NULL;

	require(numbers, error);
	for (guint i = 0; i < numbers->len; i++) {
		guint32 number = g_array_index(numbers, guint32, i);

		if (number > self->seen)
			g_array_append_val(new, number);
	}
	messages = store_account_list_messages(self->account, self->inbox, new, &error);
	require(messages, error);
	flags = store_account_list_flags(self->account, self->inbox, &error);
	require(flags, error);
	categories = store_account_list_categories(self->account, self->inbox, &error);
	require(categories, error);
	self->rows = numbers->len;
	if (numbers->len > 0 && self->seen < G_MAXUINT32)
		self->seen = g_array_index(numbers, guint32, numbers->len - 1);
}

static gboolean
on_turn(gpointer data)
{
	Bench *self = data;
	gint64 start = g_get_monotonic_time();
	gint64 end;

	if (start < self->next_turn || !g_atomic_int_compare_and_exchange(&self->changed, TRUE, FALSE))
		return G_SOURCE_CONTINUE;
	if (self->inbox == 0)
		self->inbox = store_account_find_role(self->account, STORE_ROLE_INBOX);
	if (self->inbox == 0)
		return G_SOURCE_CONTINUE;
	read_folder(self);
	end = g_get_monotonic_time();
	if (self->first == 0 && self->rows > 0)
		self->first = end;
	self->next_turn = end + COST_FACTOR * (end - start);
	return G_SOURCE_CONTINUE;
}

static gboolean
on_edit(gpointer data)
{
	Bench *self = data;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GError) error = NULL;

	if (self->rows == 0)
		return G_SOURCE_CONTINUE;
	g_array_append_val(numbers, self->seen);
	self->flagged = !self->flagged;
	if (!store_account_change_flags(self->account, self->inbox, numbers, self->flagged ? STORE_FLAG_FLAGGED : 0,
					self->flagged ? 0 : STORE_FLAG_FLAGGED, &error))
		require(NULL, error);
	return G_SOURCE_CONTINUE;
}

static void
on_folder_changed(StoreAccount *account, gint64 folder, guint arrived, Bench *self)
{
	g_atomic_int_set(&self->changed, TRUE);
}

static gboolean
quit(gpointer data)
{
	g_main_loop_quit(((Bench *)data)->loop);
	return G_SOURCE_REMOVE;
}

static gpointer
run_work(gpointer data)
{
	Bench *self = data;

	self->work(self, &self->error);
	g_idle_add(quit, self);
	return NULL;
}

static guint
read_peak(void)
{
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL) || (line = strstr(text, "VmHWM:")) == NULL)
		return 0;
	return (guint)g_ascii_strtoull(line + strlen("VmHWM:"), NULL, 10);
}

/* Runs the work to its end beside the loop. Seconds. */
static double
run_beside_loop(Bench *self, gboolean (*work)(Bench *self, GError **error), gboolean edits)
{
	gint64 begun = g_get_monotonic_time();

	self->work = work;
	self->last_tick = begun;
	g_timeout_add_full(G_PRIORITY_HIGH, TICK_MS, on_tick, self, NULL);
	g_timeout_add(TURN_MS, on_turn, self);
	if (edits)
		g_timeout_add(EDIT_MS, on_edit, self);
	self->thread = g_thread_new("work", run_work, self);
	g_main_loop_run(self->loop);
	g_thread_join(self->thread);
	if (self->error != NULL)
		require(NULL, self->error);
	if (self->rows > 0 && g_atomic_int_get(&self->changed))
		read_folder(self);
	return (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
}

static gboolean
check(Bench *self, GError **error)
{
	return store_account_check(self->account, store_account_find_role(self->account, STORE_ROLE_INBOX), FALSE, NULL,
				   error);
}

static gboolean
push(Bench *self, GError **error)
{
	return store_account_push(self->account, NULL, error);
}

static GArray *
list_newest(Bench *self)
{
	g_autoptr(GError) error = NULL;
	GArray *numbers = store_account_list_numbers(self->account, self->inbox, &error);

	require(numbers, error);
	if (numbers->len > self->count)
		g_array_set_size(numbers, self->count);
	return numbers;
}

/* The host has its answer before the server knows of anything: milliseconds. */
static double
change(Bench *self, const char *what)
{
	g_autoptr(GArray) numbers = list_newest(self);
	g_autoptr(GArray) moved = NULL;
	g_autoptr(GError) error = NULL;
	gint64 begun = g_get_monotonic_time();
	gboolean done;

	if (g_str_equal(what, "mark")) {
		done = store_account_change_flags(self->account, self->inbox, numbers, STORE_FLAG_FLAGGED, 0, &error);
	} else if (g_str_equal(what, "move")) {
		moved = store_account_move_messages(self->account, self->inbox, numbers,
						    store_account_find_role(self->account, STORE_ROLE_ARCHIVE), &error);
		done = moved != NULL;
	} else {
		done = store_account_delete_messages(self->account, self->inbox, numbers, &error);
	}
	if (!done)
		require(NULL, error);
	return (double)(g_get_monotonic_time() - begun) / 1000;
}

static gboolean
fetch_body(Bench *self, GError **error)
{
	g_autofree char *path = store_account_fetch_body(self->account, self->inbox, self->seen, NULL, error);

	return path != NULL;
}

static gboolean
send_mail(Bench *self, GError **error)
{
	const char *recipients[] = {"bob@contoso.example", NULL};
	g_autofree char *address = store_account_get_address(self->account);
	GString *text = g_string_new(NULL);
	g_autoptr(GBytes) mail = NULL;

	g_string_append_printf(text,
			       "From: %s\r\nTo: Bob <bob@contoso.example>\r\n"
			       "Subject: Ten kilobytes\r\nMessage-ID: <ten@bench.example>\r\n"
			       "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n",
			       address);
	while (text->len < MAIL_BYTES)
		g_string_append(text, "A line of a mail that says nothing at all.\r\n");
	mail = g_string_free_to_bytes(text);
	return store_account_send(self->account, mail, recipients, NULL, error);
}

/* The first request of each kind of list, for somebody who records it. */
static int
show_requests(Bench *self)
{
	g_autoptr(GraphMessagePage) delta G_GNUC_UNUSED =
		graph_message_delta(self->client, "inbox", NULL, 1000, TRUE, NULL, NULL);
	g_autoptr(GraphMessagePage) list G_GNUC_UNUSED =
		graph_message_list(self->client, "inbox", NULL, 500, NULL, NULL);

	return 0;
}

static void
print_result(Bench *self, double seconds, double answer)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);
	g_autofree char *text = NULL;

	json_object_set_double_member(object, "seconds", seconds);
	json_object_set_double_member(object, "answer_ms", answer);
	json_object_set_double_member(object, "stall_ms", (double)self->stall / 1000);
	if (self->first > 0)
		json_object_set_double_member(object, "first_seconds",
					      (double)(self->first - self->begun) / G_USEC_PER_SEC);
	json_object_set_int_member(object, "rows", self->rows);
	json_object_set_int_member(object, "peak_kib", read_peak());
	text = json_to_string(node, FALSE);
	puts(text);
}

static double
run_command(Bench *self, const char *command, double *answer)
{
	gint64 begun = g_get_monotonic_time();

	if (g_str_equal(command, "check"))
		return run_beside_loop(self, check, self->inbox == 0);
	if (g_str_equal(command, "body") || g_str_equal(command, "send")) {
		g_autoptr(GArray) numbers = list_newest(self);

		self->seen = g_array_index(numbers, guint32, 0);
		return run_beside_loop(self, g_str_equal(command, "body") ? fetch_body : send_mail, FALSE);
	}
	if (g_str_equal(command, "open")) {
		self->seen = G_MAXUINT32; /* the host has a cache of its own */
		read_folder(self);
		return (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
	}
	*answer = change(self, command);
	return run_beside_loop(self, push, FALSE);
}

int
main(int argc, char **argv)
{
	g_autoptr(BenchAuthorizer) authorizer = NULL;
	g_autoptr(GError) error = NULL;
	Bench self = {.begun = g_get_monotonic_time()};
	double seconds;
	double answer = 0;

	if (argc < 3 || argc > 4 || g_getenv("OUTLOOK_BENCH_ORIGIN") == NULL) {
		g_printerr("Usage: outlook-bench check|open|mark|move|delete|body|send|requests DIRECTORY [COUNT]\n"
			   "OUTLOOK_BENCH_ORIGIN and OUTLOOK_BENCH_TOKEN tell the tenant and a token for it.\n");
		return 2;
	}
	authorizer = g_object_new(BENCH_TYPE_AUTHORIZER, NULL);
	self.client = graph_client_new(OAUTH_AUTHORIZER(authorizer), g_getenv("OUTLOOK_BENCH_ORIGIN"), NULL, NULL);
	if (g_str_equal(argv[1], "requests"))
		return show_requests(&self);
	self.account = store_account_new(argv[2], self.client, &error);
	require(self.account, error);
	self.count = argc > 3 ? (guint)g_ascii_strtoull(argv[3], NULL, 10) : G_MAXUINT;
	self.inbox = store_account_find_role(self.account, STORE_ROLE_INBOX);
	self.loop = g_main_loop_new(NULL, FALSE);
	g_signal_connect(self.account, "folder-changed", G_CALLBACK(on_folder_changed), &self);
	seconds = run_command(&self, argv[1], &answer);
	print_result(&self, seconds, answer);
	g_main_loop_unref(self.loop);
	g_object_unref(self.account);
	g_object_unref(self.client);
	return 0;
}
