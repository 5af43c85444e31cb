/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "edits.h"

/*
 * A host that saves a draft anew stores the new version and then removes the old one; both bear the same Message-ID.
 * At every moment one of them is at the server, and in the end the last one alone.
 */

#define BACK_OFF 5 /* milliseconds */
#define CHECKS 4
#define STEPS 7 /* requests of two versions, and one that looks */

static guint32
save(Home *home, const char *text)
{
	g_autofree char *mail = home_write_mail(text, "<draft@contoso.example>");

	return home_append_mail(home, FIND(home, DRAFTS), mail, STORE_FLAG_READ);
}

static guint32
save_with_file(Home *home, const char *text)
{
	g_autofree char *mail = g_strdup_printf(
		"From: alice@contoso.example\r\nTo: bob@contoso.example\r\nSubject: %s\r\n"
		"Message-ID: <draft@contoso.example>\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n"
		"--b\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\n"
		"Content-Disposition: attachment; filename=\"plan.pdf\"\r\n\r\nPDF\r\n--b--\r\n",
		text);

	return home_append_mail(home, FIND(home, DRAFTS), mail, STORE_FLAG_READ);
}

static guint32
replace(Home *home, guint32 number, const char *text)
{
	guint32 next = save(home, text);

	edits_delete(home, FIND(home, DRAFTS), number);
	return next;
}

static guint
count(Home *home)
{
	return home_count(home, "drafts", NULL);
}

static void
assert_only(Home *home, const char *text)
{
	g_autoptr(GArray) here = home_list(home, FIND(home, DRAFTS));

	g_assert_cmpuint(here->len, ==, 1);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), text), !=, 0);
	g_assert_cmpuint(count(home), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", text), ==, 1);
}

static guint32
begin(Home *home)
{
	guint32 number;

	home_check(home);
	number = save(home, "First");
	edits_push(home);
	g_assert_cmpuint(home_count(home, "drafts", "First"), ==, 1);
	simulator_reset_log(home->simulator);
	return number;
}

static void
test_new_version_goes_before_the_old_one_is_deleted(Home *home, gconstpointer data)
{
	g_auto(GStrv) requests = NULL;

	replace(home, begin(home), "Second");
	edits_push(home);
	requests = simulator_get_requests(home->simulator);
	g_assert_cmpuint(g_strv_length(requests), ==, 3);
	g_assert_true(g_str_has_prefix(requests[0], "POST /v1.0/me/messages "));
	g_assert_true(g_str_has_prefix(requests[1], "GET /v1.0/me/messages/"));
	g_assert_nonnull(strstr(requests[2], "/permanentDelete "));
	assert_only(home, "Second");
}

static void
test_old_version_stays_while_the_new_one_rests(Home *home, gconstpointer data)
{
	guint32 number = begin(home);
	g_autoptr(GError) error = NULL;

	store_account_set_draft_delay(home->account, 3600);
	for (guint i = 0; i < 3; i++) {
		number = replace(home, number, "Later");
		g_assert_true(store_account_push(home->account, NULL, &error));
		g_assert_no_error(error);
	}
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	g_assert_cmpint(store_account_get_push_delay(home->account), >, 3000);
	g_assert_cmpuint(home_count(home, "drafts", "First"), ==, 1);
	store_account_flush(home->account, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 3);
	assert_only(home, "Later");
}

static void
test_version_with_files_is_not_replaced_for_good_by_one_without(Home *home, gconstpointer data)
{
	guint32 number;

	home_check(home);
	number = save_with_file(home, "With the plan");
	edits_push(home);
	number = replace(home, number, "Saved by itself");
	edits_push(home);
	assert_only(home, "Saved by itself");
	g_assert_cmpuint(home_count(home, "deleteditems", "With the plan"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), "With the plan"), !=, 0);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, FIND(home, TRASH), "With the plan"), !=, 0);

	/* What has its files goes for good. */
	save_with_file(home, "With the plan again");
	edits_delete(home, FIND(home, DRAFTS), number);
	edits_push(home);
	number = edits_number_of(home, FIND(home, DRAFTS), "With the plan again");
	save_with_file(home, "With the plan at last");
	edits_delete(home, FIND(home, DRAFTS), number);
	edits_push(home);
	assert_only(home, "With the plan at last");
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 1);
}

