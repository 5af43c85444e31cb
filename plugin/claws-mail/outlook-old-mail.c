/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-old-mail.h"

#define SAVE_MILLISECONDS 1000

static guint save_source;

static gboolean
save(gpointer data)
{
	save_source = 0;
	folder_write_list();
	return G_SOURCE_REMOVE;
}

void
outlook_old_mail_listed(FolderItem *item, GArray *numbers)
{
	OutlookItem *self = OUTLOOK_ITEM(item);

	self->listed_to = 0;
	if (self->filled)
		self->listed_to = 1 + (numbers->len > 0 ? g_array_index(numbers, guint32, numbers->len - 1) : 0);
}

static gboolean
is_old(const OutlookItem *self, GSList *numbers)
{
	if (self->first_new == 0)
		return TRUE;
	for (GSList *cur = numbers; cur != NULL; cur = cur->next) {
		if (GPOINTER_TO_UINT(cur->data) < self->first_new)
			return TRUE;
	}
	return FALSE;
}

/* There are rules for an Inbox alone, and until it has decided the host looks at the type for nothing else. */
void
outlook_old_mail_found(FolderItem *item, GSList *numbers)
{
	OutlookItem *self = OUTLOOK_ITEM(item);

	if (item->scanning != ITEM_SCANNING_WITH_FLAGS || item->stype != F_INBOX || !is_old(self, numbers))
		return;
	item->stype = F_NORMAL;
	self->is_disguised = TRUE;
}

void
outlook_old_mail_decided(FolderItem *item)
{
	OutlookItem *self = OUTLOOK_ITEM(item);

	if (item->scanning != ITEM_SCANNING)
		return;
	if (self->is_disguised)
		item->stype = F_INBOX;
	self->is_disguised = FALSE;
	if (self->first_new != 0 || self->listed_to == 0)
		return;
	self->first_new = self->listed_to;
	if (save_source == 0)
		save_source = g_timeout_add(SAVE_MILLISECONDS, save, NULL);
}

gboolean
outlook_old_mail_is_known(OutlookItem *item)
{
	return item->first_new != 0;
}

void
outlook_old_mail_done(void)
{
	g_clear_handle_id(&save_source, g_source_remove);
}
