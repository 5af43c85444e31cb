/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-http.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "oauth-error.h"

#define MAX_BODY (1024 * 1024)
#define IO_TIMEOUT 30				 /* seconds */
#define TOTAL_TIMEOUT (120 * G_TIME_SPAN_SECOND) /* for the body of one answer */
#define MAX_RETRY_AFTER 3600.0

void
oauth_answer_free(OauthAnswer *self)
{
	if (self == NULL)
		return;
	if (self->body != NULL)
		explicit_bzero(self->body, self->length);
	g_free(self->body);
	g_free(self);
}

double
oauth_http_parse_retry_after(const char *value, gint64 now)
{
	g_autoptr(GDateTime) date = NULL;
	double seconds;
	char *end;

	if (value == NULL)
		return -1;
	if (g_ascii_isdigit(*value) || *value == '.') {
		seconds = g_ascii_strtod(value, &end);
		if (*end == '\0' && isfinite(seconds))
			return CLAMP(seconds, 0, MAX_RETRY_AFTER);
	}
	date = soup_date_time_new_from_http_string(value);
	if (date == NULL)
		return -1;
	return CLAMP((double)(g_date_time_to_unix(date) - now), 0, MAX_RETRY_AFTER);
}

static void
wipe_bytes(gpointer data)
{
	char *text = data;

	explicit_bzero(text, strlen(text));
	g_free(text);
}

static GBytes *
encode_form(const char *const *form)
{
	GString *body = g_string_new(NULL);
	gsize length;
	char *text;

	for (guint i = 0; form[i] != NULL; i += 2) {
		char *pair;

		if (form[i + 1] == NULL)
			continue;
		pair = soup_form_encode(form[i], form[i + 1], NULL);
		if (body->len > 0)
			g_string_append_c(body, '&');
		g_string_append(body, pair);
		wipe_bytes(pair);
	}
	length = body->len;
	text = g_string_free(body, FALSE);
	return g_bytes_new_with_free_func(text, length, wipe_bytes, text);
}

static gboolean
read_body(GInputStream *stream, OauthAnswer *answer, GCancellable *cancellable, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + TOTAL_TIMEOUT;

	answer->body = g_malloc0(MAX_BODY + 1);
	while (TRUE) {
		gssize got = g_input_stream_read(stream, answer->body + answer->length, MAX_BODY + 1 - answer->length,
						 cancellable, error);

		if (got < 0)
			return FALSE;
		if (got == 0)
			return TRUE;
		answer->length += got;
		if (answer->length > MAX_BODY) {
			answer->length = MAX_BODY;
			g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL,
					    _("The sign-in service sent an answer that is too long."));
			return FALSE;
		}
		if (g_get_monotonic_time() > deadline) {
			g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The server is too slow."));
			return FALSE;
		}
	}
}

/* A sentence about what stands in the way */
static const char *
get_trouble(const GError *cause)
{
	if (cause->domain == G_RESOLVER_ERROR || g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
	    g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
	    g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
		return _("There is no way to the sign-in service. Check the network connection.");
	if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED) ||
	    g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED) ||
	    g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH) ||
	    g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED))
		return _(
			"The proxy does not let the program through to the sign-in service. Check the proxy settings.");
	if (cause->domain == G_TLS_ERROR)
		return _(
			"The connection to the sign-in service cannot be trusted. A proxy or a program that looks into "
			"connections may be in between; ask who runs the network.");
	return _("The sign-in service cannot be reached. Check the network connection.");
}

/* Leaves a cancellation and our own errors alone; everything else is trouble on the way. */
static void
translate_error(GError **error)
{
	g_autoptr(GError) cause = NULL;

	if (error == NULL || g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
	    (*error)->domain == OAUTH_ERROR)
		return;
	cause = g_steal_pointer(error);
	g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE, "%s (%s)", get_trouble(cause), cause->message);
}

static SoupSession *
create_session(GTlsDatabase *tls_database, OauthProxy *proxy)
{
	SoupSession *session = soup_session_new_with_options("timeout", IO_TIMEOUT, "user-agent",
							     "outlook-accounts/" PACKAGE_VERSION " ", NULL);

	if (tls_database != NULL)
		soup_session_set_tls_database(session, tls_database);
	soup_session_set_proxy_resolver(session, G_PROXY_RESOLVER(proxy));
	return session;
}

/* What the server says of the time is about the same clock as the times in its answer; ours may be wrong by a day. */
static gint64
read_date(SoupMessageHeaders *headers)
{
	const char *value = soup_message_headers_get_one(headers, "Date");
	g_autoptr(GDateTime) date = value != NULL ? soup_date_time_new_from_http_string(value) : NULL;

	return date != NULL ? g_date_time_to_unix(date) : g_get_real_time() / G_USEC_PER_SEC;
}

/* A certificate that is not valid yet, or not any more, is more often a clock that is wrong. */
static void
blame_clock(SoupMessage *message, GError **cause)
{
	GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors(message);

	if (!(flags & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED)))
		return;
	g_clear_error(cause);
	g_set_error_literal(cause, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE,
			    _("The sign-in service's certificate is not valid at this time. Check this computer's "
			      "clock."));
}

static void
blame_proxy(OauthProxy *proxy, SoupMessage *message, GError **cause)
{
	g_autofree char *text = oauth_proxy_explain(proxy, message, *cause);

	if (text == NULL)
		return;
	g_clear_error(cause);
	g_set_error_literal(cause, OAUTH_ERROR, OAUTH_ERROR_UNAVAILABLE, text);
}

OauthAnswer *
oauth_http_post(const char *uri, const char *const *form, GTlsDatabase *tls_database, OauthProxy *proxy,
		GCancellable *cancellable, GError **error)
{
	g_autoptr(SoupMessage) message = soup_message_new(SOUP_METHOD_POST, uri);
	g_autoptr(OauthProxy) way = proxy != NULL ? g_object_ref(proxy) : oauth_proxy_new();
	g_autoptr(SoupSession) session = NULL;
	g_autoptr(GInputStream) stream = NULL;
	g_autoptr(GBytes) body = NULL;
	g_autoptr(OauthAnswer) answer = g_new0(OauthAnswer, 1);
	g_autoptr(GError) cause = NULL;
	SoupMessageHeaders *headers;

	if (message == NULL) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION,
				    _("The sign-in server's address is not valid."));
		return NULL;
	}
	session = create_session(tls_database, way);
	body = encode_form(form);
	soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
	soup_message_headers_replace(soup_message_get_request_headers(message), "Accept", "application/json");
	soup_message_set_request_body_from_bytes(message, SOUP_FORM_MIME_TYPE_URLENCODED, body);

	stream = soup_session_send(session, message, cancellable, &cause);
	if (stream != NULL)
		read_body(stream, answer, cancellable, &cause);
	blame_proxy(way, message, &cause);
	if (cause != NULL) {
		blame_clock(message, &cause);
		translate_error(&cause);
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	answer->status = soup_message_get_status(message);
	headers = soup_message_get_response_headers(message);
	answer->date = read_date(headers);
	answer->retry_after =
		oauth_http_parse_retry_after(soup_message_headers_get_one(headers, "Retry-After"), answer->date);
	return g_steal_pointer(&answer);
}
