/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-write.h"

#include <string.h>

#include <account.h>
#include <compose.h>

#define SCHEME "mailto:"

static PrefsAccount *
find_account(void)
{
	return cur_account != NULL ? cur_account : account_get_default();
}

gboolean
outlook_write_is_possible(void)
{
	return find_account() != NULL;
}

/*
 * The host's account dialog holds back all input elsewhere; the mail takes it over until it is closed. Nobody edits or
 * deletes an account while a mail is written with it, as the host demands (it opens neither beside the other).
 */
static void
raise_above(GtkWindow *mail, GtkWidget *origin)
{
	if (!GTK_IS_WINDOW(origin) || !gtk_window_get_modal(GTK_WINDOW(origin)))
		return;
	gtk_window_set_transient_for(mail, GTK_WINDOW(origin));
	gtk_window_set_modal(mail, TRUE);
}

static void
on_write(OutlookFailureView *view, const char *mailto)
{
	PrefsAccount *account = find_account();
	Compose *compose;

	g_return_if_fail(g_str_has_prefix(mailto, SCHEME));

	compose = account != NULL ? compose_new(account, mailto + strlen(SCHEME), NULL) : NULL;
	if (compose != NULL)
		raise_above(GTK_WINDOW(compose->window), gtk_widget_get_toplevel(GTK_WIDGET(view)));
}

void
outlook_write_serve(OutlookFailureView *view)
{
	outlook_failure_view_set_can_write(view, outlook_write_is_possible());
	g_signal_connect(view, "write", G_CALLBACK(on_write), NULL);
}
