/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-session.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-access.h"
#include "oauth-attempt.h"
#include "oauth-challenge.h"
#include "oauth-device.h"
#include "oauth-error.h"
#include "oauth-renewal.h"
#include "oauth-scope.h"
#include "oauth-signin.h"

#define SIGN_IN_TIMEOUT (5 * 60 * 1000)		  /* milliseconds; OAUTH.md 11 */
#define COOL_DOWN (60 * G_TIME_SPAN_SECOND)	  /* after a failed refresh; OAUTH.md 10 */
#define QUICK_REJECTION (60 * G_TIME_SPAN_SECOND) /* a token refused so soon was never good */
#define MAX_QUICK_REJECTIONS 5

/*
 * Everything below @lock is guarded by it. Nothing blocks while it is held: a thread that reads or writes the keyring
 * or asks the token endpoint for this account holds @busy instead, and the others wait on @cond.
 */
struct _OauthSession {
	GObject parent_instance;

	OauthKeyring *keyring;
	GTlsDatabase *tls_database;
	OauthProxy *proxy;
	GCancellable *closing; /* ends the attempt under way with the object */

	GMutex lock;
	GCond cond;
	OauthConfig *config;
	OauthState state;
	OauthCredential *credential; /* nullable */
	OauthAccess access;
	guint epoch;	  /* of the settings and the person; what was begun in another one is void */
	gboolean renew;	  /* asked for, whatever the access token is */
	guint rejections; /* in a row, each soon after the token was minted */
	OauthChallenge challenge;
	gboolean busy;
	OauthAttempt *attempt; /* nullable: what @busy is held for, if it is that */
	GThread *thread;       /* of the last attempt */
	gboolean signing_in;
	gint64 cool_until; /* monotonic */
	gboolean scopes_lost; /* and nobody was told yet */
	GError *failure;   /* of the last refresh: why there is no token while cooling or signed out */
};

static void authorizer_init(OauthAuthorizerInterface *iface);

G_DEFINE_TYPE_WITH_CODE(OauthSession, oauth_session, G_TYPE_OBJECT,
			G_IMPLEMENT_INTERFACE(OAUTH_TYPE_AUTHORIZER, authorizer_init))

enum {
	STATE_CHANGED,
	SCOPES_LOST,
	N_SIGNALS,
};

static guint signals[N_SIGNALS];

void
oauth_identity_free(OauthIdentity *self)
{
	if (self == NULL)
		return;
	g_free(self->home);
	g_free(self->username);
	g_free(self->name);
	g_free(self);
}

/* All of it goes one way. */
static OauthConfig *
copy_config(OauthSession *self, const OauthConfig *config)
{
	OauthConfig *copy = oauth_config_copy(config);

	g_set_object(&copy->proxy, self->proxy);
	return copy;
}

OauthSession *
oauth_session_new(const OauthConfig *config, OauthKeyring *keyring, GTlsDatabase *tls_database)
{
	OauthSession *self;

	/* Threads that meet this type for the first time at once, one of them inside of another type's class, wait for each
	 * other for ever (GLib 2.74). */
	g_type_ensure(G_TYPE_TASK);
	self = g_object_new(OAUTH_TYPE_SESSION, NULL);
	self->proxy = oauth_proxy_new();
	self->config = copy_config(self, config);
	self->keyring = g_object_ref(keyring);
	self->tls_database = tls_database != NULL ? g_object_ref(tls_database) : NULL;
	return self;
}

OauthState
oauth_session_get_state(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->state;
}

OauthIdentity *
oauth_session_get_identity(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	OauthIdentity *identity;

	if (self->credential == NULL)
		return NULL;
	identity = g_new0(OauthIdentity, 1);
	identity->home = g_strdup(self->credential->home);
	identity->username = g_strdup(self->credential->username);
	identity->name = g_strdup(self->credential->name);
	return identity;
}

/* Called with the lock, and a credential. */
static gboolean
covers(OauthSession *self, const char *short_name)
{
	g_autofree char *graph = oauth_config_dup_graph_origin(self->config);

	return oauth_scope_covers(self->credential->scope, graph, short_name);
}

