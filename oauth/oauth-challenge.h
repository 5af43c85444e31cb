/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OauthChallenge:
 * @claims: (nullable): what a resource, or the token endpoint, asked for and no token meets yet
 * @met: (nullable): what the token at hand was made for
 * @by_person: and whether a person signed in for it
 *
 * Where a session stands with claims challenges (OAUTH.md 8). Begins as zeros.
 */
typedef struct {
	char *claims;
	char *met;
	gboolean by_person;
} OauthChallenge;

void oauth_challenge_clear(OauthChallenge *self);

/* @claims: (nullable); what is no JSON object of at most 16 KiB counts as none */
void oauth_challenge_take(OauthChallenge *self, const char *claims);

/* A token came. */
void oauth_challenge_meet(OauthChallenge *self, gboolean by_person);

/* Whether a token that was made for a challenge is challenged again: more of the same would go on for ever. */
gboolean oauth_challenge_repeats(const OauthChallenge *self, const char *claims);

/*
 * The `claims` of a request for tokens: that this client understands challenges (`cp1`), and what @challenge (nullable)
 * asks for.
 */
char *oauth_challenge_build_claims(const char *challenge);

G_END_DECLS
