/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-failure.h"

G_BEGIN_DECLS

/**
 * OutlookFailureView:
 *
 * A failure as a person sees it, wherever it is shown: the sentence, buttons that do what helps, and small below them
 * what an administrator looks it up by. Invisible while there is none. Knows no Claws.
 *
 * Signals: `remedy` (int: an #OauthRemedy that is not one of the administrator's), `write` (const char *: a `mailto:`
 * with subject and text).
 */
#define OUTLOOK_TYPE_FAILURE_VIEW (outlook_failure_view_get_type())
G_DECLARE_FINAL_TYPE(OutlookFailureView, outlook_failure_view, OUTLOOK, FAILURE_VIEW, GtkBox)

GtkWidget *outlook_failure_view_new(void);

/* Whether a mail can be written; FALSE at first. The buttons for that come and go with it. */
void outlook_failure_view_set_can_write(OutlookFailureView *self, gboolean can_write);

/* @failure: (nullable): nothing to be shown; @config: (nullable): what the administrator's link is about */
void outlook_failure_view_set(OutlookFailureView *self, const OutlookFailure *failure, const OauthConfig *config);

/* A sentence alone, %NULL for none */
void outlook_failure_view_set_text(OutlookFailureView *self, const char *text);

G_END_DECLS
