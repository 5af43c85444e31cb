/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the tenant has handed out: each is a random string that stands for a grant kept here. */

typedef enum {
	SIM_TOKEN_TICKET, /* the consent page's hidden field */
	SIM_TOKEN_CODE,
	SIM_TOKEN_ACCESS,
	SIM_TOKEN_REFRESH,
	SIM_TOKEN_DEVICE,
	SIM_TOKEN_N_KINDS,
} SimTokenKind;

typedef enum {
	SIM_DECISION_NONE, /* of a device code: nobody has answered yet */
	SIM_DECISION_ACCEPTED,
	SIM_DECISION_DECLINED,
} SimDecision;

/* OAUTH.md 10: days without use */
#define SIM_REFRESH_LIFETIME (90 * 24 * 3600)

/**
 * SimGrant:
 * @tenant: as in the path of the endpoint that made it
 * @address: the person; %NULL for a ticket or an unanswered device code
 * @scopes: short names of Graph's and OpenID's scopes, ended by %NULL
 * @expires: monotonic microseconds
 * @qualified_scopes: they were asked for with the resource in front, and are answered so
 * @interval: seconds between two polls of a device code
 * @last_poll: monotonic microseconds; 0: there was none that counts
 * @born: monotonic microseconds: when the person began the sign-in
 * @issued: monotonic microseconds: when the token that stands for it was made
 * @capable: an access token whose client understands a claims challenge
 * @used: a code that was redeemed
 * @revoked: a refresh or access token that the tenant took back
 */
typedef struct {
	char *tenant;
	char *client_id;
	char *address;
	char **scopes;
	char *redirect_uri;
	char *response_mode;
	char *state;
	char *challenge;
	gboolean plain_challenge;
	gboolean qualified_scopes;
	char *nonce;
	char *login_hint;
	char *user_code;
	gboolean client_info;
	gint64 expires;
	double interval;
	gint64 last_poll;
	gint64 born;
	gint64 issued;
	gboolean capable;
	gboolean used;
	gboolean revoked;
	SimDecision decision;
} SimGrant;

SimGrant *sim_grant_new(const char *tenant, const char *client_id, const char *address, const char *const *scopes);
SimGrant *sim_grant_copy(const SimGrant *self);
void sim_grant_free(SimGrant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimGrant, sim_grant_free)

gboolean sim_grant_is_over(const SimGrant *self);

typedef struct _SimTokens SimTokens;

SimTokens *sim_tokens_new(void);
void sim_tokens_free(SimTokens *self);

/* Takes @grant, good for @lifetime seconds. Returns the token (transfer full). */
char *sim_tokens_issue(SimTokens *self, SimTokenKind kind, SimGrant *grant, guint lifetime);

/* (nullable) (transfer none): used, revoked and expired ones are found too, see the grant */
SimGrant *sim_tokens_find(SimTokens *self, SimTokenKind kind, const char *token);
SimGrant *sim_tokens_find_user_code(SimTokens *self, const char *user_code);
void sim_tokens_remove(SimTokens *self, SimTokenKind kind, const char *token);

/* @address %NULL: everybody's. Expires or revokes all tokens of that kind. */
void sim_tokens_expire(SimTokens *self, SimTokenKind kind, const char *address);
void sim_tokens_revoke(SimTokens *self, SimTokenKind kind, const char *address);

/* (element-type utf8) (transfer container): every code, token and device code that was ever made */
GPtrArray *sim_tokens_list(SimTokens *self);

/* @length random bytes as base64url (transfer full). */
char *sim_random_string(gsize length);

G_END_DECLS
