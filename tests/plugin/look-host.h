/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-account.h"

G_BEGIN_DECLS

/* What the account's page and the question of a sign-out want of the host, for one account, without a host. */

/* Called with each question, while it is on screen; it is answered with its first button. */
typedef void (*LookQuestion)(GtkWidget *dialog);

/* @queued: mails that wait in the account's queue */
void look_host_begin(OutlookAccount *account, guint queued, LookQuestion on_question);

/* The page as the host has it: below a list of pages there, it scrolls. Goes with look_host_end(). */
GtkWidget *look_host_open_page(void);

/* None of it is to be scrolled to sideways, or the window is @widest pixels wide. */
gboolean look_host_shows_whole_page(int widest);

void look_host_apply(void);    /* as with the button of the dialog */
void look_host_sign_in(void);  /* again, with the button of the page */
void look_host_sign_out(void); /* asks */
void look_host_end(void);

G_END_DECLS
