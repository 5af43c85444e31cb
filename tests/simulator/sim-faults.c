/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-faults.h"

#include "sim-authorize.h"
#include "sim-oauth-error.h"
#include "sim-page.h"

struct _SimFaults {
	GPtrArray *faults;
};

static const struct {
	const char *name;
	SimFaultKind kind;
	guint status;
} KINDS[] = {
	{"status", SIM_FAULT_STATUS, 500}, {"html", SIM_FAULT_HTML, 200},   {"type", SIM_FAULT_TYPE, 200},
	{"cut", SIM_FAULT_CUT, 0},	   {"close", SIM_FAULT_CLOSE, 0},   {"hang", SIM_FAULT_HANG, 0},
	{"claims", SIM_FAULT_CLAIMS, 401}, {"oauth", SIM_FAULT_OAUTH, 400},
};

static const char *const WHENS[] = {
	[SIM_CLOSE_UPLOAD] = "upload", [SIM_CLOSE_BEFORE] = "before", [SIM_CLOSE_WORK] = "work",
	[SIM_CLOSE_MIDDLE] = "middle", [SIM_CLOSE_AFTER] = "after",
};

static const char *const MEMBERS[] = {
	"target", "method", "path",	"prefix", "prefer",  "skip",   "nth",  "count",
	"delay",  "work",   "kind",	"status", "headers", "body",   "when", "for",
	"claims", "error",  "suberror", "code",	  "back",    "option", NULL,
};

void
sim_fault_unref(SimFault *self)
{
	if (!g_atomic_ref_count_dec(&self->references))
		return;
	g_free(self->method);
	g_free(self->prefix);
	g_free(self->option);
	g_clear_pointer(&self->path, g_regex_unref);
	g_clear_pointer(&self->prefer, g_regex_unref);
	g_clear_pointer(&self->headers, json_object_unref);
	g_clear_pointer(&self->body, json_node_unref);
	g_clear_pointer(&self->claims, json_object_unref);
	g_free(self->error);
	g_free(self->suberror);
	g_free(self);
}

gboolean
sim_fault_wants_work(const SimFault *self)
{
	switch (self->kind) {
	case SIM_FAULT_CUT:
	case SIM_FAULT_HANG:
		return TRUE;
	case SIM_FAULT_CLOSE:
		return self->when > SIM_CLOSE_BEFORE;
	default:
		return self->work;
	}
}

