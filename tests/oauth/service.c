/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "service.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

void
service_run_in_subprocess(void)
{
	g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
	g_test_trap_assert_passed();
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

void
service_start_daemon(Service *self, gboolean with_collection)
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

void
service_lock_all(void)
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

void
service_end_daemon(Service *self)
{
	end_process(&self->daemon);
}

void
service_unlock(Service *self)
{
	service_end_daemon(self);
	service_start_daemon(self, TRUE);
}

void
service_stop(Service *self)
{
	end_process(&self->daemon);
	end_process(&self->bus);
	remove_tree(self->directory);
	g_free(self->directory);
}

gboolean
service_begin(Service *service)
{
	if (g_test_subprocess()) {
		start_bus(service);
		return TRUE;
	}
	if (has_programs())
		service_run_in_subprocess();
	return FALSE;
}
