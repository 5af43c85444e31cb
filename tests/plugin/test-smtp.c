/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submission-client.h"

#include <string.h>

static void
test_delivers_a_mail(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	exchange(client, "MAIL FROM:<a@example.org> SIZE=20 BODY=8BITMIME", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "RCPT TO:<\"odd > one\"@example.org>", "250 ");
	exchange(client, "RCPT TO:<B@example.org>", "250 ");
	exchange(client, "DATA", "354 ");
	say(client, "Subject: x\r\n\r\nOne\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_cmpstr(fixture->user, ==, "one");
	g_assert_cmpstr(fixture->sender, ==, "a@example.org");
	g_assert_cmpuint(g_strv_length(fixture->recipients), ==, 3);
	g_assert_cmpstr(fixture->recipients[0], ==, "b@example.org");
	g_assert_cmpstr(fixture->recipients[1], ==, "\"odd > one\"@example.org");
	g_assert_cmpstr(fixture->recipients[2], ==, "B@example.org");
	assert_mime(fixture, "Subject: x\r\n\r\nOne\r\n");

	client_receive(client);
	g_assert_cmpstr(client->received->str, ==, "");
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");
	exchange(client, "QUIT", "221 ");
	expect_end(client);
}

static void
test_delivers_two_mails_in_one_dialogue(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	for (guint i = 1; i <= 2; i++) {
		begin_mail(client);
		say(client, "x\r\n.\r\n");
		wait_for_deliveries(fixture, i);
		g_assert_cmpuint(g_strv_length(fixture->recipients), ==, 1);
		assert_mime(fixture, "x\r\n");
		outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
		expect(client, "250 ");
	}
}

static void
test_undoes_the_dots_and_keeps_every_other_byte(Fixture *fixture, gconstpointer data)
{
	static const char sent[] = "..\r\n...\r\n.a\r\na.\r\n\n.\n\r.\r\r\n..\r\r\n\xc3\xa4\xff\r\n\r\n.\r\n";
	static const char meant[] = ".\r\n..\r\na\r\na.\r\n\n.\n\r.\r\r\n.\r\r\n\xc3\xa4\xff\r\n\r\n";
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	/* In one go, then byte by byte: a boundary may fall anywhere. */
	begin_mail(client);
	say(client, sent);
	wait_for_deliveries(fixture, 1);
	assert_mime(fixture, meant);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");

	begin_mail(client);
	for (gsize i = 0; sent[i] != '\0'; i++)
		say_bytes(client, sent + i, 1);
	wait_for_deliveries(fixture, 2);
	assert_mime(fixture, meant);
}

static void
test_keeps_a_nul_and_a_dotted_carriage_return(Fixture *fixture, gconstpointer data)
{
	static const char sent[] = "a\0b\r\n.\rc\r\n.\r\r\n.\r\n";
	static const char meant[] = "a\0b\r\n\rc\r\n\r\r\n";
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	gsize length;
	const char *bytes;

	begin_mail(client);
	say_bytes(client, sent, sizeof sent - 1);
	wait_for_deliveries(fixture, 1);
	bytes = g_bytes_get_data(fixture->mime, &length);
	g_assert_cmpmem(bytes, length, meant, sizeof meant - 1);
}

static void
test_takes_all_commands_at_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	say(client, "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nNOOP\r\nVRFY b\r\nDATA\r\n");
	expect(client, "250 ");
	expect(client, "250 ");
	expect(client, "250 ");
	expect(client, "252 ");
	expect(client, "354 ");
	say(client, "x\r\n.\r\nNOOP\r\nQUIT\r\n");
	wait_for_deliveries(fixture, 1);
	outlook_submission_answer(fixture->submission, fixture->token, NULL, FALSE);
	expect(client, "250 ");
	expect(client, "250 ");
	expect(client, "221 ");
	expect_end(client);
}

static void
test_announces_what_it_can(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new(fixture);
	g_autofree char *reply = NULL;

	expect(client, "220 localhost ESMTP");
	say(client, "ehlo there\r\n");
	reply = hear(client);
	g_assert_nonnull(strstr(reply, "SIZE 100000\r\n"));
	g_assert_nonnull(strstr(reply, "8BITMIME\r\n"));
	g_assert_nonnull(strstr(reply, "PIPELINING\r\n"));
	g_assert_nonnull(strstr(reply, "AUTH PLAIN"));
	exchange(client, "HELO there", "250 ");
}

static void
test_asks_for_the_password_when_it_did_not_come(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new(fixture);
	g_autofree char *plain = make_plain("two", "two", outlook_submission_get_password(fixture->submission));

	expect(client, "220 ");
	exchange(client, "AUTH PLAIN", "503 ");
	exchange(client, "EHLO x", "250-");
	exchange(client, "AUTH CRAM-MD5", "504 ");
	exchange(client, "AUTH PLAIN", "334 ");
	exchange(client, "*", "501 ");
	exchange(client, "AUTH PLAIN", "334 ");
	exchange(client, plain, "235 ");
	exchange(client, "AUTH PLAIN", "503 ");
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
}

