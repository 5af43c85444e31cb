/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-session-private.h"

#include <glib/gi18n-lib.h>

#include "oauth-aadsts.h"
#include "oauth-device.h"
#include "oauth-error.h"
#include "oauth-renewal.h"
#include "oauth-scope.h"
#include "oauth-signin.h"

#define PERSONAL_DIRECTORY "9188040d-6c67-4c5b-b112-36a304b66dad" /* the tenant id of all personal accounts */
#define SIGN_IN_TIMEOUT (5 * 60 * 1000)				  /* milliseconds; OAUTH.md 11 */
#define MAX_DECLINED 2						  /* sign-ins in a row; the next one asks for less */
#define NOT_IN_REGISTRATION 65005				  /* a permission; OAUTH.md 9b */

/* Checks the settings and takes their part for one attempt. */
static gboolean
begin_sign_in(OauthSession *self, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	if (self->signing_in) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_PENDING, _("A sign-in is already under way."));
		return FALSE;
	}
	if (!oauth_config_validate(self->config, error))
		return FALSE;
	self->signing_in = TRUE;
	return TRUE;
}

/* With the lock held: who alone may sign in, %NULL: anybody */
static const char *
get_owner(OauthSession *self)
{
	if (self->owner != NULL)
		return self->owner;
	return self->credential != NULL ? self->credential->home : NULL;
}

/* With the lock held: the name of that one; %NULL when it is not known */
static const char *
get_owner_name(OauthSession *self)
{
	if (self->credential != NULL && g_str_equal(self->credential->home, get_owner(self)))
		return self->credential->username;
	return self->owner_name;
}

/* With the lock held */
static gboolean
is_current(OauthSession *self, guint epoch, GError **error)
{
	if (self->epoch == epoch)
		return TRUE;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The account was changed during the sign-in."));
	return FALSE;
}

/* With the lock and @busy held, the lock is released meanwhile: takes over what a sign-in brought, or refuses it and
 * changes nothing. */
static gboolean
commit_busy(OauthSession *self, const OauthConfig *config, const OauthSignin *signin, guint epoch, GError **error)
{
	g_autoptr(OauthCredential) keep = NULL;
	const char *owner = get_owner(self);

	if (!is_current(self, epoch, error))
		return FALSE;
	self->choose = owner != NULL && !g_str_equal(owner, signin->claims->home);
	if (self->choose) {
		const char *name = get_owner_name(self);

		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT,
			    _("%s signed in, but this account belongs to %s. Nothing was changed; sign in with the "
			      "right account."),
			    signin->claims->username != NULL ? signin->claims->username : _("Somebody else"),
			    name != NULL ? name : _("somebody else"));
		return FALSE;
	}
	keep = oauth_renewal_merge(config, signin->grant, signin->claims, NULL);
	g_mutex_unlock(&self->lock);
	oauth_renewal_save(self->keyring, config, keep);
	g_mutex_lock(&self->lock);
	if (!is_current(self, epoch, error))
		return FALSE;
	oauth_session_take_grant(self, signin->grant, TRUE);
	self->rejections = 0;
	self->declined = 0;
	oauth_credential_free(self->credential);
	self->credential = g_steal_pointer(&keep);
	return TRUE;
}

/* One of the two ways to the person: a browser here, or a code for another device. */
typedef struct {
	OauthOpenUri open_uri;
	OauthShowCode show_code;
	gpointer user_data;
	const char *const *more; /* (nullable): scopes to ask for besides those of the settings */
} Way;

/* OAUTH.md 6: those of shared mailboxes are for work accounts; with `.default` the registration has to list them. */
static void
refuse_scope(const OauthCredential *credential, const OauthConfig *config, const char *name, GError **error)
{
	gboolean is_personal = g_str_has_prefix(credential->home, PERSONAL_DIRECTORY ".");
	g_autofree char *text = NULL;

	if (is_personal)
		text = g_strdup_printf(
			_("The service did not give the permission “%s”. Personal accounts cannot have it."), name);
	else
		text = g_strdup_printf(_("The service did not give the permission “%s”."), name);
	if (!is_personal && oauth_config_uses_default(config))
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED, "%s %s", text,
			    oauth_aadsts_hint(NOT_IN_REGISTRATION));
	else
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_DENIED, text);
}

