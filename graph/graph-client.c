/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-client.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "graph-error.h"
#include "graph-json.h"
#include "graph-request.h"
#include "graph-throttle.h"
#include "graph-transport.h"
#include "graph-uri.h"

/* API.md 15, CHECKED 10, 10b */
#define PLACES 4
#define BUDGET 10000
#define BUDGET_SECONDS 600

/* How often a request is sent at most, by what went wrong. */
#define MAX_THROTTLED 8
#define MAX_TROUBLED 4
#define MAX_LOST 3
#define MAX_CONFLICTS 3
#define MAX_REDIRECTS 5

struct _GraphClient {
	GObject parent_instance;

	OauthAuthorizer *authorizer;
	GUri *origin;  /* %NULL if no token may go there */
	char *root;    /* `{origin}/v1.0` */
	char *mailbox; /* %NULL: the user's own */
	char *mailbox_path;
	GraphTransport *transport;
	GraphThrottle *throttle;
	double first_delay;	  /* seconds */
	gint extended_forbidden;  /* atomic */
	gint no_permanent_delete; /* atomic */

	GMutex mutex; /* of the listeners */
	GraphLog log;
	gpointer log_data;
	GDestroyNotify log_destroy;
	GraphThrottled throttled;
	gpointer throttled_data;
	GDestroyNotify throttled_destroy;
};

G_DEFINE_FINAL_TYPE(GraphClient, graph_client, G_TYPE_OBJECT)

static void on_throttled(double seconds, gpointer data);

static char *
make_mailbox_path(const char *mailbox)
{
	g_autofree char *quoted = NULL;
	g_autofree char *escaped = NULL;

	if (mailbox == NULL)
		return g_strdup("/me");
	if (*mailbox != '$') {
		escaped = graph_uri_escape_segment(mailbox);
		return g_strconcat("/users/", escaped, NULL);
	}
	/* API.md 2.2 */
	quoted = graph_uri_quote(mailbox);
	escaped = g_uri_escape_string(quoted, "'$@", FALSE);
	return g_strdup_printf("/users(%s)", escaped);
}

GraphClient *
graph_client_new(OauthAuthorizer *authorizer, const char *origin, const char *mailbox, GTlsDatabase *tls_database)
{
	GraphClient *self = g_object_new(GRAPH_TYPE_CLIENT, NULL);
	g_autoptr(GUri) uri = g_uri_parse(origin, SOUP_HTTP_URI_FLAGS, NULL);
	g_autofree char *trimmed = g_strdup(origin);

	while (g_str_has_suffix(trimmed, "/"))
		trimmed[strlen(trimmed) - 1] = '\0';
	if (uri != NULL && graph_uri_is_trustworthy(uri) && g_uri_get_user(uri) == NULL)
		self->origin = g_steal_pointer(&uri);
	self->authorizer = g_object_ref(authorizer);
	self->root = g_strconcat(trimmed, "/v1.0", NULL);
	self->mailbox = g_strdup(mailbox);
	self->mailbox_path = make_mailbox_path(mailbox);
	self->transport = graph_transport_new(PLACES, tls_database, oauth_authorizer_get_proxy(authorizer));
	return self;
}

const char *
graph_client_get_mailbox(GraphClient *self)
{
	return self->mailbox;
}

gboolean
graph_client_has_scope(GraphClient *self, const char *short_name)
{
	return oauth_authorizer_has_scope(self->authorizer, short_name);
}

static GPrivate urgency;

void
graph_client_set_urgency(GraphUrgency level)
{
	g_private_set(&urgency, GINT_TO_POINTER(level));
}

GraphUrgency
graph_client_get_urgency(void)
{
	return GPOINTER_TO_INT(g_private_get(&urgency));
}

void
graph_client_set_patience(GraphClient *self, guint milliseconds, guint seconds)
{
	self->first_delay = milliseconds / 1000.0;
	graph_transport_set_timeout(self->transport, seconds);
}

void
graph_client_set_log(GraphClient *self, GraphLog log, gpointer user_data, GDestroyNotify destroy)
{
	GDestroyNotify old_destroy;
	gpointer old_data;

	g_mutex_lock(&self->mutex);
	old_destroy = self->log_destroy;
	old_data = self->log_data;
	self->log = log;
	self->log_data = user_data;
	self->log_destroy = destroy;
	g_mutex_unlock(&self->mutex);
	if (old_destroy != NULL)
		old_destroy(old_data);
}

