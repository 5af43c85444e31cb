/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * graph_challenge_get_claims:
 * @header: a `WWW-Authenticate` line, which may hold several challenges
 *
 * Returns: (transfer full) (nullable): the decoded claims of the Bearer challenge whose error is
 *   `insufficient_claims`, a JSON object as text; %NULL if there is none that makes sense (OAUTH.md 8)
 */
char *graph_challenge_get_claims(const char *header);

G_END_DECLS
