/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-presets.h"

#include <string.h>

#include <glib/gstdio.h>

#include "oauth-error.h"

#define GUID "5f3b2c1d-8e4a-4f6b-9c7d-1a2b3c4d5e6f"

static const OutlookPresets nothing = {"", "", "global", "", "", ""};

typedef struct {
	char *first;
	char *second;
	const char *directories[3];
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
	fixture->first = g_dir_make_tmp("presets-XXXXXX", NULL);
	fixture->second = g_dir_make_tmp("presets-XXXXXX", NULL);
	fixture->directories[0] = fixture->first;
	fixture->directories[1] = fixture->second;
}

static void
clear(char *directory)
{
	g_autofree char *path = g_build_filename(directory, OUTLOOK_PRESETS_FILE, NULL);

	g_unlink(path);
	g_rmdir(path);
	g_rmdir(directory);
	g_free(directory);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	clear(fixture->first);
	clear(fixture->second);
}

static void
write_file(const char *directory, const char *text)
{
	g_autofree char *path = g_build_filename(directory, OUTLOOK_PRESETS_FILE, NULL);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, text, -1, &error);
	g_assert_no_error(error);
}

static OutlookSettings *
load(Fixture *fixture, const OutlookPresets *built)
{
	g_autoptr(GError) error = NULL;
	OutlookSettings *settings = outlook_presets_load(built, fixture->directories, &error);

	g_assert_no_error(error);
	g_assert_nonnull(settings);
	return settings;
}

static void
test_this_build(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OutlookSettings) settings = load(fixture, &outlook_presets_built);
	g_autoptr(OutlookSettings) none = outlook_presets_load(&outlook_presets_built, NULL, NULL);

	g_assert_nonnull(none);
	g_assert_cmpstr(settings->config->client_id, ==, none->config->client_id);
}

static void
test_nothing_preset(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OutlookSettings) settings = load(fixture, &nothing);
	g_autoptr(OutlookSettings) plain = outlook_settings_new();

	g_assert_false(outlook_presets_are_complete(settings));
	g_assert_true(g_uuid_string_is_valid(settings->config->account));
	outlook_settings_set(&plain->config->account, settings->config->account);
	{
		g_autofree char *preset = outlook_settings_to_text(settings);
		g_autofree char *expected = outlook_settings_to_text(plain);

		g_assert_cmpstr(preset, ==, expected);
	}
}

static void
test_build_options(Fixture *fixture, gconstpointer data)
{
	const OutlookPresets built = {GUID, "contoso.example", "us-gov-l4", "", "", "User.Read;Mail.Read"};
	const char *const scopes[] = {"User.Read", "Mail.Read", NULL};
	g_autoptr(OutlookSettings) settings = load(fixture, &built);

	g_assert_true(outlook_presets_are_complete(settings));
	g_assert_cmpstr(settings->config->client_id, ==, GUID);
	g_assert_cmpstr(settings->config->tenant, ==, "contoso.example");
	g_assert_cmpstr(settings->config->identity_origin, ==, "https://login.microsoftonline.us");
	g_assert_cmpstr(settings->config->graph_origin, ==, "https://graph.microsoft.us");
	g_assert_true(g_strv_equal((const char *const *)settings->config->scopes, scopes));
}

static void
test_the_file_counts(Fixture *fixture, gconstpointer data)
{
	const OutlookPresets built = {GUID, "contoso.example", "global", "", "", "User.Read;Mail.Read"};
	const char *const scopes[] = {"User.Read", "Mail.Read", NULL};
	g_autoptr(OutlookSettings) settings = NULL;

	write_file(fixture->first, "# ours\n[Outlook]\ncloud=custom\nidentity=https://id.example/\n"
				   "graph= https://graph.example \nclient-id=our client\ntenant=\n");
	write_file(fixture->second, "[Outlook]\nclient-id=nobody\n");
	{
		g_autoptr(GError) error = NULL;

		g_assert_null(outlook_presets_load(&built, fixture->directories, &error));
		g_assert_nonnull(strstr(error->message, "blank"));
	}
	write_file(fixture->first, "# ours\n[Outlook]\ncloud=custom\nidentity=https://id.example/\n"
				   "graph= https://graph.example \nclient-id=our-client\ntenant=\n");
	settings = load(fixture, &built);
	g_assert_cmpstr(settings->config->client_id, ==, "our-client");
	g_assert_cmpstr(settings->config->tenant, ==, "contoso.example");
	g_assert_cmpstr(settings->config->identity_origin, ==, "https://id.example");
	g_assert_cmpstr(settings->config->graph_origin, ==, "https://graph.example");
	g_assert_true(g_strv_equal((const char *const *)settings->config->scopes, scopes));
}

