/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-query.h"

#include <string.h>

#include "sim-schema.h"

#define MAX_TOP 1000 /* API.md 5.2 */

typedef struct {
	char *property;
	gboolean descending;
} SimOrder;

static void
order_free(SimOrder *self)
{
	g_free(self->property);
	g_free(self);
}

SimQuery *
sim_query_ref(SimQuery *self)
{
	g_atomic_ref_count_inc(&self->references);
	return self;
}

void
sim_query_unref(SimQuery *self)
{
	if (!g_atomic_ref_count_dec(&self->references))
		return;
	g_strfreev(self->select);
	sim_filter_free(self->filter);
	g_clear_pointer(&self->order, g_ptr_array_unref);
	g_clear_pointer(&self->extended, g_ptr_array_unref);
	sim_kql_free(self->search);
	g_free(self->change_type);
	g_free(self->token);
	g_free(self);
}

char *
sim_query_normalise_extended(const char *id)
{
	static const char *const types[] = {
		"Boolean", "Binary", "ApplicationTime", "CLSID", "Currency", "Double",	   "Error", "Float",
		"Integer", "Long",   "Object",		"Short", "String",   "SystemTime", "Null",  "Guid"};
	g_auto(GStrv) words = g_strsplit(id, " ", 4);
	const char *type = NULL;
	char *end = NULL;
	guint64 tag;

	for (guint i = 0; i < G_N_ELEMENTS(types) && words[0] != NULL; i++) {
		if (g_ascii_strcasecmp(types[i], words[0]) == 0)
			type = types[i];
	}
	if (type == NULL || words[1] == NULL)
		return NULL;
	if (words[2] == NULL) {
		tag = g_ascii_strncasecmp(words[1], "0x", 2) == 0 ? g_ascii_strtoull(words[1] + 2, &end, 16) : 0;
		return end != NULL && *end == '\0' && tag > 0 && tag <= 0xffff
			       ? g_strdup_printf("%s 0x%x", type, (guint)tag)
			       : NULL;
	}
	if (words[3] == NULL || words[1][0] != '{' || !g_str_has_suffix(words[1], "}") ||
	    (g_ascii_strcasecmp(words[2], "Name") != 0 && g_ascii_strcasecmp(words[2], "Id") != 0))
		return NULL;
	return g_strdup_printf("%s %s %s %s", type, words[1], words[2], words[3]);
}

static gboolean
parse_select(SimCall *call, SimQuery *self, const char *type, const char *value)
{
	g_auto(GStrv) names = g_strsplit(value, ",", -1);

	for (guint i = 0; names[i] != NULL; i++) {
		g_strstrip(names[i]);
		if (!sim_schema_has_property(type, names[i])) {
			sim_call_refuse(
				call, 400, "RequestBroker--ParseUri", "API.md 5.1, metadata.json",
				"Parsing OData Select and Expand failed: Could not find a property named '%s' on type "
				"'microsoft.graph.%s'.",
				names[i], type);
			return FALSE;
		}
	}
	g_strfreev(self->select);
	self->select = g_steal_pointer(&names);
	return TRUE;
}

static gboolean
parse_order(SimCall *call, SimQuery *self, const char *value)
{
	g_auto(GStrv) clauses = g_strsplit(value, ",", -1);

	self->order = g_ptr_array_new_with_free_func((GDestroyNotify)order_free);
	for (guint i = 0; clauses[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(g_strstrip(clauses[i]), " ", -1);
		SimOrder *order = g_new0(SimOrder, 1);
		SimValueType type;

		g_ptr_array_add(self->order, order);
		order->property = g_strdup(words[0] != NULL ? words[0] : "");
		order->descending = words[0] != NULL && g_strcmp0(words[1], "desc") == 0;
		if (!sim_filter_get_type(order->property, &type)) {
			sim_call_refuse(call, 400, "RequestBroker--ParseUri", "API.md 5.2",
					"Could not find a property named '%s' on type 'microsoft.graph.message'.",
					order->property);
			return FALSE;
		}
		if (words[1] != NULL && (words[2] != NULL || (!order->descending && !g_str_equal(words[1], "asc")))) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.2", "Syntax error in the sort order '%s'.",
					clauses[i]);
			return FALSE;
		}
	}
	return TRUE;
}

/* singleValueExtendedProperties($filter=id eq 'A' or id eq 'B') */
static gboolean
parse_extended(SimCall *call, SimQuery *self, const char *inside)
{
	const char *at = inside;

	if (at == NULL || !g_str_has_prefix(at, "$filter=")) {
		sim_call_refuse(call, 400, "ErrorInvalidProperty", "API.md 5.3",
				"The extended properties to expand must be named by a filter.");
		return FALSE;
	}
	at += strlen("$filter=");
	self->extended = g_ptr_array_new_with_free_func(g_free);
	for (;;) {
		const char *end;
		g_autofree char *id = NULL;
		char *normalised;

		at += strspn(at, " (");
		end = g_str_has_prefix(at, "id eq '") ? strchr(at + strlen("id eq '"), '\'') : NULL;
		if (end == NULL) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.3",
					"Syntax error in the expand clause at '%s'.", at);
			return FALSE;
		}
		id = g_strndup(at + strlen("id eq '"), (gsize)(end - at) - strlen("id eq '"));
		normalised = sim_query_normalise_extended(id);
		if (normalised == NULL) {
			sim_call_refuse(call, 400, "ErrorInvalidExtendedProperty", "API.md 5.3",
					"The property id '%s' is invalid.", id);
			return FALSE;
		}
		g_ptr_array_add(self->extended, normalised);
		at = end + 1;
		at += strspn(at, " )");
		if (*at == '\0')
			return TRUE;
		if (!g_str_has_prefix(at, "or ")) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.3",
					"Syntax error in the expand clause at '%s'.", at);
			return FALSE;
		}
		at += strlen("or ");
	}
}

