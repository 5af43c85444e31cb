/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-control.h"

#include "sim-evaluation.h"

/* One control on its way; @object is empty when the body was. */
typedef struct {
	SimTenant *tenant;
	const SimRequest *request;
	SimResponse *response;
	JsonObject *object;
	gboolean release;
} Control;

/* (nullable): a member that is a string */
static const char *
peek_string(Control *self, const char *member)
{
	JsonNode *node = json_object_get_member(self->object, member);

	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return NULL;
	return json_node_get_string(node);
}

static const char *
read_string(Control *self, const char *member, GError **error)
{
	const char *value = peek_string(self, member);

	if (value == NULL)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is missing or no string.", member);
	return value;
}

/* Leaves @value alone when the member is absent. */
static gboolean
read_number(Control *self, const char *member, guint *value, GError **error)
{
	JsonNode *node = json_object_get_member(self->object, member);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64 ||
	    json_node_get_int(node) < 0 || json_node_get_int(node) > G_MAXINT) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "“%s” is no whole number, or a negative one.", member);
		return FALSE;
	}
	*value = json_node_get_int(node);
	return TRUE;
}

static gboolean
read_seconds(Control *self, const char *member, double *value, GError **error)
{
	JsonNode *node = json_object_get_member(self->object, member);
	GType type = node != NULL && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;

	if (node == NULL)
		return TRUE;
	if ((type != G_TYPE_INT64 && type != G_TYPE_DOUBLE) || json_node_get_double(node) < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is no number, or a negative one.",
			    member);
		return FALSE;
	}
	*value = json_node_get_double(node);
	return TRUE;
}

static gboolean
read_boolean(Control *self, const char *member, gboolean *value, GError **error)
{
	JsonNode *node = json_object_get_member(self->object, member);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is neither true nor false.", member);
		return FALSE;
	}
	*value = json_node_get_boolean(node);
	return TRUE;
}

static void
set_node(Control *self, JsonNode *node)
{
	g_autofree char *text = json_to_string(node, FALSE);

	sim_response_set_text(self->response, 200, "application/json; charset=utf-8", text);
}

static void
set_string(Control *self, const char *member, const char *value)
{
	g_autoptr(JsonObject) object = json_object_new();

	json_object_set_string_member(object, member, value);
	sim_response_set_object(self->response, 200, object);
}

static gboolean
add_faults(Control *self, GError **error)
{
	gsize length;
	const char *data = g_bytes_get_data(self->request->body, &length);
	g_autofree char *text = g_strndup(data, length);
	g_autoptr(JsonNode) node = json_from_string(text, error);

	if (node == NULL) {
		if (error != NULL && *error == NULL)
			g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "There is no fault.");
		return FALSE;
	}
	return sim_faults_add(self->tenant->faults, node, error);
}

static gboolean
clear_faults(Control *self, GError **error)
{
	sim_faults_clear(self->tenant->faults);
	self->release = TRUE;
	return TRUE;
}

static gboolean
release(Control *self, GError **error)
{
	self->release = TRUE;
	return TRUE;
}

static void
add_lines(JsonObject *object, const char *name, char **lines)
{
	JsonArray *array = json_array_new();

	for (char **line = lines; *line != NULL; line++)
		json_array_add_string_element(array, *line);
	json_object_set_array_member(object, name, array);
}

static gboolean
show_log(Control *self, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_auto(GStrv) requests = sim_log_get_requests(self->tenant->log);
	g_auto(GStrv) refusals = sim_log_get_refusals(self->tenant->log);

	add_lines(object, "requests", requests);
	add_lines(object, "refusals", refusals);
	sim_response_set_object(self->response, 200, object);
	return TRUE;
}

static gboolean
reset_log(Control *self, GError **error)
{
	sim_log_reset(self->tenant->log);
	return TRUE;
}

static gboolean
reset(Control *self, GError **error)
{
	self->tenant->latency = 0;
	return reset_log(self, error) && clear_faults(self, error);
}

