/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

#include <string.h>

#define DRAFT_RESTS 3600 /* seconds: until it has to go */

guint
model_pick(Model *self, guint n)
{
	return n > 0 ? (guint)g_rand_int_range(self->rand, 0, (gint)n) : 0;
}

/* Rather one that both sides can change than one that came with the mailbox. */
gint64
model_pick_folder(Model *self)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home.account, NULL);
	const StoreFolder *folder = NULL;

	g_assert_nonnull(folders);
	for (guint i = 0; i < 2 && folders->len > 0 && (folder == NULL || folder->role != STORE_ROLE_NONE); i++)
		folder = g_ptr_array_index(folders, model_pick(self, folders->len));
	return folder != NULL ? folder->key : 0;
}

static gboolean
is_in_trash(Model *self, gint64 folder)
{
	gint64 trash = store_account_find_role(self->home.account, STORE_ROLE_TRASH);

	while (folder != 0 && folder != trash) {
		g_autoptr(StoreFolder) found = store_account_get_folder(self->home.account, folder, NULL);

		folder = found != NULL ? found->parent : 0;
	}
	return folder != 0;
}

static StoreMessage *
pick_message(Model *self, gint64 *folder)
{
	oracle_look(self->oracle);
	for (guint attempt = 0; attempt < 5; attempt++) {
		g_autoptr(GPtrArray) messages = NULL;

		*folder = model_pick_folder(self);
		messages = store_account_list_messages(self->home.account, *folder, NULL, NULL);
		g_assert_nonnull(messages);
		if (messages->len > 0)
			return g_ptr_array_steal_index_fast(messages, model_pick(self, messages->len));
	}
	return NULL;
}

/* What of @group the message has after @flag of it was set or cleared: at most one of its two bits. */
static void
note_flag(Model *self, gint64 folder, const StoreMessage *message, OracleField field, StoreFlags group, StoreFlags flag,
	  gboolean set)
{
	StoreFlags before = message->flags & group;
	StoreFlags after = set ? flag : before & ~flag;

	if (before != after)
		oracle_set(self->oracle, folder, message->number, field, after);
}

static StoreFlags
pick_flag(Model *self)
{
	static const StoreFlags flags[] = {
		STORE_FLAG_READ, STORE_FLAG_FLAGGED, STORE_FLAG_COMPLETE,
		STORE_FLAG_HIGH, STORE_FLAG_LOW,     STORE_FLAG_NEW,
	};

	return flags[model_pick(self, G_N_ELEMENTS(flags))];
}

static void
note_mark(Model *self, gint64 folder, const StoreMessage *message, StoreFlags flag, gboolean set)
{
	if (flag == STORE_FLAG_READ && set != ((message->flags & STORE_FLAG_READ) != 0))
		oracle_set(self->oracle, folder, message->number, ORACLE_READ, set);
	if (flag & (STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE))
		note_flag(self, folder, message, ORACLE_FLAG, STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE, flag, set);
	if (flag & (STORE_FLAG_HIGH | STORE_FLAG_LOW))
		note_flag(self, folder, message, ORACLE_IMPORTANCE, STORE_FLAG_HIGH | STORE_FLAG_LOW, flag, set);
}

static void
mark(Model *self, gint64 folder, GArray *numbers, StoreFlags flag, gboolean set)
{
	g_autoptr(GError) error = NULL;

	store_account_change_flags(self->home.account, folder, numbers, set ? flag : 0, set ? 0 : flag, &error);
	g_assert_no_error(error);
}

void
model_host_marks(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autoptr(GArray) numbers = NULL;
	StoreFlags flag = pick_flag(self);
	gboolean set = model_pick(self, 2) != 0;

	if (message == NULL)
		return;
	numbers = home_numbers(message->number);
	mark(self, folder, numbers, flag, set);
	note_mark(self, folder, message, flag, set);
}

