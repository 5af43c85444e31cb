/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-tags.h"

#include "outlook-compat.h"

#include <common/tags.h>

GSList *
outlook_tags_from_categories(const char *const *categories)
{
	GSList *tags = NULL;
	gboolean added = FALSE;

	for (guint i = 0; categories != NULL && categories[i] != NULL; i++) {
		gint id;

		if (*categories[i] == '\0')
			continue;
		id = tags_get_id_for_str(categories[i]);
		if (id <= 0) {
			id = tags_add_tag(categories[i]);
			added = TRUE;
		}
		if (id > 0)
			tags = g_slist_prepend(tags, GINT_TO_POINTER(id));
	}
	/* Ids are local: after a crash they would mean something else if they were not on disk. */
	if (added) {
		tags_write_tags();
		if (outlook_compat_get_main_window() != NULL)
			main_window_reflect_tags_changes(outlook_compat_get_main_window());
	}
	return g_slist_reverse(tags);
}

char **
outlook_tags_to_categories(GSList *tags)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (GSList *cur = tags; cur != NULL; cur = cur->next) {
		const char *name = tags_get_tag(GPOINTER_TO_INT(cur->data));

		if (name != NULL)
			g_strv_builder_add(builder, name);
	}
	return g_strv_builder_end(builder);
}