static gboolean
set_settings(Control *self, GError **error)
{
	SimTenant *tenant = self->tenant;
	guint page_limit = 0;
	guint batch_limit = 0;
	guint nasty = 0;
	guint size_limit = 0;
	guint expanded_links = 0;
	gboolean expand = TRUE;
	gboolean damage = FALSE;
	gboolean drop_bcc = FALSE;

	if (!read_number(self, "latency", &tenant->latency, error) ||
	    !read_number(self, "access_lifetime", &tenant->access_lifetime, error) ||
	    !read_number(self, "code_lifetime", &tenant->code_lifetime, error) ||
	    !read_seconds(self, "device_interval", &tenant->device_interval, error) ||
	    !read_number(self, "device_slow", &tenant->device_slow, error) ||
	    !read_boolean(self, "device_strict", &tenant->device_strict, error) ||
	    !read_number(self, "device_lifetime", &tenant->device_lifetime, error) ||
	    !read_boolean(self, "rotate", &tenant->rotate, error) ||
	    !read_number(self, "page_limit", &page_limit, error) ||
	    !read_number(self, "batch_limit", &batch_limit, error) ||
	    !read_number(self, "nasty", &nasty, error) ||
	    !read_number(self, "size_limit", &size_limit, error) ||
	    !read_number(self, "expanded_links", &expanded_links, error) ||
	    !read_boolean(self, "delta_expand", &expand, error) ||
	    !read_boolean(self, "damage_printable", &damage, error) ||
	    !read_boolean(self, "drop_bcc", &drop_bcc, error))
		return FALSE;
	if (peek_string(self, "admin_scopes") != NULL) {
		g_strfreev(tenant->admin_scopes);
		tenant->admin_scopes = g_strsplit(peek_string(self, "admin_scopes"), " ", -1);
	}
	if (page_limit > 0)
		sim_graph_set_page_limit(tenant->graph, page_limit);
	if (size_limit > 0)
		sim_graph_set_size_limit(tenant->graph, size_limit);
	if (json_object_has_member(self->object, "delta_expand"))
		sim_graph_set_delta_expand(tenant->graph, expand);
	if (json_object_has_member(self->object, "expanded_links"))
		sim_graph_set_expanded_links(tenant->graph, expanded_links);
	if (json_object_has_member(self->object, "nasty"))
		sim_graph_set_nasty(tenant->graph, nasty);
	if (json_object_has_member(self->object, "batch_limit"))
		sim_graph_set_batch_limit(tenant->graph, batch_limit);
	if (json_object_has_member(self->object, "damage_printable"))
		sim_graph_set_damage_printable(tenant->graph, damage);
	if (json_object_has_member(self->object, "drop_bcc"))
		sim_graph_set_drop_bcc(tenant->graph, drop_bcc);
	return TRUE;
}

static gboolean
issue_token(Control *self, GError **error)
{
	SimTenant *tenant = self->tenant;
	const char *address = read_string(self, "address", error);
	const char *scopes = address != NULL ? read_string(self, "scopes", error) : NULL;
	const char *client_id = peek_string(self, "client_id");
	g_autoptr(JsonObject) object = json_object_new();
	g_auto(GStrv) list = NULL;
	g_autofree char *access = NULL;

	if (scopes == NULL)
		return FALSE;
	list = g_strsplit(scopes, " ", -1);
	access = sim_tokens_issue(tenant->tokens, SIM_TOKEN_ACCESS,
				  sim_grant_new("common", client_id != NULL ? client_id : SIMULATOR_CLIENT_ID, address,
						(const char *const *)list),
				  tenant->access_lifetime);
	json_object_set_string_member(object, "access_token", access);
	if (client_id != NULL) {
		g_autofree char *refresh =
			sim_tokens_issue(tenant->tokens, SIM_TOKEN_REFRESH,
					 sim_grant_new("common", client_id, address, (const char *const *)list),
					 SIM_REFRESH_LIFETIME);

		json_object_set_string_member(object, "refresh_token", refresh);
	}
	sim_response_set_object(self->response, 200, object);
	return TRUE;
}

