/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-keyring.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>

#include "oauth-authorizer.h"
#include "oauth-error.h"

#define PATIENCE (2 * G_TIME_SPAN_MINUTE) /* for a person to unlock the keyring */

struct _OauthKeyring {
	GObject parent_instance;

	gboolean memory_only;

	GMutex lock;
	GHashTable *memory; /* what the Secret Service could not take: a Kept for each key */
	char *reason;	    /* why, translated; set once and kept */
};

G_DEFINE_TYPE(OauthKeyring, oauth_keyring, G_TYPE_OBJECT)

typedef struct {
	char *secret;
	gint64 since; /* seconds, as the Secret Service counts them */
} Kept;

static void
kept_free(gpointer data)
{
	Kept *self = data;

	oauth_token_free(self->secret);
	g_free(self);
}

/*
 * OAUTH.md 11. Attributes lie unencrypted: identifiers only. The name is none of those that are searched for: what
 * GNOME Keyring 42 has not unlocked since it started is not found by it, and would seem not to be there.
 */
static const SecretSchema schema = {
	"org.claws_mail.MsGraph",
	SECRET_SCHEMA_DONT_MATCH_NAME,
	{
		{"account", SECRET_SCHEMA_ATTRIBUTE_STRING},
		{"kind", SECRET_SCHEMA_ATTRIBUTE_STRING},
		{"authority", SECRET_SCHEMA_ATTRIBUTE_STRING},
		{"client", SECRET_SCHEMA_ATTRIBUTE_STRING},
		{NULL, 0},
	},
};

/* A call to the Secret Service that is given up after PATIENCE, and when the caller cancels. */
typedef struct {
	GCancellable *cancellable;
	GCancellable *outer;
	gulong handler;
	GThread *thread;
	GMutex lock;
	GCond cond;
	gboolean over;
	gboolean impatient;
} Watch;

static gpointer
watch_thread(gpointer user_data)
{
	Watch *self = user_data;
	gint64 end = g_get_monotonic_time() + PATIENCE;

	g_mutex_lock(&self->lock);
	while (!self->over && g_cond_wait_until(&self->cond, &self->lock, end))
		continue;
	self->impatient = !self->over;
	g_mutex_unlock(&self->lock);
	if (self->impatient)
		g_cancellable_cancel(self->cancellable);
	return NULL;
}

static void
on_outer_cancelled(GCancellable *outer, gpointer user_data)
{
	g_cancellable_cancel(user_data);
}

static void
watch_begin(Watch *self, GCancellable *outer)
{
	memset(self, 0, sizeof *self);
	self->cancellable = g_cancellable_new();
	self->outer = outer;
	g_mutex_init(&self->lock);
	g_cond_init(&self->cond);
	if (outer != NULL)
		self->handler = g_cancellable_connect(outer, G_CALLBACK(on_outer_cancelled), self->cancellable, NULL);
	self->thread = g_thread_new("keyring-watch", watch_thread, self);
}

static void
watch_end(Watch *self)
{
	g_mutex_lock(&self->lock);
	self->over = TRUE;
	g_cond_signal(&self->cond);
	g_mutex_unlock(&self->lock);
	g_thread_join(self->thread);
	g_cancellable_disconnect(self->outer, self->handler);
	g_object_unref(self->cancellable);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->cond);
}

/* By default GIO ends the process with the session bus; a mail client has unsaved work. */
static void
outlive_bus(GCancellable *cancellable)
{
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, cancellable, NULL);

	if (bus != NULL)
		g_dbus_connection_set_exit_on_close(bus, FALSE);
}

OauthKeyring *
oauth_keyring_new(void)
{
	return g_object_new(OAUTH_TYPE_KEYRING, NULL);
}

OauthKeyring *
oauth_keyring_new_in_memory(void)
{
	OauthKeyring *self = oauth_keyring_new();

	self->memory_only = TRUE;
	return self;
}

