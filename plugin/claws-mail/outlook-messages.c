/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-messages.h"

#include <glib/gi18n-lib.h>

#include "outlook-accounts.h"
#include "outlook-handover.h"
#include "outlook-item.h"
#include "outlook-msginfo.h"
#include "outlook-old-mail.h"
#include "outlook-queue.h"
#include "outlook-report.h"
#include "outlook-search.h"
#include "outlook-tags.h"
#include "outlook-transfer.h"
#include "outlook-wait.h"

#include <procmsg.h>

static void
report_error(FolderItem *item, const GError *error)
{
	outlook_report_error(item->folder->name, error);
}

/*
 * What the host remembers of a folder is all there is while the store cannot be asked: a shorter answer would empty
 * its cache. Reading the cache may scan and so come back here, with an item that has a cache by then.
 */
static gint
list_remembered(FolderItem *item, GSList **list)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	GSList *messages;
	gint count = 0;

	if (item->cache == NULL && self->reading)
		return 0;
	self->reading = TRUE;
	messages = folder_item_get_msg_list(item);
	self->reading = FALSE;
	for (GSList *cur = messages; cur != NULL; cur = cur->next) {
		MsgInfo *msginfo = cur->data;

		*list = g_slist_prepend(*list, GUINT_TO_POINTER(msginfo->msgnum));
		count++;
	}
	procmsg_msg_list_free(messages);
	return count;
}

static gint
get_num_list(Folder *folder, FolderItem *item, GSList **list, gboolean *old_uids_valid)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	StoreAccount *store;
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GHashTable) leaving = NULL;
	g_autoptr(GError) error = NULL;
	gint count = 0;

	*old_uids_valid = TRUE;
	self->listed_to = 0;
	if (outlook_item_is_queue(item))
		return outlook_queue_list_numbers(item, list);

	store = outlook_item_get_store_anew(item, old_uids_valid);
	if (store == NULL)
		return list_remembered(item, list);
	outlook_item_flush_flags(item);
	numbers = store_account_list_numbers(store, self->key, &error);
	if (numbers == NULL) {
		if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
			report_error(item, error);
		return list_remembered(item, list);
	}
	self->changed = FALSE;
	outlook_old_mail_listed(item, numbers);
	leaving = outlook_handover_list(outlook_item_get_account(item), self->key);
	for (guint i = numbers->len; i > 0; i--) {
		guint32 number = g_array_index(numbers, guint32, i - 1);

		if (g_hash_table_contains(leaving, GUINT_TO_POINTER(number)))
			continue;
		*list = g_slist_prepend(*list, GUINT_TO_POINTER(number));
		count++;
	}
	return count;
}

static gboolean
scan_required(Folder *folder, FolderItem *item)
{
	outlook_accounts_note_check(folder, item);
	/* Until then our own rescans bring what arrives, at a pace that leaves the window alive. */
	return outlook_item_is_queue(item) ||
	       (OUTLOOK_ITEM(item)->changed && outlook_old_mail_is_known(OUTLOOK_ITEM(item)));
}

static GSList *
get_msginfos_from_queue(FolderItem *item, GSList *numbers)
{
	GSList *list = NULL;

	for (GSList *cur = numbers; cur != NULL; cur = cur->next) {
		MsgInfo *msginfo = outlook_queue_get_msginfo(item, GPOINTER_TO_INT(cur->data));

		if (msginfo != NULL)
			list = g_slist_prepend(list, msginfo);
	}
	return g_slist_reverse(list);
}

static GSList *
get_msginfos(Folder *folder, FolderItem *item, GSList *numbers)
{
	StoreAccount *store;
	g_autoptr(GArray) wanted = NULL;
	g_autoptr(GPtrArray) messages = NULL;
	g_autoptr(GError) error = NULL;
	GSList *list = NULL;

	if (outlook_item_is_queue(item))
		return get_msginfos_from_queue(item, numbers);
	outlook_old_mail_found(item, numbers);
	store = outlook_item_get_store(item);
	if (store == NULL)
		return NULL;

	wanted = g_array_new(FALSE, FALSE, sizeof(guint32));
	for (GSList *cur = numbers; cur != NULL; cur = cur->next) {
		guint32 number = GPOINTER_TO_UINT(cur->data);

		g_array_append_val(wanted, number);
	}
	messages = store_account_list_messages(store, OUTLOOK_ITEM(item)->key, wanted, &error);
	if (messages == NULL) {
		report_error(item, error);
		return NULL;
	}
	for (guint i = messages->len; i > 0; i--) {
		const StoreMessage *message = g_ptr_array_index(messages, i - 1);
		MsgInfo *msginfo = outlook_msginfo_new(message, item);

		msginfo->tags = outlook_tags_from_categories((const char *const *)message->categories);
		list = g_slist_prepend(list, msginfo);
	}
	return list;
}

