/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "graph-error.h"
#include "graph-message.h"
#include "home.h"
#include "store-letter.h"
#include "store-mime.h"

/* Mail that does not fit into one request, and mail whose draft has to be told something. */

#define MEGABYTE 1000000

static const char *const other[] = {SIMULATOR_OTHER, NULL};

static void
append_file(GString *mail, const char *type, const char *name, GBytes *bytes)
{
	gsize length = g_bytes_get_size(bytes);
	gsize at = mail->len;
	int state = 0;
	int save = 0;

	g_string_append_printf(mail,
			       "--m\r\nContent-Type: %s\r\n"
			       "Content-Disposition: attachment; filename*=utf-8''%s\r\n"
			       "Content-Transfer-Encoding: base64\r\n\r\n",
			       type, name);
	at = mail->len;
	g_string_set_size(mail, at + (length / 3 + 1) * 4 + 8);
	at += g_base64_encode_step(g_bytes_get_data(bytes, NULL), length, FALSE, mail->str + at, &state, &save);
	at += g_base64_encode_close(FALSE, mail->str + at, &state, &save);
	g_string_set_size(mail, at);
	g_string_append(mail, "\r\n");
}

/* A mail with files of these sizes, ended by 0. */
static GBytes *
write_mail(const char *subject, const char *from, const char *header, const gsize *sizes)
{
	GString *mail = g_string_new(NULL);
	gsize length;

	g_string_append_printf(mail,
			       "From: Alice <%s>\r\nTo: Bob <" SIMULATOR_OTHER ">\r\nSubject: %s\r\n"
			       "Message-ID: <%s@contoso.example>\r\nMIME-Version: 1.0\r\n%s"
			       "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
			       "Content-Type: text/plain; charset=utf-8\r\n\r\nThis is %s.\r\n",
			       from, subject, subject, header, subject);
	for (guint i = 0; sizes[i] != 0; i++) {
		g_autoptr(GBytes) bytes = home_make_bytes(sizes[i], i);
		g_autofree char *name = g_strdup_printf("%%C3%%9Cbersicht%%20%u.bin", i);

		append_file(mail, "application/octet-stream", name, bytes);
	}
	g_string_append(mail, "--m--\r\n");
	length = mail->len;
	return g_bytes_new_take(g_string_free(mail, FALSE), length);
}

static StoreDraft *
read_received(JsonObject *message, GBytes **source)
{
	gsize length;
	guchar *data = g_base64_decode(json_object_get_string_member(message, "x-mime"), &length);
	g_autoptr(GMimeMessage) mime = NULL;

	*source = g_bytes_new_take(data, length);
	mime = store_mime_parse(*source, NULL);
	g_assert_nonnull(mime);
	return store_draft_new(mime);
}

/* It arrived once, with every file as it was, and left nothing in Drafts. */
static void
check_arrived(Home *home, const char *subject, const gsize *sizes)
{
	g_autoptr(JsonObject) message = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", subject);
	g_autoptr(GBytes) source = NULL;
	g_autoptr(StoreDraft) draft = NULL;
	guint n = 0;

	g_assert_nonnull(message);
	draft = read_received(message, &source);
	g_assert_true(g_str_has_prefix(draft->message->body, "This is "));
	while (sizes[n] != 0)
		n++;
	g_assert_cmpuint(draft->parts->len, ==, n);
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("Übersicht %u.bin", i);
		gboolean found = FALSE;

		for (guint j = 0; j < n; j++) {
			StorePart *part = g_ptr_array_index(draft->parts, j);
			g_autoptr(GBytes) bytes = store_part_get_bytes(part);
			g_autoptr(GBytes) expected = home_make_bytes(sizes[i], i);

			if (g_strcmp0(part->about->name, name) != 0)
				continue;
			g_assert_false(found);
			found = TRUE;
			g_assert_true(g_bytes_equal(bytes, expected));
		}
		g_assert_true(found);
	}
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "sentitems", subject), ==, 1);
}

static void
check_nothing_is_left(Home *home)
{
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
	g_assert_cmpuint(home_count(home, "sentitems", NULL), ==, 0);
}

static void
check_no_refusal(Home *home)
{
	g_auto(GStrv) refusals = simulator_get_refusals(home->simulator);

	g_assert_cmpstr(refusals[0], ==, NULL);
}

