/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-query.h"
#include "sim-routes.h"

/* API.md 3: the default set; what else is selected is there, and null */
static void
set_property(JsonObject *object, SimMailbox *mailbox, const char *name)
{
	g_autofree char *id = sim_id_user(mailbox->address);

	if (g_str_equal(name, "id"))
		json_object_set_string_member(object, name, id);
	else if (g_str_equal(name, "displayName"))
		json_object_set_string_member(object, name, mailbox->name);
	else if (g_str_equal(name, "givenName"))
		json_object_set_string_member(object, name, mailbox->given_name);
	else if (g_str_equal(name, "surname"))
		json_object_set_string_member(object, name, mailbox->surname);
	else if (g_str_equal(name, "mail") || g_str_equal(name, "userPrincipalName"))
		json_object_set_string_member(object, name, mailbox->address);
	else if (g_str_equal(name, "preferredLanguage"))
		json_object_set_string_member(object, name, mailbox->language);
	else if (g_str_equal(name, "businessPhones") || g_str_equal(name, "otherMails") ||
		 g_str_equal(name, "proxyAddresses"))
		json_object_set_array_member(object, name, json_array_new());
	else
		json_object_set_null_member(object, name);
}

void
sim_users_handle(SimCall *call)
{
	static const char *const defaults[] = {
		"businessPhones", "displayName",       "givenName", "jobTitle",		 "mail", "mobilePhone",
		"officeLocation", "preferredLanguage", "surname",   "userPrincipalName", "id",	 NULL};
	static const char *const own[] = {"User.Read", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite", NULL};
	static const char *const others[] = {"User.ReadBasic.All", "User.Read.All", NULL};
	g_autoptr(SimQuery) query = NULL;
	g_autoptr(JsonObject) object = NULL;
	g_autofree char *context = NULL;
	const char *const *names;

	if (!sim_call_is_method(call, "GET")) {
		sim_call_refuse_method(call);
		return;
	}
	if (!sim_call_has_scope(call, sim_call_is_shared(call) ? others : own)) {
		sim_call_refuse(call, 403, "Authorization_RequestDenied", "API.md 3",
				"Insufficient privileges to complete the operation.");
		return;
	}
	query = sim_query_parse(call, "user", SIM_QUERY_SELECT);
	if (query == NULL)
		return;
	object = json_object_new();
	context = g_strdup_printf("%s/v1.0/$metadata#users/$entity", call->request->origin);
	json_object_set_string_member(object, "@odata.context", context);
	names = query->select != NULL ? (const char *const *)query->select : defaults;
	for (; *names != NULL; names++)
		set_property(object, call->mailbox, *names);
	sim_response_set_object(call->response, 200, object);
}
