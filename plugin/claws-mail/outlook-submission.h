/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-smtp.h"

G_BEGIN_DECLS

/**
 * OutlookSubmission:
 *
 * The SMTP side (RFC 5321 as the host speaks it) on 127.0.0.1, an ephemeral port. Knows no Claws: what a mail is
 * sent with is the caller's. One for all accounts; AUTH PLAIN's user name says which one, the password is per run.
 */
#define OUTLOOK_TYPE_SUBMISSION (outlook_submission_get_type())
G_DECLARE_FINAL_TYPE(OutlookSubmission, outlook_submission, OUTLOOK, SUBMISSION, GObject)

/*
 * A mail has come to its end: @user authenticated, @sender and @recipients the envelope, @mime with CRLF, dots undone;
 * or %NULL with @failure as of outlook_smtp_get_mime(), if it could not be kept. On the main thread. The answer goes
 * out when outlook_submission_answer() is called with @token, at any time later; until then no other mail of @user
 * comes, and the client is kept from losing patience.
 */
typedef void (*OutlookSubmissionDeliver)(const char *user, const char *sender, const char *const *recipients,
					 GBytes *mime, const GError *failure, guint token, GCancellable *cancellable,
					 gpointer user_data);

/* @max_size: bytes of a mail, announced; all mail that waits may take twice as much of the disk. */
OutlookSubmission *outlook_submission_new(gsize max_size, OutlookSmtpPlace place, OutlookSubmissionDeliver deliver,
					  gpointer user_data, GError **error);

/* Ends all dialogues, cancels what is being delivered; an answer that comes later goes nowhere. */
void outlook_submission_close(OutlookSubmission *self);

/*
 * Nobody new is heard, what is being delivered is cancelled, and each mail is given back for @why, to be sent later.
 * The dialogues end as their clients want, and hold a reference until then.
 */
void outlook_submission_leave(OutlookSubmission *self, const GError *why);

/* Milliseconds: a wrong password is answered after @delay, a silent client is dropped after @patience, one that waits
 * for its answer hears of us every @life_sign. */
void outlook_submission_set_times(OutlookSubmission *self, guint delay, guint patience, guint life_sign);

guint16 outlook_submission_get_port(OutlookSubmission *self);
const char *outlook_submission_get_password(OutlookSubmission *self);

/* @error %NULL: 250. Else 451 when it may go later, 552 when too large, 554: with its message, one line. */
void outlook_submission_answer(OutlookSubmission *self, guint token, const GError *error, gboolean temporary);

G_END_DECLS
