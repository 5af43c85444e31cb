/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-config.h"

G_BEGIN_DECLS

#define OAUTH_TYPE_KEYRING (oauth_keyring_get_type())
G_DECLARE_FINAL_TYPE(OauthKeyring, oauth_keyring, OAUTH, KEYRING, GObject)

typedef enum {
	OAUTH_SECRET_REFRESH, /* the JSON object with the refresh token */
	OAUTH_SECRET_CLIENT,  /* the client secret */
} OauthSecretKind;

/**
 * oauth_keyring_new:
 *
 * The Secret Service by libsecret, and the process's memory where there is none.
 * All calls block (a locked keyring asks its owner) and belong on a worker thread.
 */
OauthKeyring *oauth_keyring_new(void);

/* Memory alone; for a host without a session bus, and for tests. */
OauthKeyring *oauth_keyring_new_in_memory(void);

/* TRUE once a secret had to be kept in memory; @reason, translated, says why and what to install. */
gboolean oauth_keyring_is_volatile(OauthKeyring *self, char **reason);

/*
 * Returns the secret (free with oauth_token_free()), or %NULL: without error when there is
 * none, with %OAUTH_ERROR_KEYRING when it cannot be asked now (locked, dismissed): never
 * taken for "no account".
 */
char *oauth_keyring_lookup(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind,
			   GCancellable *cancellable, GError **error);
gboolean oauth_keyring_store(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind, const char *secret,
			     GCancellable *cancellable, GError **error);
gboolean oauth_keyring_clear(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind,
			     GCancellable *cancellable, GError **error);

G_END_DECLS
