/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the person hears of: the status bar and the protocol log, never a dialog. Main thread alone. */

void outlook_report_note(const char *account, const char *text);
void outlook_report_failure(const char *account, const char *text);
void outlook_report_error(const char *account,
			  const GError *error); /* with its next step; a cancelled call is no news */
void outlook_report_later(const char *account,
			  const char *text); /* a note, once the host is done with what it shows now */
void outlook_report_progress(const char *text, guint done, guint total); /* %NULL: nothing more to say */
void outlook_report_log(const char *account, const char *line);		 /* the protocol log alone */

G_END_DECLS
