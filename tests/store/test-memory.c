/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "home.h"
#include "store-letter.h"

/*
 * What a large mail costs of memory, in a process of its own: the mail is read where its file lies, and of an
 * attachment no more is kept than a piece, though the connection is dropped at every piece once. STORE_TEST_WHOLE: as
 * large as an attachment can be, instead of 20 MB.
 */

#define MEGABYTE 1000000
#define PIECE (4 * 1024 * 1024)
#define LINE 76

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED TRUE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED TRUE
#endif
#endif
#ifndef SANITIZED
#define SANITIZED FALSE
#endif

static const char *const recipients[] = {SIMULATOR_OTHER, NULL};

/* The most that this process has held so far, in bytes. */
static gsize
read_peak(void)
{
	g_autofree char *status = NULL;
	const char *line;

	g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
	line = strstr(status, "VmHWM:");
	g_assert_nonnull(line);
	return (gsize)strtoull(line + strlen("VmHWM:"), NULL, 10) * 1024;
}

static void
send_file(Home *home, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &error);
	g_autoptr(GBytes) mime = NULL;

	g_assert_no_error(error);
	mime = g_mapped_file_get_bytes(file);
	store_account_send(home->account, mime, recipients, NULL, &error);
	g_assert_no_error(error);
}

/* The other process: a small mail first, so that what is loaded once is there. */
static int
work(char **argv)
{
	Home home = {0};
	gsize before;

	home_join(&home, argv[2], argv[3], argv[4]);
	graph_client_set_patience(home.client, 5, 60);
	send_file(&home, argv[5]);
	before = read_peak();
	send_file(&home, argv[6]);
	printf("%" G_GSIZE_FORMAT "\n", read_peak() - before);
	home_close(&home);
	return 0;
}

static char *
write_mail(Home *home, const char *subject, gsize size)
{
	char *path = g_build_filename(home->directory, subject, NULL);
	g_autofree char *text = g_strnfill((size + 2) / 3 * 4, 'Q');
	GString *mail = g_string_sized_new(strlen(text) + strlen(text) / LINE * 2 + 1000);
	g_autoptr(GError) error = NULL;

	g_string_append_printf(mail,
			       "From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\n"
			       "Message-ID: <%s@contoso.example>\r\nMIME-Version: 1.0\r\n"
			       "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nHere it is.\r\n--m\r\n"
			       "Content-Type: application/octet-stream; name=a.bin\r\n"
			       "Content-Transfer-Encoding: base64\r\n\r\n",
			       subject, subject);
	for (const char *at = text; *at != '\0'; at += strnlen(at, LINE)) {
		g_string_append_len(mail, at, (gssize)strnlen(at, LINE));
		g_string_append(mail, "\r\n");
	}
	g_string_append(mail, "--m--\r\n");
	g_file_set_contents(path, mail->str, (gssize)mail->len, &error);
	g_assert_no_error(error);
	g_string_free(mail, TRUE);
	return path;
}

static void
drop_each_piece(Home *home, gsize size)
{
	static const char *const whens[] = {"before", "work", "middle"};

	for (guint i = 0; (gsize)i * PIECE < size; i++) {
		g_autofree char *json =
			g_strdup_printf("{\"method\": \"PUT\", \"skip\": %u, \"kind\": \"close\", \"when\": \"%s\"}", i,
					whens[i % G_N_ELEMENTS(whens)]);
		g_autoptr(GError) error = NULL;

		simulator_add_fault(home->simulator, json, &error);
		g_assert_no_error(error);
	}
}

static void
test_large_mail_takes_little_memory(Home *home, gconstpointer program)
{
	gsize size = g_getenv("STORE_TEST_WHOLE") != NULL ? GRAPH_ATTACHMENT_MOST : 20 * MEGABYTE;
	g_autofree char *token =
		simulator_issue_access_token(home->simulator, SIMULATOR_USER, "User.Read Mail.ReadWrite Mail.Send");
	g_autofree char *small = write_mail(home, "small", 1000);
	g_autofree char *large = write_mail(home, "large", size);
	g_autofree char *output = NULL;
	g_autoptr(GSubprocess) process = NULL;
	g_autoptr(GMappedFile) file = NULL;
	g_autoptr(GError) error = NULL;
	gsize growth, allowed;

	if (SANITIZED) {
		g_test_skip("The sanitizer takes memory of its own.");
		return;
	}
	simulator_set_size_limit(home->simulator, GRAPH_ATTACHMENT_MOST + MEGABYTE);
	drop_each_piece(home, size);
	home_close(home);
	process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--work",
				   simulator_get_origin(home->simulator), token, home->directory, small, large, NULL);
	g_assert_no_error(error);
	g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_subprocess_get_successful(process));
	home_open(home);
	growth = (gsize)strtoull(output, NULL, 10);
	file = g_mapped_file_new(large, FALSE, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_mapped_file_get_length(file), <=, STORE_LETTER_MOST);
	allowed = g_mapped_file_get_length(file) + 3 * PIECE;
	g_test_message("%.1f MB more for a mail of %.1f MB", (double)growth / MEGABYTE,
		       (double)g_mapped_file_get_length(file) / MEGABYTE);
	g_assert_cmpuint(growth, >, 0);
	g_assert_cmpuint(growth, <=, allowed);
	g_assert_cmpuint(home_count(home, "sentitems", "large"), ==, 1);
	g_assert_cmpuint(home_count(home, "drafts", NULL), ==, 0);
}

int
main(int argc, char **argv)
{
	if (argc == 7 && g_str_equal(argv[1], "--work"))
		return work(argv);
	g_test_init(&argc, &argv, NULL);
	g_test_add("/store/memory/large mail takes little memory", Home, argv[0], home_set_up,
		   test_large_mail_takes_little_memory, home_tear_down);
	return g_test_run();
}
