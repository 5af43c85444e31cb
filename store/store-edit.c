/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-edit.h"

#include <glib/gi18n-lib.h>

#include "store-apply.h"
#include "store-folders.h"
#include "store-journal.h"
#include "store-messages.h"
#include "store-text.h"

/* %NULL without error for a number that is gone. */
static StoreRow *
find(const StoreEdit *edit, gint64 folder, GArray *numbers, guint i, GError **error)
{
	return store_messages_find_number(edit->db, folder, g_array_index(numbers, guint32, i), error);
}

static gboolean
propagate(GError **error, GError **failure)
{
	if (*failure == NULL)
		return FALSE;
	g_propagate_error(error, g_steal_pointer(failure));
	return TRUE;
}

/* What else goes when the one comes. */
static void
complete(StoreFlags *set, StoreFlags *clear)
{
	*set &= STORE_FLAGS_CHANGEABLE;
	*clear &= STORE_FLAGS_CHANGEABLE & ~*set;
	if (*set & STORE_FLAG_FLAGGED)
		*clear |= STORE_FLAG_COMPLETE & ~*set;
	if (*set & STORE_FLAG_COMPLETE)
		*clear |= STORE_FLAG_FLAGGED;
	if (*set & STORE_FLAG_HIGH)
		*clear |= STORE_FLAG_LOW;
	else if (*set & STORE_FLAG_LOW)
		*clear |= STORE_FLAG_HIGH;
	if (*set & STORE_FLAG_READ)
		*clear |= STORE_FLAG_NEW;
}

static char *
numbers_to_json(GArray *numbers)
{
	GString *json = g_string_new("[");

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(json, "%s%u", i > 0 ? "," : "", g_array_index(numbers, guint32, i));
	return g_string_free(g_string_append_c(json, ']'), FALSE);
}

/* What changes of which message; those that go to the server as one property go together. */
static gboolean
list_updates(const StoreEdit *edit, gint64 folder, GArray *numbers, StoreFlags set, StoreFlags clear, GError **error)
{
	g_autofree char *json = numbers_to_json(numbers);

	return store_journal_open_updates(edit->db, error) &&
	       store_db_run(edit->db, error,
			    "INSERT INTO updates (message, mask, value) SELECT key, (changed & ?3)"
			    " | iif(changed & ?4, ?4, 0) | iif(changed & ?5, ?5, 0) | iif(changed & ?6, ?6, 0), after"
			    " FROM (SELECT key, after, (flags | after) & ~(flags & after) AS changed"
			    " FROM (SELECT key, flags, (flags | ?1) & ~?2 AS after FROM messages"
			    " WHERE folder = ?7 AND number IN (SELECT value FROM json_each(?8))))"
			    " WHERE changed != 0",
			    "iiiiiils", (int)set, (int)clear, (int)STORE_FLAG_READ,
			    (int)(STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE), (int)(STORE_FLAG_HIGH | STORE_FLAG_LOW),
			    (int)(STORE_FLAG_ANSWERED | STORE_FLAG_FORWARDED), folder, json);
}

gboolean
store_edit_flags(const StoreEdit *edit, gint64 folder, GArray *numbers, StoreFlags set, StoreFlags clear,
		 GError **error)
{
	g_autoptr(GError) failure = NULL;
	gboolean any;

	complete(&set, &clear);
	if (!list_updates(edit, folder, numbers, set, clear, error) ||
	    !store_db_run(edit->db, error,
			  "UPDATE messages SET flags = (flags | ?) & ~? WHERE key IN (SELECT message FROM updates)",
			  "ii", (int)set, (int)clear) ||
	    !store_db_run(edit->db, error, "DELETE FROM updates WHERE mask = 0", ""))
		return FALSE;
	any = store_db_get_integer(edit->db, 0, &failure, "SELECT EXISTS (SELECT 1 FROM updates)", "") != 0;
	if (propagate(error, &failure))
		return FALSE;
	edit->changes->journal |= any;
	return !any || store_journal_add_updates(edit->db, error);
}

