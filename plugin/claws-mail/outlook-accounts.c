/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-accounts.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "outlook-compat.h"
#include "outlook-entry.h"
#include "outlook-folder.h"
#include "outlook-item.h"
#include "outlook-old-mail.h"
#include "outlook-page.h"
#include "outlook-proxy.h"
#include "outlook-queue.h"
#include "outlook-report.h"
#include "outlook-rescan.h"
#include "outlook-shared.h"
#include "outlook-tree.h"
#include "outlook-welcome.h"

#include <account.h>
#include <common/ssl.h>
#include <common/utils.h>
#include <folderview.h>
#include <inc.h>
#include <summaryview.h>

#define PREFS_KEY "outlook"
#define START_MILLISECONDS 100
#define FORGET_SECONDS 5

static GHashTable *entries;   /* account id → OutlookEntry */
static GHashTable *broken;    /* set of account ids whose settings cannot be read; said once */
static OauthKeyring *keyring; /* one for all, also for what it keeps in memory */
static guint start_source;
static guint orphans_source; /* shared mailboxes whose account was deleted */
static gulong list_hook;
static gulong offline_hook;
static gulong folder_hook;
static gulong item_hook;

static OutlookSettings *
read_settings(PrefsAccount *prefs, GError **error)
{
	return outlook_settings_parse(prefs_account_get_privacy_prefs(prefs, (gchar *)PREFS_KEY), error);
}

OauthKeyring *
outlook_accounts_get_keyring(void)
{
	if (keyring == NULL)
		keyring = oauth_keyring_new();
	return keyring;
}

gboolean
outlook_accounts_is_ours(PrefsAccount *prefs)
{
	return prefs != NULL && prefs_account_get_privacy_prefs(prefs, (gchar *)PREFS_KEY) != NULL;
}

/* An id is free again when its account was deleted, and the host tells of that later. */
static gboolean
is_entry_of(OutlookEntry *entry, PrefsAccount *prefs)
{
	const char *text = prefs != NULL ? prefs_account_get_privacy_prefs(prefs, (gchar *)PREFS_KEY) : NULL;

	return text != NULL && strstr(text, entry->cache_name) != NULL;
}

/* Made when it is first asked for: the host reads its accounts after it has loaded us. */
static OutlookEntry *
find_entry(PrefsAccount *prefs)
{
	g_autoptr(OutlookSettings) settings = NULL;
	g_autoptr(GError) error = NULL;
	OutlookEntry *entry;

	if (entries == NULL || prefs == NULL)
		return NULL;
	entry = g_hash_table_lookup(entries, GINT_TO_POINTER(prefs->account_id));
	if (entry != NULL && is_entry_of(entry, prefs))
		return entry;
	if (entry != NULL)
		outlook_accounts_removed(prefs->account_id);
	if (!outlook_accounts_is_ours(prefs) || claws_is_exiting())
		return NULL;
	settings = read_settings(prefs, &error);
	if (settings == NULL) {
		if (g_hash_table_add(broken, GINT_TO_POINTER(prefs->account_id)))
			outlook_report_error(prefs->account_name, error);
		return NULL;
	}
	entry = outlook_entry_new(prefs, settings);
	g_hash_table_insert(entries, GINT_TO_POINTER(prefs->account_id), entry);
	return entry;
}

static OutlookEntry *
find_entry_of(Folder *folder)
{
	OutlookEntry *entry = folder->account != NULL ? find_entry(folder->account) : NULL;

	return entry != NULL ? outlook_entry_find(entry, folder) : NULL;
}

OutlookAccount *
outlook_accounts_find(PrefsAccount *prefs)
{
	OutlookEntry *entry = find_entry(prefs);

	return entry != NULL ? entry->account : NULL;
}

OutlookAccount *
outlook_accounts_find_by_folder(Folder *folder)
{
	OutlookEntry *entry = find_entry_of(folder);

	return entry != NULL ? entry->account : NULL;
}

OutlookAccount *
outlook_accounts_find_by_id(int account_id)
{
	return outlook_accounts_find(account_find_from_id(account_id));
}

