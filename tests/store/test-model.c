/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agreement.h"

/*
 * Random histories: what the host does, what another client does, answers that are lost, links that die, a service that
 * lists as badly as it may, restarts. When it is quiet at the end, the server and the store agree, and each mail is
 * there as often as it was made. Mails whose subject begins with X may be deleted by both sides and are not copied; the
 * others only by the host.
 *
 * Histories run in processes of their own. One that fails is told again without some of its steps, as
 * long as it still fails; the shortest is printed, and runs by itself:
 *
 *   test-store-model --history SEED STEPS [NUMBER,NUMBER,…]
 *
 * STORE_TEST_SEED (the first), STORE_TEST_HISTORIES (how many) and STORE_TEST_STEPS (of each) choose others.
 */
#define STEPS 40
#define HISTORIES 120
#define PROCESSES 4
#define LONGEST_SHRINK 120 /* seconds */

typedef struct {
	Home home;
	GRand *rand;	      /* of the step under way */
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
service_changes_its_mood(Model *self)
{
	simulator_set_nasty(self->home.simulator, pick(self, 4) ? 1 + pick(self, 1000000) : 0);
}

static void
restart(Model *self)
{
	home_close(&self->home);
	home_open(&self->home);
	store_account_set_reconcile_interval(self->home.account, pick(self, 2) ? 0 : 3600);
}

typedef struct {
	GCancellable *cancellable;
	gulong delay; /* microseconds */
} Cancellation;

static gpointer
cancel_soon(gpointer data)
{
	Cancellation *self = data;

	g_usleep(self->delay);
	g_cancellable_cancel(self->cancellable);
	return NULL;
}

/* Like a kill, but for the memory: at any moment, and the next run has to cope. */
static void
interrupt(Model *self)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	Cancellation cancellation = {cancellable, pick(self, 4000)};
	GThread *thread = g_thread_new("cancel", cancel_soon, &cancellation);

	if (pick(self, 2))
		store_account_check(self->home.account, 0, TRUE, cancellable, NULL);
	else
		store_account_push(self->home.account, cancellable, NULL);
	g_thread_join(thread);
	restart(self);
}

static void
push(Model *self)
{
	store_account_push(self->home.account, NULL, NULL);
}

static void
sync_one(Model *self)
{
	store_account_sync_folder(self->home.account, pick_folder(self), NULL, NULL);
}

static void
check(Model *self)
{
	store_account_check(self->home.account, pick_folder(self), pick(self, 2) != 0, NULL, NULL);
}

static const struct {
	const char *name;
	void (*run)(Model *self);
	guint weight;
} kinds[] = {
	{"the host marks", host_marks, 2},
	{"the host tags", host_tags, 1},
	{"the host moves", host_moves, 2},
	{"the host copies", host_copies, 1},
	{"the host deletes", host_deletes, 1},
	{"the host appends", host_appends, 1},
	{"the host reads", host_reads, 1},
	{"the host changes folders", host_changes_folders, 1},
	{"they deliver", they_deliver, 3},
	{"they change", they_change, 2},
	{"they move", they_move, 2},
	{"they delete", they_delete, 1},
	{"they create a folder", they_create_folder, 1},
	{"something breaks", something_breaks, 1},
	{"the service changes its mood", service_changes_its_mood, 1},
	{"the process ends", interrupt, 1},
	{"a push", push, 2},
	{"one folder is synchronised", sync_one, 1},
	{"a check", check, 3},
};

typedef struct {
	guint kind;
	guint32 seed; /* what is chosen in it does not depend on the steps before it */
} Step;

static GArray *
write_history(guint32 seed, guint length)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	GArray *steps = g_array_sized_new(FALSE, FALSE, sizeof(Step), length);
	guint all = 0;

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		all += kinds[i].weight;
	for (guint i = 0; i < length; i++) {
		guint chosen = (guint)g_rand_int_range(rand, 0, (gint)all);
		Step step = {0};

		while (chosen >= kinds[step.kind].weight)
			chosen -= kinds[step.kind++].weight;
		step.seed = g_rand_int(rand);
		g_array_append_val(steps, step);
	}
	return steps;
}

