/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-page.h"

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "graph-json.h"

static gboolean
get_link(JsonObject *answer, const char *name, const char **link, GError **error)
{
	if (!graph_json_get_string(answer, name, link, error))
		return FALSE;
	if (*link != NULL && **link == '\0')
		*link = NULL;
	return TRUE;
}

static gboolean
check_links(GraphPage *self, gboolean delta, GError **error)
{
	if (delta && (self->next_link == NULL) == (self->delta_link == NULL)) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    self->next_link == NULL ? _("The page of changes has no link")
							    : _("The page of changes has two links"));
		return FALSE;
	}
	return TRUE;
}

GraphPage *
graph_page_new(JsonObject *answer, gboolean delta, GError **error)
{
	g_autoptr(GraphPage) self = g_new0(GraphPage, 1);

	self->answer = json_object_ref(answer);
	if (!graph_json_get_array(answer, "value", &self->items, error))
		return NULL;
	if (self->items == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("“value” is missing in the reply"));
		return NULL;
	}
	for (guint i = 0; i < json_array_get_length(self->items); i++) {
		if (graph_json_require_element(self->items, i, error) == NULL)
			return NULL;
	}
	if (!get_link(answer, "@odata.nextLink", &self->next_link, error) ||
	    !get_link(answer, "@odata.deltaLink", &self->delta_link, error) || !check_links(self, delta, error))
		return NULL;
	return g_steal_pointer(&self);
}

void
graph_page_free(GraphPage *self)
{
	json_object_unref(self->answer);
	g_free(self);
}

guint
graph_page_get_length(GraphPage *self)
{
	return json_array_get_length(self->items);
}

JsonObject *
graph_page_get_item(GraphPage *self, guint index)
{
	return json_array_get_object_element(self->items, index);
}
