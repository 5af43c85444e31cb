/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-signin.h"

G_BEGIN_DECLS

typedef enum {
	OAUTH_DEVICE_PENDING,	/* nobody has decided yet */
	OAUTH_DEVICE_SLOW_DOWN, /* the polls come too fast */
	OAUTH_DEVICE_TROUBLE,	/* no answer, or a service that is busy */
} OauthDeviceTurn;

/**
 * OauthDevicePace:
 * @interval: seconds between two polls, by the server's word
 * @wait: seconds before the next one
 */
typedef struct {
	double interval;
	double wait;
} OauthDevicePace;

/* @asked: the seconds of a `Retry-After`, 0 for none. RFC 8628 3.5: slow_down adds 5 seconds for good; trouble doubles
 * the wait, up to a minute, until there is an answer. */
void oauth_device_pace_heed(OauthDevicePace *self, OauthDeviceTurn turn, double asked);

/*
 * One attempt of the device authorization grant (OAUTH.md 9a, RFC 8628): a code, @show_code, polls, tokens. Keeps
 * nothing. Ends with %OAUTH_ERROR_TIMED_OUT when the code does, and at once when cancelled.
 * @client_secret: (nullable); @claims: (nullable): of a claims challenge
 */
OauthSignin *oauth_device_run(const OauthConfig *config, const char *client_secret, const char *claims,
			      GTlsDatabase *tls_database, OauthShowCode show_code, gpointer user_data,
			      GCancellable *cancellable, GError **error);

G_END_DECLS
