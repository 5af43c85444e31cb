/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <sqlite3.h>

#include "store-error.h"

G_BEGIN_DECLS

#define STORE_TYPE_DB (store_db_get_type())
G_DECLARE_FINAL_TYPE(StoreDb, store_db, STORE, DB, GObject)

/**
 * store_db_open:
 * @first: (nullable): another connection to the file, which was looked over then
 *
 * One connection to an account's database, made or brought to this version's schema. A connection serves any
 * thread, one at a time: a query holds it until it is freed, a transaction until it ends.
 *
 * Returns: (transfer full): %NULL with %STORE_ERROR_TOO_NEW, _DAMAGED or _DISK
 */
StoreDb *store_db_open(const char *path, StoreDb *first, GError **error);

/*
 * Values are bound by @types, a letter each: `i` int or guint, `l` gint64, `s` const char * (%NULL: NULL),
 * `z` gint64 whose 0 stands for NULL.
 */
gboolean store_db_run(StoreDb *self, GError **error, const char *sql, const char *types, ...);

/* With the columns of @row, the current one of another connection's statement, as the values. */
gboolean store_db_run_row(StoreDb *self, GError **error, const char *sql, sqlite3_stmt *row);

guint store_db_get_changes(StoreDb *self);   /* rows that the last run changed; inside a transaction only */
gint64 store_db_get_last_key(StoreDb *self); /* of the last insert; inside a transaction only */

/* The first column of the first row; @fallback if there is no row or it is NULL, or on failure, with @error
 * set. */
gint64 store_db_get_integer(StoreDb *self, gint64 fallback, GError **error, const char *sql, const char *types, ...);
char *store_db_get_text(StoreDb *self, GError **error, const char *sql, const char *types, ...);

/* The first column of all rows, of gint64; also of those that a statement `RETURNING` some changed. */
GArray *store_db_list_integers(StoreDb *self, GError **error, const char *sql, const char *types, ...);

typedef struct _StoreQuery StoreQuery;

StoreQuery *store_db_query(StoreDb *self, GError **error, const char *sql, const char *types, ...);
void store_query_free(StoreQuery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreQuery, store_query_free)

/* TRUE when there is a row; FALSE at the end, and on failure with @error set. */
gboolean store_query_next(StoreQuery *self, GError **error);
gint64 store_query_get_integer(StoreQuery *self, int column); /* 0 for NULL */
gboolean store_query_is_null(StoreQuery *self, int column);
const char *store_query_get_text(StoreQuery *self, int column); /* valid until the next call */
char *store_query_dup_text(StoreQuery *self, int column);

/*
 * A write transaction; freed without store_transaction_commit() it undoes itself. @durable: on the disk, not
 * merely in the system's hands, when it is committed. Transactions do not nest.
 */
typedef struct _StoreTransaction StoreTransaction;

StoreTransaction *store_transaction_begin(StoreDb *db, GError **error);
StoreTransaction *store_transaction_begin_durable(StoreDb *db, GError **error);
gboolean store_transaction_commit(StoreTransaction **self, GError **error);
void store_transaction_free(StoreTransaction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreTransaction, store_transaction_free)

G_END_DECLS
