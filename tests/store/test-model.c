/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "agreement.h"

/*
 * Random histories: what the host does, what another client does, answers that are lost, links that die, restarts. When
 * it is quiet at the end, the server and the store agree, and each mail is there as often as it was made.
 * Mails whose subject begins with X may be deleted by both sides and are not copied; the others only by the host.
 */
#define STEPS 150
#define HISTORIES 6

typedef struct {
	Home home;
	GRand *rand;
	GHashTable *expected; /* subject → how many */
	guint made;
	GPtrArray *theirs; /* ids that the other client knows */
} Model;

static guint
pick(Model *self, guint n)
{
	return n > 0 ? (guint)g_rand_int_range(self->rand, 0, (gint)n) : 0;
}

static void
expect(Model *self, const char *subject, int difference)
{
	int before = GPOINTER_TO_INT(g_hash_table_lookup(self->expected, subject));

	g_hash_table_insert(self->expected, g_strdup(subject), GINT_TO_POINTER(before + difference));
}

static gint64
pick_folder(Model *self)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home.account, NULL);

	g_assert_nonnull(folders);
	return folders->len > 0 ? ((StoreFolder *)g_ptr_array_index(folders, pick(self, folders->len)))->key : 0;
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
	for (guint attempt = 0; attempt < 5; attempt++) {
		g_autoptr(GPtrArray) messages = NULL;

		*folder = pick_folder(self);
		messages = store_account_list_messages(self->home.account, *folder, NULL, NULL);
		g_assert_nonnull(messages);
		if (messages->len > 0)
			return g_ptr_array_steal_index_fast(messages, pick(self, messages->len));
	}
	return NULL;
}

static void
host_marks(Model *self)
{
	static const StoreFlags flags[] = {
		STORE_FLAG_READ, STORE_FLAG_FLAGGED, STORE_FLAG_COMPLETE,
		STORE_FLAG_HIGH, STORE_FLAG_LOW,     STORE_FLAG_NEW,
	};
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	StoreFlags flag = flags[pick(self, G_N_ELEMENTS(flags))];

	if (message == NULL)
		return;
	numbers = home_numbers(message->number);
	store_account_change_flags(self->home.account, folder, numbers, pick(self, 2) ? flag : 0, flag, &error);
	g_assert_no_error(error);
}

static void
host_tags(Model *self)
{
	const char *categories[] = {pick(self, 2) ? "Red" : "Blue", pick(self, 2) ? "Green" : NULL, NULL};
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autoptr(GError) error = NULL;

	if (message != NULL)
		store_account_set_categories(self->home.account, folder, message->number, categories, &error);
	g_assert_no_error(error);
}

static void
host_moves(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	gint64 destination = pick_folder(self);
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) moved = NULL;
	g_autoptr(GError) error = NULL;

	if (message == NULL || folder == destination)
		return;
	numbers = home_numbers(message->number);
	moved = store_account_move_messages(self->home.account, folder, numbers, destination, &error);
	g_assert_no_error(error);
}

static void
host_copies(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	gint64 destination = pick_folder(self);
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) copies = NULL;
	g_autoptr(GError) error = NULL;

	if (message == NULL || folder == destination || message->subject[0] == 'X')
		return;
	numbers = home_numbers(message->number);
	copies = store_account_copy_messages(self->home.account, folder, numbers, destination, &error);
	g_assert_no_error(error);
	if (pick(self, 2)) {
		store_account_turn_copies_into_moves(self->home.account, folder, numbers, destination, copies, &error);
		g_assert_no_error(error);
	} else {
		expect(self, message->subject, 1);
	}
}

static void
host_deletes(Model *self)
{
	gint64 folder;
	g_autoptr(StoreMessage) message = pick_message(self, &folder);
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;

	if (message == NULL)
		return;
	numbers = home_numbers(message->number);
	store_account_delete_messages(self->home.account, folder, numbers, &error);
	g_assert_no_error(error);
	expect(self, message->subject, -1);
}

static void
host_appends(Model *self)
{
	g_autofree char *subject = g_strdup_printf("Appended %u", self->made++);

	home_append(&self->home, pick_folder(self), subject, pick(self, 2) ? STORE_FLAG_READ : STORE_FLAG_FLAGGED);
	expect(self, subject, 1);
}

static void
host_reads(Model *self)
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

/* Refusals (names that are taken, into itself) are fine; nothing else is. */
static void
host_changes_folders(Model *self)
{
	g_autofree char *name = g_strdup_printf("Folder %u", self->made++);
	gint64 folder = pick_folder(self);
	gint64 other = pick(self, 3) ? pick_folder(self) : 0;
	g_autoptr(GError) error = NULL;

	switch (came_with_mailbox(self, folder) ? 0 : pick(self, 4)) {
	case 0:
	case 1:
		store_account_create_folder(self->home.account, other, name, &error);
		break;
	case 2:
		store_account_rename_folder(self->home.account, folder, name, &error);
		break;
	default:
		if (pick(self, 2))
			store_account_move_folder(self->home.account, folder, other, &error);
		else if (!is_in_trash(self, folder))
			store_account_delete_folder(self->home.account, folder, &error);
		break;
	}
	g_assert_true(error == NULL || g_error_matches(error, STORE_ERROR, STORE_ERROR_REFUSED));
}

