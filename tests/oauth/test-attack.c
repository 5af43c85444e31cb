/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/resource.h>

#include <libsoup/soup.h>

#include "oauth-error.h"
#include "oauth-session.h"
#include "person.h"
#include "simulator.h"

/*
 * The listener while a sign-in is under way: whoever is on this computer, or behind a page in its browser, can send
 * what they like to the port. All of it is refused, and the browser's true answer still comes through.
 */

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define GUESS "code=evil&state=abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
#define HELD 40
#define FLOOD 1000
#define GUESSES 40 /* more than end a sign-in */

/* `@` is the port, `$` the true state, which no attacker knows. */
typedef struct {
	const char *name;
	const char *statuses; /* any of these; `closed`: without an answer */
	const char *line;
	const char *headers;
	const char *body;
	const char *host; /* NULL: the right one; "": none */
} Attack;

static const Attack attacks[] = {
	{"another host name", "421", "POST / HTTP/1.1", FORM, GUESS, "evil.example"},
	{"DNS rebinding: another name, our port", "421", "POST / HTTP/1.1", FORM, GUESS, "evil.example:@"},
	{"a name that begins as ours", "421", "POST / HTTP/1.1", FORM, GUESS, "localhost.evil.example:@"},
	{"our name without the port", "421", "POST / HTTP/1.1", FORM, GUESS, "localhost"},
	{"another port", "421", "POST / HTTP/1.1", FORM, GUESS, "localhost:1"},
	{"a user in the host", "421 400", "POST / HTTP/1.1", FORM, GUESS, "a@localhost:@"},
	{"no host", "400 421", "POST / HTTP/1.1", FORM, GUESS, ""},
	{"two hosts", "421 400", "POST / HTTP/1.1", FORM, GUESS, "localhost:@\r\nHost: localhost:@"},
	{"HTTP/1.0 without a host", "400 421", "GET / HTTP/1.0", "", "", ""},
	{"an absolute target elsewhere", "400 421", "POST http://evil.example/ HTTP/1.1", FORM, GUESS, "evil.example"},
	{"another path", "404", "GET /callback HTTP/1.1", "", ""},
	{"a path out of the root", "404 400", "GET /../../etc/passwd HTTP/1.1", "", ""},
	{"an encoded path", "404 400", "GET /%2e%2e/ HTTP/1.1", "", ""},
	{"the icon", "404", "GET /favicon.ico HTTP/1.1", "", ""},
	{"the page that comes after an answer", "404", "GET /done HTTP/1.1", "", ""},
	{"PUT", "405", "PUT / HTTP/1.1", FORM, "code=evil&state=$"},
	{"DELETE", "405", "DELETE / HTTP/1.1", "", ""},
	{"HEAD", "405", "HEAD /?code=evil&state=$ HTTP/1.1", "", ""},
	{"TRACE", "405", "TRACE / HTTP/1.1", "", ""},
	{"a method of its own", "405 400", "STEAL / HTTP/1.1", "", ""},
	{"CONNECT", "400 404 405 421 closed", "CONNECT localhost:@ HTTP/1.1", "", ""},
	{"a question before another page's request", "405", "OPTIONS / HTTP/1.1",
	 "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n", ""},
	{"a web socket", "400", "GET / HTTP/1.1",
	 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
	 "Sec-WebSocket-Version: 13\r\n",
	 ""},
	{"an image on another page", "400", "GET /?code=evil&state=x HTTP/1.1",
	 "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n", ""},
	{"a script of another page", "400", "POST / HTTP/1.1",
	 FORM "Origin: https://evil.example\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n", GUESS},
	{"a frame on another page", "400", "POST / HTTP/1.1",
	 FORM "Origin: null\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", GUESS},
	{"another page's form", "400", "POST / HTTP/1.1",
	 FORM "Origin: https://evil.example\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n", GUESS},
	{"no state", "400", "POST / HTTP/1.1", FORM, "code=evil"},
	{"an empty state", "400", "POST / HTTP/1.1", FORM, "code=evil&state="},
	{"a state that is guessed", "400", "POST / HTTP/1.1", FORM, GUESS},
	{"the state with something behind it", "400", "POST / HTTP/1.1", FORM, "code=evil&state=$x"},
	{"an error without the state", "400", "GET /?error=access_denied HTTP/1.1", "", ""},
	{"the state twice", "400", "POST / HTTP/1.1", FORM, "code=evil&state=$&state=$"},
	{"the code twice", "400", "POST / HTTP/1.1", FORM, "code=evil&code=worse&state=$"},
	{"the code twice, once in disguise", "400", "POST / HTTP/1.1", FORM, "co%64e=evil&code=worse&state=$"},
	{"the issuer twice", "400", "POST / HTTP/1.1", FORM, "code=evil&iss=a&iss=b&state=$"},
	{"the state without a code", "400", "POST / HTTP/1.1", FORM, "state=$"},
	{"a code in the address", "400", "GET /?code=evil&state=$ HTTP/1.1", "", ""},
	{"a NUL in the code", "400", "POST / HTTP/1.1", FORM, "code=ev%00il&state=$"},
	{"a bad escape", "400", "POST / HTTP/1.1", FORM, "code=evil%zz&state=$"},
	{"text that is no UTF-8", "400", "POST / HTTP/1.1", FORM, "code=%ff%fe&state=$"},
	{"plain text", "415", "POST / HTTP/1.1", "Content-Type: text/plain\r\n", "code=evil&state=$"},
	{"JSON", "415", "POST / HTTP/1.1", "Content-Type: application/json\r\n", "{\"code\":\"evil\",\"state\":\"$\"}"},
	{"parts", "415", "POST / HTTP/1.1", "Content-Type: multipart/form-data; boundary=b\r\n", "--b--\r\n"},
	{"a body without a type", "415", "POST / HTTP/1.1", "", "code=evil&state=$"},
};

