/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-tree.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "outlook-accounts.h"
#include "outlook-folder.h"
#include "outlook-item.h"
#include "outlook-label.h"
#include "outlook-old-mail.h"
#include "outlook-report.h"
#include "outlook-rescan.h"
#include "outlook-rules.h"
#include "outlook-wait.h"

#include <common/hooks.h>
#include <common/utils.h>
#include <folder_item_prefs.h>
#include <folderview.h>
#include <summaryview.h>

#define QUEUE_LABEL "Queue"
#define RETRY_MILLISECONDS 300

static GHashTable *wanted; /* set of Folder, compared only */
static guint wanted_source;

static SpecialFolderItemType
stype_of_role(StoreRole role)
{
	switch (role) {
	case STORE_ROLE_INBOX:
		return F_INBOX;
	case STORE_ROLE_DRAFTS:
		return F_DRAFT;
	case STORE_ROLE_SENT:
		return F_OUTBOX;
	case STORE_ROLE_TRASH:
		return F_TRASH;
	case STORE_ROLE_NONE:
	case STORE_ROLE_JUNK:
	case STORE_ROLE_ARCHIVE:
	default:
		return F_NORMAL;
	}
}

static FolderItem **
special_slot(Folder *folder, SpecialFolderItemType stype)
{
	switch (stype) {
	case F_INBOX:
		return &folder->inbox;
	case F_OUTBOX:
		return &folder->outbox;
	case F_DRAFT:
		return &folder->draft;
	case F_QUEUE:
		return &folder->queue;
	case F_TRASH:
		return &folder->trash;
	case F_NORMAL:
	default:
		return NULL;
	}
}

static gboolean
forget_parent_stype(GNode *node, gpointer data)
{
	((FolderItem *)node->data)->parent_stype = -1;
	return FALSE;
}

/* As the host's folder_item_change_type(), which redraws the whole tree each time. */
static gboolean
set_stype(FolderItem *item, SpecialFolderItemType stype)
{
	FolderItem **slot = special_slot(item->folder, item->stype);

	if (item->stype == stype && (slot == NULL || *slot == item))
		return FALSE;
	if (slot != NULL && *slot == item)
		*slot = NULL;
	slot = special_slot(item->folder, stype);
	if (slot != NULL) {
		if (*slot != NULL && *slot != item)
			(*slot)->stype = F_NORMAL;
		*slot = item;
	}
	item->stype = stype;
	g_node_traverse(item->folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, forget_parent_stype, NULL);
	return TRUE;
}

static void
announce(Folder *folder, FolderItem *item, FolderItem *item2, FolderUpdateFlags flags)
{
	FolderUpdateData data = {folder, flags, item, item2};

	hooks_invoke(FOLDER_UPDATE_HOOKLIST, &data);
}

FolderItem *
outlook_tree_add_item(FolderItem *parent, gint64 key, const char *id, const char *label)
{
	g_autofree char *path = parent->path != NULL ? g_strconcat(parent->path, "/", label, NULL) : g_strdup(label);
	FolderItem *item = folder_item_new(parent->folder, label, path);

	OUTLOOK_ITEM(item)->id = g_strdup(id);
	folder_item_append(parent, item);
	outlook_item_set_key(OUTLOOK_ITEM(item), key);
	folder_item_prefs_read_config(item);
	return item;
}

void
outlook_tree_add_basics(Folder *folder)
{
	static const StoreRole roles[] = {STORE_ROLE_INBOX, STORE_ROLE_DRAFTS, STORE_ROLE_SENT, STORE_ROLE_TRASH};
	FolderItem *root = folder->node->data;

	for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
		SpecialFolderItemType stype = stype_of_role(roles[i]);
		FolderItem **slot = special_slot(folder, stype);

		if (*slot == NULL)
			set_stype(outlook_tree_add_item(root, 0, NULL, outlook_label_for_role(roles[i])), stype);
	}
	if (folder->queue == NULL)
		set_stype(outlook_tree_add_item(root, 0, NULL, QUEUE_LABEL), F_QUEUE);
}

