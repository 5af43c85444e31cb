/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>

#include "outlook-handover.h"

#define CLOSE_SECONDS 5

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

	if (forget->session != NULL && !oauth_session_sign_out(forget->session, TRUE, NULL, &sign_out))
		g_warning("An account's tokens could not be removed from the keyring: %s", sign_out->message);
	if (!store_account_remove(forget->directory, &removal))
		g_warning("An account's mail could not be removed: %s", removal->message);
	g_clear_object(&forget->session);
	g_free(forget->directory);
	g_free(forget);

	g_mutex_lock(&forget_mutex);
	n_forgetting--;
	g_cond_broadcast(&forget_cond);
	g_mutex_unlock(&forget_mutex);
	return NULL;
}

void
outlook_account_remove_directory(const char *directory, OauthSession *session)
{
	Forget *data = g_new0(Forget, 1);

	data->session = session != NULL ? g_object_ref(session) : NULL;
	data->directory = g_strdup(directory);
	g_mutex_lock(&forget_mutex);
	n_forgetting++;
	g_mutex_unlock(&forget_mutex);
	g_thread_unref(g_thread_new("outlook-forget", forget_thread, data));
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

/* It lies below the directory of its owner. */
static void
close_shared(OutlookAccount *shared, gboolean forget)
{
	if (forget) {
		tell_lost(shared);
		outlook_handover_leave(shared);
	}
	shared->online = FALSE;
	outlook_account_close(shared, FALSE);
}

void
outlook_account_close(OutlookAccount *self, gboolean forget)
{
	g_autofree char *directory = NULL;
	g_autoptr(GPtrArray) flushing = NULL;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	if (self->closed)
		return;
	self->closed = TRUE;
	directory = outlook_account_get_directory(self);
	g_clear_handle_id(&self->push_again, g_source_remove);
	g_clear_handle_id(&self->push_source, g_source_remove);
	outlook_account_cancel_sign_in(self);
	flushing = outlook_account_begin_flush(self);
	outlook_jobs_wait_quietly(flushing, outlook_account_get_flush_end());
	for (guint i = 0; i < self->shared->len; i++)
		close_shared(g_ptr_array_index(self->shared, i), forget);
	if (forget) {
		tell_lost(self);
		outlook_handover_leave(self);
	}
	outlook_handover_part(self);
	if (!outlook_account_end_sign_in(self, CLOSE_SECONDS))
		g_warning("An account is left with a sign-in that does not end.");
	if (!outlook_worker_close(self->worker, CLOSE_SECONDS))
		g_warning("An account is left with a request that does not end.");
	outlook_account_close_store(self);
	g_signal_handlers_disconnect_by_data(self->session, self);
	if (forget)
		outlook_account_remove_directory(directory, self->mailbox == NULL ? self->session : NULL);
}
