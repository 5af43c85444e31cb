/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <signal.h>

/* The program as somebody starts it, in a directory of its own. */
typedef struct {
	char *directory;
	GSubprocess *process;
	GDataInputStream *output;
	char *origin;
	SoupSession *session;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->directory = g_dir_make_tmp("simulator-XXXXXX", &error);
	g_assert_no_error(error);
}

static void
remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		remove_tree(child);
	}
	g_remove(path);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	if (fixture->session != NULL)
		g_assert_finalize_object(fixture->session);
	g_clear_object(&fixture->output);
	if (fixture->process != NULL) {
		g_subprocess_send_signal(fixture->process, SIGTERM);
		g_assert_true(g_subprocess_wait_check(fixture->process, NULL, NULL));
		g_clear_object(&fixture->process);
	}
	remove_tree(fixture->directory);
	g_free(fixture->directory);
	g_free(fixture->origin);
}

G_GNUC_NULL_TERMINATED
static void
start(Fixture *fixture, ...)
{
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *line = NULL;
	const char *argument;
	va_list list;

	g_ptr_array_add(arguments, (char *)SIMULATOR_PROGRAM);
	va_start(list, fixture);
	while ((argument = va_arg(list, const char *)) != NULL)
		g_ptr_array_add(arguments, (char *)argument);
	va_end(list);
	g_ptr_array_add(arguments, NULL);
	fixture->process = g_subprocess_newv((const char *const *)arguments->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE,
					     &error);
	g_assert_no_error(error);
	fixture->output = g_data_input_stream_new(g_subprocess_get_stdout_pipe(fixture->process));
	line = g_data_input_stream_read_line(fixture->output, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_str_has_prefix(line, "READY "));
	fixture->origin = g_strdup(line + strlen("READY "));
	fixture->session = soup_session_new_with_options("proxy-resolver", NULL, NULL);
}

