/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-listener.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "oauth-authorizer.h"
#include "oauth-door.h"
#include "oauth-pkce.h"

/* OAUTH.md 11 */
#define MAX_BODY (64 * 1024)
#define DONE_SECONDS 5
#define MAX_WRONG_STATES 20
#define DONE_PATH "/done"

struct _OauthListener {
	GObject parent_instance;

	char *path;
	char *state;
	OauthResponseMode mode;
	OauthDoor *door;

	/* while waiting */
	GMainContext *context;
	SoupServer *server;
	OauthCallback *callback;
	GError *error;
	guint wrong_states;
	gboolean done_pending; /* the page at DONE_PATH may be fetched once */
	gint finished;	       /* atomic */
};

G_DEFINE_TYPE(OauthListener, oauth_listener, G_TYPE_OBJECT)

void
oauth_callback_free(OauthCallback *self)
{
	if (self == NULL)
		return;
	oauth_token_free(self->code);
	g_free(self->issuer);
	oauth_refusal_free(self->refusal);
	g_free(self);
}

OauthListener *
oauth_listener_new(const char *path, const char *state, OauthResponseMode mode, GError **error)
{
	g_autoptr(OauthListener) self = g_object_new(OAUTH_TYPE_LISTENER, NULL);
	g_autoptr(GError) local_error = NULL;

	self->path = g_strdup(path);
	self->state = g_strdup(state);
	self->mode = mode;
	self->door = oauth_door_new(&local_error);
	if (self->door != NULL)
		return g_steal_pointer(&self);
	g_set_error(error, OAUTH_ERROR, OAUTH_ERROR_FAILED,
		    _("The browser's answer cannot be received on this computer: %s"), local_error->message);
	return NULL;
}

guint
oauth_listener_get_port(OauthListener *self)
{
	return oauth_door_get_port(self->door);
}

static gboolean
matters(const char *name)
{
	return g_str_equal(name, "code") || g_str_equal(name, "state") || g_str_equal(name, "error") ||
	       g_str_equal(name, "iss");
}

GHashTable *
oauth_listener_parse(const char *parameters, gsize length)
{
	g_autoptr(GHashTable) table =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)oauth_token_free);
	GUriParamsIter iter;
	char *name, *value;
	GError *error = NULL;

	if (memchr(parameters, '\0', length) != NULL)
		return NULL;
	g_uri_params_iter_init(&iter, parameters, length, "&", G_URI_PARAMS_WWW_FORM);
	while (g_uri_params_iter_next(&iter, &name, &value, &error)) {
		gboolean twice = matters(name) && g_hash_table_contains(table, name);

		g_hash_table_replace(table, name, value);
		if (twice)
			return NULL;
	}
	if (error != NULL) {
		g_error_free(error);
		return NULL;
	}
	return g_steal_pointer(&table);
}

/* The same for everybody: nothing of the request comes back in it. */
static void
respond(SoupServerMessage *message, guint status, const char *text)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);

	soup_message_headers_replace(headers, "Cache-Control", "no-store");
	soup_message_headers_replace(headers, "Content-Security-Policy", "default-src 'none'");
	soup_message_headers_replace(headers, "Referrer-Policy", "no-referrer");
	soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
	soup_message_headers_replace(headers, "X-Frame-Options", "DENY");
	soup_message_headers_replace(headers, "Connection", "close");
	soup_server_message_set_status(message, status, NULL);
	if (text != NULL) {
		g_autofree char *escaped = g_markup_escape_text(text, -1);
		char *page = g_strdup_printf(
			"<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Claws Mail</title></head>\n"
			"<body><p>%s</p></body></html>\n",
			escaped);

		soup_server_message_set_response(message, "text/html; charset=utf-8", SOUP_MEMORY_TAKE, page,
						 strlen(page));
	}
}

static void
respond_thanks(SoupServerMessage *message)
{
	respond(message, SOUP_STATUS_OK,
		_("The browser's part is done. You can close this page and return to Claws Mail."));
}

static void
respond_bad(SoupServerMessage *message)
{
	respond(message, SOUP_STATUS_BAD_REQUEST,
		_("This does not belong to the sign-in that Claws Mail is waiting for."));
}

static void
finish(OauthListener *self)
{
	g_atomic_int_set(&self->finished, TRUE);
	g_main_context_wakeup(self->context);
}

