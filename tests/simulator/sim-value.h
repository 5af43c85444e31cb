/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-call.h"

G_BEGIN_DECLS

/* Members of a request's JSON, checked; on failure the call is refused with 400 and FALSE returned. */
gboolean sim_value_get_string(SimCall *call, const char *name, JsonNode *node, const char **value);
gboolean sim_value_get_boolean(SimCall *call, const char *name, JsonNode *node, gboolean *value);
gboolean sim_value_get_object(SimCall *call, const char *name, JsonNode *node, JsonObject **value);
gboolean sim_value_get_array(SimCall *call, const char *name, JsonNode *node, JsonArray **value);
/* Any case; *@value is one of @members, ended by %NULL. */
gboolean sim_value_get_enum(SimCall *call, const char *name, JsonNode *node, const char *const *members,
			    const char **value);
gboolean sim_value_get_recipient(SimCall *call, const char *name, JsonNode *node, SimAddress **value);
gboolean sim_value_get_recipients(SimCall *call, const char *name, JsonNode *node, GPtrArray **value);
gboolean sim_value_get_date_time(SimCall *call, const char *name, JsonNode *node, SimDateTime **value);
gboolean sim_value_get_body(SimCall *call, JsonNode *node, gboolean *html, const char **text);
/* An `attachment` (API.md 7.2) */
SimAttachment *sim_value_get_attachment(SimCall *call, JsonNode *node);

gboolean sim_value_refuse(SimCall *call, const char *name);

G_END_DECLS
