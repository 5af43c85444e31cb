/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-windows.h"

#include "outlook-assistant.h"
#include "outlook-bar.h"
#include "outlook-compat.h"
#include "outlook-device-window.h"
#include "outlook-menu.h"
#include "outlook-page.h"
#include "outlook-send.h"

#define START_MILLISECONDS 100

static guint start_source;

/* The host has read its accounts and built its window. */
static gboolean
start(gpointer data)
{
	if (outlook_compat_get_main_window() == NULL)
		return G_SOURCE_CONTINUE;
	start_source = 0;
	outlook_send_apply_all();
	outlook_menu_init();
	return G_SOURCE_REMOVE;
}

gboolean
outlook_windows_init(GError **error)
{
	if (!outlook_send_init(error))
		return FALSE;
	outlook_page_init();
	start_source = g_timeout_add(START_MILLISECONDS, start, NULL);
	return TRUE;
}

void
outlook_windows_done(void)
{
	g_clear_handle_id(&start_source, g_source_remove);
	outlook_assistant_close();
	outlook_device_window_close_all();
	outlook_bar_hide();
	outlook_menu_done();
	outlook_page_done();
	outlook_send_done();
}
