/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

G_BEGIN_DECLS

/*
 * What went wrong in the background and needs a person: a bar in the main window with the account's name, the sentence
 * and what helps. Nothing else, a network that is away for one, is shown so. @error %NULL: it is over. Main thread
 * alone.
 */
void outlook_notice_tell(OutlookAccount *account, const char *name, const GError *error);

G_END_DECLS
