/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-session.h"
#include "outlook-settings.h"
#include "outlook-worker.h"
#include "store-account.h"

G_BEGIN_DECLS

/**
 * OutlookAccount:
 *
 * One account of ours while the host runs: settings, sign-in, service, store and worker, tied to the host's
 * PrefsAccount by its account id. Lives on the main thread; knows no Claws type, so that it can be tested
 * without one. What touches PrefsAccount and Folder is in outlook-accounts.h.
 *
 * Signals, all on the main thread, from idle: `state-changed` (), `folders-changed` (),
 * `folder-changed` (gint64 folder, guint arrived), `report` (gint severity: 0 note, 1 error; const char *text),
 * `progress` (const char *text, guint done, guint total; the text is %NULL when idle),
 * `log` (const char *line: for the host's protocol log, redacted), `failure` (const GError *error: what `report` tells
 * in words, %NULL when it is over; at once, not from idle), `settings-changed` (by itself, not by
 * outlook_account_set_settings(): they are to be kept; likewise at once).
 */
#define OUTLOOK_TYPE_ACCOUNT (outlook_account_get_type())
G_DECLARE_FINAL_TYPE(OutlookAccount, outlook_account, OUTLOOK, ACCOUNT, GObject)

OutlookAccount *outlook_account_new(int account_id, const char *name, const OutlookSettings *settings);

/*
 * @keyring: where the secrets are kept. @secret_file: (nullable): a file with the client secret, taken into the
 * keyring and removed before anything else; honoured for an identity host on loopback alone.
 */
OutlookAccount *outlook_account_new_full(int account_id, const char *name, const OutlookSettings *settings,
					 OauthKeyring *keyring, const char *secret_file);

/* For a sign-in alone: nothing is written below the user's data directory. */
OutlookAccount *outlook_account_new_without_store(const char *name, const OutlookSettings *settings,
						  OauthKeyring *keyring);

/* How a page is shown to a person; called on the main thread. */
void outlook_account_set_browser(OutlookAccount *self, OauthOpenUri open_uri, gpointer user_data);

int outlook_account_get_id(OutlookAccount *self);
const OutlookSettings *outlook_account_get_settings(OutlookAccount *self);

/*
 * While somebody is signed in, permissions that are new in @settings are not theirs yet: outlook_account_sign_in() asks
 * for them, besides what was given. They are in the settings when they were given, else they are off, which is for its
 * @done alone to tell, or, where there is none, for a report. What is not among them any more is not asked for from now
 * on.
 */
void outlook_account_set_settings(OutlookAccount *self, const OutlookSettings *settings);
gboolean outlook_account_wants_more(OutlookAccount *self); /* a sign-in would ask for such permissions */
/* Those of the settings, and what is put aside with them. */
const char *const *outlook_account_get_chosen_scopes(OutlookAccount *self);
/* (nullable): what a sign-in asked for last, and is off since it was not given */
const char *const *outlook_account_get_refused_scopes(OutlookAccount *self);
char *
outlook_account_describe_refused(OutlookAccount *self); /* transfer full, nullable, translated: the same in words */
/* The report of it, with @error, by a @done that cannot tell it otherwise; without such permissions nothing. */
void outlook_account_tell_refused(OutlookAccount *self, const GError *error);
char *outlook_account_get_directory(OutlookAccount *self);	   /* transfer full: where the store lies */
StoreAccount *outlook_account_get_store(OutlookAccount *self);	   /* %NULL when it could not be opened */
const char *outlook_account_get_store_error(OutlookAccount *self); /* why, translated */
OauthSession *outlook_account_get_session(OutlookAccount *self);
OutlookWorker *outlook_account_get_worker(OutlookAccount *self);
char *outlook_account_describe_state(OutlookAccount *self); /* translated: `Signed in as …; last check …` */
gboolean outlook_account_is_closed(OutlookAccount *self);
gboolean outlook_account_is_online(OutlookAccount *self);

/*
 * @secret %NULL: leave it, "": remove it. Written to the keyring on a worker: a sign-in and a check wait for it, and
 * `state-changed` says when it is done.
 */
void outlook_account_set_client_secret(OutlookAccount *self, const char *secret);
gboolean outlook_account_is_saving(OutlookAccount *self); /* a secret, still */

/* Done on the main thread; @error is %NULL on success. A second call while one is under way is refused. */
typedef void (*OutlookAccountDone)(OutlookAccount *self, const GError *error, gpointer user_data);
void outlook_account_sign_in(OutlookAccount *self, OutlookAccountDone done, gpointer user_data);

/*
 * The same by a code for another device. @show_code: called on the main thread before @done; @code is the caller's. The
 * trouble is @done's alone to tell.
 */
typedef void (*OutlookAccountShowCode)(OutlookAccount *self, const OauthDeviceCode *code, gpointer user_data);
void outlook_account_sign_in_by_device(OutlookAccount *self, OutlookAccountShowCode show_code, OutlookAccountDone done,
				       gpointer user_data);
