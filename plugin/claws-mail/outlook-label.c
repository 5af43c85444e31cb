/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-label.h"

#include <string.h>

#include "store-text.h"

#define DIVISION_SLASH 0x2215

const char *
outlook_label_for_role(StoreRole role)
{
	switch (role) {
	case STORE_ROLE_INBOX:
		return "Inbox";
	case STORE_ROLE_DRAFTS:
		return "Drafts";
	case STORE_ROLE_SENT:
		return "Sent Items";
	case STORE_ROLE_TRASH:
		return "Deleted Items";
	case STORE_ROLE_JUNK:
		return "Junk Email";
	case STORE_ROLE_ARCHIVE:
		return "Archive";
	case STORE_ROLE_NONE:
	default:
		return NULL;
	}
}

char *
outlook_label_from_name(const char *name)
{
	g_autofree char *valid = g_utf8_make_valid(name != NULL ? name : "", -1);
	GString *label = g_string_new(NULL);

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == '/')
			c = DIVISION_SLASH;
		else if (g_unichar_iscntrl(c))
			c = ' ';
		g_string_append_unichar(label, c);
	}
	g_strstrip(label->str);
	label->len = strlen(label->str);
	if (label->len == 0 || strcmp(label->str, ".") == 0 || strcmp(label->str, "..") == 0)
		g_string_assign(label, "_");
	return g_string_free(label, FALSE);
}

char *
outlook_label_read_name(const char *given, const char *current)
{
	g_autofree char *name = g_strstrip(store_text_clean(given));

	/* The server has names with blanks at their ends, which a person leaves as they are. */
	if (g_strcmp0(given, current) == 0 || g_strcmp0(name, current) == 0)
		return NULL;
	return g_steal_pointer(&name);
}

/* `Work (2)` is a numbered `Work`. */
static gboolean
is_numbered(const char *label, const char *base)
{
	const char *rest;
	guint64 number;
	char *end;

	if (!g_str_has_prefix(label, base))
		return FALSE;
	rest = label + strlen(base);
	if (!g_str_has_prefix(rest, " (") || !g_ascii_isdigit(rest[2]))
		return FALSE;
	number = g_ascii_strtoull(rest + 2, &end, 10);
	return number >= 2 && strcmp(end, ")") == 0;
}

char *
outlook_label_make_unique(const char *wanted, const char *current, GHashTable *taken)
{
	g_autofree char *label = NULL;

	if (current != NULL && !g_hash_table_contains(taken, current) &&
	    (strcmp(current, wanted) == 0 || is_numbered(current, wanted)))
		label = g_strdup(current);
	else
		label = g_strdup(wanted);
	for (guint i = 2; g_hash_table_contains(taken, label); i++) {
		g_free(label);
		label = g_strdup_printf("%s (%u)", wanted, i);
	}
	g_hash_table_add(taken, g_strdup(label));
	return g_steal_pointer(&label);
}
