/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OauthAccess:
 * @token: (nullable): the access token, a secret that never leaves the memory
 *
 * An access token and its time. Two clocks measure it and the earlier end counts: one stands still while the computer
 * sleeps, the other can be set (OAUTH.md 10). Begins as zeros.
 */
typedef struct {
	char *token;
	/* microseconds */
	gint64 minted;
	gint64 lifetime;
	gint64 mono_end;
	gint64 real_end;
} OauthAccess;

void oauth_access_set(OauthAccess *self, const char *token, guint seconds);
void oauth_access_clear(OauthAccess *self);

/* TRUE when there is a token that has not ended */
gboolean oauth_access_is_valid(const OauthAccess *self);
/* TRUE when it need not be renewed yet: five minutes before its end, or at half its life */
gboolean oauth_access_is_fresh(const OauthAccess *self);
/* Microseconds since it was set */
gint64 oauth_access_get_age(const OauthAccess *self);

G_END_DECLS
