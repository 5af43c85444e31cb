/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oracle.h"

G_BEGIN_DECLS

/**
 * Model:
 *
 * A mailbox that two clients use: the account here, and another one. Mails whose subject begins with X are changed by
 * both and are not copied; the others only by the host.
 * @contested: the host changes while others work beside it: what both change may become either's
 */
typedef struct {
	Home home;
	GRand *rand; /* of the step under way */
	guint made;
	Oracle *oracle;
	GPtrArray *theirs; /* ids that the other client knows */
	guint refusals;	   /* how often the service was told, or has a reason, to refuse something */
	gboolean contested;
	char *draft_id; /* Message-ID of the draft that was saved last */
	char *draft_subject;
	guint32 draft_number;
} Model;

guint model_pick(Model *self, guint n); /* below @n; 0 for 0 */
gint64 model_pick_folder(Model *self);

/* A step each; what is chosen in it comes from @rand. */
void model_host_marks(Model *self);
void model_host_marks_many(Model *self);
void model_host_tags(Model *self);
void model_host_moves(Model *self);
void model_host_copies(Model *self);
void model_host_deletes(Model *self);
void model_host_appends(Model *self);
void model_host_saves_a_draft(Model *self);
void model_host_reads(Model *self);
void model_host_changes_folders(Model *self);
void model_they_deliver(Model *self);
void model_they_change(Model *self);
void model_they_move(Model *self);
void model_they_delete(Model *self);
void model_they_create_folder(Model *self);
void model_they_rename_folder(Model *self);
void model_they_move_folder(Model *self);
void model_they_delete_folder(Model *self);
void model_something_breaks(Model *self);
void model_something_is_refused(Model *self);
void model_service_changes_its_mood(Model *self);

G_END_DECLS