gboolean
oauth_session_has_scope(OauthSession *self, const char *short_name)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->credential != NULL && covers(self, short_name);
}

char **
oauth_session_list_extra_scopes(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return g_strdupv(self->config->extra_scopes);
}

char *
oauth_session_get_last_error(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->failure != NULL ? g_strdup(self->failure->message) : NULL;
}

GError *
oauth_session_dup_failure(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->failure != NULL ? g_error_copy(self->failure) : NULL;
}

static void
clear_failure(OauthSession *self)
{
	g_clear_error(&self->failure);
	self->cool_until = 0;
}

/* Unlocks, and says so when the state is another one than @before. */
static void
unlock_and_tell(OauthSession *self, OauthState before)
{
	gboolean changed = self->state != before;
	gboolean lost = self->scopes_lost;

	self->scopes_lost = FALSE;
	g_mutex_unlock(&self->lock);
	if (lost)
		g_signal_emit(self, signals[SCOPES_LOST], 0);
	if (changed)
		g_signal_emit(self, signals[STATE_CHANGED], 0);
}

static void
on_cancelled(GCancellable *cancellable, gpointer user_data)
{
	OauthSession *self = user_data;

	g_mutex_lock(&self->lock);
	g_cond_broadcast(&self->cond);
	g_mutex_unlock(&self->lock);
}

static gulong
watch(OauthSession *self, GCancellable *cancellable)
{
	return cancellable != NULL ? g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), self, NULL) : 0;
}

/* With the lock held: waits for the one who holds @busy. FALSE when cancelled. */
static gboolean
wait_idle(OauthSession *self, GCancellable *cancellable, GError **error)
{
	while (self->busy && !g_cancellable_is_cancelled(cancellable))
		g_cond_wait(&self->cond, &self->lock);
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}

/* Takes @busy; to be ended with end_busy(). The lock is held afterwards only on success. */
static gboolean
begin_busy(OauthSession *self, GCancellable *cancellable, GError **error)
{
	gulong handler = watch(self, cancellable);
	gboolean idle;

	g_mutex_lock(&self->lock);
	idle = wait_idle(self, cancellable, error);
	if (idle)
		self->busy = TRUE;
	g_mutex_unlock(&self->lock);
	g_cancellable_disconnect(cancellable, handler);
	if (idle)
		g_mutex_lock(&self->lock);
	return idle;
}

/* With the lock held */
static void
end_busy(OauthSession *self)
{
	self->busy = FALSE;
	g_cond_broadcast(&self->cond);
}

/**
 * oauth_session_set_config:
 *
 * With another client, server or account the tokens at hand are dropped and the state is settled anew by the next
 * oauth_session_load(); a failure that the old settings caused is forgotten in any case.
 */
void
oauth_session_set_config(OauthSession *self, const OauthConfig *config)
{
	OauthState before;

	g_mutex_lock(&self->lock);
	before = self->state;
	if (oauth_config_is_elsewhere(self->config, config)) {
		self->epoch++;
		g_clear_pointer(&self->credential, oauth_credential_free);
		oauth_challenge_clear(&self->challenge);
		self->state = OAUTH_STATE_UNKNOWN;
		oauth_access_clear(&self->access);
	} else if (g_strcmp0(self->config->graph_origin, config->graph_origin) != 0) {
		self->epoch++;
		oauth_access_clear(&self->access);
	}
	oauth_config_free(self->config);
	self->config = copy_config(self, config);
	if (self->state == OAUTH_STATE_NEEDS_SIGN_IN && self->credential != NULL &&
	    self->credential->refresh_token != NULL)
		self->state = OAUTH_STATE_SIGNED_IN;
	if (self->state != OAUTH_STATE_NEEDS_SIGN_IN)
		clear_failure(self);
	unlock_and_tell(self, before);
}