static void
set_up(Home *home, gconstpointer data)
{
	home_set_up(home, data);
	graph_client_set_patience(home->client, 5, 20);
	home_check(home);
	simulator_reset_log(home->simulator);
}

static void
test_ten_megabytes_take_seven_requests(Home *home, gconstpointer data)
{
	static const gsize one[] = {10 * 1024 * 1024, 0};
	static const gsize five[] = {2 * MEGABYTE, 2 * MEGABYTE, 2 * MEGABYTE, 2 * MEGABYTE, 2 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("one", SIMULATOR_USER, "", one);
	g_autoptr(GBytes) more = write_mail("five", SIMULATOR_USER, "", five);

	home_send(home, mime);
	/* draft, session, three pieces, send */
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 6);
	check_arrived(home, "one", one);
	simulator_reset_log(home->simulator);
	home_send(home, more);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 7);
	check_arrived(home, "five", five);
	check_no_refusal(home);
}

static void
test_small_ones_stay_in_the_mail(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {100000, 3 * MEGABYTE, 200000, 0};
	g_autoptr(GBytes) mime = write_mail("some", SIMULATOR_USER, "", sizes);

	home_send(home, mime);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 4);
	check_arrived(home, "some", sizes);
}

/* The service is asked for the HTML; what makes the mail large hangs on the plain text. */
static void
test_file_beside_a_text_that_gives_way_arrives(Home *home, gconstpointer data)
{
	GString *mail = g_string_new("From: Alice <" SIMULATOR_USER ">\r\nTo: Bob <" SIMULATOR_OTHER ">\r\n"
				     "Subject: table\r\nMessage-ID: <table@contoso.example>\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
				     "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
				     "Content-Type: text/plain\r\n\r\nplain\r\n");
	g_autoptr(GBytes) table = home_make_bytes(2 * MEGABYTE, 0);
	g_autoptr(GBytes) mime = NULL;
	g_autoptr(GBytes) source = NULL;
	g_autoptr(GBytes) arrived = NULL;
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(StoreDraft) draft = NULL;
	const GraphAttachment *about;

	append_file(mail, "text/csv; charset=windows-1252", "table.csv", table);
	g_string_append(mail, "--m--\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--a--\r\n");
	mime = g_string_free_to_bytes(mail);
	home_send(home, mime);
	message = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "table");
	g_assert_nonnull(message);
	draft = read_received(message, &source);
	g_assert_cmpuint(draft->parts->len, ==, 1);
	about = ((StorePart *)g_ptr_array_index(draft->parts, 0))->about;
	g_assert_cmpstr(about->name, ==, "table.csv");
	g_assert_cmpstr(about->content_type, ==, "text/csv; charset=windows-1252");
	arrived = store_part_get_bytes(g_ptr_array_index(draft->parts, 0));
	g_assert_true(g_bytes_equal(arrived, table));
	check_no_refusal(home);
}

static void
test_threads_hold(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {4 * MEGABYTE, 0};
	g_autoptr(GBytes) mime =
		write_mail("answer", SIMULATOR_USER,
			   "In-Reply-To: <0@contoso.example>\r\nReferences: <a@contoso.example> <0@contoso.example>\r\n"
			   "X-Odd: kept\r\n",
			   sizes);
	g_autoptr(JsonObject) message = NULL;
	g_autofree guchar *text = NULL;
	gsize length;

	home_send(home, mime);
	check_arrived(home, "answer", sizes);
	message = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "answer");
	g_assert_cmpstr(json_object_get_string_member(message, "internetMessageId"), ==, "<answer@contoso.example>");
	text = g_base64_decode(json_object_get_string_member(message, "x-mime"), &length);
	g_assert_nonnull(g_strstr_len((char *)text, 4000, "In-Reply-To: <0@contoso.example>"));
	g_assert_nonnull(g_strstr_len((char *)text, 4000, "References: <a@contoso.example> <0@contoso.example>"));
	g_assert_nonnull(g_strstr_len((char *)text, 4000, "X-Odd: kept"));
}

