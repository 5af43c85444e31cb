/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "idp.h"
#include "oauth-credential.h"
#include "oauth-error.h"
#include "oauth-http.h"
#include "oauth-renewal.h"
#include "simulator.h"

/* What happens to a sign-in beside its own path: two hosts, a crash, a clock that is wrong. */

#define DAY (24 * 3600)

/* Two hosts that share a keyring; @away is one whose answer does not get there (yet). */
typedef struct {
	Idp *idp;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthKeyring *private_keyring;
	OauthSession *here;
	OauthSession *away;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->idp = idp_new();
	fixture->config = idp_build_config(fixture->idp);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->private_keyring = oauth_keyring_new_in_memory();
	fixture->here = oauth_session_new(fixture->config, fixture->keyring, NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->here);
	if (fixture->away != NULL)
		g_assert_finalize_object(fixture->away);
	g_assert_finalize_object(fixture->keyring);
	g_assert_finalize_object(fixture->private_keyring);
	oauth_config_free(fixture->config);
	idp_free(fixture->idp);
}

static void
sign_in(Fixture *fixture, OauthSession *session)
{
	g_autoptr(GError) error = NULL;

	oauth_session_sign_in(session, idp_browser, fixture->idp, NULL, &error);
	g_assert_no_error(error);
}

static char *
acquire(OauthSession *session, GError **error)
{
	return oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, error);
}

static void
assert_token(OauthSession *session, const char *expected)
{
	g_autoptr(GError) error = NULL;
	char *token = acquire(session, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(token, ==, expected);
	oauth_token_free(token);
}

static void
assert_needs_sign_in(OauthSession *session)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(acquire(session, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
}

static void
reject(OauthSession *session, const char *token)
{
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(session), token, NULL);
}

static void
copy_secret(Fixture *fixture, OauthKeyring *from, OauthKeyring *to)
{
	char *text = oauth_keyring_lookup(from, fixture->config, OAUTH_SECRET_REFRESH, NULL, NULL);

	g_assert_nonnull(text);
	g_assert_true(oauth_keyring_store(to, fixture->config, OAUTH_SECRET_REFRESH, text, NULL, NULL));
	oauth_token_free(text);
}

/* Another host renews the token of the first one, and keeps what it got to itself. */
static void
rotate_away(Fixture *fixture)
{
	sign_in(fixture, fixture->here);
	copy_secret(fixture, fixture->keyring, fixture->private_keyring);
	fixture->away = oauth_session_new(fixture->config, fixture->private_keyring, NULL);
	assert_token(fixture->away, "access-2");
}

static gpointer
store_soon(gpointer user_data)
{
	Fixture *fixture = user_data;

	g_usleep(400 * 1000);
	copy_secret(fixture, fixture->private_keyring, fixture->keyring);
	return NULL;
}

/* The winner has its answer before the loser has, and writes it to the keyring after. */
static void
test_loser_waits_for_the_winner(Fixture *fixture, gconstpointer data)
{
	GThread *winner;

	rotate_away(fixture);
	reject(fixture->here, "access-1");
	winner = g_thread_new("winner", store_soon, fixture);
	assert_token(fixture->here, "access-3");
	g_thread_join(winner);
	g_assert_cmpint(oauth_session_get_state(fixture->here), ==, OAUTH_STATE_SIGNED_IN);
}

static gpointer
acquire_in_thread(gpointer session)
{
	return acquire(session, NULL);
}

static void
test_two_hosts_at_once(Fixture *fixture, gconstpointer data)
{
	OauthSession *sessions[2];
	GThread *threads[G_N_ELEMENTS(sessions)];

	sign_in(fixture, fixture->here);
	fixture->away = oauth_session_new(fixture->config, fixture->keyring, NULL);
	sessions[0] = fixture->here;
	sessions[1] = fixture->away;
	reject(fixture->here, "access-1");
	idp_set_delay(fixture->idp, 50);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("host", acquire_in_thread, sessions[i]);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
		char *token = g_thread_join(threads[i]);

		g_assert_nonnull(token);
		g_assert_cmpint(oauth_session_get_state(sessions[i]), ==, OAUTH_STATE_SIGNED_IN);
		oauth_token_free(token);
	}
}

