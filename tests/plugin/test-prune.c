/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-prune.h"

/* The host's account dialog: a list of pages beside them, and on the first one what it wants of every account. */
typedef struct {
	GtkWidget *window;
	GtkWidget *tree;
	GtkWidget *name;
	GtkWidget *server;
	GtkWidget *other_server;
	GtkWidget *password;
} Dialog;

static void
add_row(GtkTreeStore *store, GtkTreeIter *iter, GtkTreeIter *parent, const char *title)
{
	gtk_tree_store_append(store, iter, parent);
	gtk_tree_store_set(store, iter, 0, title, -1);
}

static GtkWidget *
make_tree(void)
{
	g_autoptr(GtkTreeStore) store = gtk_tree_store_new(1, G_TYPE_STRING);
	GtkTreeIter account;
	GtkTreeIter child;

	add_row(store, &account, NULL, "Account");
	add_row(store, &child, &account, "Outlook");
	add_row(store, &child, &account, "Basic");
	add_row(store, &child, &account, "Receive");
	return gtk_tree_view_new_with_model(GTK_TREE_MODEL(store));
}

static GtkWidget *
add_entry(GtkWidget *box, const char *text)
{
	GtkWidget *entry = gtk_entry_new();

	gtk_entry_set_text(GTK_ENTRY(entry), text);
	gtk_container_add(GTK_CONTAINER(box), entry);
	return entry;
}

static void
dialog_set_up(Dialog *self, gconstpointer data)
{
	GtkWidget *paned = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
	GtkWidget *notebook = gtk_notebook_new();
	GtkWidget *basic = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	GtkWidget *frame = gtk_frame_new("Server information");
	GtkWidget *servers = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);

	self->window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	self->tree = make_tree();
	self->name = add_entry(basic, "");
	self->server = add_entry(servers, "");
	self->other_server = add_entry(servers, "mail.contoso.example");
	self->password = add_entry(servers, "");
	gtk_entry_set_visibility(GTK_ENTRY(self->password), FALSE);
	gtk_container_add(GTK_CONTAINER(frame), servers);
	gtk_container_add(GTK_CONTAINER(basic), frame);
	gtk_container_add(GTK_CONTAINER(notebook), basic);
	gtk_paned_add1(GTK_PANED(paned), self->tree);
	gtk_paned_add2(GTK_PANED(paned), notebook);
	gtk_container_add(GTK_CONTAINER(self->window), paned);
	gtk_widget_show_all(self->window);
}

static void
dialog_tear_down(Dialog *self, gconstpointer data)
{
	gtk_widget_destroy(self->window);
}

static void
assert_text(GtkWidget *entry, const char *text)
{
	g_assert_cmpstr(gtk_entry_get_text(GTK_ENTRY(entry)), ==, text);
}

static void
test_a_password_is_not_filled_in(Dialog *self, gconstpointer data)
{
	outlook_prune_fill(GTK_WINDOW(self->window), "outlook.invalid");
	assert_text(self->server, "outlook.invalid");
	assert_text(self->other_server, "mail.contoso.example");
	assert_text(self->name, "");
	assert_text(self->password, "");
}

static char *
get_selected(Dialog *self)
{
	GtkTreeModel *model;
	GtkTreeIter iter;
	char *title = NULL;

	if (gtk_tree_selection_get_selected(gtk_tree_view_get_selection(GTK_TREE_VIEW(self->tree)), &model, &iter))
		gtk_tree_model_get(model, &iter, 0, &title, -1);
	return title;
}

static void
test_a_page_is_turned_to(Dialog *self, gconstpointer data)
{
	g_autofree char *basic = NULL;
	g_autofree char *outlook = NULL;

	outlook_prune_select(GTK_WINDOW(self->window), "Basic");
	basic = get_selected(self);
	g_assert_cmpstr(basic, ==, "Basic");
	outlook_prune_select(GTK_WINDOW(self->window), "Outlook");
	outlook = get_selected(self);
	g_assert_cmpstr(outlook, ==, "Outlook");
}

static void
test_what_means_nothing_is_hidden(Dialog *self, gconstpointer data)
{
	GtkTreeModel *model = gtk_tree_view_get_model(GTK_TREE_VIEW(self->tree));
	GtkTreeIter account;

	outlook_prune_dialog(GTK_WINDOW(self->window));
	g_assert_true(gtk_tree_model_get_iter_first(model, &account));
	g_assert_cmpint(gtk_tree_model_iter_n_children(model, &account), ==, 2);
	g_assert_true(gtk_widget_is_visible(self->name));
	g_assert_false(gtk_widget_is_visible(self->server));
}

int
main(int argc, char *argv[])
{
	gtk_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add(name, Dialog, NULL, dialog_set_up, test, dialog_tear_down)
	ADD("/prune/what the host wants of a server is filled in, and no password", test_a_password_is_not_filled_in);
	ADD("/prune/a page is turned to by its name", test_a_page_is_turned_to);
	ADD("/prune/pages and frames without meaning are hidden, the others stay", test_what_means_nothing_is_hidden);
	return g_test_run();
}