/* With the lock and @busy held; the lock is released meanwhile. */
static gboolean
load_busy(OauthSession *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = oauth_config_copy(self->config);
	g_autoptr(OauthCredential) credential = NULL;
	guint epoch = self->epoch;
	gboolean found, asked;

	g_mutex_unlock(&self->lock);
	asked = oauth_renewal_load(self->keyring, config, &credential, &found, cancellable, error);
	g_mutex_lock(&self->lock);
	if (!asked)
		return FALSE;
	if (self->epoch != epoch || self->state != OAUTH_STATE_UNKNOWN)
		return TRUE;
	if (!found)
		self->state = OAUTH_STATE_PENDING;
	else if (credential != NULL && credential->refresh_token != NULL)
		self->state = OAUTH_STATE_SIGNED_IN;
	else
		self->state = OAUTH_STATE_NEEDS_SIGN_IN;
	g_clear_pointer(&self->credential, oauth_credential_free);
	self->credential = g_steal_pointer(&credential);
	return TRUE;
}

/* With the lock and @busy held; the lock is released meanwhile. Another process may have signed the person in again. */
static void
look_again_busy(OauthSession *self, GCancellable *cancellable)
{
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OauthCredential) credential = NULL;
	OauthCredential *newer;
	guint epoch = self->epoch;

	if (self->credential == NULL || self->credential->refresh_token != NULL)
		return;
	config = oauth_config_copy(self->config);
	credential = oauth_credential_copy(self->credential);
	g_mutex_unlock(&self->lock);
	newer = oauth_renewal_find_newer(self->keyring, config, credential, cancellable);
	g_mutex_lock(&self->lock);
	if (newer == NULL)
		return;
	if (self->epoch != epoch || self->state != OAUTH_STATE_NEEDS_SIGN_IN) {
		oauth_credential_free(newer);
		return;
	}
	oauth_credential_free(self->credential);
	self->credential = newer;
	self->state = OAUTH_STATE_SIGNED_IN;
	clear_failure(self);
}

