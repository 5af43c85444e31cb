/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-session-private.h"

#include <glib/gi18n-lib.h>

#include "oauth-renewal.h"
#include "oauth-scope.h"

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

	/* Threads that meet this type for the first time at once, one of them inside of another type's class, wait for
	 * each other for ever (GLib 2.74). */
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

gboolean
oauth_session_names_scope(OauthSession *self, const char *short_name)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	g_autofree char *graph = oauth_config_dup_graph_origin(self->config);

	return self->credential != NULL && oauth_scope_names(self->credential->scope, graph, short_name);
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

void
oauth_session_clear_failure(OauthSession *self)
{
	g_clear_error(&self->failure);
	self->cool_until = 0;
}

void
oauth_session_unlock_and_tell(OauthSession *self, OauthState before)
{
	gboolean changed = self->state != before;
	g_auto(GStrv) lost = g_steal_pointer(&self->scopes_lost);
	gboolean certain = !self->all_lost;

	g_mutex_unlock(&self->lock);
	if (lost != NULL)
		g_signal_emit(self, signals[SCOPES_LOST], 0, lost, certain);
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

gulong
oauth_session_watch(OauthSession *self, GCancellable *cancellable)
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

gboolean
oauth_session_begin_busy(OauthSession *self, GCancellable *cancellable, GError **error)
{
	gulong handler = oauth_session_watch(self, cancellable);
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
void
oauth_session_end_busy(OauthSession *self)
{
	self->busy = FALSE;
	g_cond_broadcast(&self->cond);
}

void
oauth_session_set_owner(OauthSession *self, const char *home, const char *username)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	g_free(self->owner);
	g_free(self->owner_name);
	self->owner = g_strdup(home);
	self->owner_name = g_strdup(username);
}

/* With the lock held: what the last settings, or their secret, may be to blame for is tried again. */
static void
forgive(OauthSession *self)
{
	if (self->state == OAUTH_STATE_NEEDS_SIGN_IN && self->credential != NULL &&
	    self->credential->refresh_token != NULL)
		self->state = OAUTH_STATE_SIGNED_IN;
	if (self->state != OAUTH_STATE_NEEDS_SIGN_IN)
		oauth_session_clear_failure(self);
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
		self->declined = 0;
		self->state = OAUTH_STATE_UNKNOWN;
		oauth_access_clear(&self->access);
	} else if (g_strcmp0(self->config->graph_origin, config->graph_origin) != 0) {
		self->epoch++;
		oauth_access_clear(&self->access);
	}
	oauth_config_free(self->config);
	self->config = copy_config(self, config);
	forgive(self);
	oauth_session_unlock_and_tell(self, before);
}

gboolean
oauth_session_set_client_secret(OauthSession *self, const char *secret, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = NULL;
	OauthState before;
	gboolean kept;

	g_mutex_lock(&self->lock);
	config = oauth_config_copy(self->config);
	g_mutex_unlock(&self->lock);
	if (secret == NULL)
		kept = oauth_keyring_clear(self->keyring, config, OAUTH_SECRET_CLIENT, cancellable, error);
	else
		kept = oauth_keyring_store(self->keyring, config, OAUTH_SECRET_CLIENT, secret, cancellable, error);
	/* A renewal that is under way has read the old one. */
	if (!kept || !oauth_session_begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	forgive(self);
	oauth_session_end_busy(self);
	oauth_session_unlock_and_tell(self, before);
	return TRUE;
}

gboolean
oauth_session_uses_client_secret(OauthSession *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->uses_client_secret;
}

/* With the lock and @busy held; the lock is released meanwhile. */
gboolean
oauth_session_load_busy(OauthSession *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(OauthConfig) config = oauth_config_copy(self->config);
	g_autoptr(OauthCredential) credential = NULL;
	OauthState before = self->state;
	guint epoch = self->epoch;
	gboolean found, asked;

	g_mutex_unlock(&self->lock);
	asked = oauth_renewal_load(self->keyring, config, &credential, &found, cancellable, error);
	g_mutex_lock(&self->lock);
	if (!asked)
		return FALSE;
	if (self->epoch != epoch || self->state != before)
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
	newer = oauth_renewal_find_newer(self->keyring, config, credential, cancellable, NULL);
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
	oauth_session_clear_failure(self);
}

gboolean
oauth_session_load(OauthSession *self, GCancellable *cancellable, GError **error)
{
	OauthState before;
	gboolean loaded;

	if (!oauth_session_begin_busy(self, cancellable, error))
		return FALSE;
	before = self->state;
	loaded = (before != OAUTH_STATE_UNKNOWN && before != OAUTH_STATE_PENDING) ||
		 oauth_session_load_busy(self, cancellable, error);
	if (before == OAUTH_STATE_NEEDS_SIGN_IN)
		look_again_busy(self, cancellable);
	oauth_session_end_busy(self);
	oauth_session_unlock_and_tell(self, before);
	return loaded;
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
	g_strfreev(self->scopes_lost);
	g_free(self->owner);
	g_free(self->owner_name);
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
					    G_TYPE_NONE, 2, G_TYPE_STRV, G_TYPE_BOOLEAN);
}

static void
oauth_session_init(OauthSession *self)
{
	self->closing = g_cancellable_new();
	g_mutex_init(&self->lock);
	g_cond_init(&self->cond);
}

static OauthProxy *
get_proxy(OauthAuthorizer *authorizer)
{
	return OAUTH_SESSION(authorizer)->proxy;
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
	iface->acquire_token = oauth_session_acquire_token;
	iface->reject_token = oauth_session_reject_token;
	iface->has_scope = has_scope;
	iface->get_proxy = get_proxy;
}