gboolean
oauth_keyring_is_volatile(OauthKeyring *self, char **reason)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	if (reason != NULL)
		*reason = g_strdup(self->reason);
	return self->reason != NULL;
}

/* TRUE when there is nobody to ask, as opposed to somebody who does not answer now */
static gboolean
is_absent(const GError *error)
{
	static const int codes[] = {
		G_DBUS_ERROR_SERVICE_UNKNOWN,
		G_DBUS_ERROR_NAME_HAS_NO_OWNER,
		G_DBUS_ERROR_SPAWN_EXEC_FAILED,
		G_DBUS_ERROR_SPAWN_FORK_FAILED,
		G_DBUS_ERROR_SPAWN_CHILD_EXITED,
		G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
		G_DBUS_ERROR_SPAWN_FAILED,
		G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND,
		G_DBUS_ERROR_SPAWN_SERVICE_INVALID,
		G_DBUS_ERROR_SPAWN_SETUP_FAILED,
		G_DBUS_ERROR_SPAWN_CONFIG_INVALID,
		G_DBUS_ERROR_SPAWN_PERMISSIONS_INVALID,
		G_DBUS_ERROR_SPAWN_FILE_INVALID,
		G_DBUS_ERROR_SPAWN_NO_MEMORY,
		G_DBUS_ERROR_NO_SERVER,
		G_DBUS_ERROR_DISCONNECTED,
		G_DBUS_ERROR_UNKNOWN_METHOD,
		G_DBUS_ERROR_UNKNOWN_OBJECT,
		G_DBUS_ERROR_UNKNOWN_INTERFACE,
	};

	if (error->domain == G_IO_ERROR)
		return error->code != G_IO_ERROR_CANCELLED && error->code != G_IO_ERROR_TIMED_OUT;
	if (error->domain != G_DBUS_ERROR)
		return error->domain != SECRET_ERROR;
	for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
		if (error->code == codes[i])
			return TRUE;
	}
	return FALSE;
}

/*
 * libsecret stays with the process that it found first, and fails for ever when that one has ended. TRUE when there may
 * be another one, to be tried once.
 */
static gboolean
turn_to_another(GError **cause)
{
	if (*cause == NULL || !is_absent(*cause))
		return FALSE;
	g_clear_error(cause);
	secret_service_disconnect();
	return TRUE;
}

/*
 * Ends a call to the Secret Service. TRUE when the process's memory has to do instead; otherwise @error says that it
 * cannot be asked now, or that the caller cancelled.
 */
static gboolean
settle_failure(Watch *watch, GError *cause, GError **error)
{
	gboolean absent = cause != NULL && is_absent(cause);
	gboolean impatient = watch->impatient;

	if (!absent && !g_cancellable_set_error_if_cancelled(watch->outer, error)) {
		if (cause == NULL || impatient || g_error_matches(cause, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
			g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING,
					    _("The keyring is locked. Unlock it, then try again."));
		else
			g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING, _("The keyring does not answer: %s"),
				    cause->message);
	}
	g_clear_error(&cause);
	return absent;
}

static const char *
get_kind(OauthSecretKind kind)
{
	return kind == OAUTH_SECRET_CLIENT ? "client-secret" : "refresh";
}

/* The login host, with the port where one is given */
static char *
get_authority(const OauthConfig *config)
{
	g_autofree char *origin = oauth_config_dup_identity_origin(config);
	const char *host = strstr(origin, "://");

	return g_strdup(host != NULL ? host + 3 : origin);
}

/* @whole: all four attributes; otherwise what belongs to the account whatever its client and server were */
static GHashTable *
build_attributes(const OauthConfig *config, OauthSecretKind kind, gboolean whole)
{
	GHashTable *attributes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

	g_hash_table_insert(attributes, (gpointer) "account", g_strdup(config->account));
	g_hash_table_insert(attributes, (gpointer) "kind", g_strdup(get_kind(kind)));
	if (whole) {
		g_hash_table_insert(attributes, (gpointer) "authority", get_authority(config));
		g_hash_table_insert(attributes, (gpointer) "client", oauth_config_dup_client_id(config));
	}
	return attributes;
}

