/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * OutlookFlow:
 *
 * Buttons side by side, in as many rows as the width that there is needs, each as wide as it likes to be. What is wider
 * than a row alone gets the row, where the label of a button takes more lines. Knows no Claws.
 */
#define OUTLOOK_TYPE_FLOW (outlook_flow_get_type())
G_DECLARE_FINAL_TYPE(OutlookFlow, outlook_flow, OUTLOOK, FLOW, GtkFixed)

/* @chars: how wide it would be at best, in letters of an average width */
GtkWidget *outlook_flow_new(guint chars);

/* Behind the others. Returns: (transfer none): it, shown */
GtkWidget *outlook_flow_add_button(OutlookFlow *self, const char *mnemonic);

G_END_DECLS
