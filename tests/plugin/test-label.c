/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-label.h"

static void
check(const char *name, const char *expected)
{
	g_autofree char *label = outlook_label_from_name(name);

	g_assert_cmpstr(label, ==, expected);
}

static void
test_roles_have_fixed_names(void)
{
	g_assert_cmpstr(outlook_label_for_role(STORE_ROLE_INBOX), ==, "Inbox");
	g_assert_cmpstr(outlook_label_for_role(STORE_ROLE_DRAFTS), ==, "Drafts");
	g_assert_cmpstr(outlook_label_for_role(STORE_ROLE_SENT), ==, "Sent Items");
	g_assert_cmpstr(outlook_label_for_role(STORE_ROLE_TRASH), ==, "Deleted Items");
	g_assert_cmpstr(outlook_label_for_role(STORE_ROLE_JUNK), ==, "Junk Email");
	g_assert_cmpstr(outlook_label_for_role(STORE_ROLE_ARCHIVE), ==, "Archive");
	g_assert_null(outlook_label_for_role(STORE_ROLE_NONE));
}

static void
test_a_slash_is_shown_as_another(void)
{
	check("Work", "Work");
	check("2024/2025", "2024∕2025");
	check("/", "∕");
	check("Заказы", "Заказы");
}

static void
test_oddities_become_labels(void)
{
	check("", "_");
	check(NULL, "_");
	check(".", "_");
	check("..", "_");
	check("  \t ", "_");
	check("one\ntwo", "one two");
	check(" padded ", "padded");
	check("bad \xff byte", "bad � byte");
	check("...", "...");
	check(".hidden", ".hidden");
	check("../../etc", "..∕..∕etc");
	check("📨 👩‍👩‍👧", "📨 👩‍👩‍👧");
	check("عربي", "عربي");
}

static void
test_a_long_name_stays_whole(void)
{
	g_autoptr(GString) name = g_string_new(NULL);

	for (guint i = 0; i < 255; i++)
		g_string_append(name, "ü");
	check(name->str, name->str);
}

static void
answer(const char *given, const char *current, const char *expected)
{
	g_autofree char *name = outlook_label_read_name(given, current);

	g_assert_cmpstr(name, ==, expected);
}

static void
test_a_name_is_given_as_the_server_has_it(void)
{
	answer("a/b", NULL, "a/b");
	answer("a/", NULL, "a/");
	answer("/", NULL, "/");
	answer(" 2024/2025 final ", "2024/2025", "2024/2025 final");
	answer("two\nlines", "one", "two lines");
	answer("   ", NULL, "");
	answer("   ", "one", "");
}

static void
test_a_name_that_stays_is_not_given(void)
{
	answer("2024/2025", "2024/2025", NULL);
	answer(" 2024/2025 ", "2024/2025", NULL);
	answer("   ", "   ", NULL);
	answer(" padded", " padded", NULL);
	answer("padded\n", "padded", NULL);
}

static void
test_what_the_label_hides_is_another_name(void)
{
	answer("2024∕2025", "2024/2025", "2024∕2025");
	answer("2024/2025", "2024∕2025", "2024/2025");
	answer("padded", " padded", "padded");
	answer("Work", "WORK", "Work");
}

static void
take(GHashTable *taken, const char *wanted, const char *current, const char *expected)
{
	g_autofree char *label = outlook_label_make_unique(wanted, current, taken);

	g_assert_cmpstr(label, ==, expected);
}

static void
test_a_second_of_a_name_gets_a_number(void)
{
	g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	take(taken, "Work", NULL, "Work");
	take(taken, "Work", NULL, "Work (2)");
	take(taken, "Work", NULL, "Work (3)");
	take(taken, "Play", NULL, "Play");
	take(taken, "WORK", NULL, "WORK");
}

static void
test_a_number_is_kept(void)
{
	g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	take(taken, "Work", "Work (3)", "Work (3)");
	take(taken, "Work", "Work (3)", "Work");
	take(taken, "Play", "Playground", "Play");
	take(taken, "Rest", "Rest (x)", "Rest");
	take(taken, "Tea", "Tea (1)", "Tea");
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/label/roles-have-fixed-names", test_roles_have_fixed_names);
	g_test_add_func("/label/a-slash-is-shown-as-another", test_a_slash_is_shown_as_another);
	g_test_add_func("/label/oddities-become-labels", test_oddities_become_labels);
	g_test_add_func("/label/a-long-name-stays-whole", test_a_long_name_stays_whole);
	g_test_add_func("/label/a-name-is-given-as-the-server-has-it", test_a_name_is_given_as_the_server_has_it);
	g_test_add_func("/label/a-name-that-stays-is-not-given", test_a_name_that_stays_is_not_given);
	g_test_add_func("/label/what-the-label-hides-is-another-name", test_what_the_label_hides_is_another_name);
	g_test_add_func("/label/a-second-of-a-name-gets-a-number", test_a_second_of_a_name_gets_a_number);
	g_test_add_func("/label/a-number-is-kept", test_a_number_is_kept);
	return g_test_run();
}
