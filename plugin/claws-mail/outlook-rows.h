/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The parts of a form: labels tied to what they name, and what is wrong below it. Know no Claws. */

GtkWidget *outlook_rows_make_grid(void);

/* A text that wraps; nobody's stop on the way through the form. @text: (nullable) */
GtkWidget *outlook_rows_make_text(const char *text);

/* @row of @grid: a label with a mnemonic, and @content, in which @named is what the label names. */
void outlook_rows_add(GtkGrid *grid, int row, const char *mnemonic, GtkWidget *content, GtkWidget *named);

/*
 * The line below @field that says what is wrong with it, hidden as long as nothing is. A screen reader reads it as the
 * description of @field.
 */
GtkWidget *outlook_rows_add_error(GtkGrid *grid, int row, GtkWidget *field);

/* @error: of outlook_rows_add_error(); @text: (nullable): %NULL when @field is right */
void outlook_rows_set_error(GtkWidget *error, GtkWidget *field, const char *text);

G_END_DECLS
