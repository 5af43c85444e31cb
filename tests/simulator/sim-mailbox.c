/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-mailbox.h"

#include <string.h>

static void
folder_free(SimFolder *self)
{
	g_free(self->name);
	g_free(self->filter_query);
	g_sequence_free(self->messages);
	g_array_unref(self->journal);
	g_free(self);
}

static void
journal_add(SimMailbox *self, GArray *journal, SimChange change)
{
	change.sequence = ++self->sequence;
	g_array_append_val(journal, change);
}

static void
folder_journal_add(SimMailbox *self, SimFolder *folder, SimChangeKind kind)
{
	SimChange change = {.number = folder->number, .kind = kind};

	journal_add(self, self->folder_journal, change);
}

SimMailbox *
sim_mailbox_new(const char *address, const char *name, const char *language)
{
	SimMailbox *self = g_new0(SimMailbox, 1);
	const char *blank = strrchr(name, ' ');

	self->address = g_strdup(address);
	self->name = g_strdup(name);
	self->given_name = blank != NULL ? g_strndup(name, (gsize)(blank - name)) : g_strdup(name);
	self->surname = g_strdup(blank != NULL ? blank + 1 : "");
	self->language = g_strdup(language);
	self->messages = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)sim_message_free);
	self->folders = g_ptr_array_new_with_free_func((GDestroyNotify)folder_free);
	self->folder_journal = g_array_new(FALSE, FALSE, sizeof(SimChange));
	self->purged = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	self->delegates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->root = sim_mailbox_add_folder(self, NULL, "Top of Information Store", "msgfolderroot");
	return self;
}

void
sim_mailbox_free(SimMailbox *self)
{
	g_ptr_array_unref(self->folders);
	g_hash_table_unref(self->messages);
	g_array_unref(self->folder_journal);
	g_hash_table_unref(self->purged);
	g_hash_table_unref(self->delegates);
	g_free(self->address);
	g_free(self->name);
	g_free(self->given_name);
	g_free(self->surname);
	g_free(self->language);
	g_free(self);
}

/* @well_known must live for ever */
SimFolder *
sim_mailbox_add_folder(SimMailbox *self, SimFolder *parent, const char *name, const char *well_known)
{
	SimFolder *folder = g_new0(SimFolder, 1);

	folder->mailbox = self;
	folder->parent = parent;
	folder->number = ++self->last_number;
	folder->name = g_strdup(name);
	folder->well_known = well_known;
	folder->messages = g_sequence_new(NULL);
	folder->journal = g_array_new(FALSE, FALSE, sizeof(SimChange));
	g_ptr_array_add(self->folders, folder);
	folder_journal_add(self, folder, SIM_CHANGE_ADDED);
	return folder;
}

SimFolder *
sim_mailbox_get_folder(SimMailbox *self, guint64 number)
{
	for (guint i = 0; i < self->folders->len; i++) {
		SimFolder *folder = g_ptr_array_index(self->folders, i);

		if (folder->number == number)
			return folder;
	}
	return NULL;
}

SimFolder *
sim_mailbox_get_well_known(SimMailbox *self, const char *name)
{
	for (guint i = 0; i < self->folders->len; i++) {
		SimFolder *folder = g_ptr_array_index(self->folders, i);

		if (folder->well_known != NULL && g_ascii_strcasecmp(folder->well_known, name) == 0)
			return folder;
	}
	return NULL;
}

SimFolder *
sim_mailbox_get_child(SimMailbox *self, SimFolder *parent, const char *name)
{
	g_autofree char *wanted = g_utf8_casefold(name, -1);

	for (guint i = 0; i < self->folders->len; i++) {
		SimFolder *folder = g_ptr_array_index(self->folders, i);
		g_autofree char *folded = NULL;

		if (folder->parent != parent)
			continue;
		folded = g_utf8_casefold(folder->name, -1);
		if (g_str_equal(folded, wanted))
			return folder;
	}
	return NULL;
}

