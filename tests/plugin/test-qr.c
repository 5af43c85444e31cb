/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "outlook-qr.h"

#define ADDRESS "https://microsoft.com/devicelogin"

/* ISO/IEC 18004: rings of 7, 5 and 3 modules in three corners, by which a reader finds the code. */
static void
assert_finder(const OutlookQr *code, int left, int top)
{
	for (int y = -1; y <= 7; y++) {
		for (int x = -1; x <= 7; x++) {
			int ring = MAX(ABS(x - 3), ABS(y - 3));

			g_assert_cmpint(outlook_qr_is_dark(code, left + x, top + y), ==, ring == 3 || ring <= 1);
		}
	}
}

static void
test_is_a_code(void)
{
	g_autoptr(OutlookQr) code = outlook_qr_new(ADDRESS);
	int size = outlook_qr_get_size(code);

	g_assert_cmpint((size - 17) % 4, ==, 0);
	assert_finder(code, 0, 0);
	assert_finder(code, size - 7, 0);
	assert_finder(code, 0, size - 7);
	g_assert_false(outlook_qr_is_dark(code, -1, 0));
	g_assert_false(outlook_qr_is_dark(code, 0, size));
}

/* Each character is two modules above each other. */
static void
test_is_drawn_in_a_terminal(void)
{
	g_autoptr(OutlookQr) code = outlook_qr_new(ADDRESS);
	int size = outlook_qr_get_size(code) + 2 * OUTLOOK_QR_QUIET;
	g_autofree char *text = outlook_qr_to_text(code);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
	const char *first_dark;

	g_assert_cmpuint(g_strv_length(lines), ==, (guint)(size + 1) / 2);
	for (char **line = lines; *line != NULL; line++) {
		g_assert_true(g_str_has_prefix(*line, "\033[30;107m"));
		g_assert_true(g_str_has_suffix(*line, "\033[0m"));
		g_assert_cmpint(g_utf8_strlen(*line, -1), ==, size + (glong)strlen("\033[30;107m\033[0m"));
	}
	/* The corner of the first ring: dark above, and dark below it. */
	first_dark = strstr(lines[OUTLOOK_QR_QUIET / 2], "█");
	g_assert_cmpint(first_dark - lines[OUTLOOK_QR_QUIET / 2], ==, strlen("\033[30;107m") + OUTLOOK_QR_QUIET);
}

static void
test_is_refused(void)
{
	g_autofree char *long_text = g_strnfill(5000, 'x');

	g_assert_null(outlook_qr_new(long_text));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/qr/is a code", test_is_a_code);
	g_test_add_func("/qr/is drawn in a terminal", test_is_drawn_in_a_terminal);
	g_test_add_func("/qr/a text that is too long has none", test_is_refused);
	return g_test_run();
}
