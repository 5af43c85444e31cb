/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-check.h"

#include <string.h>

#define GUID "5f3b2c1d-8e4a-4f6b-9c7d-1a2b3c4d5e6f"
#define OTHER_GUID "0d9c3f1e-5a52-4c1e-9d0a-0a4f6a1b2c3d"
#define PERSONAL "9188040d-6c67-4c5b-b112-36a304b66dad"

static OutlookSettings *
build(const char *client_id, const char *tenant)
{
	OutlookSettings *settings = outlook_settings_new();

	outlook_settings_set(&settings->config->client_id, client_id);
	outlook_settings_set(&settings->config->tenant, tenant);
	return settings;
}

static void
use_own_servers(OutlookSettings *settings)
{
	outlook_settings_set(&settings->cloud, "custom");
	outlook_settings_set(&settings->config->identity_origin, "https://id.example");
	outlook_settings_set(&settings->config->graph_origin, "https://graph.example");
}

static void
set_scopes(OutlookSettings *settings, const char *names)
{
	g_strfreev(settings->config->scopes);
	settings->config->scopes = g_strsplit(names, " ", -1);
}

/* @words: (nullable): what the complaint has in it; %NULL when there is to be none */
static void
expect(const OutlookSettings *settings, const char *secret, OutlookField field, const char *words)
{
	g_autofree char *wrong = outlook_check(settings, secret, field);

	if (words == NULL)
		g_assert_cmpstr(wrong, ==, NULL);
	else if (wrong == NULL || strstr(wrong, words) == NULL)
		g_error("expected “%s”, got “%s”", words, wrong != NULL ? wrong : "nothing");
}

static void
test_client_ids(void)
{
	static const struct {
		const char *typed;
		const char *words;
	} cases[] = {
		{GUID, NULL},
		{" \t" GUID "\n", NULL},
		{"\xe2\x80\x8b" GUID "\xc2\xa0", NULL}, /* zero width, no break */
		{"", "missing"},
		{"  ", "missing"},
		{"5f3b2c1d-8e4a-4f6b-9c7d -1a2b3c4d5e6f", "blank"},
		{GUID " " GUID, "blank"},
		{"{" GUID "}", "not a client ID"},
		{"5f3b2c1d8e4a4f6b9c7d1a2b3c4d5e6f", "not a client ID"},
		{"My application", "blank"},
		{"contoso.example", "not a client ID"},
		{OTHER_GUID, "the same"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(OutlookSettings) settings = build(cases[i].typed, OTHER_GUID);

		expect(settings, NULL, OUTLOOK_FIELD_CLIENT_ID, cases[i].words);
	}
}

static void
test_other_servers_have_their_own_ids(void)
{
	g_autoptr(OutlookSettings) settings = build("my-client", "main");

	use_own_servers(settings);
	for (guint field = 0; field < OUTLOOK_N_FIELDS; field++)
		expect(settings, GUID, field, NULL);
	outlook_settings_set(&settings->config->client_id, "my client");
	expect(settings, NULL, OUTLOOK_FIELD_CLIENT_ID, "blank");
	outlook_settings_set(&settings->config->client_id, "m\"y");
	expect(settings, NULL, OUTLOOK_FIELD_CLIENT_ID, "not valid");
}

static void
test_secrets(void)
{
	g_autoptr(OutlookSettings) settings = build(GUID, NULL);

	expect(settings, NULL, OUTLOOK_FIELD_SECRET, NULL);
	expect(settings, "", OUTLOOK_FIELD_SECRET, NULL);
	expect(settings, "Abc8Q~invented_value-with.signs", OUTLOOK_FIELD_SECRET, NULL);
	expect(settings, OTHER_GUID, OUTLOOK_FIELD_SECRET, "ID of the secret");
	expect(settings, "Abc8Q~ invented", OUTLOOK_FIELD_SECRET, "blank");
	expect(settings, "Abc8Q\xe2\x80\xa6", OUTLOOK_FIELD_SECRET, "letter");
}

static void
test_tenants(void)
{
	static const struct {
		const char *typed;
		const char *words;
	} cases[] = {
		{"", NULL},
		{" common\n", NULL},
		{"organizations", NULL},
		{"Consumers", NULL},
		{OTHER_GUID, NULL},
		{"contoso.onmicrosoft.com", NULL},
		{"contoso", "not a tenant"},
		{"contoso.", "not a tenant"},
		{"contoso..com", "not a tenant"},
		{"{" OTHER_GUID "}", "not a tenant"},
		{"con_toso.example", "not valid"},
		{"contoso .com", "blank"},
		{"alice@contoso.example", "mail address"},
		{"https://login.microsoftonline.com/contoso.example", "web address"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(OutlookSettings) settings = build(GUID, cases[i].typed);

		expect(settings, NULL, OUTLOOK_FIELD_TENANT, cases[i].words);
	}
}

static void
test_servers(void)
{
	g_autoptr(OutlookSettings) settings = build(GUID, NULL);

	outlook_settings_set(&settings->config->graph_origin, "https://graph.microsoft.us");
	expect(settings, NULL, OUTLOOK_FIELD_CLOUD, "different clouds");
	use_own_servers(settings);
	outlook_settings_set(&settings->config->identity_origin, "http://id.example");
	expect(settings, NULL, OUTLOOK_FIELD_IDENTITY, "not encrypted");
	expect(settings, NULL, OUTLOOK_FIELD_GRAPH, NULL);
	expect(settings, NULL, OUTLOOK_FIELD_CLOUD, NULL);
	outlook_settings_set(&settings->config->graph_origin, "https://graph.example/v1.0");
	expect(settings, NULL, OUTLOOK_FIELD_GRAPH, "without a path");
	outlook_settings_set(&settings->config->redirect_path, "callback");
	expect(settings, NULL, OUTLOOK_FIELD_REDIRECT_PATH, "begins with");
}

static void
test_personal_accounts_in_a_national_cloud(void)
{
	static const char *const tenants[] = {"consumers", PERSONAL};

	for (guint i = 0; i < G_N_ELEMENTS(tenants); i++) {
		g_autoptr(OutlookSettings) settings = build(GUID, tenants[i]);

		expect(settings, NULL, OUTLOOK_FIELD_CLOUD, NULL);
		outlook_settings_set(&settings->cloud, "china");
		g_assert_true(outlook_settings_settle_cloud(settings, NULL));
		expect(settings, NULL, OUTLOOK_FIELD_CLOUD, "worldwide");
	}
}

static void
test_permissions(void)
{
	g_autoptr(OutlookSettings) settings = build(GUID, "consumers");

	set_scopes(settings, "User.Read Mail.ReadWrite");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, NULL);
	set_scopes(settings, "User.Read Mail.Send");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, "Mail.Read");
	set_scopes(settings, "User.Read MailFolders.Read");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, "Mail.Read");
	set_scopes(settings, "User.Read Mail.ReadWrite.Shared");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, "Personal accounts do not have");
	outlook_settings_set(&settings->config->tenant, "");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, NULL);
	set_scopes(settings, ".default");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, NULL);
	set_scopes(settings, ".default Mail.Read");
	expect(settings, NULL, OUTLOOK_FIELD_SCOPES, ".default");
}

