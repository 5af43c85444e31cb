/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "outlook-account.h"
#include "simulator.h"

G_BEGIN_DECLS

/* A tenant, and an account without a store at it, for windows that show what becomes of them. */
typedef struct {
	Simulator *tenant;
	OutlookAccount *account;
	guint n_done;
} Stage;

void stage_open(Stage *self);
void stage_add_person(Stage *self); /* SIMULATOR_USER, who may use another device */
void stage_close(Stage *self);

/* For a sign-in, which goes well; @data: the stage, where it is counted */
void stage_note_signed_in(OutlookAccount *account, const GError *error, gpointer data);

/* (nullable): some dialog that is open */
GtkWidget *stage_get_dialog(void);

G_END_DECLS