static void
settle(Model *self)
{
	simulator_clear_faults(self->home.simulator);
	simulator_set_nasty(self->home.simulator, 0);
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
set_up(Model *self, guint32 seed)
{
	self->rand = g_rand_new_with_seed(seed);
	self->expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->theirs = g_ptr_array_new_with_free_func(g_free);
	home_set_up(&self->home, NULL);
	home_check(&self->home);
}

static void
tear_down(Model *self)
{
	settle(self);
	assert_agreed(self);
	home_tear_down(&self->home, NULL);
	g_rand_free(self->rand);
	g_hash_table_unref(self->expected);
	g_ptr_array_unref(self->theirs);
}

/* @numbers: (element-type guint): which of its steps. Ends the process when something is wrong. */
static void
run_history(guint32 seed, guint length, GArray *numbers)
{
	g_autoptr(GArray) steps = write_history(seed, length);
	Model self = {0};

	set_up(&self, seed);
	simulator_set_nasty(self.home.simulator, seed % 2 != 0 ? seed : 0);
	for (guint i = 0; i < numbers->len; i++) {
		const Step *step = &g_array_index(steps, Step, g_array_index(numbers, guint, i));

		g_rand_set_seed(self.rand, step->seed);
		kinds[step->kind].run(&self);
	}
	tear_down(&self);
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
	static void (*const changes[])(Model *) = {
		host_marks, host_tags, host_moves, host_appends, they_deliver, they_change, they_move,
	};
	Model self = {0};
	GThread *threads[3];

	set_up(&self, 1);
	g_signal_handlers_disconnect_by_data(self.home.account, &self.home);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("lane", work, &self);
	for (guint i = 0; i < 150; i++) {
		changes[pick(&self, G_N_ELEMENTS(changes))](&self);
		g_usleep(1000);
	}
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	tear_down(&self);
}

/* ---- histories that fail ---------------------------------------------------------------------------------------- */

static const char *program;

static GArray *
list_all(guint length)
{
	GArray *numbers = g_array_sized_new(FALSE, FALSE, sizeof(guint), length);

	for (guint i = 0; i < length; i++)
		g_array_append_val(numbers, i);
	return numbers;
}

static char *
format_numbers(GArray *numbers)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, "%s%u", i > 0 ? "," : "", g_array_index(numbers, guint, i));
	return g_string_free(text, FALSE);
}

static GArray *
parse_numbers(const char *text, guint length)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; words[i] != NULL; i++) {
		guint number = (guint)strtoul(words[i], NULL, 10);

		if (*words[i] != '\0' && number < length)
			g_array_append_val(numbers, number);
	}
	return numbers;
}

/* In a process of its own. What it said, when it failed; else %NULL. */
static char *
try_history(guint32 seed, guint length, GArray *numbers)
{
	g_autofree char *first = g_strdup_printf("%u", seed);
	g_autofree char *second = g_strdup_printf("%u", length);
	g_autofree char *third = format_numbers(numbers);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, program,
				 "--history", first, second, third, NULL);
	g_autoptr(GBytes) said = NULL;

	g_assert_no_error(error);
	g_subprocess_communicate(process, NULL, NULL, NULL, &said, &error);
	g_assert_no_error(error);
	if (g_subprocess_get_successful(process))
		return NULL;
	return g_strndup(g_bytes_get_data(said, NULL), g_bytes_get_size(said));
}

/* Leaves out a half, a quarter, … and single steps at last, as long as it fails without them. */
static char *
shrink_history(guint32 seed, guint length, GArray *numbers, char *said)
{
	gint64 end = g_get_monotonic_time() + LONGEST_SHRINK * G_TIME_SPAN_SECOND;

	for (guint piece = (numbers->len + 1) / 2; piece > 0; piece /= 2) {
		for (guint at = 0; at < numbers->len && g_get_monotonic_time() < end;) {
			g_autoptr(GArray) fewer = g_array_copy(numbers);
			char *again;

			g_array_remove_range(fewer, at, MIN(piece, fewer->len - at));
			again = try_history(seed, length, fewer);
			if (again == NULL) {
				at += piece;
				continue;
			}
			g_array_remove_range(numbers, at, MIN(piece, numbers->len - at));
			g_free(said);
			said = again;
		}
	}
	return said;
}

