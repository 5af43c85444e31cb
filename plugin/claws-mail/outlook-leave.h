/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The host ends only when the mail that it is sending has its answer, and then puts its own message before its end:
 * nobody would see a client that left end, while a server says nothing.
 */

gboolean outlook_leave_init(GError **error);
void outlook_leave_done(void);

/* TRUE when the host ends and asks no more whether it may. */
gboolean outlook_leave_is_decided(void);

/* A mail was given back for it: the host's messages about that close by themselves, as long as it ends. */
void outlook_leave_mute(void);

G_END_DECLS
