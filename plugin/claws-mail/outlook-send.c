/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-send.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include <account.h>
#include <compose.h>

#include "graph-error.h"
#include "oauth-error.h"
#include "outlook-accounts.h"
#include "outlook-bar.h"
#include "outlook-compat.h"
#include "outlook-explain.h"
#include "outlook-leave.h"
#include "outlook-page.h"
#include "outlook-submission.h"
#include "store-letter.h"

#define LEAVING_SECONDS 3
#define QUEUE_PAUSE (10 * G_TIME_SPAN_SECOND) /* longer than between two mails of a queue */

static OutlookSubmission *submission;
static gulong password_hook;
static gulong compose_hook;
static gulong accounts_hook;
static guint refresh;	/* source */
static gint64 answered; /* monotonic: the last mail */

/* A mail on its way to the service. @token is 0 once the client has its answer. */
typedef struct {
	OauthSession *session;
	StoreAccount *store;
	GPtrArray *shared;     /* of StoreAccount */
	StoreAccount *through; /* (nullable): the one of them in whose name it is */
	GBytes *mime;
	char **recipients;
	char *user;
	guint token;
	OutlookJob *job;
	GCancellable *cancellable;
	gulong cancelled;
	guint watch;   /* source */
	guint leaving; /* seconds since the host began to end */
} Delivery;

static void
delivery_clear(gpointer data)
{
	Delivery *self = data;

	g_clear_pointer(&self->job, outlook_job_unref);
	g_object_unref(self->cancellable);
	g_ptr_array_unref(self->shared);
	g_object_unref(self->store);
	g_object_unref(self->session);
	g_bytes_unref(self->mime);
	g_strfreev(self->recipients);
	g_free(self->user);
}

static void
delivery_release(gpointer data)
{
	g_rc_box_release_full(data, delivery_clear);
}

/* The user name at the server is the account's UUID. */
static OutlookAccount *
find_account(const char *user)
{
	for (GList *at = account_get_list(); at != NULL; at = at->next) {
		OutlookAccount *account = outlook_accounts_find(at->data);

		if (account != NULL && g_strcmp0(outlook_account_get_settings(account)->config->account, user) == 0)
			return account;
	}
	return NULL;
}

static GError *
make_closed_error(void)
{
	return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED,
				   _("The account was closed before the mail was sent."));
}

static gboolean
is_temporary(const GError *error)
{
	return g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAUTHORIZED) ||
	       g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED) ||
	       g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE) ||
	       g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_KEYRING) ||
	       g_error_matches(error, STORE_ERROR, STORE_ERROR_DISK) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_BUSY) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
is_too_large(const GError *error)
{
	return g_error_matches(error, STORE_ERROR, STORE_ERROR_TOO_LARGE) ||
	       g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
}

/* The message says what to do (store_account_send()). */
static gboolean
explains_itself(const GError *error)
{
	return g_error_matches(error, STORE_ERROR, STORE_ERROR_TOO_LARGE) ||
	       g_error_matches(error, STORE_ERROR, STORE_ERROR_REFUSED);
}

/* Nothing sends a queued mail by itself. */
static char *
explain(const GError *error)
{
	if (explains_itself(error))
		return g_strdup(error->message);
	/* The account's work was stopped; who hung up hears nothing. */
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_autoptr(GError) closed = make_closed_error();

		return g_strdup(closed->message);
	}
	if (g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) ||
	    g_error_matches(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN) ||
	    g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE))
		return outlook_explain_with_step(error, _("Send the queued mail again later."));
	return outlook_explain(error);
}

/* The service has filed it; the next regular check could be far. */
static void
show_sent_copy(OutlookAccount *account)
{
	StoreAccount *store = account != NULL ? outlook_account_get_store(account) : NULL;

	if (store != NULL)
		outlook_account_check(account, store_account_find_role(store, STORE_ROLE_SENT), FALSE);
}

/* The host is still in the dialogue. */
static gboolean
refresh_send(gpointer data)
{
	refresh = 0;
	outlook_compat_refresh_send();
	return G_SOURCE_REMOVE;
}

/* What was under way when it was cancelled is cleared up by the next check (store_account_send()). */
static void
clear_up(OutlookAccount *account)
{
	StoreAccount *store = outlook_account_get_store(account);

	if (store != NULL)
		outlook_account_check(account, store_account_find_role(store, STORE_ROLE_DRAFTS), FALSE);
}

