/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OauthDeviceCode:
 * @device_code: a secret; the polls alone name it
 * @user_code: what a person types at the other device; a secret while it lives, which belongs on the screen and nowhere
 *   else: not into a log, not into a window's title
 * @verification_uri: where it is typed; http or https
 * @openable: a button may open @verification_uri: it is https, or http on this machine
 * @expires: when the code ends, in microseconds of the monotonic clock
 * @interval: seconds between two polls, at least
 *
 * What the service answers to a device that asks to be signed in (OAUTH.md 9a, RFC 8628 3.2).
 */
typedef struct {
	char *device_code;
	char *user_code;
	char *verification_uri;
	gboolean openable;
	gint64 expires;
	double interval;
} OauthDeviceCode;

/* @now: when the answer came, by the monotonic clock. %NULL with %OAUTH_ERROR_PROTOCOL; no part of @data is in the
 * text. */
OauthDeviceCode *oauth_device_code_parse(const char *data, gsize length, gint64 now, GError **error);
OauthDeviceCode *oauth_device_code_copy(const OauthDeviceCode *self);
void oauth_device_code_free(OauthDeviceCode *self); /* wipes it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthDeviceCode, oauth_device_code_free)

/* Whole seconds that the code still has, rounded up; 0 when it is over. */
guint oauth_device_code_get_seconds_left(const OauthDeviceCode *self);

G_END_DECLS