gboolean
oauth_session_load(OauthSession *self, GCancellable *cancellable, GError **error)
{
	OauthState before;
	gboolean loaded;

	if (!begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	loaded = before != OAUTH_STATE_UNKNOWN || load_busy(self, cancellable, error);
	if (before == OAUTH_STATE_NEEDS_SIGN_IN)
		look_again_busy(self, cancellable);
	end_busy(self);
	unlock_and_tell(self, before);
	return loaded;
}

/* With the lock held */
static void
take_grant(OauthSession *self, const OauthGrant *grant, gboolean by_person)
{
	oauth_access_set(&self->access, grant->access_token, grant->expires_in);
	self->state = OAUTH_STATE_SIGNED_IN;
	oauth_challenge_meet(&self->challenge, by_person);
	clear_failure(self);
}

/*
 * With the lock held: what a failed refresh means. Keeps tokens in every case but one: the server said that the refresh
 * token is dead. Returns TRUE in that one.
 */
static gboolean
judge_failure(OauthSession *self, const GError *cause, const OauthTrouble *trouble)
{
	gboolean dead = trouble->refusal != NULL && oauth_refusal_kills_token(trouble->refusal);
	gint64 wait = trouble->wait > 0 || trouble->busy ? (gint64)(trouble->wait * G_USEC_PER_SEC) : COOL_DOWN;

	if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return FALSE;
	g_clear_error(&self->failure);
	self->failure = g_error_copy(cause);
	self->cool_until = g_get_monotonic_time() + wait;
	if (trouble->refusal == NULL)
		return FALSE;
	self->state = OAUTH_STATE_NEEDS_SIGN_IN;
	oauth_access_clear(&self->access);
	oauth_challenge_take(&self->challenge, trouble->refusal->claims);
	/* A declined refresh asks for the person, who did not decline anything just now. */
	if (cause->code == OAUTH_ERROR_DENIED || cause->code == OAUTH_ERROR_FAILED)
		self->failure->code = OAUTH_ERROR_SIGN_IN_REQUIRED;
	return dead;
}

/* With the lock held */
static void
lose_scopes(OauthSession *self)
{
	self->scopes_lost = self->config->extra_scopes != NULL;
	g_clear_pointer(&self->config->extra_scopes, g_strfreev);
}

/*
 * With the lock and @busy held; the lock is released meanwhile. TRUE when there is a new access token. What a feature
 * needs is given up for the rest.
 */
static gboolean
refresh_busy(OauthSession *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = oauth_config_copy(self->config);
	g_autoptr(OauthCredential) credential = oauth_credential_copy(self->credential);
	g_autofree char *claims = g_strdup(self->challenge.claims);
	g_autoptr(OauthGrant) grant = NULL;
	g_autoptr(GError) cause = NULL;
	g_auto(OauthTrouble) trouble = {0};
	gboolean lost = FALSE;
	guint epoch = self->epoch;

	g_mutex_unlock(&self->lock);
	grant = oauth_renewal_run(self->keyring, config, &credential, claims, self->tls_database, &trouble, cancellable,
				  &cause);
	if (grant == NULL && config->extra_scopes != NULL && trouble.refusal != NULL &&
	    oauth_refusal_is_about_consent(trouble.refusal)) {
		g_clear_pointer(&config->extra_scopes, g_strfreev);
		g_clear_error(&cause);
		oauth_trouble_clear(&trouble);
		grant = oauth_renewal_run(self->keyring, config, &credential, claims, self->tls_database, &trouble,
					  cancellable, &cause);
		lost = grant != NULL;
	}
	g_mutex_lock(&self->lock);

	if (self->epoch != epoch) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
				    _("The account's settings have changed. Try again."));
		return FALSE;
	}
	if (lost)
		lose_scopes(self);
	if (grant != NULL) {
		take_grant(self, grant, FALSE);
		oauth_credential_free(self->credential);
		self->credential = g_steal_pointer(&credential);
		return TRUE;
	}
	if (judge_failure(self, cause, &trouble)) {
		g_clear_pointer(&self->credential->refresh_token, oauth_token_free);
		g_mutex_unlock(&self->lock);
		oauth_renewal_forget(self->keyring, config, credential);
		g_mutex_lock(&self->lock);
	}
	g_propagate_error(error, self->failure != NULL && self->state == OAUTH_STATE_NEEDS_SIGN_IN
					 ? g_error_copy(self->failure)
					 : g_steal_pointer(&cause));
	return FALSE;
}

/* With the lock held: fails for a reason that is known without asking anybody */
static gboolean
may_refresh(OauthSession *self, GError **error)
{
	gboolean cooling = self->failure != NULL && g_get_monotonic_time() < self->cool_until;

	if (self->state == OAUTH_STATE_SIGNED_IN && !cooling && self->credential != NULL &&
	    self->credential->refresh_token != NULL)
		return TRUE;
	if (self->failure != NULL && (cooling || self->state == OAUTH_STATE_NEEDS_SIGN_IN))
		g_propagate_error(error, g_error_copy(self->failure));
	else if (self->state == OAUTH_STATE_PENDING)
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED,
				    _("Nobody has signed in to this account yet."));
	else
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED,
				    _("The sign-in has ended. Sign in again."));
	return FALSE;
}

/* With the lock and @busy held. A token that is to be renewed but has not ended serves while the service has trouble.
 */
static gboolean
provide_token(OauthSession *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) cause = NULL;
	gboolean renew = self->renew;

	self->renew = FALSE;
	if (self->state == OAUTH_STATE_UNKNOWN && !load_busy(self, cancellable, error))
		return FALSE;
	if (oauth_access_is_fresh(&self->access) && !renew)
		return TRUE;
	if (may_refresh(self, &cause) && refresh_busy(self, cancellable, &cause))
		return TRUE;
	if (oauth_access_is_valid(&self->access) && self->state == OAUTH_STATE_SIGNED_IN && !renew)
		return TRUE;
	if (self->credential != NULL && self->credential->refresh_token == NULL && self->state == OAUTH_STATE_SIGNED_IN)
		self->state = OAUTH_STATE_NEEDS_SIGN_IN;
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

/* Runs whatever becomes of those who wait: a token that the server has rotated already is not to be lost with its
 * answer. */