void
outlook_tree_reparent_item(FolderItem *item, FolderItem *parent)
{
	g_autofree char *label = g_strdup(item->name);

	g_node_unlink(item->node);
	g_node_append(parent->node, item->node);
	outlook_item_set_label(item, label);
	g_node_traverse(item->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, forget_parent_stype, NULL);
	announce(item->folder, NULL, NULL, FOLDER_TREE_CHANGED);
}

static void
remove_directory(FolderItem *item)
{
	g_autofree char *path = folder_item_get_path(item);

	for (GNode *node = item->node->children; node != NULL; node = node->next)
		remove_directory(node->data);
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		remove_dir_recursive(path);
}

/* The list on screen must not be left with a folder that is gone. */
static void
leave(FolderItem *item)
{
	MainWindow *mainwin = outlook_compat_get_main_window();
	FolderItem *shown = mainwin != NULL ? mainwin->summaryview->folder_item : NULL;

	if (shown == NULL || (shown != item && !folder_is_child_of(shown, item)))
		return;
	summary_clear_all(mainwin->summaryview);
	folderview_close_opened(mainwin->folderview, TRUE);
}

void
outlook_tree_remove_item(FolderItem *item)
{
	leave(item);
	remove_directory(item);
	folder_item_remove(item);
}

void
outlook_tree_leave(Folder *folder)
{
	leave(folder->node->data);
}

void
outlook_tree_clear(Folder *folder)
{
	FolderItem *root = folder->node->data;
	gboolean collapsed = root->collapsed;

	while (folder->node->children != NULL)
		outlook_tree_remove_item(folder->node->children->data);
	/* The host's tree folds up a row that has nothing below it. */
	root->collapsed = collapsed;
	outlook_tree_add_basics(folder);
	announce(folder, NULL, NULL, FOLDER_TREE_CHANGED);
}

static gboolean
collect_item(GNode *node, gpointer data)
{
	g_ptr_array_add(data, node->data);
	return FALSE;
}

/* By the server's id, which lives longest; by our key for a folder that the server does not have yet. */
static OutlookItem *
match_item(GPtrArray *items, const StoreFolder *folder)
{
	for (guint i = 0; i < items->len; i++) {
		OutlookItem *item = g_ptr_array_index(items, i);

		if (folder->id != NULL && g_strcmp0(item->id, folder->id) == 0)
			return item;
	}
	for (guint i = 0; i < items->len; i++) {
		OutlookItem *item = g_ptr_array_index(items, i);

		if (item->id == NULL && item->key != 0 && item->key == folder->key)
			return item;
	}
	return NULL;
}

/* The Inbox of a new account is there before the server's is known. */
static OutlookItem *
match_special(Folder *host, const StoreFolder *folder)
{
	FolderItem **slot = special_slot(host, stype_of_role(folder->role));

	if (slot == NULL || *slot == NULL || OUTLOOK_ITEM(*slot)->id != NULL || OUTLOOK_ITEM(*slot)->key != 0)
		return NULL;
	return OUTLOOK_ITEM(*slot);
}

/* The host's files follow the folder when its id becomes known. */
static void
set_ids(OutlookItem *item, const StoreFolder *folder)
{
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;

	if (item->key == folder->key && g_strcmp0(item->id, folder->id) == 0)
		return;
	before = folder_item_get_path(&item->item);
	outlook_item_set_key(item, folder->key);
	outlook_rescan_later(item);
	if (folder->id != NULL) {
		g_free(item->id);
		item->id = g_strdup(folder->id);
	}
	after = folder_item_get_path(&item->item);
	if (strcmp(before, after) != 0 && g_file_test(before, G_FILE_TEST_IS_DIR))
		g_rename(before, after);
}

