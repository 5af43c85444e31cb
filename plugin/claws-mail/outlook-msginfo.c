/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-msginfo.h"

#include <string.h>
#include <time.h>

#include <procheader.h>
#include <utils.h>

/* What the store and the host both know; the read state is the other way round. */
static const struct {
	MsgPermFlags host;
	StoreFlags store;
} same[] = {
	{MSG_MARKED, STORE_FLAG_FLAGGED},
	{MSG_REPLIED, STORE_FLAG_ANSWERED},
	{MSG_FORWARDED, STORE_FLAG_FORWARDED},
};

MsgPermFlags
outlook_msginfo_merge_flags(MsgPermFlags current, StoreFlags flags, gboolean fresh)
{
	for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
		if (flags & same[i].store)
			current |= same[i].host;
		else
			current &= ~same[i].host;
	}
	if (flags & STORE_FLAG_READ)
		current &= ~(MSG_UNREAD | MSG_NEW);
	else
		current |= MSG_UNREAD;
	if (flags & STORE_FLAG_BODY)
		current |= MSG_FULLY_CACHED;
	else
		current &= ~MSG_FULLY_CACHED;
	if (fresh && (flags & STORE_FLAG_NEW) && !(flags & STORE_FLAG_READ))
		current |= MSG_NEW;
	return current;
}

void
outlook_msginfo_diff_flags(MsgPermFlags before, MsgPermFlags after, StoreFlags *set, StoreFlags *clear)
{
	MsgPermFlags changed = before ^ after;

	*set = 0;
	*clear = 0;
	for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
		if (!(changed & same[i].host))
			continue;
		if (after & same[i].host)
			*set |= same[i].store;
		else
			*clear |= same[i].store;
	}
	if (changed & MSG_UNREAD) {
		if (after & MSG_UNREAD)
			*clear |= STORE_FLAG_READ;
		else
			*set |= STORE_FLAG_READ;
	}
	if ((changed & MSG_NEW) && !(after & MSG_NEW))
		*clear |= STORE_FLAG_NEW;
}

StoreFlags
outlook_msginfo_flags_to_store(MsgPermFlags flags)
{
	StoreFlags result = flags & MSG_UNREAD ? 0 : STORE_FLAG_READ;

	for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
		if (flags & same[i].host)
			result |= same[i].store;
	}
	return result;
}

/* The host keeps message ids without their angle brackets. */
static char *
strip_brackets(const char *id)
{
	const char *start;
	const char *end;

	if (id == NULL)
		return NULL;
	start = strchr(id, '<');
	start = start != NULL ? start + 1 : id;
	end = strchr(start, '>');
	return end != NULL ? g_strndup(start, (gsize)(end - start)) : g_strdup(start);
}

/* Newest first, as the host's own parser leaves them. */
static GSList *
parse_references(const char *references)
{
	g_auto(GStrv) ids = references != NULL ? g_strsplit(references, " ", -1) : NULL;
	GSList *list = NULL;

	for (guint i = 0; ids != NULL && ids[i] != NULL; i++) {
		if (*ids[i] != '\0')
			list = g_slist_prepend(list, strip_brackets(ids[i]));
	}
	return list;
}

/* The name before the address, or the address; what the message list shows as the sender. */
static char *
sender_name(const char *from)
{
	g_autofree char *name = NULL;
	const char *angle = from != NULL ? strrchr(from, '<') : NULL;
	gsize length;

	if (from == NULL)
		return NULL;
	if (angle == NULL)
		return g_strdup(from);
	name = g_strstrip(g_strndup(from, (gsize)(angle - from)));
	length = strlen(name);
	if (length >= 2 && name[0] == '"' && name[length - 1] == '"') {
		name[length - 1] = '\0';
		memmove(name, name + 1, length - 1);
	}
	return *name != '\0' ? g_steal_pointer(&name) : strip_brackets(from);
}

/* The host's own parser makes no difference between what is missing and what is empty, but for the subject. */
static char *
copy_text(const char *text)
{
	return text != NULL && *text != '\0' ? g_strdup(text) : NULL;
}