static char *
build_prefix(const OauthConfig *config, OauthSecretKind kind)
{
	return g_strdup_printf("%s\n%s\n", config->account, get_kind(kind));
}

static char *
build_key(const OauthConfig *config, OauthSecretKind kind)
{
	g_autofree char *prefix = build_prefix(config, kind);
	g_autofree char *authority = get_authority(config);
	g_autofree char *client_id = oauth_config_dup_client_id(config);

	return g_strconcat(prefix, authority, "\n", client_id, NULL);
}

static void
remember(OauthKeyring *self, const char *key, const char *secret, gint64 since, const char *reason)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	const Kept *before = g_hash_table_lookup(self->memory, key);
	Kept *kept = g_new0(Kept, 1);

	kept->secret = g_strdup(secret);
	/* One that is tried again is not newer for that. */
	kept->since = before != NULL && g_str_equal(before->secret, secret) ? before->since : since;
	g_hash_table_replace(self->memory, g_strdup(key), kept);
	if (self->reason == NULL)
		self->reason = g_strdup(reason);
}

/* @since: (out) (optional): seconds */
static char *
recall(OauthKeyring *self, const char *key, gint64 *since)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	const Kept *kept = g_hash_table_lookup(self->memory, key);

	if (kept == NULL)
		return NULL;
	if (since != NULL)
		*since = kept->since;
	return g_strdup(kept->secret);
}

/* Forgets @key, unless a newer secret than @secret was put there meanwhile. */
static void
forget(OauthKeyring *self, const char *key, const char *secret)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	const Kept *kept = g_hash_table_lookup(self->memory, key);

	if (kept != NULL && g_strcmp0(kept->secret, secret) == 0)
		g_hash_table_remove(self->memory, key);
	if (g_hash_table_size(self->memory) == 0 && !self->memory_only)
		g_clear_pointer(&self->reason, g_free);
}

static const char *
absence_reason(void)
{
	return _("There is no keyring (Secret Service) that could take the sign-in, so it is kept in memory and has to "
		 "be repeated after a restart. Install and start gnome-keyring, KWallet or KeePassXC, and create a "
		 "keyring there, to keep it.");
}

static void
on_found(GObject *source, GAsyncResult *result, gpointer user_data)
{
	GAsyncResult **found = user_data;

	*found = g_object_ref(result);
}

/* Seconds; 0 when none of @items can be read */
static gint64
get_last_written(GList *items)
{
	gint64 last = 0;

	for (GList *item = items; item != NULL; item = item->next) {
		gboolean locked = SECRET_IS_ITEM(item->data) && secret_item_get_locked(item->data);

		if (!locked)
			last = MAX(last, (gint64)secret_retrievable_get_modified(item->data));
	}
	return last;
}

/*
 * TRUE when an item is there, be it locked. In a context of its own that outlives the items: their last clean-up comes
 * through the context in which they were made. @written: (out) (optional): seconds, when the last was written of those
 * that are not locked
 */
static gboolean
exists(GHashTable *attributes, gint64 *written, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GAsyncResult) result = NULL;
	gboolean found;
	GList *items;

	g_main_context_push_thread_default(context);
	secret_password_searchv(&schema, attributes, SECRET_SEARCH_NONE, cancellable, on_found, &result);
	while (result == NULL)
		g_main_context_iteration(context, TRUE);
	items = secret_password_search_finish(result, error);
	found = items != NULL;
	if (written != NULL)
		*written = get_last_written(items);
	g_list_free_full(items, g_object_unref);
	g_clear_object(&result);
	while (g_main_context_iteration(context, FALSE))
		continue;
	g_main_context_pop_thread_default(context);
	return found;
}

