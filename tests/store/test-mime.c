/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "store-error.h"
#include "store-mime.h"
#include "store-text.h"

static GBytes *
prepare(const char *mail, const char *const *recipients, GError **error)
{
	g_autoptr(GBytes) mime = g_bytes_new(mail, strlen(mail));
	g_autofree char *message_id = NULL;

	return store_mime_prepare(mime, recipients, &message_id, error);
}

static char *
prepare_text(const char *mail, const char *const *recipients)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) prepared = prepare(mail, recipients, &error);

	g_assert_no_error(error);
	return g_strndup(g_bytes_get_data(prepared, NULL), g_bytes_get_size(prepared));
}

#define HEAD \
	"From: a@contoso.example\r\nTo: Bob <b@contoso.example>\r\nMessage-ID: <1@contoso.example>\r\nSubject: Hi\r\n"

static const char *const bob[] = {"b@contoso.example", NULL};

static void
test_plain_mail_stays_as_it_is(void)
{
	static const char mail[] = HEAD "X-Odd:   spaced  \r\n\r\nBody \xff\r\n.\r\nno end";
	g_autofree char *prepared = prepare_text(mail, bob);

	g_assert_cmpstr(prepared, ==, mail);
}

static void
test_unnamed_recipients_become_bcc(void)
{
	static const char *const all[] = {"B@Contoso.example", "c@contoso.example", "d@contoso.example", NULL};
	g_autofree char *prepared = prepare_text(HEAD "\r\nBody\r\n", all);
	g_autofree char *unix_ends = prepare_text("To: b@contoso.example\nMessage-ID: <1@x>\n\nBody\n", all);

	g_assert_cmpstr(prepared, ==, "Bcc: c@contoso.example,\r\n d@contoso.example\r\n" HEAD "\r\nBody\r\n");
	g_assert_cmpstr(
		unix_ends, ==,
		"Bcc: c@contoso.example,\n d@contoso.example\nTo: b@contoso.example\nMessage-ID: <1@x>\n\nBody\n");
}

static void
test_old_bcc_gives_way_to_the_envelope(void)
{
	static const char *const all[] = {"b@contoso.example", "c@contoso.example", NULL};
	g_autofree char *prepared =
		prepare_text("Bcc: x@contoso.example,\r\n y@contoso.example\r\n" HEAD "\r\nBody\r\n", all);

	g_assert_cmpstr(prepared, ==, "Bcc: c@contoso.example\r\n" HEAD "\r\nBody\r\n");
}

static void
test_empty_group_is_taken_out(void)
{
	g_autofree char *prepared =
		prepare_text("To: undisclosed-recipients:;\r\nMessage-ID: <1@x>\r\n\r\nTo: stays\r\n", bob);

	g_assert_cmpstr(prepared, ==, "Bcc: b@contoso.example\r\nMessage-ID: <1@x>\r\n\r\nTo: stays\r\n");
}

static void
test_empty_group_beside_others_is_taken_out(void)
{
	static const char *const several[] = {"b@contoso.example", "d@contoso.example", "e@contoso.example", NULL};
	g_autofree char *cc = prepare_text(HEAD "Cc: undisclosed-recipients:;\r\n\r\nCc: stays:;\r\n", bob);
	g_autofree char *to =
		prepare_text("From: a@contoso.example\r\nTo: =?utf-8?q?B=C3=B6b?= <b@contoso.example>, nobody:;,\r\n"
			     " \"those of x:;\": d@contoso.example, e@contoso.example;\r\n"
			     "Message-ID: <1@x>\r\n\r\nBody\r\n",
			     several);
	g_autofree char *whole = prepare_text("To: team: b@contoso.example;\r\nMessage-ID: <1@x>\r\n\r\nBody\r\n", bob);
	g_autoptr(GString) unfolded = g_string_new(to);

	g_assert_cmpstr(cc, ==, HEAD "\r\nCc: stays:;\r\n");
	g_assert_nonnull(strstr(to, "\r\n\t"));
	g_string_replace(unfolded, "\r\n\t", " ", 0);
	g_assert_cmpstr(unfolded->str, ==,
			"To: =?UTF-8?b?QsO2Yg==?= <b@contoso.example>, "
			"\"those of x:;\": d@contoso.example, e@contoso.example;\r\n"
			"From: a@contoso.example\r\nMessage-ID: <1@x>\r\n\r\nBody\r\n");
	g_assert_cmpstr(whole, ==, "To: team: b@contoso.example;\r\nMessage-ID: <1@x>\r\n\r\nBody\r\n");
}

