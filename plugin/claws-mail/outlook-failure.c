/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-failure.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "graph-error.h"
#include "oauth-consent.h"
#include "oauth-error.h"
#include "outlook-explain.h"

static void
add_line(GString *text, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (text->len > 0)
		g_string_append_c(text, '\n');
	g_string_append_printf(text, "%s: %s", name, value);
}

/* The names are the ones of the service's own pages, so that who helps finds them there. */
static char *
list_details(const OauthErrorDetails *details, const char *number)
{
	GString *text = g_string_new(number);

	add_line(text, "Error", details->error);
	add_line(text, "Correlation ID", details->correlation_id);
	add_line(text, "Trace ID", details->trace_id);
	add_line(text, "Timestamp", details->timestamp);
	return g_string_free(text, FALSE);
}

/* Without a number the `error` that steers says what may help. */
static void
choose_by_error(const GError *error, OauthRemedy *remedies)
{
	if (error->domain == GRAPH_ERROR) {
		if (error->code == GRAPH_ERROR_UNAVAILABLE)
			remedies[0] = OAUTH_REMEDY_RETRY;
		if (error->code == GRAPH_ERROR_UNAUTHORIZED || error->code == GRAPH_ERROR_NO_MAILBOX ||
		    error->code == GRAPH_ERROR_FORBIDDEN)
			remedies[0] = OAUTH_REMEDY_SIGN_IN;
		if (error->code == GRAPH_ERROR_NO_MAILBOX)
			remedies[1] = OAUTH_REMEDY_ADMINISTRATOR;
		if (error->code == GRAPH_ERROR_FORBIDDEN)
			remedies[1] = OAUTH_REMEDY_CONSENT;
		return;
	}
	if (error->domain != OAUTH_ERROR)
		return;
	switch ((OauthError)error->code) {
	case OAUTH_ERROR_SIGN_IN_REQUIRED:
	case OAUTH_ERROR_WRONG_ACCOUNT:
	case OAUTH_ERROR_TIMED_OUT:
		remedies[0] = OAUTH_REMEDY_SIGN_IN;
		break;
	case OAUTH_ERROR_DENIED:
		remedies[0] = OAUTH_REMEDY_SIGN_IN;
		remedies[1] = OAUTH_REMEDY_CONSENT;
		break;
	case OAUTH_ERROR_CONFIGURATION:
		remedies[0] = OAUTH_REMEDY_CLIENT_ID;
		remedies[1] = OAUTH_REMEDY_GUIDE;
		break;
	case OAUTH_ERROR_UNAVAILABLE:
	case OAUTH_ERROR_KEYRING:
	case OAUTH_ERROR_PROTOCOL:
		remedies[0] = OAUTH_REMEDY_RETRY;
		break;
	case OAUTH_ERROR_FAILED:
	default:
		break;
	}
}