void
graph_client_set_throttled(GraphClient *self, GraphThrottled throttled, gpointer user_data, GDestroyNotify destroy)
{
	GDestroyNotify old_destroy;
	gpointer old_data;

	g_mutex_lock(&self->mutex);
	old_destroy = self->throttled_destroy;
	old_data = self->throttled_data;
	self->throttled = throttled;
	self->throttled_data = user_data;
	self->throttled_destroy = destroy;
	g_mutex_unlock(&self->mutex);
	if (old_destroy != NULL)
		old_destroy(old_data);
}

/* Listeners are called under the lock, so that a replaced one is never called again; they must not call back. */
static void
on_throttled(double seconds, gpointer data)
{
	GraphClient *self = data;

	g_mutex_lock(&self->mutex);
	if (self->throttled != NULL)
		self->throttled(seconds, self->throttled_data);
	g_mutex_unlock(&self->mutex);
}

void
graph_client_log(GraphClient *self, const char *line)
{
	g_mutex_lock(&self->mutex);
	if (self->log != NULL)
		self->log(line, self->log_data);
	g_mutex_unlock(&self->mutex);
}

static void
log_answer(GraphClient *self, const char *what, GraphAnswer *answer, gint64 begun)
{
	g_autofree char *text = graph_answer_describe(answer);
	g_autofree char *line =
		g_strdup_printf("%s %s, %d ms", what, text, (int)((g_get_monotonic_time() - begun) / 1000));

	graph_client_log(self, line);
}

/* What goes well at the next try is nobody's error. */
static void
log_again(GraphClient *self, const char *what)
{
	/* Translators: %s is a request, for example GET /v1.0/me/messages. */
	g_autofree char *line =
		g_strdup_printf(_("The service did not answer as it should, and is asked again: %s"), what);

	graph_client_log(self, line);
}

/*
 * A link comes as the service printed it; characters that no URL may hold (blanks of a `$filter`) are escaped,
 * what is escaped already stays. %NULL unless it is of our origin: a token goes nowhere else.
 */
static GUri *
resolve(GraphClient *self, const char *path, gboolean root, GError **error)
{
	g_autofree char *joined = NULL;
	g_autofree char *escaped = NULL;
	g_autoptr(GUri) uri = NULL;

	if (self->origin == NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_FAILED,
				    _("The address of the service is not a https address"));
		return NULL;
	}
	if (*path == '/')
		joined = g_strconcat(self->root, root ? "" : self->mailbox_path, path, NULL);
	escaped = g_uri_escape_string(joined != NULL ? joined : path, "%!#$&'()*+,/:;=?@[]", FALSE);
	uri = g_uri_parse(escaped, SOUP_HTTP_URI_FLAGS, NULL);
	if (uri == NULL || !graph_uri_same_origin(uri, self->origin) || g_uri_get_user(uri) != NULL) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("A link of the service leads to another server; it was not followed"));
		return NULL;
	}
	return g_steal_pointer(&uri);
}

static SoupMessage *
make_message(GraphRequest *request, GUri *uri, const char *token, gboolean new_connection)
{
	SoupMessage *message = soup_message_new_from_uri(request->method, uri);
	SoupMessageHeaders *headers = soup_message_get_request_headers(message);
	g_autofree char *bearer = g_strconcat("Bearer ", token, NULL);
	g_autofree char *id = g_uuid_string_random();
	g_autofree char *prefer = NULL;

	soup_message_headers_replace(headers, "Authorization", bearer);
	oauth_token_free(g_steal_pointer(&bearer));
	soup_message_headers_replace(headers, "client-request-id", id);
	if (request->stream == NULL)
		soup_message_headers_replace(headers, "Accept", "application/json");
	if (request->page_size > 0)
		prefer = g_strdup_printf("IdType=\"ImmutableId\", odata.maxpagesize=%u", request->page_size);
	soup_message_headers_replace(headers, "Prefer", prefer != NULL ? prefer : "IdType=\"ImmutableId\"");

	/*
	 * The flag lets a POST or PATCH use a kept connection. Where the answer of one that must not be repeated
	 * could get lost on a connection that is just being closed, a new one is worth its price.
	 */
	soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
	if (request->repeatable)
		soup_message_add_flags(message, SOUP_MESSAGE_IDEMPOTENT);
	if (new_connection)
		soup_message_add_flags(message, SOUP_MESSAGE_NEW_CONNECTION);

	if (request->body != NULL)
		soup_message_set_request_body_from_bytes(message, request->content_type, request->body);
	else if (g_strcmp0(request->method, "POST") == 0)
		soup_message_headers_set_content_length(headers, 0);
	return message;
}

