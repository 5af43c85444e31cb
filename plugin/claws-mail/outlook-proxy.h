/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"
#include <prefs_account.h>

G_BEGIN_DECLS

/*
 * The proxy of the host's settings: the account's where it has one, else the common one, else what the desktop says.
 * @prefs: (nullable): of an account that is there. May ask for the host's passphrase: not from inside a call of the
 * host.
 */
void outlook_proxy_apply(OutlookAccount *account, PrefsAccount *prefs);

/* The same from inside a call of the host: the password follows from idle. */
void outlook_proxy_apply_later(OutlookAccount *account, PrefsAccount *prefs);

void outlook_proxy_done(void);

G_END_DECLS
