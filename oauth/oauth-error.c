/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-error.h"

typedef struct {
	OauthErrorDetails details;
} OauthErrorPrivate;

static void
oauth_error_private_init(OauthErrorPrivate *self)
{
}

static void
copy_details(OauthErrorDetails *to, const OauthErrorDetails *from)
{
	to->sentence = g_strdup(from->sentence);
	to->error = g_strdup(from->error);
	to->code = from->code;
	to->about_consent = from->about_consent;
	to->correlation_id = g_strdup(from->correlation_id);
	to->trace_id = g_strdup(from->trace_id);
	to->timestamp = g_strdup(from->timestamp);
}

static void
oauth_error_private_copy(const OauthErrorPrivate *from, OauthErrorPrivate *to)
{
	copy_details(&to->details, &from->details);
}

static void
oauth_error_private_clear(OauthErrorPrivate *self)
{
	g_free(self->details.sentence);
	g_free(self->details.error);
	g_free(self->details.correlation_id);
	g_free(self->details.trace_id);
	g_free(self->details.timestamp);
}

G_DEFINE_EXTENDED_ERROR(OauthError, oauth_error)

void
oauth_error_set_details(GError *error, const OauthErrorDetails *details)
{
	OauthErrorPrivate *self = oauth_error_get_private(error);

	g_return_if_fail(self != NULL);

	oauth_error_private_clear(self);
	copy_details(&self->details, details);
}

const OauthErrorDetails *
oauth_error_get_details(const GError *error)
{
	OauthErrorPrivate *self = error != NULL && error->domain == OAUTH_ERROR ? oauth_error_get_private(error) : NULL;

	return self != NULL && self->details.sentence != NULL ? &self->details : NULL;
}
