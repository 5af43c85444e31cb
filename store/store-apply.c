/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-apply.h"

#include "store-folders.h"
#include "store-journal.h"
#include "store-messages.h"
#include "store-text.h"

/* The bits that the server spoke of, and their values. */
static StoreFlags
read_flags(const GraphMessage *message, StoreFlags *mask)
{
	StoreFlags flags = 0;

	*mask = 0;
	if (message->fields & GRAPH_MESSAGE_READ) {
		*mask |= STORE_FLAG_READ;
		flags |= message->is_read ? STORE_FLAG_READ : 0;
	}
	if (message->fields & GRAPH_MESSAGE_FLAG) {
		*mask |= STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE;
		flags |= message->flag == GRAPH_FLAG_FLAGGED ? STORE_FLAG_FLAGGED : 0;
		flags |= message->flag == GRAPH_FLAG_COMPLETE ? STORE_FLAG_COMPLETE : 0;
	}
	if (message->fields & GRAPH_MESSAGE_IMPORTANCE) {
		*mask |= STORE_FLAG_HIGH | STORE_FLAG_LOW;
		flags |= message->importance == GRAPH_IMPORTANCE_HIGH ? STORE_FLAG_HIGH : 0;
		flags |= message->importance == GRAPH_IMPORTANCE_LOW ? STORE_FLAG_LOW : 0;
	}
	if (message->fields & GRAPH_MESSAGE_ATTACHMENT) {
		*mask |= STORE_FLAG_ATTACHMENT;
		flags |= message->has_attachments ? STORE_FLAG_ATTACHMENT : 0;
	}
	if (message->fields & GRAPH_MESSAGE_DRAFT) {
		*mask |= STORE_FLAG_DRAFT;
		flags |= message->is_draft ? STORE_FLAG_DRAFT : 0;
	}

	/* An answer cannot be taken back, and where it may not be written to the server (CHECKED 15b) it is ours. */
	if (message->fields & GRAPH_MESSAGE_ANSWERED) {
		flags |= message->answered ? STORE_FLAG_ANSWERED : 0;
		flags |= message->forwarded ? STORE_FLAG_FORWARDED : 0;
		*mask |= flags & (STORE_FLAG_ANSWERED | STORE_FLAG_FORWARDED);
	}
	return flags;
}

/*
 * Nobody empties a line of a mail that was sent: what a page lacks of it (API.md 5.9: at least the changed properties)
 * is not taken for empty. A draft is replaced.
 */
static gboolean
write_envelope(StoreDb *db, gint64 key, const GraphMessage *message, GError **error)
{
	g_autofree char *subject = store_text_clean(message->subject);
	g_autofree char *from = store_text_clean(message->from);
	g_autofree char *to = store_text_clean(message->to);
	g_autofree char *cc = store_text_clean(message->cc);
	g_autofree char *reply_to = store_text_clean(message->reply_to);
	g_autofree char *message_id = store_text_clean(message->internet_message_id);
	gboolean has_header = (message->fields & GRAPH_MESSAGE_REFERENCES) != 0;
	gint64 sent = message->undated ? STORE_NO_DATE : message->sent;
	gboolean draft = (message->fields & GRAPH_MESSAGE_DRAFT) && message->is_draft;

	return store_db_run(
		db, error,
		"UPDATE messages SET subject = iif(?12, ?1, coalesce(?1, subject)),"
		" sender = iif(?12, ?2, coalesce(?2, sender)), recipients = iif(?12, ?3, coalesce(?3, recipients)),"
		" cc = iif(?12, ?4, coalesce(?4, cc)), reply_to = iif(?12, ?5, coalesce(?5, reply_to)),"
		" message_id = coalesce(?6, message_id), conversation_id = coalesce(?7, conversation_id),"
		" conversation_index = coalesce(?8, conversation_index),"
		" sent = iif(sent = -1 AND NOT ?13, -1, coalesce(nullif(?9, 0), sent)),"
		" received = coalesce(nullif(?10, 0), received) WHERE key = ?11",
		"sssssssslllii", subject, from, to, cc, reply_to, message_id, message->conversation_id,
		message->conversation_index, sent, message->received, key, (int)draft, (int)has_header);
}

