/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home.h"

/*
 * A process that is killed at any moment: it works on an account until its end comes, the next one goes on, and after
 * the last one both sides agree and nothing was lost or done twice. A worker says on its standard output what it was
 * promised.
 */
#define MAILS 12
#define KILLS 12

static const StoreRole places[] = {STORE_ROLE_INBOX, STORE_ROLE_ARCHIVE, STORE_ROLE_TRASH};

static char *
write_sending(guint number)
{
	return g_strdup_printf("From: Alice <" SIMULATOR_USER ">\r\nTo: Bob <" SIMULATOR_OTHER
			       ">\r\nSubject: Sent %u\r\n"
			       "Message-ID: <sent-%u@contoso.example>\r\nDate: Tue, 03 Mar 2026 10:00:00 +0100\r\n"
			       "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello.\r\n",
			       number, number);
}

static gboolean
send_mail(Home *home, guint number)
{
	const char *recipients[] = {SIMULATOR_OTHER, NULL};
	char *mail = write_sending(number);
	g_autoptr(GBytes) mime = g_bytes_new_take(mail, strlen(mail));

	return store_account_send(home->account, mime, recipients, NULL, NULL);
}

static void
promise(const char *text)
{
	printf("%s\n", text);
	fflush(stdout);
}

static void
touch(Home *home, GRand *rand)
{
	gint64 from = store_account_find_role(home->account, places[g_rand_int_range(rand, 0, G_N_ELEMENTS(places))]);
	gint64 to = store_account_find_role(home->account, places[g_rand_int_range(rand, 0, G_N_ELEMENTS(places))]);
	g_autoptr(GPtrArray) messages = store_account_list_messages(home->account, from, NULL, NULL);
	const StoreMessage *message;
	g_autoptr(GArray) numbers = NULL;

	if (messages == NULL || messages->len == 0 || from == 0 || to == 0)
		return;
	message = g_ptr_array_index(messages, g_rand_int_range(rand, 0, (gint)messages->len));
	numbers = home_numbers(message->number);
	if (g_rand_boolean(rand) || from == to) {
		store_account_change_flags(home->account, from, numbers,
					   message->flags & STORE_FLAG_READ ? 0 : STORE_FLAG_READ, STORE_FLAG_READ,
					   NULL);
	} else {
		g_autoptr(GArray) moved = store_account_move_messages(home->account, from, numbers, to, NULL);

		g_assert_nonnull(moved);
	}
}

/* The worker: never ends by itself. */
static void
work(char **argv)
{
	Home home = {0};
	guint seed = (guint)atoi(argv[5]);
	guint next = (guint)atoi(argv[6]);
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);

	home_join(&home, argv[2], argv[3], argv[4]);
	/* What the killed one sent may still be under way. */
	store_account_set_patience(home.account, 200);
	promise("ready");
	for (guint i = 0;; i++) {
		g_autofree char *subject = g_strdup_printf("Draft %u %u", seed, i);
		g_autofree char *sent = g_strdup_printf("Sent %u", next);

		switch (g_rand_int_range(rand, 0, 6)) {
		case 0:
			home_append(&home, store_account_find_role(home.account, STORE_ROLE_DRAFTS), subject,
				    STORE_FLAG_READ);
			promise(subject);
			break;
		case 1:
			if (send_mail(&home, next)) {
				promise(sent);
				next++;
			}
			break;
		case 2:
			store_account_check(home.account, 0, TRUE, NULL, NULL);
			break;
		case 3:
			store_account_push(home.account, NULL, NULL);
			break;
		default:
			touch(&home, rand);
			break;
		}
	}
}

