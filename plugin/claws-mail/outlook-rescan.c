/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-rescan.h"

#define TURN_MILLISECONDS 100
#define COST_FACTOR 5 /* a rescan may take a sixth of the time */
#define PAUSE_MILLISECONDS 20

static GHashTable *wanted; /* set of OutlookItem; those that are gone are found out */
static guint source;

/* What a scan found is shown a moment later, so that the window lives between the one and the other. */
static OutlookItem *unshown; /* may be gone */
static guint show_source;    /* not 0: the host's lists are held back */

/*
 * A scan of the host's own that ends while the list on screen is locked, since a mail is being opened, is not shown,
 * and the next one finds nothing new.
 */
static OutlookItem *missed; /* may be gone */
static guint missed_source;

static gboolean
may_scan(OutlookItem *item, gint64 now)
{
	return item->item.scanning == ITEM_NOT_SCANNING && !item->item.processing_pending && !item->reading &&
	       now >= item->next_scan;
}

static void
add_cost(OutlookItem *item, gint64 start)
{
	gint64 now = g_get_monotonic_time();

	if (!outlook_item_is_alive(item))
		return;
	item->scan_cost += now - start;
	item->next_scan = now + COST_FACTOR * item->scan_cost;
}

static void
show_now(void)
{
	gint64 start = g_get_monotonic_time();

	folder_item_update_thaw();
	add_cost(unshown, start);
}

static gboolean
show(gpointer data)
{
	if (outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	show_source = 0;
	show_now();
	return G_SOURCE_REMOVE;
}

static void
scan(OutlookItem *item)
{
	gint64 start = g_get_monotonic_time();

	item->scan_cost = 0;
	unshown = item;
	folder_item_update_freeze();
	show_source = g_timeout_add(PAUSE_MILLISECONDS, show, NULL);
	folder_item_scan(&item->item);
	add_cost(item, start);
}

/* One folder a turn, so that the window lives in between. */
static gboolean
turn(gpointer data)
{
	gint64 now = g_get_monotonic_time();
	GHashTableIter iter;
	gpointer item;
	OutlookItem *next = NULL;

	if (show_source != 0 || outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	g_hash_table_iter_init(&iter, wanted);
	while (next == NULL && g_hash_table_iter_next(&iter, &item, NULL)) {
		if (!outlook_item_is_alive(item) || ((OutlookItem *)item)->item.path == NULL) {
			g_hash_table_iter_remove(&iter);
		} else if (may_scan(item, now)) {
			next = item;
			g_hash_table_iter_remove(&iter);
		}
	}
	if (next != NULL)
		scan(next);
	if (wanted != NULL && g_hash_table_size(wanted) > 0)
		return G_SOURCE_CONTINUE;
	source = 0;
	return G_SOURCE_REMOVE;
}

void
outlook_rescan_later(OutlookItem *item)
{
	if (wanted == NULL)
		wanted = g_hash_table_new(NULL, NULL);
	item->changed = TRUE;
	g_hash_table_add(wanted, item);
	if (source == 0)
		source = g_timeout_add(TURN_MILLISECONDS, turn, NULL);
}

static gboolean
show_missed(gpointer data)
{
	if (outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	missed_source = 0;
	if (outlook_item_is_alive(missed))
		folder_item_update(&missed->item, F_ITEM_UPDATE_CONTENT);
	return G_SOURCE_REMOVE;
}

void
outlook_rescan_note_update(FolderItem *item, FolderItemUpdateFlags flags)
{
	if (!(flags & F_ITEM_UPDATE_CONTENT) || item->scanning == ITEM_NOT_SCANNING ||
	    !outlook_compat_is_list_locked(item) || !outlook_item_is_alive(item))
		return;
	missed = OUTLOOK_ITEM(item);
	if (missed_source == 0)
		missed_source = g_timeout_add(TURN_MILLISECONDS, show_missed, NULL);
}

void
outlook_rescan_forget(void)
{
	g_clear_handle_id(&missed_source, g_source_remove);
	if (show_source != 0 && !claws_is_exiting())
		show_now();
	g_clear_handle_id(&show_source, g_source_remove);
	g_clear_handle_id(&source, g_source_remove);
	g_clear_pointer(&wanted, g_hash_table_unref);
}
