/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-settings.h"

#include "oauth-error.h"

#define UUID "0d9c3f1e-5a52-4c1e-9d0a-0a4f6a1b2c3d"

static void
test_new_ones_have_a_uuid_and_the_least_scopes(void)
{
	g_autoptr(OutlookSettings) one = outlook_settings_new();
	g_autoptr(OutlookSettings) other = outlook_settings_new();
	const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};

	g_assert_true(g_uuid_string_is_valid(one->config->account));
	g_assert_cmpstr(one->config->account, !=, other->config->account);
	g_assert_cmpstr(one->cloud, ==, "global");
	g_assert_cmpstr(one->config->identity_origin, ==, "https://login.microsoftonline.com");
	g_assert_cmpstr(one->config->graph_origin, ==, "https://graph.microsoft.com");
	g_assert_true(g_strv_equal((const char *const *)one->config->scopes, scopes));
}

static void
test_what_was_written_is_read(void)
{
	g_autoptr(OutlookSettings) before = outlook_settings_new();
	g_autoptr(OutlookSettings) after = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	g_free(before->config->client_id);
	before->config->client_id = g_strdup("my app; with = signs");
	g_free(before->config->tenant);
	before->config->tenant = g_strdup("contoso.example");
	g_free(before->cloud);
	before->cloud = g_strdup("custom");
	g_free(before->config->identity_origin);
	before->config->identity_origin = g_strdup("http://localhost:8080");
	g_free(before->config->graph_origin);
	before->config->graph_origin = g_strdup("http://127.0.0.1:9090");
	before->config->response_mode = OAUTH_RESPONSE_MODE_QUERY;
	g_free(before->config->redirect_path);
	before->config->redirect_path = g_strdup("/auth");

	text = outlook_settings_to_text(before);
	after = outlook_settings_parse(text, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(after->config->account, ==, before->config->account);
	g_assert_cmpstr(after->config->client_id, ==, "my app; with = signs");
	g_assert_cmpstr(after->config->tenant, ==, "contoso.example");
	g_assert_cmpstr(after->cloud, ==, "custom");
	g_assert_cmpstr(after->config->identity_origin, ==, "http://localhost:8080");
	g_assert_cmpstr(after->config->graph_origin, ==, "http://127.0.0.1:9090");
	g_assert_true(
		g_strv_equal((const char *const *)after->config->scopes, (const char *const *)before->config->scopes));
	g_assert_cmpint(after->config->response_mode, ==, OAUTH_RESPONSE_MODE_QUERY);
	g_assert_cmpstr(after->config->redirect_path, ==, "/auth");
}

static void
test_a_cloud_brings_its_own_origins(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OutlookSettings) settings = outlook_settings_parse(
		"[Outlook]\nuuid=" UUID "\ncloud=china\nidentity=https://evil.example\n", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(settings->config->identity_origin, ==, "https://login.partner.microsoftonline.cn");
	g_assert_cmpstr(settings->config->graph_origin, ==, "https://microsoftgraph.chinacloudapi.cn");
}

static void
refuse(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OutlookSettings) settings = outlook_settings_parse(text, &error);

	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);
	g_assert_null(settings);
}

static void
test_nonsense_is_refused(void)
{
	refuse(NULL);
	refuse("");
	refuse("uuid=" UUID);
	refuse("[Outlook]\nclient-id=x\n");
	refuse("[Outlook]\nuuid=../../etc\n");
	refuse("[Outlook]\nuuid=" UUID "\ncloud=mars\n");
	refuse("[Outlook]\nuuid=" UUID "\nresponse-mode=carrier_pigeon\n");
	refuse("[Outlook]\nuuid=" UUID "\ncloud=custom\nidentity=http://mail.example\ngraph=https://mail.example\n");
	refuse("[Outlook]\nuuid=" UUID
	       "\ncloud=custom\nidentity=https://mail.example\ngraph=https://mail.example/v1.0\n");
}

static void
test_a_config_has_no_empty_redirect_path(void)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_new();
	g_autoptr(OauthConfig) config = outlook_settings_to_config(settings, "Work");

	g_assert_cmpstr(config->account, ==, settings->config->account);
	g_assert_cmpstr(config->name, ==, "Work");
	g_assert_null(config->redirect_path);
	g_assert_cmpstr(config->graph_origin, ==, settings->config->graph_origin);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/settings/new-ones-have-a-uuid-and-the-least-scopes",
			test_new_ones_have_a_uuid_and_the_least_scopes);
	g_test_add_func("/settings/what-was-written-is-read", test_what_was_written_is_read);
	g_test_add_func("/settings/a-cloud-brings-its-own-origins", test_a_cloud_brings_its_own_origins);
	g_test_add_func("/settings/nonsense-is-refused", test_nonsense_is_refused);
	g_test_add_func("/settings/a-config-has-no-empty-redirect-path", test_a_config_has_no_empty_redirect_path);
	return g_test_run();
}