gboolean
store_edit_categories(const StoreEdit *edit, gint64 folder, guint32 number, const char *const *categories,
		      GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = store_messages_find_number(edit->db, folder, number, &failure);
	g_autofree char *text = store_text_join(categories);

	if (propagate(error, &failure))
		return FALSE;
	if (row == NULL)
		return TRUE;
	if (!store_db_run(edit->db, error, "UPDATE messages SET categories = ?1 WHERE key = ?2 AND categories != ?1",
			  "sl", text, row->key))
		return FALSE;
	if (store_db_get_changes(edit->db) == 0)
		return TRUE;
	edit->changes->journal = TRUE;
	return store_journal_add_update(edit->db, row->key, 0, 0, text, error);
}

gboolean
store_edit_check_destination(const StoreEdit *edit, gint64 destination, GError **error)
{
	if (store_db_get_integer(edit->db, 0, NULL,
				 "SELECT 1 FROM folders WHERE key = ? AND NOT deleted AND NOT vanished AND NOT hidden",
				 "l", destination) != 0)
		return TRUE;
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, _("The folder does not exist any more."));
	return FALSE;
}

static gboolean
move_row(const StoreEdit *edit, const StoreRow *row, gint64 destination, GError **error)
{
	edit->changes->journal = TRUE;
	return store_journal_add_move(edit->db, row->key, destination, error);
}

GArray *
store_edit_move(const StoreEdit *edit, gint64 folder, GArray *numbers, gint64 destination, GError **error)
{
	g_autoptr(GArray) moved = g_array_new(FALSE, TRUE, sizeof(guint32));

	if (!store_edit_check_destination(edit, destination, error))
		return NULL;
	if (folder == destination) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_REFUSED,
				    _("A message cannot be moved into the folder where it is."));
		return NULL;
	}
	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreRow) row = find(edit, folder, numbers, i, &failure);
		guint32 number = 0;

		if (propagate(error, &failure))
			return NULL;
		if (row != NULL &&
		    (!store_messages_place(edit->db, row->key, destination, &number, edit->changes, error) ||
		     !move_row(edit, row, destination, error)))
			return NULL;
		g_array_append_val(moved, number);
	}
	return g_steal_pointer(&moved);
}

/* The copy is to have what @row has of @mask, and its categories. */
static gboolean
add_likeness(const StoreEdit *edit, const StoreRow *row, gint64 copy, StoreFlags mask, GError **error)
{
	g_autofree char *categories =
		store_db_get_text(edit->db, error, "SELECT categories FROM messages WHERE key = ?", "l", row->key);

	return categories != NULL && ((mask == 0 && *categories == '\0') ||
				      store_journal_add_update(edit->db, copy, mask, row->flags, categories, error));
}

/* A copy whose original is copied in its place: what was changed in it meanwhile is not the original's. */
static gboolean
add_copy_of_copy(const StoreEdit *edit, const StoreRow *row, const StoreEntry *entry, GError **error)
{
	StorePending pending;

	return store_journal_get_pending(edit->db, row->key, &pending, error) &&
	       store_journal_add(edit->db, entry, error) &&
	       ((pending.mask == 0 && !pending.categories) ||
		add_likeness(edit, row, entry->message, pending.mask, error));
}

/*
 * A message that the server does not have yet is copied as another one to be appended; if it is a copy itself whose
 * body is not here, its original is copied instead, unless that goes away before.
 */
static gboolean
add_copy(const StoreEdit *edit, const StoreRow *row, gint64 copy, gint64 destination, GError **error)
{
	StoreEntry entry = {.kind = STORE_JOURNAL_COPY, .message = copy, .source = row->key, .folder = destination};
	gboolean body = (row->flags & STORE_FLAG_BODY) != 0 && store_bodies_copy(edit->bodies, row->key, copy);
	gint64 original;

	if (body && !store_messages_set_local(edit->db, copy, STORE_FLAG_BODY, 0, error))
		return FALSE;
	if (row->id == NULL && body)
		return store_edit_make(edit, copy, destination, row->flags, error) &&
		       add_likeness(edit, row, copy, 0, error);
	original = row->id != NULL
			   ? 0
			   : store_db_get_integer(edit->db, 0, NULL,
						  "SELECT j.source FROM journal j JOIN messages m ON m.key ="
						  " j.source WHERE j.message = ? AND j.kind = ? AND NOT m.deleted",
						  "li", row->key, (int)STORE_JOURNAL_COPY);
	if (original == 0)
		return store_journal_add(edit->db, &entry, error);
	entry.source = original;
	return add_copy_of_copy(edit, row, &entry, error);
}

