/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>

#include "oauth-error.h"

#define FLUSH_SECONDS 3
#define PUSH_AGAIN_SECONDS 30
#define PUSH_DELAY_MILLISECONDS 50
#define THOROUGH_MINUTES 20

/*
 * The keyring holds nothing: an account that was just made, or one that was signed out, or whose sign-in was kept in
 * memory. Only the first kind opens a browser by itself.
 */
gboolean
outlook_account_was_signed_in(OutlookAccount *self)
{
	return self->store != NULL && store_account_has_owner(self->store);
}

static void
tell_sign_in(OutlookAccount *self)
{
	g_autoptr(GError) failure = oauth_session_dup_failure(self->session);
	g_autofree char *text = NULL;

	if (self->sign_in_told)
		return;
	self->sign_in_told = TRUE;
	if (failure == NULL)
		failure = g_error_new_literal(OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED, _("The sign-in has ended."));
	outlook_account_emit_failure(self, failure);
	text = outlook_account_describe_state(self);
	outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 1, text, 0, 0);
}

/* TRUE when the server may be asked now; else what stands in the way is done or said. */
static gboolean
may_ask_server(OutlookAccount *self, gboolean by_user)
{
	OauthState state;

	if (self->closed || !self->online)
		return FALSE;
	if (self->store == NULL)
		outlook_account_reopen_store(self);
	if (self->store == NULL) {
		if (!self->store_told || by_user)
			outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 1, self->store_error, 0, 0);
		self->store_told = TRUE;
		return FALSE;
	}
	if (self->mailbox != NULL)
		return oauth_session_get_state(self->session) == OAUTH_STATE_SIGNED_IN &&
		       oauth_session_has_scope(self->session, "Mail.Read.Shared");
	state = oauth_session_get_state(self->session);
	if (state == OAUTH_STATE_SIGNED_IN) {
		self->looked_again = FALSE;
		return TRUE;
	}
	/* Another program may have signed in meanwhile, or a keyring has come that holds a sign-in. */
	if (state == OAUTH_STATE_UNKNOWN || self->loading || !self->looked_again) {
		self->looked_again = TRUE;
		self->check_wanted = TRUE;
		outlook_account_load(self);
		return FALSE;
	}
	self->looked_again = FALSE;
	if (state == OAUTH_STATE_NEEDS_SIGN_IN || outlook_account_was_signed_in(self))
		tell_sign_in(self);
	else if (!self->browser_opened)
		outlook_account_sign_in(self, NULL, NULL);
	return FALSE;
}

gboolean
outlook_account_bind_owner(OauthSession *session, StoreAccount *store, GError **error)
{
	g_autoptr(OauthIdentity) identity = oauth_session_get_identity(session);

	return identity == NULL || identity->home == NULL || store_account_bind_owner(store, identity->home, error);
}

/* A store that is not open says nothing of whose it is. */
void
outlook_account_name_owner(OutlookAccount *self)
{
	g_autofree char *owner = NULL;
	g_autofree char *address = NULL;

	if (self->store == NULL || self->mailbox != NULL)
		return;
	owner = store_account_get_owner(self->store);
	address = store_account_get_address(self->store);
	oauth_session_set_owner(self->session, owner, address);
}

static gpointer
run_check(gpointer data, GCancellable *cancellable, GError **error)
{
	OutlookAccountWork *work = data;

	if (outlook_account_bind_owner(work->session, work->store, error))
		store_account_check(work->store, work->open, work->thorough, cancellable, error);
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

/*
 * After the journal was sent, by itself or in a check that ended with @error: what rests (a draft, for a moment) goes
 * when it has rested, and what failed goes a while later.
 */
static void
plan_push(OutlookAccount *self, const GError *error)
{
	gint64 seconds = self->store != NULL ? store_account_get_push_delay(self->store) : -1;

	if (seconds < 0 || self->push_again != 0 || self->closed ||
	    g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (error != NULL)
		seconds = MAX(seconds, PUSH_AGAIN_SECONDS);
	self->push_again = g_timeout_add_seconds(MAX(1, (guint)seconds), push_again, self);
}

/* The client secret was refused, and another one took its place meanwhile, with which the next check asks. */
static gboolean
is_superseded(OutlookAccount *self, const GError *error)
{
	if (!g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION))
		return FALSE;
	if (self->n_saving > 0)
		self->check_wanted = TRUE;
	return self->check_wanted &&
	       (self->n_saving > 0 || oauth_session_get_state(self->session) == OAUTH_STATE_SIGNED_IN);
}

/* Nobody is to think that all is well while mail that is only here is not even offered. */
static void
report_success(OutlookAccount *self)
{
	g_autoptr(GError) full = self->store != NULL ? store_account_dup_full(self->store) : NULL;

	if (full != NULL)
		outlook_account_report_error(self, full);
	else
		outlook_account_clear_report(self);
}

static void
check_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccountWork *work = data;
	OutlookAccount *self = work->account;

	self->checking = FALSE;
	if (error != NULL) {
		if (!is_superseded(self, error))
			outlook_account_report_error(self, error);
	} else {
		report_success(self);
		if (work->thorough)
			self->last_thorough = g_get_monotonic_time();
	}
	plan_push(self, error);
	outlook_account_say(self, OUTLOOK_ACCOUNT_PROGRESS, 0, NULL, 0, 0);
	outlook_account_emit_state(self);
	outlook_account_resume_check(self);
}

