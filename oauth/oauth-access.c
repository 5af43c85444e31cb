/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-access.h"

#include "oauth-authorizer.h"

#define MARGIN (300 * G_TIME_SPAN_SECOND)

void
oauth_access_set(OauthAccess *self, const char *token, guint seconds)
{
	oauth_access_clear(self);
	self->token = g_strdup(token);
	self->lifetime = seconds * G_TIME_SPAN_SECOND;
	self->minted = g_get_monotonic_time();
	self->mono_end = self->minted + self->lifetime;
	self->real_end = g_get_real_time() + self->lifetime;
}

void
oauth_access_clear(OauthAccess *self)
{
	g_clear_pointer(&self->token, oauth_token_free);
}

static gint64
get_time_left(const OauthAccess *self)
{
	return MIN(self->mono_end - g_get_monotonic_time(), self->real_end - g_get_real_time());
}

gboolean
oauth_access_is_valid(const OauthAccess *self)
{
	return self->token != NULL && get_time_left(self) > 0;
}

gboolean
oauth_access_is_fresh(const OauthAccess *self)
{
	return self->token != NULL && get_time_left(self) > MIN(MARGIN, self->lifetime / 2);
}

gint64
oauth_access_get_age(const OauthAccess *self)
{
	return g_get_monotonic_time() - self->minted;
}
