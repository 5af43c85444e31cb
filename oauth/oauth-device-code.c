/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-device-code.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-authorizer.h"
#include "oauth-cloud.h"
#include "oauth-error.h"
#include "oauth-json.h"

#define DEFAULT_INTERVAL 5.0 /* seconds; RFC 8628 3.2 */
#define MIN_INTERVAL 0.1
#define MAX_LIFETIME (24 * 3600.0)
#define MAX_USER_CODE 64
#define MAX_URI 2048

static gboolean
is_visible(const char *text)
{
	for (; *text != '\0'; text++) {
		if (!g_ascii_isgraph(*text))
			return FALSE;
	}
	return TRUE;
}

/* A person has to read it off the screen, in one line. */
static gboolean
is_user_code(const char *code)
{
	if (*code == '\0' || strlen(code) > MAX_USER_CODE)
		return FALSE;
	for (; *code != '\0'; code = g_utf8_next_char(code)) {
		if (!g_unichar_isprint(g_utf8_get_char(code)))
			return FALSE;
	}
	return TRUE;
}

/* Sets @openable of an address of the web; FALSE for any other. */
static gboolean
check_uri(const char *text, gboolean *openable)
{
	g_autoptr(GUri) uri = NULL;
	gboolean plain;

	if (strlen(text) > MAX_URI || !is_visible(text))
		return FALSE;
	uri = g_uri_parse(text, G_URI_FLAGS_ENCODED, NULL);
	if (uri == NULL || g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
	    g_uri_get_userinfo(uri) != NULL)
		return FALSE;
	plain = g_str_equal(g_uri_get_scheme(uri), "http");
	if (!plain && !g_str_equal(g_uri_get_scheme(uri), "https"))
		return FALSE;
	*openable = !plain || oauth_cloud_is_loopback(text);
	return TRUE;
}

static gboolean
read_times(JsonObject *object, OauthDeviceCode *self, gint64 now)
{
	double lifetime;

	if (!oauth_json_get_number(object, "expires_in", &lifetime))
		return FALSE;
	self->expires = now + (gint64)(CLAMP(lifetime, 0, MAX_LIFETIME) * G_USEC_PER_SEC);
	if (!json_object_has_member(object, "interval"))
		self->interval = DEFAULT_INTERVAL;
	else if (!oauth_json_get_number(object, "interval", &self->interval))
		return FALSE;
	self->interval = self->interval > 0 ? CLAMP(self->interval, MIN_INTERVAL, MAX_LIFETIME) : DEFAULT_INTERVAL;
	return TRUE;
}

OauthDeviceCode *
oauth_device_code_parse(const char *data, gsize length, gint64 now, GError **error)
{
	g_autoptr(JsonObject) object = oauth_json_parse(data, length);
	g_autoptr(OauthDeviceCode) self = g_new0(OauthDeviceCode, 1);
	const char *device_code = object != NULL ? oauth_json_get_string(object, "device_code") : NULL;
	const char *user_code = object != NULL ? oauth_json_get_string(object, "user_code") : NULL;
	const char *uri = object != NULL ? oauth_json_get_string(object, "verification_uri") : NULL;

	if (device_code == NULL || *device_code == '\0' || user_code == NULL || !is_user_code(user_code) ||
	    !read_times(object, self, now)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
				    _("The sign-in service sent no usable code for another device."));
		return NULL;
	}
	if (uri == NULL || !check_uri(uri, &self->openable)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
				    _("The sign-in service did not say on which web page the code is to be entered."));
		return NULL;
	}
	self->device_code = g_strdup(device_code);
	self->user_code = g_strdup(user_code);
	self->verification_uri = g_strdup(uri);
	return g_steal_pointer(&self);
}

OauthDeviceCode *
oauth_device_code_copy(const OauthDeviceCode *self)
{
	OauthDeviceCode *copy = g_new0(OauthDeviceCode, 1);

	copy->device_code = g_strdup(self->device_code);
	copy->user_code = g_strdup(self->user_code);
	copy->verification_uri = g_strdup(self->verification_uri);
	copy->openable = self->openable;
	copy->expires = self->expires;
	copy->interval = self->interval;
	return copy;
}

void
oauth_device_code_free(OauthDeviceCode *self)
{
	if (self == NULL)
		return;
	oauth_token_free(self->device_code);
	oauth_token_free(self->user_code);
	g_free(self->verification_uri);
	g_free(self);
}

guint
oauth_device_code_get_seconds_left(const OauthDeviceCode *self)
{
	gint64 left = self->expires - g_get_monotonic_time();

	return left > 0 ? (guint)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC) : 0;
}