static MsgInfo *
get_msginfo(Folder *folder, FolderItem *item, gint number)
{
	GSList numbers = {GINT_TO_POINTER(number), NULL};
	GSList *list = get_msginfos(folder, item, &numbers);
	MsgInfo *msginfo = list != NULL ? list->data : NULL;

	g_slist_free(list);
	return msginfo;
}

/* Before the host looks into the mail for the first time. */
static void
read_mail(FolderItem *item, gint number, const char *path)
{
	MsgInfo *msginfo = folder_item_get_msginfo(item, number);

	if (msginfo == NULL)
		return;
	if (!MSG_IS_SCANNED(msginfo->flags) && outlook_msginfo_read_file(msginfo, path))
		item->cache_dirty = TRUE;
	procmsg_msginfo_free(&msginfo);
}

/* Returns the file, or %NULL after it was said why. The item may be gone then. */
static gchar *
fetch_msg(Folder *folder, FolderItem *item, gint number)
{
	OutlookAccount *account = outlook_item_get_account(item);
	StoreAccount *store;
	char *path;

	if (outlook_item_is_queue(item))
		return outlook_queue_get_file(item, number);
	store = outlook_item_get_store(item);
	if (store == NULL) {
		if (account != NULL && outlook_account_get_store_error(account) != NULL)
			outlook_report_failure(folder->name, outlook_account_get_store_error(account));
		return NULL;
	}
	path = store_account_get_body(store, OUTLOOK_ITEM(item)->key, (guint32)number);
	if (path == NULL && !outlook_account_is_online(account)) {
		outlook_report_failure(folder->name, _("This message was not fetched before. Go online to read it."));
		return NULL;
	}
	if (path == NULL)
		path = outlook_wait_for_body(account, item, (guint32)number);
	if (path != NULL)
		read_mail(item, number, path);
	return path;
}

static gchar *
fetch_msg_full(Folder *folder, FolderItem *item, gint number, gboolean headers, gboolean body)
{
	/* A file with the headers alone would be taken for the message later. */
	return fetch_msg(folder, item, number);
}

static void
change_flags(Folder *folder, FolderItem *item, MsgInfo *msginfo, MsgPermFlags newflags)
{
	StoreFlags set;
	StoreFlags clear;

	/* The host marks each draft that it saves; the service's drafts are read, and it would be a request each time.
	 */
	if (item->stype == F_DRAFT)
		newflags &= ~(MSG_NEW | MSG_UNREAD) | msginfo->flags.perm_flags;
	outlook_msginfo_diff_flags(msginfo->flags.perm_flags, newflags, &set, &clear);
	msginfo->flags.perm_flags = newflags;
	if ((set | clear) != 0 && outlook_item_get_store(item) != NULL)
		outlook_item_add_flags(item, msginfo->msgnum, set, clear);
}

static void
set_batch(Folder *folder, FolderItem *item, gboolean batch)
{
	outlook_old_mail_decided(item);
	if (!batch)
		outlook_item_flush_flags(item);
}

static gboolean
is_same_list(GSList *a, GSList *b)
{
	while (a != NULL && b != NULL && a->data == b->data) {
		a = a->next;
		b = b->next;
	}
	return a == NULL && b == NULL;
}

/* What another client changed; the host asks for flags alone. */
static void
update_tags(FolderItem *item, GSList *messages)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) categories =
		store_account_list_categories(outlook_item_get_store(item), OUTLOOK_ITEM(item)->key, &error);

	if (categories == NULL) {
		report_error(item, error);
		return;
	}
	for (GSList *cur = messages; cur != NULL; cur = cur->next) {
		MsgInfo *msginfo = cur->data;
		const char *const *names = g_hash_table_lookup(categories, GUINT_TO_POINTER(msginfo->msgnum));
		g_autoptr(GSList) tags = NULL;

		if (names == NULL && msginfo->tags == NULL)
			continue;
		tags = outlook_tags_from_categories(names);
		if (is_same_list(tags, msginfo->tags))
			continue;
		g_slist_free(msginfo->tags);
		msginfo->tags = g_steal_pointer(&tags);
		item->tags_dirty = TRUE;
	}
}

/* An answer comes before what it answers, and the host asks for each mail once. */
static void
update_parents(FolderItem *item, GSList *messages)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) parents =
		store_account_list_parents(outlook_item_get_store(item), OUTLOOK_ITEM(item)->key, &error);

	if (parents == NULL) {
		report_error(item, error);
		return;
	}
	for (GSList *cur = messages; cur != NULL && g_hash_table_size(parents) > 0; cur = cur->next) {
		MsgInfo *msginfo = cur->data;
		const char *parent = g_hash_table_lookup(parents, GUINT_TO_POINTER(msginfo->msgnum));

		if (parent != NULL && outlook_msginfo_set_parent(msginfo, parent))
			item->cache_dirty = TRUE;
	}
}

