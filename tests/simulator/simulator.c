/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator.h"

#include "sim-device.h"
#include "sim-evaluation.h"
#include "sim-server.h"
#include "sim-tls.h"

struct _Simulator {
	GObject parent_instance;
	SimTenant *tenant;
	SimServer *server;
	gint64 certificate_ahead; /* seconds */
};

G_DEFINE_FINAL_TYPE(Simulator, simulator, G_TYPE_OBJECT)

/* Locks the tenant to the end of the scope. */
#define LOCKED(self) g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&(self)->tenant->lock)

Simulator *
simulator_new(void)
{
	return g_object_new(SIM_TYPE_SIMULATOR, NULL);
}

void
simulator_add_client(Simulator *self, const char *client_id, const char *secret)
{
	LOCKED(self);

	sim_tenant_add_client(self->tenant, client_id, secret);
}

gboolean
simulator_add_mailbox(Simulator *self, const char *address, const char *directory, GError **error)
{
	LOCKED(self);

	return sim_graph_add_mailbox(self->tenant->graph, address, directory, error);
}

void
simulator_remove_mailbox(Simulator *self, const char *address)
{
	LOCKED(self);

	sim_graph_remove_mailbox(self->tenant->graph, address);
}

gboolean
simulator_open_log(Simulator *self, const char *path, GError **error)
{
	LOCKED(self);

	return sim_log_open(self->tenant->log, path, error);
}

gboolean
simulator_start(Simulator *self, guint port, const char *tls_directory, GError **error)
{
	g_autoptr(GTlsCertificate) certificate = NULL;

	if (tls_directory != NULL) {
		gint64 now = g_get_real_time() / G_USEC_PER_SEC;

		certificate = sim_tls_make_certificate(tls_directory, now + self->certificate_ahead, error);
		if (certificate == NULL)
			return FALSE;
	}
	return sim_server_start(self->server, port, certificate, error);
}

void
simulator_set_certificate_time(Simulator *self, gint64 seconds)
{
	self->certificate_ahead = seconds;
}

void
simulator_stop(Simulator *self)
{
	sim_server_stop(self->server);
}

const char *
simulator_get_origin(Simulator *self)
{
	return self->tenant->origin;
}

void
simulator_set_origin(Simulator *self, const char *origin)
{
	LOCKED(self);

	g_free(self->tenant->origin);
	self->tenant->origin = g_strdup(origin);
}

void
simulator_set_latency(Simulator *self, guint milliseconds)
{
	LOCKED(self);

	self->tenant->latency = milliseconds;
}

void
simulator_set_access_lifetime(Simulator *self, guint seconds)
{
	LOCKED(self);

	self->tenant->access_lifetime = seconds;
}

void
simulator_set_device(Simulator *self, double interval, guint lifetime)
{
	LOCKED(self);

	self->tenant->device_interval = interval;
	self->tenant->device_lifetime = lifetime;
	self->tenant->device_strict = TRUE;
}

void
simulator_slow_device(Simulator *self, guint polls)
{
	LOCKED(self);

	self->tenant->device_slow = polls;
}

gboolean
simulator_enter_code(Simulator *self, const char *user_code, const char *address, gboolean accept)
{
	LOCKED(self);

	return sim_device_decide(self->tenant, user_code, address, accept);
}

gboolean
simulator_add_fault(Simulator *self, const char *json, GError **error)
{
	g_autoptr(JsonNode) node = json_from_string(json, error);
	LOCKED(self);

	if (node == NULL) {
		if (error != NULL && *error == NULL)
			g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The fault is empty.");
		return FALSE;
	}
	return sim_faults_add(self->tenant->faults, node, error);
}

void
simulator_fail_next(Simulator *self, guint status)
{
	g_autofree char *json = g_strdup_printf("{\"kind\": \"status\", \"status\": %u}", status);
	g_autoptr(GError) error = NULL;

	if (!simulator_add_fault(self, json, &error))
		g_error("%s", error->message);
}

void
simulator_clear_faults(Simulator *self)
{
	g_mutex_lock(&self->tenant->lock);
	sim_faults_clear(self->tenant->faults);
	g_mutex_unlock(&self->tenant->lock);
	sim_server_release(self->server);
}

void
simulator_release(Simulator *self)
{
	sim_server_release(self->server);
}

guint
simulator_get_n_requests(Simulator *self)
{
	LOCKED(self);

	return sim_log_get_n_requests(self->tenant->log);
}

char **
simulator_get_requests(Simulator *self)
{
	LOCKED(self);

	return sim_log_get_requests(self->tenant->log);
}

