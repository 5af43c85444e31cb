/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-cloud.h"
#include "oauth-error.h"
#include "oauth-permission.h"

#define DEFAULT_TENANT "common"
#define MAX_FIELD 255
#define MAX_REDIRECT 256 /* OAUTH.md 3 */

OauthConfig *
oauth_config_new(const char *account)
{
	OauthConfig *self = g_new0(OauthConfig, 1);

	self->account = g_strdup(account);
	return self;
}

OauthConfig *
oauth_config_copy(const OauthConfig *self)
{
	OauthConfig *copy = g_new0(OauthConfig, 1);

	copy->account = g_strdup(self->account);
	copy->name = g_strdup(self->name);
	copy->client_id = g_strdup(self->client_id);
	copy->tenant = g_strdup(self->tenant);
	copy->identity_origin = g_strdup(self->identity_origin);
	copy->graph_origin = g_strdup(self->graph_origin);
	copy->scopes = g_strdupv(self->scopes);
	copy->extra_scopes = g_strdupv(self->extra_scopes);
	copy->response_mode = self->response_mode;
	copy->redirect_host = g_strdup(self->redirect_host);
	copy->redirect_path = g_strdup(self->redirect_path);
	g_set_object(&copy->proxy, self->proxy);
	return copy;
}

void
oauth_config_free(OauthConfig *self)
{
	if (self == NULL)
		return;
	g_free(self->account);
	g_free(self->name);
	g_free(self->client_id);
	g_free(self->tenant);
	g_free(self->identity_origin);
	g_free(self->graph_origin);
	g_strfreev(self->scopes);
	g_strfreev(self->extra_scopes);
	g_free(self->redirect_host);
	g_free(self->redirect_path);
	g_clear_object(&self->proxy);
	g_free(self);
}

static gboolean
complain(GError **error, const char *text)
{
	g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION, text);
	return FALSE;
}

/* TRUE for 1 to @max characters, letters and digits of ASCII or one of @more */
static gboolean
is_word(const char *text, gsize length, gsize max, const char *more)
{
	if (length == 0 || length > max)
		return FALSE;
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isalnum(text[i]) && (text[i] == '\0' || strchr(more, text[i]) == NULL))
			return FALSE;
	}
	return TRUE;
}

/* The part of @text between its blanks; @text is not changed. */
static const char *
trim(const char *text, gsize *length)
{
	const char *start = text != NULL ? text : "";
	const char *end = start + strlen(start);

	while (g_ascii_isspace(*start))
		start++;
	while (end > start && g_ascii_isspace(end[-1]))
		end--;
	*length = end - start;
	return start;
}

static gboolean
validate_account(const OauthConfig *self, GError **error)
{
	if (self->account == NULL || !is_word(self->account, strlen(self->account), MAX_FIELD, "._-"))
		return complain(error, _("The account has no valid identifier."));
	if (self->name != NULL && !g_utf8_validate(self->name, -1, NULL))
		return complain(error, _("The account's name is not valid text."));
	return TRUE;
}

/* Some servers know clients by other names than GUIDs, so only what cannot be one is refused. */
static gboolean
validate_client_id(const OauthConfig *self, GError **error)
{
	gsize length;
	const char *id = trim(self->client_id, &length);

	if (length == 0)
		return complain(
			error,
			_("The client ID is missing. Copy the “Application (client) ID” of your app registration."));
	if (!is_word(id, length, MAX_FIELD, "._~-:/@"))
		return complain(error,
				_("The client ID is not valid: it consists of letters, digits and hyphens only."));
	return TRUE;
}

static gboolean
validate_tenant(const OauthConfig *self, GError **error)
{
	gsize length;
	const char *tenant = trim(self->tenant, &length);

	if (length == 0 || (is_word(tenant, length, MAX_FIELD, ".-") && memcmp(tenant, "..", MIN(length, 2)) != 0))
		return TRUE;
	if (memchr(tenant, '/', length) != NULL)
		return complain(error,
				_("The tenant is not a web address. Enter the directory's ID or its domain alone, "
				  "for example contoso.onmicrosoft.com."));
	return complain(error,
			_("The tenant is not valid. Enter the directory's ID or its domain, or leave it empty."));
}

/* Sign-in host and Graph belong to one cloud (OAUTH.md 1). */
static gboolean
validate_origins(const OauthConfig *self, GError **error)
{
	g_autofree char *identity = oauth_cloud_check_origin(self->identity_origin, error);
	g_autofree char *graph = NULL;

	if (identity == NULL) {
		g_prefix_error(error, "%s ", _("Sign-in server:"));
		return FALSE;
	}
	graph = oauth_cloud_check_origin(self->graph_origin, error);
	if (graph == NULL) {
		g_prefix_error(error, "%s ", _("Graph server:"));
		return FALSE;
	}
	if (!oauth_cloud_is_known_identity(identity))
		return TRUE;
	for (const OauthCloud *cloud = oauth_cloud_list(); cloud->id != NULL; cloud++) {
		if (g_str_equal(cloud->identity_origin, identity) && g_str_equal(cloud->graph_origin, graph))
			return TRUE;
	}
	return complain(
		error,
		_("The sign-in server and the Graph server belong to different clouds. Choose the cloud again."));
}

/* Guides name permissions that Microsoft does not have; one of them would end the whole sign-in. */
static gboolean
is_sendable(const char *scope)
{
	const OauthPermission *permission = oauth_permission_find(scope);

	return permission == NULL || permission->exists;
}

