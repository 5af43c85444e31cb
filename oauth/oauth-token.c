/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-token.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-authorizer.h"
#include "oauth-cloud.h"
#include "oauth-error.h"
#include "oauth-json.h"
#include "oauth-pkce.h"

#define MAX_LIFETIME (30 * 3600)
#define DEFAULT_LIFETIME 3600
#define MAX_ID_TOKEN (64 * 1024)
#define MAX_CLAIM 512
#define CLOCK_SKEW 300

static gpointer
complain(GError **error, const char *text)
{
	g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL, text);
	return NULL;
}

/* A token goes into a header, so it is visible ASCII or refused. */
static gboolean
is_token(const char *text)
{
	if (*text == '\0')
		return FALSE;
	for (; *text != '\0'; text++) {
		if (!g_ascii_isgraph(*text))
			return FALSE;
	}
	return TRUE;
}

/* Sets @value to %NULL when the member is absent; FALSE when it is not a string. */
static gboolean
get_optional(JsonObject *object, const char *name, const char **value)
{
	JsonNode *node = json_object_get_member(object, name);

	*value = NULL;
	if (node == NULL || JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	*value = oauth_json_get_string(object, name);
	return *value != NULL;
}

static gboolean
read_lifetime(JsonObject *object, guint *seconds)
{
	double number;

	*seconds = DEFAULT_LIFETIME;
	if (!json_object_has_member(object, "expires_in"))
		return TRUE;
	if (!oauth_json_get_number(object, "expires_in", &number))
		return FALSE;
	*seconds = (guint)CLAMP(number, 0, MAX_LIFETIME);
	return TRUE;
}

OauthGrant *
oauth_grant_parse(const char *data, gsize length, const char *scope, gint64 date, GError **error)
{
	g_autoptr(JsonObject) object = oauth_json_parse(data, length);
	g_autoptr(OauthGrant) self = g_new0(OauthGrant, 1);
	const char *access_token, *refresh_token, *id_token, *granted, *type;

	if (object == NULL)
		return complain(error, _("The sign-in service sent something that is not a token answer."));
	access_token = oauth_json_get_string(object, "access_token");
	if (access_token == NULL || !is_token(access_token))
		return complain(error, _("The sign-in service sent an answer without a usable access token."));
	type = oauth_json_get_string(object, "token_type");
	if (type == NULL || g_ascii_strcasecmp(type, "Bearer") != 0)
		return complain(error, _("The sign-in service sent a token of an unknown type."));
	if (!get_optional(object, "refresh_token", &refresh_token) || !get_optional(object, "id_token", &id_token) ||
	    !get_optional(object, "scope", &granted) || !read_lifetime(object, &self->expires_in))
		return complain(error, _("The sign-in service sent a token answer with a value of the wrong type."));

	self->date = date;
	self->access_token = g_strdup(access_token);
	self->refresh_token = refresh_token != NULL && *refresh_token != '\0' ? g_strdup(refresh_token) : NULL;
	self->id_token = g_strdup(id_token);
	self->scope = g_strdup(granted != NULL && *granted != '\0' ? granted : scope);
	return g_steal_pointer(&self);
}

void
oauth_grant_free(OauthGrant *self)
{
	if (self == NULL)
		return;
	oauth_token_free(self->access_token);
	oauth_token_free(self->refresh_token);
	oauth_token_free(self->id_token);
	g_free(self->scope);
	g_free(self);
}

/* The middle part of a JWT, as a JSON object; %NULL when there is none */
static JsonObject *
decode_payload(const char *id_token)
{
	g_auto(GStrv) parts = NULL;
	g_autofree char *padded = NULL;
	g_autofree guchar *bytes = NULL;
	gsize length;

	if (strlen(id_token) > MAX_ID_TOKEN)
		return NULL;
	parts = g_strsplit(id_token, ".", 4);
	if (g_strv_length(parts) != 3 || *parts[1] == '\0')
		return NULL;
	g_strdelimit(parts[1], "-", '+');
	g_strdelimit(parts[1], "_", '/');
	length = strcspn(parts[1], "=");
	if (strspn(parts[1], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != length)
		return NULL;
	padded = g_strdup_printf("%.*s%s", (int)length, parts[1], length % 4 == 2 ? "==" : length % 4 == 3 ? "=" : "");
	bytes = g_base64_decode(padded, &length);
	return length > 0 ? oauth_json_parse((const char *)bytes, length) : NULL;
}

static gboolean
is_audience(JsonObject *claims, const char *client_id)
{
	JsonArray *list = oauth_json_get_array(claims, "aud");

	if (list == NULL)
		return g_strcmp0(oauth_json_get_string(claims, "aud"), client_id) == 0;
	for (guint i = 0; i < json_array_get_length(list); i++) {
		JsonNode *node = json_array_get_element(list, i);

		if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING &&
		    g_str_equal(json_node_get_string(node), client_id))
			return TRUE;
	}
	return FALSE;
}

/* A claim of sensible size, or %NULL */
static const char *
get_claim(JsonObject *claims, const char *name)
{
	const char *value = oauth_json_get_string(claims, name);

	return value != NULL && *value != '\0' && strlen(value) <= MAX_CLAIM ? value : NULL;
}

static gboolean
check_claims(JsonObject *claims, const OauthConfig *config, const char *nonce, gint64 now, gboolean strict,
	     GError **error)
{
	g_autofree char *client_id = oauth_config_dup_client_id(config);
	const char *given;
	double expiry;

	if (!is_audience(claims, client_id)) {
		complain(error, _("The sign-in service sent an identity that is meant for another program."));
		return FALSE;
	}
	if (json_object_has_member(claims, "exp") || strict) {
		if (!oauth_json_get_number(claims, "exp", &expiry) || expiry + CLOCK_SKEW < (double)now) {
			complain(error, _("The sign-in service sent an identity that has expired. Check this "
					  "computer's clock."));
			return FALSE;
		}
	}
	given = oauth_json_get_string(claims, "nonce");
	if (nonce != NULL && (given != NULL || json_object_has_member(claims, "nonce") || strict) &&
	    (given == NULL || !oauth_pkce_equal(given, nonce))) {
		complain(error, _("The sign-in service sent an identity that belongs to another sign-in."));
		return FALSE;
	}
	return TRUE;
}

static char *
build_home(JsonObject *claims, gboolean strict)
{
	const char *tenant = get_claim(claims, "tid");
	const char *object = get_claim(claims, "oid");
	const char *issuer = get_claim(claims, "iss");
	const char *subject = get_claim(claims, "sub");

	if (tenant != NULL && object != NULL)
		return g_strdup_printf("%s.%s", tenant, object);
	if (strict || issuer == NULL || subject == NULL)
		return NULL;
	return g_strdup_printf("%s %s", issuer, subject);
}

OauthClaims *
oauth_claims_parse(const char *id_token, const OauthConfig *config, const char *nonce, gint64 now, GError **error)
{
	g_autofree char *origin = oauth_config_dup_identity_origin(config);
	gboolean strict = oauth_cloud_is_known_identity(origin);
	g_autoptr(JsonObject) claims = decode_payload(id_token);
	g_autoptr(OauthClaims) self = g_new0(OauthClaims, 1);

	if (claims == NULL)
		return complain(error, _("The sign-in service sent an identity that cannot be read."));
	if (!check_claims(claims, config, nonce, now, strict, error))
		return NULL;
	self->home = build_home(claims, strict);
	if (self->home == NULL)
		return complain(error, _("The sign-in service does not say who signed in."));
	self->issuer = g_strdup(get_claim(claims, "iss"));
	self->username = g_strdup(get_claim(claims, "preferred_username"));
	if (self->username == NULL)
		self->username = g_strdup(get_claim(claims, "email"));
	self->name = g_strdup(get_claim(claims, "name"));
	return g_steal_pointer(&self);
}

void
oauth_claims_free(OauthClaims *self)
{
	if (self == NULL)
		return;
	g_free(self->home);
	g_free(self->issuer);
	g_free(self->username);
	g_free(self->name);
	g_free(self);
}
