/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * OutlookQrView:
 *
 * An address of the web as a QR code: black on white in any theme, each module so many whole pixels. Knows no Claws.
 */
#define OUTLOOK_TYPE_QR_VIEW (outlook_qr_view_get_type())
G_DECLARE_FINAL_TYPE(OutlookQrView, outlook_qr_view, OUTLOOK, QR_VIEW, GtkDrawingArea)

GtkWidget *outlook_qr_view_new(void);

/* Invisible while there is none, or one that is too long. */
void outlook_qr_view_set_uri(OutlookQrView *self, const char *uri);

G_END_DECLS
