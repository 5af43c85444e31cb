/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/**
 * GraphThrottle:
 *
 * What the service allows one mailbox (API.md 15): so many requests in flight, so many in a span of time, and none
 * while it asked for a pause. Waits are in order of urgency, then of arrival, are cancelled at once, and take no place.
 * Any thread.
 */
typedef struct _GraphThrottle GraphThrottle;

#define GRAPH_THROTTLE_FIRST 1.0

/*
 * @places: in flight; @budget requests in @span seconds. What nobody waits for leaves one place to those who do; the
 * journal leaves a tenth of the budget, the background two; see graph_client_set_urgency().
 */
GraphThrottle *graph_throttle_new(guint places, guint budget, guint span);
void graph_throttle_free(GraphThrottle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphThrottle, graph_throttle_free)

/* @seconds of the pause that begins, or of the wait until the budget holds more, 0 when it is over; called without locks, from any thread. Set before use. */
void graph_throttle_set_notify(GraphThrottle *self, void (*notify)(double seconds, gpointer user_data),
			       gpointer user_data);

/*
 * Waits until no pause is on, without taking a place. %GRAPH_ERROR_UNAVAILABLE at once if it would take longer
 * than anybody wants to wait.
 */
gboolean graph_throttle_wait(GraphThrottle *self, GCancellable *cancellable, GError **error);

/*
 * Waits, then takes @places (1; more for a batch whose parts run side by side) for @parts requests. Give the places
 * back by leave.
 */
gboolean graph_throttle_enter(GraphThrottle *self, guint places, guint parts, GCancellable *cancellable,
			      GError **error);
void graph_throttle_leave(GraphThrottle *self, guint places);

/* Nobody enters for @seconds; a longer pause that is on already stays. */
void graph_throttle_pause(GraphThrottle *self, double seconds);

/* Sleeps, cancellable, for this caller alone. */
gboolean graph_throttle_sleep(double seconds, GCancellable *cancellable, GError **error);

/*
 * @header: (nullable): `Retry-After`, whole or fractional seconds or an HTTP date; a missing one or nonsense counts
 * as missing. A date is compared with our own clock, and believed for ten minutes at most; where the clock of the one who
 * told it is known, pass seconds. @attempt: 0 for the first failure. @first: seconds of our own
 * first back-off, GRAPH_THROTTLE_FIRST unless someone cannot wait. Returns seconds: the longer of the header, rounded
 * up, and our own exponential back-off (CHECKED 29), with jitter.
 */
double graph_throttle_get_delay(const char *header, guint attempt, double first);

G_END_DECLS
