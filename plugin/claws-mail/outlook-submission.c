/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-submission.h"

#include <errno.h>
#include <sys/random.h>

#include "outlook-smtp.h"

#define MAX_CLIENTS 8
#define CHUNK 32768
#define DEFAULT_DELAY 1000	/* ms */
#define DEFAULT_PATIENCE 300000 /* ms; RFC 5321 §4.5.3.2.7 */
#define STRANGER_PATIENCE 30000 /* ms from the first moment to the password, whatever is said meanwhile */
#define DEFAULT_LIFE_SIGN 5000	/* ms; the host waits as long as the user said, 80 s unless they did */

struct _OutlookSubmission {
	GObject parent_instance;

	GSocketService *service;
	guint16 port;
	gsize max_size;
	gsize in_use;
	char *password;
	guint delay;
	guint patience;
	guint life_sign;
	OutlookSmtpPlace place;
	OutlookSubmissionDeliver deliver;
	gpointer user_data;

	GPtrArray *clients; /* of Client, each with a reference */
	guint last_token;
	GError *gone; /* why no mail is taken any more; %NULL while it is */
};

G_DEFINE_FINAL_TYPE(OutlookSubmission, outlook_submission, G_TYPE_OBJECT)

/* A connection. Its reading and its writing each hold a reference while they are under way. */
typedef struct {
	gatomicrefcount references;
	OutlookSubmission *owner; /* %NULL once hung up */
	GSocketConnection *connection;
	GCancellable *cancellable;
	OutlookSmtp *smtp;

	guint8 buffer[CHUNK];
	gboolean reading;
	GString *reply;
	GString *writing;
	gboolean hang_up; /* after what is to be written */
	gint64 deadline;  /* by when it has to have signed in */

	gboolean queued; /* its mail waits until another one of the same user has its answer */
	guint token;	 /* of the mail that waits for its answer, or 0 */
	GCancellable *delivery;
	guint timer;
} Client;

static void client_read(Client *client);
static void client_run(Client *client);
static void client_write(Client *client);
static void deliver_next(OutlookSubmission *self, const char *user);
static void end_when_all_have_gone(OutlookSubmission *self);

static Client *
client_ref(Client *client)
{
	g_atomic_ref_count_inc(&client->references);
	return client;
}

static void
client_unref(Client *client)
{
	if (!g_atomic_ref_count_dec(&client->references))
		return;
	g_clear_pointer(&client->smtp, outlook_smtp_free);
	g_clear_object(&client->connection);
	g_clear_object(&client->cancellable);
	g_clear_object(&client->delivery);
	g_string_free(client->reply, TRUE);
	if (client->writing != NULL)
		g_string_free(client->writing, TRUE);
	g_free(client);
}

/* Gives the place up at once; what is under way ends by itself. The mail in delivery is cancelled. */
static void
client_hang_up(Client *client)
{
	OutlookSubmission *owner = g_steal_pointer(&client->owner);
	g_autoptr(GCancellable) delivery = g_steal_pointer(&client->delivery);
	g_autofree char *user = NULL;

	if (owner == NULL)
		return;
	user = client->token != 0 ? g_strdup(outlook_smtp_get_user(client->smtp)) : NULL;
	client->token = 0;
	client->queued = FALSE;
	g_clear_handle_id(&client->timer, g_source_remove);
	/* Its count of mail bytes lives in the owner. */
	g_clear_pointer(&client->smtp, outlook_smtp_free);
	g_cancellable_cancel(client->cancellable);
	g_io_stream_close_async(G_IO_STREAM(client->connection), G_PRIORITY_DEFAULT, NULL, NULL, NULL);
	if (delivery != NULL)
		g_cancellable_cancel(delivery);
	g_ptr_array_remove(owner->clients, client);
	if (user != NULL)
		deliver_next(owner, user);
	end_when_all_have_gone(owner);
}

static gboolean
client_lost_patience(gpointer user_data)
{
	Client *client = user_data;

	client->timer = 0;
	client_hang_up(client);
	return G_SOURCE_REMOVE;
}

static gboolean
client_waits(Client *client)
{
	return client->token != 0 || client->queued;
}