/*
 * Without a default collection a store would make the Secret Service ask the person for the password of a new one,
 * in a dialog that nobody called for. ReadAlias answers "/" for none (Secret Service API).
 */
static gboolean
has_default_collection(GCancellable *cancellable, GError **cause)
{
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, cancellable, cause);
	g_autoptr(GVariant) answer = NULL;
	const char *path;

	if (bus == NULL)
		return FALSE;
	answer = g_dbus_connection_call_sync(bus, "org.freedesktop.secrets", "/org/freedesktop/secrets",
					     "org.freedesktop.Secret.Service", "ReadAlias",
					     g_variant_new("(s)", "default"), G_VARIANT_TYPE("(o)"),
					     G_DBUS_CALL_FLAGS_NONE, -1, cancellable, cause);
	if (answer == NULL)
		return FALSE;
	g_variant_get(answer, "(&o)", &path);
	if (!g_str_equal(path, "/"))
		return TRUE;
	g_set_error_literal(cause, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "There is no default collection");
	return FALSE;
}

/* TRUE when another program has put a secret where the one that is kept in memory since @since belongs. */
static gboolean
has_newer(const OauthConfig *config, OauthSecretKind kind, gint64 since, GCancellable *cancellable)
{
	g_autoptr(GHashTable) attributes = build_attributes(config, kind, TRUE);
	gint64 written = 0;
	Watch watch;

	watch_begin(&watch, cancellable);
	outlive_bus(watch.cancellable);
	if (has_default_collection(watch.cancellable, NULL))
		exists(attributes, &written, watch.cancellable, NULL);
	watch_end(&watch);
	return written > since;
}

/*
 * Puts what was kept in memory into a Secret Service that came later. FALSE when that has a newer secret by now, and
 * the one in memory is forgotten.
 */
static gboolean
catch_up(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind, const char *key, const char *secret,
	 gint64 since, GCancellable *cancellable)
{
	if (has_newer(config, kind, since, cancellable)) {
		forget(self, key, secret);
		return FALSE;
	}
	if (oauth_keyring_store(self, config, kind, secret, cancellable, NULL))
		g_debug("keyring: stored what was in memory");
	return TRUE;
}

char *
oauth_keyring_lookup(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind, GCancellable *cancellable,
		     GError **error)
{
	g_autofree char *key = build_key(config, kind);
	g_autoptr(GHashTable) attributes = NULL;
	g_autoptr(GError) cause = NULL;
	gint64 since = 0;
	char *kept = recall(self, key, &since);
	char *found, *secret = NULL;
	gboolean locked = FALSE;
	Watch watch;

	if (self->memory_only || (kept != NULL && catch_up(self, config, kind, key, kept, since, cancellable)))
		return kept;

	oauth_token_free(kept);
	attributes = build_attributes(config, kind, TRUE);
	watch_begin(&watch, cancellable);
	outlive_bus(watch.cancellable);
	found = secret_password_lookupv_nonpageable_sync(&schema, attributes, watch.cancellable, &cause);
	if (turn_to_another(&cause))
		found = secret_password_lookupv_nonpageable_sync(&schema, attributes, watch.cancellable, &cause);
	if (found == NULL && cause == NULL)
		locked = exists(attributes, NULL, watch.cancellable, &cause);
	watch_end(&watch);
	if (found != NULL) {
		secret = g_strdup(found);
		secret_password_free(found);
	} else if (locked || cause != NULL) {
		settle_failure(&watch, g_steal_pointer(&cause), error);
	}
	return secret;
}

static gboolean
store_in_service(const OauthConfig *config, OauthSecretKind kind, const char *secret, Watch *watch, GError **cause)
{
	g_autoptr(GHashTable) attributes = build_attributes(config, kind, TRUE);
	g_autofree char *label = NULL;

	/* Translators: shown by the keyring's own window; %s is the account's name. */
	label = g_strdup_printf(_("Claws Mail – Microsoft account %s"),
				config->name != NULL ? config->name : config->account);
	outlive_bus(watch->cancellable);
	if (!has_default_collection(watch->cancellable, cause))
		return FALSE;
	return secret_password_storev_sync(&schema, attributes, SECRET_COLLECTION_DEFAULT, label, secret,
					   watch->cancellable, cause);
}

