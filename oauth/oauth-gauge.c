/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-gauge.h"

struct _OauthGauge {
	GFilterInputStream parent_instance;

	gsize left;
};

static void pollable_init(GPollableInputStreamInterface *iface);

G_DEFINE_TYPE_WITH_CODE(OauthGauge, oauth_gauge, G_TYPE_FILTER_INPUT_STREAM,
			G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, pollable_init))

GInputStream *
oauth_gauge_new(GInputStream *base, gsize limit)
{
	OauthGauge *self = g_object_new(OAUTH_TYPE_GAUGE, "base-stream", base, "close-base-stream", TRUE, NULL);

	self->left = limit;
	return G_INPUT_STREAM(self);
}

static GInputStream *
get_base(gpointer self)
{
	return g_filter_input_stream_get_base_stream(G_FILTER_INPUT_STREAM(self));
}

static gboolean
is_spent(OauthGauge *self, GError **error)
{
	if (self->left > 0)
		return FALSE;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "More was sent than is read");
	return TRUE;
}

static gssize
note(OauthGauge *self, gssize got)
{
	if (got > 0)
		self->left -= got;
	return got;
}

static gssize
oauth_gauge_read(GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
	OauthGauge *self = OAUTH_GAUGE(stream);

	if (is_spent(self, error))
		return -1;
	return note(self, g_input_stream_read(get_base(self), buffer, MIN(count, self->left), cancellable, error));
}

static gssize
read_nonblocking(GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
	OauthGauge *self = OAUTH_GAUGE(stream);

	if (is_spent(self, error))
		return -1;
	return note(self, g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(get_base(self)), buffer,
								   MIN(count, self->left), NULL, error));
}

static gboolean
is_readable(GPollableInputStream *stream)
{
	return OAUTH_GAUGE(stream)->left == 0 ||
	       g_pollable_input_stream_is_readable(G_POLLABLE_INPUT_STREAM(get_base(stream)));
}

static GSource *
create_source(GPollableInputStream *stream, GCancellable *cancellable)
{
	g_autoptr(GSource) base =
		g_pollable_input_stream_create_source(G_POLLABLE_INPUT_STREAM(get_base(stream)), cancellable);

	/* What is spent is known at once, whether or not more comes. */
	if (OAUTH_GAUGE(stream)->left == 0)
		g_source_set_ready_time(base, 0);
	return g_pollable_source_new_full(stream, base, cancellable);
}

static void
oauth_gauge_class_init(OauthGaugeClass *klass)
{
	G_INPUT_STREAM_CLASS(klass)->read_fn = oauth_gauge_read;
}

static void
oauth_gauge_init(OauthGauge *self)
{
}

static void
pollable_init(GPollableInputStreamInterface *iface)
{
	iface->is_readable = is_readable;
	iface->create_source = create_source;
	iface->read_nonblocking = read_nonblocking;
}
