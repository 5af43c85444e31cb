/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-transfer.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "outlook-bar.h"
#include "outlook-handover.h"
#include "outlook-item.h"
#include "outlook-msginfo.h"
#include "outlook-queue.h"
#include "outlook-report.h"

#include <folder.h>
#include <procmsg.h>

/*
 * The host's move is copy_msgs() of one folder followed by remove_msgs() of the other with the same relation, in
 * which nothing says where the copies are. This does, from the one call to the other.
 */
static struct {
	GHashTable *relation; /* compared, never read; held, so that no other one gets its address */
	gint64 destination;
	OutlookAccount *account; /* of the destination; weak */
	char *mailbox;		 /* its name */
} last_copy;

/*
 * Folders whose messages could not be copied. The host, when it moves a folder, removes it all the same: it would go
 * with what is still in it. The pointers are compared, never followed.
 */
static GHashTable *kept_back;

static void
note_copy(FolderItem *source, gboolean copied)
{
	if (kept_back == NULL)
		kept_back = g_hash_table_new(NULL, NULL);
	if (copied)
		g_hash_table_remove(kept_back, source);
	else
		g_hash_table_add(kept_back, source);
}

static gboolean
is_kept_back(GNode *node, gpointer found)
{
	return *(gboolean *)found = g_hash_table_contains(kept_back, node->data);
}

gboolean
outlook_transfer_is_kept_back(FolderItem *item)
{
	gboolean found = FALSE;

	if (kept_back != NULL)
		g_node_traverse(item->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, is_kept_back, &found);
	return found;
}

static gboolean
let_go(GNode *node, gpointer data)
{
	g_hash_table_remove(kept_back, node->data);
	return FALSE;
}

void
outlook_transfer_let_go(FolderItem *item)
{
	if (kept_back != NULL)
		g_node_traverse(item->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, let_go, NULL);
}

static void
forget_last_copy(void)
{
	g_clear_pointer(&last_copy.relation, g_hash_table_unref);
	g_clear_weak_pointer(&last_copy.account);
	g_clear_pointer(&last_copy.mailbox, g_free);
}

static void
note_last_copy(FolderItem *destination, GHashTable *relation)
{
	last_copy.relation = g_hash_table_ref(relation);
	last_copy.destination = OUTLOOK_ITEM(destination)->key;
	g_set_weak_pointer(&last_copy.account, outlook_item_get_account(destination));
	last_copy.mailbox = g_strdup(destination->folder->name);
}

/* Nobody will tell whether the server has the copies. */
static gboolean
lost_destination(GHashTable *relation)
{
	return relation != NULL && relation == last_copy.relation &&
	       (last_copy.account == NULL || outlook_account_is_closed(last_copy.account));
}

static void
report_error(FolderItem *item, const GError *error)
{
	outlook_report_error(item->folder->name, error);
}

/* What stays where it was after somebody took hold of it: not to be missed. */
static void
report_refusal(FolderItem *item, const GError *error, guint count)
{
	g_autofree char *text = NULL;

	report_error(item, error);
	if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_REFUSED) &&
	    !g_error_matches(error, STORE_ERROR, STORE_ERROR_TOO_LARGE) &&
	    !g_error_matches(error, STORE_ERROR, STORE_ERROR_INVALID))
		return;
	if (count > 1)
		text = g_strdup_printf(ngettext("%s None of the %u selected messages was taken.",
						"%s None of the %u selected messages was taken.", count),
				       error->message, count);
	outlook_bar_show(text != NULL ? text : error->message);
}

/* With a cache that is not read yet the host counts the new messages twice. */
static void
read_cache(FolderItem *item)
{
	if (item->cache == NULL)
		procmsg_msg_list_free(folder_item_get_msg_list(item));
}

static GArray *
numbers_of(GSList *messages)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (GSList *cur = messages; cur != NULL; cur = cur->next) {
		guint32 number = ((MsgInfo *)cur->data)->msgnum;

		g_array_append_val(numbers, number);
	}
	return numbers;
}

/* Lines by which the host finds its way in its queue and drafts are nobody else's business. */
static char *
strip_special_headers(FolderItem *item, const char *file)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("outlook-XXXXXX", &path, &error);

	if (fd < 0) {
		report_error(item, error);
		return NULL;
	}
	close(fd);
	if (procmsg_remove_special_headers(file, path) < 0) {
		outlook_report_failure(item->folder->name, _("A message could not be read."));
		g_unlink(path);
		return NULL;
	}
	return g_steal_pointer(&path);
}

