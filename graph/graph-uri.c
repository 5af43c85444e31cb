/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-uri.h"

#include <gio/gio.h>

/* Longer segments of a path are ids; the longest word of the API that we use is `singleValueExtendedProperties`. */
#define LONGEST_WORD 30

char *
graph_uri_escape_segment(const char *id)
{
	return g_uri_escape_string(id, NULL, FALSE);
}

char *
graph_uri_escape_query(const char *value)
{
	return g_uri_escape_string(value, "$'()/:,@", FALSE);
}

char *
graph_uri_quote(const char *value)
{
	GString *literal = g_string_new(value);

	g_string_replace(literal, "'", "''", 0);
	g_string_prepend_c(literal, '\'');
	g_string_append_c(literal, '\'');
	return g_string_free(literal, FALSE);
}

static int
get_port(GUri *uri)
{
	int port = g_uri_get_port(uri);

	if (port > 0)
		return port;
	return g_strcmp0(g_uri_get_scheme(uri), "https") == 0 ? 443 : 80;
}

static gboolean
is_loopback(const char *host)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	return g_ascii_strcasecmp(host, "localhost") == 0 ||
	       (address != NULL && g_inet_address_get_is_loopback(address));
}

gboolean
graph_uri_same_origin(GUri *one, GUri *other)
{
	const char *host = g_uri_get_host(one);
	const char *other_host = g_uri_get_host(other);

	return g_strcmp0(g_uri_get_scheme(one), g_uri_get_scheme(other)) == 0 && host != NULL && other_host != NULL &&
	       get_port(one) == get_port(other) &&
	       (g_ascii_strcasecmp(host, other_host) == 0 || (is_loopback(host) && is_loopback(other_host)));
}

gboolean
graph_uri_is_trustworthy(GUri *uri)
{
	const char *scheme = g_uri_get_scheme(uri);
	const char *host = g_uri_get_host(uri);

	if (host == NULL || *host == '\0')
		return FALSE;
	if (g_strcmp0(scheme, "https") == 0)
		return TRUE;
	return g_strcmp0(scheme, "http") == 0 && is_loopback(host);
}

char *
graph_uri_redact(GUri *uri)
{
	g_auto(GStrv) segments = g_strsplit(g_uri_get_path(uri), "/", -1);

	for (guint i = 0; segments[i] != NULL; i++) {
		const char *previous = i > 0 ? segments[i - 1] : "";
		char *key = strchr(segments[i], '(');

		if (strlen(segments[i]) > LONGEST_WORD || strchr(segments[i], '@') != NULL ||
		    strchr(segments[i], '%') != NULL || g_ascii_strcasecmp(previous, "users") == 0) {
			char *shown = key != NULL ? g_strdup_printf("%.*s(…)", (int)(key - segments[i]), segments[i])
						  : g_strdup("…");

			g_free(segments[i]);
			segments[i] = shown;
		}
	}
	return g_strjoinv("/", segments);
}