GArray *
store_edit_copy(const StoreEdit *edit, gint64 folder, GArray *numbers, gint64 destination, GError **error)
{
	g_autoptr(GArray) copies = g_array_new(FALSE, TRUE, sizeof(guint32));

	if (!store_edit_check_destination(edit, destination, error))
		return NULL;
	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreRow) row = find(edit, folder, numbers, i, &failure);
		guint32 number = 0;

		if (propagate(error, &failure))
			return NULL;
		if (row != NULL) {
			gint64 copy = store_messages_duplicate(edit->db, row->key, error);

			if (copy == 0 ||
			    !store_messages_place(edit->db, copy, destination, &number, edit->changes, error) ||
			    !add_copy(edit, row, copy, destination, error))
				return NULL;
			edit->changes->journal = TRUE;
		}
		g_array_append_val(copies, number);
	}
	return g_steal_pointer(&copies);
}

/* What was not sent of the changes to a message that goes away need not be sent. */
static gboolean
forget_changes(const StoreEdit *edit, const StoreRow *row, GError **error)
{
	return store_db_run(edit->db, error,
			    "DELETE FROM journal WHERE message = ?1 AND kind IN (?2, ?3) AND state = ?4 AND seq >"
			    " coalesce((SELECT max(seq) FROM journal WHERE source = ?1), 0)",
			    "liii", row->key, (int)STORE_JOURNAL_UPDATE, (int)STORE_JOURNAL_MOVE,
			    STORE_JOURNAL_WAITING);
}

/* A copy of it waits to be made. */
static gboolean
is_copied(const StoreEdit *edit, gint64 key)
{
	return store_db_get_integer(edit->db, 0, NULL, "SELECT 1 FROM journal WHERE source = ? LIMIT 1", "l", key) != 0;
}

/* The newer version of a draft, while the server does not have it. */
static gint64
find_successor(const StoreEdit *edit, const StoreRow *row, GError **error)
{
	if (!(row->flags & STORE_FLAG_DRAFT))
		return 0;
	return store_db_get_integer(
		edit->db, 0, error,
		"SELECT m.key FROM messages m JOIN journal j ON j.message = m.key"
		" WHERE m.id IS NULL AND m.message_id = (SELECT message_id FROM messages WHERE key ="
		" ?1) AND m.folder = ?2 AND m.key > ?1 AND j.kind = ?3 AND j.state != ?4"
		" ORDER BY m.key DESC",
		"llii", row->key, row->folder, STORE_JOURNAL_APPEND, STORE_JOURNAL_KEPT);
}

/* A host saves without attachments what it saves by itself; those of the older version may be nowhere else. */
static gboolean
has_files_alone(const StoreEdit *edit, const StoreRow *row, gint64 successor)
{
	return row->id != NULL && (row->flags & STORE_FLAG_ATTACHMENT) != 0 && successor != 0 &&
	       store_db_get_integer(edit->db, 0, NULL, "SELECT flags & ? = 0 FROM messages WHERE key = ?", "il",
				    (int)STORE_FLAG_ATTACHMENT, successor) != 0;
}