static gboolean
parse_expand(SimCall *call, SimQuery *self, const char *type, const char *value)
{
	const char *at = value;

	while (*at != '\0') {
		gsize length = strcspn(at, ",(");
		g_autofree char *name = g_strstrip(g_strndup(at, length));
		g_autofree char *inside = NULL;

		at += length;
		if (*at == '(') {
			const char *start = ++at;
			guint depth = 1;
			gboolean quoted = FALSE;

			for (; *at != '\0' && depth > 0; at++) {
				if (*at == '\'')
					quoted = !quoted;
				else if (!quoted)
					depth += (*at == '(') - (*at == ')');
			}
			if (depth > 0) {
				sim_call_refuse(call, 400, "BadRequest", "API.md 5.3", "A parenthesis is open in '%s'.",
						value);
				return FALSE;
			}
			inside = g_strndup(start, (gsize)(at - start) - 1);
		}
		if (*at == ',')
			at++;
		if (g_str_equal(type, "message") && g_str_equal(name, "attachments")) {
			self->expand_attachments = TRUE;
		} else if (g_str_equal(type, "message") && g_str_equal(name, "singleValueExtendedProperties")) {
			if (!parse_extended(call, self, inside))
				return FALSE;
		} else if (!sim_schema_has_navigation(type, name)) {
			sim_call_refuse(
				call, 400, "RequestBroker--ParseUri", "API.md 5.1, metadata.json",
				"Parsing OData Select and Expand failed: Could not find a property named '%s' on type "
				"'microsoft.graph.%s'.",
				name, type);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
parse_number(SimCall *call, const char *name, const char *value, guint least, guint most, guint *number)
{
	guint64 parsed;

	if (!g_ascii_string_to_unsigned(value, 10, least, most, &parsed, NULL)) {
		sim_call_refuse(call, 400, "BadRequest", "API.md 5.2",
				"Invalid value '%s' for %s query option found. It must be between %u and %u.", value,
				name, least, most);
		return FALSE;
	}
	*number = (guint)parsed;
	return TRUE;
}

static gboolean
parse_option(SimCall *call, SimQuery *self, const char *type, const char *name, const char *value)
{
	const char *code = NULL;
	g_autofree char *message = NULL;
	g_autofree char *inside = NULL;

	if (g_str_equal(name, "$select"))
		return parse_select(call, self, type, value);
	if (g_str_equal(name, "$top"))
		return parse_number(call, name, value, 1, MAX_TOP, &self->top);
	if (g_str_equal(name, "$skip"))
		return parse_number(call, name, value, 0, G_MAXINT, &self->skip);
	if (g_str_equal(name, "$orderby"))
		return parse_order(call, self, value);
	if (g_str_equal(name, "$expand")) {
		self->dollar_expand = TRUE;
		return parse_expand(call, self, type, value);
	}
	if (g_str_equal(name, "expand"))
		return parse_expand(call, self, type, value);
	if (g_str_equal(name, "$filter")) {
		self->filter = sim_filter_parse(value, &code, &message);
		if (self->filter == NULL)
			sim_call_refuse(call, 400, code, "API.md 5.2", "%s", message);
		return self->filter != NULL;
	}
	if (g_str_equal(name, "$count") || g_str_equal(name, "includeHiddenFolders")) {
		gboolean yes = g_ascii_strcasecmp(value, "true") == 0;

		if (!yes && g_ascii_strcasecmp(value, "false") != 0) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.2", "Invalid value '%s' for %s.", value,
					name);
			return FALSE;
		}
		*(*name == '$' ? &self->count : &self->hidden) = yes;
		return TRUE;
	}
	if (g_str_equal(name, "$search")) {
		gsize length = strlen(value);

		if (length < 2 || value[0] != '"' || value[length - 1] != '"') {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.2",
					"Syntax error: character '%.1s' is not valid at position 0; the value goes in "
					"double quotes.",
					value);
			return FALSE;
		}
		inside = g_strndup(value + 1, length - 2);
		self->search = sim_kql_parse(inside, &message);
		if (self->search == NULL)
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.2", "Syntax error in the search: %s.",
					message);
		return self->search != NULL;
	}
	if (g_str_equal(name, "changeType")) {
		if (!g_str_equal(value, "created") && !g_str_equal(value, "updated") &&
		    !g_str_equal(value, "deleted")) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 5.9", "Invalid value '%s' for changeType.",
					value);
			return FALSE;
		}
		self->change_type = g_strdup(value);
		return TRUE;
	}
	self->token = g_strdup(value);
	return TRUE;
}

