/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

#include "outlook-compat.h"

G_BEGIN_DECLS

/**
 * OutlookItem:
 * @key: the store's key of the folder; 0 for the local queue, and until the store has told
 * @id: the server's id, kept in folderlist.xml: what ties the item to its folder for good; %NULL until there is
 * one
 * @numbering: the store's, when the host read its numbers; with another one they mean nothing any more, and the item
 * has no store until the host has read them anew
 * @changed: the store has something that the host has not read yet
 * @filled: the first synchronisation of the folder reached its end
 * @first_new: the number from which on there is new mail, 0 until that is known; see outlook-old-mail.h. Remembered
 * @listed_to: what it will be, if the host reads the list that it was given last; 0 when that was not all
 * @is_disguised: it is an Inbox, which the host is not to know for the moment
 * @reading: inside get_num_list
 * @flags: number → OutlookFlagChange: what the host changed and the store has not been told yet
 *
 * The host's folder, with what is ours. Never kept across a wait: outlook_item_is_alive() first.
 */
typedef struct {
	FolderItem item;
	gint64 key;
	char *id;
	gint64 numbering;
	gboolean changed;
	gboolean filled;
	guint32 first_new;
	guint32 listed_to;
	gboolean is_disguised;
	gboolean reading;
	GHashTable *flags;
	guint flags_source;
	gint64 scan_cost; /* microseconds of the last rescan */
	gint64 next_scan; /* monotonic; no rescan before */
} OutlookItem;

#define OUTLOOK_ITEM(folder_item) ((OutlookItem *)(folder_item))

/* Members of the FolderClass. */
FolderItem *outlook_item_new(Folder *folder);
void outlook_item_destroy(Folder *folder, FolderItem *item);
void outlook_item_set_xml(Folder *folder, FolderItem *item, XMLTag *tag);
XMLTag *outlook_item_get_xml(Folder *folder, FolderItem *item);
char *outlook_item_get_path(Folder *folder, FolderItem *item);

/*
 * For a wait inside a call of the host, which looks at its own item when the call returns: an item that is destroyed
 * meanwhile stays as an empty shell, until the host is through with what it does.
 */
void outlook_item_hold_shells(void);
void outlook_item_release_shells(void);

gboolean outlook_item_is_alive(gpointer item); /* also for a pointer that is long freed */
gboolean outlook_item_is_queue(FolderItem *item);
OutlookItem *outlook_item_find(Folder *folder, gint64 key);

/* Ties the item to a folder of the store. One that had none before has no numbers that could be void. */
void outlook_item_set_key(OutlookItem *self, gint64 key);

/* The account and the store behind an item; %NULL when there is none or, for the store, the item is not in it
 * (yet). */
OutlookAccount *outlook_item_get_account(FolderItem *item);
StoreAccount *outlook_item_get_store(FolderItem *item);

/* For who reads the numbers: FALSE, once, when those that the host has are void; its files of them are gone then. */
StoreAccount *outlook_item_get_store_anew(FolderItem *item, gboolean *numbers_valid);

/* Whether the host has numbers of another database. */
gboolean outlook_item_is_outdated(FolderItem *item);

/* The store hears of a change of flags a moment later, many at once; outlook_item_flush_flags() is that moment.
 */
void outlook_item_add_flags(FolderItem *item, guint32 number, StoreFlags set, StoreFlags clear);
void outlook_item_flush_flags(FolderItem *item);

/* Forgets a name and everything below it: new name, new path, the same for the children's paths. */
void outlook_item_set_label(FolderItem *item, const char *label);

G_END_DECLS
