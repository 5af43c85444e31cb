/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "oauth-error.h"
#include "outlook-explain.h"
#include "outlook-handover.h"

static guint signals[OUTLOOK_ACCOUNT_N_SIGNALS];

G_DEFINE_FINAL_TYPE(OutlookAccount, outlook_account, G_TYPE_OBJECT)

/* What a thread has to say, on its way to the main thread. */
typedef struct {
	OutlookAccount *account;
	guint signal;
	gint severity;
	char *text;
	guint done;
	guint total;
} Message;

static void
message_free(gpointer data)
{
	Message *message = data;

	g_object_unref(message->account);
	g_free(message->text);
	g_free(message);
}

static gboolean
message_emit(gpointer data)
{
	Message *message = data;
	OutlookAccount *self = message->account;

	if (self->closed)
		return G_SOURCE_REMOVE;
	switch (message->signal) {
	case OUTLOOK_ACCOUNT_REPORT:
		g_signal_emit(self, signals[OUTLOOK_ACCOUNT_REPORT], 0, message->severity, message->text);
		break;
	case OUTLOOK_ACCOUNT_PROGRESS:
		g_signal_emit(self, signals[OUTLOOK_ACCOUNT_PROGRESS], 0, message->text, message->done, message->total);
		break;
	case OUTLOOK_ACCOUNT_LOG:
		g_signal_emit(self, signals[OUTLOOK_ACCOUNT_LOG], 0, message->text);
		break;
	default:
		g_signal_emit(self, signals[message->signal], 0);
		break;
	}
	return G_SOURCE_REMOVE;
}

/* Any thread. */
void
outlook_account_say(OutlookAccount *self, OutlookAccountSignal signal, gint severity, const char *text, guint done,
		    guint total)
{
	Message *message = g_new0(Message, 1);

	message->account = g_object_ref(self);
	message->signal = signal;
	message->severity = severity;
	message->text = g_strdup(text);
	message->done = done;
	message->total = total;
	g_idle_add_full(G_PRIORITY_DEFAULT, message_emit, message, message_free);
}

void
outlook_account_emit_failure(OutlookAccount *self, const GError *error)
{
	if (!self->closed)
		g_signal_emit(self, signals[OUTLOOK_ACCOUNT_FAILURE], 0, error);
}

void
outlook_account_clear_report(OutlookAccount *self)
{
	g_clear_pointer(&self->last_report, g_free);
	outlook_account_emit_failure(self, NULL);
}

void
outlook_account_emit_state(OutlookAccount *self)
{
	g_signal_emit(self, signals[OUTLOOK_ACCOUNT_STATE_CHANGED], 0);
}

void
outlook_account_emit_settings(OutlookAccount *self)
{
	g_signal_emit(self, signals[OUTLOOK_ACCOUNT_SETTINGS_CHANGED], 0);
}

void
outlook_account_report_error(OutlookAccount *self, const GError *error)
{
	g_autofree char *text = NULL;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	text = outlook_explain(error);
	if (g_strcmp0(text, self->last_report) == 0)
		return;
	/* It says what the next check would say. */
	if (g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED) ||
	    g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED))
		self->sign_in_told = TRUE;
	g_free(self->last_report);
	self->last_report = g_strdup(text);
	outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 1, text, 0, 0);
	outlook_account_emit_failure(self, error);
}

static gboolean
folders_emit(gpointer data)
{
	OutlookAccount *self = data;
	g_autoptr(GHashTable) changed = NULL;
	GHashTableIter iter;
	gpointer key;
	gpointer arrived;

	g_mutex_lock(&self->mutex);
	changed = g_steal_pointer(&self->changed);
	self->changed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	self->changed_queued = FALSE;
	g_mutex_unlock(&self->mutex);

	g_hash_table_iter_init(&iter, changed);
	while (!self->closed && g_hash_table_iter_next(&iter, &key, &arrived))
		g_signal_emit(self, signals[OUTLOOK_ACCOUNT_FOLDER_CHANGED], 0, *(gint64 *)key,
			      GPOINTER_TO_UINT(arrived));
	return G_SOURCE_REMOVE;
}