static const struct {
	const char *name;
	SimQueryOptions option;
} known_options[] = {
	{"$select", SIM_QUERY_SELECT},
	{"$top", SIM_QUERY_TOP},
	{"$skip", SIM_QUERY_SKIP},
	{"$filter", SIM_QUERY_FILTER},
	{"$orderby", SIM_QUERY_ORDERBY},
	{"$count", SIM_QUERY_COUNT},
	{"$search", SIM_QUERY_SEARCH},
	{"$expand", SIM_QUERY_EXPAND},
	{"expand", SIM_QUERY_PLAIN_EXPAND},
	{"includeHiddenFolders", SIM_QUERY_HIDDEN},
	{"changeType", SIM_QUERY_CHANGE_TYPE},
	{"$skiptoken", SIM_QUERY_TOKEN},
	{"$deltatoken", SIM_QUERY_TOKEN},
};

/* API.md 5.2: what goes together */
static gboolean
check_combinations(SimCall *call, SimQuery *self)
{
	const char *const *properties;

	if (self->search != NULL && self->filter != NULL) {
		sim_call_refuse(call, 400, "SearchWithFilter", "API.md 5.2",
				"The query parameter '$filter' is not supported with '$search'.");
		return FALSE;
	}
	if (self->search != NULL && self->order != NULL) {
		sim_call_refuse(call, 400, "SearchWithOrderBy", "API.md 5.2",
				"The query parameter '$orderBy' is not supported with '$search'.");
		return FALSE;
	}
	if (self->filter == NULL || self->order == NULL)
		return TRUE;
	properties = sim_filter_get_properties(self->filter);
	for (guint i = 0; i < self->order->len; i++) {
		const SimOrder *order = g_ptr_array_index(self->order, i);

		if (properties[i] == NULL || !g_str_equal(properties[i], order->property) ||
		    sim_filter_uses_contains(self->filter)) {
			sim_call_refuse(call, 400, "InefficientFilter", "API.md 5.2",
					"The restriction or sort order is too complex for this operation.");
			return FALSE;
		}
	}
	return TRUE;
}

SimQuery *
sim_query_parse(SimCall *call, const char *type, guint options)
{
	g_autoptr(SimQuery) self = g_new0(SimQuery, 1);
	GPtrArray *parameters = call->request->query;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	g_atomic_ref_count_init(&self->references);
	for (guint i = 0; i < parameters->len; i++) {
		const SimParameter *parameter = g_ptr_array_index(parameters, i);
		guint option = 0;

		for (guint j = 0; j < G_N_ELEMENTS(known_options); j++) {
			if (g_ascii_strcasecmp(known_options[j].name, parameter->name) == 0) {
				option = known_options[j].option;
				if (!g_hash_table_add(seen, (gpointer)known_options[j].name) || (option & options) == 0)
					option = 0;
				else if (!parse_option(call, self, type, known_options[j].name, parameter->value))
					return NULL;
			}
		}
		if (option == 0) {
			sim_call_refuse(call, 400, "BadRequest", "API.md 2.2, 5.2",
					"The query parameter '%s' is unknown, unsupported here, or given twice.",
					parameter->name);
			return NULL;
		}
	}
	if (self->token != NULL && parameters->len > 1) {
		sim_call_refuse(call, 400, "BadRequest", "API.md 5.9",
				"A next or delta link is to be used as it was handed out, without further options.");
		return NULL;
	}
	return check_combinations(call, self) ? g_steal_pointer(&self) : NULL;
}

gboolean
sim_query_selects(SimQuery *self, const char *property)
{
	return self->select == NULL
		       ? !g_str_equal(property, "internetMessageHeaders") && !g_str_equal(property, "uniqueBody")
		       : g_strv_contains((const char *const *)self->select, property);
}

static int
compare_messages(gconstpointer a, gconstpointer b, gpointer user_data)
{
	SimMessage *left = *(SimMessage *const *)a;
	SimMessage *right = *(SimMessage *const *)b;
	GPtrArray *order = user_data;

	for (guint i = 0; order != NULL && i < order->len; i++) {
		const SimOrder *by = g_ptr_array_index(order, i);
		SimValue x = sim_filter_get_value(left, by->property);
		SimValue y = sim_filter_get_value(right, by->property);
		int result = x.number < y.number ? -1 : x.number > y.number;

		if (x.text != NULL || y.text != NULL)
			result = g_utf8_collate(x.text != NULL ? x.text : "", y.text != NULL ? y.text : "");
		g_free(x.owned);
		g_free(y.owned);
		if (result != 0)
			return by->descending ? -result : result;
	}
	return sim_message_compare(left, right, NULL);
}

void
sim_query_sort(SimQuery *self, GPtrArray *messages)
{
	g_ptr_array_sort_with_data(messages, compare_messages, self->order);
}