static void
test_mail_for_others_is_not_sent(void)
{
	static const char *const other[] = {"c@contoso.example", NULL};
	static const char *const evil[] = {"b@contoso.example\r\nBcc: z@contoso.example", NULL};
	static const char *const nobody[] = {NULL};
	g_autoptr(GError) error = NULL;

	g_assert_null(prepare(HEAD "Resent-To: c@contoso.example\r\n\r\nBody\r\n", other, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_null(prepare(HEAD "\r\nBody\r\n", evil, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_null(prepare(HEAD "\r\nBody\r\n", nobody, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_null(prepare("", bob, &error));
	g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
}

static void
test_missing_message_id_is_made(void)
{
	static const char mail[] = "To: b@contoso.example\r\n\r\nBody\r\n";
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, sizeof mail - 1);
	g_autoptr(GError) error = NULL;
	g_autofree char *message_id = NULL;
	g_autoptr(GBytes) prepared = store_mime_prepare(mime, bob, &message_id, &error);
	g_autofree char *expected = NULL;

	g_assert_no_error(error);
	expected = g_strdup_printf("Message-ID: %s\r\n%s", message_id, mail);
	g_assert_cmpmem(g_bytes_get_data(prepared, NULL), g_bytes_get_size(prepared), expected, strlen(expected));
}

/* CHECKED 6d */
static void
test_quoted_printable_becomes_base64(void)
{
	g_autofree char *prepared =
		prepare_text(HEAD "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
				  "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe =\r\nund\r\n",
			     bob);
	g_autoptr(GBytes) again = g_bytes_new(prepared, strlen(prepared));
	g_autoptr(GMimeMessage) message = store_mime_parse(again, NULL);
	g_autofree char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_message_get_mime_part(message)));

	g_assert_nonnull(strstr(prepared, "Content-Transfer-Encoding: base64\r\n"));
	g_assert_null(strstr(prepared, "=C3"));
	g_assert_true(g_str_has_prefix(prepared, HEAD));
	g_strdelimit(text, "\r", ' ');
	g_assert_nonnull(strstr(text, "Grüße und"));
}

#define SIGNED                                                                                                      \
	"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; "               \
	"boundary=\"s\"\r\n"                                                                                        \
	"\r\n--s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" \
	"Gr=C3=BC=C3=9Fe   =\r\n\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nxyz\r\n\r\n--s--\r\n"

static void
test_signed_part_is_not_touched(void)
{
	static const char whole[] = HEAD "MIME-Version: 1.0\r\n" SIGNED;
	static const char inside[] = HEAD
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\n" SIGNED "\r\n--m\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		"quoted-printable\r\n\r\n=C3=A4\r\n"
		"--m--\r\n";
	g_autofree char *prepared = prepare_text(whole, bob);
	g_autofree char *mixed = prepare_text(inside, bob);

	g_assert_cmpstr(prepared, ==, whole);
	g_assert_nonnull(strstr(mixed, SIGNED));
	g_assert_null(strstr(mixed, "=C3=A4"));
}

/* A mail of a hundred megabytes is mapped, and must not be there a second time. */
static void
test_mail_is_read_where_it_lies(void)
{
	static const char mail[] = HEAD "\r\nBody\r\n";
	GBytes *mime = g_bytes_new(mail, strlen(mail));
	const guint8 *place = g_bytes_get_data(mime, NULL);
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, NULL);
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(g_mime_message_get_mime_part(message)));
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(g_mime_data_wrapper_get_stream(content)));

	g_bytes_unref(mime);
	g_assert_true(bytes->data == place);
	g_assert_cmpmem(place, strlen(mail), mail, strlen(mail));
}

