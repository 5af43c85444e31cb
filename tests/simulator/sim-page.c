/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-page.h"

#include "sim-oauth-error.h"

static GString *
begin(const char *title)
{
	GString *page = g_string_new("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");

	g_string_append(page, title);
	g_string_append(page, "</title></head><body>\n");
	return page;
}

/* @format holds trusted HTML; every argument is escaped. */
G_GNUC_PRINTF(2, 3)
static void
append(GString *page, const char *format, ...)
{
	va_list arguments;
	g_autofree char *text = NULL;

	va_start(arguments, format);
	text = g_markup_vprintf_escaped(format, arguments);
	va_end(arguments);
	g_string_append(page, text);
}

/* Takes @page. */
static void
end(SimResponse *response, guint status, GString *page)
{
	g_string_append(page, "</body></html>\n");
	sim_response_set_text(response, status, "text/html; charset=utf-8", page->str);
	soup_message_headers_replace(response->headers, "Cache-Control", "no-store, no-cache");
	soup_message_headers_replace(response->headers, "Referrer-Policy", "strict-origin-when-cross-origin");
	g_string_free(page, TRUE);
}

void
sim_page_set_error(SimResponse *response, guint code, const char *message, const char *reference)
{
	GString *page = begin("Sign in to your account");
	g_autofree char *description = sim_oauth_error_describe(code, message);

	g_string_append(page, "<h1>Sorry, but we’re having trouble signing you in.</h1>\n");
	append(page, "<pre>%s</pre>\n", description);
	end(response, 400, page);
	g_free(response->refusal);
	response->refusal = g_strdup_printf("AADSTS%u: %s (%s)", code, message, reference);
}

void
sim_page_set_notice(SimResponse *response, const char *title, const char *text)
{
	GString *page = begin("Sign in to your account");

	append(page, "<h1>%s</h1>\n<p>%s</p>\n", title, text);
	end(response, 200, page);
}

void
sim_page_set_consent(SimResponse *response, const char *action, const char *const *hidden, gboolean user_code,
		     char **accounts, const char *chosen, char **scopes)
{
	GString *page = begin("Permissions requested");

	g_string_append(page, "<h1>Permissions requested</h1>\n<p>This is a simulated tenant.</p>\n");
	if (scopes != NULL) {
		g_string_append(page, "<ul>\n");
		for (char **scope = scopes; *scope != NULL; scope++)
			append(page, "<li>%s</li>\n", *scope);
		g_string_append(page, "</ul>\n");
	}
	append(page, "<form method=\"post\" action=\"%s\">\n", action);
	for (; *hidden != NULL; hidden += 2)
		append(page, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", hidden[0], hidden[1]);
	if (user_code)
		g_string_append(page, "<p><label>Code <input type=\"text\" name=\"otc\"></label></p>\n");
	g_string_append(page, "<p><label>Account <select name=\"account\">\n");
	for (char **account = accounts; *account != NULL; account++)
		append(page,
		       chosen != NULL && g_ascii_strcasecmp(*account, chosen) == 0
			       ? "<option value=\"%s\" selected>%s</option>\n"
			       : "<option value=\"%s\">%s</option>\n",
		       *account, *account);
	g_string_append(page, "</select></label></p>\n"
			      "<p><input type=\"submit\" name=\"accept\" value=\"Accept\">\n"
			      "<input type=\"submit\" name=\"cancel\" value=\"Cancel\"></p>\n</form>\n");
	end(response, 200, page);
}

void
sim_page_set_form_post(SimResponse *response, const char *action, GPtrArray *fields)
{
	GString *page = begin("Working...");

	append(page, "<form method=\"post\" name=\"hiddenform\" action=\"%s\">\n", action);
	for (guint i = 0; i < fields->len; i++) {
		const SimParameter *field = g_ptr_array_index(fields, i);

		append(page, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", field->name, field->value);
	}
	g_string_append(page, "<noscript><p>Script is disabled. Click Submit to continue.</p>"
			      "<input type=\"submit\" value=\"Submit\"></noscript>\n</form>\n"
			      "<script>document.forms[0].submit();</script>\n");
	end(response, 200, page);
}