static const char *
pick_theirs(Model *self)
{
	return self->theirs->len > 0 ? g_ptr_array_index(self->theirs, pick(self, self->theirs->len)) : NULL;
}

static void
they_deliver(Model *self)
{
	gboolean theirs = pick(self, 2) != 0;
	g_autofree char *subject = g_strdup_printf("%s %u", theirs ? "X" : "Delivered", self->made++);
	char *id = home_deliver(&self->home, pick(self, 3) ? "inbox" : "archive", subject);

	expect(self, subject, theirs ? 0 : 1);
	if (theirs)
		g_ptr_array_add(self->theirs, id);
	else
		g_free(id);
}

static void
they_change(Model *self)
{
	static const char *const changes[] = {
		"{\"isRead\":true}",
		"{\"isRead\":false}",
		"{\"flag\":{\"flagStatus\":\"complete\"}}",
		"{\"categories\":[\"Theirs\"]}",
		"{\"importance\":\"high\",\"isRead\":true}",
	};
	const char *id = pick_theirs(self);

	if (id != NULL)
		simulator_change(self->home.simulator, SIMULATOR_USER, id, changes[pick(self, G_N_ELEMENTS(changes))],
				 NULL);
}

static void
they_move(Model *self)
{
	static const char *const folders[] = {"inbox", "archive", "deleteditems", "junkemail"};
	const char *id = pick_theirs(self);

	if (id != NULL)
		simulator_move(self->home.simulator, SIMULATOR_USER, id, folders[pick(self, G_N_ELEMENTS(folders))],
			       NULL);
}

static void
they_delete(Model *self)
{
	const char *id = pick_theirs(self);

	if (id != NULL)
		simulator_delete(self->home.simulator, SIMULATOR_USER, id, NULL);
}

static void
they_create_folder(Model *self)
{
	g_autofree char *name = g_strdup_printf("Theirs %u", self->made++);
	g_autofree char *id = simulator_create_folder(self->home.simulator, SIMULATOR_USER, NULL, name, NULL);

	g_assert_nonnull(id);
}

static void
something_breaks(Model *self)
{
	static const char *const faults[] = {
		"{\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}",
		"{\"method\":\"POST\",\"kind\":\"close\",\"when\":\"before\"}",
		"{\"method\":\"POST\",\"kind\":\"cut\",\"work\":true}",
		"{\"method\":\"PATCH\",\"status\":401,\"count\":2}",
		"{\"path\":\"delta\",\"status\":410}",
		"{\"path\":\"delta\",\"kind\":\"html\"}",
		"{\"path\":\"delta\",\"kind\":\"cut\"}",
		"{\"path\":\"mailFolders\",\"kind\":\"type\"}",
		"{\"path\":\"batch\",\"kind\":\"close\",\"when\":\"work\"}",
		"{\"path\":\"batch\",\"status\":501}",
		"{\"target\":\"part\",\"kind\":\"close\",\"when\":\"work\",\"skip\":1,\"count\":2}",
		"{\"target\":\"part\",\"kind\":\"close\",\"when\":\"before\",\"count\":2}",
		"{\"target\":\"part\",\"status\":429,\"headers\":{\"Retry-After\":\"0\"},\"skip\":1,\"count\":3}",
		"{\"target\":\"part\",\"status\":412,\"count\":2}",
		"{\"target\":\"part\",\"path\":\"/move$\",\"status\":404}",
		"{\"target\":\"part\",\"status\":424,\"skip\":2}",
		"{\"target\":\"part\",\"status\":500,\"work\":true,\"skip\":1}",
		"{\"target\":\"part\",\"status\":504,\"count\":2}",
	};
	g_autoptr(GError) error = NULL;

	if (pick(self, 8) == 0)
		simulator_expire_links(self->home.simulator);
	simulator_add_fault(self->home.simulator, faults[pick(self, G_N_ELEMENTS(faults))], &error);
	g_assert_no_error(error);
}

static void
restart(Model *self)
{
	home_close(&self->home);
	home_open(&self->home);
	store_account_set_reconcile_interval(self->home.account, pick(self, 2) ? 0 : 3600);
}

static gpointer
cancel_soon(gpointer cancellable)
{
	g_usleep(g_random_int_range(0, 4000));
	g_cancellable_cancel(cancellable);
	g_object_unref(cancellable);
	return NULL;
}

/* Like a kill, but for the memory: at any moment, and the next run has to cope. */
static void
interrupt(Model *self)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	GThread *thread = g_thread_new("cancel", cancel_soon, g_object_ref(cancellable));

	if (pick(self, 2))
		store_account_check(self->home.account, 0, TRUE, cancellable, NULL);
	else
		store_account_push(self->home.account, cancellable, NULL);
	g_thread_join(thread);
	restart(self);
}