void outlook_account_cancel_sign_in(OutlookAccount *self);
gboolean outlook_account_is_signing_in(OutlookAccount *self);
const char *outlook_account_get_sign_in_page(OutlookAccount *self); /* that the browser was given for it, else %NULL */
void outlook_account_sign_out(OutlookAccount *self, OutlookAccountDone done, gpointer user_data);

/*
 * Asks the person, in the browser, for @scopes besides what they granted before. A failure is for @done alone, which
 * may be called at once; the account is as it was then.
 */
void outlook_account_extend(OutlookAccount *self, const char *const *scopes, OutlookAccountDone done,
			    gpointer user_data);

/*
 * A shared mailbox of the account, by its address: an account of its own without a sign-in, which its owner's serves.
 * It is in the settings from then on. Adding asks for permission where that is needed, then whether the mailbox can be
 * opened; the error is a sentence for the person, with the next step. Removing forgets what is here of it, also what
 * outlook_account_settle_shared() could not send.
 */
void outlook_account_add_shared(OutlookAccount *self, const char *address, OutlookAccountDone done, gpointer user_data);
char **outlook_account_list_shared_scopes(OutlookAccount *self); /* transfer full: what adding asks permission for */
void outlook_account_remove_shared(OutlookAccount *self, const char *address);

/* outlook_account_settle() of this shared mailbox alone */
guint outlook_account_settle_shared(OutlookAccount *self, const char *address);
OutlookAccount *outlook_account_find_shared(OutlookAccount *self, const char *address); /* transfer none, nullable */
void outlook_account_check_shared_copy(OutlookAccount *self, StoreAccount *store); /* its Sent Items have a mail more */
GPtrArray *outlook_account_list_shared_stores(OutlookAccount *self); /* of StoreAccount; (transfer full) */
GStrv outlook_account_list_closed_mailboxes(OutlookAccount *self);   /* addresses whose store is not open */
gboolean outlook_account_is_read_only(OutlookAccount *self);	     /* as far as is known */
const char *outlook_account_get_mailbox(OutlookAccount *self);	     /* its address; %NULL for the account's own */

/*
 * Wakes the background synchronisation and returns at once. @open: key of the folder on screen, or 0. In the
 * state *sign-in pending* it opens the browser instead, once a run; when sign-in is needed it says so once and
 * does nothing.
 */
void outlook_account_check(OutlookAccount *self, gint64 open, gboolean by_user);
void outlook_account_push(OutlookAccount *self); /* after a local change; coalesces */

/*
 * Any thread, before anything local goes to the server: whether the person who is signed in is the one whose mail
 * @store has, who is noted in a new one. %OAUTH_ERROR_WRONG_ACCOUNT
 */
gboolean outlook_account_bind_owner(OauthSession *session, StoreAccount *store, GError **error);

/*
 * Fetches, in the background and one folder after the other, the bodies of mail dated not more than @days ago, 0 for
 * all. Going offline is a pause; with the end of the program it is over, and asked for again it goes on where it was.
 */
void outlook_account_download(OutlookAccount *self, gint64 folder, guint days);
gboolean outlook_account_is_downloading(OutlookAccount *self);
void outlook_account_cancel_downloads(OutlookAccount *self);

void outlook_account_set_online(OutlookAccount *self, gboolean online);

/*
 * Sends what waits, also for shared mailboxes, for some seconds at most, while the main loop turns; how many changes
 * the server does not have even so, with the mails it refused and the originals of moves into another mailbox that has
 * no copy yet.
 */
guint outlook_account_settle(OutlookAccount *self);

/* What a sign-out would remove, as far as is known: also what an earlier one could not. */
gboolean outlook_account_has_tokens(OutlookAccount *self);
gboolean outlook_account_has_copy(OutlookAccount *self);

/*
 * After a sign-out: everything that is here of the mail goes, also of shared mailboxes, with the changes that wait; the
 * account goes on with an empty store, and asks nobody to sign in by itself. Fails, and leaves all as it was, while a
 * request does not end.
 */
gboolean outlook_account_forget_mail(OutlookAccount *self, GError **error);

/* Sends, for a few seconds, what waits for the server; ends all work, waits for the lanes; the object is of no use
 * afterwards. With @forget: what could not be sent is reported, tokens and store are removed. */
void outlook_account_close(OutlookAccount *self, gboolean forget);

/* At the start of a host: what was forgotten, and was still on the disk when the host ended. On threads. */
void outlook_account_sweep_removed(void);

/* Waits, at most @seconds, until the accounts that were closed with @forget are forgotten. For the end of the
 * host. */
void outlook_account_wait_forgotten(guint seconds);

/* A sentence for the person, with the next step, for an error of any layer. Transfer full, translated. */
char *outlook_account_explain(const GError *error);

G_END_DECLS
