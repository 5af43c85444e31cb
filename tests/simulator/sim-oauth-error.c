/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-oauth-error.h"

static char *
describe(guint code, const char *message, const char *trace, const char *correlation, const char *time)
{
	return g_strdup_printf("AADSTS%u: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", code, message,
			       trace, correlation, time);
}

static char *
now(void)
{
	g_autoptr(GDateTime) time = g_date_time_new_now_utc();

	return g_date_time_format(time, "%Y-%m-%d %H:%M:%SZ");
}

char *
sim_oauth_error_describe(guint code, const char *message)
{
	g_autofree char *trace = g_uuid_string_random();
	g_autofree char *correlation = g_uuid_string_random();
	g_autofree char *time = now();

	return describe(code, message, trace, correlation, time);
}

void
sim_oauth_error_set_full(SimResponse *response, guint status, const char *error, guint code, const char *message,
			 const char *suberror, const char *claims)
{
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *codes = json_array_new();
	g_autofree char *trace = g_uuid_string_random();
	g_autofree char *correlation = g_uuid_string_random();
	g_autofree char *time = now();
	g_autofree char *description = describe(code, message, trace, correlation, time);
	g_autofree char *uri = g_strdup_printf("https://login.microsoftonline.com/error?code=%u", code);

	json_array_add_int_element(codes, code);
	json_object_set_string_member(object, "error", error);
	json_object_set_string_member(object, "error_description", description);
	json_object_set_array_member(object, "error_codes", codes);
	json_object_set_string_member(object, "timestamp", time);
	json_object_set_string_member(object, "trace_id", trace);
	json_object_set_string_member(object, "correlation_id", correlation);
	json_object_set_string_member(object, "error_uri", uri);
	if (suberror != NULL)
		json_object_set_string_member(object, "suberror", suberror);
	if (claims != NULL)
		json_object_set_string_member(object, "claims", claims);
	sim_response_set_object(response, status, object);
	soup_message_headers_replace(response->headers, "Content-Type", "application/json; charset=utf-8");
	soup_message_headers_replace(response->headers, "Cache-Control", "no-store, no-cache");
}

void
sim_oauth_error_set(SimResponse *response, guint status, const char *error, guint code, const char *message,
		    const char *reference)
{
	sim_oauth_error_set_full(response, status, error, code, message, NULL, NULL);
	if (reference != NULL) {
		g_free(response->refusal);
		response->refusal = g_strdup_printf("AADSTS%u: %s (%s)", code, message, reference);
	}
}
