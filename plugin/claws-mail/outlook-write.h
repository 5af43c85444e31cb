/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-failure-view.h"

G_BEGIN_DECLS

/* Whether the host has an account to write a mail with */
gboolean outlook_write_is_possible(void);

/* The letters of the view open in the host's compose window, where there is an account to write with; the person sends
 * them, or not. */
void outlook_write_serve(OutlookFailureView *view);

G_END_DECLS
