/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-user.h"

#include "graph-json.h"

void
graph_user_free(GraphUser *self)
{
	g_free(self->id);
	g_free(self->display_name);
	g_free(self->mail);
	g_free(self->principal_name);
	g_free(self);
}

GraphUser *
graph_user_from_json(JsonObject *object, GError **error)
{
	g_autoptr(GraphUser) self = g_new0(GraphUser, 1);
	const char *id = graph_json_require_string(object, "id", error);
	const char *display_name, *mail, *principal_name;

	if (id == NULL || !graph_json_get_string(object, "displayName", &display_name, error) ||
	    !graph_json_get_string(object, "mail", &mail, error) ||
	    !graph_json_get_string(object, "userPrincipalName", &principal_name, error))
		return NULL;

	self->id = g_strdup(id);
	self->display_name = g_strdup(display_name);
	self->mail = g_strdup(mail != NULL && *mail != '\0' ? mail : NULL);
	self->principal_name = g_strdup(principal_name);
	return g_steal_pointer(&self);
}

GraphUser *
graph_user_get_me(GraphClient *client, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) answer =
		graph_client_get_root(client, "/me?$select=id,displayName,mail,userPrincipalName", cancellable, error);

	return answer != NULL ? graph_user_from_json(answer, error) : NULL;
}