/* The answer's text (transfer full), the status in @message. */
static char *
send(Fixture *fixture, SoupMessage *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = NULL;

	soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
	bytes = soup_session_send_and_read(fixture->session, message, NULL, &error);
	g_assert_no_error(error);
	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static SoupMessage *
message_new(Fixture *fixture, const char *method, const char *target)
{
	g_autofree char *uri = g_strconcat(fixture->origin, target, NULL);

	return soup_message_new(method, uri);
}

static char *
post(Fixture *fixture, const char *target, const char *form, guint status, char **location)
{
	g_autoptr(SoupMessage) message = message_new(fixture, "POST", target);
	g_autoptr(GBytes) body = g_bytes_new(form, strlen(form));
	char *text;

	soup_message_set_request_body_from_bytes(message, SOUP_FORM_MIME_TYPE_URLENCODED, body);
	text = send(fixture, message);
	g_assert_cmpuint(soup_message_get_status(message), ==, status);
	if (location != NULL)
		*location = g_strdup(soup_message_headers_get_one(soup_message_get_response_headers(message),
								  "Location"));
	return text;
}

static char *
between(const char *text, const char *before, const char *after)
{
	const char *start_of = strstr(text, before);
	const char *end_of = start_of != NULL ? strstr(start_of + strlen(before), after) : NULL;

	g_assert_nonnull(end_of);
	return g_strndup(start_of + strlen(before), end_of - start_of - strlen(before));
}

/* OAUTH.md 4: authorize, consent and token by plain requests; the access token (transfer full). */
static char *
sign_in(Fixture *fixture, const char *client_id, const char *secret)
{
	g_autofree char *query =
		soup_form_encode("client_id", client_id, "response_type", "code", "redirect_uri", "http://localhost:1",
				 "scope", "openid offline_access User.Read Mail.ReadWrite", "state", "s",
				 "code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
				 "code_challenge_method", "S256", NULL);
	g_autofree char *target = g_strconcat("/common/oauth2/v2.0/authorize?", query, NULL);
	g_autoptr(SoupMessage) message = message_new(fixture, "GET", target);
	g_autofree char *page = send(fixture, message);
	g_autofree char *ticket = between(page, "name=\"ticket\" value=\"", "\"");
	g_autofree char *action = between(page, "action=\"", "\"");
	g_autofree char *consent = soup_form_encode("ticket", ticket, "accept", "Accept", NULL);
	g_autofree char *location = NULL;
	g_autofree char *empty = post(fixture, action, consent, 302, &location);
	g_autofree char *code = between(location, "code=", "&");
	g_autofree char *form =
		soup_form_encode("client_id", client_id, "grant_type", "authorization_code", "code", code,
				 "redirect_uri", "http://localhost:1", "code_verifier",
				 "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", secret != NULL ? "client_secret" : NULL,
				 secret, NULL);
	g_autofree char *answer = post(fixture, "/common/oauth2/v2.0/token", form, 200, NULL);

	return between(answer, "\"access_token\":\"", "\"");
}

static char *
get(Fixture *fixture, const char *target, const char *token, SoupHTTPVersion *version)
{
	g_autoptr(SoupMessage) message = message_new(fixture, "GET", target);
	g_autofree char *value = g_strconcat("Bearer ", token, NULL);
	char *text;

	soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization", value);
	text = send(fixture, message);
	g_assert_cmpuint(soup_message_get_status(message), ==, 200);
	if (version != NULL)
		*version = soup_message_get_http_version(message);
	return text;
}

static void
test_signs_in(Fixture *fixture, gconstpointer data)
{
	g_autofree char *log = g_build_filename(fixture->directory, "log", NULL);
	g_autofree char *token = NULL;
	g_autofree char *me = NULL;
	g_autofree char *lines = NULL;

	start(fixture, "--log", log, NULL);
	g_assert_true(g_str_has_prefix(fixture->origin, "http://localhost:"));
	token = sign_in(fixture, SIMULATOR_CLIENT_ID, NULL);
	me = get(fixture, "/v1.0/me", token, NULL);
	g_assert_nonnull(strstr(me, SIMULATOR_USER));

	g_assert_true(g_file_get_contents(log, &lines, NULL, NULL));
	g_assert_nonnull(strstr(lines, " POST /common/oauth2/v2.0/token 200 "));
	g_assert_nonnull(strstr(lines, " GET /v1.0/me 200 "));
	g_assert_null(strstr(lines, token));
	g_assert_null(strstr(lines, "code"));
}

static void
test_serves_a_directory(Fixture *fixture, gconstpointer data)
{
	g_autofree char *inbox = g_build_filename(fixture->directory, "Inbox", NULL);
	g_autofree char *mail = g_build_filename(inbox, "1.eml", NULL);
	g_autofree char *mailbox = g_strconcat("dora@fabrikam.example=", fixture->directory, NULL);
	g_autofree char *token = NULL;
	g_autofree char *messages = NULL;

	g_assert_cmpint(g_mkdir(inbox, 0700), ==, 0);
	g_assert_true(g_file_set_contents(mail, "From: a@b.example\nSubject: From a file\n\nText\n", -1, NULL));
	start(fixture, "--mailbox", mailbox, "--client", "web:s:cret", "--latency", "1", NULL);
	token = sign_in(fixture, "web", "s:cret");
	messages = get(fixture, "/v1.0/me/mailFolders/inbox/messages", token, NULL);
	g_assert_nonnull(strstr(messages, "From a file"));
	{
		g_autofree char *me = get(fixture, "/v1.0/me", token, NULL);

		g_assert_nonnull(strstr(me, "dora@fabrikam.example"));
	}
}

static void
test_speaks_tls_and_http_2(Fixture *fixture, gconstpointer data)
{
	g_autofree char *tls = g_build_filename(fixture->directory, "tls", NULL);
	g_autofree char *authority = g_build_filename(tls, "ca.pem", NULL);
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;
	g_autofree char *me = NULL;
	SoupHTTPVersion version = SOUP_HTTP_1_0;

	start(fixture, "--tls", tls, NULL);
	g_assert_true(g_str_has_prefix(fixture->origin, "https://localhost:"));
	database = g_tls_file_database_new(authority, &error);
	g_assert_no_error(error);
	soup_session_set_tls_database(fixture->session, database);
	token = sign_in(fixture, SIMULATOR_CLIENT_ID, NULL);
	me = get(fixture, "/v1.0/me", token, &version);
	g_assert_nonnull(strstr(me, SIMULATOR_USER));
	g_assert_cmpint(version, ==, SOUP_HTTP_2_0);
}

static void
test_refuses_wrong_options(Fixture *fixture, gconstpointer data)
{
	static const char *const wrong[][2] = {
		{"--mailbox", "nobody"}, {"--mailbox", "a@b.example=nowhere/at/all"}, {"--client", ":x"},
		{"--port", "70000"},     {"--latency", "-1"},                         {"--unknown", "x"},
		{"stray", "argument"},   {"--log", "nowhere/at/all"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GSubprocess) process =
			g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
					 SIMULATOR_PROGRAM, wrong[i][0], wrong[i][1], NULL);
		g_autofree char *output = NULL;
		g_autofree char *errors = NULL;

		g_assert_no_error(error);
		g_assert_true(g_subprocess_communicate_utf8(process, NULL, NULL, &output, &errors, NULL));
		g_assert_true(g_subprocess_get_if_exited(process));
		g_assert_cmpint(g_subprocess_get_exit_status(process), !=, 0);
		g_assert_cmpstr(output, ==, "");
		g_assert_cmpstr(errors, !=, "");
	}
}

static void
test_describes_faults(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GSubprocess) process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, SIMULATOR_PROGRAM, "--help", NULL);
	g_autofree char *output = NULL;

	g_assert_true(g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, NULL));
	g_assert_cmpint(g_subprocess_get_exit_status(process), ==, 0);
	g_assert_nonnull(strstr(output, "/_control/faults"));
	g_assert_nonnull(strstr(output, "--mailbox=ADDRESS=DIR"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

#define ADD(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)
	ADD("/program/signs in", test_signs_in);
	ADD("/program/serves a directory to a confidential client", test_serves_a_directory);
	ADD("/program/speaks TLS and HTTP 2", test_speaks_tls_and_http_2);
	ADD("/program/refuses wrong options", test_refuses_wrong_options);
	ADD("/program/describes its faults", test_describes_faults);
#undef ADD
	return g_test_run();
}