static gboolean
delete_row(const StoreEdit *edit, const StoreRow *row, GError **error)
{
	gint64 trash = store_folders_find_role(edit->db, STORE_ROLE_TRASH);
	g_autoptr(GError) failure = NULL;
	StoreEntry entry = {
		.kind = STORE_JOURNAL_DELETE,
		.message = row->key,
		.value = row->flags & STORE_FLAG_DRAFT,
		.folder = row->folder == trash && row->server_folder == trash ? trash : 0,
		.successor = find_successor(edit, row, &failure),
	};
	gboolean unsent = failure == NULL && row->id == NULL && !is_copied(edit, row->key) &&
			  (store_journal_withdraw(edit->db, row->key, STORE_JOURNAL_APPEND, &failure) ||
			   store_journal_withdraw(edit->db, row->key, STORE_JOURNAL_COPY, &failure));

	if (propagate(error, &failure))
		return FALSE;
	if (trash != 0 && has_files_alone(edit, row, entry.successor))
		return store_messages_place(edit->db, row->key, trash, NULL, edit->changes, error) &&
		       move_row(edit, row, trash, error);
	edit->changes->journal = TRUE;
	if (unsent)
		return store_journal_set_successor(edit->db, row->key, entry.successor, error) &&
		       store_messages_drop(edit->db, row->key, edit->changes, error);
	return forget_changes(edit, row, error) && store_journal_add(edit->db, &entry, error) &&
	       store_messages_settle(edit->db, row->key, edit->changes, error);
}

gboolean
store_edit_delete(const StoreEdit *edit, gint64 folder, GArray *numbers, GError **error)
{
	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreRow) row = find(edit, folder, numbers, i, &failure);

		if (propagate(error, &failure))
			return FALSE;
		if (row != NULL && !delete_row(edit, row, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
store_edit_delete_key(const StoreEdit *edit, gint64 key, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = store_messages_find(edit->db, key, &failure);

	if (propagate(error, &failure))
		return FALSE;
	return row == NULL || row->deleted || delete_row(edit, row, error);
}

/* The original takes the copy's place, its number and what was changed in it meanwhile. */
static gboolean
turn_copy(const StoreEdit *edit, const StoreRow *row, const StoreRow *copy, gint64 destination, GError **error)
{
	StoreFlags own = row->flags & STORE_FLAG_BODY;

	store_changes_add_folder(edit->changes, row->folder, 0);
	return store_db_run(edit->db, error, "UPDATE journal SET message = ? WHERE message = ? AND kind = ?", "lli",
			    row->key, copy->key, (int)STORE_JOURNAL_UPDATE) &&
	       store_db_run(edit->db, error, "UPDATE journal SET source = ? WHERE source = ?", "ll", row->key,
			    copy->key) &&
	       store_db_run(edit->db, error,
			    "UPDATE messages SET folder = ?1, number = ?2, flags = ?3,"
			    " categories = (SELECT categories FROM messages WHERE key = ?4) WHERE key = ?5",
			    "llill", destination, (gint64)copy->number, (int)((copy->flags & ~STORE_FLAG_BODY) | own),
			    copy->key, row->key) &&
	       store_messages_drop(edit->db, copy->key, edit->changes, error) &&
	       move_row(edit, row, destination, error);
}

gboolean
store_edit_turn_copies(const StoreEdit *edit, gint64 folder, GArray *numbers, gint64 destination, GArray *copies,
		       GError **error)
{
	for (guint i = 0; i < numbers->len; i++) {
		g_autoptr(GError) failure = NULL;
		g_autoptr(StoreRow) row = find(edit, folder, numbers, i, &failure);
		guint32 number = i < copies->len ? g_array_index(copies, guint32, i) : 0;
		g_autoptr(StoreRow) copy = NULL;
		gboolean unsent;

		if (propagate(error, &failure))
			return FALSE;
		if (row == NULL)
			continue;
		copy = store_messages_find_number(edit->db, destination, number, &failure);
		unsent = failure == NULL && copy != NULL && copy->id == NULL && folder != destination &&
			 (store_journal_withdraw(edit->db, copy->key, STORE_JOURNAL_COPY, &failure) ||
			  store_journal_withdraw(edit->db, copy->key, STORE_JOURNAL_APPEND, &failure));
		if (propagate(error, &failure))
			return FALSE;
		if (unsent ? !turn_copy(edit, row, copy, destination, error) : !delete_row(edit, row, error))
			return FALSE;
	}
	return TRUE;
}