/* The loser gave up; what the winner stored meanwhile is not the loser's to remove. */
static void
test_winner_is_not_undone(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthCredential) dead = NULL;
	g_autoptr(OauthCredential) kept = NULL;
	gboolean found;

	sign_in(fixture, fixture->here);
	g_assert_true(oauth_renewal_load(fixture->keyring, fixture->config, &dead, &found, NULL, NULL));
	fixture->away = oauth_session_new(fixture->config, fixture->keyring, NULL);
	assert_token(fixture->away, "access-2");
	oauth_renewal_forget(fixture->keyring, fixture->config, dead);
	g_assert_true(oauth_renewal_load(fixture->keyring, fixture->config, &kept, &found, NULL, NULL));
	g_assert_cmpstr(kept->refresh_token, ==, "refresh+/=&%~2");
}

/* Somebody signs in again at one host: the other goes on without asking. */
static void
test_sign_in_at_the_other_host(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in(fixture, fixture->here);
	idp_push(fixture->idp, 400, "application/json", "{\"error\":\"invalid_grant\"}", NULL);
	reject(fixture->here, "access-1");
	assert_needs_sign_in(fixture->here);
	g_assert_true(oauth_session_load(fixture->here, NULL, &error));
	g_assert_cmpint(oauth_session_get_state(fixture->here), ==, OAUTH_STATE_NEEDS_SIGN_IN);

	fixture->away = oauth_session_new(fixture->config, fixture->keyring, NULL);
	sign_in(fixture, fixture->away);
	assert_needs_sign_in(fixture->here);
	g_assert_true(oauth_session_load(fixture->here, NULL, &error));
	g_assert_cmpint(oauth_session_get_state(fixture->here), ==, OAUTH_STATE_SIGNED_IN);
	assert_token(fixture->here, "access-3");
}

/* Nobody had signed in when this host asked the keyring; then the first sign-in is made by another program. */
static void
test_first_sign_in_at_the_other_host(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthSession) here = oauth_session_new(fixture->config, fixture->keyring, NULL);
	g_autoptr(OauthIdentity) identity = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 2; i++) {
		g_assert_true(oauth_session_load(here, NULL, &error));
		g_assert_cmpint(oauth_session_get_state(here), ==, OAUTH_STATE_PENDING);
	}
	sign_in(fixture, fixture->here);
	g_assert_cmpint(oauth_session_get_state(here), ==, OAUTH_STATE_PENDING);
	g_assert_true(oauth_session_load(here, NULL, &error));
	g_assert_cmpint(oauth_session_get_state(here), ==, OAUTH_STATE_SIGNED_IN);
	identity = oauth_session_get_identity(here);
	g_assert_nonnull(identity);
	assert_token(here, "access-2");
}

/* The process ended between the answer and the keyring: what the keyring has is a token that was used. */
static void
test_crash_before_the_keyring(Fixture *fixture, gconstpointer data)
{
	idp_set_lenient(fixture->idp, TRUE);
	rotate_away(fixture);
	reject(fixture->here, "access-1");
	assert_token(fixture->here, "access-3");
	g_assert_cmpint(oauth_session_get_state(fixture->here), ==, OAUTH_STATE_SIGNED_IN);
}

static void
test_crash_before_the_keyring_at_a_strict_server(Fixture *fixture, gconstpointer data)
{
	guint asked;

	rotate_away(fixture);
	reject(fixture->here, "access-1");
	assert_needs_sign_in(fixture->here);
	asked = idp_count(fixture->idp);
	assert_needs_sign_in(fixture->here);
	g_assert_cmpuint(idp_count(fixture->idp), ==, asked);
	sign_in(fixture, fixture->here);
	assert_token(fixture->here, "access-3");
}

