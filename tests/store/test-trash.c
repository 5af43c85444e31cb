/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"
#include "store-db.h"

/* Deletions from Deleted Items that waited while another client may have taken the mail out of there. */

#define MANY 60

static const char *
get_address(Home *home)
{
	return home->mailbox != NULL ? home->mailbox : SIMULATOR_USER;
}

/* What another process of the same account could have written. */
static void
run_sql(Home *home, const char *sql)
{
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreDb) db = store_db_open(path, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(store_db_run(db, &error, sql, ""));
	g_assert_no_error(error);
}

static void
let_wait(Home *home)
{
	run_sql(home, "UPDATE journal SET created = created - 3600");
}

static void
rescue(Home *home, const char *id, const char *folder)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(simulator_move(home->simulator, get_address(home), id, folder, &error));
	g_assert_no_error(error);
}

/* The only mail of the subject in the folder, for good. */
static void
discard(Home *home, gint64 folder, const char *subject)
{
	edits_delete(home, folder, edits_number_of(home, folder, subject));
}

static void
empty(Home *home)
{
	g_autoptr(GArray) numbers = home_list(home, FIND(home, TRASH));
	g_autoptr(GError) error = NULL;

	store_account_delete_messages(home->account, FIND(home, TRASH), numbers, &error);
	g_assert_no_error(error);
}

static void
assert_told(Home *home, const char *subject)
{
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_nonnull(strstr(g_ptr_array_index(home->refused, 0), subject));
	g_ptr_array_set_size(home->refused, 0);
}

/* It is here where it is there, at once and after the next look. */
static void
assert_spared(Home *home, const char *folder, gint64 key, const char *subject)
{
	g_assert_cmpuint(home_count(home, folder, subject), ==, 1);
	g_assert_cmpuint(edits_number_of(home, key, subject), !=, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), subject), ==, 0);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, key, subject), !=, 0);
}

static void
test_mail_that_was_taken_out_of_the_trash_is_spared(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");
	g_autofree char *gone = home_deliver(home, "deleteditems", "Gone");
	g_autofree char *there G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Still there");

	home_check(home);
	empty(home);
	let_wait(home);
	rescue(home, id, "inbox");
	simulator_delete(home->simulator, get_address(home), gone, NULL);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
	assert_told(home, "Precious");
	assert_spared(home, "inbox", FIND(home, INBOX), "Precious");
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), "Gone"), ==, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), "Still there"), ==, 0);
}

/* Whoever wants it gone all the same deletes it where it is. */
static void
test_mail_that_was_spared_can_be_deleted(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");

	home_check(home);
	empty(home);
	let_wait(home);
	rescue(home, id, "archive");
	edits_push(home);
	assert_told(home, "Precious");
	assert_spared(home, "archive", FIND(home, ARCHIVE), "Precious");
	discard(home, FIND(home, ARCHIVE), "Precious");
	let_wait(home);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 0);
	g_assert_cmpuint(home->refused->len, ==, 0);
}

static gint64
find_folder(Home *home, const char *name)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(home->account, NULL);

	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *folder = g_ptr_array_index(folders, i);

		if (g_str_equal(folder->name, name))
			return folder->key;
	}
	return 0;
}

/* It is in no folder here until the folder is known; where the service keeps what was deleted for good nobody knows. */
static void
test_mail_in_a_folder_that_is_not_known_yet_is_spared(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");
	g_autofree char *folder = NULL;

	home_check(home);
	empty(home);
	let_wait(home);
	folder = simulator_create_folder(home->simulator, SIMULATOR_USER, "archive", "Kept", NULL);
	rescue(home, id, folder);
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), "Precious"), ==, 0);
	home_check(home);
	g_assert_cmpuint(home_count(home, "Archive/Kept", "Precious"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, find_folder(home, "Kept"), "Precious"), !=, 0);
}

/* The list tells of all but one; without it they are asked for by twenties. */
static void
test_many_take_few_requests(Home *home, gconstpointer data)
{
	static const char *const faults[] = {NULL, "{\"path\":\"mailFolders/.*/messages\",\"status\":403,\"count\":0}"};

	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		g_autofree char *subject = g_strdup_printf("Precious %u", i);
		g_autofree char *id = home_deliver(home, "deleteditems", subject);

		simulator_fill(home->simulator, SIMULATOR_USER, "deleteditems", MANY - 1);
		home_check(home);
		empty(home);
		let_wait(home);
		rescue(home, id, "inbox");
		simulator_reset_log(home->simulator);
		if (faults[i] != NULL)
			home_fault(home, faults[i]);
		edits_push(home);
		simulator_clear_faults(home->simulator);
		g_assert_cmpuint(home_get_n_requests(home, "GET"), ==, 1);
		g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, i == 0 ? 1 + 1 + 3 : 1 + 3 + 3);
		g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
		assert_told(home, subject);
		assert_spared(home, "inbox", FIND(home, INBOX), subject);
	}
}

