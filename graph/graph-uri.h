/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): @id as one segment of a path; ids hold `=`, `/` and `+`. */
char *graph_uri_escape_segment(const char *id);

/* (transfer full): @value as part of a query; for a literal in single quotes call graph_uri_quote() first. */
char *graph_uri_escape_query(const char *value);

/* (transfer full): an OData string literal, with its quotes; not yet escaped for a URL. */
char *graph_uri_quote(const char *value);

/* Whether both are of one scheme, host and port; the names of the own machine (`localhost`, 127.0.0.1) are one. */
gboolean graph_uri_same_origin(GUri *one, GUri *other);

/* https, or http to a loopback address or `localhost`: the only places a token may go (OAUTH.md 11, Bearer). */
gboolean graph_uri_is_trustworthy(GUri *uri);

/* (transfer full): the path for logs and errors: no query, and `…` in place of ids and addresses. */
char *graph_uri_redact(GUri *uri);

G_END_DECLS
