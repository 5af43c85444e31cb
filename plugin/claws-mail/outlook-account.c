/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "graph-error.h"
#include "oauth-cloud.h"
#include "oauth-error.h"
#include "outlook-explain.h"

#define CLOSE_SECONDS 5
#define PUSH_AGAIN_SECONDS 30
#define THOROUGH_MINUTES 20

struct _OutlookAccount {
	GObject parent_instance;

	int id;
	char *name;
	OutlookSettings *settings;
	char *secret_file;

	OauthKeyring *keyring;
	OauthSession *session;
	GraphClient *client;
	StoreAccount *store;
	char *store_error;
	OutlookWorker *worker;

	OauthOpenUri open_uri;
	gpointer open_uri_data;
	GCancellable *sign_in;

	gboolean online;
	gboolean closed;
	gboolean loading;
	gboolean checking;
	gboolean check_wanted;
	gboolean check_by_user;
	gint64 check_open;
	gint64 last_thorough; /* monotonic; 0: not in this run */
	gboolean pushing;
	gboolean push_wanted;
	guint push_again;
	gboolean browser_opened;
	gboolean sign_in_told;
	gboolean store_told;
	gboolean volatile_told;
	char *last_report;

	GMutex mutex;
	GHashTable *changed; /* gint64 folder → guint arrived, until the main thread has said it */
	gboolean changed_queued;
};

enum {
	STATE_CHANGED,
	FOLDERS_CHANGED,
	FOLDER_CHANGED,
	REPORT,
	PROGRESS,
	LOG,
	N_SIGNALS,
};

static guint signals[N_SIGNALS];

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
	case REPORT:
		g_signal_emit(self, signals[REPORT], 0, message->severity, message->text);
		break;
	case PROGRESS:
		g_signal_emit(self, signals[PROGRESS], 0, message->text, message->done, message->total);
		break;
	case LOG:
		g_signal_emit(self, signals[LOG], 0, message->text);
		break;
	default:
		g_signal_emit(self, signals[message->signal], 0);
		break;
	}
	return G_SOURCE_REMOVE;
}

/* Any thread. */
static void
say(OutlookAccount *self, guint signal, gint severity, const char *text, guint done, guint total)
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

static void
report(OutlookAccount *self, gint severity, const char *text)
{
	say(self, REPORT, severity, text, 0, 0);
}

/* The same trouble at each check is said once, until something else happens. */
static void
report_error(OutlookAccount *self, const GError *error)
{
	g_autofree char *text = NULL;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	text = outlook_explain(error);
	if (g_strcmp0(text, self->last_report) == 0)
		return;
	g_free(self->last_report);
	self->last_report = g_strdup(text);
	report(self, 1, text);
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
		g_signal_emit(self, signals[FOLDER_CHANGED], 0, *(gint64 *)key, GPOINTER_TO_UINT(arrived));
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
	say(data, FOLDERS_CHANGED, 0, NULL, 0, 0);
}

static void
store_journal_changed(StoreAccount *store, guint waiting, gpointer data)
{
	say(data, STATE_CHANGED, 0, NULL, 0, 0);
}

static void
store_refused(StoreAccount *store, const char *text, gpointer data)
{
	report(data, 1, text);
}

static void
store_progress(StoreAccount *store, const char *text, guint done, guint total, gpointer data)
{
	say(data, PROGRESS, 0, text, done, total);
}

static void
session_state_changed(OauthSession *session, gpointer data)
{
	say(data, STATE_CHANGED, 0, NULL, 0, 0);
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
		say(self, LOG, 0, line, 0, 0);
}

static void
client_throttled(double seconds, gpointer data)
{
	g_autoptr(OutlookAccount) self = g_weak_ref_get(data);
	g_autofree char *text = NULL;

	if (self == NULL || seconds < 1)
		return;
	text = g_strdup_printf(ngettext("The server asks to wait for %u second.",
					"The server asks to wait for %u seconds.", (guint)(seconds + 0.5)),
			       (guint)(seconds + 0.5));
	report(self, 0, text);
}

