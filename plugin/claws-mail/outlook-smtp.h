/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OutlookSmtp:
 *
 * One dialogue of the submission server, without the socket: bytes in, reply text out. RFC 5321 with SIZE
 * (RFC 1870), 8BITMIME, PIPELINING and AUTH PLAIN (RFC 4954).
 */
typedef struct _OutlookSmtp OutlookSmtp;

typedef enum {
	OUTLOOK_SMTP_MORE,    /* everything that came was answered */
	OUTLOOK_SMTP_DELIVER, /* a mail has come to its end; goes on after outlook_smtp_answer() */
	OUTLOOK_SMTP_DELAY,   /* the password was wrong: send the reply after a pause, then go on */
	OUTLOOK_SMTP_CLOSE,   /* send the reply and hang up */
} OutlookSmtpStep;

/* Where mail of @user is kept while it comes in (transfer full); %NULL: there is no such account any more. */
typedef char *(*OutlookSmtpPlace)(const char *user, gpointer user_data);

/* @in_use: (not nullable): bytes of mail that all dialogues of a server hold on disk, kept up to date; lives longer
 * than @self */
OutlookSmtp *outlook_smtp_new(gsize max_size, const char *password, gsize *in_use, OutlookSmtpPlace place,
			      gpointer user_data);
void outlook_smtp_free(OutlookSmtp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookSmtp, outlook_smtp_free)

void outlook_smtp_greet(OutlookSmtp *self, GString *reply);

/* FALSE when the client sends more than it may without waiting for an answer: hang up. */
gboolean outlook_smtp_feed(OutlookSmtp *self, const guint8 *bytes, gsize length);
OutlookSmtpStep outlook_smtp_step(OutlookSmtp *self, GString *reply);

gboolean outlook_smtp_is_authenticated(OutlookSmtp *self);

/* Of the mail that waits for its answer. */
const char *outlook_smtp_get_user(OutlookSmtp *self);
const char *outlook_smtp_get_sender(OutlookSmtp *self);
const char *const *outlook_smtp_get_recipients(OutlookSmtp *self);

/* transfer full, mapped; %NULL with a %G_IO_ERROR why it could not be kept: _MESSAGE_TOO_LARGE, _BUSY (too much mail at
 * once), _NOT_FOUND (no such account), _NO_SPACE and what else a disk says */
GBytes *outlook_smtp_get_mime(OutlookSmtp *self, GError **error);

/* A line of the reply to a mail that is not decided yet; its last line has the code that counts. */
void outlook_smtp_show_life(GString *reply);

/* @error as in outlook_submission_answer() */
void outlook_smtp_answer(OutlookSmtp *self, GString *reply, const GError *error, gboolean temporary);

G_END_DECLS
