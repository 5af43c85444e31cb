/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-rows.h"

#define TEXT_CHARS 60
#define ERROR_CHARS 46

GtkWidget *
outlook_rows_make_grid(void)
{
	return g_object_new(GTK_TYPE_GRID, "row-spacing", 6, "column-spacing", 12, NULL);
}

GtkWidget *
outlook_rows_make_text(const char *text)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), TEXT_CHARS);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_halign(label, GTK_ALIGN_START);
	return label;
}

void
outlook_rows_add(GtkGrid *grid, int row, const char *mnemonic, GtkWidget *content, GtkWidget *named)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(mnemonic);

	gtk_label_set_mnemonic_widget(GTK_LABEL(label), named);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_hexpand(content, TRUE);
	gtk_grid_attach(grid, label, 0, row, 1, 1);
	gtk_grid_attach(grid, content, 1, row, 1, 1);
}

GtkWidget *
outlook_rows_add_error(GtkGrid *grid, int row, GtkWidget *field)
{
	GtkWidget *error = outlook_rows_make_text(NULL);
	g_autoptr(PangoAttrList) attributes = pango_attr_list_new();

	/* The red that a theme has for errors is hard to read on a dark one; the field has a red border. */
	pango_attr_list_insert(attributes, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
	gtk_label_set_attributes(GTK_LABEL(error), attributes);
	gtk_label_set_max_width_chars(GTK_LABEL(error), ERROR_CHARS);
	atk_object_set_role(gtk_widget_get_accessible(error), ATK_ROLE_ALERT);
	atk_object_add_relationship(gtk_widget_get_accessible(field), ATK_RELATION_DESCRIBED_BY,
				    gtk_widget_get_accessible(error));
	gtk_widget_set_no_show_all(error, TRUE);
	gtk_grid_attach(grid, error, 1, row, 1, 1);
	return error;
}

void
outlook_rows_set_error(GtkWidget *error, GtkWidget *field, const char *text)
{
	GtkStyleContext *style = gtk_widget_get_style_context(field);

	gtk_label_set_text(GTK_LABEL(error), text != NULL ? text : "");
	gtk_widget_set_visible(error, text != NULL);
	if (text != NULL)
		gtk_style_context_add_class(style, GTK_STYLE_CLASS_ERROR);
	else
		gtk_style_context_remove_class(style, GTK_STYLE_CLASS_ERROR);
}
