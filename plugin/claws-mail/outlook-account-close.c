/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>

#include "outlook-handover.h"

#define CLOSE_SECONDS 5
#define PAUSE 100000 /* microseconds */

static GMutex forget_mutex;
static GCond forget_cond;
static guint n_forgetting;

/* Each on a thread of its own: a locked keyring asks its owner, who may not be there, and the mail goes all the same.
 */
static void
begin_forgetting(GThreadFunc function, gpointer data)
{
	g_mutex_lock(&forget_mutex);
	n_forgetting++;
	g_mutex_unlock(&forget_mutex);
	g_thread_unref(g_thread_new("outlook-forget", function, data));
}

static void
end_forgetting(void)
{
	g_mutex_lock(&forget_mutex);
	n_forgetting--;
	g_cond_broadcast(&forget_cond);
	g_mutex_unlock(&forget_mutex);
}

static gpointer
sign_out_thread(gpointer data)
{
	g_autoptr(OauthSession) session = data;
	g_autoptr(GError) error = NULL;

	if (!oauth_session_sign_out(session, TRUE, NULL, &error))
		g_warning("An account's tokens could not be removed from the keyring: %s", error->message);
	g_clear_object(&session);
	end_forgetting();
	return NULL;
}

/* A request that does not end may still have it open. */
static gpointer
remove_thread(gpointer data)
{
	g_autofree char *directory = data;
	g_autoptr(GError) error = NULL;

	while (!store_account_remove(directory, &error) && g_error_matches(error, STORE_ERROR, STORE_ERROR_IN_USE)) {
		g_clear_error(&error);
		g_usleep(PAUSE);
	}
	if (error != NULL)
		g_warning("An account's mail could not be removed: %s", error->message);
	end_forgetting();
	return NULL;
}

void
outlook_account_remove_aside(char *directory)
{
	if (directory != NULL)
		begin_forgetting(remove_thread, directory);
}

void
outlook_account_sweep_removed(void)
{
	g_autofree char *parent = g_build_filename(g_get_user_data_dir(), OUTLOOK_ACCOUNT_DIRECTORY, NULL);
	g_autoptr(GPtrArray) paths = store_account_list_aside(parent);

	for (guint i = 0; i < paths->len; i++)
		outlook_account_remove_aside(g_strdup(g_ptr_array_index(paths, i)));
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

/* Of what the server could not be given in time, or without a sign-in, or did not take. */
static void
tell_lost(OutlookAccount *self)
{
	guint n_lost = self->store != NULL ? store_account_count_only_here(self->store) : 0;
	g_autofree char *text = NULL;

	if (n_lost == 0)
		return;
	text = g_strdup_printf(
		ngettext("%u change that was made here had not reached the server and is lost with the account.",
			 "%u changes that were made here had not reached the server and are lost with the account.",
			 n_lost),
		n_lost);
	g_signal_emit_by_name(self, "report", 1, text);
}

/* Also of what was moved away from it, has no copy there yet, and is in both mailboxes later. */
static void
tell_left(OutlookAccount *self)
{
	guint n_stayed = outlook_handover_settle(self);

	tell_lost(self);
	if (n_stayed > 0)
		outlook_handover_tell_stayed(self);
	outlook_handover_leave(self);
}

/* It lies below the directory of its owner. */
static void
close_shared(OutlookAccount *shared, gboolean forget)
{
	if (forget)
		tell_left(shared);
	shared->online = FALSE;
	outlook_account_close(shared, FALSE);
}

/* While the lock is ours, if it is; what another program has open is its own. */
static char *
put_aside(OutlookAccount *self)
{
	g_autofree char *directory = outlook_account_get_directory(self);
	g_autoptr(GError) error = NULL;
	char *aside = store_account_put_aside(directory, self->store != NULL, &error);

	if (error != NULL) {
		g_autofree char *text = outlook_account_explain(error);

		g_signal_emit_by_name(self, "report", 1, text);
	}
	return aside;
}

static void
flush(OutlookAccount *self)
{
	g_autoptr(GPtrArray) jobs = outlook_account_begin_flush(self);

	outlook_jobs_wait_quietly(jobs, outlook_account_get_flush_end());
}

void
outlook_account_close(OutlookAccount *self, gboolean forget)
{
	char *aside = NULL;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	if (self->closed)
		return;
	self->closed = TRUE;
	g_clear_handle_id(&self->push_again, g_source_remove);
	g_clear_handle_id(&self->push_source, g_source_remove);
	outlook_account_cancel_sign_in(self);
	if (forget)
		outlook_account_send_off(self, outlook_jobs_wait_quietly);
	else
		flush(self);
	for (guint i = 0; i < self->shared->len; i++)
		close_shared(g_ptr_array_index(self->shared, i), forget);
	if (forget)
		tell_left(self);
	outlook_handover_part(self);
	if (!outlook_account_end_sign_in(self, CLOSE_SECONDS))
		g_warning("An account is left with a sign-in that does not end.");
	if (!outlook_worker_close(self->worker, CLOSE_SECONDS))
		g_warning("An account is left with a request that does not end.");
	if (forget)
		aside = put_aside(self);
	outlook_account_close_store(self);
	outlook_account_remove_aside(aside);
	g_signal_handlers_disconnect_by_data(self->session, self);
	if (forget && self->mailbox == NULL)
		begin_forgetting(sign_out_thread, g_object_ref(self->session));
}
