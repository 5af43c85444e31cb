/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OauthAttempt:
 * @done: the renewal is over, and one of @token and @error is set
 * @token: (nullable): the access token
 * @error: (nullable): why there is none
 * @previous: (nullable): the thread of the attempt before, joined by this one's, so that the last thread to be joined
 *   is the last of all
 *
 * One renewal of an access token, for all who wait for it. Guarded by the lock of its session.
 */
typedef struct {
	gboolean done;
	char *token;
	GError *error;
	GThread *previous;
} OauthAttempt;

OauthAttempt *oauth_attempt_new(GThread *previous);
OauthAttempt *oauth_attempt_ref(OauthAttempt *self);
void oauth_attempt_unref(OauthAttempt *self);

/* @thread: (nullable) (transfer full). Does not wait for the thread that calls. */
void oauth_attempt_join(GThread *thread);

G_END_DECLS