static char *
format_date(gint64 date)
{
	g_autoptr(GDateTime) time = date > 0 ? g_date_time_new_from_unix_local(date) : NULL;

	return time != NULL ? g_date_time_format(time, "%a, %d %b %Y %H:%M:%S %z") : NULL;
}

/**
 * outlook_msginfo_new:
 * @item: the host's folder of the message
 *
 * Returns: (transfer full): one reference
 */
MsgInfo *
outlook_msginfo_new(const StoreMessage *message, FolderItem *item)
{
	MsgInfo *msginfo = procmsg_msginfo_new();

	msginfo->msgnum = message->number;
	msginfo->folder = item;
	msginfo->size = message->size;
	msginfo->date_t = (time_t)message->date;
	msginfo->date = format_date(message->date);
	msginfo->from = copy_text(message->from);
	msginfo->fromname = sender_name(msginfo->from);
	msginfo->to = copy_text(message->to);
	msginfo->cc = copy_text(message->cc);
	msginfo->subject = g_strdup(message->subject);
	if (msginfo->subject != NULL)
		unfold_line(msginfo->subject);
	msginfo->msgid = strip_brackets(message->message_id);
	msginfo->references = parse_references(message->references);
	msginfo->inreplyto = strip_brackets(message->in_reply_to);
	if (msginfo->inreplyto == NULL && msginfo->references != NULL)
		msginfo->inreplyto = g_strdup(msginfo->references->data);

	msginfo->flags.perm_flags = outlook_msginfo_merge_flags(0, message->flags, TRUE);
	if (message->flags & STORE_FLAG_ATTACHMENT)
		msginfo->flags.tmp_flags |= MSG_HAS_ATTACHMENT;
	if (item != NULL && item->stype == F_DRAFT)
		msginfo->flags.tmp_flags |= MSG_DRAFT;
	return msginfo;
}

static gboolean
take(char **old, char **fresh)
{
	if (g_strcmp0(*old, *fresh) == 0)
		return FALSE;
	g_free(*old);
	*old = g_steal_pointer(fresh);
	return TRUE;
}

gboolean
outlook_msginfo_set_parent(MsgInfo *msginfo, const char *parent)
{
	g_autofree char *id = strip_brackets(parent);

	return take(&msginfo->inreplyto, &id);
}

/**
 * outlook_msginfo_read_file:
 * @msginfo: a message that the list knows from the service's description alone
 * @path: the mail itself
 *
 * The mail is what the service's description was made from, at times with losses: a header with a broken encoding, a
 * missing date. From now on its header is shown as the host reads it everywhere else. The host is about to look for
 * attachments in it, and only ever sets that mark; the service counts signatures and invitations as well.
 *
 * Returns: whether anything that is shown is another now
 */
gboolean
outlook_msginfo_read_file(MsgInfo *msginfo, const char *path)
{
	MsgFlags flags = {0, MSG_SCANNED};
	MsgInfo *mail = procheader_parse_file(path, flags, FALSE, FALSE);
	gboolean changed;

	if (mail == NULL)
		return FALSE;
	changed = (msginfo->flags.tmp_flags & MSG_HAS_ATTACHMENT) != 0 || msginfo->date_t != mail->date_t;
	msginfo->flags.tmp_flags &= ~MSG_HAS_ATTACHMENT;
	msginfo->date_t = mail->date_t;
	changed |= take(&msginfo->date, &mail->date);
	changed |= take(&msginfo->subject, &mail->subject);
	changed |= take(&msginfo->from, &mail->from);
	changed |= take(&msginfo->fromname, &mail->fromname);
	changed |= take(&msginfo->to, &mail->to);
	changed |= take(&msginfo->cc, &mail->cc);
	if (mail->inreplyto != NULL)
		changed |= take(&msginfo->inreplyto, &mail->inreplyto);
	if (msginfo->references == NULL)
		msginfo->references = g_steal_pointer(&mail->references);
	procmsg_msginfo_free(&mail);
	return changed;
}