const char *
outlook_accounts_get_cache_name(Folder *folder)
{
	OutlookEntry *entry = find_entry_of(folder);

	return entry != NULL ? entry->cache_name : NULL;
}

/*
 * A mailbox of ours for an account that has none: one that a profile was written for, or one that the host took for
 * IMAP while we were not loaded.
 */
static void
attach_folder(PrefsAccount *prefs)
{
	Folder *folder = FOLDER(prefs->folder);

	if (outlook_folder_is_ours(folder))
		return;
	if (folder != NULL) {
		folder_destroy(folder);
		prefs->folder = NULL;
	}
	outlook_folder_create(prefs);
	folder_write_list();
	if (outlook_compat_get_main_window() != NULL)
		folderview_set_all();
}

static gboolean
start(gpointer data)
{
	if (claws_is_starting())
		return G_SOURCE_CONTINUE;
	start_source = 0;
	for (GList *cur = account_get_list(); cur != NULL; cur = cur->next) {
		PrefsAccount *prefs = cur->data;

		if (!outlook_accounts_is_ours(prefs) || find_entry(prefs) == NULL)
			continue;
		attach_folder(prefs);
		outlook_entry_fill_if_blank(&prefs->address, OUTLOOK_NO_ADDRESS);
		outlook_tree_update_later(FOLDER(prefs->folder));
		outlook_shared_update(prefs);
	}
	return G_SOURCE_REMOVE;
}

/*
 * The host's list has no call to add to it. A list that is not empty keeps its head when it grows; an empty one is read
 * again from the file that the host reads at its start. Returns the account as the host has it.
 */
static PrefsAccount *
add_to_list(PrefsAccount *prefs)
{
	GList *list = account_get_list();
	GList only = {prefs, NULL, NULL};

	if (list != NULL) {
		list = g_list_append(list, prefs);
		return prefs;
	}
	prefs_account_write_config_all(&only);
	prefs_account_free(prefs);
	account_read_config_all();
	list = account_get_list();
	return list != NULL ? list->data : NULL;
}

/* What the host wants to know of an account, and has no meaning for ours. */
static void
make_ours(PrefsAccount *prefs, const OutlookSettings *settings)
{
	prefs->protocol = A_IMAP4;
	g_free(prefs->recv_server);
	prefs->recv_server = g_strdup(OUTLOOK_NO_SERVER);
	g_free(prefs->smtp_server);
	prefs->smtp_server = g_strdup(OUTLOOK_NO_SERVER);
	g_free(prefs->userid);
	prefs->userid = g_strdup(settings->config->account);
	prefs->ssl_imap = SSL_TUNNEL;
	prefs->ssl_smtp = SSL_TUNNEL;
	prefs->recv_at_getall = TRUE;
	prefs->imap_subsonly = FALSE;
}

/* Saves what was added, and shows it. */
static void
show_new(PrefsAccount *prefs)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (cur_account == NULL)
		cur_account = prefs;
	outlook_tree_update(FOLDER(prefs->folder));
	account_write_config_all();
	folder_write_list();
	if (mainwin != NULL) {
		main_window_set_account_menu(account_get_list());
		main_window_reflect_prefs_all();
		folderview_set_all();
	}
	inc_account_autocheck_timer_set_interval(prefs);
	outlook_account_check(outlook_accounts_find(prefs), 0, FALSE);
}

void
outlook_accounts_take_over(PrefsAccount *prefs, const char *secret)
{
	OutlookAccount *account = outlook_accounts_find(prefs);

	if (account == NULL)
		return;
	make_ours(prefs, outlook_account_get_settings(account));
	attach_folder(prefs);
	outlook_account_set_client_secret(account, secret);
	show_new(prefs);
}

