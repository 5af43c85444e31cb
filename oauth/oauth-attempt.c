/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-attempt.h"

#include "oauth-authorizer.h"

OauthAttempt *
oauth_attempt_new(GThread *previous)
{
	OauthAttempt *self = g_atomic_rc_box_new0(OauthAttempt);

	self->previous = previous;
	return self;
}

OauthAttempt *
oauth_attempt_ref(OauthAttempt *self)
{
	return g_atomic_rc_box_acquire(self);
}

static void
clear(gpointer data)
{
	OauthAttempt *self = data;

	oauth_token_free(self->token);
	g_clear_error(&self->error);
}

void
oauth_attempt_unref(OauthAttempt *self)
{
	g_atomic_rc_box_release_full(self, clear);
}

void
oauth_attempt_join(GThread *thread)
{
	if (thread == g_thread_self())
		g_thread_unref(thread);
	else if (thread != NULL)
		g_thread_join(thread);
}
