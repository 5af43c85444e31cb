/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-scope.h"

#include <string.h>

/* SCOPES.md 3: a permission, and what it includes */
static const struct {
	const char *holder;
	const char *included;
} inclusions[] = {
	{"Mail.Read", "Mail.ReadBasic"},
	{"Mail.ReadWrite", "Mail.Read"},
	{"Mail.ReadWrite", "Mail.ReadBasic"},
	{"Mail.Read.Shared", "Mail.Read"},
	{"Mail.Read.Shared", "Mail.ReadBasic"},
	{"Mail.ReadWrite.Shared", "Mail.Read.Shared"},
	{"Mail.ReadWrite.Shared", "Mail.ReadWrite"},
	{"Mail.ReadWrite.Shared", "Mail.Read"},
	{"Mail.ReadWrite.Shared", "Mail.ReadBasic"},
	{"Mail.Send.Shared", "Mail.Send"},
	{"MailboxSettings.ReadWrite", "MailboxSettings.Read"},
	{"Contacts.ReadWrite", "Contacts.Read"},
	{"Contacts.Read.Shared", "Contacts.Read"},
	{"Contacts.ReadWrite.Shared", "Contacts.Read.Shared"},
	{"Contacts.ReadWrite.Shared", "Contacts.ReadWrite"},
	{"Contacts.ReadWrite.Shared", "Contacts.Read"},
};

static const char *
strip_root(const char *name, const char *graph_origin)
{
	gsize length = strlen(graph_origin);

	if (g_ascii_strncasecmp(name, graph_origin, length) == 0 && name[length] == '/')
		return name + length + 1;
	return name;
}

gboolean
oauth_scope_includes(const char *holder, const char *name)
{
	if (g_ascii_strcasecmp(holder, name) == 0)
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(inclusions); i++) {
		if (g_ascii_strcasecmp(inclusions[i].holder, holder) == 0 &&
		    g_ascii_strcasecmp(inclusions[i].included, name) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_same(const char *one, const char *other)
{
	return g_ascii_strcasecmp(one, other) == 0;
}

static gboolean
any_matches(const char *granted, const char *graph_origin, const char *short_name,
	    gboolean (*matches)(const char *holder, const char *name))
{
	g_auto(GStrv) names = g_strsplit_set(granted != NULL ? granted : "", " \t\r\n", -1);

	for (guint i = 0; names[i] != NULL; i++) {
		if (*names[i] != '\0' &&
		    matches(strip_root(names[i], graph_origin), strip_root(short_name, graph_origin)))
			return TRUE;
	}
	return FALSE;
}

gboolean
oauth_scope_covers(const char *granted, const char *graph_origin, const char *short_name)
{
	return any_matches(granted, graph_origin, short_name, oauth_scope_includes);
}

gboolean
oauth_scope_names(const char *granted, const char *graph_origin, const char *short_name)
{
	return any_matches(granted, graph_origin, short_name, is_same);
}
