/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OauthGauge:
 *
 * A stream that ends with %G_IO_ERROR_MESSAGE_TOO_LARGE when more was read of another one than it is worth. #SoupServer
 * takes header lines without end.
 */
#define OAUTH_TYPE_GAUGE (oauth_gauge_get_type())
G_DECLARE_FINAL_TYPE(OauthGauge, oauth_gauge, OAUTH, GAUGE, GFilterInputStream)

/* @base: one that can be polled, as a socket's can */
GInputStream *oauth_gauge_new(GInputStream *base, gsize limit);

G_END_DECLS
