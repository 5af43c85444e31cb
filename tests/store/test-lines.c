/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "edits.h"

/* The lines by which a host finds its way with a draft: here they stay with it, and nobody else gets them. */

#define LINES "X-Host-Encrypt:1\nRRCPT:1\nRMID:#folder/Inbox\t7\tquestion@contoso.example\nX-Host-End: 1\n"
#define OTHER_TEXT "{\"body\":{\"contentType\":\"text\",\"content\":\"Written elsewhere\"}}"
#define OTHER_TEXT_THERE "V3JpdHRlbiBlbHNld2hlcmU=" /* in base64, as it comes back */

static guint32
save(Home *home, const char *text)
{
	g_autofree char *mail = home_write_mail(text, "<draft@contoso.example>");

	return home_append_with_lines(home, FIND(home, DRAFTS), mail, LINES, STORE_FLAG_READ | STORE_FLAG_DRAFT);
}

static char *
read_mail(Home *home, gint64 folder, const char *subject)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path =
		store_account_fetch_body(home->account, folder, edits_number_of(home, folder, subject), NULL, &error);
	char *mail = NULL;

	g_assert_no_error(error);
	g_file_get_contents(path, &mail, NULL, &error);
	g_assert_no_error(error);
	return mail;
}

static void
assert_lines_once(const char *mail)
{
	g_assert_true(g_str_has_prefix(mail, LINES));
	g_assert_null(strstr(mail + strlen(LINES), "X-Host-End"));
	g_assert_nonnull(strstr(mail, "\nSubject: Answer"));
}

static void
assert_kept(Home *home)
{
	g_autofree char *mail = read_mail(home, FIND(home, DRAFTS), "Answer");

	assert_lines_once(mail);
}

static void
assert_not_at_server(Home *home, const char *folder)
{
	g_autoptr(JsonObject) there = home_get(home, folder, "Answer");
	g_autofree char *mail = NULL;
	gsize length;
	g_autofree guchar *bytes = NULL;

	g_assert_nonnull(there);
	bytes = g_base64_decode(json_object_get_string_member(there, "x-mime"), &length);
	mail = g_strndup((const char *)bytes, length);
	g_assert_nonnull(strstr(mail, "Subject: Answer"));
	g_assert_null(strstr(mail, "X-Host"));
	g_assert_null(strstr(mail, "RMID"));
	g_assert_null(strstr(mail, "RRCPT"));
}

static void
assert_without(Home *home, gint64 folder)
{
	g_autofree char *mail = read_mail(home, folder, "Answer");

	g_assert_null(strstr(mail, "X-Host"));
	g_assert_nonnull(strstr(mail, "Subject: Answer"));
}

static void
begin(Home *home)
{
	home_check(home);
	save(home, "Answer");
	edits_push(home);
}

static void
test_draft_is_opened_with_the_lines_that_it_was_saved_with(Home *home, gconstpointer data)
{
	guint32 number;

	home_check(home);
	number = save(home, "Answer");
	assert_kept(home);
	home_close(home);
	home_open(home);
	assert_kept(home);
	edits_push(home);
	home_check(home);
	assert_kept(home);
	assert_not_at_server(home, "drafts");
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Answer"), ==, number);

	/* The body of a draft that rests may be fetched again. */
	store_account_drop_body(home->account, FIND(home, DRAFTS), number);
	assert_kept(home);
	home_close(home);
	home_open(home);
	assert_kept(home);
}

static guint
count_unfinished(Home *home)
{
	g_autofree char *path = g_build_filename(home->directory, "bodies", "unfinished", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) directory = g_dir_open(path, 0, &error);
	guint count = 0;

	g_assert_no_error(error);
	while (g_dir_read_name(directory) != NULL)
		count++;
	return count;
}

