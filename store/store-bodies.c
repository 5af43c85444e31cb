/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-bodies.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gfiledescriptorbased.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "store-error.h"

struct _StoreBodies {
	char *directory;
	char *unfinished;
};

static gboolean
fail(GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, _("A message could not be written to the disk: %s"),
		    g_strerror(errno));
	return FALSE;
}

void
store_bodies_propagate(GError **error, GError *failure)
{
	if (failure->domain == G_IO_ERROR && failure->code != G_IO_ERROR_CANCELLED) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_DISK, _("A message could not be written to the disk: %s"),
			    failure->code == G_IO_ERROR_NO_SPACE ? g_strerror(ENOSPC) : failure->message);
		g_error_free(failure);
		return;
	}
	g_propagate_error(error, failure);
}

StoreBodies *
store_bodies_new(const char *directory, GError **error)
{
	g_autoptr(StoreBodies) self = g_new0(StoreBodies, 1);
	g_autoptr(GDir) leftovers = NULL;
	const char *name;

	self->directory = g_build_filename(directory, "bodies", NULL);
	self->unfinished = g_build_filename(self->directory, "unfinished", NULL);
	if (g_mkdir_with_parents(self->unfinished, 0700) != 0) {
		fail(error);
		return NULL;
	}
	leftovers = g_dir_open(self->unfinished, 0, NULL);
	while (leftovers != NULL && (name = g_dir_read_name(leftovers)) != NULL) {
		g_autofree char *path = g_build_filename(self->unfinished, name, NULL);

		g_unlink(path);
	}
	return g_steal_pointer(&self);
}

void
store_bodies_free(StoreBodies *self)
{
	if (self == NULL)
		return;
	g_free(self->directory);
	g_free(self->unfinished);
	g_free(self);
}

char *
store_bodies_get_path(StoreBodies *self, gint64 key)
{
	return g_strdup_printf("%s/%02x/%" G_GINT64_FORMAT ".eml", self->directory, (guint)(key & 0xff), key);
}

GOutputStream *
store_bodies_create(StoreBodies *self, char **temporary, GError **error)
{
	g_autofree char *path = g_build_filename(self->unfinished, "XXXXXX", NULL);
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) {
		fail(error);
		return NULL;
	}
	*temporary = g_steal_pointer(&path);
	return g_unix_output_stream_new(fd, TRUE);
}

/* Named by the file that it is made from: no other one that is there at the same time has its number. */
static char *
get_joined_path(StoreBodies *self, gint64 key)
{
	g_autofree char *path = store_bodies_get_path(self, key);
	GStatBuf status;

	if (g_stat(path, &status) != 0)
		return NULL;
	return g_strdup_printf("%s/%" G_GINT64_FORMAT "-%" G_GUINT64_FORMAT ".eml", self->unfinished, key,
			       (guint64)status.st_ino);
}

static void
remove_joined(StoreBodies *self, gint64 key)
{
	g_autofree char *path = get_joined_path(self, key);

	if (path != NULL)
		g_unlink(path);
}

gboolean
store_bodies_keep(StoreBodies *self, char **temporary, GOutputStream *stream, gint64 key, GError **error)
{
	g_autofree char *path = store_bodies_get_path(self, key);
	g_autofree char *parent = g_path_get_dirname(path);
	g_autoptr(GError) failure = NULL;

	if (!g_output_stream_flush(stream, NULL, &failure)) {
		store_bodies_propagate(error, g_steal_pointer(&failure));
		store_bodies_drop(temporary);
		return FALSE;
	}
	remove_joined(self, key);
	if (fsync(g_file_descriptor_based_get_fd(G_FILE_DESCRIPTOR_BASED(stream))) != 0 ||
	    g_mkdir_with_parents(parent, 0700) != 0 || g_rename(*temporary, path) != 0) {
		fail(error);
		store_bodies_drop(temporary);
		return FALSE;
	}
	g_clear_pointer(temporary, g_free);
	return TRUE;
}

void
store_bodies_drop(char **temporary)
{
	if (*temporary != NULL)
		g_unlink(*temporary);
	g_clear_pointer(temporary, g_free);
}

static gboolean
write_joined(GOutputStream *stream, const char *lines, const char *path, GError **error)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) mail = g_file_read(file, NULL, error);

	return mail != NULL && g_output_stream_write_all(stream, lines, strlen(lines), NULL, NULL, error) &&
	       g_output_stream_splice(stream, G_INPUT_STREAM(mail), G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) >=
		       0;
}

char *
store_bodies_join(StoreBodies *self, gint64 key, const char *lines, GError **error)
{
	g_autofree char *path = store_bodies_get_path(self, key);
	g_autofree char *joined = get_joined_path(self, key);
	g_autofree char *temporary = NULL;
	g_autoptr(GOutputStream) stream = NULL;
	g_autoptr(GError) failure = NULL;

	if (joined == NULL) {
		fail(error);
		return NULL;
	}
	if (g_file_test(joined, G_FILE_TEST_IS_REGULAR))
		return g_steal_pointer(&joined);
	stream = store_bodies_create(self, &temporary, error);
	if (stream == NULL)
		return NULL;
	if (!write_joined(stream, lines, path, &failure)) {
		store_bodies_propagate(error, g_steal_pointer(&failure));
		store_bodies_drop(&temporary);
		return NULL;
	}
	if (g_rename(temporary, joined) == 0)
		return g_steal_pointer(&joined);
	fail(error);
	store_bodies_drop(&temporary);
	return NULL;
}

gboolean
store_bodies_copy(StoreBodies *self, gint64 key, gint64 copy)
{
	g_autofree char *from = store_bodies_get_path(self, key);
	g_autofree char *to = store_bodies_get_path(self, copy);
	g_autofree char *parent = g_path_get_dirname(to);

	g_unlink(to);
	return g_mkdir_with_parents(parent, 0700) == 0 && link(from, to) == 0;
}

void
store_bodies_remove(StoreBodies *self, gint64 key)
{
	g_autofree char *path = store_bodies_get_path(self, key);

	remove_joined(self, key);
	g_unlink(path);
}
