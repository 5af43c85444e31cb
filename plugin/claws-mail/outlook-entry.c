/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-entry.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "outlook-accounts.h"
#include "outlook-bar.h"
#include "outlook-browser.h"
#include "outlook-compat.h"
#include "outlook-folder.h"
#include "outlook-item.h"
#include "outlook-notice.h"
#include "outlook-page.h"
#include "outlook-proxy.h"
#include "outlook-report.h"
#include "outlook-rescan.h"
#include "outlook-shared.h"
#include "outlook-tree.h"

#include <account.h>
#include <common/utils.h>

void
outlook_entry_free(gpointer data)
{
	OutlookEntry *entry = data;

	g_signal_handlers_disconnect_by_data(entry->account, entry);
	g_object_unref(entry->account);
	g_ptr_array_unref(entry->shared);
	g_free(entry->cache_name);
	g_free(entry);
}

static PrefsAccount *
entry_get_prefs(OutlookEntry *entry)
{
	return account_find_from_id(outlook_account_get_id(entry->account));
}

static Folder *
entry_get_folder(OutlookEntry *entry)
{
	PrefsAccount *prefs = entry_get_prefs(entry);
	const char *mailbox = outlook_account_get_mailbox(entry->account);

	if (prefs == NULL)
		return NULL;
	if (mailbox != NULL)
		return outlook_shared_find_folder(prefs, mailbox);
	return outlook_folder_is_ours(FOLDER(prefs->folder)) ? FOLDER(prefs->folder) : NULL;
}

static const char *
entry_get_name(OutlookEntry *entry)
{
	PrefsAccount *prefs = entry_get_prefs(entry);

	if (outlook_account_get_mailbox(entry->account) != NULL)
		return outlook_account_get_mailbox(entry->account);
	return prefs != NULL && !outlook_page_is_editing(prefs) && prefs->account_name != NULL ? prefs->account_name
											       : "Outlook";
}

static void
on_report(OutlookAccount *account, gint severity, const char *text, gpointer data)
{
	/* The status bar has no room for the end of a long sentence, which is where the reason stands. */
	if (severity > 0 && outlook_account_get_mailbox(account) != NULL)
		outlook_bar_show(text);
	if (severity > 0)
		outlook_report_failure(entry_get_name(data), text);
	else
		outlook_report_note(entry_get_name(data), text);
}

static void
on_progress(OutlookAccount *account, const char *text, guint done, guint total, gpointer data)
{
	outlook_report_progress(text, done, total);
}

static void
on_log(OutlookAccount *account, const char *line, gpointer data)
{
	outlook_report_log(entry_get_name(data), line);
}

/* Of the account's own mailbox: what helps is done to the account. */
static void
on_failure(OutlookAccount *account, const GError *error, gpointer data)
{
	outlook_notice_tell(account, entry_get_name(data), error);
}

static void
on_folders_changed(OutlookAccount *account, gpointer data)
{
	Folder *folder = entry_get_folder(data);

	if (folder != NULL)
		outlook_tree_update_later(folder);
}

static void
on_folder_changed(OutlookAccount *account, gint64 key, guint arrived, gpointer data)
{
	Folder *folder = entry_get_folder(data);
	OutlookItem *item = folder != NULL ? outlook_item_find(folder, key) : NULL;
	g_autoptr(StoreFolder) row = NULL;

	if (folder == NULL)
		return;
	if (item == NULL) {
		outlook_tree_update_later(folder);
		return;
	}
	if (!item->filled) {
		row = store_account_get_folder(outlook_account_get_store(account), key, NULL);
		item->filled = row != NULL && row->filled;
		/* The last page does not wait for its turn. */
		if (item->filled)
			item->next_scan = 0;
	}
	outlook_rescan_later(item);
}

gboolean
outlook_entry_is_blank(const char *text)
{
	return text == NULL || *text == '\0' || strcmp(text, OUTLOOK_NO_ADDRESS) == 0;
}

gboolean
outlook_entry_fill_if_blank(char **field, const char *value)
{
	if (value == NULL || *value == '\0' || !outlook_entry_is_blank(*field))
		return FALSE;
	g_free(*field);
	*field = g_strdup(value);
	return TRUE;
}

/* What the service has told of the person fills what nobody has typed. */
static void
on_state_changed(OutlookAccount *account, gpointer data)
{
	PrefsAccount *prefs = entry_get_prefs(data);
	StoreAccount *store = outlook_account_get_store(account);
	g_autofree char *address = store != NULL ? store_account_get_address(store) : NULL;
	g_autofree char *name = store != NULL ? store_account_get_display_name(store) : NULL;
	gboolean filled;

	if (prefs == NULL || outlook_page_is_editing(prefs))
		return;
	filled = outlook_entry_fill_if_blank(&prefs->address, address);
	filled = outlook_entry_fill_if_blank(&prefs->name, name) || filled;
	if (filled)
		account_write_config_all();
}