/* What is no whole request, or more than one; sent as it is. */
static const struct {
	const char *name;
	const char *statuses;
	const char *text;
} oddities[] = {
	{"nothing", "closed", ""},
	{"HTTP/0.9", "400 421 closed", "GET /?code=evil\r\n"},
	{"a version that is none", "400 505 closed", "GET / HTTP/9.9\r\nHost: localhost:@\r\n\r\n"},
	{"HTTP/2 at once", "400 404 405 421 505 closed", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
	{"TLS", "400 closed", "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03garbage\r\n\r\n"},
	{"no line breaks", "400 closed", "HELLO"},
	{"a negative length", "400 closed", "POST / HTTP/1.1\r\n" FORM "Content-Length: -5\r\n\r\n" GUESS},
	{"two lengths", "400 421 closed",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Content-Length: 5\r\nContent-Length: 50\r\n\r\n" GUESS},
	{"a length and chunks", "400 421 closed",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM
	 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n"},
	{"a chunk whose size is no number", "400 closed",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Transfer-Encoding: chunked\r\n\r\nzz\r\n" GUESS "\r\n"},
	{"a chunk of all the memory there is", "400 413 closed",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM
	 "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n" GUESS},
	{"a body shorter than it says", "closed",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Content-Length: 500\r\n\r\n" GUESS},
	{"a body longer than is taken", "413",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n"},
	{"a whole disk for a body", "413 closed",
	 "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Content-Length: 99999999999999\r\n\r\n" GUESS},
	{"two requests in one breath", "400",
	 "GET /?code=a HTTP/1.1\r\nHost: localhost:@\r\n\r\nPOST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM
	 "Content-Length: 13\r\n\r\ncode=a&state="},
	{"a header without a name", "400 closed", "GET / HTTP/1.1\r\nHost: localhost:@\r\n: x\r\n\r\n"},
};

typedef struct {
	Simulator *tenant;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthSession *session;
	PersonAnswer *answer;
	char *state;
	guint port;
	GThread *thread;
	guint kinds;
	guint most_descriptors; /* while all attack */
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	g_autoptr(GError) error = NULL;

	fixture->tenant = simulator_new();
	g_assert_true(simulator_add_mailbox(fixture->tenant, SIMULATOR_USER, "", &error));
	g_assert_true(simulator_start(fixture->tenant, 0, NULL, &error));
	g_assert_no_error(error);
	fixture->config = oauth_config_new("11111111-2222-4333-8444-555555555555");
	fixture->config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	fixture->config->identity_origin = g_strdup(simulator_get_origin(fixture->tenant));
	fixture->config->graph_origin = g_strdup(simulator_get_origin(fixture->tenant));
	fixture->config->scopes = g_strdupv((char **)scopes);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(fixture->config, fixture->keyring, NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	oauth_config_free(fixture->config);
	g_clear_pointer(&fixture->answer, person_answer_free);
	g_free(fixture->state);
	simulator_stop(fixture->tenant);
	g_assert_finalize_object(fixture->tenant);
}

/* A connection that may not be whole yet: who connects in great numbers does not wait for each. */
static GSocket *
connect_to(Fixture *fixture, gboolean wait)
{
	g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", fixture->port);
	g_autoptr(GError) error = NULL;
	GSocket *socket = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

	g_assert_no_error(error);
	g_socket_set_blocking(socket, wait);
	g_socket_set_timeout(socket, wait ? 60 : 0);
	g_socket_connect(socket, address, NULL, &error);
	if (wait)
		g_assert_no_error(error);
	return socket;
}

static void
send_all(GSocket *socket, const char *data, gsize length)
{
	for (gsize done = 0; done < length;) {
		gssize sent = g_socket_send(socket, data + done, length - done, NULL, NULL);

		if (sent <= 0)
			return;
		done += sent;
	}
}

/* The status of the answer, 0 when there was none; @answers: how many there were */
static guint
read_status(GSocket *socket, guint *answers)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char buffer[4096];
	gssize got;

	while ((got = g_socket_receive(socket, buffer, sizeof buffer, NULL, NULL)) > 0)
		g_string_append_len(text, buffer, got);
	*answers = 0;
	for (const char *at = strstr(text->str, "HTTP/1."); at != NULL; at = strstr(at + 1, "HTTP/1."))
		*answers += 1;
	g_assert_null(strstr(text->str, "evil"));
	return g_str_has_prefix(text->str, "HTTP/1.")
		       ? (guint)g_ascii_strtoull(text->str + strlen("HTTP/1.x "), NULL, 10)
		       : 0;
}

static char *
fill_in(Fixture *fixture, const char *template)
{
	g_autofree char *port = g_strdup_printf("%u", fixture->port);
	GString *text = g_string_new(template);

	g_string_replace(text, "@", port, 0);
	g_string_replace(text, "$", fixture->state, 0);
	return g_string_free(text, FALSE);
}

static void
assert_refused(Fixture *fixture, const char *name, const char *text, const char *statuses)
{
	g_autoptr(GSocket) socket = connect_to(fixture, TRUE);
	g_auto(GStrv) allowed = g_strsplit(statuses, " ", -1);
	g_autofree char *shown = NULL;
	guint answers, status;

	send_all(socket, text, strlen(text));
	g_socket_shutdown(socket, FALSE, TRUE, NULL);
	status = read_status(socket, &answers);
	shown = status != 0 ? g_strdup_printf("%u", status) : g_strdup("closed");
	g_test_message("%s: %s", name, shown);
	if (!g_strv_contains((const char *const *)allowed, shown))
		g_error("%s: %s, not one of %s", name, shown, statuses);
	g_assert_cmpuint(answers, <=, 1);
	fixture->kinds++;
}

static void
send_attack(Fixture *fixture, const Attack *attack)
{
	g_autofree char *body = fill_in(fixture, attack->body);
	g_autofree char *line = fill_in(fixture, attack->line);
	g_autofree char *host = fill_in(fixture, attack->host != NULL ? attack->host : "localhost:@");
	g_autofree char *host_line = *host != '\0' ? g_strdup_printf("Host: %s\r\n", host) : g_strdup("");
	g_autofree char *text = g_strdup_printf("%s\r\n%s%sContent-Length: %u\r\n\r\n%s", line, host_line,
						attack->headers, (guint)strlen(body), body);

	assert_refused(fixture, attack->name, text, attack->statuses);
}

/* As much as is taken, until the door is shut */
static void
pour(Fixture *fixture, const char *name, const char *head, const char *piece)
{
	g_autoptr(GSocket) socket = connect_to(fixture, TRUE);
	g_autofree char *text = fill_in(fixture, head);
	gsize length = strlen(piece);
	gsize total = 0;
	gssize sent;

	send_all(socket, text, strlen(text));
	while ((sent = g_socket_send(socket, piece, length, NULL, NULL)) > 0) {
		total += sent;
		g_assert_cmpuint(total, <, 256 * 1024 * 1024);
	}
	g_test_message("%s: closed after %u KiB", name, (guint)(total / 1024));
	fixture->kinds++;
}

static guint
count_descriptors(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
	guint n = 0;

	g_assert_nonnull(dir);
	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

/* Kilobytes that this process holds */
static gsize
read_memory(void)
{
	g_autofree char *text = NULL;
	const char *line;

	g_assert_true(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
	line = strstr(text, "VmRSS:");
	g_assert_nonnull(line);
	return g_ascii_strtoull(line + strlen("VmRSS:") + strspn(line + strlen("VmRSS:"), " \t"), NULL, 10);
}

/* So many that are there and say little or nothing */
static void
hold(Fixture *fixture, GPtrArray *sockets, guint count, const char *text)
{
	g_autofree char *filled = fill_in(fixture, text);

	for (guint i = 0; i < count; i++) {
		GSocket *socket = connect_to(fixture, FALSE);

		if (*filled != '\0' && g_socket_condition_timed_wait(socket, G_IO_OUT, G_USEC_PER_SEC, NULL, NULL))
			g_socket_send(socket, filled, strlen(filled), NULL, NULL);
		g_ptr_array_add(sockets, socket);
	}
	fixture->kinds++;
}

static void
raise_limit(void)
{
	struct rlimit limit;

	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	limit.rlim_cur = MIN(limit.rlim_max, 4096);
	setrlimit(RLIMIT_NOFILE, &limit);
	g_assert_cmpuint(limit.rlim_cur, >=, FLOOD + 200);
}

static gpointer
deliver(gpointer user_data)
{
	return GUINT_TO_POINTER(person_deliver(user_data, NULL));
}

static gpointer
attack_in_thread(gpointer user_data)
{
	Fixture *fixture = user_data;
	g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func(g_object_unref);
	g_autofree char *line = g_strnfill(64 * 1024, 'a');
	g_autofree char *header = g_strdup_printf("X-%.1000s: y\r\n", line);
	g_autofree char *chunk = g_strdup_printf("10000\r\n%s\r\n", line);
	g_autofree char *script = fill_in(fixture, "GET /?" GUESS " HTTP/1.1\r\nHost: localhost:@\r\n"
						   "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n\r\n");
	guint before, after;
	gsize memory = read_memory();

	for (guint i = 0; i < G_N_ELEMENTS(attacks); i++)
		send_attack(fixture, &attacks[i]);
	for (guint i = 0; i < G_N_ELEMENTS(oddities); i++) {
		g_autofree char *text = fill_in(fixture, oddities[i].text);

		assert_refused(fixture, oddities[i].name, text, oddities[i].statuses);
	}
	for (guint i = 0; i < GUESSES; i++)
		assert_refused(fixture, "one guess of many by a script", script, "400");
	fixture->kinds -= GUESSES - 1;
	pour(fixture, "a request line without end", "GET /", line);
	pour(fixture, "a header without end", "GET / HTTP/1.1\r\nHost: localhost:@\r\nX: ", line);
	pour(fixture, "headers without end", "GET / HTTP/1.1\r\nHost: localhost:@\r\n", header);
	pour(fixture, "a body without end",
	     "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Transfer-Encoding: chunked\r\n\r\n", chunk);
	pour(fixture, "a body without end where none belongs",
	     "GET / HTTP/1.1\r\nHost: localhost:@\r\nTransfer-Encoding: chunked\r\n\r\n", chunk);

	hold(fixture, held, HELD, "POST / HTTP/1.1\r\nHost: loc");
	hold(fixture, held, HELD, "POST / HTTP/1.1\r\nHost: localhost:@\r\n" FORM "Content-Length: 200\r\n\r\ncode=");
	before = count_descriptors();
	hold(fixture, held, FLOOD, "");
	after = count_descriptors();
	fixture->most_descriptors = after > before + FLOOD ? after - before - FLOOD : 0;

	g_assert_cmpuint(person_deliver(fixture->answer, NULL), ==, 200);
	g_test_message("%u kinds of attack; memory %+" G_GSSIZE_FORMAT " KiB; %u connections more held than attackers",
		       fixture->kinds, (gssize)read_memory() - (gssize)memory, fixture->most_descriptors);
	g_assert_cmpint((gssize)read_memory() - (gssize)memory, <, 64 * 1024);
	return NULL;
}

static char *
find_field(const char *form, const char *name)
{
	g_autoptr(GHashTable) fields = soup_form_decode(form);

	return g_strdup(g_hash_table_lookup(fields, name));
}

static gboolean
begin(const char *uri, Fixture *fixture)
{
	g_autoptr(GUri) redirect = NULL;

	fixture->answer = person_visit(uri, SIMULATOR_USER, "accept");
	g_assert_nonnull(fixture->answer->redirect);
	redirect = g_uri_parse(fixture->answer->redirect, G_URI_FLAGS_NONE, NULL);
	fixture->port = g_uri_get_port(redirect);
	fixture->state = find_field(fixture->answer->form, "state");
	return TRUE;
}

static gboolean
open_under_attack(const char *uri, gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;

	begin(uri, fixture);
	fixture->thread = g_thread_new("attack", attack_in_thread, fixture);
	return TRUE;
}

static void
test_under_attack(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OauthIdentity) identity = NULL;
	guint descriptors = count_descriptors();

	raise_limit();
	oauth_session_sign_in(fixture->session, open_under_attack, fixture, NULL, &error);
	g_assert_no_error(error);
	g_thread_join(fixture->thread);
	identity = oauth_session_get_identity(fixture->session);
	g_assert_cmpstr(identity->username, ==, SIMULATOR_USER);
	g_assert_cmpuint(fixture->kinds, >=, 60);
	g_assert_cmpuint(fixture->most_descriptors, <=, 80);
	g_assert_cmpuint(count_descriptors(), <=, descriptors + 4);
}

#define REPLAYS 8

/* The true answer many times at once, and again when it was taken: it counts once. */
static gpointer
replay_in_thread(gpointer user_data)
{
	Fixture *fixture = user_data;
	GThread *threads[REPLAYS];
	guint taken = 0;

	for (guint i = 0; i < REPLAYS; i++)
		threads[i] = g_thread_new("replay", deliver, fixture->answer);
	for (guint i = 0; i < REPLAYS; i++)
		taken += GPOINTER_TO_UINT(g_thread_join(threads[i])) == 200;
	g_assert_cmpuint(taken, ==, 1);
	return NULL;
}

static gboolean
open_and_replay(const char *uri, gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;

	begin(uri, fixture);
	fixture->thread = g_thread_new("replay", replay_in_thread, fixture);
	return TRUE;
}

static guint
count_redemptions(Fixture *fixture)
{
	g_auto(GStrv) requests = simulator_get_requests(fixture->tenant);
	guint n = 0;

	for (guint i = 0; requests[i] != NULL; i++)
		n += strstr(requests[i], "/token ") != NULL;
	return n;
}

static void
test_replays(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	oauth_session_sign_in(fixture->session, open_and_replay, fixture, NULL, &error);
	g_assert_no_error(error);
	g_thread_join(fixture->thread);
	g_assert_cmpuint(count_redemptions(fixture), ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add("/oauth/attack/" path, Fixture, NULL, set_up, function, tear_down)
	ADD("everything hostile is refused and the true answer comes through", test_under_attack);
	ADD("the true answer counts once", test_replays);
	return g_test_run();
}