OutlookFailure *
outlook_failure_new(const GError *error)
{
	const OauthErrorDetails *details = oauth_error_get_details(error);
	OutlookFailure *self;

	if (error != NULL && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return NULL;
	self = g_new0(OutlookFailure, 1);
	if (details == NULL && g_error_matches(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE)) {
		/* What is offered is the next step. */
		self->text = g_strdup(error->message);
	} else if (details == NULL) {
		self->text = outlook_explain(error);
	} else {
		self->text = g_strdup(details->sentence);
		if (details->code != 0)
			self->number = g_strdup_printf("AADSTS%u", details->code);
		self->details = list_details(details, self->number);
	}
	if ((details == NULL || !oauth_aadsts_get_remedies(details->code, self->remedies)) && error != NULL)
		choose_by_error(error, self->remedies);
	return self;
}

/* `Correlation ID: …` of a page, the value up to the first blank; only what such an id consists of */
static char *
find_id(const char *text, const char *name)
{
	const char *start = strstr(text, name);
	gsize length;

	if (start == NULL)
		return NULL;
	start += strlen(name);
	start += strspn(start, ": \t\r\n");
	length = strspn(start, "0123456789abcdefABCDEF-");
	return length > 0 ? g_strndup(start, MIN(length, 64)) : NULL;
}

static guint
find_number(const char *text)
{
	g_autofree char *trimmed = g_strstrip(g_strdup(text));
	guint code = oauth_aadsts_find(trimmed);
	g_autofree char *prefixed = NULL;

	if (code != 0)
		return code;
	prefixed = g_strconcat("AADSTS", trimmed, NULL);
	return oauth_aadsts_find(prefixed);
}

OutlookFailure *
outlook_failure_new_from_page(const char *text)
{
	guint code = find_number(text);
	const char *hint = oauth_aadsts_hint(code);
	g_autofree char *correlation_id = find_id(text, "Correlation ID");
	g_autofree char *trace_id = find_id(text, "Trace ID");
	OutlookFailure *self;
	GString *details;

	if (hint == NULL)
		return NULL;
	self = g_new0(OutlookFailure, 1);
	self->text = g_strdup(hint);
	self->number = g_strdup_printf("AADSTS%u", code);
	details = g_string_new(self->number);
	add_line(details, "Correlation ID", correlation_id);
	add_line(details, "Trace ID", trace_id);
	self->details = g_string_free(details, FALSE);
	oauth_aadsts_get_remedies(code, self->remedies);
	return self;
}

OutlookFailure *
outlook_failure_copy(const OutlookFailure *self)
{
	OutlookFailure *copy = g_memdup2(self, sizeof *self);

	copy->text = g_strdup(self->text);
	copy->number = g_strdup(self->number);
	copy->details = g_strdup(self->details);
	return copy;
}

void
outlook_failure_free(OutlookFailure *self)
{
	if (self == NULL)
		return;
	g_free(self->text);
	g_free(self->number);
	g_free(self->details);
	g_free(self);
}

const char *
outlook_failure_get_label(OauthRemedy remedy)
{
	switch (remedy) {
	case OAUTH_REMEDY_SIGN_IN:
		return _("Sign in _again");
	case OAUTH_REMEDY_RETRY:
		return _("_Try again");
	case OAUTH_REMEDY_GUIDE:
		return _("Show the _guide");
	case OAUTH_REMEDY_CONSENT:
		return _("Copy the _link for the administrator");
	case OAUTH_REMEDY_ADMINISTRATOR:
		return _("_Write to the administrator");
	case OAUTH_REMEDY_CLIENT_ID:
		return _("C_orrect the client ID");
	case OAUTH_REMEDY_SECRET:
		return _("C_orrect the client secret");
	case OAUTH_REMEDY_TENANT:
		return _("C_orrect the tenant");
	case OAUTH_REMEDY_CLOUD:
		return _("Ch_oose the cloud");
	case OAUTH_REMEDY_SCOPES:
		return _("Ch_oose the permissions");
	case OAUTH_REMEDY_REDIRECT:
		return _("Sh_ow the redirect address");
	case OAUTH_REMEDY_NONE:
	default:
		return NULL;
	}
}

static char *
build_mailto(const char *subject, const char *body)
{
	g_autofree char *encoded_subject = g_uri_escape_string(subject, NULL, TRUE);
	g_autofree char *encoded_body = g_uri_escape_string(body, NULL, TRUE);

	return g_strdup_printf("mailto:?subject=%s&body=%s", encoded_subject, encoded_body);
}

char *
outlook_failure_build_consent_mail(const OauthConfig *config)
{
	g_autofree char *uri = oauth_consent_build_admin_uri(config, NULL);
	g_autofree char *body = NULL;

	if (uri == NULL)
		return NULL;
	body = g_strdup_printf(
		_("Hello,\n\nI would like to read and send my mail with Claws Mail. For that an "
		  "administrator has to grant some permissions once, on this page:\n\n%s\n\nThe page shows "
		  "which ones. They let the program act for the person who signed in, and for nobody else. "
		  "If the browser cannot open an address that begins with http://localhost afterwards, all "
		  "is well: the permissions were granted before.\n"),
		uri);
	return build_mailto(_("Permissions for Claws Mail"), body);
}

char *
outlook_failure_build_mail(const OutlookFailure *self)
{
	g_autofree char *body =
		g_strdup_printf(_("Hello,\n\nI cannot sign in to my mailbox with Claws Mail. It says:\n\n"
				  "%s\n\n%s\n\nCan you help me?\n"),
				self->text, self->details != NULL ? self->details : "");

	return build_mailto(_("Signing in with Claws Mail"), body);
}
