/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "graph-error.h"
#include "graph-json.h"
#include "store-draft.h"
#include "store-mime.h"

#define HEAD                                                                                   \
	"From: =?utf-8?q?J=C3=BCrgen?= <a@contoso.example>\r\nTo: Bob <b@contoso.example>\r\n" \
	"Message-ID: <1@contoso.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"

static GMimeMessage *
parse(const char *mail)
{
	g_autoptr(GBytes) mime = g_bytes_new(mail, strlen(mail));
	g_autoptr(GError) error = NULL;
	GMimeMessage *message = store_mime_parse(mime, &error);

	g_assert_no_error(error);
	return message;
}

static StoreDraft *
read_mail(const char *mail)
{
	g_autoptr(GMimeMessage) message = parse(mail);

	return store_draft_new(message);
}

static const StorePart *
get_part(StoreDraft *draft, guint i)
{
	g_assert_cmpuint(i, <, draft->parts->len);
	return g_ptr_array_index(draft->parts, i);
}

static void
check_content(StoreDraft *draft, guint i, const char *expected)
{
	g_autoptr(GBytes) bytes = store_part_get_bytes(g_ptr_array_index(draft->parts, i));
	g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));

	g_assert_cmpstr(text, ==, expected);
	g_assert_cmpuint(get_part(draft, i)->about->size, ==, strlen(expected));
	g_assert_cmpuint(get_part(draft, i)->bound, >=, strlen(expected));
}

static void
test_plain_text_is_the_body(void)
{
	g_autoptr(StoreDraft) draft =
		read_mail(HEAD "Content-Type: text/plain; charset=iso-8859-1\r\n"
			       "Content-Transfer-Encoding: quoted-printable\r\n\r\n=E4=F6=FC\r\n");

	g_assert_cmpstr(draft->message->subject, ==, "Grüße");
	g_assert_cmpstr(draft->message->from->name, ==, "Jürgen");
	g_assert_cmpstr(draft->message->body, ==, "äöü\r\n");
	g_assert_false(draft->message->is_html);
	g_assert_cmpstr(draft->message->internet_message_id, ==, "<1@contoso.example>");
	g_assert_cmpuint(draft->parts->len, ==, 0);
}

#define RELATED                                                                                                   \
	"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"                                                \
	"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"                                          \
	"Content-Type: text/plain\r\n\r\nplain\r\n--a\r\n"                                                        \
	"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n"                                              \
	"Content-Type: text/html\r\n\r\n<img src=\"cid:1@x\">\r\n--r\r\n"                                         \
	"Content-Type: image/png; name=\"dot.png\"\r\nContent-ID: <1@x>\r\nContent-Transfer-Encoding: base64\r\n" \
	"\r\nYQBi\r\n--r--\r\n\r\n--a--\r\n\r\n--m\r\n"                                                           \
	"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"                                   \
	" filename*=utf-8''%C3%9Cbersicht%20%E2%82%AC.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nUERG\r\n"   \
	"--m\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--m--\r\n"

static void
test_html_with_its_images_is_the_body(void)
{
	g_autoptr(StoreDraft) draft = read_mail(HEAD RELATED);
	const GraphAttachment *image = get_part(draft, 0)->about;
	const GraphAttachment *pdf = get_part(draft, 1)->about;

	g_assert_true(draft->message->is_html);
	g_assert_cmpstr(draft->message->body, ==, "<img src=\"cid:1@x\"><pre>footer</pre>");
	g_assert_cmpuint(draft->parts->len, ==, 2);
	g_assert_cmpstr(image->name, ==, "dot.png");
	g_assert_cmpstr(image->content_type, ==, "image/png");
	g_assert_cmpstr(image->content_id, ==, "1@x");
	g_assert_true(image->is_inline);
	g_assert_cmpstr(pdf->name, ==, "Übersicht €.pdf");
	g_assert_null(pdf->content_id);
	g_assert_false(pdf->is_inline);
	check_content(draft, 1, "PDF");
}

