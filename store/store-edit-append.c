/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-apply.h"
#include "store-edit.h"
#include "store-folders.h"
#include "store-import.h"
#include "store-journal.h"
#include "store-messages.h"

gboolean
store_edit_make(const StoreEdit *edit, gint64 key, gint64 folder, StoreFlags flags, GError **error)
{
	gboolean is_draft = (flags & STORE_FLAG_DRAFT) != 0;
	StoreEntry entry = {
		.kind = STORE_JOURNAL_APPEND,
		.message = key,
		.folder = is_draft ? 0 : folder,
		.value = flags & STORE_FLAG_READ,
	};
	StoreFlags wanted = flags & STORE_FLAGS_CHANGEABLE & STORE_FLAGS_SERVER & ~STORE_FLAG_READ;

	edit->changes->journal = TRUE;
	if (!store_journal_add(edit->db, &entry, error) ||
	    (is_draft && folder != store_folders_find_role(edit->db, STORE_ROLE_DRAFTS) &&
	     !store_journal_add_move(edit->db, key, folder, error)))
		return FALSE;

	/* A draft made from MIME is read, and nothing else (API.md 5.5). */
	if (is_draft && !(flags & STORE_FLAG_READ))
		wanted |= STORE_FLAG_READ;
	return wanted == 0 || store_journal_add_update(edit->db, key, store_flags_join(wanted), flags, NULL, error);
}

static gboolean
keep_body(const StoreEdit *edit, gint64 key, GBytes *mime, GError **error)
{
	g_autofree char *temporary = NULL;
	g_autoptr(GError) failure = NULL;
	g_autoptr(GOutputStream) stream = store_bodies_create(edit->bodies, &temporary, error);

	if (stream == NULL)
		return FALSE;
	if (!g_output_stream_write_all(stream, g_bytes_get_data(mime, NULL), g_bytes_get_size(mime), NULL, NULL,
				       &failure)) {
		store_bodies_propagate(error, g_steal_pointer(&failure));
		store_bodies_drop(&temporary);
		return FALSE;
	}
	return store_bodies_keep(edit->bodies, &temporary, stream, key, error);
}

static gboolean
check(GMimeMessage *message, gsize size, gboolean is_draft, gboolean is_written, GError **error)
{
	if (!is_draft)
		return store_import_check(message, size, error);
	if (is_written || size <= graph_message_get_mime_limit())
		return TRUE;
	store_import_fail_size(size, error);
	return FALSE;
}

/* What is left of a mail that could not be sent is never this draft, though it bears its Message-ID. */
static gboolean
tell_from_left(StoreDb *db, const char *message_id, gint64 key, GError **error)
{
	return store_db_run(db, error, "UPDATE outbox SET newest = ? WHERE message_id = ?", "ls", key, message_id);
}

/* An older version of it was too large, too, and that was told. */
static gboolean
was_told(StoreDb *db, const char *message_id, gint64 key)
{
	return store_db_get_integer(db, 0, NULL,
				    "SELECT 1 FROM messages m JOIN journal j ON j.message = m.key WHERE m.message_id ="
				    " ?1 AND m.key != ?2 AND m.size > ?3 AND j.kind = ?4 AND j.state = ?5",
				    "sllii", message_id, key, (gint64)graph_message_get_mime_limit(),
				    STORE_JOURNAL_APPEND, STORE_JOURNAL_KEPT) != 0;
}

guint32
store_edit_append(const StoreEdit *edit, gint64 folder, GBytes *mime, StoreFlags flags, GError **error)
{
	g_autoptr(GMimeMessage) parsed = store_mime_parse(mime, error);
	gboolean is_draft = folder == store_folders_find_role(edit->db, STORE_ROLE_DRAFTS);
	gboolean is_written = is_draft && (flags & STORE_FLAG_DRAFT);
	g_autoptr(GraphMessage) message = NULL;
	g_autoptr(GBytes) named = NULL;
	g_autofree char *message_id = NULL;
	guint32 number = 0;
	gint64 key;

	if (parsed == NULL || !store_edit_check_destination(edit, folder, error) ||
	    !check(parsed, g_bytes_get_size(mime), is_draft, is_written, error))
		return 0;
	named = store_mime_ensure_id(mime, parsed, &message_id);
	message = store_mime_describe(parsed);
	g_free(message->internet_message_id);
	message->internet_message_id = g_strdup(message_id);
	flags &= STORE_FLAGS_CHANGEABLE & ~STORE_FLAG_NEW;
	flags |= STORE_FLAG_BODY | (message->has_attachments ? STORE_FLAG_ATTACHMENT : 0);
	flags |= is_draft ? STORE_FLAG_DRAFT : 0;

	if (!store_db_run(edit->db, error, "INSERT INTO messages (flags, server_flags, size) VALUES (?, ?, ?)", "iil",
			  (int)flags, (int)(is_draft ? STORE_FLAG_READ : flags & STORE_FLAG_READ),
			  (gint64)g_bytes_get_size(named)))
		return 0;
	key = store_db_get_last_key(edit->db);
	if (is_draft && !tell_from_left(edit->db, message_id, key, error))
		return 0;
	if (!keep_body(edit, key, named, error) ||
	    !store_apply_record(edit->db, key, message, STORE_FLAGS_SERVER, error) ||
	    !store_messages_place(edit->db, key, folder, &number, edit->changes, error) ||
	    !store_edit_make(edit, key, folder, flags, error))
		return 0;
	if (is_draft && g_bytes_get_size(named) > graph_message_get_mime_limit() &&
	    was_told(edit->db, message_id, key) && !store_journal_keep(edit->db, key, error))
		return 0;
	return number;
}
