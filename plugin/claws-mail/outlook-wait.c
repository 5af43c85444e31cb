/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-wait.h"

#include "outlook-item.h"
#include "outlook-report.h"

#include <summaryview.h>

typedef struct {
	StoreAccount *store;
	gint64 folder;
	guint32 number;
	StoreSearchScope scope;
	char *text;
	GArray *numbers;
} Request;

static Request *
request_new(OutlookAccount *account, FolderItem *item)
{
	Request *request = g_new0(Request, 1);

	request->store = g_object_ref(outlook_account_get_store(account));
	request->folder = OUTLOOK_ITEM(item)->key;
	return request;
}

static void
request_free(gpointer data)
{
	Request *request = data;

	g_object_unref(request->store);
	g_free(request->text);
	g_clear_pointer(&request->numbers, g_array_unref);
	g_free(request);
}

static gpointer
run_body(gpointer data, GCancellable *cancellable, GError **error)
{
	Request *request = data;

	return store_account_fetch_body(request->store, request->folder, request->number, cancellable, error);
}

static gpointer
run_some_bodies(gpointer data, GCancellable *cancellable, GError **error)
{
	Request *request = data;

	store_account_fetch_some_bodies(request->store, request->folder, request->numbers, cancellable, error);
	return NULL;
}

static gpointer
run_search(gpointer data, GCancellable *cancellable, GError **error)
{
	Request *request = data;

	return store_account_search(request->store, request->folder, request->scope, request->text, cancellable, error);
}

typedef struct {
	OutlookAccount *account;
	FolderItem *item;
	OutlookWaitNotify notify;
	gpointer data;
} Waiting;

static gboolean
keep_waiting(gpointer data)
{
	Waiting *waiting = data;

	return !claws_is_exiting() && !outlook_account_is_closed(waiting->account) &&
	       outlook_item_is_alive(waiting->item) && (waiting->notify == NULL || waiting->notify(waiting->data));
}

/*
 * The locks turn away a nested check and grey what would free the item; what happens all the same is found by the
 * registry of living items.
 */
static void
lock(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	inc_lock_real();
	if (mainwin != NULL)
		main_window_lock(mainwin);
}

static void
unlock(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin != NULL)
		main_window_unlock(mainwin);
	inc_unlock_real();
}

/*
 * The host's list was emptied during the wait, and whoever asked for the mail then notes the row of it that was
 * selected: it is made to forget that row before anything else, its own timers included, looks at it.
 */
static gboolean
forget_rows(gpointer data)
{
	MainWindow *mainwin = outlook_compat_get_main_window();
	SummaryView *summaryview = mainwin != NULL ? mainwin->summaryview : NULL;

	if (summaryview == NULL || summaryview->folder_item != NULL)
		return G_SOURCE_REMOVE;
	summaryview->selected = NULL;
	summaryview->displayed = NULL;
	return summary_is_locked(summaryview);
}

static gpointer
wait_for(Waiting *waiting, OutlookJobRun run, Request *request, GDestroyNotify free_result, GError **error)
{
	g_autoptr(OutlookAccount) held = g_object_ref(waiting->account);
	g_autoptr(OutlookJob) job = NULL;
	gpointer result;

	lock();
	job = outlook_worker_push(outlook_account_get_worker(held), OUTLOOK_PRIORITY_USER, run, NULL, request,
				  request_free, free_result);
	result = outlook_job_wait(job, keep_waiting, waiting, error);
	unlock();

	if (!outlook_item_is_alive(waiting->item)) {
		g_clear_pointer(&result, free_result);
		g_idle_add_full(G_PRIORITY_HIGH, forget_rows, NULL, NULL);
	}
	return result;
}

char *
outlook_wait_for_body(OutlookAccount *account, FolderItem *item, guint32 number)
{
	g_autofree char *name = g_strdup(item->folder->name);
	g_autoptr(GError) error = NULL;
	Waiting waiting = {account, item};
	Request *request = request_new(account, item);
	char *path;

	request->number = number;
	path = wait_for(&waiting, run_body, request, g_free, &error);
	if (path == NULL && error != NULL)
		outlook_report_error(name, error);
	return path;
}

static guint tree_holds;
static OutlookAccount *stopped; /* by a person, during the host's way through the tree; compared only */

/* The host goes on to the next folder without a turn of the main loop. */
static gboolean
forget_stopped(gpointer data)
{
	stopped = NULL;
	return G_SOURCE_REMOVE;
}

void
outlook_wait_for_downloads(OutlookAccount *account, FolderItem *item)
{
	g_autoptr(OutlookAccount) held = g_object_ref(account);
	Waiting waiting = {account, item};

	lock();
	tree_holds++;
	while (outlook_account_is_downloading(held) && keep_waiting(&waiting))
		g_main_context_iteration(NULL, TRUE);
	tree_holds--;
	unlock();
	if (stopped != NULL)
		g_idle_add_full(G_PRIORITY_HIGH, forget_stopped, NULL, NULL);
}

void
outlook_wait_stop_downloads(OutlookAccount *account)
{
	if (tree_holds > 0)
		stopped = account;
	outlook_account_cancel_downloads(account);
}

gboolean
outlook_wait_is_stopped(OutlookAccount *account)
{
	return stopped == account;
}

gboolean
outlook_wait_holds_tree(void)
{
	return tree_holds > 0;
}

void
outlook_wait_for_some_bodies(OutlookAccount *account, FolderItem *item, GArray *numbers, OutlookWaitNotify notify,
			     gpointer data)
{
	g_autofree char *name = g_strdup(item->folder->name);
	g_autoptr(GError) error = NULL;
	Waiting waiting = {account, item, notify, data};
	Request *request = request_new(account, item);

	request->numbers = g_array_ref(numbers);
	wait_for(&waiting, run_some_bodies, request, g_free, &error);
	if (error != NULL)
		outlook_report_error(name, error);
}

static void
free_found(gpointer found)
{
	store_found_free(found);
}

StoreFound *
outlook_wait_for_search(OutlookAccount *account, FolderItem *item, StoreSearchScope scope, const char *text,
			OutlookWaitNotify notify, gpointer data, GError **error)
{
	Waiting waiting = {account, item, notify, data};
	Request *request = request_new(account, item);

	request->scope = scope;
	request->text = g_strdup(text);
	return wait_for(&waiting, run_search, request, free_found, error);
}
