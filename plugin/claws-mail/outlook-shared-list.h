/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-account.h"

#include <prefs_account.h>

G_BEGIN_DECLS

/*
 * The shared mailboxes of @prefs as a part of its page: each with what may be done there and a button that removes it,
 * and one that adds. @done: told when one was added or removed, or why it
 * could not be added.
 */
GtkWidget *outlook_shared_list_new(PrefsAccount *prefs, OutlookAccountDone done);

/* After something changed. */
void outlook_shared_list_update(GtkWidget *list);

G_END_DECLS
