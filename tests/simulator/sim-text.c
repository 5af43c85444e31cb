/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-text.h"

#include <string.h>

#define PREVIEW_LENGTH 255

char *
sim_text_clean(const char *bytes, gssize length)
{
	GString *clean = g_string_new(NULL);
	gsize size = length < 0 ? strlen(bytes) : (gsize)length;
	g_autofree char *converted = NULL;

	if (!g_utf8_validate_len(bytes, size, NULL) && memchr(bytes, 0, size) == NULL) {
		gsize written = 0;

		converted = g_convert_with_fallback(bytes, (gssize)size, "UTF-8", "WINDOWS-1252", "\xef\xbf\xbd", NULL,
						    &written, NULL);
		if (converted != NULL) {
			bytes = converted;
			size = written;
		}
	}
	while (size > 0) {
		gunichar c = g_utf8_get_char_validated(bytes, (gssize)size);
		gsize step = 1;

		if (c == 0 || c == (gunichar)-1 || c == (gunichar)-2) {
			if (c != 0)
				g_string_append_unichar(clean, 0xfffd);
		} else {
			step = (gsize)g_unichar_to_utf8(c, NULL);
			g_string_append_len(clean, bytes, (gssize)step);
		}
		bytes += step;
		size -= step;
	}
	return g_string_free(clean, FALSE);
}

static const char *
skip_element(const char *c, const char *name)
{
	g_autofree char *end = g_strdup_printf("</%s", name);

	for (; *c != '\0'; c++) {
		if (g_ascii_strncasecmp(c, end, strlen(end)) == 0)
			return c;
	}
	return c;
}

static const char *
append_entity(GString *text, const char *c)
{
	static const struct {
		const char *name;
		gunichar character;
	} entities[] = {{"&amp;", '&'},	 {"&lt;", '<'},	   {"&gt;", '>'},
			{"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}};

	for (guint i = 0; i < G_N_ELEMENTS(entities); i++) {
		if (g_str_has_prefix(c, entities[i].name)) {
			g_string_append_unichar(text, entities[i].character);
			return c + strlen(entities[i].name);
		}
	}
	if (c[1] == '#') {
		gboolean hex = c[2] == 'x' || c[2] == 'X';
		char *end = NULL;
		guint64 number = g_ascii_strtoull(c + 2 + hex, &end, hex ? 16 : 10);

		if (*end == ';' && number > 0 && g_unichar_validate((gunichar)number) && number <= 0x10ffff) {
			g_string_append_unichar(text, (gunichar)number);
			return end + 1;
		}
	}
	g_string_append_c(text, '&');
	return c + 1;
}

char *
sim_text_from_html(const char *html)
{
	static const char *silent[] = {"style", "script", "head", "title"};
	GString *text = g_string_new(NULL);
	const char *c = html;

	while (*c != '\0') {
		if (*c == '&') {
			c = append_entity(text, c);
			continue;
		}
		if (*c != '<') {
			g_string_append_c(text, *c++);
			continue;
		}
		for (guint i = 0; i < G_N_ELEMENTS(silent); i++) {
			gsize length = strlen(silent[i]);

			if (g_ascii_strncasecmp(c + 1, silent[i], length) == 0 && !g_ascii_isalnum(c[1 + length])) {
				c = skip_element(c + 1, silent[i]);
				break;
			}
		}
		if (g_ascii_strncasecmp(c, "<br", 3) == 0 || g_ascii_strncasecmp(c, "</p", 3) == 0 ||
		    g_ascii_strncasecmp(c, "</div", 5) == 0 || g_ascii_strncasecmp(c, "</tr", 4) == 0)
			g_string_append(text, "\r\n");
		while (*c != '\0' && *c != '>')
			c++;
		if (*c == '>')
			c++;
	}
	return g_string_free(text, FALSE);
}

char *
sim_text_to_html(const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);
	g_auto(GStrv) lines = g_strsplit(escaped, "\n", -1);
	g_autofree char *joined = g_strjoinv("<br>\n", lines);

	return g_strdup_printf("<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">"
			       "</head><body>%s</body></html>",
			       joined);
}

char *
sim_text_preview(const char *text, gboolean html)
{
	g_autofree char *plain = html ? sim_text_from_html(text) : g_strdup(text);
	GString *preview = g_string_new(NULL);
	gboolean blank = FALSE;
	guint n = 0;

	for (const char *c = plain; *c != '\0' && n < PREVIEW_LENGTH; c = g_utf8_next_char(c)) {
		gunichar character = g_utf8_get_char(c);

		if (g_unichar_isspace(character)) {
			blank = n > 0;
			continue;
		}
		if (blank && n + 1 < PREVIEW_LENGTH) {
			g_string_append_c(preview, ' ');
			n++;
		}
		blank = FALSE;
		g_string_append_unichar(preview, character);
		n++;
	}
	return g_string_free(preview, FALSE);
}

char *
sim_text_format_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

	return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("0001-01-01T00:00:00Z");
}

gboolean
sim_text_is_base64(const char *text, gsize length, gboolean cut)
{
	gsize n = 0, padding = 0;

	for (gsize i = 0; i < length; i++) {
		if (g_ascii_isspace(text[i]))
			continue;
		if (text[i] == '=')
			padding++;
		else if (padding > 0 || (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/'))
			return FALSE;
		n++;
	}
	return (n % 4 == 0 && padding <= 2) || (cut && padding == 0 && n % 4 > 1);
}

gboolean
sim_text_parse_time(const char *text, gint64 *seconds)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = NULL;

	if (strlen(text) == strlen("2026-01-31")) {
		g_autofree char *whole = g_strconcat(text, "T00:00:00Z", NULL);

		time = g_date_time_new_from_iso8601(whole, utc);
	} else {
		time = g_date_time_new_from_iso8601(text, utc);
	}
	if (time == NULL)
		return FALSE;
	*seconds = g_date_time_to_unix(time);
	return TRUE;
}

guint64
sim_text_hash(const char *text)
{
	guint64 hash = 1469598103934665603u;

	for (; *text != '\0'; text++)
		hash = (hash ^ (guint8)*text) * 1099511628211u;
	return hash;
}
