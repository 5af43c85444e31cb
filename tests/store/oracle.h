/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "home.h"

G_BEGIN_DECLS

typedef enum {
	ORACLE_PLACE,	   /* key of the folder */
	ORACLE_READ,	   /* 0, 1 */
	ORACLE_FLAG,	   /* the bits FLAGGED and COMPLETE of StoreFlags */
	ORACLE_IMPORTANCE, /* the bits HIGH and LOW */
	ORACLE_CATEGORIES, /* oracle_join_categories() */
	ORACLE_FIELDS,
} OracleField;

/**
 * Oracle:
 *
 * What the host wanted, change by change, and which of it must be so at the end: all that was done here last, unless
 * another client changed the same thing of the same mail afterwards, or the store said aloud that it was refused. Mails
 * are told apart by their ids, before they have one by where they lie; copies of one mail are so many mails.
 *
 * What another client changed and the host does not see yet is contested: a host that puts it back to what it sees has
 * changed nothing.
 */
typedef struct _Oracle Oracle;

Oracle *oracle_new(Home *home);
void oracle_free(Oracle *self);

/* Before the host does something: who is who by now, and what was refused meanwhile. */
void oracle_look(Oracle *self);

gint64 oracle_join_categories(const char *const *categories);
gint64 oracle_read(const StoreMessage *message, gint64 folder, OracleField field);

/* The host did it; numbers are those that the store takes and gives. */
void oracle_appended(Oracle *self, gint64 folder, guint32 number, const char *subject);
/* The one at @number is a newer version of the one at @older, which goes when the server has the newer. */
void oracle_replaces(Oracle *self, gint64 folder, guint32 number, guint32 older);
void oracle_copied(Oracle *self, gint64 folder, guint32 number, gint64 destination, guint32 copy);
void oracle_moved(Oracle *self, gint64 folder, guint32 number, gint64 destination, guint32 moved);
void oracle_set(Oracle *self, gint64 folder, guint32 number, OracleField field, gint64 value);
void oracle_deleted(Oracle *self, gint64 folder, guint32 number);
void oracle_named_folder(Oracle *self, gint64 folder, const char *name);
void oracle_put_folder(Oracle *self, gint64 folder, gint64 parent);

/* Another client did it. */
void oracle_they_delivered(Oracle *self, const char *id, const char *subject);
void oracle_they_set(Oracle *self, const char *id, OracleField field, gint64 value);
void oracle_they_deleted(Oracle *self, const char *id);
void oracle_they_named_folder(Oracle *self, const char *id, const char *before, const char *name);
void oracle_they_put_folder(Oracle *self, const char *id, const char *parent); /* id, or `msgfolderroot` */
/* With all that is in it: each of those folders and mails is named. */
void oracle_they_removed_folder(Oracle *self, const char *id);
void oracle_they_removed_mail(Oracle *self, const char *id, const char *subject);

/* When it is quiet: the first thing that is not as the host wanted it, in words, (transfer full); %NULL: nothing. */
char *oracle_find_fault(Oracle *self);

G_END_DECLS
