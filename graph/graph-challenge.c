/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-challenge.h"

#include <libsoup/soup.h>

#include "graph-json.h"

/* OAUTH.md 8 */
#define MAX_CLAIMS (16 * 1024)

/*
 * A list item that starts a challenge has a scheme and a blank before its first parameter, or is a scheme alone.
 * Returns the parameter within @item, %NULL if there is none; @scheme_length is 0 where no challenge starts.
 */
static const char *
split_scheme(const char *item, gsize *scheme_length)
{
	gsize length = strcspn(item, " \t=\"");
	const char *rest = item + length + strspn(item + length, " \t");

	if (*rest == '=') {
		*scheme_length = 0;
		return item;
	}
	*scheme_length = length;
	return *rest != '\0' ? rest : NULL;
}

/* Base64 as in the pages, but base64url and missing padding are taken as well. */
static char *
decode_claims(const char *encoded)
{
	g_autoptr(GString) text = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autofree guchar *decoded = NULL;
	gsize length = 0;

	if (strlen(encoded) > MAX_CLAIMS)
		return NULL;
	text = g_string_new(encoded);
	g_string_replace(text, "-", "+", 0);
	g_string_replace(text, "_", "/", 0);
	while (text->len % 4 != 0)
		g_string_append_c(text, '=');

	decoded = g_base64_decode(text->str, &length);
	object = graph_json_parse((const char *)decoded, length, NULL);
	return object != NULL ? graph_json_print(object) : NULL;
}

static char *
claims_of(const char *scheme, GHashTable *params)
{
	const char *claims = g_hash_table_lookup(params, "claims");

	if (g_ascii_strcasecmp(scheme, "Bearer") != 0 || claims == NULL ||
	    g_strcmp0(g_hash_table_lookup(params, "error"), "insufficient_claims") != 0)
		return NULL;
	return decode_claims(claims);
}

char *
graph_challenge_get_claims(const char *header)
{
	g_autoptr(GHashTable) params = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *scheme = g_strdup("");
	GSList *items = soup_header_parse_list(header);
	char *claims = NULL;

	for (GSList *l = items; l != NULL && claims == NULL; l = l->next) {
		gsize scheme_length;
		const char *param = split_scheme(l->data, &scheme_length);

		if (scheme_length > 0) {
			claims = claims_of(scheme, params);
			g_hash_table_remove_all(params);
			g_free(scheme);
			scheme = g_strndup(l->data, scheme_length);
		}
		if (param != NULL) {
			GHashTable *parsed = soup_header_parse_param_list(param);
			GHashTableIter iter;
			gpointer name, value;

			g_hash_table_iter_init(&iter, parsed);
			while (g_hash_table_iter_next(&iter, &name, &value))
				g_hash_table_insert(params, g_ascii_strdown(name, -1), g_strdup(value));
			soup_header_free_param_list(parsed);
		}
	}
	if (claims == NULL)
		claims = claims_of(scheme, params);
	soup_header_free_list(items);
	return claims;
}
