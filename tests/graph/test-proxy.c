/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "graph-error.h"
#include "graph-request.h"
#include "graph-user.h"
#include "oauth-error.h"
#include "oauth-session.h"
#include "sim-proxy.h"
#include "simulator.h"

#define SCOPES "User.Read Mail.ReadWrite Mail.Send"
#define LOGIN "https://login.contoso.example"
#define GRAPH "https://graph.contoso.example"

/* The tenant under names that only the proxy finds: whoever goes straight gets nowhere. */
typedef struct {
	Simulator *simulator;
	char *directory;
	char *authority;
	SimProxy *proxy;
	OauthKeyring *keyring;
	OauthSession *session;
	GraphClient *client;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthConfig) config = oauth_config_new("account");
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GUri) origin = NULL;

	fixture->simulator = simulator_new();
	simulator_set_device(fixture->simulator, 0.01, 900);
	fixture->directory = g_dir_make_tmp("graph-proxy-XXXXXX", &error);
	fixture->authority = g_build_filename(fixture->directory, "ca.pem", NULL);
	g_assert_true(simulator_start(fixture->simulator, 0, fixture->directory, &error));
	g_assert_no_error(error);
	database = g_tls_file_database_new(fixture->authority, &error);
	g_assert_no_error(error);
	origin = g_uri_parse(simulator_get_origin(fixture->simulator), G_URI_FLAGS_NONE, NULL);
	fixture->proxy = sim_proxy_new((guint)g_uri_get_port(origin));

	config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	config->tenant = g_strdup(SIMULATOR_TENANT_ID);
	config->identity_origin = g_strdup(LOGIN);
	config->graph_origin = g_strdup(simulator_get_origin(fixture->simulator));
	config->scopes = g_strsplit(SCOPES, " ", -1);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(config, fixture->keyring, database);
	fixture->client = graph_client_new(OAUTH_AUTHORIZER(fixture->session), GRAPH, NULL, database);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->client);
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	sim_proxy_free(fixture->proxy);
	simulator_stop(fixture->simulator);
	g_assert_finalize_object(fixture->simulator);
	remove(fixture->authority);
	remove(fixture->directory);
	g_free(fixture->authority);
	g_free(fixture->directory);
}

static void
use_proxy(Fixture *fixture, const char *scheme, const char *credentials)
{
	g_autofree char *uri =
		g_strdup_printf("%s://%s127.0.0.1:%u", scheme, credentials, sim_proxy_get_port(fixture->proxy));

	oauth_proxy_set_uri(oauth_authorizer_get_proxy(OAUTH_AUTHORIZER(fixture->session)), uri);
}

static void
enter_code(const OauthDeviceCode *code, gpointer data)
{
	Fixture *fixture = data;

	g_assert_true(simulator_enter_code(fixture->simulator, code->user_code, SIMULATOR_USER, TRUE));
}

static gboolean
sign_in(Fixture *fixture, GError **error)
{
	return oauth_session_sign_in_by_device(fixture->session, enter_code, fixture, NULL, error);
}

static void
assert_carried(Fixture *fixture, const char *target)
{
	g_auto(GStrv) targets = sim_proxy_get_targets(fixture->proxy);

	g_assert_true(g_strv_contains((const char *const *)targets, target));
}

static void
assert_works(Fixture *fixture)
{
	g_autoptr(GError) trouble = NULL;

	sign_in(fixture, &trouble);
	g_assert_no_error(trouble);
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GraphUser) user = graph_user_get_me(fixture->client, NULL, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(user->mail, ==, SIMULATOR_USER);
	}
	assert_carried(fixture, "login.contoso.example:443");
	assert_carried(fixture, "graph.contoso.example:443");
}

/* Nothing was let through, and the reason names the proxy and no secret. */
static void
assert_fails(Fixture *fixture, const char *words)
{
	g_autofree char *proxy = g_strdup_printf("127.0.0.1:%u", sim_proxy_get_port(fixture->proxy));
	g_auto(GStrv) targets = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	g_assert_nonnull(strstr(error->message, words));
	g_assert_nonnull(strstr(error->message, proxy));
	g_assert_null(strstr(error->message, "p%40ss"));
	g_assert_null(strstr(error->message, "p@ss"));
	targets = sim_proxy_get_targets(fixture->proxy);
	g_assert_cmpuint(g_strv_length(targets), ==, 0);
}

static void
test_works(Fixture *fixture, gconstpointer scheme)
{
	use_proxy(fixture, scheme, "");
	assert_works(fixture);
}

static void
test_credentials(Fixture *fixture, gconstpointer scheme)
{
	sim_proxy_set_credentials(fixture->proxy, "alice", "p@ss:1");
	use_proxy(fixture, scheme, "alice:p%40ss%3A1@");
	assert_works(fixture);
}

static void
test_no_credentials(Fixture *fixture, gconstpointer scheme)
{
	sim_proxy_set_credentials(fixture->proxy, "alice", "p@ss:1");
	use_proxy(fixture, scheme, "");
	assert_fails(fixture, "name and a password");
}