static gpointer
attempt_thread(gpointer user_data)
{
	OauthSession *self = user_data;
	OauthAttempt *attempt;
	OauthState before;

	g_mutex_lock(&self->lock);
	attempt = self->attempt;
	before = self->state;
	if (provide_token(self, self->closing, &attempt->error))
		attempt->token = g_strdup(self->access.token);
	attempt->done = TRUE;
	self->attempt = NULL;
	end_busy(self);
	unlock_and_tell(self, before);
	oauth_attempt_join(g_steal_pointer(&attempt->previous));
	oauth_attempt_unref(attempt);
	return NULL;
}

/* With the lock held: joins the attempt that is under way, or begins one. FALSE when cancelled before that. */
static gboolean
join_or_begin(OauthSession *self, OauthAttempt **attempt, GCancellable *cancellable, GError **error)
{
	while (self->attempt == NULL && self->busy) {
		if (g_cancellable_set_error_if_cancelled(cancellable, error))
			return FALSE;
		g_cond_wait(&self->cond, &self->lock);
	}
	if (self->attempt == NULL) {
		self->busy = TRUE;
		self->attempt = oauth_attempt_new(self->thread);
		self->thread = g_thread_new("oauth-renewal", attempt_thread, self);
	}
	*attempt = oauth_attempt_ref(self->attempt);
	return TRUE;
}

/* With the lock held, which is released while it waits */
static char *
wait_for_token(OauthSession *self, GCancellable *cancellable, GError **error)
{
	OauthAttempt *attempt = NULL;
	char *token = NULL;

	if (!join_or_begin(self, &attempt, cancellable, error))
		return NULL;
	while (!attempt->done && !g_cancellable_is_cancelled(cancellable))
		g_cond_wait(&self->cond, &self->lock);
	if (attempt->token != NULL)
		token = g_strdup(attempt->token);
	else if (attempt->done)
		g_propagate_error(error, g_error_copy(attempt->error));
	else
		g_cancellable_set_error_if_cancelled(cancellable, error);
	oauth_attempt_unref(attempt);
	return token;
}

static char *
acquire_token(OauthAuthorizer *authorizer, GCancellable *cancellable, GError **error)
{
	OauthSession *self = OAUTH_SESSION(authorizer);
	char *token;
	gulong handler;

	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return NULL;
	handler = watch(self, cancellable);
	g_mutex_lock(&self->lock);
	if (oauth_access_is_fresh(&self->access))
		token = g_strdup(self->access.token);
	else
		token = wait_for_token(self, cancellable, error);
	g_mutex_unlock(&self->lock);
	g_cancellable_disconnect(cancellable, handler);
	return token;
}

gboolean
oauth_session_renew(OauthSession *self, GCancellable *cancellable, GError **error)
{
	gboolean renewed;
	gulong handler;
	char *token;

	g_return_val_if_fail(OAUTH_IS_SESSION(self), FALSE);

	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return FALSE;
	handler = watch(self, cancellable);
	g_mutex_lock(&self->lock);
	self->renew = TRUE;
	self->cool_until = 0;
	token = wait_for_token(self, cancellable, error);
	self->renew = FALSE;
	g_mutex_unlock(&self->lock);
	g_cancellable_disconnect(cancellable, handler);
	renewed = token != NULL;
	oauth_token_free(token);
	return renewed;
}

/* With the lock held: nobody is asked any more until a person has signed in. */
static void
give_up(OauthSession *self, const char *why)
{
	g_clear_error(&self->failure);
	self->failure = g_error_new_literal(OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED, why);
	self->state = OAUTH_STATE_NEEDS_SIGN_IN;
}

