/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "agreement.h"
#include "history.h"
#include "model.h"

/*
 * Random histories: what the host does, what another client does, answers that are lost, changes that are refused,
 * links that die, a service that lists as badly as it may, restarts. When it is quiet at the end, the server and the
 * store agree, each mail is there as often as it was made, and each change that the host made is there unless another
 * one came after it, or it was refused aloud.
 */

static void
restart(Model *self)
{
	home_close(&self->home);
	home_open(&self->home);
	store_account_set_reconcile_interval(self->home.account, model_pick(self, 2) ? 0 : 3600);
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
	Cancellation cancellation = {cancellable, model_pick(self, 4000)};
	GThread *thread = g_thread_new("cancel", cancel_soon, &cancellation);

	if (model_pick(self, 2))
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
	store_account_sync_folder(self->home.account, model_pick_folder(self), NULL, NULL);
}

static void
check(Model *self)
{
	store_account_check(self->home.account, model_pick_folder(self), model_pick(self, 2) != 0, NULL, NULL);
}

static const struct {
	const char *name;
	void (*run)(Model *self);
	guint weight;
} kinds[] = {
	{"the host marks", model_host_marks, 4},
	{"the host marks many", model_host_marks_many, 2},
	{"the host tags", model_host_tags, 2},
	{"the host moves", model_host_moves, 4},
	{"the host copies", model_host_copies, 2},
	{"the host deletes", model_host_deletes, 2},
	{"the host appends", model_host_appends, 2},
	{"the host saves a draft", model_host_saves_a_draft, 4},
	{"the host reads", model_host_reads, 2},
	{"the host changes folders", model_host_changes_folders, 2},
	{"they deliver", model_they_deliver, 6},
	{"they change", model_they_change, 4},
	{"they move", model_they_move, 4},
	{"they delete", model_they_delete, 2},
	{"they create a folder", model_they_create_folder, 2},
	{"they rename a folder", model_they_rename_folder, 2},
	{"they move a folder", model_they_move_folder, 2},
	{"they delete a folder", model_they_delete_folder, 2},
	{"something breaks", model_something_breaks, 2},
	{"something is refused", model_something_is_refused, 1},
	{"the service changes its mood", model_service_changes_its_mood, 2},
	{"the process ends", interrupt, 2},
	{"a push", push, 4},
	{"one folder is synchronised", sync_one, 2},
	{"a check", check, 6},
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

static const char *
name_step(guint32 seed, guint length, guint number)
{
	g_autoptr(GArray) steps = write_history(seed, length);

	return kinds[g_array_index(steps, Step, number).kind].name;
}

static void
settle(Model *self)
{
	simulator_clear_faults(self->home.simulator);
	simulator_set_nasty(self->home.simulator, 0);
	store_account_set_draft_delay(self->home.account, 0);
	for (guint i = 0; i < 4; i++)
		store_account_check(self->home.account, 0, TRUE, NULL, NULL);
	home_check(&self->home);
	g_assert_cmpuint(store_account_count_waiting(self->home.account), ==, 0);
}

static void
assert_agreed(Model *self)
{
	g_autofree char *difference = agreement_find_difference(&self->home, NULL);
	g_autofree char *fault = oracle_find_fault(self->oracle);

	if (difference != NULL)
		g_error("%s", difference);
	if (fault != NULL)
		g_error("%s", fault);
	if (self->home.refused->len > 0 && self->refusals == 0)
		g_error("refused: %s", (char *)g_ptr_array_index(self->home.refused, 0));
}

static void
set_up(Model *self, guint32 seed)
{
	self->rand = g_rand_new_with_seed(seed);
	self->theirs = g_ptr_array_new_with_free_func(g_free);
	home_set_up(&self->home, NULL);
	graph_client_set_patience(self->home.client, 1, 60);
	self->oracle = oracle_new(&self->home);
	home_check(&self->home);
}

static void
tear_down(Model *self)
{
	settle(self);
	assert_agreed(self);
	oracle_free(self->oracle);
	home_tear_down(&self->home, NULL);
	g_rand_free(self->rand);
	g_ptr_array_unref(self->theirs);
	g_free(self->draft_id);
	g_free(self->draft_subject);
}

static void
tell_history(guint32 seed, guint length, GArray *numbers)
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
		model_host_marks,   model_host_tags,   model_host_moves, model_host_appends,
		model_they_deliver, model_they_change, model_they_move,
	};
	Model self = {.contested = TRUE};
	GThread *threads[3];

	set_up(&self, 1);
	g_signal_handlers_disconnect_by_data(self.home.account, &self.home);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("lane", work, &self);
	for (guint i = 0; i < 150; i++) {
		changes[model_pick(&self, G_N_ELEMENTS(changes))](&self);
		g_usleep(1000);
	}
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	tear_down(&self);
}

int
main(int argc, char **argv)
{
	static const HistoryTeller teller = {tell_history, name_step, .histories = 300, .steps = 40};

	/* Nothing here asks what a disk keeps, and waiting for one takes most of the time. */
	if (g_access("/dev/shm", W_OK) == 0)
		g_setenv("TMPDIR", "/dev/shm", TRUE);
	if (history_begin(&teller, argc, argv))
		return 0;
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/model/lanes do not get in each other's way", test_lanes);
	g_test_add_func("/store/model/both sides agree, and what the host did is there, after whatever happened",
			history_test);
	return g_test_run();
}