/**
 * oauth_keyring_store:
 *
 * A secret that the Secret Service did not take is kept in memory, whatever the result.
 *
 * Returns: %FALSE with %OAUTH_ERROR_KEYRING when the Secret Service is there but refused
 */
gboolean
oauth_keyring_store(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind, const char *secret,
		    GCancellable *cancellable, GError **error)
{
	g_autofree char *key = build_key(config, kind);
	g_autofree char *reason = NULL;
	g_autoptr(GError) refusal = NULL;
	gint64 since = g_get_real_time() / G_USEC_PER_SEC;
	GError *cause = NULL;
	gboolean stored;
	char *old;
	Watch watch;

	if (self->memory_only) {
		remember(self, key, secret, since,
			 _("The sign-in is kept in memory and has to be repeated after a restart."));
		return TRUE;
	}
	old = recall(self, key, NULL);
	watch_begin(&watch, cancellable);
	stored = store_in_service(config, kind, secret, &watch, &cause);
	if (turn_to_another(&cause))
		stored = store_in_service(config, kind, secret, &watch, &cause);
	watch_end(&watch);
	if (stored)
		forget(self, key, old);
	oauth_token_free(old);
	if (stored)
		return TRUE;
	if (settle_failure(&watch, cause, &refusal)) {
		remember(self, key, secret, since, absence_reason());
		return TRUE;
	}
	reason = g_strdup_printf(_("The sign-in is kept in memory and has to be repeated after a restart. %s"),
				 refusal->message);
	remember(self, key, secret, since, reason);
	g_propagate_error(error, g_steal_pointer(&refusal));
	return FALSE;
}

static gboolean
belongs(gpointer key, gpointer value, gpointer user_data)
{
	return g_str_has_prefix(key, user_data);
}

/**
 * oauth_keyring_clear:
 *
 * Removes every secret of that kind of the account, also those for a former client id or server.
 */
gboolean
oauth_keyring_clear(OauthKeyring *self, const OauthConfig *config, OauthSecretKind kind, GCancellable *cancellable,
		    GError **error)
{
	g_autoptr(GHashTable) attributes = build_attributes(config, kind, FALSE);
	g_autofree char *prefix = build_prefix(config, kind);
	GError *cause = NULL;
	gboolean cleared;
	gboolean left = FALSE;
	Watch watch;

	g_mutex_lock(&self->lock);
	g_hash_table_foreach_remove(self->memory, belongs, prefix);
	g_mutex_unlock(&self->lock);
	if (self->memory_only)
		return TRUE;

	watch_begin(&watch, cancellable);
	outlive_bus(watch.cancellable);
	cleared = secret_password_clearv_sync(&schema, attributes, watch.cancellable, &cause);
	if (turn_to_another(&cause))
		cleared = secret_password_clearv_sync(&schema, attributes, watch.cancellable, &cause);
	if (!cleared && cause == NULL)
		left = exists(attributes, NULL, watch.cancellable, &cause);
	watch_end(&watch);
	if (!left && cause == NULL)
		return TRUE;
	return settle_failure(&watch, cause, error);
}

static void
oauth_keyring_finalize(GObject *object)
{
	OauthKeyring *self = OAUTH_KEYRING(object);

	g_hash_table_unref(self->memory);
	g_free(self->reason);
	g_mutex_clear(&self->lock);
	G_OBJECT_CLASS(oauth_keyring_parent_class)->finalize(object);
}

static void
oauth_keyring_class_init(OauthKeyringClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = oauth_keyring_finalize;
}

static void
oauth_keyring_init(OauthKeyring *self)
{
	g_mutex_init(&self->lock);
	self->memory = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, kept_free);
}