static gboolean
has_any_prefix(const char *line, const char *end, const char *const *prefixes)
{
	for (guint i = 0; prefixes[i] != NULL; i++) {
		gsize length = strlen(prefixes[i]);

		if ((gsize)(end - line) >= length && memcmp(line, prefixes[i], length) == 0)
			return TRUE;
	}
	return FALSE;
}

/*
 * Those lines, which the host reads when a draft is opened again: to sign, to encrypt, to ask for a receipt, what it
 * answers. %NULL for a mail that begins without.
 */
static char *
read_special_headers(const char *file)
{
	static const char *const last[] = {"X-Claws-End-Special-Headers:", "X-Sylpheed-End-Special-Headers:", NULL};
	static const char *const mail[] = {"\n", "\r", "Date: ", "To: ", "From: ", "Subject: ", NULL};
	g_autoptr(GMappedFile) mapped = g_mapped_file_new(file, FALSE, NULL);
	const char *start = mapped != NULL ? g_mapped_file_get_contents(mapped) : NULL;
	const char *end = start != NULL ? start + g_mapped_file_get_length(mapped) : NULL;
	const char *line = start;

	while (line != NULL && line < end && !has_any_prefix(line, end, mail)) {
		const char *next = memchr(line, '\n', (gsize)(end - line));

		if (next == NULL)
			return NULL;
		if (has_any_prefix(line, end, last))
			return g_strndup(start, (gsize)(next + 1 - start));
		line = next + 1;
	}
	return NULL;
}

static gboolean
has_special_headers(const MsgFileInfo *info, FolderItem *destination)
{
	FolderItem *source = info->msginfo != NULL ? info->msginfo->folder : NULL;

	return destination->stype == F_DRAFT ||
	       (source != NULL &&
		(folder_has_parent_of_type(source, F_QUEUE) || folder_has_parent_of_type(source, F_DRAFT))) ||
	       (info->flags != NULL && (MSG_IS_QUEUED(*info->flags) || MSG_IS_DRAFT(*info->flags)));
}

/* The number in the store, 0 after it was said why not. @count: of those that are taken together or not at all. */
static guint32
append_to_store(FolderItem *item, const MsgFileInfo *info, guint count)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autofree char *stripped = NULL;
	g_autofree char *lines = item->stype == F_DRAFT ? read_special_headers(info->file) : NULL;
	g_autoptr(GError) error = NULL;
	StoreFlags flags = STORE_FLAG_READ;
	guint32 number;

	if (store == NULL) {
		outlook_report_failure(item->folder->name,
				       _("This folder cannot take messages before the first check."));
		return 0;
	}
	if (has_special_headers(info, item)) {
		stripped = strip_special_headers(item, info->file);
		if (stripped == NULL)
			return 0;
	}
	if (info->flags != NULL)
		flags = outlook_msginfo_flags_to_store(info->flags->perm_flags);
	if (item->stype == F_DRAFT)
		flags |= STORE_FLAG_READ;
	/* The host saves what is being written; there is no other copy of it. */
	if (item->stype == F_DRAFT && info->msginfo == NULL)
		flags |= STORE_FLAG_DRAFT;
	number = store_account_append_with_lines(store, OUTLOOK_ITEM(item)->key,
						 stripped != NULL ? stripped : info->file, lines, flags, &error);
	if (number == 0)
		report_refusal(item, error, count);
	if (stripped != NULL)
		g_unlink(stripped);
	return number;
}

/* Takes back what a call added before it failed. */
static void
undo_add(FolderItem *item, GArray *numbers)
{
	g_autoptr(GError) error = NULL;

	if (numbers->len == 0)
		return;
	if (outlook_item_is_queue(item)) {
		for (guint i = 0; i < numbers->len; i++)
			outlook_queue_remove(item, (gint)g_array_index(numbers, guint32, i));
	} else if (!store_account_delete_messages(outlook_item_get_store(item), OUTLOOK_ITEM(item)->key, numbers,
						  &error)) {
		report_error(item, error);
	}
}

static void
wake(FolderItem *item)
{
	OutlookAccount *account = outlook_item_get_account(item);

	if (account != NULL && !outlook_item_is_queue(item))
		outlook_account_push(account);
}

