/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-query.h"

G_BEGIN_DECLS

typedef enum {
	SIM_CURSOR_LIST,
	SIM_CURSOR_INITIAL, /* a first delta round on its way */
	SIM_CURSOR_CHANGES, /* a later round on its way */
	SIM_CURSOR_DELTA,   /* the end of a round */
} SimCursorKind;

/* What a next or delta link stands for. */
typedef struct {
	SimCursorKind kind;
	char *path; /* of the collection: `alice@contoso.example 4 messages` */
	SimQuery *query;
	guint offset;	  /* of a list, or into @changes */
	guint64 sequence; /* the journal's end when the round began */
	gint64 received;  /* of the last one that was delivered, with its number */
	guint64 number;
	guint delivered;
	GArray *changes; /* (element-type SimChange), of a later round */
} SimCursor;

SimCursor *sim_cursor_new(SimCursorKind kind, const char *path, SimQuery *query);
SimCursor *sim_cursor_copy(const SimCursor *self);
void sim_cursor_free(SimCursor *self);

/* Keeps the cursor and returns its link, of the collection @uri; takes @cursor. */
char *sim_cursor_link(SimCall *call, SimCursor *cursor, const char *uri);
/* The cursor of a token; %NULL: refused with 410. */
const SimCursor *sim_cursor_find(SimCall *call, const char *token, const char *path);

/* Answers a `GET` of messages of one folder, or of all (%NULL). */
void sim_list_messages(SimCall *call, SimFolder *folder);
/* Answers with a page of the folders below @parent, one level deep. */
void sim_list_folders(SimCall *call, SimFolder *parent);

G_END_DECLS
