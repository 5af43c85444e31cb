/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-shared-list.h"

#include <glib/gi18n-lib.h>

#include "outlook-accounts.h"
#include "outlook-letters.h"
#include "outlook-rows.h"
#include "outlook-shared.h"

#define LIST "outlook-list"
#define MAILBOX "outlook-mailbox"

typedef struct {
	PrefsAccount *prefs;
	GtkGrid *rows;
	OutlookAccountDone done;
} List;

static void
on_add(GtkWidget *widget)
{
	List *list = g_object_get_data(G_OBJECT(widget), LIST);

	outlook_shared_add(list->prefs, list->done);
}

static void
on_remove(GtkWidget *button, GtkWidget *widget)
{
	g_autofree char *mailbox = g_strdup(g_object_get_data(G_OBJECT(button), MAILBOX));
	List *list = g_object_get_data(G_OBJECT(widget), LIST);
	OutlookAccountDone done = list->done;
	g_autoptr(OutlookAccount) account = g_object_ref(outlook_accounts_find(list->prefs));

	/* While it asks, anything may happen to the page. */
	outlook_shared_remove(list->prefs, mailbox);
	done(account, NULL, NULL);
}

static void
add_row(GtkWidget *widget, OutlookAccount *account, const char *mailbox, int row)
{
	List *list = g_object_get_data(G_OBJECT(widget), LIST);
	OutlookAccount *shared = outlook_account_find_shared(account, mailbox);
	g_autofree char *text = shared != NULL && outlook_account_is_read_only(shared)
					? g_strdup_printf(_("%s (read only)"), mailbox)
					: g_strdup(mailbox);
	GtkWidget *label = outlook_rows_make_text(text);
	GtkWidget *button = gtk_button_new_with_mnemonic(_("R_emove shared mailbox…"));

	atk_object_add_relationship(gtk_widget_get_accessible(button), ATK_RELATION_LABELLED_BY,
				    gtk_widget_get_accessible(label));
	g_object_set_data_full(G_OBJECT(button), MAILBOX, g_strdup(mailbox), g_free);
	g_signal_connect(button, "clicked", G_CALLBACK(on_remove), widget);
	gtk_grid_attach(list->rows, label, 0, row, 1, 1);
	gtk_grid_attach(list->rows, button, 1, row, 1, 1);
}

void
outlook_shared_list_update(GtkWidget *widget)
{
	List *list = g_object_get_data(G_OBJECT(widget), LIST);
	OutlookAccount *account = outlook_accounts_find(list->prefs);
	char **mailboxes = account != NULL ? outlook_account_get_settings(account)->shared : NULL;
	int row = 0;

	gtk_container_foreach(GTK_CONTAINER(list->rows), (GtkCallback)(void (*)(void))gtk_widget_destroy, NULL);
	for (; mailboxes != NULL && mailboxes[row] != NULL; row++)
		add_row(widget, account, mailboxes[row], row);
	if (row == 0)
		gtk_grid_attach(list->rows, outlook_rows_make_text(_("None is shown.")), 0, 0, 1, 1);
	gtk_widget_show_all(GTK_WIDGET(list->rows));
	outlook_letters_settle(GTK_WIDGET(list->rows));
}

GtkWidget *
outlook_shared_list_new(PrefsAccount *prefs, OutlookAccountDone done)
{
	GtkWidget *widget = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	GtkWidget *add = gtk_button_new_with_mnemonic(_("_Add shared mailbox…"));
	List *list = g_new0(List, 1);

	list->prefs = prefs;
	list->rows = GTK_GRID(outlook_rows_make_grid());
	list->done = done;
	g_object_set_data_full(G_OBJECT(widget), LIST, list, g_free);
	gtk_widget_set_halign(add, GTK_ALIGN_START);
	g_signal_connect_swapped(add, "clicked", G_CALLBACK(on_add), widget);
	gtk_box_pack_start(GTK_BOX(widget), outlook_rows_make_text(_("Shared mailboxes:")), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(widget), GTK_WIDGET(list->rows), FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(widget), add, FALSE, FALSE, 0);
	outlook_shared_list_update(widget);
	return widget;
}
