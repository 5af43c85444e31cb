/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-front.h"

#include "sim-evaluation.h"

/* API.md 5.5: the ceiling of one REST request. */
#define MAX_BODY (4 * 1024 * 1024)

/* API.md 15: requests of one mailbox that run at the same time. */
#define MAX_IN_FLIGHT 4

/* Smaller bodies gain nothing by compression. */
#define MIN_GZIP 512

static gboolean
is_below(const char *path, const char *root)
{
	gsize length = strlen(root);

	return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

gboolean
sim_front_is_graph(const char *path)
{
	return is_below(path, "/v1.0") || is_below(path, "/beta") || is_below(path, "/_upload");
}

static const char *
get_bearer(const SimRequest *request)
{
	const char *header = soup_message_headers_get_one(request->headers, "Authorization");

	if (header == NULL || g_ascii_strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	return header + 7;
}

char *
sim_front_get_mailbox(SimTenant *tenant, const SimRequest *request)
{
	const SimGrant *grant = sim_tokens_find(tenant->tokens, SIM_TOKEN_ACCESS, get_bearer(request));

	if (grant == NULL)
		return NULL;
	/* segments: v1.0, users, address, … */
	if (g_strv_length(request->segments) > 2 && g_ascii_strcasecmp(request->segments[1], "users") == 0)
		return g_ascii_strdown(request->segments[2], -1);
	return g_ascii_strdown(grant->address, -1);
}

static void
refuse_token(const SimRequest *request, SimResponse *response, const char *message)
{
	g_autofree char *challenge =
		g_strdup_printf("Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", "
				"client_id=\"00000003-0000-0000-c000-000000000000\"",
				request->origin);

	sim_response_set_error(response, request, 401, "InvalidAuthenticationToken", message, "API.md 14.2");
	soup_message_headers_replace(response->headers, "WWW-Authenticate", challenge);
}

static gboolean
check_token(SimTenant *tenant, SimRequest *request, SimResponse *response)
{
	const char *token = get_bearer(request);
	const SimGrant *grant = sim_tokens_find(tenant->tokens, SIM_TOKEN_ACCESS, token);

	if (token == NULL || *token == '\0')
		refuse_token(request, response, "Access token is empty.");
	else if (grant == NULL)
		refuse_token(request, response, "CompactToken parsing failed with error code: 80049217");
	else if (grant->revoked)
		refuse_token(request, response, "Access token has been revoked.");
	else if (sim_grant_is_over(grant))
		refuse_token(request, response, "Lifetime validation failed, the token is expired.");
	else if (sim_evaluation_challenges(tenant, grant))
		sim_evaluation_set_challenge(tenant, grant, request, response);
	else {
		request->user = g_strdup(grant->address);
		request->scopes = g_strdupv(grant->scopes);
		return TRUE;
	}
	return FALSE;
}

/* The Graph side knows paths below the version only. */
static void
strip_version(SimRequest *request)
{
	char *path = g_strdup(request->path + strlen("/v1.0"));
	char **segments = g_strdupv(request->segments + 1);

	g_free(request->path);
	g_strfreev(request->segments);
	request->path = path;
	request->segments = segments;
}

void
sim_front_handle(SimTenant *tenant, SimRequest *request, SimResponse *response)
{
	if (is_below(request->path, "/_upload")) {
		if (soup_message_headers_get_one(request->headers, "Authorization") != NULL)
			sim_response_set_error(response, request, 401, "InvalidAuthenticationToken",
					       "An upload session takes no token.", "API.md 2.1");
		else
			sim_graph_handle(tenant->graph, request, response);
		return;
	}
	if (!is_below(request->path, "/v1.0")) {
		sim_response_set_error(response, request, 404, "BadRequest", "This tenant serves /v1.0 only.",
				       "API.md 1");
		return;
	}
	if (!check_token(tenant, request, response))
		return;
	if (g_bytes_get_size(request->body) > MAX_BODY) {
		sim_response_set_error(response, request, 413, "RequestEntityTooLarge",
				       "The maximum request length supported is 4MB.", "API.md 5.5");
		return;
	}
	if (request->in_flight > MAX_IN_FLIGHT) {
		sim_response_set_error(response, request, 429, "ApplicationThrottled",
				       "Application is over its MailboxConcurrency limit.", "API.md 15");
		soup_message_headers_replace(response->headers, "Retry-After", "1");
		return;
	}
	strip_version(request);
	sim_graph_handle(tenant->graph, request, response);
}

/* API.md 14.1, 15: errors of authority and load, which sim_graph_handle() never sees, have ids too. */
static void
set_ids(const SimRequest *request, SimResponse *response)
{
	const char *client_id = soup_message_headers_get_one(request->headers, "client-request-id");
	g_autofree char *fresh = NULL;

	if (soup_message_headers_get_one(response->headers, "request-id") == NULL) {
		fresh = g_uuid_string_random();
		soup_message_headers_replace(response->headers, "request-id", fresh);
	}
	if (client_id == NULL)
		client_id = soup_message_headers_get_one(response->headers, "request-id");
	soup_message_headers_replace(response->headers, "client-request-id", client_id);
}

static void
compress(SimResponse *response)
{
	g_autoptr(GConverter) compressor = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(GOutputStream) stream = g_converter_output_stream_new(memory, compressor);
	g_autoptr(GBytes) body = NULL;

	if (!g_output_stream_write_all(stream, g_bytes_get_data(response->body, NULL),
				       g_bytes_get_size(response->body), NULL, NULL, NULL) ||
	    !g_output_stream_close(stream, NULL, NULL))
		return;
	body = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(memory));
	sim_response_set_bytes(response, response->status, NULL, body);
	soup_message_headers_replace(response->headers, "Content-Encoding", "gzip");
	soup_message_headers_replace(response->headers, "Vary", "Accept-Encoding");
}

void
sim_front_finish(const SimRequest *request, SimResponse *response)
{
	const char *accepted = soup_message_headers_get_list(request->headers, "Accept-Encoding");
	GSList *codings = accepted != NULL ? soup_header_parse_quality_list(accepted, NULL) : NULL;

	set_ids(request, response);
	if (g_slist_find_custom(codings, "gzip", (GCompareFunc)g_ascii_strcasecmp) != NULL &&
	    g_bytes_get_size(response->body) >= MIN_GZIP)
		compress(response);
	soup_header_free_list(codings);
}
