/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oauth-cloud.h"
#include "oauth-config.h"
#include "oauth-error.h"
#include "oauth-permission.h"
#include "oauth-scope.h"

static OauthConfig *
build_config(void)
{
	static const char *const scopes[] = {"User.Read", "Mail.Read", NULL};
	OauthConfig *config = oauth_config_new("11111111-2222-4333-8444-555555555555");

	config->client_id = g_strdup("client");
	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	config->graph_origin = g_strdup("https://graph.microsoft.com");
	config->scopes = g_strdupv((char **)scopes);
	return config;
}

static void
test_clouds(void)
{
	for (const OauthCloud *cloud = oauth_cloud_list(); cloud->id != NULL; cloud++) {
		g_autoptr(OauthConfig) config = build_config();
		g_autoptr(GError) error = NULL;

		g_assert_true(oauth_cloud_find(cloud->id) == cloud);
		g_assert_true(oauth_cloud_is_known_identity(cloud->identity_origin));
		g_free(config->identity_origin);
		g_free(config->graph_origin);
		config->identity_origin = g_strdup(cloud->identity_origin);
		config->graph_origin = g_strdup(cloud->graph_origin);
		g_assert_true(oauth_config_validate(config, &error));
		g_assert_no_error(error);
	}
	g_assert_null(oauth_cloud_find("custom"));
	g_assert_null(oauth_cloud_find(NULL));
}

static void
test_good_origins(void)
{
	static const char *const origins[][2] = {
		{"https://login.microsoftonline.com", "https://login.microsoftonline.com"},
		{" https://login.microsoftonline.com/ ", "https://login.microsoftonline.com"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"http://127.0.0.1:8080/", "http://127.0.0.1:8080"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"https://id.example:8443", "https://id.example:8443"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *origin = oauth_cloud_check_origin(origins[i][0], &error);

		g_assert_no_error(error);
		g_assert_cmpstr(origin, ==, origins[i][1]);
	}
	g_assert_true(oauth_cloud_is_loopback("http://localhost:80"));
	g_assert_true(oauth_cloud_is_loopback("https://[::1]"));
	g_assert_false(oauth_cloud_is_loopback("https://localhost.example"));
	g_assert_false(oauth_cloud_is_loopback(NULL));
}

static void
test_bad_origins(void)
{
	static const char *const origins[] = {
		NULL,
		"",
		"login.example",
		"ftp://login.example",
		"http://login.example",
		"http://localhost.example",
		"https://",
		"https://login.example/path",
		"https://login.example?x",
		"https://login.example#x",
		"https://user@login.example",
		"https://user:pw@login.example",
		"https://a b",
		"https://a%2fb",
		"https://a\xff",
		"javascript:alert(1)",
		"https://login.example:0",
		"https://login.example:99999",
		"http://2130706433",
	};

	for (guint i = 0; i < G_N_ELEMENTS(origins); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(oauth_cloud_check_origin(origins[i], &error));
		g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);
	}
}

static void
set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static void
assert_refused(OauthConfig *config, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(oauth_config_validate(config, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);
	g_assert_nonnull(strstr(error->message, words));
	oauth_config_free(config);
}

static void
test_client_ids(void)
{
	static const char *const bad[] = {NULL, "", "  \t\n", "two words", "a\"b", "a\nb", "a&b", "ä"};
	g_autoptr(OauthConfig) good = build_config();
	g_autofree char *id = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		OauthConfig *config = build_config();

		set(&config->client_id, bad[i]);
		assert_refused(config, "client ID");
	}
	set(&good->client_id, " 11111111-2222-4333-8444-555555555555\n");
	g_assert_true(oauth_config_validate(good, NULL));
	id = oauth_config_dup_client_id(good);
	g_assert_cmpstr(id, ==, "11111111-2222-4333-8444-555555555555");
}

static void
test_tenants(void)
{
	static const char *const bad[] = {
		"a/b", "https://login.microsoftonline.com/x", "a?b", "a#b", "a@b", "a:b", "a%2f", "..", "ä"};
	static const char *const good[][2] = {
		{NULL, "common"}, {" ", "common"}, {" contoso.example ", "contoso.example"}};
	g_autofree char *longest = g_strnfill(256, 'a');

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		OauthConfig *config = build_config();

		set(&config->tenant, bad[i]);
		assert_refused(config, "tenant");
	}
	for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(OauthConfig) config = build_config();

		set(&config->tenant, good[i][0]);
		g_assert_true(oauth_config_validate(config, NULL));
		g_assert_cmpstr(oauth_config_get_tenant(config), ==, good[i][1]);
	}
	{
		OauthConfig *config = build_config();

		set(&config->tenant, longest);
		assert_refused(config, "tenant");
	}
}

