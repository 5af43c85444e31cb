/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-call.h"

G_BEGIN_DECLS

/* The parts of a mailbox, each from behind its own segment on: `call->at` stands there. */
void sim_folders_handle(SimCall *call);				/* …/mailFolders */
void sim_messages_handle(SimCall *call, SimFolder *folder);	/* …/messages; @folder %NULL: the whole mailbox */
void sim_send_handle_mail(SimCall *call);			/* …/sendMail */
void sim_send_handle_draft(SimCall *call, SimMessage *message); /* …/messages/{id}/send */
void sim_create_handle(SimCall *call, SimFolder *folder);	/* POST …/messages */
void sim_reply_handle(SimCall *call, SimMessage *message, const char *action);
void sim_attachments_handle(SimCall *call, SimMessage *message);
void sim_delta_handle_messages(SimCall *call, SimFolder *folder);
void sim_delta_handle_folders(SimCall *call);
void sim_patch_handle(SimCall *call, SimMessage *message);
void sim_users_handle(SimCall *call); /* /me and /users/{id} themselves */

/* Not below a mailbox. */
void sim_batch_handle(SimGraph *self, const SimRequest *request, SimResponse *response);
void sim_upload_handle(SimGraph *self, const SimRequest *request, SimResponse *response);

/* What PATCH and creation share: the members of @body into @message. FALSE: refused. */
gboolean sim_patch_apply(SimCall *call, SimMessage *message, JsonObject *body, gboolean creating, guint *changed);

G_END_DECLS
