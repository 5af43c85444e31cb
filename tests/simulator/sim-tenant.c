/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-tenant.h"

#include "sim-scope.h"

static void
client_free(gpointer data)
{
	SimClient *client = data;

	g_free(client->id);
	g_free(client->secret);
	g_free(client);
}

SimTenant *
sim_tenant_new(void)
{
	SimTenant *self = g_new0(SimTenant, 1);

	g_mutex_init(&self->lock);
	self->clients = g_ptr_array_new_with_free_func(client_free);
	self->graph = sim_graph_new();
	self->tokens = sim_tokens_new();
	self->faults = sim_faults_new();
	sim_graph_set_faults(self->graph, self->faults);
	self->log = sim_log_new();
	self->confided = g_ptr_array_new_with_free_func(g_free);
	self->events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->access_lifetime = 3599;
	self->code_lifetime = 600;
	self->device_lifetime = 900;
	self->device_interval = 5;
	return self;
}

void
sim_tenant_free(SimTenant *self)
{
	g_ptr_array_unref(self->clients);
	sim_graph_free(self->graph);
	sim_tokens_free(self->tokens);
	sim_faults_free(self->faults);
	sim_log_free(self->log);
	g_ptr_array_unref(self->confided);
	g_hash_table_unref(self->events);
	g_clear_pointer(&self->key, sim_key_free);
	g_strfreev(self->admin_scopes);
	g_free(self->origin);
	g_mutex_clear(&self->lock);
	g_free(self);
}

void
sim_tenant_add_client(SimTenant *self, const char *client_id, const char *secret)
{
	SimClient *client = g_new0(SimClient, 1);

	for (guint i = 0; i < self->clients->len; i++) {
		const SimClient *old = g_ptr_array_index(self->clients, i);

		if (g_ascii_strcasecmp(old->id, client_id) == 0) {
			g_ptr_array_remove_index(self->clients, i);
			break;
		}
	}
	client->id = g_strdup(client_id);
	client->secret = g_strdup(secret);
	g_ptr_array_add(self->clients, client);
}

const SimClient *
sim_tenant_find_client(SimTenant *self, const char *client_id)
{
	for (guint i = 0; client_id != NULL && i < self->clients->len; i++) {
		const SimClient *client = g_ptr_array_index(self->clients, i);

		if (g_ascii_strcasecmp(client->id, client_id) == 0)
			return client;
	}
	return NULL;
}

SimKey *
sim_tenant_get_key(SimTenant *self)
{
	if (self->key == NULL)
		self->key = sim_key_new();
	return self->key;
}

static gboolean
is_personal(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && (g_str_has_prefix(at + 1, "outlook.") || g_str_has_prefix(at + 1, "hotmail.") ||
			      g_str_has_prefix(at + 1, "live."));
}

void
sim_tenant_grant_scopes(SimGrant *grant)
{
	char **scopes;

	if (!is_personal(grant->address))
		return;
	scopes = sim_scopes_for_personal(grant->scopes);
	g_strfreev(grant->scopes);
	grant->scopes = scopes;
}

const char *
sim_tenant_find_refused(SimTenant *self, char **names)
{
	for (; self->admin_scopes != NULL && *names != NULL; names++)
		if (sim_scopes_contain(self->admin_scopes, *names))
			return *names;
	return NULL;
}

const char *
sim_tenant_get_directory_id(const char *address)
{
	return is_personal(address) ? SIM_PERSONAL_DIRECTORY : SIM_WORK_DIRECTORY;
}

static gboolean
is_consumers(const char *tenant)
{
	return g_ascii_strcasecmp(tenant, "consumers") == 0 || g_ascii_strcasecmp(tenant, SIM_PERSONAL_DIRECTORY) == 0;
}

gboolean
sim_tenant_admits(SimTenant *self, const char *tenant, const char *address)
{
	if (g_ascii_strcasecmp(tenant, "common") == 0)
		return TRUE;
	return is_consumers(tenant) == is_personal(address);
}

gboolean
sim_tenant_is_known(SimTenant *self, const char *tenant)
{
	g_auto(GStrv) users = NULL;

	if (g_ascii_strcasecmp(tenant, "common") == 0 || g_ascii_strcasecmp(tenant, "organizations") == 0 ||
	    g_ascii_strcasecmp(tenant, SIMULATOR_TENANT_ID) == 0 || is_consumers(tenant) ||
	    g_ascii_strcasecmp(tenant, "contoso.example") == 0)
		return TRUE;
	users = sim_graph_list_users(self->graph);
	for (char **user = users; *user != NULL; user++) {
		const char *at = strrchr(*user, '@');

		if (at != NULL && !is_personal(*user) && g_ascii_strcasecmp(at + 1, tenant) == 0)
			return TRUE;
	}
	return FALSE;
}