char *
outlook_account_get_directory(OutlookAccount *self)
{
	return g_build_filename(g_get_user_data_dir(), "outlook-mail", self->settings->uuid, NULL);
}

static void
close_store(OutlookAccount *self)
{
	if (self->store != NULL)
		g_signal_handlers_disconnect_by_data(self->store, self);
	g_clear_object(&self->store);
	g_clear_object(&self->client);
}

static void
open_store(OutlookAccount *self)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = outlook_account_get_directory(self);

	self->client = graph_client_new(OAUTH_AUTHORIZER(self->session), self->settings->graph_origin, NULL, NULL);
	graph_client_set_log(self->client, client_log, weak_ref_new(self), weak_ref_free);
	graph_client_set_throttled(self->client, client_throttled, weak_ref_new(self), weak_ref_free);

	g_clear_pointer(&self->store_error, g_free);
	self->store = store_account_new(directory, self->client, &error);
	if (self->store == NULL) {
		self->store_error = outlook_explain(error);
		return;
	}
	g_signal_connect(self->store, "folders-changed", G_CALLBACK(store_folders_changed), self);
	g_signal_connect(self->store, "folder-changed", G_CALLBACK(store_folder_changed), self);
	g_signal_connect(self->store, "journal-changed", G_CALLBACK(store_journal_changed), self);
	g_signal_connect(self->store, "refused", G_CALLBACK(store_refused), self);
	g_signal_connect(self->store, "progress", G_CALLBACK(store_progress), self);
}

/*
 * Returns the secret that a file holds for a test server, or %NULL. Not for a real identity host: nobody is to learn
 * to keep such a secret in a file.
 */
static char *
read_secret_file(OutlookAccount *self, GError **error)
{
	g_autofree char *secret = NULL;
	gsize length;

	if (self->secret_file == NULL || !g_file_test(self->secret_file, G_FILE_TEST_IS_REGULAR))
		return NULL;
	if (!oauth_cloud_is_loopback(self->settings->identity_origin)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("A client secret in a file is taken for test servers on this machine alone."));
		return NULL;
	}
	if (!g_file_get_contents(self->secret_file, &secret, &length, error))
		return NULL;
	return g_strstrip(g_steal_pointer(&secret));
}

/* What the first job of an account needs; it touches nothing of the account itself. */
typedef struct {
	OutlookAccount *account;
	OauthSession *session;
	OauthKeyring *keyring;
	OauthConfig *config;
	StoreAccount *store;
	char *secret;
	char *secret_file;
	gint64 open;
	gboolean thorough;
} Work;

static Work *
work_new(OutlookAccount *self)
{
	Work *work = g_new0(Work, 1);

	work->account = g_object_ref(self);
	work->session = g_object_ref(self->session);
	work->keyring = g_object_ref(self->keyring);
	work->config = outlook_settings_to_config(self->settings, self->name);
	if (self->store != NULL)
		work->store = g_object_ref(self->store);
	return work;
}

static void
work_free(gpointer data)
{
	Work *work = data;

	oauth_token_free(work->secret);
	g_free(work->secret_file);
	g_clear_object(&work->store);
	oauth_config_free(work->config);
	g_object_unref(work->keyring);
	g_object_unref(work->session);
	g_object_unref(work->account);
	g_free(work);
}

static gpointer
run_load(gpointer data, GCancellable *cancellable, GError **error)
{
	Work *work = data;

	if (work->secret != NULL) {
		if (!oauth_keyring_store(work->keyring, work->config, OAUTH_SECRET_CLIENT, work->secret, cancellable,
					 error))
			return NULL;
		/* Where there is no keyring the file is the only copy that outlives this run. */
		if (!oauth_keyring_is_volatile(work->keyring, NULL))
			g_unlink(work->secret_file);
	}
	oauth_session_load(work->session, cancellable, error);
	return NULL;
}

