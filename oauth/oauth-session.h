/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-authorizer.h"
#include "oauth-config.h"
#include "oauth-device-code.h"
#include "oauth-keyring.h"

G_BEGIN_DECLS

typedef enum {
	OAUTH_STATE_UNKNOWN, /* the keyring was not asked yet, or could not answer */
	OAUTH_STATE_PENDING, /* never held a token */
	OAUTH_STATE_SIGNED_IN,
	OAUTH_STATE_NEEDS_SIGN_IN, /* lost its sign-in */
} OauthState;

/**
 * OauthIdentity:
 * @home: `tid.oid`, or `iss` and `sub` at a custom identity host: the key of the person
 * @username, @name: for display only, may be %NULL
 */
typedef struct {
	char *home;
	char *username;
	char *name;
} OauthIdentity;

void oauth_identity_free(OauthIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthIdentity, oauth_identity_free)

/* Shows @uri in a browser. Called on the signing-in thread; FALSE with @error when there is no browser. */
typedef gboolean (*OauthOpenUri)(const char *uri, gpointer user_data, GError **error);

/* Shows @code to a person, who types it at another device. Called on the signing-in thread; @code is the caller's. */
typedef void (*OauthShowCode)(const OauthDeviceCode *code, gpointer user_data);

#define OAUTH_TYPE_SESSION (oauth_session_get_type())
G_DECLARE_FINAL_TYPE(OauthSession, oauth_session, OAUTH, SESSION, GObject)

/**
 * oauth_session_new:
 * @tls_database: (nullable): the certificates to trust, %NULL for the system's
 *
 * The signed-in user of one account; implements #OauthAuthorizer. Any thread may call it.
 * Its way to the servers (oauth_authorizer_get_proxy()) is its own, whatever the settings' @proxy.
 * Signals, emitted on the thread that caused them: `state-changed`; `scopes-lost` (GStrv names, gboolean certain): the
 * service refuses these of the extra scopes, or, when that is not certain, one of them; the session goes on without
 * them until it gets them, or other settings.
 */
OauthSession *oauth_session_new(const OauthConfig *config, OauthKeyring *keyring, GTlsDatabase *tls_database);

OauthState oauth_session_get_state(OauthSession *self);
OauthIdentity *oauth_session_get_identity(OauthSession *self); /* transfer full, %NULL before the first sign-in */
gboolean oauth_session_has_scope(OauthSession *self, const char *short_name);	/* as granted, not as asked */
gboolean oauth_session_names_scope(OauthSession *self, const char *short_name); /* itself, not one that includes it */
char *oauth_session_get_last_error(OauthSession *self); /* transfer full, nullable, translated: why sign-in is needed */

/* (transfer full) (nullable): the same as an error, with its details */
GError *oauth_session_dup_failure(OauthSession *self);

/*
 * Whose account it is by what is stored elsewhere: nobody else can sign in, whoever the keyring names.
 * @home: (nullable): as that of #OauthIdentity, %NULL for what the keyring says alone; @username: (nullable): for
 * display only
 */
void oauth_session_set_owner(OauthSession *self, const char *home, const char *username);

/* Takes effect for the next sign-in or refresh. */
void oauth_session_set_config(OauthSession *self, const OauthConfig *config);

/* Blocking: keeps the client secret, or with %NULL forgets it; what was refused for the old one is tried again. */
gboolean oauth_session_set_client_secret(OauthSession *self, const char *secret, GCancellable *cancellable,
					 GError **error);

/* As the last sign-in, or the one under way, found it in the keyring. */
gboolean oauth_session_uses_client_secret(OauthSession *self);

/*
 * Blocking: reads the keyring and settles the state; no network. Where a sign-in is needed, the first one too, it looks
 * whether another process has one by now.
 */
gboolean oauth_session_load(OauthSession *self, GCancellable *cancellable, GError **error);

/*
 * A person asks for something: a renewal that failed a moment ago does not keep the next from being tried, unless the
 * service named the time to wait (OAUTH.md 10). Any thread.
 */
void oauth_session_be_asked(OauthSession *self);

/*
 * Blocking: renews the access token although it may be good still, and says why that fails; the old one is kept then.
 * For a person who wants to know: no pause after a failure is waited for.
 */
gboolean oauth_session_renew(OauthSession *self, GCancellable *cancellable, GError **error);

/*
 * Blocking: listener, browser, code, tokens, keyring. One at a time per session; a second call
 * fails with %G_IO_ERROR_PENDING. Ends after 5 minutes with %OAUTH_ERROR_TIMED_OUT.
 * After two in a row that were declined the next one asks without the extra scopes, for which an administrator may be
 * needed; then a renewal asks for them, and those that it does not get are lost.
 */
gboolean oauth_session_sign_in(OauthSession *self, OauthOpenUri open_uri, gpointer user_data, GCancellable *cancellable,
			       GError **error);

/*
 * The same without a browser here: a code, which a person types at another device. Ends with the code, which is
 * %OAUTH_ERROR_TIMED_OUT.
 */
gboolean oauth_session_sign_in_by_device(OauthSession *self, OauthShowCode show_code, gpointer user_data,
					 GCancellable *cancellable, GError **error);

/*
 * Blocking: asks the person, in the browser, for @scopes besides what they granted before (OAUTH.md 6). On success they
 * are among the session's extra scopes; after any failure everything is as it was, and %OAUTH_ERROR_DENIED says that
 * they were not given. No browser when all of them are granted already, by these
 * very names; with `.default` a renewal finds out.
 */
gboolean oauth_session_extend(OauthSession *self, const char *const *scopes, OauthOpenUri open_uri, gpointer user_data,
			      GCancellable *cancellable, GError **error);

/* The same by a code for another device, also when all are granted. */
gboolean oauth_session_extend_by_device(OauthSession *self, const char *const *scopes, OauthShowCode show_code,
					gpointer user_data, GCancellable *cancellable, GError **error);

/* Transfer full, nullable: the extra scopes that the session asks for now, ended by %NULL */
char **oauth_session_list_extra_scopes(OauthSession *self);

/* Blocking: forgets the tokens, here and in the keyring; with @forget_client also the client secret. */
gboolean oauth_session_sign_out(OauthSession *self, gboolean forget_client, GCancellable *cancellable, GError **error);

G_END_DECLS
