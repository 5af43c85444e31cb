/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim-control.h"
#include "sim-faults.h"
#include "simulator.h"

typedef struct {
	int port;
	int latency;
	char *tls;
	char *origin;
	char *log;
	char **mailboxes;
	char **clients;
} Options;

static void
options_clear(Options *self)
{
	g_free(self->tls);
	g_free(self->origin);
	g_free(self->log);
	g_strfreev(self->mailboxes);
	g_strfreev(self->clients);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean
fail(GError **error, const char *option, const char *value, const char *wants)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s %s: %s", option, value, wants);
	return FALSE;
}

static gboolean
parse(Options *self, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{"port", 0, 0, G_OPTION_ARG_INT, &self->port, "Listen there; any free port when absent", "N"},
		{"tls", 0, 0, G_OPTION_ARG_FILENAME, &self->tls,
		 "HTTPS for localhost and HTTP/2; the authority to trust becomes DIR/ca.pem", "DIR"},
		{"origin", 0, 0, G_OPTION_ARG_STRING, &self->origin,
		 "What it takes for its own origin, as behind a proxy; READY has that where it listens", "ORIGIN"},
		{"mailbox", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->mailboxes,
		 "A person and a tree of folders with .eml files; may be repeated", "ADDRESS=DIR"},
		{"client", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->clients,
		 "A registered application, confidential with a secret; may be repeated", "ID[:SECRET]"},
		{"latency", 0, 0, G_OPTION_ARG_INT, &self->latency, "Wait before each answer", "MS"},
		{"log", 0, 0, G_OPTION_ARG_FILENAME, &self->log, "One line for each request; holds no secrets", "FILE"},
		{NULL},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- a simulated Microsoft 365 tenant on loopback");

	g_option_context_set_summary(
		context, "Prints READY ORIGIN; the identity platform and Graph share the origin. Ends on SIGINT\n"
			 "or SIGTERM.\n\n"
			 "Without --mailbox the people are " SIMULATOR_USER " and " SIMULATOR_OTHER ", with an\n"
			 "invented mailbox each; without --client the application is\n" SIMULATOR_CLIENT_ID
			 " (public). The tenant is\n" SIMULATOR_TENANT_ID ".");
	g_option_context_set_description(context, SIM_CONTROL_HELP "\n" SIM_FAULTS_HELP);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error))
		return FALSE;
	if (*argc > 1)
		return fail(error, "Argument", (*argv)[1], "not understood");
	if (self->port < 0 || self->port > 65535)
		return fail(error, "--port", "", "not between 0 and 65535");
	if (self->latency < 0)
		return fail(error, "--latency", "", "negative");
	return TRUE;
}

static gboolean
add_mailboxes(Simulator *simulator, char **mailboxes, GError **error)
{
	simulator_remove_mailbox(simulator, SIMULATOR_USER);
	simulator_remove_mailbox(simulator, SIMULATOR_OTHER);
	for (; *mailboxes != NULL; mailboxes++) {
		const char *equals = strchr(*mailboxes, '=');
		g_autofree char *address = equals != NULL ? g_strndup(*mailboxes, equals - *mailboxes) : NULL;

		if (address == NULL || strchr(address, '@') == NULL || equals[1] == '\0')
			return fail(error, "--mailbox", *mailboxes, "not of the form ADDRESS=DIR");
		if (!g_file_test(equals + 1, G_FILE_TEST_IS_DIR))
			return fail(error, "--mailbox", *mailboxes, "there is no such directory");
		if (!simulator_add_mailbox(simulator, address, equals + 1, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
add_clients(Simulator *simulator, char **clients, GError **error)
{
	for (; *clients != NULL; clients++) {
		g_auto(GStrv) parts = g_strsplit(*clients, ":", 2);

		if (parts[0] == NULL || *parts[0] == '\0' || (parts[1] != NULL && *parts[1] == '\0')) {
			g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
					    "--client: not of the form ID or ID:SECRET");
			return FALSE;
		}
		simulator_add_client(simulator, parts[0], parts[1]);
	}
	return TRUE;
}

static gboolean
start(Simulator *simulator, const Options *options, GError **error)
{
	if (options->mailboxes != NULL && !add_mailboxes(simulator, options->mailboxes, error))
		return FALSE;
	if (options->clients != NULL && !add_clients(simulator, options->clients, error))
		return FALSE;
	if (options->log != NULL && !simulator_open_log(simulator, options->log, error))
		return FALSE;
	simulator_set_latency(simulator, options->latency);
	return simulator_start(simulator, options->port, options->tls, error);
}

static gboolean
on_signal(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_CONTINUE;
}

int
main(int argc, char **argv)
{
	g_auto(Options) options = {0};
	g_autoptr(Simulator) simulator = NULL;
	g_autoptr(GMainLoop) loop = NULL;
	g_autoptr(GError) error = NULL;

	setlocale(LC_ALL, "");
	/* libsoup's server speaks HTTP/2 only where this is set. */
	g_setenv("SOUP_SERVER_HTTP2", "1", TRUE);
	if (!parse(&options, &argc, &argv, &error)) {
		g_printerr("%s\n", error->message);
		return 2;
	}
	simulator = simulator_new();
	if (!start(simulator, &options, &error)) {
		g_printerr("%s\n", error->message);
		return 1;
	}
	loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGINT, on_signal, loop);
	g_unix_signal_add(SIGTERM, on_signal, loop);
	printf("READY %s\n", simulator_get_origin(simulator));
	fflush(stdout);
	if (options.origin != NULL)
		simulator_set_origin(simulator, options.origin);
	g_main_loop_run(loop);
	simulator_stop(simulator);
	return 0;
}
