/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every mapped widget of every window: what it says and where it is, so that the mouse can be pointed at it. */
#include "probe.h"

#include <gtk/gtk.h>

#define CELLS_MAX 500

static void
add_string(JsonBuilder *builder, const char *name, const char *value)
{
	g_autofree char *valid = NULL;

	if (value == NULL)
		return;
	valid = g_utf8_make_valid(value, -1);
	json_builder_set_member_name(builder, name);
	json_builder_add_string_value(builder, valid);
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

static void
add_rectangle(JsonBuilder *builder, gint x, gint y, gint width, gint height)
{
	add_int(builder, "x", x);
	add_int(builder, "y", y);
	add_int(builder, "w", width);
	add_int(builder, "h", height);
}

/* FALSE for what has no place on the screen. */
static gboolean
get_origin(GtkWidget *widget, gint *x, gint *y)
{
	GtkWidget *top = gtk_widget_get_toplevel(widget);
	GdkWindow *window = gtk_widget_is_toplevel(top) ? gtk_widget_get_window(top) : NULL;
	gint inside_x = 0;
	gint inside_y = 0;

	if (window == NULL)
		return FALSE;
	if (widget != top && !gtk_widget_translate_coordinates(widget, top, 0, 0, &inside_x, &inside_y))
		return FALSE;
	gdk_window_get_origin(window, x, y);
	*x += inside_x;
	*y += inside_y;
	return TRUE;
}

static char *
get_buffer_text(GtkTextView *view)
{
	GtkTextBuffer *buffer = gtk_text_view_get_buffer(view);
	GtkTextIter start;
	GtkTextIter end;

	gtk_text_buffer_get_bounds(buffer, &start, &end);
	return gtk_text_buffer_get_text(buffer, &start, &end, FALSE);
}

static char *
join_columns(GtkTreeModel *model, GtkTreeIter *iter)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (gint column = 0; column < gtk_tree_model_get_n_columns(model); column++) {
		g_auto(GValue) value = G_VALUE_INIT;

		if (gtk_tree_model_get_column_type(model, column) != G_TYPE_STRING)
			continue;
		gtk_tree_model_get_value(model, iter, column, &value);
		if (g_value_get_string(&value) == NULL)
			continue;
		if (text->len > 0)
			g_string_append_c(text, '\t');
		g_string_append(text, g_value_get_string(&value));
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* An entry of a combo box's menu draws its row of the model. */
static char *
get_cell_view_text(GtkCellView *view)
{
	GtkTreeModel *model = gtk_cell_view_get_model(view);
	GtkTreePath *path = gtk_cell_view_get_displayed_row(view);
	GtkTreeIter iter;
	char *text = NULL;

	if (path != NULL && model != NULL && gtk_tree_model_get_iter(model, &iter, path))
		text = join_columns(model, &iter);
	g_clear_pointer(&path, gtk_tree_path_free);
	return text;
}

static char *
get_combo_text(GtkComboBox *combo)
{
	GtkTreeIter iter;

	return gtk_combo_box_get_active_iter(combo, &iter) ? join_columns(gtk_combo_box_get_model(combo), &iter) : NULL;
}

/* What a person reads on it: (transfer full), %NULL when there is nothing. */
static char *
get_text(GtkWidget *widget)
{
	if (GTK_IS_LABEL(widget))
		return g_strdup(gtk_label_get_text(GTK_LABEL(widget)));
	if (GTK_IS_ENTRY(widget))
		return gtk_entry_get_visibility(GTK_ENTRY(widget))
			       ? g_strdup(gtk_entry_get_text(GTK_ENTRY(widget)))
			       : g_strnfill(gtk_entry_get_text_length(GTK_ENTRY(widget)), '*');
	if (GTK_IS_TEXT_VIEW(widget))
		return get_buffer_text(GTK_TEXT_VIEW(widget));
	if (GTK_IS_TOOL_BUTTON(widget))
		return g_strdup(gtk_tool_button_get_label(GTK_TOOL_BUTTON(widget)));
	if (GTK_IS_BUTTON(widget))
		return g_strdup(gtk_button_get_label(GTK_BUTTON(widget)));
	if (GTK_IS_MENU_ITEM(widget) && GTK_IS_CELL_VIEW(gtk_bin_get_child(GTK_BIN(widget))))
		return get_cell_view_text(GTK_CELL_VIEW(gtk_bin_get_child(GTK_BIN(widget))));
	if (GTK_IS_MENU_ITEM(widget))
		return g_strdup(gtk_menu_item_get_label(GTK_MENU_ITEM(widget)));
	if (GTK_IS_COMBO_BOX(widget))
		return get_combo_text(GTK_COMBO_BOX(widget));
	if (GTK_IS_EXPANDER(widget))
		return g_strdup(gtk_expander_get_label(GTK_EXPANDER(widget)));
	if (GTK_IS_WINDOW(widget))
		return g_strdup(gtk_window_get_title(GTK_WINDOW(widget)));
	if (GTK_IS_FRAME(widget))
		return g_strdup(gtk_frame_get_label(GTK_FRAME(widget)));
	if (GTK_IS_PROGRESS_BAR(widget))
		return g_strdup(gtk_progress_bar_get_text(GTK_PROGRESS_BAR(widget)));
	return NULL;
}

typedef struct {
	JsonBuilder *builder;
	GtkTreeView *view;
	gint x;
	gint y;
	guint count;
} CellWalk;

/* The first column that shows text: a click into a column of switches would do more than select the row. */
static GtkTreeViewColumn *
text_column(GtkTreeView *view)
{
	for (guint n = 0; n < gtk_tree_view_get_n_columns(view); n++) {
		GtkTreeViewColumn *column = gtk_tree_view_get_column(view, (gint)n);
		g_autoptr(GList) renderers = gtk_cell_layout_get_cells(GTK_CELL_LAYOUT(column));

		for (GList *cur = renderers; cur != NULL; cur = cur->next)
			if (GTK_IS_CELL_RENDERER_TEXT(cur->data))
				return column;
	}
	return gtk_tree_view_get_column(view, 0);
}

static gboolean
add_cell(GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, gpointer user_data)
{
	CellWalk *walk = user_data;
	g_autofree char *text = join_columns(model, iter);
	GdkRectangle area;
	gint x = 0;
	gint y = 0;

	gtk_tree_view_get_cell_area(walk->view, path, text_column(walk->view), &area);
	if (area.height == 0)
		return FALSE;
	gtk_tree_view_convert_bin_window_to_widget_coords(walk->view, area.x, area.y, &x, &y);
	json_builder_begin_object(walk->builder);
	add_string(walk->builder, "text", text);
	add_rectangle(walk->builder, walk->x + x, walk->y + y, area.width, area.height);
	add_bool(walk->builder, "selected",
		 gtk_tree_selection_path_is_selected(gtk_tree_view_get_selection(walk->view), path));
	json_builder_end_object(walk->builder);
	return ++walk->count >= CELLS_MAX;
}

static void
add_cells(JsonBuilder *builder, GtkTreeView *view, gint x, gint y)
{
	GtkTreeModel *model = gtk_tree_view_get_model(view);
	CellWalk walk = {builder, view, x, y, 0};

	json_builder_set_member_name(builder, "cells");
	json_builder_begin_array(builder);
	if (model != NULL)
		gtk_tree_model_foreach(model, add_cell, &walk);
	json_builder_end_array(builder);
}

/* What the keyboard reaches and a screen reader has no words for. Containers that scroll or turn pages need none, and
 * the parts of a combo box speak for it. */
static gboolean
is_nameless(GtkWidget *widget)
{
	AtkObject *object = gtk_widget_get_accessible(widget);
	const char *name = atk_object_get_name(object);
	AtkRelationSet *set;
	gboolean is_labelled;

	if (!gtk_widget_get_can_focus(widget) || GTK_IS_LABEL(widget) || GTK_IS_SCROLLED_WINDOW(widget) ||
	    GTK_IS_NOTEBOOK(widget) || GTK_IS_WINDOW(widget) || (name != NULL && *name != '\0') ||
	    gtk_widget_get_ancestor(gtk_widget_get_parent(widget), GTK_TYPE_COMBO_BOX) != NULL)
		return FALSE;
	set = atk_object_ref_relation_set(object);
	is_labelled = atk_relation_set_contains(set, ATK_RELATION_LABELLED_BY);
	g_object_unref(set);
	return !is_labelled;
}

static void
add_widget(JsonBuilder *builder, GtkWidget *widget)
{
	GtkWidget *top = gtk_widget_get_toplevel(widget);
	GtkWidget *parent = gtk_widget_get_parent(widget);
	g_autofree char *text = get_text(widget);
	g_autofree char *tip = gtk_widget_get_tooltip_text(widget);
	gint x = 0;
	gint y = 0;

	if (!get_origin(widget, &x, &y))
		return;

	json_builder_begin_object(builder);
	add_int(builder, "id", (gint64)(gintptr)widget);
	add_int(builder, "parent", (gint64)(gintptr)parent);
	add_int(builder, "top", (gint64)(gintptr)top);
	add_string(builder, "type", G_OBJECT_TYPE_NAME(widget));
	add_string(builder, "name", gtk_widget_get_name(widget));
	add_string(builder, "text", text);
	add_string(builder, "tip", tip);
	if (GTK_IS_WINDOW(top))
		add_string(builder, "window", gtk_window_get_title(GTK_WINDOW(top)));
	add_rectangle(builder, x, y, gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget));
	add_bool(builder, "sensitive", gtk_widget_is_sensitive(widget));
	add_bool(builder, "focus", gtk_widget_has_focus(widget));
	add_bool(builder, "nameless", is_nameless(widget));
	if (GTK_IS_TOGGLE_BUTTON(widget))
		add_bool(builder, "active", gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(widget)));
	else if (GTK_IS_EXPANDER(widget))
		add_bool(builder, "active", gtk_expander_get_expanded(GTK_EXPANDER(widget)));
	else if (GTK_IS_CHECK_MENU_ITEM(widget))
		add_bool(builder, "active", gtk_check_menu_item_get_active(GTK_CHECK_MENU_ITEM(widget)));
	else if (GTK_IS_WINDOW(widget))
		add_bool(builder, "active", gtk_window_is_active(GTK_WINDOW(widget)));
	if (GTK_IS_WINDOW(widget))
		add_bool(builder, "modal", gtk_window_get_modal(GTK_WINDOW(widget)));
	if (GTK_IS_LABEL(widget) && gtk_label_get_mnemonic_widget(GTK_LABEL(widget)) != NULL)
		add_int(builder, "labels", (gint64)(gintptr)gtk_label_get_mnemonic_widget(GTK_LABEL(widget)));
	if (GTK_IS_LABEL(widget) && gtk_label_get_mnemonic_keyval(GTK_LABEL(widget)) != GDK_KEY_VoidSymbol)
		add_int(builder, "letter", gtk_label_get_mnemonic_keyval(GTK_LABEL(widget)));
	if (GTK_IS_TREE_VIEW(widget))
		add_cells(builder, GTK_TREE_VIEW(widget), x, y);
	json_builder_end_object(builder);
}

static void
walk(GtkWidget *widget, gpointer user_data)
{
	if (!gtk_widget_get_mapped(widget))
		return;
	add_widget(user_data, widget);
	if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), walk, user_data);
}

void
probe_read_widgets(JsonBuilder *builder)
{
	GList *windows = gtk_window_list_toplevels();

	json_builder_begin_array(builder);
	for (GList *l = windows; l != NULL; l = l->next)
		walk(l->data, builder);
	json_builder_end_array(builder);
	g_list_free(windows);
}
