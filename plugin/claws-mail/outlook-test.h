/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-account.h"

G_BEGIN_DECLS

/*
 * Tries the connection of @account, part by part, in a window of its own that fills while it runs; closing it ends the
 * test. One at a time. Knows no Claws.
 */
void outlook_test_show(OutlookAccount *account, GtkWindow *parent);

/* Closes the window, if there is one of @account. */
void outlook_test_close(OutlookAccount *account);

G_END_DECLS