/* With the lock held: the answer, not the question, says what was given. */
static gboolean
take_scopes(OauthSession *self, const Way *way, OauthConfig *config, GError **error)
{
	g_autofree char *graph = oauth_config_dup_graph_origin(config);

	if (way->more == NULL)
		return TRUE;
	for (guint i = 0; way->more[i] != NULL; i++) {
		if (!oauth_scope_covers(self->credential->scope, graph, way->more[i])) {
			refuse_scope(self->credential, config, way->more[i], error);
			return FALSE;
		}
	}
	g_strfreev(self->config->extra_scopes);
	self->config->extra_scopes = g_strdupv(config->extra_scopes);
	return TRUE;
}

/*
 * What only a feature needs is not to keep a person out. That it does is certain when the refusal is for a permission;
 * "declined" is a person's Cancel, or the way back from a page that wants an administrator, and the latter happens
 * again.
 */
static void
note_refusal(OauthSession *self, const GError *cause)
{
	const OauthErrorDetails *details = oauth_error_get_details(cause);

	g_mutex_lock(&self->lock);
	if (details != NULL && details->about_consent)
		oauth_session_lose_scopes(self, NULL);
	else if (g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_DENIED))
		self->declined++;
	oauth_session_unlock_and_tell(self, self->state);
}

static gboolean
sign_in(OauthSession *self, const Way *way, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthSignin) signin = NULL;
	g_autoptr(GError) cause = NULL;
	g_autoptr(GError) mute = NULL;
	g_autofree char *hint = NULL;
	g_autofree char *claims = NULL;
	OauthState before;
	gboolean committed;
	gboolean consent;
	gboolean less;
	char *secret;
	guint epoch;

	/* Who this account belongs to. A keyring that stays locked does not keep a person from signing in. */
	if (!oauth_session_load(self, cancellable, &cause) &&
	    !g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_KEYRING)) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	g_clear_error(&cause);
	g_mutex_lock(&self->lock);
	config = oauth_config_copy(self->config);
	hint = g_strdup(self->credential != NULL && !self->choose ? get_owner_name(self) : NULL);
	claims = g_strdup(self->challenge.claims);
	epoch = self->epoch;
	less = way->more == NULL && self->declined >= MAX_DECLINED && config->extra_scopes != NULL;
	g_mutex_unlock(&self->lock);
	if (less)
		g_clear_pointer(&config->extra_scopes, g_strfreev);
	if (way->more != NULL)
		oauth_config_add_scopes(config, way->more);

	/* Once anything was granted, `.default` alone shows no page for what the registration has besides. */
	consent = way->more != NULL && oauth_config_uses_default(config);
	secret = oauth_renewal_get_client_secret(self->keyring, config, cancellable, &mute);
	g_mutex_lock(&self->lock);
	self->uses_client_secret = secret != NULL && *secret != '\0';
	g_mutex_unlock(&self->lock);
	if (way->show_code != NULL)
		signin = oauth_device_run(config, secret, claims, self->tls_database, way->show_code, way->user_data,
					  cancellable, &cause);
	else
		signin = oauth_signin_run(config, secret, hint, consent, claims, self->tls_database, way->open_uri,
					  way->user_data, SIGN_IN_TIMEOUT, cancellable, &cause);
	oauth_token_free(secret);
	if (signin == NULL) {
		/* A secret that could not be read is the likelier reason. */
		gboolean blame_keyring = mute != NULL && g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);

		if (way->more == NULL)
			note_refusal(self, cause);
		g_propagate_error(error, blame_keyring ? g_steal_pointer(&mute) : g_steal_pointer(&cause));
		return FALSE;
	}

	if (!oauth_session_begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	committed = commit_busy(self, config, signin, epoch, error) && take_scopes(self, way, config, error);
	oauth_session_end_busy(self);
	oauth_session_unlock_and_tell(self, before);
	/* What was not asked for may have been granted before; a renewal asks nobody, and finds out. */
	if (committed && less)
		oauth_session_renew(self, cancellable, NULL);
	return committed;
}

