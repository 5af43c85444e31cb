/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-challenge.h"

#include <string.h>

#include "oauth-json.h"
#include "oauth-refusal.h"

#define CAPABILITY "cp1"

void
oauth_challenge_clear(OauthChallenge *self)
{
	g_clear_pointer(&self->claims, g_free);
	g_clear_pointer(&self->met, g_free);
	self->by_person = FALSE;
}

void
oauth_challenge_take(OauthChallenge *self, const char *claims)
{
	if (!oauth_refusal_check_claims(claims))
		return;
	g_free(self->claims);
	self->claims = g_strdup(claims);
}

void
oauth_challenge_meet(OauthChallenge *self, gboolean by_person)
{
	g_free(self->met);
	self->met = g_steal_pointer(&self->claims);
	self->by_person = by_person && self->met != NULL;
}

gboolean
oauth_challenge_repeats(const OauthChallenge *self, const char *claims)
{
	return self->met != NULL && oauth_refusal_check_claims(claims);
}

/* The member of that name, made when it is none or no object; owned by @object */
static JsonObject *
require_object(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		json_object_set_object_member(object, name, json_object_new());
	return json_object_get_object_member(object, name);
}

char *
oauth_challenge_build_claims(const char *challenge)
{
	g_autoptr(JsonObject) object = oauth_refusal_check_claims(challenge)
					       ? oauth_json_parse(challenge, strlen(challenge))
					       : json_object_new();
	g_autoptr(JsonNode) node = NULL;
	JsonObject *capability = require_object(require_object(object, "access_token"), "xms_cc");
	JsonArray *values = json_array_new();

	json_array_add_string_element(values, CAPABILITY);
	json_object_set_array_member(capability, "values", values);
	node = json_node_init_object(json_node_alloc(), object);
	return json_to_string(node, FALSE);
}
