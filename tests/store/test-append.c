/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "corpus.h"
#include "graph-error.h"
#include "home.h"

#define ADD(name, function) g_test_add("/store/append/" name, Home, NULL, home_set_up, function, home_tear_down)
#define ARCHIVE(home) store_account_find_role((home)->account, STORE_ROLE_ARCHIVE)

static const char reply[] = "Received: from mx.fabrikam.example by mail.example; Wed, 04 Mar 2026 08:30:00 +0100\r\n"
			    "Received: from inside by mx.fabrikam.example; Wed, 04 Mar 2026 08:29:00 +0100\r\n"
			    "From: Carol <carol@fabrikam.example>\r\nTo: Dan <dan@fabrikam.example>, nobody <>\r\n"
			    "Cc: team: Eve <eve@fabrikam.example>;\r\nReply-To: list@fabrikam.example\r\n"
			    "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n =?UTF-8?Q?_an_alle?=\r\n"
			    "Date: Tue, 03 Mar 2026 10:00:00 +0100\r\nMessage-ID: <reply@fabrikam.example>\r\n"
			    "In-Reply-To: <second@fabrikam.example>\r\n"
			    "References: <first@fabrikam.example>\r\n <second@fabrikam.example>\r\nX-Mailer: Test\r\n"
			    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\n\r\nHello \xc3\xa4.\r\n--b\r\n"
			    "Content-Type: application/pdf; name=\"plan.pdf\"\r\nContent-Disposition: attachment\r\n"
			    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n";

static const char encrypted[] =
	"From: a@fabrikam.example\r\nSubject: Secret\r\nDate: Tue, 03 Mar 2026 10:00:00 +0100\r\n"
	"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n";

static const char with_signature[] =
	"From: a@fabrikam.example\r\nSubject: Signed\r\nDate: Tue, 03 Mar 2026 10:00:00 +0100\r\n"
	"MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
	"micalg=pgp-sha256; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\nHi\r\n--s\r\n"
	"Content-Type: application/pgp-signature\r\n\r\nsignature\r\n--s--\r\n";

static guint32
append(Home *home, gint64 folder, const char *mail, gssize length, StoreFlags flags, GError **error)
{
	g_autofree char *path = g_build_filename(home->directory, "mail", NULL);
	g_autoptr(GError) failure = NULL;
	guint32 number;

	g_file_set_contents(path, mail, length, &failure);
	g_assert_no_error(failure);
	number = store_account_append_message(home->account, folder, path, flags, error);
	g_unlink(path);
	return number;
}

static guint32
append_well(Home *home, gint64 folder, const char *mail, StoreFlags flags)
{
	g_autoptr(GError) error = NULL;
	guint32 number = append(home, folder, mail, -1, flags, &error);

	g_assert_no_error(error);
	return number;
}

static void
push(Home *home)
{
	g_autoptr(GError) error = NULL;

	store_account_push(home->account, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
}

static const char *
address_in(JsonObject *message, const char *name)
{
	JsonObject *recipient = json_object_get_object_member(message, name);

	return json_object_get_string_member(json_object_get_object_member(recipient, "emailAddress"), "address");
}

static char *
mime_of(JsonObject *message)
{
	gsize length;
	g_autofree guchar *bytes = g_base64_decode(json_object_get_string_member(message, "x-mime"), &length);

	return g_strndup((const char *)bytes, length);
}

static void
test_a_mail_with_many_headers_is_filed(Home *home, gconstpointer data)
{
	home_check(home);
	append_well(home, ARCHIVE(home),
		    "From: a@fabrikam.example\r\nSubject: Many\r\nX-1: a\r\nX-2: b\r\nX-3: c\r\nX-4: d\r\nX-5: e\r\n"
		    "X-6: f\r\n\r\nHi\r\n",
		    0);
	push(home);
	g_assert_cmpuint(home_count(home, "archive", "Many"), ==, 1);
}

static void
test_a_mail_is_filed_as_what_it_is(Home *home, gconstpointer data)
{
	g_autoptr(JsonObject) there = NULL;
	g_autoptr(StoreMessage) here = NULL;
	g_autofree char *mime = NULL;
	g_autofree char *body = NULL;
	g_autofree char *text = NULL;
	guint32 number;

	home_check(home);
	number = append_well(home, ARCHIVE(home), reply, 0);
	simulator_reset_log(home->simulator);
	push(home);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	there = home_get(home, "archive", "Grüße an alle");
	g_assert_nonnull(there);
	g_assert_false(json_object_get_boolean_member(there, "isDraft"));
	g_assert_false(json_object_get_boolean_member(there, "isRead"));
	g_assert_true(json_object_get_boolean_member(there, "hasAttachments"));
	g_assert_cmpstr(json_object_get_string_member(there, "sentDateTime"), ==, "2026-03-03T09:00:00Z");
	g_assert_cmpstr(json_object_get_string_member(there, "receivedDateTime"), ==, "2026-03-04T07:30:00Z");
	g_assert_cmpstr(json_object_get_string_member(there, "internetMessageId"), ==, "<reply@fabrikam.example>");
	g_assert_cmpstr(address_in(there, "from"), ==, "carol@fabrikam.example");
	g_assert_cmpstr(address_in(there, "sender"), ==, "carol@fabrikam.example");
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(there, "toRecipients")), ==, 1);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(there, "ccRecipients")), ==, 1);
	mime = mime_of(there);
	g_assert_nonnull(strstr(mime, "In-Reply-To: <second@fabrikam.example>"));
	g_assert_nonnull(strstr(mime, "References: <first@fabrikam.example>"));
	g_assert_nonnull(strstr(mime, "JVBERi0="));

	/* What the service says of it afterwards takes nothing away, and the mail itself stays as it came. */
	home_check(home);
	here = home_read(home, ARCHIVE(home), number);
	g_assert_cmpstr(here->subject, ==, "Grüße an alle");
	g_assert_cmpstr(here->from, ==, "Carol <carol@fabrikam.example>");
	g_assert_cmpint(here->date, ==, 1772528400);
	g_assert_cmpstr(here->in_reply_to, ==, "<second@fabrikam.example>");
	g_assert_cmpstr(here->references, ==, "<first@fabrikam.example> <second@fabrikam.example>");
	g_assert_cmphex(here->flags & ~STORE_FLAG_BODY, ==, STORE_FLAG_ATTACHMENT);
	body = store_account_get_body(home->account, ARCHIVE(home), number);
	g_assert_true(g_file_get_contents(body, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, reply);
}