/* The store's signals come from any thread; those of one folder until the main thread has time are one. */
static void
store_folder_changed(StoreAccount *store, gint64 folder, guint arrived, gpointer data)
{
	OutlookAccount *self = data;
	gboolean queue;

	g_mutex_lock(&self->mutex);
	arrived += GPOINTER_TO_UINT(g_hash_table_lookup(self->changed, &folder));
	g_hash_table_insert(self->changed, g_memdup2(&folder, sizeof folder), GUINT_TO_POINTER(arrived));
	queue = !self->changed_queued;
	self->changed_queued = TRUE;
	g_mutex_unlock(&self->mutex);
	if (queue)
		g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, folders_emit, g_object_ref(self), g_object_unref);
}

static void
store_folders_changed(StoreAccount *store, gpointer data)
{
	outlook_account_say(data, OUTLOOK_ACCOUNT_FOLDERS_CHANGED, 0, NULL, 0, 0);
}

static void
store_journal_changed(StoreAccount *store, guint waiting, gpointer data)
{
	outlook_account_say(data, OUTLOOK_ACCOUNT_STATE_CHANGED, 0, NULL, 0, 0);
}

static void
store_refused(StoreAccount *store, const char *text, gpointer data)
{
	outlook_account_say(data, OUTLOOK_ACCOUNT_REPORT, 1, text, 0, 0);
}

static void
store_progress(StoreAccount *store, const char *text, guint done, guint total, gpointer data)
{
	outlook_account_say(data, OUTLOOK_ACCOUNT_PROGRESS, 0, text, done, total);
}

static void
session_state_changed(OauthSession *session, gpointer data)
{
	outlook_account_say(data, OUTLOOK_ACCOUNT_STATE_CHANGED, 0, NULL, 0, 0);
}

/* A note to the account from callbacks that may outlive it. */
static void
weak_ref_free(gpointer data)
{
	g_weak_ref_clear(data);
	g_free(data);
}

static gpointer
weak_ref_new(OutlookAccount *self)
{
	GWeakRef *ref = g_new0(GWeakRef, 1);

	g_weak_ref_init(ref, self);
	return ref;
}

static void
client_log(const char *line, gpointer data)
{
	g_autoptr(OutlookAccount) self = g_weak_ref_get(data);

	if (self != NULL)
		outlook_account_say(self, OUTLOOK_ACCOUNT_LOG, 0, line, 0, 0);
}

static void
client_throttled(double seconds, gpointer data)
{
	g_autoptr(OutlookAccount) self = g_weak_ref_get(data);
	g_autofree char *text = NULL;

	if (self == NULL)
		return;
	if (seconds <= 0) {
		outlook_account_say(self, OUTLOOK_ACCOUNT_PROGRESS, 0, NULL, 0, 0);
		return;
	}
	if (seconds < 1)
		return;
	text = g_strdup_printf(ngettext("Waiting for %u second at Microsoft’s request",
					"Waiting for %u seconds at Microsoft’s request", (guint)(seconds + 0.5)),
			       (guint)(seconds + 0.5));
	outlook_account_say(self, OUTLOOK_ACCOUNT_LOG, 0, text, 0, 0);
	outlook_account_say(self, OUTLOOK_ACCOUNT_PROGRESS, 0, text, 0, 0);
}

char *
outlook_account_get_directory(OutlookAccount *self)
{
	g_autofree char *own = g_build_filename(g_get_user_data_dir(), OUTLOOK_ACCOUNT_DIRECTORY,
						self->settings->config->account, NULL);
	g_autofree char *address = self->mailbox != NULL ? g_ascii_strdown(self->mailbox, -1) : NULL;
	g_autofree char *name = address != NULL ? g_compute_checksum_for_string(G_CHECKSUM_SHA256, address, -1) : NULL;

	return name != NULL ? g_build_filename(own, "shared", name, NULL) : g_steal_pointer(&own);
}