static void
tell_volatile(OutlookAccount *self)
{
	g_autofree char *reason = NULL;

	if (self->volatile_told || !oauth_keyring_is_volatile(self->keyring, &reason))
		return;
	self->volatile_told = TRUE;
	if (reason != NULL)
		report(self, 0, reason);
}

static void
load_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((Work *)data)->account;

	self->loading = FALSE;
	if (error != NULL) {
		report_error(self, error);
	} else {
		g_clear_pointer(&self->secret_file, g_free);
		tell_volatile(self);
	}
	g_signal_emit(self, signals[STATE_CHANGED], 0);
	if (error == NULL && self->check_wanted) {
		self->check_wanted = FALSE;
		outlook_account_check(self, self->check_open, self->check_by_user);
	}
}

/* The keyring is asked on a worker, since a locked one asks its owner first. */
static void
load(OutlookAccount *self)
{
	g_autoptr(OutlookJob) job = NULL;
	g_autoptr(GError) error = NULL;
	Work *work;

	if (self->loading)
		return;
	work = work_new(self);
	work->secret = read_secret_file(self, &error);
	work->secret_file = g_strdup(self->secret_file);
	if (error != NULL) {
		report_error(self, error);
		g_clear_pointer(&self->secret_file, g_free);
	}
	self->loading = TRUE;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_load, load_done, work, work_free, NULL);
}

OutlookAccount *
outlook_account_new(int account_id, const char *name, const OutlookSettings *settings)
{
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new();

	return outlook_account_new_full(account_id, name, settings, keyring, NULL);
}