static void
test_who_decides(void)
{
	static const struct {
		const char *tenant;
		const char *cloud;
		gboolean decides;
		OauthAudience audience;
	} cases[] = {
		{"", "global", FALSE, OAUTH_AUDIENCE_WORK},
		{"COMMON", "global", FALSE, OAUTH_AUDIENCE_WORK},
		{"", "us-gov-l4", TRUE, OAUTH_AUDIENCE_WORK},
		{"consumers", "global", TRUE, OAUTH_AUDIENCE_PERSONAL},
		{PERSONAL, "global", TRUE, OAUTH_AUDIENCE_PERSONAL},
		{"organizations", "global", TRUE, OAUTH_AUDIENCE_WORK},
		{"contoso.example", "global", TRUE, OAUTH_AUDIENCE_WORK},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(OutlookSettings) settings = build(GUID, cases[i].tenant);
		OauthAudience audience;

		outlook_settings_set(&settings->cloud, cases[i].cloud);
		g_assert_true(outlook_settings_settle_cloud(settings, NULL));
		g_assert_cmpint(outlook_check_decides_audience(settings, &audience), ==, cases[i].decides);
		g_assert_cmpint(audience, ==, cases[i].audience);
	}
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/check/a client id has the form of Microsoft's", test_client_ids);
	g_test_add_func("/check/other servers have ids of their own", test_other_servers_have_their_own_ids);
	g_test_add_func("/check/a secret's id is told from the secret", test_secrets);
	g_test_add_func("/check/a tenant is an id, a domain, a word or nothing", test_tenants);
	g_test_add_func("/check/servers and redirect are checked one by one", test_servers);
	g_test_add_func("/check/no personal accounts in a national cloud", test_personal_accounts_in_a_national_cloud);
	g_test_add_func("/check/permissions fit the account, and there is mail to show", test_permissions);
	g_test_add_func("/check/tenant and cloud decide whose account signs in", test_who_decides);
	return g_test_run();
}
