/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of a session share; for them alone. */

#include "oauth-access.h"
#include "oauth-attempt.h"
#include "oauth-challenge.h"
#include "oauth-credential.h"
#include "oauth-session.h"
#include "oauth-token.h"

G_BEGIN_DECLS

/*
 * Everything below @lock is guarded by it. Nothing blocks while it is held: a thread that reads or writes the keyring
 * or asks the token endpoint for this account holds @busy instead, and the others wait on @cond.
 */
struct _OauthSession {
	GObject parent_instance;

	OauthKeyring *keyring;
	GTlsDatabase *tls_database;
	OauthProxy *proxy;
	GCancellable *closing; /* ends the attempt under way with the object */

	GMutex lock;
	GCond cond;
	OauthConfig *config;
	OauthState state;
	OauthCredential *credential; /* nullable */
	OauthAccess access;
	guint epoch;	  /* of the settings and the person; what was begun in another one is void */
	gboolean renew;	  /* asked for, whatever the access token is */
	guint rejections; /* in a row, each soon after the token was minted */
	guint declined;	  /* sign-ins, in a row */
	OauthChallenge challenge;
	gboolean busy;
	OauthAttempt *attempt; /* nullable: what @busy is held for, if it is that */
	GThread *thread;       /* of the last attempt */
	gboolean signing_in;
	gboolean uses_client_secret;
	char *owner;	    /* (nullable): the one who may sign in, whatever the keyring says */
	char *owner_name;   /* (nullable) */
	gboolean choose;    /* who signs in: the last one was the wrong one */
	gint64 cool_until;  /* monotonic */
	gboolean cool_told; /* by the service */
	char **scopes_lost; /* (nullable): and nobody was told yet */
	gboolean all_lost;  /* these: which one was refused is not known */
	GError *failure;    /* of the last refresh: why there is no token while cooling or signed out */
};

/* With the lock held: releases it, and emits what is due when the state is another one than @before. */
void oauth_session_unlock_and_tell(OauthSession *self, OauthState before);

/* Wakes those who wait on the session when @cancellable (nullable) is cancelled; ended by g_cancellable_disconnect().
 */
gulong oauth_session_watch(OauthSession *self, GCancellable *cancellable);

/* Takes @busy; to be ended with oauth_session_end_busy(). The lock is held afterwards only on success. */
gboolean oauth_session_begin_busy(OauthSession *self, GCancellable *cancellable, GError **error);
void oauth_session_end_busy(OauthSession *self); /* with the lock held, as all that follow */

/* With @busy held, too: settles the state by the keyring; the lock is released meanwhile. */
gboolean oauth_session_load_busy(OauthSession *self, GCancellable *cancellable, GError **error);

void oauth_session_clear_failure(OauthSession *self);

/* @by_person: a person has just signed in, which meets a claims challenge. */
void oauth_session_take_grant(OauthSession *self, const OauthGrant *grant, gboolean by_person);

/* Gives up what only features need: @names, with %NULL all of it; oauth_session_unlock_and_tell() says so. */
void oauth_session_lose_scopes(OauthSession *self, char **names);

/* Of #OauthAuthorizer; without the lock */
char *oauth_session_acquire_token(OauthAuthorizer *authorizer, GCancellable *cancellable, GError **error);
void oauth_session_reject_token(OauthAuthorizer *authorizer, const char *token, const char *claims);

G_END_DECLS
