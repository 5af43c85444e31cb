/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-pages.h"

#include "graph-error.h"

#define SMALLEST_PAGE 50

/* A page on its way. The members below @done belong to the fetching thread until it is set. */
typedef struct {
	char *link;
	guint64 since;
	gboolean done;
	GraphMessagePage *page;
	GError *error;
} Ahead;

struct _StorePages {
	StoreAccount *account;
	char *folder_id;
	GCancellable *cancellable; /* ends with that of the caller */
	GCancellable *callers;
	gulong chain;
	GraphUrgency urgency; /* of the caller */
	gboolean expanded;    /* links may be those of such a round */
	GThreadPool *fetcher; /* %NULL until there is a second page */
	GMutex mutex;
	GCond cond;
	Ahead *ahead;
	gboolean holds; /* the page that was handed out last is being applied */
	guint64 since;	/* it was asked for */
};

static guint
get_page_size(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	return self->page_size;
}

/* FALSE if it is as small as it gets. */
static gboolean
halve_page_size(StoreAccount *self, guint used)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	if (self->page_size / 2 < SMALLEST_PAGE)
		return FALSE;
	if (self->page_size == used)
		self->page_size /= 2;
	return TRUE;
}

gboolean
store_pages_are_extended(StoreAccount *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	return !self->plain_delta;
}

static GraphMessagePage *
fetch(StorePages *self, const char *link, GError **error)
{
	for (;;) {
		g_autoptr(GError) failure = NULL;
		guint size = get_page_size(self->account);
		gboolean extended = link != NULL ? self->expanded : store_pages_are_extended(self->account);
		GraphMessagePage *page = graph_message_delta(self->account->client, self->folder_id, link, size,
							     extended, self->cancellable, &failure);

		if (page != NULL)
			return page;
		if ((!g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE) &&
		     !g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE)) ||
		    !halve_page_size(self->account, size)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return NULL;
		}
		graph_client_log(self->account->client, failure->message);
	}
}

static void
run_fetch(gpointer data, gpointer user_data)
{
	Ahead *ahead = data;
	StorePages *self = user_data;
	g_autoptr(GMutexLocker) locker = NULL;

	graph_client_set_urgency(self->urgency);
	ahead->page = fetch(self, ahead->link, &ahead->error);
	locker = g_mutex_locker_new(&self->mutex);
	ahead->done = TRUE;
	g_cond_signal(&self->cond);
}

static void
start_ahead(StorePages *self, const char *link)
{
	self->ahead = g_new0(Ahead, 1);
	self->ahead->link = g_strdup(link);
	self->ahead->since = store_settled_begin(self->account->settled);
	if (self->fetcher == NULL)
		self->fetcher = g_thread_pool_new(run_fetch, self, 1, TRUE, NULL);
	g_thread_pool_push(self->fetcher, self->ahead, NULL);
}

/* Waits for it. */
static Ahead *
take_ahead(StorePages *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->mutex);

	while (!self->ahead->done)
		g_cond_wait(&self->cond, &self->mutex);
	return g_steal_pointer(&self->ahead);
}

static void
ahead_free(Ahead *ahead)
{
	g_clear_pointer(&ahead->page, graph_message_page_free);
	g_clear_error(&ahead->error);
	g_free(ahead->link);
	g_free(ahead);
}

static void
let_go(StorePages *self)
{
	if (self->holds)
		store_settled_end(self->account->settled, self->since);
	self->holds = FALSE;
}

static void
on_cancelled(GCancellable *callers, gpointer data)
{
	g_cancellable_cancel(data);
}

StorePages *
store_pages_new(StoreAccount *account, const char *folder_id, gboolean expanded, GCancellable *cancellable)
{
	StorePages *self = g_new0(StorePages, 1);

	self->account = account;
	self->folder_id = g_strdup(folder_id);
	self->urgency = graph_client_get_urgency();
	self->expanded = expanded;
	self->cancellable = g_cancellable_new();
	g_mutex_init(&self->mutex);
	g_cond_init(&self->cond);
	if (cancellable != NULL) {
		self->callers = g_object_ref(cancellable);
		self->chain = g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled),
						    g_object_ref(self->cancellable), g_object_unref);
	}
	return self;
}

void
store_pages_free(StorePages *self)
{
	if (self == NULL)
		return;
	g_cancellable_disconnect(self->callers, self->chain);
	g_clear_object(&self->callers);
	let_go(self);
	if (self->ahead != NULL) {
		g_cancellable_cancel(self->cancellable);
		store_settled_end(self->account->settled, self->ahead->since);
		ahead_free(take_ahead(self));
	}
	if (self->fetcher != NULL)
		g_thread_pool_free(self->fetcher, FALSE, TRUE);
	g_object_unref(self->cancellable);
	g_cond_clear(&self->cond);
	g_mutex_clear(&self->mutex);
	g_free(self->folder_id);
	g_free(self);
}

GraphMessagePage *
store_pages_fetch(StorePages *self, const char *link, guint64 *since, GError **error)
{
	GraphMessagePage *page = NULL;

	let_go(self);
	if (self->ahead != NULL) {
		Ahead *ahead = take_ahead(self);
		gboolean wanted = g_strcmp0(link, ahead->link) == 0;

		page = g_steal_pointer(&ahead->page);
		self->since = ahead->since;
		if (wanted && page == NULL)
			g_propagate_error(error, g_steal_pointer(&ahead->error));
		ahead_free(ahead);
		self->holds = wanted;
		if (!wanted) {
			g_clear_pointer(&page, graph_message_page_free);
			store_settled_end(self->account->settled, self->since);
		}
	}
	if (!self->holds) {
		self->since = store_settled_begin(self->account->settled);
		self->holds = TRUE;
		page = fetch(self, link, error);
	}
	if (page != NULL && page->next_link != NULL)
		start_ahead(self, page->next_link);
	*since = self->since;
	return page;
}
