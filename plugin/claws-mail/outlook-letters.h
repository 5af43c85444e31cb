/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * outlook_letters_settle:
 * @part: what was built or filled, as a rule inside of its window
 *
 * With Alt a letter leads to one place: where a label below @part has the letter of another one that can be on the
 * screen with it, of @part or of the window around, it gets a letter of its own, or none when all are taken. What is
 * hidden, in a closed expander or on another page does not count; it is settled when it is shown.
 */
void outlook_letters_settle(GtkWidget *part);

/*
 * Hides what is in @expander while it is closed, for there the keys would lead to it all the same; and settles it each
 * time that it is opened.
 */
void outlook_letters_fold(GtkExpander *expander);

G_END_DECLS
