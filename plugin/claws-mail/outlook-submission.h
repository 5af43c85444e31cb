/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

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
 * A whole mail has come: @user authenticated, @sender and @recipients the envelope, @mime with CRLF, dots undone.
 * On the main thread. The answer goes out when outlook_submission_answer() is called with @token, at any time later.
 */
typedef void (*OutlookSubmissionDeliver)(const char *user, const char *sender, const char *const *recipients,
					 GBytes *mime, guint token, GCancellable *cancellable, gpointer user_data);

OutlookSubmission *outlook_submission_new(gsize max_size, OutlookSubmissionDeliver deliver, gpointer user_data,
					  GError **error);

/* Ends all dialogues, cancels what is being delivered; an answer that comes later goes nowhere. */
void outlook_submission_close(OutlookSubmission *self);

/* A wrong password is answered after @delay milliseconds, a silent client is dropped after @patience. */
void outlook_submission_set_times(OutlookSubmission *self, guint delay, guint patience);

guint16 outlook_submission_get_port(OutlookSubmission *self);
const char *outlook_submission_get_password(OutlookSubmission *self);

/* @error %NULL: 250. Else 451 when it may go later, 552 when too large, 554: with its message, one line. */
void outlook_submission_answer(OutlookSubmission *self, guint token, const GError *error, gboolean temporary);

G_END_DECLS