/* What is deleted where it was just seen is not asked for. */
static void
test_what_did_not_wait_is_deleted_at_once(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Mail");

	home_check(home);
	empty(home);
	simulator_reset_log(home->simulator);
	edits_push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
}

/* It was taken out of there here, and deleted after that. */
static void
test_what_was_deleted_elsewhere_than_in_the_trash_is_not_spared(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Mail");

	home_check(home);
	edits_move(home, FIND(home, TRASH), 1, FIND(home, INBOX));
	home_fault(home, "{\"path\":\"/move$\",\"kind\":\"close\",\"when\":\"work\",\"count\":0}");
	home_fault(home, "{\"path\":\"/messages/\",\"method\":\"GET\",\"status\":500,\"count\":0}");
	g_assert_false(store_account_push(home->account, NULL, NULL));
	run_sql(home, "UPDATE journal SET state = 1");
	discard(home, FIND(home, INBOX), "Mail");
	let_wait(home);
	simulator_clear_faults(home->simulator);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 0);
	g_assert_cmpuint(home->refused->len, ==, 0);
}

/* Nobody can look: what was deleted waits, which is a failure like any other, and nothing else waits. */
static void
test_what_nobody_can_look_at_waits_alone(Home *home, gconstpointer data)
{
	static const char *const faults[] = {
		"{\"target\":\"part\",\"method\":\"GET\",\"status\":500,\"count\":0}",
		"{\"path\":\"/messages/\",\"method\":\"GET\",\"kind\":\"html\",\"count\":0}",
	};
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");
	g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, "archive", "Mail");
	g_autoptr(JsonObject) marked = NULL;

	simulator_fill(home->simulator, SIMULATOR_USER, "deleteditems", 5);
	home_check(home);
	empty(home);
	edits_mark(home, FIND(home, ARCHIVE), 1, STORE_FLAG_READ, 0);
	let_wait(home);
	rescue(home, id, "inbox");
	for (guint i = 0; i < G_N_ELEMENTS(faults); i++)
		home_fault(home, faults[i]);
	simulator_reset_log(home->simulator);
	edits_push_fails(home, GRAPH_ERROR_PROTOCOL);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 6);
	g_assert_cmpuint(home->refused->len, ==, 0);
	marked = home_get(home, "archive", "Mail");
	g_assert_true(json_object_get_boolean_member(marked, "isRead"));
	g_assert_cmpuint(home_count(home, "inbox", "Precious"), ==, 1);
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 5);
	/* After three in a row that failed nobody goes on asking. */
	g_assert_cmpuint(home_get_n_requests(home, "GET"), ==, 3);
	simulator_clear_faults(home->simulator);
	edits_push(home);
	assert_told(home, "Precious");
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
	assert_spared(home, "inbox", FIND(home, INBOX), "Precious");
}

/* The batch, or the list of many, has no answer: nobody asks for each of them, and what else waits goes. */
static void
test_service_that_is_away_is_not_asked_for_each(Home *home, gconstpointer data)
{
	static const struct {
		guint size;
		const char *fault;
	} cases[] = {
		{5, "{\"path\":\"batch$\",\"kind\":\"close\",\"when\":\"before\",\"count\":0}"},
		{MANY, "{\"path\":\"mailFolders/.*/messages\",\"kind\":\"close\",\"when\":\"before\",\"count\":0}"}};
	g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, "archive", "Mail");

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *id = home_deliver(home, "deleteditems", "Precious");
		g_autoptr(JsonObject) message = NULL;

		simulator_fill(home->simulator, SIMULATOR_USER, "deleteditems", cases[i].size - 1);
		home_check(home);
		empty(home);
		edits_mark(home, FIND(home, ARCHIVE), 1, i == 0 ? STORE_FLAG_READ : 0, i == 0 ? 0 : STORE_FLAG_READ);
		let_wait(home);
		rescue(home, id, "inbox");
		home_fault(home, cases[i].fault);
		simulator_reset_log(home->simulator);
		edits_push_fails(home, GRAPH_ERROR_UNAVAILABLE);
		g_assert_cmpuint(store_account_count_waiting(home->account), ==, cases[i].size);
		g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me/messages"), ==, 0);
		message = home_get(home, "archive", "Mail");
		g_assert_cmpint(json_object_get_boolean_member(message, "isRead"), ==, i == 0);
		simulator_clear_faults(home->simulator);
		edits_push(home);
		assert_told(home, "Precious");
		g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
		simulator_delete(home->simulator, SIMULATOR_USER, id, NULL);
	}
}

/* One after the other then, all the same. */
static void
test_service_without_batches_is_asked_for_each(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");

	simulator_fill(home->simulator, SIMULATOR_USER, "deleteditems", 5);
	home_check(home);
	empty(home);
	let_wait(home);
	rescue(home, id, "inbox");
	home_fault(home, "{\"path\":\"batch$\",\"status\":403,\"count\":0}");
	edits_push(home);
	assert_told(home, "Precious");
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
	assert_spared(home, "inbox", FIND(home, INBOX), "Precious");
}