static void
test_attached_message_is_a_file_of_its_bytes(void)
{
	g_autoptr(StoreDraft) draft =
		read_mail(HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
			       "Content-Type: text/plain\r\n\r\nsee\r\n--m\r\n"
			       "Content-Type: message/rfc822\r\n\r\nSubject: a/b\r\nX-Odd:  y \r\n"
			       "\r\ntext  \r\n.\r\n--m--\r\n");
	const GraphAttachment *about = get_part(draft, 0)->about;

	g_assert_cmpstr(about->name, ==, "a_b.eml");
	g_assert_cmpstr(about->content_type, ==, "message/rfc822");
	check_content(draft, 0, "Subject: a/b\r\nX-Odd:  y \r\n\r\ntext  \r\n.");
}

static void
test_mail_that_is_one_file_has_an_empty_body(void)
{
	g_autoptr(StoreDraft) draft = read_mail(HEAD "Content-Type: image/png\r\n\r\nabc");
	g_autoptr(StoreDraft) bare = read_mail("Subject: bare\r\n\r\n");

	g_assert_cmpstr(draft->message->body, ==, "");
	g_assert_cmpstr(get_part(draft, 0)->about->name, ==, "image");
	check_content(draft, 0, "abc");
	g_assert_null(bare->message->from);
	g_assert_cmpuint(bare->message->to->len, ==, 0);
}

static void
test_calendar_beside_a_text_is_kept(void)
{
	g_autoptr(StoreDraft) draft = read_mail(HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
						     "Content-Type: text/plain\r\n\r\nplain\r\n--a\r\n"
						     "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--a--\r\n");

	g_assert_cmpstr(draft->message->body, ==, "plain");
	g_assert_cmpstr(get_part(draft, 0)->about->name, ==, "invite.ics");
}

/* Neither is the chosen text itself, and a file hangs on each. */
static void
test_what_hangs_on_another_text_is_kept(void)
{
	g_autoptr(StoreDraft) file =
		read_mail(HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
			       "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
			       "Content-Type: text/plain\r\n\r\nplain\r\n--m\r\n"
			       "Content-Type: application/pdf; name=\"a.pdf\"\r\n\r\nPDF\r\n--m\r\n"
			       "Content-Type: text/csv\r\n\r\n1,2\r\n--m--\r\n--a\r\n"
			       "Content-Type: text/html\r\n\r\n<p>rich</p>\r\n--a\r\n"
			       "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\"n.txt\"\r\n"
			       "\r\nnote\r\n--a--\r\n");
	g_autoptr(StoreDraft) images =
		read_mail(HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
			       "Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n"
			       "Content-Type: text/html\r\n\r\n<p>first</p>\r\n--r\r\n"
			       "Content-Type: image/png; name=\"shown.png\"\r\nContent-ID: <1@x>\r\n\r\nabc\r\n--r\r\n"
			       "Content-Type: image/png; name=\"other.png\"\r\nContent-ID: <1@>\r\n\r\ndef\r\n--r--\r\n"
			       "--a\r\nContent-Type: text/html\r\n\r\n<img src='cid:1@x'>\r\n--a--\r\n");

	g_assert_cmpstr(file->message->body, ==, "<p>rich</p>");
	g_assert_cmpuint(file->parts->len, ==, 3);
	g_assert_cmpstr(get_part(file, 0)->about->name, ==, "a.pdf");
	g_assert_false(get_part(file, 0)->about->is_inline);
	check_content(file, 0, "PDF");
	check_content(file, 1, "1,2");
	check_content(file, 2, "note");
	g_assert_cmpstr(images->message->body, ==, "<img src='cid:1@x'>");
	g_assert_cmpuint(images->parts->len, ==, 2);
	g_assert_true(get_part(images, 0)->about->is_inline);
	check_content(images, 0, "abc");
	g_assert_false(get_part(images, 1)->about->is_inline);
	check_content(images, 1, "def");
}

