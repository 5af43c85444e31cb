/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

#include <prefs_account.h>

G_BEGIN_DECLS

/*
 * A person's "Sign out", on the page of @prefs: asks what is to become of the local copy, where there is one, which
 * stays unless they say otherwise, then does both. The main loop turns meanwhile.
 * @done: as outlook_account_sign_out() has it; not called when they think better of it, which is %FALSE.
 */
gboolean outlook_sign_out_ask(PrefsAccount *prefs, OutlookAccountDone done, gpointer user_data);

G_END_DECLS