PrefsAccount *
outlook_accounts_create(const OutlookSettings *settings, const char *name, const char *address, const char *full_name,
			GError **error)
{
	PrefsAccount *prefs = prefs_account_new();
	g_autofree char *text = outlook_settings_to_text(settings);
	gboolean first = account_get_list() == NULL;

	g_free(prefs->account_name);
	prefs->account_name = g_strdup(name);
	g_free(prefs->name);
	prefs->name = g_strdup(full_name != NULL ? full_name : "");
	g_free(prefs->address);
	prefs->address = g_strdup(!outlook_entry_is_blank(address) ? address : OUTLOOK_NO_ADDRESS);
	make_ours(prefs, settings);
	prefs->is_default = first;
	prefs_account_set_privacy_prefs(prefs, (gchar *)PREFS_KEY, text);

	prefs = add_to_list(prefs);
	if (prefs == NULL) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The account could not be added."));
		return NULL;
	}
	find_entry(prefs);
	outlook_folder_create(prefs);
	show_new(prefs);
	return prefs;
}

/* The dialog's “Apply” may have been before. */
static gboolean
is_in_use(OutlookAccount *account, const OutlookSettings *settings)
{
	g_autofree char *text = outlook_settings_to_text(settings);
	g_autofree char *used = outlook_settings_to_text(outlook_account_get_settings(account));

	return g_str_equal(text, used);
}

void
outlook_accounts_reload(PrefsAccount *prefs)
{
	g_autoptr(OutlookSettings) settings = NULL;
	g_autoptr(GError) error = NULL;
	OutlookAccount *account;

	g_hash_table_remove(broken, GINT_TO_POINTER(prefs->account_id));
	account = outlook_accounts_find(prefs);
	if (account == NULL)
		return;
	settings = read_settings(prefs, &error);
	if (settings == NULL) {
		outlook_report_error(prefs->account_name, error);
		return;
	}
	if (!is_in_use(account, settings))
		outlook_account_set_settings(account, settings);
	outlook_proxy_apply_later(account, prefs);
	attach_folder(prefs);
	if (outlook_account_wants_more(account))
		outlook_account_sign_in(account, NULL, NULL);
}

/* Mails in the queues of the account's mailboxes, which are nowhere else. */
static guint
count_queued(OutlookEntry *entry)
{
	g_autofree char *queue =
		g_build_filename(get_rc_dir(), "outlook-cache", entry->cache_name, OUTLOOK_QUEUE_DIRECTORY, NULL);
	guint count = outlook_queue_count(queue);

	for (guint i = 0; i < entry->shared->len; i++)
		count += count_queued(g_ptr_array_index(entry->shared, i));
	return count;
}

guint
outlook_accounts_count_queued(PrefsAccount *prefs)
{
	OutlookEntry *entry = find_entry(prefs);

	return entry != NULL ? count_queued(entry) : 0;
}

static void
tell_lost_queue(OutlookEntry *entry)
{
	guint count = count_queued(entry);
	g_autofree char *text =
		g_strdup_printf(ngettext("%u mail that was in the queue is lost with the account.",
					 "%u mails that were in the queue are lost with the account.", count),
				count);

	if (count > 0)
		g_signal_emit_by_name(entry->account, "report", 1, text);
}

/* The host's own files of the account's mailboxes. */
static void
remove_cache(OutlookEntry *entry)
{
	g_autofree char *cache = g_build_filename(get_rc_dir(), "outlook-cache", entry->cache_name, NULL);

	if (g_file_test(cache, G_FILE_TEST_IS_DIR))
		remove_dir_recursive(cache);
}

void
outlook_accounts_removed(int account_id)
{
	OutlookEntry *entry = g_hash_table_lookup(entries, GINT_TO_POINTER(account_id));

	if (entry == NULL)
		return;
	tell_lost_queue(entry);
	outlook_account_close(entry->account, TRUE);
	remove_cache(entry);
	g_hash_table_remove(entries, GINT_TO_POINTER(account_id));
}

GList *
outlook_accounts_list_folders(PrefsAccount *prefs)
{
	GList *folders = NULL;

	for (GList *cur = folder_get_list(); cur != NULL; cur = cur->next) {
		if (outlook_folder_is_ours(cur->data) && FOLDER(cur->data)->account == prefs)
			folders = g_list_prepend(folders, cur->data);
	}
	return folders;
}

