/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-search.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-json.h"
#include "graph-page.h"
#include "graph-uri.h"

#define PAGE_SIZE 250
#define MAX_WORDS 10 /* more of them narrow nothing down and make the address too long */
#define MAX_WORD 60  /* characters */

static gboolean
is_letter(gunichar c)
{
	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

/* Runs of letters and digits; a single letter beside longer words (the `t` of `don't`) is no word to an index. */
static GPtrArray *
split_words(const char *text, gboolean *whole)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folded = g_utf8_strdown(text, -1);
	const char *at = folded;

	*whole = TRUE;
	while (*at != '\0') {
		const char *end = at;
		glong length = 0;

		for (; *end != '\0' && is_letter(g_utf8_get_char(end)); end = g_utf8_next_char(end))
			length++;
		if (length > 0)
			g_ptr_array_add(words, g_utf8_substring(at, 0, MIN(length, MAX_WORD)));
		*whole = *whole && length > 0 && length <= MAX_WORD && *end == '\0';
		at = *end != '\0' ? g_utf8_next_char(end) : end;
	}
	for (guint i = words->len; i > 0 && words->len > 1; i--) {
		if (g_utf8_strlen(g_ptr_array_index(words, i - 1), 2) == 1)
			g_ptr_array_remove_index(words, i - 1);
	}
	return words;
}

char *
graph_search_format(GraphSearchScope scope, const char *text, gboolean *exact)
{
	g_autoptr(GPtrArray) words = split_words(text, exact);
	g_autoptr(GString) query = g_string_new(NULL);

	for (guint i = 0; i < MIN(words->len, MAX_WORDS); i++) {
		if (i > 0)
			g_string_append(query, " AND ");
		if (scope == GRAPH_SEARCH_BODY)
			g_string_append(query, "body:");
		g_string_append(query, g_ptr_array_index(words, i));
	}
	return query->len > 0 ? g_strdup(query->str) : NULL;
}

static gboolean
read_page(JsonObject *answer, GHashTable *seen, GPtrArray *ids, char **link, GError **error)
{
	g_autoptr(GraphPage) page = graph_page_new(answer, FALSE, error);

	if (page == NULL)
		return FALSE;
	for (guint i = 0; i < graph_page_get_length(page); i++) {
		const char *id = graph_json_require_string(graph_page_get_item(page, i), "id", error);
		char *copy;

		if (id == NULL)
			return FALSE;
		if (ids->len >= GRAPH_SEARCH_LIMIT || g_hash_table_contains(seen, id))
			continue;
		copy = g_strdup(id);
		g_ptr_array_add(ids, copy);
		g_hash_table_add(seen, copy);
	}
	if (page->next_link != NULL && g_strcmp0(page->next_link, *link) == 0) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The list of messages has no end"));
		return FALSE;
	}
	g_free(*link);
	*link = g_strdup(page->next_link);
	return TRUE;
}

GPtrArray *
graph_search_messages(GraphClient *client, const char *folder_id, const char *query, GCancellable *cancellable,
		      GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *segment = graph_uri_escape_segment(folder_id);
	g_autofree char *escaped = graph_uri_escape_query(query);
	g_autofree char *link = g_strdup_printf("/mailFolders/%s/messages?$search=%%22%s%%22&$select=id&$top=%d",
						segment, escaped, PAGE_SIZE);

	while (link != NULL && ids->len < GRAPH_SEARCH_LIMIT) {
		g_autoptr(JsonObject) answer = graph_client_get(client, link, 0, cancellable, error);

		if (answer == NULL || !read_page(answer, seen, ids, &link, error))
			return NULL;
	}
	return g_steal_pointer(&ids);
}
