/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "oauth-cloud.h"
#include "oauth-error.h"

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
	if (!oauth_cloud_is_loopback(self->settings->config->identity_origin)) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("A client secret in a file is taken for test servers on this machine alone."));
		return NULL;
	}
	if (!g_file_get_contents(self->secret_file, &secret, &length, error))
		return NULL;
	return g_strstrip(g_steal_pointer(&secret));
}

OutlookAccountWork *
outlook_account_work_new(OutlookAccount *self)
{
	OutlookAccountWork *work = g_new0(OutlookAccountWork, 1);

	work->account = g_object_ref(self);
	work->session = g_object_ref(self->session);
	work->keyring = g_object_ref(self->keyring);
	work->config = outlook_settings_to_config(self->settings, self->name);
	if (self->store != NULL)
		work->store = g_object_ref(self->store);
	return work;
}

void
outlook_account_work_free(gpointer data)
{
	OutlookAccountWork *work = data;

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
	OutlookAccountWork *work = data;

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

void
outlook_account_tell_volatile(OutlookAccount *self)
{
	g_autofree char *reason = NULL;

	if (self->volatile_told || !oauth_keyring_is_volatile(self->keyring, &reason))
		return;
	self->volatile_told = TRUE;
	if (reason != NULL)
		outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 0, reason, 0, 0);
}

static void
load_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((OutlookAccountWork *)data)->account;

	self->loading = FALSE;
	if (error != NULL) {
		outlook_account_report_error(self, error);
	} else {
		g_clear_pointer(&self->secret_file, g_free);
		outlook_account_tell_volatile(self);
	}
	if (oauth_session_get_state(self->session) == OAUTH_STATE_SIGNED_IN)
		self->sign_in_told = FALSE;
	outlook_account_emit_state(self);
	if (error != NULL)
		return;
	/* What an earlier run left. */
	outlook_account_push(self);
	outlook_account_resume_check(self);
}

void
outlook_account_load(OutlookAccount *self)
{
	g_autoptr(OutlookJob) job = NULL;
	g_autoptr(GError) error = NULL;
	OutlookAccountWork *work;

	if (self->loading)
		return;
	work = outlook_account_work_new(self);
	work->secret = read_secret_file(self, &error);
	work->secret_file = g_strdup(self->secret_file);
	if (error != NULL) {
		outlook_account_report_error(self, error);
		g_clear_pointer(&self->secret_file, g_free);
	}
	self->loading = TRUE;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_load, load_done, work,
				  outlook_account_work_free, NULL);
}

/*
 * The sign-in has a thread of its own, since it holds no lane while a person types a password. The browser is opened
 * by the main thread, for which this thread waits.
 */
typedef struct {
	gatomicrefcount ref_count;
	OutlookAccount *account;
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
	g_object_unref(call->account);
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
	if (opened && call->account->sign_in != NULL && !call->account->closed) {
		g_free(call->account->sign_in_page);
		call->account->sign_in_page = g_strdup(call->uri);
		outlook_account_emit_state(call->account);
	}
	return G_SOURCE_REMOVE;
}

typedef struct {
	OauthSession *session;
	OauthOpenUri open_uri;
	gpointer open_uri_data;
	GCancellable *cancellable;
	OutlookAccountShowCode show_code; /* %NULL: by the browser */
	char **scopes;			  /* (nullable): what is asked for besides what was granted before */
	gboolean grows;			  /* for the settings, not for a feature of its own */
	OutlookAccountDone done;
	gpointer user_data;
	gint ended; /* atomic: the thread has nothing left to do */
} SignIn;

static void
sign_in_free(gpointer data)
{
	SignIn *sign_in = data;

	g_object_unref(sign_in->session);
	g_object_unref(sign_in->cancellable);
	g_strfreev(sign_in->scopes);
	g_free(sign_in);
}