/* Most of a folder in one go, whatever waits for each of them; and a number that was never given. */
void
model_host_marks_many(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autoptr(GPtrArray) messages = NULL;
	g_autoptr(GArray) numbers = home_numbers(G_MAXUINT32);
	StoreFlags flag = pick_flag(self);
	gboolean set = model_pick(self, 2) != 0;

	if (message == NULL)
		return;
	messages = store_account_list_messages(self->home.account, folder, NULL, NULL);
	g_assert_nonnull(messages);
	for (guint i = messages->len; i > 0; i--) {
		const StoreMessage *one = g_ptr_array_index(messages, i - 1);

		if (model_pick(self, 4))
			g_array_append_val(numbers, one->number);
		else
			g_ptr_array_remove_index_fast(messages, i - 1);
	}
	mark(self, folder, numbers, flag, set);
	for (guint i = 0; i < messages->len; i++)
		note_mark(self, folder, g_ptr_array_index(messages, i), flag, set);
}

void
model_host_tags(Model *self)
{
	const char *categories[] = {model_pick(self, 2) ? "Red" : "Blue", model_pick(self, 2) ? "Green" : NULL, NULL};
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autoptr(GError) error = NULL;
	gint64 joined = oracle_join_categories(categories);

	if (message == NULL)
		return;
	store_account_set_categories(self->home.account, folder, message->number, categories, &error);
	g_assert_no_error(error);
	if (joined != oracle_read(message, folder, ORACLE_CATEGORIES))
		oracle_set(self->oracle, folder, message->number, ORACLE_CATEGORIES, joined);
}

void
model_host_moves(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	gint64 destination = model_pick_folder(self);
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) moved = NULL;
	g_autoptr(GError) error = NULL;

	if (message == NULL || folder == destination)
		return;
	numbers = home_numbers(message->number);
	moved = store_account_move_messages(self->home.account, folder, numbers, destination, &error);
	g_assert_no_error(error);
	oracle_moved(self->oracle, folder, message->number, destination, g_array_index(moved, guint32, 0));
}

static void
remove_message(Model *self, gint64 folder, guint32 number)
{
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GError) error = NULL;

	store_account_delete_messages(self->home.account, folder, numbers, &error);
	g_assert_no_error(error);
	oracle_deleted(self->oracle, folder, number);
}

/* The original may go before the server has heard of the copy. */
void
model_host_copies(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	gint64 destination = model_pick_folder(self);
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) copies = NULL;
	g_autoptr(GError) error = NULL;
	guint32 copy;

	if (message == NULL || folder == destination || message->subject[0] == 'X')
		return;
	numbers = home_numbers(message->number);
	copies = store_account_copy_messages(self->home.account, folder, numbers, destination, &error);
	g_assert_no_error(error);
	copy = g_array_index(copies, guint32, 0);
	if (model_pick(self, 2) == 0) {
		oracle_copied(self->oracle, folder, message->number, destination, copy);
		if (model_pick(self, 3) == 0)
			remove_message(self, folder, message->number);
		return;
	}
	store_account_turn_copies_into_moves(self->home.account, folder, numbers, destination, copies, &error);
	g_assert_no_error(error);
	oracle_moved(self->oracle, folder, message->number, destination, copy);
}

void
model_host_deletes(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);

	if (message != NULL)
		remove_message(self, folder, message->number);
}

void
model_host_appends(Model *self)
{
	g_autofree char *subject = g_strdup_printf("Appended %u", self->made++);
	gint64 folder = model_pick_folder(self);
	StoreFlags flag = model_pick(self, 2) ? STORE_FLAG_READ : STORE_FLAG_FLAGGED;
	guint32 number = home_append(&self->home, folder, subject, flag);

	oracle_appended(self->oracle, folder, number, subject);
	oracle_set(self->oracle, folder, number, ORACLE_READ, flag == STORE_FLAG_READ);
	oracle_set(self->oracle, folder, number, ORACLE_FLAG, flag & STORE_FLAG_FLAGGED);
}

/* The version that was saved last, where the host still has it. */
static gboolean
has_draft(Model *self, gint64 drafts)
{
	g_autoptr(StoreMessage) message =
		self->draft_subject != NULL ? home_read(&self->home, drafts, self->draft_number) : NULL;

	return message != NULL && g_str_equal(message->subject, self->draft_subject);
}

