/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-folder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "outlook-accounts.h"
#include "outlook-item.h"
#include "outlook-label.h"
#include "outlook-messages.h"
#include "outlook-report.h"
#include "outlook-rules.h"
#include "outlook-transfer.h"
#include "outlook-tree.h"
#include "outlook-wait.h"

#include <account.h>
#include <common/xml.h>
#include <folder_item_prefs.h>
#include <folderview.h>
#include <remotefolder.h>
#include <summaryview.h>

/* The host casts the folder of such an account to its own remote folder, so this is one, without a session. */
typedef struct {
	RemoteFolder remote;
	char *mailbox; /* address of a shared one; %NULL for the account's own */
} OutlookFolder;

#define MAILBOX_ATTRIBUTE "outlook_mailbox"

static FolderClass outlook_class;

static Folder *
folder_new_ours(const gchar *name, const gchar *path)
{
	OutlookFolder *self = g_new0(OutlookFolder, 1);
	Folder *folder = FOLDER(self);

	folder_remote_folder_init(folder, name, path);
	folder->klass = &outlook_class;
	return folder;
}

/* The host frees the folder itself; the account must not be left with it. */
static void
folder_destroy_ours(Folder *folder)
{
	if (folder->account != NULL && FOLDER(folder->account->folder) == folder)
		folder->account->folder = NULL;
	g_free(((OutlookFolder *)folder)->mailbox);
}

static const char *
find_attribute(const XMLTag *tag, const char *name)
{
	for (GList *cur = tag->attr; cur != NULL; cur = cur->next) {
		XMLAttr *attr = cur->data;

		if (attr != NULL && attr->name != NULL && strcmp(attr->name, name) == 0)
			return attr->value;
	}
	return NULL;
}

/* The host makes each mailbox that it reads the account's own. */
static void
set_xml(Folder *folder, XMLTag *tag)
{
	const char *mailbox = find_attribute(tag, MAILBOX_ATTRIBUTE);
	const char *id = find_attribute(tag, "account_id");
	PrefsAccount *account = id != NULL ? account_find_from_id(atoi(id)) : NULL;
	Folder *own = account != NULL ? account->folder : NULL;

	folder_set_xml(folder, tag);
	if (mailbox == NULL || *mailbox == '\0')
		return;
	g_free(((OutlookFolder *)folder)->mailbox);
	((OutlookFolder *)folder)->mailbox = g_strdup(mailbox);
	if (account != NULL)
		account->folder = own;
}

static XMLTag *
get_xml(Folder *folder)
{
	XMLTag *tag = folder_get_xml(folder);

	if (outlook_folder_get_mailbox(folder) != NULL)
		xml_tag_add_attr(tag, xml_attr_new(MAILBOX_ATTRIBUTE, outlook_folder_get_mailbox(folder)));
	return tag;
}

static gint
scan_tree(Folder *folder)
{
	outlook_tree_update(folder);
	return 0;
}

static gint
create_tree(Folder *folder)
{
	outlook_tree_add_basics(folder);
	return 0;
}

typedef struct {
	const char *label;
	FolderItem *found;
} FindByLabel;

static gboolean
has_this_label(GNode *node, gpointer data)
{
	FindByLabel *find = data;
	FolderItem *item = node->data;

	if (item == NULL || item->name != find->label)
		return FALSE;
	find->found = item;
	return TRUE;
}

/*
 * To copy a folder the host asks for one with the label of that, and hands over the very string: the copy gets the name
 * behind it. Of a label that is not made of the name, as those of roles are not, it gets the label.
 */
static char *
dup_name_meant(const char *given)
{
	FindByLabel find = {given, NULL};
	g_autofree char *name = NULL;
	g_autofree char *label = NULL;

	for (GList *cur = folder_get_list(); cur != NULL && find.found == NULL; cur = cur->next) {
		Folder *folder = cur->data;

		if (outlook_folder_is_ours(folder))
			g_node_traverse(folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, has_this_label, &find);
	}
	name = find.found != NULL ? outlook_folder_dup_name(find.found) : NULL;
	label = outlook_label_from_name(name);
	return g_strdup(name != NULL && strcmp(label, given) == 0 ? name : given);
}