static gboolean
sign_in_open_uri(const char *uri, gpointer data, GError **error)
{
	GTask *task = data;
	SignIn *sign_in = g_task_get_task_data(task);
	BrowserCall *call = g_new0(BrowserCall, 1);
	gboolean opened;

	g_atomic_ref_count_init(&call->ref_count);
	call->account = g_object_ref(g_task_get_source_object(task));
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

typedef struct {
	OutlookAccount *account;
	OutlookAccountShowCode show_code;
	gpointer user_data;
	OauthDeviceCode *code;
} CodeCall;

static void
code_call_free(gpointer data)
{
	CodeCall *call = data;

	g_object_unref(call->account);
	oauth_device_code_free(call->code);
	g_free(call);
}

static gboolean
code_call_idle(gpointer data)
{
	CodeCall *call = data;

	if (!call->account->closed)
		call->show_code(call->account, call->code, call->user_data);
	return G_SOURCE_REMOVE;
}

static void
sign_in_show_code(const OauthDeviceCode *code, gpointer data)
{
	GTask *task = data;
	SignIn *sign_in = g_task_get_task_data(task);
	CodeCall *call = g_new0(CodeCall, 1);

	call->account = g_object_ref(g_task_get_source_object(task));
	call->show_code = sign_in->show_code;
	call->user_data = sign_in->user_data;
	call->code = oauth_device_code_copy(code);
	g_idle_add_full(G_PRIORITY_DEFAULT, code_call_idle, call, code_call_free);
}

static gpointer
sign_in_thread(gpointer data)
{
	GTask *task = data;
	SignIn *sign_in = g_task_get_task_data(task);
	GError *error = NULL;
	gboolean signed_in;

	if (sign_in->show_code != NULL && sign_in->scopes != NULL)
		signed_in = oauth_session_extend_by_device(sign_in->session, (const char *const *)sign_in->scopes,
							   sign_in_show_code, task, sign_in->cancellable, &error);
	else if (sign_in->show_code != NULL)
		signed_in = oauth_session_sign_in_by_device(sign_in->session, sign_in_show_code, task,
							    sign_in->cancellable, &error);
	else if (sign_in->scopes != NULL)
		signed_in = oauth_session_extend(sign_in->session, (const char *const *)sign_in->scopes,
						 sign_in_open_uri, task, sign_in->cancellable, &error);
	else
		signed_in =
			oauth_session_sign_in(sign_in->session, sign_in_open_uri, task, sign_in->cancellable, &error);
	if (signed_in)
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
	g_atomic_int_set(&sign_in->ended, TRUE);
	return NULL;
}

/* The thread has ended, or is about to. */
static void
join_sign_in(OutlookAccount *self)
{
	if (self->sign_in_thread != NULL)
		g_thread_join(g_steal_pointer(&self->sign_in_thread));
	g_clear_object(&self->sign_in_task);
}

gboolean
outlook_account_end_sign_in(OutlookAccount *self, guint seconds)
{
	gint64 end = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;
	SignIn *sign_in;

	outlook_account_cancel_sign_in(self);
	if (self->sign_in_thread == NULL)
		return TRUE;
	sign_in = g_task_get_task_data(self->sign_in_task);
	while (!g_atomic_int_get(&sign_in->ended)) {
		if (g_get_monotonic_time() >= end)
			return FALSE;
		g_usleep(G_TIME_SPAN_SECOND / 100);
	}
	join_sign_in(self);
	return TRUE;
}

/* The token request asks for the client secret: it has to be where it will be looked for. */
static void
go_on_with_sign_in(OutlookAccount *self, const GError *error)
{
	g_autoptr(GTask) task = g_steal_pointer(&self->sign_in_waiting);

	if (error != NULL) {
		g_task_return_error(task, g_error_copy(error));
		return;
	}
	self->sign_in_task = g_steal_pointer(&task);
	self->sign_in_thread = g_thread_new("sign-in", sign_in_thread, self->sign_in_task);
}

static gpointer
run_set_secret(gpointer data, GCancellable *cancellable, GError **error)
{
	OutlookAccountWork *work = data;

	oauth_session_set_client_secret(work->session, *work->secret != '\0' ? work->secret : NULL, cancellable, error);
	return NULL;
}

static void
set_secret_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((OutlookAccountWork *)data)->account;

	self->n_saving--;
	if (error != NULL)
		outlook_account_report_error(self, error);
	else
		outlook_account_tell_volatile(self);
	if (self->sign_in_waiting != NULL && (error != NULL || self->n_saving == 0))
		go_on_with_sign_in(self, error);
	outlook_account_emit_state(self);
	outlook_account_resume_check(self);
}

