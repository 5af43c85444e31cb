/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-credential.h"

#include <string.h>

#include "oauth-authorizer.h"
#include "oauth-json.h"

#define VERSION 1

OauthCredential *
oauth_credential_copy(const OauthCredential *self)
{
	OauthCredential *copy = g_new0(OauthCredential, 1);

	copy->refresh_token = g_strdup(self->refresh_token);
	copy->scope = g_strdup(self->scope);
	copy->tenant = g_strdup(self->tenant);
	copy->home = g_strdup(self->home);
	copy->username = g_strdup(self->username);
	copy->name = g_strdup(self->name);
	return copy;
}

void
oauth_credential_free(OauthCredential *self)
{
	if (self == NULL)
		return;
	oauth_token_free(self->refresh_token);
	g_free(self->scope);
	g_free(self->tenant);
	g_free(self->home);
	g_free(self->username);
	g_free(self->name);
	g_free(self);
}

OauthCredential *
oauth_credential_parse(const char *text)
{
	g_autoptr(JsonObject) object = oauth_json_parse(text, strlen(text));
	OauthCredential *self;
	double version;

	if (object == NULL || !oauth_json_get_number(object, "v", &version) || version != VERSION ||
	    oauth_json_get_string(object, "home") == NULL)
		return NULL;
	self = g_new0(OauthCredential, 1);
	self->refresh_token = g_strdup(oauth_json_get_string(object, "refresh_token"));
	self->scope = g_strdup(oauth_json_get_string(object, "scope"));
	self->tenant = g_strdup(oauth_json_get_string(object, "tenant"));
	self->home = g_strdup(oauth_json_get_string(object, "home"));
	self->username = g_strdup(oauth_json_get_string(object, "username"));
	self->name = g_strdup(oauth_json_get_string(object, "name"));
	return self;
}

static void
add(JsonBuilder *builder, const char *name, const char *value)
{
	if (value == NULL)
		return;
	json_builder_set_member_name(builder, name);
	json_builder_add_string_value(builder, value);
}

char *
oauth_credential_to_string(const OauthCredential *self)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonNode) root = NULL;

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "v");
	json_builder_add_int_value(builder, VERSION);
	add(builder, "refresh_token", self->refresh_token);
	add(builder, "scope", self->scope);
	add(builder, "tenant", self->tenant);
	add(builder, "home", self->home);
	add(builder, "username", self->username);
	add(builder, "name", self->name);
	json_builder_set_member_name(builder, "saved");
	json_builder_add_int_value(builder, g_get_real_time() / G_USEC_PER_SEC);
	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	return json_to_string(root, FALSE);
}
