/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "corpus.h"

#include <string.h>

static void
find_mails(const char *directory, GPtrArray *paths)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			find_mails(path, paths);
		else if (g_str_has_suffix(name, ".eml"))
			g_ptr_array_add(paths, g_steal_pointer(&path));
	}
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
corpus_list(void)
{
	GPtrArray *paths;

	if (!g_file_test(CORPUS, G_FILE_TEST_IS_DIR)) {
		if (g_strcmp0(g_getenv("CI"), "true") == 0)
			g_test_fail_printf("The corpus of real mail does not lie beside the sources.");
		else
			g_test_skip("The corpus of real mail does not lie beside the sources.");
		return NULL;
	}
	paths = g_ptr_array_new_with_free_func(g_free);
	find_mails(CORPUS, paths);
	g_ptr_array_sort(paths, by_name);
	return paths;
}

GString *
corpus_read(const char *path)
{
	g_autofree char *bytes = NULL;
	gsize length;
	GString *mail = g_string_sized_new(65536);

	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	for (gsize i = 0; i < length; i++) {
		if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'))
			g_string_append_c(mail, '\r');
		g_string_append_c(mail, bytes[i]);
	}
	return mail;
}

GHashTable *
corpus_read_exceptions(const char *name)
{
	g_autofree char *path = g_test_build_filename(G_TEST_DIST, name, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	GHashTable *exceptions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) columns = g_strsplit(lines[i], "\t", 3);
		g_auto(GStrv) kinds = NULL;

		if (*lines[i] == '\0' || *lines[i] == '#')
			continue;
		g_assert_cmpuint(g_strv_length(columns), ==, 3);
		g_assert_cmpstr(columns[2], !=, "");
		kinds = g_strsplit(columns[1], ",", -1);
		for (guint j = 0; kinds[j] != NULL; j++)
			g_hash_table_add(exceptions, g_strdup_printf("%s\t%s", columns[0], kinds[j]));
	}
	return exceptions;
}

guint
corpus_count_without(GHashTable *set, GHashTable *other, const char *text)
{
	GHashTableIter iter;
	gpointer key;
	guint n = 0;

	g_hash_table_iter_init(&iter, set);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		if (g_hash_table_contains(other, key))
			continue;
		g_test_message("%s: %s", text, (const char *)key);
		n++;
	}
	return n;
}
