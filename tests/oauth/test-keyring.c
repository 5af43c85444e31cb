/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "idp.h"
#include "oauth-authorizer.h"
#include "oauth-error.h"
#include "oauth-keyring.h"

/* A session bus and a keyring of the test's own, in a directory of its own. */
typedef struct {
	char *directory;
	GPid bus;
	GPid daemon;
} Service;

static OauthConfig *
build_config(void)
{
	OauthConfig *config = oauth_config_new("11111111-2222-4333-8444-555555555555");

	config->name = g_strdup("Work");
	config->client_id = g_strdup("client");
	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	return config;
}

static void
assert_secret(OauthKeyring *keyring, OauthConfig *config, OauthSecretKind kind, const char *expected)
{
	g_autoptr(GError) error = NULL;
	char *secret = oauth_keyring_lookup(keyring, config, kind, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(secret, ==, expected);
	oauth_token_free(secret);
}

static void
store(OauthKeyring *keyring, OauthConfig *config, OauthSecretKind kind, const char *secret)
{
	g_autoptr(GError) error = NULL;
	gboolean stored = oauth_keyring_store(keyring, config, kind, secret, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(stored);
}

static void
clear(OauthKeyring *keyring, OauthConfig *config, OauthSecretKind kind)
{
	g_autoptr(GError) error = NULL;
	gboolean cleared = oauth_keyring_clear(keyring, config, kind, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(cleared);
}

/* What both homes of secrets promise */
static void
tell_the_story(OauthKeyring *keyring)
{
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(OauthConfig) other = build_config();

	g_free(other->client_id);
	other->client_id = g_strdup("other");
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	store(keyring, config, OAUTH_SECRET_REFRESH, "first");
	store(keyring, config, OAUTH_SECRET_REFRESH, "second ö€");
	store(keyring, config, OAUTH_SECRET_CLIENT, "secret");
	store(keyring, other, OAUTH_SECRET_REFRESH, "third");
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "second ö€");
	assert_secret(keyring, config, OAUTH_SECRET_CLIENT, "secret");
	assert_secret(keyring, other, OAUTH_SECRET_REFRESH, "third");
	assert_secret(keyring, other, OAUTH_SECRET_CLIENT, NULL);
	clear(keyring, config, OAUTH_SECRET_REFRESH);
	clear(keyring, config, OAUTH_SECRET_REFRESH);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	assert_secret(keyring, other, OAUTH_SECRET_REFRESH, NULL);
	assert_secret(keyring, config, OAUTH_SECRET_CLIENT, "secret");
	clear(keyring, config, OAUTH_SECRET_CLIENT);
	assert_secret(keyring, config, OAUTH_SECRET_CLIENT, NULL);
}

static void
test_memory(void)
{
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new_in_memory();
	g_autofree char *reason = NULL;

	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	tell_the_story(keyring);
	g_assert_true(oauth_keyring_is_volatile(keyring, &reason));
	g_assert_nonnull(reason);
}

static void
run_in_subprocess(void)
{
	g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
	g_test_trap_assert_passed();
}

/* No session bus at all: memory, with a reason that says what to install. */
static void
test_no_bus(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autofree char *reason = NULL;

	if (!g_test_subprocess()) {
		run_in_subprocess();
		return;
	}
	g_unsetenv("DISPLAY");
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	keyring = oauth_keyring_new();
	tell_the_story(keyring);
	g_assert_true(oauth_keyring_is_volatile(keyring, &reason));
	g_assert_nonnull(strstr(reason, "gnome-keyring"));
}

static void
test_cancelled(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;

	if (!g_test_subprocess()) {
		run_in_subprocess();
		return;
	}
	g_unsetenv("DISPLAY");
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	keyring = oauth_keyring_new();
	g_cancellable_cancel(cancellable);
	g_assert_null(oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
has_programs(void)
{
	g_autofree char *bus = g_find_program_in_path("dbus-daemon");
	g_autofree char *daemon = g_find_program_in_path("gnome-keyring-daemon");

	if (bus != NULL && daemon != NULL)
		return TRUE;
	g_assert_cmpstr(g_getenv("CI"), !=, "true");
	g_test_skip("dbus-daemon or gnome-keyring-daemon is not installed.");
	return FALSE;
}

static char *
read_line(int fd)
{
	GString *line = g_string_new(NULL);
	char c;

	while (read(fd, &c, 1) == 1 && c != '\n')
		g_string_append_c(line, c);
	return g_string_free(line, FALSE);
}

/* A test that fails leaves nobody behind. */
static void
die_with_parent(gpointer user_data)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* A bus that starts nothing by itself */
static void
start_bus(Service *self)
{
	g_autofree char *config = NULL;
	g_autofree char *text = NULL;
	g_autofree char *option = NULL;
	g_autofree char *address = NULL;
	g_autoptr(GError) error = NULL;
	char *argv[] = {(char *)"dbus-daemon", NULL, (char *)"--nofork", (char *)"--print-address", NULL};
	int output;

	self->directory = g_dir_make_tmp("oauth-keyring-XXXXXX", &error);
	g_assert_no_error(error);
	config = g_build_filename(self->directory, "bus.conf", NULL);
	text = g_strdup_printf(
		"<busconfig><type>session</type><listen>unix:path=%s/bus</listen><policy context=\"default\">"
		"<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>"
		"</policy></busconfig>",
		self->directory);
	g_file_set_contents(config, text, -1, &error);
	g_assert_no_error(error);
	argv[1] = option = g_strconcat("--config-file=", config, NULL);
	g_spawn_async_with_pipes(NULL, argv, NULL,
				 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
				 die_with_parent, NULL, &self->bus, NULL, &output, NULL, &error);
	g_assert_no_error(error);
	address = read_line(output);
	close(output);
	g_assert_cmpstr(address, !=, "");

	g_unsetenv("DISPLAY");
	g_unsetenv("WAYLAND_DISPLAY");
	g_setenv("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
	g_setenv("HOME", self->directory, TRUE);
	g_setenv("XDG_DATA_HOME", self->directory, TRUE);
	g_setenv("XDG_CONFIG_HOME", self->directory, TRUE);
	g_setenv("XDG_CACHE_HOME", self->directory, TRUE);
	g_setenv("XDG_RUNTIME_DIR", self->directory, TRUE);
}

static gboolean
has_owner(GDBusConnection *bus)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
		bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
		g_variant_new("(s)", "org.freedesktop.secrets"), G_VARIANT_TYPE("(b)"), G_DBUS_CALL_FLAGS_NONE, -1,
		NULL, NULL);
	gboolean owned = FALSE;

	if (reply != NULL)
		g_variant_get(reply, "(b)", &owned);
	return owned;
}

static void
start_daemon(Service *self, gboolean with_collection)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GError) error = NULL;
	char *argv[] = {(char *)"gnome-keyring-daemon", (char *)"--foreground", (char *)"--components=secrets",
			with_collection ? (char *)"--unlock" : NULL, NULL};
	int input;

	g_spawn_async_with_pipes(NULL, argv, NULL,
				 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL |
					 G_SPAWN_STDOUT_TO_DEV_NULL,
				 die_with_parent, NULL, &self->daemon, &input, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(write(input, "password", 8), ==, 8);
	close(input);
	bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &error);
	g_assert_no_error(error);
	g_dbus_connection_set_exit_on_close(bus, FALSE);
	for (guint i = 0; i < 600 && !has_owner(bus); i++)
		g_usleep(50 * 1000);
	g_assert_true(has_owner(bus));
}

static void
lock_all(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &error);
	const char *const paths[] = {"/org/freedesktop/secrets/collection/login", NULL};
	g_autoptr(GVariant) reply = NULL;

	reply = g_dbus_connection_call_sync(bus, "org.freedesktop.secrets", "/org/freedesktop/secrets",
					    "org.freedesktop.Secret.Service", "Lock", g_variant_new("(^ao)", paths),
					    NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
	g_assert_no_error(error);
}

static void
end_process(GPid *pid)
{
	if (*pid == 0)
		return;
	kill(*pid, SIGTERM);
	waitpid(*pid, NULL, 0);
	g_spawn_close_pid(*pid);
	*pid = 0;
}

static void
remove_tree(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;

	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		remove_tree(child);
	}
	g_remove(path);
}

