/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-submission.h"

G_BEGIN_DECLS

/* What a submission server hears, and what it hands on. */

#define MAX_SIZE 100000

typedef struct {
	OutlookSubmission *submission;
	char *directory; /* where mail is kept while it comes in; "" while there is no such account */

	/* the last mail that came; @mime %NULL: could not be kept, @failure says why */
	guint deliveries;
	char *user;
	char *sender;
	char **recipients;
	GBytes *mime;
	GError *failure;
	guint token;
	GCancellable *cancellable;
} Fixture;

/* @data: the largest mail, %NULL for MAX_SIZE */
void submission_set_up(Fixture *fixture, gconstpointer data);
void submission_tear_down(Fixture *fixture, gconstpointer data);

/* Fails when it takes forever. */
void turn(gint64 since);
void wait_for_deliveries(Fixture *fixture, guint count);
void assert_mime(Fixture *fixture, const char *expected);

typedef struct {
	GSocketConnection *connection;
	GString *received;
	gboolean ended;
} Client;

Client *client_new(Fixture *fixture);
Client *client_new_signed_in(Fixture *fixture, const char *user);
void client_free(Client *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)

void client_receive(Client *client);
void say_bytes(Client *client, const char *bytes, gsize length);
void say(Client *client, const char *text);
/* The next whole reply: its lines, the last without CRLF; %NULL when the server hung up first. */
char *hear(Client *client);
void expect(Client *client, const char *start);
void expect_end(Client *client);
void exchange(Client *client, const char *line, const char *start);
char *make_plain(const char *identity, const char *user, const char *password); /* RFC 4616, base64 */
void begin_mail(Client *client);

G_END_DECLS