OutlookAccount *
outlook_account_new_full(int account_id, const char *name, const OutlookSettings *settings, OauthKeyring *keyring,
			 const char *secret_file)
{
	OutlookAccount *self = g_object_new(OUTLOOK_TYPE_ACCOUNT, NULL);
	g_autoptr(OauthConfig) config = NULL;

	self->id = account_id;
	self->name = g_strdup(name);
	self->settings = outlook_settings_copy(settings);
	self->secret_file = g_strdup(secret_file);
	self->keyring = g_object_ref(keyring);
	config = outlook_settings_to_config(settings, name);
	self->session = oauth_session_new(config, keyring, NULL);
	g_signal_connect(self->session, "state-changed", G_CALLBACK(session_state_changed), self);
	open_store(self);
	load(self);
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

/* A new service needs a new client, a new person at most a new sign-in. The UUID stays. */
void
outlook_account_set_settings(OutlookAccount *self, const OutlookSettings *settings)
{
	g_autoptr(OauthConfig) config = NULL;
	gboolean other_service;

	g_return_if_fail(!self->closed);

	other_service = g_strcmp0(self->settings->graph_origin, settings->graph_origin) != 0;
	if (settings != self->settings) {
		g_autofree char *uuid = g_strdup(self->settings->uuid);

		outlook_settings_free(self->settings);
		self->settings = outlook_settings_copy(settings);
		g_free(self->settings->uuid);
		self->settings->uuid = g_steal_pointer(&uuid);
	}
	config = outlook_settings_to_config(self->settings, self->name);
	oauth_session_set_config(self->session, config);
	if (other_service) {
		outlook_worker_cancel_all(self->worker);
		close_store(self);
		open_store(self);
	}
	self->sign_in_told = FALSE;
	g_clear_pointer(&self->last_report, g_free);
	say(self, STATE_CHANGED, 0, NULL, 0, 0);
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
		return g_strdup(_("Waiting for the sign-in in the browser."));
	switch (oauth_session_get_state(self->session)) {
	case OAUTH_STATE_PENDING:
		return g_strdup(_("Not signed in yet."));
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

static gpointer
run_set_secret(gpointer data, GCancellable *cancellable, GError **error)
{
	Work *work = data;

	if (*work->secret == '\0')
		oauth_keyring_clear(work->keyring, work->config, OAUTH_SECRET_CLIENT, cancellable, error);
	else
		oauth_keyring_store(work->keyring, work->config, OAUTH_SECRET_CLIENT, work->secret, cancellable, error);
	return NULL;
}

static void
set_secret_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((Work *)data)->account;

	if (error != NULL)
		report_error(self, error);
	else
		tell_volatile(self);
}

void
outlook_account_set_client_secret(OutlookAccount *self, const char *secret)
{
	g_autoptr(OutlookJob) job = NULL;
	Work *work;

	if (secret == NULL || self->closed)
		return;
	work = work_new(self);
	work->secret = g_strdup(secret);
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_set_secret, set_secret_done, work, work_free,
				  NULL);
}

/*
 * The sign-in has a thread of its own, since it holds no lane while a person types a password. The browser is opened
 * by the main thread, for which this thread waits.
 */
typedef struct {
	gatomicrefcount ref_count;
	OauthOpenUri open_uri;
	gpointer open_uri_data;
	char *uri;
	GMutex mutex;
	GCond answered;
	gboolean done;
	gboolean opened;
	GError *error;
} BrowserCall;

static void
browser_call_unref(gpointer data)
{
	BrowserCall *call = data;

	if (!g_atomic_ref_count_dec(&call->ref_count))
		return;
	g_free(call->uri);
	g_clear_error(&call->error);
	g_cond_clear(&call->answered);
	g_mutex_clear(&call->mutex);
	g_free(call);
}

static gboolean
browser_call_idle(gpointer data)
{
	BrowserCall *call = data;
	GError *error = NULL;
	gboolean opened = FALSE;

	if (call->open_uri != NULL)
		opened = call->open_uri(call->uri, call->open_uri_data, &error);
	else
		g_set_error_literal(&error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("There is no way to open a browser."));
	g_mutex_lock(&call->mutex);
	call->done = TRUE;
	call->opened = opened;
	call->error = error;
	g_cond_signal(&call->answered);
	g_mutex_unlock(&call->mutex);
	return G_SOURCE_REMOVE;
}

typedef struct {
	OauthSession *session;
	OauthOpenUri open_uri;
	gpointer open_uri_data;
	GCancellable *cancellable;
	OutlookAccountDone done;
	gpointer user_data;
} SignIn;

static void
sign_in_free(gpointer data)
{
	SignIn *sign_in = data;

	g_object_unref(sign_in->session);
	g_object_unref(sign_in->cancellable);
	g_free(sign_in);
}

static gboolean
sign_in_open_uri(const char *uri, gpointer data, GError **error)
{
	SignIn *sign_in = data;
	BrowserCall *call = g_new0(BrowserCall, 1);
	gboolean opened;

	g_atomic_ref_count_init(&call->ref_count);
	g_mutex_init(&call->mutex);
	g_cond_init(&call->answered);
	call->open_uri = sign_in->open_uri;
	call->open_uri_data = sign_in->open_uri_data;
	call->uri = g_strdup(uri);
	g_atomic_ref_count_inc(&call->ref_count);
	g_idle_add_full(G_PRIORITY_DEFAULT, browser_call_idle, call, browser_call_unref);

	g_mutex_lock(&call->mutex);
	while (!call->done && !g_cancellable_is_cancelled(sign_in->cancellable))
		g_cond_wait_until(&call->answered, &call->mutex, g_get_monotonic_time() + G_TIME_SPAN_SECOND / 10);
	opened = call->opened;
	if (call->error != NULL)
		g_propagate_error(error, g_steal_pointer(&call->error));
	else if (!opened)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sign-in was cancelled");
	g_mutex_unlock(&call->mutex);
	browser_call_unref(call);
	return opened;
}

static void
sign_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	SignIn *sign_in = data;
	GError *error = NULL;

	if (oauth_session_sign_in(sign_in->session, sign_in_open_uri, sign_in, sign_in->cancellable, &error))
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void
sign_in_done(GObject *source, GAsyncResult *result, gpointer data)
{
	OutlookAccount *self = OUTLOOK_ACCOUNT(source);
	SignIn *sign_in = g_task_get_task_data(G_TASK(result));
	g_autoptr(GError) error = NULL;

	g_task_propagate_boolean(G_TASK(result), &error);
	g_clear_object(&self->sign_in);
	if (self->closed)
		return;
	g_clear_pointer(&self->last_report, g_free);
	if (error == NULL) {
		self->sign_in_told = FALSE;
		tell_volatile(self);
	} else {
		report_error(self, error);
	}
	g_signal_emit(self, signals[STATE_CHANGED], 0);
	if (sign_in->done != NULL)
		sign_in->done(self, error, sign_in->user_data);
	if (error == NULL)
		outlook_account_check(self, 0, FALSE);
}

void
outlook_account_sign_in(OutlookAccount *self, OutlookAccountDone done, gpointer user_data)
{
	g_autoptr(GTask) task = NULL;
	SignIn *sign_in;

	g_return_if_fail(!self->closed);

	if (self->sign_in != NULL) {
		g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_PENDING,
							      _("A sign-in is under way already."));

		if (done != NULL)
			done(self, error, user_data);
		return;
	}
	self->browser_opened = TRUE;
	self->sign_in = g_cancellable_new();
	sign_in = g_new0(SignIn, 1);
	sign_in->session = g_object_ref(self->session);
	sign_in->open_uri = self->open_uri;
	sign_in->open_uri_data = self->open_uri_data;
	sign_in->cancellable = g_object_ref(self->sign_in);
	sign_in->done = done;
	sign_in->user_data = user_data;
	task = g_task_new(self, NULL, sign_in_done, NULL);
	g_task_set_task_data(task, sign_in, sign_in_free);
	g_task_run_in_thread(task, sign_in_thread);
	say(self, STATE_CHANGED, 0, NULL, 0, 0);
}