static void
test_other_fields(void)
{
	OauthConfig *config = build_config();

	set(&config->account, NULL);
	assert_refused(config, "identifier");
	config = build_config();
	set(&config->account, "a b");
	assert_refused(config, "identifier");
	config = build_config();
	set(&config->name, "\xff");
	assert_refused(config, "name");
	config = build_config();
	set(&config->graph_origin, "https://graph.microsoft.us");
	assert_refused(config, "clouds");
	config = build_config();
	set(&config->identity_origin, "http://login.example");
	assert_refused(config, "Sign-in server");
	config = build_config();
	set(&config->graph_origin, "nonsense");
	assert_refused(config, "Graph server");
	config = build_config();
	g_clear_pointer(&config->scopes, g_strfreev);
	assert_refused(config, "permission");
	config = build_config();
	set(&config->scopes[1], "Mail.Read\n");
	assert_refused(config, "permission");
	config = build_config();
	set(&config->scopes[1], ".default");
	assert_refused(config, ".default");
	config = build_config();
	config->response_mode = 7;
	assert_refused(config, "browser");
	config = build_config();
	set(&config->redirect_host, "example.com");
	assert_refused(config, "localhost");
}

static void
test_redirects(void)
{
	static const char *const bad[] = {"callback", "/a?b",  "/a#b",	 "/a b",  "/a!",
					  "/a,b",     "/a%20", "//evil", "/../x", "/done"};
	g_autoptr(OauthConfig) config = build_config();
	g_autofree char *plain = oauth_config_build_registered_redirect(config);
	g_autofree char *custom = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		OauthConfig *refused = build_config();

		set(&refused->redirect_path, bad[i]);
		assert_refused(refused, "path");
	}
	g_assert_cmpstr(plain, ==, "http://localhost");
	set(&config->redirect_host, "127.0.0.1");
	set(&config->redirect_path, "/callback");
	g_assert_true(oauth_config_validate(config, NULL));
	custom = oauth_config_build_registered_redirect(config);
	g_assert_cmpstr(custom, ==, "http://127.0.0.1/callback");
}

static void
test_scope(void)
{
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(OauthConfig) copy = NULL;
	g_autofree char *scope = NULL;

	set(&config->graph_origin, "https://graph.microsoft.com/");
	copy = oauth_config_copy(config);
	scope = oauth_config_build_scope(copy);
	g_assert_cmpstr(scope, ==,
			"openid profile offline_access https://graph.microsoft.com/User.Read "
			"https://graph.microsoft.com/Mail.Read");
}

static void
test_default_stands_alone(void)
{
	static const char *const alone[] = {OAUTH_SCOPE_DEFAULT, NULL};
	static const char *const more[] = {"Mail.ReadWrite.Shared", NULL};
	g_autoptr(OauthConfig) config = build_config();
	g_autoptr(GError) error = NULL;
	g_autofree char *scope = NULL;

	g_assert_false(oauth_config_uses_default(config));
	oauth_config_add_scopes(config, more);
	g_assert_cmpstr(config->extra_scopes[0], ==, more[0]);
	g_strfreev(config->scopes);
	config->scopes = g_strdupv((char **)alone);
	g_assert_true(oauth_config_uses_default(config));
	g_assert_true(oauth_config_validate(config, &error));
	g_assert_no_error(error);
	scope = oauth_config_build_scope(config);
	g_assert_cmpstr(scope, ==, "openid profile offline_access https://graph.microsoft.com/.default");
	g_clear_pointer(&config->extra_scopes, g_strfreev);
	oauth_config_add_scopes(config, more);
	g_assert_null(config->extra_scopes);
}

static void
test_no_such_permission(void)
{
	static const char *const guide[] = {"Mail.Read", "MailFolders.Read", "mailfolders.readwrite", NULL};
	static const char *const nothing[] = {"MailFolders.Read", NULL};
	g_autoptr(OauthConfig) config = build_config();
	g_autofree char *scope = NULL;
	OauthConfig *empty = build_config();

	g_strfreev(config->scopes);
	config->scopes = g_strdupv((char **)guide);
	g_assert_true(oauth_config_validate(config, NULL));
	scope = oauth_config_build_scope(config);
	g_assert_cmpstr(scope, ==, "openid profile offline_access https://graph.microsoft.com/Mail.Read");

	g_strfreev(empty->scopes);
	empty->scopes = g_strdupv((char **)nothing);
	assert_refused(empty, "permission");
}

