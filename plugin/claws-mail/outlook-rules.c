/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-rules.h"

#include <string.h>

#include "outlook-compat.h"

#include <account.h>
#include <filtering.h>
#include <folder_item_prefs.h>
#include <matcher_parser.h>
#include <prefs_actions.h>
#include <prefs_filtering.h>
#include <prefs_matcher.h>

#define RETRY_MILLISECONDS 500

void
outlook_rules_follow(FolderItem *item, const char *old_id)
{
	g_autofree char *new_id = folder_item_get_identifier(item);

	prefs_filtering_rename_path(old_id, new_id);
	account_rename_path(old_id, new_id);
	prefs_actions_rename_path(old_id, new_id);
	folder_item_prefs_save_config_recursive(item);
}

static gboolean
names(const FilteringProp *rule, const char *id)
{
	gsize length = strlen(id);

	for (GSList *cur = rule->action_list; cur != NULL; cur = cur->next) {
		const FilteringAction *action = cur->data;

		if (action->type != MATCHACTION_SET_TAG && action->type != MATCHACTION_UNSET_TAG &&
		    action->destination != NULL && strncmp(action->destination, id, length) == 0 &&
		    (action->destination[length] == '\0' || action->destination[length] == '/'))
			return TRUE;
	}
	return FALSE;
}

static void
forget_in(GSList **rules, const char *id)
{
	GSList *next;

	for (GSList *cur = *rules; cur != NULL; cur = next) {
		FilteringProp *rule = cur->data;

		next = cur->next;
		if (names(rule, id)) {
			*rules = g_slist_delete_link(*rules, cur);
			filteringprop_free(rule);
		}
	}
}

static gboolean
forget_in_processing(GNode *node, gpointer id)
{
	FolderItem *item = node->data;

	if (item->prefs != NULL)
		forget_in(&item->prefs->processing, id);
	return FALSE;
}

static void
forget(const char *id)
{
	for (GList *cur = folder_get_list(); cur != NULL; cur = cur->next)
		g_node_traverse(FOLDER(cur->data)->node, G_PRE_ORDER, G_TRAVERSE_ALL, -1, forget_in_processing,
				(gpointer)id);
	forget_in(&pre_global_processing, id);
	forget_in(&post_global_processing, id);
	forget_in(&filtering_rules, id);
	prefs_matcher_write_config();
}

static gboolean
forget_later(gpointer id)
{
	if (outlook_compat_is_busy())
		return G_SOURCE_CONTINUE;
	forget(id);
	return G_SOURCE_REMOVE;
}

/* The host's prefs_filtering_delete_path() reads on in the rule that it has just freed; and while it waits for a mail
 * it may be in the middle of a rule. */
void
outlook_rules_forget(const char *id)
{
	if (outlook_compat_is_busy())
		g_timeout_add_full(G_PRIORITY_DEFAULT, RETRY_MILLISECONDS, forget_later, g_strdup(id), g_free);
	else
		forget(id);
}