void
outlook_account_cancel_sign_in(OutlookAccount *self)
{
	if (self->sign_in != NULL)
		g_cancellable_cancel(self->sign_in);
}

gboolean
outlook_account_is_signing_in(OutlookAccount *self)
{
	return self->sign_in != NULL;
}

typedef struct {
	Work *work;
	OutlookAccountDone done;
	gpointer user_data;
} SignOut;

static void
sign_out_free(gpointer data)
{
	SignOut *sign_out = data;

	work_free(sign_out->work);
	g_free(sign_out);
}

static gpointer
run_sign_out(gpointer data, GCancellable *cancellable, GError **error)
{
	SignOut *sign_out = data;

	oauth_session_sign_out(sign_out->work->session, FALSE, cancellable, error);
	return NULL;
}

static void
sign_out_done(gpointer result, const GError *error, gpointer data)
{
	SignOut *sign_out = data;
	OutlookAccount *self = sign_out->work->account;

	if (error != NULL)
		report_error(self, error);
	g_signal_emit(self, signals[STATE_CHANGED], 0);
	if (sign_out->done != NULL)
		sign_out->done(self, error, sign_out->user_data);
}

/* Leaves the store and its journal: what was not sent goes out after the next sign-in of the same person. */
void
outlook_account_sign_out(OutlookAccount *self, OutlookAccountDone done, gpointer user_data)
{
	g_autoptr(OutlookJob) job = NULL;
	SignOut *sign_out = g_new0(SignOut, 1);

	outlook_account_cancel_sign_in(self);
	self->browser_opened = TRUE;
	self->sign_in_told = TRUE;
	sign_out->work = work_new(self);
	sign_out->done = done;
	sign_out->user_data = user_data;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_sign_out, sign_out_done, sign_out,
				  sign_out_free, NULL);
}

