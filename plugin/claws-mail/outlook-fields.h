/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oauth-aadsts.h"
#include "outlook-settings.h"

G_BEGIN_DECLS

/**
 * OutlookFields:
 *
 * The settings of an account as a form, and beside it the steps of the registration that they come from; the same when
 * an account is added and when it is edited. Knows no Claws.
 *
 * Signals: `changed` () for each edit, `activate` () for Enter in an entry, `open` (const char *) with an address
 * that the browser is to show, `failed` (const char *) with a sentence when there is none to show.
 */
#define OUTLOOK_TYPE_FIELDS (outlook_fields_get_type())
G_DECLARE_FINAL_TYPE(OutlookFields, outlook_fields, OUTLOOK, FIELDS, GtkGrid)

/* @is_new: nobody signed in with these yet, so that there is no client secret to keep */
GtkWidget *outlook_fields_new(const OutlookSettings *settings, gboolean is_new);

/* Transfer full: as they stand in the form, without the blanks around them, checked or not */
OutlookSettings *outlook_fields_get_settings(OutlookFields *self);

/* Chooses these permissions, without `changed`. */
void outlook_fields_set_scopes(OutlookFields *self, const char *const *names);

/* As outlook_account_set_client_secret() takes it: %NULL when it was not touched, "" to remove it. */
const char *outlook_fields_get_secret(OutlookFields *self);

/* FALSE when something is wrong: it says so below each field in question, and the first one has the focus. */
gboolean outlook_fields_check(OutlookFields *self);

/* The field that is to be corrected gets the focus; for %OAUTH_REMEDY_GUIDE the steps are shown. */
void outlook_fields_show(OutlookFields *self, OauthRemedy remedy);

G_END_DECLS