void
outlook_account_close_store(OutlookAccount *self)
{
	if (self->store != NULL)
		g_signal_handlers_disconnect_by_data(self->store, self);
	g_clear_object(&self->store);
	g_clear_object(&self->client);
}

void
outlook_account_open_store(OutlookAccount *self)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = outlook_account_get_directory(self);
	g_autofree char *notice = NULL;

	self->client = graph_client_new(OAUTH_AUTHORIZER(self->session), self->settings->config->graph_origin,
					self->mailbox, NULL);
	graph_client_set_log(self->client, client_log, weak_ref_new(self), weak_ref_free);
	graph_client_set_throttled(self->client, client_throttled, weak_ref_new(self), weak_ref_free);

	g_clear_pointer(&self->store_error, g_free);
	self->store = store_account_new(directory, self->client, &error);
	if (self->store == NULL) {
		self->store_error = outlook_explain(error);
		return;
	}
	notice = store_account_take_notice(self->store);
	if (notice != NULL)
		outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 1, notice, 0, 0);
	g_signal_connect(self->store, "folders-changed", G_CALLBACK(store_folders_changed), self);
	g_signal_connect(self->store, "folder-changed", G_CALLBACK(store_folder_changed), self);
	g_signal_connect(self->store, "journal-changed", G_CALLBACK(store_journal_changed), self);
	g_signal_connect(self->store, "refused", G_CALLBACK(store_refused), self);
	g_signal_connect(self->store, "progress", G_CALLBACK(store_progress), self);
}

/* What kept the store closed may be over: a full disk, another program, a version that was too old. */
void
outlook_account_reopen_store(OutlookAccount *self)
{
	outlook_account_close_store(self);
	outlook_account_open_store(self);
	if (self->store == NULL)
		return;
	self->store_told = FALSE;
	outlook_account_clear_report(self);
	outlook_account_say(self, OUTLOOK_ACCOUNT_STATE_CHANGED, 0, NULL, 0, 0);
	outlook_account_say(self, OUTLOOK_ACCOUNT_FOLDERS_CHANGED, 0, NULL, 0, 0);
}

OutlookAccount *
outlook_account_new(int account_id, const char *name, const OutlookSettings *settings)
{
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new();

	return outlook_account_new_full(account_id, name, settings, keyring, NULL);
}

static OutlookAccount *
account_new(int account_id, const char *name, const OutlookSettings *settings, OauthKeyring *keyring)
{
	OutlookAccount *self = g_object_new(OUTLOOK_TYPE_ACCOUNT, NULL);
	g_autoptr(OauthConfig) config = NULL;

	self->id = account_id;
	self->name = g_strdup(name);
	self->settings = outlook_settings_copy(settings);
	self->keyring = g_object_ref(keyring);
	config = outlook_account_make_config(self);
	self->session = oauth_session_new(config, keyring, NULL);
	g_signal_connect(self->session, "state-changed", G_CALLBACK(session_state_changed), self);
	g_signal_connect(self->session, "scopes-lost", G_CALLBACK(outlook_account_session_lost_scopes), self);
	return self;
}

OutlookAccount *
outlook_account_new_full(int account_id, const char *name, const OutlookSettings *settings, OauthKeyring *keyring,
			 const char *secret_file)
{
	OutlookAccount *self = account_new(account_id, name, settings, keyring);

	self->secret_file = g_strdup(secret_file);
	outlook_account_finish_removal(self);
	outlook_account_open_store(self);
	outlook_handover_join(self);
	outlook_account_load(self);
	outlook_account_open_shared(self);
	return self;
}

