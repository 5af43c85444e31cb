/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <prefs_account.h>

#include "oauth-aadsts.h"

G_BEGIN_DECLS

/* The page "Outlook" of the host's account dialog. Main thread alone. */
void outlook_page_init(void);
void outlook_page_done(void);

/*
 * TRUE while the host's dialog edits @prefs. Its strings may be freed already (the host keeps new ones aside until the
 * dialog closes), so nobody reads or replaces them meanwhile.
 */
gboolean outlook_page_is_editing(PrefsAccount *prefs);

/* Opens the host's dialog of an account at our page, with the field in question. Returns when it is closed. */
void outlook_page_open(PrefsAccount *prefs, OauthRemedy remedy);

G_END_DECLS
