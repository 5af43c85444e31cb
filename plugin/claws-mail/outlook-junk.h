/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * *Junk* and *Not junk* in the host's menus for messages: the selected ones move to Junk Email, or from there to the
 * Inbox, as in Outlook. Shown only where such a move makes sense. The host's own marking of spam is left alone: it is
 * one for all accounts, and belongs to whatever learns. Main thread, with a main window.
 */
void outlook_junk_init(void);
void outlook_junk_done(void);

G_END_DECLS
