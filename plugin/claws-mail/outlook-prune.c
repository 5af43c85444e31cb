/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-prune.h"

#include <glib/gi18n-lib.h>

#define HOST_DOMAIN "claws-mail"

/* Rows under "Account": servers, ports, passwords and certificates, which the service and the plugin settle. The proxy
 * is asked for. */
static const char *const pages[] = {"Receive", "OAuth2", "TLS", "Advanced"};

/* In the page "Basic", which has to stay. */
static const char *const frames[] = {"Server information"};

/* In the page "Proxy": what is sent takes the same way as the rest. */
static const char *const buttons[] = {"Use proxy server for sending"};

static gboolean
is_one_of(const char *text, const char *const *names, guint length)
{
	for (guint i = 0; i < length; i++) {
		if (g_strcmp0(text, dgettext(HOST_DOMAIN, names[i])) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_pruned_page(const char *title)
{
	return is_one_of(title, pages, G_N_ELEMENTS(pages)) ||
	       g_strcmp0(title, g_dpgettext2(HOST_DOMAIN, "Preferences menu item", "Send")) == 0;
}

static void
find_tree_view(GtkWidget *widget, gpointer data)
{
	GtkWidget **found = data;

	if (*found != NULL)
		return;
	if (GTK_IS_TREE_VIEW(widget))
		*found = widget;
	else if (GTK_IS_CONTAINER(widget) && !GTK_IS_NOTEBOOK(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_tree_view, data);
}

/* Below @parent, %NULL for the top: all rows named @title, or with %NULL those that mean nothing for us. */
static void
prune_rows(GtkTreeStore *store, GtkTreeIter *parent, const char *title)
{
	GtkTreeModel *model = GTK_TREE_MODEL(store);
	GtkTreeIter iter;
	gboolean valid = gtk_tree_model_iter_children(model, &iter, parent);

	while (valid) {
		g_autofree char *name = NULL;

		gtk_tree_model_get(model, &iter, 0, &name, -1);
		if (parent != NULL && (title != NULL ? g_strcmp0(name, title) == 0 : is_pruned_page(name))) {
			valid = gtk_tree_store_remove(store, &iter);
			continue;
		}
		if (parent == NULL)
			prune_rows(store, &iter, title);
		valid = gtk_tree_model_iter_next(model, &iter);
	}
}

/* The list of pages, or %NULL. */
static GtkTreeStore *
find_pages(GtkWindow *window)
{
	GtkWidget *tree = NULL;
	GtkTreeModel *model;

	find_tree_view(GTK_WIDGET(window), &tree);
	model = tree != NULL ? gtk_tree_view_get_model(GTK_TREE_VIEW(tree)) : NULL;
	return GTK_IS_TREE_STORE(model) ? GTK_TREE_STORE(model) : NULL;
}

/* The host shows some of them again when its form changes. */
static void
hide_for_good(GtkWidget *widget)
{
	gtk_widget_set_no_show_all(widget, TRUE);
	gtk_widget_hide(widget);
	g_signal_connect_after(widget, "show", G_CALLBACK(gtk_widget_hide), NULL);
}

static void
prune_widgets(GtkWidget *widget, gpointer data)
{
	if (GTK_IS_FRAME(widget) && is_one_of(gtk_frame_get_label(GTK_FRAME(widget)), frames, G_N_ELEMENTS(frames)))
		hide_for_good(widget);
	else if (GTK_IS_CHECK_BUTTON(widget) &&
		 is_one_of(gtk_button_get_label(GTK_BUTTON(widget)), buttons, G_N_ELEMENTS(buttons)))
		hide_for_good(widget);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), prune_widgets, data);
}

void
outlook_prune_dialog(GtkWindow *window)
{
	GtkTreeStore *store = find_pages(window);

	if (store == NULL)
		return;
	prune_rows(store, NULL, NULL);
	prune_widgets(GTK_WIDGET(window), NULL);
}

/* Not those of passwords: the host would keep what stands there as one. */
static void
fill_entries(GtkWidget *widget, gpointer text)
{
	if (GTK_IS_ENTRY(widget) && gtk_entry_get_visibility(GTK_ENTRY(widget)) &&
	    *gtk_entry_get_text(GTK_ENTRY(widget)) == '\0')
		gtk_entry_set_text(GTK_ENTRY(widget), text);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), fill_entries, text);
}

static void
fill_frames(GtkWidget *widget, gpointer text)
{
	if (GTK_IS_FRAME(widget) && is_one_of(gtk_frame_get_label(GTK_FRAME(widget)), frames, G_N_ELEMENTS(frames)))
		fill_entries(widget, text);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), fill_frames, text);
}

void
outlook_prune_fill(GtkWindow *window, const char *text)
{
	fill_frames(GTK_WIDGET(window), (gpointer)text);
}

void
outlook_prune_page(GtkWindow *window, const char *title)
{
	GtkTreeStore *store = find_pages(window);

	if (store != NULL)
		prune_rows(store, NULL, title);
}

static gboolean
select_row(GtkTreeModel *model, GtkTreePath *path, GtkTreeIter *iter, gpointer view)
{
	g_autofree char *name = NULL;

	gtk_tree_model_get(model, iter, 0, &name, -1);
	if (g_strcmp0(name, g_object_get_data(G_OBJECT(view), "wanted")) != 0)
		return FALSE;
	gtk_tree_view_expand_to_path(view, path);
	gtk_tree_view_set_cursor(view, path, NULL, FALSE);
	return TRUE;
}

void
outlook_prune_select(GtkWindow *window, const char *title)
{
	GtkWidget *view = NULL;

	find_tree_view(GTK_WIDGET(window), &view);
	if (view == NULL)
		return;
	g_object_set_data(G_OBJECT(view), "wanted", (gpointer)title);
	gtk_tree_model_foreach(gtk_tree_view_get_model(GTK_TREE_VIEW(view)), select_row, view);
}
