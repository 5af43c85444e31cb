/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-throttle.h"

#include <glib/gi18n-lib.h>

#include <libsoup/soup.h>
#include <math.h>

#include "graph-error.h"

/* The span is counted in so many slices; a slice is forgotten as a whole. */
#define SLICES 60

/* Seconds. A longer pause is the caller's to plan around, not to sit through. */
#define LONGEST_WAIT 600
#define LONGEST_PAUSE (24 * 3600)
#define LONGEST_BACK_OFF 64

/* Of the budget, which what is less urgent leaves to what is more: one in so many. */
#define SPARED_PART 10

typedef struct {
	GraphUrgency urgency;
} Ticket;

struct _GraphThrottle {
	GMutex mutex;
	GCond changed;
	GQueue waiting; /* of Ticket, on the waiters' stacks, the most urgent first: only the head may enter */
	guint places;
	guint taken;
	gint64 closed_until; /* monotonic, microseconds */
	gboolean announced;

	guint budget;
	gint64 slice_length; /* microseconds */
	gint64 slice;	     /* number of the slice now counted in */
	guint counts[SLICES];

	void (*notify)(double seconds, gpointer user_data);
	gpointer notify_data;
};

GraphThrottle *
graph_throttle_new(guint places, guint budget, guint span)
{
	GraphThrottle *self = g_new0(GraphThrottle, 1);

	g_mutex_init(&self->mutex);
	g_cond_init(&self->changed);
	g_queue_init(&self->waiting);
	self->places = places;
	self->budget = budget;
	self->slice_length = MAX(1, (gint64)span * G_USEC_PER_SEC / SLICES);
	self->slice = g_get_monotonic_time() / self->slice_length;
	return self;
}

void
graph_throttle_free(GraphThrottle *self)
{
	g_mutex_clear(&self->mutex);
	g_cond_clear(&self->changed);
	g_free(self);
}

void
graph_throttle_set_notify(GraphThrottle *self, void (*notify)(double seconds, gpointer user_data), gpointer user_data)
{
	self->notify = notify;
	self->notify_data = user_data;
}

/* Forgets slices that left the span; returns how many requests the span holds. */
static guint
count_span(GraphThrottle *self, gint64 now)
{
	gint64 slice = now / self->slice_length;
	guint sum = 0;

	if (slice - self->slice >= SLICES)
		memset(self->counts, 0, sizeof self->counts);
	else
		for (gint64 i = self->slice + 1; i <= slice; i++)
			self->counts[i % SLICES] = 0;
	self->slice = slice;

	for (guint i = 0; i < SLICES; i++)
		sum += self->counts[i];
	return sum;
}

/* When @parts more requests fit into the budget; monotonic, 0 for now. */
static gint64
get_budget_time(GraphThrottle *self, GraphUrgency urgency, guint parts, gint64 now)
{
	guint sum = count_span(self, now);
	guint budget = self->budget - self->budget / SPARED_PART * (guint)urgency;

	if (sum + parts <= budget)
		return 0;
	for (gint64 oldest = self->slice - SLICES + 1; oldest < self->slice; oldest++) {
		sum -= self->counts[oldest % SLICES];
		if (sum + parts <= budget)
			return (oldest + SLICES) * self->slice_length;
	}
	return (self->slice + SLICES) * self->slice_length;
}

static void
on_cancelled(GCancellable *cancellable, gpointer data)
{
	GraphThrottle *self = data;

	g_mutex_lock(&self->mutex);
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->mutex);
}

/* Called with the lock, tells without it. */
static void
announce(GraphThrottle *self, double seconds)
{
	g_mutex_unlock(&self->mutex);
	if (self->notify != NULL)
		self->notify(seconds, self->notify_data);
	g_mutex_lock(&self->mutex);
}

/* Called with the lock. TRUE when the pause is over; may say so to the listener, without the lock. */
static gboolean
is_open(GraphThrottle *self, gint64 now)
{
	if (now < self->closed_until)
		return FALSE;
	if (self->announced) {
		self->announced = FALSE;
		announce(self, 0);
		return g_get_monotonic_time() >= self->closed_until;
	}
	return TRUE;
}

/* Behind those that are as urgent. */
static void
queue_up(GraphThrottle *self, Ticket *ticket)
{
	GList *link = self->waiting.tail;

	while (link != NULL && ((const Ticket *)link->data)->urgency > ticket->urgency)
		link = link->prev;
	if (link != NULL)
		g_queue_insert_after(&self->waiting, link, ticket);
	else
		g_queue_push_head(&self->waiting, ticket);
}

static gboolean
has_room(GraphThrottle *self, const Ticket *ticket, guint places)
{
	guint all = ticket->urgency == GRAPH_URGENCY_USER || self->places < 2 ? self->places : self->places - 1;

	return self->taken == 0 || self->taken + places <= all;
}