/*
 * The host gives up on who is silent for too long, and an upload takes longer. It counts anew with each line, and skips
 * those of an unfinished reply whatever their code is (its smtp.c and session.c).
 */
static gboolean
client_show_life(gpointer user_data)
{
	Client *client = user_data;

	if (client->writing == NULL) {
		outlook_smtp_show_life(client->reply);
		client_write(client);
	}
	return G_SOURCE_CONTINUE;
}

/* Nobody is hurried who waits for us. */
static void
client_set_timer(Client *client)
{
	gint64 patience = client->owner->patience;

	g_clear_handle_id(&client->timer, g_source_remove);
	if (client_waits(client)) {
		client->timer = g_timeout_add(client->owner->life_sign, client_show_life, client);
		return;
	}
	if (!outlook_smtp_is_authenticated(client->smtp))
		patience = CLAMP((client->deadline - g_get_monotonic_time()) / 1000, 0, patience);
	client->timer = g_timeout_add((guint)patience, client_lost_patience, client);
}

static void
client_written(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Client *client = user_data;
	gboolean ok = g_output_stream_write_all_finish(G_OUTPUT_STREAM(source), result, NULL, NULL);

	g_string_free(g_steal_pointer(&client->writing), TRUE);
	if (client->owner != NULL) {
		if (!ok)
			client_hang_up(client);
		else
			client_run(client);
	}
	client_unref(client);
}

static void
client_write(Client *client)
{
	GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(client->connection));

	client->writing = g_steal_pointer(&client->reply);
	client->reply = g_string_new(NULL);
	g_output_stream_write_all_async(output, client->writing->str, client->writing->len, G_PRIORITY_DEFAULT,
					client->cancellable, client_written, client_ref(client));
}

static gboolean
client_delayed(gpointer user_data)
{
	Client *client = user_data;

	client->timer = 0;
	client_set_timer(client);
	client_write(client);
	return G_SOURCE_REMOVE;
}

/* The delivery, where there is one, has no say any more. */
static void
client_give_back(Client *client)
{
	g_autoptr(GCancellable) delivery = g_steal_pointer(&client->delivery);

	client->token = 0;
	client->queued = FALSE;
	outlook_smtp_answer(client->smtp, client->reply, client->owner->gone, TRUE);
	client_set_timer(client);
	if (client->writing == NULL)
		client_write(client);
	if (delivery != NULL)
		g_cancellable_cancel(delivery);
}

static void
client_deliver(Client *client)
{
	OutlookSubmission *owner = client->owner;
	g_autoptr(GCancellable) delivery = g_cancellable_new();
	g_autoptr(GError) failure = NULL;
	g_autoptr(GBytes) mime = outlook_smtp_get_mime(client->smtp, &failure);

	if (++owner->last_token == 0)
		owner->last_token = 1;
	client->token = owner->last_token;
	client->queued = FALSE;
	g_set_object(&client->delivery, delivery);
	client_set_timer(client);

	/* The answer may come from inside the call. */
	client_ref(client);
	owner->deliver(outlook_smtp_get_user(client->smtp), outlook_smtp_get_sender(client->smtp),
		       outlook_smtp_get_recipients(client->smtp), mime, failure, client->token, delivery,
		       owner->user_data);
	client_unref(client);
}

static gboolean
is_user_busy(OutlookSubmission *self, const char *user)
{
	for (guint i = 0; i < self->clients->len; i++) {
		Client *client = g_ptr_array_index(self->clients, i);

		if (client->token != 0 && g_strcmp0(outlook_smtp_get_user(client->smtp), user) == 0)
			return TRUE;
	}
	return FALSE;
}

/* A mail at a time of each user, in the order of the dialogues. */
static void
deliver_next(OutlookSubmission *self, const char *user)
{
	for (guint i = 0; i < self->clients->len && !is_user_busy(self, user); i++) {
		Client *client = g_ptr_array_index(self->clients, i);

		if (client->queued && g_strcmp0(outlook_smtp_get_user(client->smtp), user) == 0) {
			client_deliver(client);
			return;
		}
	}
}

