/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-graph.h"

struct _SimGraph {
	GPtrArray *users;
};

SimGraph *
sim_graph_new(void)
{
	SimGraph *self = g_new0(SimGraph, 1);

	self->users = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void
sim_graph_free(SimGraph *self)
{
	g_ptr_array_unref(self->users);
	g_free(self);
}

void
sim_graph_handle(SimGraph *self, const SimRequest *request, SimResponse *response)
{
	g_autoptr(JsonObject) user = json_object_new();
	g_autofree char *id = sim_graph_get_user_id(self, request->user);
	g_autofree char *name = sim_graph_get_user_name(self, request->user);

	if (!g_str_equal(request->path, "/me") || !g_str_equal(request->method, "GET")) {
		sim_response_set_error(response, request, 400, "BadRequest", "Resource not found for the segment.",
				       "API.md 14.2");
		return;
	}
	json_object_set_string_member(user, "id", id);
	json_object_set_string_member(user, "displayName", name);
	json_object_set_string_member(user, "mail", request->user);
	json_object_set_string_member(user, "userPrincipalName", request->user);
	sim_response_set_object(response, 200, user);
}

gboolean
sim_graph_add_mailbox(SimGraph *self, const char *address, const char *directory, GError **error)
{
	sim_graph_remove_mailbox(self, address);
	g_ptr_array_add(self->users, g_strdup(address));
	return TRUE;
}

void
sim_graph_remove_mailbox(SimGraph *self, const char *address)
{
	for (guint i = 0; i < self->users->len; i++)
		if (g_ascii_strcasecmp(g_ptr_array_index(self->users, i), address) == 0) {
			g_ptr_array_remove_index(self->users, i);
			return;
		}
}

char **
sim_graph_list_users(SimGraph *self)
{
	GStrvBuilder *builder = g_strv_builder_new();
	char **users;

	for (guint i = 0; i < self->users->len; i++)
		g_strv_builder_add(builder, g_ptr_array_index(self->users, i));
	users = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return users;
}

static gboolean
has_user(SimGraph *self, const char *address)
{
	for (guint i = 0; i < self->users->len; i++)
		if (g_ascii_strcasecmp(g_ptr_array_index(self->users, i), address) == 0)
			return TRUE;
	return FALSE;
}

char *
sim_graph_get_user_id(SimGraph *self, const char *address)
{
	g_autofree char *lower = g_ascii_strdown(address, -1);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, lower, -1);

	if (!has_user(self, address))
		return NULL;
	return g_strdup_printf("%.8s-%.4s-4%.3s-8%.3s-%.12s", hash, hash + 8, hash + 12, hash + 15, hash + 18);
}

char *
sim_graph_get_user_name(SimGraph *self, const char *address)
{
	char *name;

	if (!has_user(self, address))
		return NULL;
	name = g_strndup(address, strcspn(address, "@"));
	*name = g_ascii_toupper(*name);
	return name;
}

char *
sim_graph_deliver(SimGraph *self, const char *address, const char *folder, const char *eml, gssize length,
		  GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no folder %s of %s.", folder, address);
	return NULL;
}

gboolean
sim_graph_change(SimGraph *self, const char *address, const char *id, const char *json_patch, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no message %s of %s.", id, address);
	return FALSE;
}

gboolean
sim_graph_move(SimGraph *self, const char *address, const char *id, const char *folder, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no message %s of %s.", id, address);
	return FALSE;
}

gboolean
sim_graph_delete(SimGraph *self, const char *address, const char *id, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no message %s of %s.", id, address);
	return FALSE;
}

char *
sim_graph_create_folder(SimGraph *self, const char *address, const char *parent, const char *name, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no folder %s of %s.", parent, address);
	return NULL;
}

JsonNode *
sim_graph_dump(SimGraph *self, const char *address, const char *folder)
{
	JsonNode *node = json_node_alloc();
	g_autoptr(JsonArray) array = json_array_new();

	return json_node_init_array(node, array);
}

void
sim_graph_fill(SimGraph *self, const char *address, const char *folder, guint count)
{
}

void
sim_graph_set_page_limit(SimGraph *self, guint limit)
{
}

void
sim_graph_set_delta_expand(SimGraph *self, gboolean expand)
{
}

void
sim_graph_expire_links(SimGraph *self)
{
}
