/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-leave.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include <alertpanel.h>

#include "outlook-compat.h"

#define LOOK_MILLISECONDS 200

static gulong alert_hook;
static guint close_source;
static guint mute_source;
static gboolean is_alert_open;
static gboolean is_mute;

static gboolean
close_alert(gpointer data)
{
	GtkWidget *grabbing = gtk_grab_get_current();
	GtkWidget *window = grabbing != NULL ? gtk_widget_get_toplevel(grabbing) : NULL;

	close_source = 0;
	if (is_alert_open && GTK_IS_WINDOW(window))
		gtk_window_close(GTK_WINDOW(window));
	return G_SOURCE_REMOVE;
}

/* The window comes after the hook. */
static gboolean
on_alert(gpointer source, gpointer data)
{
	is_alert_open = *(gboolean *)source;
	if (is_alert_open && is_mute && claws_is_exiting() && close_source == 0)
		close_source = g_idle_add(close_alert, NULL);
	return FALSE;
}

gboolean
outlook_leave_is_decided(void)
{
	return claws_is_exiting() && !is_alert_open;
}

/* The host may take its end back: a person says no to a question of it. */
static gboolean
unmute_when_it_stays(gpointer data)
{
	if (claws_is_exiting())
		return G_SOURCE_CONTINUE;
	is_mute = FALSE;
	mute_source = 0;
	return G_SOURCE_REMOVE;
}

void
outlook_leave_mute(void)
{
	is_mute = TRUE;
	if (mute_source == 0)
		mute_source = g_timeout_add(LOOK_MILLISECONDS, unmute_when_it_stays, NULL);
}

gboolean
outlook_leave_init(GError **error)
{
	is_alert_open = FALSE;
	alert_hook = outlook_compat_add_hook(ALERTPANEL_OPENED_HOOKLIST, on_alert, NULL);
	if (alert_hook == 0)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The mail client did not take a hook."));
	return alert_hook != 0;
}

void
outlook_leave_done(void)
{
	outlook_compat_remove_hook(ALERTPANEL_OPENED_HOOKLIST, &alert_hook);
	g_clear_handle_id(&close_source, g_source_remove);
	g_clear_handle_id(&mute_source, g_source_remove);
	is_mute = FALSE;
}
