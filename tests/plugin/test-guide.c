/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-guide.h"

#include <string.h>

#include <glib/gstdio.h>

/* Words alone, whatever lines they stand on */
static char *
squeeze(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \n\t", -1);
	GString *line = g_string_new(NULL);

	for (guint i = 0; words[i] != NULL; i++) {
		if (*words[i] != '\0')
			g_string_append_printf(line, " %s", words[i]);
	}
	return g_string_free(line, FALSE);
}

static void
test_readme_has_the_same_steps(void)
{
	g_autofree char *readme = NULL;
	g_autofree char *steps = outlook_guide_to_markdown();
	g_autofree char *squeezed_readme = NULL;
	g_autofree char *squeezed_steps = squeeze(steps);
	g_autoptr(GError) error = NULL;

	g_file_get_contents(README, &readme, NULL, &error);
	g_assert_no_error(error);
	squeezed_readme = squeeze(readme);
	if (strstr(squeezed_readme, squeezed_steps) == NULL)
		g_error("README has other steps than these:\n%s", steps);
}

static void
test_links(void)
{
	g_autofree char *markup = outlook_guide_to_markup("See <b> & https://a.example/x, or https://b.example.");
	g_autofree char *other = outlook_guide_to_markup("https://a.example、中国は");

	g_assert_cmpstr(markup, ==,
			"See &lt;b&gt; &amp; <a href=\"https://a.example/x\">https://a.example/x</a>, or "
			"<a href=\"https://b.example\">https://b.example</a>.");
	g_assert_cmpstr(other, ==, "<a href=\"https://a.example\">https://a.example</a>、中国は");
}

static guint
count(const char *text, const char *word)
{
	guint n = 0;

	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		n++;
	return n;
}

static void
test_the_page_stands_alone(void)
{
	g_autofree char *html = outlook_guide_to_html();
	guint n = 0;

	for (const OutlookGuideStep *step = outlook_guide_list(); step->title != NULL; step++)
		n++;
	g_assert_cmpuint(count(html, "<h2>"), ==, n);
	g_assert_true(g_str_has_prefix(html, "<!DOCTYPE html>\n<html lang=\"en\">"));
	g_assert_true(g_utf8_validate(html, -1, NULL));
	g_assert_null(strstr(html, "<script"));
	g_assert_null(strstr(html, "<link"));
	g_assert_null(strstr(html, "src="));
	g_assert_nonnull(strstr(html, "http://localhost"));
}

static void
test_the_page_is_written(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("guide-XXXXXX", NULL);
	g_autofree char *below = g_build_filename(directory, "below", NULL);
	g_autofree char *uri = outlook_guide_write_page(below, &error);
	g_autofree char *path = NULL;
	g_autofree char *written = NULL;
	g_autofree char *html = outlook_guide_to_html();

	g_assert_no_error(error);
	path = g_filename_from_uri(uri, NULL, &error);
	g_assert_no_error(error);
	g_file_get_contents(path, &written, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(written, ==, html);
	g_unlink(path);
	g_rmdir(below);
	g_rmdir(directory);
}

static void
test_a_page_that_cannot_be_written(void)
{
	g_autofree char *directory = g_dir_make_tmp("guide-XXXXXX", NULL);
	g_autofree char *blocked = g_build_filename(directory, "blocked", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents(blocked, "", 0, NULL));
	g_assert_null(outlook_guide_write_page(blocked, &error));
	g_assert_nonnull(error);
	g_assert_nonnull(strstr(error->message, blocked));
	g_unlink(blocked);
	g_rmdir(directory);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/guide/README has the same steps", test_readme_has_the_same_steps);
	g_test_add_func("/guide/web addresses become links, all else is text", test_links);
	g_test_add_func("/guide/the page has each step and needs nothing from elsewhere", test_the_page_stands_alone);
	g_test_add_func("/guide/the page is written where the browser finds it", test_the_page_is_written);
	g_test_add_func("/guide/a page that cannot be written is told", test_a_page_that_cannot_be_written);
	return g_test_run();
}