/* TRUE when the server may be asked now; else what stands in the way is done or said. */
static gboolean
may_ask_server(OutlookAccount *self, gboolean by_user)
{
	if (self->closed || !self->online)
		return FALSE;
	if (self->store == NULL) {
		if (!self->store_told || by_user)
			report(self, 1, self->store_error);
		self->store_told = TRUE;
		return FALSE;
	}
	switch (oauth_session_get_state(self->session)) {
	case OAUTH_STATE_SIGNED_IN:
		return TRUE;
	case OAUTH_STATE_UNKNOWN:
		load(self);
		self->check_wanted = TRUE;
		return FALSE;
	case OAUTH_STATE_PENDING:
		if (self->loading)
			self->check_wanted = TRUE;
		else if (!self->browser_opened)
			outlook_account_sign_in(self, NULL, NULL);
		return FALSE;
	case OAUTH_STATE_NEEDS_SIGN_IN:
	default:
		if (!self->sign_in_told) {
			g_autofree char *text = outlook_account_describe_state(self);

			self->sign_in_told = TRUE;
			report(self, 1, text);
		}
		return FALSE;
	}
}

static gpointer
run_check(gpointer data, GCancellable *cancellable, GError **error)
{
	Work *work = data;
	g_autoptr(OauthIdentity) identity = oauth_session_get_identity(work->session);

	if (identity != NULL && identity->home != NULL &&
	    !store_account_bind_owner(work->store, identity->home, error))
		return NULL;
	store_account_check(work->store, work->open, work->thorough, cancellable, error);
	return NULL;
}

static void
check_done(gpointer result, const GError *error, gpointer data)
{
	Work *work = data;
	OutlookAccount *self = work->account;

	self->checking = FALSE;
	if (error != NULL) {
		report_error(self, error);
	} else {
		g_clear_pointer(&self->last_report, g_free);
		if (work->thorough)
			self->last_thorough = g_get_monotonic_time();
	}
	g_signal_emit(self, signals[PROGRESS], 0, NULL, 0, 0);
	g_signal_emit(self, signals[STATE_CHANGED], 0);
	if (self->check_wanted) {
		self->check_wanted = FALSE;
		outlook_account_check(self, self->check_open, self->check_by_user);
	}
}

void
outlook_account_check(OutlookAccount *self, gint64 open, gboolean by_user)
{
	g_autoptr(OutlookJob) job = NULL;
	Work *work;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	self->check_open = open;
	self->check_by_user = by_user;
	if (self->checking) {
		self->check_wanted = TRUE;
		return;
	}
	if (!may_ask_server(self, by_user))
		return;
	self->checking = TRUE;
	work = work_new(self);
	work->open = open;
	work->thorough = self->last_thorough == 0 ||
			 g_get_monotonic_time() - self->last_thorough > THOROUGH_MINUTES * G_TIME_SPAN_MINUTE;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_BACKGROUND, run_check, check_done, work, work_free,
				  NULL);
}

static gpointer
run_push(gpointer data, GCancellable *cancellable, GError **error)
{
	store_account_push(((Work *)data)->store, cancellable, error);
	return NULL;
}

static gboolean
push_again(gpointer data)
{
	OutlookAccount *self = data;

	self->push_again = 0;
	outlook_account_push(self);
	return G_SOURCE_REMOVE;
}

static void
push_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((Work *)data)->account;

	self->pushing = FALSE;
	if (error != NULL)
		report_error(self, error);
	if (self->push_wanted) {
		self->push_wanted = FALSE;
		outlook_account_push(self);
	} else if (error != NULL && self->push_again == 0 &&
		   !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		self->push_again = g_timeout_add_seconds(PUSH_AGAIN_SECONDS, push_again, self);
	}
	g_signal_emit(self, signals[STATE_CHANGED], 0);
}