typedef struct {
	Folder *folder;
	GPtrArray *items;   /* of OutlookItem: what the host has */
	GHashTable *by_key; /* gint64 → OutlookItem: what the store has */
	GHashTable *labels; /* FolderItem of a parent → set of labels below it */
	gboolean changed;
} Update;

static GHashTable *
labels_below(Update *update, FolderItem *parent)
{
	GHashTable *labels = g_hash_table_lookup(update->labels, parent);

	if (labels == NULL) {
		labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		g_hash_table_insert(update->labels, parent, labels);
	}
	return labels;
}

/* Rules and accounts follow a folder that another client renamed or moved. */
static void
relabel(Update *update, FolderItem *item, FolderItem *parent, const char *label)
{
	g_autofree char *old_id = NULL;

	if (strcmp(item->name, label) == 0 && folder_item_parent(item) == parent)
		return;
	old_id = folder_item_get_identifier(item);
	if (folder_item_parent(item) != parent) {
		g_node_unlink(item->node);
		g_node_append(parent->node, item->node);
		g_node_traverse(item->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, forget_parent_stype, NULL);
	}
	outlook_item_set_label(item, label);
	outlook_rules_follow(item, old_id);
	update->changed = TRUE;
}

/* What is written from a folder of a shared mailbox comes from that, until a person says otherwise. */
static void
set_sender(FolderItem *item)
{
	const char *mailbox = outlook_folder_get_mailbox(item->folder);
	FolderItemPrefs *prefs = item->prefs;

	if (mailbox == NULL || prefs == NULL || prefs->enable_default_from ||
	    (prefs->default_from != NULL && *prefs->default_from != '\0'))
		return;
	g_free(prefs->default_from);
	prefs->default_from = g_strdup(mailbox);
	prefs->enable_default_from = TRUE;
	folder_item_prefs_save_config(item);
}

/* The name of a tree is what the host shows, not what rules and accounts know it by. */
static gboolean
name_tree(Folder *folder, OutlookAccount *account)
{
	FolderItem *root = folder->node->data;
	g_autofree char *label = outlook_account_is_read_only(account)
					 ? g_strdup_printf(_("%s (read only)"), folder->name)
					 : g_strdup(folder->name);

	if (g_strcmp0(root->name, label) == 0)
		return FALSE;
	g_free(root->name);
	root->name = g_steal_pointer(&label);
	return TRUE;
}

static void
update_one(Update *update, const StoreFolder *folder)
{
	FolderItem *root = update->folder->node->data;
	const char *role_label = outlook_label_for_role(folder->role);
	OutlookItem *above = g_hash_table_lookup(update->by_key, &folder->parent);
	FolderItem *parent = role_label != NULL || above == NULL ? root : &above->item;
	OutlookItem *item = match_item(update->items, folder);
	g_autofree char *wanted_label =
		role_label != NULL ? g_strdup(role_label) : outlook_label_from_name(folder->name);
	g_autofree char *label = NULL;

	if (item == NULL)
		item = match_special(update->folder, folder);
	label = outlook_label_make_unique(wanted_label, item != NULL ? item->item.name : NULL,
					  labels_below(update, parent));
	if (item == NULL) {
		item = OUTLOOK_ITEM(outlook_tree_add_item(parent, folder->key, folder->id, label));
		outlook_rescan_later(item);
		update->changed = TRUE;
	} else {
		set_ids(item, folder);
		relabel(update, &item->item, parent, label);
	}
	item->filled = folder->filled;
	set_sender(&item->item);
	/* Also where the end of the first synchronisation brought nothing more to read: the next mail is a new one. */
	if ((item->filled && !outlook_old_mail_is_known(item)) || outlook_item_is_outdated(&item->item))
		outlook_rescan_later(item);
	if (set_stype(&item->item, stype_of_role(folder->role)))
		update->changed = TRUE;
	g_hash_table_insert(update->by_key, g_memdup2(&folder->key, sizeof folder->key), item);
}

