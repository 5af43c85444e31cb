/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * OutlookWaiting:
 *
 * What is shown while a person signs in with the browser: that it is waited for, what to do when the browser shows
 * an error or does not appear. Knows no Claws.
 */
#define OUTLOOK_TYPE_WAITING (outlook_waiting_get_type())
G_DECLARE_FINAL_TYPE(OutlookWaiting, outlook_waiting, OUTLOOK, WAITING, GtkBox)

GtkWidget *outlook_waiting_new(void);

/* From the start; @redirect: the address that is to be registered. */
void outlook_waiting_reset(OutlookWaiting *self, const char *redirect);

/* The page to open; @trouble: (nullable): why the browser did not. */
void outlook_waiting_set_uri(OutlookWaiting *self, const char *uri, const char *trouble);

/* What is done after the browser. */
void outlook_waiting_set_step(OutlookWaiting *self, const char *text);

G_END_DECLS
