/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Shows @uri with the host's browser command. On the main thread; opens no dialog of its own. FALSE with
 * %G_IO_ERROR_NOT_FOUND when the command does not exist, or %G_IO_ERROR_INVALID_ARGUMENT when the host would not
 * pass the address on whole; the text is translated and never has the address in it.
 */
gboolean outlook_browser_open(const char *uri, GError **error);

G_END_DECLS