/*
 * Goes on with whatever comes next: answer, write, hang up, read. Called whenever one of them is done. What was
 * asked in one go is answered in one go.
 */
static void
client_run(Client *client)
{
	if (client->writing != NULL)
		return;
	if (!client_waits(client) && !client->hang_up) {
		switch (outlook_smtp_step(client->smtp, client->reply)) {
		case OUTLOOK_SMTP_MORE:
			break;
		case OUTLOOK_SMTP_DELIVER:
			client_read(client);
			if (client->owner->gone != NULL) {
				client_give_back(client);
				return;
			}
			client->queued = TRUE;
			client_set_timer(client);
			deliver_next(client->owner, outlook_smtp_get_user(client->smtp));
			return;
		case OUTLOOK_SMTP_DELAY:
			/* No reading meanwhile: a guesser waits. */
			g_clear_handle_id(&client->timer, g_source_remove);
			client->timer = g_timeout_add(client->owner->delay, client_delayed, client);
			return;
		case OUTLOOK_SMTP_CLOSE:
			client->hang_up = TRUE;
			break;
		}
	}
	client_set_timer(client);
	if (client->reply->len > 0)
		client_write(client);
	else if (client->hang_up)
		client_hang_up(client);
	else
		client_read(client);
}

static void
client_got(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Client *client = user_data;
	gssize length = g_input_stream_read_finish(G_INPUT_STREAM(source), result, NULL);

	client->reading = FALSE;
	if (client->owner != NULL) {
		if (length <= 0 || !outlook_smtp_feed(client->smtp, client->buffer, length))
			client_hang_up(client);
		else if (client_waits(client))
			client_read(client); /* to hear it hang up */
		else
			client_run(client);
	}
	client_unref(client);
}

static void
client_read(Client *client)
{
	GInputStream *input = g_io_stream_get_input_stream(G_IO_STREAM(client->connection));

	if (client->reading)
		return;
	client->reading = TRUE;
	g_input_stream_read_async(input, client->buffer, sizeof client->buffer, G_PRIORITY_DEFAULT, client->cancellable,
				  client_got, client_ref(client));
}

static gboolean
is_loopback(GSocketConnection *connection)
{
	g_autoptr(GSocketAddress) address = g_socket_connection_get_remote_address(connection, NULL);

	return G_IS_INET_SOCKET_ADDRESS(address) &&
	       g_inet_address_get_is_loopback(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

/* Who has not signed in yet, for the longest time; they need no place that somebody else asks for. */
static Client *
find_stranger(OutlookSubmission *self)
{
	for (guint i = 0; i < self->clients->len; i++) {
		Client *client = g_ptr_array_index(self->clients, i);

		if (!outlook_smtp_is_authenticated(client->smtp))
			return client;
	}
	return NULL;
}

static gboolean
on_incoming(OutlookSubmission *self, GSocketConnection *connection)
{
	Client *client;

	if (!is_loopback(connection))
		return TRUE;

	client = g_new0(Client, 1);
	g_atomic_ref_count_init(&client->references);
	client->owner = self;
	client->connection = g_object_ref(connection);
	client->cancellable = g_cancellable_new();
	client->smtp = outlook_smtp_new(self->max_size, self->password, &self->in_use, self->place, self->user_data);
	client->reply = g_string_new(NULL);
	client->deadline = g_get_monotonic_time() + MIN(self->patience, STRANGER_PATIENCE) * G_TIME_SPAN_MILLISECOND;

	if (self->clients->len >= MAX_CLIENTS && find_stranger(self) != NULL)
		client_hang_up(find_stranger(self));
	if (self->clients->len < MAX_CLIENTS) {
		outlook_smtp_greet(client->smtp, client->reply);
	} else {
		g_string_append(client->reply, "421 Too many connections, try again later\r\n");
		client->hang_up = TRUE;
	}
	g_ptr_array_add(self->clients, client);
	client_set_timer(client);
	client_write(client);
	return TRUE;
}

/* 32 bytes of the system's generator. */
static char *
make_password(GError **error)
{
	guint8 bytes[32];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
		g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
		return NULL;
	}
	return g_base64_encode(bytes, sizeof bytes);
}

OutlookSubmission *
outlook_submission_new(gsize max_size, OutlookSmtpPlace place, OutlookSubmissionDeliver deliver, gpointer user_data,
		       GError **error)
{
	g_autoptr(OutlookSubmission) self = g_object_new(OUTLOOK_TYPE_SUBMISSION, NULL);
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) any_port = g_inet_socket_address_new(loopback, 0);
	g_autoptr(GSocketAddress) address = NULL;

	self->max_size = max_size;
	self->place = place;
	self->deliver = deliver;
	self->user_data = user_data;
	self->password = make_password(error);
	if (self->password == NULL ||
	    !g_socket_listener_add_address(G_SOCKET_LISTENER(self->service), any_port, G_SOCKET_TYPE_STREAM,
					   G_SOCKET_PROTOCOL_TCP, NULL, &address, error))
		return NULL;
	self->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
	g_signal_connect_object(self->service, "incoming", G_CALLBACK(on_incoming), self, G_CONNECT_SWAPPED);
	g_socket_service_start(self->service);
	return g_steal_pointer(&self);
}

