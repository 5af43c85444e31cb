/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "outlook-profile.h"

#define UUID "5f0c1c1e-3a52-4d0e-9f0a-0c6f4f0f7d11"

/* As the host writes an account of ours, among what other plugins keep */
static char *
make_section(const char *name, const char *settings)
{
	g_autofree char *ours = g_base64_encode((const guchar *)settings, strlen(settings));

	return g_strdup_printf("[Account: 1]\naccount_name=%s\nprotocol=1\nprivacy_prefs=gpg=AAAA,outlook=%s,x=\n\n",
			       name, ours);
}

static void
test_reads(void)
{
	g_autofree char *first = make_section("Work", "[Outlook]\nuuid=" UUID "\nclient-id=abc\ntenant=t.example\n");
	g_autofree char *second = make_section("Other = one", "[Outlook]\nuuid=" UUID "\nclient-id=def\n");
	g_autofree char *broken = make_section("Broken", "[Outlook]\nuuid=../../x\n");
	g_autofree char *text = g_strconcat("account_name=stray\n", first,
					    "[Account: 2]\naccount_name=IMAP\nprotocol=1\nprivacy_prefs=gpg=AAAA\n\n",
					    broken, second, NULL);
	g_autoptr(GPtrArray) accounts = outlook_profile_parse(text);
	const OutlookProfileAccount *account;

	g_assert_cmpuint(accounts->len, ==, 2);
	account = g_ptr_array_index(accounts, 0);
	g_assert_cmpstr(account->name, ==, "Work");
	g_assert_cmpstr(account->settings->config->client_id, ==, "abc");
	g_assert_cmpstr(account->settings->config->tenant, ==, "t.example");
	account = g_ptr_array_index(accounts, 1);
	g_assert_cmpstr(account->name, ==, "Other = one");
	g_assert_cmpstr(account->settings->config->client_id, ==, "def");
}

static void
test_finds_nothing(void)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"[Account: 1]",
		"privacy_prefs=outlook=%%%%\n",
		"privacy_prefs=outlook=\n",
		"privacy_prefs=\n",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GPtrArray) accounts = outlook_profile_parse(texts[i]);

		g_assert_cmpuint(accounts->len, ==, 0);
	}
}

static void
test_says_what_is_missing(void)
{
	g_autofree char *directory = g_dir_make_tmp("outlook-profile-XXXXXX", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(outlook_profile_read(directory, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	g_assert_nonnull(strstr(error->message, "accountrc"));
	g_rmdir(directory);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/profile/the Outlook accounts are read", test_reads);
	g_test_add_func("/profile/what is none is left out", test_finds_nothing);
	g_test_add_func("/profile/a profile that is not there is said", test_says_what_is_missing);
	return g_test_run();
}
