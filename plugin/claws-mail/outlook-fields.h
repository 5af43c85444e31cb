/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oauth-aadsts.h"
#include "outlook-settings.h"

G_BEGIN_DECLS

/**
 * OutlookFields:
 *
 * The settings of an account as a form; the same one when an account is added and when it is edited. Emits
 * `changed` () for each edit and `activate` () for Enter in an entry. Knows no Claws.
 */
#define OUTLOOK_TYPE_FIELDS (outlook_fields_get_type())
G_DECLARE_FINAL_TYPE(OutlookFields, outlook_fields, OUTLOOK, FIELDS, GtkGrid)

/* @settings: (nullable): those of an account that is there already; %NULL for a new one */
GtkWidget *outlook_fields_new(const OutlookSettings *settings);

/* Transfer full: as they stand in the form, checked or not */
OutlookSettings *outlook_fields_get_settings(OutlookFields *self);

/* As outlook_account_set_client_secret() takes it: %NULL when it was not touched, "" to remove it. */
const char *outlook_fields_get_secret(OutlookFields *self);

/* FALSE with what is wrong in words; the field in question is marked and has the focus. */
gboolean outlook_fields_check(OutlookFields *self, GError **error);

/* The field that is to be corrected gets the focus. */
void outlook_fields_show(OutlookFields *self, OauthRemedy remedy);

G_END_DECLS