/* @error as it came; the client hears it, and the person sees it, in words and with the next step. */
static void
answer(const char *user, guint token, const GError *error)
{
	OutlookAccount *account = find_account(user);
	g_autofree char *text = NULL;
	g_autofree char *report = NULL;
	g_autoptr(GError) words = NULL;

	answered = g_get_monotonic_time();
	if (submission == NULL)
		return;
	if (error == NULL) {
		outlook_submission_answer(submission, token, NULL, FALSE);
		outlook_bar_hide();
		show_sent_copy(account);
		return;
	}
	text = explain(error);
	words = g_error_new_literal(G_IO_ERROR, is_too_large(error) ? G_IO_ERROR_MESSAGE_TOO_LARGE : G_IO_ERROR_FAILED,
				    text);
	outlook_submission_answer(submission, token, words, is_temporary(error));
	if (account == NULL)
		return;
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		clear_up(account);
		return;
	}
	report = g_strdup_printf(_("The mail was not sent; it is still in its window or in the queue. %s"), text);
	g_signal_emit_by_name(account, "report", 1, report);
	/* The host clears the status bar when the dialogue ends, and its own message does not say why. */
	outlook_bar_show(report);
	if (refresh == 0)
		refresh = g_idle_add(refresh_send, NULL);
}

static gpointer
run_delivery(gpointer data, GCancellable *cancellable, GError **error)
{
	Delivery *self = data;
	const char *const *recipients = (const char *const *)self->recipients;

	if (!outlook_account_bind_owner(self->session, self->store, error))
		return NULL;
	self->through = store_account_find_sender(self->shared, self->mime);
	if (self->through == NULL)
		store_account_send(self->store, self->mime, recipients, cancellable, error);
	else if (outlook_account_bind_owner(self->session, self->through, error))
		store_account_send_through(self->store, self->through, self->mime, recipients, cancellable, error);
	return NULL;
}

static void
delivery_done(gpointer result, const GError *error, gpointer data)
{
	Delivery *self = data;
	OutlookAccount *account = find_account(self->user);

	answer(self->user, self->token, error);
	self->token = 0;
	if (error == NULL && account != NULL && self->through != NULL)
		outlook_account_check_shared_copy(account, self->through);
}

/* The job's end, also of one that the account's end took with it. */
static void
delivery_end(gpointer data)
{
	Delivery *self = data;

	g_clear_signal_handler(&self->cancelled, self->cancellable);
	g_clear_handle_id(&self->watch, g_source_remove);
	if (self->token != 0) {
		g_autoptr(GError) error = make_closed_error();

		answer(self->user, self->token, error);
		self->token = 0;
	}
	delivery_release(self);
}

static void
on_hung_up(GCancellable *cancellable, Delivery *self)
{
	if (self->job != NULL)
		outlook_job_cancel(self->job);
}

/* What was on its way is looked up before it is sent again (store_account_send()). */
static gboolean
watch_host(gpointer data)
{
	Delivery *self = data;

	self->leaving = outlook_leave_is_decided() ? self->leaving + 1 : 0;
	if (self->leaving < LEAVING_SECONDS)
		return G_SOURCE_CONTINUE;
	self->watch = 0;
	outlook_leave_mute();
	outlook_job_cancel(self->job);
	return G_SOURCE_REMOVE;
}

static char *
find_place(const char *user, gpointer user_data)
{
	OutlookAccount *account = find_account(user);

	return account != NULL ? outlook_account_get_directory(account) : NULL;
}

/* @failure: why the mail could not be kept while it came in */
static GError *
explain_failure(const GError *failure)
{
	g_autofree char *largest = g_format_size(GRAPH_ATTACHMENT_MOST);

	if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
		return g_error_new(
			G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
			_("The mail with its attachments is larger than %s, the most that Outlook takes. Send "
			  "fewer or smaller attachments."),
			largest);
	if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_BUSY))
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_BUSY,
					   _("Too much other mail is being sent. Send the queued mail again later."));
	return g_error_new(G_IO_ERROR, failure->code,
			   _("The mail could not be written to the disk while it is sent: %s. Check the free space and "
			     "the permissions of the disk, then send the queued mail again."),
			   failure->message);
}

/* Why the account cannot take the mail now; %NULL when it can. */
static GError *
find_obstacle(OutlookAccount *account, GBytes *mime, const GError *failure)
{
	g_auto(GStrv) closed = NULL;

	if (account == NULL)
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("This account is not there any more."));
	if (outlook_account_get_store(account) == NULL)
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, outlook_account_get_store_error(account));
	/* The rest of a queue. */
	if (outlook_leave_is_decided()) {
		outlook_leave_mute();
		return make_closed_error();
	}
	if (failure != NULL)
		return explain_failure(failure);
	/* An earlier try may be noted in that store, so the mail does not leave by another way. */
	closed = outlook_account_list_closed_mailboxes(account);
	if (store_mail_is_from(mime, (const char *const *)closed))
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_BUSY,
					   _("The stored mail of this account is not open."));
	return NULL;
}

