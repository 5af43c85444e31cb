/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-pkce.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <glib/gi18n-lib.h>

#include "oauth-authorizer.h"
#include "oauth-error.h"

#define SECRET_BYTES 32
#define NONCE_BYTES 16

/* Returns: (transfer full): @count random bytes in base64url, or %NULL with %OAUTH_ERROR_FAILED */
static char *
random_text(gsize count, GError **error)
{
	guchar bytes[SECRET_BYTES];
	gsize done = 0;
	char *text;

	g_assert(count <= sizeof bytes);
	while (done < count) {
		gssize got = getrandom(bytes + done, count - done, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_FAILED,
				    _("The system gives no random numbers: %s."), g_strerror(errno));
			return NULL;
		}
		done += got;
	}
	text = oauth_pkce_encode(bytes, count);
	explicit_bzero(bytes, sizeof bytes);
	return text;
}

OauthPkce *
oauth_pkce_new(GError **error)
{
	g_autoptr(OauthPkce) self = g_new0(OauthPkce, 1);

	self->verifier = random_text(SECRET_BYTES, error);
	if (self->verifier == NULL)
		return NULL;
	self->state = random_text(SECRET_BYTES, error);
	if (self->state == NULL)
		return NULL;
	self->nonce = random_text(NONCE_BYTES, error);
	if (self->nonce == NULL)
		return NULL;
	self->challenge = oauth_pkce_challenge(self->verifier);
	return g_steal_pointer(&self);
}

void
oauth_pkce_free(OauthPkce *self)
{
	if (self == NULL)
		return;
	oauth_token_free(self->verifier);
	oauth_token_free(self->state);
	oauth_token_free(self->nonce);
	g_free(self->challenge);
	g_free(self);
}

char *
oauth_pkce_encode(const guchar *data, gsize length)
{
	char *text = g_base64_encode(data, length);

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

char *
oauth_pkce_challenge(const char *verifier)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guchar digest[32];
	gsize length = sizeof digest;

	g_checksum_update(checksum, (const guchar *)verifier, strlen(verifier));
	g_checksum_get_digest(checksum, digest, &length);
	return oauth_pkce_encode(digest, length);
}

gboolean
oauth_pkce_equal(const char *a, const char *b)
{
	gsize length = strlen(a);
	guint difference = 0;

	if (strlen(b) != length)
		return FALSE;
	for (gsize i = 0; i < length; i++)
		difference |= (guchar)a[i] ^ (guchar)b[i];
	return difference == 0;
}