/* Sent, or thrown away. */
static void
test_draft_that_goes_takes_its_old_version_along(Home *home, gconstpointer data)
{
	guint32 number = begin(home);

	store_account_set_draft_delay(home->account, 3600);
	number = replace(home, number, "Second");
	edits_delete(home, FIND(home, DRAFTS), number);
	edits_push(home);
	g_assert_cmpuint(count(home), ==, 0);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 2);
}

static void
test_old_version_stays_when_the_new_one_is_refused(Home *home, gconstpointer data)
{
	guint32 number = begin(home);

	number = replace(home, number, "Refused");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"status\":403}");
	edits_push(home);
	g_assert_cmpuint(home->refused->len, ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "First"), ==, 1);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "First"), !=, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Refused"), ==, number);

	number = replace(home, number, "Third");
	edits_push(home);
	g_assert_cmpuint(home_count(home, "drafts", "Third"), ==, 1);
	g_assert_cmpuint(count(home), ==, 2);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Third"), ==, number);
}

/* What is found at the server could be either of them. */
static void
test_new_version_waits_until_the_fate_of_the_old_one_is_known(Home *home, gconstpointer data)
{
	guint32 number;

	home_check(home);
	number = save(home, "First");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"kind\":\"type\",\"count\":2}");
	edits_push_fails(home, GRAPH_ERROR_UNCERTAIN);
	number = replace(home, number, "Second");
	edits_push_fails(home, GRAPH_ERROR_PROTOCOL);
	g_assert_cmpuint(home_count(home, "drafts", "First"), ==, 1);
	g_assert_cmpuint(count(home), ==, 1);
	edits_push(home);
	assert_only(home, "Second");
	home_check(home);
	assert_only(home, "Second");
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Second"), ==, number);
}

static const struct {
	const char *name;
	const char *what;
	gboolean refusal; /* may be believed: the version is kept here, and said */
} faults[] = {
	{"closes before", "\"kind\":\"close\",\"when\":\"before\""},
	{"closes instead of the answer", "\"kind\":\"close\",\"when\":\"work\""},
	{"401", "\"status\":401"},
	{"403", "\"status\":403", TRUE},
	{"404", "\"status\":404", TRUE},
	{"503", "\"status\":503"},
	{"500 after the work", "\"status\":500,\"work\":true"},
	{"507", "\"status\":507", TRUE},
	{"JSON that is a list", "\"kind\":\"type\""},
	{"JSON that is cut", "\"kind\":\"cut\""},
};

static void
hurry(Home *home)
{
	graph_client_set_patience(home->client, BACK_OFF, 1);
	store_account_set_patience(home->account, BACK_OFF);
}

static void
start_anew(Home *home)
{
	home_close(home);
	home_open(home);
	hurry(home);
}

/* The process ends after each push, as one that was killed between two requests; the next one goes on. */
static void
run_with_fault(Home *home, const char *what, guint step, gboolean refusal)
{
	g_autofree char *fault = g_strdup_printf("{\"path\":\".*\",%s,\"skip\":%u}", what, step);
	guint32 number = begin(home);
	guint refused = 0;

	hurry(home);
	home_fault(home, fault);
	for (guint i = 0; i < 2; i++) {
		number = replace(home, number, i == 0 ? "Second" : "Third");
		store_account_push(home->account, NULL, NULL);
		refused += home->refused->len;
		start_anew(home);
		number = edits_number_of(home, FIND(home, DRAFTS), i == 0 ? "Second" : "Third");
		g_assert_cmpuint(number, !=, 0);
		g_assert_cmpuint(count(home), >=, 1);
	}
	simulator_clear_faults(home->simulator);
	for (guint i = 0; i < CHECKS; i++) {
		store_account_check(home->account, 0, TRUE, NULL, NULL);
		g_assert_cmpuint(count(home), >=, 1);
	}
	refused += home->refused->len;
	home_check(home);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	g_assert_cmpuint(edits_number_of(home, FIND(home, DRAFTS), "Third"), !=, 0);
	g_assert_true(refused == 0 || refusal);
	if (refused == 0)
		assert_only(home, "Third");
}