static void
test_text_is_one_clean_line(void)
{
	g_autofree char *line = store_text_clean("a\r\nb\tc\x01");
	g_autofree char *latin = store_text_clean("Gr\xfc\xdf");
	g_autofree char *marks = store_text_clean("x\xe2\x80\xae"
						  "exe");
	g_autofree char *nothing = store_text_clean(NULL);
	static const char *const list[] = {"Red\nBlue", "", "Green", NULL};
	g_autofree char *joined = store_text_join(list);
	g_auto(GStrv) split = store_text_split(joined);

	g_assert_cmpstr(line, ==, "a b c ");
	g_assert_true(g_utf8_validate(latin, -1, NULL));
	g_assert_cmpstr(marks, ==, "xexe");
	g_assert_null(nothing);
	g_assert_cmpuint(g_strv_length(split), ==, 2);
	g_assert_cmpstr(split[0], ==, "Red Blue");
	g_assert_cmpstr(split[1], ==, "Green");
}

/* The end of the multipart is missing, and with it what parts the text from it. */
static void
test_what_is_taken_out_leaves_the_text_before_it_alone(void)
{
	static const char mail[] = HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nBody\r\n--m\r\n"
					"Content-Type: image/png\r\n\r\nabc\r\n";
	g_autoptr(GBytes) mime = g_bytes_new_static(mail, sizeof mail - 1);
	g_autoptr(GMimeMessage) message = store_mime_parse(mime, NULL);
	GMimeMultipart *multipart = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
	g_autoptr(GBytes) written = NULL;
	g_autoptr(GMimeMessage) again = NULL;
	g_autofree char *text = NULL;

	g_assert_true(store_mime_take_out(message, g_mime_multipart_get_part(multipart, 1)));
	written = store_mime_write(message);
	again = store_mime_parse(written, NULL);
	multipart = GMIME_MULTIPART(g_mime_message_get_mime_part(again));
	g_assert_cmpint(g_mime_multipart_get_count(multipart), ==, 1);
	text = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_multipart_get_part(multipart, 0)));
	g_assert_cmpstr(text, ==, "Body");
}

int
main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add_func("/store/mime/plain mail stays as it is", test_plain_mail_stays_as_it_is);
	g_test_add_func("/store/mime/unnamed recipients become Bcc", test_unnamed_recipients_become_bcc);
	g_test_add_func("/store/mime/old Bcc gives way to the envelope", test_old_bcc_gives_way_to_the_envelope);
	g_test_add_func("/store/mime/empty group is taken out", test_empty_group_is_taken_out);
	g_test_add_func("/store/mime/empty group beside others is taken out",
			test_empty_group_beside_others_is_taken_out);
	g_test_add_func("/store/mime/mail for others is not sent", test_mail_for_others_is_not_sent);
	g_test_add_func("/store/mime/missing Message-ID is made", test_missing_message_id_is_made);
	g_test_add_func("/store/mime/quoted-printable becomes base64", test_quoted_printable_becomes_base64);
	g_test_add_func("/store/mime/signed part is not touched", test_signed_part_is_not_touched);
	g_test_add_func("/store/mime/mail is read where it lies", test_mail_is_read_where_it_lies);
	g_test_add_func("/store/mime/what is taken out leaves the text before it alone",
			test_what_is_taken_out_leaves_the_text_before_it_alone);
	g_test_add_func("/store/text/is one clean line", test_text_is_one_clean_line);
	status = g_test_run();
	g_mime_shutdown();
	return status;
}