/* What waits to be removed is the version that was seen before. */
static gboolean
write_modified(StoreDb *db, gint64 key, const GraphMessage *message, GError **error)
{
	if (message->modified == 0 || ((message->fields & GRAPH_MESSAGE_DRAFT) && !message->is_draft))
		return TRUE;
	return store_db_run(db, error,
			    "UPDATE messages SET modified = max(coalesce(modified, 0), ?1)"
			    " WHERE key = ?2 AND server_flags & ?3 AND NOT deleted",
			    "lli", message->modified, key, (int)STORE_FLAG_DRAFT);
}

gboolean
store_apply_record(StoreDb *db, gint64 key, const GraphMessage *message, StoreFlags spared, GError **error)
{
	StoreFlags mask;
	StoreFlags flags = read_flags(message, &mask);

	mask &= ~spared;
	flags &= mask;
	if (mask != 0 &&
	    !store_db_run(db, error, "UPDATE messages SET server_flags = (server_flags & ~?1) | ?2 WHERE key = ?3",
			  "iil", (int)mask, (int)flags, key))
		return FALSE;
	if ((message->fields & GRAPH_MESSAGE_ENVELOPE) && !write_envelope(db, key, message, error))
		return FALSE;
	if (message->fields & GRAPH_MESSAGE_REFERENCES) {
		g_autofree char *in_reply_to = store_text_clean(message->in_reply_to);
		g_autofree char *references = store_text_clean(message->references);

		if (!store_db_run(db, error,
				  "UPDATE messages SET in_reply_to = coalesce(?, in_reply_to),"
				  " reference_ids = coalesce(?, reference_ids) WHERE key = ?",
				  "ssl", in_reply_to, references, key))
			return FALSE;
	}
	if (message->fields & GRAPH_MESSAGE_CATEGORIES) {
		g_autofree char *categories = store_text_join((const char *const *)message->categories);

		if (!store_db_run(db, error, "UPDATE messages SET server_categories = ? WHERE key = ?", "sl",
				  categories, key))
			return FALSE;
	}
	if ((message->fields & GRAPH_MESSAGE_SIZE) &&
	    !store_db_run(db, error, "UPDATE messages SET size = ? WHERE key = ?", "ll", MAX(message->size, 0), key))
		return FALSE;
	return write_modified(db, key, message, error);
}

/* A message of ours whose creation was sent, but whose answer did not come, and that is now seen at the server. */
static gint64
find_made_here(const StorePage *page, const GraphMessage *message)
{
	if (message->internet_message_id == NULL)
		return 0;
	return store_db_get_integer(page->db, 0, NULL,
				    "SELECT m.key FROM messages m JOIN journal j ON j.message = m.key"
				    " WHERE m.id IS NULL AND m.message_id = ?1 AND j.state = ?2 AND"
				    " ((j.kind IN (?3, ?4) AND j.folder = ?5) OR (j.kind = ?4 AND j.folder IS NULL))"
				    " ORDER BY j.seq",
				    "siiil", message->internet_message_id, STORE_JOURNAL_BEGUN, STORE_JOURNAL_COPY,
				    STORE_JOURNAL_APPEND, page->folder);
}

static gint64
find_place(const StorePage *page, const GraphMessage *message)
{
	gint64 parent = 0;

	if ((message->fields & GRAPH_MESSAGE_PARENT) && message->parent_id != NULL)
		parent = store_folders_find_id(page->db, message->parent_id);
	return parent != 0 ? parent : page->folder;
}

static gboolean
insert(const StorePage *page, const GraphMessage *message, GError **error)
{
	gboolean announce =
		page->announce && (message->fields & GRAPH_MESSAGE_READ) && !message->is_read && !message->is_draft;
	gint64 place = find_place(page, message);
	guint32 number;
	gint64 key;

	if (!store_folders_take_number(page->db, place, &number, error) ||
	    !store_db_run(page->db, error,
			  "INSERT INTO messages (id, folder, number, server_folder, flags, generation)"
			  " VALUES (?1, ?2, ?3, ?2, ?4, ?5)",
			  "sllil", message->id, place, (gint64)number, announce ? (int)STORE_FLAG_NEW : 0,
			  page->generation))
		return FALSE;
	key = store_db_get_last_key(page->db);
	if (!store_apply_record(page->db, key, message, 0, error) ||
	    !store_db_run(
		    page->db, error,
		    "UPDATE messages SET flags = flags | server_flags, categories = server_categories WHERE key = ?",
		    "l", key))
		return FALSE;
	store_changes_add_folder(page->changes, place, announce ? 1 : 0);
	return TRUE;
}

