/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-account-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory of an account: whose it is, and how it goes. */

#define ASIDE ".removed"

gboolean
store_account_fail_on_disk(GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_DISK,
		    _("The folder for the mail of this account cannot be used: %s"), g_strerror(errno));
	return FALSE;
}

int
store_account_lock(const char *directory, GError **error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	g_autofree char *path = g_build_filename(directory, "lock", NULL);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	gboolean in_use;

	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return fd;
	in_use = fd >= 0 && (errno == EAGAIN || errno == EACCES);
	if (in_use)
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_IN_USE,
				    _("Another program has this account open."));
	else
		store_account_fail_on_disk(error);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Follows no link out of the directory. Somebody else may remove the same. */
static gboolean
remove_tree(const char *path, GError **error)
{
	GStatBuf status;

	if (g_lstat(path, &status) != 0)
		return errno == ENOENT || store_account_fail_on_disk(error);
	if (S_ISDIR(status.st_mode)) {
		g_autoptr(GDir) children = g_dir_open(path, 0, NULL);
		const char *name;

		while (children != NULL && (name = g_dir_read_name(children)) != NULL) {
			g_autofree char *child = g_build_filename(path, name, NULL);

			if (!remove_tree(child, error))
				return FALSE;
		}
	}
	return g_remove(path) == 0 || errno == ENOENT || store_account_fail_on_disk(error);
}

static gboolean
has_lock(const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "lock", NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

gboolean
store_account_remove(const char *directory, GError **error)
{
	int lock = -1;
	gboolean removed;

	if (has_lock(directory)) {
		lock = store_account_lock(directory, error);
		if (lock < 0)
			return FALSE;
	}
	removed = remove_tree(directory, error);
	if (lock >= 0)
		close(lock);
	return removed;
}

/* What was put aside earlier may be there still. */
static char *
rename_aside(const char *directory, GError **error)
{
	for (guint i = 0;; i++) {
		g_autofree char *aside = g_strdup_printf("%s" ASIDE "%u", directory, i);

		if (g_rename(directory, aside) == 0)
			return g_steal_pointer(&aside);
		if (errno != ENOTEMPTY && errno != EEXIST) {
			store_account_fail_on_disk(error);
			return NULL;
		}
	}
}

char *
store_account_put_aside(const char *directory, gboolean own, GError **error)
{
	int lock = -1;
	char *aside;

	if (!g_file_test(directory, G_FILE_TEST_IS_DIR))
		return NULL;
	if (!own && has_lock(directory)) {
		lock = store_account_lock(directory, error);
		if (lock < 0)
			return NULL;
	}
	aside = rename_aside(directory, error);
	if (lock >= 0)
		close(lock);
	return aside;
}

static void
list_aside(const char *parent, gboolean shared, GPtrArray *paths)
{
	g_autoptr(GDir) children = g_dir_open(parent, 0, NULL);
	const char *name;

	while (children != NULL && (name = g_dir_read_name(children)) != NULL) {
		if (strstr(name, ASIDE) != NULL) {
			g_ptr_array_add(paths, g_build_filename(parent, name, NULL));
		} else if (!shared) {
			g_autofree char *below = g_build_filename(parent, name, "shared", NULL);

			list_aside(below, TRUE, paths);
		}
	}
}

GPtrArray *
store_account_list_aside(const char *parent)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);

	list_aside(parent, FALSE, paths);
	return paths;
}
