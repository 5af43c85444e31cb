/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "idp.h"

#include <string.h>

#include <libsoup/soup.h>

#include "oauth-pkce.h"

typedef struct {
	guint status;
	char *type;
	char *body;
	char *header;
} Scripted;

struct _Idp {
	GThread *thread;
	GMainContext *context;
	GMainLoop *loop;
	SoupServer *server;
	char *origin;
	GPtrArray *browsers; /* threads */

	GMutex lock;
	GQueue scripted;
	GHashTable *authorize;
	GHashTable *token;
	char *secret;
	char *oid;
	char *iss;
	char *expires_in;
	char *scope;
	char *denial;
	char *refresh_token;
	char *spent_token; /* the one before */
	gboolean lenient;
	gboolean entra;
	gint64 clock; /* seconds it is ahead of ours */
	guint delay;
	guint count;
	guint serial;
};

static void
scripted_free(Scripted *self)
{
	g_free(self->type);
	g_free(self->body);
	g_free(self->header);
	g_free(self);
}

static char *
encode(const char *text)
{
	return oauth_pkce_encode((const guchar *)text, strlen(text));
}

static gint64
now(Idp *self)
{
	return g_get_real_time() / G_USEC_PER_SEC + self->clock;
}

static void
set_date(Idp *self, SoupServerMessage *message)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now(self));
	g_autofree char *text = soup_date_time_to_string(date, SOUP_DATE_HTTP);

	soup_message_headers_replace(soup_server_message_get_response_headers(message), "Date", text);
}

static char *
build_id_token(Idp *self)
{
	const char *nonce = g_hash_table_lookup(self->authorize, "nonce");
	g_autofree char *person =
		self->entra ? g_strdup_printf("\"tid\":\"%s\",\"oid\":\"%s\",", IDP_TENANT, self->oid) : g_strdup("");
	g_autofree char *json = g_strdup_printf(
		"{\"aud\":\"%s\",\"iss\":\"%s/%s/v2.0\",\"exp\":%" G_GINT64_FORMAT
		",\"nonce\":\"%s\",%s\"sub\":\"sub-%s\",\"preferred_username\":\"%s@contoso.example\","
		"\"name\":\"Some Body\"}",
		IDP_CLIENT, self->origin, IDP_TENANT, now(self) + 3600, nonce, person, self->oid, self->oid);
	g_autofree char *payload = encode(json);

	return g_strdup_printf("eyJhbGciOiJub25lIn0.%s.c2ln", payload);
}

static void
refuse(SoupServerMessage *message, const char *error, guint code)
{
	g_autofree char *body =
		g_strdup_printf("{\"error\":\"%s\",\"error_description\":\"AADSTS%u: x\\r\\nTrace ID: 1\","
				"\"error_codes\":[%u],\"correlation_id\":\"c0ffee00-0000-4000-8000-000000000000\","
				"\"timestamp\":\"2026-01-01 00:00:00Z\"}",
				error, code, code);

	soup_server_message_set_status(message, 400, NULL);
	soup_server_message_set_response(message, "application/json", SOUP_MEMORY_COPY, body, strlen(body));
}

static void
grant(Idp *self, SoupServerMessage *message)
{
	g_autofree char *id_token = build_id_token(self);
	g_autofree char *body = NULL;

	self->serial++;
	g_free(self->spent_token);
	self->spent_token = self->refresh_token;
	self->refresh_token = g_strdup_printf("refresh+/=&%%~%u", self->serial);
	body = g_strdup_printf("{\"access_token\":\"access-%u\",\"token_type\":\"bearer\",\"expires_in\":%s,%s%s%s"
			       "\"refresh_token\":\"%s\",\"id_token\":\"%s\",\"unknown\":[{}]}",
			       self->serial, self->expires_in, self->scope != NULL ? "\"scope\":\"" : "",
			       self->scope != NULL ? self->scope : "", self->scope != NULL ? "\"," : "",
			       self->refresh_token, id_token);
	soup_server_message_set_status(message, 200, NULL);
	soup_server_message_set_response(message, "application/json", SOUP_MEMORY_COPY, body, strlen(body));
}