static void
stop(Service *self)
{
	end_process(&self->daemon);
	end_process(&self->bus);
	remove_tree(self->directory);
	g_free(self->directory);
}

/* TRUE in a process of its own, with a bus; else it is run in one. */
static gboolean
begin(Service *service)
{
	if (g_test_subprocess()) {
		start_bus(service);
		return TRUE;
	}
	if (has_programs())
		run_in_subprocess();
	return FALSE;
}

static void
test_service(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthKeyring) again = NULL;
	g_autoptr(OauthConfig) config = build_config();
	Service service = {0};

	if (!begin(&service))
		return;
	start_daemon(&service, TRUE);
	keyring = oauth_keyring_new();
	tell_the_story(keyring);
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	store(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	again = oauth_keyring_new();
	assert_secret(again, config, OAUTH_SECRET_REFRESH, "kept");
	stop(&service);
}

/* The Secret Service starts later: what was in memory moves there. */
static void
test_service_comes_later(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthKeyring) again = NULL;
	g_autoptr(OauthConfig) config = build_config();
	Service service = {0};

	if (!begin(&service))
		return;
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "moved");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
	start_daemon(&service, TRUE);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "moved");
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	again = oauth_keyring_new();
	assert_secret(again, config, OAUTH_SECRET_REFRESH, "moved");
	stop(&service);
}

