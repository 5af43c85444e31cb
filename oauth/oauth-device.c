/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-device.h"

#include <glib/gi18n-lib.h>

#include "oauth-endpoint.h"
#include "oauth-error.h"
#include "oauth-pause.h"

#define SLOW_DOWN 5.0	 /* seconds, added for good; RFC 8628 3.5 */
#define MAX_BACKOFF 60.0 /* seconds; what trouble on the way may make of the interval */

void
oauth_device_pace_heed(OauthDevicePace *self, OauthDeviceTurn turn, double asked)
{
	switch (turn) {
	case OAUTH_DEVICE_SLOW_DOWN:
		self->interval += SLOW_DOWN;
		self->wait = self->interval;
		break;
	case OAUTH_DEVICE_TROUBLE:
		self->wait = MAX(self->interval, MIN(2 * self->wait, MAX_BACKOFF));
		self->wait = MAX(self->wait, asked);
		break;
	case OAUTH_DEVICE_PENDING:
	default:
		self->wait = self->interval;
		break;
	}
}

/* Before each poll, the first one included. FALSE when the code ends before the wait does. */
static gboolean
wait_for_turn(const OauthDeviceCode *code, double wait, GCancellable *cancellable, GError **error)
{
	double left = (double)(code->expires - g_get_monotonic_time()) / G_USEC_PER_SEC;

	if (!oauth_pause(CLAMP(left, 0, wait), cancellable, error))
		return FALSE;
	if (wait < left)
		return TRUE;
	g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT,
			    _("The code has expired. Start the sign-in again."));
	return FALSE;
}

static gboolean
is_refusal(const OauthTrouble *trouble, const char *name)
{
	return trouble->refusal != NULL && g_str_equal(trouble->refusal->error, name);
}

static OauthGrant *
poll_until_decided(const OauthConfig *config, const char *client_secret, const OauthDeviceCode *code,
		   const char *claims, GTlsDatabase *tls_database, GCancellable *cancellable, GError **error)
{
	g_auto(OauthTrouble) trouble = {0};
	OauthDevicePace pace = {code->interval, code->interval};

	while (wait_for_turn(code, pace.wait, cancellable, error)) {
		g_autoptr(GError) cause = NULL;
		OauthGrant *grant = oauth_endpoint_poll_device(config, client_secret, code->device_code, claims,
							       tls_database, &trouble, cancellable, &cause);

		if (grant != NULL)
			return grant;
		if (is_refusal(&trouble, "slow_down")) {
			oauth_device_pace_heed(&pace, OAUTH_DEVICE_SLOW_DOWN, 0);
		} else if (is_refusal(&trouble, "authorization_pending")) {
			oauth_device_pace_heed(&pace, OAUTH_DEVICE_PENDING, 0);
		} else if (g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE)) {
			oauth_device_pace_heed(&pace, OAUTH_DEVICE_TROUBLE, trouble.told ? trouble.wait : 0);
		} else {
			g_propagate_error(error, g_steal_pointer(&cause));
			return NULL;
		}
	}
	return NULL;
}

OauthSignin *
oauth_device_run(const OauthConfig *config, const char *client_secret, const char *claims, GTlsDatabase *tls_database,
		 OauthShowCode show_code, gpointer user_data, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthSignin) self = g_new0(OauthSignin, 1);
	g_autoptr(OauthDeviceCode) code = NULL;
	g_auto(OauthTrouble) trouble = {0};

	if (!oauth_config_validate(config, error))
		return NULL;
	code = oauth_endpoint_begin_device(config, client_secret, claims, tls_database, &trouble, cancellable, error);
	if (code == NULL)
		return NULL;
	show_code(code, user_data);
	self->grant = poll_until_decided(config, client_secret, code, claims, tls_database, cancellable, error);
	if (self->grant == NULL)
		return NULL;
	self->claims = oauth_signin_identify(config, self->grant, NULL, error);
	if (self->claims == NULL)
		return NULL;
	return g_steal_pointer(&self);
}