/* What may not be seen may not be deleted either: it comes back, and is said. */
static void
test_look_that_is_refused_undoes_the_deletion(Home *home, gconstpointer data)
{
	g_autofree char *id G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Hidden");
	g_autofree char *other G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Seen");

	home_check(home);
	discard(home, FIND(home, TRASH), "Hidden");
	discard(home, FIND(home, TRASH), "Seen");
	let_wait(home);
	home_fault(home, "{\"target\":\"part\",\"method\":\"GET\",\"status\":403}");
	edits_push(home);
	assert_told(home, "Hidden");
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 1);
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), "Hidden"), !=, 0);
}

/* An entry that is passed over is not the one after it, which was deleted in another folder. */
static void
test_entry_is_not_taken_for_its_neighbour(Home *home, gconstpointer data)
{
	g_autofree char *kept G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Kept");
	g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, "archive", "Mail");

	home_check(home);
	discard(home, FIND(home, TRASH), "Kept");
	discard(home, FIND(home, ARCHIVE), "Mail");
	let_wait(home);
	run_sql(home, "UPDATE journal SET state = 2 WHERE seq = (SELECT min(seq) FROM journal)");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", "Kept"), ==, 1);
}

static void
test_row_without_an_id_is_passed_over(Home *home, gconstpointer data)
{
	g_autofree char *lost G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Without id");
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");

	home_check(home);
	discard(home, FIND(home, TRASH), "Without id");
	discard(home, FIND(home, TRASH), "Precious");
	let_wait(home);
	run_sql(home, "UPDATE messages SET id = NULL WHERE subject = 'Without id'");
	rescue(home, id, "inbox");
	edits_push(home);
	assert_told(home, "Precious");
	assert_spared(home, "inbox", FIND(home, INBOX), "Precious");
	g_assert_cmpuint(home_count(home, "deleteditems", "Without id"), ==, 1);
}

static gpointer
run_push(gpointer data)
{
	edits_push(data);
	return NULL;
}

/* While the answer is on its way the deletion leaves the journal, and another entry comes. */
static void
test_answer_about_an_entry_that_is_gone_means_nothing(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");
	g_autofree char *mail G_GNUC_UNUSED = home_deliver(home, "archive", "Mail");
	GThread *thread;

	home_check(home);
	empty(home);
	let_wait(home);
	rescue(home, id, "inbox");
	simulator_reset_log(home->simulator);
	home_fault(home, "{\"path\":\"batch$\",\"kind\":\"hang\"}");
	thread = g_thread_new("push", run_push, home);
	while (simulator_get_n_requests(home->simulator) == 0)
		g_usleep(1000);
	run_sql(home, "DELETE FROM journal");
	discard(home, FIND(home, ARCHIVE), "Mail");
	simulator_release(home->simulator);
	g_thread_join(thread);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(home_count(home, "inbox", "Precious"), ==, 1);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 0);
}

static void
test_mail_of_a_shared_mailbox_is_spared(Home *home, gconstpointer data)
{
	g_autofree char *id = home_deliver(home, "deleteditems", "Precious");
	g_autofree char *there G_GNUC_UNUSED = home_deliver(home, "deleteditems", "Still there");

	home_check(home);
	empty(home);
	let_wait(home);
	rescue(home, id, "inbox");
	edits_push(home);
	assert_told(home, "Precious");
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 0);
	assert_spared(home, "inbox", FIND(home, INBOX), "Precious");
	g_assert_false(store_account_is_read_only(home->account));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/trash/" name, Home, NULL, home_set_up, test, home_tear_down)
	ADD("mail that was taken out of the trash is spared", test_mail_that_was_taken_out_of_the_trash_is_spared);
	ADD("mail that was spared can be deleted", test_mail_that_was_spared_can_be_deleted);
	ADD("mail in a folder that is not known yet is spared", test_mail_in_a_folder_that_is_not_known_yet_is_spared);
	ADD("many take few requests", test_many_take_few_requests);
	ADD("what did not wait is deleted at once", test_what_did_not_wait_is_deleted_at_once);
	ADD("what was deleted elsewhere than in the trash is not spared",
	    test_what_was_deleted_elsewhere_than_in_the_trash_is_not_spared);
	ADD("what nobody can look at waits alone", test_what_nobody_can_look_at_waits_alone);
	ADD("service that is away is not asked for each", test_service_that_is_away_is_not_asked_for_each);
	ADD("service without batches is asked for each", test_service_without_batches_is_asked_for_each);
	ADD("look that is refused undoes the deletion", test_look_that_is_refused_undoes_the_deletion);
	ADD("entry is not taken for its neighbour", test_entry_is_not_taken_for_its_neighbour);
	ADD("row without an id is passed over", test_row_without_an_id_is_passed_over);
	ADD("answer about an entry that is gone means nothing", test_answer_about_an_entry_that_is_gone_means_nothing);
#undef ADD
	g_test_add("/trash/mail of a shared mailbox is spared", Home, NULL, home_set_up_shared,
		   test_mail_of_a_shared_mailbox_is_spared, home_tear_down);
	return g_test_run();
}
