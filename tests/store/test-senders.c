/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "graph-error.h"
#include "home.h"

/* Who a mail comes from, and where its copy lands (API.md 6.1, CHECKED 6c). */

static const char *const to_alice[] = {SIMULATOR_USER, NULL};
static const char *const to_bob[] = {SIMULATOR_OTHER, NULL};

static GBytes *
write_mail(const char *subject, const char *from, const char *to, const char *header)
{
	char *mail =
		g_strdup_printf("From: Somebody <%s>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@contoso.example>\r\n"
				"%sMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nThis is %s.\r\n",
				from, to, subject, subject, header, subject);

	return g_bytes_new_take(mail, strlen(mail));
}

static void
set_up(Home *home, gconstpointer data)
{
	home_set_up_with(home, "User.Read Mail.ReadWrite.Shared Mail.Send.Shared");
	graph_client_set_patience(home->client, 5, 20);
	home_check(home);
	simulator_reset_log(home->simulator);
}

static void
set_up_without_permission(Home *home, gconstpointer data)
{
	home_set_up_with(home, "User.Read Mail.ReadWrite Mail.Send");
	graph_client_set_patience(home->client, 5, 20);
	home_check(home);
	simulator_reset_log(home->simulator);
}

static void
send(Home *home, GBytes *mime, const char *const *recipients)
{
	g_autoptr(GError) error = NULL;

	store_account_send(home->account, mime, recipients, NULL, &error);
	g_assert_no_error(error);
}

static const char *
get_address(JsonObject *message, const char *name)
{
	return json_object_get_string_member(
		json_object_get_object_member(json_object_get_object_member(message, name), "emailAddress"), "address");
}

static void
test_another_sender_is_named_to_the_service(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("other", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(JsonObject) arrived = NULL;
	g_autoptr(JsonObject) copy = NULL;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	send(home, mime, to_alice);
	arrived = simulator_get(home->simulator, SIMULATOR_USER, "inbox", "other");
	copy = simulator_get(home->simulator, SIMULATOR_USER, "sentitems", "other");
	g_assert_nonnull(arrived);
	g_assert_cmpstr(get_address(arrived, "from"), ==, SIMULATOR_OTHER);
	g_assert_cmpstr(json_object_get_string_member(arrived, "internetMessageId"), ==, "<other@contoso.example>");
	g_assert_nonnull(copy);
	g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "drafts", "other"));
}

static void
test_who_has_no_right_is_told(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("denied", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;

	g_assert_false(store_account_send(home->account, mime, to_alice, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_UNSENT);
	g_assert_nonnull(strstr(error->message, "right to send as"));
	g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "inbox", "denied"));
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "sentitems", NULL), ==, 0);
}

static void
expect_want_of_permission(StoreAccount *account, GBytes *mime)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(store_account_send(account, mime, to_alice, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_assert_nonnull(strstr(error->message, "permission Mail.Send.Shared"));
	g_assert_nonnull(strstr(error->message, SIMULATOR_OTHER));
	g_assert_null(strstr(error->message, "right to send as"));
}

/* Where all addresses of the user are known, before anything is sent; else when the service says no. */
static void
test_permission_that_is_missing_is_named(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("unpermitted", SIMULATOR_OTHER, SIMULATOR_USER, "");

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	if (data != NULL)
		home_fault(home,
			   "{\"path\": \"/v1.0/me$\", \"skip\": 1, \"status\": 200, \"body\": {\"proxyAddresses\": "
			   "[\"SMTP:" SIMULATOR_USER "\"]}}");
	expect_want_of_permission(home->account, mime);
	g_assert_cmpuint(home_get_n_requests(home, "POST"), ==,
			 data != NULL ? 0 : 3); /* draft, send, permanentDelete */
	g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "inbox", "unpermitted"));
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