static void
step(Model *self)
{
	switch (pick(self, 24)) {
	case 0:
	case 1:
		host_marks(self);
		break;
	case 2:
		host_tags(self);
		break;
	case 3:
	case 4:
		host_moves(self);
		break;
	case 5:
		host_copies(self);
		break;
	case 6:
		host_deletes(self);
		break;
	case 7:
		host_appends(self);
		break;
	case 8:
		host_reads(self);
		break;
	case 9:
		host_changes_folders(self);
		break;
	case 10:
	case 11:
	case 12:
		they_deliver(self);
		break;
	case 13:
		they_change(self);
		break;
	case 14:
		they_move(self);
		break;
	case 15:
		they_delete(self);
		break;
	case 16:
		they_create_folder(self);
		break;
	case 17:
		something_breaks(self);
		break;
	case 18:
		interrupt(self);
		break;
	case 19:
	case 20:
		store_account_push(self->home.account, NULL, NULL);
		break;
	case 21:
		store_account_sync_folder(self->home.account, pick_folder(self), NULL, NULL);
		break;
	default:
		store_account_check(self->home.account, pick_folder(self), pick(self, 2) != 0, NULL, NULL);
		break;
	}
}

static void
settle(Model *self)
{
	simulator_clear_faults(self->home.simulator);
	for (guint i = 0; i < 4; i++)
		store_account_check(self->home.account, 0, TRUE, NULL, NULL);
	home_check(&self->home);
	g_assert_cmpuint(store_account_count_waiting(self->home.account), ==, 0);
}

static void
assert_agreed(Model *self)
{
	g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *difference = agreement_find_difference(&self->home, counted);
	GHashTableIter iter;
	gpointer subject;
	gpointer count;

	g_assert_cmpstr(difference, ==, NULL);
	g_hash_table_iter_init(&iter, self->expected);
	while (g_hash_table_iter_next(&iter, &subject, &count)) {
		int found = GPOINTER_TO_INT(g_hash_table_lookup(counted, subject));

		if (*(char *)subject == 'X')
			g_assert_cmpint(found, <=, 1);
		else if (found != GPOINTER_TO_INT(count))
			g_error("“%s” is there %d times, not %d", (char *)subject, found, GPOINTER_TO_INT(count));
	}
	if (self->home.refused->len > 0)
		g_error("refused: %s", (char *)g_ptr_array_index(self->home.refused, 0));
}

static void
test_history(gconstpointer data)
{
	Model self = {0};
	guint32 seed = GPOINTER_TO_UINT(data);

	g_test_message("seed %u", seed);
	self.rand = g_rand_new_with_seed(seed);
	self.expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self.theirs = g_ptr_array_new_with_free_func(g_free);
	home_set_up(&self.home, NULL);
	home_check(&self.home);
	for (guint i = 0; i < STEPS; i++)
		step(&self);
	settle(&self);
	assert_agreed(&self);
	home_tear_down(&self.home, NULL);
	g_rand_free(self.rand);
	g_hash_table_unref(self.expected);
	g_ptr_array_unref(self.theirs);
}

static gpointer
work(gpointer data)
{
	Model *self = data;

	for (guint i = 0; i < 15; i++) {
		store_account_check(self->home.account, 0, i % 2 == 0, NULL, NULL);
		store_account_push(self->home.account, NULL, NULL);
	}
	return NULL;
}

/* What a worker with lanes does: the host writes and reads while others push, list and synchronise. */
static void
test_lanes(void)
{
	Model self = {0};
	GThread *threads[3];

	self.rand = g_rand_new_with_seed(1);
	self.expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self.theirs = g_ptr_array_new_with_free_func(g_free);
	home_set_up(&self.home, NULL);
	home_check(&self.home);
	g_signal_handlers_disconnect_by_data(self.home.account, &self.home);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("lane", work, &self);
	for (guint i = 0; i < 150; i++) {
		switch (pick(&self, 7)) {
		case 0:
			host_marks(&self);
			break;
		case 1:
			host_tags(&self);
			break;
		case 2:
			host_moves(&self);
			break;
		case 3:
			host_appends(&self);
			break;
		case 4:
			they_deliver(&self);
			break;
		case 5:
			they_change(&self);
			break;
		default:
			they_move(&self);
			break;
		}
		g_usleep(1000);
	}
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	settle(&self);
	assert_agreed(&self);
	home_tear_down(&self.home, NULL);
	g_rand_free(self.rand);
	g_hash_table_unref(self.expected);
	g_ptr_array_unref(self.theirs);
}

int
main(int argc, char **argv)
{
	/* STORE_TEST_SEED repeats one history; else each run tries others. */
	const char *wanted = g_getenv("STORE_TEST_SEED");
	guint n = wanted != NULL ? 1 : HISTORIES;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/model/lanes do not get in each other's way", test_lanes);
	for (guint i = 0; i < n; i++) {
		guint32 seed = wanted != NULL ? (guint32)strtoul(wanted, NULL, 10) : g_random_int() % 1000000;
		g_autofree char *path = g_strdup_printf("/store/model/both sides agree after history %u", seed);

		g_test_add_data_func(path, GUINT_TO_POINTER(seed), test_history);
	}
	return g_test_run();
}
