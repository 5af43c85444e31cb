/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oauth-error.h"
#include "oauth-session.h"

/*
 * One OauthSession, driven by a test over a pipe: says `open URI` or `code CODE URI` for the person, then `identity
 * HOME` and `token TOKEN`, and for each line on standard input, which stands for a token that was refused, another
 * `token`. What fails is `error STEP`. Secrets come by the environment, and are kept in memory.
 */

#define USAGE "Usage: outlook-oauth-client browser|browser-query|device ORIGIN CA-FILE CLIENT-ID\n"

G_GNUC_PRINTF(1, 2)
static void
say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

static int
say_error(const GError *error)
{
	static const char *const steps[] = {
		[OAUTH_ERROR_FAILED] = "failed",
		[OAUTH_ERROR_SIGN_IN_REQUIRED] = "sign-in-required",
		[OAUTH_ERROR_CONFIGURATION] = "configuration",
		[OAUTH_ERROR_DENIED] = "denied",
		[OAUTH_ERROR_WRONG_ACCOUNT] = "wrong-account",
		[OAUTH_ERROR_UNAVAILABLE] = "unavailable",
		[OAUTH_ERROR_KEYRING] = "keyring",
		[OAUTH_ERROR_TIMED_OUT] = "timed-out",
		[OAUTH_ERROR_PROTOCOL] = "protocol",
	};

	say("error %s", error->domain == OAUTH_ERROR ? steps[error->code] : "other");
	g_printerr("%s\n", error->message);
	return EXIT_FAILURE;
}

static gboolean
open_uri(const char *uri, gpointer data, GError **error)
{
	say("open %s", uri);
	return TRUE;
}

static void
show_code(const OauthDeviceCode *code, gpointer data)
{
	say("code %s %s", code->user_code, code->verification_uri);
}

static OauthConfig *
build_config(const char *way, const char *origin, const char *client_id)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	OauthConfig *config = oauth_config_new("11111111-2222-4333-8444-555555555555");

	config->client_id = g_strdup(client_id);
	config->identity_origin = g_strdup(origin);
	config->graph_origin = g_strdup(origin);
	config->scopes = g_strdupv((char **)scopes);
	if (g_str_equal(way, "browser-query"))
		config->response_mode = OAUTH_RESPONSE_MODE_QUERY;
	return config;
}

static gboolean
say_token(OauthSession *session, GError **error)
{
	char *token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, error);

	if (token == NULL)
		return FALSE;
	say("token %s", token);
	oauth_token_free(token);
	return TRUE;
}

static void
reject(OauthSession *session)
{
	char *token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, NULL);

	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(session), token, NULL);
	oauth_token_free(token);
}

static int
run(OauthSession *session, gboolean device)
{
	g_autoptr(OauthIdentity) identity = NULL;
	g_autoptr(GError) error = NULL;
	char line[16];
	gboolean signed_in = device ? oauth_session_sign_in_by_device(session, show_code, NULL, NULL, &error)
				    : oauth_session_sign_in(session, open_uri, NULL, NULL, &error);

	if (!signed_in)
		return say_error(error);
	identity = oauth_session_get_identity(session);
	say("identity %s", identity->home);
	do {
		if (!say_token(session, &error))
			return say_error(error);
		if (fgets(line, sizeof line, stdin) == NULL)
			return EXIT_SUCCESS;
		reject(session);
	} while (TRUE);
}

int
main(int argc, char **argv)
{
	const char *secret = g_getenv("OUTLOOK_CLIENT_SECRET");
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new_in_memory();
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthSession) session = NULL;
	g_autoptr(GTlsDatabase) trusted = NULL;
	g_autoptr(GError) error = NULL;

	if (argc != 5) {
		g_printerr(USAGE);
		return 2;
	}
	trusted = g_tls_file_database_new(argv[3], &error);
	if (trusted == NULL)
		return say_error(error);
	config = build_config(argv[1], argv[2], argv[4]);
	if (secret != NULL && *secret != '\0')
		oauth_keyring_store(keyring, config, OAUTH_SECRET_CLIENT, secret, NULL, NULL);
	session = oauth_session_new(config, keyring, trusted);
	return run(session, g_str_equal(argv[1], "device"));
}
