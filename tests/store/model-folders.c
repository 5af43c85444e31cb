/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

/* Another client at the folders: it sees those that the server has. */

static const char *
get_text(JsonArray *folders, guint i, const char *member)
{
	return json_object_get_string_member(json_array_get_object_element(folders, i), member);
}

/* Those that came with the mailbox keep their name and place. FALSE: there is no other one. */
static gboolean
pick(Model *self, JsonArray *folders, guint *picked)
{
	g_autoptr(GArray) plain = g_array_new(FALSE, FALSE, sizeof(guint));

	oracle_look(self->oracle);
	for (guint i = 0; i < json_array_get_length(folders); i++) {
		const char *name = get_text(folders, i, "displayName");

		if (g_str_has_prefix(name, "Folder ") || g_str_has_prefix(name, "Theirs "))
			g_array_append_val(plain, i);
	}
	if (plain->len > 0)
		*picked = g_array_index(plain, guint, model_pick(self, plain->len));
	return plain->len > 0;
}

void
model_they_rename_folder(Model *self)
{
	g_autoptr(JsonNode) list = simulator_list_folders(self->home.simulator, SIMULATOR_USER);
	JsonArray *folders = json_node_get_array(list);
	g_autofree char *name = g_strdup_printf("Theirs %u", self->made++);
	guint i;

	if (pick(self, folders, &i) &&
	    simulator_rename_folder(self->home.simulator, SIMULATOR_USER, get_text(folders, i, "id"), name, NULL))
		oracle_they_named_folder(self->oracle, get_text(folders, i, "id"), get_text(folders, i, "displayName"),
					 name);
}

/* The host may have put the one into the other before. */
static void
move(Model *self, const char *id, const char *parent)
{
	if (!simulator_move_folder(self->home.simulator, SIMULATOR_USER, id, parent, NULL))
		return;
	self->refusals++;
	oracle_they_put_folder(self->oracle, id, parent);
}

void
model_they_move_folder(Model *self)
{
	g_autoptr(JsonNode) list = simulator_list_folders(self->home.simulator, SIMULATOR_USER);
	JsonArray *folders = json_node_get_array(list);
	guint other = model_pick(self, json_array_get_length(folders));
	guint i;

	if (pick(self, folders, &i))
		move(self, get_text(folders, i, "id"),
		     model_pick(self, 3) ? get_text(folders, other, "id") : "msgfolderroot");
}

static void
tell_removed(Model *self, JsonArray *folders, const char *id)
{
	g_autoptr(JsonArray) messages = home_dump(&self->home, id);

	for (guint i = 0; i < json_array_get_length(messages); i++) {
		JsonObject *message = json_array_get_object_element(messages, i);

		oracle_they_removed_mail(self->oracle, json_object_get_string_member(message, "id"),
					 json_object_get_string_member(message, "subject"));
	}
	oracle_they_removed_folder(self->oracle, id);
	for (guint i = 0; i < json_array_get_length(folders); i++) {
		if (g_str_equal(get_text(folders, i, "parentFolderId"), id))
			tell_removed(self, folders, get_text(folders, i, "id"));
	}
}

/* To Deleted Items, or for good. */
void
model_they_delete_folder(Model *self)
{
	g_autoptr(JsonNode) list = simulator_list_folders(self->home.simulator, SIMULATOR_USER);
	JsonArray *folders = json_node_get_array(list);
	gint64 trash = store_account_find_role(self->home.account, STORE_ROLE_TRASH);
	g_autoptr(StoreFolder) found = store_account_get_folder(self->home.account, trash, NULL);
	guint i;

	g_assert_nonnull(found);
	if (!pick(self, folders, &i))
		return;
	if (model_pick(self, 2)) {
		move(self, get_text(folders, i, "id"), found->id);
		return;
	}
	self->refusals++;
	tell_removed(self, folders, get_text(folders, i, "id"));
	g_assert_true(simulator_remove_folder(self->home.simulator, SIMULATOR_USER, get_text(folders, i, "id"), NULL));
}