gboolean
outlook_account_is_saving(OutlookAccount *self)
{
	return self->n_saving > 0;
}

void
outlook_account_set_client_secret(OutlookAccount *self, const char *secret)
{
	g_autoptr(OutlookJob) job = NULL;
	OutlookAccountWork *work;

	if (secret == NULL || self->closed)
		return;
	work = outlook_account_work_new(self);
	work->secret = g_strdup(secret);
	self->n_saving++;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_set_secret, set_secret_done, work,
				  outlook_account_work_free, NULL);
}

/* Also when nobody looks at the page, or somebody was asked from elsewhere. */
static void
settle_scopes(OutlookAccount *self, const SignIn *sign_in, const GError *error)
{
	gboolean has_new_code =
		sign_in->show_code != NULL && g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT);

	if (sign_in->scopes == NULL || has_new_code)
		return;
	if (sign_in->grows)
		outlook_account_settle_wanted(self, sign_in->scopes, error);
	else if (error == NULL)
		oauth_config_add_scopes(self->settings->config, (const char *const *)sign_in->scopes);
	if (error == NULL)
		outlook_account_emit_settings(self);
	else if (sign_in->done == NULL)
		outlook_account_tell_refused(self, error);
}

static void
sign_in_done(GObject *source, GAsyncResult *result, gpointer data)
{
	OutlookAccount *self = OUTLOOK_ACCOUNT(source);
	SignIn *sign_in = g_task_get_task_data(G_TASK(result));
	g_autoptr(GError) error = NULL;

	g_task_propagate_boolean(G_TASK(result), &error);
	join_sign_in(self);
	g_clear_object(&self->sign_in);
	g_clear_pointer(&self->sign_in_page, g_free);
	if (self->closed) {
		g_autoptr(GError) closed =
			g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "The account was closed");

		if (sign_in->scopes != NULL && !sign_in->grows && sign_in->done != NULL)
			sign_in->done(self, closed, sign_in->user_data);
		return;
	}
	outlook_account_clear_report(self);
	if (error == NULL) {
		self->sign_in_told = FALSE;
		outlook_account_tell_volatile(self);
	} else if (sign_in->scopes == NULL && sign_in->show_code == NULL) {
		outlook_account_report_error(self, error);
	}
	settle_scopes(self, sign_in, error);
	outlook_account_emit_state(self);
	if (sign_in->done != NULL)
		sign_in->done(self, error, sign_in->user_data);
	if (error == NULL)
		outlook_account_check(self, 0, FALSE);
}