static const char *
graph_code(guint status)
{
	static const struct {
		guint status;
		const char *code;
	} codes[] = {
		{400, "BadRequest"},
		{401, "InvalidAuthenticationToken"},
		{403, "ErrorAccessDenied"},
		{404, "ErrorItemNotFound"},
		{409, "ErrorFolderExists"},
		{410, "syncStateNotFound"},
		{412, "ErrorIrresolvableConflict"},
		{413, "RequestEntityTooLarge"},
		{429, "TooManyRequests"},
		{500, "InternalServerError"},
		{501, "NotImplemented"},
		{503, "serviceNotAvailable"},
		{507, "quotaLimitReached"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "UnknownError";
}

static void
apply_headers(const SimFault *self, SimResponse *response)
{
	GList *names = self->headers != NULL ? json_object_get_members(self->headers) : NULL;

	for (GList *name = names; name != NULL; name = name->next)
		soup_message_headers_replace(response->headers, name->data,
					     json_object_get_string_member(self->headers, name->data));
	g_list_free(names);
}

static void
apply_status(const SimFault *self, const SimRequest *request, SimResponse *response)
{
	if (self->body != NULL && JSON_NODE_HOLDS_VALUE(self->body)) {
		sim_response_set_text(response, self->status, "text/plain", json_node_get_string(self->body));
	} else if (self->body != NULL) {
		g_autofree char *text = json_to_string(self->body, FALSE);

		sim_response_set_text(response, self->status, "application/json", text);
	} else if (self->work || self->status < 400) {
		response->status = self->status;
	} else if (request->user == NULL) {
		sim_oauth_error_set(response, self->status, "temporarily_unavailable", 90033,
				    "A transient error has occurred. Please try again.", NULL);
	} else {
		sim_response_set_error(response, request, self->status, graph_code(self->status),
				       "The request meets a fault that was asked for.", NULL);
	}
}

static char *
claims_text(const SimFault *self)
{
	g_autoptr(JsonNode) node = NULL;

	if (self->claims == NULL)
		return g_strdup("{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1604106651\"}}}");
	node = json_node_init_object(json_node_alloc(), self->claims);
	return json_to_string(node, FALSE);
}

/* OAUTH.md 8: the shape of the challenge. */
static void
apply_claims(const SimFault *self, const SimRequest *request, SimResponse *response)
{
	g_autofree char *claims = claims_text(self);
	g_autofree char *encoded = g_base64_encode((const guchar *)claims, strlen(claims));
	g_autofree char *challenge =
		g_strdup_printf("Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", "
				"error=\"insufficient_claims\", claims=\"%s\"",
				request->origin, encoded);

	sim_response_set_error(response, request, self->status, "InvalidAuthenticationToken",
			       "Continuous access evaluation resulted in challenge with result: InteractionRequired.",
			       NULL);
	soup_message_headers_replace(response->headers, "WWW-Authenticate", challenge);
}

static void
apply_oauth(const SimFault *self, const SimRequest *request, SimResponse *response)
{
	g_autofree char *claims = self->claims != NULL ? claims_text(self) : NULL;
	const char *error = self->error != NULL ? self->error : "invalid_grant";
	guint code = self->aadsts != 0 ? self->aadsts : 700082;
	const char *message = code == 700082 ? "The refresh token has expired due to inactivity."
					     : "The request meets a fault that was asked for.";

	if (!g_str_has_suffix(request->path, "/authorize"))
		sim_oauth_error_set_full(response, self->status, error, code, message, self->suberror, claims);
	else if (self->back)
		sim_authorize_refuse(request, error, code, message, self->suberror, response);
	else
		sim_page_set_error(response, code, message, NULL);
}

void
sim_fault_apply(const SimFault *self, const SimRequest *request, SimResponse *response)
{
	switch (self->kind) {
	case SIM_FAULT_STATUS:
		apply_status(self, request, response);
		break;
	case SIM_FAULT_HTML:
		sim_response_set_text(response, self->status, "text/html; charset=utf-8",
				      "<!DOCTYPE html><html><head><title>Proxy</title></head>"
				      "<body><h1>The gateway is being serviced.</h1></body></html>");
		break;
	case SIM_FAULT_TYPE:
		sim_response_set_text(response, self->status, "application/json", "[1, \"two\", null]");
		break;
	case SIM_FAULT_CUT: {
		g_autoptr(GBytes) half =
			g_bytes_new_from_bytes(response->body, 0, g_bytes_get_size(response->body) / 2);

		sim_response_set_bytes(response, response->status, NULL, half);
		break;
	}
	case SIM_FAULT_CLAIMS:
		apply_claims(self, request, response);
		break;
	case SIM_FAULT_OAUTH:
		apply_oauth(self, request, response);
		break;
	case SIM_FAULT_CLOSE:
	case SIM_FAULT_HANG:
		break;
	}
	apply_headers(self, response);
}

SimFaults *
sim_faults_new(void)
{
	SimFaults *self = g_new0(SimFaults, 1);

	self->faults = g_ptr_array_new_with_free_func((GDestroyNotify)sim_fault_unref);
	return self;
}

void
sim_faults_free(SimFaults *self)
{
	g_ptr_array_unref(self->faults);
	g_free(self);
}

void
sim_faults_clear(SimFaults *self)
{
	g_ptr_array_set_size(self->faults, 0);
}

static gboolean
refuse(GError **error, const char *member, const char *wants)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The fault's “%s” is not %s.", member, wants);
	return FALSE;
}

/* Both readers leave *value alone when the member is absent. */
static gboolean
read_string(JsonObject *object, const char *member, const char **value, GError **error)
{
	JsonNode *node = json_object_get_member(object, member);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return refuse(error, member, "a string");
	*value = json_node_get_string(node);
	return TRUE;
}

static gboolean
read_number(JsonObject *object, const char *member, guint *value, GError **error)
{
	JsonNode *node = json_object_get_member(object, member);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64 ||
	    json_node_get_int(node) < 0 || json_node_get_int(node) > 100000000)
		return refuse(error, member, "a whole number that is not negative");
	*value = json_node_get_int(node);
	return TRUE;
}

static gboolean
read_object(JsonObject *object, const char *member, JsonObject **value, GError **error)
{
	JsonNode *node = json_object_get_member(object, member);

	if (node == NULL)
		return TRUE;
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return refuse(error, member, "an object");
	*value = json_node_dup_object(node);
	return TRUE;
}

