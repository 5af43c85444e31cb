/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-item.h"

#include <glib/gstdio.h>
#include <string.h>

#include "outlook-accounts.h"
#include "outlook-queue.h"
#include "outlook-report.h"

#include <common/defs.h>
#include <common/utils.h>
#include <common/xml.h>
#include <folder_item_prefs.h>
#include <folderview.h>
#include <summaryview.h>

#define ID_ATTRIBUTE "outlook_id"
#define KEY_ATTRIBUTE "outlook_key"
#define NUMBERING_ATTRIBUTE "outlook_numbering"
#define FIRST_NEW_ATTRIBUTE "outlook_first_new"
#define NAME_LENGTH 32

typedef struct {
	StoreFlags set;
	StoreFlags clear;
} OutlookFlagChange;

static GHashTable *alive;

FolderItem *
outlook_item_new(Folder *folder)
{
	OutlookItem *self = g_new0(OutlookItem, 1);

	if (alive == NULL)
		alive = g_hash_table_new(NULL, NULL);
	g_hash_table_add(alive, self);
	self->changed = TRUE;
	return &self->item;
}

#define SHELL_MILLISECONDS 200

static guint holders;
static GSList *shells;
static guint shells_source;
static Folder *nowhere; /* where shells are */

/* The host has freed what hangs on it. */
static void
make_shell(OutlookItem *self)
{
	FolderItem *item = &self->item;

	if (nowhere == NULL) {
		nowhere = g_new0(Folder, 1);
		nowhere->klass = item->folder->klass;
		nowhere->name = g_strdup("");
	}
	self->id = NULL;
	self->key = 0;
	item->folder = nowhere;
	item->node = g_node_new(item);
	item->name = g_strdup("");
	item->path = NULL;
	item->cache = NULL;
	item->prefs = folder_item_prefs_new();
	item->no_select = TRUE;
	shells = g_slist_prepend(shells, self);
}

static void
free_shell(gpointer data)
{
	FolderItem *item = data;
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin != NULL && mainwin->summaryview->folder_item == item) {
		summary_clear_all(mainwin->summaryview);
		folderview_close_opened(mainwin->folderview, TRUE);
		mainwin->summaryview->folder_item = NULL;
	}
	g_node_destroy(item->node);
	folder_item_prefs_free(item->prefs);
	g_free(item->name);
	g_free(item);
}

/* A locked main window keeps the rows of folders that are gone until later; they are put out of its tree first. */
static gboolean
free_shells(gpointer data)
{
	if (holders > 0 || outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	shells_source = 0;
	folderview_set_all();
	g_slist_free_full(g_steal_pointer(&shells), free_shell);
	return G_SOURCE_REMOVE;
}

static void
free_shells_later(void)
{
	if (shells != NULL && shells_source == 0)
		shells_source = g_timeout_add(SHELL_MILLISECONDS, free_shells, NULL);
}

/* Whether somebody up the stack, or a row of the host's tree, may still know an item that is destroyed now. */
static gboolean
is_known_still(void)
{
	return holders > 0 || (outlook_compat_get_main_window() != NULL && outlook_compat_is_busy());
}

void
outlook_item_hold_shells(void)
{
	holders++;
}

void
outlook_item_release_shells(void)
{
	holders--;
	free_shells_later();
}

void
outlook_item_destroy(Folder *folder, FolderItem *item)
{
	OutlookItem *self = OUTLOOK_ITEM(item);

	g_hash_table_remove(alive, self);
	g_clear_handle_id(&self->flags_source, g_source_remove);
	g_clear_pointer(&self->flags, g_hash_table_unref);
	g_free(self->id);
	if (!is_known_still()) {
		g_free(self);
		return;
	}
	make_shell(self);
	free_shells_later();
}

gboolean
outlook_item_is_alive(gpointer item)
{
	return alive != NULL && g_hash_table_contains(alive, item);
}

void
outlook_item_set_xml(Folder *folder, FolderItem *item, XMLTag *tag)
{
	OutlookItem *self = OUTLOOK_ITEM(item);

	folder_item_set_xml(folder, item, tag);
	for (GList *cur = tag->attr; cur != NULL; cur = cur->next) {
		XMLAttr *attr = cur->data;

		if (attr == NULL || attr->name == NULL || attr->value == NULL)
			continue;
		if (strcmp(attr->name, ID_ATTRIBUTE) == 0) {
			g_free(self->id);
			self->id = *attr->value != '\0' ? g_strdup(attr->value) : NULL;
		} else if (strcmp(attr->name, KEY_ATTRIBUTE) == 0) {
			self->key = g_ascii_strtoll(attr->value, NULL, 10);
		} else if (strcmp(attr->name, NUMBERING_ATTRIBUTE) == 0) {
			self->numbering = g_ascii_strtoll(attr->value, NULL, 10);
		} else if (strcmp(attr->name, FIRST_NEW_ATTRIBUTE) == 0) {
			self->first_new = (guint32)g_ascii_strtoull(attr->value, NULL, 10);
		}
	}
}

XMLTag *
outlook_item_get_xml(Folder *folder, FolderItem *item)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	XMLTag *tag = folder_item_get_xml(folder, item);

	if (self->id != NULL)
		xml_tag_add_attr(tag, xml_attr_new(ID_ATTRIBUTE, self->id));
	if (self->key != 0) {
		g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, self->key);

		xml_tag_add_attr(tag, xml_attr_new(KEY_ATTRIBUTE, key));
	}
	if (self->numbering != 0) {
		g_autofree char *numbering = g_strdup_printf("%" G_GINT64_FORMAT, self->numbering);

		xml_tag_add_attr(tag, xml_attr_new(NUMBERING_ATTRIBUTE, numbering));
	}
	if (self->first_new != 0) {
		g_autofree char *first_new = g_strdup_printf("%u", self->first_new);

		xml_tag_add_attr(tag, xml_attr_new(FIRST_NEW_ATTRIBUTE, first_new));
	}
	return tag;
}

