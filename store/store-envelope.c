/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-envelope.h"

#include <glib/gi18n-lib.h>

#include "store-error.h"
#include "store-mime.h"

typedef struct {
	const char *name;
	GPtrArray *written; /* of GraphRecipient */
	GPtrArray *given;   /* of addresses */
} List;

enum { TO, CC, BCC, N_LISTS };

static void
collect(const GraphDraft *written, const GraphDraftState *state, List lists[N_LISTS])
{
	lists[TO] = (List){"toRecipients", written->to, state->to};
	lists[CC] = (List){"ccRecipients", written->cc, state->cc};
	lists[BCC] = (List){"bccRecipients", written->bcc, state->bcc};
}

static GHashTable *
fold_written(GPtrArray *recipients)
{
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < recipients->len; i++)
		g_hash_table_add(set, store_mime_fold_address(
					      ((const GraphRecipient *)g_ptr_array_index(recipients, i))->address));
	return set;
}

static GHashTable *
fold_given(GPtrArray *addresses)
{
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < addresses->len; i++)
		g_hash_table_add(set, store_mime_fold_address(g_ptr_array_index(addresses, i)));
	return set;
}

static gboolean
is_subset(GHashTable *set, GHashTable *of)
{
	GHashTableIter iter;
	gpointer address;

	g_hash_table_iter_init(&iter, set);
	while (g_hash_table_iter_next(&iter, &address, NULL)) {
		if (!g_hash_table_contains(of, address))
			return FALSE;
	}
	return TRUE;
}

void
store_envelope_list_changes(const GraphDraft *written, const GraphDraftState *state, JsonObject *changes)
{
	List lists[N_LISTS];

	collect(written, state, lists);
	for (guint i = 0; i < N_LISTS; i++) {
		g_autoptr(GHashTable) wanted = fold_written(lists[i].written);
		g_autoptr(GHashTable) given = fold_given(lists[i].given);

		if (!is_subset(wanted, given) || !is_subset(given, wanted))
			json_object_set_array_member(changes, lists[i].name,
						     graph_recipients_to_json(lists[i].written));
	}
}

static gboolean
shows(GHashTable *given, GHashTable *blind)
{
	GHashTableIter iter;
	gpointer address;

	g_hash_table_iter_init(&iter, blind);
	while (g_hash_table_iter_next(&iter, &address, NULL)) {
		if (g_hash_table_contains(given, address))
			return TRUE;
	}
	return FALSE;
}

gboolean
store_envelope_check(const GraphDraft *written, const GraphDraftState *state, JsonObject *changes, GError **error)
{
	g_autoptr(GHashTable) blind = fold_written(written->bcc);
	List lists[N_LISTS];

	collect(written, state, lists);
	for (guint i = 0; i < N_LISTS; i++) {
		g_autoptr(GHashTable) wanted = fold_written(lists[i].written);
		g_autoptr(GHashTable) given = fold_given(lists[i].given);

		if (!json_object_has_member(changes, lists[i].name) ||
		    (g_hash_table_size(given) >= g_hash_table_size(wanted) && (i == BCC || !shows(given, blind))))
			continue;
		g_set_error_literal(
			error, STORE_ERROR, STORE_ERROR_REFUSED,
			_("Outlook did not take the recipients of the mail as they were written. Send it to fewer "
			  "recipients, or without blind copies (Bcc)."));
		return FALSE;
	}
	return TRUE;
}
