/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-failure-view.h"

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

/*
 * From the start. After a while it asks, of itself, whether the browser shows an error. @has_secret: the sign-in uses a
 * client secret, and so the platform “Web” (OAUTH.md 2).
 */
void outlook_waiting_reset(OutlookWaiting *self, const OauthConfig *config, gboolean has_secret);

/* What the error that a person found in the browser means; its remedies are up to the caller. */
OutlookFailureView *outlook_waiting_get_failure_view(OutlookWaiting *self);

/* The page to open; @trouble: (nullable): why the browser did not. */
void outlook_waiting_set_uri(OutlookWaiting *self, const char *uri, const char *trouble);

/* What is done after the browser. */
void outlook_waiting_set_step(OutlookWaiting *self, const char *text);

G_END_DECLS