static void
cut_short(SoupServerMessage *message, const char *body)
{
	g_autoptr(GIOStream) stream = soup_server_message_steal_connection(message);
	g_autofree char *text = g_strdup_printf(
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n%s", body);

	g_output_stream_write_all(g_io_stream_get_output_stream(stream), text, strlen(text), NULL, NULL, NULL);
	g_io_stream_close(stream, NULL, NULL);
}

static const char *
form_get(Idp *self, const char *name)
{
	const char *value = g_hash_table_lookup(self->token, name);

	return value != NULL ? value : "";
}

static void
answer_token(Idp *self, SoupServerMessage *message)
{
	const char *challenge = g_hash_table_lookup(self->authorize, "code_challenge");
	g_autofree char *proof = oauth_pkce_challenge(form_get(self, "code_verifier"));

	if (g_strcmp0(form_get(self, "client_id"), IDP_CLIENT) != 0)
		refuse(message, "unauthorized_client", 700016);
	else if (self->secret != NULL && !g_hash_table_contains(self->token, "client_secret"))
		refuse(message, "invalid_client", 7000218);
	else if (self->secret != NULL && !g_str_equal(form_get(self, "client_secret"), self->secret))
		refuse(message, "invalid_client", 7000215);
	else if (self->secret == NULL && g_hash_table_contains(self->token, "client_secret"))
		refuse(message, "invalid_client", 700025);
	else if (g_str_equal(form_get(self, "grant_type"), "refresh_token"))
		if (g_strcmp0(form_get(self, "refresh_token"), self->refresh_token) != 0 &&
		    (!self->lenient || g_strcmp0(form_get(self, "refresh_token"), self->spent_token) != 0))
			refuse(message, "invalid_grant", 70000);
		else
			grant(self, message);
	else if (g_strcmp0(proof, challenge) != 0)
		refuse(message, "invalid_grant", 501481);
	else if (g_strcmp0(form_get(self, "redirect_uri"), g_hash_table_lookup(self->authorize, "redirect_uri")) != 0 ||
		 !g_str_equal(form_get(self, "code"), "code+1/=&%~"))
		refuse(message, "invalid_grant", 70000);
	else
		grant(self, message);
}

static void
on_token(Idp *self, SoupServerMessage *message)
{
	Scripted *scripted;
	guint delay;

	g_mutex_lock(&self->lock);
	g_clear_pointer(&self->token, g_hash_table_unref);
	self->token = soup_form_decode(soup_server_message_get_request_body(message)->data);
	self->count++;
	delay = self->delay;
	scripted = g_queue_pop_head(&self->scripted);
	set_date(self, message);
	if (scripted == NULL) {
		answer_token(self, message);
	} else if (scripted->status == 0) {
		cut_short(message, scripted->body);
	} else {
		soup_server_message_set_status(message, scripted->status, NULL);
		soup_server_message_set_response(message, scripted->type, SOUP_MEMORY_COPY, scripted->body,
						 strlen(scripted->body));
		if (scripted->header != NULL) {
			g_auto(GStrv) parts = g_strsplit(scripted->header, ": ", 2);

			soup_message_headers_replace(soup_server_message_get_response_headers(message), parts[0],
						     parts[1]);
		}
	}
	if (scripted != NULL)
		scripted_free(scripted);
	g_mutex_unlock(&self->lock);
	g_usleep(delay * 1000);
}

/* The page after consent: where to go, and what to bring there */
static void
on_authorize(Idp *self, SoupServerMessage *message)
{
	const char *query = g_uri_get_query(soup_server_message_get_uri(message));
	GHashTable *form = g_hash_table_new(g_str_hash, g_str_equal);
	char *body;

	g_mutex_lock(&self->lock);
	g_clear_pointer(&self->authorize, g_hash_table_unref);
	self->authorize = soup_form_decode(query);
	g_hash_table_insert(form, (gpointer) "state", g_hash_table_lookup(self->authorize, "state"));
	g_hash_table_insert(form, (gpointer) "session_state", (gpointer) "ignored");
	if (self->denial != NULL)
		g_hash_table_insert(form, (gpointer) "error", self->denial);
	else
		g_hash_table_insert(form, (gpointer) "code", (gpointer) "code+1/=&%~");
	if (self->iss != NULL)
		g_hash_table_insert(form, (gpointer) "iss", self->iss);
	body = soup_form_encode_hash(form);
	g_hash_table_unref(form);
	soup_server_message_set_status(message, 200, NULL);
	soup_message_headers_replace(soup_server_message_get_response_headers(message), "X-Redirect",
				     g_hash_table_lookup(self->authorize, "redirect_uri"));
	soup_message_headers_replace(soup_server_message_get_response_headers(message), "X-Mode",
				     g_hash_table_lookup(self->authorize, "response_mode"));
	g_mutex_unlock(&self->lock);
	soup_server_message_set_response(message, "text/plain", SOUP_MEMORY_TAKE, body, strlen(body));
}

static void
on_request(SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
	if (g_str_equal(path, "/" IDP_TENANT "/oauth2/v2.0/authorize"))
		on_authorize(user_data, message);
	else if (g_str_equal(path, "/" IDP_TENANT "/oauth2/v2.0/token"))
		on_token(user_data, message);
	else
		soup_server_message_set_status(message, 404, NULL);
}

static gpointer
idp_thread(gpointer user_data)
{
	Idp *self = user_data;

	g_main_context_push_thread_default(self->context);
	g_main_loop_run(self->loop);
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

Idp *
idp_new(void)
{
	Idp *self = g_new0(Idp, 1);
	g_autoptr(GError) error = NULL;
	GSList *uris;

	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	self->browsers = g_ptr_array_new();
	self->expires_in = g_strdup("3599");
	self->oid = g_strdup("alice");
	self->entra = TRUE;
	g_mutex_init(&self->lock);
	g_queue_init(&self->scripted);
	self->authorize = g_hash_table_new(g_str_hash, g_str_equal);
	self->token = g_hash_table_new(g_str_hash, g_str_equal);

	g_main_context_push_thread_default(self->context);
	self->server = soup_server_new(NULL, NULL);
	soup_server_add_handler(self->server, NULL, on_request, self, NULL);
	soup_server_listen_local(self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
	g_assert_no_error(error);
	g_main_context_pop_thread_default(self->context);
	uris = soup_server_get_uris(self->server);
	self->origin = g_strdup_printf("http://127.0.0.1:%d", g_uri_get_port(uris->data));
	g_slist_free_full(uris, (GDestroyNotify)g_uri_unref);
	self->thread = g_thread_new("idp", idp_thread, self);
	return self;
}

static gboolean
quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

void
idp_free(Idp *self)
{
	for (guint i = 0; i < self->browsers->len; i++)
		g_thread_join(g_ptr_array_index(self->browsers, i));
	/* From inside: a loop that does not run yet would not hear of it. */
	g_main_context_invoke_full(self->context, G_PRIORITY_HIGH, quit, self->loop, NULL);
	g_thread_join(self->thread);
	g_main_context_push_thread_default(self->context);
	soup_server_disconnect(self->server);
	g_object_unref(self->server);
	while (g_main_context_iteration(self->context, FALSE))
		continue;
	g_main_context_pop_thread_default(self->context);
	g_main_loop_unref(self->loop);
	g_main_context_unref(self->context);
	g_ptr_array_unref(self->browsers);
	g_queue_clear_full(&self->scripted, (GDestroyNotify)scripted_free);
	g_hash_table_unref(self->authorize);
	g_hash_table_unref(self->token);
	g_mutex_clear(&self->lock);
	g_free(self->origin);
	g_free(self->secret);
	g_free(self->oid);
	g_free(self->iss);
	g_free(self->expires_in);
	g_free(self->scope);
	g_free(self->denial);
	g_free(self->refresh_token);
	g_free(self->spent_token);
	g_free(self);
}

const char *
idp_get_origin(Idp *self)
{
	return self->origin;
}

void
idp_push(Idp *self, guint status, const char *type, const char *body, const char *header)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	Scripted *scripted = g_new0(Scripted, 1);

	scripted->status = status;
	scripted->type = g_strdup(type);
	scripted->body = g_strdup(body);
	scripted->header = g_strdup(header);
	g_queue_push_tail(&self->scripted, scripted);
}

void
idp_set_clock(Idp *self, gint64 seconds)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	self->clock = seconds;
}

void
idp_set_lenient(Idp *self, gboolean lenient)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	self->lenient = lenient;
}