static gint
get_flags(Folder *folder, FolderItem *item, MsgInfoList *list, GHashTable *relation)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(GArray) flags = NULL;
	g_autoptr(GHashTable) by_number = NULL;
	g_autoptr(GError) error = NULL;

	if (store == NULL)
		return 0;
	outlook_item_flush_flags(item);
	flags = store_account_list_flags(store, OUTLOOK_ITEM(item)->key, &error);
	if (flags == NULL) {
		report_error(item, error);
		return -1;
	}
	by_number = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < flags->len; i++) {
		StoreMessageFlags *row = &g_array_index(flags, StoreMessageFlags, i);

		g_hash_table_insert(by_number, GUINT_TO_POINTER(row->number), GUINT_TO_POINTER((guint)row->flags));
	}
	for (GSList *cur = list; cur != NULL; cur = cur->next) {
		MsgInfo *msginfo = cur->data;
		MsgPermFlags merged;
		gpointer value;

		if (!g_hash_table_lookup_extended(by_number, GUINT_TO_POINTER(msginfo->msgnum), NULL, &value))
			continue;
		merged = outlook_msginfo_merge_flags(msginfo->flags.perm_flags, GPOINTER_TO_UINT(value), FALSE);
		if (merged != msginfo->flags.perm_flags)
			g_hash_table_insert(relation, msginfo, GUINT_TO_POINTER(merged));
	}
	update_tags(item, list);
	update_parents(item, list);
	return 0;
}

static gboolean
is_msg_changed(Folder *folder, FolderItem *item, MsgInfo *msginfo)
{
	return FALSE;
}

static gboolean
find_scanning(GNode *node, gpointer found)
{
	FolderItem *item = node->data;

	return *(gboolean *)found = item->scanning != ITEM_NOT_SCANNING;
}

/* In the middle of a scan of the mailbox, or of whatever else the host does not want to be interrupted in. */
static gboolean
is_in_a_scan(Folder *folder)
{
	gboolean found = FALSE;

	g_node_traverse(folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, find_scanning, &found);
	return found || outlook_compat_is_busy();
}

/*
 * By the menu, and before going offline, the host goes on when all is here. After each scan it asks, too: there nobody
 * waits, and a wait would let folders be freed under the scan.
 */
static void
synchronise(FolderItem *item, gint days)
{
	OutlookAccount *account = outlook_item_get_account(item);

	if (outlook_item_is_queue(item) || outlook_item_get_store(item) == NULL ||
	    !outlook_account_is_online(account) || outlook_wait_is_stopped(account))
		return;
	outlook_account_download(account, OUTLOOK_ITEM(item)->key, days > 0 ? (guint)days : 0);
	if (!is_in_a_scan(item->folder))
		outlook_wait_for_downloads(account, item);
}

static void
remove_cached_msg(Folder *folder, FolderItem *item, MsgInfo *msginfo)
{
	StoreAccount *store = outlook_item_get_store(item);

	if (store != NULL)
		store_account_drop_body(store, OUTLOOK_ITEM(item)->key, msginfo->msgnum);
}

static void
commit_tags(FolderItem *item, MsgInfo *msginfo, GSList *set, GSList *unset)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_auto(GStrv) categories = NULL;
	g_autoptr(GError) error = NULL;

	if (store == NULL)
		return;
	categories = outlook_tags_to_categories(msginfo->tags);
	if (!store_account_set_categories(store, OUTLOOK_ITEM(item)->key, msginfo->msgnum,
					  (const char *const *)categories, &error)) {
		report_error(item, error);
		return;
	}
	outlook_account_push(outlook_item_get_account(item));
}

static gint
close_item(Folder *folder, FolderItem *item)
{
	outlook_item_flush_flags(item);
	return 0;
}

static void
item_opened(FolderItem *item)
{
	outlook_accounts_note_opened(item);
}

static void
item_closed(FolderItem *item)
{
	outlook_accounts_note_closed(item);
}

void
outlook_messages_set_members(FolderClass *klass)
{
	klass->get_num_list = get_num_list;
	klass->scan_required = scan_required;
	klass->get_msginfo = get_msginfo;
	klass->get_msginfos = get_msginfos;
	klass->fetch_msg = fetch_msg;
	klass->fetch_msg_full = fetch_msg_full;
	klass->change_flags = change_flags;
	klass->set_batch = set_batch;
	klass->get_flags = get_flags;
	klass->is_msg_changed = is_msg_changed;
	klass->search_msgs = outlook_search_msgs;
	klass->supports_server_search = TRUE;
	klass->synchronise = synchronise;
	klass->remove_cached_msg = remove_cached_msg;
	klass->commit_tags = commit_tags;
	klass->close = close_item;
	klass->item_opened = item_opened;
	klass->item_closed = item_closed;
	outlook_transfer_set_members(klass);
}
