/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-call.h"
#include "sim-filter.h"
#include "sim-kql.h"

G_BEGIN_DECLS

/* Which options a call takes; the others are refused. */
typedef enum {
	SIM_QUERY_SELECT = 1 << 0,
	SIM_QUERY_TOP = 1 << 1,
	SIM_QUERY_SKIP = 1 << 2,
	SIM_QUERY_FILTER = 1 << 3,
	SIM_QUERY_ORDERBY = 1 << 4,
	SIM_QUERY_COUNT = 1 << 5,
	SIM_QUERY_SEARCH = 1 << 6,
	SIM_QUERY_EXPAND = 1 << 7,
	SIM_QUERY_HIDDEN = 1 << 8, /* includeHiddenFolders */
	SIM_QUERY_CHANGE_TYPE = 1 << 9,
	SIM_QUERY_PLAIN_EXPAND = 1 << 10, /* `expand`, without `$` */
	SIM_QUERY_TOKEN = 1 << 11,
} SimQueryOptions;

#define SIM_QUERY_LIST                                                                                                \
	(SIM_QUERY_SELECT | SIM_QUERY_TOP | SIM_QUERY_SKIP | SIM_QUERY_FILTER | SIM_QUERY_ORDERBY | SIM_QUERY_COUNT | \
	 SIM_QUERY_EXPAND | SIM_QUERY_TOKEN)

typedef struct {
	gatomicrefcount references;
	char **select; /* %NULL: all of the default set */
	SimFilter *filter;
	GPtrArray *order; /* (element-type SimOrder) */
	guint top;	  /* 0: not given */
	guint skip;
	gboolean count;
	SimKql *search;
	gboolean expand_attachments;
	GPtrArray *extended; /* (element-type utf8): normalised ids to expand; %NULL: none */
	gboolean hidden;
	char *change_type;
	char *token; /* `$skiptoken` or `$deltatoken` */
	gboolean dollar_expand;
} SimQuery;

/* @type: `message`, `mailFolder`, `attachment`, `user`. %NULL: refused. */
SimQuery *sim_query_parse(SimCall *call, const char *type, guint options);
SimQuery *sim_query_ref(SimQuery *self);
void sim_query_unref(SimQuery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimQuery, sim_query_unref)

gboolean sim_query_selects(SimQuery *self, const char *property);
/* Sorts @messages as the query says, newest first otherwise. */
void sim_query_sort(SimQuery *self, GPtrArray *messages);

/* `Integer 0x0E08` as `integer 0xe08`; %NULL: none of the known forms (API.md 5.3). */
char *sim_query_normalise_extended(const char *id);

G_END_DECLS
