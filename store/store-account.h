/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "graph-client.h"
#include "store-error.h"
#include "store-folder.h"
#include "store-message.h"

G_BEGIN_DECLS

#define STORE_TYPE_ACCOUNT (store_account_get_type())
G_DECLARE_FINAL_TYPE(StoreAccount, store_account, STORE, ACCOUNT, GObject)

/**
 * store_account_new:
 * @directory: made with mode 0700 if it is not there; holds the database, the bodies and the owner lock
 * @client: the mailbox at the service
 *
 * An account at home: the one object a mail client sees. Thread-safe.
 *
 * Signals, emitted on the thread that caused them, after the transaction is on disk:
 * `folders-changed` (): the tree is another one;
 * `folder-changed` (gint64 folder, guint arrived): messages or flags of this folder changed, @arrived of
 * them STORE_FLAG_NEW; not for the flags and categories that the host itself changes;
 * `journal-changed` (guint waiting): so many local changes wait for the server;
 * `refused` (const char *text): the server refused a local change for good and it was undone; @text says
 * which and why, translated;
 * `progress` (const char *text, guint done, guint total): what a worker does, %NULL when idle.
 *
 * A database that is damaged is set aside and built anew from what can be read of it, then from the server:
 * store_account_take_notice() and store_account_get_numbering() tell of that.
 *
 * Returns: (transfer full): %NULL with %STORE_ERROR_IN_USE, _TOO_NEW or _DISK
 */
StoreAccount *store_account_new(const char *directory, GraphClient *client, GError **error);

/* Which user's home this is; writes it the first time, %OAUTH_ERROR_WRONG_ACCOUNT when it is another's. */
gboolean store_account_bind_owner(StoreAccount *self, const char *home, GError **error);

/* Who that is; transfer full, %NULL before the first time. */
char *store_account_get_owner(StoreAccount *self);

/* Somebody was signed in here once: an account that has no token now lost it. */
gboolean store_account_has_owner(StoreAccount *self);

/* For a new one, whose predecessor was removed when its user signed out: it is nobody's, and not a new account's. */
gboolean store_account_note_left(StoreAccount *self, GError **error);

/*
 * Another number after the database was built anew: no number of a message that was handed out before means the same
 * message. 0 for a database of a version without this.
 */
gint64 store_account_get_numbering(StoreAccount *self);

/* What a person should hear of the last opening, translated; once, then %NULL. Transfer full. */
char *store_account_take_notice(StoreAccount *self);

/*
 * A shared mailbox of which the server refused a change since it last took one: it may be read. The server is asked
 * each time all the same, since the right may be given any day, and differs by folder.
 */
gboolean store_account_is_read_only(StoreAccount *self);

/*
 * The user's own address and name, learned from `/me` at the first check; %NULL before. Of a shared mailbox its address
 * alone.
 */
char *store_account_get_address(StoreAccount *self);
char *store_account_get_display_name(StoreAccount *self);

/*
 * Removes @directory and everything below; the account must be finalized. %STORE_ERROR_IN_USE, and nothing is gone,
 * while somebody has it open.
 */
gboolean store_account_remove(const char *directory, GError **error);

/*
 * The first step of that, at once whatever the size: renames @directory, and the account is gone. The second is
 * store_account_remove() of the new path; store_account_list_aside() has those for which it did not come to that, of
 * accounts in @parent and of mailboxes that are shared with them.
 * @own: it is the caller who has it open; else that is %STORE_ERROR_IN_USE, and nothing is done
 *
 * Returns: (transfer full): the new path; %NULL without an error if there is no such directory
 */
char *store_account_put_aside(const char *directory, gboolean own, GError **error);
GPtrArray *store_account_list_aside(const char *parent); /* (element-type filename) (transfer full) */

/*
 * Before the directory is removed, while no worker runs: what is known of mails that were sent, or may have been, so
 * that none is sent twice. Into a home in @directory, which is made when there is something to keep, in place of
 * what an earlier call kept there; or of a shared mailbox into that of its owner, where a mail that is on its way
 * through it is noted step by step from then on. What is settled, and what nobody can look up, is forgotten after 30
 * days. %STORE_ERROR_DISK
 */
gboolean store_account_keep_sent(StoreAccount *self, const char *directory, GError **error);
gboolean store_account_take_over_sent(StoreAccount *self, StoreAccount *shared, GError **error);

/*
 * For the host's thread: these read and write rows and never ask the network. Each change is one
 * transaction with its journal entry; the caller then wakes whoever calls store_account_push().
 */

GPtrArray *store_account_list_folders(StoreAccount *self,
				      GError **error); /* (element-type StoreFolder), parents first */