gboolean
outlook_item_is_queue(FolderItem *item)
{
	return item->stype == F_QUEUE;
}

/*
 * Where the host keeps its own files of a folder. By the server's id, not by the name, so that a renamed folder keeps
 * them, and not below the directory of another.
 */
char *
outlook_item_get_path(Folder *folder, FolderItem *item)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	const char *account = outlook_accounts_get_cache_name(folder);
	g_autofree char *name = NULL;

	if (account == NULL)
		account = "unknown";
	if (item->path == NULL)
		return g_build_filename(get_rc_dir(), "outlook-cache", account, NULL);
	if (outlook_item_is_queue(item)) {
		name = g_strdup(OUTLOOK_QUEUE_DIRECTORY);
	} else if (self->id != NULL) {
		name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, self->id, -1);
		name[NAME_LENGTH] = '\0';
	} else if (self->key != 0) {
		name = g_strdup_printf("local-%" G_GINT64_FORMAT, self->key);
	} else {
		name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, item->path, -1);
		name[NAME_LENGTH] = '\0';
	}
	return g_build_filename(get_rc_dir(), "outlook-cache", account, name, NULL);
}

typedef struct {
	gint64 key;
	OutlookItem *found;
} FindByKey;

static gboolean
find_by_key(GNode *node, gpointer data)
{
	FindByKey *find = data;
	OutlookItem *self = node->data;

	if (self == NULL || self->key != find->key || self->item.path == NULL)
		return FALSE;
	find->found = self;
	return TRUE;
}

OutlookItem *
outlook_item_find(Folder *folder, gint64 key)
{
	FindByKey find = {key, NULL};

	if (key != 0 && folder->node != NULL)
		g_node_traverse(folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, find_by_key, &find);
	return find.found;
}

OutlookAccount *
outlook_item_get_account(FolderItem *item)
{
	return item->folder != NULL ? outlook_accounts_find_by_folder(item->folder) : NULL;
}

static StoreAccount *
find_store(FolderItem *item)
{
	OutlookAccount *account;

	if (OUTLOOK_ITEM(item)->key == 0)
		return NULL;
	account = outlook_item_get_account(item);
	return account != NULL ? outlook_account_get_store(account) : NULL;
}

void
outlook_item_set_key(OutlookItem *self, gint64 key)
{
	gboolean first = self->key == 0;
	StoreAccount *store;

	self->key = key;
	store = first ? find_store(&self->item) : NULL;
	if (store != NULL)
		self->numbering = store_account_get_numbering(store);
}

StoreAccount *
outlook_item_get_store(FolderItem *item)
{
	StoreAccount *store = find_store(item);

	return store != NULL && OUTLOOK_ITEM(item)->numbering == store_account_get_numbering(store) ? store : NULL;
}

gboolean
outlook_item_is_outdated(FolderItem *item)
{
	StoreAccount *store = find_store(item);

	return store != NULL && OUTLOOK_ITEM(item)->numbering != store_account_get_numbering(store);
}