static gboolean
sign_in_once(OauthSession *self, const Way *way, GCancellable *cancellable, GError **error)
{
	gboolean signed_in;

	if (!begin_sign_in(self, error))
		return FALSE;
	signed_in = sign_in(self, way, cancellable, error);
	g_mutex_lock(&self->lock);
	self->signing_in = FALSE;
	g_mutex_unlock(&self->lock);
	return signed_in;
}

gboolean
oauth_session_sign_in(OauthSession *self, OauthOpenUri open_uri, gpointer user_data, GCancellable *cancellable,
		      GError **error)
{
	const Way way = {open_uri, NULL, user_data, NULL};

	return sign_in_once(self, &way, cancellable, error);
}

gboolean
oauth_session_sign_in_by_device(OauthSession *self, OauthShowCode show_code, gpointer user_data,
				GCancellable *cancellable, GError **error)
{
	const Way way = {NULL, show_code, user_data, NULL};

	return sign_in_once(self, &way, cancellable, error);
}

gboolean
oauth_session_extend_by_device(OauthSession *self, const char *const *scopes, OauthShowCode show_code,
			       gpointer user_data, GCancellable *cancellable, GError **error)
{
	const Way way = {NULL, show_code, user_data, scopes};

	return sign_in_once(self, &way, cancellable, error);
}

static gboolean
names_all(OauthSession *self, const char *const *scopes)
{
	while (*scopes != NULL && oauth_session_names_scope(self, *scopes))
		scopes++;
	return *scopes == NULL;
}

static gboolean
uses_default(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return oauth_config_uses_default(self->config);
}

gboolean
oauth_session_extend(OauthSession *self, const char *const *scopes, OauthOpenUri open_uri, gpointer user_data,
		     GCancellable *cancellable, GError **error)
{
	const Way way = {open_uri, NULL, user_data, scopes};
	gboolean granted = names_all(self, scopes);

	/* With `.default` a renewal brings what an administrator, who alone may consent, has granted since. */
	if (!granted && uses_default(self) && oauth_session_renew(self, cancellable, NULL))
		granted = names_all(self, scopes);
	if (!granted)
		return sign_in_once(self, &way, cancellable, error);
	g_mutex_lock(&self->lock);
	oauth_config_add_scopes(self->config, scopes);
	g_mutex_unlock(&self->lock);
	return TRUE;
}

/**
 * oauth_session_sign_out:
 *
 * What is in memory is gone whatever happens; the result tells about the keyring.
 */
gboolean
oauth_session_sign_out(OauthSession *self, gboolean forget_client, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = NULL;
	OauthState before;
	gboolean cleared;

	if (!oauth_session_begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	config = oauth_config_copy(self->config);
	self->epoch++;
	oauth_access_clear(&self->access);
	g_clear_pointer(&self->credential, oauth_credential_free);
	oauth_challenge_clear(&self->challenge);
	oauth_session_clear_failure(self);
	self->rejections = 0;
	self->state = OAUTH_STATE_NEEDS_SIGN_IN;
	g_mutex_unlock(&self->lock);

	cleared =
		oauth_keyring_clear(self->keyring, config, OAUTH_SECRET_REFRESH, cancellable, error) &&
		(!forget_client || oauth_keyring_clear(self->keyring, config, OAUTH_SECRET_CLIENT, cancellable, error));

	g_mutex_lock(&self->lock);
	oauth_session_end_busy(self);
	oauth_session_unlock_and_tell(self, before);
	return cleared;
}
