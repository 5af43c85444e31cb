/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Waits so many seconds; FALSE with %G_IO_ERROR_CANCELLED as soon as @cancellable (nullable) is cancelled. */
gboolean oauth_pause(double seconds, GCancellable *cancellable, GError **error);

G_END_DECLS