static void
test_text_is_chosen_before_what_holds_none(void)
{
	g_autoptr(StoreDraft) plain = read_mail(HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
						     "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
						     "Content-Type: application/pdf\r\n\r\nPDF\r\n--m--\r\n--a\r\n"
						     "Content-Type: text/plain\r\n\r\nplain\r\n--a--\r\n");
	g_autoptr(StoreDraft) neither = read_mail(HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
						       "Content-Type: text/enriched\r\n\r\nodd\r\n--a--\r\n");

	g_assert_cmpstr(plain->message->body, ==, "plain");
	g_assert_cmpuint(plain->parts->len, ==, 1);
	check_content(plain, 0, "PDF");
	g_assert_cmpstr(neither->message->body, ==, "");
	check_content(neither, 0, "odd");
}

static void
test_text_keeps_its_charset_and_invitation_its_method(void)
{
	static const struct {
		const char *header;
		const char *expected;
	} rows[] = {
		{"text/csv; name=\"a.csv\"; charset=\"windows-1252\"", "text/csv; charset=windows-1252"},
		{"text/calendar; method=REQUEST; charset=UTF-8; name=a.ics",
		 "text/calendar; charset=UTF-8; method=REQUEST"},
		{"text/csv; charset=\"a; b\"; name=a.csv", "text/csv"},
		{"application/pdf; charset=x; name=a.pdf", "application/pdf"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *mail = g_strconcat(HEAD "Content-Type: ", rows[i].header, "\r\n\r\nx", NULL);
		g_autoptr(StoreDraft) draft = read_mail(mail);

		g_assert_cmpstr(get_part(draft, 0)->about->content_type, ==, rows[i].expected);
	}
}

static void
test_json_says_what_the_header_said(void)
{
	static const char *const recipients[] = {"B@contoso.example", "secret@contoso.example", NULL};
	g_autoptr(StoreDraft) draft =
		read_mail(HEAD "Cc: c@contoso.example, team: d@contoso.example;\r\nReply-To: r@contoso.example\r\n"
			       "X-Mailer: =?utf-8?q?M=C3=BCll?=\r\n folded\r\nX-Priority: 1 (Highest)\r\n"
			       "Disposition-Notification-To: a@contoso.example\r\nReceived: x\r\n\r\nHi\r\n");
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *text = NULL;

	store_draft_set_envelope(draft->message, recipients);
	graph_draft_add_property(draft->message, "Integer 0x0E07", "1");
	object = graph_draft_to_json(draft->message);
	text = graph_json_print(object);
	g_assert_cmpstr(
		text, ==,
		"{\"subject\":\"Grüße\",\"body\":{\"contentType\":\"text\",\"content\":\"Hi\\r\\n\"},"
		"\"from\":{\"emailAddress\":{\"name\":\"Jürgen\",\"address\":\"a@contoso.example\"}},"
		"\"toRecipients\":[{\"emailAddress\":{\"name\":\"Bob\",\"address\":\"b@contoso.example\"}}],"
		"\"ccRecipients\":[{\"emailAddress\":{\"address\":\"c@contoso.example\"}},"
		"{\"emailAddress\":{\"address\":\"d@contoso.example\"}}],"
		"\"bccRecipients\":[{\"emailAddress\":{\"address\":\"secret@contoso.example\"}}],"
		"\"replyTo\":[{\"emailAddress\":{\"address\":\"r@contoso.example\"}}],"
		"\"internetMessageId\":\"<1@contoso.example>\",\"importance\":\"high\",\"isReadReceiptRequested\":true,"
		"\"internetMessageHeaders\":[{\"name\":\"X-Mailer\",\"value\":\"Müll folded\"},"
		"{\"name\":\"X-Priority\",\"value\":\"1 (Highest)\"}],"
		"\"singleValueExtendedProperties\":[{\"id\":\"Integer 0x0E07\",\"value\":\"1\"}]}");
}

/* Five of them are all that the service takes. */
static void
test_what_the_author_wrote_goes_before_stamps(void)
{
	static const char *const kept[] = {"X-Mailer", "X-Face", "x-one", "X-Two", "X-Spam-Status"};
	g_autoptr(StoreDraft) draft =
		read_mail(HEAD "X-Spam-Status: No\r\nX-MS-Has-Attach: yes\r\nX-Mailer: a\r\nX-Originating-IP: [1]\r\n"
			       "X-Face: b\r\nx-one: c\r\nX-Two: d\r\n\r\nHi\r\n");

	g_assert_cmpuint(draft->message->headers->len, ==, 2 * G_N_ELEMENTS(kept));
	for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
		g_assert_cmpstr(g_ptr_array_index(draft->message->headers, 2 * i), ==, kept[i]);
}

static void
test_part_is_read_from_a_file_without_name(void)
{
	g_autoptr(StoreDraft) draft = read_mail(HEAD RELATED);
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("draft-XXXXXX", &error);
	g_autoptr(GDir) dir = NULL;
	char bytes[4];
	int fd = store_part_open(g_ptr_array_index(draft->parts, 0), directory, &error);

	g_assert_no_error(error);
	g_assert_cmpint(pread(fd, bytes, sizeof bytes, 0), ==, 3);
	g_assert_cmpmem(bytes, 3, "a\0b", 3);
	g_assert_cmpuint(get_part(draft, 0)->about->size, ==, 3);
	dir = g_dir_open(directory, 0, NULL);
	g_assert_null(g_dir_read_name(dir));
	close(fd);
	g_rmdir(directory);
	g_assert_cmpint(store_part_open(g_ptr_array_index(draft->parts, 0), directory, &error), ==, -1);
	g_assert_nonnull(error);
}

static void
test_sealed_mail_is_known(void)
{
	static const struct {
		const char *mail;
		gboolean sealed;
	} rows[] = {
		{"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", TRUE},
		{"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n--b--",
		 TRUE},
		{"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/signed; "
		 "boundary=s\r\n"
		 "\r\n--s\r\n\r\nx\r\n--s--\r\n--m--\r\n",
		 TRUE},
		{"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: message/rfc822\r\n\r\n"
		 "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nx\r\n--s--\r\n--m--\r\n",
		 FALSE},
		{"Content-Type: text/plain\r\n\r\nx", FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *mail = g_strconcat(HEAD, rows[i].mail, NULL);
		g_autoptr(GMimeMessage) message = parse(mail);

		g_assert_cmpint(store_mime_is_sealed(message), ==, rows[i].sealed);
	}
}

int
main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add_func("/store/draft/plain text is the body", test_plain_text_is_the_body);
	g_test_add_func("/store/draft/HTML with its images is the body", test_html_with_its_images_is_the_body);
	g_test_add_func("/store/draft/attached message is a file of its bytes",
			test_attached_message_is_a_file_of_its_bytes);
	g_test_add_func("/store/draft/mail that is one file has an empty body",
			test_mail_that_is_one_file_has_an_empty_body);
	g_test_add_func("/store/draft/calendar beside a text is kept", test_calendar_beside_a_text_is_kept);
	g_test_add_func("/store/draft/what hangs on another text is kept", test_what_hangs_on_another_text_is_kept);
	g_test_add_func("/store/draft/text is chosen before what holds none",
			test_text_is_chosen_before_what_holds_none);
	g_test_add_func("/store/draft/text keeps its charset and invitation its method",
			test_text_keeps_its_charset_and_invitation_its_method);
	g_test_add_func("/store/draft/JSON says what the header said", test_json_says_what_the_header_said);
	g_test_add_func("/store/draft/what the author wrote goes before stamps",
			test_what_the_author_wrote_goes_before_stamps);
	g_test_add_func("/store/draft/part is read from a file without name",
			test_part_is_read_from_a_file_without_name);
	g_test_add_func("/store/draft/sealed mail is known", test_sealed_mail_is_known);
	status = g_test_run();
	g_mime_shutdown();
	return status;
}