static void
stop_listening(OutlookSubmission *self)
{
	g_socket_service_stop(self->service);
	g_socket_listener_close(G_SOCKET_LISTENER(self->service));
}

static void
end_when_all_have_gone(OutlookSubmission *self)
{
	if (self->gone == NULL || self->clients->len > 0)
		return;
	g_clear_error(&self->gone);
	g_object_unref(self);
}

void
outlook_submission_leave(OutlookSubmission *self, const GError *why)
{
	g_return_if_fail(self->gone == NULL);

	stop_listening(self);
	g_object_ref(self);
	self->gone = g_error_copy(why);
	for (guint i = 0; i < self->clients->len; i++) {
		Client *client = g_ptr_array_index(self->clients, i);

		if (client_waits(client))
			client_give_back(client);
	}
	end_when_all_have_gone(self);
}

void
outlook_submission_close(OutlookSubmission *self)
{
	stop_listening(self);
	while (self->clients->len > 0)
		client_hang_up(g_ptr_array_index(self->clients, self->clients->len - 1));
}

void
outlook_submission_set_times(OutlookSubmission *self, guint delay, guint patience, guint life_sign)
{
	self->delay = delay;
	self->patience = patience;
	self->life_sign = life_sign;
}

guint16
outlook_submission_get_port(OutlookSubmission *self)
{
	return self->port;
}

const char *
outlook_submission_get_password(OutlookSubmission *self)
{
	return self->password;
}

void
outlook_submission_answer(OutlookSubmission *self, guint token, const GError *error, gboolean temporary)
{
	Client *client = NULL;
	g_autofree char *user = NULL;

	for (guint i = 0; i < self->clients->len && client == NULL; i++) {
		Client *each = g_ptr_array_index(self->clients, i);

		if (token != 0 && each->token == token)
			client = each;
	}
	if (client == NULL)
		return;
	client->token = 0;
	g_clear_object(&client->delivery);
	user = g_strdup(outlook_smtp_get_user(client->smtp));
	outlook_smtp_answer(client->smtp, client->reply, error, temporary);
	client_set_timer(client);
	if (client->writing == NULL)
		client_write(client);
	deliver_next(self, user);
}

static void
outlook_submission_finalize(GObject *object)
{
	OutlookSubmission *self = OUTLOOK_SUBMISSION(object);

	outlook_submission_close(self);
	g_ptr_array_unref(self->clients);
	g_object_unref(self->service);
	g_free(self->password);
	G_OBJECT_CLASS(outlook_submission_parent_class)->finalize(object);
}

static void
outlook_submission_class_init(OutlookSubmissionClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = outlook_submission_finalize;
}

static void
outlook_submission_init(OutlookSubmission *self)
{
	self->service = g_socket_service_new();
	self->delay = DEFAULT_DELAY;
	self->patience = DEFAULT_PATIENCE;
	self->life_sign = DEFAULT_LIFE_SIGN;
	self->clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_unref);
}