static void
reject_token(OauthAuthorizer *authorizer, const char *token, const char *claims)
{
	OauthSession *self = OAUTH_SESSION(authorizer);
	OauthState before;

	g_mutex_lock(&self->lock);
	before = self->state;
	if (g_strcmp0(self->access.token, token) == 0) {
		gboolean quick = oauth_access_get_age(&self->access) < QUICK_REJECTION;
		gboolean repeats = quick && oauth_challenge_repeats(&self->challenge, claims);

		oauth_access_clear(&self->access);
		oauth_challenge_take(&self->challenge, claims);
		self->rejections = quick ? self->rejections + 1 : 0;
		if (repeats && self->challenge.by_person)
			give_up(self, _("The service does not accept the sign-in although it was just confirmed. A policy "
					"of your organization may forbid it; ask your administrator."));
		else if (repeats)
			give_up(self, _("The service wants the sign-in to be confirmed. Sign in again in the browser."));
		else if (self->rejections >= MAX_QUICK_REJECTIONS)
			give_up(self, _("The service refuses the sign-in again and again. Sign in again."));
	}
	unlock_and_tell(self, before);
}

static OauthProxy *
get_proxy(OauthAuthorizer *authorizer)
{
	return OAUTH_SESSION(authorizer)->proxy;
}

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

/* With the lock and @busy held: takes over what a sign-in brought, or refuses it and changes nothing. */
static gboolean
commit_busy(OauthSession *self, const OauthConfig *config, const OauthSignin *signin, guint epoch, GError **error)
{
	g_autoptr(OauthCredential) keep = NULL;

	if (self->epoch != epoch) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
				    _("The account was changed during the sign-in."));
		return FALSE;
	}
	if (self->credential != NULL && !g_str_equal(self->credential->home, signin->claims->home)) {
		g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT,
			    _("%s signed in, but this account belongs to %s. Nothing was changed; sign in with the "
			      "right account."),
			    signin->claims->username != NULL ? signin->claims->username : _("Somebody else"),
			    self->credential->username != NULL ? self->credential->username : _("somebody else"));
		return FALSE;
	}
	keep = oauth_renewal_merge(config, signin->grant, signin->claims, NULL);
	g_mutex_unlock(&self->lock);
	oauth_renewal_save(self->keyring, config, keep);
	g_mutex_lock(&self->lock);
	take_grant(self, signin->grant, TRUE);
	self->rejections = 0;
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

/* With the lock held: the answer, not the question, says what was given. */
static gboolean
take_scopes(OauthSession *self, const Way *way, OauthConfig *config, GError **error)
{
	g_autofree char *graph = oauth_config_dup_graph_origin(config);

	if (way->more == NULL)
		return TRUE;
	for (guint i = 0; way->more[i] != NULL; i++) {
		if (!oauth_scope_covers(self->credential->scope, graph, way->more[i])) {
			g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED,
				    _("The service did not give the permission “%s”. Personal accounts cannot have it."),
				    way->more[i]);
			return FALSE;
		}
	}
	g_strfreev(self->config->extra_scopes);
	self->config->extra_scopes = g_strdupv(config->extra_scopes);
	return TRUE;
}

