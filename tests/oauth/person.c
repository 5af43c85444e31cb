/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "person.h"

#include <string.h>

#include <libsoup/soup.h>

#include "simulator.h"

/* (nullable): the body; %NULL when there was no answer */
static char *
load(SoupMessage *message)
{
	g_autoptr(SoupSession) browser = soup_session_new_with_options("timeout", 60, NULL);
	g_autoptr(GBytes) body = NULL;

	soup_session_set_proxy_resolver(browser, NULL);
	soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
	body = soup_session_send_and_read(browser, message, NULL, NULL);
	return body != NULL ? g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body)) : NULL;
}

static char *
get(const char *uri)
{
	g_autoptr(SoupMessage) message = soup_message_new("GET", uri);

	return load(message);
}

static char *
unescape(const char *text, gsize length)
{
	GString *value = g_string_new_len(text, length);

	g_string_replace(value, "&lt;", "<", 0);
	g_string_replace(value, "&gt;", ">", 0);
	g_string_replace(value, "&quot;", "\"", 0);
	g_string_replace(value, "&apos;", "'", 0);
	g_string_replace(value, "&#39;", "'", 0);
	g_string_replace(value, "&amp;", "&", 0);
	return g_string_free(value, FALSE);
}

/* (nullable): the value of the first attribute that follows @mark, as a browser would read it */
static char *
find_value(const char *page, const char *mark)
{
	const char *start = strstr(page, mark);

	if (start == NULL)
		return NULL;
	start += strlen(mark);
	return unescape(start, strcspn(start, "\""));
}

/* All hidden fields of a page, as a form */
static char *
encode_hidden(const char *page)
{
	static const char mark[] = "<input type=\"hidden\" name=\"";
	GString *form = g_string_new(NULL);

	for (const char *at = strstr(page, mark); at != NULL; at = strstr(at + 1, mark)) {
		g_autofree char *name = find_value(at, mark);
		g_autofree char *value = find_value(at, "value=\"");
		g_autofree char *pair = soup_form_encode(name, value, NULL);

		if (form->len > 0)
			g_string_append_c(form, '&');
		g_string_append(form, pair);
	}
	return g_string_free(form, FALSE);
}

/* What a page of the tenant says went wrong */
static char *
find_error(const char *page)
{
	const char *start = strstr(page, "<pre>");
	const char *end = start != NULL ? strstr(start, "</pre>") : NULL;

	return end != NULL ? unescape(start + strlen("<pre>"), end - start - strlen("<pre>")) : NULL;
}

static char *
make_absolute(const char *uri, const char *action)
{
	return g_uri_resolve_relative(uri, action, G_URI_FLAGS_ENCODED, NULL);
}

PersonAnswer *
person_visit(const char *uri, const char *address, const char *button)
{
	PersonAnswer *self = g_new0(PersonAnswer, 1);
	g_autofree char *page = get(uri);
	g_autofree char *ticket = NULL;
	g_autofree char *action = NULL;

	g_assert_nonnull(page);
	ticket = find_value(page, "name=\"ticket\" value=\"");
	action = find_value(page, "action=\"");
	if (ticket != NULL) {
		g_autofree char *target = make_absolute(uri, action);
		g_autoptr(SoupMessage) message = soup_message_new_from_encoded_form(
			"POST", target, soup_form_encode("ticket", ticket, "account", address, button, button, NULL));

		g_free(page);
		page = load(message);
		g_free(action);
		action = find_value(page, "action=\"");
	}
	self->page = find_error(page);
	if (action != NULL && self->page == NULL) {
		self->redirect = g_steal_pointer(&action);
		self->form = encode_hidden(page);
	}
	return self;
}

void
person_answer_free(PersonAnswer *self)
{
	g_free(self->page);
	g_free(self->redirect);
	g_free(self->form);
	g_free(self);
}

guint
person_deliver(const PersonAnswer *answer, char **text)
{
	g_autoptr(SoupMessage) message = NULL;
	g_autofree char *shown = NULL;

	g_assert_nonnull(answer->redirect);
	message = soup_message_new_from_encoded_form("POST", answer->redirect, g_strdup(answer->form));
	shown = load(message);
	if (shown == NULL)
		return 0;
	if (text != NULL)
		*text = g_steal_pointer(&shown);
	return soup_message_get_status(message);
}

gpointer
person_agree(gpointer uri)
{
	g_autofree char *owned = uri;
	g_autoptr(PersonAnswer) answer = person_visit(owned, SIMULATOR_USER, "accept");

	g_assert_cmpuint(person_deliver(answer, NULL), ==, 200);
	return NULL;
}