static gboolean
remove_message(const StorePage *page, const GraphMessage *message, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = store_messages_find_id(page->db, message->id, &failure);
	StoreSettlement settled = store_settled_get(page->settled, message->id, page->since);

	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (row == NULL || row->server_folder != page->folder)
		return TRUE;
	if (settled.place) {
		store_settled_doubt(page->settled, message->id);
		return TRUE;
	}
	return store_messages_set_astray(page->db, row->key, error) &&
	       store_messages_settle(page->db, row->key, page->changes, error);
}

/* A draft that was edited elsewhere: its body is another one, and a new number makes the host look again. */
static gboolean
body_is_stale(StoreDb *db, gint64 key, const GraphMessage *message)
{
	g_autofree char *subject = store_text_clean(message->subject);

	if ((message->fields & GRAPH_MESSAGE_DRAFT) && !message->is_draft)
		return FALSE;
	return store_messages_was_changed(db, key, message->modified) ||
	       ((message->fields & GRAPH_MESSAGE_ENVELOPE) && message->is_draft &&
		store_db_get_integer(db, 0, NULL,
				     "SELECT 1 FROM messages WHERE key = ? AND (subject IS NOT ? OR received != ?)",
				     "lsl", key, subject, message->received) != 0);
}

/* What is spared as older than a change of ours may be newer, where it is not what is here. */
static gboolean
contradicts(const StoreRow *row, const GraphMessage *message, gint64 place, const StoreSettlement *settled)
{
	StoreFlags mask;
	StoreFlags flags = read_flags(message, &mask);

	return ((flags ^ row->server_flags) & mask & settled->mask) != 0 ||
	       (settled->place && place != row->server_folder);
}

gboolean
store_apply_message(const StorePage *page, const GraphMessage *message, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(StoreRow) row = NULL;
	StoreSettlement settled = store_settled_get(page->settled, message->id, page->since);
	gint64 place;
	gint64 key;

	if (!message->removed && store_settled_was_elsewhere(page->settled, message->id, page->folder, page->since))
		store_settled_doubt(page->settled, message->id);
	store_settled_tell(page->settled, message->id, message->removed ? 0 : page->folder);
	if (message->removed)
		return remove_message(page, message, error);
	row = store_messages_find_id(page->db, message->id, &failure);
	if (failure != NULL) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return FALSE;
	}
	if (row == NULL && settled.deleted)
		return TRUE;
	key = row != NULL ? row->key : find_made_here(page, message);
	if (key == 0)
		return insert(page, message, error);

	place = find_place(page, message);
	if (row != NULL && contradicts(row, message, place, &settled))
		store_settled_doubt(page->settled, message->id);
	if (row != NULL && settled.place)
		place = row->server_folder;
	if (row != NULL && body_is_stale(page->db, key, message) &&
	    (!store_messages_set_local(page->db, key, 0, STORE_FLAG_BODY, error) ||
	     (row->folder != 0 && !store_messages_place(page->db, key, row->folder, NULL, page->changes, error))))
		return FALSE;
	if (!store_db_run(page->db, error,
			  "UPDATE messages SET id = ?1, server_folder = ?2, generation = ?3"
			  " WHERE key = ?4 AND (id IS NOT ?1 OR server_folder IS NOT ?2 OR generation != ?3)",
			  "szll", message->id, place, page->generation, key) ||
	    !store_apply_record(page->db, key, message, settled.mask, error))
		return FALSE;
	return store_messages_settle(page->db, key, page->changes, error);
}

gboolean
store_apply_sweep(const StorePage *page, GError **error)
{
	g_autoptr(GArray) keys =
		store_db_list_integers(page->db, error,
				       "UPDATE messages SET origin = server_folder, server_folder = NULL"
				       " WHERE server_folder = ? AND id IS NOT NULL AND generation < ? RETURNING key",
				       "ll", page->folder, page->generation);

	return keys != NULL && store_messages_settle_each(page->db, keys, page->changes, error);
}