static void
start_sign_in(OutlookAccount *self, const char *const *scopes, OutlookAccountShowCode show_code,
	      OutlookAccountDone done, gpointer user_data)
{
	g_autoptr(GTask) task = NULL;
	SignIn *sign_in;

	g_return_if_fail(!self->closed);

	if (self->sign_in != NULL) {
		g_autoptr(GError) error =
			g_error_new_literal(G_IO_ERROR, G_IO_ERROR_PENDING, _("A sign-in is under way already."));

		if (done != NULL)
			done(self, error, user_data);
		return;
	}
	outlook_account_name_owner(self);
	self->browser_opened = TRUE;
	self->sign_in = g_cancellable_new();
	sign_in = g_new0(SignIn, 1);
	sign_in->session = g_object_ref(self->session);
	sign_in->open_uri = self->open_uri;
	sign_in->open_uri_data = self->open_uri_data;
	sign_in->cancellable = g_object_ref(self->sign_in);
	sign_in->show_code = show_code;
	sign_in->scopes = g_strdupv((char **)scopes);
	sign_in->grows = scopes != NULL && scopes == (const char *const *)self->wanted;
	g_clear_pointer(&self->refused, g_strfreev);
	sign_in->done = done;
	sign_in->user_data = user_data;
	task = g_task_new(self, NULL, sign_in_done, NULL);
	g_task_set_task_data(task, sign_in, sign_in_free);
	self->sign_in_waiting = g_steal_pointer(&task);
	if (self->n_saving == 0)
		go_on_with_sign_in(self, NULL);
	outlook_account_say(self, OUTLOOK_ACCOUNT_STATE_CHANGED, 0, NULL, 0, 0);
}

void
outlook_account_sign_in(OutlookAccount *self, OutlookAccountDone done, gpointer user_data)
{
	start_sign_in(self, (const char *const *)self->wanted, NULL, done, user_data);
}

void
outlook_account_sign_in_by_device(OutlookAccount *self, OutlookAccountShowCode show_code, OutlookAccountDone done,
				  gpointer user_data)
{
	start_sign_in(self, (const char *const *)self->wanted, show_code, done, user_data);
}

void
outlook_account_extend(OutlookAccount *self, const char *const *scopes, OutlookAccountDone done, gpointer user_data)
{
	start_sign_in(self, scopes, NULL, done, user_data);
}

void
outlook_account_cancel_sign_in(OutlookAccount *self)
{
	g_autoptr(GError) cancelled = NULL;

	if (self->sign_in == NULL)
		return;
	g_cancellable_cancel(self->sign_in);
	if (self->sign_in_waiting != NULL) {
		cancelled = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "The sign-in was cancelled");
		go_on_with_sign_in(self, cancelled);
	}
}

gboolean
outlook_account_is_signing_in(OutlookAccount *self)
{
	return self->sign_in != NULL;
}

const char *
outlook_account_get_sign_in_page(OutlookAccount *self)
{
	return self->sign_in_page;
}

typedef struct {
	OutlookAccountWork *work;
	OutlookAccountDone done;
	gpointer user_data;
} SignOut;

static void
sign_out_free(gpointer data)
{
	SignOut *sign_out = data;

	outlook_account_work_free(sign_out->work);
	g_free(sign_out);
}

static gpointer
run_sign_out(gpointer data, GCancellable *cancellable, GError **error)
{
	SignOut *sign_out = data;
	g_autoptr(GError) cause = NULL;

	if (oauth_session_sign_out(sign_out->work->session, FALSE, cancellable, &cause))
		return NULL;
	/* The step that a keyring asks for otherwise is to check for mail. */
	if (g_error_matches(cause, OAUTH_ERROR, OAUTH_ERROR_KEYRING))
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, cause->message);
	else
		g_propagate_error(error, g_steal_pointer(&cause));
	return NULL;
}

static void
sign_out_done(gpointer result, const GError *error, gpointer data)
{
	SignOut *sign_out = data;
	OutlookAccount *self = sign_out->work->account;

	self->tokens_left = error != NULL;
	if (error != NULL)
		outlook_account_report_error(self, error);
	outlook_account_emit_state(self);
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
	g_clear_pointer(&self->refused, g_strfreev);
	self->browser_opened = TRUE;
	self->sign_in_told = TRUE;
	sign_out->work = outlook_account_work_new(self);
	/* The copy may be removed when it is done. */
	g_clear_object(&sign_out->work->store);
	sign_out->done = done;
	sign_out->user_data = user_data;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_sign_out, sign_out_done, sign_out,
				  sign_out_free, NULL);
}