void
outlook_account_resume_check(OutlookAccount *self)
{
	if (!self->check_wanted)
		return;
	self->check_wanted = FALSE;
	outlook_account_check(self, self->check_open, self->check_by_user);
}

void
outlook_account_check(OutlookAccount *self, gint64 open, gboolean by_user)
{
	g_autoptr(OutlookJob) job = NULL;
	OutlookAccountWork *work;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	self->check_open = open;
	self->check_by_user = by_user;
	/* The token is renewed with the client secret. */
	if (self->checking || self->n_saving > 0) {
		self->check_wanted = TRUE;
		return;
	}
	if (by_user)
		oauth_session_be_asked(self->session);
	if (!may_ask_server(self, by_user))
		return;
	outlook_account_check_shared(self);
	self->checking = TRUE;
	work = outlook_account_work_new(self);
	work->open = open;
	work->thorough = self->last_thorough == 0 ||
			 g_get_monotonic_time() - self->last_thorough > THOROUGH_MINUTES * G_TIME_SPAN_MINUTE;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_BACKGROUND, run_check, check_done, work,
				  outlook_account_work_free, NULL);
}

static gpointer
run_push(gpointer data, GCancellable *cancellable, GError **error)
{
	OutlookAccountWork *work = data;

	if (outlook_account_bind_owner(work->session, work->store, error))
		store_account_push(work->store, cancellable, error);
	return NULL;
}

static void
push_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((OutlookAccountWork *)data)->account;

	self->pushing = FALSE;
	if (error != NULL)
		outlook_account_report_error(self, error);
	if (self->push_wanted) {
		self->push_wanted = FALSE;
		outlook_account_push(self);
	} else {
		plan_push(self, error);
	}
	outlook_account_emit_state(self);
}

/*
 * Without a sign-in, or the permission for shared mailboxes, the journal waits and nothing in it is refused; a check,
 * which comes after each sign-in, sends it.
 */
static gboolean
may_push(OutlookAccount *self)
{
	return self->online && self->store != NULL && oauth_session_get_state(self->session) == OAUTH_STATE_SIGNED_IN &&
	       (self->mailbox == NULL || oauth_session_has_scope(self->session, "Mail.Read.Shared"));
}

static gboolean
push_now(gpointer data)
{
	OutlookAccount *self = data;
	g_autoptr(OutlookJob) job = NULL;

	self->push_source = 0;
	if (!may_push(self))
		return G_SOURCE_REMOVE;
	if (self->pushing) {
		self->push_wanted = TRUE;
		return G_SOURCE_REMOVE;
	}
	self->pushing = TRUE;
	job = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_JOURNAL, run_push, push_done,
				  outlook_account_work_new(self), outlook_account_work_free, NULL);
	return G_SOURCE_REMOVE;
}

/* A moment later, since what a host does in one go (a copy, then the removal) may be one change. */
void
outlook_account_push(OutlookAccount *self)
{
	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	if (self->closed || self->push_source != 0)
		return;
	g_clear_handle_id(&self->push_again, g_source_remove);
	self->push_source = g_timeout_add(PUSH_DELAY_MILLISECONDS, push_now, self);
}

static gpointer
run_flush(gpointer data, GCancellable *cancellable, GError **error)
{
	OutlookAccountWork *work = data;

	if (outlook_account_bind_owner(work->session, work->store, error))
		store_account_flush(work->store, cancellable, error);
	return NULL;
}

GPtrArray *
outlook_account_begin_flush(OutlookAccount *self)
{
	GPtrArray *jobs = g_ptr_array_new_with_free_func((GDestroyNotify)outlook_job_unref);

	if (may_push(self) && store_account_count_waiting(self->store) > 0)
		g_ptr_array_add(jobs,
				outlook_worker_push(self->worker, OUTLOOK_PRIORITY_USER, run_flush, NULL,
						    outlook_account_work_new(self), outlook_account_work_free, NULL));
	for (guint i = 0; i < self->shared->len; i++)
		g_ptr_array_extend_and_steal(jobs, outlook_account_begin_flush(g_ptr_array_index(self->shared, i)));
	return jobs;
}

gint64
outlook_account_get_flush_end(void)
{
	return g_get_monotonic_time() + FLUSH_SECONDS * G_TIME_SPAN_SECOND;
}

void
outlook_account_set_online(OutlookAccount *self, gboolean online)
{
	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	if (self->closed || self->online == online)
		return;
	self->online = online;
	for (guint i = 0; i < self->shared->len; i++)
		outlook_account_set_online(g_ptr_array_index(self->shared, i), online);
	if (online) {
		outlook_account_push(self);
		outlook_account_resume_downloads(self);
	} else {
		self->check_wanted = FALSE;
		self->push_wanted = FALSE;
		g_clear_handle_id(&self->push_again, g_source_remove);
		g_clear_handle_id(&self->push_source, g_source_remove);
		outlook_account_cancel_sign_in(self);
		outlook_worker_cancel_all(self->worker);
	}
}