static gint
add_msgs(Folder *folder, FolderItem *item, GSList *files, GHashTable *relation)
{
	g_autoptr(GArray) added = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint count = g_slist_length(files);
	gint last = 0;

	read_cache(item);
	for (GSList *cur = files; cur != NULL; cur = cur->next) {
		MsgFileInfo *info = cur->data;
		gint number = outlook_item_is_queue(item) ? outlook_queue_add(item, info->file)
							  : (gint)append_to_store(item, info, count);
		guint32 taken = (guint32)number;

		if (number <= 0) {
			undo_add(item, added);
			return -1;
		}
		g_array_append_val(added, taken);
		if (relation != NULL) {
			gpointer key = info->msginfo != NULL ? (gpointer)info->msginfo : (gpointer)info;

			g_hash_table_insert(relation, key, GINT_TO_POINTER(number));
		}
		last = number;
	}
	wake(item);
	return last;
}

static gint
add_msg(Folder *folder, FolderItem *item, const gchar *file, MsgFlags *flags)
{
	MsgFileInfo info = {NULL, (gchar *)file, flags};
	GSList files = {&info, NULL};

	return add_msgs(folder, item, &files, NULL);
}

/* Within the store: no file is touched, and a removal that follows makes a move of it. */
static gint
copy_in_store(FolderItem *item, FolderItem *source, GSList *messages, GHashTable *relation)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(GArray) numbers = numbers_of(messages);
	g_autoptr(GArray) copies = NULL;
	g_autoptr(GError) error = NULL;
	guint i = 0;
	gint last = 0;

	outlook_item_flush_flags(source);
	copies =
		store_account_copy_messages(store, OUTLOOK_ITEM(source)->key, numbers, OUTLOOK_ITEM(item)->key, &error);
	if (copies == NULL) {
		report_error(item, error);
		return -1;
	}
	for (GSList *cur = messages; cur != NULL; cur = cur->next, i++) {
		gint number = (gint)g_array_index(copies, guint32, i);

		/* 0 would make the host look for it; a message that is gone has no copy. */
		g_hash_table_insert(relation, cur->data, GINT_TO_POINTER(number > 0 ? number : -1));
		last = MAX(last, number);
	}
	note_last_copy(item, relation);
	wake(item);
	return last;
}

static gint
copy_files(Folder *folder, FolderItem *item, GSList *messages, GHashTable *relation)
{
	GSList *files = procmsg_get_message_file_list(messages);
	gint last;

	if (files == NULL)
		return -1;
	last = add_msgs(folder, item, files, relation);
	procmsg_message_file_list_free(files);
	if (last >= 0 && !outlook_item_is_queue(item) && ((MsgInfo *)messages->data)->folder->folder != folder)
		note_last_copy(item, relation);
	return last;
}

/* The host removes the originals before the server has been asked, and one that it refuses would be on this computer
 * alone. */
static gboolean
is_refused(FolderItem *item, FolderItem *source)
{
	OutlookAccount *account = outlook_item_get_account(item);

	if (source->folder == item->folder || account == NULL || !outlook_account_is_read_only(account))
		return FALSE;
	outlook_report_failure(item->folder->name, _("you may read this shared mailbox, but not change it."));
	outlook_bar_show(_("you may read this shared mailbox, but not change it."));
	return TRUE;
}

static gint
copy_msgs(Folder *folder, FolderItem *item, MsgInfoList *messages, GHashTable *relation)
{
	g_autoptr(GHashTable) own = relation == NULL ? g_hash_table_new(NULL, NULL) : NULL;
	FolderItem *source;
	FolderItem *first;
	gint last;

	forget_last_copy();
	if (messages == NULL)
		return 0;
	first = source = ((MsgInfo *)messages->data)->folder;
	if (source == NULL || source == item)
		return -1;
	for (GSList *cur = messages; cur != NULL; cur = cur->next) {
		if (((MsgInfo *)cur->data)->folder != source)
			source = NULL;
	}

	if (is_refused(item, first)) {
		note_copy(first, FALSE);
		return -1;
	}
	read_cache(item);
	if (relation == NULL)
		relation = own;
	if (source != NULL && source->folder == folder && outlook_item_get_store(item) != NULL &&
	    outlook_item_get_store(source) != NULL)
		last = copy_in_store(item, source, messages, relation);
	else
		last = copy_files(folder, item, messages, relation);
	note_copy(first, last >= 0);
	return last;
}

