/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-message.h"
#include "store-account.h"
#include "store-bodies.h"
#include "store-changes.h"
#include "store-db.h"
#include "store-digest.h"
#include "store-gate.h"
#include "store-settled.h"

G_BEGIN_DECLS

#define STORE_PAGE_SIZE 1000 /* of delta; believed only as far as the links say */

/**
 * StoreAccount:
 * @host: the connection of the host's thread, @worker: that of the workers. Both see the same database, and a
 * reader never waits for the other's transaction
 * @numbering: as store_account_get_numbering()
 * @settings: guards what follows it
 *
 * For the files that implement the account: store-account.c the rows, store-push.c, store-check.c,
 * store-sync.c, store-outbox.c the network.
 */
struct _StoreAccount {
	GObject parent_instance;

	char *directory;
	int lock;
	gint64 numbering;
	StoreDb *host;
	StoreDb *worker;
	StoreBodies *bodies;
	GraphClient *client;
	StoreGate *gate;
	StoreSettled *settled;

	GMutex settings;
	guint draft_delay; /* seconds */
	guint patience;	   /* milliseconds: the first pause before a message is looked for again */
	guint page_size;
	guint reconcile_after; /* seconds */
	guint late_after;      /* seconds: after these the service does not do any more what it did not answer */
	gboolean plain_delta;  /* `expand=` brought nothing, or only trouble */
	GHashTable *plain;     /* keys of folders that were begun anew without it */
	guint refused_room;    /* how often in a row the mailbox was full */
	gint64 room_after;     /* monotonic: what needs room is not tried before */
	GError *full;	       /* of the last time */

	GMutex passing; /* held while rows go to @heir */
	GWeakRef heir;	/* of a shared mailbox that was removed: StoreAccount that took over what was sent through it */
};

/*
 * The owner lock of @directory: to be closed, or -1 with %STORE_ERROR_IN_USE or _DISK. It belongs to the open file, not
 * to the process: a second account object in the same process is turned away, too.
 */
int store_account_lock(const char *directory, GError **error);
gboolean store_account_fail_on_disk(GError **error); /* by errno; FALSE */

/* Ends the transaction and emits what it changed; on failure nothing happened. Takes nothing. */
gboolean store_account_finish(StoreAccount *self, StoreTransaction **transaction, StoreChanges *changes,
			      GError **error);
void store_account_tell_progress(StoreAccount *self, const char *text, guint done, guint total);

/* Waits, for the @attempt-th time (from 0); FALSE when cancelled. */
gboolean store_account_pause(StoreAccount *self, guint attempt, GCancellable *cancellable, GError **error);

char *store_account_get_value(StoreDb *db, const char *name);
gboolean store_account_set_value(StoreDb *db, const char *name, const char *value, GError **error);

/* Of a shared mailbox: it was refused to send through it, since the last thorough check. */
#define STORE_CLOSED "closed"

/* Sends what waits; @all: drafts, too, that may still change. */
gboolean store_push_run(StoreAccount *self, gboolean all, GCancellable *cancellable, GError **error);

gboolean store_sync_run(StoreAccount *self, gint64 folder, GCancellable *cancellable, GError **error);
gboolean store_check_run(StoreAccount *self, gint64 open, gboolean thorough, GCancellable *cancellable, GError **error);

/*
 * Compares the lists of folders whose turn it is with what is here; a few, so that a round stays short. Between the
 * list of the folders and their messages the counters are weighed: whose do not agree have their turn at once.
 */
gboolean store_reconcile_weigh(StoreAccount *self, GError **error);
gboolean store_reconcile_run(StoreAccount *self, GCancellable *cancellable, GError **error);

/* Asks for the messages that are in doubt (store-settled.h); what fails, or is crossed again and again, stays so. */
gboolean store_reconcile_doubts(StoreAccount *self, GCancellable *cancellable, GError **error);

/* A message that a list has, or had: %NULL with %GRAPH_ERROR_NOT_FOUND only if that is said twice. Transfer full. */
GraphMessage *store_reconcile_ask(StoreAccount *self, const char *id, GCancellable *cancellable, GError **error);

/* @digest: of @mime and @recipients. @made: (nullable): whether the service made a draft of it */
gboolean store_outbox_send(StoreAccount *self, const StoreDigest *digest, GBytes *mime, const char *const *recipients,
			   gboolean *made, GCancellable *cancellable, GError **error);

/* Removes drafts that an earlier send left half made; best effort, and not while a mail is being sent. */
void store_outbox_tidy(StoreAccount *self, GCancellable *cancellable);

/* Nobody can help, or the network is gone: further requests are useless now. */
gboolean store_error_stops(const GError *error);

G_END_DECLS
