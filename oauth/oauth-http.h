/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "oauth-proxy.h"

G_BEGIN_DECLS

/**
 * OauthAnswer:
 * @body: ends with a NUL that is not counted; wiped when freed
 * @retry_after: seconds, negative when the server did not say; at most one hour
 * @date: seconds since 1970 by the server's clock (RFC 9110 6.6.1), by ours when it did not say
 */
typedef struct {
	guint status;
	char *body;
	gsize length;
	double retry_after;
	gint64 date;
} OauthAnswer;

void oauth_answer_free(OauthAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthAnswer, oauth_answer_free)

/* Seconds out of a `Retry-After` (a number, also a fractional one, or a date); negative for none, capped to one
 * hour */
double oauth_http_parse_retry_after(const char *value, gint64 now);

/*
 * Posts a form (NULL-terminated names and values, a pair with a %NULL value is left out) to the token endpoint.
 * @proxy: (nullable): the way; %NULL for what the desktop says.
 * Follows no redirect, checks TLS always, reads at most 1 MiB. %OAUTH_ERROR_UNAVAILABLE when there was no whole
 * answer.
 */
OauthAnswer *oauth_http_post(const char *uri, const char *const *form, GTlsDatabase *tls_database, OauthProxy *proxy,
			     GCancellable *cancellable, GError **error);

G_END_DECLS
