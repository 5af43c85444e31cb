/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-windows.h"

gboolean
outlook_windows_init(GError **error)
{
	return TRUE;
}

void
outlook_windows_done(void)
{
}