/* The server's clock is right, and ours is a day off. What is relative stays so, the rest goes by the server's. */
static void
test_clock_is_wrong(Fixture *fixture, gconstpointer data)
{
	gint64 offset = GPOINTER_TO_INT(data);
	g_autoptr(GDateTime) soon = g_date_time_new_from_unix_utc(g_get_real_time() / G_USEC_PER_SEC + offset);
	g_autofree char *date = soup_date_time_to_string(soon, SOUP_DATE_HTTP);
	g_autofree char *header = g_strconcat("Retry-After: ", date, NULL);
	g_autoptr(GError) error = NULL;

	idp_set_clock(fixture->idp, offset);
	sign_in(fixture, fixture->here);
	assert_token(fixture->here, "access-1");
	assert_token(fixture->here, "access-1");
	reject(fixture->here, "access-1");
	assert_token(fixture->here, "access-2");
	assert_token(fixture->here, "access-2");

	/* "Now", by the server's clock: no hour of waiting, which our own would make of it */
	reject(fixture->here, "access-2");
	idp_push(fixture->idp, 429, "application/json", "{}", header);
	g_assert_null(acquire(fixture->here, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	assert_token(fixture->here, "access-3");
}

static gint64 shift;

static time_t
get_shifted_time(time_t *result)
{
	time_t now = (time_t)(g_get_real_time() / G_USEC_PER_SEC + shift);

	if (result != NULL)
		*result = now;
	return now;
}

/* Where a certificate is refused because of the time, the clock is named: it is the likelier reason. */
static void
test_certificate_and_clock(gconstpointer data)
{
	g_autoptr(Simulator) tenant = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = NULL;
	g_autofree char *authority = NULL;
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(OauthAnswer) answer = NULL;
	g_autofree char *uri = NULL;
	const char *const form[] = {"client_id", "x", NULL};

	if (!g_test_subprocess()) {
		g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
		g_test_trap_assert_passed();
		return;
	}
	tenant = simulator_new();
	directory = g_dir_make_tmp("oauth-clock-XXXXXX", &error);
	authority = g_build_filename(directory, "ca.pem", NULL);
	g_assert_true(simulator_start(tenant, 0, directory, &error));
	g_assert_no_error(error);
	database = g_tls_file_database_new(authority, &error);
	g_assert_no_error(error);
	uri = g_strconcat(simulator_get_origin(tenant), "/common/oauth2/v2.0/token", NULL);
	shift = GPOINTER_TO_INT(data);
	gnutls_global_set_time_function(get_shifted_time);
	answer = oauth_http_post(uri, form, database, NULL, NULL, &error);
	g_assert_null(answer);
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	g_assert_nonnull(strstr(error->message, "clock"));
	shift = 0;
	g_clear_error(&error);
	answer = oauth_http_post(uri, form, database, NULL, NULL, &error);
	g_assert_no_error(error);
	simulator_stop(tenant);
	remove(authority);
	remove(directory);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, data, function) \
	g_test_add("/oauth/accidents/" path, Fixture, GINT_TO_POINTER(data), set_up, function, tear_down)
	ADD("who loses a race for the token waits for the winner", 0, test_loser_waits_for_the_winner);
	ADD("two hosts that renew at once both get a token", 0, test_two_hosts_at_once);
	ADD("who loses does not remove what the winner stored", 0, test_winner_is_not_undone);
	ADD("a sign-in at one host is found by the other", 0, test_sign_in_at_the_other_host);
	ADD("the first sign-in at another host serves here", 0, test_first_sign_in_at_the_other_host);
	ADD("a crash before the rotated token was kept costs nothing", 0, test_crash_before_the_keyring);
	ADD("a crash before the rotated token was kept asks once where used ones are refused", 0,
	    test_crash_before_the_keyring_at_a_strict_server);
	ADD("a clock that is a day behind", DAY, test_clock_is_wrong);
	ADD("a clock that is a day ahead", -DAY, test_clock_is_wrong);
	g_test_add_data_func("/oauth/accidents/a certificate of the future blames the clock",
			     GINT_TO_POINTER(-40 * DAY), test_certificate_and_clock);
	g_test_add_data_func("/oauth/accidents/a certificate of the past blames the clock", GINT_TO_POINTER(40 * DAY),
			     test_certificate_and_clock);
	return g_test_run();
}
