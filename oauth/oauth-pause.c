/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-pause.h"

gboolean
oauth_pause(double seconds, GCancellable *cancellable, GError **error)
{
	gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
	GPollFD fd;
	gboolean watched = g_cancellable_make_pollfd(cancellable, &fd);

	while (g_get_monotonic_time() < end && !g_cancellable_is_cancelled(cancellable)) {
		gint left = (gint)((end - g_get_monotonic_time()) / 1000) + 1;

		g_poll(&fd, watched ? 1 : 0, MAX(left, 1));
	}
	if (watched)
		g_cancellable_release_fd(cancellable);
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}
