/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A folder that is dragged inside its mailbox is moved as by the menu: one request, and its messages, their numbers and
 * what is stored of them stay what they are. The host would make a new folder and copy each message. Everything else
 * that is dropped on its folder tree is still the host's. Main thread, with a main window.
 */
void outlook_drag_init(void);
void outlook_drag_done(void);

G_END_DECLS
