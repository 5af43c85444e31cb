/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "oauth-consent.h"
#include "oauth-error.h"
#include "oauth-refusal.h"
#include "outlook-failure.h"

#define CLIENT "11111111-2222-4333-8444-555555555555"

static OauthConfig *
make_config(const char *tenant)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	OauthConfig *config = oauth_config_new("account");

	config->client_id = g_strdup(CLIENT);
	config->tenant = g_strdup(tenant);
	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	config->graph_origin = g_strdup("https://graph.microsoft.com");
	config->scopes = g_strdupv((char **)scopes);
	return config;
}

static void
test_has_the_details(void)
{
	g_autoptr(OauthRefusal) refusal = oauth_refusal_new(
		"invalid_client", NULL,
		"AADSTS7000215: Invalid client secret.\r\nTrace ID: 11-aa\r\nCorrelation ID: 22-bb\r\n"
		"Timestamp: 2026-11-26 10:00:00Z <b>");
	g_autoptr(GError) error = oauth_refusal_to_error(refusal);
	g_autoptr(GError) copy = g_error_copy(error);
	g_autoptr(OutlookFailure) failure = NULL;

	g_prefix_error(&copy, "%s", "Inbox: ");
	failure = outlook_failure_new(copy);
	g_assert_cmpstr(failure->text, ==, "The client secret is wrong. Paste the “Value” of the secret, not its ID.");
	g_assert_cmpstr(failure->number, ==, "AADSTS7000215");
	g_assert_cmpstr(failure->details, ==,
			"AADSTS7000215\nError: invalid_client\nCorrelation ID: 22-bb\nTrace ID: 11-aa\n"
			"Timestamp: 2026-11-26 10:00:00Z b");
	g_assert_cmpint(failure->remedies[0], ==, OAUTH_REMEDY_SECRET);
	g_assert_cmpint(failure->remedies[1], ==, OAUTH_REMEDY_NONE);
}

static void
test_without_number(void)
{
	g_autoptr(OauthRefusal) refusal = oauth_refusal_new("unauthorized_client", NULL, NULL);
	g_autoptr(GError) error = oauth_refusal_to_error(refusal);
	g_autoptr(OutlookFailure) failure = outlook_failure_new(error);
	g_autoptr(GError) mailbox = g_error_new_literal(GRAPH_ERROR, GRAPH_ERROR_NO_MAILBOX, "No mailbox");
	g_autoptr(OutlookFailure) without = outlook_failure_new(mailbox);
	g_autoptr(GError) cancelled = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "no");

	g_assert_null(failure->number);
	g_assert_cmpstr(failure->details, ==, "Error: unauthorized_client");
	g_assert_cmpint(failure->remedies[0], ==, OAUTH_REMEDY_CLIENT_ID);
	g_assert_null(without->details);
	g_assert_cmpint(without->remedies[0], ==, OAUTH_REMEDY_SIGN_IN);
	g_assert_null(outlook_failure_new(cancelled));
}

static void
test_from_the_page(void)
{
	static const char *const texts[] = {
		"50011",
		" AADSTS50011 ",
		"aadsts: AADSTS50011: The redirect URI",
		("Sorry, but we’re having trouble signing you in. AADSTS50011: The redirect URI "
		 "'http://localhost' … Correlation ID: 22-bb Timestamp: …"),
	};
	g_autoptr(OutlookFailure) last = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(OutlookFailure) failure = outlook_failure_new_from_page(texts[i]);

		g_assert_nonnull(failure);
		g_assert_cmpstr(failure->number, ==, "AADSTS50011");
		g_assert_nonnull(strstr(failure->text, "redirect address"));
		g_assert_cmpint(failure->remedies[0], ==, OAUTH_REMEDY_REDIRECT);
	}
	last = outlook_failure_new_from_page(texts[3]);
	g_assert_cmpstr(last->details, ==, "AADSTS50011\nCorrelation ID: 22-bb");
	g_assert_null(outlook_failure_new_from_page(""));
	g_assert_null(outlook_failure_new_from_page("AADSTS"));
	g_assert_null(outlook_failure_new_from_page("AADSTS1"));
	g_assert_null(outlook_failure_new_from_page("99999999999999999999999"));
	g_assert_null(outlook_failure_new_from_page("It does not work"));
}

/* OAUTH.md 6 */
static void
test_link_for_the_administrator(void)
{
	static const struct {
		const char *tenant;
		const char *directory;
	} cases[] = {
		{NULL, "organizations"},
		{"common", "organizations"},
		{"consumers", "organizations"},
		{"contoso.onmicrosoft.com", "contoso.onmicrosoft.com"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(OauthConfig) config = make_config(cases[i].tenant);
		g_autofree char *uri = oauth_consent_build_admin_uri(config, NULL);
		g_autofree char *start =
			g_strdup_printf("https://login.microsoftonline.com/%s/v2.0/adminconsent?client_id=" CLIENT
					"&scope=openid%%20profile%%20offline_access%%20"
					"https%%3A%%2F%%2Fgraph.microsoft.com%%2FUser.Read%%20"
					"https%%3A%%2F%%2Fgraph.microsoft.com%%2FMail.ReadWrite"
					"&redirect_uri=http%%3A%%2F%%2Flocalhost&state=",
					cases[i].directory);

		g_assert_nonnull(uri);
		g_assert_true(g_str_has_prefix(uri, start));
	}
}

static void
test_no_link_without_settings(void)
{
	g_autoptr(OauthConfig) config = make_config("a/b");
	g_autoptr(GError) error = NULL;

	g_assert_null(oauth_consent_build_admin_uri(config, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);
	g_assert_null(outlook_failure_build_consent_mail(config));
}

static void
test_mails(void)
{
	g_autoptr(OauthConfig) config = make_config("contoso.onmicrosoft.com");
	g_autoptr(OutlookFailure) failure = outlook_failure_new_from_page("AADSTS53003 Correlation ID: 22-bb");
	g_autofree char *consent = outlook_failure_build_consent_mail(config);
	g_autofree char *question = outlook_failure_build_mail(failure);
	g_autofree char *text = g_uri_unescape_string(strstr(consent, "&body=") + strlen("&body="), NULL);
	g_autofree char *asked = g_uri_unescape_string(strstr(question, "&body=") + strlen("&body="), NULL);

	g_assert_true(g_str_has_prefix(consent, "mailto:?subject=Permissions%20for%20Claws%20Mail&body=Hello"));
	g_assert_nonnull(strstr(text, "https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/adminconsent?"));
	g_assert_nonnull(strstr(asked, failure->text));
	g_assert_nonnull(strstr(asked, "AADSTS53003\nCorrelation ID: 22-bb"));
}

static void
test_each_remedy_has_a_name(void)
{
	for (int i = OAUTH_REMEDY_NONE + 1; i <= OAUTH_REMEDY_REDIRECT; i++)
		g_assert_nonnull(outlook_failure_get_label(i));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/failure/it has what an administrator looks for", test_has_the_details);
	g_test_add_func("/failure/without a number the error says what helps", test_without_number);
	g_test_add_func("/failure/a page of the browser is explained", test_from_the_page);
	g_test_add_func("/failure/an administrator gets a link", test_link_for_the_administrator);
	g_test_add_func("/failure/wrong settings make no link", test_no_link_without_settings);
	g_test_add_func("/failure/a mail says what is needed", test_mails);
	g_test_add_func("/failure/each remedy has a name", test_each_remedy_has_a_name);
	return g_test_run();
}
