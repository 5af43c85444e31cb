/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-queue.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gio/gio.h>
#include <unistd.h>

#include "outlook-report.h"

#include <procheader.h>
#include <procmsg.h>

/* The number that a file name is, or 0. */
static gint
parse_number(const char *name)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(name, 10, 1, G_MAXINT, &number, NULL))
		return 0;
	return (gint)number;
}

static char *
make_path(FolderItem *item, gint number)
{
	g_autofree char *directory = folder_item_get_path(item);
	g_autofree char *name = g_strdup_printf("%d", number);

	return g_build_filename(directory, name, NULL);
}

/* @list: (nullable): where to put the numbers */
static guint
read_directory(const char *directory, GSList **list)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	guint count = 0;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		gint number = parse_number(name);

		if (number == 0)
			continue;
		if (list != NULL)
			*list = g_slist_prepend(*list, GINT_TO_POINTER(number));
		count++;
	}
	return count;
}

guint
outlook_queue_count(const char *directory)
{
	return read_directory(directory, NULL);
}

gint
outlook_queue_list_numbers(FolderItem *item, GSList **list)
{
	g_autofree char *directory = folder_item_get_path(item);

	return (gint)read_directory(directory, list);
}

MsgInfo *
outlook_queue_get_msginfo(FolderItem *item, gint number)
{
	g_autofree char *file = outlook_queue_get_file(item, number);
	MsgFlags flags = {0, MSG_QUEUED};
	MsgInfo *msginfo;

	if (file == NULL)
		return NULL;
	msginfo = procheader_parse_file(file, flags, FALSE, FALSE);
	if (msginfo == NULL)
		return NULL;
	msginfo->msgnum = (guint)number;
	msginfo->folder = item;
	return msginfo;
}

char *
outlook_queue_get_file(FolderItem *item, gint number)
{
	g_autofree char *path = make_path(item, number);

	return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&path) : NULL;
}

static gint
find_free_number(FolderItem *item)
{
	GSList *numbers = NULL;
	gint highest = 0;

	outlook_queue_list_numbers(item, &numbers);
	for (GSList *cur = numbers; cur != NULL; cur = cur->next)
		highest = MAX(highest, GPOINTER_TO_INT(cur->data));
	g_slist_free(numbers);
	/* What the host still remembers must not come back as another message. */
	return MAX(highest, item->last_num) + 1;
}

/* A file, or the names in a directory; some file systems know the one, but nothing of the other. */
static gboolean
sync_to_disk(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gboolean done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP);
	int code = errno;

	if (fd >= 0)
		close(fd);
	errno = code;
	return done;
}

static gint
fail(FolderItem *item, const char *unfinished, const char *why)
{
	g_autofree char *text = g_strdup_printf(_("A message could not be written to the disk: %s"), why);

	outlook_report_failure(item->folder->name, text);
	g_unlink(unfinished);
	return -1;
}

static const char *
explain(const GError *error)
{
	return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE) ? g_strerror(ENOSPC) : error->message;
}

/* The copy has its name only when it is whole and on the disk. */
gint
outlook_queue_add(FolderItem *item, const char *file)
{
	g_autofree char *directory = folder_item_get_path(item);
	g_autofree char *temporary = g_build_filename(directory, ".incoming", NULL);
	g_autofree char *path = NULL;
	g_autoptr(GFile) source = g_file_new_for_path(file);
	g_autoptr(GFile) target = g_file_new_for_path(temporary);
	g_autoptr(GError) error = NULL;
	gint number;

	if (g_mkdir_with_parents(directory, 0700) < 0)
		return fail(item, temporary, g_strerror(errno));
	if (!g_file_copy(source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error))
		return fail(item, temporary, explain(error));
	g_chmod(temporary, 0600);
	number = find_free_number(item);
	path = make_path(item, number);
	if (!sync_to_disk(temporary) || g_rename(temporary, path) < 0)
		return fail(item, temporary, g_strerror(errno));
	if (!sync_to_disk(directory))
		return fail(item, path, g_strerror(errno));
	item->last_num = number;
	return number;
}

gboolean
outlook_queue_remove(FolderItem *item, gint number)
{
	g_autofree char *path = make_path(item, number);

	return g_unlink(path) == 0 || errno == ENOENT;
}