static void
test_long_text_goes_as_json(Home *home, gconstpointer data)
{
	g_autofree char *text = g_strnfill(3 * MEGABYTE, 'x');
	g_autofree char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
						"\r\nSubject: long\r\nMessage-ID: <long@contoso.example>\r\n\r\n%s",
						text);
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(JsonObject) message = NULL;
	JsonObject *body;

	home_send(home, mime);
	message = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "long");
	g_assert_nonnull(message);
	body = json_object_get_object_member(message, "body");
	g_assert_cmpstr(json_object_get_string_member(body, "content"), ==, text);
	g_assert_cmpstr(json_object_get_string_member(message, "internetMessageId"), ==, "<long@contoso.example>");
}

static void
expect_refusal(Home *home, GBytes *mime, const char *const *recipients, int code, const char *word)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(store_account_send(home->account, mime, recipients, NULL, &error));
	g_assert_error(error, STORE_ERROR, code);
	g_assert_nonnull(strstr(error->message, word));
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 0);
}

/* Too long to be tried as MIME: its recipients are looked at all the same, and it has a name to be found by. */
static void
test_very_long_text_is_for_its_recipients_alone(Home *home, gconstpointer data)
{
	static const char *const redirected[] = {"elsewhere@contoso.example", NULL};
	g_autofree char *text = g_strnfill(3400000, 'x');
	g_autofree char *encoded = g_base64_encode((guchar *)text, 3400000);
	g_autofree char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
						"\r\nSubject: longer\r\nContent-Type: text/plain\r\n"
						"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
						encoded);
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(JsonObject) message = NULL;

	expect_refusal(home, mime, redirected, STORE_ERROR_INVALID, SIMULATOR_OTHER);
	home_fault(home, "{\"path\": \"/messages$\", \"kind\": \"close\", \"when\": \"work\"}");
	home_send(home, mime);
	message = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "longer");
	g_assert_nonnull(message);
	g_assert_cmpstr(json_object_get_string_member(json_object_get_object_member(message, "body"), "content"), ==,
			text);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

static void
test_what_cannot_be_sent_is_refused_before(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {3 * MEGABYTE, 0};
	static const char *const bad[] = {SIMULATOR_OTHER, "no address", NULL};
	g_autoptr(GBytes) mime = write_mail("refused", SIMULATOR_USER, "", sizes);
	g_autofree char *text = g_strnfill(3 * MEGABYTE, 'x');
	g_autofree char *sealed = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
						  "\r\nContent-Type: application/pkcs7-mime\r\n\r\n%s",
						  text);
	g_autofree char *enormous =
		g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\n\r\n%s%s", text, text);
	g_autoptr(GBytes) signed_mail = g_bytes_new_static(sealed, strlen(sealed));
	g_autoptr(GBytes) long_text = g_bytes_new_static(enormous, strlen(enormous));
	g_autoptr(GPtrArray) many = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i <= STORE_LETTER_RECIPIENTS; i++)
		g_ptr_array_add(many, g_strdup_printf("%u@contoso.example", i));
	g_ptr_array_add(many, NULL);
	expect_refusal(home, mime, bad, STORE_ERROR_INVALID, "no address");
	expect_refusal(home, mime, (const char *const *)many->pdata, STORE_ERROR_INVALID, "501");
	expect_refusal(home, signed_mail, other, STORE_ERROR_TOO_LARGE, "signature");
	expect_refusal(home, long_text, other, STORE_ERROR_TOO_LARGE, "attachment");
}

static void
test_sealed_mail_goes_byte_for_byte(Home *home, gconstpointer data)
{
	g_autofree char *text = g_strnfill(2700000, 'x');
	g_autofree char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER
						"\r\nSubject: sealed\r\nMessage-ID: <sealed@contoso.example>\r\n"
						"Content-Type: application/pkcs7-mime\r\n\r\n%s",
						text);
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(JsonObject) message = NULL;
	g_autofree guchar *arrived = NULL;
	gsize length;

	home_send(home, mime);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 1);
	message = simulator_get(home->simulator, SIMULATOR_OTHER, "inbox", "sealed");
	arrived = g_base64_decode(json_object_get_string_member(message, "x-mime"), &length);
	g_assert_nonnull(memmem(arrived, length, text, strlen(text)));
}