void
idp_set_delay(Idp *self, guint milliseconds)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	self->delay = milliseconds;
}

static void
set(Idp *self, char **field, const char *value)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	g_free(*field);
	*field = g_strdup(value);
}

void
idp_set_secret(Idp *self, const char *secret)
{
	set(self, &self->secret, secret);
}

void
idp_set_person(Idp *self, const char *oid)
{
	set(self, &self->oid, oid);
}

void
idp_set_entra_claims(Idp *self, gboolean entra)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	self->entra = entra;
}

void
idp_set_issuer_parameter(Idp *self, const char *iss)
{
	set(self, &self->iss, iss);
}

void
idp_set_expires_in(Idp *self, const char *json)
{
	set(self, &self->expires_in, json);
}

void
idp_set_scope(Idp *self, const char *scope)
{
	set(self, &self->scope, scope);
}

void
idp_deny(Idp *self, const char *error)
{
	set(self, &self->denial, error);
}

guint
idp_count(Idp *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return self->count;
}

char *
idp_dup_authorize(Idp *self, const char *name)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return g_strdup(g_hash_table_lookup(self->authorize, name));
}

char *
idp_dup_token(Idp *self, const char *name)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return g_strdup(g_hash_table_lookup(self->token, name));
}

char *
idp_dup_refresh_token(Idp *self)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);

	return g_strdup(self->refresh_token);
}

