/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The window that adds an account; the one that is open already comes to the front. Main thread alone. */
void outlook_assistant_show(void);

/* Closes it, whatever it is doing. */
void outlook_assistant_close(void);

G_END_DECLS
