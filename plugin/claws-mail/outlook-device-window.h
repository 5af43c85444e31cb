/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-account.h"

G_BEGIN_DECLS

/*
 * Signs @account in by a code that a person types at another device: opens the window that shows it, over @parent, and
 * begins. @done is called when the window is gone: with no error after the sign-in, cancelled when a person closed it,
 * else with what went wrong; a code that expired is replaced in the window itself. Not called when @account was closed
 * meanwhile. Main thread alone.
 */
void outlook_device_window_open(GtkWindow *parent, OutlookAccount *account, OutlookAccountDone done,
				gpointer user_data);

/* Closes all, whatever they are doing; nobody is told. */
void outlook_device_window_close_all(void);

G_END_DECLS
