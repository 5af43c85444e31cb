/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-call.h"

G_BEGIN_DECLS

typedef struct _SimUpload SimUpload;

void sim_upload_free(SimUpload *self);
void sim_upload_create(SimCall *call, SimMessage *message);

/* Takes @attachment; returns the number that it got. */
guint sim_attachments_add(SimMailbox *mailbox, SimMessage *message, SimAttachment *attachment);

G_END_DECLS
