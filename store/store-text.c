/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-text.h"

#include <string.h>

/* Besides the controls: line and paragraph separators, and the marks that turn the direction of what follows. */
static gboolean
is_unwanted(gunichar c)
{
	return g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static gboolean
is_clean(const char *text)
{
	for (const guchar *p = (const guchar *)text; *p != '\0'; p++) {
		if (*p < 0x20 || *p >= 0x7f)
			return FALSE;
	}
	return TRUE;
}

char *
store_text_clean(const char *text)
{
	g_autofree char *valid = NULL;
	GString *clean;

	if (text == NULL || is_clean(text))
		return g_strdup(text);
	valid = g_utf8_make_valid(text, -1);
	clean = g_string_sized_new(strlen(valid));
	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (!is_unwanted(c))
			g_string_append_unichar(clean, c);
		else if (c < 0x80 && clean->len > 0 && clean->str[clean->len - 1] != ' ')
			g_string_append_c(clean, ' ');
	}
	return g_string_free(clean, FALSE);
}

char *
store_text_join(const char *const *categories)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; categories != NULL && categories[i] != NULL; i++) {
		g_autofree char *category = store_text_clean(categories[i]);

		if (*category == '\0')
			continue;
		if (text->len > 0)
			g_string_append_c(text, '\n');
		g_string_append(text, category);
	}
	return g_string_free(text, FALSE);
}

char **
store_text_split(const char *text)
{
	if (text == NULL || *text == '\0')
		return g_new0(char *, 1);
	return g_strsplit(text, "\n", -1);
}