/* One round trip: a place, a token, an answer. %NULL if there is no token or no place. */
static GraphAnswer *
send_once(GraphClient *self, GraphRequest *request, GUri *uri, const char *what, gboolean new_connection, char **token,
	  GCancellable *cancellable, GError **error)
{
	g_autoptr(SoupMessage) message = NULL;
	GraphAnswer *answer;
	gint64 begun;

	if (!graph_throttle_wait(self->throttle, cancellable, error))
		return NULL;
	*token = oauth_authorizer_acquire_token(self->authorizer, cancellable, error);
	if (*token == NULL)
		return NULL;
	message = make_message(request, uri, *token, new_connection);
	if (!graph_throttle_enter(self->throttle, request->places, request->parts, cancellable, error))
		return NULL;
	if (request->leaving != NULL && !request->leaving(request->leaving_data, error)) {
		graph_throttle_leave(self->throttle, request->places);
		return NULL;
	}

	begun = g_get_monotonic_time();
	answer = graph_transport_send(self->transport, message, request->stream, cancellable);
	graph_throttle_leave(self->throttle, request->places);
	soup_message_headers_remove(soup_message_get_request_headers(message), "Authorization");
	log_answer(self, what, answer, begun);
	/* The library did that by itself. */
	if (answer->sent > 1)
		log_again(self, what);
	return answer;
}

GraphAnswer *
graph_client_send_to(GraphClient *self, SoupMessage *message, const char *what, GCancellable *cancellable,
		     GError **error)
{
	GraphAnswer *answer;
	gint64 begun;

	if (!graph_uri_is_trustworthy(soup_message_get_uri(message))) {
		g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
				    _("A link of the service leads to no https address; it was not followed"));
		return NULL;
	}
	if (!graph_throttle_enter(self->throttle, 1, 1, cancellable, error))
		return NULL;
	begun = g_get_monotonic_time();
	answer = graph_transport_send(self->transport, message, NULL, cancellable);
	graph_throttle_leave(self->throttle, 1);
	log_answer(self, what, answer, begun);
	return answer;
}

static gboolean
is_expected(GraphRequest *request, guint status)
{
	if (request->expected == NULL)
		return status >= 200 && status < 300;
	for (const guint *p = request->expected; *p != 0; p++) {
		if (*p == status)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_safe(GraphRequest *request)
{
	return request->repeatable || g_strcmp0(request->method, "GET") == 0 ||
	       g_strcmp0(request->method, "PATCH") == 0 || g_strcmp0(request->method, "DELETE") == 0;
}

/* Who asked may take that for an answer. */
static void
log_not_found(GraphClient *self, const char *what, GraphAnswer *answer)
{
	g_autoptr(GError) failure =
		graph_error_new_from_answer(what, answer->status, answer->object, answer->request_id);

	graph_client_log(self, failure->message);
}

typedef struct {
	guint throttled;
	guint troubled;
	guint lost;
	guint conflicts;
	guint redirects;
	gboolean refused; /* a token was */
	gboolean new_connection;
} Attempts;

typedef enum {
	NEXT_DONE,
	NEXT_AGAIN,
	NEXT_FAILED,
} Next;

/* Names the request in front of what a library said of the connection. */
static Next
fail_without_answer(GraphRequest *request, const char *what, GraphAnswer *answer, GError **error)
{
	gboolean uncertain = answer->outcome == GRAPH_OUTCOME_LOST && answer->whole && !is_safe(request);
	const char *reason = answer->error != NULL ? answer->error->message : "";

	if (uncertain)
		g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNCERTAIN,
			    _("The answer of the service was lost; it is not certain whether it was done (%s: %s)"),
			    what, reason);
	else
		g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_UNAVAILABLE, _("The service cannot be reached (%s: %s)"),
			    what, reason);
	return NEXT_FAILED;
}

