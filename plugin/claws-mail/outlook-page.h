/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The page "Outlook" of the host's account dialog. Main thread alone. */
void outlook_page_init(void);
void outlook_page_done(void);

G_END_DECLS