static void
test_shared_mailbox_needs_the_permission(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("unshared", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("shared-XXXXXX", &error);
	g_autoptr(GraphClient) client =
		graph_client_new(home->authorizer, simulator_get_origin(home->simulator), SIMULATOR_OTHER, NULL);
	StoreAccount *account = store_account_new(directory, client, &error);

	g_assert_no_error(error);
	expect_want_of_permission(account, mime);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
	g_assert_finalize_object(account);
	store_account_remove(directory, NULL);
}

/* The answer of the PATCH names another one than was asked for. */
static void
test_sender_that_was_not_taken_is_not_sent(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("mistaken", "stranger@fabrikam.example", SIMULATOR_OTHER, "");
	g_autoptr(GError) error = NULL;

	home_fault(home,
		   "{\"method\": \"PATCH\", \"status\": 200, \"body\": {\"id\": \"1\", \"isDraft\": true, \"from\": "
		   "{\"emailAddress\": {\"address\": \"" SIMULATOR_USER "\"}}}}");
	g_assert_false(store_account_send(home->account, mime, to_bob, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_assert_nonnull(strstr(error->message, "stranger@fabrikam.example"));
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/messages/"), ==, 1); /* permanentDelete */
	g_assert_null(simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "mistaken"));
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

/* API.md 2.1, 5.6: without a body, or with little of the draft; done, or not. */
static void
test_change_that_is_answered_with_little_is_looked_at(Home *home, gconstpointer data)
{
	static const struct {
		const char *answer;
		guint changes;
	} answers[] = {
		{"\"status\": 204, \"work\": true, \"body\": \"\"", 1},
		{"\"status\": 200, \"work\": true, \"body\": {\"subject\": \"\"}", 1},
		{"\"status\": 200, \"work\": true, \"body\": {\"id\": \"1\", \"isDraft\": true}", 1},
		{"\"status\": 204", 2},
		{"\"status\": 200, \"body\": {\"id\": \"1\", \"from\": {\"emailAddress\": {\"address\": "
		 "\"" SIMULATOR_OTHER "\"}}}",
		 2},
	};
	static const char *const both[] = {SIMULATOR_USER, SIMULATOR_OTHER, NULL};

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_set_drop_bcc(home->simulator, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *subject = g_strdup_printf("little%u", i);
		g_autofree char *json = g_strdup_printf("{\"method\": \"PATCH\", %s}", answers[i].answer);
		g_autoptr(GBytes) mime = write_mail(subject, SIMULATOR_OTHER, SIMULATOR_USER, "X-Priority: 1\r\n");
		g_autoptr(JsonObject) arrived = NULL;
		g_autoptr(JsonObject) blind_copy = NULL;

		simulator_reset_log(home->simulator);
		home_fault(home, json);
		send(home, mime, both);
		g_assert_cmpuint(home_get_n_requests(home, "PATCH"), ==, answers[i].changes);
		g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/messages "), ==, 1);
		arrived = simulator_get(home->simulator, SIMULATOR_USER, "inbox", subject);
		blind_copy = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", subject);
		g_assert_cmpstr(get_address(arrived, "from"), ==, SIMULATOR_OTHER);
		g_assert_cmpstr(json_object_get_string_member(arrived, "importance"), ==, "high");
		g_assert_nonnull(blind_copy);
	}
}

/* Each time, and it is not done. */
static void
test_sender_that_is_not_found_to_be_taken_is_not_sent(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("untold", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	home_fault(home, "{\"method\": \"PATCH\", \"status\": 204, \"count\": 0}");
	g_assert_false(store_account_send(home->account, mime, to_alice, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_assert_nonnull(strstr(error->message, SIMULATOR_OTHER));
	g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "inbox", "untold"));
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

static void
test_own_addresses_take_one_request(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("own", "ALICE@contoso.example", SIMULATOR_OTHER, "");

	send(home, mime, to_bob);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	g_assert_nonnull(simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "own"));
}

/* proxyAddresses of /me: asked for once. The service may name the mailbox's first address in their place. */
static void
test_other_own_address_may_become_the_first(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("alias", "a.lias@contoso.example", SIMULATOR_OTHER, "");
	g_autoptr(GBytes) again = write_mail("again", "a.lias@contoso.example", SIMULATOR_OTHER, "");
	const char *patch = "{\"method\": \"PATCH\", \"status\": 200, \"body\": {\"id\": \"1\", \"isDraft\": true, "
			    "\"from\": {\"emailAddress\": {\"address\": \"" SIMULATOR_USER "\"}}}}";

	home_fault(home, "{\"path\": \"/v1.0/me$\", \"skip\": 1, \"status\": 200, \"body\": {\"proxyAddresses\": "
			 "[\"SMTP:" SIMULATOR_USER "\", \"smtp:A.Lias@contoso.example\"]}}");
	home_fault(home, patch);
	send(home, mime, to_bob);
	home_fault(home, patch);
	send(home, again, to_bob);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/me 200"), ==, 2);
	g_assert_nonnull(simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "alias"));
	g_assert_nonnull(simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "again"));
}

static void
test_shared_mailbox_keeps_its_copy(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("shared", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("shared-XXXXXX", &error);
	g_autoptr(GraphClient) client =
		graph_client_new(home->authorizer, simulator_get_origin(home->simulator), SIMULATOR_OTHER, NULL);
	StoreAccount *account;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	account = store_account_new(directory, client, &error);
	g_assert_no_error(error);
	store_account_send(account, mime, to_alice, NULL, &error);
	g_assert_no_error(error);
	g_assert_finalize_object(account);
	store_account_remove(directory, NULL);
	{
		g_autoptr(JsonObject) arrived = simulator_get(home->simulator, SIMULATOR_USER, "inbox", "shared");
		g_autoptr(JsonObject) copy = simulator_get(home->simulator, SIMULATOR_OTHER, "sentitems", "shared");

		g_assert_cmpstr(get_address(arrived, "from"), ==, SIMULATOR_OTHER);
		g_assert_nonnull(copy);
		g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "sentitems", "shared"));
	}
}

/* The shared mailbox beside the own one, as the plugin has it. */
typedef struct {
	char *directory;
	GraphClient *client;
	StoreAccount *account;
} Beside;

static void
beside_open(Beside *self, Home *home)
{
	g_autoptr(GError) error = NULL;

	self->client = graph_client_new(home->authorizer, simulator_get_origin(home->simulator), SIMULATOR_OTHER, NULL);
	graph_client_set_patience(self->client, 5, 20);
	self->directory = g_dir_make_tmp("shared-XXXXXX", &error);
	g_assert_no_error(error);
	self->account = store_account_new(self->directory, self->client, &error);
	g_assert_no_error(error);
	store_account_set_patience(self->account, 1);
	store_account_set_patience(home->account, 1);
}

static void
beside_close(Beside *self)
{
	g_assert_finalize_object(self->account);
	g_object_unref(self->client);
	store_account_remove(self->directory, NULL);
	g_free(self->directory);
}

static void
expect_places(Home *home, const char *subject, gboolean other, gboolean own)
{
	g_autoptr(JsonObject) arrived = simulator_get(home->simulator, SIMULATOR_USER, "inbox", subject);
	g_autoptr(JsonObject) in_other = simulator_get(home->simulator, SIMULATOR_OTHER, "sentitems", subject);
	g_autoptr(JsonObject) in_own = simulator_get(home->simulator, SIMULATOR_USER, "sentitems", subject);

	g_assert_cmpint(arrived != NULL, ==, other || own);
	g_assert_cmpint(in_other != NULL, ==, other);
	g_assert_cmpint(in_own != NULL, ==, own);
	g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "drafts", subject));
	g_assert_null(simulator_get(home->simulator, SIMULATOR_OTHER, "drafts", subject));
}