void
outlook_account_push(OutlookAccount *self)
{
	g_autoptr(OutlookJob) job = NULL;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	/* Without a sign-in the journal waits; a check, which comes after each sign-in, sends it. */
	if (self->closed || !self->online || self->store == NULL ||
	    oauth_session_get_state(self->session) != OAUTH_STATE_SIGNED_IN)
		return;
	if (self->pushing) {
		self->push_wanted = TRUE;
		return;
	}
	g_clear_handle_id(&self->push_again, g_source_remove);
	self->pushing = TRUE;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_JOURNAL, run_push, push_done, work_new(self),
				  work_free, NULL);
}

void
outlook_account_set_online(OutlookAccount *self, gboolean online)
{
	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	if (self->closed || self->online == online)
		return;
	self->online = online;
	if (online) {
		outlook_account_push(self);
	} else {
		self->check_wanted = FALSE;
		self->push_wanted = FALSE;
		g_clear_handle_id(&self->push_again, g_source_remove);
		outlook_account_cancel_sign_in(self);
		outlook_worker_cancel_all(self->worker);
	}
}

static GMutex forget_mutex;
static GCond forget_cond;
static guint n_forgetting;

typedef struct {
	OauthSession *session;
	char *directory;
} Forget;

static gpointer
forget_thread(gpointer data)
{
	Forget *forget = data;
	g_autoptr(GError) sign_out = NULL;
	g_autoptr(GError) removal = NULL;

	if (!oauth_session_sign_out(forget->session, TRUE, NULL, &sign_out))
		g_warning("An account's tokens could not be removed from the keyring: %s", sign_out->message);
	if (!store_account_remove(forget->directory, &removal))
		g_warning("An account's mail could not be removed: %s", removal->message);
	g_object_unref(forget->session);
	g_free(forget->directory);
	g_free(forget);

	g_mutex_lock(&forget_mutex);
	n_forgetting--;
	g_cond_broadcast(&forget_cond);
	g_mutex_unlock(&forget_mutex);
	return NULL;
}

void
outlook_account_wait_forgotten(guint seconds)
{
	gint64 end = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;
	gboolean in_time = TRUE;

	g_mutex_lock(&forget_mutex);
	while (in_time && n_forgetting > 0)
		in_time = g_cond_wait_until(&forget_cond, &forget_mutex, end);
	g_mutex_unlock(&forget_mutex);
}

void
outlook_account_close(OutlookAccount *self, gboolean forget)
{
	g_autofree char *directory = NULL;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	if (self->closed)
		return;
	self->closed = TRUE;
	directory = outlook_account_get_directory(self);
	g_clear_handle_id(&self->push_again, g_source_remove);
	outlook_account_cancel_sign_in(self);
	if (!outlook_worker_close(self->worker, CLOSE_SECONDS))
		g_warning("An account is left with a request that does not end.");
	close_store(self);
	g_signal_handlers_disconnect_by_data(self->session, self);
	if (forget) {
		Forget *data = g_new0(Forget, 1);

		data->session = g_object_ref(self->session);
		data->directory = g_steal_pointer(&directory);
		g_mutex_lock(&forget_mutex);
		n_forgetting++;
		g_mutex_unlock(&forget_mutex);
		g_thread_unref(g_thread_new("outlook-forget", forget_thread, data));
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

	g_clear_object(&self->sign_in);
	g_clear_object(&self->session);
	g_clear_object(&self->keyring);
	g_clear_object(&self->worker);
	g_clear_pointer(&self->settings, outlook_settings_free);
	g_free(self->name);
	g_free(self->secret_file);
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

	signals[STATE_CHANGED] =
		g_signal_new("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[FOLDERS_CHANGED] =
		g_signal_new("folders-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[FOLDER_CHANGED] = g_signal_new("folder-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					       G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_UINT);
	signals[REPORT] = g_signal_new("report", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
				       G_TYPE_INT, G_TYPE_STRING);
	signals[PROGRESS] = g_signal_new("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
					 G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
	signals[LOG] =
		g_signal_new("log", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
outlook_account_init(OutlookAccount *self)
{
	g_mutex_init(&self->mutex);
	self->changed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	self->worker = outlook_worker_new();
	self->online = TRUE;
}