static FolderItem *
create_folder(Folder *folder, FolderItem *parent, const gchar *name)
{
	OutlookAccount *account = outlook_accounts_find_by_folder(folder);
	StoreAccount *store = account != NULL ? outlook_account_get_store(account) : NULL;
	gboolean at_top = folder_item_parent(parent) == NULL;
	g_autofree char *trimmed = dup_name_meant(name);
	g_autofree char *label = NULL;
	g_autoptr(GError) error = NULL;
	FolderItem *item;
	gint64 key;

	g_strstrip(trimmed);
	label = outlook_label_from_name(trimmed);
	if (store == NULL || (!at_top && OUTLOOK_ITEM(parent)->key == 0) ||
	    folder_find_child_item_by_name(parent, label) != NULL) {
		outlook_report_failure(folder->name, _("The folder cannot be made here."));
		return NULL;
	}
	key = store_account_create_folder(store, at_top ? 0 : OUTLOOK_ITEM(parent)->key, trimmed, &error);
	if (key == 0) {
		outlook_report_error(folder->name, error);
		return NULL;
	}
	/* The tree may have been brought up to date by the store's signal already. */
	item = (FolderItem *)outlook_item_find(folder, key);
	if (item == NULL)
		item = outlook_tree_add_item(parent, key, NULL, label);
	outlook_account_push(account);
	return item;
}

static gboolean
rename_at_server(FolderItem *item, const char *name)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(GError) error = NULL;

	if (store == NULL || !outlook_folder_may_change(item))
		return FALSE;
	if (!store_account_rename_folder(store, OUTLOOK_ITEM(item)->key, name, &error)) {
		outlook_report_error(item->folder->name, error);
		return FALSE;
	}
	outlook_account_push(outlook_item_get_account(item));
	return TRUE;
}

static gint
rename_folder(Folder *folder, FolderItem *item, const gchar *name)
{
	g_autofree char *label = outlook_label_from_name(name);

	/* The label that the folder has stands for its name, whatever that is. */
	if (strcmp(name, item->name) == 0)
		return 0;
	if (!rename_at_server(item, name))
		return -1;
	outlook_item_set_label(item, label);
	return 0;
}

static gint
remove_folder(Folder *folder, FolderItem *item)
{
	StoreAccount *store = outlook_item_get_store(item);
	OutlookAccount *account = outlook_item_get_account(item);
	g_autoptr(GError) error = NULL;

	if (store == NULL || !outlook_folder_may_go(item))
		return -1;
	if (outlook_transfer_is_kept_back(item)) {
		outlook_report_failure(folder->name, _("The folder stays, because its messages could not be moved."));
		return -1;
	}
	if (!store_account_delete_folder(store, OUTLOOK_ITEM(item)->key, &error)) {
		outlook_report_error(folder->name, error);
		return -1;
	}
	outlook_tree_remove_item(item);
	outlook_account_push(account);
	return 0;
}

FolderClass *
outlook_folder_get_class(void)
{
	FolderClass *klass = &outlook_class;

	if (klass->idstr != NULL)
		return klass;
	klass->type = F_IMAP;
	klass->idstr = (char *)OUTLOOK_CLASS_ID;
	klass->uistr = (char *)"Outlook";
	klass->new_folder = folder_new_ours;
	klass->destroy_folder = folder_destroy_ours;
	klass->set_xml = set_xml;
	klass->get_xml = get_xml;
	klass->scan_tree = scan_tree;
	klass->create_tree = create_tree;
	klass->item_new = outlook_item_new;
	klass->item_destroy = outlook_item_destroy;
	klass->item_set_xml = outlook_item_set_xml;
	klass->item_get_xml = outlook_item_get_xml;
	klass->item_get_path = outlook_item_get_path;
	klass->create_folder = create_folder;
	klass->rename_folder = rename_folder;
	klass->remove_folder = remove_folder;
	outlook_messages_set_members(klass);
	return klass;
}

gboolean
outlook_folder_is_ours(Folder *folder)
{
	return folder != NULL && folder->klass == &outlook_class;
}