static gboolean
expire(Control *self, GError **error)
{
	const char *what = read_string(self, "what", error);
	const char *address = peek_string(self, "address");
	SimTokens *tokens = self->tenant->tokens;

	if (what == NULL)
		return FALSE;
	if (g_str_equal(what, "links"))
		sim_graph_expire_links(self->tenant->graph);
	else if (g_str_equal(what, "uploads"))
		sim_graph_expire_uploads(self->tenant->graph);
	else if (g_str_equal(what, "access"))
		sim_tokens_expire(tokens, SIM_TOKEN_ACCESS, address);
	else if (g_str_equal(what, "refresh"))
		sim_tokens_expire(tokens, SIM_TOKEN_REFRESH, address);
	else if (g_str_equal(what, "codes"))
		sim_tokens_expire(tokens, SIM_TOKEN_CODE, address);
	else {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    "“what” is not links, access, refresh or codes.");
		return FALSE;
	}
	return TRUE;
}

static gboolean
revoke_tokens(Control *self, GError **error)
{
	const char *address = peek_string(self, "address");

	sim_tokens_revoke(self->tenant->tokens, SIM_TOKEN_ACCESS, address);
	sim_tokens_revoke(self->tenant->tokens, SIM_TOKEN_REFRESH, address);
	return TRUE;
}

static gboolean
challenge(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	gboolean person = FALSE;
	gboolean endless = FALSE;

	if (address == NULL || !read_boolean(self, "person", &person, error) ||
	    !read_boolean(self, "endless", &endless, error))
		return FALSE;
	sim_evaluation_begin(self->tenant, address, person, endless);
	return TRUE;
}

static void
add_secrets(JsonArray *array, GPtrArray *secrets)
{
	for (guint i = 0; i < secrets->len; i++)
		json_array_add_string_element(array, g_ptr_array_index(secrets, i));
}

static gboolean
list_secrets(Control *self, GError **error)
{
	g_autoptr(GPtrArray) tokens = sim_tokens_list(self->tenant->tokens);
	g_autoptr(JsonObject) object = json_object_new();
	JsonArray *array = json_array_new();

	add_secrets(array, tokens);
	add_secrets(array, self->tenant->confided);
	json_object_set_array_member(object, "secrets", array);
	sim_response_set_object(self->response, 200, object);
	return TRUE;
}

static gboolean
set_mailbox(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	gboolean remove = FALSE;

	if (address == NULL || !read_boolean(self, "remove", &remove, error))
		return FALSE;
	if (!remove)
		return sim_graph_add_mailbox(self->tenant->graph, address, peek_string(self, "directory"), error);
	sim_graph_remove_mailbox(self->tenant->graph, address);
	return TRUE;
}

static gboolean
deliver(Control *self, GError **error)
{
	const char *type = soup_message_headers_get_content_type(self->request->headers, NULL);
	gboolean is_mail = type != NULL && g_str_equal(type, "message/rfc822");
	const char *address;
	const char *folder;
	const char *eml;
	gssize length = -1;
	g_autofree char *id = NULL;

	if (is_mail) {
		address = sim_request_get_parameter(self->request, "address");
		folder = sim_request_get_parameter(self->request, "folder");
		eml = g_bytes_get_data(self->request->body, (gsize *)&length);
	} else {
		address = read_string(self, "address", error);
		folder = peek_string(self, "folder");
		eml = address != NULL ? read_string(self, "eml", error) : NULL;
		if (eml == NULL)
			return FALSE;
	}
	if (address == NULL || eml == NULL) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The address or the mail is missing.");
		return FALSE;
	}
	id = sim_graph_deliver(self->tenant->graph, address, folder != NULL ? folder : "inbox", eml, length, error);
	if (id == NULL)
		return FALSE;
	set_string(self, "id", id);
	return TRUE;
}

static gboolean
change(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	const char *id = address != NULL ? read_string(self, "id", error) : NULL;
	JsonNode *patch = json_object_get_member(self->object, "patch");
	g_autofree char *text = NULL;

	if (id == NULL)
		return FALSE;
	if (patch == NULL || !JSON_NODE_HOLDS_OBJECT(patch)) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“patch” is missing or no object.");
		return FALSE;
	}
	text = json_to_string(patch, FALSE);
	return sim_graph_change(self->tenant->graph, address, id, text, error);
}

