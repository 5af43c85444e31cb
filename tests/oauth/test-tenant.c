/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <libsoup/soup.h>

#include "oauth-error.h"
#include "oauth-session.h"
#include "person.h"
#include "simulator.h"

#define SECRET "s+e/c=r&e%t~"

typedef struct {
	Simulator *tenant;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthSession *session;
	const char *person;
	const char *button;
	GThread *browser;
} Fixture;

typedef struct {
	char *uri;
	const char *person;
	const char *button;
} Errand;

static void
set_up(Fixture *fixture, gconstpointer client)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};
	g_autoptr(GError) error = NULL;

	fixture->tenant = simulator_new();
	simulator_add_client(fixture->tenant, "confidential", SECRET);
	g_assert_true(simulator_add_mailbox(fixture->tenant, SIMULATOR_USER, "", &error));
	g_assert_no_error(error);
	g_assert_true(simulator_start(fixture->tenant, 0, NULL, &error));
	g_assert_no_error(error);
	fixture->config = oauth_config_new("11111111-2222-4333-8444-555555555555");
	fixture->config->client_id = g_strdup(client);
	fixture->config->identity_origin = g_strdup(simulator_get_origin(fixture->tenant));
	fixture->config->graph_origin = g_strdup(simulator_get_origin(fixture->tenant));
	fixture->config->scopes = g_strdupv((char **)scopes);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(fixture->config, fixture->keyring, NULL);
	fixture->person = SIMULATOR_USER;
	fixture->button = "accept";
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	oauth_config_free(fixture->config);
	simulator_stop(fixture->tenant);
	g_assert_finalize_object(fixture->tenant);
}

static gpointer
browse(gpointer user_data)
{
	Errand *errand = user_data;
	g_autoptr(PersonAnswer) answer = person_visit(errand->uri, errand->person, errand->button);
	g_autofree char *shown = NULL;

	g_assert_cmpuint(person_deliver(answer, &shown), ==, 200);
	g_assert_nonnull(strstr(shown, "return to Claws Mail"));
	g_free(errand->uri);
	g_free(errand);
	return NULL;
}

static gboolean
open_uri(const char *uri, gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;
	Errand *errand = g_new0(Errand, 1);

	errand->uri = g_strdup(uri);
	errand->person = fixture->person;
	errand->button = fixture->button;
	fixture->browser = g_thread_new("browser", browse, errand);
	return TRUE;
}

static gboolean
sign_in(Fixture *fixture, GError **error)
{
	gboolean done = oauth_session_sign_in(fixture->session, open_uri, fixture, NULL, error);

	g_thread_join(g_steal_pointer(&fixture->browser));
	return done;
}

/* A token that Graph takes */
static void
assert_graph_opens(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SoupSession) graph = soup_session_new();
	g_autofree char *uri = g_strconcat(simulator_get_origin(fixture->tenant), "/v1.0/me", NULL);
	g_autofree char *header = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GBytes) body = NULL;
	g_autoptr(SoupMessage) message = soup_message_new("GET", uri);
	char *token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, &error);

	g_assert_no_error(error);
	header = g_strconcat("Bearer ", token, NULL);
	soup_message_headers_replace(soup_message_get_request_headers(message), "Authorization", header);
	oauth_token_free(token);
	soup_session_set_proxy_resolver(graph, NULL);
	body = soup_session_send_and_read(graph, message, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(soup_message_get_status(message), ==, 200);
	text = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
	g_assert_nonnull(strstr(text, fixture->person));
}

static void
assert_nothing_refused(Fixture *fixture)
{
	g_auto(GStrv) refusals = simulator_get_refusals(fixture->tenant);

	g_assert_cmpstr(refusals[0], ==, NULL);
}

static void
reject_current(Fixture *fixture)
{
	char *token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, NULL);

	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(fixture->session), token, NULL);
	oauth_token_free(token);
}

static void
test_whole_way(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OauthIdentity) identity = NULL;

	g_assert_true(sign_in(fixture, &error));
	g_assert_no_error(error);
	assert_graph_opens(fixture);
	identity = oauth_session_get_identity(fixture->session);
	g_assert_cmpstr(identity->username, ==, SIMULATOR_USER);
	g_assert_true(g_str_has_prefix(identity->home, SIMULATOR_TENANT_ID "."));
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.ReadWrite"));
	g_assert_false(oauth_session_has_scope(fixture->session, "Contacts.Read"));
	reject_current(fixture);
	assert_graph_opens(fixture);
	reject_current(fixture);
	assert_graph_opens(fixture);
	assert_nothing_refused(fixture);
}

static void
test_confidential(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, SECRET, NULL, NULL));
	g_assert_true(sign_in(fixture, &error));
	g_assert_no_error(error);
	reject_current(fixture);
	assert_graph_opens(fixture);
	assert_nothing_refused(fixture);
}