/* Before the new numbering is written down: a client that is killed in between has nothing old left. */
static void
remove_files(FolderItem *item)
{
	static const char *const names[] = {CACHE_FILE, MARK_FILE, TAGS_FILE};
	g_autofree char *directory = folder_item_get_path(item);

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);

		g_unlink(path);
	}
}

StoreAccount *
outlook_item_get_store_anew(FolderItem *item, gboolean *numbers_valid)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	StoreAccount *store = find_store(item);

	*numbers_valid = !outlook_item_is_outdated(item);
	if (*numbers_valid)
		return store;
	remove_files(item);
	g_clear_pointer(&self->flags, g_hash_table_unref);
	self->numbering = store_account_get_numbering(store);
	self->first_new = 0;
	return store;
}

static gboolean
flush_flags_idle(gpointer data)
{
	OutlookItem *self = data;

	self->flags_source = 0;
	outlook_item_flush_flags(&self->item);
	return G_SOURCE_REMOVE;
}

void
outlook_item_add_flags(FolderItem *item, guint32 number, StoreFlags set, StoreFlags clear)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	OutlookFlagChange *change;

	if (self->flags == NULL)
		self->flags = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	change = g_hash_table_lookup(self->flags, GUINT_TO_POINTER(number));
	if (change == NULL) {
		change = g_new0(OutlookFlagChange, 1);
		g_hash_table_insert(self->flags, GUINT_TO_POINTER(number), change);
	}
	change->set = (change->set & ~clear) | set;
	change->clear = (change->clear & ~set) | clear;
	if (self->flags_source == 0)
		self->flags_source = g_idle_add_full(G_PRIORITY_HIGH_IDLE, flush_flags_idle, self, NULL);
}

/* One call of the store for all messages with the same change. */
void
outlook_item_flush_flags(FolderItem *item)
{
	OutlookItem *self = OUTLOOK_ITEM(item);
	StoreAccount *store = outlook_item_get_store(item);
	g_autoptr(GHashTable) flags = g_steal_pointer(&self->flags);
	g_autoptr(GHashTable) groups = NULL;
	GHashTableIter iter;
	gpointer number;
	gpointer value;
	gboolean push = FALSE;

	g_clear_handle_id(&self->flags_source, g_source_remove);
	if (flags == NULL || store == NULL)
		return;

	groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
	g_hash_table_iter_init(&iter, flags);
	while (g_hash_table_iter_next(&iter, &number, &value)) {
		OutlookFlagChange *change = value;
		gint64 both = (gint64)change->set << 32 | (gint64)change->clear;
		GArray *numbers = g_hash_table_lookup(groups, &both);
		guint32 n = GPOINTER_TO_UINT(number);

		if (numbers == NULL) {
			numbers = g_array_new(FALSE, FALSE, sizeof(guint32));
			g_hash_table_insert(groups, g_memdup2(&both, sizeof both), numbers);
		}
		g_array_append_val(numbers, n);
	}

	g_hash_table_iter_init(&iter, groups);
	while (g_hash_table_iter_next(&iter, &number, &value)) {
		gint64 both = *(gint64 *)number;
		StoreFlags set = (StoreFlags)(both >> 32);
		StoreFlags clear = (StoreFlags)(both & G_MAXUINT32);
		g_autoptr(GError) error = NULL;

		if (!store_account_change_flags(store, self->key, value, set, clear, &error))
			outlook_report_error(item->folder->name, error);
		if (((set | clear) & ~STORE_FLAG_NEW) != 0)
			push = TRUE;
	}
	if (push)
		outlook_account_push(outlook_item_get_account(item));
}

static void
set_paths_below(FolderItem *item)
{
	for (GNode *node = item->node->children; node != NULL; node = node->next) {
		FolderItem *child = node->data;

		g_free(child->path);
		child->path = g_strconcat(item->path, "/", child->name, NULL);
		set_paths_below(child);
	}
}

void
outlook_item_set_label(FolderItem *item, const char *label)
{
	FolderItem *parent = folder_item_parent(item);
	g_autofree char *name = g_strdup(label);

	g_free(item->name);
	item->name = g_steal_pointer(&name);
	g_free(item->path);
	if (parent != NULL && parent->path != NULL)
		item->path = g_strconcat(parent->path, "/", item->name, NULL);
	else
		item->path = g_strdup(item->name);
	set_paths_below(item);
}