static Next
handle_lost(GraphClient *self, GraphRequest *request, const char *what, GraphAnswer *answer, Attempts *attempts,
	    GCancellable *cancellable, GError **error)
{
	/* After a time-out the caller may want to ask for less. */
	if (answer->outcome == GRAPH_OUTCOME_NOT_SENT || !is_safe(request) || answer->written > 0 ||
	    g_error_matches(answer->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) || ++attempts->lost >= MAX_LOST)
		return fail_without_answer(request, what, answer, error);

	attempts->new_connection = TRUE;
	if (!graph_throttle_sleep(graph_client_get_delay(self, NULL, attempts->lost - 1), cancellable, error))
		return NEXT_FAILED;
	return NEXT_AGAIN;
}

static Next
fail_with_answer(GraphRequest *request, const char *what, GraphAnswer *answer, GError **error)
{
	GError *made = graph_error_new_from_answer(what, answer->status, answer->object, answer->request_id);

	if (request->quote && answer->status >= 400)
		graph_error_quote(made, answer->object);

	/* A gateway that gave up, or a fault half way: the service may have done it. */
	if (!is_safe(request) && (answer->status == 500 || answer->status == 502 || answer->status == 504 ||
				  (answer->status == 503 && request->once)))
		made->code = GRAPH_ERROR_UNCERTAIN;
	g_propagate_error(error, made);
	return NEXT_FAILED;
}

/* API.md 14.2 */
static Next
handle_status(GraphClient *self, GraphRequest *request, const char *what, const char *token, GraphAnswer *answer,
	      Attempts *attempts, GCancellable *cancellable, GError **error)
{
	switch (answer->status) {
	case 401:
		/* A challenge to the token that was made for one: the sign-in has to know, or it goes round (OAUTH.md
		 * 8). */
		if (!attempts->refused || answer->claims != NULL)
			oauth_authorizer_reject_token(self->authorizer, token, answer->claims);
		if (attempts->refused)
			break;
		attempts->refused = TRUE;
		return NEXT_AGAIN;

	case 429:
	case 503:
		attempts->new_connection = answer->status == 503;
		graph_throttle_pause(self->throttle,
				     graph_client_get_delay(self, answer->retry_after, attempts->throttled));
		if (++attempts->throttled >= MAX_THROTTLED || (answer->status == 503 && request->once))
			break;
		return NEXT_AGAIN;

	case 500:
	case 502:
	case 504:
		/* A page that took too long will again; the caller asks for a smaller one. */
		if (!is_safe(request) || ++attempts->troubled >= MAX_TROUBLED ||
		    (answer->status == 504 && request->page_size > 0 && attempts->troubled > 1))
			break;
		if (!graph_throttle_sleep(graph_client_get_delay(self, answer->retry_after, attempts->troubled - 1),
					  cancellable, error))
			return NEXT_FAILED;
		return NEXT_AGAIN;

	case 412:
		/* Two writes at once (API.md 5.6). */
		if (g_strcmp0(request->method, "PATCH") != 0 || ++attempts->conflicts >= MAX_CONFLICTS)
			break;
		if (!graph_throttle_sleep(graph_client_get_delay(self, NULL, 0), cancellable, error))
			return NEXT_FAILED;
		return NEXT_AGAIN;

	default:
		break;
	}
	return fail_with_answer(request, what, answer, error);
}