static void
test_the_second_directory(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OutlookSettings) settings = NULL;

	write_file(fixture->second, "[Outlook]\nclient-id=" GUID "\n");
	settings = load(fixture, &nothing);
	g_assert_true(outlook_presets_are_complete(settings));
	g_assert_cmpstr(settings->cloud, ==, "global");
}

static void
test_bad_files(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
		{"", "[Outlook]"},
		{"client-id=" GUID "\n", "group"},
		{"[Other]\nclient-id=" GUID "\n", "[Outlook]"},
		{"[Outlook]\nclient-id=" GUID "\n[More]\nx=1\n", "[Outlook]"},
		{"[Outlook]\nclient_id=" GUID "\n", "“client_id”"},
		{"[Outlook]\nclient-secret=invented\n", "secret does not belong"},
		{"[Outlook]\nclient-id=our application\n", "blank"},
		{"[Outlook]\nclient-id=ours\n", "not a client ID"},
		{"[Outlook]\ntenant=contoso\n", "not a tenant"},
		{"[Outlook]\ncloud=mars\n", "“mars”"},
		{"[Outlook]\ncloud=custom\nidentity=http://id.example\ngraph=https://graph.example\n", "not encrypted"},
		{"[Outlook]\ncloud=custom\nidentity=https://id.example\ngraph=https://graph.example/v1.0\n", "path"},
		{"[Outlook]\nscopes=User.Read;Mail.Reed;\n", "“Mail.Reed”"},
		{"[Outlook]\nscopes=User.Read;Mail.Send;\n", "Mail.Read"},
		{"[Outlook]\nscopes=.default;Mail.Read;\n", ".default"},
		{"[Outlook]\ncloud=china\ntenant=consumers\n", "worldwide"},
		{"[Outlook]\ntenant=\xff\n", "UTF-8"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		write_file(fixture->first, cases[i].text);
		g_assert_null(outlook_presets_load(&nothing, fixture->directories, &error));
		g_assert_nonnull(error);
		g_assert_nonnull(strstr(error->message, fixture->first));
		if (strstr(error->message, cases[i].words) == NULL)
			g_error("expected “%s”, got “%s”", cases[i].words, error->message);
	}
}

static void
test_unreadable_file(Fixture *fixture, gconstpointer data)
{
	g_autofree char *path = g_build_filename(fixture->first, OUTLOOK_PRESETS_FILE, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
	g_assert_null(outlook_presets_load(&nothing, fixture->directories, &error));
	g_assert_nonnull(strstr(error->message, "administrator"));
}

static void
test_bad_build(Fixture *fixture, gconstpointer data)
{
	const OutlookPresets built = {"ours", "", "global", "", "", ""};
	g_autoptr(GError) error = NULL;

	g_assert_null(outlook_presets_load(&built, fixture->directories, &error));
	g_assert_nonnull(strstr(error->message, "built"));
	g_assert_nonnull(strstr(error->message, "not a client ID"));
}

static void
add(const char *name, void (*test)(Fixture *, gconstpointer))
{
	g_test_add(name, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	add("/presets/what this build has preset is in order", test_this_build);
	add("/presets/nothing is preset, and a new account begins as ever", test_nothing_preset);
	add("/presets/build options are what new accounts begin with", test_build_options);
	add("/presets/the first file counts, key by key, above the build", test_the_file_counts);
	add("/presets/a file in the second directory is found", test_the_second_directory);
	add("/presets/a bad file is told with its name and the reason", test_bad_files);
	add("/presets/what cannot be read is told", test_unreadable_file);
	add("/presets/a bad build is told", test_bad_build);
	return g_test_run();
}