static gboolean
read_where(SimFault *self, JsonObject *object, GError **error)
{
	const char *target = "graph";
	const char *method = NULL;
	const char *path = NULL;
	const char *prefix = NULL;
	const char *prefer = NULL;
	const char *option = NULL;
	guint nth = 0;

	if (!read_string(object, "target", &target, error) || !read_string(object, "method", &method, error) ||
	    !read_string(object, "path", &path, error) || !read_string(object, "prefix", &prefix, error) ||
	    !read_string(object, "prefer", &prefer, error) || !read_string(object, "option", &option, error) ||
	    !read_number(object, "skip", &self->skip, error) || !read_number(object, "nth", &nth, error) ||
	    !read_number(object, "count", &self->count, error))
		return FALSE;
	self->graph = g_str_equal(target, "graph") || g_str_equal(target, "any");
	self->identity = g_str_equal(target, "identity") || g_str_equal(target, "any");
	self->part = g_str_equal(target, "part");
	if (!self->graph && !self->identity && !self->part)
		return refuse(error, "target", "graph, identity, any or part");
	self->method = g_strdup(method);
	self->prefix = g_strdup(prefix);
	self->option = g_strdup(option);
	if (path != NULL && (self->path = g_regex_new(path, 0, 0, error)) == NULL)
		return FALSE;
	if (prefer != NULL && (self->prefer = g_regex_new(prefer, 0, 0, error)) == NULL)
		return FALSE;
	if (nth > 0)
		self->skip = nth - 1;
	self->endless = self->count == 0;
	return TRUE;
}

static gboolean
read_headers(SimFault *self, JsonObject *object, GError **error)
{
	g_autoptr(GList) values = NULL;

	if (!read_object(object, "headers", &self->headers, error))
		return FALSE;
	values = self->headers != NULL ? json_object_get_values(self->headers) : NULL;
	for (GList *value = values; value != NULL; value = value->next)
		if (!JSON_NODE_HOLDS_VALUE((JsonNode *)value->data) ||
		    json_node_get_value_type(value->data) != G_TYPE_STRING)
			return refuse(error, "headers", "an object of strings");
	return TRUE;
}

static gboolean
read_what(SimFault *self, JsonObject *object, GError **error)
{
	const char *kind = json_object_has_member(object, "status") || !json_object_has_member(object, "delay")
				   ? "status"
				   : "hang";
	const char *when = "before";
	const char *oauth_error = NULL;
	const char *suberror = NULL;
	JsonNode *work = json_object_get_member(object, "work");
	JsonNode *back = json_object_get_member(object, "back");
	gsize i;

	if (!read_string(object, "kind", &kind, error) || !read_string(object, "when", &when, error) ||
	    !read_string(object, "error", &oauth_error, error) || !read_string(object, "suberror", &suberror, error) ||
	    !read_headers(self, object, error) || !read_object(object, "claims", &self->claims, error) ||
	    !read_number(object, "code", &self->aadsts, error) || !read_number(object, "delay", &self->delay, error))
		return FALSE;
	for (i = 0; i < G_N_ELEMENTS(KINDS) && !g_str_equal(kind, KINDS[i].name); i++)
		;
	if (i == G_N_ELEMENTS(KINDS))
		return refuse(error, "kind", "status, html, type, cut, close, hang, claims or oauth");
	self->kind = KINDS[i].kind;
	self->status = KINDS[i].status;
	if (self->part && self->kind != SIM_FAULT_STATUS && self->kind != SIM_FAULT_CLOSE)
		return refuse(error, "kind", "status or close for a part");
	for (i = 0; i < G_N_ELEMENTS(WHENS) && !g_str_equal(when, WHENS[i]); i++)
		;
	if (i == G_N_ELEMENTS(WHENS))
		return refuse(error, "when", "upload, before, work, middle or after");
	self->when = i;
	self->is_early =
		self->when == SIM_CLOSE_UPLOAD && (self->kind == SIM_FAULT_CLOSE || self->kind == SIM_FAULT_HANG);
	if (self->part && self->when == SIM_CLOSE_UPLOAD)
		return refuse(error, "when", "before, work, middle or after for a part");
	if (work != NULL && (!JSON_NODE_HOLDS_VALUE(work) || json_node_get_value_type(work) != G_TYPE_BOOLEAN))
		return refuse(error, "work", "true or false");
	self->work = work != NULL && json_node_get_boolean(work);
	if (back != NULL && (!JSON_NODE_HOLDS_VALUE(back) || json_node_get_value_type(back) != G_TYPE_BOOLEAN))
		return refuse(error, "back", "true or false");
	self->back = back != NULL && json_node_get_boolean(back);
	self->error = g_strdup(oauth_error);
	self->suberror = g_strdup(suberror);
	if (json_object_has_member(object, "body"))
		self->body = json_object_dup_member(object, "body");
	if (self->body != NULL && JSON_NODE_HOLDS_VALUE(self->body) &&
	    json_node_get_value_type(self->body) != G_TYPE_STRING)
		return refuse(error, "body", "an object, an array or a string");
	/* “delay” alone: a short hang of no length after it */
	self->hang = json_object_has_member(object, "delay") ? 1 : 0;
	if (!read_number(object, "for", &self->hang, error) || !read_number(object, "status", &self->status, error))
		return FALSE;
	if (self->status != 0 && (self->status < 200 || self->status > 599))
		return refuse(error, "status", "between 200 and 599");
	return TRUE;
}