guint
simulator_count_requests(Simulator *self, const char *pattern)
{
	g_auto(GStrv) requests = simulator_get_requests(self);
	guint n = 0;

	for (guint i = 0; requests[i] != NULL; i++)
		n += g_pattern_match_simple(pattern, requests[i]);
	return n;
}

char **
simulator_get_refusals(Simulator *self)
{
	LOCKED(self);

	return sim_log_get_refusals(self->tenant->log);
}

void
simulator_reset_log(Simulator *self)
{
	LOCKED(self);

	sim_log_reset(self->tenant->log);
}

static char *
issue(Simulator *self, SimTokenKind kind, const char *client_id, const char *address, const char *scopes,
      guint lifetime)
{
	g_auto(GStrv) list = g_strsplit(scopes, " ", -1);
	SimGrant *grant = sim_grant_new("common", client_id, address, (const char *const *)list);

	return sim_tokens_issue(self->tenant->tokens, kind, grant, lifetime);
}

char *
simulator_issue_access_token(Simulator *self, const char *address, const char *scopes)
{
	LOCKED(self);

	return issue(self, SIM_TOKEN_ACCESS, SIMULATOR_CLIENT_ID, address, scopes, self->tenant->access_lifetime);
}

char *
simulator_issue_refresh_token(Simulator *self, const char *client_id, const char *address, const char *scopes)
{
	LOCKED(self);

	return issue(self, SIM_TOKEN_REFRESH, client_id, address, scopes, SIM_REFRESH_LIFETIME);
}

void
simulator_revoke_tokens(Simulator *self, const char *address)
{
	LOCKED(self);

	sim_tokens_revoke(self->tenant->tokens, SIM_TOKEN_ACCESS, address);
	sim_tokens_revoke(self->tenant->tokens, SIM_TOKEN_REFRESH, address);
}

void
simulator_challenge(Simulator *self, const char *address, gboolean person, gboolean endless)
{
	LOCKED(self);

	sim_evaluation_begin(self->tenant, address, person, endless);
}

void
simulator_expire_access_tokens(Simulator *self, const char *address)
{
	LOCKED(self);

	sim_tokens_expire(self->tenant->tokens, SIM_TOKEN_ACCESS, address);
}

char *
simulator_deliver(Simulator *self, const char *address, const char *folder, const char *eml, gssize length,
		  GError **error)
{
	LOCKED(self);

	return sim_graph_deliver(self->tenant->graph, address, folder, eml, length, error);
}

gboolean
simulator_change(Simulator *self, const char *address, const char *id, const char *json_patch, GError **error)
{
	LOCKED(self);

	return sim_graph_change(self->tenant->graph, address, id, json_patch, error);
}

gboolean
simulator_move(Simulator *self, const char *address, const char *id, const char *folder, GError **error)
{
	LOCKED(self);

	return sim_graph_move(self->tenant->graph, address, id, folder, error);
}

gboolean
simulator_delete(Simulator *self, const char *address, const char *id, GError **error)
{
	LOCKED(self);

	return sim_graph_delete(self->tenant->graph, address, id, error);
}

char *
simulator_create_folder(Simulator *self, const char *address, const char *parent, const char *name, GError **error)
{
	LOCKED(self);

	return sim_graph_create_folder(self->tenant->graph, address, parent, name, error);
}

gboolean
simulator_rename_folder(Simulator *self, const char *address, const char *folder, const char *name, GError **error)
{
	LOCKED(self);

	return sim_graph_rename_folder(self->tenant->graph, address, folder, name, error);
}

gboolean
simulator_move_folder(Simulator *self, const char *address, const char *folder, const char *parent, GError **error)
{
	LOCKED(self);

	return sim_graph_move_folder(self->tenant->graph, address, folder, parent, error);
}

gboolean
simulator_remove_folder(Simulator *self, const char *address, const char *folder, GError **error)
{
	LOCKED(self);

	return sim_graph_remove_folder(self->tenant->graph, address, folder, error);
}

JsonNode *
simulator_list_folders(Simulator *self, const char *address)
{
	LOCKED(self);

	return sim_graph_list_folders(self->tenant->graph, address);
}

JsonNode *
simulator_dump(Simulator *self, const char *address, const char *folder)
{
	LOCKED(self);

	return sim_graph_dump(self->tenant->graph, address, folder);
}

static gboolean
has_subject(JsonObject *message, const char *subject)
{
	return subject == NULL ||
	       g_strcmp0(json_object_get_string_member_with_default(message, "subject", ""), subject) == 0;
}