static void
test_read_and_flagged_stays_so(Home *home, gconstpointer data)
{
	g_autoptr(JsonObject) there = NULL;
	guint32 number;

	home_check(home);
	number = append_well(home, ARCHIVE(home), reply, STORE_FLAG_READ | STORE_FLAG_FLAGGED);
	push(home);
	home_check(home);
	there = home_get(home, "archive", NULL);
	g_assert_true(json_object_get_boolean_member(there, "isRead"));
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(there, "flag"), "flagStatus"), ==,
			"flagged");
	{
		g_autoptr(StoreMessage) here = home_read(home, ARCHIVE(home), number);

		g_assert_cmphex(here->flags & (STORE_FLAG_READ | STORE_FLAG_FLAGGED | STORE_FLAG_DRAFT), ==,
				STORE_FLAG_READ | STORE_FLAG_FLAGGED);
	}
}

static void
assert_refused(Home *home, const char *mail, StoreError code, const char *about)
{
	g_autoptr(GError) error = NULL;
	guint32 number = append(home, ARCHIVE(home), mail, -1, STORE_FLAG_READ, &error);
	g_autoptr(GArray) numbers = home_list(home, ARCHIVE(home));

	g_assert_error(error, STORE_ERROR, (int)code);
	g_assert_nonnull(strstr(error->message, about));
	g_assert_cmpuint(number, ==, 0);
	g_assert_cmpuint(numbers->len, ==, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
}

static void
test_what_would_break_is_refused_at_once(Home *home, gconstpointer data)
{
	home_check(home);
	assert_refused(home, with_signature, STORE_ERROR_REFUSED, "Signed");
	assert_refused(home, encrypted, STORE_ERROR_REFUSED, "Secret");
}

static char *
write_large(gsize attached)
{
	g_autofree guchar *bytes = g_malloc0(attached);
	g_autofree char *encoded = g_base64_encode(bytes, attached);
	GString *mail = g_string_new("From: a@fabrikam.example\r\nSubject: Large\r\n"
				     "Date: Tue, 03 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: application/zip; name=large.zip\r\n"
				     "Content-Transfer-Encoding: base64\r\n\r\n");

	for (gsize i = 0, length = strlen(encoded); i < length; i += 76)
		g_string_append_printf(mail, "%.*s\r\n", (int)MIN(76, length - i), encoded + i);
	return g_string_free(mail, FALSE);
}

static void
test_what_does_not_fit_is_refused_at_once(Home *home, gconstpointer data)
{
	g_autofree char *fits = write_large(3000000);
	g_autofree char *too_large = write_large(3200000);
	g_autofree char *huge = write_large(9000000);

	home_check(home);
	assert_refused(home, too_large, STORE_ERROR_TOO_LARGE, "Large");
	assert_refused(home, huge, STORE_ERROR_TOO_LARGE, "MB");
	append_well(home, ARCHIVE(home), fits, STORE_FLAG_READ);
	push(home);
	g_assert_cmpuint(home_count(home, "archive", "Large"), ==, 1);
}

/* Looked for in the folder where it was to be made, by its Message-ID. */
static void
test_a_lost_answer_makes_no_second_one(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	home_check(home);
	append_well(home, ARCHIVE(home), reply, STORE_FLAG_READ);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	push(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 1);

	append_well(home, ARCHIVE(home), reply, STORE_FLAG_READ);
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}");
	home_fault(home, "{\"path\":\"/messages$\",\"method\":\"GET\",\"status\":403}");
	g_assert_false(store_account_push(home->account, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	home_close(home);
	home_open(home);
	push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 2);
	{
		g_autoptr(GArray) numbers = home_list(home, ARCHIVE(home));

		g_assert_cmpuint(numbers->len, ==, 2);
	}
}

static void
test_an_unsent_one_is_copied_and_moved(Home *home, gconstpointer data)
{
	gint64 inbox, archive;
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GArray) copies = NULL;
	g_autoptr(GArray) moved = NULL;
	g_autoptr(GError) error = NULL;

	home_check(home);
	inbox = store_account_find_role(home->account, STORE_ROLE_INBOX);
	archive = ARCHIVE(home);
	numbers = home_numbers(append_well(home, archive, reply, STORE_FLAG_FLAGGED));
	copies = store_account_copy_messages(home->account, archive, numbers, inbox, &error);
	g_assert_no_error(error);
	moved = store_account_move_messages(home->account, archive, numbers,
					    store_account_find_role(home->account, STORE_ROLE_TRASH), &error);
	g_assert_no_error(error);
	push(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "archive", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", NULL), ==, 1);
	g_assert_cmpuint(home_count(home, "inbox", NULL), ==, 1);
	{
		g_autoptr(StoreMessage) copy = home_read(home, inbox, g_array_index(copies, guint32, 0));

		g_assert_cmphex(copy->flags & (STORE_FLAG_READ | STORE_FLAG_FLAGGED | STORE_FLAG_DRAFT), ==,
				STORE_FLAG_FLAGGED);
	}
}

static void
test_into_a_folder_that_is_not_made_yet(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint64 folder;

	home_check(home);
	folder = store_account_create_folder(home->account, 0, "Old mail", &error);
	g_assert_no_error(error);
	append_well(home, folder, reply, STORE_FLAG_READ);
	push(home);
	g_assert_cmpuint(home_count(home, "Old mail", NULL), ==, 1);
}

static void
test_what_is_being_written_is_a_draft(Home *home, gconstpointer data)
{
	g_autoptr(JsonObject) there = NULL;

	home_check(home);
	append_well(home, store_account_find_role(home->account, STORE_ROLE_DRAFTS), with_signature, STORE_FLAG_READ);
	push(home);
	there = home_get(home, "drafts", "Signed");
	g_assert_true(json_object_get_boolean_member(there, "isDraft"));
}

/* Of each real mail: it is refused in a sentence, or what the list shows of it is the same afterwards. */
static void
test_real_mail_is_copied_in(Home *home, gconstpointer data)
{
	g_autoptr(GPtrArray) files = corpus_list();
	gint64 began = g_get_real_time() / G_USEC_PER_SEC;
	guint refused = 0, taken = 0;

	if (files == NULL)
		return;
	home_check(home);
	g_assert_cmpuint(files->len, >=, 253);
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *mail = NULL;
		g_autoptr(GError) error = NULL;
		gsize length;

		g_assert_true(g_file_get_contents(g_ptr_array_index(files, i), &mail, &length, NULL));
		if (append(home, ARCHIVE(home), mail, (gssize)length, STORE_FLAG_READ, &error) != 0) {
			taken++;
			continue;
		}
		refused++;
		if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_REFUSED) &&
		    !g_error_matches(error, STORE_ERROR, STORE_ERROR_INVALID))
			g_error("%s: %s", (char *)g_ptr_array_index(files, i), error->message);
	}
	g_test_message("%u taken, %u refused", taken, refused);
	g_assert_cmpuint(taken, >=, 200);
	{
		g_autoptr(GPtrArray) before = store_account_list_messages(home->account, ARCHIVE(home), NULL, NULL);
		g_autoptr(GPtrArray) after = NULL;

		push(home);
		g_assert_cmpuint(home->refused->len, ==, 0);
		home_check(home);
		g_assert_cmpuint(home_count(home, "archive", NULL), ==, taken);
		after = store_account_list_messages(home->account, ARCHIVE(home), NULL, NULL);
		g_assert_cmpuint(after->len, ==, taken);
		for (guint i = 0; i < taken; i++) {
			const StoreMessage *one = g_ptr_array_index(before, i);
			const StoreMessage *other = g_ptr_array_index(after, i);

			g_assert_cmpuint(one->number, ==, other->number);
			if (one->subject != NULL)
				g_assert_cmpstr(one->subject, ==, other->subject);
			g_assert_cmpstr(one->references, ==, other->references);
			/* one without a date has that of its coming */
			g_assert_true(one->date == other->date || one->date >= began);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a mail with many headers is filed", test_a_mail_with_many_headers_is_filed);
	ADD("a mail is filed as what it is", test_a_mail_is_filed_as_what_it_is);
	ADD("read and flagged stays so", test_read_and_flagged_stays_so);
	ADD("what would break is refused at once", test_what_would_break_is_refused_at_once);
	ADD("what does not fit is refused at once", test_what_does_not_fit_is_refused_at_once);
	ADD("a lost answer makes no second one", test_a_lost_answer_makes_no_second_one);
	ADD("an unsent one is copied and moved", test_an_unsent_one_is_copied_and_moved);
	ADD("into a folder that is not made yet", test_into_a_folder_that_is_not_made_yet);
	ADD("what is being written is a draft", test_what_is_being_written_is_a_draft);
	ADD("real mail is copied in", test_real_mail_is_copied_in);
	return g_test_run();
}
