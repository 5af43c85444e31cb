/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "outlook-handover.h"

/* Signing out for good: the local copy goes, the account stays. */

#define STOP_SECONDS 5
#define KEPT ".kept" /* what takes its place: which mails were sent, or may have been */

static guint
settle_handovers(OutlookAccount *self)
{
	guint left = outlook_handover_settle(self);

	for (guint i = 0; i < self->shared->len; i++)
		left += settle_handovers(g_ptr_array_index(self->shared, i));
	return left;
}

static guint
count_only_here(OutlookAccount *self)
{
	guint count = self->store != NULL ? store_account_count_only_here(self->store) : 0;

	for (guint i = 0; i < self->shared->len; i++)
		count += count_only_here(g_ptr_array_index(self->shared, i));
	return count;
}

/* Where the copies are awaited of what was moved away from here. */
static void
begin_flush_of_destinations(OutlookAccount *self, GPtrArray *jobs)
{
	g_autoptr(GPtrArray) destinations = NULL;

	if (!self->online)
		return;
	destinations = outlook_handover_list_destinations(self);
	for (guint i = 0; i < destinations->len; i++)
		g_ptr_array_extend_and_steal(jobs, outlook_account_begin_flush(g_ptr_array_index(destinations, i)));
	for (guint i = 0; i < self->shared->len; i++)
		begin_flush_of_destinations(g_ptr_array_index(self->shared, i), jobs);
}

guint
outlook_account_send_off(OutlookAccount *self, OutlookJobsWait wait)
{
	gint64 end = outlook_account_get_flush_end();
	g_autoptr(GPtrArray) jobs = outlook_account_begin_flush(self);
	g_autoptr(GPtrArray) rest = NULL;
	guint left;

	begin_flush_of_destinations(self, jobs);
	wait(jobs, end);
	/* What arrived in one mailbox just now may leave another. */
	left = settle_handovers(self);
	rest = outlook_account_begin_flush(self);
	wait(rest, end);
	return left;
}

guint
outlook_account_settle(OutlookAccount *self)
{
	g_autoptr(OutlookAccount) held G_GNUC_UNUSED = g_object_ref(self);
	guint waiting = outlook_account_send_off(self, outlook_jobs_wait);

	return waiting + count_only_here(self);
}

/* A keyring that has not answered may have some. */
gboolean
outlook_account_has_tokens(OutlookAccount *self)
{
	g_autoptr(OauthIdentity) identity = oauth_session_get_identity(self->session);

	return identity != NULL || self->tokens_left || oauth_session_get_state(self->session) == OAUTH_STATE_UNKNOWN;
}

static gboolean
has_folders(OutlookAccount *self)
{
	g_autoptr(GPtrArray) folders = self->store != NULL ? store_account_list_folders(self->store, NULL) : NULL;
	gboolean has = folders != NULL && folders->len > 0;

	for (guint i = 0; !has && i < self->shared->len; i++)
		has = has_folders(g_ptr_array_index(self->shared, i));
	return has;
}

gboolean
outlook_account_has_copy(OutlookAccount *self)
{
	return self->copy_left || has_folders(self);
}

static void
drop_plans(OutlookAccount *self)
{
	self->check_wanted = self->push_wanted = FALSE;
	g_clear_handle_id(&self->push_again, g_source_remove);
	g_clear_handle_id(&self->push_source, g_source_remove);
	g_queue_clear_full(&self->downloads, g_free);
}

/* Who hears of a job's end may want the next one, of which nobody would hear. */
static gboolean
stop_work(OutlookAccount *self)
{
	gboolean ended;

	drop_plans(self);
	ended = outlook_worker_stop(self->worker, STOP_SECONDS);
	drop_plans(self);
	g_object_unref(self->worker);
	self->worker = outlook_worker_new();
	self->loading = self->checking = self->pushing = FALSE;
	g_clear_pointer(&self->download, outlook_job_unref);
	for (guint i = 0; i < self->shared->len; i++)
		ended = stop_work(g_ptr_array_index(self->shared, i)) && ended;
	return ended;
}

static void
close_stores(OutlookAccount *self)
{
	for (guint i = 0; i < self->shared->len; i++)
		close_stores(g_ptr_array_index(self->shared, i));
	outlook_handover_leave(self);
	outlook_account_close_store(self);
	self->check_open = 0;
	self->last_thorough = 0;
}

static void
open_stores(OutlookAccount *self)
{
	outlook_account_open_store(self);
	for (guint i = 0; i < self->shared->len; i++)
		open_stores(g_ptr_array_index(self->shared, i));
}

void
outlook_account_finish_removal(OutlookAccount *self)
{
	g_autofree char *directory = outlook_account_get_directory(self);
	g_autofree char *kept = g_strconcat(directory, KEPT, NULL);

	if (!g_file_test(directory, G_FILE_TEST_EXISTS))
		g_rename(kept, directory);
	else
		store_account_remove(kept, NULL);
}

static gboolean
keep_sent(OutlookAccount *self, GError **error)
{
	g_autofree char *directory = outlook_account_get_directory(self);
	g_autofree char *kept = g_strconcat(directory, KEPT, NULL);

	for (guint i = 0; i < self->shared->len; i++) {
		OutlookAccount *shared = g_ptr_array_index(self->shared, i);

		if (!store_account_take_over_sent(self->store, shared->store, error))
			return FALSE;
	}
	return store_account_keep_sent(self->store, kept, error);
}

static gboolean
replace_copy(OutlookAccount *self, GError **error)
{
	g_autofree char *directory = outlook_account_get_directory(self);
	g_autofree char *kept = g_strconcat(directory, KEPT, NULL);
	g_autoptr(GError) failure = NULL;
	/* Ours, until the last who works with it lets go. */
	char *aside = store_account_put_aside(directory, TRUE, &failure);

	close_stores(self);
	outlook_account_remove_aside(aside);
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	/* None is there when nothing is to be kept. */
	g_rename(kept, directory);
	return TRUE;
}

/* What another program has open, or what nobody could count the changes of, is not removed. */
static gboolean
is_open(OutlookAccount *self)
{
	gboolean open = self->store != NULL;

	for (guint i = 0; open && i < self->shared->len; i++)
		open = is_open(g_ptr_array_index(self->shared, i));
	return open;
}

static gboolean
require_open(OutlookAccount *self, GError **error)
{
	if (!self->closed && is_open(self))
		return TRUE;
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_IN_USE, _("The stored mail of this account is not open."));
	return FALSE;
}

gboolean
outlook_account_forget_mail(OutlookAccount *self, GError **error)
{
	gboolean removed;

	g_return_val_if_fail(OUTLOOK_IS_ACCOUNT(self) && self->mailbox == NULL, FALSE);

	if (!require_open(self, error))
		return FALSE;
	if (!stop_work(self)) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_BUSY,
				    _("A request to the server does not end, so that the copy on this computer was "
				      "left as it is. Try again later."));
		return FALSE;
	}
	/* Who heard of the end of its work may have asked a question, and the account been closed meanwhile. */
	if (!require_open(self, error))
		return FALSE;
	removed = keep_sent(self, error) && replace_copy(self, error);
	close_stores(self);
	self->copy_left = !removed;
	open_stores(self);
	if (!removed)
		return FALSE;
	if (self->store != NULL && !store_account_note_left(self->store, error))
		return FALSE;
	outlook_account_emit_state(self);
	return TRUE;
}