static void
test_text_of_another_client_comes_with_them(Home *home, gconstpointer data)
{
	g_autoptr(JsonObject) there = NULL;
	g_autofree char *mail = NULL;
	g_autoptr(GError) error = NULL;

	begin(home);
	home_check(home);
	assert_kept(home);
	there = home_get(home, "drafts", "Answer");
	simulator_change(home->simulator, SIMULATOR_USER, json_object_get_string_member(there, "id"), OTHER_TEXT,
			 &error);
	g_assert_no_error(error);
	home_check(home);
	mail = read_mail(home, FIND(home, DRAFTS), "Answer");
	assert_lines_once(mail);
	g_assert_nonnull(strstr(mail, OTHER_TEXT_THERE));
	g_assert_cmpuint(count_unfinished(home), ==, 1);
}

static void
test_other_folders_do_not_have_them(Home *home, gconstpointer data)
{
	gint64 drafts, archive;
	guint32 number;

	begin(home);
	drafts = FIND(home, DRAFTS);
	archive = FIND(home, ARCHIVE);
	number = edits_move(home, drafts, edits_number_of(home, drafts, "Answer"), archive);
	assert_without(home, archive);
	edits_push(home);
	assert_not_at_server(home, "archive");
	edits_move(home, archive, number, drafts);
	assert_kept(home);
	edits_push(home);

	number = edits_copy(home, drafts, edits_number_of(home, drafts, "Answer"), archive);
	assert_without(home, archive);
	assert_kept(home);
	edits_push(home);
	assert_not_at_server(home, "archive");
	edits_delete(home, drafts, edits_number_of(home, drafts, "Answer"));
	edits_copy(home, archive, number, drafts);
	assert_kept(home);
	edits_push(home);
	assert_not_at_server(home, "drafts");
}

static void
test_nothing_is_left_of_a_draft_that_is_removed(Home *home, gconstpointer data)
{
	gint64 drafts;

	begin(home);
	drafts = FIND(home, DRAFTS);
	assert_kept(home);
	assert_kept(home);
	g_assert_cmpuint(count_unfinished(home), ==, 1);
	store_account_drop_body(home->account, drafts, edits_number_of(home, drafts, "Answer"));
	g_assert_cmpuint(count_unfinished(home), ==, 0);
	assert_kept(home);
	edits_delete(home, drafts, edits_number_of(home, drafts, "Answer"));
	edits_push(home);
	g_assert_cmpuint(count_unfinished(home), ==, 0);
}

/* It would be sent without what was chosen for it. */
static void
test_draft_is_not_opened_without_them(Home *home, gconstpointer data)
{
	gint64 drafts;
	guint32 number;
	g_autofree char *unfinished = g_build_filename(home->directory, "bodies", "unfinished", NULL);
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;

	home_check(home);
	drafts = FIND(home, DRAFTS);
	number = save(home, "Answer");
	g_assert_cmpint(g_rmdir(unfinished), ==, 0);
	g_assert_null(store_account_get_body(home->account, drafts, number));
	path = store_account_fetch_body(home->account, drafts, number, NULL, &error);
	g_assert_null(path);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_DISK);
	g_assert_cmpint(g_mkdir(unfinished, 0700), ==, 0);
	assert_kept(home);
}

static void
damage(Home *home)
{
	g_autofree char *path = g_build_filename(home->directory, "mail.db", NULL);
	FILE *file = fopen(path, "r+b");

	g_assert_nonnull(file);
	g_assert_cmpint(fputs("not a database", file), >=, 0);
	g_assert_cmpint(fclose(file), ==, 0);
}

static void
test_they_survive_a_damaged_database(Home *home, gconstpointer data)
{
	g_autofree char *notice = NULL;

	begin(home);
	home_close(home);
	damage(home);
	home_open(home);
	notice = store_account_take_notice(home->account);
	g_assert_nonnull(notice);
	home_check(home);
	assert_kept(home);
	assert_not_at_server(home, "drafts");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/lines/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("draft is opened with the lines that it was saved with",
	    test_draft_is_opened_with_the_lines_that_it_was_saved_with);
	ADD("text of another client comes with them", test_text_of_another_client_comes_with_them);
	ADD("other folders do not have them", test_other_folders_do_not_have_them);
	ADD("nothing is left of a draft that is removed", test_nothing_is_left_of_a_draft_that_is_removed);
	ADD("draft is not opened without them", test_draft_is_not_opened_without_them);
	ADD("they survive a damaged database", test_they_survive_a_damaged_database);
	return g_test_run();
}