SimFolder *
sim_mailbox_find_folder(SimMailbox *self, const char *text)
{
	SimFolder *folder = sim_mailbox_get_well_known(self, text);
	SimId id;
	gboolean ours = FALSE;
	g_auto(GStrv) names = NULL;

	if (folder != NULL)
		return folder;
	if (sim_id_parse(self->address, text, &id, &ours))
		return ours && id.kind == SIM_ID_FOLDER ? sim_mailbox_get_folder(self, id.number) : NULL;

	names = g_strsplit(text, "/", -1);
	folder = self->root;
	for (guint i = 0; names[i] != NULL && folder != NULL; i++) {
		SimFolder *child = sim_mailbox_get_child(self, folder, names[i]);

		if (child == NULL && i == 0)
			child = sim_mailbox_get_well_known(self, names[i]);
		folder = child;
	}
	return folder;
}

GPtrArray *
sim_mailbox_list_children(SimMailbox *self, SimFolder *parent, gboolean hidden)
{
	GPtrArray *children = g_ptr_array_new();

	for (guint i = 0; i < self->folders->len; i++) {
		SimFolder *folder = g_ptr_array_index(self->folders, i);

		if (folder->parent == parent && folder != self->root && (hidden || !folder->hidden))
			g_ptr_array_add(children, folder);
	}
	return children;
}

void
sim_mailbox_rename_folder(SimMailbox *self, SimFolder *folder, const char *name)
{
	g_free(folder->name);
	folder->name = g_strdup(name);
	folder_journal_add(self, folder, SIM_CHANGE_UPDATED);
}

void
sim_mailbox_move_folder(SimMailbox *self, SimFolder *folder, SimFolder *parent)
{
	GSequenceIter *iter;

	folder->parent = parent;
	folder_journal_add(self, folder, SIM_CHANGE_UPDATED);
	/* API.md 4: the ids of what is inside change, the immutable ones excepted */
	for (iter = g_sequence_get_begin_iter(folder->messages); !g_sequence_iter_is_end(iter);
	     iter = g_sequence_iter_next(iter)) {
		SimMessage *message = g_sequence_get(iter);

		message->generation++;
	}
}

SimFolder *
sim_mailbox_copy_folder(SimMailbox *self, SimFolder *folder, SimFolder *parent)
{
	g_autoptr(GPtrArray) children = sim_mailbox_list_children(self, folder, TRUE);
	SimFolder *copy = sim_mailbox_add_folder(self, parent, folder->name, NULL);
	GSequenceIter *iter;

	for (iter = g_sequence_get_begin_iter(folder->messages); !g_sequence_iter_is_end(iter);
	     iter = g_sequence_iter_next(iter))
		sim_mailbox_add_message(self, copy, sim_message_copy(g_sequence_get(iter)));
	for (guint i = 0; i < children->len; i++)
		sim_mailbox_copy_folder(self, g_ptr_array_index(children, i), copy);
	return copy;
}

void
sim_mailbox_remove_folder(SimMailbox *self, SimFolder *folder)
{
	g_autoptr(GPtrArray) children = sim_mailbox_list_children(self, folder, TRUE);

	for (guint i = 0; i < children->len; i++)
		sim_mailbox_remove_folder(self, g_ptr_array_index(children, i));
	while (!g_sequence_is_empty(folder->messages))
		sim_mailbox_remove_message(self, g_sequence_get(g_sequence_get_begin_iter(folder->messages)));
	folder_journal_add(self, folder, SIM_CHANGE_REMOVED);
	g_ptr_array_remove(self->folders, folder);
}

gboolean
sim_folder_is_inside(SimFolder *self, SimFolder *other)
{
	for (; self != NULL; self = self->parent) {
		if (self == other)
			return TRUE;
	}
	return FALSE;
}

guint
sim_folder_count_children(SimFolder *self)
{
	g_autoptr(GPtrArray) children = sim_mailbox_list_children(self->mailbox, self, FALSE);

	return children->len;
}

