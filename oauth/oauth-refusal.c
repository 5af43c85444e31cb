/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-refusal.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-aadsts.h"
#include "oauth-json.h"

#define MAX_CLAIMS (16 * 1024)
#define MAX_WORD 64

/* What a server writes is shown to people only as far as it is a plain word. */
static char *
clean(const char *text)
{
	GString *word;

	if (text == NULL)
		return NULL;
	word = g_string_new(NULL);
	for (; *text != '\0' && word->len < MAX_WORD; text++) {
		if (g_ascii_isalnum(*text) || strchr("_-.: ", *text) != NULL)
			g_string_append_c(word, *text);
	}
	if (word->len == 0) {
		g_string_free(word, TRUE);
		return NULL;
	}
	return g_string_free(word, FALSE);
}

gboolean
oauth_refusal_check_claims(const char *claims)
{
	g_autoptr(JsonObject) object = NULL;

	if (claims == NULL || strlen(claims) > MAX_CLAIMS)
		return FALSE;
	object = oauth_json_parse(claims, strlen(claims));
	return object != NULL;
}

/* `AADSTS…: …\r\nTrace ID: …\r\nCorrelation ID: …\r\nTimestamp: …`: what stands behind @name */
static char *
find_line(const char *description, const char *name)
{
	const char *start = description != NULL ? strstr(description, name) : NULL;
	g_autofree char *line = NULL;

	if (start == NULL)
		return NULL;
	start += strlen(name);
	line = g_strndup(start, strcspn(start, "\r\n"));
	return clean(g_strstrip(line));
}

OauthRefusal *
oauth_refusal_new(const char *error, const char *suberror, const char *description)
{
	OauthRefusal *self = g_new0(OauthRefusal, 1);

	self->error = clean(error);
	if (self->error == NULL)
		self->error = g_strdup("unknown_error");
	self->suberror = clean(suberror);
	self->code = oauth_aadsts_find(description);
	self->trace_id = find_line(description, "Trace ID:");
	self->correlation_id = find_line(description, "Correlation ID:");
	self->timestamp = find_line(description, "Timestamp:");
	return self;
}

/* What has a member of its own is better than what stands in the description. */
static void
take_member(char **place, JsonObject *object, const char *member)
{
	char *value = clean(oauth_json_get_string(object, member));

	if (value == NULL)
		return;
	g_free(*place);
	*place = value;
}

static guint
first_code(JsonObject *object)
{
	JsonArray *codes = oauth_json_get_array(object, "error_codes");
	JsonNode *node = codes != NULL && json_array_get_length(codes) > 0 ? json_array_get_element(codes, 0) : NULL;
	gint64 code = node != NULL && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64
			      ? json_node_get_int(node)
			      : 0;

	return code > 0 && code < 100000000 ? (guint)code : 0;
}

OauthRefusal *
oauth_refusal_from_json(JsonObject *object)
{
	const char *error = oauth_json_get_string(object, "error");
	const char *claims = oauth_json_get_string(object, "claims");
	OauthRefusal *self;

	if (error == NULL)
		return NULL;
	self = oauth_refusal_new(error, oauth_json_get_string(object, "suberror"),
				 oauth_json_get_string(object, "error_description"));
	if (self->code == 0)
		self->code = first_code(object);
	take_member(&self->correlation_id, object, "correlation_id");
	take_member(&self->trace_id, object, "trace_id");
	take_member(&self->timestamp, object, "timestamp");
	if (oauth_refusal_check_claims(claims))
		self->claims = g_strdup(claims);
	return self;
}

void
oauth_refusal_free(OauthRefusal *self)
{
	if (self == NULL)
		return;
	g_free(self->error);
	g_free(self->suberror);
	g_free(self->claims);
	g_free(self->correlation_id);
	g_free(self->trace_id);
	g_free(self->timestamp);
	g_free(self);
}

