/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A bar in the main window for what a person should not miss and need not answer at once: it stays until it is
 * closed, a later text takes its place. Main thread alone; does nothing without a main window.
 */
void outlook_bar_show(const char *text);
void outlook_bar_hide(void);

G_END_DECLS
