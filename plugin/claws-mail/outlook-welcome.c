/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-welcome.h"

#include <account.h>
#include <folderview.h>
#include <summaryview.h>

#include "outlook-folder.h"
#include "outlook-item.h"

#define RETRY_MILLISECONDS 100

static guint source;
static int account_id;
static FolderItem *shown; /* only compared: what was on the screen when it was asked for */

static gboolean
open_inbox(gpointer data)
{
	MainWindow *mainwin = outlook_compat_get_main_window();
	PrefsAccount *prefs = account_find_from_id(account_id);
	FolderItem *inbox;

	if (mainwin == NULL || prefs == NULL || !outlook_folder_is_ours(FOLDER(prefs->folder)) ||
	    mainwin->summaryview->folder_item != shown) {
		source = 0;
		return G_SOURCE_REMOVE;
	}
	inbox = FOLDER(prefs->folder)->inbox;
	if (inbox == NULL || OUTLOOK_ITEM(inbox)->key == 0 || outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	source = 0;
	folderview_select(mainwin->folderview, inbox);
	return G_SOURCE_REMOVE;
}

void
outlook_welcome_open_inbox(PrefsAccount *prefs)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin == NULL)
		return;
	outlook_welcome_forget();
	account_id = prefs->account_id;
	shown = mainwin->summaryview->folder_item;
	source = g_timeout_add(RETRY_MILLISECONDS, open_inbox, NULL);
}

void
outlook_welcome_forget(void)
{
	g_clear_handle_id(&source, g_source_remove);
}
