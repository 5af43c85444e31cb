/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The RSA key that the tenant signs id tokens with. */
typedef struct _SimKey SimKey;

SimKey *sim_key_new(void);
void sim_key_free(SimKey *self);

/* A JSON Web Token with @claims, signed by RS256 (transfer full). */
char *sim_key_sign(SimKey *self, JsonObject *claims);

/* The answer of `/discovery/v2.0/keys` (transfer full). */
JsonObject *sim_key_describe(SimKey *self);

G_END_DECLS
