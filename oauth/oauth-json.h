/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Reads foreign bytes as one JSON object. %NULL when they are anything else; no part of them is in an error
 * text, because they may hold a secret.
 */
JsonObject *oauth_json_parse(const char *data, gsize length);

/* The member when it has that type, else %NULL */
const char *oauth_json_get_string(JsonObject *object, const char *name);
JsonArray *oauth_json_get_array(JsonObject *object, const char *name);

/* A number, or a string that is one; FALSE for anything else, and when it is absent. */
gboolean oauth_json_get_number(JsonObject *object, const char *name, double *number);

G_END_DECLS