static void
test_revoked(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(sign_in(fixture, &error));
	simulator_revoke_tokens(fixture->tenant, SIMULATOR_USER);
	reject_current(fixture);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_clear_error(&error);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_NEEDS_SIGN_IN);
	g_assert_true(sign_in(fixture, &error));
	assert_graph_opens(fixture);
}

static void
test_somebody_else(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(sign_in(fixture, &error));
	fixture->person = SIMULATOR_OTHER;
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	fixture->person = SIMULATOR_USER;
	assert_graph_opens(fixture);
}

static void
test_declined(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->button = "cancel";
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_PENDING);
}

static const char *const shared[] = {"Mail.ReadWrite.Shared", NULL};

static gboolean
extend(Fixture *fixture, GError **error)
{
	gboolean done = oauth_session_extend(fixture->session, shared, open_uri, fixture, NULL, error);

	if (fixture->browser != NULL)
		g_thread_join(g_steal_pointer(&fixture->browser));
	return done;
}

static void
count(OauthSession *session, char **names, gboolean certain, gint *n)
{
	g_assert_cmpstr(names[0], ==, "Mail.ReadWrite.Shared");
	g_assert_null(names[1]);
	g_atomic_int_inc(n);
}

/* OAUTH.md 6 */
static void
test_extended(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) extra = NULL;

	g_assert_true(sign_in(fixture, &error));
	g_assert_false(oauth_session_has_scope(fixture->session, "Mail.Read.Shared"));
	g_assert_true(extend(fixture, &error));
	g_assert_no_error(error);
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.Read.Shared"));
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.Send"));
	reject_current(fixture);
	assert_graph_opens(fixture);
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.Read.Shared"));
	extra = oauth_session_list_extra_scopes(fixture->session);
	g_assert_cmpstr(extra[0], ==, "Mail.ReadWrite.Shared");
	g_assert_null(extra[1]);
	/* Nobody is asked for what is there. */
	fixture->button = NULL;
	g_assert_true(extend(fixture, &error));
	assert_nothing_refused(fixture);
}

static void
test_extension_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) extra = NULL;

	g_assert_true(sign_in(fixture, &error));
	simulator_set_admin_scopes(fixture->tenant, "Mail.ReadWrite.Shared");
	g_assert_false(extend(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_cmpuint(oauth_error_get_details(error)->code, ==, 90094);
	extra = oauth_session_list_extra_scopes(fixture->session);
	g_assert_null(extra);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_SIGNED_IN);
	assert_graph_opens(fixture);
	reject_current(fixture);
	assert_graph_opens(fixture);
	assert_nothing_refused(fixture);
}

/* @lost: how often it was told; stays in use */
static void
withdraw_shared(Fixture *fixture, gint *lost)
{
	g_signal_connect(fixture->session, "scopes-lost", G_CALLBACK(count), lost);
	simulator_set_admin_scopes(fixture->tenant, "Mail.ReadWrite.Shared");
	reject_current(fixture);
	assert_graph_opens(fixture);
	/* It is told by the thread that found out, after who waited for the token has it. */
	while (g_atomic_int_get(lost) == 0)
		g_usleep(1000);
	g_assert_false(oauth_session_has_scope(fixture->session, "Mail.Read.Shared"));
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.ReadWrite"));
}

static void
test_extension_withdrawn(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint lost = 0;

	g_assert_true(sign_in(fixture, &error));
	g_assert_true(extend(fixture, &error));
	g_assert_no_error(error);
	withdraw_shared(fixture, &lost);
	reject_current(fixture);
	assert_graph_opens(fixture);
	g_assert_cmpint(g_atomic_int_get(&lost), ==, 1);
}

/* One of several that features asked for */
static void
test_others_stay_when_one_is_withdrawn(Fixture *fixture, gconstpointer data)
{
	static const char *const more[] = {"Contacts.ReadWrite", "Mail.ReadWrite.Shared", "MailboxSettings.Read", NULL};
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) extra = NULL;
	gint lost = 0;

	g_assert_true(sign_in(fixture, &error));
	g_assert_true(oauth_session_extend(fixture->session, more, open_uri, fixture, NULL, &error));
	g_assert_no_error(error);
	g_thread_join(g_steal_pointer(&fixture->browser));
	withdraw_shared(fixture, &lost);
	g_assert_true(oauth_session_has_scope(fixture->session, "Contacts.ReadWrite"));
	g_assert_true(oauth_session_has_scope(fixture->session, "MailboxSettings.Read"));
	extra = oauth_session_list_extra_scopes(fixture->session);
	g_assert_cmpuint(g_strv_length(extra), ==, 2);
	reject_current(fixture);
	assert_graph_opens(fixture);
	g_assert_cmpint(g_atomic_int_get(&lost), ==, 1);
}