guint
simulator_count(Simulator *self, const char *address, const char *folder, const char *subject)
{
	g_autoptr(JsonNode) node = simulator_dump(self, address, folder);
	JsonArray *messages = json_node_get_array(node);
	guint n = 0;

	for (guint i = 0; i < json_array_get_length(messages); i++)
		n += has_subject(json_array_get_object_element(messages, i), subject);
	return n;
}

JsonObject *
simulator_get(Simulator *self, const char *address, const char *folder, const char *subject)
{
	g_autoptr(JsonNode) node = simulator_dump(self, address, folder);
	JsonArray *messages = json_node_get_array(node);
	JsonObject *found = NULL;

	for (guint i = 0; i < json_array_get_length(messages); i++) {
		JsonObject *message = json_array_get_object_element(messages, i);

		if (!has_subject(message, subject))
			continue;
		g_assert_null(found);
		found = json_object_ref(message);
	}
	return found;
}

void
simulator_fill(Simulator *self, const char *address, const char *folder, guint count)
{
	LOCKED(self);

	sim_graph_fill(self->tenant->graph, address, folder, count);
}

void
simulator_set_page_limit(Simulator *self, guint limit)
{
	LOCKED(self);

	sim_graph_set_page_limit(self->tenant->graph, limit);
}

void
simulator_set_damage_printable(Simulator *self, gboolean damage)
{
	LOCKED(self);

	sim_graph_set_damage_printable(self->tenant->graph, damage);
}

void
simulator_set_drop_bcc(Simulator *self, gboolean drop)
{
	LOCKED(self);

	sim_graph_set_drop_bcc(self->tenant->graph, drop);
}

void
simulator_set_delta_expand(Simulator *self, gboolean expand)
{
	LOCKED(self);

	sim_graph_set_delta_expand(self->tenant->graph, expand);
}

void
simulator_set_expanded_links(Simulator *self, guint status)
{
	LOCKED(self);

	sim_graph_set_expanded_links(self->tenant->graph, status);
}

void
simulator_set_nasty(Simulator *self, guint32 seed)
{
	LOCKED(self);

	sim_graph_set_nasty(self->tenant->graph, seed);
}

void
simulator_expire_links(Simulator *self)
{
	LOCKED(self);

	sim_graph_expire_links(self->tenant->graph);
}

void
simulator_share(Simulator *self, const char *address, const char *delegate)
{
	LOCKED(self);

	sim_graph_share(self->tenant->graph, address, NULL, delegate, FALSE);
}

void
simulator_share_read_only(Simulator *self, const char *address, const char *delegate)
{
	LOCKED(self);

	sim_graph_share(self->tenant->graph, address, NULL, delegate, TRUE);
}

void
simulator_let_send(Simulator *self, const char *address, const char *delegate)
{
	LOCKED(self);

	sim_graph_let_send(self->tenant->graph, address, delegate);
}

void
simulator_set_size_limit(Simulator *self, gsize bytes)
{
	LOCKED(self);

	sim_graph_set_size_limit(self->tenant->graph, bytes);
}

void
simulator_expire_uploads(Simulator *self)
{
	LOCKED(self);

	sim_graph_expire_uploads(self->tenant->graph);
}

static void
simulator_finalize(GObject *object)
{
	Simulator *self = SIM_SIMULATOR(object);

	sim_server_free(self->server);
	sim_tenant_free(self->tenant);
	G_OBJECT_CLASS(simulator_parent_class)->finalize(object);
}

static void
simulator_class_init(SimulatorClass *class)
{
	G_OBJECT_CLASS(class)->finalize = simulator_finalize;
}

static void
simulator_init(Simulator *self)
{
	g_autoptr(GError) error = NULL;

	self->tenant = sim_tenant_new();
	self->server = sim_server_new(self->tenant);
	sim_tenant_add_client(self->tenant, SIMULATOR_CLIENT_ID, NULL);
	if (!sim_graph_add_mailbox(self->tenant->graph, SIMULATOR_USER, NULL, &error) ||
	    !sim_graph_add_mailbox(self->tenant->graph, SIMULATOR_OTHER, NULL, &error))
		g_error("The invented mailboxes: %s", error->message);
}

void
simulator_set_admin_scopes(Simulator *self, const char *scopes)
{
	LOCKED(self);

	g_strfreev(self->tenant->admin_scopes);
	self->tenant->admin_scopes = g_strsplit(scopes, " ", -1);
}