Folder *
outlook_folder_create(PrefsAccount *account)
{
	Folder *folder = folder_new(outlook_folder_get_class(), account->account_name, NULL);

	folder->account = account;
	account->folder = folder;
	outlook_tree_add_basics(folder);
	folder_add(folder);
	return folder;
}

Folder *
outlook_folder_create_shared(PrefsAccount *account, const char *mailbox)
{
	g_autofree char *other = g_strdup_printf("%s (%s)", mailbox, account->account_name);
	gboolean taken = folder_find_from_name(mailbox, outlook_folder_get_class()) != NULL;
	Folder *folder = folder_new(outlook_folder_get_class(), taken ? other : mailbox, NULL);

	((OutlookFolder *)folder)->mailbox = g_strdup(mailbox);
	folder->account = account;
	outlook_tree_add_basics(folder);
	folder_add(folder);
	return folder;
}

const char *
outlook_folder_get_mailbox(Folder *folder)
{
	return ((OutlookFolder *)folder)->mailbox;
}

gboolean
outlook_folder_may_change(FolderItem *item)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(StoreFolder) folder = NULL;

	if (item->stype != F_NORMAL || folder_item_parent(item) == NULL || store == NULL)
		return FALSE;
	folder = store_account_get_folder(store, OUTLOOK_ITEM(item)->key, NULL);
	return folder != NULL && folder->role == STORE_ROLE_NONE;
}

gboolean
outlook_folder_may_go(FolderItem *item)
{
	return outlook_folder_may_change(item) && !outlook_wait_holds_tree();
}

char *
outlook_folder_dup_name(FolderItem *item)
{
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(StoreFolder) folder =
		store != NULL ? store_account_get_folder(store, OUTLOOK_ITEM(item)->key, NULL) : NULL;

	return folder != NULL ? g_strdup(folder->name) : NULL;
}

/* Tags are filed under the identifier: in memory they outlive its change. */
static void
load_caches(FolderItem *item)
{
	if (item->cache == NULL && !item->no_select)
		procmsg_msg_list_free(folder_item_get_msg_list(item));
	for (GNode *node = item->node->children; node != NULL; node = node->next)
		load_caches(node->data);
}

gboolean
outlook_folder_rename(FolderItem *item, const char *name)
{
	g_autofree char *old_id = folder_item_get_identifier(item);
	g_autofree char *new_name = g_strdup(name);
	g_autofree char *label = outlook_label_from_name(name);

	/* The host sees nothing of a change that the label hides. */
	if (strcmp(label, item->name) == 0)
		return rename_at_server(item, name);
	load_caches(item);
	if (folder_item_rename(item, new_name) < 0)
		return FALSE;
	outlook_rules_follow(item, old_id);
	folder_write_list();
	return TRUE;
}

/* A move at the server: messages, numbers and bodies stay what they are. */
gboolean
outlook_folder_move(FolderItem *item, FolderItem *parent)
{
	StoreAccount *store = outlook_item_get_store(item);
	gboolean to_top = folder_item_parent(parent) == NULL;
	g_autofree char *old_id = folder_item_get_identifier(item);
	g_autoptr(GError) error = NULL;

	if (store == NULL || !outlook_folder_may_go(item) || parent->folder != item->folder || parent == item ||
	    folder_item_parent(item) == parent || folder_is_child_of(parent, item) ||
	    (!to_top && OUTLOOK_ITEM(parent)->key == 0))
		return FALSE;
	load_caches(item);
	if (!store_account_move_folder(store, OUTLOOK_ITEM(item)->key, to_top ? 0 : OUTLOOK_ITEM(parent)->key,
				       &error)) {
		outlook_report_error(item->folder->name, error);
		return FALSE;
	}
	outlook_tree_reparent_item(item, parent);
	outlook_rules_follow(item, old_id);
	folder_write_list();
	outlook_account_push(outlook_item_get_account(item));
	return TRUE;
}

gboolean
outlook_folder_delete(FolderItem *item)
{
	g_autofree char *old_id = folder_item_get_identifier(item);

	outlook_transfer_let_go(item);
	if (item->folder->klass->remove_folder(item->folder, item) < 0)
		return FALSE;
	folder_write_list();
	outlook_rules_forget(old_id);
	return TRUE;
}