static gpointer
browse(gpointer user_data)
{
	g_autofree char *uri = user_data;
	g_autoptr(SoupSession) session = soup_session_new_with_options("timeout", 30, NULL);
	g_autoptr(SoupMessage) page = soup_message_new("GET", uri);
	g_autoptr(SoupMessage) answer = NULL;
	g_autoptr(GBytes) body = NULL;
	g_autoptr(GBytes) shown = NULL;
	g_autofree char *target = NULL;
	const char *redirect;

	soup_session_set_proxy_resolver(session, NULL);
	body = soup_session_send_and_read(session, page, NULL, NULL);
	if (body == NULL || soup_message_get_status(page) != 200)
		return NULL;
	redirect = soup_message_headers_get_one(soup_message_get_response_headers(page), "X-Redirect");
	if (g_strcmp0(soup_message_headers_get_one(soup_message_get_response_headers(page), "X-Mode"), "query") == 0) {
		target = g_strdup_printf("%s?%.*s", redirect, (int)g_bytes_get_size(body),
					 (const char *)g_bytes_get_data(body, NULL));
		answer = soup_message_new("GET", target);
	} else {
		answer = soup_message_new("POST", redirect);
		soup_message_set_request_body_from_bytes(answer, SOUP_FORM_MIME_TYPE_URLENCODED, body);
	}
	shown = soup_session_send_and_read(session, answer, NULL, NULL);
	return NULL;
}

gboolean
idp_browser(const char *uri, gpointer user_data, GError **error)
{
	Idp *self = user_data;

	g_ptr_array_add(self->browsers, g_thread_new("browser", browse, g_strdup(uri)));
	return TRUE;
}

OauthConfig *
idp_build_config(Idp *self)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};
	OauthConfig *config = oauth_config_new("11111111-2222-4333-8444-555555555555");

	config->name = g_strdup("Outlook");
	config->client_id = g_strdup(" " IDP_CLIENT " ");
	config->tenant = g_strdup(IDP_TENANT);
	config->identity_origin = g_strdup(self->origin);
	config->graph_origin = g_strdup("https://graph.contoso.example");
	config->scopes = g_strdupv((char **)scopes);
	return config;
}