/* @parts 0: only the pause is waited for. */
static gboolean
wait_and_take(GraphThrottle *self, guint places, guint parts, GCancellable *cancellable, GError **error)
{
	gulong handler = cancellable ? g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), self, NULL) : 0;
	Ticket ticket = {graph_client_get_urgency()};
	gboolean done = FALSE;
	gboolean told = FALSE;

	g_mutex_lock(&self->mutex);
	if (parts > 0)
		queue_up(self, &ticket);

	while (!g_cancellable_set_error_if_cancelled(cancellable, error)) {
		gint64 now = g_get_monotonic_time();
		gint64 until = self->closed_until;

		if (until - now > (gint64)LONGEST_WAIT * G_USEC_PER_SEC) {
			int minutes = (int)((until - now) / G_USEC_PER_SEC / 60);

			g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE,
				    ngettext("The service asked for a pause of %d more minute",
					     "The service asked for a pause of %d more minutes", minutes),
				    minutes);
			break;
		}
		if (is_open(self, now)) {
			gboolean first = parts > 0 && g_queue_peek_head(&self->waiting) == &ticket;

			if (parts == 0) {
				done = TRUE;
				break;
			}
			until = get_budget_time(self, ticket.urgency, parts, now);
			if (first && until == 0 && has_room(self, &ticket, places)) {
				self->taken += places;
				self->counts[self->slice % SLICES] += parts;
				done = TRUE;
				break;
			}
			if (!first)
				until = 0;
			if (until - now > G_USEC_PER_SEC && !told) {
				told = TRUE;
				announce(self, (double)(until - now) / G_USEC_PER_SEC);
				continue;
			}
		}
		if (until > now)
			g_cond_wait_until(&self->changed, &self->mutex, until);
		else
			g_cond_wait(&self->changed, &self->mutex);
	}

	if (parts > 0) {
		g_queue_remove(&self->waiting, &ticket);
		g_cond_broadcast(&self->changed);
	}
	if (told)
		announce(self, 0);
	g_mutex_unlock(&self->mutex);
	if (handler != 0)
		g_cancellable_disconnect(cancellable, handler);
	return done;
}

gboolean
graph_throttle_wait(GraphThrottle *self, GCancellable *cancellable, GError **error)
{
	return wait_and_take(self, 0, 0, cancellable, error);
}

gboolean
graph_throttle_enter(GraphThrottle *self, guint places, guint parts, GCancellable *cancellable, GError **error)
{
	return wait_and_take(self, MAX(1, places), MAX(1, parts), cancellable, error);
}

void
graph_throttle_leave(GraphThrottle *self, guint places)
{
	g_mutex_lock(&self->mutex);
	self->taken -= MIN(self->taken, MAX(1, places));
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->mutex);
}

void
graph_throttle_pause(GraphThrottle *self, double seconds)
{
	double pause = CLAMP(seconds, 0, LONGEST_PAUSE);
	gint64 until = g_get_monotonic_time() + (gint64)(pause * G_USEC_PER_SEC);
	gboolean longer;

	g_mutex_lock(&self->mutex);
	longer = until > self->closed_until;
	if (longer) {
		self->closed_until = until;
		self->announced = TRUE;
		g_cond_broadcast(&self->changed);
	}
	g_mutex_unlock(&self->mutex);
	if (longer && self->notify != NULL)
		self->notify(pause, self->notify_data);
}

typedef struct {
	GMutex mutex;
	GCond cancelled;
} Sleep;

static void
on_sleep_cancelled(GCancellable *cancellable, gpointer data)
{
	Sleep *nap = data;

	g_mutex_lock(&nap->mutex);
	g_cond_broadcast(&nap->cancelled);
	g_mutex_unlock(&nap->mutex);
}

gboolean
graph_throttle_sleep(double seconds, GCancellable *cancellable, GError **error)
{
	gint64 until = g_get_monotonic_time() + (gint64)(CLAMP(seconds, 0, LONGEST_PAUSE) * G_USEC_PER_SEC);
	gulong handler;
	Sleep nap;

	g_mutex_init(&nap.mutex);
	g_cond_init(&nap.cancelled);
	handler = cancellable ? g_cancellable_connect(cancellable, G_CALLBACK(on_sleep_cancelled), &nap, NULL) : 0;
	g_mutex_lock(&nap.mutex);
	while (!g_cancellable_is_cancelled(cancellable) && g_cond_wait_until(&nap.cancelled, &nap.mutex, until))
		;
	g_mutex_unlock(&nap.mutex);
	if (handler != 0)
		g_cancellable_disconnect(cancellable, handler);
	g_mutex_clear(&nap.mutex);
	g_cond_clear(&nap.cancelled);
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}

static double
parse_retry_after(const char *header)
{
	g_autofree char *text = g_strstrip(g_strdup(header));
	g_autoptr(GDateTime) date = NULL;
	g_autoptr(GDateTime) now = NULL;

	if (*text == '\0')
		return 0;
	if (strspn(text, "0123456789.") == strlen(text) && g_ascii_isdigit(*text))
		return ceil(CLAMP(g_ascii_strtod(text, NULL), 0, LONGEST_PAUSE));

	date = soup_date_time_new_from_http_string(text);
	if (date == NULL)
		return 0;
	/* By a clock that may be days away from ours. */
	now = g_date_time_new_now_utc();
	return CLAMP(ceil((double)g_date_time_difference(date, now) / G_USEC_PER_SEC), 0, LONGEST_WAIT);
}

double
graph_throttle_get_delay(const char *header, guint attempt, double first)
{
	double asked = header != NULL ? parse_retry_after(header) : 0;
	double own = MIN(ldexp(first, MIN(attempt, 16)), LONGEST_BACK_OFF) * g_random_double_range(0.5, 1);

	if (asked > 0)
		asked += g_random_double_range(0, 0.25);
	return MAX(asked, own);
}
