/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The message list, the folder tree and the message text: panels that accessibility does not reach. */
#include "probe.h"

#include <glib.h>
#include <gtk/gtk.h>

#include <folder.h>
#include <folderview.h>
#include <mainwindow.h>
#include <messageview.h>
#include <mimeview.h>
#include <procmsg.h>
#include <summaryview.h>
#include <textview.h>

#define ROW_GAP 1

static void
add_string(JsonBuilder *builder, const char *name, const char *value)
{
	json_builder_set_member_name(builder, name);
	if (value == NULL) {
		json_builder_add_null_value(builder);
	} else {
		g_autofree char *valid = g_utf8_make_valid(value, -1);

		json_builder_add_string_value(builder, valid);
	}
}

static void
add_int(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

static void
add_bool(JsonBuilder *builder, const char *name, gboolean value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_boolean_value(builder, value);
}

/* Where the row is on the screen (@column -1: all of it), and whether that place is inside the visible part of the
 * list. */
static void
add_place(JsonBuilder *builder, GtkCMCList *list, gint row, gint column)
{
	gint origin_x = 0;
	gint origin_y = 0;
	gint x = 0;
	gint y = (list->row_height * row) + (row + 1) * ROW_GAP + list->voffset;
	gint width = list->clist_window_width;

	if (column >= 0 && column < list->columns) {
		x = list->column[column].area.x + list->hoffset;
		width = list->column[column].area.width;
	}
	if (list->clist_window != NULL)
		gdk_window_get_origin(list->clist_window, &origin_x, &origin_y);
	add_int(builder, "x", origin_x + x);
	add_int(builder, "y", origin_y + y);
	add_int(builder, "w", width);
	add_int(builder, "h", list->row_height);
	add_bool(builder, "shown", y >= 0 && y + list->row_height <= list->clist_window_height);
}

/* The text of one cell, whatever kind of cell it is; %NULL for a picture alone. */
static const char *
get_cell_text(GtkCMCTree *tree, GtkCMCTreeNode *node, gint column)
{
	GtkCMCListRow *row = &GTK_CMCTREE_ROW(node)->row;

	switch (row->cell[column].type) {
	case GTK_CMCELL_TEXT:
		return GTK_CMCELL_TEXT(row->cell[column])->text;
	case GTK_CMCELL_PIXTEXT:
		return GTK_CMCELL_PIXTEXT(row->cell[column])->text;
	default:
		return NULL;
	}
}

static gboolean
has_picture(GtkCMCTreeNode *node, gint column)
{
	GtkCMCListRow *row = &GTK_CMCTREE_ROW(node)->row;

	return row->cell[column].type == GTK_CMCELL_PIXBUF;
}

/* A row may outlive its folder: until the accounts window closes, the host's tree shows those of a deleted account. */
static gboolean
is_alive(FolderItem *item)
{
	for (GList *l = folder_get_list(); item != NULL && l != NULL; l = l->next) {
		Folder *folder = l->data;

		if (folder->node != NULL && g_node_find(folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, item) != NULL)
			return TRUE;
	}
	return FALSE;
}

static const struct {
	SummaryColumnType type;
	const char *name;
} text_columns[] = {
	{S_COL_SUBJECT, "subject"}, {S_COL_FROM, "from"}, {S_COL_TO, "to"},
	{S_COL_DATE, "date"},	    {S_COL_SIZE, "size"}, {S_COL_TAGS, "tags"},
};

/* The number of the mail below which this one stands in its thread, 0 at the top. */
static void
add_parent(JsonBuilder *builder, GtkCMCTree *tree, GtkCMCTreeNode *node)
{
	GtkCMCTreeNode *above = GTK_CMCTREE_ROW(node)->parent;
	MsgInfo *info = above != NULL ? gtk_cmctree_node_get_row_data(tree, above) : NULL;

	add_int(builder, "parent", info != NULL ? info->msgnum : 0);
}

static void
add_message(JsonBuilder *builder, SummaryView *view, GtkCMCTreeNode *node, gint row)
{
	GtkCMCTree *tree = GTK_CMCTREE(view->ctree);
	MsgInfo *info = gtk_cmctree_node_get_row_data(tree, node);

	json_builder_begin_object(builder);
	add_int(builder, "row", row);
	for (guint i = 0; i < G_N_ELEMENTS(text_columns); i++)
		add_string(builder, text_columns[i].name,
			   get_cell_text(tree, node, view->col_pos[text_columns[i].type]));
	add_bool(builder, "mark-picture", has_picture(node, view->col_pos[S_COL_MARK]));
	add_bool(builder, "status-picture", has_picture(node, view->col_pos[S_COL_STATUS]));
	add_bool(builder, "mime-picture", has_picture(node, view->col_pos[S_COL_MIME]));
	add_bool(builder, "selected", GTK_CMCTREE_ROW(node)->row.state == GTK_STATE_SELECTED);
	if (info != NULL) {
		add_int(builder, "number", info->msgnum);
		add_bool(builder, "new", MSG_IS_NEW(info->flags));
		add_bool(builder, "unread", MSG_IS_UNREAD(info->flags));
		add_bool(builder, "marked", MSG_IS_MARKED(info->flags));
		add_bool(builder, "replied", MSG_IS_REPLIED(info->flags));
		add_bool(builder, "forwarded", MSG_IS_FORWARDED(info->flags));
		add_bool(builder, "attachment", MSG_IS_WITH_ATTACHMENT(info->flags));
		add_bool(builder, "deleted", MSG_IS_DELETED(info->flags));
		add_int(builder, "label", MSG_GET_COLORLABEL_VALUE(info->flags));
		add_string(builder, "message-id", info->msgid);
		add_parent(builder, tree, node);
	}
	add_place(builder, GTK_CMCLIST(tree), row, view->col_pos[S_COL_SUBJECT]);
	json_builder_end_object(builder);
}

void
probe_read_messages(JsonBuilder *builder, gint64 offset, gint64 limit)
{
	MainWindow *window = mainwindow_get_mainwindow();
	SummaryView *view = window ? window->summaryview : NULL;
	gint row = 0;

	json_builder_begin_object(builder);
	if (view != NULL && is_alive(view->folder_item)) {
		g_autofree char *identifier = folder_item_get_identifier(view->folder_item);

		add_string(builder, "folder", identifier);
	} else {
		add_string(builder, "folder", NULL);
	}
	add_bool(builder, "threads", view && view->threaded);
	add_int(builder, "total", view ? GTK_CMCLIST(view->ctree)->rows : 0);
	json_builder_set_member_name(builder, "rows");
	json_builder_begin_array(builder);
	for (GList *l = view ? GTK_CMCLIST(view->ctree)->row_list : NULL; l != NULL && row - offset < limit;
	     l = l->next, row++) {
		if (row >= offset)
			add_message(builder, view, GTK_CMCTREE_NODE(l), row);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
}

static void
add_folder(JsonBuilder *builder, FolderView *view, GtkCMCTreeNode *node, gint row)
{
	GtkCMCTree *tree = GTK_CMCTREE(view->ctree);
	FolderItem *item = gtk_cmctree_node_get_row_data(tree, node);
	gint name = view->col_pos[F_COL_FOLDER];

	json_builder_begin_object(builder);
	add_int(builder, "row", row);
	add_int(builder, "level", GTK_CMCTREE_ROW(node)->level);
	add_bool(builder, "expanded", GTK_CMCTREE_ROW(node)->expanded);
	add_string(builder, "text", get_cell_text(tree, node, name));
	add_bool(builder, "selected", GTK_CMCTREE_ROW(node)->row.state == GTK_STATE_SELECTED);
	add_bool(builder, "opened", view->opened == node);
	if (is_alive(item)) {
		g_autofree char *identifier = folder_item_get_identifier(item);

		add_string(builder, "id", identifier);
		add_string(builder, "name", item->name);
		add_int(builder, "type", item->stype);
		add_int(builder, "total", item->total_msgs);
		add_int(builder, "unread", item->unread_msgs);
		add_int(builder, "new", item->new_msgs);
		add_string(builder, "class", item->folder && item->folder->klass ? item->folder->klass->idstr : NULL);
	}
	add_place(builder, GTK_CMCLIST(tree), row, name);
	json_builder_end_object(builder);
}

void
probe_read_folders(JsonBuilder *builder)
{
	MainWindow *window = mainwindow_get_mainwindow();
	FolderView *view = window ? window->folderview : NULL;
	gint row = 0;

	json_builder_begin_array(builder);
	for (GList *l = view ? GTK_CMCLIST(view->ctree)->row_list : NULL; l != NULL; l = l->next, row++)
		add_folder(builder, view, GTK_CMCTREE_NODE(l), row);
	json_builder_end_array(builder);
}

static gint
compare_number(gconstpointer info, gconstpointer number)
{
	return info == NULL || ((const MsgInfo *)info)->msgnum != GPOINTER_TO_UINT(number);
}

/* A click too many folds a thread on a slow machine. */
static void
unfold(GtkCMCTree *tree, guint number)
{
	GtkCMCTreeNode *node =
		gtk_cmctree_find_by_row_data_custom(tree, NULL, GUINT_TO_POINTER(number), compare_number);

	for (node = node != NULL ? GTK_CMCTREE_ROW(node)->parent : NULL; node != NULL;
	     node = GTK_CMCTREE_ROW(node)->parent)
		gtk_cmctree_expand(tree, node);
}

static gint
find_message_row(SummaryView *view, guint number)
{
	gint row = 0;

	unfold(GTK_CMCTREE(view->ctree), number);
	for (GList *l = GTK_CMCLIST(view->ctree)->row_list; l != NULL; l = l->next, row++) {
		MsgInfo *info = gtk_cmctree_node_get_row_data(GTK_CMCTREE(view->ctree), GTK_CMCTREE_NODE(l));

		if (info != NULL && info->msgnum == number)
			return row;
	}
	return -1;
}

/* By @row, or with a @number the row in which this message is now. */
void
probe_show_row(JsonBuilder *builder, const char *list, gint64 row, gint64 number)
{
	MainWindow *window = mainwindow_get_mainwindow();
	GtkCMCTree *tree = NULL;
	GtkCMCTreeNode *node = NULL;

	if (window != NULL)
		tree = GTK_CMCTREE(g_str_equal(list, "folders") ? window->folderview->ctree
								: window->summaryview->ctree);
	if (tree != NULL && number > 0)
		row = find_message_row(window->summaryview, (guint)number);
	if (tree != NULL && row >= 0)
		node = (GtkCMCTreeNode *)g_list_nth(GTK_CMCLIST(tree)->row_list, (guint)row);
	if (node != NULL)
		gtk_cmctree_node_moveto(tree, node, -1, 0.5, 0);
	json_builder_begin_object(builder);
	add_bool(builder, "done", node != NULL);
	if (node != NULL)
		add_place(builder, GTK_CMCLIST(tree), (gint)row, g_str_equal(list, "folders") ? tree->tree_column : -1);
	json_builder_end_object(builder);
}

/* What the message pane of the main window shows: the subject it belongs to and the text, without pictures. */
void
probe_read_text(JsonBuilder *builder)
{
	MainWindow *window = mainwindow_get_mainwindow();
	MessageView *view = window ? window->messageview : NULL;
	TextView *text = view && view->mimeview ? view->mimeview->textview : NULL;

	json_builder_begin_object(builder);
	add_string(builder, "subject", view && view->msginfo ? view->msginfo->subject : NULL);
	add_int(builder, "number", view && view->msginfo ? view->msginfo->msgnum : 0);
	if (text != NULL && text->text != NULL) {
		GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(text->text));
		g_autofree char *content = NULL;
		GtkTextIter start;
		GtkTextIter end;

		gtk_text_buffer_get_bounds(buffer, &start, &end);
		content = gtk_text_buffer_get_text(buffer, &start, &end, FALSE);
		add_string(builder, "text", content);
	} else {
		add_string(builder, "text", NULL);
	}
	add_int(builder, "parts", view && view->mimeview ? view->mimeview->icon_count : 0);
	json_builder_end_object(builder);
}
