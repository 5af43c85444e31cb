/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-session-private.h"

#include <glib/gi18n-lib.h>

#include "oauth-error.h"
#include "oauth-renewal.h"

#define COOL_DOWN (60 * G_TIME_SPAN_SECOND)	  /* after a failed refresh; OAUTH.md 10 */
#define QUICK_REJECTION (60 * G_TIME_SPAN_SECOND) /* a token refused so soon was never good */
#define MAX_QUICK_REJECTIONS 5

/* With the lock held */
void
oauth_session_take_grant(OauthSession *self, const OauthGrant *grant, gboolean by_person)
{
	oauth_access_set(&self->access, grant->access_token, grant->expires_in);
	self->state = OAUTH_STATE_SIGNED_IN;
	oauth_challenge_meet(&self->challenge, by_person);
	oauth_session_clear_failure(self);
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
	self->cool_told = (trouble->told && trouble->wait > 0) || trouble->busy;
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
void
oauth_session_lose_scopes(OauthSession *self, char **names)
{
	g_auto(GStrv) extra = g_steal_pointer(&self->config->extra_scopes);
	g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
	g_autoptr(GStrvBuilder) lost = g_strv_builder_new();

	for (guint i = 0; extra != NULL && extra[i] != NULL; i++) {
		gboolean goes = names == NULL || g_strv_contains((const char *const *)names, extra[i]);

		g_strv_builder_add(goes ? lost : kept, extra[i]);
	}
	g_strfreev(self->scopes_lost);
	self->scopes_lost = g_strv_builder_end(lost);
	self->all_lost = names == NULL;
	self->config->extra_scopes = g_strv_builder_end(kept);
	if (*self->scopes_lost == NULL)
		g_clear_pointer(&self->scopes_lost, g_strfreev);
	if (*self->config->extra_scopes == NULL)
		g_clear_pointer(&self->config->extra_scopes, g_strfreev);
}

static gboolean
is_about_consent(const OauthTrouble *trouble)
{
	return trouble->refusal != NULL && oauth_refusal_is_about_consent(trouble->refusal);
}

/* What a renewal needs, while the lock is released */
typedef struct {
	OauthConfig *config;
	OauthCredential *credential;
	char *claims;
	OauthTrouble trouble; /* of the last request */
} Renewal;

static OauthGrant *
renew(OauthSession *self, Renewal *renewal, const OauthConfig *config, GCancellable *cancellable, GError **error)
{
	oauth_trouble_clear(&renewal->trouble);
	return oauth_renewal_run(self->keyring, config, &renewal->credential, renewal->claims, self->tls_database,
				 &renewal->trouble, cancellable, error);
}

/*
 * After a refusal for a permission, of which the service does not say which one it is: without those that only features
 * need, then with one more of them at a time. @lost: (nullable): those that were refused, when the rest was not.
 */
static OauthGrant *
renew_with_less(OauthSession *self, Renewal *renewal, char ***lost, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = oauth_config_copy(renewal->config);
	g_autoptr(GStrvBuilder) refused = g_strv_builder_new();
	g_auto(GStrv) extra = g_steal_pointer(&config->extra_scopes);
	OauthGrant *grant = renew(self, renewal, config, cancellable, error);

	if (grant == NULL)
		return NULL;
	for (char **name = extra; *name != NULL; name++) {
		const char *const one[] = {*name, NULL};
		g_autoptr(OauthConfig) wider = oauth_config_copy(config);
		OauthGrant *more = NULL;

		oauth_config_add_scopes(wider, one);
		/* A single one is what was refused at first. */
		if (extra[1] != NULL)
			more = renew(self, renewal, wider, cancellable, NULL);
		if (more != NULL) {
			oauth_grant_free(grant);
			grant = more;
			oauth_config_free(config);
			config = g_steal_pointer(&wider);
		} else if (extra[1] == NULL || is_about_consent(&renewal->trouble)) {
			g_strv_builder_add(refused, *name);
		} else {
			break;
		}
	}
	*lost = g_strv_builder_end(refused);
	return grant;
}

static void
renewal_clear(Renewal *self)
{
	oauth_config_free(self->config);
	oauth_credential_free(self->credential);
	g_free(self->claims);
	oauth_trouble_clear(&self->trouble);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Renewal, renewal_clear)

/*
 * With the lock and @busy held; the lock is released meanwhile. TRUE when there is a new access token. What a feature
 * needs is given up for the rest.
 */
static gboolean
refresh_busy(OauthSession *self, GCancellable *cancellable, GError **error)
{
	g_auto(Renewal) renewal = {
		oauth_config_copy(self->config),
		oauth_credential_copy(self->credential),
		g_strdup(self->challenge.claims),
		{0},
	};
	g_autoptr(OauthGrant) grant = NULL;
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) lost = NULL;
	guint epoch = self->epoch;

	g_mutex_unlock(&self->lock);
	grant = renew(self, &renewal, renewal.config, cancellable, &cause);
	if (grant == NULL && renewal.config->extra_scopes != NULL && is_about_consent(&renewal.trouble)) {
		g_clear_error(&cause);
		grant = renew_with_less(self, &renewal, &lost, cancellable, &cause);
	}
	g_mutex_lock(&self->lock);

	if (self->epoch != epoch) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
				    _("The account's settings have changed. Try again."));
		return FALSE;
	}
	if (lost != NULL)
		oauth_session_lose_scopes(self, lost);
	if (grant != NULL) {
		oauth_session_take_grant(self, grant, FALSE);
		oauth_credential_free(self->credential);
		self->credential = g_steal_pointer(&renewal.credential);
		return TRUE;
	}
	if (judge_failure(self, cause, &renewal.trouble)) {
		g_clear_pointer(&self->credential->refresh_token, oauth_token_free);
		g_mutex_unlock(&self->lock);
		if (!renewal.trouble.unlooked)
			oauth_renewal_forget(self->keyring, renewal.config, renewal.credential);
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
	if (self->state == OAUTH_STATE_UNKNOWN && !oauth_session_load_busy(self, cancellable, error))
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
	oauth_session_end_busy(self);
	oauth_session_unlock_and_tell(self, before);
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

char *
oauth_session_acquire_token(OauthAuthorizer *authorizer, GCancellable *cancellable, GError **error)
{
	OauthSession *self = OAUTH_SESSION(authorizer);
	char *token;
	gulong handler;

	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return NULL;
	handler = oauth_session_watch(self, cancellable);
	g_mutex_lock(&self->lock);
	if (oauth_access_is_fresh(&self->access))
		token = g_strdup(self->access.token);
	else
		token = wait_for_token(self, cancellable, error);
	g_mutex_unlock(&self->lock);
	g_cancellable_disconnect(cancellable, handler);
	return token;
}

void
oauth_session_be_asked(OauthSession *self)
{
	g_return_if_fail(OAUTH_IS_SESSION(self));

	g_mutex_lock(&self->lock);
	if (!self->cool_told)
		self->cool_until = 0;
	g_mutex_unlock(&self->lock);
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
	handler = oauth_session_watch(self, cancellable);
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

void
oauth_session_reject_token(OauthAuthorizer *authorizer, const char *token, const char *claims)
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
			give_up(self,
				_("The service does not accept the sign-in although it was just confirmed. A policy "
				  "of your organization may forbid it; ask your administrator."));
		else if (repeats)
			give_up(self,
				_("The service wants the sign-in to be confirmed. Sign in again in the browser."));
		else if (self->rejections >= MAX_QUICK_REJECTIONS)
			give_up(self, _("The service refuses the sign-in again and again. Sign in again."));
	}
	oauth_session_unlock_and_tell(self, before);
}