static gboolean
move(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	const char *id = address != NULL ? read_string(self, "id", error) : NULL;
	const char *folder = id != NULL ? read_string(self, "folder", error) : NULL;

	return folder != NULL && sim_graph_move(self->tenant->graph, address, id, folder, error);
}

static gboolean
delete(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	const char *id = address != NULL ? read_string(self, "id", error) : NULL;

	return id != NULL && sim_graph_delete(self->tenant->graph, address, id, error);
}

static gboolean
create_folder(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	const char *name = address != NULL ? read_string(self, "name", error) : NULL;
	const char *parent = peek_string(self, "parent");
	g_autofree char *id = NULL;

	if (name == NULL)
		return FALSE;
	id = sim_graph_create_folder(self->tenant->graph, address, parent, name, error);
	if (id == NULL)
		return FALSE;
	set_string(self, "id", id);
	return TRUE;
}

static gboolean
share(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	const char *delegate = address != NULL ? read_string(self, "delegate", error) : NULL;
	gboolean read_only = FALSE;

	if (delegate == NULL || !read_boolean(self, "read_only", &read_only, error))
		return FALSE;
	if (sim_graph_share(self->tenant->graph, address, peek_string(self, "folder"), delegate, read_only))
		return TRUE;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no such mailbox or folder.");
	return FALSE;
}

static gboolean
fill(Control *self, GError **error)
{
	const char *address = read_string(self, "address", error);
	const char *folder = address != NULL ? read_string(self, "folder", error) : NULL;
	guint count = 0;

	if (folder == NULL || !read_number(self, "count", &count, error))
		return FALSE;
	sim_graph_fill(self->tenant->graph, address, folder, count);
	return TRUE;
}

static gboolean
dump(Control *self, GError **error)
{
	const char *address = sim_request_get_parameter(self->request, "address");
	const char *folder = sim_request_get_parameter(self->request, "folder");
	g_autoptr(JsonNode) node = NULL;

	if (address == NULL || folder == NULL) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    "The address or the folder is missing.");
		return FALSE;
	}
	node = sim_graph_dump(self->tenant->graph, address, folder);
	if (node == NULL) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no such folder.");
		return FALSE;
	}
	set_node(self, node);
	return TRUE;
}

static const struct {
	const char *method;
	const char *name;
	gboolean (*handle)(Control *self, GError **error);
} CONTROLS[] = {
	{"POST", "faults", add_faults},   {"DELETE", "faults", clear_faults}, {"POST", "release", release},
	{"GET", "secrets", list_secrets}, {"GET", "log", show_log},         {"DELETE", "log", reset_log},       {"POST", "reset", reset},
	{"POST", "settings", set_settings}, {"POST", "token", issue_token},   {"POST", "expire", expire},
	{"POST", "revoke", revoke_tokens}, {"POST", "challenge", challenge},      {"POST", "mailbox", set_mailbox},   {"POST", "deliver", deliver},
	{"POST", "change", change},       {"POST", "move", move},             {"POST", "delete", delete},
	{"POST", "folder", create_folder}, {"POST", "fill", fill}, {"POST", "share", share},            {"GET", "dump", dump},
};

static void
refuse(SimResponse *response, guint status, const char *message)
{
	g_autoptr(JsonObject) object = json_object_new();

	json_object_set_string_member(object, "error", message);
	sim_response_set_object(response, status, object);
}

void
sim_control_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response, gboolean *releases)
{
	const char *name = request->path + strlen("/_control/");
	JsonObject *object = sim_request_get_object(request);
	Control self = {tenant, request, response, object != NULL ? object : json_object_new(), FALSE};
	g_autoptr(GError) error = NULL;
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(CONTROLS); i++)
		if (g_str_equal(CONTROLS[i].name, name) && g_str_equal(CONTROLS[i].method, request->method))
			break;
	sim_response_set_empty(response, 204);
	if (i == G_N_ELEMENTS(CONTROLS))
		refuse(response, 404, "There is no such control; see the program's --help.");
	else if (!CONTROLS[i].handle(&self, &error))
		refuse(response, g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? 404 : 400, error->message);
	*releases = self.release;
	json_object_unref(self.object);
}