/* Who presses Cancel has said nothing about what a feature needs. */
static void
test_declined_with_extension(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint lost = 0;

	g_assert_true(sign_in(fixture, &error));
	g_assert_true(extend(fixture, &error));
	g_assert_no_error(error);
	g_signal_connect(fixture->session, "scopes-lost", G_CALLBACK(count), &lost);
	simulator_revoke_tokens(fixture->tenant, SIMULATOR_USER);
	reject_current(fixture);
	fixture->button = "cancel";
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_clear_error(&error);
	fixture->button = "accept";
	g_assert_true(sign_in(fixture, &error));
	g_assert_no_error(error);
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.ReadWrite.Shared"));
	g_assert_cmpint(g_atomic_int_get(&lost), ==, 0);
	reject_current(fixture);
	assert_graph_opens(fixture);
	g_assert_true(oauth_session_has_scope(fixture->session, "Mail.ReadWrite.Shared"));
}

/* With `.default` the registration does not list it, and that is said. */
static void
test_extension_is_not_in_the_registration(Fixture *fixture, gconstpointer data)
{
	static const char *const listed[] = {OAUTH_SCOPE_DEFAULT, NULL};
	g_autoptr(GError) error = NULL;

	g_strfreev(fixture->config->scopes);
	fixture->config->scopes = g_strdupv((char **)listed);
	oauth_session_set_config(fixture->session, fixture->config);
	g_assert_true(sign_in(fixture, &error));
	g_assert_no_error(error);
	g_assert_false(extend(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_nonnull(strstr(error->message, "Mail.ReadWrite.Shared"));
	g_assert_nonnull(strstr(error->message, "The app registration lacks a permission."));
	reject_current(fixture);
	assert_graph_opens(fixture);
	assert_nothing_refused(fixture);
}

/* Settings that ask for more than the tenant gives: refused twice, then without; the renewal that asks for it is
 * refused. */
static void
test_sign_in_without_extension(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint lost = 0;

	oauth_config_add_scopes(fixture->config, shared);
	oauth_session_set_config(fixture->session, fixture->config);
	g_signal_connect(fixture->session, "scopes-lost", G_CALLBACK(count), &lost);
	simulator_set_admin_scopes(fixture->tenant, "Mail.ReadWrite.Shared");
	for (guint i = 0; i < 2; i++) {
		g_assert_false(sign_in(fixture, &error));
		g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
		g_clear_error(&error);
		g_assert_cmpint(g_atomic_int_get(&lost), ==, 0);
	}
	g_assert_true(sign_in(fixture, &error));
	g_assert_no_error(error);
	assert_graph_opens(fixture);
	while (g_atomic_int_get(&lost) == 0)
		g_usleep(1000);
	reject_current(fixture);
	assert_graph_opens(fixture);
	g_assert_cmpint(g_atomic_int_get(&lost), ==, 1);
}

static void
test_personal_account_is_not_extended(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(simulator_add_mailbox(fixture->tenant, "carol@outlook.example", "", NULL));
	fixture->person = "carol@outlook.example";
	g_assert_true(sign_in(fixture, &error));
	g_assert_false(extend(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_nonnull(strstr(error->message, "Personal accounts"));
	reject_current(fixture);
	assert_graph_opens(fixture);
	assert_nothing_refused(fixture);
}

#define ADD(path, client, function) g_test_add("/oauth/tenant/" path, Fixture, client, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a public client goes the whole way", SIMULATOR_CLIENT_ID, test_whole_way);
	ADD("a confidential client goes the whole way", "confidential", test_confidential);
	ADD("revoked tokens ask for a sign-in", SIMULATOR_CLIENT_ID, test_revoked);
	ADD("somebody else is not let in", SIMULATOR_CLIENT_ID, test_somebody_else);
	ADD("a person declines", SIMULATOR_CLIENT_ID, test_declined);
	ADD("a feature asks for more, once", SIMULATOR_CLIENT_ID, test_extended);
	ADD("what is refused to a feature leaves the rest", SIMULATOR_CLIENT_ID, test_extension_refused);
	ADD("what is taken back from a feature leaves the rest", SIMULATOR_CLIENT_ID, test_extension_withdrawn);
	ADD("what is taken back from one feature leaves the others", SIMULATOR_CLIENT_ID,
	    test_others_stay_when_one_is_withdrawn);
	ADD("a sign-in goes on without what a feature needs", SIMULATOR_CLIENT_ID, test_sign_in_without_extension);
	ADD("who declines has what a feature needs after the next sign-in", SIMULATOR_CLIENT_ID,
	    test_declined_with_extension);
	ADD("what the registration does not list is said to be missing there", SIMULATOR_CLIENT_ID,
	    test_extension_is_not_in_the_registration);
	ADD("a personal account is not extended", SIMULATOR_CLIENT_ID, test_personal_account_is_not_extended);
	return g_test_run();
}