static void
test_wrong_credentials(Fixture *fixture, gconstpointer scheme)
{
	sim_proxy_set_credentials(fixture->proxy, "alice", "p@ss:1");
	use_proxy(fixture, scheme, "alice:p%40ss%3A2@");
	assert_fails(fixture, "name and a password");
}

static void
test_refuses(Fixture *fixture, gconstpointer scheme)
{
	sim_proxy_refuse(fixture->proxy);
	use_proxy(fixture, scheme, "");
	assert_fails(fixture, "does not allow");
}

static void
test_absent(Fixture *fixture, gconstpointer scheme)
{
	g_autofree char *uri = g_strdup_printf("%s://127.0.0.1:1", (const char *)scheme);
	g_autoptr(GError) error = NULL;

	oauth_proxy_set_uri(oauth_authorizer_get_proxy(OAUTH_AUTHORIZER(fixture->session)), uri);
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE);
	g_assert_nonnull(strstr(error->message, "through the proxy 127.0.0.1:1"));
}

/* With a token at hand it is Graph's connection alone that fails. */
static void
test_graph_alone(Fixture *fixture, gconstpointer scheme)
{
	static const guint expected[] = {202, 0};
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;
	guint before;

	use_proxy(fixture, scheme, "");
	sign_in(fixture, &error);
	g_assert_no_error(error);
	before = simulator_get_n_requests(fixture->simulator);
	sim_proxy_refuse(fixture->proxy);
	answer = graph_client_send(fixture->client, "POST", "/sendMail", body, expected, NULL, &error);
	/* It is known not to have been done. */
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE);
	g_assert_nonnull(strstr(error->message, "does not allow"));
	g_assert_cmpuint(simulator_get_n_requests(fixture->simulator), ==, before);
}

/* Where the service leads for the pieces of a large mail */
static void
test_uploads(Fixture *fixture, gconstpointer scheme)
{
	g_autoptr(SoupMessage) message = soup_message_new("PUT", "https://uploads.contoso.example/piece");
	g_autoptr(GraphAnswer) answer = NULL;
	g_autoptr(GError) error = NULL;

	use_proxy(fixture, scheme, "");
	answer = graph_client_send_to(fixture->client, message, "PUT piece", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(answer->outcome, ==, GRAPH_OUTCOME_ANSWERED);
	assert_carried(fixture, "uploads.contoso.example:443");
}

static void
test_this_machine(void)
{
	g_autoptr(OauthProxy) proxy = oauth_proxy_new();
	const char *const here[] = {"http://localhost:1234/", "https://127.0.0.1/", "http://[::1]:80/"};

	oauth_proxy_set_uri(proxy, "socks5://proxy.example:1080");
	for (guint i = 0; i < G_N_ELEMENTS(here); i++)
		g_assert_null(oauth_proxy_find(proxy, here[i]));
}

/* The desktop's resolver is GLib's; in a process of its own, since it is one for all. */
static void
test_desktop(void)
{
	g_autoptr(OauthProxy) proxy = NULL;
	g_autofree char *found = NULL;

	if (!g_test_subprocess()) {
		g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
		g_test_trap_assert_passed();
		return;
	}
	g_setenv("XDG_CURRENT_DESKTOP", "", TRUE);
	g_setenv("all_proxy", "http://desktop.example:3128", TRUE);
	g_setenv("https_proxy", "http://desktop.example:3128", TRUE);
	g_unsetenv("no_proxy");
	proxy = oauth_proxy_new();
	found = oauth_proxy_find(proxy, LOGIN);
	g_assert_cmpstr(found, ==, "desktop.example:3128");
	g_assert_null(oauth_proxy_find(proxy, "http://localhost:80/"));
}

#define add(name, scheme, function) \
	g_test_add("/graph/proxy/" name " " scheme, Fixture, scheme, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	add("everything goes through it:", "socks5", test_works);
	add("everything goes through it:", "http", test_works);
	add("it gets its name and password:", "socks5", test_credentials);
	add("it gets its name and password:", "http", test_credentials);
	add("that it wants a name and a password is said:", "socks5", test_no_credentials);
	add("that it wants a name and a password is said:", "http", test_no_credentials);
	add("that it wants others is said:", "socks5", test_wrong_credentials);
	add("that it wants others is said:", "http", test_wrong_credentials);
	add("that it refuses is said:", "socks5", test_refuses);
	add("that it refuses is said:", "http", test_refuses);
	add("that it is not there is said:", "socks5", test_absent);
	add("that it is not there is said:", "http", test_absent);
	add("a mail that did not get beyond it was not sent:", "socks5", test_graph_alone);
	add("a mail that did not get beyond it was not sent:", "http", test_graph_alone);
	add("the pieces of a large mail go through it:", "socks5", test_uploads);
	add("the pieces of a large mail go through it:", "http", test_uploads);
	g_test_add_func("/graph/proxy/this machine is reached without it", test_this_machine);
	g_test_add_func("/graph/proxy/the desktop's is used when none is set", test_desktop);
	return g_test_run();
}
