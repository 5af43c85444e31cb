/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-db.h"
#include "store-message.h"

G_BEGIN_DECLS

/* Numbers are on disk: new ones at the end. */
typedef enum {
	STORE_JOURNAL_UPDATE = 1, /* flags, categories */
	STORE_JOURNAL_MOVE = 2,
	STORE_JOURNAL_COPY = 3,
	STORE_JOURNAL_DELETE = 4, /* the value says whether it was a draft; the folder is Deleted Items, or none */
	STORE_JOURNAL_APPEND = 5, /* made in the folder, read or not as the value says; without one it is a draft */
	STORE_JOURNAL_CREATE_FOLDER = 6,
	STORE_JOURNAL_RENAME_FOLDER = 7,
	STORE_JOURNAL_MOVE_FOLDER = 8,
	STORE_JOURNAL_DELETE_FOLDER = 9,
} StoreJournalKind;

typedef enum {
	STORE_JOURNAL_WAITING = 0,
	STORE_JOURNAL_BEGUN = 1, /* sent, the outcome is not known: look before sending again */
	STORE_JOURNAL_KEPT = 2,	 /* refused for good, kept because it is the only copy of a message */
} StoreJournalState;

/* One local change that the server does not have yet; keys, not ids: see schema.sql. */
typedef struct {
	gint64 seq;
	StoreJournalKind kind;
	StoreJournalState state;
	gint64 created;
	guint attempts; /* how often it was begun */
	gint64 message;
	gint64 source;
	gint64 successor; /* of a draft's deletion: the version that has to be at the server before */
	gint64 folder;
	StoreFlags mask;
	StoreFlags value;
	char *categories;
	gint64 parent;
	char *name;
	guint64 since; /* while it is being sent: from store_settled_begin(), before its request left */
} StoreEntry;

void store_entry_free(StoreEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreEntry, store_entry_free)

/* What waits for one message, laid over the server's state. */
typedef struct {
	StoreFlags mask;
	gboolean categories;
	gboolean place; /* it is where the host put it */
	gboolean deleted;
} StorePending;

gboolean store_journal_get_pending(StoreDb *db, gint64 message, StorePending *pending, GError **error);
gboolean store_journal_has_folder(StoreDb *db, gint64 folder, StoreJournalKind kind);

/* All inside the transaction of the change itself. @entry is copied; its seq, state, created are set here. */
gboolean store_journal_add(StoreDb *db, const StoreEntry *entry, GError **error);

/* Like add, but joined with what waits for the same message where the order allows; both go when that comes to nothing.
 */
gboolean store_journal_add_update(StoreDb *db, gint64 message, StoreFlags mask, StoreFlags value,
				  const char *categories, GError **error);
gboolean store_journal_add_move(StoreDb *db, gint64 message, gint64 folder, GError **error);

/*
 * The same for many: opens, empty, the connection's temporary table `updates`, with a row for each message: its key as
 * `message`, `mask`, `value`, and `categories` (NULL: unchanged); then adds what the caller put there.
 */
gboolean store_journal_open_updates(StoreDb *db, GError **error);
gboolean store_journal_add_updates(StoreDb *db, GError **error);

/* What was to be made of @message is refused for good: it stays here as it is, and asks the server for nothing. */
gboolean store_journal_keep(StoreDb *db, gint64 message, GError **error);

/* What waits for @message to be at the server, which it will not be, waits for @successor; 0: for nothing any more. */
gboolean store_journal_set_successor(StoreDb *db, gint64 message, gint64 successor, GError **error);

/* TRUE: the entry of @kind that made @message was not sent, and is gone now. */
gboolean store_journal_withdraw(StoreDb *db, gint64 message, StoreJournalKind kind, GError **error);

/* The first after @seq that is to be sent; %NULL at the end, and on failure with @error set. */
StoreEntry *store_journal_get_next(StoreDb *db, gint64 seq, GError **error);

gboolean store_journal_remove(StoreDb *db, gint64 seq, GError **error);
/*
 * Notes that @entry is about to be sent, unless it was changed or taken back since it was read; @begun tells. A killed
 * process then knows that it may have been done.
 */
gboolean store_journal_begin(StoreDb *db, StoreEntry *entry, gboolean *begun, GError **error);
gboolean store_journal_set_state(StoreDb *db, gint64 seq, StoreJournalState state, GError **error);
guint store_journal_count(StoreDb *db);		  /* those that wait or were begun */
guint store_journal_count_only_here(StoreDb *db); /* and those kept: what goes with the store goes for good */

G_END_DECLS
