/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-session.h"

G_BEGIN_DECLS

#define IDP_CLIENT "test-client"
#define IDP_TENANT "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

/**
 * Idp:
 *
 * A scripted identity provider over real HTTP on loopback, on a thread of its own. Unless it is told what to answer
 * it does what the platform does: one code per authorize request, PKCE, rotation.
 */
typedef struct _Idp Idp;

Idp *idp_new(void);
void idp_free(Idp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Idp, idp_free)

const char *idp_get_origin(Idp *self);

/* The next token request gets this answer instead; @headers: `Name: value` or %NULL. Status 0: the body is cut short.
 */
void idp_push(Idp *self, guint status, const char *type, const char *body, const char *header);
/* How far its clock is ahead of ours: in the id tokens and in the `Date` of its answers. */
void idp_set_clock(Idp *self, gint64 seconds);
/* TRUE: as the platform does it, a refresh token that was used stays good; FALSE at first: it is refused. */
void idp_set_lenient(Idp *self, gboolean lenient);
/* Every token request takes that long. */
void idp_set_delay(Idp *self, guint milliseconds);
void idp_set_secret(Idp *self, const char *secret);
/* Who signs in from now on */
void idp_set_person(Idp *self, const char *oid);
/* FALSE: id tokens without tid and oid */
void idp_set_entra_claims(Idp *self, gboolean entra);
void idp_set_issuer_parameter(Idp *self, const char *iss);
void idp_set_expires_in(Idp *self, const char *json);
void idp_set_scope(Idp *self, const char *scope);
/* The authorize page sends the browser back with this error. */
void idp_deny(Idp *self, const char *error);

guint idp_count(Idp *self);
/* Parameters of the last requests; transfer full, nullable */
char *idp_dup_authorize(Idp *self, const char *name);
char *idp_dup_token(Idp *self, const char *name);
char *idp_dup_refresh_token(Idp *self);

/* A browser for oauth_session_sign_in(): user_data is the #Idp. Goes to the page and brings back what it says. */
gboolean idp_browser(const char *uri, gpointer user_data, GError **error);

/* A configuration of an account that signs in there */
OauthConfig *idp_build_config(Idp *self);

G_END_DECLS