static void
run_and_kill(Home *home, const char *program, const char *token, guint seed, GPtrArray *promises, guint *next)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *number = g_strdup_printf("%u", seed);
	g_autofree char *first = g_strdup_printf("%u", *next);
	g_autoptr(GSubprocess) process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--work",
				 simulator_get_origin(home->simulator), token, home->directory, number, first, NULL);
	g_autoptr(GDataInputStream) lines = NULL;
	char *line;

	g_assert_no_error(error);
	lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process));
	if (seed % 4 != 0)
		g_free(g_data_input_stream_read_line(lines, NULL, NULL, NULL));
	g_usleep((gulong)g_random_int_range(0, 250000));
	g_subprocess_force_exit(process);
	g_subprocess_wait(process, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_subprocess_get_if_signaled(process));
	while ((line = g_data_input_stream_read_line(lines, NULL, NULL, NULL)) != NULL) {
		if (g_str_has_prefix(line, "Sent "))
			*next += 1;
		g_ptr_array_add(promises, line);
	}
}

static guint
count_everywhere(Home *home, const char *subject)
{
	static const char *const folders[] = {"inbox", "archive", "deleteditems", "drafts"};
	guint n = 0;

	for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
		n += home_count(home, folders[i], subject);
	return n;
}

static void
assert_agreed(Home *home)
{
	static const char *const names[] = {"inbox", "archive", "deleteditems"};

	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		gint64 folder = store_account_find_role(home->account, places[i]);
		g_autoptr(GPtrArray) here = store_account_list_messages(home->account, folder, NULL, NULL);
		g_autoptr(JsonArray) there = home_dump(home, names[i]);

		g_assert_cmpuint(here->len, ==, json_array_get_length(there));
		for (guint j = 0; j < here->len; j++) {
			const StoreMessage *message = g_ptr_array_index(here, j);
			g_autoptr(JsonObject) same = home_get(home, names[i], message->subject);

			g_assert_nonnull(same);
			g_assert_cmpstr(json_object_get_string_member(same, "id"), ==, message->id);
			g_assert_cmpint(json_object_get_boolean_member(same, "isRead"), ==,
					(message->flags & STORE_FLAG_READ) != 0);
		}
	}
}

static void
test_killed_at_any_moment(Home *home, gconstpointer program)
{
	g_autofree char *token =
		simulator_issue_access_token(home->simulator, SIMULATOR_USER, "User.Read Mail.ReadWrite Mail.Send");
	g_autoptr(GPtrArray) promises = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(JsonArray) drafts = NULL;
	guint next = 0;

	for (guint i = 0; i < MAILS; i++) {
		g_autofree char *subject = g_strdup_printf("Mail %u", i);
		g_autofree char *id = home_deliver(home, "inbox", subject);
	}
	home_check(home);
	home_close(home);
	for (guint i = 1; i <= KILLS; i++)
		run_and_kill(home, program, token, i, promises, &next);

	home_open(home);
	g_test_message("%u promises, %u of them mails that were sent", promises->len, next);
	g_assert_true(send_mail(home, next));
	for (guint i = 0; i < 3; i++)
		home_check(home);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	g_assert_cmpuint(home->refused->len, ==, 0);
	assert_agreed(home);

	for (guint i = 0; i < MAILS; i++) {
		g_autofree char *subject = g_strdup_printf("Mail %u", i);

		g_assert_cmpuint(count_everywhere(home, subject), ==, 1);
	}
	for (guint i = 0; i < promises->len; i++) {
		const char *subject = g_ptr_array_index(promises, i);

		if (g_str_has_prefix(subject, "Draft "))
			g_assert_cmpuint(count_everywhere(home, subject), ==, 1);
	}
	drafts = home_dump(home, "drafts");
	for (guint i = 0; i < json_array_get_length(drafts); i++) {
		JsonObject *draft = json_array_get_object_element(drafts, i);

		g_assert_cmpuint(home_count(home, "drafts", json_object_get_string_member(draft, "subject")), ==, 1);
	}
	for (guint i = 0; i <= next; i++) {
		g_autofree char *subject = g_strdup_printf("Sent %u", i);

		g_assert_cmpuint(home_count(home, "sentitems", subject), ==, 1);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 7 && g_str_equal(argv[1], "--work"))
		work(argv);
	g_test_init(&argc, &argv, NULL);
	g_test_add("/store/kill/nothing is lost or doubled", Home, argv[0], home_set_up, test_killed_at_any_moment,
		   home_tear_down);
	return g_test_run();
}