StoreFolder *store_account_get_folder(StoreAccount *self, gint64 folder, GError **error);
gint64 store_account_find_role(StoreAccount *self, StoreRole role); /* 0 if there is none */

GArray *store_account_list_numbers(StoreAccount *self, gint64 folder, GError **error); /* of guint32, rising */
GArray *store_account_list_flags(StoreAccount *self, gint64 folder, GError **error);   /* of StoreMessageFlags */

/* number → GStrv, of the messages that have some */
GHashTable *store_account_list_categories(StoreAccount *self, gint64 folder, GError **error);

/* number → message id of the mail that it answers, of messages for which that was found out after they came: their
 * header names none (CHECKED 2: conversationIndex). */
GHashTable *store_account_list_parents(StoreAccount *self, gint64 folder, GError **error);

/* @numbers: of guint32, %NULL for all; numbers that are gone are left out. (element-type StoreMessage) */
GPtrArray *store_account_list_messages(StoreAccount *self, gint64 folder, GArray *numbers, GError **error);

/* Path of the body when it is on disk, else %NULL without error. */
char *store_account_get_body(StoreAccount *self, gint64 folder, guint32 number);
void store_account_drop_body(StoreAccount *self, gint64 folder, guint32 number);

/* Numbers that are gone are ignored. Once the server has heard that %STORE_FLAG_FLAGGED is taken away, start and due
 * date are gone with it; %STORE_FLAG_COMPLETE keeps them. */
gboolean store_account_change_flags(StoreAccount *self, gint64 folder, GArray *numbers, StoreFlags set,
				    StoreFlags clear, GError **error);
gboolean store_account_set_categories(StoreAccount *self, gint64 folder, guint32 number, const char *const *categories,
				      GError **error);

/*
 * All or nothing. Returns the numbers at the destination, in the order of @numbers (of guint32; 0 for one that
 * is gone). A copy has its message at once, its id when the server made it.
 */
GArray *store_account_move_messages(StoreAccount *self, gint64 folder, GArray *numbers, gint64 destination,
				    GError **error);
GArray *store_account_copy_messages(StoreAccount *self, gint64 folder, GArray *numbers, gint64 destination,
				    GError **error);

/*
 * What a host means that says "copy", then "remove the originals": takes back the copies that were not sent yet
 * and moves the originals to their numbers instead; the others are removed. @copies as returned by
 * copy_messages.
 */
gboolean store_account_turn_copies_into_moves(StoreAccount *self, gint64 folder, GArray *numbers, gint64 destination,
					      GArray *copies, GError **error);

/* For good; not to Deleted Items. */
gboolean store_account_delete_messages(StoreAccount *self, gint64 folder, GArray *numbers, GError **error);

/*
 * Takes a copy of the file; its number, or 0. In Drafts it becomes a draft; elsewhere a message with the dates, the
 * sender, the read state of the mail. %STORE_ERROR_REFUSED, %STORE_ERROR_TOO_LARGE: it cannot become one and stay
 * what it is (see store-import.h); nothing was done, the original has to be kept. With %STORE_FLAG_DRAFT, in Drafts, it
 * is being written here and has no original: what is too large for the service stays on this computer, which is told
 * once, not for each of its versions.
 */
guint32 store_account_append_message(StoreAccount *self, gint64 folder, const char *path, StoreFlags flags,
				     GError **error);

/*
 * The same, and what is read of it in Drafts begins with @lines (whole lines; %NULL: none), by which the host
 * finds its way with what is being written. They stay on this computer, and with the draft, whoever writes on it: what
 * was chosen for it, such as to encrypt it, is not to be lost unseen. The server, and other folders, never have them.
 */
guint32 store_account_append_with_lines(StoreAccount *self, gint64 folder, const char *path, const char *lines,
					StoreFlags flags, GError **error);

gint64 store_account_create_folder(StoreAccount *self, gint64 parent, const char *name, GError **error);
gboolean store_account_rename_folder(StoreAccount *self, gint64 folder, const char *name, GError **error);
gboolean store_account_move_folder(StoreAccount *self, gint64 folder, gint64 parent, GError **error);
gboolean store_account_delete_folder(StoreAccount *self, gint64 folder, GError **error); /* to Deleted Items */

/*
 * A host saves a draft again and again: a new one goes to the server only when it has rested for so many seconds, and
 * never if it was removed before. store_account_get_push_delay() tells when a push will find something: in so many
 * seconds, 0 for now, -1 if nothing waits; a while if nobody can tell, since the journal cannot be read just now.
 */
#define STORE_DRAFT_DELAY 15
void store_account_set_draft_delay(StoreAccount *self, guint seconds);
gint64 store_account_get_push_delay(StoreAccount *self);