/* Guards against DNS rebinding: a page of another name that points here is refused. */
static gboolean
is_our_host(OauthListener *self, SoupServerMessage *message)
{
	const char *host = soup_message_headers_get_list(soup_server_message_get_request_headers(message), "Host");
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (guint i = 0; host != NULL && i < G_N_ELEMENTS(names); i++) {
		g_autofree char *ours = g_strdup_printf("%s:%u", names[i], oauth_door_get_port(self->door));

		if (g_ascii_strcasecmp(host, ours) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_local_peer(SoupServerMessage *message)
{
	GSocketAddress *address = soup_server_message_get_remote_address(message);

	return G_IS_INET_SOCKET_ADDRESS(address) &&
	       g_inet_address_get_is_loopback(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

/* What is wrong with a request before its body is read; 0 when nothing is */
static guint
judge_headers(OauthListener *self, SoupServerMessage *message)
{
	SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
	const char *path = g_uri_get_path(soup_server_message_get_uri(message));
	const char *method = soup_server_message_get_method(message);
	gboolean done = self->done_pending && g_str_equal(path, DONE_PATH);
	const char *type;

	if (!is_our_host(self, message) || !is_local_peer(message))
		return SOUP_STATUS_MISDIRECTED_REQUEST;
	if (!done && !g_str_equal(path, self->path))
		return SOUP_STATUS_NOT_FOUND;
	if (g_str_equal(method, SOUP_METHOD_GET))
		return 0;
	if (done || !g_str_equal(method, SOUP_METHOD_POST))
		return SOUP_STATUS_METHOD_NOT_ALLOWED;
	type = soup_message_headers_get_content_type(headers, NULL);
	if (type == NULL || g_ascii_strcasecmp(type, SOUP_FORM_MIME_TYPE_URLENCODED) != 0)
		return SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE;
	if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH &&
	    soup_message_headers_get_content_length(headers) > MAX_BODY)
		return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
	return 0;
}

/* Runs for each piece of a body, so that one without a length is cut off too. */
static void
on_chunk(SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
	gsize total = GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(message), "body-size")) + g_bytes_get_size(chunk);

	g_object_set_data(G_OBJECT(message), "body-size", GSIZE_TO_POINTER(total));
	if (total > MAX_BODY) {
		soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
		if (soup_server_message_get_status(message) == 0)
			respond(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, NULL);
	}
}

static void
on_headers(SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
	OauthListener *self = user_data;
	guint status = judge_headers(self, message);

	g_signal_connect(message, "got-chunk", G_CALLBACK(on_chunk), NULL);
	if (status == 0)
		return;
	soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
	respond(message, status, NULL);
	if (status == SOUP_STATUS_METHOD_NOT_ALLOWED)
		soup_message_headers_replace(soup_server_message_get_response_headers(message), "Allow", "GET, POST");
}

static void
on_finished(SoupServerMessage *message, gpointer user_data)
{
	finish(user_data);
}

static gboolean
on_done_timeout(gpointer user_data)
{
	finish(user_data);
	return G_SOURCE_REMOVE;
}

static GSource *
attach(OauthListener *self, GSource *source, GSourceFunc function, gpointer user_data)
{
	g_source_set_callback(source, function, user_data, NULL);
	g_source_attach(source, self->context);
	return source;
}

/* The answer is in: the browser gets its page, then the wait is over. */
static void
take_answer(OauthListener *self, SoupServerMessage *message)
{
	g_autoptr(GSource) timer G_GNUC_UNUSED =
		attach(self, g_timeout_source_new_seconds(DONE_SECONDS), on_done_timeout, self);

	if (self->mode == OAUTH_RESPONSE_MODE_QUERY &&
	    g_str_equal(soup_server_message_get_method(message), SOUP_METHOD_GET)) {
		/* so that the code leaves the address bar */
		self->done_pending = TRUE;
		respond(message, SOUP_STATUS_SEE_OTHER, NULL);
		soup_message_headers_replace(soup_server_message_get_response_headers(message), "Location", DONE_PATH);
		return;
	}
	respond_thanks(message);
	g_signal_connect(message, "finished", G_CALLBACK(on_finished), self);
}

/*
 * A browser says of itself whether it goes to a page or fetches something for one (W3C Fetch Metadata). An image, a
 * script, a frame or a `fetch()` of some other page is no guess of the state: a page that sends many must not be able
 * to end the sign-in.
 */
static gboolean
is_navigation(SoupServerMessage *message)
{
	SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
	const char *mode = soup_message_headers_get_list(headers, "Sec-Fetch-Mode");
	const char *destination = soup_message_headers_get_list(headers, "Sec-Fetch-Dest");

	return (mode == NULL || g_str_equal(mode, "navigate")) &&
	       (destination == NULL || g_str_equal(destination, "document"));
}

static void
count_wrong_state(OauthListener *self, SoupServerMessage *message)
{
	respond_bad(message);
	if (!is_navigation(message) || ++self->wrong_states < MAX_WRONG_STATES || self->error != NULL)
		return;
	g_set_error_literal(&self->error, OAUTH_ERROR, OAUTH_ERROR_FAILED,
			    _("The sign-in was stopped: something on this computer sent wrong answers again and again. "
			      "Close other browser pages and sign in again."));
	g_signal_connect(message, "finished", G_CALLBACK(on_finished), self);
}

static const char *
get_parameter(GHashTable *parameters, const char *name)
{
	const char *value = g_hash_table_lookup(parameters, name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static void
judge_answer(OauthListener *self, SoupServerMessage *message, GHashTable *parameters, OauthResponseMode mode)
{
	const char *state = get_parameter(parameters, "state");
	const char *code = get_parameter(parameters, "code");
	const char *error = get_parameter(parameters, "error");
	const char *suberror = get_parameter(parameters, "suberror");

	if (state == NULL) {
		respond_bad(message);
		return;
	}
	if (!oauth_pkce_equal(state, self->state)) {
		count_wrong_state(self, message);
		return;
	}
	if (self->callback != NULL || (error == NULL && (code == NULL || mode != self->mode))) {
		respond_bad(message);
		return;
	}
	self->callback = g_new0(OauthCallback, 1);
	self->callback->issuer = g_strdup(get_parameter(parameters, "iss"));
	if (error != NULL)
		self->callback->refusal = oauth_refusal_new(
			error, suberror != NULL ? suberror : get_parameter(parameters, "error_subcode"),
			get_parameter(parameters, "error_description"));
	else
		self->callback->code = g_strdup(code);
	take_answer(self, message);
}

static void
on_request(SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
	OauthListener *self = user_data;
	gboolean post = g_str_equal(soup_server_message_get_method(message), SOUP_METHOD_POST);
	g_autoptr(GHashTable) parameters = NULL;

	if (self->done_pending && g_str_equal(path, DONE_PATH)) {
		self->done_pending = FALSE;
		respond_thanks(message);
		g_signal_connect(message, "finished", G_CALLBACK(on_finished), self);
		return;
	}
	if (post) {
		g_autoptr(GBytes) body = soup_message_body_flatten(soup_server_message_get_request_body(message));
		gsize length;
		const char *data = g_bytes_get_data(body, &length);

		parameters = oauth_listener_parse(data != NULL ? data : "", length);
	} else {
		const char *encoded = g_uri_get_query(soup_server_message_get_uri(message));

		parameters =
			oauth_listener_parse(encoded != NULL ? encoded : "", encoded != NULL ? strlen(encoded) : 0);
	}
	if (parameters == NULL)
		respond_bad(message);
	else
		judge_answer(self, message, parameters,
			     post ? OAUTH_RESPONSE_MODE_FORM_POST : OAUTH_RESPONSE_MODE_QUERY);
}

static gboolean
on_timeout(gpointer user_data)
{
	OauthListener *self = user_data;

	if (self->error == NULL)
		g_set_error_literal(
			&self->error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT,
			_("Nobody finished the sign-in in the browser. If the browser shows AADSTS50011, add the "
			  "redirect address that the account's settings show to the app registration, for the "
			  "platform named there."));
	finish(self);
	return G_SOURCE_REMOVE;
}

/* On whatever thread cancels. A source for it would be leaked by GLib when it goes while that one is still at it. */
static void
on_cancelled(GCancellable *cancellable, gpointer user_data)
{
	finish(user_data);
}

static void
start(OauthListener *self)
{
	self->server = soup_server_new("server-header", NULL, NULL);
	soup_server_add_early_handler(self->server, NULL, on_headers, self, NULL);
	soup_server_add_handler(self->server, NULL, on_request, self, NULL);
	oauth_door_open(self->door, self->server, self->context);
}

static void
stop(OauthListener *self)
{
	oauth_door_close(self->door);
	g_clear_object(&self->server);
}

OauthCallback *
oauth_listener_wait(OauthListener *self, guint timeout, GCancellable *cancellable, GError **error)
{
	g_autoptr(GSource) timer = NULL;
	gulong handler = 0;

	g_return_val_if_fail(self->context == NULL, NULL);

	self->context = g_main_context_new();
	g_main_context_push_thread_default(self->context);
	timer = attach(self, g_timeout_source_new(timeout), on_timeout, self);
	if (cancellable != NULL)
		handler = g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), self, NULL);
	start(self);
	while (!g_atomic_int_get(&self->finished))
		g_main_context_iteration(self->context, TRUE);
	g_source_destroy(timer);
	g_cancellable_disconnect(cancellable, handler);
	stop(self);
	g_main_context_pop_thread_default(self->context);

	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return NULL;
	if (self->callback == NULL) {
		g_propagate_error(error, g_steal_pointer(&self->error));
		return NULL;
	}
	return g_steal_pointer(&self->callback);
}

static void
oauth_listener_finalize(GObject *object)
{
	OauthListener *self = OAUTH_LISTENER(object);

	g_clear_pointer(&self->door, oauth_door_free);
	g_clear_pointer(&self->context, g_main_context_unref);
	g_clear_pointer(&self->callback, oauth_callback_free);
	g_clear_error(&self->error);
	g_free(self->path);
	oauth_token_free(self->state);
	G_OBJECT_CLASS(oauth_listener_parent_class)->finalize(object);
}

static void
oauth_listener_class_init(OauthListenerClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = oauth_listener_finalize;
}

static void
oauth_listener_init(OauthListener *self)
{
}