static SimFault *
fault_new(JsonNode *node, GError **error)
{
	g_autoptr(SimFault) self = g_new0(SimFault, 1);
	g_autoptr(GList) members = NULL;
	JsonObject *object;

	g_atomic_ref_count_init(&self->references);
	self->count = 1;
	if (!JSON_NODE_HOLDS_OBJECT(node)) {
		refuse(error, "JSON", "an object or an array of objects");
		return NULL;
	}
	object = json_node_get_object(node);
	members = json_object_get_members(object);
	for (GList *member = members; member != NULL; member = member->next)
		if (!g_strv_contains(MEMBERS, member->data)) {
			refuse(error, member->data, "known");
			return NULL;
		}
	if (!read_where(self, object, error) || !read_what(self, object, error))
		return NULL;
	return g_steal_pointer(&self);
}

gboolean
sim_faults_add(SimFaults *self, JsonNode *node, GError **error)
{
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func((GDestroyNotify)sim_fault_unref);
	JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	guint length = array != NULL ? json_array_get_length(array) : 1;

	for (guint i = 0; i < length; i++) {
		SimFault *fault = fault_new(array != NULL ? json_array_get_element(array, i) : node, error);

		if (fault == NULL)
			return FALSE;
		g_ptr_array_add(faults, fault);
	}
	g_ptr_array_extend_and_steal(self->faults, g_steal_pointer(&faults));
	return TRUE;
}

static gboolean
matches(const SimFault *fault, const SimRequest *request, const char *path)
{
	const char *prefer = soup_message_headers_get_list(request->headers, "Prefer");

	return (fault->method == NULL || g_ascii_strcasecmp(fault->method, request->method) == 0) &&
	       (fault->prefix == NULL || g_str_has_prefix(path, fault->prefix)) &&
	       (fault->path == NULL || g_regex_match(fault->path, path, 0, NULL)) &&
	       (fault->option == NULL || sim_request_get_parameter(request, fault->option) != NULL) &&
	       (fault->prefer == NULL || (prefer != NULL && g_regex_match(fault->prefer, prefer, 0, NULL)));
}

/* Uses one of @fault up; FALSE where it is to be skipped still. */
static gboolean
use(SimFaults *self, SimFault *fault)
{
	if (fault->skip > 0) {
		fault->skip--;
		return FALSE;
	}
	g_atomic_ref_count_inc(&fault->references);
	if (!fault->endless && --fault->count == 0)
		g_ptr_array_remove(self->faults, fault);
	return TRUE;
}

static SimFault *
take(SimFaults *self, gboolean graph, gboolean early, const SimRequest *request)
{
	for (guint i = 0; i < self->faults->len; i++) {
		SimFault *fault = g_ptr_array_index(self->faults, i);

		if ((graph ? fault->graph : fault->identity) && fault->is_early == early &&
		    matches(fault, request, request->path) && use(self, fault))
			return fault;
	}
	return NULL;
}

SimFault *
sim_faults_take(SimFaults *self, gboolean graph, const SimRequest *request)
{
	return take(self, graph, FALSE, request);
}

SimFault *
sim_faults_take_early(SimFaults *self, gboolean graph, const SimRequest *request)
{
	return take(self, graph, TRUE, request);
}

SimFault *
sim_faults_take_part(SimFaults *self, const SimRequest *request, const char *path)
{
	for (guint i = 0; i < self->faults->len; i++) {
		SimFault *fault = g_ptr_array_index(self->faults, i);

		if (fault->part && matches(fault, request, path) && use(self, fault))
			return fault;
	}
	return NULL;
}