/* Whether a sign-in was refused for a permission, which may be one that only a feature needs */
static gboolean
is_about_consent(const GError *error)
{
	const OauthErrorDetails *details = oauth_error_get_details(error);

	return g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_DENIED) ||
	       (details != NULL && strstr(details->error, "consent_required") != NULL);
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
	hint = g_strdup(self->credential != NULL ? self->credential->username : NULL);
	claims = g_strdup(self->challenge.claims);
	epoch = self->epoch;
	g_mutex_unlock(&self->lock);
	if (way->more != NULL)
		oauth_config_add_scopes(config, way->more);

	secret = oauth_renewal_get_client_secret(self->keyring, config, cancellable, &mute);
	if (way->show_code != NULL)
		signin = oauth_device_run(config, secret, claims, self->tls_database, way->show_code, way->user_data,
					  cancellable, &cause);
	else
		signin = oauth_signin_run(config, secret, hint, claims, self->tls_database, way->open_uri,
					  way->user_data, SIGN_IN_TIMEOUT, cancellable, &cause);
	oauth_token_free(secret);
	if (signin == NULL) {
		/* A secret that could not be read is the likelier reason. */
		gboolean blame_keyring = mute != NULL && g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);

		/* The next sign-in, at least, is not to fail for what only a feature needs. */
		if (way->more == NULL && is_about_consent(cause)) {
			g_mutex_lock(&self->lock);
			lose_scopes(self);
			unlock_and_tell(self, self->state);
		}
		g_propagate_error(error, blame_keyring ? g_steal_pointer(&mute) : g_steal_pointer(&cause));
		return FALSE;
	}

	if (!begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	committed = commit_busy(self, config, signin, epoch, error) && take_scopes(self, way, config, error);
	end_busy(self);
	unlock_and_tell(self, before);
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
oauth_session_extend(OauthSession *self, const char *const *scopes, OauthOpenUri open_uri, gpointer user_data,
		     GCancellable *cancellable, GError **error)
{
	const Way way = {open_uri, NULL, user_data, scopes};
	gboolean granted = TRUE;

	for (guint i = 0; granted && scopes[i] != NULL; i++)
		granted = oauth_session_has_scope(self, scopes[i]);
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

	if (!begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	config = oauth_config_copy(self->config);
	self->epoch++;
	oauth_access_clear(&self->access);
	g_clear_pointer(&self->credential, oauth_credential_free);
	oauth_challenge_clear(&self->challenge);
	clear_failure(self);
	self->rejections = 0;
	self->state = OAUTH_STATE_NEEDS_SIGN_IN;
	g_mutex_unlock(&self->lock);

	cleared =
		oauth_keyring_clear(self->keyring, config, OAUTH_SECRET_REFRESH, cancellable, error) &&
		(!forget_client || oauth_keyring_clear(self->keyring, config, OAUTH_SECRET_CLIENT, cancellable, error));

	g_mutex_lock(&self->lock);
	end_busy(self);
	unlock_and_tell(self, before);
	return cleared;
}

static void
oauth_session_dispose(GObject *object)
{
	OauthSession *self = OAUTH_SESSION(object);

	g_cancellable_cancel(self->closing);
	oauth_attempt_join(g_steal_pointer(&self->thread));
	G_OBJECT_CLASS(oauth_session_parent_class)->dispose(object);
}

static void
oauth_session_finalize(GObject *object)
{
	OauthSession *self = OAUTH_SESSION(object);

	oauth_access_clear(&self->access);
	g_clear_pointer(&self->credential, oauth_credential_free);
	g_clear_pointer(&self->config, oauth_config_free);
	g_clear_object(&self->keyring);
	g_clear_object(&self->tls_database);
	g_clear_object(&self->proxy);
	g_clear_object(&self->closing);
	g_clear_error(&self->failure);
	oauth_challenge_clear(&self->challenge);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->cond);
	G_OBJECT_CLASS(oauth_session_parent_class)->finalize(object);
}

static void
oauth_session_class_init(OauthSessionClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = oauth_session_dispose;
	G_OBJECT_CLASS(klass)->finalize = oauth_session_finalize;

	/**
	 * OauthSession::state-changed:
	 *
	 * Emitted without a lock held, on the thread that caused it.
	 */
	signals[STATE_CHANGED] = g_signal_new("state-changed", OAUTH_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
					      NULL, G_TYPE_NONE, 0);

	/**
	 * OauthSession::scopes-lost:
	 *
	 * Likewise.
	 */
	signals[SCOPES_LOST] = g_signal_new("scopes-lost", OAUTH_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					    G_TYPE_NONE, 0);
}

static void
oauth_session_init(OauthSession *self)
{
	self->closing = g_cancellable_new();
	g_mutex_init(&self->lock);
	g_cond_init(&self->cond);
}

static gboolean
has_scope(OauthAuthorizer *authorizer, const char *short_name)
{
	OauthSession *self = OAUTH_SESSION(authorizer);
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->credential == NULL || self->credential->scope == NULL || covers(self, short_name);
}

static void
authorizer_init(OauthAuthorizerInterface *iface)
{
	iface->acquire_token = acquire_token;
	iface->reject_token = reject_token;
	iface->has_scope = has_scope;
	iface->get_proxy = get_proxy;
}