static void
test_from_chooses_the_shared_mailbox(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) theirs = write_mail("a", "BOB@contoso.example", SIMULATOR_USER, "");
	g_autoptr(GBytes) mine = write_mail("b", SIMULATOR_USER, SIMULATOR_OTHER, "");
	g_autoptr(GBytes) quoted =
		write_mail("c", SIMULATOR_USER, SIMULATOR_OTHER, "\r\nFrom: " SIMULATOR_OTHER "\r\n");
	g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
	g_autoptr(GPtrArray) shared = g_ptr_array_new();
	static const char *const closed[] = {"other@contoso.example", SIMULATOR_OTHER, NULL};
	Beside beside;

	beside_open(&beside, home);
	g_assert_null(store_account_find_sender(shared, theirs));
	g_ptr_array_add(shared, beside.account);
	g_assert_true(store_account_find_sender(shared, theirs) == beside.account);
	g_assert_null(store_account_find_sender(shared, mine));
	g_assert_null(store_account_find_sender(shared, quoted));
	g_assert_null(store_account_find_sender(shared, nothing));
	g_assert_true(store_mail_is_from(theirs, closed));
	g_assert_false(store_mail_is_from(mine, closed));
	g_assert_false(store_mail_is_from(nothing, closed));
	beside_close(&beside);
}

