/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/* The service names no more of what a search finds (API.md 5.2). */
#define GRAPH_SEARCH_LIMIT 1000

typedef enum {
	GRAPH_SEARCH_BODY,    /* the text of the mail */
	GRAPH_SEARCH_DEFAULT, /* sender, subject and text, as `$search` does without a keyword */
} GraphSearchScope;

/**
 * graph_search_format:
 * @text: what a person looks for, any characters
 * @exact: (out): @text is one word: what the query finds is what a person means. Else it finds all that may hold
 * @text, and some that do not
 *
 * The words of @text as KQL, all of them to be there (API.md 5.2). Nothing but letters and digits remains of them, in
 * lower case: no operator, no keyword and no quote of KQL can come from @text, and nothing needs an escape. The index
 * finds whole words and their beginnings.
 *
 * Returns: (transfer full): %NULL if there is no word in @text
 */
char *graph_search_format(GraphSearchScope scope, const char *text, gboolean *exact);

/*
 * @query: KQL without quotes around it, from graph_search_format(). Ids of messages in the folder (element-type utf8),
 * each once, at most %GRAPH_SEARCH_LIMIT: with as many there may be others. What arrived just now may be missing.
 */
GPtrArray *graph_search_messages(GraphClient *client, const char *folder_id, const char *query,
				 GCancellable *cancellable, GError **error);

G_END_DECLS