static void
test_each_piece_may_be_lost_once(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {10 * 1024 * 1024, 0};
	static const char *const whens[] = {"before", "work", "middle"};

	for (guint i = 0; i < G_N_ELEMENTS(whens); i++) {
		g_autoptr(GBytes) mime = write_mail(whens[i], SIMULATOR_USER, "", sizes);

		for (guint piece = 0; piece < 3; piece++) {
			g_autofree char *json = g_strdup_printf(
				"{\"method\": \"PUT\", \"skip\": %u, \"kind\": \"close\", \"when\": \"%s\"}", piece,
				whens[i]);

			home_fault(home, json);
		}
		home_send(home, mime);
		check_arrived(home, whens[i], sizes);
		simulator_clear_faults(home->simulator);
	}
}

/* On a connection that was used before, the library repeats a piece by itself. */
static void
test_last_piece_whose_answer_is_lost_is_not_there_twice(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {10 * 1024 * 1024, 0};
	g_autoptr(GBytes) mime = write_mail("last", SIMULATOR_USER, "", sizes);

	home_fault(home, "{\"method\": \"PUT\", \"skip\": 2, \"kind\": \"close\", \"when\": \"work\"}");
	home_send(home, mime);
	check_arrived(home, "last", sizes);
	g_assert_cmpuint(home_get_n_requests(home, "PUT"), ==, 4);
}

