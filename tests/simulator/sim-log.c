/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-log.h"

#include <errno.h>
#include <stdio.h>

struct _SimLogEntry {
	gatomicrefcount references;
	char *method;
	char *path;
	guint status;
	gint64 begun;
};

struct _SimLog {
	GPtrArray *entries;
	GPtrArray *refusals;
	FILE *file;
};

static void
entry_unref(gpointer data)
{
	SimLogEntry *entry = data;

	if (!g_atomic_ref_count_dec(&entry->references))
		return;
	g_free(entry->method);
	g_free(entry->path);
	g_free(entry);
}

SimLog *
sim_log_new(void)
{
	SimLog *self = g_new0(SimLog, 1);

	self->entries = g_ptr_array_new_with_free_func(entry_unref);
	self->refusals = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void
sim_log_free(SimLog *self)
{
	g_ptr_array_unref(self->entries);
	g_ptr_array_unref(self->refusals);
	g_clear_pointer(&self->file, fclose);
	g_free(self);
}

gboolean
sim_log_open(SimLog *self, const char *path, GError **error)
{
	FILE *file = fopen(path, "we");

	if (file == NULL) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
		return FALSE;
	}
	g_clear_pointer(&self->file, fclose);
	self->file = file;
	return TRUE;
}

SimLogEntry *
sim_log_begin(SimLog *self, const char *method, const char *path)
{
	SimLogEntry *entry = g_new0(SimLogEntry, 1);

	g_atomic_ref_count_init(&entry->references);
	g_atomic_ref_count_inc(&entry->references);
	entry->method = g_strdup(method);
	entry->path = g_strdup(path);
	entry->begun = g_get_monotonic_time();
	g_ptr_array_add(self->entries, entry);
	return entry;
}

static void
write_line(SimLog *self, const SimLogEntry *entry, gsize bytes, const char *refusal)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
	g_autofree char *line = g_strdup_printf("%s.%03dZ %s %s %u %" G_GINT64_FORMAT " ms %" G_GSIZE_FORMAT " bytes%s%s\n",
						time, g_date_time_get_microsecond(now) / 1000, entry->method,
						entry->path, entry->status,
						(g_get_monotonic_time() - entry->begun) / 1000, bytes,
						refusal != NULL ? " refused: " : "", refusal != NULL ? refusal : "");

	/* A full disk costs log lines, not the tenant. */
	fputs(line, self->file);
	fflush(self->file);
}

void
sim_log_finish(SimLog *self, SimLogEntry *entry, guint status, gsize bytes, const char *refusal)
{
	entry->status = status;
	if (refusal != NULL)
		g_ptr_array_add(self->refusals,
				g_strdup_printf("%s %s %u %s", entry->method, entry->path, status, refusal));
	if (self->file != NULL)
		write_line(self, entry, bytes, refusal);
	entry_unref(entry);
}

guint
sim_log_get_n_requests(SimLog *self)
{
	return self->entries->len;
}

char **
sim_log_get_requests(SimLog *self)
{
	char **lines = g_new0(char *, self->entries->len + 1);

	for (guint i = 0; i < self->entries->len; i++) {
		const SimLogEntry *entry = g_ptr_array_index(self->entries, i);

		lines[i] = g_strdup_printf("%s %s %u", entry->method, entry->path, entry->status);
	}
	return lines;
}

char **
sim_log_get_refusals(SimLog *self)
{
	char **lines = g_new0(char *, self->refusals->len + 1);

	for (guint i = 0; i < self->refusals->len; i++)
		lines[i] = g_strdup(g_ptr_array_index(self->refusals, i));
	return lines;
}

void
sim_log_reset(SimLog *self)
{
	g_ptr_array_set_size(self->entries, 0);
	g_ptr_array_set_size(self->refusals, 0);
}