static void
send_through(Home *home, Beside *beside, GBytes *mime)
{
	g_autoptr(GError) error = NULL;

	store_account_send_through(home->account, beside->account, mime, to_alice, NULL, &error);
	g_assert_no_error(error);
}

static void
test_full_access_leaves_the_copy_in_the_shared_mailbox(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("full", SIMULATOR_OTHER, SIMULATOR_USER, "");
	Beside beside;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	send_through(home, &beside, mime);
	expect_places(home, "full", TRUE, FALSE);
	beside_close(&beside);
}

/* And the second try of it stays where the first one was. */
static void
test_without_full_access_the_copy_is_the_own(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("partly", SIMULATOR_OTHER, SIMULATOR_USER, "");
	Beside beside;

	simulator_share_read_only(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_let_send(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	send_through(home, &beside, mime);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/users/"), ==, 1);
	expect_places(home, "partly", FALSE, TRUE);
	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	send_through(home, &beside, mime);
	expect_places(home, "partly", FALSE, TRUE);
	beside_close(&beside);
}

/* It is asked once, until a thorough check, or the permission, may bring another answer. */
static void
test_access_that_was_refused_is_not_asked_for_each_mail(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) one = write_mail("one", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GBytes) two = write_mail("two", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GBytes) three = write_mail("three", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	Beside beside;

	simulator_share_read_only(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_let_send(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	send_through(home, &beside, one);
	simulator_reset_log(home->simulator);
	send_through(home, &beside, two);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/users/"), ==, 0);
	g_assert_cmpuint(home_get_n_requests(home, "GET /v1.0/users/"), ==, 0);
	expect_places(home, "two", FALSE, TRUE);
	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	store_account_check(beside.account, 0, TRUE, NULL, &error);
	g_assert_no_error(error);
	send_through(home, &beside, three);
	expect_places(home, "three", TRUE, FALSE);
	beside_close(&beside);
}

/* Some services say that what may not be seen is not there (API.md 8). */
static void
test_mailbox_that_is_said_to_be_missing_is_no_way(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("hidden", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	Beside beside;

	simulator_share_read_only(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_let_send(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_add_fault(
		home->simulator,
		"{\"method\":\"POST\",\"path\":\"/users/[^/]*/\",\"status\":404,\"body\":{\"error\":{\"code\":"
		"\"ErrorItemNotFound\",\"message\":\"not found\"}}}",
		&error);
	g_assert_no_error(error);
	beside_open(&beside, home);
	send_through(home, &beside, mime);
	expect_places(home, "hidden", FALSE, TRUE);
	beside_close(&beside);
}

/* A draft that is not found the moment after it was made (CHECKED 8), or of which one step is refused. */
static void
test_refusal_of_one_draft_does_not_close_the_mailbox(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) one = write_mail("one", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GBytes) two = write_mail("two", SIMULATOR_OTHER, SIMULATOR_USER, "");
	Beside beside;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_let_send(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	home_fault(home, "{\"path\": \"/users/.*/send$\", \"status\": 404, \"count\": 4}");
	send_through(home, &beside, one);
	expect_places(home, "one", FALSE, TRUE);
	send_through(home, &beside, two);
	expect_places(home, "two", TRUE, FALSE);
	beside_close(&beside);
}

static void
test_neither_way_is_told(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("neither", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	Beside beside;

	simulator_share_read_only(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	g_assert_false(store_account_send_through(home->account, beside.account, mime, to_alice, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_UNSENT);
	g_assert_nonnull(strstr(error->message, "right to send as"));
	expect_places(home, "neither", FALSE, FALSE);
	beside_close(&beside);
}

/* What looks like a refusal comes after an answer that was lost: it may have been sent. */
static void
test_lost_answer_goes_no_other_way(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("lost", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	Beside beside;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	home_fault(home, "{\"path\": \"/send$\", \"kind\": \"close\", \"when\": \"work\"}");
	home_fault(home,
		   "{\"method\": \"GET\", \"path\": \"/users/.*/messages/[^/]+$\", \"status\": 200, \"count\": 4, "
		   "\"body\": {\"id\": \"1\", \"isDraft\": true}}");
	home_fault(home, "{\"path\": \"/send$\", \"status\": 403}");
	home_fault(home, "{\"method\": \"GET\", \"path\": \"/users/.*/messages/[^/]+$\", \"status\": 403}");
	store_account_send_through(home->account, beside.account, mime, to_alice, NULL, &error);
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN);
	g_clear_error(&error);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/"), ==, 0);
	expect_places(home, "lost", TRUE, FALSE);
	simulator_share_read_only(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_let_send(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	send_through(home, &beside, mime);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/"), ==, 0);
	expect_places(home, "lost", TRUE, FALSE);
	beside_close(&beside);
}

/* What was asked to be sent, and where nobody may look any more, is told as that; it does not leave by the other way.
 */
static void
test_lost_answer_in_a_mailbox_that_is_closed_is_told(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("revoked", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	Beside beside;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	home_fault(home, "{\"path\": \"/send$\", \"kind\": \"close\", \"when\": \"work\"}");
	home_fault(home, "{\"path\": \"/users/\", \"status\": 403, \"method\": \"GET\", \"count\": 0}");
	g_assert_false(store_account_send_through(home->account, beside.account, mime, to_alice, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	g_clear_error(&error);
	for (guint i = 0; i < 2; i++) {
		g_assert_false(store_account_send_through(home->account, beside.account, mime, to_alice, NULL, &error));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
		g_assert_nonnull(strstr(error->message, "through the mailbox " SIMULATOR_OTHER));
		g_clear_error(&error);
	}
	expect_places(home, "revoked", TRUE, FALSE);
	simulator_clear_faults(home->simulator);
	send_through(home, &beside, mime);
	expect_places(home, "revoked", TRUE, FALSE);
	beside_close(&beside);
}

/* What is asked to wait is a good moment. */
static void
remove_beside(double seconds, gpointer data)
{
	gpointer *both = data;
	g_autoptr(GError) error = NULL;

	store_account_take_over_sent(((Home *)both[0])->account, ((Beside *)both[1])->account, &error);
	g_assert_no_error(error);
}

/* As it is removed the mail has not left, and it leaves all the same; what became of it is known when it is tried
 * again, with the mailbox and without. */
static void
test_mailbox_that_is_removed_while_it_sends_is_remembered(Home *home, gconstpointer data)
{
	static const char *const moments[] = {"messages$", "send$"};

	for (guint i = 0; i < G_N_ELEMENTS(moments); i++) {
		g_autofree char *subject = g_strdup_printf("leaving%u", i);
		g_autofree char *wait =
			g_strdup_printf("{\"method\": \"POST\", \"path\": \"/users/.*/%s\", \"status\": "
					"429, \"headers\": {\"Retry-After\": \"0\"}}",
					moments[i]);
		g_autoptr(GBytes) mime = write_mail(subject, SIMULATOR_OTHER, SIMULATOR_USER, "");
		g_autoptr(GError) error = NULL;
		Beside beside;
		gpointer both[] = {home, &beside};

		simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
		beside_open(&beside, home);
		home_fault(home, wait);
		home_fault(home, "{\"path\": \"/send$\", \"kind\": \"close\", \"when\": \"work\"}");
		home_fault(home,
			   "{\"path\": \"/users/.*/messages\", \"status\": 403, \"method\": \"GET\", \"count\": 0}");
		graph_client_set_throttled(beside.client, remove_beside, both, NULL);
		g_assert_false(store_account_send_through(home->account, beside.account, mime, to_alice, NULL, &error));
		g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
		g_clear_error(&error);
		graph_client_set_throttled(beside.client, NULL, NULL, NULL);
		/* Another mail, which was handed over before. */
		if (i == 0) {
			g_autoptr(GBytes) next = write_mail("next", SIMULATOR_OTHER, SIMULATOR_USER, "");

			send_through(home, &beside, next);
		}
		beside_close(&beside);
		simulator_clear_faults(home->simulator);

		g_assert_false(store_account_send(home->account, mime, to_alice, NULL, &error));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
		g_assert_nonnull(strstr(error->message, SIMULATOR_OTHER));
		beside_open(&beside, home);
		send_through(home, &beside, mime);
		expect_places(home, subject, TRUE, FALSE);
		beside_close(&beside);
	}
}

/* What was refused leaves no memory behind, and goes the other way. */
static void
test_mailbox_that_is_removed_while_it_refuses_keeps_nothing_back(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("refused", SIMULATOR_OTHER, SIMULATOR_USER, "");
	g_autoptr(GError) error = NULL;
	Beside beside;
	gpointer both[] = {home, &beside};

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	simulator_let_send(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	home_fault(home, "{\"path\": \"/send$\", \"status\": 429, \"headers\": {\"Retry-After\": \"0\"}}");
	home_fault(home, "{\"path\": \"/send$\", \"status\": 400}");
	graph_client_set_throttled(beside.client, remove_beside, both, NULL);
	g_assert_false(store_account_send_through(home->account, beside.account, mime, to_alice, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FAILED);
	graph_client_set_throttled(beside.client, NULL, NULL, NULL);
	beside_close(&beside);
	send(home, mime, to_alice);
	expect_places(home, "refused", FALSE, TRUE);
}

/* Nobody may ask which other addresses it has: it is another sender, of whom the service says no, or takes its first.
 */
static void
test_other_address_of_a_shared_mailbox_is_another_sender(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("alias", "b.ob@contoso.example", SIMULATOR_USER, "");
	g_autoptr(GPtrArray) shared = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	Beside beside;

	simulator_share(home->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	beside_open(&beside, home);
	g_ptr_array_add(shared, beside.account);
	g_assert_null(store_account_find_sender(shared, mime));
	g_assert_false(store_account_send(home->account, mime, to_alice, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_UNSENT);
	g_assert_nonnull(strstr(error->message, "right to send as"));
	g_clear_error(&error);
	home_fault(home,
		   "{\"method\": \"PATCH\", \"status\": 200, \"body\": {\"id\": \"1\", \"isDraft\": true, \"from\": "
		   "{\"emailAddress\": {\"address\": \"" SIMULATOR_OTHER "\"}}}}");
	g_assert_false(store_account_send(home->account, mime, to_alice, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
	g_assert_nonnull(strstr(error->message, "b.ob@contoso.example"));
	expect_places(home, "alias", FALSE, FALSE);
	beside_close(&beside);
}

static void
test_receipts_and_importance_are_asked_for(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime =
		write_mail("wishes", SIMULATOR_USER, SIMULATOR_OTHER,
			   "Disposition-Notification-To: " SIMULATOR_USER "\r\nReturn-Receipt-To: " SIMULATOR_USER
			   "\r\nX-Priority: 1 (Highest)\r\nReply-To: <r@contoso.example>\r\n");
	g_autoptr(JsonObject) copy = NULL;

	send(home, mime, to_bob);
	copy = simulator_get(home->simulator, SIMULATOR_USER, "sentitems", "wishes");
	g_assert_nonnull(copy);
	g_assert_true(json_object_get_boolean_member(copy, "isReadReceiptRequested"));
	g_assert_true(json_object_get_boolean_member(copy, "isDeliveryReceiptRequested"));
	g_assert_cmpstr(json_object_get_string_member(copy, "importance"), ==, "high");
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(copy, "replyTo")), ==, 1);
}

static const char *const blind[] = {SIMULATOR_OTHER, SIMULATOR_USER, NULL};

static GBytes *
write_blind(const char *subject)
{
	return write_mail(subject, SIMULATOR_USER, SIMULATOR_OTHER, "Return-Receipt-To: " SIMULATOR_USER "\r\n");
}

static void
check_blind_copy(Home *home, const char *subject)
{
	static const char *const mailboxes[] = {SIMULATOR_OTHER, SIMULATOR_USER};

	for (guint i = 0; i < G_N_ELEMENTS(mailboxes); i++) {
		g_autoptr(JsonObject) arrived = simulator_get(home->simulator, mailboxes[i], "inbox", subject);
		g_autofree guchar *mime = NULL;
		g_autofree char *text = NULL;
		gsize length;

		g_assert_nonnull(arrived);
		g_assert_cmpuint(json_array_get_length(json_object_get_array_member(arrived, "toRecipients")), ==, 1);
		g_assert_cmpuint(json_array_get_length(json_object_get_array_member(arrived, "ccRecipients")), ==, 0);
		mime = g_base64_decode(json_object_get_string_member(arrived, "x-mime"), &length);
		text = g_strndup((const char *)mime, length);
		g_assert_null(strstr(text, "Bcc:"));
	}
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

/* draft, what it is told, send */
static void
test_blind_copy_that_the_draft_lost_is_told_to_it(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_blind("blind");

	simulator_set_drop_bcc(home->simulator, TRUE);
	send(home, mime, blind);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 3);
	check_blind_copy(home, "blind");
}

static void
test_blind_copy_that_the_draft_has_is_not_told_again(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("kept", SIMULATOR_USER, SIMULATOR_OTHER,
					    "Disposition-Notification-To: " SIMULATOR_USER "\r\n");

	send(home, mime, blind);
	g_assert_cmpuint(home_get_n_requests(home, "PATCH"), ==, 0);
	check_blind_copy(home, "kept");
}

/* Lost, or put where everybody reads it: the mail is not sent. */
static void
test_blind_copy_that_is_not_taken_is_not_sent(Home *home, gconstpointer data)
{
	static const char *const answers[] = {
		"\"toRecipients\": [{\"emailAddress\": {\"address\": \"" SIMULATOR_OTHER "\"}}], \"bccRecipients\": []",
		"\"toRecipients\": [{\"emailAddress\": {\"address\": \"" SIMULATOR_OTHER
		"\"}}, {\"emailAddress\": {\"address\": \"" SIMULATOR_USER
		"\"}}], \"bccRecipients\": [{\"emailAddress\": {\"address\": \"" SIMULATOR_USER "\"}}]",
	};

	simulator_set_drop_bcc(home->simulator, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autoptr(GBytes) mime = write_blind("untaken");
		g_autofree char *patch = g_strdup_printf("{\"method\": \"PATCH\", \"status\": 200, \"body\": {\"id\": "
							 "\"1\", \"isDraft\": true, \"from\": {\"emailAddress\": "
							 "{\"address\": \"" SIMULATOR_USER "\"}}, %s}}",
							 answers[i]);
		g_autofree char *made = g_strdup_printf(
			"{\"method\": \"POST\", \"path\": \"/messages$\", \"status\": 201, \"body\": {\"id\": \"1\", "
			"\"isDraft\": true, %s}}",
			answers[i]);
		g_autoptr(GError) error = NULL;

		if (i == 1)
			home_fault(home, made);
		home_fault(home, patch);
		g_assert_false(store_account_send(home->account, mime, blind, NULL, &error));
		g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
		g_assert_null(simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "untaken"));
		g_assert_null(simulator_get(home->simulator, SIMULATOR_USER, "inbox", "untaken"));
		g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add("/store/senders/" path, Home, NULL, set_up, test, home_tear_down)
	ADD("another sender is named to the service", test_another_sender_is_named_to_the_service);
	ADD("who has no right is told", test_who_has_no_right_is_told);
	ADD("sender that was not taken is not sent", test_sender_that_was_not_taken_is_not_sent);
	ADD("change that is answered with little is looked at", test_change_that_is_answered_with_little_is_looked_at);
	ADD("sender that is not found to be taken is not sent", test_sender_that_is_not_found_to_be_taken_is_not_sent);
	ADD("own addresses take one request", test_own_addresses_take_one_request);
	ADD("other own address may become the first", test_other_own_address_may_become_the_first);
	ADD("shared mailbox keeps its copy", test_shared_mailbox_keeps_its_copy);
	ADD("from chooses the shared mailbox", test_from_chooses_the_shared_mailbox);
	ADD("full access leaves the copy in the shared mailbox",
	    test_full_access_leaves_the_copy_in_the_shared_mailbox);
	ADD("without full access the copy is the own", test_without_full_access_the_copy_is_the_own);
	ADD("mailbox that is said to be missing is no way", test_mailbox_that_is_said_to_be_missing_is_no_way);
	ADD("refusal of one draft does not close the mailbox", test_refusal_of_one_draft_does_not_close_the_mailbox);
	ADD("neither way is told", test_neither_way_is_told);
	ADD("lost answer goes no other way", test_lost_answer_goes_no_other_way);
	ADD("access that was refused is not asked for each mail",
	    test_access_that_was_refused_is_not_asked_for_each_mail);
	ADD("lost answer in a mailbox that is closed is told", test_lost_answer_in_a_mailbox_that_is_closed_is_told);
	ADD("mailbox that is removed while it sends is remembered",
	    test_mailbox_that_is_removed_while_it_sends_is_remembered);
	ADD("mailbox that is removed while it refuses keeps nothing back",
	    test_mailbox_that_is_removed_while_it_refuses_keeps_nothing_back);
	ADD("other address of a shared mailbox is another sender",
	    test_other_address_of_a_shared_mailbox_is_another_sender);
	ADD("receipts and importance are asked for", test_receipts_and_importance_are_asked_for);
#define ADD_WITHOUT(path, data, test) \
	g_test_add("/store/senders/" path, Home, data, set_up_without_permission, test, home_tear_down)
	ADD_WITHOUT("permission that is missing is named", NULL, test_permission_that_is_missing_is_named);
	ADD_WITHOUT("permission that is missing is named before anything is sent", "known",
		    test_permission_that_is_missing_is_named);
	ADD_WITHOUT("shared mailbox needs the permission", NULL, test_shared_mailbox_needs_the_permission);
	ADD("blind copy that the draft lost is told to it", test_blind_copy_that_the_draft_lost_is_told_to_it);
	ADD("blind copy that the draft has is not told again", test_blind_copy_that_the_draft_has_is_not_told_again);
	ADD("blind copy that is not taken is not sent", test_blind_copy_that_is_not_taken_is_not_sent);
	return g_test_run();
}