/* What is not seen yet may still be there: a second one beside it would be in the mail twice. */
static void
test_last_piece_that_is_not_seen_yet_is_not_there_twice(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {5 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("late", SIMULATOR_USER, "", sizes);

	home_fault(home, "{\"method\": \"PUT\", \"skip\": 1, \"kind\": \"close\", \"when\": \"work\"}");
	home_fault(home,
		   "{\"method\": \"GET\", \"path\": \"/attachments\", \"status\": 200, \"body\": {\"value\": []}}");
	home_send(home, mime);
	check_arrived(home, "late", sizes);
}

static void
test_failed_mail_leaves_no_draft(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {4 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("failed", SIMULATOR_USER, "", sizes);
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"path\": \"createUploadSession$\", \"status\": 413, \"body\": {\"error\": {\"code\": "
			 "\"ErrorMessageSizeExceeded\", \"message\": \"no\"}}}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_UNSENT);
	g_assert_nonnull(strstr(error->message, "your organization allows"));
	check_nothing_is_left(home);
	home_send(home, mime);
	check_arrived(home, "failed", sizes);
}

/* CHECKED 8 */
static void
test_draft_that_is_not_found_yet_is_waited_for(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {4 * MEGABYTE, 2900000, 0};
	g_autoptr(GBytes) mime = write_mail("early", SIMULATOR_USER, "", sizes);

	home_fault(home, "{\"path\": \"/attachments\", \"count\": 2, \"status\": 404}");
	home_send(home, mime);
	check_arrived(home, "early", sizes);
}

/* API.md 7.3 says 3 MB, and others have seen 2: what 3 MB is differs by 5%. */
static void
test_what_is_too_small_for_a_session_goes_in_one_request(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {3140000, 100000, 0};
	static const gsize larger[] = {3200000, 0};
	g_autoptr(GBytes) mime = write_mail("small", SIMULATOR_USER, "", sizes);
	g_autoptr(GBytes) large = write_mail("larger", SIMULATOR_USER, "", larger);
	g_autoptr(GError) error = NULL;
	const char *refusal =
		"{\"path\": \"createUploadSession$\", \"count\": 0, \"status\": 400, \"body\": {\"error\": "
		"{\"code\": \"ErrorAttachmentSizeShouldNotBeLessThanMinimumSize\", \"message\": \"no\"}}}";

	home_fault(home, refusal);
	home_send(home, mime);
	g_assert_cmpuint(simulator_get_n_requests(home->simulator), ==, 4); /* draft, session, attachment, send */
	check_arrived(home, "small", sizes);
	g_assert_false(store_account_send(home->account, large, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_FAILED);
}

/* Another client takes less than we send, or counts differently. */
static void
test_smaller_pieces_are_sent_where_these_are_too_large(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {5 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("halves", SIMULATOR_USER, "", sizes);

	home_fault(home, "{\"method\": \"PUT\", \"status\": 413}");
	home_send(home, mime);
	g_assert_cmpuint(home_get_n_requests(home, "PUT"), ==, 4); /* refused, then in halves of 2 MB */
	check_arrived(home, "halves", sizes);
}

static void
test_mail_above_the_limit_of_the_tenant_is_explained(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {4 * MEGABYTE, 4 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("limit", SIMULATOR_USER, "", sizes);
	g_autoptr(GError) error = NULL;

	simulator_set_size_limit(home->simulator, 7 * MEGABYTE);
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_UNSENT);
	g_assert_nonnull(strstr(error->message, "your organization allows"));
	check_nothing_is_left(home);
}

static void
expire_once(StoreAccount *account, const char *text, guint done, guint total, Home *home)
{
	if (done == 0 || home->arrived > 0)
		return;
	home->arrived = 1;
	simulator_expire_uploads(home->simulator);
}

static void
test_session_that_ran_out_is_begun_anew(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {10 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("expired", SIMULATOR_USER, "", sizes);

	g_signal_connect(home->account, "progress", G_CALLBACK(expire_once), home);
	home_send(home, mime);
	g_assert_cmpuint(home_get_n_requests(home, "PUT"), ==, 5);
	check_arrived(home, "expired", sizes);
}

/* The network went while a draft was there: it is removed as soon as the account is looked after again. */
static void
test_draft_that_could_not_be_removed_is_removed_later(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {4 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("cut", SIMULATOR_USER, "", sizes);
	g_autoptr(GError) error = NULL;

	home_fault(home, "{\"skip\": 2, \"count\": 0, \"kind\": \"close\", \"when\": \"before\"}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_nonnull(error);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 1);
	simulator_clear_faults(home->simulator);
	home_close(home);
	home_open(home);
	home_check(home);
	check_nothing_is_left(home);
	home_send(home, mime);
	check_arrived(home, "cut", sizes);
}

/* A window keeps its Message-ID: what is saved from it after the mail could not be sent is a draft of the user's. */
static void
test_draft_that_is_saved_after_a_failure_stays(Home *home, gconstpointer data)
{
	static const gsize none[] = {0};
	g_autoptr(GBytes) mime =
		write_mail("window", SIMULATOR_USER, "Return-Receipt-To: " SIMULATOR_USER "\r\n", none);
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "window-XXXXXX", NULL);
	g_autoptr(GError) error = NULL;
	int fd = g_mkstemp(path);

	home_fault(home, "{\"method\": \"POST\", \"path\": \"/messages$\", \"count\": 2, \"kind\": \"close\", "
			 "\"when\": \"before\"}");
	g_assert_false(store_account_send(home->account, mime, other, NULL, &error));
	g_assert_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN);
	g_clear_error(&error);
	g_assert_cmpint(write(fd, g_bytes_get_data(mime, NULL), g_bytes_get_size(mime)), ==,
			(gssize)g_bytes_get_size(mime));
	close(fd);
	g_assert_cmpuint(store_account_append_message(home->account,
						      store_account_find_role(home->account, STORE_ROLE_DRAFTS), path,
						      STORE_FLAG_READ, &error),
			 !=, 0);
	g_unlink(path);
	store_account_flush(home->account, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(home_count(home, "drafts", "window"), ==, 1);
	home_check(home);
	home_check(home);
	g_assert_cmpuint(home_count(home, "drafts", "window"), ==, 1);
	home_send(home, mime);
	g_assert_cmpuint(home_count(home, "drafts", "window"), ==, 1);
	g_assert_cmpuint(home_count(home, "sentitems", "window"), ==, 1);
}

typedef struct {
	GCancellable *cancellable;
	guint done;
	guint total;
	gboolean idle;
} Watch;

static void
on_progress(StoreAccount *account, const char *text, guint done, guint total, Watch *watch)
{
	watch->idle = text == NULL;
	if (text == NULL)
		return;
	g_assert_cmpuint(done, >=, watch->done);
	watch->done = done;
	watch->total = total;
	if (done > 0 && watch->cancellable != NULL)
		g_cancellable_cancel(watch->cancellable);
}

static void
test_progress_is_told_and_can_be_stopped(Home *home, gconstpointer data)
{
	static const gsize sizes[] = {10 * MEGABYTE, 0};
	g_autoptr(GBytes) mime = write_mail("stopped", SIMULATOR_USER, "", sizes);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	Watch watch = {.cancellable = cancellable};
	gulong handler = g_signal_connect(home->account, "progress", G_CALLBACK(on_progress), &watch);

	g_assert_false(store_account_send(home->account, mime, other, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_signal_handler_disconnect(home->account, handler);
	g_assert_cmpuint(home_get_n_requests(home, "PUT"), ==, 1);
	g_assert_cmpuint(home_get_n_requests(home, "DELETE"), ==, 0); /* a cancelled mail asks for nothing more */
	g_assert_true(watch.idle);
	home_check(home);
	check_nothing_is_left(home);

	watch = (Watch){0};
	g_signal_connect(home->account, "progress", G_CALLBACK(on_progress), &watch);
	home_send(home, mime);
	g_assert_cmpuint(watch.done, ==, 10);
	g_assert_cmpuint(watch.total, ==, 10);
	g_assert_true(watch.idle);
	check_arrived(home, "stopped", sizes);
}

/* Another program saves the same mail from its own window, of which no check has heard, as ours is made. */
static void
test_draft_that_somebody_else_saved_is_not_lost(Home *home, gconstpointer data)
{
	static const gsize none[] = {0};
	g_autoptr(GBytes) mime = write_mail("both", SIMULATOR_USER, "Return-Receipt-To: " SIMULATOR_USER "\r\n", none);
	g_autoptr(GBytes) newer = write_mail("both", SIMULATOR_USER, "X-Theirs: newer\r\n", none);
	g_autoptr(GraphMessage) theirs = NULL;
	g_autoptr(GError) error = NULL;

	theirs = graph_message_create_mime(home->client, newer, NULL, &error);
	g_assert_no_error(error);
	home_fault(home, "{\"method\": \"POST\", \"path\": \"/messages$\", \"kind\": \"close\", \"when\": \"work\"}");
	home_send(home, mime);
	g_assert_cmpuint(home_count_received(home, "both"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", "both"), ==, 0);
	g_assert_cmpuint(home_count(home, "deleteditems", "both"), ==, 2);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_mime_init();
#define ADD(path, test) g_test_add("/store/large/" path, Home, NULL, set_up, test, home_tear_down)
	ADD("ten megabytes take seven requests", test_ten_megabytes_take_seven_requests);
	ADD("small ones stay in the mail", test_small_ones_stay_in_the_mail);
	ADD("file beside a text that gives way arrives", test_file_beside_a_text_that_gives_way_arrives);
	ADD("threads hold", test_threads_hold);
	ADD("long text goes as JSON", test_long_text_goes_as_json);
	ADD("very long text is for its recipients alone", test_very_long_text_is_for_its_recipients_alone);
	ADD("what cannot be sent is refused before", test_what_cannot_be_sent_is_refused_before);
	ADD("sealed mail goes byte for byte", test_sealed_mail_goes_byte_for_byte);
	ADD("each piece may be lost once", test_each_piece_may_be_lost_once);
	ADD("last piece whose answer is lost is not there twice",
	    test_last_piece_whose_answer_is_lost_is_not_there_twice);
	ADD("last piece that is not seen yet is not there twice",
	    test_last_piece_that_is_not_seen_yet_is_not_there_twice);
	ADD("failed mail leaves no draft", test_failed_mail_leaves_no_draft);
	ADD("draft that is not found yet is waited for", test_draft_that_is_not_found_yet_is_waited_for);
	ADD("what is too small for a session goes in one request",
	    test_what_is_too_small_for_a_session_goes_in_one_request);
	ADD("smaller pieces are sent where these are too large",
	    test_smaller_pieces_are_sent_where_these_are_too_large);
	ADD("mail above the limit of the tenant is explained", test_mail_above_the_limit_of_the_tenant_is_explained);
	ADD("session that ran out is begun anew", test_session_that_ran_out_is_begun_anew);
	ADD("draft that could not be removed is removed later", test_draft_that_could_not_be_removed_is_removed_later);
	ADD("draft that is saved after a failure stays", test_draft_that_is_saved_after_a_failure_stays);
	ADD("progress is told and can be stopped", test_progress_is_told_and_can_be_stopped);
	ADD("draft that somebody else saved is not lost", test_draft_that_somebody_else_saved_is_not_lost);
	return g_test_run();
}