gboolean
outlook_accounts_forget_mail(PrefsAccount *prefs, GError **error)
{
	OutlookEntry *entry = find_entry(prefs);
	g_autoptr(GList) folders = outlook_accounts_list_folders(prefs);

	if (entry == NULL)
		return TRUE;
	for (GList *cur = folders; cur != NULL; cur = cur->next)
		outlook_tree_leave(cur->data);
	outlook_entry_note_closed(entry);
	if (!outlook_account_forget_mail(entry->account, error))
		return FALSE;
	for (GList *cur = folders; cur != NULL; cur = cur->next)
		outlook_tree_clear(cur->data);
	remove_cache(entry);
	folder_write_list();
	return TRUE;
}

void
outlook_accounts_keep_settings(PrefsAccount *prefs)
{
	OutlookEntry *entry = find_entry(prefs);
	g_autofree char *text = NULL;

	if (entry == NULL)
		return;
	text = outlook_settings_to_text(outlook_account_get_settings(entry->account));
	prefs_account_set_privacy_prefs(prefs, (gchar *)PREFS_KEY, text);
	outlook_entry_update_shared(entry);
	/* The dialog does it when it closes: until then nobody reads the host's own strings. */
	if (outlook_page_is_editing(prefs))
		return;
	account_write_config_all();
	outlook_shared_update(prefs);
}

/* The host says that its list is another one, not what became of whom. */
static void
forget_deleted(void)
{
	g_autoptr(GList) ids = g_hash_table_get_keys(entries);

	for (GList *cur = ids; cur != NULL; cur = cur->next) {
		OutlookEntry *entry = g_hash_table_lookup(entries, cur->data);

		if (!is_entry_of(entry, account_find_from_id(GPOINTER_TO_INT(cur->data))))
			outlook_accounts_removed(GPOINTER_TO_INT(cur->data));
	}
	outlook_shared_drop_orphans();
}

/* The host draws its tree, and asks the account of each mailbox there, before it tells that an account is gone. */
static gboolean
drop_orphans(gpointer data)
{
	orphans_source = 0;
	outlook_shared_drop_orphans();
	return G_SOURCE_REMOVE;
}

/* The host misses special folders before it turns its main loop for the first time. */
static gboolean
on_folder_update(gpointer source, gpointer data)
{
	FolderUpdateData *update = source;

	if ((update->update_flags & FOLDER_REMOVE_FOLDER) && outlook_folder_is_ours(update->folder) &&
	    orphans_source == 0)
		orphans_source = g_idle_add_full(G_PRIORITY_HIGH, drop_orphans, NULL, NULL);
	if ((update->update_flags & FOLDER_ADD_FOLDER) && outlook_folder_is_ours(update->folder))
		outlook_tree_add_basics(update->folder);
	return FALSE;
}

static gboolean
on_item_update(gpointer source, gpointer data)
{
	FolderItemUpdateData *update = source;

	outlook_rescan_note_update(update->item, update->update_flags);
	return FALSE;
}

static gboolean
on_list_changed(gpointer source, gpointer data)
{
	if (!claws_is_starting())
		forget_deleted();
	return FALSE;
}

static gboolean
on_offline_switch(gpointer source, gpointer data)
{
	GHashTableIter iter;
	gpointer entry;

	g_hash_table_iter_init(&iter, entries);
	while (g_hash_table_iter_next(&iter, NULL, &entry))
		outlook_account_set_online(((OutlookEntry *)entry)->account, !outlook_compat_is_offline());
	return FALSE;
}

/* A first synchronisation that was interrupted may have found folders and not yet which of them is the Inbox. */
static gboolean
stands_for_check(Folder *folder, FolderItem *item)
{
	if (folder->inbox != NULL)
		return item == folder->inbox;
	return item->node == folder->node->children;
}

/*
 * The host has no call for "check this account": it scans one folder after the other. The Inbox stands for the check;
 * a folder on screen is synchronised with it.
 */
void
outlook_accounts_note_check(Folder *folder, FolderItem *item)
{
	OutlookEntry *entry;

	if (!stands_for_check(folder, item) || !outlook_compat_is_checking(folder))
		return;
	entry = find_entry_of(folder);
	if (entry == NULL)
		return;
	outlook_proxy_apply_later(entry->account, folder->account);
	outlook_account_check(entry->account, entry->opened, TRUE);
}