/* A locked keyring that nobody unlocks is "not now", never "nothing there". */
static void
test_locked(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!begin(&service))
		return;
	start_daemon(&service, TRUE);
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	lock_all();
	g_assert_null(oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	g_clear_error(&error);
	g_assert_false(oauth_keyring_store(keyring, config, OAUTH_SECRET_REFRESH, "newer", NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "newer");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
	stop(&service);
}

/*
 * Nobody typed the keyring's password since the machine started: what it holds is not to be taken for lost. And a
 * service that ends and comes again is asked again.
 */
static void
test_locked_from_the_start(void)
{
	g_autoptr(OauthKeyring) before = NULL;
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!begin(&service))
		return;
	start_daemon(&service, TRUE);
	before = oauth_keyring_new();
	store(before, config, OAUTH_SECRET_REFRESH, "kept");
	end_process(&service.daemon);
	start_daemon(&service, FALSE);
	keyring = oauth_keyring_new();
	g_assert_null(oauth_keyring_lookup(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	g_clear_error(&error);
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	g_assert_false(oauth_keyring_clear(keyring, config, OAUTH_SECRET_REFRESH, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	end_process(&service.daemon);
	start_daemon(&service, TRUE);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	end_process(&service.daemon);
	start_daemon(&service, TRUE);
	store(keyring, config, OAUTH_SECRET_REFRESH, "newer");
	g_assert_false(oauth_keyring_is_volatile(keyring, NULL));
	end_process(&service.daemon);
	start_daemon(&service, TRUE);
	clear(keyring, config, OAUTH_SECRET_REFRESH);
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	stop(&service);
}

/* A keyring that stays locked keeps nobody from signing in and going on. */
static void
test_sign_in_while_locked(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthSession) session = NULL;
	g_autoptr(Idp) idp = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;
	Service service = {0};
	char *token;

	if (!begin(&service))
		return;
	start_daemon(&service, TRUE);
	idp = idp_new();
	config = idp_build_config(idp);
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH,
	      "{\"v\":1,\"refresh_token\":\"old\",\"home\":\"" IDP_TENANT ".alice\"}");
	lock_all();
	session = oauth_session_new(config, keyring, NULL);
	g_assert_false(oauth_session_load(session, NULL, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_UNKNOWN);
	g_clear_error(&error);
	g_assert_true(oauth_session_sign_in(session, idp_browser, idp, NULL, &error));
	g_assert_no_error(error);
	g_assert_true(oauth_keyring_is_volatile(keyring, &reason));
	g_assert_nonnull(reason);
	g_assert_cmpint(oauth_session_get_state(session), ==, OAUTH_STATE_SIGNED_IN);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(session), NULL, &error);
	g_assert_cmpstr(token, ==, "access-1");
	oauth_token_free(token);
	stop(&service);
}

/* A keyring that nobody made: no dialog asks for one, memory serves. */
static void
test_no_collection(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	Service service = {0};

	if (!begin(&service))
		return;
	start_daemon(&service, FALSE);
	keyring = oauth_keyring_new();
	store(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	stop(&service);
}

/* The bus ends, the process goes on. */
static void
test_bus_ends(void)
{
	g_autoptr(OauthKeyring) keyring = NULL;
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	Service service = {0};

	if (!begin(&service))
		return;
	keyring = oauth_keyring_new();
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, NULL);
	stop(&service);
	oauth_keyring_store(keyring, config, OAUTH_SECRET_REFRESH, "kept", NULL, &error);
	g_assert_true(error == NULL || g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING));
	assert_secret(keyring, config, OAUTH_SECRET_REFRESH, "kept");
	g_assert_true(oauth_keyring_is_volatile(keyring, NULL));
}

int
main(int argc, char **argv)
{
	/* Whatever a test forgets to set up must not reach the keyring of who runs it. */
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
	g_unsetenv("SECRET_BACKEND");
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/oauth/keyring/memory keeps secrets apart", test_memory);
	g_test_add_func("/oauth/keyring/without a bus memory serves and says why", test_no_bus);
	g_test_add_func("/oauth/keyring/a call can be cancelled", test_cancelled);
	g_test_add_func("/oauth/keyring/the Secret Service keeps secrets apart", test_service);
	g_test_add_func("/oauth/keyring/a Secret Service that comes later is used", test_service_comes_later);
	g_test_add_func("/oauth/keyring/a locked keyring is not an empty one", test_locked);
	g_test_add_func("/oauth/keyring/a keyring that was never unlocked is not an empty one",
			test_locked_from_the_start);
	g_test_add_func("/oauth/keyring/a person can sign in while the keyring is locked", test_sign_in_while_locked);
	g_test_add_func("/oauth/keyring/a service without a keyring is not asked to make one", test_no_collection);
	g_test_add_func("/oauth/keyring/the end of the bus is survived", test_bus_ends);
	return g_test_run();
}
