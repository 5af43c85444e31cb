/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * OutlookGuidePanel:
 *
 * The steps of the registration beside the form. Emits `open` (const char *) with an address that the browser is to
 * show: a link of the text, or the same steps as a page; `failed` (const char *), a sentence, when that page could not
 * be written. Knows no Claws.
 */
#define OUTLOOK_TYPE_GUIDE_PANEL (outlook_guide_panel_get_type())
G_DECLARE_FINAL_TYPE(OutlookGuidePanel, outlook_guide_panel, OUTLOOK, GUIDE_PANEL, GtkBox)

GtkWidget *outlook_guide_panel_new(void);

G_END_DECLS