/* What the server does not have any more, deepest first. */
static void
remove_vanished(Update *update)
{
	for (guint i = update->items->len; i > 0; i--) {
		OutlookItem *item = g_ptr_array_index(update->items, i - 1);
		g_autofree char *old_id = NULL;

		if (item->item.path == NULL || outlook_item_is_queue(&item->item) ||
		    g_hash_table_lookup(update->by_key, &item->key) == item)
			continue;
		if (item->item.stype != F_NORMAL && item->key == 0)
			continue;
		old_id = folder_item_get_identifier(&item->item);
		outlook_tree_remove_item(&item->item);
		outlook_rules_forget(old_id);
		update->changed = TRUE;
	}
}

static gboolean
has_role(GPtrArray *folders, StoreRole role)
{
	for (guint i = 0; i < folders->len; i++) {
		if (((StoreFolder *)g_ptr_array_index(folders, i))->role == role)
			return TRUE;
	}
	return FALSE;
}

gboolean
outlook_tree_update(Folder *folder)
{
	OutlookAccount *account = outlook_accounts_find_by_folder(folder);
	StoreAccount *store = account != NULL ? outlook_account_get_store(account) : NULL;
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GError) error = NULL;
	Update update = {.folder = folder};

	if (outlook_wait_holds_tree()) {
		outlook_tree_update_later(folder);
		return FALSE;
	}
	outlook_tree_add_basics(folder);
	if (store == NULL)
		return FALSE;
	folders = store_account_list_folders(store, &error);
	if (folders == NULL) {
		outlook_report_error(folder->name, error);
		return FALSE;
	}
	if (folders->len == 0)
		return FALSE;

	update.items = g_ptr_array_new();
	update.by_key = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	update.labels = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_unref);
	g_node_traverse(folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, collect_item, update.items);
	g_hash_table_add(labels_below(&update, folder->node->data), g_strdup(folder->queue->name));

	/* Folders with a role first: their labels are not to be had. */
	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *one = g_ptr_array_index(folders, i);

		if (one->role != STORE_ROLE_NONE)
			update_one(&update, one);
	}
	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *one = g_ptr_array_index(folders, i);

		if (one->role == STORE_ROLE_NONE)
			update_one(&update, one);
	}
	if (outlook_folder_get_mailbox(folder) != NULL && name_tree(folder, account))
		update.changed = TRUE;
	/* Without an Inbox the list is not one to remove folders by. */
	if (has_role(folders, STORE_ROLE_INBOX))
		remove_vanished(&update);

	g_ptr_array_unref(update.items);
	g_hash_table_unref(update.by_key);
	g_hash_table_unref(update.labels);
	if (update.changed && !claws_is_starting()) {
		announce(folder, NULL, NULL, FOLDER_TREE_CHANGED);
		folder_write_list();
	}
	return update.changed;
}

static gboolean
update_wanted(gpointer data)
{
	GList *folders;

	if (outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	wanted_source = 0;
	folders = g_list_copy(folder_get_list());
	for (GList *cur = folders; cur != NULL; cur = cur->next) {
		if (g_hash_table_remove(wanted, cur->data))
			outlook_tree_update(cur->data);
	}
	g_list_free(folders);
	g_hash_table_remove_all(wanted);
	return G_SOURCE_REMOVE;
}

void
outlook_tree_update_later(Folder *folder)
{
	if (wanted == NULL)
		wanted = g_hash_table_new(NULL, NULL);
	g_hash_table_add(wanted, folder);
	if (wanted_source == 0)
		wanted_source = g_timeout_add(RETRY_MILLISECONDS, update_wanted, NULL);
}

void
outlook_tree_forget(void)
{
	g_clear_handle_id(&wanted_source, g_source_remove);
	g_clear_pointer(&wanted, g_hash_table_unref);
}