OutlookAccount *
outlook_account_new_for_mailbox(OutlookAccount *owner, const char *address)
{
	OutlookAccount *self = g_object_new(OUTLOOK_TYPE_ACCOUNT, NULL);

	self->id = owner->id;
	self->name = g_strdup(address);
	self->mailbox = g_strdup(address);
	self->settings = outlook_settings_copy(owner->settings);
	self->keyring = g_object_ref(owner->keyring);
	self->session = g_object_ref(owner->session);
	self->online = owner->online;
	outlook_account_open_store(self);
	outlook_handover_join(self);
	return self;
}

OutlookAccount *
outlook_account_new_without_store(const char *name, const OutlookSettings *settings, OauthKeyring *keyring)
{
	OutlookAccount *self = account_new(0, name, settings, keyring);

	/* There is nothing to check mail into. */
	self->online = FALSE;
	return self;
}

void
outlook_account_set_browser(OutlookAccount *self, OauthOpenUri open_uri, gpointer user_data)
{
	self->open_uri = open_uri;
	self->open_uri_data = user_data;
}

int
outlook_account_get_id(OutlookAccount *self)
{
	return self->id;
}

const OutlookSettings *
outlook_account_get_settings(OutlookAccount *self)
{
	return self->settings;
}

/* A new service needs a new client, a new person at most a new sign-in. The UUID and what has calls of its own stay. */
void
outlook_account_set_settings(OutlookAccount *self, const OutlookSettings *settings)
{
	g_autoptr(OauthConfig) config = NULL;
	gboolean other_service;

	g_return_if_fail(!self->closed);

	other_service = g_strcmp0(self->settings->config->graph_origin, settings->config->graph_origin) != 0;
	if (settings != self->settings) {
		g_autoptr(OutlookSettings) before = self->settings;

		self->settings = outlook_settings_copy(settings);
		g_free(self->settings->config->account);
		g_strfreev(self->settings->config->extra_scopes);
		g_strfreev(self->settings->shared);
		self->settings->config->account = g_strdup(before->config->account);
		self->settings->config->extra_scopes = g_strdupv(before->config->extra_scopes);
		self->settings->shared = g_strdupv(before->shared);
		if (self->mailbox == NULL)
			outlook_account_take_scopes(self, before->config);
	}
	config = outlook_account_make_config(self);
	if (self->mailbox == NULL)
		oauth_session_set_config(self->session, config);
	if (other_service) {
		outlook_worker_cancel_all(self->worker);
		outlook_account_close_store(self);
		outlook_account_open_store(self);
	}
	for (guint i = 0; i < self->shared->len; i++)
		outlook_account_set_settings(g_ptr_array_index(self->shared, i), self->settings);
	self->sign_in_told = FALSE;
	outlook_account_clear_report(self);
	outlook_account_say(self, OUTLOOK_ACCOUNT_STATE_CHANGED, 0, NULL, 0, 0);
}

StoreAccount *
outlook_account_get_store(OutlookAccount *self)
{
	return self->store;
}

const char *
outlook_account_get_store_error(OutlookAccount *self)
{
	return self->store_error;
}

OauthSession *
outlook_account_get_session(OutlookAccount *self)
{
	return self->session;
}

OutlookWorker *
outlook_account_get_worker(OutlookAccount *self)
{
	return self->worker;
}

gboolean
outlook_account_is_closed(OutlookAccount *self)
{
	return self->closed;
}

gboolean
outlook_account_is_online(OutlookAccount *self)
{
	return self->online;
}

static char *
describe_last_check(OutlookAccount *self)
{
	gint64 last = self->store != NULL ? store_account_get_last_check(self->store) : 0;
	g_autoptr(GDateTime) time = last > 0 ? g_date_time_new_from_unix_local(last) : NULL;
	g_autofree char *text = time != NULL ? g_date_time_format(time, "%x %X") : NULL;

	if (text == NULL)
		return g_strdup(_("not checked yet"));
	return g_strdup_printf(_("last check %s"), text);
}