/* (transfer full) (nullable): what the service said when mail, which is only here and waits for room, was offered last;
 * %NULL if none waits for that. */
GError *store_account_dup_full(StoreAccount *self);

/*
 * A thorough check compares each folder's list of messages with what is here once in so many seconds (a day at first),
 * and soon after the service lost track of the folder, or the folder's counter does not tell as many as are here: delta
 * is known to miss things.
 */
void store_account_set_reconcile_interval(StoreAccount *self, guint seconds);

/* For so many seconds a mail whose answer was lost, and that is nowhere, is not sent anew: 600 at first. */
void store_account_set_late_after(StoreAccount *self, guint seconds);

/* The first pause before something whose answer was lost is looked for again; 1000 at first, doubled each time.
 */
void store_account_set_patience(StoreAccount *self, guint milliseconds);

guint store_account_count_waiting(StoreAccount *self); /* journal entries the server does not have yet */

/* The same and the mails the server refused: what would be lost with the store. */
guint store_account_count_only_here(StoreAccount *self);
gint64 store_account_get_last_check(StoreAccount *self); /* seconds since 1970, 0 for never */

/* For worker threads: these block. */

/*
 * Brings both sides together: the journal first, the folder tree, then the messages of @open (may be 0), of
 * the Inbox, of folders whose counters moved and of those never filled; with @thorough of all.
 */
gboolean store_account_check(StoreAccount *self, gint64 open, gboolean thorough, GCancellable *cancellable,
			     GError **error);
gboolean store_account_sync_folder(StoreAccount *self, gint64 folder, GCancellable *cancellable, GError **error);
gboolean store_account_push(StoreAccount *self, GCancellable *cancellable, GError **error);

/* A push that does not wait for drafts to come to rest: when the program ends, or the user asks for it. */
gboolean store_account_flush(StoreAccount *self, GCancellable *cancellable, GError **error);

/* From disk, else from the server; the path. */
char *store_account_fetch_body(StoreAccount *self, gint64 folder, guint32 number, GCancellable *cancellable,
			       GError **error);

/*
 * Fetches the bodies of the folder that are not on disk: of mail dated not more than @days ago (0: all), newest
 * first, or of @numbers (of guint32). Each one that came stays: a call that was cut short goes on where it stopped.
 * One that cannot be fetched keeps back no other; the first such error is told at the end, unless the message is gone.
 */
gboolean store_account_fetch_bodies(StoreAccount *self, gint64 folder, guint days, GCancellable *cancellable,
				    GError **error);
gboolean store_account_fetch_some_bodies(StoreAccount *self, gint64 folder, GArray *numbers, GCancellable *cancellable,
					 GError **error);

/*
 * Sends @mime (a whole RFC 5322 message, any line ends) to @recipients, the envelope: those not in To or Cc become Bcc.
 * TRUE only when Graph accepted it, now or in an earlier try of the same bytes and envelope; after any error the mail
 * may be tried again, and arrives once. One at a time, the others wait; `progress` tells the megabytes of large ones.
 *
 * From decides the sender: the user's own address, or another one, which needs the scope Mail.Send.Shared and the right
 * to it; the copy is in the Sent Items of the account's mailbox. For that of a shared mailbox, and Full Access, send
 * with the account whose client has that mailbox.
 *
 * %STORE_ERROR_TOO_LARGE, %STORE_ERROR_INVALID, %STORE_ERROR_REFUSED: not sent, and not as it is; the message says why
 * and what to do. %GRAPH_ERROR_UNCERTAIN: it may have been sent, the next try finds out. Cancelled: not sent, unless it
 * was just being sent, which the next try finds out as well.
 */
gboolean store_account_send(StoreAccount *self, GBytes *mime, const char *const *recipients, GCancellable *cancellable,
			    GError **error);

/* The one of @shared (of StoreAccount) whose client's mailbox is in the From of @mime. (transfer none) (nullable) */
StoreAccount *store_account_find_sender(GPtrArray *shared, GBytes *mime);
gboolean store_mail_is_from(GBytes *mime, const char *const *addresses); /* whether one of them is in its From */

/*
 * store_account_send() of the user's account for a mail in the name of the mailbox of @shared: through that mailbox,
 * which keeps the copy. Where the service refuses that for want of Full Access (API.md 6.1), or the mailbox is known to
 * be read only, through the user's own, which keeps it then. A mail of which one way may have sent it is looked for
 * there, and never given to the other.
 */
gboolean store_account_send_through(StoreAccount *self, StoreAccount *shared, GBytes *mime,
				    const char *const *recipients, GCancellable *cancellable, GError **error);

G_END_DECLS
