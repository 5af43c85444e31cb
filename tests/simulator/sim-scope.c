/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-scope.h"

#include <string.h>

/* OAUTH.md 6: `address` and `phone` are not known. */
static const char *const OPENID[] = {"openid", "email", "profile", "offline_access", NULL};

/* SCOPES.md 2 and 4. MailFolders.Read and MailFolders.ReadWrite do not exist. */
static const struct {
	const char *name;
	gboolean personal;
	gboolean restricted;
} GRAPH[] = {
	{"Calendars.Read", TRUE, FALSE},
	{"Calendars.ReadWrite", TRUE, FALSE},
	{"Contacts.Read", TRUE, FALSE},
	{"Contacts.Read.Shared", FALSE, FALSE},
	{"Contacts.ReadWrite", TRUE, FALSE},
	{"Contacts.ReadWrite.Shared", FALSE, FALSE},
	{"Directory.ReadWrite.All", FALSE, TRUE},
	{"Mail-Advanced.ReadWrite", FALSE, TRUE},
	{"Mail.Read", TRUE, FALSE},
	{"Mail.Read.Shared", FALSE, FALSE},
	{"Mail.ReadBasic", TRUE, FALSE},
	{"Mail.ReadWrite", TRUE, FALSE},
	{"Mail.ReadWrite.Shared", FALSE, FALSE},
	{"Mail.Send", TRUE, FALSE},
	{"Mail.Send.Shared", FALSE, FALSE},
	{"MailboxFolder.Read", FALSE, FALSE},
	{"MailboxFolder.ReadWrite", FALSE, FALSE},
	{"MailboxSettings.Read", TRUE, FALSE},
	{"MailboxSettings.ReadWrite", TRUE, FALSE},
	{"MailTips.ReadBasic.Shared", TRUE, FALSE},
	{"People.Read", TRUE, FALSE},
	{"User.Read", TRUE, FALSE},
	{"User.Read.All", FALSE, TRUE},
	{"User.ReadBasic.All", FALSE, FALSE},
	{"User.ReadWrite", TRUE, FALSE},
};

/* What the invented registration lists, for `.default`. */
static const char *const REGISTERED[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};

void
sim_scopes_clear(SimScopes *self)
{
	g_clear_pointer(&self->names, g_strfreev);
}

gboolean
sim_scopes_contain(char **names, const char *name)
{
	for (; *names != NULL; names++)
		if (g_ascii_strcasecmp(*names, name) == 0)
			return TRUE;
	return FALSE;
}

static const char *
find_openid(const char *name)
{
	for (guint i = 0; OPENID[i] != NULL; i++)
		if (g_ascii_strcasecmp(OPENID[i], name) == 0)
			return OPENID[i];
	return NULL;
}

static int
find_graph(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(GRAPH); i++)
		if (g_ascii_strcasecmp(GRAPH[i].name, name) == 0)
			return i;
	return -1;
}

static gboolean
refuse(SimScopeError *error, const char *word, guint code, const char *reference, char *message)
{
	error->error = word;
	error->code = code;
	error->reference = reference;
	error->message = message;
	return FALSE;
}

/* Splits `{resource}/Name`. FALSE when the resource is not this Graph. */
static gboolean
strip_resource(const char *scope, const char *origin, const char **name)
{
	gsize length = strlen(origin);

	*name = scope;
	if (strstr(scope, "://") == NULL)
		return TRUE;
	if (g_ascii_strncasecmp(scope, origin, length) != 0 || scope[length] != '/')
		return FALSE;
	*name = scope + length + 1;
	return TRUE;
}

static void
add(GPtrArray *names, const char *name)
{
	for (guint i = 0; i < names->len; i++)
		if (g_str_equal(g_ptr_array_index(names, i), name))
			return;
	g_ptr_array_add(names, g_strdup(name));
}

gboolean
sim_scopes_parse(const char *text, const char *origin, SimScopes *scopes, SimScopeError *error)
{
	g_auto(GStrv) parts = g_strsplit(text, " ", -1);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *foreign = NULL;
	gboolean defaults = FALSE;
	gboolean named = FALSE;

	scopes->qualified = FALSE;
	for (char **part = parts; *part != NULL; part++) {
		const char *name;
		int known;

		if (**part == '\0')
			continue;
		if (!strip_resource(*part, origin, &name)) {
			foreign = *part;
			continue;
		}
		if (name != *part)
			scopes->qualified = TRUE;
		else if (find_openid(name) != NULL) {
			add(names, find_openid(name));
			continue;
		}
		if (g_str_equal(name, ".default")) {
			defaults = TRUE;
			continue;
		}
		known = find_graph(name);
		if (known < 0)
			return refuse(error, "invalid_client", 650053, "OAUTH.md 9b",
				      g_strdup_printf("The application asked for scope '%s' that doesn't exist on the "
						      "resource '00000003-0000-0000-c000-000000000000'.",
						      name));
		add(names, GRAPH[known].name);
		named = TRUE;
	}
	if (foreign != NULL && (named || defaults))
		return refuse(error, "invalid_request", 28002, "OAUTH.md 6",
			      g_strdup_printf("Provided value for the input parameter scope '%s' is not valid when "
					      "requesting an access token for another resource.",
					      foreign));
	if (foreign != NULL)
		return refuse(error, "invalid_resource", 500011, "OAUTH.md 9b",
			      g_strdup_printf("The resource principal of '%s' was not found in the tenant.", foreign));
	if (defaults && named)
		return refuse(error, "invalid_scope", 70011, "OAUTH.md 6",
			      g_strdup(".default can't be combined with resource-specific scopes."));
	for (guint i = 0; defaults && REGISTERED[i] != NULL; i++)
		add(names, REGISTERED[i]);
	if (names->len == 0)
		return refuse(error, "invalid_request", 900144, "OAUTH.md 4.1",
			      g_strdup("The request body must contain the following parameter: 'scope'."));
	g_ptr_array_add(names, NULL);
	scopes->names = (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
	return TRUE;
}

char *
sim_scopes_describe(char **names, gboolean qualified, const char *origin)
{
	GString *text = g_string_new(NULL);

	for (; *names != NULL; names++) {
		if (g_str_equal(*names, "offline_access"))
			continue;
		if (text->len > 0)
			g_string_append_c(text, ' ');
		if (qualified && find_openid(*names) == NULL)
			g_string_append_printf(text, "%s/", origin);
		g_string_append(text, *names);
	}
	return g_string_free(text, FALSE);
}

const char *
sim_scopes_find_restricted(char **names)
{
	for (; *names != NULL; names++) {
		int known = find_graph(*names);

		if (known >= 0 && GRAPH[known].restricted)
			return GRAPH[known].name;
	}
	return NULL;
}

char **
sim_scopes_for_personal(char **names)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (; *names != NULL; names++) {
		int known = find_graph(*names);

		if (known < 0 || GRAPH[known].personal)
			g_strv_builder_add(builder, *names);
	}
	return g_strv_builder_end(builder);
}
