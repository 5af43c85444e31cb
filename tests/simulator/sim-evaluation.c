/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-evaluation.h"

#include "sim-oauth-error.h"

typedef struct {
	gint64 since; /* monotonic */
	gint64 when;  /* seconds since 1970 */
	gboolean person;
	gboolean endless;
} Event;

static JsonObject *
get_object(JsonObject *object, const char *name)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

gboolean
sim_evaluation_is_capable(const char *claims)
{
	g_autoptr(JsonNode) node = claims != NULL ? json_from_string(claims, NULL) : NULL;
	JsonObject *root = node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	JsonObject *capability = get_object(get_object(root, "access_token"), "xms_cc");
	JsonNode *member = capability != NULL ? json_object_get_member(capability, "values") : NULL;
	JsonArray *values = member != NULL && JSON_NODE_HOLDS_ARRAY(member) ? json_node_get_array(member) : NULL;

	for (guint i = 0; values != NULL && i < json_array_get_length(values); i++) {
		const char *value = json_array_get_string_element(values, i);

		if (value != NULL && g_ascii_strcasecmp(value, "cp1") == 0)
			return TRUE;
	}
	return FALSE;
}

void
sim_evaluation_begin(SimTenant *tenant, const char *address, gboolean person, gboolean endless)
{
	Event *event = g_new0(Event, 1);

	event->since = g_get_monotonic_time();
	event->when = g_get_real_time() / G_USEC_PER_SEC;
	event->person = person;
	event->endless = endless;
	g_hash_table_replace(tenant->events, g_ascii_strdown(address, -1), event);
}

static const Event *
find_event(SimTenant *tenant, const SimGrant *grant)
{
	g_autofree char *address = g_ascii_strdown(grant->address, -1);

	return g_hash_table_lookup(tenant->events, address);
}

gboolean
sim_evaluation_challenges(SimTenant *tenant, const SimGrant *grant)
{
	const Event *event = find_event(tenant, grant);

	return event != NULL && grant->capable && (event->endless || grant->issued <= event->since);
}

static char *
build_claims(const Event *event)
{
	return g_strdup_printf("{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"%" G_GINT64_FORMAT "\"}}}",
			       event->when);
}

void
sim_evaluation_set_challenge(SimTenant *tenant, const SimGrant *grant, const SimRequest *request, SimResponse *response)
{
	g_autofree char *claims = build_claims(find_event(tenant, grant));
	g_autofree char *encoded = g_base64_encode((const guchar *)claims, strlen(claims));
	g_autofree char *challenge =
		g_strdup_printf("Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", "
				"error=\"insufficient_claims\", claims=\"%s\"",
				request->origin, encoded);

	sim_response_set_error(response, request, 401, "InvalidAuthenticationToken",
			       "Continuous access evaluation resulted in challenge with result: InteractionRequired.",
			       NULL);
	soup_message_headers_replace(response->headers, "WWW-Authenticate", challenge);
}

gboolean
sim_evaluation_refuses(SimTenant *tenant, const SimGrant *grant, SimResponse *response)
{
	const Event *event = find_event(tenant, grant);
	g_autofree char *claims = NULL;

	if (event == NULL || !event->person || grant->born > event->since)
		return FALSE;
	claims = build_claims(event);
	sim_oauth_error_set_full(response, 400, "interaction_required", 50078,
				 "Presented multi-factor authentication has expired due to policies configured by your "
				 "administrator.",
				 "basic_action", claims);
	return TRUE;
}
