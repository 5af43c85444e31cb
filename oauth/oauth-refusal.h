/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "oauth-error.h"

G_BEGIN_DECLS

/**
 * OauthRefusal:
 * @error: the `error` that steers; never %NULL
 * @suberror: (nullable)
 * @claims: (nullable): a JSON object to be sent along with the next authorize request
 * @code: the AADSTS number, 0 when there was none; chooses words only
 * @correlation_id, @trace_id, @timestamp: (nullable): for a report to the administrator
 *
 * The identity platform said no (OAUTH.md 4.2 and 7). Everything in it was cut down to harmless characters.
 */
typedef struct {
	char *error;
	char *suberror;
	char *claims;
	guint code;
	char *correlation_id;
	char *trace_id;
	char *timestamp;
} OauthRefusal;

/* Of a token answer's body; %NULL when it has no `error` */
OauthRefusal *oauth_refusal_from_json(JsonObject *object);
/* Of the parameters at the listener; all but @error may be %NULL */
OauthRefusal *oauth_refusal_new(const char *error, const char *suberror, const char *description);
void oauth_refusal_free(OauthRefusal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthRefusal, oauth_refusal_free)

/* The caller's next step, by `error` and `suberror` */
OauthError oauth_refusal_get_step(const OauthRefusal *self);
/* TRUE when the refresh token is of no use any more */
gboolean oauth_refusal_kills_token(const OauthRefusal *self);

/* TRUE when a permission was not granted, or is no longer (OAUTH.md 6): without it, the rest may work */
gboolean oauth_refusal_is_about_consent(const OauthRefusal *self);

/* A sentence, a next step and the details, translated */
GError *oauth_refusal_to_error(const OauthRefusal *self);

/* TRUE for a JSON object of at most 16 KiB (OAUTH.md 8) */
gboolean oauth_refusal_check_claims(const char *claims);

G_END_DECLS
