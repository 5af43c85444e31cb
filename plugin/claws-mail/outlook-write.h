/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the host has an account to write a mail with */
gboolean outlook_write_is_possible(void);

/* Opens the host's compose window with what the `mailto:` says; the person sends it, or not. */
void outlook_write(const char *mailto);

G_END_DECLS