static void
explain_failure(guint32 seed, guint length)
{
	g_autoptr(GArray) steps = write_history(seed, length);
	g_autoptr(GArray) numbers = list_all(length);
	g_autofree char *text = NULL;
	char *said = try_history(seed, length, numbers);

	if (said == NULL) {
		g_test_message("The history of seed %u failed once, and not again: timing takes part in it.", seed);
		return;
	}
	said = shrink_history(seed, length, numbers, said);
	text = format_numbers(numbers);
	g_test_message("The history of seed %u fails with %u of its steps: --history %u %u %s", seed, numbers->len,
		       seed, length, text);
	for (guint i = 0; i < numbers->len; i++) {
		guint number = g_array_index(numbers, guint, i);

		g_test_message("%3u %s", number, kinds[g_array_index(steps, Step, number).kind].name);
	}
	g_test_message("%s", said);
	g_free(said);
}

static guint
get_setting(const char *name, guint otherwise)
{
	const char *text = g_getenv(name);

	return text != NULL ? (guint)strtoul(text, NULL, 10) : otherwise;
}

/* A process that tells one history after the other; it says the seed of each before it begins. */
static GSubprocess *
start_histories(guint32 first, guint length, guint n)
{
	g_autofree char *from = g_strdup_printf("%u", first);
	g_autofree char *steps = g_strdup_printf("%u", length);
	g_autofree char *count = g_strdup_printf("%u", n);
	g_autoptr(GError) error = NULL;
	GSubprocess *process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
						&error, program, "--histories", from, steps, count, NULL);

	g_assert_no_error(error);
	return process;
}

/* 0, or the seed of the one that failed. */
static guint32
wait_for_histories(GSubprocess *process)
{
	g_autoptr(GBytes) said = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	guint n;

	g_subprocess_communicate(process, NULL, NULL, &said, NULL, &error);
	g_assert_no_error(error);
	if (g_subprocess_get_successful(process))
		return 0;
	text = g_strndup(g_bytes_get_data(said, NULL), g_bytes_get_size(said));
	lines = g_strsplit(text, "\n", -1);
	n = g_strv_length(lines);
	g_assert_cmpuint(n, >=, 2);
	return (guint32)strtoul(lines[n - 2], NULL, 10);
}

/* Some processes side by side: most of the time each waits for its service. */
static void
test_histories(void)
{
	guint n = get_setting("STORE_TEST_HISTORIES", g_getenv("STORE_TEST_SEED") != NULL ? 1 : HISTORIES);
	guint length = get_setting("STORE_TEST_STEPS", STEPS);
	guint32 first = get_setting("STORE_TEST_SEED", (guint)g_random_int_range(1, 1000000));
	guint each = (n + PROCESSES - 1) / PROCESSES;
	g_autoptr(GPtrArray) processes = g_ptr_array_new_with_free_func(g_object_unref);

	g_test_message("%u histories of %u steps from seed %u on", n, length, first);
	for (guint begin = 0; begin < n; begin += each)
		g_ptr_array_add(processes, start_histories(first + begin, length, MIN(each, n - begin)));
	for (guint i = 0; i < processes->len; i++) {
		guint32 failed = wait_for_histories(g_ptr_array_index(processes, i));

		if (failed == 0)
			continue;
		explain_failure(failed, length);
		g_test_fail_printf("the history of seed %u failed", failed);
	}
}

int
main(int argc, char **argv)
{
	/* Nothing here asks what a disk keeps, and waiting for one takes most of the time. */
	if (g_access("/dev/shm", W_OK) == 0)
		g_setenv("TMPDIR", "/dev/shm", TRUE);
	if (argc >= 4 && g_str_equal(argv[1], "--history")) {
		guint length = (guint)strtoul(argv[3], NULL, 10);
		g_autoptr(GArray) numbers = argc > 4 ? parse_numbers(argv[4], length) : list_all(length);

		run_history((guint32)strtoul(argv[2], NULL, 10), length, numbers);
		return 0;
	}
	if (argc == 5 && g_str_equal(argv[1], "--histories")) {
		guint32 first = (guint32)strtoul(argv[2], NULL, 10);
		guint length = (guint)strtoul(argv[3], NULL, 10);
		g_autoptr(GArray) numbers = list_all(length);

		for (guint i = 0; i < (guint)strtoul(argv[4], NULL, 10); i++) {
			printf("%u\n", first + i);
			fflush(stdout);
			run_history(first + i, length, numbers);
		}
		return 0;
	}
	program = argv[0];
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/model/lanes do not get in each other's way", test_lanes);
	g_test_add_func("/store/model/both sides agree after whatever happened", test_histories);
	return g_test_run();
}
