/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oauth-permission.h"

G_BEGIN_DECLS

/**
 * OutlookScopes:
 *
 * The permissions of oauth_permission_list() to choose from, each with what it is for. What a chosen one includes is
 * shown as chosen and cannot be taken away; what the account cannot have, or Microsoft does not have, cannot be chosen.
 * Emits `changed` () for each change by the person. Knows no Claws.
 */
#define OUTLOOK_TYPE_SCOPES (outlook_scopes_get_type())
G_DECLARE_FINAL_TYPE(OutlookScopes, outlook_scopes, OUTLOOK, SCOPES, GtkBox)

/* @names: (nullable): short names, %NULL-terminated, as outlook_scopes_set() takes them */
GtkWidget *outlook_scopes_new(const char *const *names);

/* Names that the list does not know are kept, and said; `.default` stands alone. */
void outlook_scopes_set(OutlookScopes *self, const char *const *names);

/* Transfer full: the least list that gives what is chosen, with User.Read, without what another one includes. */
char **outlook_scopes_get(OutlookScopes *self);

/* The tenant or the cloud decides whose account signs in, so that the person does not choose; or again does. */
void outlook_scopes_set_audience(OutlookScopes *self, OauthAudience audience);
void outlook_scopes_free_audience(OutlookScopes *self);

G_END_DECLS
