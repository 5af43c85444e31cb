/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-guide.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#define PAGE "register.html"

static const OutlookGuideStep steps[] = {
	{N_("Begin a registration"),
	 N_("Sign in to the Azure portal, https://portal.azure.com, and open App registrations ▸ New registration. The "
	    "cloud of the US Government has https://portal.azure.us, the one in China https://portal.azure.cn."),
	 N_("Any name will do, for example Claws Mail.")},
	{N_("Choose who may sign in"),
	 N_("Under “Supported account types”, your own organization alone is the dependable choice. If people of other "
	    "organizations or with personal accounts are to sign in as well, choose that, and leave the tenant ID of "
	    "the "
	    "form empty; if personal accounts alone are, the tenant ID is the word consumers."),
	 NULL},
	{N_("Enter the redirect URI"),
	 N_("Choose the platform “Public client/native (mobile & desktop)”, or “Web” if your organization wants a "
	    "client "
	    "secret. “Single-page application” does not work. Then press “Register”."),
	 N_("Copy the redirect URI of the form, http://localhost, to the field beside the platform. It needs no "
	    "port.")},
	{N_("Copy the IDs"), N_("The overview of the new registration shows them."),
	 N_("Copy “Application (client) ID” to the field of the same name. If only your organization may sign in, copy "
	    "“Directory (tenant) ID” to “Tenant ID”.")},
	{N_("For the platform “Web” only: make a client secret"),
	 N_("Open Certificates & secrets ▸ Client secrets ▸ New client secret. It expires after 24 months at most; "
	    "note "
	    "the day, because from then on nobody can sign in until a new one is entered here."),
	 N_("Copy its “Value”, not its “Secret ID”, to “Client secret”. The value is shown only once.")},
	{N_("For computers without a browser only: allow public client flows"),
	 N_("Open Authentication and set “Allow public client flows” to “Yes”. Only signing in with a code needs it."),
	 NULL},
	{N_("Add the permissions"),
	 N_("Open API permissions ▸ Add a permission ▸ Microsoft Graph ▸ Delegated permissions, and tick openid, "
	    "profile, "
	    "offline_access and those that are chosen in the form: usually User.Read, Mail.ReadWrite and Mail.Send. "
	    "MailFolders.Read and MailFolders.ReadWrite, which some guides name, do not exist."),
	 NULL},
	{N_("Grant them"),
	 N_("An administrator agrees for everybody with “Grant admin consent”. Otherwise each person is asked at the "
	    "first "
	    "sign-in, where the organization allows that."),
	 NULL},
	{N_("Sign in"), N_("Come back to the form, check it, and press “Sign in”."), NULL},
	{NULL, NULL, NULL},
};

static const char style[] = "body{font-family:sans-serif;line-height:1.5;max-width:45em;margin:2em auto;padding:0 1em;"
			    "color-scheme:light dark}"
			    "li{margin-bottom:1em}.copy{border-left:.25em solid;padding-left:.75em}";

const OutlookGuideStep *
outlook_guide_list(void)
{
	return steps;
}

/* The length of the web address at @text; a full stop or comma behind it, of any script, belongs to the sentence. */
static gsize
address_length(const char *text)
{
	gsize length = 0;

	while (g_ascii_isgraph(text[length]) && strchr("<>\"", text[length]) == NULL)
		length++;
	while (length > 0 && strchr(".,;:)", text[length - 1]) != NULL)
		length--;
	return length;
}

char *
outlook_guide_to_markup(const char *text)
{
	g_autoptr(GString) markup = g_string_new(NULL);

	while (*text != '\0') {
		const char *address = strstr(text, "https://");
		g_autofree char *before = g_markup_escape_text(text, address != NULL ? address - text : -1);

		g_string_append(markup, before);
		if (address == NULL)
			break;
		text = address + address_length(address);
		g_string_append_printf(markup, "<a href=\"%.*s\">%.*s</a>", (int)(text - address), address,
				       (int)(text - address), address);
	}
	return g_string_free(g_steal_pointer(&markup), FALSE);
}

static void
append_element(GString *html, const char *element, const char *attributes, const char *text)
{
	g_autofree char *markup = outlook_guide_to_markup(text);

	g_string_append_printf(html, "<%s%s>%s</%s>\n", element, attributes, markup, element);
}

char *
outlook_guide_to_html(void)
{
	g_autoptr(GString) html = g_string_new("<!DOCTYPE html>\n");

	/* Translators: the code of the language that you translate to, as in <html lang="en"> */
	g_string_append_printf(html, "<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", C_("language", "en"));
	append_element(html, "title", "", _("Register an application for Outlook accounts"));
	g_string_append_printf(html, "<style>%s</style>\n</head>\n<body>\n", style);
	append_element(html, "h1", "", _("Register an application for Outlook accounts"));
	append_element(
		html, "p", "",
		_("Microsoft gives mail only to registered applications. Your organization may have a registration for "
		  "you; otherwise, make one. It takes a few minutes and costs nothing."));
	g_string_append(html, "<ol>\n");
	for (const OutlookGuideStep *step = steps; step->title != NULL; step++) {
		g_string_append(html, "<li>\n");
		append_element(html, "h2", "", _(step->title));
		append_element(html, "p", "", _(step->text));
		if (step->copy != NULL)
			append_element(html, "p", " class=\"copy\"", _(step->copy));
		g_string_append(html, "</li>\n");
	}
	g_string_append(html, "</ol>\n</body>\n</html>\n");
	return g_string_free(g_steal_pointer(&html), FALSE);
}

char *
outlook_guide_to_markdown(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint number = 0;

	for (const OutlookGuideStep *step = steps; step->title != NULL; step++) {
		g_string_append_printf(text, "%u. **%s.** %s", ++number, _(step->title), _(step->text));
		if (step->copy != NULL)
			g_string_append_printf(text, " %s", _(step->copy));
		g_string_append_c(text, '\n');
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

char *
outlook_guide_write_page(const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, PAGE, NULL);
	g_autofree char *html = outlook_guide_to_html();

	if (g_mkdir_with_parents(directory, 0700) != 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    _("The guide cannot be written to %s: %s"), directory, g_strerror(errno));
		return NULL;
	}
	if (!g_file_set_contents(path, html, -1, error))
		return NULL;
	return g_filename_to_uri(path, NULL, error);
}