static void
on_deliver(const char *user, const char *sender, const char *const *recipients, GBytes *mime, const GError *failure,
	   guint token, GCancellable *cancellable, gpointer user_data)
{
	OutlookAccount *account = find_account(user);
	g_autoptr(GError) obstacle = find_obstacle(account, mime, failure);
	Delivery *delivery;

	if (obstacle != NULL) {
		answer(user, token, obstacle);
		return;
	}

	/* The rest of a queue comes by itself. */
	if (g_get_monotonic_time() - answered > QUEUE_PAUSE)
		oauth_session_be_asked(outlook_account_get_session(account));
	delivery = g_rc_box_new0(Delivery);
	delivery->session = g_object_ref(outlook_account_get_session(account));
	delivery->store = g_object_ref(outlook_account_get_store(account));
	delivery->shared = outlook_account_list_shared_stores(account);
	delivery->mime = g_bytes_ref(mime);
	delivery->recipients = g_strdupv((char **)recipients);
	delivery->user = g_strdup(user);
	delivery->token = token;
	delivery->cancellable = g_object_ref(cancellable);
	delivery->cancelled = g_signal_connect(cancellable, "cancelled", G_CALLBACK(on_hung_up), delivery);
	delivery->job = outlook_worker_push(outlook_account_get_worker(account), OUTLOOK_PRIORITY_USER, run_delivery,
					    delivery_done, g_rc_box_acquire(delivery), delivery_end, NULL);
	/* A closed worker has ended it already. */
	if (delivery->token != 0)
		delivery->watch = g_timeout_add_seconds(1, watch_host, delivery);
	delivery_release(delivery);
}

void
outlook_send_apply(PrefsAccount *prefs)
{
	OutlookAccount *account = outlook_accounts_find(prefs);

	if (submission == NULL || account == NULL || outlook_page_is_editing(prefs))
		return;

	g_free(prefs->smtp_server);
	prefs->smtp_server = g_strdup("127.0.0.1");
	prefs->set_smtpport = TRUE;
	prefs->smtpport = outlook_submission_get_port(submission);
	prefs->ssl_smtp = SSL_NONE;
	prefs->use_smtp_auth = TRUE;
	prefs->smtp_auth_type = SMTPAUTH_PLAIN;
	g_free(prefs->smtp_userid);
	prefs->smtp_userid = g_strdup(outlook_account_get_settings(account)->config->account);
	prefs->use_mail_command = FALSE;
	prefs->pop_before_smtp = FALSE;
	prefs->use_proxy_for_send = FALSE;
}

void
outlook_send_apply_all(void)
{
	for (GList *at = account_get_list(); at != NULL; at = at->next) {
		if (outlook_accounts_is_ours(at->data))
			outlook_send_apply(at->data);
	}
}

static gboolean
on_password_wanted(gpointer source, gpointer user_data)
{
	PasswordRequest *request = source;

	if (g_strcmp0(request->protocol, "smtp") != 0 || g_strcmp0(request->server, "127.0.0.1") != 0 ||
	    request->port != outlook_submission_get_port(submission) || find_account(request->user) == NULL)
		return FALSE;
	request->password = g_strdup(outlook_submission_get_password(submission));
	return TRUE;
}

/* The service files the sent copy. */
static gboolean
on_compose_checked(gpointer source, gpointer user_data)
{
	Compose *compose = source;

	if (compose->account != NULL && outlook_accounts_is_ours(compose->account)) {
		outlook_send_apply(compose->account);
		if (compose->savemsg_checkbtn != NULL)
			gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(compose->savemsg_checkbtn), FALSE);
	}
	return FALSE;
}

static gboolean
on_accounts_changed(gpointer source, gpointer user_data)
{
	outlook_send_apply_all();
	return FALSE;
}

gboolean
outlook_send_init(GError **error)
{
	submission = outlook_submission_new(STORE_LETTER_MOST, find_place, on_deliver, NULL, error);
	if (submission == NULL || !outlook_leave_init(error)) {
		outlook_send_done();
		return FALSE;
	}

	password_hook = outlook_compat_add_hook(PASSWORD_GET_HOOKLIST, on_password_wanted, NULL);
	compose_hook = outlook_compat_add_hook(COMPOSE_CHECK_BEFORE_SEND_HOOKLIST, on_compose_checked, NULL);
	accounts_hook = outlook_compat_add_hook(ACCOUNT_LIST_CHANGED_HOOKLIST, on_accounts_changed, NULL);
	if (password_hook == 0 || compose_hook == 0 || accounts_hook == 0) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The mail client did not take a hook."));
		outlook_send_done();
		return FALSE;
	}
	return TRUE;
}

void
outlook_send_done(void)
{
	outlook_compat_remove_hook(ACCOUNT_LIST_CHANGED_HOOKLIST, &accounts_hook);
	outlook_compat_remove_hook(COMPOSE_CHECK_BEFORE_SEND_HOOKLIST, &compose_hook);
	outlook_compat_remove_hook(PASSWORD_GET_HOOKLIST, &password_hook);
	g_clear_handle_id(&refresh, g_source_remove);
	outlook_leave_done();
	if (submission != NULL && claws_is_exiting()) {
		outlook_submission_close(submission);
	} else if (submission != NULL) {
		g_autoptr(GError) why = make_closed_error();

		outlook_submission_leave(submission, why);
	}
	g_clear_object(&submission);
}