static void
test_refuses_a_mail_that_is_announced_too_large(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	exchange(client, "MAIL FROM:<a@example.org> SIZE=100001", "552 ");
	exchange(client, "MAIL FROM:<a@example.org> SIZE=99999999999999999999999", "501 ");
	exchange(client, "MAIL FROM:<a@example.org> SIZE=-1", "501 ");
	exchange(client, "MAIL FROM:<a@example.org> SIZE=100000", "250 ");
}

static void
test_says_why_a_mail_was_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");
	g_autoptr(GError) plain = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, "The mailbox is full.\r\n250 OK");
	g_autoptr(GError) words =
		g_error_new_literal(G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "Zu gro\xc3\x9f \xe2\x80\x94");
	g_autofree char *many = g_strnfill(5000, 'x');
	g_autoptr(GError) lengthy = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_FAILED, many);
	g_autofree char *reply = NULL;

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	outlook_submission_answer(fixture->submission, fixture->token, plain, FALSE);
	expect(client, "554 The mailbox is full.  250 OK");

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 2);
	outlook_submission_answer(fixture->submission, fixture->token, plain, TRUE);
	expect(client, "451 The mailbox is full.");

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 3);
	outlook_submission_answer(fixture->submission, fixture->token, words, FALSE);
	reply = hear(client);
	g_assert_true(g_str_has_prefix(reply, "552 Zu gro"));
	g_assert_true(g_str_is_ascii(reply));

	begin_mail(client);
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 4);
	outlook_submission_answer(fixture->submission, fixture->token, lengthy, FALSE);
	g_free(reply);
	reply = hear(client);
	g_assert_cmpuint(strlen(reply), <=, 510);
	exchange(client, "NOOP", "250 ");
}

static void
test_refuses_lines_that_end_otherwise(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	say(client, "MAIL FROM:<a@example.org>\n");
	expect(client, "500 ");
	say_bytes(client, "NO\0OP\r\n", 7);
	expect(client, "500 ");
	exchange(client, "NOOP", "250 ");
}

static void
test_keeps_the_order_of_commands(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	exchange(client, "DATA", "503 ");
	exchange(client, "MAIL FROM:<>", "250 ");
	exchange(client, "MAIL FROM:<a@example.org>", "503 ");
	exchange(client, "DATA", "503 ");
	exchange(client, "RCPT TO:<>", "501 ");
	exchange(client, "RCPT TO:<b@example.org> NOTIFY=NEVER", "555 ");
	exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "RSET", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "503 ");
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
	exchange(client, "EHLO again", "250-");
	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
}

static void
test_limits_the_recipients(Fixture *fixture, gconstpointer data)
{
	g_autoptr(Client) client = client_new_signed_in(fixture, "one");

	exchange(client, "MAIL FROM:<a@example.org>", "250 ");
	for (guint i = 0; i < 1000; i++)
		exchange(client, "RCPT TO:<b@example.org>", "250 ");
	exchange(client, "RCPT TO:<b@example.org>", "452 ");
	exchange(client, "DATA", "354 ");
	say(client, "x\r\n.\r\n");
	wait_for_deliveries(fixture, 1);
	g_assert_cmpuint(g_strv_length(fixture->recipients), ==, 1000);
}

#define ADD(name, function) \
	g_test_add("/submission/" name, Fixture, NULL, submission_set_up, function, submission_tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);

	ADD("delivers a mail and holds the reply until it is told", test_delivers_a_mail);
	ADD("delivers two mails in one dialogue", test_delivers_two_mails_in_one_dialogue);
	ADD("undoes the dots and keeps every other byte", test_undoes_the_dots_and_keeps_every_other_byte);
	ADD("keeps a NUL and a dotted carriage return", test_keeps_a_nul_and_a_dotted_carriage_return);
	ADD("takes all commands at once", test_takes_all_commands_at_once);
	ADD("announces what it can", test_announces_what_it_can);
	ADD("asks for the password when it did not come", test_asks_for_the_password_when_it_did_not_come);
	ADD("refuses a mail that is announced too large", test_refuses_a_mail_that_is_announced_too_large);
	ADD("says why a mail was refused", test_says_why_a_mail_was_refused);
	ADD("refuses lines that end otherwise", test_refuses_lines_that_end_otherwise);
	ADD("keeps the order of commands", test_keeps_the_order_of_commands);
	ADD("limits the recipients", test_limits_the_recipients);
	return g_test_run();
}
