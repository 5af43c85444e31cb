/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * All that a person sees and the way a mail leaves: the submission server with its hooks, the account dialog's
 * page, the menu entries. Called from the plugin's entry points on the main thread; what needs a window waits
 * until the host has one. FALSE with @error leaves nothing behind.
 */
gboolean outlook_windows_init(GError **error);
void outlook_windows_done(void);

G_END_DECLS