/* OAUTH.md 7 */
static const struct {
	const char *error;
	OauthError step;
	const char *sentence;
} steps[] = {
	{"invalid_grant", OAUTH_ERROR_SIGN_IN_REQUIRED, N_("The sign-in is no longer valid. Sign in again.")},
	{"interaction_required", OAUTH_ERROR_SIGN_IN_REQUIRED, N_("The service wants you to sign in again.")},
	{"login_required", OAUTH_ERROR_SIGN_IN_REQUIRED, N_("The service wants you to sign in again.")},
	{"consent_required", OAUTH_ERROR_SIGN_IN_REQUIRED,
	 N_("The permissions were not granted. Sign in and accept them, or ask your administrator to.")},
	{"invalid_client", OAUTH_ERROR_CONFIGURATION,
	 N_("The service refused the client ID or the client secret. Check both in the settings.")},
	{"unauthorized_client", OAUTH_ERROR_CONFIGURATION,
	 N_("The app registration is unknown or not allowed to do this. Check the client ID and the tenant.")},
	{"invalid_request", OAUTH_ERROR_CONFIGURATION,
	 N_("The service did not accept the request. Check the tenant, the client ID and the app registration.")},
	{"unsupported_grant_type", OAUTH_ERROR_CONFIGURATION,
	 N_("The app registration does not allow this kind of sign-in.")},
	{"unsupported_response_type", OAUTH_ERROR_CONFIGURATION,
	 N_("The app registration does not allow this kind of sign-in.")},
	{"invalid_scope", OAUTH_ERROR_CONFIGURATION, N_("The service does not know one of the permissions.")},
	{"invalid_resource", OAUTH_ERROR_CONFIGURATION,
	 N_("The Graph server is not known in this directory. Check that the cloud is the right one.")},
	{"access_denied", OAUTH_ERROR_DENIED, N_("The sign-in was declined.")},
	{"authorization_declined", OAUTH_ERROR_DENIED, N_("The sign-in was declined.")},
	{"expired_token", OAUTH_ERROR_TIMED_OUT, N_("The code has expired. Start the sign-in again.")},
	{"code_expired", OAUTH_ERROR_TIMED_OUT, N_("The code has expired. Start the sign-in again.")},
	{"bad_verification_code", OAUTH_ERROR_FAILED, N_("The code has expired. Start the sign-in again.")},
	{"temporarily_unavailable", OAUTH_ERROR_UNAVAILABLE, N_("The sign-in service is busy. Try again later.")},
	{"server_error", OAUTH_ERROR_UNAVAILABLE, N_("The sign-in service has a problem. Try again later.")},
};

/* OAUTH.md 7: values with which a person can help */
static const char *const interactive[] = {
	"message_only",	  "additional_action", "basic_action", "user_password_expired", "consent_required", "bad_token",
	"ui_not_allowed", "interrupted_user",  NULL,
};

OauthError
oauth_refusal_get_step(const OauthRefusal *self)
{
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		if (g_str_equal(steps[i].error, self->error))
			return steps[i].step;
	}
	if (self->suberror != NULL && g_strv_contains(interactive, self->suberror))
		return OAUTH_ERROR_SIGN_IN_REQUIRED;
	return OAUTH_ERROR_FAILED;
}

gboolean
oauth_refusal_kills_token(const OauthRefusal *self)
{
	if (oauth_refusal_is_about_consent(self))
		return FALSE;
	return g_str_equal(self->error, "invalid_grant") || g_strcmp0(self->suberror, "bad_token") == 0;
}

gboolean
oauth_refusal_is_about_consent(const OauthRefusal *self)
{
	return g_str_equal(self->error, "consent_required") || g_strcmp0(self->suberror, "consent_required") == 0;
}

static const char *
get_sentence(const OauthRefusal *self)
{
	const char *hint = oauth_aadsts_hint(self->code);

	if (hint == NULL && g_strcmp0(self->suberror, "cancel") == 0)
		return _("The sign-in was cancelled.");
	for (guint i = 0; hint == NULL && i < G_N_ELEMENTS(steps); i++) {
		if (g_str_equal(steps[i].error, self->error))
			hint = _(steps[i].sentence);
	}
	return hint != NULL ? hint : _("The sign-in service refused the request.");
}

static char *
join_words(const OauthRefusal *self)
{
	return self->suberror != NULL ? g_strdup_printf("%s/%s", self->error, self->suberror) : g_strdup(self->error);
}

GError *
oauth_refusal_to_error(const OauthRefusal *self)
{
	g_autofree char *words = join_words(self);
	g_autoptr(GString) text = g_string_new(words);
	OauthErrorDetails details = {
		.sentence = (char *)get_sentence(self),
		.error = words,
		.code = self->code,
		.about_consent = oauth_refusal_is_about_consent(self),
		.correlation_id = self->correlation_id,
		.trace_id = self->trace_id,
		.timestamp = self->timestamp,
	};
	GError *error;

	if (self->code != 0)
		g_string_append_printf(text, ", AADSTS%u", self->code);
	if (self->correlation_id != NULL)
		g_string_append_printf(text, ", %s", self->correlation_id);
	if (self->timestamp != NULL)
		g_string_append_printf(text, ", %s", self->timestamp);
	/* Translators: a sentence, then what an administrator can look up. */
	error = g_error_new(OAUTH_ERROR, oauth_refusal_get_step(self), _("%s (Details: %s)"), details.sentence,
			    text->str);
	oauth_error_set_details(error, &details);
	return error;
}