/*
 * A new draft, or the next version of the last one, which is removed then; both bear the same Message-ID, and the new
 * one may rest. Now and then the last version is removed instead.
 */
void
model_host_saves_a_draft(Model *self)
{
	gint64 drafts = store_account_find_role(self->home.account, STORE_ROLE_DRAFTS);
	gboolean again = has_draft(self, drafts);
	g_autofree char *subject = g_strdup_printf("Saved %u", self->made++);
	g_autofree char *mail = NULL;
	guint32 number;

	oracle_look(self->oracle);
	store_account_set_draft_delay(self->home.account, model_pick(self, 2) ? DRAFT_RESTS : 0);
	if (again && model_pick(self, 5) == 0) {
		remove_message(self, drafts, self->draft_number);
		return;
	}
	if (!again) {
		g_free(self->draft_id);
		self->draft_id = g_strdup_printf("<saved-%u@contoso.example>", self->made);
	}
	mail = home_write_mail(subject, self->draft_id);
	number = home_append_mail(&self->home, drafts, mail, STORE_FLAG_READ);
	oracle_appended(self->oracle, drafts, number, subject);
	oracle_set(self->oracle, drafts, number, ORACLE_READ, TRUE);
	if (again) {
		oracle_replaces(self->oracle, drafts, number, self->draft_number);
		remove_message(self, drafts, self->draft_number);
	}
	self->draft_number = number;
	g_free(self->draft_subject);
	self->draft_subject = g_steal_pointer(&subject);
}

void
model_host_reads(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;

	if (message != NULL)
		path = store_account_fetch_body(self->home.account, folder, message->number, NULL, NULL);
	if (path == NULL)
		return;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, message->subject));
}

/* Those that came with the mailbox keep their name and place (API.md 4). */
static gboolean
came_with_mailbox(Model *self, gint64 folder)
{
	g_autoptr(StoreFolder) found = store_account_get_folder(self->home.account, folder, NULL);

	return found == NULL ||
	       (!g_str_has_prefix(found->name, "Folder ") && !g_str_has_prefix(found->name, "Theirs "));
}

static void
move_or_delete_folder(Model *self, gint64 folder, gint64 other, GError **error)
{
	gint64 trash = store_account_find_role(self->home.account, STORE_ROLE_TRASH);

	if (model_pick(self, 2)) {
		if (store_account_move_folder(self->home.account, folder, other, error))
			oracle_put_folder(self->oracle, folder, other);
	} else if (!is_in_trash(self, folder)) {
		if (store_account_delete_folder(self->home.account, folder, error))
			oracle_put_folder(self->oracle, folder, trash);
	}
}

/* The second name may be given before the server has heard of the first. */
static void
rename_folder(Model *self, gint64 folder, GError **error)
{
	guint times = 1 + model_pick(self, 2);

	for (guint i = 0; i < times && *error == NULL; i++) {
		g_autofree char *name = g_strdup_printf("Folder %u", self->made++);

		if (store_account_rename_folder(self->home.account, folder, name, error))
			oracle_named_folder(self->oracle, folder, name);
	}
}

/* Refusals (names that are taken, into itself) are fine; nothing else is. */
void
model_host_changes_folders(Model *self)
{
	g_autofree char *name = g_strdup_printf("Folder %u", self->made++);
	gint64 folder = model_pick_folder(self);
	gint64 other = model_pick(self, 3) ? model_pick_folder(self) : 0;
	gint64 made;
	g_autoptr(GError) error = NULL;

	oracle_look(self->oracle);
	switch (came_with_mailbox(self, folder) ? 0 : model_pick(self, 4)) {
	case 0:
	case 1:
		made = store_account_create_folder(self->home.account, other, name, &error);
		if (made != 0) {
			oracle_named_folder(self->oracle, made, name);
			oracle_put_folder(self->oracle, made, other);
		}
		break;
	case 2:
		rename_folder(self, folder, &error);
		break;
	default:
		move_or_delete_folder(self, folder, other, &error);
		break;
	}
	g_assert_true(error == NULL || g_error_matches(error, STORE_ERROR, STORE_ERROR_REFUSED));
}