/* The sixteen names of SCOPES.md; fourteen of them exist, eight in personal accounts. */
static void
test_catalogue(void)
{
	guint n = 0;
	guint existing = 0;
	guint personal = 0;

	for (const OauthPermission *one = oauth_permission_list(); one->name != NULL; one++) {
		g_assert_true(oauth_permission_find(one->name) == one);
		g_assert_true(g_str_has_suffix(one->meaning, "."));
		g_assert_true(g_str_has_suffix(one->purpose, "."));
		g_assert_cmpint(one->is_work_only, ==,
				g_str_has_suffix(one->name, ".Shared") || g_str_has_suffix(one->name, ".All"));
		n++;
		existing += one->exists;
		personal += one->exists && !one->is_work_only;
	}
	g_assert_cmpuint(n, ==, 16);
	g_assert_cmpuint(existing, ==, 14);
	g_assert_cmpuint(personal, ==, 8);
	g_assert_false(oauth_permission_find("MAILFOLDERS.READ")->exists);
	g_assert_null(oauth_permission_find("MailboxFolder.Read"));
	g_assert_null(oauth_permission_find(NULL));
}

static void
assert_set(const char *const *names, OauthAudience audience)
{
	for (guint i = 0; names[i] != NULL; i++) {
		const OauthPermission *one = oauth_permission_find(names[i]);

		g_assert_true(one->exists);
		g_assert_true(audience == OAUTH_AUDIENCE_WORK || !one->is_work_only);
		for (guint j = 0; names[j] != NULL; j++)
			g_assert_true(i == j || !oauth_scope_includes(names[j], names[i]));
	}
}

static void
test_sets(void)
{
	const char *const *all = oauth_permission_find_set("everything", OAUTH_AUDIENCE_WORK);

	for (const OauthPermissionSet *set = oauth_permission_list_sets(); set->id != NULL; set++) {
		g_assert_true(oauth_permission_find_set(set->id, OAUTH_AUDIENCE_WORK) == set->work);
		g_assert_true(oauth_permission_find_set(set->id, OAUTH_AUDIENCE_PERSONAL) == set->personal);
		assert_set(set->work, OAUTH_AUDIENCE_WORK);
		assert_set(set->personal, OAUTH_AUDIENCE_PERSONAL);
	}
	for (const OauthPermission *one = oauth_permission_list(); one->name != NULL; one++) {
		gboolean covered = FALSE;

		for (guint i = 0; all[i] != NULL; i++)
			covered = covered || oauth_scope_includes(all[i], one->name);
		g_assert_cmpint(covered, ==, one->exists);
	}
	g_assert_nonnull(oauth_permission_find_set(OAUTH_PERMISSION_SET_DEFAULT, OAUTH_AUDIENCE_PERSONAL));
	g_assert_null(oauth_permission_find_set("nothing", OAUTH_AUDIENCE_WORK));
}

static void
test_covering(void)
{
	const char *root = "https://graph.microsoft.com";

	g_assert_true(oauth_scope_covers("openid Mail.Read", root, "mail.read"));
	g_assert_true(oauth_scope_covers("  https://graph.microsoft.com/Mail.Read ", root, "Mail.Read"));
	g_assert_true(oauth_scope_covers("HTTPS://GRAPH.microsoft.com/mail.readwrite", root, "Mail.Read"));
	g_assert_true(oauth_scope_covers("Mail.ReadWrite.Shared", root, "Mail.ReadBasic"));
	g_assert_false(oauth_scope_covers("https://graph.microsoft.us/Mail.Read", root, "Mail.Read"));
	g_assert_false(oauth_scope_covers("Mail.Read", root, "Mail.ReadWrite"));
	g_assert_false(oauth_scope_covers("Mail.ReadWrite", root, "Mail.Send"));
	g_assert_false(oauth_scope_covers("Mail.ReadX", root, "Mail.Read"));
	g_assert_false(oauth_scope_covers("", root, "Mail.Read"));
	g_assert_false(oauth_scope_covers(NULL, root, "Mail.Read"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/oauth/config/every cloud is a valid pair", test_clouds);
	g_test_add_func("/oauth/config/origins are put in their plain form", test_good_origins);
	g_test_add_func("/oauth/config/what is not an origin is refused", test_bad_origins);
	g_test_add_func("/oauth/config/client ids", test_client_ids);
	g_test_add_func("/oauth/config/tenants", test_tenants);
	g_test_add_func("/oauth/config/every other field is checked too", test_other_fields);
	g_test_add_func("/oauth/config/redirect addresses", test_redirects);
	g_test_add_func("/oauth/config/permissions are fully qualified", test_scope);
	g_test_add_func("/oauth/config/what the registration lists is asked for alone", test_default_stands_alone);
	g_test_add_func("/oauth/config/a permission that Microsoft does not have is never sent",
			test_no_such_permission);
	g_test_add_func("/oauth/config/sixteen permissions are known, and which of them exist", test_catalogue);
	g_test_add_func("/oauth/config/a set asks for what exists for the account, and for nothing twice", test_sets);
	g_test_add_func("/oauth/config/granted permissions are compared by their short names", test_covering);
	return g_test_run();
}