static gint
copy_msg(Folder *folder, FolderItem *item, MsgInfo *msginfo)
{
	GSList messages = {msginfo, NULL};

	return copy_msgs(folder, item, &messages, NULL);
}

/* With @relation the messages whose copy failed stay where they are. */
static GSList *
choose_removable(GSList *messages, GHashTable *relation)
{
	GSList *chosen = NULL;

	for (GSList *cur = messages; cur != NULL; cur = cur->next) {
		gpointer number;

		if (relation != NULL &&
		    (!g_hash_table_lookup_extended(relation, cur->data, NULL, &number) || GPOINTER_TO_INT(number) < 0))
			continue;
		chosen = g_slist_prepend(chosen, cur->data);
	}
	return g_slist_reverse(chosen);
}

static gboolean
remove_from_store(FolderItem *item, GSList *messages, GHashTable *relation, GError **error)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(GArray) numbers = numbers_of(messages);
	g_autoptr(GArray) copies = NULL;

	if (store == NULL) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_REFUSED,
				    _("The stored mail of this account is not open."));
		return FALSE;
	}
	outlook_item_flush_flags(item);
	if (relation == NULL || relation != last_copy.relation)
		return store_account_delete_messages(store, OUTLOOK_ITEM(item)->key, numbers, error);
	if (lost_destination(relation)) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_REFUSED,
				    _("The stored mail of this account is not open."));
		return FALSE;
	}

	copies = g_array_new(FALSE, FALSE, sizeof(guint32));
	for (GSList *cur = messages; cur != NULL; cur = cur->next) {
		guint32 copy = GPOINTER_TO_UINT(g_hash_table_lookup(relation, cur->data));

		g_array_append_val(copies, copy);
	}
	if (outlook_item_get_account(item) != last_copy.account)
		return outlook_handover_add(outlook_item_get_account(item), OUTLOOK_ITEM(item)->key, numbers,
					    last_copy.account, last_copy.destination, copies, error);
	return store_account_turn_copies_into_moves(store, OUTLOOK_ITEM(item)->key, numbers, last_copy.destination,
						    copies, error);
}

static gint
remove_msgs(Folder *folder, FolderItem *item, MsgInfoList *messages, GHashTable *relation)
{
	GSList *chosen = choose_removable(messages, relation);
	OutlookAccount *account = outlook_item_get_account(item);
	g_autoptr(GError) error = NULL;
	gboolean removed = TRUE;

	if (outlook_item_is_queue(item)) {
		for (GSList *cur = chosen; cur != NULL; cur = cur->next)
			removed = outlook_queue_remove(item, (gint)((MsgInfo *)cur->data)->msgnum) && removed;
	} else if (chosen != NULL) {
		removed = remove_from_store(item, chosen, relation, &error);
	}
	g_slist_free(chosen);
	if (error != NULL) {
		outlook_report_error(lost_destination(relation) ? last_copy.mailbox : item->folder->name, error);
		/* The host takes them from its list all the same. */
		if (account != NULL)
			g_signal_emit_by_name(account, "folder-changed", OUTLOOK_ITEM(item)->key, 0);
	}
	forget_last_copy();
	wake(item);
	return removed ? 0 : -1;
}

static gint
remove_msg(Folder *folder, FolderItem *item, gint number)
{
	MsgInfo *msginfo = folder_item_get_msginfo(item, number);
	GSList messages = {msginfo, NULL};
	gint result;

	if (msginfo == NULL)
		return 0;
	result = remove_msgs(folder, item, &messages, NULL);
	procmsg_msginfo_free(&msginfo);
	return result;
}

static gint
remove_all_msg(Folder *folder, FolderItem *item)
{
	GSList *messages = folder_item_get_msg_list(item);
	gint result = messages != NULL ? remove_msgs(folder, item, messages, NULL) : 0;

	procmsg_msg_list_free(messages);
	return result;
}

void
outlook_transfer_set_members(FolderClass *klass)
{
	klass->add_msg = add_msg;
	klass->add_msgs = add_msgs;
	klass->copy_msg = copy_msg;
	klass->copy_msgs = copy_msgs;
	klass->remove_msg = remove_msg;
	klass->remove_msgs = remove_msgs;
	klass->remove_all_msg = remove_all_msg;
}