static gboolean
is_redirect(GraphRequest *request, GraphAnswer *answer)
{
	guint status = answer->status;

	return g_strcmp0(request->method, "GET") == 0 && answer->location != NULL &&
	       (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

static void
note_answer(GraphRequest *request, GraphAnswer *answer)
{
	const char *code = graph_error_get_service_code(answer->object);

	request->status = answer->status;
	request->lost = answer->whole && (answer->status == 0 || answer->outcome == GRAPH_OUTCOME_CANCELLED);
	g_strlcpy(request->code, code != NULL ? code : "", sizeof request->code);
}

JsonObject *
graph_client_run(GraphClient *self, GraphRequest *request, GCancellable *cancellable, GError **error)
{
	g_autoptr(GUri) uri = resolve(self, request->path, request->root, error);
	g_autofree char *what = NULL;
	Attempts attempts = {0};
	Next next = NEXT_AGAIN;

	request->status = 0;
	request->lost = FALSE;
	request->code[0] = '\0';
	if (uri == NULL)
		return NULL;

	while (next == NEXT_AGAIN) {
		g_autoptr(GraphAnswer) answer = NULL;
		g_autofree char *path = graph_uri_redact(uri);
		char *token = NULL;

		g_free(what);
		what = g_strdup_printf("%s %s", request->method, path);
		answer = send_once(self, request, uri, what, attempts.new_connection, &token, cancellable, error);
		attempts.new_connection = FALSE;
		if (answer == NULL) {
			oauth_token_free(token);
			return NULL;
		}
		note_answer(request, answer);

		if (answer->outcome == GRAPH_OUTCOME_CANCELLED) {
			g_propagate_error(error, g_steal_pointer(&answer->error));
			next = NEXT_FAILED;
		} else if (is_redirect(request, answer) && ++attempts.redirects <= MAX_REDIRECTS) {
			g_autoptr(GUri) target = g_uri_parse_relative(uri, answer->location, SOUP_HTTP_URI_FLAGS, NULL);
			g_autofree char *link = target ? g_uri_to_string(target) : g_strdup("");

			g_clear_pointer(&uri, g_uri_unref);
			uri = resolve(self, link, TRUE, error);
			next = uri != NULL ? NEXT_AGAIN : NEXT_FAILED;
		} else if (answer->status >= 300 && !is_expected(request, answer->status)) {
			next = handle_status(self, request, what, token, answer, &attempts, cancellable, error);
			if (next == NEXT_AGAIN)
				log_again(self, what);
			else if (answer->status == 404)
				log_not_found(self, what, answer);
		} else if (answer->outcome != GRAPH_OUTCOME_ANSWERED) {
			next = handle_lost(self, request, what, answer, &attempts, cancellable, error);
			if (next == NEXT_AGAIN)
				log_again(self, what);
		} else if (!is_expected(request, answer->status)) {
			next = fail_with_answer(request, what, answer, error);
		} else if (answer->object == NULL) {
			if (!is_safe(request))
				graph_error_make_uncertain(answer->error);
			g_propagate_prefixed_error(error, g_steal_pointer(&answer->error), "%s: ", what);
			next = NEXT_FAILED;
		} else {
			if (request->keep_token)
				request->token = g_steal_pointer(&token);
			oauth_token_free(token);
			return json_object_ref(answer->object);
		}
		oauth_token_free(token);
	}
	return NULL;
}

char *
graph_client_get_part_path(GraphClient *self, const char *path)
{
	gsize root = strlen(self->root);

	if (*path == '/')
		return g_strconcat(self->mailbox_path, path, NULL);
	return strncmp(path, self->root, root) == 0 && path[root] == '/' ? g_strdup(path + root) : NULL;
}

void
graph_client_reject_token(GraphClient *self, const char *token, const char *claims)
{
	oauth_authorizer_reject_token(self->authorizer, token, claims);
}

void
graph_client_pause(GraphClient *self, double seconds)
{
	graph_throttle_pause(self->throttle, seconds);
}

double
graph_client_get_delay(GraphClient *self, const char *header, guint attempt)
{
	return graph_throttle_get_delay(header, attempt, self->first_delay);
}

gboolean
graph_client_may_write_extended(GraphClient *self)
{
	return g_atomic_int_get(&self->extended_forbidden) == 0;
}

void
graph_client_forbid_extended(GraphClient *self)
{
	g_atomic_int_set(&self->extended_forbidden, 1);
}

gboolean
graph_client_has_permanent_delete(GraphClient *self)
{
	return g_atomic_int_get(&self->no_permanent_delete) == 0;
}

void
graph_client_forget_permanent_delete(GraphClient *self)
{
	g_atomic_int_set(&self->no_permanent_delete, 1);
}

JsonObject *
graph_client_get(GraphClient *self, const char *path, guint page_size, GCancellable *cancellable, GError **error)
{
	GraphRequest request = {.method = "GET", .path = path, .page_size = page_size};

	return graph_client_run(self, &request, cancellable, error);
}

JsonObject *
graph_client_send(GraphClient *self, const char *method, const char *path, JsonObject *body, const guint *expected,
		  GCancellable *cancellable, GError **error)
{
	g_autofree char *text = body != NULL ? graph_json_print(body) : NULL;
	g_autoptr(GBytes) bytes = text != NULL ? g_bytes_new(text, strlen(text)) : NULL;
	GraphRequest request = {
		.method = method,
		.path = path,
		.body = bytes,
		.content_type = "application/json",
		.expected = expected,
		.repeatable = g_strcmp0(method, "PATCH") == 0,
	};

	return graph_client_run(self, &request, cancellable, error);
}

static GraphPost
judge_post(GraphRequest *request)
{
	if (request->lost)
		return GRAPH_POST_LOST;
	if (graph_error_is_busy(request->status, request->code))
		return GRAPH_POST_BUSY;
	return (request->status == 200 || (request->status >= 300 && request->status < 400)) &&
			       !is_expected(request, request->status)
		       ? GRAPH_POST_ODD
		       : GRAPH_POST_TOLD;
}

JsonObject *
graph_client_send_mime(GraphClient *self, const char *path, GBytes *mime, const guint *expected, GraphLeaving leaving,
		       gpointer user_data, GraphPost *post, GCancellable *cancellable, GError **error)
{
	gsize length;
	const guchar *data = g_bytes_get_data(mime, &length);
	char *text = g_base64_encode(data, length);
	g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));
	GraphRequest request = {
		.method = "POST",
		.path = path,
		.body = bytes,
		.content_type = "text/plain",
		.expected = expected,
		.once = TRUE,
		.quote = TRUE,
		.leaving = leaving,
		.leaving_data = user_data,
	};
	JsonObject *answer = graph_client_run(self, &request, cancellable, error);

	if (post != NULL)
		*post = judge_post(&request);
	return answer;
}

