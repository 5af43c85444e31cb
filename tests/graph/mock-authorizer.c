/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mock-authorizer.h"

#include "oauth-error.h"

struct _MockAuthorizer {
	GObject parent_instance;

	GMutex mutex;
	guint number;
	guint n_rejected;
	char *claims;
	char *token;
	gboolean signed_out;
};

static void mock_authorizer_iface_init(OauthAuthorizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(MockAuthorizer, mock_authorizer, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(OAUTH_TYPE_AUTHORIZER, mock_authorizer_iface_init))

MockAuthorizer *
mock_authorizer_new(void)
{
	return g_object_new(MOCK_TYPE_AUTHORIZER, NULL);
}

void
mock_authorizer_set_token(MockAuthorizer *self, const char *token)
{
	g_mutex_lock(&self->mutex);
	g_free(self->token);
	self->token = g_strdup(token);
	g_mutex_unlock(&self->mutex);
}

void
mock_authorizer_sign_out(MockAuthorizer *self)
{
	g_mutex_lock(&self->mutex);
	self->signed_out = TRUE;
	g_mutex_unlock(&self->mutex);
}

guint
mock_authorizer_get_n_rejected(MockAuthorizer *self)
{
	return self->n_rejected;
}

const char *
mock_authorizer_get_claims(MockAuthorizer *self)
{
	return self->claims;
}

static char *
acquire_token(OauthAuthorizer *authorizer, GCancellable *cancellable, GError **error)
{
	MockAuthorizer *self = MOCK_AUTHORIZER(authorizer);
	char *token = NULL;

	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return NULL;
	g_mutex_lock(&self->mutex);
	if (self->signed_out)
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED, "Nobody is signed in");
	else
		token = self->token ? g_strdup(self->token) : g_strdup_printf("token-%u", self->number);
	g_mutex_unlock(&self->mutex);
	return token;
}

static void
reject_token(OauthAuthorizer *authorizer, const char *token, const char *claims)
{
	MockAuthorizer *self = MOCK_AUTHORIZER(authorizer);
	g_autofree char *current = NULL;

	g_mutex_lock(&self->mutex);
	current = g_strdup_printf("token-%u", self->number);
	if (g_strcmp0(token, current) == 0)
		self->number++;
	self->n_rejected++;
	g_free(self->claims);
	self->claims = g_strdup(claims);
	g_mutex_unlock(&self->mutex);
}

static void
mock_authorizer_iface_init(OauthAuthorizerInterface *iface)
{
	iface->acquire_token = acquire_token;
	iface->reject_token = reject_token;
}

static void
mock_authorizer_finalize(GObject *object)
{
	MockAuthorizer *self = MOCK_AUTHORIZER(object);

	g_free(self->claims);
	g_free(self->token);
	g_mutex_clear(&self->mutex);
	G_OBJECT_CLASS(mock_authorizer_parent_class)->finalize(object);
}

static void
mock_authorizer_class_init(MockAuthorizerClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = mock_authorizer_finalize;
}

static void
mock_authorizer_init(MockAuthorizer *self)
{
	g_mutex_init(&self->mutex);
	self->number = 1;
}
