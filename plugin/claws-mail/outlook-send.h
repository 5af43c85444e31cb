/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include <prefs_account.h>

G_BEGIN_DECLS

/* Ties the submission server to the accounts. Main thread alone. */

gboolean outlook_send_init(GError **error);
void outlook_send_done(void);

/* Points the host's sending of @prefs, an account of ours, to the server of this run. */
void outlook_send_apply(PrefsAccount *prefs);

/* The same for every account of ours. */
void outlook_send_apply_all(void);

G_END_DECLS