gboolean
graph_client_delete(GraphClient *self, const char *path, GCancellable *cancellable, GError **error)
{
	static const guint ok[] = {204, 0};
	GraphRequest request = {.method = "DELETE", .path = path, .expected = ok};
	g_autoptr(GError) local_error = NULL;
	g_autoptr(JsonObject) answer = graph_client_run(self, &request, cancellable, &local_error);

	if (answer != NULL || g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local_error));
	return FALSE;
}

gboolean
graph_client_download(GraphClient *self, const char *path, GOutputStream *stream, GCancellable *cancellable,
		      GError **error)
{
	static const guint ok[] = {200, 0};
	GraphRequest request = {.method = "GET", .path = path, .stream = stream, .expected = ok};
	g_autoptr(JsonObject) answer = graph_client_run(self, &request, cancellable, error);

	return answer != NULL;
}

JsonObject *
graph_client_get_root(GraphClient *self, const char *path, GCancellable *cancellable, GError **error)
{
	GraphRequest request = {.method = "GET", .path = path, .root = TRUE};

	return graph_client_run(self, &request, cancellable, error);
}

static void
graph_client_finalize(GObject *object)
{
	GraphClient *self = GRAPH_CLIENT(object);

	if (self->log_destroy != NULL)
		self->log_destroy(self->log_data);
	if (self->throttled_destroy != NULL)
		self->throttled_destroy(self->throttled_data);
	g_clear_pointer(&self->transport, graph_transport_free);
	g_clear_pointer(&self->throttle, graph_throttle_free);
	g_clear_pointer(&self->origin, g_uri_unref);
	g_clear_object(&self->authorizer);
	g_free(self->root);
	g_free(self->mailbox);
	g_free(self->mailbox_path);
	g_mutex_clear(&self->mutex);

	G_OBJECT_CLASS(graph_client_parent_class)->finalize(object);
}

static void
graph_client_class_init(GraphClientClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = graph_client_finalize;
}

static void
graph_client_init(GraphClient *self)
{
	g_mutex_init(&self->mutex);
	self->first_delay = GRAPH_THROTTLE_FIRST;
	self->throttle = graph_throttle_new(PLACES, BUDGET, BUDGET_SECONDS);
	graph_throttle_set_notify(self->throttle, on_throttled, self);
}