static void
test_fault_at_every_step(gconstpointer data)
{
	for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
		for (guint step = 0; step < STEPS; step++) {
			Home home = {0};

			g_test_message("%s at request %u", faults[i].name, step);
			home_set_up(&home, NULL);
			run_with_fault(&home, faults[i].what, step, faults[i].refusal);
			home_tear_down(&home, NULL);
		}
	}
}

#define LARGE 3000000

static guint32
save_large(Home *home, guint32 replaced, const char *subject)
{
	g_autofree char *mail = home_write_mail(subject, "<draft@contoso.example>");
	g_autofree char *text = g_strnfill(LARGE, 'x');
	g_autofree char *whole = g_strconcat(mail, text, "\r\n", NULL);
	guint32 number = home_append_mail(home, FIND(home, DRAFTS), whole, STORE_FLAG_READ | STORE_FLAG_DRAFT);

	if (replaced != 0)
		edits_delete(home, FIND(home, DRAFTS), replaced);
	store_account_flush(home->account, NULL, NULL);
	return number;
}

static void
test_too_large_a_draft_stays_here_and_that_is_said_once(Home *home, gconstpointer data)
{
	gint64 drafts;
	guint32 number = 0;

	home_check(home);
	drafts = FIND(home, DRAFTS);
	simulator_reset_log(home->simulator);
	for (guint i = 0; i < 4; i++) {
		g_autofree char *body = NULL;

		number = save_large(home, number, "Large");
		body = store_account_get_body(home->account, drafts, number);
		g_assert_nonnull(body);
		g_assert_cmpuint(edits_number_of(home, drafts, "Large"), ==, number);
		g_assert_cmpuint(home->refused->len, ==, 1);
	}
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	g_assert_cmpuint(store_account_count_only_here(home->account), ==, 1);
	home_check(home);
	g_assert_cmpuint(edits_number_of(home, drafts, "Large"), ==, number);

	/* Without what made it large. */
	number = replace(home, number, "Small");
	edits_push(home);
	assert_only(home, "Small");
	g_assert_cmpuint(store_account_count_only_here(home->account), ==, 0);
}

static char *
mime_of(Home *home, const char *subject)
{
	g_autoptr(JsonObject) there = home_get(home, "drafts", subject);
	gsize length;
	g_autofree guchar *bytes = g_base64_decode(json_object_get_string_member(there, "x-mime"), &length);

	return g_strndup((const char *)bytes, length);
}

/* CHECKED.md 6d */
static void
test_text_survives_that_was_quoted_printable(Home *home, gconstpointer data)
{
	g_autofree char *mime = NULL;

	simulator_set_damage_printable(home->simulator, TRUE);
	home_check(home);
	home_append_mail(home, FIND(home, DRAFTS),
			 "From: " SIMULATOR_USER "\nSubject: Long\nMessage-ID: <long@contoso.example>\n"
			 "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
			 "Content-Transfer-Encoding: quoted-printable\n\none long =\nline\n",
			 STORE_FLAG_READ);
	edits_push(home);
	mime = mime_of(home, "Long");
	g_assert_nonnull(strstr(mime, "\r\nb25lIGxvbmcgbGluZQ"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/drafts/" path, Home, NULL, home_set_up, test, home_tear_down)
	ADD("new version goes before the old one is deleted", test_new_version_goes_before_the_old_one_is_deleted);
	ADD("old version stays while the new one rests", test_old_version_stays_while_the_new_one_rests);
	ADD("version with files is not replaced for good by one without",
	    test_version_with_files_is_not_replaced_for_good_by_one_without);
	ADD("draft that goes takes its old version along", test_draft_that_goes_takes_its_old_version_along);
	ADD("old version stays when the new one is refused", test_old_version_stays_when_the_new_one_is_refused);
	ADD("new version waits until the fate of the old one is known",
	    test_new_version_waits_until_the_fate_of_the_old_one_is_known);
	ADD("too large a draft stays here, and that is said once",
	    test_too_large_a_draft_stays_here_and_that_is_said_once);
	ADD("text survives that was quoted-printable", test_text_survives_that_was_quoted_printable);
	g_test_add_data_func("/store/drafts/fault at every step", NULL, test_fault_at_every_step);
	return g_test_run();
}
