/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-draft.h"

G_BEGIN_DECLS

/*
 * Inside store/: whether a draft at the service goes to those to whom the mail was written. That it keeps the Bcc of
 * MIME is not documented (CHECKED 6): a blind copy must be neither lost nor shown.
 */

/* Adds to @changes, for a PATCH, each list of recipients of which @state names others than @written. */
void store_envelope_list_changes(const GraphDraft *written, const GraphDraftState *state, JsonObject *changes);

/*
 * Whether @state, the answer to @changes, has what they ask for: nobody is missing, and who receives a blind copy is
 * not named to the others. The service may write an address in another way. %STORE_ERROR_REFUSED.
 */
gboolean store_envelope_check(const GraphDraft *written, const GraphDraftState *state, JsonObject *changes,
			      GError **error);

G_END_DECLS