char *
sim_folder_format_id(SimFolder *self)
{
	SimId id = {.kind = SIM_ID_FOLDER, .number = self->number};

	return sim_id_format(self->mailbox->address, &id);
}

int
sim_message_compare(gconstpointer a, gconstpointer b, gpointer unused)
{
	const SimMessage *left = a;
	const SimMessage *right = b;

	if (left->received != right->received)
		return left->received < right->received ? 1 : -1;
	return left->number < right->number ? 1 : left->number > right->number ? -1 : 0;
}

static void
place_message(SimMailbox *self, SimMessage *message, SimFolder *folder)
{
	SimChange change = {.number = message->number, .generation = message->generation, .kind = SIM_CHANGE_ADDED};

	message->folder = folder;
	message->place = g_sequence_insert_sorted(folder->messages, message, sim_message_compare, NULL);
	folder->unread += !message->is_read;
	journal_add(self, folder->journal, change);
}

static void
displace_message(SimMailbox *self, SimMessage *message, gboolean restorable)
{
	SimFolder *folder = message->folder;
	SimChange change = {.number = message->number,
			    .generation = message->generation,
			    .kind = SIM_CHANGE_REMOVED,
			    .restorable = restorable};

	g_sequence_remove(message->place);
	message->place = NULL;
	message->folder = NULL;
	folder->unread -= !message->is_read;
	journal_add(self, folder->journal, change);
}

void
sim_mailbox_add_message(SimMailbox *self, SimFolder *folder, SimMessage *message)
{
	message->number = ++self->last_number;
	message->version = ++self->last_version;
	g_hash_table_insert(self->messages, &message->number, message);
	place_message(self, message, folder);
}

SimMessage *
sim_mailbox_get_message(SimMailbox *self, guint64 number)
{
	return g_hash_table_lookup(self->messages, &number);
}

void
sim_mailbox_move_message(SimMailbox *self, SimMessage *message, SimFolder *folder)
{
	if (message->folder == folder)
		return;
	displace_message(self, message, g_strcmp0(folder->well_known, "deleteditems") == 0);
	message->generation++;
	message->version = ++self->last_version;
	place_message(self, message, folder);
}

void
sim_mailbox_remove_message(SimMailbox *self, SimMessage *message)
{
	displace_message(self, message, FALSE);
	g_hash_table_remove(self->messages, &message->number);
}

void
sim_mailbox_commit_message(SimMailbox *self, SimMessage *message, gboolean was_read, guint changed)
{
	SimChange change = {.number = message->number, .generation = message->generation, .kind = SIM_CHANGE_UPDATED};

	if (was_read != message->is_read)
		message->folder->unread += was_read ? 1u : -1u;
	if (changed == 0)
		return;
	/* CHECKED.md 2a: the read state does not move the modification time */
	if ((changed & ~SIM_CHANGED_READ) != 0) {
		changed |= SIM_CHANGED_STAMP;
		message->modified = MAX(g_get_real_time() / G_USEC_PER_SEC, message->modified + 1);
	}
	message->version = ++self->last_version;
	change.changed = changed;
	journal_add(self, message->folder->journal, change);
}

char *
sim_message_format_id(SimMessage *self, gboolean immutable)
{
	SimId id = {.kind = immutable ? SIM_ID_IMMUTABLE : SIM_ID_MUTABLE,
		    .generation = immutable ? 0 : self->generation,
		    .number = self->number};

	return sim_id_format(self->folder->mailbox->address, &id);
}

char *
sim_message_format_attachment_id(SimMessage *self, guint number, gboolean immutable)
{
	SimId id = {.kind = SIM_ID_ATTACHMENT,
		    .generation = immutable ? G_MAXUINT32 : self->generation,
		    .part = number,
		    .number = self->number};

	return sim_id_format(self->folder->mailbox->address, &id);
}
