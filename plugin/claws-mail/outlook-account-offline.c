/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

/* One folder at a time, so that a lane and the service's places are left for what somebody waits for. */

typedef struct {
	gint64 folder;
	guint days;
} Download;

typedef struct {
	OutlookAccount *account;
	StoreAccount *store;
	Download download;
} Work;

static void
work_free(gpointer data)
{
	Work *work = data;

	g_object_unref(work->account);
	g_object_unref(work->store);
	g_free(work);
}

static gpointer
run_download(gpointer data, GCancellable *cancellable, GError **error)
{
	Work *work = data;

	store_account_fetch_bodies(work->store, work->download.folder, work->download.days, cancellable, error);
	return NULL;
}

static void start(OutlookAccount *self);

static void
download_done(gpointer result, const GError *error, gpointer data)
{
	OutlookAccount *self = ((Work *)data)->account;
	gboolean cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

	g_clear_pointer(&self->download, outlook_job_unref);
	/* Going offline is a pause. */
	if (!cancelled || self->online)
		g_free(g_queue_pop_head(&self->downloads));
	if (error != NULL)
		outlook_account_report_error(self, error);
	start(self);
}

static void
start(OutlookAccount *self)
{
	const Download *next = g_queue_peek_head(&self->downloads);
	Work *work;

	if (next == NULL || self->download != NULL || self->closed || !self->online || self->store == NULL)
		return;
	work = g_new0(Work, 1);
	work->account = g_object_ref(self);
	work->store = g_object_ref(self->store);
	work->download = *next;
	self->download = outlook_worker_push(self->worker, OUTLOOK_PRIORITY_BACKGROUND, run_download, download_done,
					     work, work_free, NULL);
}

/* @days 0: all; more includes less. */
static gboolean
includes(guint days, guint others)
{
	return days == 0 || (others != 0 && others <= days);
}

void
outlook_account_download(OutlookAccount *self, gint64 folder, guint days)
{
	Download *download;

	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	/* What runs may have passed the mails that are meant; what waits has not. */
	for (GList *cur = self->downloads.head; cur != NULL; cur = cur->next) {
		download = cur->data;
		if (download->folder == folder && (cur != self->downloads.head || self->download == NULL)) {
			if (!includes(download->days, days))
				download->days = days;
			return;
		}
	}
	download = g_new0(Download, 1);
	download->folder = folder;
	download->days = days;
	g_queue_push_tail(&self->downloads, download);
	start(self);
}

gboolean
outlook_account_is_downloading(OutlookAccount *self)
{
	g_return_val_if_fail(OUTLOOK_IS_ACCOUNT(self), FALSE);

	return self->download != NULL;
}

void
outlook_account_cancel_downloads(OutlookAccount *self)
{
	g_return_if_fail(OUTLOOK_IS_ACCOUNT(self));

	/* The first one is under way and goes when it has ended. */
	while (g_queue_get_length(&self->downloads) > (self->download != NULL ? 1U : 0U))
		g_free(g_queue_pop_tail(&self->downloads));
	if (self->download != NULL)
		outlook_job_cancel(self->download);
}

void
outlook_account_resume_downloads(OutlookAccount *self)
{
	start(self);
}
