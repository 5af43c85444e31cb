/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-call.h"

G_BEGIN_DECLS

/* New messages that are in no folder yet; %NULL: refused. */
SimMessage *sim_create_draft(SimCall *call);
SimMessage *sim_create_from_mime(SimCall *call);
SimMessage *sim_create_from_json(SimCall *call, JsonObject *body);
void sim_create_complete(SimCall *call, SimMessage *message);

/* FALSE: refused. */
gboolean sim_send_check(SimCall *call, SimMessage *message);
/* Sends a message of Drafts: it goes to Sent Items, or nowhere, and to the people of the tenant. */
void sim_send_finish(SimCall *call, SimMessage *message, gboolean save);

/* Puts a new mail into a folder, as if it had just arrived; @received: when. */
SimMessage *sim_send_deliver(SimMailbox *mailbox, SimFolder *folder, GBytes *mime, gint64 received);

G_END_DECLS
