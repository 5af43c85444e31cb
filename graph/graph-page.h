/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * GraphPage:
 * @items: (transfer none): the elements of `value`, all objects
 * @next_link, @delta_link: (nullable): as printed, opaque; they live as long as @answer
 *
 * A page of a collection (API.md 2.3).
 */
typedef struct {
	JsonObject *answer;
	JsonArray *items;
	const char *next_link;
	const char *delta_link;
} GraphPage;

/* @delta: exactly one link has to be there; else at most a next link. Keeps a reference to @answer. */
GraphPage *graph_page_new(JsonObject *answer, gboolean delta, GError **error);
void graph_page_free(GraphPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphPage, graph_page_free)

guint graph_page_get_length(GraphPage *self);
JsonObject *graph_page_get_item(GraphPage *self, guint index);

G_END_DECLS
