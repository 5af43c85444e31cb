/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-drag.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include <alertpanel.h>
#include <folderview.h>
#include <prefs_common.h>

#include "outlook-compat.h"
#include "outlook-folder.h"
#include "outlook-item.h"
#include "outlook-menu.h"

#define SIGNAL "drag-data-received"
#define FOLDER_MARK "FROM_OTHER_FOLDER" /* before the identifier of a dragged folder */
#define TITLES_HEIGHT 24		/* as the host has it */

static GtkWidget *tree;
static gulong host_handler; /* blocked, but for what we pass on */
static gulong handler;
static guint dropped; /* the source that moves what was dropped */

typedef struct {
	char *source;
	char *target; /* %NULL: the top of the mailbox */
} Drop;

static void
drop_free(gpointer data)
{
	Drop *self = data;

	g_free(self->source);
	g_free(self->target);
	g_free(self);
}

static FolderItem *
get_source(GtkSelectionData *data)
{
	const char *text = (const char *)gtk_selection_data_get_data(data);

	if (gtk_selection_data_get_length(data) <= (gint)strlen(FOLDER_MARK) || !g_str_has_prefix(text, FOLDER_MARK))
		return NULL;
	return folder_find_item_from_identifier(text + strlen(FOLDER_MARK));
}

static FolderItem *
get_target(gint x, gint y)
{
	gint offset = prefs_common_get_prefs()->show_col_headers ? TITLES_HEIGHT : 0;
	GtkCMCTreeNode *node;
	gint row;
	gint column;

	if (gtk_cmclist_get_selection_info(GTK_CMCLIST(tree), x - offset, y - offset, &row, &column) == 0)
		return NULL;
	node = gtk_cmctree_node_nth(GTK_CMCTREE(tree), (guint)row);
	return node != NULL ? gtk_cmctree_node_get_row_data(GTK_CMCTREE(tree), node) : NULL;
}

static gboolean
is_wanted(FolderItem *source, FolderItem *target)
{
	g_autofree char *text = NULL;
	AlertValue answer;

	if (!prefs_common_get_prefs()->warn_dnd)
		return TRUE;
	text = g_markup_printf_escaped(_("Do you want to move the folder “%s” into “%s”?"), source->name, target->name);
	answer = alertpanel_full(_("Move folder"), text, NULL, _("_Cancel"), NULL, _("_Move"), NULL, NULL,
				 ALERTFOCUS_FIRST, TRUE, NULL, ALERT_QUESTION);
	if ((answer & ~G_ALERTDISABLE) != G_ALERTALTERNATE)
		return FALSE;
	if (answer & G_ALERTDISABLE)
		prefs_common_get_prefs()->warn_dnd = FALSE;
	return TRUE;
}

static FolderItem *
find_target(const Drop *drop, FolderItem *source)
{
	return drop->target != NULL ? folder_find_item_from_identifier(drop->target)
				    : FOLDER_ITEM(source->folder->node->data);
}

/* After the drag has ended: a question is asked, and meanwhile folders may go. */
static gboolean
move_dropped(gpointer data)
{
	const Drop *drop = data;
	FolderItem *source = folder_find_item_from_identifier(drop->source);
	FolderItem *target = source != NULL ? find_target(drop, source) : NULL;

	dropped = 0;
	if (target == NULL || target == source || target == folder_item_parent(source))
		return G_SOURCE_REMOVE;
	if (!outlook_folder_may_change(source)) {
		alertpanel_error(_("A folder with a special role cannot be renamed, moved or deleted."));
		return G_SOURCE_REMOVE;
	}
	/* What cannot be now is refused without a question. */
	if ((!outlook_folder_may_go(source) || is_wanted(source, target)) && outlook_item_is_alive(source) &&
	    outlook_item_is_alive(target))
		outlook_menu_move_folder(source, target);
	return G_SOURCE_REMOVE;
}

static void
pass_on(GdkDragContext *context, gint x, gint y, GtkSelectionData *data, guint info, guint time)
{
	g_signal_handler_block(tree, handler);
	g_signal_handler_unblock(tree, host_handler);
	g_signal_emit_by_name(tree, SIGNAL, context, x, y, data, info, time);
	g_signal_handler_block(tree, host_handler);
	g_signal_handler_unblock(tree, handler);
}

static void
on_received(GtkWidget *widget, GdkDragContext *context, gint x, gint y, GtkSelectionData *data, guint info, guint time,
	    gpointer user_data)
{
	FolderItem *source = get_source(data);
	FolderItem *target = source != NULL ? get_target(x, y) : NULL;
	Drop *drop;

	if (target == NULL || !outlook_folder_is_ours(source->folder) || target->folder != source->folder ||
	    gdk_drag_context_get_selected_action(context) == GDK_ACTION_COPY) {
		pass_on(context, x, y, data, info, time);
		return;
	}
	drop = g_new0(Drop, 1);
	drop->source = folder_item_get_identifier(source);
	drop->target = folder_item_parent(target) != NULL ? folder_item_get_identifier(target) : NULL;
	gtk_drag_finish(context, TRUE, FALSE, time);
	g_clear_handle_id(&dropped, g_source_remove);
	dropped = g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, move_dropped, drop, drop_free);
}

void
outlook_drag_init(void)
{
	FolderView *folderview = outlook_compat_get_main_window()->folderview;
	guint id = g_signal_lookup(SIGNAL, GTK_TYPE_WIDGET);

	host_handler = g_signal_handler_find(folderview->ctree, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA, id, 0, NULL,
					     NULL, folderview);
	if (host_handler == 0)
		return;
	tree = folderview->ctree;
	g_object_add_weak_pointer(G_OBJECT(tree), (gpointer *)&tree);
	g_signal_handler_block(tree, host_handler);
	handler = g_signal_connect(tree, SIGNAL, G_CALLBACK(on_received), NULL);
}

void
outlook_drag_done(void)
{
	g_clear_handle_id(&dropped, g_source_remove);
	if (tree == NULL)
		return;
	g_signal_handler_disconnect(tree, handler);
	g_signal_handler_unblock(tree, host_handler);
	g_clear_weak_pointer(&tree);
}