char *
outlook_account_describe_state(OutlookAccount *self)
{
	g_autoptr(OauthIdentity) identity = NULL;
	g_autofree char *reason = NULL;
	g_autofree char *check = NULL;

	if (self->store_error != NULL)
		return g_strdup(self->store_error);
	if (self->sign_in != NULL)
		return g_strdup(_("Waiting for the sign-in."));
	switch (oauth_session_get_state(self->session)) {
	case OAUTH_STATE_PENDING:
		return g_strdup(outlook_account_was_signed_in(self) ? _("Sign in again.") : _("Not signed in yet."));
	case OAUTH_STATE_NEEDS_SIGN_IN:
		reason = oauth_session_get_last_error(self->session);
		if (reason == NULL)
			return g_strdup(_("Sign in again."));
		return g_strdup_printf(_("Sign in again: %s"), reason);
	case OAUTH_STATE_SIGNED_IN:
		identity = oauth_session_get_identity(self->session);
		check = describe_last_check(self);
		if (identity == NULL || identity->username == NULL)
			return g_strdup_printf(_("Signed in; %s."), check);
		return g_strdup_printf(_("Signed in as %s; %s."), identity->username, check);
	case OAUTH_STATE_UNKNOWN:
	default:
		return g_strdup(_("The keyring has not answered yet."));
	}
}

char *
outlook_account_explain(const GError *error)
{
	return outlook_explain(error);
}

static void
outlook_account_dispose(GObject *object)
{
	OutlookAccount *self = OUTLOOK_ACCOUNT(object);

	outlook_account_close(self, FALSE);
	G_OBJECT_CLASS(outlook_account_parent_class)->dispose(object);
}

static void
outlook_account_finalize(GObject *object)
{
	OutlookAccount *self = OUTLOOK_ACCOUNT(object);

	g_clear_pointer(&self->download, outlook_job_unref);
	g_queue_clear_full(&self->downloads, g_free);
	g_clear_object(&self->sign_in);
	g_clear_object(&self->session);
	g_clear_object(&self->keyring);
	g_clear_object(&self->worker);
	g_clear_pointer(&self->settings, outlook_settings_free);
	g_free(self->name);
	g_free(self->secret_file);
	g_free(self->sign_in_page);
	g_free(self->mailbox);
	g_ptr_array_unref(self->shared);
	g_strfreev(self->wanted);
	g_strfreev(self->wanted_scopes);
	g_strfreev(self->wanted_extra);
	g_strfreev(self->refused);
	g_free(self->store_error);
	g_free(self->last_report);
	g_hash_table_unref(self->changed);
	g_mutex_clear(&self->mutex);
	G_OBJECT_CLASS(outlook_account_parent_class)->finalize(object);
}

static void
outlook_account_class_init(OutlookAccountClass *klass)
{
	GObjectClass *object_class = G_OBJECT_CLASS(klass);
	GType type = G_TYPE_FROM_CLASS(klass);

	object_class->dispose = outlook_account_dispose;
	object_class->finalize = outlook_account_finalize;

	signals[OUTLOOK_ACCOUNT_STATE_CHANGED] =
		g_signal_new("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[OUTLOOK_ACCOUNT_FOLDERS_CHANGED] =
		g_signal_new("folders-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[OUTLOOK_ACCOUNT_FOLDER_CHANGED] = g_signal_new("folder-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
							       NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_UINT);
	signals[OUTLOOK_ACCOUNT_REPORT] = g_signal_new("report", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
						       G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_STRING);
	signals[OUTLOOK_ACCOUNT_PROGRESS] = g_signal_new("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
							 G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
	signals[OUTLOOK_ACCOUNT_FAILURE] =
		g_signal_new("failure", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
	signals[OUTLOOK_ACCOUNT_SETTINGS_CHANGED] =
		g_signal_new("settings-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[OUTLOOK_ACCOUNT_LOG] =
		g_signal_new("log", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
outlook_account_init(OutlookAccount *self)
{
	g_mutex_init(&self->mutex);
	self->changed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	self->worker = outlook_worker_new();
	self->shared = g_ptr_array_new_with_free_func(g_object_unref);
	self->online = TRUE;
}
