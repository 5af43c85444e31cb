/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-user.h"

#include "graph-error.h"
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

char **
graph_user_list_aliases(GraphClient *client, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autoptr(JsonObject) answer =
		graph_client_get_root(client, "/me?$select=proxyAddresses", cancellable, &failure);
	g_auto(GStrv) texts = NULL;
	g_autoptr(GPtrArray) aliases = g_ptr_array_new_with_free_func(g_free);

	if (answer == NULL && !g_error_matches(failure, GRAPH_ERROR, GRAPH_ERROR_FAILED)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return NULL;
	}
	if (answer == NULL)
		graph_client_log(client, failure->message);
	texts = answer != NULL ? graph_json_dup_strings(answer, "proxyAddresses", error) : g_new0(char *, 1);
	if (texts == NULL)
		return NULL;
	for (guint i = 0; texts[i] != NULL; i++) {
		if (g_ascii_strncasecmp(texts[i], "smtp:", 5) == 0)
			g_ptr_array_add(aliases, g_strdup(texts[i] + 5));
	}
	g_ptr_array_add(aliases, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&aliases), FALSE);
}
