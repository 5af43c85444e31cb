/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edits.h"
#include "graph-draft.h"
#include "store-db.h"

/* A draft that another client of the same person sends, while this one has something to do with it. */

static const char *const other[] = {SIMULATOR_OTHER, NULL};

static GBytes *
write_mail(const char *subject)
{
	char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\n"
				     "Message-ID: <%s@contoso.example>\r\nReturn-Receipt-To: " SIMULATOR_USER
				     "\r\n\r\nHello.\r\n",
				     subject, subject);

	return g_bytes_new_take(mail, strlen(mail));
}

static void
send_elsewhere(Home *home, const char *subject)
{
	g_autoptr(JsonObject) draft = home_get(home, "drafts", subject);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(draft);
	graph_draft_send(home->client, json_object_get_string_member(draft, "id"), NULL, NULL, NULL, &error);
	g_assert_no_error(error);
}

/* Once in Sent Items, once at the other person's, and nowhere else. */
static void
assert_sent_once(Home *home, const char *subject)
{
	g_assert_cmpuint(home_count(home, "sentitems", subject), ==, 1);
	g_assert_cmpuint(home_count(home, "deleteditems", subject), ==, 0);
	g_assert_cmpuint(home_count_received(home, subject), ==, 1);
}

/* ---- a draft that this client made to send it ------------------------------------------- */

/* As if all that was done had been done an hour earlier. */
static void
age(Home *home)
{
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreDb) db = NULL;

	home_close(home);
	db = store_db_open(path, NULL, &error);
	g_assert_no_error(error);
	store_db_run(db, &error, "UPDATE outbox SET begun = begun - 3600", "");
	g_assert_no_error(error);
	g_clear_object(&db);
	home_open(home);
}

static gpointer
run_check(gpointer data)
{
	home_check(data);
	return NULL;
}

static gboolean
is_put_away(Home *home)
{
	return simulator_count_requests(home->simulator, "*/move *") > 0;
}

/* The service did not send it, and it is put away: it was looked at, and is sent before the request arrives. */
static void
test_draft_sent_between_look_and_removal_is_in_sent_items(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("between");
	g_autoptr(GError) error = NULL;
	GThread *thread;

	home_check(home);
	home_fault(home, "{\"path\":\"/send$\",\"kind\":\"close\",\"when\":\"before\",\"count\":0}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	g_clear_error(&error);
	simulator_clear_faults(home->simulator);
	age(home);
	simulator_reset_log(home->simulator);
	home_fault(home, "{\"path\":\"/move$\",\"kind\":\"hang\"}");
	thread = g_thread_new("check", run_check, home);
	while (!is_put_away(home))
		g_usleep(1000);
	send_elsewhere(home, "between");
	simulator_release(home->simulator);
	g_thread_join(thread);
	assert_sent_once(home, "between");
	g_assert_cmpuint(home_count(home, "drafts", "between"), ==, 0);

	store_account_send(home->account, mime, other, NULL, &error);
	g_assert_no_error(error);
	assert_sent_once(home, "between");
}

/* ---- a draft that the host saved --------------------------------------------------------- */

static guint32
save(Home *home, const char *subject)
{
	g_autoptr(GBytes) mail = write_mail(subject);
	g_autofree char *text = g_strndup(g_bytes_get_data(mail, NULL), g_bytes_get_size(mail));

	return home_append_mail(home, FIND(home, DRAFTS), text, STORE_FLAG_READ);
}

static void
test_draft_sent_elsewhere_is_sent_here(Home *home, gconstpointer data)
{
	home_check(home);
	save(home, "begun");
	edits_push(home);
	send_elsewhere(home, "begun");
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "begun"), ==, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, SENT), "begun"), !=, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	assert_sent_once(home, "begun");
}

/* Nobody told this client yet. What it removes is a draft, and there is none any more. */
static void
test_draft_sent_elsewhere_is_not_removed_with_its_old_version(Home *home, gconstpointer data)
{
	guint32 number;

	home_check(home);
	number = save(home, "begun");
	edits_push(home);
	send_elsewhere(home, "begun");
	save(home, "gone on with");
	edits_delete(home, FIND(home, DRAFTS), number);
	edits_push(home);
	assert_sent_once(home, "begun");
	home_check(home);
	assert_sent_once(home, "begun");
	g_assert_cmpuint(edits_number_of(home, FIND(home, SENT), "begun"), !=, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "gone on with"), !=, 0);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 1);
}