/* The host calls this at each refresh of the list, too. */
void
outlook_accounts_note_opened(FolderItem *item)
{
	OutlookEntry *entry = find_entry_of(item->folder);
	gint64 key = OUTLOOK_ITEM(item)->key;

	if (entry == NULL || key == 0 || key == entry->opened)
		return;
	entry->opened = key;
	if (oauth_session_get_state(outlook_account_get_session(entry->account)) == OAUTH_STATE_SIGNED_IN)
		outlook_account_check(entry->account, key, FALSE);
}

void
outlook_accounts_note_closed(FolderItem *item)
{
	OutlookEntry *entry = find_entry_of(item->folder);

	if (entry != NULL && entry->opened == OUTLOOK_ITEM(item)->key)
		entry->opened = 0;
}

void
outlook_accounts_init(void)
{
	entries = g_hash_table_new_full(NULL, NULL, NULL, outlook_entry_free);
	broken = g_hash_table_new(NULL, NULL);
	folder_hook = outlook_compat_add_hook(FOLDER_UPDATE_HOOKLIST, on_folder_update, NULL);
	folder_register_class(outlook_folder_get_class());
	item_hook = outlook_compat_add_hook(FOLDER_ITEM_UPDATE_HOOKLIST, on_item_update, NULL);
	list_hook = outlook_compat_add_hook(ACCOUNT_LIST_CHANGED_HOOKLIST, on_list_changed, NULL);
	offline_hook = outlook_compat_add_hook(OFFLINE_SWITCH_HOOKLIST, on_offline_switch, NULL);
	outlook_account_sweep_removed();
	start_source = g_timeout_add(START_MILLISECONDS, start, NULL);
}

static gboolean
flush_item(GNode *node, gpointer data)
{
	if (outlook_item_is_alive(node->data))
		outlook_item_flush_flags(node->data);
	return FALSE;
}

/* What the host changed in the turn of its main loop that was its last. */
static void
flush_flags(void)
{
	for (GList *cur = folder_get_list(); cur != NULL; cur = cur->next) {
		Folder *folder = cur->data;

		if (outlook_folder_is_ours(folder) && folder->node != NULL)
			g_node_traverse(folder->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, flush_item, NULL);
	}
}

void
outlook_accounts_done(void)
{
	MainWindow *mainwin = outlook_compat_get_main_window();
	GHashTableIter iter;
	gpointer entry;

	g_clear_handle_id(&start_source, g_source_remove);
	outlook_compat_remove_hook(ACCOUNT_LIST_CHANGED_HOOKLIST, &list_hook);
	outlook_compat_remove_hook(OFFLINE_SWITCH_HOOKLIST, &offline_hook);
	outlook_compat_remove_hook(FOLDER_UPDATE_HOOKLIST, &folder_hook);
	outlook_compat_remove_hook(FOLDER_ITEM_UPDATE_HOOKLIST, &item_hook);
	outlook_proxy_done();
	g_clear_handle_id(&orphans_source, g_source_remove);
	outlook_old_mail_done();
	outlook_rescan_forget();
	outlook_tree_forget();
	outlook_welcome_forget();
	forget_deleted();
	flush_flags();

	if (!claws_is_exiting()) {
		FolderItem *shown = mainwin != NULL ? mainwin->summaryview->folder_item : NULL;

		if (shown != NULL && outlook_folder_is_ours(shown->folder)) {
			summary_clear_all(mainwin->summaryview);
			folderview_close_opened(mainwin->folderview, TRUE);
		}
		folder_unregister_class(outlook_folder_get_class());
	}

	g_hash_table_iter_init(&iter, entries);
	while (g_hash_table_iter_next(&iter, NULL, &entry))
		outlook_account_close(((OutlookEntry *)entry)->account, FALSE);
	g_clear_pointer(&entries, g_hash_table_unref);
	g_clear_pointer(&broken, g_hash_table_unref);
	g_clear_object(&keyring);
	outlook_account_wait_forgotten(FORGET_SECONDS);
}
