/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-compat.h"

G_BEGIN_DECLS

/*
 * The Inbox of an account that was just added comes to the screen as soon as the server has told of it, unless the
 * person opens another folder until then. Main thread alone.
 */
void outlook_welcome_open_inbox(PrefsAccount *prefs);

void outlook_welcome_forget(void); /* drops what was asked for */

G_END_DECLS
