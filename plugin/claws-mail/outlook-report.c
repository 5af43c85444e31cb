/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-report.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "outlook-compat.h"
#include "outlook-explain.h"

#include <common/log.h>
#include <statusbar.h>

static gboolean progress_shown;

void
outlook_report_note(const char *account, const char *text)
{
	log_message(LOG_PROTOCOL, "%s: %s\n", account, text);
	if (outlook_compat_get_main_window() != NULL)
		statusbar_print_all("%s: %s", account, text);
}

static gboolean
show_later(gpointer text)
{
	if (outlook_compat_get_main_window() != NULL)
		statusbar_print_all("%s", (const char *)text);
	return G_SOURCE_REMOVE;
}

void
outlook_report_later(const char *account, const char *text)
{
	log_message(LOG_PROTOCOL, "%s: %s\n", account, text);
	g_idle_add_full(G_PRIORITY_LOW, show_later, g_strdup_printf("%s: %s", account, text), g_free);
}

void
outlook_report_failure(const char *account, const char *text)
{
	log_error(LOG_PROTOCOL, "%s: %s\n", account, text);
	if (outlook_compat_get_main_window() != NULL)
		statusbar_print_all("%s: %s", account, text);
}

void
outlook_report_error(const char *account, const GError *error)
{
	g_autofree char *text = NULL;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	text = outlook_explain(error);
	outlook_report_failure(account, text);
}

void
outlook_report_progress(const char *text, guint done, guint total)
{
	if (outlook_compat_get_main_window() == NULL)
		return;
	if (text == NULL) {
		if (progress_shown) {
			statusbar_progress_all(0, 0, 0);
			statusbar_pop_all();
		}
		progress_shown = FALSE;
		return;
	}
	if (progress_shown)
		statusbar_pop_all();
	if (total > 0) {
		/* Translators: what is being done, then how many of how many are done */
		statusbar_print_all(_("%s (%u of %u)"), text, done, total);
		statusbar_progress_all((gint)done, (gint)total, 1);
	} else {
		statusbar_print_all("%s", text);
	}
	progress_shown = TRUE;
}

void
outlook_report_log(const char *account, const char *line)
{
	log_message(LOG_PROTOCOL, "%s: %s\n", account, line);
}
