/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _OutlookSpool {
	int fd;
	gsize size;
};

static gboolean
fail(GError **error)
{
	int code = errno;

	g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(code), g_strerror(code));
	return FALSE;
}

/* Killed between the two calls it leaves an empty file; the account's end takes that, too. */
OutlookSpool *
outlook_spool_new(const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, ".sending-XXXXXX", NULL);
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	OutlookSpool *self;

	if (fd < 0) {
		fail(error);
		return NULL;
	}
	g_unlink(path);
	self = g_new0(OutlookSpool, 1);
	self->fd = fd;
	return self;
}

void
outlook_spool_free(OutlookSpool *self)
{
	close(self->fd);
	g_free(self);
}

gboolean
outlook_spool_append(OutlookSpool *self, gconstpointer bytes, gsize length, GError **error)
{
	for (gsize done = 0; done < length;) {
		gssize n = write(self->fd, (const char *)bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(error);
		done += (gsize)n;
		self->size += (gsize)n;
	}
	return TRUE;
}

gsize
outlook_spool_get_size(OutlookSpool *self)
{
	return self->size;
}

GBytes *
outlook_spool_map(OutlookSpool *self, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(self->fd, FALSE, error);

	return file != NULL ? g_mapped_file_get_bytes(file) : NULL;
}