static void
on_settings_changed(OutlookAccount *account, gpointer data)
{
	PrefsAccount *prefs = entry_get_prefs(data);

	if (prefs != NULL && outlook_accounts_find(prefs) == account)
		outlook_accounts_keep_settings(prefs);
}

static gboolean
show_in_browser(const char *uri, gpointer user_data, GError **error)
{
	g_autoptr(GError) cause = NULL;

	if (outlook_browser_open(uri, &cause))
		return TRUE;
	/* Translators: %s is a sentence that says why there is no browser. */
	g_set_error(error, cause->domain, cause->code,
		    _("%s Or choose “Sign in on another device…” on the Outlook page of the account's settings."),
		    cause->message);
	return FALSE;
}

static void
connect(OutlookEntry *entry)
{
	g_signal_connect(entry->account, "report", G_CALLBACK(on_report), entry);
	g_signal_connect(entry->account, "progress", G_CALLBACK(on_progress), entry);
	g_signal_connect(entry->account, "log", G_CALLBACK(on_log), entry);
	g_signal_connect(entry->account, "folders-changed", G_CALLBACK(on_folders_changed), entry);
	g_signal_connect(entry->account, "folder-changed", G_CALLBACK(on_folder_changed), entry);
}

OutlookEntry *
outlook_entry_new(PrefsAccount *prefs, const OutlookSettings *settings)
{
	g_autofree char *secret_name = g_strdup_printf("outlook-%s.secret", settings->config->account);
	g_autofree char *secret_file = g_build_filename(get_rc_dir(), secret_name, NULL);
	OutlookEntry *entry = g_new0(OutlookEntry, 1);

	entry->account = outlook_account_new_full(prefs->account_id, prefs->account_name, settings,
						  outlook_accounts_get_keyring(), secret_file);
	entry->cache_name = g_strdup(settings->config->account);
	entry->shared = g_ptr_array_new_with_free_func(outlook_entry_free);
	outlook_proxy_apply_later(entry->account, prefs);
	outlook_account_set_browser(entry->account, show_in_browser, NULL);
	outlook_account_set_online(entry->account, !outlook_compat_is_offline());
	connect(entry);
	g_signal_connect(entry->account, "failure", G_CALLBACK(on_failure), entry);
	g_signal_connect(entry->account, "state-changed", G_CALLBACK(on_state_changed), entry);
	g_signal_connect(entry->account, "settings-changed", G_CALLBACK(on_settings_changed), entry);
	outlook_entry_update_shared(entry);
	return entry;
}

static gboolean
has_shared(OutlookEntry *self, OutlookAccount *account)
{
	for (guint i = 0; i < self->shared->len; i++) {
		if (((OutlookEntry *)g_ptr_array_index(self->shared, i))->account == account)
			return TRUE;
	}
	return FALSE;
}

static void
add_shared(OutlookEntry *self, OutlookAccount *account)
{
	OutlookEntry *entry = g_new0(OutlookEntry, 1);
	g_autofree char *address = g_ascii_strdown(outlook_account_get_mailbox(account), -1);
	g_autofree char *name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, address, -1);

	entry->account = g_object_ref(account);
	entry->cache_name = g_strconcat(self->cache_name, G_DIR_SEPARATOR_S "shared-", name, NULL);
	entry->shared = g_ptr_array_new_with_free_func(outlook_entry_free);
	connect(entry);
	g_ptr_array_add(self->shared, entry);
}

void
outlook_entry_update_shared(OutlookEntry *self)
{
	char **addresses = outlook_account_get_settings(self->account)->shared;

	for (guint i = self->shared->len; i > 0; i--) {
		if (outlook_account_is_closed(((OutlookEntry *)g_ptr_array_index(self->shared, i - 1))->account))
			g_ptr_array_remove_index(self->shared, i - 1);
	}
	for (; *addresses != NULL; addresses++) {
		OutlookAccount *account = outlook_account_find_shared(self->account, *addresses);

		if (account != NULL && !has_shared(self, account))
			add_shared(self, account);
	}
}

void
outlook_entry_note_closed(OutlookEntry *self)
{
	self->opened = 0;
	for (guint i = 0; i < self->shared->len; i++)
		outlook_entry_note_closed(g_ptr_array_index(self->shared, i));
}

OutlookEntry *
outlook_entry_find(OutlookEntry *self, Folder *folder)
{
	const char *mailbox = outlook_folder_get_mailbox(folder);

	if (mailbox == NULL)
		return self;
	for (guint i = 0; i < self->shared->len; i++) {
		OutlookEntry *entry = g_ptr_array_index(self->shared, i);

		if (g_ascii_strcasecmp(outlook_account_get_mailbox(entry->account), mailbox) == 0)
			return entry;
	}
	return NULL;
}