/* The look at the folders comes between the deletion here and its way to the server. */
static void
test_draft_sent_elsewhere_is_not_removed_after_a_look(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	guint32 number;

	home_check(home);
	number = save(home, "begun");
	edits_push(home);
	send_elsewhere(home, "begun");
	home_fault(home, "{\"path\":\"/me/messages/\",\"status\":409,\"count\":0}");
	edits_delete(home, FIND(home, DRAFTS), number);
	store_account_check(home->account, 0, TRUE, NULL, NULL);
	simulator_clear_faults(home->simulator);
	home_check(home);
	assert_sent_once(home, "begun");
	g_assert_cmpuint(edits_number_of(home, FIND(home, SENT), "begun"), !=, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
}

/* ---- a draft that another client writes on ----------------------------------------------- */

#define OTHER_TEXT "{\"body\":{\"contentType\":\"text\",\"content\":\"Written elsewhere\"}}"

static void
write_on(Home *home, const char *subject)
{
	g_autoptr(JsonObject) draft = home_get(home, "drafts", subject);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(draft);
	simulator_change(home->simulator, SIMULATOR_USER, json_object_get_string_member(draft, "id"), OTHER_TEXT,
			 &error);
	g_assert_no_error(error);
}

/* In base64, as the text comes back. */
#define OTHER_TEXT_THERE "V3JpdHRlbiBlbHNld2hlcmU="

static void
assert_other_text(Home *home, const char *subject)
{
	gint64 drafts = FIND(home, DRAFTS);
	g_autoptr(GError) error = NULL;
	g_autofree char *path =
		store_account_fetch_body(home->account, drafts, edits_number_of(home, drafts, subject), NULL, &error);
	g_autofree char *mail = NULL;

	g_assert_no_error(error);
	g_file_get_contents(path, &mail, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(mail, OTHER_TEXT_THERE));
}

static guint32
begin(Home *home)
{
	guint32 number;

	home_check(home);
	number = save(home, "begun");
	edits_push(home);
	return number;
}

static void
test_draft_written_on_elsewhere_is_opened_as_it_is_there(Home *home, gconstpointer data)
{
	guint32 number = begin(home);

	home_check(home);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "begun"), ==, number);
	write_on(home, "begun");
	home_check(home);
	assert_other_text(home, "begun");
	/* A window that shows what was there before removes nothing. */
	save(home, "gone on with");
	edits_delete(home, FIND(home, DRAFTS), number);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 2);
}

static void
assert_both(Home *home)
{
	g_assert_cmpuint(home_count(home, "drafts", "begun"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "gone on with"), ==, 1);
	assert_other_text(home, "begun");
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "gone on with"), !=, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
}

/* Nobody told this client yet. */
static void
test_draft_written_on_elsewhere_is_not_removed_with_its_old_version(Home *home, gconstpointer data)
{
	guint32 number = begin(home);

	write_on(home, "begun");
	save(home, "gone on with");
	edits_delete(home, FIND(home, DRAFTS), number);
	edits_push(home);
	assert_both(home);
	home_check(home);
	assert_both(home);
	edits_delete(home, FIND(home, DRAFTS), edits_number_of(home, FIND(home, DRAFTS), "begun"));
	edits_push(home);
	g_assert_cmpuint(home_count(home, "drafts", "begun"), ==, 0);
}

static void
test_draft_written_on_elsewhere_is_not_removed_after_a_look(Home *home, gconstpointer data)
{
	guint32 number = begin(home);

	write_on(home, "begun");
	save(home, "gone on with");
	edits_delete(home, FIND(home, DRAFTS), number);
	home_fault(home, "{\"path\":\"/me/messages/\",\"status\":409,\"count\":0}");
	store_account_check(home->account, 0, TRUE, NULL, NULL);
	simulator_clear_faults(home->simulator);
	home_check(home);
	assert_both(home);
}

static void
test_draft_marked_here_is_replaced_all_the_same(Home *home, gconstpointer data)
{
	gint64 drafts;
	guint32 number = begin(home);

	drafts = FIND(home, DRAFTS);
	edits_mark(home, drafts, number, STORE_FLAG_FLAGGED, 0);
	edits_push(home);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, drafts, "begun"), ==, number);
	edits_mark(home, drafts, number, 0, STORE_FLAG_FLAGGED);
	edits_push(home);
	save(home, "gone on with");
	edits_delete(home, drafts, number);
	edits_push(home);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "gone on with"), ==, 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/elsewhere/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("draft sent between look and removal is in Sent Items",
	    test_draft_sent_between_look_and_removal_is_in_sent_items);
	ADD("draft sent elsewhere is sent here", test_draft_sent_elsewhere_is_sent_here);
	ADD("draft sent elsewhere is not removed with its old version",
	    test_draft_sent_elsewhere_is_not_removed_with_its_old_version);
	ADD("draft sent elsewhere is not removed after a look", test_draft_sent_elsewhere_is_not_removed_after_a_look);
	ADD("draft written on elsewhere is opened as it is there",
	    test_draft_written_on_elsewhere_is_opened_as_it_is_there);
	ADD("draft written on elsewhere is not removed with its old version",
	    test_draft_written_on_elsewhere_is_not_removed_with_its_old_version);
	ADD("draft written on elsewhere is not removed after a look",
	    test_draft_written_on_elsewhere_is_not_removed_after_a_look);
	ADD("draft marked here is replaced all the same", test_draft_marked_here_is_replaced_all_the_same);
	return g_test_run();
}