gboolean
oauth_config_uses_default(const OauthConfig *self)
{
	return self->scopes != NULL && g_strv_contains((const char *const *)self->scopes, OAUTH_SCOPE_DEFAULT);
}

static gboolean
validate_names(char **names, GError **error)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (!is_word(names[i], strlen(names[i]), MAX_FIELD, "._-")) {
			g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("“%s” is not the name of a permission."), names[i]);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
any_is_sendable(char **names)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (is_sendable(names[i]))
			return TRUE;
	}
	return FALSE;
}

static gboolean
validate_scopes(const OauthConfig *self, GError **error)
{
	if (!validate_names(self->scopes, error) || !validate_names(self->extra_scopes, error))
		return FALSE;
	if (!any_is_sendable(self->scopes))
		return complain(error, _("No permission is chosen."));
	if (oauth_config_uses_default(self) && self->scopes[1] != NULL)
		return complain(error, _("The permission “.default” cannot be combined with others."));
	return TRUE;
}

static gboolean
validate_redirect(const OauthConfig *self, GError **error)
{
	const char *path = self->redirect_path;

	if (self->response_mode != OAUTH_RESPONSE_MODE_FORM_POST && self->response_mode != OAUTH_RESPONSE_MODE_QUERY)
		return complain(error, _("The way in which the browser returns the answer is not valid."));
	if (self->redirect_host != NULL && *self->redirect_host != '\0' &&
	    !g_str_equal(self->redirect_host, "localhost") && !g_str_equal(self->redirect_host, "127.0.0.1"))
		return complain(error, _("The host of the redirect address can be localhost or 127.0.0.1 only."));
	if (path == NULL || *path == '\0')
		return TRUE;
	if (*path != '/' || strlen(path) > MAX_REDIRECT - strlen("http://localhost:65535") ||
	    (path[1] != '\0' && !is_word(path + 1, strlen(path + 1), MAX_REDIRECT, "/._~-")) ||
	    strstr(path, "//") != NULL || strstr(path, "/.") != NULL || g_str_equal(path, "/done"))
		return complain(
			error,
			_("The path of the redirect address is not valid. It begins with “/”, for example /callback."));
	return TRUE;
}

gboolean
oauth_config_validate(const OauthConfig *self, GError **error)
{
	return validate_account(self, error) && validate_client_id(self, error) && validate_tenant(self, error) &&
	       validate_origins(self, error) && validate_scopes(self, error) && validate_redirect(self, error);
}

const char *
oauth_config_get_tenant(const OauthConfig *self)
{
	gsize length;
	const char *tenant = trim(self->tenant, &length);
	g_autofree char *trimmed = NULL;

	if (length == 0)
		return DEFAULT_TENANT;
	trimmed = g_strndup(tenant, length);
	return g_intern_string(trimmed);
}

char *
oauth_config_dup_client_id(const OauthConfig *self)
{
	gsize length;
	const char *id = trim(self->client_id, &length);

	return g_strndup(id, length);
}

static char *
plain_origin(const char *origin)
{
	char *plain = oauth_cloud_check_origin(origin, NULL);

	return plain != NULL ? plain : g_strdup(origin != NULL ? origin : "");
}

char *
oauth_config_dup_identity_origin(const OauthConfig *self)
{
	return plain_origin(self->identity_origin);
}

char *
oauth_config_dup_graph_origin(const OauthConfig *self)
{
	return plain_origin(self->graph_origin);
}

static gboolean
is_among(char **names, const char *name)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (g_ascii_strcasecmp(names[i], name) == 0)
			return TRUE;
	}
	return FALSE;
}

void
oauth_config_add_scopes(OauthConfig *self, const char *const *scopes)
{
	if (oauth_config_uses_default(self))
		return;
	for (; *scopes != NULL; scopes++) {
		g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

		if (is_among(self->scopes, *scopes) || is_among(self->extra_scopes, *scopes))
			continue;
		if (self->extra_scopes != NULL)
			g_strv_builder_addv(builder, (const char **)self->extra_scopes);
		g_strv_builder_add(builder, *scopes);
		g_strfreev(self->extra_scopes);
		self->extra_scopes = g_strv_builder_end(builder);
	}
}

static void
append_scopes(GString *scope, const char *graph, char **names)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		if (is_sendable(names[i]))
			g_string_append_printf(scope, " %s/%s", graph, names[i]);
	}
}

char *
oauth_config_build_scope(const OauthConfig *self)
{
	g_autofree char *graph = oauth_config_dup_graph_origin(self);
	GString *scope = g_string_new("openid profile offline_access");

	append_scopes(scope, graph, self->scopes);
	if (!oauth_config_uses_default(self))
		append_scopes(scope, graph, self->extra_scopes);
	return g_string_free(scope, FALSE);
}

char *
oauth_config_build_registered_redirect(const OauthConfig *self)
{
	const char *host =
		self->redirect_host != NULL && *self->redirect_host != '\0' ? self->redirect_host : "localhost";

	return g_strconcat("http://", host, self->redirect_path, NULL);
}

gboolean
oauth_config_is_elsewhere(const OauthConfig *self, const OauthConfig *other)
{
	g_autofree char *client_a = oauth_config_dup_client_id(self);
	g_autofree char *client_b = oauth_config_dup_client_id(other);
	g_autofree char *origin_a = oauth_config_dup_identity_origin(self);
	g_autofree char *origin_b = oauth_config_dup_identity_origin(other);

	return g_strcmp0(self->account, other->account) != 0 || !g_str_equal(client_a, client_b) ||
	       !g_str_equal(origin_a, origin_b);
}
