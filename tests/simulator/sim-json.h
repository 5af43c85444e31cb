/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-query.h"

G_BEGIN_DECLS

/* Resources as JSON objects; what is returned is the caller's. */
JsonObject *sim_json_message(SimCall *call, SimMessage *message, SimQuery *query);
JsonObject *sim_json_folder(SimCall *call, SimFolder *folder, SimQuery *query);
JsonObject *sim_json_attachment(SimCall *call, SimMessage *message, const SimAttachment *attachment, SimQuery *query,
				gboolean with_item);
JsonArray *sim_json_recipients(GPtrArray *addresses);
JsonObject *sim_json_date_time(const SimDateTime *time);

/* Answers with one message (`@odata.context` included). */
void sim_json_answer_message(SimCall *call, guint status, SimMessage *message, SimQuery *query);
void sim_json_answer_folder(SimCall *call, guint status, SimFolder *folder, SimQuery *query);

/* Every property, for the tenant's owner: no request is asked. */
JsonObject *sim_json_message_whole(SimMessage *message);

G_END_DECLS
